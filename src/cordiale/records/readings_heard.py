"""Readings that a partner tells of, held against our books: what does not fit is a doubt, and somebody is told.

A notice and a certificate may overtake each other: whichever comes second is held against the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import encode_instant, parse_instant
from cordiale.message.bodies.reading_notice import CopyRead
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import open_duty
from cordiale.records.items import COPY
from cordiale.records.lineage import list_descendants
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.rehomings import stands_under
from cordiale.records.session import ActSession, Books

DOUBT: Final = "reading-doubt"
READ_UNTIL: Final = "read_until"
"""The member of a copy that says when it was last read at the partner, as it told."""
_GIVEN: Final = ("dispatched", "with-partner")


class Why(StrEnum):
    """Why a reading does not fit our books."""

    AGREEMENT = "other-agreement"
    BEFORE = "before-given"
    AFTER = "after-ended"
    AHEAD = "after-told"


def find_doubt(books: Books, arrived: Arrived, read: CopyRead, copies: Iterable[Record]) -> Why | None:
    """Return why `read` fits none of the `copies` of its number, None where it fits one."""
    if read.at > arrived.message.sent_at:
        return Why.AHEAD
    found = [_why_not(books, copy, arrived.message.agreement, read.at) for copy in copies]
    return None if None in found else found[0]


def _why_not(books: Books, copy: Record, agreement: str, at: datetime) -> Why | None:
    if not stands_under(books, copy, agreement):
        return Why.AGREEMENT
    given = books.get("consignment", str(copy.body.get("consignment", "")))
    if given is not None and at < parse_instant(given["dispatched_at"]).replace(microsecond=0):
        return Why.BEFORE
    return Why.AFTER if _has_ended(books, copy, at) and not _goes_on(books, copy) else None


def _has_ended(books: Books, copy: Record, at: datetime) -> bool:
    """Tell whether the copy was not there any more at a moment: after the last day that its certificate names."""
    certified = [one["done_on"] for one in books.find("certificate", "copy", copy.id)]
    if certified:
        return at.date().isoformat() > str(min(certified))
    return copy["state"] not in _GIVEN


def _goes_on(books: Books, copy: Record) -> bool:
    """Tell whether something that was made of the copy is still there: its readings are told by this number."""
    return any(one["state"] in _GIVEN for one in list_descendants(books, copy.id))


def note_read(session: ActSession, copy: Record, at: datetime) -> None:
    """Keep on the copy when it was last read at the partner, for a certificate that comes later."""
    if encode_instant(at) > copy.body.get(READ_UNTIL, ""):
        session.change(copy, **{READ_UNTIL: encode_instant(at)})


def doubt_certificate(registry: Registry, session: ActSession, copy: Record, done_on: str) -> None:
    """Open a doubt where a copy that is certified as gone on a day was read at the partner after it."""
    if str(copy.body.get(READ_UNTIL, ""))[:len(done_on)] > done_on and not _goes_on(session, copy):
        owe_look(registry, session, copy["item"], copy["party"])


def owe_look(registry: Registry, session: ActSession, item: str, party: str) -> None:
    """Make it due that the security officer looks at a reading that does not fit; the entries name each.

    Of one item and one party it is due once, however much that party tells.
    """
    open_duty(
        session, f"{DOUBT}.{party.lower()}.{item}", what=DOUBT, owner=registry.party, subject=item,
        due=session.at.date(),
    )


def each_given(books: Books, item: str, party: str) -> Iterator[Record]:
    """Yield the copies of an item that `party` was given, or told us of, whatever became of them."""
    return (copy for copy in books.each(COPY, "item", item) if copy["party"] == party)
