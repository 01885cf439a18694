"""The application for machine clients, beside the pages of the desk.

    POST /api/v1/acts           a signed act -> its answer and its entry in the audit trail
    POST /api/v1/views          a signed question -> what that person may see
    PUT  /api/v1/deposits       a signed act, salt, content, the act signed again with the content's commitment
    GET  /api/v1/openapi.json   the description of these

Whoever acts is the person whose key signed the request, as at the private
socket, or whose machine client's did; a client may do what it was entered for,
and is known here alone. There is no session, and what carries a cookie or an
origin comes from a browser and is turned away unread.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.resources import files
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cordiale.doors.api.problems import GUARDS, problem
from cordiale.doors.api.questions import Questions
from cordiale.doors.body import BodySource, read_in_thread
from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, look_up
from cordiale.doors.control.deposits import DepositBody
from cordiale.doors.control.views import VIEWS
from cordiale.doors.replies import JSON_TYPE, answer_json, expected_error, plain_json
from cordiale.doors.steady import steady
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable, Undecidable, Unverified
from cordiale.limits import API_BODY_SIZE_BYTES_MAX, API_DEPOSITS_COUNT_MAX
from cordiale.records.clients import identify_client, note_out_of_scope, require_scope
from cordiale.records.registry import Registry, Request

API_PREFIX: Final = "/api/v1"
SIGNED_TYPE: Final = "application/jose+json"
DEPOSIT_TYPE: Final = "application/octet-stream"

_diagnostics: Final = logging.getLogger("cordiale.api")
_THREADS: Final = 16

Result = TypeVar("Result")


def with_api(desk: ASGIApp, registry: Registry) -> Starlette:
    """Return the application of the desk with that for machine clients beside it."""
    return Starlette(routes=[Mount(API_PREFIX, ApiDoor(registry)), Mount("", desk)])


class ApiDoor:
    """What machine clients may ask of one registry, as an ASGI application."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._threads: anyio.CapacityLimiter | None = None
        self._deposit_threads: anyio.CapacityLimiter | None = None
        self._deposits = 0
        self._questions = Questions(_start_of(registry))
        self._inner = Starlette(routes=[
            Route("/acts", self._guarded(self._act), methods=["POST"]),
            Route("/views", self._guarded(self._view), methods=["POST"]),
            Route("/deposits", self._guarded(self._deposit), methods=["PUT"]),
            Route("/openapi.json", self._guarded(self._describe), methods=["GET"]),
        ], exception_handlers={HTTPException: _not_there})
        self._inner.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what a browser sends is answered before anything of it is looked at."""
        headers = Headers(scope=scope)
        if "cookie" in headers or "origin" in headers:
            await problem(Unverified(
                "api.browser", "this request was made by a browser; nothing was done",
                hint="send neither `Cookie` nor `Origin`; people work at the pages of the desk",
            ))(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    @staticmethod
    def _guarded(answer: Callable[[HttpRequest], Awaitable[Response]]) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def guarded(request: HttpRequest) -> Response:
            try:
                return await answer(request)
            except Exception as error:  # noqa: BLE001 - a door answers everything
                raised = expected_error(error, _diagnostics)
                # Whoever still sends a long content is told to stop.
                return problem(raised, {"Connection": "close"} if request.method == "PUT" else None)

        return guarded

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _in_deposit_thread(self, work: Callable[[], Result]) -> Result:
        """Run `work` where a slow sender keeps no act waiting."""
        if self._deposit_threads is None:
            self._deposit_threads = anyio.CapacityLimiter(API_DEPOSITS_COUNT_MAX)
        return await anyio.to_thread.run_sync(work, limiter=self._deposit_threads)

    def _in_scope(self, who: Request) -> Request:
        try:
            return require_scope(self._registry, who)
        except Refused as refused:
            note_out_of_scope(self._registry, who, refused)
            raise

    async def _act(self, request: HttpRequest) -> Response:
        signed = await _signed(request)

        def work() -> bytes:
            who = identify_client(self._registry, signed)
            step = look_up(ACTS, who.act.kind)
            return answer_json(step(self._registry, self._in_scope(who)))

        return _json(await self._in_thread(work))

    async def _view(self, request: HttpRequest) -> Response:
        signed = await _signed(request)

        def work() -> bytes:
            who = identify_client(self._registry, signed)
            view = look_up(VIEWS, who.act.kind)
            self._questions.require_first(require_scope(self._registry, who), self._registry.now())
            return plain_json(view(self._registry, who))

        return _json(await self._in_thread(work))

    async def _deposit(self, request: HttpRequest) -> Response:
        _require_type(request, DEPOSIT_TYPE)

        def work(source: BodySource) -> bytes:
            body = DepositBody(source, request_size_max=API_BODY_SIZE_BYTES_MAX, by=identify_client)
            who = identify_client(self._registry, body.opening)
            step = look_up(CONTENT_ACTS, who.act.kind)
            return answer_json(step(self._registry, self._in_scope(who), body))

        if self._deposits >= API_DEPOSITS_COUNT_MAX:
            raise Unavailable(
                "api.deposits-busy", "as many contents as this node takes in at once are on their way",
                hint="send it again in a minute",
            )
        self._deposits += 1
        try:
            return _json(await read_in_thread(steady(request.stream()), work, self._in_deposit_thread))
        finally:
            self._deposits -= 1

    async def _describe(self, _: HttpRequest) -> Response:
        return _json(files("cordiale.doors.api").joinpath("openapi.json").read_bytes())


def _start_of(registry: Registry) -> datetime | None:
    # With its clock in doubt the node is served, so that somebody can confirm it.
    try:
        return registry.now()
    except Undecidable:
        return None


async def _not_there(request: HttpRequest, error: Exception) -> Response:
    is_method = isinstance(error, HTTPException) and error.status_code == 405
    raised: CordialeError = Malformed(
        "api.method", "this is not asked for in that way", hint="compare it with the description, openapi.json",
    ) if is_method else OutOfOrder(
        "api.no-place", "there is nothing at this address", hint="compare it with the description, openapi.json",
    )
    return problem(raised, error.headers if isinstance(error, HTTPException) else None)


def _json(body: bytes) -> Response:
    return Response(body, headers=GUARDS, media_type=JSON_TYPE)


def _require_type(request: HttpRequest, wanted: str) -> None:
    if request.headers.getlist("content-type") != [wanted]:
        raise Malformed(
            "api.media-type", "the request is not of the type {type}", hint="name that type, and nothing beside it",
            type=wanted,
        )


async def _signed(request: HttpRequest) -> bytes:
    _require_type(request, SIGNED_TYPE)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in steady(request.stream()):
            size += len(chunk)
            if size > API_BODY_SIZE_BYTES_MAX:
                raise Malformed("request.too-large", "the request is too large", hint="send a smaller one")
            chunks.append(chunk)
    except Unavailable:
        raise Unavailable(
            "body.broken-off", "the content broke off on its way to the node", hint="send it again"
        ) from None
    return b"".join(chunks)
