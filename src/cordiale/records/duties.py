"""Duties: what is due, by when, to whom, and what discharged it.

The books find a duty by the day on which it is due, by the office that sees to it, and by the moment at which
something happens to it next (`wakes`): what it costs to look grows with what is due, never with what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import OutOfOrder
from cordiale.model.agreement import Act
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.model.person import Office
from cordiale.records.record import Record, shown_at
from cordiale.records.session import ActSession, Books
from cordiale.rules.duty_clock import DutyStep, DutyTimes, overdue_from, steps_at, wakes_at
from cordiale.rules.duty_kinds import kind_of
from cordiale.rules.layers import Scope
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import add_months, earliest_due

DUTY: Final = "duty"

_DONE_BY: Final = {
    DutyStep.REMIND: "reminded_at", DutyStep.OVERDUE: "overdue_at", DutyStep.ESCALATE: "escalated_at",
}
"""The member of a duty that says that a step has happened."""


_TIMES: Final = frozenset({"due", "due_at", "escalate_at", "opens_on", "remind_at", "wakes"})


@dataclass(frozen=True, slots=True)
class Due:
    """By when, and what happens before and after; all of it may be left out.

    `on` is the last day, or the last moment where it is aware datetime. `remind_before` is how long before its end
    the duty is reminded of, `escalate_after` how long after it stands before `escalate_to` too (at once without it).
    `office` sees to it; without one, the office of its kind (`rules.duty_kinds`); `beside` sees to it as well. `basis`
    is the article. `message` is ours that waits for it, under `agreement`: where a partner owes it, it is asked for
    again once a day. `opens_on` is a day in the future on which the duty begins. `repeat_months` later it is due anew.
    `person` is whose it is alone: of others only the keepers of the register see it. `noted` is the type of a message
    of ours that a partner refused, and the code it gave. `is_moved` says that what the times are counted from has
    moved: they take the place of those of a duty that is open.
    """

    on: date | datetime | None = None
    remind_before: timedelta | None = None
    escalate_to: Office | None = None
    escalate_after: timedelta | None = None
    office: Office | None = None
    basis: str = ""
    message: str = ""
    agreement: str = ""
    opens_on: date | None = None
    repeat_months: int = 0
    person: str = ""
    beside: Office | None = None
    noted: str = ""
    is_moved: bool = False


def due_day(index: RuleIndex, act: Act, scope: Scope, start: date) -> date | None:
    """Return the day by which `act` is due when it is counted from `start`, None where no layer sets one."""
    if index.state.profile is None:
        return None
    return earliest_due(start, index.outcome(act, scope).deadlines, index.holidays)


def term_day(
    index: RuleIndex, name: str, start: date, *, party: PartyId | None = None, level: LevelRef | None = None
) -> date | None:
    """Return the day that the term `name` gives when it is counted from `start`, None where no layer says it."""
    if index.state.profile is None:
        return None
    return first_day(terms_of(index, name, party=party, level=level), start, index.holidays)


def open_duty(
    session: ActSession, id: str, *, what: str, owner: PartyId, subject: str, due: date | datetime | Due | None
) -> Record:
    """Enter a duty of `owner` concerning `subject`; `due` None, or without a day, means that none is set for it.

    One that is open under the name `id` is never put off by it: of both the earlier times count, and who sees to either
    sees to it. Raises `OutOfOrder` where another duty stands open under that name.
    """
    terms = due if isinstance(due, Due) else Due(due)
    kind = kind_of(what)
    body: dict[str, Any] = {
        "owner": owner, "state": "open", "subject": subject, "what": what,
        "escalate_to": (terms.escalate_to or kind.escalates_to).value,
        "falls_to": list(dict.fromkeys(
            one.value for one in (terms.office or kind.office, terms.beside) if one is not None
        )),
        "opened_at": shown_at(session.at),
    }
    body |= _times_of(terms)
    given = {"agreement": terms.agreement, "basis": terms.basis, "message": terms.message,
             "person": terms.person, "noted": terms.noted, "repeat_months": terms.repeat_months}
    body |= {name: value for name, value in given.items() if value}
    if terms.opens_on is not None:
        body |= {"opens_on": terms.opens_on.isoformat(), "state": "planned"}
    known = session.get(DUTY, id)
    if known is None or known["state"] not in ("open", "planned"):
        return session.put(DUTY, id, _woken(body))
    if any(known[name] != body[name] for name in ("owner", "subject", "what")):
        raise OutOfOrder(
            "duty.other", "another duty stands open under the name {duty}", hint="report this as a defect", duty=id
        )
    body = _woken(body if terms.is_moved else _of_both(known.body, body))
    return known if body == known.body else session.put(DUTY, id, body, expect=known.version)


def _of_both(known: dict[str, Any], anew: dict[str, Any]) -> dict[str, Any]:
    """Return the duty `known`, which is open, with what `anew` asks besides, and asks earlier."""
    ends = [
        (end, one) for one in (known, anew) if (end := overdue_from(times_of(one | {"state": "open"}))) is not None
    ]
    body = {name: value for name, value in {**known, **anew}.items() if name not in _TIMES}
    if ends:
        _, first = min(ends, key=lambda one: one[0])
        body |= {name: first[name] for name in ("due", "due_at") if name in first}
    for name in ("escalate_at", "remind_at"):
        said = [str(one[name]) for one in (known, anew) if name in one]
        body |= {name: min(said, key=parse_instant)} if said else {}
    if known["state"] == anew["state"] == "planned":
        body["opens_on"] = min(known["opens_on"], anew["opens_on"])
    elif known["state"] == "open":
        body |= {"state": "open"} | ({"opens_on": known["opens_on"]} if "opens_on" in known else {})
    bases = dict.fromkeys(part for one in (known, anew) if "basis" in one for part in one["basis"].split("; "))
    return body | {
        "escalate_to": known["escalate_to"], "falls_to": list(dict.fromkeys([*known["falls_to"], *anew["falls_to"]])),
        "opened_at": known["opened_at"],
    } | ({"basis": "; ".join(bases)} if bases else {})


def _times_of(terms: Due) -> dict[str, str]:
    moment = terms.on if isinstance(terms.on, datetime) else None
    day = moment.date() if moment is not None else terms.on
    end = overdue_from(DutyTimes(due=day, due_at=moment))
    if day is None or end is None:
        return {}
    found = {"due": day.isoformat()} | ({"due_at": shown_at(moment)} if moment is not None else {})
    if terms.remind_before is not None:
        found["remind_at"] = shown_at(end - terms.remind_before)
    if terms.escalate_after is not None:
        found["escalate_at"] = shown_at(end + terms.escalate_after)
    return found


def times_of(body: dict[str, Any]) -> DutyTimes:
    """Return the times of the duty in `body`, and what has happened to it."""
    done = {step for step, member in _DONE_BY.items() if member in body}
    return DutyTimes(
        due=_day(body, "due"), due_at=_moment(body, "due_at"), remind_at=_moment(body, "remind_at"),
        escalate_at=_moment(body, "escalate_at"), opens_on=_day(body, "opens_on"),
        is_escalated="escalate_to" in body, is_chased="message" in body, chased_on=_day(body, "chased_on"),
        done=frozenset(done | ({DutyStep.OPEN} if body["state"] != "planned" else set())),
    )


def _day(body: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(body[name]) if name in body else None


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    return parse_instant(body[name]) if name in body else None


def _woken(body: dict[str, Any]) -> dict[str, Any]:
    """Return `body` with the moment at which something happens to it next, without one where nothing does."""
    left = {name: value for name, value in body.items() if name != "wakes"}
    wakes = wakes_at(times_of(left)) if left["state"] in ("open", "planned") else None
    return left | ({"wakes": shown_at(wakes)} if wakes is not None else {})


def advance(session: ActSession, duty: Record) -> frozenset[DutyStep]:
    """Enter what has happened to an undischarged duty by now, asking a partner apart; return what it was."""
    body, happened = dict(duty.body), set[DutyStep]()
    while body["state"] in ("open", "planned"):
        steps = steps_at(times_of(body), session.at) - {DutyStep.CHASE}
        if not steps:
            break
        happened |= steps
        if DutyStep.OPEN in steps:
            body["state"] = "open"
        if DutyStep.ESCALATE in steps:
            body["falls_to"] = list(dict.fromkeys([*body["falls_to"], body["escalate_to"]]))
        body |= {_DONE_BY[step]: shown_at(session.at) for step in steps & _DONE_BY.keys()}
    if happened:
        session.put(DUTY, duty.id, _woken(body), expect=duty.version)
    return frozenset(happened)


def change_duty(session: ActSession, duty: Record, **members: Any) -> Record:
    """Supersede a duty by a version with `members` replaced; when it is looked at next is worked out again."""
    body = {name: value for name, value in {**duty.body, **members}.items() if value is not None}
    return session.put(DUTY, duty.id, _woken(body), expect=duty.version)


def acknowledged(message: str) -> str:
    """Return the identifier of the duty that the partner's acknowledgement of our `message` discharges."""
    return f"acknowledged.{message}"


