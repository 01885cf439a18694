"""A folder with what lies in it, and the level that a set of copies asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.limits import FOLDER_PARTS_COUNT_MAX
from cordiale.model.label import Scheme
from cordiale.ports import BEHIND_ALL
from cordiale.records.folders import FOLDER_PART, IN, list_reasons, parts_in, scheme_of, taken_from
from cordiale.records.holdings import holding_of, require_copy
from cordiale.records.items import ITEM, find_item
from cordiale.records.labels import label_of
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.rules.folder import max_level
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import read_part
from cordiale.wire.scheme_table import load_schemes, schemes_for

_LYING: Final = f"{IN} "


def list_folders(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the folders in which something lies, by their identifiers, a part at a time, with how much lies in each.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, KEEPERS, "folders")
    # What lies in it is counted where it is looked up: none of the parts is read.
    span = (f"{_LYING}{part.only}", f"{_LYING}{part.only} ") if part.only else (_LYING, _LYING + BEHIND_ALL)
    found = [(value.removeprefix(_LYING), count) for value, count in books.reads.counted(
        FOLDER_PART, "state/folder", span, after=_LYING + part.after, limit=part.count + 1,
    )]
    counts = dict(found[: part.count])
    return {
        "folders": [
            {"folder": one.id, "level": str(label_of(one).level), "number": one["reference"], "parts": counts[one.id]}
            for one in map(open_record, books.reads.records(ITEM, list(counts)))
        ],
        "next": found[part.count - 1][0] if len(found) > part.count else "",
    }


def show_folder(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what lies in a folder, the level it asks for, and what the label of the folder does not cover."""
    books, person = viewer(registry, request)
    fields = request.act.fields()
    text = fields.text("folder")
    fields.end()
    require_office(person, KEEPERS, "folders")
    folder = find_item(books, text)
    parts = parts_in(books, folder.id)
    label = label_of(folder)
    return {
        "folder": folder.id, "level": str(label.level), "number": folder["reference"],
        "parts": [_shown(books, books.require("copy", one["copy"])) for one in parts],
        "uncovered": [str(reason) for reason in list_reasons(registry, books, folder, label)],
        **_floor(registry, [books.require(ITEM, one["item"]) for one in parts], scheme_of(registry, label)),
    }


def _shown(books: Books, copy: Record) -> dict[str, Any]:
    held = holding_of(books, copy)
    return {"copy": copy.id, "here": held.here, "level": held.level, "number": held.number, "state": copy["state"]}


def show_floor(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what a folder for the copies of these numbers has to bear at the least, in a scheme of ours."""
    books, person = viewer(registry, request)
    fields = request.act.fields()
    numbers, scheme_id = fields.texts("numbers", max_count=FOLDER_PARTS_COUNT_MAX), fields.text("scheme")
    fields.end()
    require_office(person, KEEPERS, "folders")
    scheme = schemes_for(registry.mode, load_schemes()).get(scheme_id)
    if scheme is None or scheme.party != registry.party:
        raise OutOfOrder("folder.other-scheme", "this is no scheme of ours", hint="name one of our own")
    copies = [require_copy(books, text.strip(), registry.party) for text in numbers]
    return _floor(registry, [books.require(ITEM, copy["item"]) for copy in copies], scheme)


def _floor(registry: Registry, items: list[Record], scheme: Scheme | None) -> dict[str, Any]:
    if scheme is None or not items:
        return {"caveats": [], "floor": "", "release_to": [], "unclear": []}
    taken = taken_from(registry, items, scheme)
    floor = max_level(taken, scheme)
    return {
        "caveats": sorted(f"{tag}={value}" for tag, value in taken.caveats), "floor": str(floor) if floor else "",
        "release_to": sorted(taken.release_to), "unclear": [str(reason) for reason in taken.decision.reasons],
    }
