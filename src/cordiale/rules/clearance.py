"""What a clearance of one party is worth at another: apart from what markings are worth, and never guessed.

Recognition may be asymmetric and on request only (Switzerland-Czech Republic Art. 8(3)); of a clearance that no
row names nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from cordiale.model.agreement import ClearanceEquivalence, Profile
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.rules.validity import has_ended


def list_worth(
    profile: Profile | None, clearance: LevelRef, *, at: PartyId, on: date
) -> tuple[ClearanceEquivalence, ...]:
    """Return the rows that say what a clearance up to `clearance` is worth at party `at` on the day `on`."""
    rows = profile.clearance_equivalences if profile is not None else ()
    return tuple(row for row in rows if row.source == clearance and row.recipient == at and _holds(row, on))


def worth_table(profile: Profile | None, *, at: PartyId, on: date) -> Mapping[LevelRef, frozenset[LevelRef]]:
    """Return, by clearance, the levels it counts for at party `at` on the day `on` without anybody being asked."""
    table: dict[LevelRef, frozenset[LevelRef]] = {}
    for row in profile.clearance_equivalences if profile is not None else ():
        if row.recipient == at and not row.on_request and _holds(row, on):
            table[row.source] = table.get(row.source, frozenset()) | {row.target}
    return table


def cleared_until(person: Person, level: LevelRef, scheme: Scheme | None, now: datetime) -> date | None:
    """Return the last day on which `person` is cleared up to `level`, None where they are not today.

    `scheme` ranks the levels of `level`; without one, or where it does not rank them, only the same level counts.
    `now` is an aware UTC datetime.
    """
    if has_ended(person.left_at, now):
        return None
    ranked = scheme.levels if scheme is not None and scheme.ordered and level.name in scheme.levels else (level.name,)
    enough = ranked[ranked.index(level.name):]
    return max((
        one.valid_until for one in person.clearances
        if one.level.scheme == level.scheme and one.level.name in enough and one.withdrawn_at is None
        and one.valid_from <= now.date() <= one.valid_until
    ), default=None)


def _holds(row: ClearanceEquivalence, on: date) -> bool:
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_until is None or on <= row.valid_until)