def is_open(books: Books, id: str) -> bool:
    """Tell whether a duty stands open, or is planned, under the name `id`."""
    record = books.get(DUTY, id)
    return record is not None and record["state"] in ("open", "planned")


def reopen(session: ActSession, id: str) -> None:
    """Let a duty be owed again that was discharged by what turned out to be wrong; its times are what they were."""
    record = session.require(DUTY, id)
    if record["state"] == "done":
        change_duty(session, record, done_at=None, proof=None, state="open")


def discharge(session: ActSession, id: str, proof: str) -> None:
    """Close a duty with what proves that it was done; a duty that is not open stays as it is.

    One that comes again is due anew, its months after the day on which it was due.
    """
    record = session.get(DUTY, id)
    if record is None or record["state"] not in ("open", "planned"):
        return
    change_duty(session, record, done_at=shown_at(session.at), proof=proof, state="done")
    months = int(record.body.get("repeat_months", 0))
    if months and "due" in record.body:
        due = add_months(date.fromisoformat(record["due"]), months)
        kept = ("agreement", "basis", "escalate_to", "owner", "person", "repeat_months", "subject", "what")
        body = {name: record[name] for name in kept if name in record.body}
        session.put(DUTY, f"{id.partition('@')[0]}@{due.isoformat()}", _woken({
            **body, "due": due.isoformat(), "falls_to": record["falls_to"][:1], "opened_at": shown_at(session.at),
            "state": "open",
        }), expect=0)
