"""Canonical JSON: one form only, the same as an independent encoder's; and the reader of fields."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cordiale.canonical import (
    INTEGER_MAX,
    Fields,
    encode_base64url,
    encode_canonical,
    encode_instant,
    parse_base64url,
    parse_canonical,
    parse_instant,
)
from cordiale.errors import Malformed
from cordiale.limits import JSON_DEPTH_MAX

SIZE_MAX = 1_000_000

names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
texts = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=("Cs",)), max_size=20
).map(lambda text: unicodedata.normalize("NFC", text))
scalars = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


def code_of(data: bytes, size_max: int = SIZE_MAX) -> str:
    with pytest.raises(Malformed) as caught:
        parse_canonical(data, size_max=size_max)
    return caught.value.code


@given(values)
def test_an_independent_encoder_writes_the_same_bytes(value: object) -> None:
    assert encode_canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert parse_canonical(encode_canonical(value), size_max=SIZE_MAX) == value


@given(values, st.data())
def test_no_second_spelling_is_ever_read(value: object, draw: st.DataObject) -> None:
    data = bytearray(encode_canonical(value))
    at = draw.draw(st.integers(0, len(data) - 1))
    end = at + draw.draw(st.integers(0, 1))
    data[at:end] = draw.draw(st.sampled_from([b" ", b"0", b'"', b"\\", b"\xff", b",", b"e"]))
    try:
        read = parse_canonical(bytes(data), size_max=SIZE_MAX)
    except Malformed:
        return
    assert rfc8785.dumps(read) == bytes(data)  # type: ignore[arg-type]


@given(values)
def test_other_json_writers_are_refused_unless_they_write_the_same(value: object) -> None:
    data = json.dumps(value, indent=1).encode()
    if data != encode_canonical(value):
        assert code_of(data) in {"json.not-canonical", "json.control-character"}


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({}, b"{}"),
        ([None, True, False], b"[null,true,false]"),
        ({"b": 1, "a": [2, {"d": 0, "c": -3}]}, b'{"a":[2,{"c":-3,"d":0}],"b":1}'),
        ({"1": 1, "10": 2, "2": 3, "A": 4, "a": 5, "_": 6}, b'{"1":1,"10":2,"2":3,"A":4,"_":6,"a":5}'),
        ("\u20ac/\"\\\x7f\u2028", b'"\xe2\x82\xac/\\"\\\\\x7f\xe2\x80\xa8"'),
        ("機密\U0001f600й", '"機密\U0001f600й"'.encode()),
        (INTEGER_MAX, b"9007199254740991"),
    ],
)
def test_known_answers_of_rfc_8785(value: object, data: bytes) -> None:
    assert encode_canonical(value) == data
    assert parse_canonical(data, size_max=SIZE_MAX) == value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":2}', "json.duplicate-member"),
        (b'{"a":{"b":1,"b":1}}', "json.duplicate-member"),
        (b'{"b":1,"a":2}', "json.not-canonical"),
        (b'{"a": 1}', "json.not-canonical"),
        (b' {"a":1}', "json.not-canonical"),
        (b'{"a":1}\n', "json.not-canonical"),
        (b'"\\u0041"', "json.not-canonical"),
        (b'"\\/"', "json.not-canonical"),
        (b"-0", "json.not-canonical"),
        (b"1.0", "json.fraction"),
        (b"1e2", "json.fraction"),
        (b"NaN", "json.fraction"),
        (b"-Infinity", "json.fraction"),
        (b"9007199254740992", "json.integer-range"),
        (b"9" * 5_000, "json.form"),
        (b"01", "json.form"),
        (b'{"a":1}{"b":2}', "json.form"),
        (b"", "json.form"),
        (b"\xef\xbb\xbf{}", "json.form"),
        (b'"\xff"', "json.form"),
        (b'"\xed\xa0\x80"', "json.form"),
        (b'"\\ud800"', "json.surrogate"),
        (b'"\\n"', "json.control-character"),
        (b'"\\u0000"', "json.control-character"),
        (b'"\n"', "json.form"),
        ('"e\u0301"'.encode(), "json.not-nfc"),
        ('{"ключ":1}'.encode(), "json.member-name"),
        (b'{"\x7f":1}', "json.member-name"),
        (b"[" * (JSON_DEPTH_MAX + 1) + b"]" * (JSON_DEPTH_MAX + 1), "json.depth"),
        (b"[" * 100_000, "json.depth"),
    ],
)
def test_whatever_is_not_in_the_one_form_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_depth_and_size_may_be_used_up_to_the_limit() -> None:
    data = b"[" * JSON_DEPTH_MAX + b"]" * JSON_DEPTH_MAX
    parse_canonical(data, size_max=len(data))
    assert code_of(data, size_max=len(data) - 1) == "json.size"


@pytest.mark.parametrize("value", [1.5, {1: "a"}, {None: "a"}, {"a": b"b"}, {"a": {"b": {1}}}, [datetime.now(UTC)]])
def test_other_types_are_not_written(value: object) -> None:
    with pytest.raises(Malformed):
        encode_canonical(value)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_enumerations_and_tuples_are_written_as_texts_and_lists() -> None:
    assert encode_canonical({"a": (Colour.RED,)}) == b'{"a":["red"]}'


@given(st.binary(max_size=40))
def test_base64url_has_one_form(content: bytes) -> None:
    text = encode_base64url(content)
    assert parse_base64url(text) == content
    for other in (text + "=", text + "\n", " " + text, text + "A" * (4 - len(text) % 4 + 1)):
        with pytest.raises(Malformed):
            parse_base64url(other)


@pytest.mark.parametrize("text", ["A", "AB", "+/+/", "a+bc", "йййй", "AA A", "AA=="])
def test_other_base64_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_base64url(text, where="digest")
    assert str(caught.value) == "the digest is not in base64url without padding"


def test_instants_have_one_form() -> None:
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert encode_instant(at) == "2026-11-16T09:00:00Z"
    assert parse_instant("2026-11-16T09:00:00Z") == at
    assert parse_instant("2026-11-16T09:00:00Z").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-16T09:00:00", "2026-11-16T09:00:00+00:00", "2026-11-16 09:00:00Z", "2026-11-16T09:00Z",
        "2026-02-30T09:00:00Z", "2026-11-16T09:00:60Z", "2026-11-16T09:00:00z", "20261116T0900000000Z",
        "2026-11-16T09:00:0\u0660Z", "2026-W01-1T09:00:0Z", "2026-11-16T09+00:00Z", "",
    ],
)
def test_other_instants_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_instant(text)


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 1, 1), datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
     datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))],
)
def test_instants_that_would_need_rounding_or_conversion_are_not_written(at: datetime) -> None:
    with pytest.raises(Malformed):
        encode_instant(at)


def fields_of(**members: object) -> Fields:
    return Fields(members, where="message")  # type: ignore[arg-type]


def test_fields_read_each_kind() -> None:
    fields = fields_of(
        name="Мова", count=3, is_open=True, colour="red", at="2026-11-16T09:00:00Z", salt="AAAA", xs=[1], ts=["a"],
        inner={"v": 1}, rows=[{"n": 1}, {"n": 2}], form="f/1",
    )
    assert fields.text("name", max_length=4) == "Мова"
    assert fields.integer("count", 1, 3) == 3
    assert fields.boolean("is_open") is True
    assert fields.choice("colour", Colour) is Colour.RED
    assert fields.instant("at") == datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert fields.bytes_("salt", length=3) == bytes(3)
    assert fields.array("xs", max_count=1) == [1]
    assert fields.texts("ts", max_count=1) == ("a",)
    assert fields.object("inner").integer("v", 0, 9) == 1
    assert [row.integer("n", 0, 9) for row in fields.objects("rows", max_count=2)] == [1, 2]
    fields.constant("form", "f/1")
    assert fields.optional_text("absent") is None
    assert fields.optional_integer("absent", 0, 1) is None
    assert fields.optional_choice("absent", Colour) is None
    assert fields.optional_instant("absent") is None
    assert fields.optional_bytes("absent") is None
    assert fields.optional_array("absent") is None
    assert fields.optional_object("absent") is None
    fields.end()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", lambda f: f.text("x")),
        ("abc", lambda f: f.text("x", max_length=2)),
        (1, lambda f: f.text("x")),
        (None, lambda f: f.optional_text("x")),
        (True, lambda f: f.integer("x", 0, 1)),
        (4, lambda f: f.integer("x", 0, 3)),
        (-1, lambda f: f.integer("x", 0, 3)),
        ("1", lambda f: f.integer("x", 0, 3)),
        (1, lambda f: f.boolean("x")),
        ("green", lambda f: f.choice("x", Colour)),
        (["red"], lambda f: f.choice("x", Colour)),
        ("RED", lambda f: f.choice("x", Colour)),
        (True, lambda f: f.constant("x", 1)),
        ("2026-11-16", lambda f: f.instant("x")),
        (1, lambda f: f.instant("x")),
        ("AA==", lambda f: f.bytes_("x")),
        ("AAAA", lambda f: f.bytes_("x", length=2)),
        (1, lambda f: f.bytes_("x")),
        ({}, lambda f: f.array("x")),
        ([1, 2], lambda f: f.array("x", max_count=1)),
        (["a", ""], lambda f: f.texts("x", max_count=9)),
        (["a", 1], lambda f: f.texts("x", max_count=9)),
        ([], lambda f: f.object("x")),
        ([{}, 1], lambda f: f.objects("x", max_count=9)),
    ],
)
def test_fields_refuse_what_is_not_of_the_form(value: object, read: object) -> None:
    with pytest.raises(Malformed) as caught:
        read(fields_of(x=value))  # type: ignore[operator]
    assert "`x" in str(caught.value) and "in message" in str(caught.value)
    assert caught.value.hint


def test_missing_fields_are_named_by_their_path() -> None:
    with pytest.raises(Malformed) as caught:
        fields_of(rows=[{}, {"keys": {}}]).objects("rows", max_count=2)[1].object("keys").text("kid")
    assert str(caught.value) == "`rows[1].keys.kid` is missing in message"


def test_unknown_fields_are_refused_at_every_depth() -> None:
    fields = fields_of(inner={"known": 1, "later": 2})
    fields.object("inner").integer("known", 0, 9)
    with pytest.raises(Malformed) as caught:
        fields.end()
    assert str(caught.value) == "`inner.later` in message is not known here"


def test_a_text_with_braces_does_not_break_the_error() -> None:
    with pytest.raises(Malformed) as caught:
        Fields({"{0}": 1}, where="message").end()
    assert str(caught.value) == "`{0}` in message is not known here"


def test_only_objects_have_fields() -> None:
    with pytest.raises(Malformed) as caught:
        Fields([], where="node statement")
    assert str(caught.value) == "the node statement is not an object"
