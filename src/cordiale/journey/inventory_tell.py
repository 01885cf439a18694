"""Tell an originator what an inventory found of its items, where the agreement asks for it; take what a partner tells.

What crosses are copies that the originator knows of, by the names it knows them by, and whether each was seen. No
place, no holder and no reader does, nothing of anybody else, and no item under a caveat that our law keeps out of
such lists. What a partner tells changes nothing here: where it differs from our books, people see to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cordiale.canonical import parse_instant
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.inventory_result import CopyDifference, InventoryResult
from cordiale.model.names import CopyId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as, list_waiting
from cordiale.records.duties import discharge, open_duty
from cordiale.records.endings import ENDED, is_told
from cordiale.records.inventories import (
    DIFFERENCE,
    SIGHTING,
    cut,
    differences_of,
    expected_of,
    pages_of,
    put_pages,
    require_inventory,
    require_prepared,
    sighting_id,
)
from cordiale.records.inventories_told import (
    DIFFERING,
    GONE,
    PRESENT,
    TOLD,
    Telling,
    list_tellings,
    telling_duty,
    told_id,
)
from cordiale.records.items import COPY, ENTRY, ITEM, own_rules
from cordiale.records.labels import label_of
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.records.tell_originator import Thread, can_be_told, tell_originator, told_party
from cordiale.rules.inventory import Explanation, Finding, may_be_listed
from cordiale.rules.offices import OfficialAct

_NOT_LISTED: Final = "not-listed"
_ENDED: Final = "had-ended"
_NEVER: Final = "never-there"
_PRESUPPOSED: Final = frozenset({"certificate", "copy-report", "crisis-report"})
_FOLLOWED_COUNT: Final = 60
"""So many messages one part follows; what every message follows (`post`) has its place beside them."""

Differing: TypeAlias = list[str]
"""A copy, what differs, and how the partner explains it."""


@dataclass(slots=True)
class _Found:
    """What is told, and what our law keeps out of it."""

    present: list[CopyId] = field(default_factory=list)
    left: list[CopyId] = field(default_factory=list)
    differences: list[CopyDifference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def tell_inventory(registry: Registry, request: Request) -> Answer:
    """Tell an originator the signed result of an inventory of its items, where their agreement asks for it."""
    fields = request.act.fields()
    inventory_id, agreement = fields.text("inventory"), fields.text("agreement")
    party = parse_party_id(fields.text("party"))
    fields.end()
    before = answered_before(registry, request)
    if before is not None:
        return before
    may = decide_office_now(registry.books(), request.person, OfficialAct.SIGN_INVENTORY).is_allowed
    prepared = _draw_up(registry, inventory_id, agreement, party) if may else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_INVENTORY))
        found = require_prepared(prepared)
        inventory = require_inventory(session, inventory_id, "signed")
        telling = _require_asked(registry, session, inventory, (agreement, party))
        id = told_id(inventory_id, agreement, party)
        if session.get(TOLD, id) is not None:
            raise OutOfOrder(
                "inventory.told-before", "this result was told to {party} before", hint="nothing was sent",
                party=party,
            )
        messages = _send(registry, session, inventory, telling, found)
        session.put(TOLD, id, {
            "agreement": agreement, "article": telling.article, "differs": len(found.differences), "direction": "out",
            "inventory": inventory_id, "left": len(found.left), "left_out": found.left_out, "messages": messages,
            "party": party, "present": len(found.present), "told_at": shown_at(session.at), "told_by": actor.id,
        }, expect=0)
        discharge(session, telling_duty(inventory_id, agreement, party), messages[-1])
        return {"inventory": inventory_id, "party": party, "present": len(found.present),
                "differs": len(found.differences)}

    return commit_personal(registry, request, run, log=agreement, subject=inventory_id)


def _require_asked(
    registry: Registry, session: ActSession, inventory: Record, whom: tuple[str, PartyId]
) -> Telling:
    signed_on = parse_instant(inventory["signed"][-1]["at"]).date()
    for one in list_tellings(registry, session, inventory, signed_on):
        if (one.agreement, one.party) == whom:
            return one
    raise OutOfOrder(
        "inventory.not-asked", "this agreement does not ask that {party} is told this result: it stays here",
        hint="an originator is told of an inventory of everything that is held of it, where `inventory.report` asks it",
        party=whom[1],
    )


def _draw_up(registry: Registry, inventory_id: str, agreement: str, party: str) -> _Found:
    found = _Found()
    with registry.store.snapshot() as reads:
        books = Books(reads, registry.now())
        require_inventory(books, inventory_id, "signed")
        national = own_rules(registry, books).profile
        unlisted = national.unlisted_caveats if national is not None else ()
        surplus = {
            str(one["copy"]) for one in differences_of(books, inventory_id)
            if one["finding"] == Finding.SURPLUS.value
        }
        for id in sorted({*expected_of(reads, inventory_id), *surplus}):
            copy = books.get(COPY, id)
            if copy is None or copy.body.get("agreement") != agreement or not is_told(copy):
                continue
            item = books.require(ITEM, copy["item"])
            if item["origin_party"] != party:
                continue
            if not may_be_listed(label_of(item).caveats, unlisted):
                found.left_out.append(id)
                continue
            _enter_found(books, inventory_id, CopyId(id), found)
    return found


def _enter_found(books: Books, inventory: str, copy: CopyId, found: _Found) -> None:
    name = sighting_id(inventory, copy)
    difference = books.get(DIFFERENCE, name)
    if difference is not None:
        found.differences.append(CopyDifference(
            copy, Finding(difference["finding"]), Explanation(difference["explanation"])
        ))
    else:
        (found.present if books.get(SIGHTING, name) is not None else found.left).append(copy)


def _send(
    registry: Registry, session: ActSession, inventory: Record, telling: Telling, found: _Found
) -> list[str]:
    """Send the result, in as many messages as it takes; return them.

    It follows what was told before of copies made and ended and is not answered yet: their books know of them then.
    """
    before = _list_before(registry, session, telling)
    lists = ((before, _FOLLOWED_COUNT), (found.present, COPIES_COUNT_MAX), (found.left, COPIES_COUNT_MAX))
    parts = max(1, *(-(-len(one) // most) for one, most in lists))
    messages = []
    for part in range(parts):
        of = slice(part * COPIES_COUNT_MAX, (part + 1) * COPIES_COUNT_MAX)
        result = InventoryResult(
            inventory=inventory.id, as_of=parse_instant(inventory["opened_at"]),
            signed_at=parse_instant(inventory["signed"][-1]["at"]), article=telling.article, part=part + 1,
            parts=parts, present=tuple(found.present[of]), left=tuple(found.left[of]),
            differences=tuple(found.differences) if not part else (),
        )
        posted = tell_originator(
            registry, session, (telling.party, telling.agreement, inventory.id), result,
            thread=Thread(tuple(before[part * _FOLLOWED_COUNT:(part + 1) * _FOLLOWED_COUNT])),
        )
        messages.append(posted.id if posted is not None else session.act_id)
    return messages


def _list_before(registry: Registry, session: ActSession, telling: Telling) -> list[str]:
    """Return what the result presupposes at the originator itself; whoever follows it was told none of it."""
    is_itself = told_party(session, telling.party) == telling.party
    if not is_itself or not can_be_told(registry, session, telling.party):
        return []
    partner = require_partner(session.reads, telling.party, mode=registry.mode, now=session.at).statement
    return list(list_waiting(session, partner, telling.agreement, _PRESUPPOSED))


def take_inventory_result(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner's inventory found of our items; with its last part, what differs from our books is due."""
    body, party = body_as(arrived, InventoryResult), arrived.partner.party
    id = told_id(body.inventory, arrived.message.agreement, party)
    record = session.get(TOLD, id)
    said = {
        "article": body.article, "as_of": shown_at(body.as_of), "parts": body.parts,
        "signed_at": shown_at(body.signed_at),
    }
    if record is None:
        record = session.put(TOLD, id, {
            **said, "agreement": arrived.message.agreement, "came": [], "direction": "in",
            "inventory": body.inventory, "party": party, "state": "partial", "told_at": shown_at(session.at),
        }, expect=0)
    if {name: record.body.get(name) for name in said} != said or body.part in record.body.get("came", (body.part,)):
        raise Unverified(
            "inventory-result.other-parts", "this part of a result was told before, or is one of another result",
            hint="nothing was entered; ask the partner which inventory it means",
        )
    for name, lines in ((PRESENT, body.present), (GONE, body.left)):
        put_pages(session, _part_of(id, body.part), name, cut(list(map(str, lines))))
    put_pages(session, _part_of(id, body.part), DIFFERING, cut(
        [one.copy, one.finding.value, one.explanation.value] for one in body.differences
    ))
    came = sorted([*record["came"], body.part])
    record = session.change(record, came=came)
    if len(came) == body.parts:
        _compare(registry, session, record)


