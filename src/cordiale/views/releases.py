"""Releases as they stand: proposals and approvals side by side, and what has changed since each was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX
from cordiale.model.consent import ApprovalPart
from cordiale.model.person import Person
from cordiale.ports import StoredRecord
from cordiale.records.absences import ABSENCE
from cordiale.records.agreements import AGREEMENT, NATIONAL, load_index
from cordiale.records.consents import CONSENT, categories_of, consents_on
from cordiale.records.holdings import HELD_STATES
from cordiale.records.items import APPROVAL, COPY, ITEM
from cordiale.records.lapsed import LAPSED
from cordiale.records.lineage import root_of
from cordiale.records.naming import named
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry, Request, require_person
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item, with_items
from cordiale.rules.layers import national_of
from cordiale.rules.offices import OFFICES_FOR, OfficialAct, list_holding_reasons
from cordiale.views.authority import require_office, require_visible, viewer
from cordiale.views.items import reasons_json
from cordiale.views.search import item_line
from cordiale.words.spoken import marked

PROPOSERS: Final = OFFICES_FOR[OfficialAct.PROPOSE_RELEASE]
AUTHORITIES: Final = OFFICES_FOR[OfficialAct.AUTHORISE_RELEASE]
_VIEWERS: Final = PROPOSERS | AUTHORITIES | KEEPERS
_ACTS: Final = {"propose": OfficialAct.PROPOSE_RELEASE, "authorise": OfficialAct.AUTHORISE_RELEASE}
_SAID: Final = (
    "agreement", "declined_at", "given_at", "item", "lapsed_at", "lapsed_for", "part", "purpose", "reason", "recipient",
    "state",
)

Row = dict[str, Any]


class ReleaseState(StrEnum):
    """What has become of a proposal that is shown in the list of releases."""

    WAITING = "waiting"
    DECLINED = "declined"


def show_release(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the proposals and approvals of an item's release, to `recipient` where one is named, the newest first.

    Each row says by whom, when and on which terms, whether it `counts` for what is there now, `against` why its giver
    could not give it any more, and `changes` what has changed since: each with `what`, `before` and `now`.
    """
    fields = request.act.fields()
    item_id, recipient = fields.text("item"), fields.optional_text("recipient") or ""
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "releases")
    item = require_visible(books, person, item_id)
    _look_ahead(books, [item])
    found = [one for one in books.find(APPROVAL, "item", item.id) if recipient in ("", one["recipient"])]
    rows = _rows(registry, books, [(one, item) for one in found])
    rows.sort(key=lambda row: str(row["given_at"]), reverse=True)
    return {
        "approvals": [row for row in rows if row["part"] == ApprovalPart.AUTHORISE.value], "item": item.id,
        "proposals": [row for row in rows if row["part"] == ApprovalPart.PROPOSE.value],
        "reference": item["reference"], "title": item["title"],
    }


