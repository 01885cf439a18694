"""HTTP/1.1 to one partner's node: kept connections, bounded answers, bodies of any size in constant memory.

Every request may be sent twice: when a kept connection turns out to be closed
before an answer begins, it is sent once more on a new one. What is posted must
therefore be an act with an id, which the partner does once. After a new
connection fails nothing is repeated here; that is for the outbox.

    with PeerClient("https://node.example:8443", pins, certificate_pem=..., key_pem=...,
                    timeout_seconds=20) as client:
        answer = client.post("/messages", message)
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Final, Self, cast
from urllib.parse import urlsplit

from cordiale.adapters.tls_client import Channel
from cordiale.adapters.tls_context import make_context
from cordiale.errors import Malformed, Unavailable
from cordiale.limits import (
    ENVELOPE_SIZE_BYTES_MAX,
    MESSAGE_SIZE_BYTES_MAX,
    TRANSPORT_CHUNK_SIZE_BYTES,
    TRANSPORT_IDLE_CONNECTIONS_MAX,
    TRANSPORT_IDLE_SECONDS_MAX,
)

_PATH: Final = re.compile(r"/[!-~]*\Z")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_HEADER_VALUE: Final = re.compile(r"[ -~]*\Z")
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,15})-\d{1,15}/\d{1,15}\Z")


@dataclass(frozen=True, slots=True)
class PeerResponse:
    """What a partner's node answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: Mapping[str, str]
    chunks: Callable[[], Iterable[bytes | memoryview]]
    is_repeatable: bool = True


