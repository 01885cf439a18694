"""A deposit as the private socket hands it on: what its originator signed, and the content between."""

from __future__ import annotations

import io
from dataclasses import dataclass

from cordiale.doors.control.acts import CONTENT_ACTS
from cordiale.records.answer import Answer
from cordiale.records.registry import Registry, Request, identify


@dataclass(frozen=True)
class SignedDeposit:
    """What goes over the socket, in its order; `replace` makes what somebody between would send on."""

    opening: bytes
    salt: bytes
    content: bytes
    closing: bytes

    def send(self, registry: Registry) -> Answer:
        """Hand it to `registry`."""
        request = identify(registry, self.opening)
        return CONTENT_ACTS[request.act.kind](registry, request, _Arriving(self))


class _Arriving:
    def __init__(self, sent: SignedDeposit) -> None:
        self.salt = sent.salt
        self._content = io.BytesIO(sent.content)
        self._closing = sent.closing

    def readinto(self, buffer: memoryview, /) -> int:
        return self._content.readinto(buffer)

    def closing(self, registry: Registry, _: bytes) -> Request:
        return identify(registry, self._closing)
