"""Who may read a draft: who works on it, and may read its level as an item of ours at that level is read.

Need-to-know is what a head grants for an item; of a draft it is its author who says who works on it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from cordiale.model.decision import Decision, Reason, refusal
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.rules.access import decide_access
from cordiale.rules.holding import ACT, AccessView
from cordiale.rules.level import is_above

DRAFTING: Final = "draft"
"""What a draft is read for: there is no other purpose."""

OTHER_AUTHOR: Final = refusal("draft.other-author", "the draft is another person's")
LABEL_NOT_JOINED: Final = refusal(
    "draft.label-not-joined", "too few have joined this very label; it is laid before them, and they join it as it is"
)


def decide_draft(person: Person, draft: AccessView, *, workers: frozenset[PersonId], now: datetime) -> Decision:
    """Decide whether `person` may read `draft` at `now` (an aware datetime), as one of its `workers`.

    Never raises; what could not be told is an undecidable reason and counts as no. Whoever does not work on it learns
    no more than that, not even its level.
    """
    if person.id not in workers:
        return Decision(ACT, (OTHER_AUTHOR,))
    decision = decide_access(person, draft, needs=(), now=now, purpose=DRAFTING)
    reasons = tuple(one for one in decision.reasons if one.code != "access.no-need-to-know")
    return replace(decision, reasons=reasons)


def list_mark_reasons(mark: LevelRef, level: LevelRef, scheme: Scheme) -> tuple[Reason, ...]:
    """Return why a draft marked `mark` becomes no item at `level`, which is of `scheme`; empty where it may.

    The whole is never below what it is taken from (`cordiale.rules.highwater`), and nobody lowers a level alone: that
    takes whoever proposes it and whoever confirms it (`cordiale.rules.level`).
    """
    if level == mark or (level.scheme == mark.scheme and is_above(scheme, level, mark)):
        return ()
    return (refusal(
        "draft.mark", "the draft is marked {level}, and the item would not stand as high", level=str(mark)
    ),)
