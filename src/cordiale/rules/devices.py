"""Whether a device or a medium may take what is to go on it.

Reproduction is done only on devices set aside and labelled with their highest
level (Estonia, Regulation 262 §§ 80(4), 81; IGI 1300 Art. 48). A medium keeps the
highest level it ever held until it is destroyed, whatever was erased (IGI 1300
Art. 44(4); Estonia § 47¹).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.model.label import LevelRef, Scheme
from cordiale.rules.national import Rules, dominates


@dataclass(frozen=True, slots=True)
class Device:
    """A device set aside for reproduction, and the highest level it is labelled with."""

    id: str
    level: LevelRef
    is_in_use: bool = True


def list_device_reasons(device: Device | None, level: LevelRef | None, rules: Rules) -> tuple[Reason, ...]:
    """Return why what is handled at `level` here is not made on `device`; empty when nothing stands against it."""
    if device is None:
        return (refusal(
            "device.missing", "what leaves this node is made on a device set aside for its level, and none is named"
        ),)
    reasons = []
    if not device.is_in_use:
        reasons.append(refusal("device.withdrawn", "the device {device} is no longer in use", device=device.id))
    reaches = dominates(rules, device.level, level) if level is not None else None
    if reaches is None:
        reasons.append(undecidable(
            "device.unranked", "the level of the device {device} cannot be held against that of the item",
            device=device.id,
        ))
    elif not reaches:
        reasons.append(refusal(
            "device.below", "the device {device} is set aside for {level} at most", device=device.id,
            level=str(device.level),
        ))
    return tuple(reasons)


def highest(levels: Iterable[LevelRef], schemes: Iterable[Scheme]) -> tuple[LevelRef, ...]:
    """Return the highest of `levels` in each scheme they are of, and every one that has no rank to hold it against.

    Levels of different schemes are never compared, so that several may stand side by side.
    """
    known = {scheme.id: scheme for scheme in schemes if scheme.ordered}
    ranked: dict[str, LevelRef] = {}
    unranked: set[LevelRef] = set()
    for level in levels:
        scheme = known.get(level.scheme)
        if scheme is None or level.name not in scheme.levels:
            unranked.add(level)
        elif level.scheme not in ranked or scheme.rank_of(level.name) > scheme.rank_of(ranked[level.scheme].name):
            ranked[level.scheme] = level
    return tuple(sorted({*ranked.values(), *unranked}, key=str))
