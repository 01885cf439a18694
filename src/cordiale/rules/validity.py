"""Whether a dated thing holds now.

A rule must answer for any value it is handed, also for a time without a zone,
which cannot be compared with one that has a zone. Such a time says nothing, and
what could not be told counts as no: a beginning without a zone has not come, an
end without a zone has.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from cordiale.model.decision import Reason, undecidable

TIME_UNKNOWN: Final[Reason] = undecidable(
    "time.unknown", "it could not be told what time it is, so nothing that depends on a date was decided"
)


def is_aware(moment: datetime) -> bool:
    """Tell whether `moment` has a zone, and so can be compared."""
    # Asking for the offset is the dearest step of a decision, and nearly every moment is in UTC itself.
    return moment.tzinfo is UTC or moment.utcoffset() is not None


def has_begun(begun_at: datetime, now: datetime) -> bool:
    """Tell whether `begun_at` has come at `now`, an aware UTC datetime."""
    return (begun_at.tzinfo is UTC or is_aware(begun_at)) and begun_at <= now


def has_ended(ended_at: datetime | None, now: datetime) -> bool:
    """Tell whether `ended_at` (None: no end) has come at `now`, an aware UTC datetime."""
    return ended_at is not None and (not is_aware(ended_at) or ended_at <= now)
