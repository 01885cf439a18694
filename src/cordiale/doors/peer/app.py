"""The application behind the wire: what a partner's node, and a visitor, may ask of ours.

    POST /message           a signed message -> the signed answer, both application/jose+json
    POST /parcel            a message and its small envelopes as one body (`cordiale.wire.parcel`) -> the same, or
                            envelopes alone, whose message comes in a later parcel -> nothing
    GET  /envelope/{name}   how much of an envelope has arrived here (HEAD: the same in a header)
    PUT  /envelope/{name}   a sealed envelope from a byte on, `Content-Range: bytes A-B/TOTAL` (RFC 9110, 14.4)
    GET  /statement         our root and statement, for first contact; all that a visitor may have

Who calls is known by the key of the connection, asked anew at each request. What
a message says is judged by its own signatures, never by the connection. Nothing
of our own affairs is in an answer: an error says what is wrong with what came.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeAlias, TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route, Router

from cordiale.canonical import encode_canonical
from cordiale.doors.replies import JSON_TYPE, expected_error, status_of
from cordiale.doors.steady import BROKEN_OFF, TOO_SLOW, pieces, steady
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable, Unverified
from cordiale.limits import (
    ENVELOPE_SIZE_BYTES_MAX,
    MESSAGE_SIZE_BYTES_MAX,
    PARTNER_MESSAGES_COUNT_MAX,
    TRANSPORT_CHUNK_SIZE_BYTES,
    TRANSPORT_PARCEL_SIZE_BYTES_MAX,
)
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import parse_identifier
from cordiale.operate.wire_end import VISITOR, caller_of, own_card
from cordiale.ports import Objects
from cordiale.records.arriving import arriving_name
from cordiale.records.registry import Registry
from cordiale.wire.parcel import parse_parcel
from cordiale.work.arrivals import BUSY, NO_ROOM, TOO_MANY, Arrivals

MESSAGE_TYPE: Final = "application/jose+json"
SIZE_HEADER: Final = "Cordiale-Size"

_diagnostics: Final = logging.getLogger("cordiale.peer")
_THREADS: Final = 32
_WRITERS: Final = 8
_CONTENT_RANGE: Final = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15})\Z", re.ASCII)
_TOLD: Final = (Malformed, Unverified, OutOfOrder)
"""Families whose errors speak of what came and may be told to the partner as they are."""
_TOLD_CODES: Final = (BUSY, TOO_MANY, NO_ROOM, TOO_SLOW, BROKEN_OFF)
"""Errors of other families that speak of nothing but what this partner sent."""

Intake: TypeAlias = Callable[[Registry, bytes, str], bytes | None]
Result = TypeVar("Result")


class PeerDoor:
    """The routes of the wire over one registry; `intake` takes a message of a partner node and answers it."""

    def __init__(self, registry: Registry, intake: Intake) -> None:
        self._registry = registry
        self._intake = intake
        self._arrivals = Arrivals(registry)
        self._threads: anyio.CapacityLimiter | None = None
        self._writers: anyio.CapacityLimiter | None = None
        self._at_work: dict[str, anyio.CapacityLimiter] = {}

    def app(self) -> Router:
        """Return the ASGI application: the routes alone, since every one of them answers its failures itself."""
        return Router(routes=[
            Route("/message", self._guarded(self._message), methods=["POST"]),
            Route("/parcel", self._guarded(self._parcel), methods=["POST"]),
            Route("/envelope/{name}", self._guarded(self._show_envelope), methods=["GET"]),
            Route("/envelope/{name}", self._guarded(self._take_envelope), methods=["PUT"]),
            Route("/statement", self._guarded(self._statement, for_visitors=True), methods=["GET"]),
        ])

    def _guarded(
        self, answer: Callable[[HttpRequest], Awaitable[Response]], *, for_visitors: bool = False,
    ) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def guarded(request: HttpRequest) -> Response:
            try:
                if not for_visitors:
                    _require_partner(request)
                return await answer(request)
            except Exception as error:  # noqa: BLE001 - a door answers everything
                return _failed(expected_error(error, _diagnostics))

        return guarded

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _in_writer(self, work: Callable[[], Result]) -> Result:
        """Run a short piece of work on an envelope; messages are not held up by it."""
        if self._writers is None:
            self._writers = anyio.CapacityLimiter(_WRITERS)
        return await anyio.to_thread.run_sync(work, limiter=self._writers)

    async def _statement(self, _: HttpRequest) -> Response:
        return Response(await self._in_thread(lambda: own_card(self._registry)), media_type=JSON_TYPE)

    async def _message(self, request: HttpRequest) -> Response:
        content, partner = await _body_of(request, MESSAGE_SIZE_BYTES_MAX), caller_of(request.scope)
        return await self._answered(partner, lambda: self._intake(self._registry, content, partner))

    async def _parcel(self, request: HttpRequest) -> Response:
        content, partner = await _body_of(request, TRANSPORT_PARCEL_SIZE_BYTES_MAX), caller_of(request.scope)
        if not self._arrivals.has_looked(partner):
            await self._in_writer(lambda: self._arrivals.look(partner))

        def work() -> bytes | None:
            parcel = parse_parcel(content)
            for envelope, sealed in parcel.envelopes:
                with self._arrivals.receiving(partner, envelope, len(sealed)) as name:
                    _enter_whole(self._registry.objects, name, sealed)
            # Of more envelopes than one parcel holds, the message comes in the last.
            return self._intake(self._registry, parcel.message, partner) if parcel.message else None

        return await self._answered(partner, work)

    async def _answered(self, partner: str, work: Callable[[], bytes | None]) -> Response:
        """Answer with what `work` makes of a message; only so many of one partner are at work at once."""
        if partner not in self._at_work:
            self._at_work[partner] = anyio.CapacityLimiter(PARTNER_MESSAGES_COUNT_MAX)
        async with self._at_work[partner]:
            answer = await self._in_thread(work)
        if answer is None:
            return Response(status_code=204)
        return Response(answer, media_type=MESSAGE_TYPE)

    async def _show_envelope(self, request: HttpRequest) -> Response:
        name = arriving_name(caller_of(request.scope), _envelope_of(request))

        def work() -> Response:
            is_whole = self._registry.objects.size(name) is not None
            return _arrived(self._registry.objects.partial(name).size, is_whole=is_whole)

        return await self._in_writer(work)

    async def _take_envelope(self, request: HttpRequest) -> Response:
        envelope, (offset, total) = _envelope_of(request), _range_of(request)
        sender, objects = caller_of(request.scope), self._registry.objects
        if not self._arrivals.has_looked(sender):
            await self._in_writer(lambda: self._arrivals.look(sender))
        with self._arrivals.receiving(sender, envelope, total) as name:
            if total - offset <= TRANSPORT_CHUNK_SIZE_BYTES:
                return await self._take_little(request, name, (offset, total))
            whole = await self._in_writer(lambda: objects.size(name))
            if whole is not None:
                return _arrived(whole, is_whole=True)
            arriving = objects.partial(name)
            size = await self._in_writer(lambda: arriving.append(offset, ()))
            async for piece in pieces(request.stream(), total - offset):
                size = await self._in_writer(partial(arriving.append, size, piece))
            if size == total:
                await self._in_writer(arriving.finish)
            return _arrived(size, is_whole=size == total)

    async def _take_little(self, request: HttpRequest, name: str, span: tuple[int, int]) -> Response:
        """Take what is soon read: it is waited for first, and entered as one piece of work instead of five."""
        offset, total = span
        came: list[bytes] = []
        broken: Unavailable | None = None
        try:
            async for piece in pieces(request.stream(), total - offset):
                came += piece
        except Unavailable as error:
            broken = error

        def work() -> Response:
            whole = self._registry.objects.size(name)
            if whole is not None:
                return _arrived(whole, is_whole=True)
            arriving = self._registry.objects.partial(name)
            size = arriving.append(offset, came)
            if size == total:
                arriving.finish()
            return _arrived(size, is_whole=size == total)

        answer = await self._in_writer(work)
        if broken is not None:
            raise broken
        return answer


async def _body_of(request: HttpRequest, size_max: int) -> bytes:
    """Return the body of a request, of at most `size_max` bytes.

    Of a larger one as much again is let pass and dropped: hanging up on whoever still sends could overtake the answer.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in steady(request.stream()):
        size += len(chunk)
        if size <= size_max:
            chunks.append(chunk)
        elif size > 2 * size_max:
            break
    if size > size_max:
        raise Malformed(
            "peer.message-size", "a message has at most {size_max} bytes", hint="send it in parts", size_max=size_max,
        )
    return b"".join(chunks)


