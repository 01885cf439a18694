"""Pictures made on the server: columns beside each other, in units that the stylesheet colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 640
_HEIGHT: Final = 120


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: where it stands, in units of the picture, and the series it belongs to, from 0."""

    x: int
    y: int
    width: int
    height: int
    series: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Columns in a box of `width` by `height` units; `highest` is the value of a full column."""

    width: int
    height: int
    highest: int
    bars: tuple[Bar, ...]


def bars(rows: Sequence[tuple[str, tuple[int, ...]]]) -> Picture:
    """Return columns for `rows`, each a name and the values of its series, beside each other."""
    highest = max((value for _, values in rows for value in values), default=0)
    series = max((len(values) for _, values in rows), default=1)
    step = _WIDTH // max(1, len(rows))
    width = max(1, (step * 4 // 5) // series)
    drawn = tuple(
        Bar(place * step + number * width, _HEIGHT - _tall(value, highest), width, _tall(value, highest), number)
        for place, (_, values) in enumerate(rows) for number, value in enumerate(values)
    )
    return Picture(_WIDTH, _HEIGHT, highest, drawn)


def _tall(value: int, highest: int) -> int:
    """Return how tall a column is; what is there at all is seen."""
    return max(1, value * _HEIGHT // highest) if value else 0
