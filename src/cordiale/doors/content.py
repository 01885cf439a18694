"""A content that leaves a door piece by piece, as it is decrypted; nothing of it is kept."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from cordiale.doors.replies import expected_error

_diagnostics: Final = logging.getLogger("cordiale.control")


class _BrokenOff(Exception):
    """Ends the connection, so that nobody takes a part of a content for the whole."""


class ContentResponse(StreamingResponse):
    """Sends `chunks`, a blocking iterator, which is closed whatever happens; `run` runs a call in a thread."""

    def __init__(
        self, chunks: Iterator[bytes], *, run: Callable[[Callable[[], Any]], Awaitable[Any]],
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(self._pieces(), media_type="application/octet-stream", headers=headers)
        self._chunks = chunks
        self._run = run

    async def _pieces(self) -> AsyncIterator[bytes]:
        while True:
            try:
                piece: bytes | None = await self._run(lambda: next(self._chunks, None))
            except Exception as error:  # noqa: BLE001 - a door answers everything, here by hanging up
                raised = expected_error(error, _diagnostics)
                _diagnostics.warning("a content broke off: %s", raised.code)
                raise _BrokenOff from None
            if piece is None:
                return
            yield piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the content; the iterator is closed in a thread, because its end may wait."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self._chunks, "close", None)
            if close is not None:
                with anyio.CancelScope(shield=True):
                    await self._run(close)
