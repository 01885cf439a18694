"""The application behind the private socket.

Whoever may open the socket is an operator of this machine; whoever acts is the
person whose key signed the request. Steps run in threads; the ledger joins what
arrives together into one commit.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cordiale.canonical import encode_canonical
from cordiale.doors.control.acts import step_for, view_for
from cordiale.doors.control.operators import OPERATIONS, Operations
from cordiale.doors.replies import JSON_TYPE, answer_json, error_json, status_of
from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.journey.label import deposit
from cordiale.journey.read import open_content
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX, MESSAGE_SIZE_BYTES_MAX
from cordiale.records.registry import Registry, identify

_log: Final = logging.getLogger("cordiale.control")
_THREADS: Final = 64


def _failed(error: BaseException) -> Response:
    if isinstance(error, CordialeError):
        return Response(error_json(error), status_of(error), media_type=JSON_TYPE)
    # A defect. Diagnostics name where it was, never what was being handled.
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    _log.error("defect %s at %s", type(error).__name__, where)
    raised = Unavailable(
        "node.defect", "the node failed inside; nothing of this act was kept",
        hint="repeat the command; if it fails again, report what the diagnostics say",
    )
    return Response(error_json(raised), status_of(raised), media_type=JSON_TYPE)


async def _body(request: HttpRequest, size_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > size_max:
            raise Malformed("request.too-large", "the request is too large", hint="send a smaller one")
        chunks.append(chunk)
    return b"".join(chunks)


class _Pull:
    """Reads an HTTP body from a thread, as a step reads a file."""

    def __init__(self, chunks: AsyncIterator[bytes], head: bytes) -> None:
        self._chunks = chunks
        self._held = head

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none only at the end; raises `Unavailable` when the sender broke off."""
        while len(self._held) < size:
            try:
                chunk = anyio.from_thread.run(anext, self._chunks, b"")
            except ClientDisconnect as error:
                raise Unavailable(
                    "deposit.broken-off", "the content broke off on its way to the node; nothing was kept",
                    hint="send it again",
                ) from error
            if not chunk:
                break
            self._held += chunk
        taken, self._held = self._held[:size], self._held[size:]
        return taken


class ControlDoor:
    """The routes of the private socket over one registry."""

    def __init__(self, registry: Registry, operations: Operations) -> None:
        self._registry = registry
        self._operations = operations
        self._threads = anyio.CapacityLimiter(_THREADS)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(routes=[
            Route("/status", self._status, methods=["GET"]),
            Route("/act", self._act, methods=["POST"]),
            Route("/view", self._view, methods=["POST"]),
            Route("/deposit", self._deposit, methods=["PUT"]),
            Route("/read", self._read, methods=["POST"]),
            Route("/operator/{verb}", self._operate, methods=["POST"]),
        ])

    async def _thread(self, work: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _guarded(self, work: Callable[[], bytes]) -> Response:
        try:
            return Response(await self._thread(work), media_type=JSON_TYPE)
        except Exception as error:  # noqa: BLE001 - a door answers everything
            return _failed(error)

    async def _status(self, _: HttpRequest) -> Response:
        return await self._guarded(lambda: _plain(self._operations.status()))

    async def _act(self, request: HttpRequest) -> Response:
        try:
            signed = await _body(request, CONTROL_BODY_SIZE_BYTES_MAX)
        except CordialeError as error:
            return _failed(error)

        def work() -> bytes:
            who = identify(self._registry, signed)
            return answer_json(step_for(who.act.kind)(self._registry, who))

        return await self._guarded(work)

    async def _view(self, request: HttpRequest) -> Response:
        try:
            signed = await _body(request, CONTROL_BODY_SIZE_BYTES_MAX)
        except CordialeError as error:
            return _failed(error)

        def work() -> bytes:
            who = identify(self._registry, signed)
            return _plain(view_for(who.act.kind)(self._registry, who))

        return await self._guarded(work)

    async def _operate(self, request: HttpRequest) -> Response:
        try:
            body = await _body(request, MESSAGE_SIZE_BYTES_MAX)
        except CordialeError as error:
            return _failed(error)

        def work() -> bytes:
            operation = OPERATIONS.get(request.path_params["verb"])
            if operation is None:
                raise Malformed("operator.unknown", "this node does not know that", hint="use the same version")
            return _plain(operation(self._operations, json.loads(body or b"{}")))

        return await self._guarded(work)

    async def _deposit(self, request: HttpRequest) -> Response:
        try:
            pull = _Pull(request.stream(), b"")

            def work() -> bytes:
                size = int.from_bytes(pull.read(4), "big")
                if not 0 < size <= CONTROL_BODY_SIZE_BYTES_MAX:
                    raise Malformed("deposit.head", "the deposit does not begin with a request", hint="use `cordiale`")
                who = identify(self._registry, pull.read(size))
                return _plain(deposit(self._registry, who, pull))

            return Response(await self._thread(work), media_type=JSON_TYPE)
        except Exception as error:  # noqa: BLE001 - a door answers everything
            return _failed(error)

    async def _read(self, request: HttpRequest) -> Response:
        try:
            signed = await _body(request, CONTROL_BODY_SIZE_BYTES_MAX)
            opened = await self._thread(lambda: open_content(self._registry, identify(self._registry, signed)))
        except Exception as error:  # noqa: BLE001 - a door answers everything
            return _failed(error)
        head = json.dumps(json.loads(answer_json(opened.answer)))
        return StreamingResponse(opened.chunks, media_type="application/octet-stream", headers={"Cordiale-Answer": head})


def _plain(value: Mapping[str, Any]) -> bytes:
    return encode_canonical({"answer": dict(value)})
