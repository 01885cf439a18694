"""What a node does by itself on the day on which a planned duty begins, by the kind of duty; most only begin.

It runs inside the act that opens the duty: what it raises leaves the duty planned, and it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from cordiale.records.erasures import begin_erasure
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.reviews import REVIEW, begin_review
from cordiale.records.session import ActSession
from cordiale.records.silence import ask_once_more

Begin: TypeAlias = Callable[[Registry, ActSession, Record], None]

BEGINS: Final[Mapping[str, Begin]] = {
    "consent-silence": ask_once_more, "erase": begin_erasure, REVIEW: begin_review,
}
"""By `what`: called with the duty as it was planned."""
