"""Freezes in the books: an item or a copy that nothing more happens with until the freeze is lifted."""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import Record, shown_at
from cordiale.records.session import ActSession, Books

FREEZE: Final = "freeze"
IN_FORCE: Final = "in-force"
LIFTED: Final = "lifted"
FROZEN: Final = "frozen"

_FREEZABLE: Final = frozenset({"draft", "held", "registered"})


def freezes_of(books: Books, item: str) -> list[Record]:
    """Return the freezes in force on `item` and on copies of it."""
    return [one for one in books.find(FREEZE, "item", item) if one["state"] == IN_FORCE]


def freeze(session: ActSession, item: str, *, copy: str = "", **why: Any) -> Record:
    """Freeze `item`, or one `copy` of it: reading, dispatch and reproduction stop with this act.

    An item that is not here yet (it is on its way) is frozen as soon as it is registered. `why` are members of
    the record. Raises `OutOfOrder` for what is frozen already or has ended.
    """
    id = copy or item
    known = session.get(FREEZE, id)
    if known is not None and known["state"] == IN_FORCE:
        raise OutOfOrder("freeze.already", "this is frozen already", hint="look at `cordiale incident list`")
    target = session.get(COPY, copy) if copy else session.get(ITEM, item)
    body = {"frozen_at": shown_at(session.at), "item": item, "state": IN_FORCE, **why}
    if target is not None and target["state"] != FROZEN:
        if target["state"] not in _FREEZABLE:
            raise OutOfOrder(
                "freeze.not-here", "there is nothing of it here to freeze: it is {state}", state=target["state"],
                hint="ask the partner that has it, with `cordiale incident freeze --at PARTY`",
            )
        body["frozen_from"] = target["state"]
        session.change(target, state=FROZEN)
    return session.put(FREEZE, id, body | ({"copy": copy} if copy else {}))


def lift(session: ActSession, record: Record, **why: Any) -> None:
    """Lift the freeze in `record`; what it had stopped stands again as it stood before."""
    target = session.get(COPY, record["copy"]) if "copy" in record.body else session.get(ITEM, record["item"])
    # What waits for its level to be settled is frozen on another ground, and stays so.
    if target is not None and target["state"] == FROZEN and "frozen_for" not in target.body:
        session.change(target, state=record.body.get("frozen_from", "registered"))
    session.change(record, lifted_at=shown_at(session.at), state=LIFTED, **why)


def standing_on_entry(session: ActSession, item: str) -> str:
    """Return the state in which `item` enters the register: frozen where it was frozen on its way."""
    record = session.get(FREEZE, item)
    return FROZEN if record is not None and record["state"] == IN_FORCE else "registered"
