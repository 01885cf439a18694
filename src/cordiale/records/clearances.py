"""Clearances between authorities: what was asked, what a partner was told of ours, what it told us of its people.

A partner that was told of a clearance is told at once when it holds no longer, in the same commit that takes it away;
nothing that narrows ever waits for a partner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.message.bodies.clearance_query import ClearanceWithdrawn
from cordiale.model.label import LevelRef
from cordiale.model.names import MessageId
from cordiale.model.person import Person
from cordiale.records.agreements import load_index
from cordiale.records.answer_days import answer_day
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import Due, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.clearance import cleared_until
from cordiale.wire.person_json import parse_level_ref

QUERY: Final = "clearance-query"
TOLD: Final = "clearance-told"


def holds_until(registry: Registry, books: Books, person: Person, level: LevelRef, agreement: str) -> date | None:
    """Return the last day of a clearance of `person` up to `level` as the register has it now, None for none."""
    scheme = load_index(books.reads, agreement, registry.party).scheme(level.scheme)
    return cleared_until(person, level, scheme, books.at)


def clearances_changed(registry: Registry, session: ActSession, people: Sequence[Person]) -> None:
    """Tell every partner that was told of a clearance of one of `people` when it does not hold any more as told.

    To be called in each act that changes people, after the change. A partner that cannot be written to now becomes
    a duty, and the change stands all the same.
    """
    for person in people:
        for told in session.find(TOLD, "person", person.id):
            if told["state"] == "told" and not _still_holds(registry, session, person, told):
                _tell_withdrawn(registry, session, told)


def _still_holds(registry: Registry, session: ActSession, person: Person, told: Record) -> bool:
    until = date.fromisoformat(told["valid_until"])
    if until < session.at.date():
        return True
    held = holds_until(registry, session, person, parse_level_ref(told["level"]), told["agreement"])
    return held is not None and held >= until


def _tell_withdrawn(registry: Registry, session: ActSession, told: Record) -> None:
    session.change(told, ended_at=shown_at(session.at), state="withdrawn")
    try:
        partner = require_partner(session.reads, told["party"], mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(
            partner=partner, body=ClearanceWithdrawn(MessageId(told["query"]), session.at.date()),
            agreement=told["agreement"], version=version_of(session, told["agreement"]), after=(told["answer"],),
        ))
    except CordialeError:
        day, basis = answer_day(registry, session, told["agreement"], ("clearance.notify", registry.party))
        open_duty(
            session, f"clearance.{told.id}", what="tell-clearance-withdrawn", owner=registry.party, subject=told.id,
            due=Due(day or session.at.date(), basis=basis),
        )


def known_until(books: Books, query: str) -> date | None:
    """Return the last day of a clearance that a partner confirmed in answer to `query`; None once withdrawn."""
    record = books.get(QUERY, query)
    body: Mapping[str, Any] = record.body if record is not None else {}
    stands = body.get("state") == "cleared" and "ended_on" not in body
    until = date.fromisoformat(body["valid_until"]) if stands else None
    return until if until is not None and until >= books.at.date() else None
