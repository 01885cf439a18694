"""Which records hold what is personal, when their matter has ended, and what is left of them: a row for each kind.

The periods are those of the layers, under the names of the row (`docs/terms.md`). What carried the particulars into the
books goes with them: the signed request, the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed
from cordiale.records.agreements import AGREEMENT, is_profile_signed, own_profile
from cordiale.records.holdings import CUSTODY, IN_HAND
from cordiale.records.people_proposals import CHANGE, PROPOSAL
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.retention import Layer, RetentionQuestion, layers_said
from cordiale.wire.profile_json import profile_from_json

ERASED: Final = "(erased)"
_LISTS: Final = frozenset({"people.import", "people.confirm"})


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """A kind of record with what is personal in it.

    `personal` are the members that are erased, each with what takes its place (None: nothing). `terms` are the names
    of the periods: of keeping, of erasing. `ended` gives the day its matter ended, None while it goes on; `agreements`
    the agreement it stands under, None for all of them; `carriers` the records that hold the same particulars besides
    it. `is_sent` marks particulars that came or went in the message of the act that wrote them first.
    """

    kind: str
    personal: Mapping[str, Any]
    terms: tuple[str, str]
    ended: Callable[[Books, Record], date | None]
    agreement: Callable[[Books, Record], str | None]
    carriers: Callable[[Books, Record], Iterator[Record]]
    is_sent: bool = False


def _day_of(member: str) -> Callable[[Books, Record], date | None]:
    def ended(books: Books, record: Record) -> date | None:
        text = record.body.get(member)
        if text is None:
            return None
        return parse_instant(text).date() if "T" in text else date.fromisoformat(text)

    return ended


def _person_ended(books: Books, person: Record) -> date | None:
    """Return the day a person left; while they have an item in hand it is known whose hand that is."""
    if any(one["state"] in IN_HAND for one in books.each(CUSTODY, "holder", person.id)):
        return None
    return _day_of("left_at")(books, person)


def _visit_ended(books: Books, visitor: Record) -> date | None:
    admissions = books.each("admission", "visit", visitor["visit"])
    if any(one["visitor"] == visitor.id and one["state"] == "inside" for one in admissions):
        return None
    visit = books.get("visit", visitor["visit"])
    days = [one.body.get("ended_at", "")[:10] for one in (visitor, visit) if one is not None]
    last = visit.body.get("last_day", "") if visit is not None else ""
    ended = min((day for day in (*days, last) if day), default="")
    return date.fromisoformat(ended) if ended and ended < books.at.date().isoformat() else None


def _agreement_of(kind: str, member: str) -> Callable[[Books, Record], str | None]:
    def agreement(books: Books, record: Record) -> str | None:
        found = books.get(kind, record[member])
        return str(found["agreement"]) if found is not None and "agreement" in found.body else None

    return agreement


def _past_day_of(member: str) -> Callable[[Books, Record], date | None]:
    """Return the day in `member` once it is over: until then the matter goes on."""
    def ended(books: Books, record: Record) -> date | None:
        day = date.fromisoformat(record.body[member]) if member in record.body else None
        return day if day is not None and day < books.at.date() else None

    return ended


def _clearance_ended(books: Books, record: Record) -> date | None:
    """Return the day on which what was asked or told of a clearance has come to its end."""
    body = record.body
    if "ended_on" in body or "ended_at" in body:
        return date.fromisoformat(str(body.get("ended_on") or body["ended_at"])[:10])
    if "valid_until" in body:
        return _past_day_of("valid_until")(books, record)
    return _day_of("answered_at")(books, record)


def _named_agreement(books: Books, record: Record) -> str | None:
    return str(record["agreement"])


def _every_agreement(books: Books, record: Record) -> str | None:
    return None


def _nothing(books: Books, record: Record) -> Iterator[Record]:
    yield from ()


def _proposals_of(books: Books, person: Record) -> Iterator[Record]:
    """Yield what was proposed of a person, and the proposals: a digest over particulars could be tried out."""
    after = ""
    while page := books.reads.every(PROPOSAL, after=after):
        for proposal in map(open_record, page):
            change = books.get(CHANGE, f"{proposal.id}/{person.id}")
            if change is not None:
                yield change
                yield proposal
        after = page[-1].id


_ROWS: Final = (
    PersonalKind(
        "visitor", MappingProxyType(dict.fromkeys((
            "name", "nationalities", "born_on", "born_at", "document", "post", "employer", "clearance",
            "cleared_until", "person",
        ))),
        ("retention.visit", "erasure.visitor"), _visit_ended, _agreement_of("visit", "visit"), _nothing, is_sent=True,
    ),
    PersonalKind(
        "person", MappingProxyType({
            "name": ERASED, "post": ERASED, "unit": ERASED, "offices": [], "functions": [], "clearances": [],
            "briefings": [], "nationalities": "represents",
        }),
        ("retention.clearance", "erasure.person"), _person_ended, _every_agreement, _proposals_of,
    ),
    PersonalKind(
        "grant", MappingProxyType({"person": None}),
        ("retention.reader-sheet", "erasure.person"), _day_of("at"), _agreement_of("item", "item"), _nothing,
    ),
    PersonalKind(
        "clearance-query", MappingProxyType({"name": ERASED, "born_on": None}),
        ("retention.clearance", "erasure.person"), _clearance_ended, _named_agreement, _nothing, is_sent=True,
    ),
    PersonalKind(
        "clearance-told", MappingProxyType({"person": None}),
        ("retention.clearance", "erasure.person"), _clearance_ended, _named_agreement, _nothing,
    ),
    PersonalKind(
        "briefing", MappingProxyType({"person": None}),
        ("retention.briefing", "erasure.person"), _past_day_of("until"), _named_agreement, _nothing,
    ),
    PersonalKind(
        "certificate", MappingProxyType({"names": None}),
        ("retention.destruction", "erasure.person"), _day_of("done_on"), _agreement_of("item", "item"), _nothing,
    ),
)

PERSONAL_KINDS: Final[Mapping[str, PersonalKind]] = MappingProxyType({row.kind: row for row in _ROWS})
"""Every kind of record of which something is erased, by its name."""


def require_kind(kind: str) -> PersonalKind:
    """Return the row of `kind`; raises `Malformed` for records that hold nothing to be erased."""
    row = PERSONAL_KINDS.get(kind)
    if row is None:
        raise Malformed(
            "erase.kind", "records of the kind {kind} hold nothing that is erased",
            hint="choose one of {kinds}", kind=kind[:40], kinds=", ".join(sorted(PERSONAL_KINDS)),
        )
    return row


def is_left_over(row: PersonalKind, record: Record) -> bool:
    """Tell whether what is personal in `record` has been erased."""
    return dict(left_of(row, record)) == record.body


def left_of(row: PersonalKind, record: Record) -> dict[str, Any]:
    """Return what is left of `record` once what is personal in it is erased."""
    body = dict(record.body)
    for member, instead in row.personal.items():
        if member not in body:
            continue
        # Of a person it stays for whom they acted, as no person is without.
        value = [record["represents"]] if instead == "represents" else instead
        if value is None:
            del body[member]
        else:
            body[member] = value
    return body


def question_of(registry: Registry, books: Books, row: PersonalKind, record: Record) -> RetentionQuestion:
    """Return the question whether what is personal in `record` may be erased now."""
    national = own_profile(books.reads, registry.party)
    one = row.agreement(books, record)
    found = [books.get(AGREEMENT, one)] if one is not None else books.every(AGREEMENT)
    agreed, own = [], Layer()
    for agreement in found:
        if agreement is not None and is_profile_signed(agreement.body):
            said, own = layers_said(profile_from_json(agreement["profile"]), national, row.terms, registry.party)
            agreed.append(said)
    if not agreed:
        own = layers_said(None, national, row.terms, registry.party)[1]
    return RetentionQuestion(row.ended(books, record), books.at.date(), tuple(agreed), own)


def requests_of(session: ActSession, record: Record) -> list[Record]:
    """Return the signed requests that brought `record` into the books, or listed its particulars anew."""
    found = []
    for version in session.work.versions(record.kind, record.id):
        for act in session.work.acts(version.log, version.index, version.index + 1):
            one = session.get("signed-act", act.id)
            if one is not None and "signed" in one.body and (version.version == 1 or one["act"] in _LISTS):
                found.append(one)
    return found
