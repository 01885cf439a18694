"""The record says in clear what carries an item, and hides what the item is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused
from tests.envelope.samples import (
    CARRIAGE,
    TITLE,
    expected,
    kalyna,
    label,
    particulars,
    request,
    sakura,
    seal,
    with_label_inside,
)
from tests.envelope.tampering import take_apart

from cordiale.canonical import parse_canonical
from cordiale.crypto.aead import derive, encrypt, generate_key
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.assertions import LabelStatement, assemble_statements, read_statements
from cordiale.envelope.keyaccess import make_policy, require_policy_for, require_suite, wrap_content_key
from cordiale.envelope.particulars import (
    ContentFacts,
    Particulars,
    seal_particulars,
    unseal_particulars,
)
from cordiale.envelope.parts import Part, part_domain
from cordiale.envelope.payload import ContentCommitment
from cordiale.envelope.plainjson import encode_base64
from cordiale.envelope.record import ConsignmentRecord, PayloadFacts, commit_to_key
from cordiale.envelope.seal import seal_stream
from cordiale.envelope.unseal import unlock, verify_envelope
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId

KEY = bytes(range(32))


def record(**changes: object) -> ConsignmentRecord:
    made = ConsignmentRecord(
        request(sakura(), kalyna()).routing, b"p" * 48, b"k" * 48, b"s" * 48, b"c" * 48,
        PayloadFacts(b"d" * 48, 92, 64),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("made", [
    record(), record(payload=None), record(routing=replace(record().routing, carriage=None)),
], ids=["consigned", "register-only", "at deposit"])
def test_a_record_is_read_as_it_was_written(made: ConsignmentRecord) -> None:
    assert ConsignmentRecord.parse(made.encode()) == made
    assert parse_canonical(made.encode(), size_max=10_000)


def test_a_time_is_written_in_utc_and_whole_seconds_or_not_at_all() -> None:
    for at in (
        datetime(2026, 11, 16, 9, tzinfo=UTC) + timedelta(microseconds=1),
        datetime(2026, 11, 16, 18, tzinfo=timezone(timedelta(hours=9))),
    ):
        with refused("instant.not-utc-seconds"):
            record(routing=replace(record().routing, sealed_at=at)).encode()


def test_nothing_in_clear_says_what_the_item_is() -> None:
    sealed, _ = seal(b"text of the paper")
    for secret in (
        TITLE, "S-2026-000042", "preparation of the exercise", "approval one", "outline.pdf", "application/pdf",
        "text of the paper",
    ):
        for spelling in (secret.encode(), encode_base64(secret.encode()).rstrip("=").encode()[:-1]):
            assert spelling not in sealed


def test_the_length_of_a_title_does_not_show() -> None:
    one, other = (
        seal_particulars(particulars(title=title), content_key=KEY, mode=Mode.EXERCISE)
        for title in ("Ship", "Ship" * 40)
    )
    assert len(one) == len(other)


def test_particulars_do_not_show_themselves_in_a_message_to_operators() -> None:
    assert TITLE not in repr(particulars()) and TITLE not in str(request(sakura(), kalyna()))


facts = st.builds(
    ContentFacts, size_bytes=st.integers(0, 10**9), salt=st.just(b"s" * 32), commitment=st.just(b"c" * 48)
)


@given(
    title=st.text("абвґ dЄ日本", min_size=1, max_size=400), content=st.none() | facts,
    sheets=st.none() | st.integers(1, 900), approvals=st.lists(st.text("ab", min_size=1), max_size=16),
)
def test_particulars_come_back_under_their_key(
    title: str, content: ContentFacts | None, sheets: int | None, approvals: list[str]
) -> None:
    made = particulars(title=title, content=content, sheets=sheets, approvals=tuple(approvals))
    encrypted = seal_particulars(made, content_key=KEY, mode=Mode.REAL)
    assert unseal_particulars(encrypted, content_key=KEY, mode=Mode.REAL) == made


@pytest.mark.parametrize(("changes", "code"), [
    ({"title": ""}, "field.text"), ({"title": "x" * 501}, "field.text"), ({"copy_number": 0}, "field.integer"),
    ({"label_digest": b"short"}, "field.length"), ({"approvals": ("x",) * 17}, "field.count"),
    ({"approvals": ("x" * 16_385,)}, "field.texts"), ({"title": "a\nb"}, "json.control-character"),
    ({"content": ContentFacts(-1, bytes(32), bytes(48))}, "field.integer"),
])
def test_particulars_that_nobody_would_accept_are_not_written(changes: dict[str, object], code: str) -> None:
    with refused(code):
        particulars(**changes).encode()


def test_particulars_under_another_key_or_mode_are_refused() -> None:
    encrypted = seal_particulars(particulars(), content_key=KEY, mode=Mode.EXERCISE)
    with refused("aead.tag"):
        unseal_particulars(encrypted, content_key=bytes(32), mode=Mode.EXERCISE)
    with refused("aead.tag"):
        unseal_particulars(encrypted, content_key=KEY, mode=Mode.REAL)


@pytest.mark.parametrize("filled", [
    b"", b"\0\0\0", b"\0\0\0\x05{}", b"\0\0\0\x02{}x", b"\0\0\0\x02{}" + bytes(1024), b"\xff\xff\xff\xff{}",
])
def test_particulars_filled_otherwise_are_refused(filled: bytes) -> None:
    encrypted = encrypt(derive(KEY, part_domain(Part.PARTICULARS, Mode.EXERCISE)), filled)
    with refused("particulars.form"):
        unseal_particulars(encrypted, content_key=KEY, mode=Mode.EXERCISE)


@pytest.mark.parametrize("dated", ["2026-1-1", "2026-13-01", "20260101"])
def test_a_date_of_another_form_is_refused(dated: str) -> None:
    members = json.loads(particulars().encode()) | {"dated": dated}
    with refused("particulars.date"):
        Particulars.parse(json.dumps(members, separators=(",", ":"), sort_keys=True).encode())


def test_a_commitment_to_a_key_fits_one_key_and_mode() -> None:
    keys = [KEY, bytes(32), generate_key()]
    made = {commit_to_key(key, mode) for key in keys for mode in Mode}
    assert len(made) == 6 and all(len(each) == 48 for each in made)


def test_a_commitment_to_content_hides_it_and_fits_only_it() -> None:
    def commitment(content: bytes, salt: bytes, *, mode: Mode = Mode.REAL) -> bytes:
        made = ContentCommitment(mode)
        made.add(content, size_bytes=5)
        return made.commit(salt)

    one = commitment(b"a" * 32, b"s" * 32)
    assert commitment(b"a" * 32, b"s" * 32) == one
    assert one not in (
        commitment(b"a" * 32, b"t" * 32), commitment(b"b" * 32, b"s" * 32),
        commitment(b"a" * 32, b"s" * 32, mode=Mode.EXERCISE),
    )


def test_the_domains_of_parts_are_all_different() -> None:
    domains = [part_domain(part, mode) for part in Part for mode in Mode]
    domains += [domain(purpose, mode) for purpose in Purpose for mode in Mode]
    assert len(set(domains)) == len(domains)
    assert not any(one != other and other.startswith(one) for one in domains for other in domains)


def test_an_unlabelled_item_is_not_sealed() -> None:
    with refused("envelope.unlabelled"):
        seal_stream(BytesIO(b"x"), BytesIO(), replace(request(sakura(), kalyna()), labels=()))


def test_a_label_inside_the_particulars_is_enough_and_does_not_show() -> None:
    wanted, target = with_label_inside(request(sakura(), kalyna())), BytesIO()
    envelope = seal_stream(BytesIO(b"x"), target, wanted)
    verified = verify_envelope(target, expected(sakura(), kalyna()))
    assert verified.sealed.statements.labels == ()
    found = unlock(verified, kalyna().unwrap(verified.sealed.enclosure.key_access))
    assert found.label == wanted.particulars.label
    for shown in (target.getvalue(), envelope.record.encode()):
        assert b"LANTERN" not in shown and found.label not in shown


def test_labels_come_out_as_they_went_in() -> None:
    sealed, _ = seal(b"x")
    verified = verify_envelope(BytesIO(sealed), expected(sakura(), kalyna()))
    assert verified.sealed.statements.labels == request(sakura(), kalyna()).labels


@pytest.mark.parametrize("labels", [
    (label(), label()), (label("particulars"),), (label("consignment-record"),),
    tuple(label(f"label-{number}") for number in range(9)),
], ids=["one name twice", "name of the particulars", "name of the record", "too many"])
def test_labels_that_could_be_confused_are_not_sealed(labels: tuple[LabelStatement, ...]) -> None:
    with refused("envelope.labels"):
        assemble_statements(labels, b"x")


@pytest.mark.parametrize("changes", [
    {"value": ""}, {"value": "x" * 65_537}, {"value": "ї" * 40_000}, {"id": ""}, {"scope": "all"},
    {"applies_to": "both"}, {"schema": "cordiale-particulars-1"}, {"schema": ""}, {"format": "x" * 501},
])
def test_a_label_of_another_form_is_refused(changes: dict[str, str]) -> None:
    with refused("label.statement"):
        replace(label(), **changes)  # type: ignore[arg-type]


def test_an_assertion_may_hold_nothing_but_what_is_read() -> None:
    statements = assemble_statements((label(),), b"x")
    assert read_statements(statements, b"r").encrypted_particulars == b"x"
    for changed in (
        (replace(statements[0], kind="other"), statements[1]),
        (statements[0], replace(statements[1], scope="tdo")),
        (statements[0], replace(statements[1], id="more")),
    ):
        with refused("envelope.statements"):
            read_statements(changed, b"r")
    with refused("envelope.particulars"):
        read_statements(statements[:1], b"r")
    with refused("envelope.particulars"):
        read_statements((), b"r")
    assert read_statements(statements[1:], b"r").labels == ()


NODE = NodeId("kalyna-registry")


def policy(body: object, **more: object) -> str:
    return encode_base64(json.dumps({"uuid": "8" * 36, "body": body} | more).encode())


def test_every_policy_is_new_and_names_one_node() -> None:
    one, other = make_policy(NODE), make_policy(NODE)
    assert one != other and require_policy_for(one, NODE) == one
    with refused("envelope.policy-node"):
        require_policy_for(one, NodeId("sakura-registry"))


@pytest.mark.parametrize(("text", "code"), [
    (policy({"dataAttributes": [], "dissem": []}), "envelope.policy-node"),
    (policy({"dataAttributes": [], "dissem": [NODE, "other"]}), "field.count"),
    (policy({"dataAttributes": ["a"], "dissem": [NODE]}), "field.count"),
    (policy({"dissem": [NODE]}), "field.missing"),
    (policy({"dataAttributes": [], "dissem": [NODE]}, more=1), "field.unknown"),
    (policy({"dataAttributes": [], "dissem": [NODE]}, uuid="short"), "field.text"),
    ("e30", "base64.form"), ("AAAA", "plainjson.form"), ("", "plainjson.form"),
])
def test_a_policy_that_asks_for_anything_else_is_refused(text: str, code: str) -> None:
    with refused(code):
        require_policy_for(text, NODE)


def test_a_weaker_wrapping_is_refused_alone_or_beside_a_strong_one() -> None:
    strong = wrap_content_key(KEY, kalyna().recipient, policy=make_policy(NODE))
    assert require_suite((strong,)) == (strong,)
    weak = replace(strong, kind="wrapped", kid="rsa", wrapped_key=b"w" * 256)
    for key_access in ((weak,), (strong, weak), (replace(strong, wrapped_key=b"w"),), (replace(strong, kid=""),)):
        with refused("envelope.wrapping"):
            require_suite(key_access)
    with refused("envelope.wrapping-twice"):
        require_suite((strong, strong))


def test_the_particulars_speak_of_the_content_that_was_sealed() -> None:
    sealed, envelope = seal(b"x" * 100)
    verified = verify_envelope(BytesIO(sealed), expected(sakura(), kalyna()))
    found = unlock(verified, kalyna().unwrap(verified.sealed.enclosure.key_access))
    assert found.content == envelope.content
    assert found.content is not None and found.content.size_bytes == 100
    assert verified.record.routing.carriage == CARRIAGE


def test_two_envelopes_of_one_item_have_nothing_in_common() -> None:
    one, other = (take_apart(seal(b"x" * 100)[0]) for _ in range(2))
    assert one[0] != other[0]
    digests = [
        json.loads(json.dumps(manifest["encryptionInformation"])) for _, manifest in (one, other)
    ]
    assert digests[0]["policy"] != digests[1]["policy"]
    assert digests[0]["keyAccess"][0]["wrappedKey"] != digests[1]["keyAccess"][0]["wrappedKey"]
