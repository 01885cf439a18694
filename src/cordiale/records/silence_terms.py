"""Silence that counts as consent: only where the agreement itself says so of that act, and never by our own law alone.

The term is ``consent.silence`` and names the act in its note. Our law may make it longer, and gives none of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from cordiale.model.agreement import Profile, Term
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.records.term_duties import cited
from cordiale.rules.layers import national_of
from cordiale.rules.terms import first_day, terms_said

SILENCE: Final = "consent.silence"


@dataclass(frozen=True, slots=True)
class SilenceEnd:
    """The last day of a silence that counts as consent, and the articles by which it does."""

    day: date
    basis: str


def silence_end(registry: Registry, books: Books, asked: Mapping[str, Any], start: date) -> SilenceEnd | None:
    """Return until when silence on a request, out or in, lasts from `start` on; None where it never counts.

    A request for a category of items is never answered by silence.
    """
    if "category" in asked:
        return None
    index = load_index(books.reads, asked["agreement"], registry.party)
    profile, item = index.state.profile, books.get(ITEM, asked["item"])
    if profile is None or item is None:
        return None
    level = label_of(item).level
    party = PartyId(asked["party"]) if asked["direction"] == "out" else registry.party
    agreed = _said(profile.terms, profile, asked["act"], (party, level))
    law = national_of(index.state.nationals, registry.party)
    longer = _said(law.terms if law is not None else (), profile, asked["act"], (registry.party, level))
    if not agreed:
        return None
    day = first_day((*agreed, *longer), start, index.holidays)
    return SilenceEnd(day, cited((*agreed, *longer))) if day is not None else None


def _said(
    terms: tuple[Term, ...], profile: Profile, act: str, of: tuple[PartyId, LevelRef]
) -> tuple[Term, ...]:
    of_act = replace(profile, terms=tuple(one for one in terms if one.name == SILENCE and one.note == act))
    return terms_said(of_act, None, SILENCE, party=of[0], level=of[1])
