"""Envelopes that were sealed for an act, and are removed when no record names them once the act is over.

What ends an act may be an error that nobody foresaw, or may come after the act was committed: only the books say
whether an envelope is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from cordiale.errors import CordialeError
from cordiale.records.record import Record
from cordiale.records.registry import Registry


@contextmanager
def sealed_for(registry: Registry, names: Collection[str], record: tuple[str, str]) -> Iterator[None]:
    """Hold the objects `names` while they are sealed and an act is entered by which `record` (kind, id) names them.

    Names may be added meanwhile, each before anything lies under it. Whatever ends the act, what the record does not
    name then is removed. Where the books or the disk do not answer,
    the next round of the node does it (`remove_unentered`); a restart does it too.
    """
    try:
        yield
    finally:
        registry.unentered.update((name, *record) for name in names)
        with suppress(CordialeError):
            remove_unentered(registry)


def remove_unentered(registry: Registry) -> int:
    """Remove the envelopes of acts that are over which no record names; return how many.

    Raises `Unavailable` for the disk; then they are looked at again.
    """
    count = 0
    for one in list(registry.unentered):
        name, kind, id = one
        if not _is_named(registry.record(kind, id), name):
            registry.objects.remove(name)
            count += 1
        registry.unentered.discard(one)
    return count


def _is_named(record: Record | None, name: str) -> bool:
    if record is None:
        return False
    # What a draft is rid of (`leaving`) is removed by whoever enters that it is gone.
    body = record.body
    return name in (body.get("envelope"), *body.get("objects", ()), *body.get("leaving", ()))
