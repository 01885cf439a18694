"""What an operator is shown of the anchor of the books, and confirming books whose end is in doubt."""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_instant
from cordiale.errors import CordialeError, Undecidable
from cordiale.records.anchor import Anchored
from cordiale.records.registry import Registry


def show_anchor(registry: Registry) -> dict[str, Any]:
    """Return where the books end, where their anchor says they had come to, and what is in doubt about it.

    Raises `Unavailable` when the anchor cannot be read.
    """
    anchored, doubt = look_at_anchor(registry)
    shown: dict[str, Any] = {"commit": registry.ledger.position.number}
    if doubt is not None:
        shown["doubt"] = {
            "code": doubt.code, "fields": dict(doubt.fields), "hint": doubt.hint, "text": doubt.text,
        }
    if anchored is not None:
        shown |= {"anchored": anchored.position.number, "anchored_at": encode_instant(anchored.at)}
    return shown


def look_at_anchor(registry: Registry) -> tuple[Anchored | None, CordialeError | None]:
    """Return what the anchor says, where it says anything, and why the end of the books is in doubt, where it is.

    Raises `Unavailable` when the anchor cannot be read.
    """
    anchor = registry.ledger.anchor.as_it_is()
    doubt = anchor.doubt(registry.reads()) or registry.ledger.anchor_trouble
    try:
        return anchor.get(), doubt
    except Undecidable:
        return None, doubt


def confirm_anchor(registry: Registry, number: int) -> dict[str, Any]:
    """Take the books as they end, at commit `number`; raises as `Ledger.confirm_anchor`."""
    answer = registry.ledger.confirm_anchor(number)
    return {"commit": number, "trail": answer.trail}
