"""Which act a request asks for, and the step that does it: one visible table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from cordiale.errors import Malformed
from cordiale.records import people
from cordiale.records.answer import Answer
from cordiale.records.registry import Registry, Request

Step: TypeAlias = Callable[[Registry, Request], Answer]

ACTS: Final[Mapping[str, Step]] = {
    "people.import": people.import_people,
    "people.enrol-key": people.enrol_key,
    "people.withdraw-clearance": people.withdraw_clearance,
}


def step_for(kind: str) -> Step:
    """Return the step that does acts of `kind`; raises `Malformed` when there is none."""
    step = ACTS.get(kind)
    if step is None:
        raise Malformed(
            "act.unknown", "this node does not know the act `{kind}`",
            hint="use a command line of the same version as the node", kind=kind[:60],
        )
    return step
