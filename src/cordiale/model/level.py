"""How a level changes after the label was set: what happens to it, and what became of that at a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cordiale.model.label import LevelRef, Marking


class LevelChangeKind(StrEnum):
    """What happens to the level; ``handling-raised`` leaves it, and asks for stricter handling than it implies."""

    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    DECLASSIFIED = "declassified"
    HANDLING_RAISED = "handling-raised"


class LevelOutcome(StrEnum):
    """How far a party has come with a change of level.

    ``working``: some copies still bear the old mark. ``frozen``: the party has no level that answers to the new one,
    and nobody has access. ``superseded``: a later change was there before it.
    """

    WORKING = "working"
    DONE = "done"
    FROZEN = "frozen"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A change that has taken effect on an item: a marking beside the originator's, whose old mark is struck.

    `after` is None once it is declassified; `marking` is the party's own equivalent of `after`, None for own items,
    after declassification, and where there is none. `authority` is the post that decided, `change` its name.
    `handle_as` is the handling asked for beside the level since then, None where only the label asks for any.
    """

    change: str
    kind: LevelChangeKind
    before: LevelRef
    after: LevelRef | None
    article: str
    authority: str
    effective_at: datetime
    marking: Marking | None = None
    handle_as: LevelRef | None = None
