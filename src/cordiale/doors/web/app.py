"""The application of the desk: one way in for every page, and what every answer carries.

    GET  /static/{name}   what pages are made up with; the same for everybody
    …    everything else is a row of the table of pages

An address that is not in the table is not there; one that is, and that this
person may not open, says the same words to everybody whom it refuses.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from cordiale.canonical import parse_base64url
from cordiale.doors.body import BodySource, read_in_thread
from cordiale.doors.replies import expected_error, status_of
from cordiale.doors.steady import steady
from cordiale.doors.web.again import SentOn, held_page
from cordiale.doors.web.faults import show_fault
from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.sessions import Session
from cordiale.doors.web.upload import Upload, boundary_of
from cordiale.doors.web.visit import COOKIE, FLOW_COOKIE, Came, Desk, Values, Visit
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unverified
from cordiale.limits import DESK_BODY_SIZE_BYTES_MAX
from cordiale.words.spoken import Words, preferred

LANGUAGE_COOKIE: Final = "__Host-language"
CARD: Final = "cordiale.card"
"""Where the listener puts the fingerprint of a card's certificate that it verified, in the scope of a request."""

_diagnostics: Final = logging.getLogger("cordiale.desk")
_THREADS: Final = 48
_FOREVER: Final = "public, max-age=31536000, immutable"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)",
    # Not no-referrer: a browser would then hide the origin of our own forms, and we look at it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A request before it is known who makes it."""

    request: HttpRequest
    form: Values
    session: Session | None
    words: Words


