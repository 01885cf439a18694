"""Asks an ASGI application in this process, one request after the other, all from one task that stays.

The threads that pages work in belong to the task that called first: with a task for each request there would be a thread
for each as well.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

_Asked = tuple[Coroutine[Any, Any, None], "asyncio.Future[None]"]


class _Lane:
    """A loop with its standing task; a request that fails ends the task, and the next one has a new one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._asked: asyncio.Queue[_Asked] = asyncio.Queue()
        self._task = self._loop.create_task(self._serve())

    async def _serve(self) -> None:
        while True:
            call, done = await self._asked.get()
            await call
            done.set_result(None)

    def run(self, call: Coroutine[Any, Any, None]) -> None:
        """Run `call` to its end."""
        done: asyncio.Future[None] = self._loop.create_future()

        def fail(task: asyncio.Task[None]) -> None:
            self._task = self._loop.create_task(self._serve())
            done.set_exception(task.exception() or asyncio.CancelledError())

        self._asked.put_nowait((call, done))
        standing = self._task
        standing.add_done_callback(fail)
        self._loop.run_until_complete(done)
        standing.remove_done_callback(fail)

    def close(self) -> None:
        """End the standing task, and with it the threads that began for it: an interpreter that ends waits for them."""
        self._task.cancel()
        self._loop.run_until_complete(asyncio.wait([self._task]))
        self._loop.close()


@functools.cache
def _lane() -> _Lane:
    return _Lane()


def close_lane() -> None:
    """End what `ask_app` began, if anything was asked."""
    if _lane.cache_info().currsize:
        _lane().close()
        _lane.cache_clear()


class Answer:
    """What came back: the status, the headers in order with small names, and the body."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        start, *rest = sent
        self.status: int = start["status"]
        self.pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]]
        self.headers = dict(self.pairs)
        self.content = b"".join(one.get("body", b"") for one in rest)

    def all_of(self, name: str) -> list[str]:
        """Return every header of one name."""
        return [value for one, value in self.pairs if one == name]


def ask_app(
    app: Any, method: str, address: str, *, headers: Mapping[str, str], body: bytes = b"", **scope: Any,
) -> Answer:
    """Send one request and return its answer; `address` is a whole one, and `scope` goes before what follows from it."""
    parts = urlsplit(address)
    given = {"host": parts.netloc, **({"content-length": str(len(body))} if body or method != "GET" else {}), **headers}
    asked: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": unquote(parts.path),
        "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "", "scheme": parts.scheme,
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1), "server": (parts.hostname, parts.port), **scope,
    }
    sent: list[dict[str, Any]] = []
    coming = iter([{"type": "http.request", "body": body, "more_body": False}])
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if (first := next(coming, None)) is not None:
            return first
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    _lane().run(app(asked, receive, send))
    return Answer(sent)
