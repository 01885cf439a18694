"""Incidents in the books: cases, whom each concerns, and the list of what is affected, which stays at home.

A case is opened by a person, by a partner's report, or by the node itself when something is late or does not add
up. It is open until a final report was drawn up and every partner concerned has acknowledged it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.model.incident import IncidentKind
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import COPY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.personal_data import ERASED
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.records.successions import rights_of
from cordiale.rules.incident import NoticeDue, NoticeQuestion, acting_abroad, decide_notice, earliest, final_due

INCIDENT: Final = "incident"
SHARE: Final = "incident-share"
AFFECTED: Final = "incident-affected"
NOTE: Final = "incident-note"
FINAL_REPORT: Final = "incident-final"
DRAFT: Final = "incident-draft"

TO_TELL: Final = "to-tell"
"""The state of what a partner is to be told of a case and was not told yet."""

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What somebody reports, or the node itself notices: one sentence, and what it is about.

    `items` and `copies` are identifiers of the books; `unknown` are names that were given and are nobody's here.
    `consignment` and `third_country` are empty where there is none. `subject` names, for the node itself, what is
    late or missing: of one kind and subject there is one case.
    """

    kind: IncidentKind
    what: str
    items: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    consignment: str = ""
    third_country: str = ""
    subject: str = ""


def open_incident(
    registry: Registry, session: ActSession, id: str, suspicion: Suspicion, **more: str
) -> Record:
    """Open the case `id`: draw up what is affected, and enter whom to tell by when.

    `more` are members of the record, `reported_by` among them.
    """
    body: dict[str, Any] = {
        "items": list(suspicion.items), "kind": suspicion.kind.value, "reported_at": shown_at(session.at),
        "state": "open", "what": suspicion.what, **more,
    }
    given = {
        "copies": list(suspicion.copies), "unknown": list(suspicion.unknown), "consignment": suspicion.consignment,
        "third_country": suspicion.third_country,
    }
    body |= {name: value for name, value in given.items() if value}
    related = sorted({one.id for item in suspicion.items for one in open_cases_about(session, item)})
    if related:
        body["related"] = related
    record = session.put(INCIDENT, id, body, expect=0)
    draw_up_affected(session, record)
    open_duty(
        session, f"incident.judge.{id}", what="judge-incident", owner=registry.party, subject=id,
        due=session.at.date(),
    )
    enter_shares(registry, session, record)
    open_duty(
        session, f"incident.close.{id}", what="close-incident", owner=registry.party, subject=id,
        due=_final_day(registry, session, record),
    )
    return record


def open_incident_by_itself(registry: Registry, session: ActSession, suspicion: Suspicion) -> str:
    """Open a case because something is late, missing or not as announced, once for each kind and subject.

    For acts of the node and of partners. Returns the identifier of the case; one that is there already stays as
    it is, also when it was closed.
    """
    named = sha256(f"{suspicion.kind.value} {suspicion.subject}".encode()).hexdigest()[:20]
    id = f"{registry.party.lower()}.incident.{named}"
    if session.get(INCIDENT, id) is None:
        open_incident(registry, session, id, suspicion, reported_by="node")
    return id


def about_consignment(books: Books, kind: IncidentKind, what: str, consignment: str) -> Suspicion:
    """Return the suspicion about everything in a consignment, sent or received, as far as the books know it."""
    record = books.get("consignment", consignment)
    body = record.body if record is not None else {}
    copies = [*body.get("copies", ()), *(one["copy"] for one in body.get("items", ()) if isinstance(one, dict))]
    known = [copy for copy in (books.get(COPY, one) for one in copies) if copy is not None]
    items = tuple(dict.fromkeys(str(copy["item"]) for copy in known))
    return Suspicion(
        kind, what, items, tuple(copy.id for copy in known), consignment=consignment, subject=consignment
    )


def open_cases_about(books: Books, item: str) -> list[Record]:
    """Return the cases about `item` that are not closed."""
    return [one for one in books.find(INCIDENT, "items", item) if one["state"] != "closed"]


def judged(session: ActSession, incident: str, proof: str) -> None:
    """Note that somebody with the office has taken the case up."""
    discharge(session, f"incident.judge.{incident}", proof)


# -- what is affected ----------------------------------------------------------------------------------------


