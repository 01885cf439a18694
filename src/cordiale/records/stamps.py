"""What stands on an item now: its banner, the marks that were struck, and the stamp of a page with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.canonical import parse_instant
from cordiale.model.level import LevelChangeKind
from cordiale.model.mode import Mode
from cordiale.ports.pages import Stamp
from cordiale.records.items import marking_of
from cordiale.records.labels import label_of
from cordiale.records.lineage import number_of
from cordiale.records.record import Record
from cordiale.records.session import Books
from cordiale.rules.marking import Banner, compose_banner, declassified_banner
from cordiale.wire.scheme_table import load_schemes, schemes_for


def banner_of(item: Record, mode: Mode) -> Banner:
    """Return the banner of `item` as it is marked now; what was declassified says so, where a level would stand.

    Raises as `compose_banner`.
    """
    banner = compose_banner(label_of(item), marking_of(item), schemes=schemes_for(mode, load_schemes()), mode=mode)
    if "declassified_at" not in item.body:
        return banner
    return declassified_banner(banner, parse_instant(item["declassified_at"]).date())


def compose_stamp(books: Books, item: Record, copy: Record | None, mode: Mode) -> Stamp:
    """Return the stamp of `item`, with the number of `copy` where it has one.

    The originator's number stands beside ours, every mark that was struck, and every higher handling that was asked
    for, with day, authority and provision, and a translation bears its note. Raises as `compose_banner`.
    """
    banner = banner_of(item, mode)
    struck = [
        f"{_said(one)} {one['effective_at'][:10]}, {one['authority']}, {one['article']}"
        for one in item.body.get("marks", ())
    ]
    numbers = [item["reference"], *([item["their_reference"]] if "their_reference" in item.body else [])]
    if copy is not None and copy["copy_number"]:
        numbers.append(f"copy {number_of(books, copy)}")
    note = [item["note"]] if "note" in item.body else []
    return Stamp(
        top=(*banner.lines, *struck, *note),
        bottom=tuple(line for line in (banner.level, banner.native, banner.exercise) if line),
        foot=" – ".join(numbers),
    )


def _said(mark: Mapping[str, Any]) -> str:
    if mark["kind"] == LevelChangeKind.HANDLING_RAISED:
        return f"HANDLE AS {mark['handle_as']}"
    return f"{mark['before']} STRUCK"
