"""Bodies: one form each, nothing unlisted crosses, nothing of our readers or of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.bodies import BODIES
from tests.message.samples import DIGEST, LEVEL, NOW, SAMPLES, TERMS
from tests.message.wrapping import WRAPPING_PUBLIC
from tests.trying import tried

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES
from cordiale.errors import (
    Malformed,
    OutOfOrder,
    Refused,
    Unavailable,
    Undecidable,
    Unverified,
)
from cordiale.message.bag_seal import WrappedBagKey
from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.body import Body, Precedence
from cordiale.message.bodies.consent_answer import ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentTerms
from cordiale.message.bodies.refusal import Family, refusal_of
from cordiale.model.agreement import Act, Stage
from cordiale.model.decision import decision_of, refusal
from cordiale.model.level import LevelOutcome
from cordiale.model.names import ItemId, MessageId

TYPES = sorted(BODY_TYPES)
# Each of them for each type: a quarter of what other properties try.
EXAMPLES = tried(10)
SIGNED_TEXTS = {"signed", "items[].record", "statement", "roots[]"}
"""Members that hold signed objects, verified by their own signatures."""
FORCED = ConsentTerms(ItemId("item-1"), Act.DISCLOSE, "access to documents")


def parse(name: str, members: Json) -> Body:
    fields = Fields(members, where=name)
    body = BODY_TYPES[name].parse(fields)
    fields.end()
    return body


def paths(value: Json, path: str = "") -> Iterator[str]:
    """Yield the path of every leaf, as the table of types writes it."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from paths(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for element in value:
            yield from paths(element, f"{path}[]")
    else:
        yield path


