"""The story of an item: what was done with it, in order, with the entries that prove it, and what it is told from.

What a page needs is gathered at once and has a bound, however many copies an item has and however often it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from cordiale.limits import STORY_ABOUT_COUNT_MAX, STORY_ROWS_COUNT_MAX
from cordiale.model.person import Person
from cordiale.ports import NO_TIME, Named, StoredAct, StoredRecord
from cordiale.records.absences import ABSENCE
from cordiale.records.agreements import AGREEMENT, NATIONAL
from cordiale.records.consents import CONSENT, categories_of
from cordiale.records.duties import DUTY
from cordiale.records.holdings import CUSTODY, HELD_STATES, PLACE
from cordiale.records.items import APPROVAL, COPY, DESTRUCTION, ENTRY, ITEM
from cordiale.records.lineage import root_of
from cordiale.records.naming import name_of
from cordiale.records.purposes import PURPOSE_END, purpose_end_id
from cordiale.records.record import Record, open_record
from cordiale.records.session import Books
from cordiale.words.spoken import marked

_NAMES: Final = ("person", "holder", "granted_by", "by", "actor")
_NEED: Final = "need"
_ABOUT_ITEM: Final = (APPROVAL, CONSENT, CUSTODY, DESTRUCTION, _NEED)
_BESIDE: Final = ("freeze", "pass-on", "reproduction", "level-change", COPY)
"""What an item's page looks up about it, beside what its story is told from."""
GRANT: Final = "grant"
_PROVED_BY: Final = {ENTRY: "item/at", "refusal": "subject/at", GRANT: "item/at"}
CUSTODY_SAID: Final = {
    "charged-out": marked("charged out"), "confirmed": marked("confirmed by the holder"),
    "back": marked("handed back"), "offered": marked("handed over to"), "handed-over": marked("handed over by"),
    "declined": marked("hand-over declined"),
}

Acts = Mapping[tuple[str, int], StoredAct]


@dataclass(frozen=True, slots=True)
class Part:
    """How much of an item is told: `count` copies after the copy `after`, and as much of its story; None for all."""

    after: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an item: some of its copies, where the `following` ones begin, and the last of its story.

    `entries`, `refusals` and `readings` are in their order; `about` are the records of each kind about the item, and
    `versions` all versions of those, and of the places of the copies.
    """

    copies: Sequence[Record]
    following: str
    entries: Sequence[Record]
    refusals: Sequence[Record]
    readings: Sequence[Record]
    about: Mapping[str, Sequence[Record]]
    versions: Mapping[tuple[str, str], Sequence[StoredRecord]]


def look_ahead_to_item(books: Books, item: Record) -> None:
    """Read at once the lists that an item's page asks about it."""
    books.reads.find_ahead([
        *((kind, "item", item.id) for kind in (*_ABOUT_ITEM, *_BESIDE)), (DUTY, "subject", item.id),
        ("consignment", "number", item.id), (ITEM, "root", root_of(item)), (ABSENCE, "", ""), (NATIONAL, "", ""),
        *((COPY, "item/state", f"{item.id} {state}") for state in HELD_STATES),
        *((CONSENT, "category", category) for category in sorted(categories_of(item))),
    ])


def names_beside(item: Record, person: Person) -> list[Named]:
    """Return the records that say what `person` may do with the item."""
    agreement = str(item.body.get("agreement", ""))
    ends = [(PURPOSE_END, purpose_end_id(agreement, purpose)) for purpose in item.body.get("purposes", ())]
    return [
        *((kind, f"{item.id}/{person.id}") for kind in (_NEED, CUSTODY)), *ends,
        *([(AGREEMENT, agreement)] if agreement else []),
    ]


def gather(books: Books, item: Record, part: Part, *, beside: Iterable[Named] = ()) -> Told:
    """Read at once what is told of the item: who did what with it, its copies, where they are; and what is `beside`."""
    copies, following = copies_of(books, item.id, part)
    most = STORY_ROWS_COUNT_MAX if part.count is None else part.count + 1
    about = {
        kind: books.find(kind, "item", item.id, limit=STORY_ABOUT_COUNT_MAX if part.count else STORY_ROWS_COUNT_MAX)
        for kind in _ABOUT_ITEM
    }
    entries, refusals, readings = [
        list(map(open_record, found)) for found in books.reads.latest(
            [(kind, field, f"{item.id} ") for kind, field in _PROVED_BY.items()], limit=most
        )
    ]
    every = [*copies, *entries, *refusals, *readings, *(one for found in about.values() for one in found)]
    books.reads.look_ahead([
        *beside, *_beside(copies),
        *(("person", one[name]) for one in every for name in _NAMES if isinstance(one.body.get(name), str)),
        *(("person", name) for one in every for name in one.body.get("persons", ())),
    ])
    books.reads.find_ahead([("certificate", "copy", one.id) for one in copies])
    named = [(kind, one.id) for kind in _ABOUT_ITEM if kind != _NEED for one in about[kind]]
    versions: dict[tuple[str, str], list[StoredRecord]] = {}
    for stored in books.reads.versions_of([*named, *((PLACE, one.id) for one in copies)]):
        versions.setdefault((stored.kind, stored.id), []).append(stored)
    return Told(copies, following, entries, refusals, readings, about, versions)