def _enter_whole(objects: Objects, name: str, sealed: memoryview) -> None:
    """Enter an envelope that came at once; raises `OutOfOrder` where a part of it lies here, to be gone on with."""
    if objects.size(name) is not None:
        return
    arriving = objects.partial(name)
    if arriving.size:
        arriving.append(0, ())
    writer = objects.create(name)
    try:
        writer.file.write(sealed)
    except BaseException:
        writer.abandon()
        raise
    writer.commit()


def _require_partner(request: HttpRequest) -> None:
    if caller_of(request.scope) == VISITOR:
        raise Refused(decision_of("message", [
            refusal("peer.visitor", "this node does not know the key of the connection as a partner's")
        ]))


def _envelope_of(request: HttpRequest) -> str:
    return parse_identifier(request.path_params["name"], "name of an envelope")


def _range_of(request: HttpRequest) -> tuple[int, int]:
    """Return where the body begins in the envelope, and the size of the whole, in bytes."""
    span = _CONTENT_RANGE.match(request.headers.get("content-range", ""))
    if span is None:
        raise Malformed(
            "peer.range", "it is not said which part of the envelope this is", hint="send a Content-Range header"
        )
    total = int(span[3])
    start, end = (int(span[1]), int(span[2]) + 1) if span[1] is not None else (total, total)
    if not (start <= end == total) or total > ENVELOPE_SIZE_BYTES_MAX:
        raise Malformed(
            "peer.range-impossible", "a part of an envelope reaches to its end, and the whole has at most {size_max} "
            "bytes", hint="ask for the size that has arrived, and send from there", size_max=ENVELOPE_SIZE_BYTES_MAX,
        )
    return start, total


def _arrived(size: int, *, is_whole: bool) -> Response:
    body = encode_canonical({"is_whole": is_whole, "size_bytes": size})
    return Response(body, headers={SIZE_HEADER: str(size)}, media_type=JSON_TYPE)


def _failed(error: CordialeError) -> Response:
    """Answer an error: what came was wrong, or we cannot answer now; why not is our own affair."""
    headers = {"Connection": "close"}
    shown = error
    if error.code in _TOLD_CODES:
        headers["Retry-After"] = "5"
    elif not isinstance(error, (*_TOLD, Refused)):
        _diagnostics.warning("a partner was not answered: %s", error.code)
        headers["Retry-After"] = "5"
        shown = Unavailable(
            "peer.not-now", "this node cannot answer at the moment", hint="it is tried again by itself"
        )
    text = str(shown) if isinstance(shown, Refused) else shown.text
    value = {"code": shown.code, "family": shown.family, "fields": shown.fields, "hint": shown.hint, "text": text}
    return Response(json.dumps(value), status_of(shown), headers, JSON_TYPE)
