"""The watch over the clock: time in the books never runs backwards, and after a jump nothing is decided unconfirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from cordiale.errors import Undecidable
from cordiale.limits import CLOCK_JUMP_SECONDS_MAX
from cordiale.ports import Clock, Reads
from cordiale.records.record import shown_at

_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ClockWatch:
    """Gives the time for decisions; `newest` tells the time of the last act that was written."""

    def __init__(self, clock: Clock, newest: Callable[[], datetime]) -> None:
        self._clock = clock
        self._newest = newest
        self._last_at = newest()
        self._last_monotonic = clock.monotonic()
        self._has_read_clock = False
        self._doubt = self._behind_at_start()

    def now(self) -> datetime:
        """Return the time for a decision: never before the last committed act.

        Raises `Undecidable` when the clock has jumped and no operator has confirmed it.
        """
        now, monotonic = self._clock.now().astimezone(UTC), self._clock.monotonic()
        if self._doubt is None:
            self._doubt = self._jump(now, monotonic)
        if self._doubt is not None:
            raise self._doubt.with_traceback(None)
        self._last_monotonic = max(monotonic, self._last_monotonic)
        self._last_at = max(now, self._last_at)
        return self._last_at

    def confirm(self) -> None:
        """Accept the clock as it stands after an operator has checked it; nothing is written meanwhile.

        Raises `Undecidable` when it is still behind the last act: time in the books never runs backwards.
        """
        # What counts is what was written: a clock that was only read while it was ahead binds nobody.
        now, newest = self._clock.now(), self._newest()
        if now < newest:
            raise Undecidable(
                "clock.behind", "the clock is behind the last act in the books ({last})",
                hint="set the clock of this machine right, then confirm it", last=shown_at(newest),
            )
        self._last_monotonic = self._clock.monotonic()
        self._last_at = now
        self._doubt = None

    def _behind_at_start(self) -> Undecidable | None:
        if self._clock.now() < self._last_at - timedelta(seconds=CLOCK_JUMP_SECONDS_MAX):
            return _doubt()
        return None

    def _jump(self, now: datetime, monotonic: float) -> Undecidable | None:
        passed = monotonic - self._last_monotonic
        if self._last_at == _BEFORE_ALL:
            return None
        drift = (now - self._last_at).total_seconds() - passed
        behind = now < self._last_at - timedelta(seconds=CLOCK_JUMP_SECONDS_MAX)
        if behind or (self._has_read_clock and abs(drift) > CLOCK_JUMP_SECONDS_MAX):
            return _doubt()
        self._has_read_clock = True
        return None


def newest_time(reads: Reads) -> datetime:
    """Return the time of the newest act in the books, the beginning of 1970 where there is none."""
    newest = _BEFORE_ALL
    for log in reads.logs():
        size = reads.log_size(log)
        for act in reads.acts(log, max(0, size - 1), size):
            newest = max(newest, act.at)
    return newest


def _doubt() -> Undecidable:
    return Undecidable(
        "clock.jumped", "the clock of this machine has jumped, so nothing that depends on time can be decided",
        hint="check the clock, then have an administrator run `cordiale clock confirm`",
    )
