"""The agreement over time, as the node sees to it: reviews that come round, and items that move to what follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.limits import DUTY_REPEAT_MONTHS_MAX
from cordiale.model.agreement import Term, TermUnit
from cordiale.records.agreements import AGREEMENT, OPEN_STAGES, load_index, stage_of
from cordiale.records.amendments import wait_without, waits_in_vain
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.items import COPY
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry
from cordiale.records.rehomings import REHOMING, is_open, move, note_moved
from cordiale.records.session import ActSession
from cordiale.records.term_duties import cited
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import first_day, last_day, terms_of
from cordiale.rules.workdays import holidays_of

_COPIES_AN_ACT: Final = 100
_MONTHS: Final = {TermUnit.MONTHS: 1, TermUnit.YEARS: 12}


def see_to_accords(registry: Registry) -> int:
    """Enter the reviews of agreements in force, and move what is agreed to move; return how many copies moved."""
    note_reviews(registry)
    go_on_without(registry)
    moved = 0
    for state in ("agreed", "done"):
        for stored in registry.reads().find(REHOMING, "state", state):
            moved += _move(registry, open_record(stored))
    return moved


def note_reviews(registry: Registry) -> None:
    """Enter, once for each agreement in force, when it is reviewed, and the last day to say that it is not extended."""
    today = registry.now().date()
    for record in map(open_record, registry.reads().every(AGREEMENT)):
        if stage_of(record, today) not in OPEN_STAGES or "in_force_on" not in record.body:
            continue
        for id, what, due in _timers(registry, record):
            if registry.record(DUTY, id) is None:
                _open(registry, (id, what), record.id, due)


def go_on_without(registry: Registry) -> None:
    """Let changed profiles wait no more for parties that have left meanwhile; what all others have signed is in effect.
    """
    books = registry.books()
    for record in books.every(AGREEMENT):
        if waits_in_vain(registry, books, record):
            _wait_without(registry, record.id)


def _wait_without(registry: Registry, agreement: str) -> None:
    def run(session: ActSession) -> dict[str, Any]:
        record = session.require(AGREEMENT, agreement)
        if waits_in_vain(registry, session, record):
            wait_without(registry, session, record)
        return {}

    registry.ledger.commit(
        Act(registry.fresh_id("amended"), "agreement.amended", "node", agreement, run, agreement)
    )


def _open(registry: Registry, which: tuple[str, str], agreement: str, due: Due) -> None:
    id, what = which

    def run(session: ActSession) -> dict[str, Any]:
        if session.get(DUTY, id) is None:
            open_duty(session, id, what=what, owner=registry.party, subject=agreement, due=due)
        return {}

    registry.ledger.commit(Act(registry.fresh_id("review"), "duty.plan", "node", INTERNAL, run, agreement))


def _timers(registry: Registry, record: Record) -> Iterator[tuple[str, str, Due]]:
    """Yield the identifier, kind and day of what comes round under an agreement, where its layers say so."""
    try:
        index = load_index(registry.reads(), record.id, registry.party)
        profile, party = index.state.profile, registry.party
        if profile is None or index.state.in_force_on is None:
            return
        began, holidays = index.state.in_force_on, holidays_of(profile, index.state.parties)
        reviews = terms_of(index, "agreement.review", party=party)
        day = first_day(reviews, began, holidays)
        if day is not None:
            yield f"agreement-review.{record.id}", "agreement-review", Due(
                day, basis=cited(reviews), repeat_months=min(map(_months, reviews)),
            )
        before = terms_of(index, "agreement.lapse-notice", party=party)
        for end, basis in _ends(index, registry.now().date()):
            name = f"{record.id}.{end.isoformat()}"
            if before:
                yield f"agreement-lapse.{name}", "agreement-lapse", Due(
                    last_day(before, end, holidays), basis=cited(before),
                )
            yield f"agreement-end.{name}", "agreement-end", Due(end, opens_on=end, basis=basis)
    except CordialeError:
        # What cannot be counted is asked about when the agreement is checked, and opens no duty with a wrong day.
        return


def _ends(index: RuleIndex, today: date) -> list[tuple[date, str]]:
    """Return the next day on which the time of an agreement runs out, and the last before it, with the articles.

    Whether it goes on then is for the parties to say: an end is asked about, and decides nothing.
    """
    profile, began = index.state.profile, index.state.in_force_on
    lasts = terms_of(index, "agreement.duration")
    if profile is None or began is None or not lasts:
        return []
    holidays = holidays_of(profile, index.state.parties)
    extended = terms_of(index, "agreement.extension")
    end, basis = first_day(lasts, began, holidays), cited(lasts)
    found = [(end, basis)] if end is not None else []
    while extended and found and found[-1][0] < today:
        end = first_day(extended, found[-1][0], holidays)
        if end is None or end <= found[-1][0]:
            break
        found.append((end, cited(extended)))
    return found[-2:]


def _months(term: Term) -> int:
    return min(term.count * _MONTHS.get(term.unit, 0), DUTY_REPEAT_MONTHS_MAX)


def _move(registry: Registry, rehoming: Record) -> int:
    """Move the copies that still stand under the former agreement, some at a time, from wherever it stopped."""
    if not is_open(registry.books(), rehoming):
        return 0
    after, moved, left = "", 0, list[str]()
    while found := registry.reads().find(COPY, "agreement", rehoming["from"], after=after, limit=_COPIES_AN_ACT):
        copies = [open_record(one) for one in found]
        stayed = _move_some(registry, rehoming, copies)
        moved += len(copies) - len(stayed)
        left += stayed
        after = found[-1].id
    _end(registry, rehoming, left)
    return moved


def _move_some(registry: Registry, rehoming: Record, copies: list[Record]) -> list[str]:
    def run(session: ActSession) -> dict[str, Any]:
        left = move(registry, session, rehoming, copies)
        note_moved(session, rehoming, len(copies) - len(left), is_done=False)
        return {"left": left}

    answer = registry.ledger.commit(
        Act(registry.fresh_id("rehome"), "agreement.rehome", "node", rehoming["to"], run, rehoming["to"])
    )
    return list(answer.value["left"])


def _end(registry: Registry, rehoming: Record, left: list[str]) -> None:
    """Note that all has moved that can, and tell our own people of what could not."""
    id = f"not-rehomed.{rehoming.id.replace('/', '.')}"
    duty = registry.record(DUTY, id)
    is_told = duty is not None and duty["state"] == "open"
    if rehoming["state"] == "done" and is_told is bool(left):
        return

    def run(session: ActSession) -> dict[str, Any]:
        note_moved(session, rehoming, 0, is_done=True)
        if left and not is_told and duty is None:
            open_duty(session, id, what="not-rehomed", owner=registry.party, subject=rehoming["from"], due=None)
        elif not left:
            discharge(session, id, rehoming.id)
        return {}

    registry.ledger.commit(Act(registry.fresh_id("rehomed"), "agreement.rehomed", "node", INTERNAL, run, rehoming.id))
