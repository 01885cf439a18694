"""Whether a visit may be asked for, amended, announced or approved, and by which day.

The host alone decides, and needs no reason; what is decided here is what may be
put before it, and what it may say yes to. Leads go by the direction: those of the
host count, with the host's holidays. What no layer says is not decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.model.visit import VisitKind, Visitor, VisitPlan
from cordiale.rules.national import dominates
from cordiale.rules.provision import list_stage_reasons
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import counted_from, last_day, terms_of
from cordiale.rules.workdays import Holidays, holidays_of

ACT: Final = "visit"

_LEADS: Final = {
    VisitKind.ONCE: "visit.lead", VisitKind.RECURRING: "visit.lead", VisitKind.URGENT: "visit.lead-urgent",
    VisitKind.SECURITY: "visit.security-lead",
}
_ASKS: Final = "visit.asks."
_NOWHERE_SAID: Final = "no layer says `{term}` for {party}; enter it in the profile of the agreement"
_PLAN_FIELDS: Final = ("programme", "initiative", "subject")
_SITE_FIELDS: Final = ("address", "contact", "phone")
_VISITOR_FIELDS: Final = ("document", "post", "employer")


@dataclass(frozen=True, slots=True)
class VisitQuestion:
    """A visit from `sender` to `host` under the agreement of `index`, looked at on the day `on` (UTC).

    `level` is what the level of the plan amounts to in the sender's scheme, None where it could not be told.
    """

    plan: VisitPlan
    visitors: tuple[Visitor, ...]
    host: PartyId
    sender: PartyId
    level: LevelRef | None
    on: date


@dataclass(frozen=True, slots=True)
class FileBy:
    """The last `day` to ask for a visit, None where it cannot be told, with the provisions and what stands against."""

    day: date | None
    articles: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


def file_by(index: RuleIndex, plan: VisitPlan, host: PartyId) -> FileBy:
    """Return the last day on which `plan` may be asked for of `host`, counted with the host's holidays.

    Raises `Undecidable` where working days are counted and no holidays are entered.
    """
    return _before(index, _LEADS[plan.kind], plan, host, plan.first_day)


def _before(index: RuleIndex, name: str, plan: VisitPlan, host: PartyId, day: date) -> FileBy:
    terms = terms_of(index, name, party=host, level=plan.level)
    if not terms:
        return FileBy(None, reasons=(undecidable("visit.term-unknown", _NOWHERE_SAID, term=name, party=host),))
    return FileBy(last_day(terms, day, _holidays(index, host)), tuple(dict.fromkeys(one.article for one in terms)))


def _holidays(index: RuleIndex, host: PartyId) -> Holidays:
    profile = index.state.profile
    return holidays_of(profile, (host,)) if profile else Holidays(frozenset(), frozenset())


def decide_request(
    question: VisitQuestion, index: RuleIndex, *, series: VisitPlan | None = None, renewals: int = 0,
) -> Decision:
    """Decide whether the sending authority may ask for the visit today, with every reason against it.

    `series` is the plan of the series that it renews, as the renewal numbered `renewals`. Raises as `file_by`.
    """
    reasons = [*list_stage_reasons(index.state, question.on), *_list_level_reasons(question, index)]
    reasons += _list_missing_fields(question, index)
    reasons += _list_third_state_reasons(question, index)
    reasons += _list_day_reasons(question, index)
    reasons += _list_series_reasons(question, index, series)
    reasons += list_assertion_reasons(question, index)
    for term in terms_of(index, "visit.renewals", party=question.host, level=question.plan.level):
        if renewals > term.count:
            reasons.append(refusal("visit.renewals-used", "the series was renewed as often as it may be", term.article))
    return decision_of(ACT, reasons)


def decide_approval(question: VisitQuestion, index: RuleIndex) -> Decision:
    """Decide whether the host may admit the visitors of `question`: those it means to approve, and no others.

    A late request may be approved; the host alone decides. What the visit is over, or the sender has not asserted,
    may not.
    """
    reasons = [*list_stage_reasons(index.state, question.on), *_list_level_reasons(question, index)]
    reasons += _list_third_state_reasons(question, index)
    if question.plan.last_day < question.on:
        reasons.append(refusal("visit.over", "the last day of the visit is over"))
    reasons += list_assertion_reasons(question, index)
    return decision_of(ACT, reasons)


def decide_amendment(before: VisitQuestion, after: VisitQuestion, index: RuleIndex) -> Decision:
    """Decide whether `after` may take the place of `before`: other names or later days, never earlier ones.

    An urgent visit is not amended, for its host has looked at these people for this day (32 CFR 117.19(e)(2)(vii)).
    """
    reasons = [*list_stage_reasons(index.state, after.on), *_list_third_state_reasons(after, index)]
    reasons += _list_missing_fields(after, index)
    if before.plan.kind is VisitKind.URGENT:
        reasons.append(refusal(
            "visit.urgent-not-amended", "an urgent visit is not amended; cancel it and ask for another"
        ))
    if after.plan.first_day < before.plan.first_day or after.plan.last_day < before.plan.last_day:
        reasons.append(refusal(
            "visit.earlier-day", "an amendment never brings a day forward; cancel the visit and ask for another"
        ))
    if before.plan != replace(after.plan, first_day=before.plan.first_day, last_day=before.plan.last_day):
        reasons.append(refusal("visit.more-amended", "an amendment changes names and days, and nothing else"))
    if after.plan.last_day < after.on:
        reasons.append(refusal("visit.over", "the last day of the visit is over"))
    if before.plan.kind is VisitKind.RECURRING:
        reasons += _list_length_reasons(after, index, "visit.renewal" if before.plan.renews else "visit.recurring")
    return decision_of(ACT, reasons)


def decide_notice(question: VisitQuestion, index: RuleIndex, *, site: str, days: tuple[date, date]) -> Decision:
    """Decide whether one visit of an approved series may be announced today between the places concerned.

    `question` has the visitors who come and are approved; `days` are the first and the last day.
    """
    plan, reasons = question.plan, list(list_stage_reasons(index.state, question.on))
    if plan.kind is not VisitKind.RECURRING:
        reasons.append(refusal("visit.no-series", "only single visits of a series are announced"))
    if site not in {one.name for one in plan.sites}:
        reasons.append(refusal("visit.other-site", "the series is not to this place"))
    if not plan.first_day <= days[0] <= days[1] <= plan.last_day:
        reasons.append(refusal("visit.outside", "these days lie outside the approved visit"))
    by = _before(index, "visit.direct-notice", plan, question.host, days[0])
    reasons += by.reasons
    if by.day is not None and by.day < question.on:
        reasons.append(_late(by, "visit.notice-late", "this had to be announced by {day}"))
    return decision_of(ACT, reasons)


def list_assertion_reasons(question: VisitQuestion, index: RuleIndex) -> Iterator[Reason]:
    """Yield whose asserted clearance is too low, or ends before the first day or that of a single visit's end."""
    plan, level = question.plan, question.level
    if level is None or not _asks_clearance(index, question.sender, level):
        return
    needed_until = plan.first_day if plan.kind is VisitKind.RECURRING else plan.last_day
    for visitor in question.visitors:
        held = visitor.clearance
        if held is None or not dominates(index, held, level):
            yield refusal("visit.not-cleared", "the visitor {visitor} is not cleared for {level}",
                          visitor=visitor.id, level=str(level))
        if visitor.cleared_until is not None and visitor.cleared_until < max(needed_until, question.on):
            yield refusal("visit.clearance-ends", "the clearance of the visitor {visitor} ends before the visit",
                          visitor=visitor.id)


