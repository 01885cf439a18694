"""What every type of body has in common: how it is written, and what it may be used for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

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


class Matter(NamedTuple):
    """A matter between two parties: its kind, and the member of the body that says which; one matter where none does.

    What one party writes to another about one matter takes effect there in the order in which it was written,
    whichever way each message went and whatever overtook what.
    """

    kind: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class BodyType:
    """One row of the table of types.

    `members` is the complete list of what may stand in a body, as paths such as ``items[].item``; nothing
    crosses to a partner that is not listed there. `needs_agreement` says whether the message must name one.
    `matter` is what bodies of the type are about, None where each stands by itself.
    """

    name: str
    cls: type[Body]
    parse: Callable[[Fields], Body]
    scope: Scope
    members: tuple[str, ...]
    precedence: Precedence = Precedence.BULK
    reply: Reply = Reply.NEVER
    needs_agreement: bool = True
    matter: Matter | None = None

    def matter_of(self, body: Body) -> str:
        """Return the name of the matter that `body`, of this type, is about; empty for none."""
        if self.matter is None:
            return ""
        kind, member = self.matter
        about = getattr(body, member) if member else kind
        return f"{kind}/{about}" if about else ""
