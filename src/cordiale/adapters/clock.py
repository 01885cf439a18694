"""The machine's own clock and source of randomness."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `cordiale.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemRandom:
    """Implements `cordiale.ports.Random`."""

    def bytes_(self, count: int) -> bytes:
        return os.urandom(count)