def _part_of(id: str, part: int) -> str:
    return f"{id}/{part}"


def _compare(registry: Registry, session: ActSession, told: Record) -> None:
    """Set a whole result against what our books say is there, and enter what differs."""
    listed = {name: list(_told_lines(session, told, name)) for name in (PRESENT, GONE, DIFFERING)}
    differing = [
        line for line in map(list, listed[DIFFERING])
        if line[1] != Finding.MISSING.value or line[2] != Explanation.FOUND.value
    ]
    differing += [[id, why, ""] for id in map(str, listed[PRESENT]) if (why := _why_not_there(session, told, id))]
    named = {*map(str, listed[PRESENT]), *map(str, listed[GONE]), *(str(line[0]) for line in listed[DIFFERING])}
    differing += [
        [copy.id, _NOT_LISTED, ""] for copy in session.each(COPY, "agreement", told["agreement"])
        if copy["party"] == told["party"] and copy["state"] == "with-partner" and copy.id not in named
        and _was_there(session, copy, told["as_of"])
    ]
    session.change(
        told, differs=len(differing), left=len(listed[GONE]), present=len(listed[PRESENT]),
        state="differs" if differing else "agrees",
    )
    if differing:
        put_pages(session, told.id, DIFFERING, cut(sorted(differing)))
        open_duty(session, f"inventory-differs.{told.id}", what="inventory-differs", owner=registry.party,
                  subject=told.id, due=None)


def _told_lines(session: ActSession, told: Record, name: str) -> Iterator[Any]:
    for part in told["came"]:
        for page in pages_of(session.reads, _part_of(told.id, part), name):
            yield from page


def _why_not_there(session: ActSession, told: Record, id: str) -> str:
    """Return why a copy that was seen there cannot be there by our books, empty where it can."""
    copy = session.get(COPY, id)
    if copy is None or copy["party"] != told["party"] or copy.body.get("agreement") != told["agreement"]:
        return _NEVER
    return _ENDED if copy["state"] in ENDED and copy.body.get("ended_at", "") < told["as_of"] else ""


def _was_there(session: ActSession, copy: Record, as_of: str) -> bool:
    """Tell whether, by our books, a copy was with the partner at `as_of`: receipted, or reported, before."""
    entries = (session.get(ENTRY, f"{name}.{copy.id}") for name in ("receipt", "reported"))
    return any(entry is not None and entry["at"] <= as_of for entry in entries)
