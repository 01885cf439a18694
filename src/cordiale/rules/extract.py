"""The floor of an extract: the highest level among the parts it was taken from.

An extract keeps the level of the whole unless its originator decides otherwise
(IGI 1300 Art. 50; 32 CFR 117.19(g)(20)), so that a series of harmless pieces
leads nowhere. The floor says how far the originator could go: never below it.
"""

from __future__ import annotations

from cordiale.errors import Malformed
from cordiale.model.label import Label, LevelRef, Portion, Scheme


def find_portions(label: Label, references: tuple[str, ...]) -> tuple[Portion, ...]:
    """Return the portions of `label` with the given references. Raises `Malformed` for one that it does not have."""
    known = {portion.reference: portion for portion in label.portions}
    for reference in references:
        if reference not in known:
            raise Malformed(
                "extract.portion", "the item has no part `{reference}`",
                hint="name the parts as its label does, or none for an extract from the whole",
                reference=reference[:80],
            )
    return tuple(known[reference] for reference in references)


def floor_of(label: Label, portions: tuple[Portion, ...], scheme: Scheme) -> LevelRef:
    """Return the lowest level an extract of `portions` could ever be given: that of the highest among them.

    A part without a level has that of the whole, and so has an extract that names no parts, or one of an unordered
    scheme.
    """
    names = [portion.level or label.level.name for portion in portions]
    if not names or not scheme.ordered or not set(names) <= set(scheme.levels):
        return label.level
    return scheme.level(max(names, key=scheme.rank_of))
