"""Arrivals: what one partner may have on its way to us, so that none takes the room of the others.

By wire an envelope comes ahead of the message that names it, and until then it
is nothing but bytes somebody sent. How many come at once, how many lie here
unnamed and how large they are together is limited for each partner's node.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cordiale.errors import Unavailable
from cordiale.limits import ARRIVED_UNNAMED_COUNT_MAX, ARRIVED_UNNAMED_SIZE_BYTES_MAX, PARTNER_UPLOADS_COUNT_MAX
from cordiale.records.arriving import arriving_name, arriving_place, is_named, unnamed
from cordiale.records.registry import Registry

BUSY: Final = "arrivals.busy"
TOO_MANY: Final = "arrivals.too-many"
NO_ROOM: Final = "arrivals.no-room"


class Arrivals:
    """The envelopes of each partner's node that are under way, or here and not yet named by a message."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._under_way: dict[str, set[str]] = {}
        self._sizes: dict[str, dict[str, int]] = {}
        self._gate = threading.Lock()

    def has_looked(self, node: str) -> bool:
        """True once `look` was done for `node`."""
        return node in self._sizes

    def look(self, node: str) -> None:
        """See once what lies here of `node` since before this process began; it may take a moment."""
        with self._gate:
            if node not in self._sizes:
                found = unnamed(self._registry, arriving_place(node))
                self._sizes[node] = {one.name: one.size_bytes for one in found}

    @contextmanager
    def receiving(self, node: str, envelope: str, size_bytes: int) -> Iterator[str]:
        """Hold a place for an envelope of `size_bytes` in all while it comes from `node`; gives its name here.

        Raises `Unavailable` when it is coming already, when too many are, and when too much of this node lies
        here that no message has named.
        """
        name = arriving_name(node, envelope)
        with self._gate:
            self._claim(node, name, size_bytes)
        try:
            yield name
        finally:
            with self._gate:
                self._under_way[node].discard(name)

    def _claim(self, node: str, name: str, size_bytes: int) -> None:
        coming = self._under_way.setdefault(node, set())
        if name in coming:
            # Two connections that append to one envelope would mix their bytes: a sender that broke off comes back
            # before its old connection is known to be dead.
            raise Unavailable(BUSY, "this envelope is still arriving on another connection",
                              hint="it is tried again by itself")
        if len(coming) >= PARTNER_UPLOADS_COUNT_MAX:
            raise Unavailable(
                TOO_MANY, "{count} envelopes are arriving from this node already, and no more come at once",
                hint="they are sent one after the other; it is tried again by itself", count=len(coming),
            )
        self._require_room(node, name, size_bytes)
        coming.add(name)

    def _require_room(self, node: str, name: str, size_bytes: int) -> None:
        known = self._sizes.get(node, {})
        # The sender says anew each time how long the whole is; what came of it before lies here all the same.
        size_bytes = max(size_bytes, known.get(name, 0))
        others = {one: size for one, size in known.items() if one != name}
        if not _has_room(others, size_bytes):
            others = {one: size for one, size in others.items() if self._still_waits(node, one)}
        self._sizes[node] = others | {one: size for one, size in known.items() if one == name}
        if not _has_room(others, size_bytes):
            raise Unavailable(
                NO_ROOM, "envelopes of this node that no message has named fill the room there is for them: "
                "{count} of them, {size} bytes", hint="send the messages they belong to; unnamed ones are removed "
                "in time; send very large consignments in parts or in the bag",
                count=len(others), size=sum(others.values()),
            )
        self._sizes[node][name] = size_bytes

    def _still_waits(self, node: str, name: str) -> bool:
        objects = self._registry.objects
        is_here = objects.size(name) is not None or objects.partial(name).size > 0
        return name in self._under_way[node] or (is_here and not is_named(self._registry, name))


def _has_room(others: dict[str, int], size_bytes: int) -> bool:
    is_small_enough = sum(others.values()) + size_bytes <= ARRIVED_UNNAMED_SIZE_BYTES_MAX
    return is_small_enough and len(others) < ARRIVED_UNNAMED_COUNT_MAX
