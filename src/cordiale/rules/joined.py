"""Acts that several persons do together: one does it, the others have joined exactly this before.

Where the layers ask for several persons, a reason says how many (`needed`). It falls away when so many distinct
persons stand behind the act; every other reason stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cordiale.model.agreement import Act
from cordiale.model.decision import Reason
from cordiale.rules.offices import OfficialAct

_TOGETHER: Final = frozenset({"ruling.persons-together", "emergency.persons-together"})

DISPATCH: Final = "dispatch"
EMERGENCY: Final = "emergency"
CIRCULATE: Final = "circulate"
"""To have a thing in hand; whoever has it is the one who is joined, and not the registrar who charges it out."""

WITHDRAW: Final = "withdraw"
"""To take back a dispatch that several let leave."""

DRAFT: Final = "draft"
"""To read a draft, to replace it or to make an item of it (`DRAFT_USES`); whoever joins works on it, too."""
READ: Final = "read"
REPLACE: Final = "replace"
LABEL: Final = "label"
DRAFT_USES: Final = frozenset({READ, REPLACE, LABEL})

JOINED_AS: Final = {
    Act.READ.value: None, CIRCULATE: None, DRAFT: None, Act.PASS_ON.value: OfficialAct.JOIN_ACT,
    DISPATCH: OfficialAct.JOIN_ACT, WITHDRAW: OfficialAct.JOIN_ACT,
    EMERGENCY: OfficialAct.DISCLOSE_IN_EMERGENCY,
}
"""The acts that can be joined, with the office that it takes; none for what asks of each what every reading asks."""

ANY_NUMBER: Final = 1_000
"""As many as may be asked: for whoever asks what stands against one person, and not how many it takes."""


def without_joined(reasons: Iterable[Reason], persons: int) -> tuple[Reason, ...]:
    """Return `reasons` without those that ask for no more than `persons` distinct persons."""
    return tuple(one for one in reasons if one.code not in _TOGETHER or _needed(one) > persons)


def _needed(reason: Reason) -> int:
    return int(dict(reason.fields)["needed"])
