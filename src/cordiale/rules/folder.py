"""Whether a folder may hold what lies in it: never below its parts, with every caveat, released no further than all.

IGI 1300 Art. 40 and Estonian Regulation 262 § 46(3): a set has at least the highest level of its parts, and gathering
them may raise it. A folder keeps the level it has when parts are taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cordiale.model.decision import Reason, refusal
from cordiale.model.label import Label, LevelRef, Scheme
from cordiale.rules.highwater import HighWater

# Whoever released the folder to nobody has decided what the join leaves to a person.
_DECIDED: Final = "join.release-empty"


def list_folder_reasons(label: Label, taken: HighWater, scheme: Scheme) -> Iterator[Reason]:
    """Yield every reason why a folder with `label` may not hold parts from which the whole takes `taken`."""
    alone = label.release_to <= {label.originator}
    yield from (one for one in taken.decision.reasons if not (alone and one.code == _DECIDED))
    floor = max_level(taken, scheme)
    if floor is not None and not _covers(label, floor, scheme):
        yield refusal("folder.below-part", "a part stands at {level}, above the folder", level=str(floor))
    if taken.caveats - label.caveats:
        yield refusal("folder.caveat-missing", "a part bears a caveat that the folder does not bear")
    if not alone and label.release_to - taken.release_to:
        yield refusal("folder.released-beyond", "the folder is released to somebody whom a part is not released to")


def max_level(taken: HighWater, scheme: Scheme) -> LevelRef | None:
    """Return the level that the folder has at the least, stricter handling included; None where it is not known."""
    known = [one for one in (taken.level, taken.handle_as) if one is not None]
    return max(known, key=lambda one: scheme.rank_of(one.name), default=None)


def _covers(label: Label, floor: LevelRef, scheme: Scheme) -> bool:
    is_known = label.level.scheme == scheme.id and label.level.name in scheme.levels
    return is_known and scheme.rank_of(label.level.name) >= scheme.rank_of(floor.name)
