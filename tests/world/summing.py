"""What is in the books of a node, counted: the same for the same acts, whatever the chances were."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.world.world import Player


def summary(player: Player) -> dict[str, Any]:
    """Return how much of what is in the books: the same for the same acts, whatever the chances were."""
    reads = player.registry.reads()
    rows = reads._connection.execute
    return {
        "records": Counter(f"{record.kind} {record.version}" for record in reads.every_version()),
        "counters": sorted(reads.counters()), "logs": {log: reads.log_size(log) for log in reads.logs()},
        "outbox": sorted(rows("SELECT agreement, seq, state FROM outbox")),
        "inbox": sorted(rows("SELECT partner, agreement, seq FROM inbox")),
        "streams": sorted(rows("SELECT direction, partner, agreement, last FROM stream")),
    }