def places(value: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where every member of every object and every element of every list stands."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*at, name)
            yield from places(member, (*at, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield (*at, index)
            yield from places(element, (*at, index))


def changed(value: Any, at: tuple[str | int, ...], new: Json) -> Any:
    copy = parse_canonical(encode_canonical(value), size_max=10**7)
    spot: Any = copy
    for step in at[:-1]:
        spot = spot[step]
    spot[at[-1]] = new
    return copy


def without(value: Any, at: tuple[str | int, ...]) -> Any:
    copy = parse_canonical(encode_canonical(value), size_max=10**7)
    spot: Any = copy
    for step in at[:-1]:
        spot = spot[step]
    del spot[at[-1]]
    return copy


def value_at(value: Any, at: tuple[str | int, ...]) -> Any:
    for step in at:
        value = value[step]
    return value


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_full_sample_and_it_comes_back(name: str) -> None:
    sample = SAMPLES[name]
    assert type(sample) is BODY_TYPES[name].cls
    assert parse(name, sample.encode()) == sample


@pytest.mark.parametrize("name", TYPES)
@EXAMPLES
@given(data=st.data())
def test_a_body_comes_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    body = data.draw(BODIES[name])
    written = encode_canonical(body.encode())
    assert parse(name, parse_canonical(written, size_max=len(written))) == body


@pytest.mark.parametrize("name", TYPES)
def test_nothing_crosses_that_the_table_does_not_list(name: str) -> None:
    listed = set(BODY_TYPES[name].members)
    assert set(paths(SAMPLES[name].encode())) == listed
    assert len(listed) == len(BODY_TYPES[name].members)


@pytest.mark.parametrize("name", TYPES)
@EXAMPLES
@given(data=st.data())
def test_no_value_writes_a_member_outside_its_table(name: str, data: st.DataObject) -> None:
    assert set(paths(data.draw(BODIES[name]).encode())) <= set(BODY_TYPES[name].members)


PERSONAL = {"name", "names", "post", "person", "persons", "witnesses", "reader", "readers", "holder", "holders",
            "clearance", "custody", "office", "unit", "user", "email", "phone", "charged_to", "circulation"}
VISITORS = {"visitors[].name", "visitors[].post", "visitors[].clearance.name"}
OFFICIALS = {
    "agreement-signature": {"authority.name", "authority.post"},
    "receipt": {"registrar.name", "registrar.post"},
    "certificate": {"persons[]", "witnesses[]"},
    "in-succession": {"certificate.persons[]", "certificate.witnesses[]"},
    "consent-request": {"terms.post"},
    "consent-answer": {"terms.post"},
    "courier-advice": {"courier.name", "courier.post"},
    "transport-plan": {"authority.name", "authority.post"},
    "transport-plan-answer": {"authority.name", "authority.post"},
    **{name: {"authority.name", "authority.post"} for name in (
        "visit-answer", "facility-query", "facility-answer", "contract-notice", "contract-answer",
    )},
    "visit-amendment": {"authority.name", "authority.post"} | VISITORS,
    "visit-request": {"authority.name", "authority.post", "sites[].name", "sites[].phone"} | VISITORS,
    "clearance-query": {"name"},
    "assurance": {"by.name", "by.post"},
    "incident-report": {"reported_by.name", "reported_by.post"},
    "incident-final": {"reported_by.name", "reported_by.post"},
    "incident-reply": {"by.name", "by.post"},
}
"""Who answers for an act towards the partner, and the courier it is to meet; the certificate names posts only.
Visitors are named because the host is asked to admit them, and nobody else is."""
OF_OTHERS = {"party", "of_party", "recipient", "third_party", "nationalities", "parties", "copied_to"}
ASKED_OF_THE_ORIGINATOR = {
    "consent-request": {"terms.recipient", "terms.nationalities[]"},
    "consent-answer": {"terms.recipient", "terms.nationalities[]"},
    "readiness-found": {"of_party"},
    "visit-amendment": {"visitors[].nationalities[]"},
    "visit-request": {"visitors[].nationalities[]"},
}


@pytest.mark.parametrize("name", TYPES)
def test_no_readers_name_and_no_dealing_with_others_crosses(name: str) -> None:
    for path in BODY_TYPES[name].members:
        words = path.replace("[]", "").split(".")
        of_a_level = words[-1] == "name" and words[-2:-1] and words[-2] in (
            "level", "levels", "original", "equivalent", "before", "after", "handle_as",
        )
        if words[-1] in PERSONAL and not of_a_level:
            assert path in OFFICIALS.get(name, set()), f"{name}: {path} could name a person"
        if words[-1] in OF_OTHERS:
            assert path in ASKED_OF_THE_ORIGINATOR.get(name, set()), f"{name}: {path} could name a third party"


@pytest.mark.parametrize("name", TYPES)
def test_every_member_is_known_and_of_its_form(name: str) -> None:
    written = SAMPLES[name].encode()
    for at in places(written):
        wrongs: list[Json] = [None, True, {}, [None], -1, ""]
        for wrong in wrongs:
            if wrong != value_at(written, at):
                with pytest.raises(Malformed):
                    parse(name, changed(written, at, wrong))
        if isinstance(value_at(written, at), dict):
            with pytest.raises(Malformed, match="more"):
                parse(name, changed(written, (*at, "more"), 1))
    with pytest.raises(Malformed, match="more"):
        parse(name, {**written, "more": 1})


@pytest.mark.parametrize("name", TYPES)
def test_no_text_turns_the_line_around(name: str) -> None:
    written = SAMPLES[name].encode()
    for at in places(written):
        path = "".join("[]" if isinstance(step, int) else f".{step}" for step in at).lstrip(".")
        if isinstance(value_at(written, at), str) and path not in SIGNED_TEXTS:
            for text in ("a\u202eb", "a\u200bb", " a", "a\u2028b"):
                with pytest.raises(Malformed):
                    parse(name, changed(written, at, text))


@pytest.mark.parametrize("name", TYPES)
def test_a_member_is_needed_or_its_absence_has_one_meaning(name: str) -> None:
    written = SAMPLES[name].encode()
    for at in places(written):
        if isinstance(at[-1], int):
            continue
        shorter = without(written, at)
        try:
            body = parse(name, shorter)
        except Malformed:
            continue
        assert body.encode() == shorter
        assert body != SAMPLES[name]


@pytest.mark.parametrize(("name", "at", "wrong", "code"), [
    ("notes-exchanged", ("noted_on",), "2026-W47-1", "message.day"),
    ("notes-exchanged", ("noted_on",), "2026-02-30", "message.day"),
    ("checkpoint", ("proof", 0), encode_base64url(bytes(31)), "message.hash"),
    ("consent-request", ("terms", "nationalities"), ["UKR", "JPN"], "message.list-order"),
    ("consent-request", ("terms", "nationalities"), ["JPN", "JPN"], "message.list-order"),
    ("consent-request", ("terms", "copies"), [3, 1], "consent.copies"),
    ("consent-request", ("terms", "copies"), [1, 1], "consent.copies"),
    ("consent-request", ("terms", "copies"), [10_001], "consent.copies"),
    ("delivery-notice", ("log", "origin"), "a b", "message.origin"),
])
def test_a_value_has_one_way_to_be_written(name: str, at: tuple[str | int, ...], wrong: Json, code: str) -> None:
    with pytest.raises(Malformed) as told:
        parse(name, changed(SAMPLES[name].encode(), at, wrong))
    assert told.value.code == code


@pytest.mark.parametrize(("name", "change"), [
    ("agreement-proposal", {"text": b""}), ("agreement-proposal", {"profile": bytes(5 * 1024**2)}),
    ("stage-changed", {"ended_on": None}), ("stage-changed", {"stage": Stage.SUSPENDED}),
    ("stage-changed", {"levels": (LEVEL, LEVEL)}),
    ("consignment", {"items": ()}),
    ("consignment", {"items": SAMPLES["consignment"].items[:1] * 2}),  # type: ignore[attr-defined]  # a Consignment
    ("receipt", {"items": ()}), ("receipt", {"registered_at": NOW - timedelta(days=1)}),
    ("receipt", {"items": SAMPLES["receipt"].items * 2}),  # type: ignore[attr-defined]  # a Receipt
    ("certificate", {"persons": ()}), ("certificate", {"persons": ("Clerk",) * 17}),
    ("consent-answer", {"valid_until": NOW}), ("consent-answer", {"outcome": ConsentOutcome.DECLINED}),
    ("consent-answer", {"valid_until": None}), ("consent-request", {"terms": FORCED, "due_on": None}),
    ("consent-request", {"terms": FORCED, "grounds": ""}),
    ("level-change", {"after": None}), ("level-change", {"after": LEVEL}),
    ("level-change", {"before": replace(LEVEL, scheme="other")}),
    ("level-change", {"effective_at": NOW - timedelta(seconds=1)}),
    ("level-change-done", {"pending": (3,)}), ("level-change-done", {"outcome": LevelOutcome.DONE}),
    ("level-change-done", {"outcome": LevelOutcome.SUPERSEDED, "pending": ()}),
    ("checkpoint", {"note": b""}), ("checkpoint", {"old_size": 0}), ("checkpoint", {"proof": (bytes(32),) * 64}),
])
def test_a_body_that_contradicts_itself_is_malformed(name: str, change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(SAMPLES[name], **change)  # type: ignore[type-var]  # every body is a dataclass


@pytest.mark.parametrize("change", [
    {"copy_number": 3}, {"copy_number": 0}, {"copies_total": 10_001}, {"content": None}, {"sheet": b"{}"},
    {"content": None, "sheet": b""},
])
def test_an_item_is_one_of_its_copies_and_comes_in_one_way(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(SAMPLES["consignment"].items[0], **change)  # type: ignore[attr-defined]  # a Consignment


def test_a_third_party_is_named_exactly_when_information_is_passed_on() -> None:
    with pytest.raises(Malformed):
        replace(TERMS, recipient=None)
    with pytest.raises(Malformed):
        replace(TERMS, act=Act.COPY)
    assert replace(TERMS, act=Act.COPY, recipient=None).recipient is None


def test_orders_are_exactly_these() -> None:
    orders = {row.name for row in BODY_TYPES.values() if row.precedence is Precedence.ORDER}
    incidents = {"clearance-withdrawn", "incident-report", "incident-final", "incident-reply", "freeze", "freeze-answer"}
    assert orders - incidents == {
        "stage-changed", "registry-notice", "level-change", "consent-withdrawn", "chase", "statement", "return-request",
        "visit-ended", "crisis-report", "emergency-notice", "transport-plan-answer",
        "facility-withdrawn", "emergency-report",
    }
    assert incidents <= orders


def files(*kinds: BagFileKind) -> tuple[BagFile, ...]:
    return tuple(BagFile(kind, 1, f"id-{number}", 1, DIGEST) for number, kind in enumerate(kinds))


@pytest.mark.parametrize("listed", [
    files(BagFileKind.BULK, BagFileKind.ORDER), files(BagFileKind.BULK, BagFileKind.BULK),
    (BagFile(BagFileKind.BULK, 2, "id", 1, DIGEST),),
    (BagFile(BagFileKind.ORDER, 1, "same", 1, DIGEST), BagFile(BagFileKind.BULK, 1, "same", 1, DIGEST)),
])
def test_a_bag_lists_its_files_in_one_order_and_each_once(listed: tuple[BagFile, ...]) -> None:
    with pytest.raises(Malformed):
        BagManifest(listed, WrappedBagKey(WRAPPING_PUBLIC["tokyo.jpn"].kid, bytes(WRAPPED_SHARE_SIZE_BYTES)))


class TestRefusalOf:
    def test_what_speaks_of_the_partners_bytes_crosses(self) -> None:
        error = Malformed("field.missing", "`{name}` is missing in message", name="seq")
        told = refusal_of(error, message_digest=DIGEST, message=MessageId("message-1"))
        assert (told.family, told.code, told.text) == (Family.MALFORMED, "field.missing", "`seq` is missing in message")
        assert told.message == "message-1"

    @pytest.mark.parametrize("error", [
        Refused(decision_of("receive", [refusal("receive.reader", "{who} may not", "Art. 5(2)", who="A. Reader")])),
        Undecidable("receive.unknown", "the clearance of {who} is not known", article="Art. 5(2)", who="A. Reader"),
        OutOfOrder("receive.held", "{who} holds it", article="Art. 5(2)", who="A. Reader"),
        Unavailable("receive.disk", "the disk of {who} is full", article="Art. 5(2)", who="A. Reader"),
    ])
    def test_of_our_own_reasons_only_code_and_article_cross(self, error: Refused) -> None:
        told = refusal_of(error, message_digest=DIGEST)
        assert "Reader" not in str(told.encode())
        assert told.article == "Art. 5(2)"
        assert told.code == error.code
        assert parse("refusal", told.encode()) == told

    def test_a_sentence_that_is_no_line_is_replaced(self) -> None:
        told = refusal_of(Unverified("x.y", "{name}", name="a\u202eb"), message_digest=DIGEST)
        assert told.text == "the message was not accepted"

    def test_all_families_are_there(self) -> None:
        families = (Refused, Malformed, Unverified, Undecidable, OutOfOrder, Unavailable)
        assert {family.family for family in families} == {family.value for family in Family}
