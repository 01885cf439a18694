"""The application behind the private socket.

Whoever may open the socket is an operator of this machine; whoever acts is the
person whose key signed the request. Steps run in threads; the ledger joins what
arrives together into one commit.

    GET  /status            what the node is, for anybody who may open the socket
    POST /act               a signed act -> its answer and its entry in the audit trail
    POST /view              a signed question -> what that person may see
    PUT  /deposit           signed `label` request, salt, content, signed `label` request with the content's commitment
    POST /read              a signed `read` request -> the content, as it is decrypted
    POST /operator/{verb}   what needs no person
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from cordiale.canonical import Fields
from cordiale.doors.body import BodySource, read_in_thread
from cordiale.doors.content import ContentResponse
from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, CONTENT_VIEWS, look_up
from cordiale.doors.control.deposits import DepositBody
from cordiale.doors.control.operators import OPERATIONS, Serving
from cordiale.doors.control.views import VIEWS
from cordiale.doors.replies import (
    JSON_TYPE,
    answer_json,
    answer_value,
    error_json,
    expected_error,
    plain_json,
    status_of,
)
from cordiale.errors import Malformed
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX
from cordiale.records.registry import identify

ANSWER_HEADER: Final = "Cordiale-Answer"

_diagnostics: Final = logging.getLogger("cordiale.control")
_THREADS: Final = 64

Result = TypeVar("Result")


class ControlDoor:
    """The routes of the private socket over one serving node."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._registry = serving.node.registry
        self._threads: anyio.CapacityLimiter | None = None

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(routes=[
            Route("/status", self._guarded(self._status), methods=["GET"]),
            Route("/act", self._guarded(self._act), methods=["POST"]),
            Route("/view", self._guarded(self._view), methods=["POST"]),
            Route("/deposit", self._guarded(self._deposit), methods=["PUT"]),
            Route("/read", self._guarded(self._read), methods=["POST"]),
            Route("/operator/{verb}", self._guarded(self._operate), methods=["POST"]),
        ])

    def _guarded(self, answer: Callable[[HttpRequest], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def guarded(request: HttpRequest) -> Response:
            try:
                return await answer(request)
            except Exception as error:  # noqa: BLE001 - a door answers everything
                raised = expected_error(error, _diagnostics)
                # Whoever still sends a long content is told to stop.
                closing = {"Connection": "close"} if request.method == "PUT" else None
                return Response(error_json(raised), status_of(raised), closing, JSON_TYPE)

        return guarded

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _status(self, _: HttpRequest) -> Response:
        return _json(await self._in_thread(lambda: plain_json(OPERATIONS["status"](self._serving, _no_fields()))))

    async def _act(self, request: HttpRequest) -> Response:
        signed = await _body(request)

        def work() -> bytes:
            who = identify(self._registry, signed)
            return answer_json(look_up(ACTS, who.act.kind)(self._registry, who))

        return _json(await self._in_thread(work))

    async def _view(self, request: HttpRequest) -> Response:
        signed = await _body(request)

        def work() -> bytes:
            who = identify(self._registry, signed)
            return plain_json(look_up(VIEWS, who.act.kind)(self._registry, who))

        return _json(await self._in_thread(work))

    async def _deposit(self, request: HttpRequest) -> Response:
        def work(source: BodySource) -> bytes:
            body = DepositBody(source)
            who = identify(self._registry, body.opening)
            return answer_json(look_up(CONTENT_ACTS, who.act.kind)(self._registry, who, body))

        return _json(await read_in_thread(request.stream(), work, self._in_thread))

    async def _read(self, request: HttpRequest) -> Response:
        signed = await _body(request)

        def work() -> tuple[str, Iterator[bytes]]:
            who = identify(self._registry, signed)
            opened = look_up(CONTENT_VIEWS, who.act.kind)(self._registry, who)
            return json.dumps(answer_value(opened.answer)), opened.chunks

        head, chunks = await self._in_thread(work)
        return ContentResponse(chunks, run=self._in_thread, headers={ANSWER_HEADER: head})

    async def _operate(self, request: HttpRequest) -> Response:
        body = await _body(request)

        def work() -> bytes:
            operation = look_up(OPERATIONS, request.path_params["verb"])
            return plain_json(operation(self._serving, _fields(body)))

        return _json(await self._in_thread(work))


def _json(body: bytes) -> Response:
    return Response(body, media_type=JSON_TYPE)


def _no_fields() -> Fields:
    return Fields({}, where="request")


def _fields(body: bytes) -> Fields:
    try:
        return Fields(json.loads(body or b"{}"), where="request")
    except ValueError as error:
        raise Malformed("request.form", "the request is not JSON", hint="use `cordiale`") from error


async def _body(request: HttpRequest) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > CONTROL_BODY_SIZE_BYTES_MAX:
            raise Malformed("request.too-large", "the request is too large", hint="send a smaller one")
        chunks.append(chunk)
    return b"".join(chunks)
