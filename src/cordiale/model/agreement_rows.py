"""Rows of an agreement and of national law that are no rule on an act: channels, and how things are destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cordiale.model.label import LevelRef


class Covered(StrEnum):
    """Whether an agreement covers what comes through a channel."""

    YES = "yes"
    NOT = "no"
    UNLESS_OTHER = "unless-other-agreement"


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What the agreement says of one channel, such as ``intelligence`` or ``police``; of others it says nothing."""

    channel: str
    covered: Covered
    article: str


@dataclass(frozen=True, slots=True)
class DestructionMethods:
    """Methods that national law approves, in its words, for what is of `forms` and handled at `levels` of our scheme.

    Empty `forms` or `levels` mean every one. A form is that of an item: ``paper``, ``medium``, ``file`` and so on.
    """

    methods: tuple[str, ...]
    article: str
    forms: frozenset[str] = frozenset()
    levels: frozenset[LevelRef] = frozenset()
