"""How long what is personal is kept, and by when it is erased: two periods that may stand against each other.

A layer may say how long records are kept at the least (`retention.…`), and within what time personal data is erased at
the latest (`erasure.…`). Where both can be met they are. Where they cannot, the agreement comes before national law,
as everywhere, and what gave way is said; where one layer contradicts itself nothing is erased until people settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.model.agreement import NationalProfile, Profile, Term
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.names import PartyId
from cordiale.rules.terms import counted_from, say_figure, terms_said
from cordiale.rules.workdays import Holidays

_NO_HOLIDAYS: Final = Holidays(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer says: how long records are kept (`keep`), and within what time they are erased (`erase`)."""

    keep: tuple[Term, ...] = ()
    erase: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class RetentionQuestion:
    """Whether personal data may be erased on `on`; `ended_on` is the day its matter ended, None while it goes on.

    `agreements` are what each agreement says that the data stands under, `national` what national law says.
    """

    ended_on: date | None
    on: date
    agreements: tuple[Layer, ...] = ()
    national: Layer = Layer()


@dataclass(frozen=True, slots=True)
class Retention:
    """What counts: kept until `keep_until`, erased by `erase_by`; `counts` and `gives_way` are figures and articles."""

    keep_until: date | None = None
    erase_by: date | None = None
    counts: tuple[str, ...] = ()
    gives_way: tuple[str, ...] = ()


def layers_said(
    profile: Profile | None, national: NationalProfile | None, names: tuple[str, str], party: PartyId
) -> tuple[Layer, Layer]:
    """Return what an agreement's profile and national law say under the two `names`: of keeping, and of erasing."""
    found = []
    for name in names:
        agreed = terms_said(profile, None, name, party=party) if profile is not None else ()
        own = tuple(
            term for term in (national.terms if national is not None else ())
            if term.name == name and term.party in (None, party) and term.level is None
        )
        found.append((agreed, own))
    (keep, own_keep), (erase, own_erase) = found
    return Layer(keep, erase), Layer(own_keep, own_erase)


def retention_of(question: RetentionQuestion) -> Retention | Reason:
    """Return what counts for data whose matter has ended, or why nobody can tell."""
    ended_on = question.ended_on
    if ended_on is None:
        return refusal("retention.not-ended", "what this is about has not ended")
    agreed = _joined(question.agreements)
    whole = Layer(agreed.keep + question.national.keep, agreed.erase + question.national.erase)
    if not whole.keep and not whole.erase:
        return undecidable("retention.not-said", "no layer says how long this is kept, or when it is erased")
    if _is_met(whole, ended_on):
        return _told(whole, Layer(), ended_on)
    if not _is_met(agreed, ended_on):
        return _contradiction(agreed)
    if agreed.keep or agreed.erase:
        own = question.national
        kept = Layer(agreed.keep, agreed.erase)
        for more in (Layer(keep=own.keep), Layer(erase=own.erase)):
            with_it = Layer(kept.keep + more.keep, kept.erase + more.erase)
            kept = with_it if _is_met(with_it, ended_on) else kept
        left = Layer(
            tuple(term for term in own.keep if term not in kept.keep),
            tuple(term for term in own.erase if term not in kept.erase),
        )
        return _told(kept, left, ended_on)
    return _contradiction(question.national)


def decide_erasure(question: RetentionQuestion) -> Decision:
    """Decide whether personal data may be erased now, with what counts and what gave way."""
    found = retention_of(question)
    if isinstance(found, Reason):
        return decision_of("erase", [found])
    reasons = []
    if found.keep_until is not None and question.on < found.keep_until:
        reasons.append(refusal(
            "retention.still-kept", "this is kept until {day}: {figures}", day=found.keep_until.isoformat(),
            figures="; ".join(found.counts),
        ))
    return decision_of("erase", reasons, overridden=found.gives_way)


def _joined(layers: tuple[Layer, ...]) -> Layer:
    return Layer(
        tuple(term for layer in layers for term in layer.keep), tuple(term for layer in layers for term in layer.erase)
    )


def _days(terms: tuple[Term, ...], ended_on: date) -> list[date]:
    return [counted_from(term, ended_on, _NO_HOLIDAYS) for term in terms]


def _is_met(layer: Layer, ended_on: date) -> bool:
    """Tell whether what is kept may be erased before it has to be."""
    return not layer.keep or not layer.erase or max(_days(layer.keep, ended_on)) <= min(_days(layer.erase, ended_on))


def _told(layer: Layer, left: Layer, ended_on: date) -> Retention:
    return Retention(
        keep_until=max(_days(layer.keep, ended_on), default=None),
        erase_by=min(_days(layer.erase, ended_on), default=None),
        counts=tuple(dict.fromkeys(map(say_figure, layer.keep + layer.erase))),
        gives_way=tuple(dict.fromkeys(map(say_figure, left.keep + left.erase))),
    )


def _contradiction(layer: Layer) -> Reason:
    return undecidable(
        "retention.contradiction", "one layer asks to keep this longer than it lets it be kept: {figures}",
        figures="; ".join(dict.fromkeys(map(say_figure, layer.keep + layer.erase))),
    )