class DeskDoor:
    """The pages of the desk over one serving node."""

    def __init__(self, desk: Desk, pages: Sequence[Page]) -> None:
        self._desk = desk
        self._pages = tuple(pages)
        self._threads: anyio.CapacityLimiter | None = None

    def app(self) -> Starlette:
        """Return the ASGI application."""
        routes = [Route("/static/{name}", self._static, methods=["GET"])]
        routes += [Route(page.path, self._answering(page), methods=page.methods) for page in self._pages]
        app = Starlette(routes=routes, exception_handlers={HTTPException: self._not_there})
        # An address with a stroke too many is not there: being sent on would name whatever host was asked for.
        app.router.redirect_slashes = False
        return app

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _static(self, request: HttpRequest) -> Response:
        file = self._desk.look.files.get(request.path_params["name"])
        if file is None:
            return await self._not_there(request, HTTPException(404))
        is_known = request.query_params.get("v") == file.version
        return Response(file.content, 200, {
            **_HEADERS, "Cache-Control": _FOREVER if is_known else "no-cache",
        }, file.media_type)

    async def _not_there(self, request: HttpRequest, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404

        def work() -> Response:
            visit = self._visit(self._arrived(request, Values()))
            fault = OutOfOrder("desk.no-page", "there is no such page", hint="go back to the first page")
            return show_fault(visit, fault, status)

        return _guarded(await self._in_thread(work))

    def _answering(self, page: Page) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def answer(request: HttpRequest) -> Response:
            try:
                if request.method == "POST":
                    self._require_own_origin(request, for_servers=page.for_servers)
                    if page.upload is not None:
                        return _guarded(await self._take_upload(page, request))
                form = Values.parse(await _body(request)) if request.method == "POST" else Values()
                return _guarded(await self._in_thread(lambda: self._answer(page, request, form)))
            except Exception as error:  # noqa: BLE001 - a door answers everything
                raised = expected_error(error, _diagnostics)
                return _guarded(await self._in_thread(lambda: self._fault(request, raised)))

        return answer

    def _answer(self, page: Page, request: HttpRequest, form: Values) -> Response:
        visit = self._visit(self._arrived(request, form))
        try:
            self._admit(page, visit)
            handler = page.post if visit.method == "POST" else held_page(visit) or page.get
            if handler is None:
                raise OutOfOrder("desk.no-page", "there is no such page", hint="go back to the first page")
            return handler(visit)
        except Exception as error:  # noqa: BLE001 - a door answers everything
            return _faulty(visit, expected_error(error, _diagnostics))

    @staticmethod
    def _admit(page: Page, visit: Visit) -> None:
        if page.who is Who.SIGNED_IN:
            visit.require_offices(page.offices)
            visit.person  # noqa: B018 - whoever has left is turned away here
            if visit.method == "POST" and page.upload is None:
                visit.require_csrf()

    async def _take_upload(self, page: Page, request: HttpRequest) -> Response:
        """Answer a form with a file: its fields come first, and the file is read as it comes."""
        boundary = boundary_of(request.headers.get("content-type", ""))
        handler = page.upload or _refuse_upload

        def work(source: BodySource) -> Response:
            visit = self._visit(self._arrived(request, Values()))
            try:
                # Before anything is read: nobody who may not come keeps a thread waiting for what they send.
                self._admit(page, visit)
                upload = Upload(source, boundary)
                visit = self._visit(self._arrived(request, upload.fields()))
                visit.require_csrf()
                return handler(visit, upload)
            except Exception as error:  # noqa: BLE001 - a door answers everything
                return _faulty(visit, expected_error(error, _diagnostics))

        response = await read_in_thread(steady(request.stream()), work, self._in_thread)
        if response.status_code >= 400 or isinstance(response, SentOn):
            # Whoever still sends a long content is told to stop.
            response.headers["Connection"] = "close"
        return response

    def _fault(self, request: HttpRequest, error: CordialeError) -> Response:
        return _faulty(self._visit(self._arrived(request, Values())), error)

    def _require_own_origin(self, request: HttpRequest, *, for_servers: bool) -> None:
        wanted = None if for_servers else self._desk.origin
        if request.headers.get("origin") != wanted or (for_servers and "cookie" in request.headers):
            raise Unverified(
                "desk.other-origin", "this request was not made by a page of the desk; nothing was done",
                hint="open the desk at its own address and do it there",
            )

    def _arrived(self, request: HttpRequest, form: Values) -> _Arrived:
        cookies = _cookies(request)
        session = self._session(cookies.get(COOKIE, ""), str(request.scope.get(CARD, "")))
        chosen = session.language if session is not None else cookies.get(LANGUAGE_COOKIE, "")
        language = preferred(request.headers.get("accept-language", ""), chosen=chosen)
        return _Arrived(request, form, session, Words(language))

    def _session(self, token: str, card: str) -> Session | None:
        try:
            raw = parse_base64url(token) if token else b""
        except CordialeError:
            return None
        return self._desk.sessions.find(raw, binding=card) or self._desk.sessions.find(raw) if raw else None

    def _visit(self, arrived: _Arrived) -> Visit:
        request = arrived.request
        return Visit(self._desk, arrived.session, arrived.words, Came(
            method=request.method, path=request.url.path, named=request.path_params, query=_query(request),
            form=arrived.form, card=str(request.scope.get(CARD, "")),
            client=request.client.host if request.client else "", flow=_cookies(request).get(FLOW_COOKIE, ""),
        ))


def _refuse_upload(visit: Visit, _: Upload) -> Response:
    raise OutOfOrder("desk.no-page", "there is no such page", hint="go back to the first page")


def _faulty(visit: Visit, error: CordialeError) -> Response:
    if error.code == "desk.not-signed-in" and visit.method == "GET":
        return visit.go("/sign-in")
    return show_fault(visit, error, status_of(error))


def _guarded(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _cookies(request: HttpRequest) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(request.headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _query(request: HttpRequest) -> Values:
    try:
        return Values.parse(request.url.query)
    except Malformed:
        return Values()


async def _body(request: HttpRequest) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Malformed("desk.form", "the form could not be read", hint="go back and send it again")
    chunks: list[bytes] = []
    size = 0
    async for chunk in steady(request.stream()):
        size += len(chunk)
        if size > DESK_BODY_SIZE_BYTES_MAX:
            raise Malformed("request.too-large", "the request is too large", hint="send a smaller one")
        chunks.append(chunk)
    try:
        return b"".join(chunks).decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("desk.form", "the form could not be read", hint="go back and send it again") from error


