"""What somebody has joined: one act of one person on one item, once, within a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cordiale.canonical import encode_instant
from cordiale.limits import JOINED_SECONDS_MAX
from cordiale.records.record import Record
from cordiale.records.session import ActSession, Books

JOINED: Final = "joined"
OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Joint:
    """One act as it is joined: `act` on `item` by the person `doer`, as `said` has it word for word."""

    act: str
    item: str
    doer: str
    said: Mapping[str, str] = field(default_factory=dict)


def open_joined(books: Books, joint: Joint) -> list[Record]:
    """Return who has joined `joint` and was not used for it yet, one record a person; never that of its doer."""
    since = encode_instant((books.at - timedelta(seconds=JOINED_SECONDS_MAX)).replace(microsecond=0))
    found = {
        str(one["person"]): one for one in books.find(JOINED, "item", joint.item)
        if one["state"] == OPEN and one["joined_at"] >= since and one["person"] != joint.doer
        and (one["act"], one["doer"], one["said"]) == (joint.act, joint.doer, dict(joint.said))
    }
    return [found[person] for person in sorted(found)]


def joined_with(session: ActSession, joined: list[Record]) -> dict[str, list[str]]:
    """Let `joined` serve for the act at hand, and for no other; return what its record says of who joined it."""
    for one in joined:
        session.change(one, used_in=session.act_id, state="used")
    return {"joined_by": [str(one["person"]) for one in joined]} if joined else {}
