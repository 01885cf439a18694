"""What a house does again and again so that a crisis finds it ready: destruction is practised, the list printed anew.

How often, agreements and national law say (IGI 1300 Art. 60: a drill every three years); where none does, nothing is
due. Each is counted from when it was last done, the first from when the node first knew of the term.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import CordialeError
from cordiale.model.agreement import Term
from cordiale.records.agreements import AGREEMENT, OPEN_STAGES, load_index, own_profile, stage_of
from cordiale.records.duties import DUTY, change_duty, open_duty
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.term_duties import cited, due_within
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import Holidays

_DRILLS: Final = {"crisis-drill": "crisis.drill", "crisis-list": "crisis.list"}
_NO_HOLIDAYS: Final = Holidays(frozenset(), frozenset())


def note_drills(registry: Registry) -> None:
    """Enter by when each is due next, earlier where a term has become shorter; what is due already stays."""
    for what, name in _DRILLS.items():
        last = _last(registry, what)
        start = _start(registry, last)
        found = _due(registry, name, start)
        if found is None or (last is not None and last["state"] == "open" and last["due"] <= found[0].isoformat()):
            continue
        _enter(registry, what, (start, *found))


def _last(registry: Registry, what: str) -> Record | None:
    found = (open_record(one) for one in registry.reads().find(DUTY, "subject", registry.node))
    return max((one for one in found if one["what"] == what), key=lambda one: one.id, default=None)


def _start(registry: Registry, last: Record | None) -> date:
    """Return the day from which the next is counted: it stands in the name of one that is open."""
    if last is None:
        return registry.now().date()
    done = last.body.get("done_at")
    return parse_instant(done).date() if done else date.fromisoformat(last.id.partition(".")[2])


def _due(registry: Registry, name: str, start: date) -> tuple[date, str] | None:
    said = [(day, terms) for day, terms in _said(registry, name, start) if day is not None]
    if not said:
        return None
    return min(day for day, _ in said), cited(term for _, terms in said for term in terms)


def _said(registry: Registry, name: str, start: date) -> Iterator[tuple[date | None, tuple[Term, ...]]]:
    """Yield the day that each agreement in force, with our law, and our law by itself give, and the terms."""
    today = registry.now().date()
    for record in map(open_record, registry.reads().every(AGREEMENT)):
        if stage_of(record, today) in OPEN_STAGES:
            try:
                index = load_index(registry.reads(), record.id, registry.party)
                terms = terms_of(index, name, party=registry.party)
                yield first_day(terms, start, index.holidays), terms
            except CordialeError:
                # What cannot be counted is asked about when the agreement is checked.
                continue
    law = own_profile(registry.reads(), registry.party)
    terms = tuple(one for one in law.terms if one.name == name and one.level is None) if law is not None else ()
    yield first_day(terms, start, _NO_HOLIDAYS), terms


def _enter(registry: Registry, what: str, when: tuple[date, date, str]) -> None:
    start, day, basis = when
    id = f"{what}.{start.isoformat()}"

    def run(session: ActSession) -> dict[str, Any]:
        known = session.get(DUTY, id)
        due = due_within(day, session.at, basis)
        if known is None:
            open_duty(session, id, what=what, owner=registry.party, subject=registry.node, due=due)
        elif known["state"] == "open":
            change_duty(session, known, due=day.isoformat(), basis=basis, remind_at=None)
        return {}

    registry.ledger.commit(Act(registry.fresh_id("drill"), "duty.plan", "node", INTERNAL, run, registry.node))
