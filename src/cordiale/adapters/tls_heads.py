"""HTTP/1.1 as it comes in at a door of ours: heads within limits, read in one way alone, and nobody waited for.

A request that could be read in two ways, with two hosts or in an older form of
the protocol, is answered with 400 and nothing of it is passed on.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cordiale.limits import TRANSPORT_HEAD_SECONDS_MAX, TRANSPORT_HEAD_SIZE_BYTES_MAX

_VERSIONS: Final = ("1.0", "1.1")
# The parser answers 400 for whatever is raised in it, and says none of it.
_UNREADABLE: Final = "the request is not read"


class HeadsProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with limits on what stands before and behind the body of a request."""

    _head_size_bytes = 0
    _behind_size_bytes = 0
    _is_in_head = False
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection; whoever asks nothing is not waited for."""
        super().connection_made(transport)
        # The server itself begins to wait for the next request after an answer.
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        # asyncio does so only for sockets whose protocol was named when they were made;
        # an answer would otherwise wait 40 ms for an acknowledgement.
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._head_size_bytes, self._behind_size_bytes, self._is_in_head = 0, 0, True
        self._head_timer = self.loop.call_later(TRANSPORT_HEAD_SECONDS_MAX, self.transport.close)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; those behind the body belong to nothing here, and are bounded and not kept."""
        if self._is_in_head:
            super().on_header(name, value)
            return
        self._behind_size_bytes += len(name) + len(value)
        if self._behind_size_bytes > TRANSPORT_HEAD_SIZE_BYTES_MAX:
            raise ValueError(_UNREADABLE)

    def on_headers_complete(self) -> None:
        """End the head of a request; what could be meant in two ways is not read. The parser answers with 400."""
        self._end_head()
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if version not in _VERSIONS or hosts > 1 or (version == "1.1" and not hosts):
            raise ValueError(_UNREADABLE)
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._end_head()
        super().connection_lost(exc)

    def _end_head(self) -> None:
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def data_received(self, data: bytes) -> None:
        """Take in bytes; a head that does not end within the limit is answered with 400."""
        super().data_received(data)
        if self._is_in_head:
            self._head_size_bytes += len(data)
            if self._head_size_bytes > TRANSPORT_HEAD_SIZE_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

