"""What the story of an item is told from, read at once."""

from __future__ import annotations

from typing import Final

from cordiale.model.person import Person
from cordiale.records.absences import ABSENCE
from cordiale.records.agreements import NATIONAL
from cordiale.records.duties import DUTY
from cordiale.records.holdings import CUSTODY, PLACE
from cordiale.records.items import APPROVAL, COPY
from cordiale.records.lineage import root_of
from cordiale.records.record import Record
from cordiale.records.session import Books

_NAMES: Final = ("person", "holder", "granted_by", "by", "actor")
_ABOUT_ITEM: Final = (
    APPROVAL, "consent", COPY, CUSTODY, "destruction", "entry", "freeze", "grant", "need", "pass-on", "reproduction",
    "level-change",
)


def look_ahead_to_story(books: Books, item: Record, person: Person) -> None:
    """Read at once what is told of the item: who did what with it, its copies, where they are, what is due."""
    books.reads.find_ahead([
        *((kind, "item", item.id) for kind in _ABOUT_ITEM), *((kind, "subject", item.id) for kind in (DUTY, "refusal")),
        ("consignment", "number", item.id), (COPY, "root", root_of(item)), (ABSENCE, "", ""), (NATIONAL, "", ""),
    ])
    about = [one for kind in _ABOUT_ITEM for one in books.find(kind, "item", item.id)]
    about += books.find("refusal", "subject", item.id)
    copies = [one for one in about if one.kind == COPY]
    books.reads.look_ahead([
        *((PLACE, one.id) for one in copies), *(("consignment", one.body.get("consignment", "")) for one in copies),
        (CUSTODY, f"{item.id}/{person.id}"),
        *(("person", one[name]) for one in about for name in _NAMES if isinstance(one.body.get(name), str)),
        *(("person", name) for one in about for name in one.body.get("persons", ())),
    ])
    books.reads.find_ahead([("certificate", "copy", one.id) for one in copies])
