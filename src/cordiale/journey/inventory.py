"""Take an inventory: freeze what must be there at one moment, then record each copy as it is sighted.

The set is worked out beside the work of the node, from the books as they stand
at one commit, and written down in one act. Counting may stop and go on for
weeks, by several persons at once; what was sighted before is sighted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cordiale.canonical import Fields, encode_canonical
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import INVENTORY_NUMBERS_COUNT_MAX
from cordiale.model.decision import decision_of
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.holdings import NUMBER_SEPARATOR, find_copies, holding_of, is_held, list_held, number_behind
from cordiale.records.inventories import (
    EXPECTED,
    INVENTORY,
    SIGHTING,
    Line,
    cut,
    is_expected,
    page_of,
    previous_of,
    put_pages,
    require_inventory,
    require_prepared,
    sighting_id,
    starts_of,
)
from cordiale.records.inventory_terms import least_share
from cordiale.records.items import COPY, ITEM
from cordiale.records.naming import name_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal, require_person
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import WHOLE_PERCENT, InventoryKind, draw
from cordiale.rules.offices import OfficialAct, list_holding_reasons

_SEED_BYTES: Final = 32
_TEXT_LENGTH_MAX: Final = 200
_SEVERAL_SHOWN_MAX: Final = 12
_COUNTS: Final = ("scanner", "hand")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: which part of the register, and why."""

    kind: InventoryKind
    book: str
    levels: tuple[str, ...]
    unit: str
    share_percent: int
    custodians: tuple[str, ...]

    @property
    def scope(self) -> str:
        """The part of the register it is about, as a name: the same for the same part."""
        return encode_canonical({"book": self.book, "levels": sorted(self.levels), "unit": self.unit}).decode()


@dataclass(frozen=True, slots=True)
class _Frozen:
    """The books as they stood at commit `commit`: the pages of what must be there, and how it was drawn."""

    commit: int
    pages: Sequence[list[Line]]
    held: int
    seed: bytes
    previous: str


def open_inventory(registry: Registry, request: Request) -> Answer:
    """Begin an inventory of a part of the register: what must be there is frozen as the books say it now.

    A check of a share draws the copies by the node's own chance, and keeps what it drew them with.
    """
    plan = _parse(request.act.fields())
    before = answered_before(registry, request)
    if before is not None:
        return before
    # Somebody who may not count has nothing prepared for them; that they may not is decided in the act.
    may = decide_office_now(registry.books(), request.person, OfficialAct.COUNT_INVENTORY).is_allowed
    prepared = _freeze(registry, plan) if may else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        frozen = require_prepared(prepared)
        _require_alone(session, plan)
        _require_share(registry, session, plan)
        _require_custodians(session, plan)
        expected = sum(map(len, frozen.pages))
        body = {
            "commit": frozen.commit, "expected": expected, "held": frozen.held, "kind": plan.kind.value,
            "opened_at": shown_at(session.at), "opened_by": actor.id, "pages": len(frozen.pages),
            "scope": plan.scope, "starts": starts_of(frozen.pages), "state": "open",
        }
        optional = {
            "book": plan.book, "custodians": list(plan.custodians), "levels": list(plan.levels),
            "previous": frozen.previous, "seed": frozen.seed.hex(), "unit": plan.unit,
            "share": plan.share_percent if plan.kind is InventoryKind.SPOT else None,
        }
        session.put(INVENTORY, request.act.id, {**body, **{k: v for k, v in optional.items() if v}}, expect=0)
        put_pages(session, request.act.id, EXPECTED, frozen.pages)
        return {"expected": expected, "inventory": request.act.id}

    return commit_personal(registry, request, run, subject=request.act.id)


def _parse(fields: Fields) -> Plan:
    plan = Plan(
        kind=fields.choice("kind", InventoryKind), book=fields.optional_text("book") or "",
        levels=fields.texts("levels", max_count=64) if fields.has("levels") else (),
        unit=fields.optional_text("unit") or "",
        share_percent=fields.optional_integer("share", 1, WHOLE_PERCENT) or WHOLE_PERCENT,
        custodians=fields.texts("custodians", max_count=2) if fields.has("custodians") else (),
    )
    fields.end()
    if (len(plan.custodians) == 2) is not (plan.kind is InventoryKind.HANDOVER) or len(set(plan.custodians)) == 1:
        raise Malformed(
            "inventory.custodians", "a change of custodian names two persons, and no other inventory does",
            hint="give --from and --to with --kind handover",
        )
    if fields.has("share") is not (plan.kind is InventoryKind.SPOT):
        raise Malformed(
            "inventory.share", "a share is drawn in a spot check, and only there", hint="give --share with --kind spot"
        )
    return plan


def _freeze(registry: Registry, plan: Plan) -> _Frozen:
    with registry.store.snapshot() as reads:
        last = reads.last_batch()
        held = list_held(reads, book=plan.book, levels=frozenset(plan.levels), unit=plan.unit)
        previous = previous_of(reads, plan.scope) if plan.kind is InventoryKind.WHOLE else ""
    seed = b""
    expected = held
    if plan.kind is InventoryKind.SPOT:
        seed = registry.random.bytes_(_SEED_BYTES)
        expected = sorted(draw(held, share_percent=plan.share_percent, seed=seed))
    pages = list(cut(expected))
    return _Frozen(last.number if last is not None else 0, pages, len(held), seed, previous)


