"""Envelopes on their way in: under which name each is kept, which of them no message names, and for how long.

A partner's node names its envelopes as it likes. Here each node has a place of
its own, so that no partner sees, fills or removes what another sends.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from cordiale.errors import Undecidable
from cordiale.limits import ARRIVED_UNNAMED_DAYS_MAX
from cordiale.ports import ObjectFound
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession

ARRIVING: Final = "in."
_PLACE_LENGTH: Final = 32


def arriving_place(node: str) -> str:
    """Return how the names of all envelopes begin here that partner node `node` sends.

    A digest, because names of nodes have dots in them: `a.b` sending `c` must not meet `a` sending `b.c`.
    """
    return f"{ARRIVING}{sha256(node.encode()).hexdigest()[:_PLACE_LENGTH]}."


def arriving_name(node: str, envelope: str) -> str:
    """Return the name under which the envelope that partner node `node` calls `envelope` is kept here."""
    return arriving_place(node) + envelope


def unnamed(registry: Registry, prefix: str = ARRIVING) -> Iterable[ObjectFound]:
    """Yield what has arrived, whole or in part, under names that begin with `prefix` and stand in no consignment."""
    for found in registry.objects.found(prefix):
        if not is_named(registry, found.name):
            yield found


def is_named(registry: Registry, name: str) -> bool:
    """Return whether a consignment in the books holds the envelope `name`."""
    return bool(registry.reads().find("consignment", "objects", name, limit=1))


def sweep_unnamed(registry: Registry) -> int:
    """Remove what arrived longer than the stated time ago and that no message has named; return how many.

    Looked up again and removed inside one act, so that no message which names it can be taken meanwhile. A clock
    in doubt removes nothing.
    """
    with suppress(Undecidable):
        before = registry.now() - timedelta(days=ARRIVED_UNNAMED_DAYS_MAX)
        old = [found.name for found in unnamed(registry) if found.touched_at < before]
        if old:
            return _remove(registry, old)
    return 0


def _remove(registry: Registry, names: list[str]) -> int:
    def run(session: ActSession) -> dict[str, Any]:
        gone = [name for name in names if not session.find("consignment", "objects", name, limit=1)]
        for name in gone:
            registry.objects.remove(name)
        return {"removed": len(gone)}

    act = Act(registry.fresh_id("sweep"), "envelopes.sweep", "node", INTERNAL, run)
    return int(registry.ledger.commit(act).value["removed"])
