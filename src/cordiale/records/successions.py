"""The map of successors in the books: which party holds the rights of an originator that has been replaced.

    proposed ── a second person confirms it ──> confirmed ──> ended

One entry stands for each former party. Consents that it gave before go on; from the day on its successor is asked,
under the agreement with that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.model.names import PartyId
from cordiale.records.record import Record
from cordiale.records.session import Books
from cordiale.rules.succession import Succession, line_of

SUCCESSION: Final = "succession"
PROPOSED: Final = "proposed"
CONFIRMED: Final = "confirmed"
ENDED: Final = "ended"
TOLD_US: Final = "told-in-succession"
"""What a partner has told us of items of an originator that we follow."""
TOLD_INSTEAD: Final = "told-instead"
"""What was told to whoever follows an originator, or to nobody where we do, and not to the originator itself."""
TOLD: Final = "told"
OWED: Final = "owed"


@dataclass(frozen=True, slots=True)
class RightsHolder:
    """Who holds the rights of an originator today, under which agreement it is asked, and who held them on the way.

    `entries` are those of the map that lead there.
    """

    party: PartyId
    agreement: str
    line: tuple[PartyId, ...]
    entries: tuple[str, ...]


def succession_of(record: Record) -> Succession:
    """Return the replacement in `record`."""
    return Succession(
        PartyId(record["former"]), PartyId(record["successor"]), date.fromisoformat(record["on"]), record["article"]
    )


def standing_map(books: Books, *states: str) -> list[Record]:
    """Return the entries of the map in `states`; the confirmed where none is named."""
    return [one for state in (states or (CONFIRMED,)) for one in books.find(SUCCESSION, "state", state)]


def rights_of(books: Books, party: str) -> RightsHolder | None:
    """Return who holds the rights of the originator `party` today where it was replaced, None where it was not."""
    entries = standing_map(books)
    steps = list(line_of(PartyId(party), [succession_of(one) for one in entries], books.at.date())) if entries else []
    if not steps:
        return None
    walked = [next(one for one in entries if one["former"] == step.former) for step in steps]
    return RightsHolder(
        steps[-1].successor, str(walked[-1]["agreement"]), tuple(one.successor for one in steps),
        tuple(one.id for one in walked),
    )


def originators_by(books: Books, entry: str) -> frozenset[str]:
    """Return the originators whose rights are followed by way of `entry` today."""
    formers = {str(one["former"]) for one in standing_map(books)}
    return frozenset(one for one in formers if (held := rights_of(books, one)) is not None and entry in held.entries)
