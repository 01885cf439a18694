"""Duties: what is due, by when, to whom, and what discharged it."""

from __future__ import annotations

from datetime import date
from typing import Final

from cordiale.model.agreement import Act, AgreementState
from cordiale.model.names import PartyId
from cordiale.records.session import ActSession
from cordiale.rules.layers import Scope
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.workdays import earliest_due, holidays_of

DUTY: Final = "duty"


def due_day(index: RuleIndex, act: Act, scope: Scope, start: date) -> date | None:
    """Return the day by which `act` is due when it is counted from `start`, None where no layer sets one."""
    state: AgreementState = index.state
    if state.profile is None:
        return None
    deadlines = index.outcome(act, scope).deadlines
    return earliest_due(start, deadlines, holidays_of(state.profile, state.parties))


def open_duty(session: ActSession, id: str, *, what: str, owner: PartyId, subject: str, due: date | None) -> None:
    """Enter a duty of `owner` concerning `subject`; `due` None means that no day is set for it."""
    body = {"owner": owner, "state": "open", "subject": subject, "what": what}
    if due is not None:
        body["due"] = due.isoformat()
    session.put(DUTY, id, body)


def acknowledged(message: str) -> str:
    """Return the identifier of the duty that the partner's acknowledgement of our `message` discharges."""
    return f"acknowledged.{message}"


def discharge(session: ActSession, id: str, proof: str) -> None:
    """Close a duty with what proves that it was done; a duty that is not open stays as it is."""
    record = session.get(DUTY, id)
    if record is not None and record["state"] == "open":
        session.change(record, proof=proof, state="done")
