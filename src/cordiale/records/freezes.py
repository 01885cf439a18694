"""Freezes in the books: an item or a copy that nothing more happens with until the freeze is lifted."""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.records.items import COPY, ITEM
from cordiale.records.lineage import list_ancestors, list_derived_items, list_descendants
from cordiale.records.record import Record, shown_at
from cordiale.records.session import ActSession, Books

FREEZE: Final = "freeze"
IN_FORCE: Final = "in-force"
LIFTED: Final = "lifted"
FROZEN: Final = "frozen"

_FREEZABLE: Final = frozenset({"draft", "held", "registered"})
_HERE: Final = _FREEZABLE | {FROZEN}


def freeze(session: ActSession, item: str, *, copy: str = "", **why: Any) -> Record:
    """Freeze `item`, or one `copy` of it: reading, dispatch and reproduction stop with this act.

    The translations and extracts that were made from an item are frozen with it, and what was reproduced from one copy
    with that copy; they follow it. An item that is not
    here yet (it is on its way) is frozen as soon as it is registered. `why` are members of the record. Raises
    `OutOfOrder` for what is frozen already or has ended.
    """
    known = session.get(FREEZE, copy or item)
    if is_frozen_itself(known):
        raise OutOfOrder("freeze.already", "this is frozen already", hint="look at `cordiale incident list`")
    target = session.get(COPY, copy) if copy else session.get(ITEM, item)
    made = list_descendants(session, copy) if copy else list_derived_items(session, item)
    derived = [one for one in made if one["state"] in _HERE]
    if target is not None and target["state"] not in _HERE and not derived:
        raise OutOfOrder(
            "freeze.not-here", "there is nothing of it here to freeze: it is {state}", state=target["state"],
            hint="ask the partner that has it, with `cordiale incident freeze --at PARTY`",
        )
    record = _enter(session, target, {"item": item, **why, **({"copy": copy} if copy else {})})
    for one in derived:
        at = session.get(FREEZE, one.id)
        if at is None or at["state"] != IN_FORCE:
            about = {"copy": one.id, "item": one["item"]} if copy else {"item": one.id}
            _enter(session, one, {**why, **about, "under": copy or item})
    return record


def _enter(session: ActSession, target: Record | None, body: dict[str, Any]) -> Record:
    id = body.get("copy", body["item"])
    known = session.get(FREEZE, id)
    body |= {"frozen_at": shown_at(session.at), "state": IN_FORCE}
    if target is not None and target["state"] in _FREEZABLE:
        body["frozen_from"] = target["state"]
        session.change(target, state=FROZEN)
    elif known is not None and known["state"] == IN_FORCE and "frozen_from" in known.body:
        body["frozen_from"] = known["frozen_from"]
    return session.put(FREEZE, id, body)


def is_frozen_itself(record: Record | None) -> bool:
    """True for a freeze in force that was asked for what it names, and does not follow that of another item."""
    return record is not None and record["state"] == IN_FORCE and "under" not in record.body


def _copy_frozen_above(books: Books, copy: str) -> str:
    """Return the nearest copy that `copy` was reproduced from and that is frozen itself, empty where none is."""
    above = (one.id for one in list_ancestors(books, books.require(COPY, copy)))
    return next((id for id in above if is_frozen_itself(books.get(FREEZE, id))), "")


def frozen_above(books: Books, item: str) -> str:
    """Return the nearest item that `item` was made from and that is frozen itself, empty where none is."""
    record = books.get(ITEM, item)
    while record is not None and "parent_item" in record.body:
        above = str(record["parent_item"])
        if is_frozen_itself(books.get(FREEZE, above)):
            return above
        record = books.get(ITEM, above)
    return ""


def following(books: Books, record: Record) -> list[Record]:
    """Return the freezes in force that follow the one in `record`: those of what was made from its item or copy."""
    copy = record.body.get("copy", "")
    made = list_descendants(books, copy) if copy else list_derived_items(books, record["item"])
    known = [books.get(FREEZE, one.id) for one in made]
    return [
        one for one in known
        if one is not None and one["state"] == IN_FORCE and one.body.get("under") == (copy or record["item"])
    ]


def lift(session: ActSession, record: Record, **why: Any) -> None:
    """Lift the freeze in `record`, and those that follow it; what they had stopped stands again as it stood before.

    What was made from another item that is frozen itself stays frozen, and follows that one from now on.
    """
    followers = following(session, record)
    _lift_one(session, record, why)
    for one in followers:
        above = _copy_frozen_above(session, one["copy"]) if "copy" in one.body else frozen_above(session, one["item"])
        if above:
            session.change(one, under=above)
        else:
            _lift_one(session, one, why)


def _lift_one(session: ActSession, record: Record, why: dict[str, Any]) -> None:
    target = session.get(COPY, record["copy"]) if "copy" in record.body else session.get(ITEM, record["item"])
    # What waits for its level to be settled is frozen on another ground, and stays so.
    if target is not None and target["state"] == FROZEN and "frozen_for" not in target.body:
        session.change(target, state=record.body.get("frozen_from", "registered"))
    session.change(record, lifted_at=shown_at(session.at), state=LIFTED, **why)


def standing_on_entry(session: ActSession, item: str) -> str:
    """Return the state in which `item` enters the register: frozen where it was frozen on its way."""
    record = session.get(FREEZE, item)
    return FROZEN if record is not None and record["state"] == IN_FORCE else "registered"
