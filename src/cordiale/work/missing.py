"""What never came: each stream of a partner is numbered without gaps, so that a lost message or bag is missed.

Nothing waits for a missing number, and most come after all: another way was
slower, or a bag is still on the road. One that has not come some working days
after the number behind it did is told: it stands among the duties, owed by the
partner, until it comes. What the books hold of a stream is what has arrived in
it; what a round has read there the next one remembers, and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import CordialeError
from cordiale.limits import MISSING_GAPS_COUNT_MAX, MISSING_MESSAGE_DAYS_MAX, TAKEN_BACK_NUMBERS_COUNT_MAX
from cordiale.message.sequence import StreamState, missing_before
from cordiale.model.agreement import DayKind, Deadline
from cordiale.model.names import PartyId
from cordiale.ports import Reads
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.duties import DUTY, discharge, open_duty
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.record import NO_VALUE, open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.withdrawals import TAKEN_BACK_MESSAGE, stream_of
from cordiale.rules.workdays import Holidays, due_on, holidays_of

WHAT: Final = "missing-message"
_RANGES_SHOWN_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class _Stream:
    """All that `node` of `party` sends us under `agreement`, empty for what belongs to none."""

    party: PartyId
    node: str
    agreement: str

    @property
    def duty(self) -> str:
        return f"missing.{self.node}.{self.agreement or INTERNAL}"


@dataclass(slots=True)
class Heard:
    """What is known to have come of a stream: every number up to `top` but those of `missing`, and its bags.

    Nothing that has come is ever taken away: it is read once, and afterwards only what came after row `last`.
    """

    last: int = 0
    top: int = 0
    missing: tuple[range, ...] = ()
    bags: dict[int, str] = field(default_factory=dict)
    taken_back: dict[int, str] = field(default_factory=dict)


def note_missing(registry: Registry, heard: dict[str, Heard] | None = None) -> int:
    """Enter, as a duty of the partner, each stream in which numbers are overdue; return how many streams changed.

    A duty is discharged when the last of its numbers has come. What a person has settled, saying why, is told again
    only with further numbers. `heard` is what the round before knew of the streams.
    """
    today, known = registry.now().date(), heard if heard is not None else {}
    return sum(
        _note(registry, stream, known.setdefault(stream.duty, Heard()), today) for stream in _streams(registry)
    )


def _streams(registry: Registry) -> Iterator[_Stream]:
    reads = registry.reads()
    agreements = [open_record(one) for one in reads.every(AGREEMENT)]
    for stored in reads.every(PARTNER):
        try:
            node = open_partner(open_record(stored), registry.mode).statement.node
        except CordialeError:
            continue  # The outbox says so; there are no streams of a node whose statement cannot be read.
        party = PartyId(stored.id)
        yield _Stream(party, node, "")
        yield from (_Stream(party, node, one.id) for one in agreements if party in one["parties"])


def _note(registry: Registry, stream: _Stream, heard: Heard, today: date) -> bool:
    late = _overdue(registry, stream, heard, today)
    known = registry.record(DUTY, stream.duty)
    is_open = known is not None and known["state"] == "open"
    subject = f"{stream.agreement or stream.node}: {_shown([numbers for numbers, _ in late])}"
    is_told = known is not None and known["subject"] == subject and (is_open or "settled_by" in known.body)
    # What is beyond the gaps that were looked at may be overdue still: nothing is said to have come.
    stays = not is_open or len(heard.missing) > MISSING_GAPS_COUNT_MAX
    if (late and is_told) or (not late and stays):
        return False

    def run(session: ActSession) -> dict[str, Any]:
        current = session.get(DUTY, stream.duty)
        if not late:
            discharge(session, stream.duty, "arrived")
        elif current is not None and current["state"] == "open":
            session.change(current, subject=subject)
        else:
            open_duty(
                session, stream.duty, what=WHAT, owner=stream.party, subject=subject,
                due=min(due for _, due in late),
            )
        return {"missing": len(late)}

    registry.ledger.commit(Act(registry.fresh_id("missing"), WHAT, "node", INTERNAL, run, stream.party))
    return True


def _overdue(registry: Registry, stream: _Stream, heard: Heard, today: date) -> list[tuple[range, date]]:
    """Return the numbers that have not come and the day by which they should have, where that is past."""
    _hear(registry.reads(), stream, heard)
    found, dues = [], dict[date, date]()
    for numbers in heard.missing[:MISSING_GAPS_COUNT_MAX]:
        row = registry.reads().inbox_by_number(stream.node, stream.agreement, numbers.stop)
        told = heard.bags.get(numbers.stop) or heard.taken_back.get(numbers.stop)
        # Of a number without its moment it is not known since when it is there: it is counted from now on.
        came_at = row.received_at if row is not None else parse_instant(told) if told else registry.now()
        behind = came_at.date()
        if behind not in dues:
            dues[behind] = _due(registry, stream.agreement, behind)
        if dues[behind] < today:
            found.append((numbers, dues[behind]))
    return found


def _hear(reads: Reads, stream: _Stream, heard: Heard) -> None:
    """Note in `heard` what has come since: behind all that had come, and of what was missing."""
    bags = {} if stream.agreement else _bags_since(reads, stream.party, max(heard.bags.values(), default=""))
    heard.bags |= bags
    heard.taken_back = _withdrawn(reads, stream)
    last = reads.inbox_end()
    came = sorted({
        *bags, *reads.inbox_numbers_since(stream.node, stream.agreement, heard.last), *heard.taken_back
    })
    top = max((heard.top, *came))
    waited = (*heard.missing, *((range(heard.top + 1, top),) if top > heard.top else ()))
    # A number is whatever its sender says: of a range between two only what came is ever written out.
    heard.missing = tuple(numbers for one in waited for numbers in _left(one, came))
    heard.last, heard.top = last, top


def _withdrawn(reads: Reads, stream: _Stream) -> dict[int, str]:
    """Return the numbers of what the partner took back before it came, and since when: they never come."""
    name = stream_of(stream.node, stream.agreement)
    found = reads.find(TAKEN_BACK_MESSAGE, "stream", name, limit=TAKEN_BACK_NUMBERS_COUNT_MAX)
    return {int(one["seq"]): str(one.body.get("taken_at", "")) for one in map(open_record, found)}


def _left(waited: range, came: Sequence[int]) -> tuple[range, ...]:
    """Return what is left of the numbers that were waited for; `came` is in order."""
    within = came[bisect_left(came, waited.start):bisect_left(came, waited.stop)]
    return missing_before(StreamState(waited.start - 1, frozenset(within)), waited.stop)


def _bags_since(reads: Reads, party: PartyId, moment: str) -> dict[int, str]:
    """Return the bags of `party` that were unpacked at `moment` or later, by their number in the stream."""
    found: dict[int, str] = {}
    after, span = ("", ""), (f"{party} {moment}", f"{party} {NO_VALUE}")
    while page := reads.between("bag-in", "party/unpacked_at", span, after=after):
        found |= {bag["seq"]: bag["unpacked_at"] for bag in (open_record(one) for _, one in page)}
        after = (page[-1][0], page[-1][1].id)
    return found


def _due(registry: Registry, agreement: str, start: date) -> date:
    state = load_index(registry.reads(), agreement, registry.party).state if agreement else None
    if state is None or state.profile is None:
        holidays = Holidays(frozenset(), frozenset())
    else:
        holidays = holidays_of(state.profile, state.parties)
    return due_on(start, Deadline(MISSING_MESSAGE_DAYS_MAX, DayKind.WORKING), holidays)


def _shown(missing: Sequence[range]) -> str:
    shown = [f"{one.start}" if len(one) == 1 else f"{one.start}-{one.stop - 1}" for one in missing]
    more = ["..."] if len(shown) > _RANGES_SHOWN_MAX else []
    return ", ".join([*shown[:_RANGES_SHOWN_MAX], *more])