def list_releases(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the proposals that wait for an authority and those that were declined, as far as this person may see them.

    A proposal that was given over what is not there any more is among them, and does not count. Of each `state` there
    are so many at a time: `next` says of each what to give with it as `after` for those that follow.
    """
    fields = request.act.fields()
    states = (fields.choice("state", ReleaseState),) if fields.has("state") else tuple(ReleaseState)
    after = fields.optional_text("after") or ""
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "releases")
    shown: dict[str, Any] = {"declined": [], "next": {}, "waiting": []}
    for state in states:
        found = list(islice(_in_state(books, person, (state.value, after)), DESK_ROWS_SHOWN_COUNT_MAX + 1))
        page = found[:DESK_ROWS_SHOWN_COUNT_MAX]
        _look_ahead(books, [item for _, item in page])
        shown[state.value] = [
            {"about": item["reference"], "is_mine": record["person"] == person.id, **row}
            for (record, item), row in zip(page, _rows(registry, books, page), strict=True)
        ]
        shown["next"][state.value] = page[-1][0].id if len(found) > len(page) else ""
    return shown


def _in_state(books: Books, person: Person, of: tuple[str, str]) -> Iterator[tuple[Record, Record]]:
    for record in with_items(books, person, books.each(APPROVAL, "state", of[0], after=of[1])):
        item = books.get(ITEM, record["item"])
        if item is not None and may_see_item(books, person, item):
            yield record, item


def _look_ahead(books: Books, items: Sequence[Record]) -> None:
    """Read at once what the approvals of `items` are held against."""
    about = [(kind, "item", id) for one in items for id in (one.id, root_of(one)) for kind in (APPROVAL, CONSENT)]
    categories = {category for one in items for category in categories_of(one)}
    books.reads.find_ahead([
        *about, *((CONSENT, "category", one) for one in sorted(categories)), (AGREEMENT, "", ""), (NATIONAL, "", ""),
        (ABSENCE, "", ""), *((COPY, "item/state", f"{one.id} {state}") for one in items for state in HELD_STATES),
        *((COPY, "item", one.id) for one in items),
    ])


def _rows(registry: Registry, books: Books, found: Sequence[tuple[Record, Record]]) -> list[Row]:
    versions: dict[str, list[StoredRecord]] = {}
    for stored in books.reads.versions_of([(ITEM, id) for id in dict.fromkeys(item.id for _, item in found)]):
        versions.setdefault(stored.id, []).append(stored)
    people = [record.body.get(name) for record, _ in found for name in ("person", "declined_by")]
    books.reads.look_ahead([("person", one) for one in people if isinstance(one, str)])
    return [_row(registry, books, (item, versions[item.id]), record) for record, item in found]


def _row(registry: Registry, books: Books, about: tuple[Record, Sequence[StoredRecord]], record: Record) -> Row:
    item, versions = about
    binding = binding_of(
        item, recipient=record["recipient"], purpose=record["purpose"], agreement=record["agreement"],
        version=version_of(books, record["agreement"]), mode=registry.mode,
    )
    against = _against(registry, books, record)
    row: Row = {name: record[name] for name in _SAID if name in record.body}
    row |= {
        "against": reasons_json(against), "binding": record["bound_digest"], "by": named(books, record["person"]),
        "changes": list(_changes(books, item, versions, record)),
        "counts": binding == record["bound_digest"] and not against and "withdrawn_at" not in record.body
        and record["state"] not in ("declined", LAPSED),
    }
    if "declined_by" in record.body:
        row["declined_by"] = named(books, record["declined_by"])
    if "withdrawn_at" in record.body:
        row["state"] = "withdrawn"
    return row


def _against(registry: Registry, books: Books, record: Record) -> Any:
    """Return why who gave this could not give it now: an absence does not undo it, a lost office does."""
    if books.get("person", record["person"]) is None:
        return ()
    national = national_of(load_index(books.reads, record["agreement"], registry.party).state.nationals, registry.party)
    return list_holding_reasons(
        require_person(books, record["person"]), _ACTS[record["part"]], (), books.at,
        article=national.release_article if national is not None else "",
    )


def _changes(books: Books, item: Record, versions: Sequence[StoredRecord], record: Record) -> Iterator[Row]:
    """Yield what has changed since `record` was given: the label, the item's particulars, the agreement, consents."""
    then = next((
        open_record(one) for one in versions
        if one.version == record["item_version"] and one.body
    ), None)
    if then is not None:
        before, now = _told(then), _told(item)
        for what in before:
            if before[what] != now[what]:
                yield {"before": before[what], "now": now[what], "what": what}
    version = version_of(books, record["agreement"])
    if version != record["version"]:
        yield {"before": str(record["version"]), "now": str(version), "what": marked("Version of the agreement")}
    for consent in consents_on(books, item):
        given, withdrawn = shown_at(consent.given_at), consent.withdrawn_at
        if given > record["given_at"]:
            yield {"before": "", "now": f"{consent.given_by}: {consent.purpose}", "what": marked("Consent given")}
        if withdrawn is not None and shown_at(withdrawn) > record["given_at"]:
            yield {"before": f"{consent.given_by}: {consent.purpose}", "now": "", "what": marked("Consent withdrawn")}


def _told(item: Record) -> dict[str, str]:
    """Return what a release is judged by, as people read it."""
    label = item["label"]
    trigger: Mapping[str, str] = label.get("trigger", {})
    return {
        marked("Level"): item_line(item)["level"],
        marked("May be released to"): ", ".join(label["release_to"]),
        marked("Caveats"): ", ".join(f"{one['tag']}={one['value']}" for one in label.get("caveats", ())),
        marked("Parts with a level of their own"): "; ".join(map(_part, label.get("portions", ()))),
        marked("When it is declassified"): " ".join(str(one) for one in trigger.values()),
        marked("Title"): item["title"],
        marked("Only these people may read it here"): ", ".join(item.body.get("readers", ())),
    }


def _part(portion: Mapping[str, Any]) -> str:
    return ", ".join([portion["reference"], *filter(None, [portion.get("level")]), *portion.get("release_to", ())])
