"""``level-change-done``: the recipient answers for its copies, by number; never who holds one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import read_identifier, without_absent
from cordiale.model.level import LevelOutcome


@dataclass(frozen=True, slots=True)
class LevelChangeDone:
    """How far the sender has come with `change`; `done` and `pending` are the numbers of the copies that it holds.

    A pending copy still bears the old mark. What has ended is in neither list: its certificate tells of it.
    """

    change: str
    outcome: LevelOutcome
    answered_at: datetime
    done: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        is_split = bool(set(self.done) & set(self.pending))
        is_done = self.outcome in (LevelOutcome.DONE, LevelOutcome.SUPERSEDED) and bool(self.pending)
        if is_split or is_done or (self.outcome is LevelOutcome.SUPERSEDED and self.done):
            raise Malformed(
                "level-change.copies", "a copy is both done and pending, or the list contradicts the outcome",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("change", self.change),
            ("outcome", self.outcome.value),
            ("answered_at", encode_instant(self.answered_at)),
            ("done", list(self.done)),
            ("pending", list(self.pending)),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> LevelChangeDone:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            change=read_identifier(fields, "change"),
            outcome=fields.choice("outcome", LevelOutcome),
            answered_at=fields.instant("answered_at"),
            done=_read_numbers(fields, "done"),
            pending=_read_numbers(fields, "pending"),
        )


def _read_numbers(fields: Fields, name: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for number in fields.array(name, max_count=COPIES_COUNT_MAX):
        after = numbers[-1] if numbers else 0
        if not isinstance(number, int) or isinstance(number, bool) or not after < number <= COPIES_COUNT_MAX:
            raise Malformed(
                "level-change.numbers", "the copy numbers are not listed in ascending order, each once",
                hint="ask the partner to send it again",
            )
        numbers.append(number)
    return tuple(numbers)


TYPE: Final = BodyType(
    name="level-change-done", cls=LevelChangeDone, parse=LevelChangeDone.parse, scope=Scope.JOURNEY,
    members=("change", "outcome", "answered_at", "done[]", "pending[]"),
    matter=Matter("level", "change"),
)
