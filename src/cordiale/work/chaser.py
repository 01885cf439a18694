"""The chaser: what a partner owes and has not done by its day is chased, and said aloud here.

The day is the profile's (its deadline, in calendar or working days); one
reminder goes out on each day after it until the duty is discharged. What is
never reminded of by a machine alone is not forgotten: open duties stay listed.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cordiale.errors import CordialeError, Malformed
from cordiale.message.bodies.chase import Chase, DueThing
from cordiale.model.names import MessageId
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.work.missing import note_missing
from cordiale.work.rounds import Rounds

_DUTIES_A_ROUND_MAX: Final = 10_000


def chase_due(registry: Registry) -> int:
    """Remind partners of everything that was due before today and is not done, once a day; return how often.

    A message that never came is among what is due; no message asks for it, so it is told here alone.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    today = registry.now().date()
    note_missing(registry)
    reads = registry.reads()
    duties = [open_record(one) for one in reads.find("duty", "state", "open", limit=_DUTIES_A_ROUND_MAX)]
    late = [
        duty for duty in duties
        if duty.body.get("due", "9999") < today.isoformat() and duty.body.get("chased_on", "") < today.isoformat()
    ]
    chased, failures = 0, []
    for duty in late:
        try:
            chased += _chase(registry, duty, today)
        except CordialeError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return chased


def _chase(registry: Registry, duty: Record, today: date) -> int:
    consignment = registry.record("consignment", duty["subject"])
    log = consignment["agreement"] if consignment is not None else INTERNAL

    def run(session: ActSession) -> dict[str, Any]:
        current = session.require("duty", duty.id)
        if current["state"] != "open" or current.body.get("chased_on") == today.isoformat():
            return {"chased": 0}
        count = int(current.body.get("chased", 0)) + 1
        if consignment is not None and current["owner"] != registry.party:
            partner = require_partner(session.reads, current["owner"], mode=registry.mode, now=session.at).statement
            post(registry, session, Letter(
                partner=partner, agreement=log, version=version_of(session, log),
                body=Chase(
                    about=MessageId(consignment["message"]), due=DueThing(current["what"]),
                    due_on=date.fromisoformat(current["due"]), count=count,
                ),
            ))
        session.change(current, chased=count, chased_on=today.isoformat())
        return {"chased": count}

    registry.ledger.commit(Act(f"chase.{duty.id}.{today.isoformat()}", "chase", "node", log, run, duty.id))
    return 1


def take_chase(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a partner reminds us of something; it stands among our duties until it is done."""
    body = arrived.message.body
    if not isinstance(body, Chase):
        raise Malformed("chase.other", "this is not a reminder", hint="report this as a defect")
    session.put("reminder", f"{body.about}.{body.due.value}", {
        "about": body.about, "count": body.count, "due": body.due_on.isoformat(), "party": arrived.partner.party,
        "reminded_at": shown_at(session.at), "what": body.due.value,
    })


class Chaser(Rounds):
    """Chases in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Chase what is due; a doubtful clock chases nobody."""
        chase_due(self.registry)