def decide_disclosure(question: VisitQuestion, index: RuleIndex) -> Decision:
    """Decide whether anything of the level of the plan may be told to visitors today, whoever they are."""
    return decision_of(ACT, [*list_stage_reasons(index.state, question.on), *_list_level_reasons(question, index)])


def _asks_clearance(index: RuleIndex, party: PartyId, level: LevelRef) -> bool:
    """Tell whether a clearance is asked for; where no layer decides, it is."""
    rules = index.access(party, level)
    return not rules or any(rule.needs for rule in rules)


def _list_level_reasons(question: VisitQuestion, index: RuleIndex) -> Iterator[Reason]:
    level, profile = question.plan.level, index.state.profile
    if profile is None:
        return
    own = dict(profile.scheme_of).get(question.host)
    if level.scheme != own:
        yield refusal("visit.level-scheme", "the level of a visit is one of the host's, of the scheme {scheme}",
                      scheme=own or "-")
    if level in index.state.suspended_levels or question.level in index.state.suspended_levels:
        yield refusal("provision.level-suspended", "the exchange of {level} is suspended",
                      index.state.suspension_article, level=str(level))


def _list_missing_fields(question: VisitQuestion, index: RuleIndex) -> Iterator[Reason]:
    asked = {name: article for name, article in _asked_fields(index, question.host).items() if article}
    if not asked:
        yield undecidable("visit.term-unknown", _NOWHERE_SAID, term=f"{_ASKS}…", party=question.host)
    plan = question.plan
    lacking = {name for name in _PLAN_FIELDS if not getattr(plan, name)}
    lacking |= {name for name in _SITE_FIELDS for site in plan.sites if not getattr(site, name)}
    lacking |= {name for name in _VISITOR_FIELDS for one in question.visitors if not getattr(one, name)}
    lacking |= {"born" for one in question.visitors if one.born_on is None or not one.born_at}
    for name in sorted(lacking & asked.keys()):
        yield refusal("visit.field-missing", "the request does not say `{field}`, which the agreement asks for",
                      asked[name], field=name)