class PeerClient:
    """A client of one partner's node, for any number of threads at once."""

    def __init__(
        self, endpoint: str, partner_pins: Callable[[], frozenset[bytes]], *,
        certificate_pem: bytes, key_pem: bytes, timeout_seconds: float,
    ) -> None:
        """Call the node at `endpoint`, an address such as `https://node.example:8443`.

        `partner_pins` gives the pins that are the partner's now; it is asked at
        every handshake and before a kept connection is used again. No wait for
        the partner lasts longer than `timeout_seconds`; a long transfer that
        moves may last as long as it needs. Raises `Malformed` when the address
        or our certificate and key are not of the form.
        """
        self._address, self._host, self._prefix = _parse_endpoint(endpoint)
        self._partner_pins = partner_pins
        self._timeout_seconds = timeout_seconds
        self._context = make_context(certificate_pem, key_pem, is_known=lambda pin: pin in partner_pins())
        self._kept: list[tuple[float, Channel]] = []
        self._lock = threading.Lock()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> PeerResponse:
        """Ask for `path`; the answer is at most a message in size. Raises as `post`."""
        return self._exchange(_Request("GET", path, headers or {}, tuple))

    def post(
        self, path: str, body: bytes | Iterable[bytes], headers: Mapping[str, str] | None = None,
    ) -> PeerResponse:
        """Post `body` to `path`. An iterable is sent as it comes, and only once.

        Raises `Unavailable` when the partner cannot be reached, falls silent,
        hangs up or refuses our key; `Unverified` when its key or the group is
        wrong; `Malformed` when its answer is too large or not HTTP.
        """
        given = dict(headers or {})
        if isinstance(body, bytes):
            given["Content-Length"] = str(len(body))
            return self._exchange(_Request("POST", path, given, lambda: (body,)))
        given["Transfer-Encoding"] = "chunked"
        return self._exchange(_Request("POST", path, given, lambda: _chunked(body), is_repeatable=False))

    def put_range(
        self, path: str, file: BinaryIO, *, offset: int, total: int,
        headers: Mapping[str, str] | None = None,
    ) -> PeerResponse:
        """Send the bytes of `file` from `offset` to `total`, the size of the whole, in constant memory.

        Says so with `Content-Range` (RFC 9110, 14.5). Raises as `post`, and
        `Malformed` when offset and total do not fit, or the file ends too early.
        """
        if not 0 <= offset <= total <= ENVELOPE_SIZE_BYTES_MAX:
            raise Malformed(
                "transport.range", "bytes from {offset} on cannot be sent of a whole of {total}",
                hint="ask the partner's node how much it holds, and go on from there",
                offset=offset, total=total,
            )
        span = f"{offset}-{total - 1}" if offset < total else "*"
        given = {**(headers or {}), "Content-Range": f"bytes {span}/{total}",
                 "Content-Length": str(total - offset)}
        return self._exchange(
            _Request("PUT", path, given, lambda: _file_chunks(file, offset=offset, total=total)))

    def get_into(
        self, path: str, sink: BinaryIO, *, offset: int, size_bytes_max: int,
    ) -> PeerResponse:
        """Write what stands at `path`, from `offset` on, into `sink`; the answer's body is then empty.

        Nothing is written, and the body is returned, when the partner answers
        something else than the bytes asked for. Raises as `post`; `sink` may
        then hold a part, from which a later call can go on.
        """
        given = {"Range": f"bytes={offset}-"} if offset else {}
        receive = _Receive(sink, offset, size_bytes_max)
        return self._exchange(_Request("GET", path, given, tuple), receive)

    def close(self) -> None:
        """Hang up all kept connections; calls under way are not disturbed."""
        with self._lock:
            kept, self._kept = self._kept, []
        for _, channel in kept:
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(self, request: _Request, receive: _Receive | None = None) -> PeerResponse:
        head = self._head_of(request)
        receive = receive or _Receive()
        channel = self._take_kept()
        if channel is not None:
            try:
                return self._exchange_on(channel, head, request, receive)
            except Unavailable as error:
                was_closed = error.code == "transport.interrupted" and not receive.has_begun
                if not was_closed or not request.is_repeatable:
                    raise
        return self._exchange_on(self._connect(), head, request, receive)

    def _exchange_on(
        self, channel: Channel, head: bytes, request: _Request, receive: _Receive,
    ) -> PeerResponse:
        is_kept = False
        try:
            is_whole = _send(channel, head, request.chunks())
            response = http.client.HTTPResponse(cast(socket.socket, channel), method=request.method)
            answer = receive.read(response, self._host)
            is_kept = is_whole and not response.will_close
            return answer
        finally:
            if is_kept:
                self._keep(channel)
            else:
                channel.close()

    def _head_of(self, request: _Request) -> bytes:
        lines = [f"{request.method} {self._prefix}{request.path} HTTP/1.1", f"Host: {self._host}"]
        if not _PATH.match(request.path):
            raise _ill_formed("path")
        for name, value in request.headers.items():
            if not _HEADER_NAME.match(name) or not _HEADER_VALUE.match(value):
                raise _ill_formed("header")
            lines.append(f"{name}: {value}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    def _connect(self) -> Channel:
        return Channel(self._address, self._context, timeout_seconds=self._timeout_seconds)

    def _take_kept(self) -> Channel | None:
        pins = self._partner_pins()
        while True:
            with self._lock:
                if not self._kept:
                    return None
                since, channel = self._kept.pop()
            is_fresh = time.monotonic() - since < TRANSPORT_IDLE_SECONDS_MAX
            if is_fresh and channel.pin in pins and channel.is_quiet():
                return channel
            channel.close()

    def _keep(self, channel: Channel) -> None:
        with self._lock:
            if len(self._kept) < TRANSPORT_IDLE_CONNECTIONS_MAX:
                self._kept.append((time.monotonic(), channel))
                return
        channel.close()


@dataclass(slots=True)
class _Receive:
    """Where an answer goes: into memory, or into `sink` when it is the content asked for."""

    sink: BinaryIO | None = None
    offset: int = 0
    size_bytes_max: int = MESSAGE_SIZE_BYTES_MAX
    has_begun: bool = field(default=False, init=False)

    def read(self, response: http.client.HTTPResponse, host: str) -> PeerResponse:
        try:
            response.begin()
            self.has_begun = True
            headers = {name.lower(): value for name, value in response.getheaders()}
            body = self._read_body(response, headers)
        except (ConnectionError, http.client.IncompleteRead):
            raise Unavailable(
                "transport.interrupted", "the partner's node at {host} hung up before its answer was whole",
                hint="it is tried again by itself; if this lasts, ask the partner", host=host,
            ) from None
        except http.client.HTTPException:
            raise Malformed(
                "transport.answer", "what the partner's node at {host} answered is not HTTP",
                hint="check the address of the partner's node", host=host,
            ) from None
        finally:
            response.close()
        return PeerResponse(response.status, headers, body)

    def _read_body(self, response: http.client.HTTPResponse, headers: Mapping[str, str]) -> bytes:
        body = b""
        if self.sink is not None and self._is_content(response.status, headers):
            self._pour(response, self.sink)
        else:
            self._require_size(response.length or 0, MESSAGE_SIZE_BYTES_MAX)
            body = response.read(MESSAGE_SIZE_BYTES_MAX + 1)
            self._require_size(len(body), MESSAGE_SIZE_BYTES_MAX)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return body

    def _pour(self, response: http.client.HTTPResponse, sink: BinaryIO) -> None:
        self._require_size(response.length or 0, self.size_bytes_max)
        buffer = memoryview(bytearray(TRANSPORT_CHUNK_SIZE_BYTES))
        received = 0
        while size := response.readinto(buffer):
            received += size
            self._require_size(received, self.size_bytes_max)
            sink.write(buffer[:size])

    def _is_content(self, status: int, headers: Mapping[str, str]) -> bool:
        if status == http.client.OK:
            return self.offset == 0
        span = _CONTENT_RANGE.match(headers.get("content-range", ""))
        return status == http.client.PARTIAL_CONTENT and span is not None and int(span[1]) == self.offset

    def _require_size(self, size_bytes: int, maximum: int) -> None:
        if size_bytes > maximum:
            raise Malformed(
                "transport.answer-size", "the partner's node answered with more than {maximum} bytes",
                hint="ask the partner which version its node runs", maximum=maximum,
            )


def _send(channel: Channel, head: bytes, chunks: Iterable[bytes | memoryview]) -> bool:
    """Send a request; False when the partner answered, or hung up, before it was whole."""
    # The head waits for the first chunk: one write, one packet for a small message.
    unsent = head
    for chunk in chunks:
        if unsent and len(chunk) <= TRANSPORT_CHUNK_SIZE_BYTES:
            is_sent = channel.send(unsent + chunk)
        elif unsent:
            is_sent = channel.send(unsent) and channel.send(chunk)
        else:
            is_sent = channel.is_quiet() and channel.send(chunk)
        unsent = b""
        if not is_sent:
            return False
    return channel.send(unsent)


def _chunked(body: Iterable[bytes]) -> Iterator[bytes]:
    for piece in body:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _file_chunks(file: BinaryIO, *, offset: int, total: int) -> Iterator[bytes]:
    file.seek(offset)
    left = total - offset
    while left:
        chunk = file.read(min(left, TRANSPORT_CHUNK_SIZE_BYTES))
        if not chunk:
            raise Malformed(
                "transport.file-short", "the file to be sent ends {left} bytes before its stated size of {total}",
                hint="the file has changed since it was sealed; run the integrity check of the store",
                left=left, total=total,
            )
        left -= len(chunk)
        yield chunk


def _parse_endpoint(endpoint: str) -> tuple[tuple[str, int], str, str]:
    try:
        parts = urlsplit(endpoint)
        port = parts.port or 443
    except ValueError:
        raise _bad_endpoint() from None
    prefix = parts.path.rstrip("/")
    is_plain = not (parts.query or parts.fragment or parts.username is not None)
    if parts.scheme != "https" or not parts.hostname or not is_plain or not _PATH.match(prefix or "/"):
        raise _bad_endpoint()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not _HEADER_VALUE.match(host):
        raise _bad_endpoint()
    return (parts.hostname, port), f"{host}:{port}", prefix


def _bad_endpoint() -> Malformed:
    return Malformed(
        "transport.endpoint", "the address of the partner's node is not of the form https://host:port",
        hint="correct the address in the partner's node statement or in the configuration",
    )


def _ill_formed(what: str) -> Malformed:
    return Malformed(
        "transport.request", "the {what} of a request to the partner has characters that are not allowed",
        hint="this is a fault in the program: please report it", what=what,
    )