def draw_up_affected(session: ActSession, incident: Record) -> None:
    """Enter, for each item of the case, its places, who could see and who has seen it, and who was told of it, now."""
    for item_id in incident["items"]:
        item = session.get(ITEM, item_id)
        if item is not None:
            session.put(AFFECTED, f"{incident.id}/{item_id}", _affected(session, incident.id, item))


def _affected(books: Books, incident: str, item: Record) -> dict[str, Any]:
    copies = list(_every(books, COPY, "item", item.id))
    return {
        "at": shown_at(books.at), "incident": incident, "item": item.id, "level": str(label_of(item).level),
        "state": item["state"],
        "copies": [
            {name: copy[name] for name in ("copy_number", "party", "reference", "state", "their_reference")
             if name in copy.body} | {"copy": copy.id}
            for copy in copies
        ],
        "consignments": sorted({str(copy["consignment"]) for copy in copies if "consignment" in copy.body}),
        "custody": [
            {"holder": one["holder"], "state": one["state"]} for one in _every(books, "custody", "item", item.id)
            if "holder" in one.body
        ],
        "needs": [
            {name: need[name] for name in ("granted_at", "person", "purpose", "withdrawn_at") if name in need.body}
            for need in _every(books, "need", "item", item.id)
        ],
        "partners": sorted(_partners_of(item, copies)),
        "readers": _readers(books, item.id),
    }


def _readers(books: Books, item: str) -> list[dict[str, Any]]:
    """Return who has read `item`: the first and the last time, and how often; whose name was erased, together."""
    found: dict[str, dict[str, Any]] = {}
    for grant in _every(books, "grant", "item", item):
        person = grant.body.get("person", ERASED)
        seen = found.setdefault(person, {"count": 0, "first": grant["at"], "last": grant["at"], "person": person})
        seen["count"] += 1
        seen["first"], seen["last"] = min(seen["first"], grant["at"]), max(seen["last"], grant["at"])
    return [found[person] for person in sorted(found)]


def _partners_of(item: Record, copies: Iterable[Record]) -> set[str]:
    """Return the parties that provided the item or were provided with a copy of it."""
    given = {str(copy["party"]) for copy in copies if copy["state"] in ("dispatched", "with-partner")}
    return given | ({str(item["origin_party"])} if "agreement" in item.body else set())


def _every(books: Books, kind: str, field: str, value: str) -> Iterator[Record]:
    after = ""
    while page := books.reads.find(kind, field, value, after=after, limit=_PAGE):
        yield from map(open_record, page)
        after = page[-1].id


# -- whom it concerns ----------------------------------------------------------------------------------------


def enter_shares(
    registry: Registry, session: ActSession, incident: Record, *, of: frozenset[str] | None = None
) -> None:
    """Enter for each originator of a foreign item, or each in `of`, that it is to be told, with the agreement's day."""
    by_agreement: dict[tuple[str, str], list[Record]] = {}
    for item_id in incident["items"]:
        item = session.get(ITEM, item_id)
        if item is None or (of is not None and item["origin_party"] not in of):
            continue
        if "agreement" in item.body and item["origin_party"] != incident.body.get("party"):
            by_agreement.setdefault((item["agreement"], item["origin_party"]), []).append(item)
    for (agreement, originator), items in sorted(by_agreement.items()):
        holder = rights_of(session, originator)
        if holder is not None and holder.party in (registry.party, incident.body.get("party")):
            continue
        if holder is None:
            share = share_with(registry, session, incident, (originator, agreement))
        else:
            whom = (holder.party, holder.agreement)
            share = share_with(registry, session, incident, whom, originator=originator)
        named = sorted({*share["items"], *(item.id for item in items)})
        put_due(registry, session, session.change(share, items=named))
        enter_abroad(registry, session, incident, share)


def share_with(
    registry: Registry, session: ActSession, incident: Record, whom: tuple[str, str], *, originator: str = ""
) -> Record:
    """Return what this case has with the party of `whom` under its agreement, entered anew where nothing is to be told.

    In the place of each `originator` that it follows it is told apart from what is its own: either may end alone.
    """
    for share in session.find(SHARE, "incident", incident.id):
        if (share["party"], share["agreement"], share.body.get("originator", "")) == (*whom, originator):
            return session.change(share, state=TO_TELL) if was_let_go(share) else share
    # The name of a case that crosses is another for each partner: it says nothing of who else is told.
    body = {
        "agreement": whom[1], "direction": "out", "incident": incident.id, "items": [], "party": whom[0],
        "state": TO_TELL,
    }
    if originator:
        body["originator"] = originator
    return session.put(SHARE, registry.fresh_id("incident"), body, expect=0)


