"""A classified contract: who works under it, and the level of each of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cordiale.model.label import LevelRef


class Assurance(StrEnum):
    """What an authority answers about the clearance of a facility."""

    HELD = "held"
    NOT_HELD = "not-held"
    IN_PROCESS = "in-process"


@dataclass(frozen=True, slots=True)
class ContractPart:
    """One line of the list of classified parts: what it is called, and the level of what is made under it."""

    reference: str
    level: LevelRef
