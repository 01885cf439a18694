"""Disclosure in an emergency to persons who are not cleared: only where a layer says who may, and told afterwards.

Who may is a function that the term `emergency.by` names in its note, with how many of them decide together
(32 CFR 2001.52). Where no layer names one, nobody may: need and rank open nothing. Where both layers name
one, the person holds one of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cordiale.model.agreement import Term
from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.rules.holding import UNLABELLED, AccessView, list_standing_reasons
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import moment_from
from cordiale.rules.terms_here import holidays_here, terms_here
from cordiale.rules.validity import TIME_UNKNOWN, is_aware

ACT: Final = "emergency"


@dataclass(frozen=True, slots=True)
class EmergencyTimes:
    """By when a disclosure is reported: `report_by`, and `latest` at the very end; None where no layer says it."""

    report_by: datetime | None = None
    latest: datetime | None = None


def decide_emergency(item: AccessView, functions: frozenset[str], *, now: datetime) -> Decision:
    """Decide whether somebody who holds `functions` may have the item disclosed to uncleared persons at `now`."""
    if not is_aware(now):
        return decision_of(ACT, (TIME_UNKNOWN,))
    reasons = list(list_standing_reasons(item.facts.standing))
    if item.facts.label is None:
        return decision_of(ACT, (*reasons, UNLABELLED))
    permitting = tuple(term for term in terms_here(item, "emergency.by") if term.count)
    reasons += _list_reasons(item, permitting, functions)
    return Decision(ACT, tuple(dict.fromkeys(reasons)), consulted=tuple(dict.fromkeys(t.article for t in permitting)))


def _list_reasons(item: AccessView, permitting: tuple[Term, ...], functions: frozenset[str]) -> Iterator[Reason]:
    if not permitting:
        yield refusal("emergency.not-permitted", "no article permits that this item is disclosed in an emergency")
    for layer in _by_layer(item, permitting):
        articles = "; ".join(dict.fromkeys(term.article for term in layer))
        if not functions & {term.note for term in layer if term.note}:
            yield refusal("emergency.other-person", "the article names others who may do this", articles)
        if any(term.count > 1 for term in layer):
            yield refusal(
                "emergency.persons-together", "several persons must decide this together, and here one does it alone",
                articles, needed=str(max(term.count for term in layer)),
            )


def _by_layer(item: AccessView, terms: tuple[Term, ...]) -> list[list[Term]]:
    """Return `terms` by the layer that says them: of the agreement, and of national law."""
    profile = item.rules.state.profile if isinstance(item.rules, RuleIndex) else None
    agreed = profile.terms if profile is not None else ()
    layers = ([one for one in terms if one in agreed], [one for one in terms if one not in agreed])
    return [layer for layer in layers if layer]


def times_of_report(item: AccessView, at: datetime) -> EmergencyTimes:
    """Return by when a disclosure made at `at` is reported to the originator, as the layers say."""
    found = [_earliest(item, name, at.astimezone(UTC)) for name in ("emergency.report", "emergency.report-latest")]
    said = [moment for moment in found if moment is not None]
    return EmergencyTimes(min(said, default=None), found[1])


def _earliest(item: AccessView, name: str, at: datetime) -> datetime | None:
    holidays = holidays_here(item)
    return min((moment_from(term, at, holidays) for term in terms_here(item, name)), default=None)