def _require_alone(session: ActSession, plan: Plan) -> None:
    """Raise `OutOfOrder` while an inventory of the same kind and part is open: what was drawn is not drawn again."""
    for state in ("open", "counted"):
        for one in session.find(INVENTORY, "state", state):
            if (one["kind"], one["scope"]) == (plan.kind.value, plan.scope):
                raise OutOfOrder(
                    "inventory.open-already", "an inventory of this part of the register is {state} already, as {id}",
                    hint="go on with that one", state=state, id=one.id,
                )


def _require_share(registry: Registry, session: ActSession, plan: Plan) -> None:
    least = least_share(registry, session, plan.book)
    if plan.kind is InventoryKind.SPOT and plan.share_percent < least:
        raise Malformed(
            "inventory.share-small", "the layers ask for a share of {least} percent at the least", hint="draw more",
            least=least,
        )


def _require_custodians(session: ActSession, plan: Plan) -> None:
    for id in plan.custodians:
        person = require_person(session, id)
        require_allowed(decision_of("inventory", list_holding_reasons(
            person, OfficialAct.SIGN_INVENTORY, absences_of(session), session.at
        )))


def sight(registry: Registry, request: Request) -> Answer:
    """Record what was sighted, by the numbers that were scanned or typed; a second time is the same sighting."""
    fields = request.act.fields()
    inventory_id, how = fields.text("inventory"), fields.text("how")
    numbers = fields.texts("numbers", max_count=INVENTORY_NUMBERS_COUNT_MAX, max_length=_TEXT_LENGTH_MAX)
    fields.end()
    if how not in _COUNTS:
        raise Malformed("inventory.how", "what is sighted is sighted by scanner or by hand", hint="say which")

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        inventory = require_inventory(session, inventory_id, "open")
        found = [_sight_one(registry, session, inventory, (number.strip(), how)) for number in numbers]
        return {"inventory": inventory_id, "sighted": found}

    return commit_personal(registry, request, run, subject=inventory_id)


def _sight_one(
    registry: Registry, session: ActSession, inventory: Record, what: tuple[str, str]
) -> dict[str, Any]:
    number, how = what
    copies = find_copies(session, number, registry.party)
    if len(copies) > 1:
        named = sorted(f"{holding_of(session, one).number}{NUMBER_SEPARATOR}{number_behind(one)}" for one in copies)
        return {"number": number, "outcome": "say-which-copy", "which": ", ".join(named[:_SEVERAL_SHOWN_MAX])}
    copy = copies[0] if copies else None
    key = copy.id if copy is not None else number
    known = session.get(SIGHTING, sighting_id(inventory.id, key))
    if known is not None:
        return {
            "at": known["at"], "by": known["by"], "name": name_of(session, known["by"]), "number": number,
            "outcome": "sighted-before",
        }
    outcome = "unknown"
    if copy is not None:
        outcome = "sighted" if is_expected(session, inventory, copy.id) else "not-expected"
    _put_sighting(session, inventory.id, key, {"how": how, "number": number, "outcome": outcome})
    return {"number": number, "outcome": outcome}


def sight_files(registry: Registry, request: Request) -> Answer:
    """Let the node look at the sealed envelopes of one page: a file is sighted where its envelope is (EE-262 § 23¹).

    It is seen to be there, whole in size; that it is unaltered is for the audit, which reads it.
    """
    fields = request.act.fields()
    inventory_id, number = fields.text("inventory"), fields.integer("page", 0, 10_000_000)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        inventory = require_inventory(session, inventory_id, "open")
        sighted, absent = 0, []
        for copy_id in map(str, page_of(session.reads, inventory.id, EXPECTED, number) or ()):
            copy = session.require(COPY, copy_id)
            name = _envelope_of(registry, session, copy)
            if name is None or session.get(SIGHTING, sighting_id(inventory.id, copy_id)) is not None:
                continue
            reference = holding_of(session, copy).number
            if registry.objects.size(name) is None:
                absent.append(reference)
                continue
            _put_sighting(session, inventory.id, copy_id, {"how": "node", "number": reference, "outcome": "sighted"})
            sighted += 1
        return {"absent": absent, "inventory": inventory_id, "pages": inventory["pages"], "sighted": sighted}

    return commit_personal(registry, request, run, subject=inventory_id)


def _envelope_of(registry: Registry, books: Books, copy: Record) -> str | None:
    """Return the object that a copy held here is, None for a thing that lies in a place."""
    if not is_held(copy, registry.party):
        return None
    if "object" in copy.body:
        return str(copy["object"])
    item = books.get(ITEM, copy["item"])
    return str(item["envelope"]) if item is not None and "envelope" in item.body else None


def _put_sighting(session: ActSession, inventory: str, copy: str, said: dict[str, Any]) -> None:
    session.put(SIGHTING, sighting_id(inventory, copy), {
        **said, "at": shown_at(session.at), "by": session.actor, "copy": copy, "inventory": inventory,
    }, expect=0)


def withdraw_inventory(registry: Registry, request: Request) -> Answer:
    """End an inventory without a result, with the reason; what was sighted stays on record."""
    fields = request.act.fields()
    inventory_id, reason = fields.text("inventory"), fields.text("reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        inventory = require_inventory(session, inventory_id, "open")
        session.change(inventory, reason=reason, state="withdrawn", withdrawn_by=actor.id)
        return {"inventory": inventory_id}

    return commit_personal(registry, request, run, subject=inventory_id)


