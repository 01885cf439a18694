"""Deliveries that do not come: beyond the time of the agreement a delay alone is a suspicion, and opens a case.

An abnormal delay counts as suspected compromise (IGI 1300 Art. 57). After how long is the term `delivery.overdue`;
where no layer has it, nothing is suspected by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import AllTried
from cordiale.model.incident import IncidentKind
from cordiale.records.agreements import load_index
from cordiale.records.incidents import about_consignment, open_incident_by_itself
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.terms import moment_from, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.work.rounds import Rounds

_PAGE: Final = 1_000
_WINDOW: Final = "delivery.overdue"


def suspect_delays(registry: Registry) -> int:
    """Open a case for each consignment of ours that the partner's node should hold by now, once; return how many.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    now, opened, tried = registry.now(), 0, AllTried()
    for consignment in _on_their_way(registry):
        with tried.one():
            if _is_late(registry, consignment, now):
                opened += _open(registry, consignment)
    tried.end()
    return opened


def _on_their_way(registry: Registry) -> Iterator[Record]:
    after = ""
    while page := registry.reads().find("consignment", "state", "dispatched", after=after, limit=_PAGE):
        yield from map(open_record, page)
        after = page[-1].id


def _is_late(registry: Registry, consignment: Record, now: datetime) -> bool:
    if "suspected_at" in consignment.body:
        return False
    index = load_index(registry.reads(), consignment["agreement"], registry.party)
    terms = terms_of(index, _WINDOW, party=registry.party)
    if not terms or index.state.profile is None:
        return False
    holidays = holidays_of(index.state.profile, (registry.party, consignment["party"]))
    left = parse_instant(consignment["dispatched_at"])
    return min(moment_from(term, left, holidays) for term in terms) < now


def _open(registry: Registry, consignment: Record) -> int:
    def run(session: ActSession) -> dict[str, Any]:
        current = session.require("consignment", consignment.id)
        if current["state"] != "dispatched" or "suspected_at" in current.body:
            return {"opened": 0}
        suspicion = about_consignment(session, IncidentKind.DELAY, "a delivery did not come in time", consignment.id)
        case = open_incident_by_itself(registry, session, suspicion)
        session.change(current, suspected_at=shown_at(session.at))
        return {"incident": case, "opened": 1}

    act = Act(f"delay.{consignment.id}", "incident.delay", "node", INTERNAL, run, consignment.id)
    return int(registry.ledger.commit(act).value["opened"])


class DelayWatch(Rounds):
    """Looks for late deliveries in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Look once; a doubtful clock suspects nobody, and says so."""
        suspect_delays(self.registry)
