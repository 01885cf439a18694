"""What every type of body has in common: how it is written, and what it may be used for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cordiale.canonical import Fields, Json


class Body(Protocol):
    """The content of a message: a frozen value that knows how it is written."""

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        ...


class Precedence(StrEnum):
    """Orders (return, freeze, change of level) overtake bulk on the way and on arrival."""

    BULK = "bulk"
    ORDER = "order"


class Scope(StrEnum):
    """What a type belongs to: before an agreement is in force only ``accord`` and ``node`` types pass."""

    ACCORD = "accord"
    JOURNEY = "journey"
    NODE = "node"


class Reply(StrEnum):
    """Whether a message of a type answers another one."""

    NEVER = "never"
    MAY = "may"
    MUST = "must"


@dataclass(frozen=True, slots=True)
class BodyType:
    """One row of the table of types.

    `members` is the complete list of what may stand in a body, as paths such as ``items[].item``; nothing
    crosses to a partner that is not listed there. `needs_agreement` says whether the message must name one.
    """

    name: str
    cls: type[Body]
    parse: Callable[[Fields], Body]
    scope: Scope
    members: tuple[str, ...]
    precedence: Precedence = Precedence.BULK
    reply: Reply = Reply.NEVER
    needs_agreement: bool = True
