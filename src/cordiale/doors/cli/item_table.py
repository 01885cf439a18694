"""A list of items as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cordiale.doors.cli import show
from cordiale.words import say


def write_items(items: Sequence[Mapping[str, Any]], *, empty: str) -> None:
    """Write `items` as a table; `empty` when there is none."""
    show.table(items, [
        ("reference", say("number")), ("their_reference", say("their number")), ("level", say("level")),
        ("equivalent", say("equivalent")), ("state", say("state")), ("form", say("form")), ("title", say("title")),
        ("item", say("item")),
    ], empty=empty)
