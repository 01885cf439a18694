"""Visits in the books: the request as it stands, its visitors, and what ends at once when a clearance falls.

A visitor is a record of its own and never changes but in its state, so that what
is personal can be erased from it and the visit stays whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unverified
from cordiale.message.bodies.visit_ended import VisitEnded, VisitEnding
from cordiale.model.label import Label
from cordiale.model.names import MessageId, PartyId
from cordiale.model.person import Person
from cordiale.model.visit import Initiative, Site, VisitKind, Visitor, VisitPlan
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.erasing import erase_once_due
from cordiale.records.paging import all_with
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.visits import VisitQuestion
from cordiale.wire.person_json import parse_level_ref

VISIT: Final = "visit"
VISITOR: Final = "visitor"
_TEXTS: Final = ("born_at", "document", "employer", "name", "post")
_COMING: Final = ("asked", "approved")
_STAYED: Final = (*_COMING, "refused")


def plan_body(plan: VisitPlan) -> dict[str, Any]:
    """Return `plan` as it stands in the record of a visit."""
    body: dict[str, Any] = {
        "first_day": plan.first_day.isoformat(), "kind": plan.kind.value, "last_day": plan.last_day.isoformat(),
        "level": str(plan.level), "purpose": plan.purpose, "programme": plan.programme, "renews": plan.renews,
        "subject": plan.subject,
        "sites": [
            {"address": one.address, "contact": one.contact, "name": one.name, "phone": one.phone} for one in plan.sites
        ],
    }
    if plan.initiative is not None:
        body["initiative"] = plan.initiative.value
    return body


def plan_of(body: Mapping[str, Any]) -> VisitPlan:
    """Return the plan in the `body` of a visit."""
    return VisitPlan(
        kind=VisitKind(body["kind"]), first_day=date.fromisoformat(body["first_day"]),
        last_day=date.fromisoformat(body["last_day"]), level=parse_level_ref(body["level"]), purpose=body["purpose"],
        sites=tuple(Site(one["name"], one["address"], one["contact"], one["phone"]) for one in body["sites"]),
        programme=body["programme"], initiative=Initiative(body["initiative"]) if "initiative" in body else None,
        subject=body["subject"], renews=body["renews"],
    )


def visitor_body(visitor: Visitor, visit: str, message: str, *, person: str = "") -> dict[str, Any]:
    """Return the record of a visitor who is asked for; `message` also names them, `person` is one of our people."""
    body: dict[str, Any] = {name: getattr(visitor, name) for name in _TEXTS if getattr(visitor, name)}
    body |= {
        "agreed": visitor.is_agreed, "message": message, "nationalities": list(visitor.nationalities),
        "state": "asked", "visit": visit,
    }
    if visitor.clearance is not None and visitor.cleared_until is not None:
        body |= {"clearance": str(visitor.clearance), "cleared_until": visitor.cleared_until.isoformat()}
    if visitor.born_on is not None:
        body["born_on"] = visitor.born_on.isoformat()
    if person:
        body["person"] = person
    return body


def visitor_of(record: Record) -> Visitor:
    """Return the visitor in `record`; raises `OutOfOrder` once what is personal was erased."""
    body = record.body
    if "name" not in body:
        raise OutOfOrder("visit.erased", "the particulars of this visitor were erased", hint="nothing more can be done")
    return Visitor(
        id=record.id, name=body["name"], nationalities=tuple(PartyId(one) for one in body["nationalities"]),
        clearance=parse_level_ref(body["clearance"]) if "clearance" in body else None,
        cleared_until=date.fromisoformat(body["cleared_until"]) if "cleared_until" in body else None,
        born_on=date.fromisoformat(body["born_on"]) if "born_on" in body else None,
        born_at=body.get("born_at", ""), document=body.get("document", ""), post=body.get("post", ""),
        employer=body.get("employer", ""), is_agreed=body["agreed"],
    )


def plan_erasure(registry: Registry, session: ActSession, visitors: Iterable[str], *, last_day: date) -> None:
    """Let the node see, after the last day of their visit, by when what is personal of `visitors` must be erased."""
    for visitor in visitors:
        erase_once_due(session, VISITOR, visitor, owner=registry.party, ended_on=last_day)


def visitors_of(books: Books, ids: Iterable[str]) -> list[Record]:
    """Return the records of the visitors with `ids`."""
    return [books.require(VISITOR, one) for one in ids]


def ends_of(registry: Registry, visit: Record) -> tuple[PartyId, PartyId]:
    """Return the host and the sender of `visit`."""
    other = PartyId(visit["party"])
    return (other, registry.party) if visit["direction"] == "out" else (registry.party, other)


def question_of(
    ends: tuple[PartyId, PartyId], plan: VisitPlan, visitors: tuple[Visitor, ...], *, index: RuleIndex, books: Books
) -> VisitQuestion:
    """Return the question of a visit between `ends` (host, sender); no level where it has no equivalent."""
    host, sender = ends
    label = Label(originator=host, level=plan.level, release_to=frozenset(ends), created_at=books.at)
    marking = decide_equivalence(label, sender, index=index, on=books.at.date())[1]
    return VisitQuestion(plan, visitors, host, sender, marking.level if marking else None, books.at.date())


def require_visit(books: Books, id: str, *, direction: str = "") -> Record:
    """Return the visit `id`; raises `OutOfOrder` for one that is not there, or that the other side answers for."""
    visit = books.require(VISIT, id)
    if direction and visit["direction"] != direction:
        if direction == "in":
            raise OutOfOrder("visit.for-host", "only the host does this", hint="look at `cordiale visit show`")
        raise OutOfOrder(
            "visit.for-sender", "only the sending authority does this", hint="look at `cordiale visit show`"
        )
    return visit


def require_shared_visit(books: Books, id: str, party: str, *, agreement: str, direction: str = "") -> Record:
    """Return the visit `id` that `party` speaks of; raises `Unverified` in the same words for any it has no part in."""
    visit = books.get(VISIT, id)
    is_theirs = visit is not None and (visit["party"], visit["agreement"]) == (party, agreement)
    if visit is None or not is_theirs or (direction and visit["direction"] != direction):
        raise Unverified(
            "visit.not-shared", "there is no such visit between the sender and this party",
            hint="nothing was entered; tell the security officer",
        )
    return visit


def send(registry: Registry, session: ActSession, visit: Mapping[str, Any], letter: Mapping[str, Any]) -> str:
    """Queue a message about `visit` to the other side, with the members of `letter`; return its identifier."""
    partner = require_partner(session.reads, visit["party"], mode=registry.mode, now=session.at).statement
    return post(registry, session, Letter(
        partner=partner, agreement=visit["agreement"], version=version_of(session, visit["agreement"]), **letter,
    )).id


def end_visit(
    registry: Registry, session: ActSession, visit: Record, visitors: Iterable[str], *, ending: VisitEnding
) -> list[str]:
    """End `visit` here for `visitors`, for all where none is named, and tell the other side; return whom it touched.

    Whoever cancels the last who come cancels the visit. Everybody else is named: an amendment under way may bring
    others, who are not meant.
    """
    named = set(visitors)
    is_cancelled = ending is VisitEnding.CANCELLED
    known = list(all_with(session.reads, VISITOR, "visit", visit.id))
    _require_known(named, known)
    movable = {one.id for one in known if one["state"] in ((*_COMING, "suspended") if is_cancelled else _COMING)}
    touched = sorted(movable & named if named else movable)
    is_over = (is_cancelled and visit["state"] in (*_COMING, "too-late") and movable == set(touched)
               and (bool(touched) or not named))
    if touched or is_over:
        close_for(registry, session, visit, [] if is_over else touched, ending=ending)
        tell_ended(registry, session, visit, [] if is_over else touched, ending=ending)
    return touched


def tell_ended(
    registry: Registry, session: ActSession, visit: Record, visitors: list[str], *, ending: VisitEnding
) -> None:
    """Tell the other side that `visit` ended for `visitors` (sorted), or for all of them where none is named.

    It overtakes everything but what named them: those whom an amendment under way names are told of by themselves.
    """
    request = MessageId(visit["request"])
    named: dict[str, list[str]] = {} if visitors else {request: []}
    for visitor in visitors_of(session, visitors):
        named.setdefault(str(visitor["message"]), []).append(visitor.id)
    for message, ids in named.items():
        send(registry, session, visit.body, {
            "body": VisitEnded(visit.id, ending, tuple(ids), request), "after": (request, message),
        })


def close_for(
    registry: Registry, session: ActSession, visit: Record, visitors: list[str], *, ending: VisitEnding
) -> list[str]:
    """Change the state of `visitors`; of nobody in particular, of all, and cancel the visit. Return whom it touched.

    What crosses it has the same end at both nodes: suspended stands before what an answer or an amendment says of
    somebody, cancelled by an ending before both, and nothing revives anybody. An answer to the amendment that waits may
    still be on its way.
    """
    known = list(all_with(session.reads, VISITOR, "visit", visit.id))
    _require_known(set(visitors), known)
    touched = [one for one in known if (not visitors or one.id in visitors) and _yields(one, ending)]
    for one in touched:
        session.change(one, ended_at=shown_at(session.at), state=ending.value)
    plan_erasure(registry, session, [one.id for one in touched], last_day=session.at.date())
    if ending is VisitEnding.CANCELLED and not visitors and visit["state"] != ending.value:
        session.change(visit, ended_at=shown_at(session.at), state=ending.value)
        discharge(session, f"answer-visit.{visit.id}", session.act_id)
    return sorted(one.id for one in touched)


def _yields(visitor: Record, ending: VisitEnding) -> bool:
    if ending is VisitEnding.CANCELLED:
        return visitor["state"] in (*_STAYED, "suspended")
    return visitor["state"] in _STAYED or (visitor["state"] == "cancelled" and "ended_at" not in visitor.body)


def _require_known(named: set[str], known: list[Record]) -> None:
    if not named <= {one.id for one in known}:
        raise Malformed("visit.other-visitor", "somebody is named who is no visitor of this visit",
                        hint="look at `cordiale visit show`")


def check_visits_of(registry: Registry, session: ActSession, person: Person) -> list[str]:
    """Suspend the visits on which `person` is to come with a clearance that we asserted and that no longer stands.

    To be called whenever what the register says of somebody changes. Returns the visits it touched.
    """
    held = {
        (str(one.level), one.valid_until.isoformat()) for one in person.clearances if one.withdrawn_at is None
    } if person.left_at is None else set()
    fallen = [
        one for one in all_with(session.reads, VISITOR, "person", person.id) if one["state"] in _COMING
        and (person.left_at is not None or not _is_held(one.body, held))
    ]
    return _suspend(registry, session, fallen)


def _is_held(visitor: Mapping[str, Any], held: set[tuple[str, str]]) -> bool:
    if "clearance" not in visitor:
        return True
    return any(level == visitor["clearance"] and until >= visitor["cleared_until"] for level, until in held)


def _suspend(registry: Registry, session: ActSession, visitors: list[Record]) -> list[str]:
    touched: list[str] = []
    for visitor in visitors:
        visit = session.require(VISIT, visitor["visit"])
        close_for(registry, session, visit, [visitor.id], ending=VisitEnding.SUSPENDED)
        try:
            tell_ended(registry, session, visit, [visitor.id], ending=VisitEnding.SUSPENDED)
        except CordialeError:
            # What narrows is never held up by a partner that cannot be written to now; somebody tells it otherwise.
            open_duty(session, f"tell-suspended.{visitor.id}", what="tell-suspended", owner=registry.party,
                      subject=visit.id, due=session.at.date())
        touched.append(visit.id)
    return touched


def note_refused(session: ActSession, message: str, code: str) -> None:
    """Note that the partner's node refused `message`, where it asked for a visit or amended one.

    An amendment that was refused is none: the next one has its number, and whom it added does not come.
    """
    for visit in session.find(VISIT, "message", message):
        pending = visit.body.get("pending")
        if pending is not None and pending["message"] == message:
            for visitor in visitors_of(session, sorted({*pending["visitors"]} - {*visit["visitors"]})):
                if visitor["state"] in _COMING:
                    session.change(visitor, state="refused")
            session.change(
                visit, message=visit["request"], number=pending["number"] - 1, pending=None, refusal=code,
            )
            if visit["state"] != "asked":
                discharge(session, f"answer-visit.{visit.id}", message)
        elif message != visit["request"]:
            # It ended here before the amendment was refused.
            session.change(visit, message=visit["request"], number=visit["number"] - 1, refusal=code)
        else:
            session.change(visit, refusal=code, state="not-taken")
            discharge(session, f"answer-visit.{visit.id}", message)
