"""Duties that a term makes due beside an act: what is also entered in the central register, what is reported.

Where no layer says the term nothing falls due. The figures are those of the item at its holder, in their own calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from cordiale.limits import TERM_REMIND_DAYS_MAX
from cordiale.model.agreement import Term
from cordiale.records.duties import DUTY, Due, open_duty
from cordiale.records.items import view_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.duty_clock import start_of
from cordiale.rules.terms import first_day, moment_from
from cordiale.rules.terms_here import holidays_here, terms_here

CENTRAL: Final = "register.central"
CRISIS_REPORT: Final = "crisis.report"


def cited(terms: Iterable[Term]) -> str:
    """Return the articles of `terms`, each once."""
    return "; ".join(dict.fromkeys(term.article for term in terms))


def due_within(on: date | datetime, since: datetime, basis: str) -> Due:
    """Return that something is due by `on`, reminded of in the last quarter of the time that it has."""
    end = on if isinstance(on, datetime) else start_of(on + timedelta(days=1))
    before = min((end - since) / 4, timedelta(days=TERM_REMIND_DAYS_MAX))
    return Due(on, basis=basis, remind_before=before if before > timedelta(0) else None)


def plan_central_entry(registry: Registry, session: ActSession, item: Record) -> None:
    """Make it due, once, that an item is entered in the central register too, where a term of its level says so."""
    id, view = f"register-central.{item.id}", view_of(registry, session, item)
    terms = terms_here(view, CENTRAL)
    day = first_day(terms, session.at.date(), holidays_here(view))
    if day is not None and session.get(DUTY, id) is None:
        open_duty(session, id, what="register-central", owner=registry.party, subject=item.id,
                  due=due_within(day, session.at, cited(terms)))


def crisis_report_duty(crisis: str) -> str:
    """Return the identifier of the duty to report the destruction in a crisis that was entered as `crisis`."""
    return f"crisis-report.{crisis}"


def await_crisis_report(
    registry: Registry, session: ActSession, crisis: str, happened_at: datetime, *, items: Iterable[Record]
) -> None:
    """Make it due that the originator of `items` is told what was destroyed, counted from when it happened."""
    found: dict[Term, datetime] = {}
    for item in items:
        view = view_of(registry, session, item)
        holidays = holidays_here(view)
        found |= {term: moment_from(term, happened_at, holidays) for term in terms_here(view, CRISIS_REPORT)}
    if found:
        open_duty(session, crisis_report_duty(crisis), what="crisis-report", owner=registry.party, subject=crisis,
                  due=due_within(min(found.values()), session.at, cited(found)))
