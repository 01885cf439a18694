"""Sweeping: envelopes that no act stands behind are removed when a node starts.

A crash may fall between sealing an envelope and committing its act, or between
committing an end, removing the envelope and certifying that. Either way the
books say what is true, and the store is brought to agree with them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from cordiale.errors import CordialeError
from cordiale.records.arriving import sweep_unnamed
from cordiale.records.drafts import DRAFT, erase_all_left
from cordiale.records.endings import ENDED, certify_all
from cordiale.records.items import COPY, ITEM
from cordiale.records.paging import all_with
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.reproductions import REPRODUCTION


@dataclass(frozen=True, slots=True)
class Swept:
    """How many envelopes were removed: sealed without an act, receipted by the partner, ended, named by no message."""

    without_act: int
    receipted: int
    ended: int
    unnamed: int


def sweep_envelopes(registry: Registry) -> Swept:
    """Remove envelopes that the books do not know, or know to have ended; return how many of each kind."""
    swept = Swept(
        _sweep_own(registry), _sweep_outgoing(registry), _sweep_ended(registry), sweep_unnamed(registry)
    )
    with suppress(CordialeError):
        # A partner that cannot be written to now keeps no node from starting; it is tried again while it runs.
        certify_all(registry)
    with suppress(CordialeError):
        erase_all_left(registry)
    return swept


def _sweep_own(registry: Registry) -> int:
    count = 0
    for name in list(registry.objects.names("own.")):
        act_id = name.removeprefix("own.").rpartition(".")[0]
        count += _remove_unless_named(registry, name, f"{registry.party.lower()}.{act_id}")
    for name in list(registry.objects.names("der.")):
        task = registry.record(REPRODUCTION, name.removeprefix("der.").rpartition(".")[0])
        count += _remove_unless_named(registry, name, str(task.body.get("derived", "")) if task is not None else "")
    for name in list(registry.objects.names("dra.")):
        draft = registry.record(DRAFT, name.removeprefix("dra.").rpartition(".")[0])
        # What a draft is rid of is removed by `erase_all_left`, which enters it.
        if draft is None or name not in draft.body.get("leaving", ()):
            count += _remove_unless_named(registry, name, draft.id if draft is not None else "", kind=DRAFT)
    return count


def _remove_unless_named(registry: Registry, name: str, id: str, *, kind: str = ITEM) -> int:
    item = registry.record(kind, id)
    if item is not None and item.body.get("envelope") == name:
        return 0
    registry.objects.remove(name)
    return 1


def _sweep_outgoing(registry: Registry) -> int:
    """Remove what was sealed for a partner and is not, or no longer, to be sent."""
    count = 0
    for name in list(registry.objects.names("out.")):
        act_id = name.removeprefix("out.").rsplit(".", 2)[0]
        consignment = registry.record("consignment", f"{registry.party.lower()}.c.{act_id}")
        if consignment is None or name not in consignment["objects"] or _is_over(registry, consignment):
            registry.objects.remove(name)
            count += 1
    return count


def _is_over(registry: Registry, consignment: Record) -> bool:
    """True when the partner has answered for the consignment and it is not sent any more."""
    row = registry.reads().outbox(consignment["message"])
    is_sent = row is not None and row.state == "waiting"
    return consignment["state"] in ("receipted", "refused-by-partner", "withdrawn") and not is_sent


def remove_refused(registry: Registry, consignment: Record) -> int:
    """Remove the envelopes of a consignment that a registrar refused; return how many were still here."""
    names = consignment["objects"] if consignment["state"] == "refused" and consignment["direction"] == "in" else ()
    there = [name for name in names if registry.objects.size(name) is not None]
    for name in there:
        registry.objects.remove(name)
    return len(there)


def _sweep_ended(registry: Registry) -> int:
    count = sum(
        remove_refused(registry, one) for one in all_with(registry.reads(), "consignment", "state", "refused")
    )
    for state in sorted(ENDED):
        for copy in all_with(registry.reads(), COPY, "state", state):
            name = copy.body.get("object")
            if name is not None and registry.objects.size(name) is not None:
                registry.objects.remove(name)
                count += 1
    return count


