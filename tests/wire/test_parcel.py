"""A parcel is read back as it was written, and anything else in its place is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import Malformed
from cordiale.wire.parcel import encode_parcel, parse_parcel

SPEC = Path(__file__).parents[2] / "docs/spec/doors.md"
names = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True)
envelopes = st.lists(st.tuples(names, st.binary(max_size=40)), max_size=4, unique_by=lambda one: one[0])


@given(envelopes, st.binary(max_size=40))
def test_what_is_written_is_read_back(given: list[tuple[str, bytes]], message: bytes) -> None:
    parcel = parse_parcel(encode_parcel(given, message))
    assert [(name, bytes(content)) for name, content in parcel.envelopes] == given
    assert parcel.message == message


@given(envelopes, st.binary(max_size=40), st.data())
def test_what_is_cut_short_or_added_to_is_refused(
    given: list[tuple[str, bytes]], message: bytes, draw: st.DataObject
) -> None:
    whole = encode_parcel(given, message)
    cut = draw.draw(st.integers(0, len(whole) - 1))
    ends = {0}
    for frame in [part for name, content in given for part in (name.encode(), content)] + [message]:
        ends.add(max(ends) + 4 + len(frame))
    # Cut just between two frames it is another parcel, and then the last frame before is its message.
    if cut in ends and cut:
        return
    with pytest.raises(Malformed):
        parse_parcel(whole[:cut])
    with pytest.raises(Malformed):
        parse_parcel(whole + b"\0")


@pytest.mark.parametrize("content", [
    b"", b"\0\0\0", b"\0\0\0\2x", encode_parcel([("a", b"1"), ("a", b"2")], b"m"), encode_parcel([("../a", b"1")], b"m"),
    encode_parcel([("A", b"1")], b"m"), encode_parcel([("", b"1")], b"m"), encode_parcel([("a", b"1")], b"m")[:9] + b"x",
])
def test_a_name_that_is_none_or_comes_twice_and_an_odd_frame_are_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_parcel(content)


def test_the_example_of_the_page_is_a_parcel() -> None:
    _, _, section = SPEC.read_text(encoding="utf-8").partition("### A parcel")
    written = re.findall(r"^((?:[0-9a-f]{2} +)+) the ", section, re.MULTILINE)
    assert bytes.fromhex("".join(written)) == encode_parcel([("e.1", b"one")], b"a message")