def _beside(copies: Iterable[Record]) -> list[Named]:
    """Return what is looked up of each copy: its place, what it was made from, how it came or went."""
    names = [(PLACE, one.id) for one in copies]
    names += [(COPY, one["parent"]) for one in copies if "parent" in one.body]
    return names + [("consignment", one["consignment"]) for one in copies if "consignment" in one.body]


def copies_of(books: Books, item: str, part: Part) -> tuple[list[Record], str]:
    """Return the copies of an item that are asked for, and where to go on, empty at the end."""
    if part.count is None:
        return list(books.each(COPY, "item", item)), ""
    found = [
        open_record(one) for one in books.reads.find(COPY, "item", item, after=part.after, limit=part.count + 1)
    ]
    copies = list(islice(found, part.count))
    return copies, copies[-1].id if len(found) > part.count else ""


def last(rows: Sequence[Any], count: int | None) -> list[Any]:
    """Return the last `count` of `rows`, all of them where no count is given."""
    return list(rows if count is None else rows[max(len(rows) - count, 0) :])


def said(text: str, **fields: str) -> dict[str, Any]:
    """Return what was done as a line, and apart what is said in any language with the codes that fill it."""
    return {"act": text.format_map(fields), "said": {"fields": fields, "text": text}}


def item_story(books: Books, told: Told) -> list[dict[str, Any]]:
    """Return every register entry about the item that was gathered, with its entry in the audit trail."""
    copies = {copy.id: str(copy["copy_number"]) for copy in told.copies}
    rows = [
        {"act": entry["act"], "at": entry["at"], "number": entry["number"], "trail": f"{entry.log} {entry.index}",
         "copy": copies.get(entry["copy"], str(entry.body.get("copy_number", ""))) if "copy" in entry.body else ""}
        for entry in told.entries
    ]
    for refusal in told.refusals:
        rows.append({
            **said(marked("refused: {act}"), act=refusal["act"]), "at": refusal["at"], "copy": "",
            "number": name_of(books, refusal["actor"]),
            "trail": f"{refusal.log} {refusal.index}",
        })
    for custody in told.about[CUSTODY]:
        for version in told.versions[CUSTODY, custody.id]:
            moved = open_record(version)
            rows.append({
                **said(CUSTODY_SAID[moved["state"]]), "at": moved.body.get("moved_at", moved["charged_at"]),
                "copy": "",
                "number": name_of(books, moved["holder"]), "trail": f"{moved.log} {moved.index}",
            })
    for copy in copies:
        rows += [_placed(books, open_record(version)) for version in told.versions.get((PLACE, copy), ())]
    return rows + _decisions(books, told)


def _placed(books: Books, placed: Record) -> dict[str, Any]:
    where = ", ".join(part for part in (placed["unit"], placed["place"]) if part)
    return {
        **said(marked("put in {place}"), place=where), "at": placed["at"], "copy": "",
        "number": name_of(books, placed["by"]),
        "trail": f"{placed.log} {placed.index}",
    }


def place_of(row: Mapping[str, Any]) -> tuple[str, int]:
    """Return where a row of a story stands in the audit trail: its log and the index of its entry."""
    log, _, index = str(row["trail"]).rpartition(" ")
    return log, int(index)


def in_order(books: Books, rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], Acts]:
    """Return the rows of a story by the times of their acts, finer than the second that is shown; and these."""
    acts = books.reads.acts_at([place_of(row) for row in rows])

    def told_in(row: dict[str, Any]) -> tuple[datetime, tuple[str, int]]:
        act = acts.get(place_of(row))
        return act.at if act is not None else NO_TIME, place_of(row)

    return sorted(rows, key=told_in), acts


def _decisions(books: Books, told: Told) -> list[dict[str, Any]]:
    """Return who proposed, authorised and consented to what with the item, and what was passed on."""
    rows = []
    for approval in told.about[APPROVAL]:
        is_first = approval["part"] == "propose"
        text = marked("release proposed, to {party}") if is_first else marked("release authorised, to {party}")
        rows.append(_decision(told, approval, said(text, party=approval["recipient"]), "given_at",
                              name_of(books, approval["person"])))
        rows += [
            {**said(marked("release declined, to {party}"), party=one["recipient"]), "at": one["declined_at"],
             "copy": "", "number": name_of(books, one["declined_by"]), "trail": f"{one.log} {one.index}"}
            for one in map(open_record, filter(_has_body, told.versions[APPROVAL, approval.id]))
            if one["state"] == "declined"
        ]
    for proposal in told.about[DESTRUCTION]:
        what = said(marked("destruction proposed, {state}"), state=proposal["state"])
        rows.append(_decision(told, proposal, what, "proposed_at",
                              ", ".join(name_of(books, person) for person in proposal["persons"])))
    for consent in told.about[CONSENT]:
        terms = {"act": consent["act"], "outcome": consent["outcome"], "party": consent.body.get("recipient", "")}
        text = marked("consent {outcome}: {act} to {party}") if terms["party"] else marked("consent {outcome}: {act}")
        rows.append(_decision(told, consent, said(text, **terms), "given_at", consent["given_by"]))
    return rows


def _has_body(stored: StoredRecord) -> bool:
    return bool(stored.body)


def _decision(told: Told, record: Record, what: Mapping[str, Any], when: str, who: str) -> dict[str, Any]:
    # The first version is the act itself; later ones only note what became of it.
    first = open_record(told.versions[record.kind, record.id][0])
    return {**what, "at": record[when], "copy": "", "number": who, "trail": f"{first.log} {first.index}"}