def _asked_fields(index: RuleIndex, host: PartyId) -> dict[str, str]:
    """Return the article by which each field is asked for, empty where it is not."""
    fields = (*_PLAN_FIELDS, *_SITE_FIELDS, *_VISITOR_FIELDS, "born")
    return {
        name: next((one.article for one in terms_of(index, f"{_ASKS}{name}", party=host) if one.count), "")
        for name in fields
    }


def is_of_third_state(visitor: Visitor, index: RuleIndex) -> bool:
    """Tell whether a nationality of `visitor` is of a state that is no party to the agreement."""
    return not set(visitor.nationalities) <= set(index.state.parties)


def _list_third_state_reasons(question: VisitQuestion, index: RuleIndex) -> Iterator[Reason]:
    """Nationals of third states need the authorities of both (for example Switzerland-France 2006, Art. 11.2)."""
    for visitor in question.visitors:
        if not is_of_third_state(visitor, index):
            continue
        terms = terms_of(index, "visit.third-state", party=question.host, level=question.plan.level)
        if not terms:
            yield undecidable("visit.term-unknown", _NOWHERE_SAID, term="visit.third-state", party=question.host)
        elif any(term.count > 1 for term in terms) and not visitor.is_agreed:
            yield refusal(
                "visit.third-state", "the visitor {visitor} is a national of a third state, and the sending authority "
                "has not agreed", terms[0].article, visitor=visitor.id,
            )


def _list_day_reasons(question: VisitQuestion, index: RuleIndex) -> Iterator[Reason]:
    plan = question.plan
    if plan.first_day < question.on:
        yield refusal("visit.past", "the first day of the visit is over")
    by = file_by(index, plan, question.host)
    yield from by.reasons
    if by.day is not None and by.day < question.on:
        yield _late(by, "visit.late", "this had to be asked for by {day}")


def _late(by: FileBy, code: str, text: str) -> Reason:
    return refusal(code, text, "; ".join(by.articles), day=by.day.isoformat() if by.day else "-")


def _list_series_reasons(question: VisitQuestion, index: RuleIndex, series: VisitPlan | None) -> Iterator[Reason]:
    plan = question.plan
    if plan.kind is not VisitKind.RECURRING:
        return
    if series is None:
        yield from _list_length_reasons(question, index, "visit.recurring")
        return
    if (series.sites, series.level, series.purpose) != (plan.sites, plan.level, plan.purpose):
        yield refusal("visit.other-series", "a renewal is for the same places, purpose and level")
    if plan.first_day <= series.last_day:
        yield refusal("visit.renewal-overlaps", "a renewal begins after the series that it goes on with")
    yield from _list_length_reasons(question, index, "visit.renewal")
    by = _before(index, "visit.renewal-ask", plan, question.host, series.last_day)
    if by.day is not None and by.day < question.on:
        yield _late(by, "visit.late", "this had to be asked for by {day}")


def _list_length_reasons(question: VisitQuestion, index: RuleIndex, name: str) -> Iterator[Reason]:
    plan = question.plan
    terms = terms_of(index, name, party=question.host, level=plan.level)
    if not terms:
        yield undecidable("visit.term-unknown", _NOWHERE_SAID, term=name, party=question.host)
    for term in terms:
        end = counted_from(term, plan.first_day, _holidays(index, question.host))
        if plan.last_day >= end:
            yield refusal("visit.too-long", "a series that begins on that day ends before {day}", term.article,
                          day=end.isoformat())
