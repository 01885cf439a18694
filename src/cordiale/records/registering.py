"""By when what is held must be registered: the levels inside say so, and are seen by opening the particulars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import CordialeError
from cordiale.model.agreement import Act
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.consents import CONSENT
from cordiale.records.duties import DUTY, change_duty, due_day, term_day
from cordiale.records.freezes import FREEZE
from cordiale.records.holdings import HERE_STATES
from cordiale.records.items import COPY, ITEM
from cordiale.records.ledger import INTERNAL
from cordiale.records.ledger import Act as LedgerAct
from cordiale.records.levels import LEVEL_CHANGE
from cordiale.records.opening import Opened, open_held
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import Scope

_PREFIX: Final = "register."


def duty_to_register(consignment: str) -> str:
    """Return the identifier of the duty to register a consignment."""
    return _PREFIX + consignment


def look_ahead(books: Books, opened: Sequence[Opened]) -> None:
    """Read at once what each item of a consignment is asked about as it is registered, and not some looks each."""
    held = [one.held for one in opened]
    items, purposes = [str(one["item"]) for one in held], {one.particulars.purpose for one in opened}
    books.reads.look_ahead([
        *((COPY, str(one["copy"])) for one in held), *((kind, item) for item in items for kind in (ITEM, FREEZE)),
    ])
    books.reads.find_ahead([
        *((kind, "item", item) for item in items for kind in (CONSENT, LEVEL_CHANGE)),
        *((COPY, "item/state", f"{item} {state}") for item in items for state in HERE_STATES),
        *((CONSENT, "category", one) for one in sorted(purposes)),
    ])


def register_due(registry: Registry, record: Record) -> date | None:
    """Return the earliest day by which an item of a held consignment must be registered, None where none is known."""
    came = parse_instant(record["received_at"]).date()
    try:
        index = load_index(registry.reads(), record["agreement"], registry.party)
        labels = [one.label for one in open_held(registry, record, whole=False)]
        levels = {one.level for one in labels}
        days = [
            due_day(index, Act.REGISTER, Scope(PartyId(record["party"]), registry.party, level, registry.party), came)
            for level in levels
        ]
        marks = [decide_equivalence(one, registry.party, index=index, on=came)[1] for one in labels]
        days += [
            term_day(index, "register.entry", came, party=registry.party, level=level)
            for level in levels | {one.level for one in marks if one is not None}
        ]
    except CordialeError:
        # Why it does not open is told to whoever counts it; here it still has to be seen that it waits.
        return None
    return min((day for day in days if day is not None), default=None)


def note_register_days(registry: Registry) -> None:
    """Enter the day of each duty to register that has none yet; opening takes long, so it is done beside the act."""
    for duty in _undated(registry):
        record = registry.record("consignment", duty["subject"])
        if record is None or record["state"] != "held":
            continue
        due = register_due(registry, record)

        def run(session: ActSession, id: str = duty.id, due: date | None = due) -> dict[str, Any]:
            current = session.require(DUTY, id)
            if current["state"] == "open" and "dated" not in current.body:
                change_duty(session, current, dated=True, due=due.isoformat() if due is not None else None)
            return {}

        registry.ledger.commit(
            LedgerAct(f"date.{duty.id}", "duty.date", "node", INTERNAL, run, duty["subject"])
        )


def _undated(registry: Registry) -> Iterator[Record]:
    after = _PREFIX
    while found := registry.reads().find(DUTY, "state", "open", after=after, limit=100):
        for duty in map(open_record, found):
            if not duty.id.startswith(_PREFIX):
                return
            if "dated" not in duty.body:
                yield duty
        after = found[-1].id