def was_let_go(share: Record) -> bool:
    """Tell whether a share was settled without a word: its party did not follow the originator any more."""
    return share["direction"] == "out" and share["state"] == "settled" and "told" not in share.body


def note_report_refused(registry: Registry, session: ActSession, share: str, code: str) -> None:
    """Note that the partner's node refused a version of a first report; where it took none, it is still to be told."""
    known = session.get(SHARE, share)
    if known is None:
        return
    refused = int(known.body.get("refused", 0)) + 1
    is_untold = known["state"] == "told" and refused == known["version"]
    put_due(registry, session, session.change(
        known, refusal=code, refused=refused, state=TO_TELL if is_untold else known["state"],
    ))


def tell_duty(share: str) -> str:
    """Return the duty to tell a partner of a case for the first time."""
    return f"incident.tell.{share}"


def put_due(registry: Registry, session: ActSession, share: Record) -> None:
    """Enter the duty to tell the originator, with the earliest day that any item of the share gives."""
    if share["state"] != TO_TELL:
        return
    dues = notices_of(registry, session, share)
    days = [due.on for due in dues if due.on is not None]
    if days or not any(due.waits_for_inquiry for due in dues):
        open_duty(
            session, tell_duty(share.id), what="tell-incident", owner=registry.party,
            subject=share["incident"], due=Due(
                earliest(days), basis="; ".join(dict.fromkeys(one for due in dues for one in due.articles)),
            ),
        )


def enter_abroad(registry: Registry, session: ActSession, incident: Record, share: Record) -> None:
    """Enter who acts where it happened in a third country, as the agreement says; nobody where it says nothing."""
    if "third_country" not in incident.body:
        return
    index = load_index(session.reads, share["agreement"], registry.party)
    items = [session.get(ITEM, one) for one in share["items"]]
    is_ours = any(item is not None and item["origin_party"] == registry.party for item in items)
    ends = (PartyId(registry.party), PartyId(share["party"]))
    originator, holder = ends if is_ours else ends[::-1]
    for party in sorted(acting_abroad(index, originator, holder)):
        open_duty(
            session, f"incident.abroad.{share.id}.{party}", what="act-in-third-country", owner=party,
            subject=incident.id, due=None,
        )


def notices_of(registry: Registry, books: Books, share: Record) -> list[NoticeDue]:
    """Return by when the originator is told of each item of a share."""
    index = load_index(books.reads, share["agreement"], registry.party)
    incident = books.require(INCIDENT, share["incident"])
    concluded = incident.body.get("concluded_at")
    noticed_at = parse_instant(incident["reported_at"])
    return [
        decide_notice(NoticeQuestion(
            PartyId(share["party"]), registry.party, label_of(item).level, noticed_at,
            parse_instant(concluded) if concluded is not None else None,
        ), index)
        for item in (books.require(ITEM, one) for one in share["items"])
    ]


def _final_day(registry: Registry, session: ActSession, incident: Record) -> Any:
    """Return the earliest day for a final report that any agreement concerned names, None where none does."""
    days = []
    for share in session.find(SHARE, "incident", incident.id):
        index = load_index(session.reads, share["agreement"], registry.party)
        for item in share["items"]:
            level = label_of(session.require(ITEM, item)).level
            days.append(final_due(index, registry.party, level, parse_instant(incident["reported_at"])))
    return min((day for day in days if day is not None), default=None)


def close_if_settled(session: ActSession, incident: Record, proof: str) -> None:
    """Close a case that is concluded, once every partner that was or must be told has acknowledged the final report."""
    waiting = [one for one in session.find(SHARE, "incident", incident.id) if one["state"] != "settled"]
    if incident["state"] == "concluded" and not waiting:
        session.change(incident, closed_at=shown_at(session.at), state="closed")
        discharge(session, f"incident.close.{incident.id}", proof)
        judged(session, incident.id, proof)
