"""Who may carry a consignment, when a courier is announced, and from when a delay is alarming.

A courier is cleared to the level of everything carried, for the whole of the
journey. Figures come from the layers: where none says how late is too late,
whoever hands over says it, and a stricter layer still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cordiale.model.agreement import Act, Term, TermUnit
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.rules.access import list_clearance_reasons
from cordiale.rules.holding import AccessView
from cordiale.rules.layers import LayerOutcome
from cordiale.rules.rulings import list_ruling_reasons

ACT: Final = "hand-over"


@dataclass(frozen=True, slots=True)
class CarriageQuestion:
    """Whether `courier` may be handed what `items` say, departing at `departs_at` to arrive at `expected_at`.

    `outcomes` is what the layers say of carrying each item, `sealed_by` who sealed it, `holder` the party it leaves
    from. `announced` are the terms ``courier.advise``; `overdue_after_hours` is None where nobody has said it.
    """

    courier: Person
    items: Sequence[AccessView]
    outcomes: Sequence[LayerOutcome]
    sealed_by: frozenset[str]
    holder: PartyId
    departs_at: datetime
    expected_at: datetime
    announced: Sequence[Term]
    overdue_after_hours: int | None


def decide_carriage(question: CarriageQuestion, *, now: datetime) -> Decision:
    """Decide whether the courier may be handed the packages at `now` (aware UTC), with every reason against it."""
    reasons: list[Reason] = []
    courier = question.courier
    if courier.represents != question.holder or courier.left_at is not None:
        reasons.append(refusal("carriage.not-ours", "the courier is not in the service of this party"))
    for item in question.items:
        reasons += list_clearance_reasons(courier, item, now)
    if any(_ends_before(courier, item, question.expected_at.date()) for item in question.items):
        reasons.append(refusal(
            "carriage.clearance-ends", "the clearance of the courier ends before the journey does"
        ))
    reasons += _list_sealing_reasons(question)
    reasons += _list_time_reasons(question, now)
    return decision_of(ACT, list(dict.fromkeys(reasons)))


def overdue_after(terms: Iterable[Term], said_hours: int | None) -> int | None:
    """Return after how many hours past the expected time a courier is overdue: the shortest of layers and `said_hours`.

    None where neither layers nor anybody say. Terms in whole days count 24 hours each.
    """
    hours = [_hours(term) for term in terms] + ([said_hours] if said_hours is not None else [])
    return min(hours, default=None)


def _hours(term: Term) -> int:
    days = {TermUnit.HOURS: 0, TermUnit.WEEKS: 7}.get(term.unit, 1)
    return term.count * (24 * days or 1)


def _ends_before(courier: Person, item: AccessView, day: date) -> bool:
    """True when a clearance is asked and every one that is enough today ends before `day`."""
    if item.cleared_names is None:
        return False
    enough = [
        one for one in courier.clearances
        if one.level.scheme == item.scheme and one.level.name in item.cleared_names and one.withdrawn_at is None
        and one.valid_from <= item.on <= one.valid_until
    ]
    return bool(enough) and all(one.valid_until < day for one in enough)


def _list_sealing_reasons(question: CarriageQuestion) -> Iterable[Reason]:
    """Yield where the layers ask more persons to be there when it is sealed than were."""
    yield from _list_witness_reasons(question.outcomes, question.sealed_by)
    if any(outcome.ruling is None for outcome in question.outcomes):
        yield undecidable(
            "carriage.undecided", "{act}: neither the agreement nor national law says whether a courier may carry this",
            act=Act.CARRY.value,
        )


def _list_witness_reasons(outcomes: Sequence[LayerOutcome], sealed_by: frozenset[str]) -> Iterable[Reason]:
    needed = max((outcome.persons for outcome in outcomes), default=1)
    if len(sealed_by) < needed:
        articles = sorted({article for outcome in outcomes for article in outcome.articles})
        yield refusal(
            "carriage.sealed-by", "{needed} persons must be there when it is sealed, and {count} have signed",
            "; ".join(articles), needed=str(needed), count=str(len(sealed_by)),
        )


@dataclass(frozen=True, slots=True)
class PostingQuestion:
    """Whether a consignment may be handed to the post, to arrive at `expected_at`; `outcomes` are those of posting."""

    outcomes: Sequence[LayerOutcome]
    sealed_by: frozenset[str]
    expected_at: datetime
    overdue_after_hours: int | None


def decide_posting(question: PostingQuestion, *, now: datetime) -> Decision:
    """Decide whether it may be handed to the post at `now` (aware UTC).

    Nobody is cleared there, so a layer must say so: what none says is undecidable, what one forbids is refused.
    """
    reasons: list[Reason] = [
        reason for outcome in question.outcomes for reason in list_ruling_reasons(Act.POST, outcome)
    ]
    reasons += _list_witness_reasons(question.outcomes, question.sealed_by)
    if question.expected_at <= now:
        reasons.append(refusal("carriage.times", "a courier departs after now and is expected after departing"))
    if question.overdue_after_hours is None:
        reasons.append(undecidable(
            "carriage.post-overdue-unknown",
            "neither the agreement nor national law says after how long the post is overdue; say it yourself",
        ))
    return decision_of("post", list(dict.fromkeys(reasons)))


def _list_time_reasons(question: CarriageQuestion, now: datetime) -> Iterable[Reason]:
    if not now <= question.departs_at < question.expected_at:
        yield refusal("carriage.times", "a courier departs after now and is expected after departing")
    for term in question.announced:
        if question.departs_at - now < timedelta(hours=_hours(term)):
            yield refusal(
                "carriage.advised-late", "a courier is announced {count} {unit} before the journey", term.article,
                count=str(term.count), unit=term.unit.value,
            )
    if question.overdue_after_hours is None:
        yield undecidable(
            "carriage.overdue-unknown",
            "neither the agreement nor national law says after how long a courier is overdue; say it yourself",
        )
