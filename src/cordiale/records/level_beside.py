"""What a label does not say of its item: a change that waits for its day, and that it was declassified.

Whoever is given the item then is told of it: by message with a copy that is dispatched, by letter where it is passed
on, as no node brought it there.
"""

from __future__ import annotations

from cordiale.records.duties import open_duty
from cordiale.records.levels import LEVEL_TOLD, PENDING, changes_for, in_effect, told_id
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession


def is_news(session: ActSession, change: Record, party: str) -> bool:
    """Tell whether `change` of an item, of which `party` is given a copy now, is to be told to it beside its label.

    It waits for its day, or it is a declassification that holds: the label shows the level that was. Whoever had a copy
    when it was issued was told then.
    """
    if session.get(LEVEL_TOLD, told_id(change["change"], party)) is not None:
        return False
    return change["state"] == PENDING or is_declassified_by(session, change)


def is_declassified_by(session: ActSession, change: Record) -> bool:
    """Tell whether `change` is the one by which its item is declassified now."""
    holds = in_effect(changes_for(session, change["item"]), session.at)
    return holds is not None and holds.id == change.id and "after" not in change.body and holds["state"] != PENDING


def tell_third_parties(registry: Registry, session: ActSession, change: Record) -> None:
    """Make it due that whoever we passed the item on to is told: by us, who passed it on."""
    for party in sorted({str(one["recipient"]) for one in session.each("pass-on", "item", change["item"])}):
        _owe_word(registry, session, change, party)


def tell_passed_on(registry: Registry, session: ActSession, item: str, party: str) -> None:
    """Make it due that `party`, whom `item` is passed on to in this act, is told what its label does not say."""
    for change in changes_for(session, item):
        if change["state"] == PENDING or is_declassified_by(session, change):
            _owe_word(registry, session, change, party)


def _owe_word(registry: Registry, session: ActSession, change: Record, party: str) -> None:
    open_duty(
        session, f"level-pass-on.{change.id}/{party}", what="tell-level", owner=registry.party, subject=change["item"],
        due=session.at.date(),
    )
