"""By when the authority of the originator is told of an incident, and who acts where it happened abroad.

A loss is told at once, or within the time of the agreement; at some levels after
the inquiry and in writing (Switzerland-Singapore Art. 11(3)). Telling earlier is
never wrong. What no layer says is not known, and no day is made up for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from cordiale.model.agreement import Act, Term, TermUnit
from cordiale.model.decision import Reason, undecidable
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.layers import Scope
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import counted_from, moment_from, terms_of
from cordiale.rules.workdays import Holidays, earliest_due, holidays_of

NOTIFY = "incident.notify"
NOTIFY_AFTER = "incident.notify-inquiry"
FINAL = "incident.final"


@dataclass(frozen=True, slots=True)
class NoticeQuestion:
    """By when `holder` tells `originator` of an incident with an item of `level`, noticed at `noticed_at` (UTC).

    `concluded_at` is when the inquiry ended, None while it goes on.
    """

    originator: PartyId
    holder: PartyId
    level: LevelRef
    noticed_at: datetime
    concluded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """`on` is the last day, or the last moment (UTC) where hours are counted.

    None while it waits for the inquiry, or where `reason` says why nothing is known.
    """

    on: date | datetime | None
    waits_for_inquiry: bool = False
    articles: tuple[str, ...] = ()
    reason: Reason | None = None


def decide_notice(question: NoticeQuestion, index: RuleIndex) -> NoticeDue:
    """Return by when the originator is told, with the articles that say so."""
    profile = index.state.profile
    scope = Scope(question.originator, question.holder, question.level, question.holder)
    outcome = index.outcome(Act.REPORT_LOSS, scope)
    terms = terms_of(index, NOTIFY, party=question.holder, level=question.level)
    after = terms_of(index, NOTIFY_AFTER, party=question.holder, level=question.level)
    if profile is None or not (outcome.deadlines or terms or after):
        return NoticeDue(None, articles=outcome.articles, reason=undecidable(
            "incident.notice-unsaid",
            "neither the agreement nor national law says by when a loss at {level} is told", level=str(question.level),
        ))
    holidays = holidays_of(profile, (question.originator, question.holder))
    by_rule = earliest_due(question.noticed_at.date(), outcome.deadlines, holidays)
    ends = [_end_of(term, question.noticed_at, holidays) for term in terms]
    ends += [by_rule] if by_rule is not None else []
    cited = (*outcome.articles, *(term.article for term in (*terms, *(() if ends else after))))
    articles = tuple(dict.fromkeys(cited))
    if not ends and question.concluded_at is None:
        return NoticeDue(None, waits_for_inquiry=True, articles=articles)
    concluded = question.concluded_at or question.noticed_at
    return NoticeDue(earliest(ends or [_end_of(term, concluded, holidays) for term in after]), articles=articles)


def _end_of(term: Term, start: datetime, holidays: Holidays) -> date | datetime:
    return moment_from(term, start, holidays) if term.unit is TermUnit.HOURS else counted_from(
        term, start.date(), holidays
    )


def earliest(ends: Iterable[date | datetime]) -> date | datetime | None:
    """Return the one that comes first, None of none; a day ends with its last second, UTC."""
    def moment(end: date | datetime) -> datetime:
        return end if isinstance(end, datetime) else datetime.combine(end, time(23, 59, 59), UTC)

    return min(ends, key=moment, default=None)


def final_due(index: RuleIndex, holder: PartyId, level: LevelRef, noticed_at: datetime) -> date | None:
    """Return the last day for the final report counted from `noticed_at` (UTC), None where no layer names one."""
    profile = index.state.profile
    if profile is None:
        return None
    holidays = holidays_of(profile, profile.parties)
    terms = terms_of(index, FINAL, party=holder, level=level)
    return min((counted_from(term, noticed_at.date(), holidays) for term in terms), default=None)


def acting_abroad(index: RuleIndex, originator: PartyId, holder: PartyId) -> frozenset[PartyId]:
    """Return who acts when it happened in a third country; empty where neither layer says, which is no release.

    The providing party does under Switzerland-Poland Art. 10(3), the receiving one under Switzerland-Singapore 11(4).
    """
    provider_acts = any(term.count for term in terms_of(index, "incident.provider-acts", party=originator))
    holder_acts = any(term.count for term in terms_of(index, "incident.recipient-acts", party=holder))
    acting = ((originator, provider_acts), (holder, holder_acts))
    return frozenset(party for party, acts in acting if acts)


def may_order_freeze(index: RuleIndex, holder: PartyId) -> tuple[str, ...]:
    """Return the articles by which `holder` must freeze what the originator names; empty where it is only asked."""
    terms = terms_of(index, "incident.freeze-right", party=holder)
    return tuple(dict.fromkeys(term.article for term in terms if term.count))
