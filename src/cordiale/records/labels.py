"""The label of an item in the books: as its originator gave it, and as it is in effect after what was changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cordiale.model.label import Label, LevelRef
from cordiale.model.level import LevelChangeKind
from cordiale.records.record import Record, read_once
from cordiale.wire.label_json import label_from_json
from cordiale.wire.person_json import parse_level_ref

_label_in: Final = read_once(lambda body: label_from_json(body["label"]))


def original_label_of(item: Record) -> Label:
    """Return the label that the originator gave the item; it is never written again."""
    return _label_in(item)


def label_of(item: Record) -> Label:
    """Return the originator's label of an item as it is in effect: at the level of the last change, where there is one.

    After a change no part stands at a level of its own. What was declassified is shown with the level it had. Higher
    handling that was asked for since stands on it, too.
    """
    label = original_label_of(item)
    changed = [mark for mark in item.body.get("marks", ()) if "after" in mark]
    if not changed:
        return label
    if "handle_as" in changed[-1]:
        label = replace(label, handle_as=parse_level_ref(changed[-1]["handle_as"]))
    if all(mark["kind"] == LevelChangeKind.HANDLING_RAISED for mark in changed):
        return label
    parts = tuple(replace(part, level="") for part in label.portions)
    return replace(label, level=parse_level_ref(changed[-1]["after"]), portions=parts)


def raised_handling_of(item: Record) -> LevelRef | None:
    """Return the handling that was asked for since `item` was labelled and goes on, None where there is none."""
    changed = [mark for mark in item.body.get("marks", ()) if "after" in mark]
    return parse_level_ref(changed[-1]["handle_as"]) if changed and "handle_as" in changed[-1] else None
