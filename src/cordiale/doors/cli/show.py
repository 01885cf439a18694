"""Showing what was looked up as plain text: lines of name and value, and tables that keep their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

import click

from cordiale.words import say

_GAP = "  "


def width_of(text: str) -> int:
    """Return how many columns `text` takes on a terminal."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def word(value: Any) -> str:
    """Return a single value as people read it."""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, list | tuple):
        return ", ".join(word(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={word(one)}" for name, one in value.items())
    return "" if value is None else str(value)


def lines(pairs: Iterable[tuple[str, Any]], *, indent: int = 0) -> None:
    """Write names and values below each other; what has no value is left out."""
    shown = [(name, word(value)) for name, value in pairs if value not in (None, "", [], {})]
    widest = max((width_of(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(" " * indent + _pad(name, widest) + _GAP + value)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str]], *, empty: str) -> None:
    """Write `rows` as a table of `columns`, each the name of a member and its heading; `empty` when there is none."""
    if not rows:
        click.echo(empty)
        return
    cells = [[word(row.get(name)) for name, _ in columns] for row in rows]
    kept = [number for number in range(len(columns)) if any(row[number] for row in cells)]
    heads = [columns[number][1] for number in kept]
    widths = [
        max(width_of(head), *(width_of(row[number]) for row in cells)) for number, head in zip(kept, heads, strict=True)
    ]
    click.echo(_GAP.join(_pad(head, width) for head, width in zip(heads, widths, strict=True)).rstrip())
    for row in cells:
        line = (_pad(row[number], width) for number, width in zip(kept, widths, strict=True))
        click.echo(_GAP.join(line).rstrip())


def any_value(value: Any, *, indent: int = 0) -> None:
    """Write a value whose form the command line does not know beforehand: members as lines, lists as tables."""
    if not isinstance(value, Mapping):
        click.echo(" " * indent + word(value))
        return
    plain = [(name, one) for name, one in value.items() if not _is_deep(one)]
    lines(plain, indent=indent)
    for name, one in value.items():
        if _is_deep(one):
            click.echo(" " * indent + f"{name}:")
            _deep(one, indent)


def _is_deep(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _deep(value: Any, indent: int) -> None:
    if isinstance(value, Mapping):
        any_value(value, indent=indent + 2)
        return
    for one in value:
        if isinstance(one, Mapping):
            click.echo(" " * (indent + 2) + "- " + ", ".join(f"{n}: {word(v)}" for n, v in one.items() if word(v)))
        else:
            click.echo(" " * (indent + 2) + "- " + word(one))


def banner(marked: Sequence[str]) -> None:
    """Write the lines of a marking, set apart from everything around them."""
    for line in marked:
        click.echo(f"    {line}")
