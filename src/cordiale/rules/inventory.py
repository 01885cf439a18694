"""An inventory as arithmetic: what is drawn, what differs, whether it adds up, what it must be marked.

What must be there is frozen at one moment; what was seen is set against it. An
unseen copy that has a document of its leaving is accounted for; one without is
missing, and a missing copy is a loss until it is found (NO-VSF § 44, EE-262
§ 23¹). Opening, plus what came in, less what went out, is what must be there,
and each of them has a document (FR-1300 Art. 51). Nothing here knows a share or
a period: both are in the agreement and the national profiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cordiale.model.label import LevelRef, Scheme

WHOLE_PERCENT: Final = 100
UNIT_SEPARATOR: Final = "/"


class InventoryKind(StrEnum):
    """Why there is an inventory: the yearly one, a check of a drawn share, or a change of custodian."""

    WHOLE = "whole"
    SPOT = "spot"
    HANDOVER = "handover"


class Finding(StrEnum):
    """What one copy is found to be."""

    SIGHTED = "sighted"
    LEFT = "left"
    MISSING = "missing"
    SURPLUS = "surplus"


class Explanation(StrEnum):
    """How a difference is explained: it was found, it was an error of entry, or it is not to be found."""

    FOUND = "found"
    ENTRY_ERROR = "entry-error"
    NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`came` and `went` are the copies by which the books differ from the inventory before."""

    opening: int
    came: frozenset[str]
    went: frozenset[str]
    closing: int

    @property
    def adds_up(self) -> bool:
        """True when opening, plus in, less out, is closing."""
        return self.opening + len(self.came) - len(self.went) == self.closing


def reconcile(before: Iterable[str], now: Iterable[str]) -> Reconciliation:
    """Return by what the copies held `now` differ from those `before`."""
    opening, closing = frozenset(before), frozenset(now)
    return Reconciliation(len(opening), closing - opening, opening - closing, len(closing))


def draw(copies: Iterable[str], *, share_percent: int, seed: bytes) -> frozenset[str]:
    """Return the drawn `share_percent` (1 to 100) of `copies`, rounded up; the same `seed` draws the same.

    The order is that of SHA-256 over seed and identifier: who knows the seed can draw again and compare, and
    nobody who does not know it can tell beforehand what will be drawn.
    """
    every = sorted(copies, key=lambda copy: sha256(seed + copy.encode()).digest())
    return frozenset(every[: -(-len(every) * share_percent // WHOLE_PERCENT)])


def judge(expected: Iterable[str], *, sighted: frozenset[str], held: Mapping[str, bool]) -> dict[str, Finding]:
    """Return the finding on each expected copy. `held` tells of the unsighted ones whether the books still hold them.

    One of which nothing is told is missing: could not tell counts as no.
    """
    return {
        copy: Finding.SIGHTED if copy in sighted else Finding.MISSING if held.get(copy, True) else Finding.LEFT
        for copy in expected
    }


def is_unit(unit: str) -> bool:
    """Tell whether `unit` is a name of a unit: empty, or parts from the whole to the part, none of them empty."""
    return not unit or all(part and part == part.strip() for part in unit.split(UNIT_SEPARATOR))


def units_above(unit: str) -> Iterator[str]:
    """Yield `unit` and every unit it belongs to, up to the whole registry, which is the empty text."""
    parts = unit.split(UNIT_SEPARATOR) if unit else []
    for count in range(len(parts), -1, -1):
        yield UNIT_SEPARATOR.join(parts[:count])


def is_within(unit: str, whole: str) -> bool:
    """Tell whether `unit` is `whole` or belongs to it."""
    return whole in units_above(unit)


def roll_up(found: Iterable[tuple[str, Finding]]) -> dict[str, Counter[Finding]]:
    """Return the findings counted for each unit, those of the units below it included."""
    counted: dict[str, Counter[Finding]] = {"": Counter()}
    for unit, finding in found:
        for above in units_above(unit):
            counted.setdefault(above, Counter())[finding] += 1
    return counted


def may_be_listed(caveats: Iterable[tuple[str, str]], unlisted: Iterable[tuple[str, str, str]]) -> bool:
    """Tell whether an item of these caveats may stand in a list that another party is given (FR-1300 Art. 65)."""
    kept_out = {(tag, value) for tag, value, _ in unlisted}
    return kept_out.isdisjoint(caveats)


def aggregate_levels(levels: Iterable[LevelRef], schemes: Mapping[str, Scheme]) -> tuple[LevelRef, ...]:
    """Return what a list of items of `levels` is marked: the highest of each scheme (DE-BayVSA 18.5).

    Ranks of two schemes are never compared, and a level without a rank stands for itself.
    """
    highest: dict[str, LevelRef] = {}
    for level in sorted(set(levels), key=str):
        scheme = schemes.get(level.scheme)
        is_ranked = scheme is not None and scheme.ordered and level.name in scheme.levels
        key = level.scheme if is_ranked else str(level)
        known = highest.get(key)
        if known is None or scheme is None or scheme.rank_of(level.name) > scheme.rank_of(known.name):
            highest[key] = level
    return tuple(highest[key] for key in sorted(highest))
