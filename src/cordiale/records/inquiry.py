"""What the steps of an inquiry share: who may take part, in which state a case is, what is written in lines."""

from __future__ import annotations

from typing import Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import LINES_COUNT_MAX
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.model.spelling import is_line
from cordiale.records.absences import decide_office_now
from cordiale.records.duties import open_duty
from cordiale.records.incidents import INCIDENT
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.offices import ActDone, OfficialAct

PARTS: Final = ("facts", "extent", "remedy", "prevention")


def require_line(text: str, name: str) -> str:
    """Return `text` when it is one plain line; raises `Malformed`."""
    if not is_line(text):
        raise Malformed("incident.line", "`{name}` is not one plain line of text", hint="write it in one line",
                        name=name)
    return text


def read_parts(fields: Fields, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Read those of `names` that are given, each a list of plain lines; raises `Malformed`."""
    return {
        name: [require_line(line, name) for line in fields.texts(name, max_count=LINES_COUNT_MAX)]
        for name in names if fields.has(name)
    }


def require_incident(session: ActSession, actor: Person, incident: str, act: OfficialAct) -> Record:
    """Return the case when `actor` may do `act` with it; who may not learns not even that it is there."""
    require_allowed(decide_office_now(session, actor, act))
    return session.require(INCIDENT, incident)


def require_closing(session: ActSession, actor: Person, incident: str) -> Record:
    """Return the case when `actor` may conclude it or lift its freezes: by office, and not as who reported it."""
    require_allowed(decide_office_now(session, actor, OfficialAct.CLOSE_INCIDENT))
    record = session.require(INCIDENT, incident)
    done = (ActDone(PersonId(record["reported_by"]), OfficialAct.REPORT_INCIDENT),)
    require_allowed(decide_office_now(session, actor, OfficialAct.CLOSE_INCIDENT, done=done))
    return record


def reopen(registry: Registry, session: ActSession, incident: Record, reason: str) -> None:
    """Open `incident` again and enter that it is to be closed."""
    session.change(incident, closed_at=None, reopened_at=shown_at(session.at), reopened_for=reason, state="open")
    open_duty(
        session, f"incident.close.{incident.id}", what="close-incident", owner=registry.party, subject=incident.id,
        due=None,
    )


def require_state(incident: Record, state: str) -> None:
    """Raise `OutOfOrder` unless the case is in `state`."""
    if incident["state"] != state:
        raise OutOfOrder(
            "incident.state", "this case is {state}", state=incident["state"],
            hint="look at `cordiale incident show`; a closed case is opened again with `cordiale incident reopen`",
        )
