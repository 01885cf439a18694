"""Couriers who do not arrive: from the announced moment on both sides say so, each by its own books.

An abnormal delay alone is a suspicion (32 CFR 117.19(d)(6), IGI 1300 Art. 57): nobody waits for the partner's word.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.model.incident import IncidentKind
from cordiale.records.carriages import CARRIAGE
from cordiale.records.duties import open_duty
from cordiale.records.incidents import about_consignment, open_incident_by_itself
from cordiale.records.ledger import Act
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.work.rounds import Rounds

_UNDER_WAY_MAX: Final = 10_000


def raise_overdue(registry: Registry) -> int:
    """Enter each courier who is overdue now, once, with a duty of this party's; return how many."""
    now = registry.now()
    found = registry.reads().find(CARRIAGE, "state", "under-way", limit=_UNDER_WAY_MAX)
    late = [
        carriage for carriage in map(open_record, found)
        if "overdue_at" in carriage.body and parse_instant(carriage["overdue_at"]) <= now
    ]
    return sum(_raise(registry, carriage) for carriage in late)


def _raise(registry: Registry, carriage: Record) -> int:
    def run(session: ActSession) -> dict[str, Any]:
        current = session.require(CARRIAGE, carriage.id)
        if current["state"] != "under-way" or current["overdue_at"] != carriage["overdue_at"]:
            return {"raised": 0}
        session.change(current, state="overdue")
        open_duty(
            session, f"courier-overdue.{carriage.id}", what="courier-overdue", owner=registry.party,
            subject=carriage.id, due=session.at.date(),
        )
        open_incident_by_itself(registry, session, about_consignment(
            session, IncidentKind.DELAY, "a courier did not arrive in time", carriage.id
        ))
        return {"raised": 1, "since": shown_at(session.at)}

    act = Act(
        f"courier-overdue.{carriage.id}.{carriage.version}", "courier-overdue", "node", carriage["agreement"], run,
        carriage.id,
    )
    return int(registry.ledger.commit(act).value["raised"])


class CourierWatch(Rounds):
    """Watches for overdue couriers in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Look once; a doubtful clock raises nothing, and says so."""
        raise_overdue(self.registry)
