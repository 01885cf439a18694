"""What people would rather look at than read: traffic by week, receipts that are open, holdings by level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from cordiale.records.finding import HELD, TRAFFIC, week_of
from cordiale.records.registry import Registry, Request
from cordiale.records.searching import require_whole
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer

_WEEKS: Final = 26
_AGES_DAYS: Final = (1, 3, 7, 14, 30)


def show_pictures(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the figures of the whole register, for its keepers.

    `traffic` is what was registered (`in`) and dispatched (`out`) in each of the last weeks, the oldest first;
    `receipts` how many are open since at most `days` days, the rest under none; `holdings` the items here, by level.
    """
    request.act.fields().end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the figures of the register")
    reads = require_whole(books.reads)
    counted = dict(reads.tallies(TRAFFIC))
    weeks = [week_of(books.at - timedelta(weeks=ago)) for ago in range(_WEEKS - 1, -1, -1)]
    open_since = reads.open_receipts([int((books.at - timedelta(days=days)).timestamp()) for days in _AGES_DAYS])
    return {
        "holdings": [{"count": count, "level": level} for level, count in reads.tallies(HELD)],
        "receipts": [
            {"count": later - earlier, **({"days": days} if days else {})}
            for (earlier, later), days in zip(pairwise((0, *open_since)), (*_AGES_DAYS, 0), strict=True)
        ],
        "traffic": [
            {"in": counted.get(f"{week} in", 0), "out": counted.get(f"{week} out", 0), "week": week} for week in weeks
        ],
    }
