"""Tables that are written as lines: one row a line, its parts between upright strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordiale.errors import Malformed


def rows_of(lines: Sequence[str], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows that `lines` say, their parts by `names` in this order; an empty part is left away.

    Raises `Malformed` for a line without its first part or with more parts than there are names.
    """
    rows = []
    for number, line in enumerate(lines, start=1):
        parts = [one.strip() for one in line.split("|")]
        if not parts[0] or len(parts) > len(names):
            raise Malformed(
                "desk.lines", "line {number} has other parts than are asked for",
                hint="part them with | in the order given", number=number,
            )
        rows.append({name: part for name, part in zip(names, parts, strict=False) if part})
    return rows


def lines_of(rows: Sequence[dict[str, Any]], names: tuple[str, ...]) -> str:
    """Return rows as the lines that say them."""
    return "\n".join(" | ".join(str(row.get(name, "")) for name in names) for row in rows)
