"""Whether a visitor is let in today: approved, on these days, to this place, and still cleared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.visit import VisitKind, Visitor, VisitPlan
from cordiale.rules.provision import list_stage_reasons
from cordiale.rules.rule_index import RuleIndex

ACT: Final = "admit"


@dataclass(frozen=True, slots=True)
class Announced:
    """One visit of a series that was announced: to which place, on which days, and who comes."""

    site: str
    first_day: date
    last_day: date
    visitors: frozenset[str]


@dataclass(frozen=True, slots=True)
class AdmissionQuestion:
    """Whether `visitor`, None for somebody whom nobody asked for, is let in at `site` on the day `on`.

    `is_approved` says that the visit and this visitor stand approved; `is_suspended` that either was suspended.
    """

    plan: VisitPlan
    visitor: Visitor | None
    site: str
    on: date
    is_approved: bool
    is_suspended: bool
    announced: tuple[Announced, ...] = ()


def decide_admission(question: AdmissionQuestion, index: RuleIndex) -> Decision:
    """Decide whether the visitor is let in, with every reason against it."""
    plan, visitor, on = question.plan, question.visitor, question.on
    reasons: list[Reason] = list(list_stage_reasons(index.state, on))
    if visitor is None:
        reasons.append(refusal("admit.not-named", "this person is not among the visitors that the host approved"))
    if question.is_suspended:
        reasons.append(refusal("admit.suspended", "the visit of this person is suspended"))
    elif not question.is_approved:
        reasons.append(refusal("admit.not-approved", "the host has not approved the visit of this person"))
    if not plan.first_day <= on <= plan.last_day:
        reasons.append(refusal("admit.other-day", "the visit is approved for other days"))
    if question.site not in {one.name for one in plan.sites}:
        reasons.append(refusal("admit.other-site", "the visit is approved for other places"))
    if visitor is not None and visitor.cleared_until is not None and visitor.cleared_until < on:
        reasons.append(refusal("admit.clearance-ended", "the clearance that was asserted of this person has ended"))
    if visitor is not None and plan.kind is VisitKind.RECURRING and not _is_announced(question, question.announced):
        reasons.append(refusal("admit.not-announced", "this visit of the series was not announced for today"))
    return decision_of(ACT, reasons)


def _is_announced(question: AdmissionQuestion, announced: Iterable[Announced]) -> bool:
    return question.visitor is not None and any(
        one.site == question.site and one.first_day <= question.on <= one.last_day
        and question.visitor.id in one.visitors for one in announced
    )
