"""The listening end of the wire: TLS by pyOpenSSL under uvicorn, partners known by key.

Python's own `ssl` follows the system's OpenSSL, which may not have the hybrid
group, and shows a client certificate only when an authority vouches for it. So
the TLS engine is pyOpenSSL's, behind the two classes that asyncio and uvloop
know from `ssl`: a context that is asked for sessions, and a session that
turns bytes into bytes.

Who has called stands in the ASGI scope of every request:

    scope["extensions"]["cordiale.peer"] == {"partner": "UKR", "pin": b"...", "group": "X25519MLKEM768"}

`PeerGate` asks anew at each request whether that key still counts, since a
connection may outlive the statement that opened it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict, cast

import uvicorn
from OpenSSL import SSL

from cordiale.adapters.tls_context import GROUP, RECORD_SIZE_BYTES, make_context, reason_of, verified_pin
from cordiale.adapters.tls_heads import HeadsProtocol
from cordiale.errors import Unverified
from cordiale.limits import (
    TRANSPORT_CALLER_CONNECTIONS_MAX,
    TRANSPORT_CONNECTIONS_MAX,
    TRANSPORT_GRACE_SECONDS,
    TRANSPORT_KEEP_ALIVE_SECONDS,
    TRANSPORT_REFUSED_SIZE_BYTES_MAX,
)

PEER_EXTENSION: Final = "cordiale.peer"
_diagnostics: Final = logging.getLogger("cordiale.transport")

AllowedPins = Callable[[], Mapping[bytes, str]]
Scope = dict[str, Any]
AsgiApp = Callable[[Any, Any, Any], Any]


class Peer(TypedDict):
    """Who is at the other end of a connection: partner id, pin of the key shown, group negotiated."""

    partner: str
    pin: bytes
    group: str


class PeerContext(ssl.SSLContext):
    """What uvicorn's `ssl_context_factory` returns: TLS 1.3, the hybrid group, partners by pin."""

    def __new__(cls, *_: object, **__: object) -> PeerContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, certificate_pem: bytes, key_pem: bytes, *, allowed_pins: AllowedPins) -> None:
        """Show `certificate_pem`; let in whoever holds the key of a pin in `allowed_pins()`.

        `allowed_pins` maps pins to partner ids. It is called during handshakes
        and before requests, on the server's own thread: it must be quick and
        must not block. Raises `Malformed` when certificate and key do not go together.
        """
        self.allowed_pins = allowed_pins
        self.present(certificate_pem, key_pem)

    def present(self, certificate_pem: bytes, key_pem: bytes) -> None:
        """Show this certificate from the next handshake on; raises `Malformed` as the constructor."""
        self._openssl = make_context(
            certificate_pem, key_pem, is_known=lambda pin: pin in self.allowed_pins())

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: bool = False,
        server_hostname: str | bytes | None = None, session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Return the server's side of a new session between the two buffers."""
        connection = SSL.Connection(self._openssl)
        connection.set_accept_state()
        return cast(ssl.SSLObject, PeerSession(connection, (incoming, outgoing), self.allowed_pins))


class PeerSession:
    """One TLS session between two buffers, in the words of `ssl.SSLObject`."""

    def __init__(
        self, connection: SSL.Connection, buffers: tuple[ssl.MemoryBIO, ssl.MemoryBIO],
        allowed_pins: AllowedPins,
    ) -> None:
        self.peer: Peer | None = None
        self._connection = connection
        self._incoming, self._outgoing = buffers
        self._allowed_pins = allowed_pins
        self._is_drained = False
        self._refusal: ssl.SSLError | None = None
        self._swallowed_bytes = 0

    def do_handshake(self) -> None:
        """Go on with the handshake; `ssl.SSLWantReadError` means that bytes are awaited or to be sent.

        A partner that is refused is told why before the connection ends. The
        event loops drop what is unsent when a handshake fails, so the session
        pretends to go on until the partner has hung up.
        """
        if self._refusal is not None:
            self._swallow(self._refusal)
        self._pull()
        try:
            self._connection.do_handshake()
            self.peer = self._admitted()
        except SSL.WantReadError:
            self._push()
            raise ssl.SSLWantReadError from None
        except (SSL.Error, Unverified) as error:
            reason = reason_of(error) if isinstance(error, SSL.Error) else str(error)
            _diagnostics.info("a connection was refused: %s", reason)
            self._refusal = ssl.SSLError(reason)
            self._push()
            raise ssl.SSLWantReadError from None
        self._push()

    def _admitted(self) -> Peer:
        pin = verified_pin(self._connection)
        partner = self._allowed_pins().get(pin)
        if partner is None:
            raise Unverified(
                "transport.unknown-key", "the key shown belongs to no partner",
                hint="check whether the partner's newest node statement has arrived",
            )
        return Peer(partner=partner, pin=pin, group=GROUP)

    def _swallow(self, refusal: ssl.SSLError) -> None:
        self._swallowed_bytes += len(self._incoming.read())
        if self._swallowed_bytes > TRANSPORT_REFUSED_SIZE_BYTES_MAX:
            raise refusal
        raise ssl.SSLWantReadError

    def read(self, size: int, buffer: memoryview | None = None) -> bytes | int:
        """Return at most `size` bytes of one record, or how many went into `buffer`; nothing at the end."""
        self._pull()
        try:
            content = self._connection.recv(min(size, RECORD_SIZE_BYTES))
        except SSL.WantReadError:
            self._is_drained = True
            raise ssl.SSLWantReadError from None
        except SSL.ZeroReturnError:
            content = b""
        except SSL.Error as error:
            self._push()
            raise ssl.SSLError(reason_of(error)) from None
        if buffer is None:
            return content
        buffer[: len(content)] = content
        return len(content)

    def write(self, content: bytes | memoryview) -> int:
        """Encrypt all of `content`; returns its length."""
        try:
            self._connection.sendall(content)
        except SSL.Error as error:
            raise ssl.SSLError(reason_of(error)) from None
        finally:
            self._push()
        return len(content)

    def pending(self) -> int:
        """Return 0 when a read would find nothing; otherwise a number above 0, not always the exact one."""
        return 0 if self._is_drained else max(1, self._connection.pending())

    def unwrap(self) -> None:
        """Say goodbye, and do not wait for the partner's: one who keeps a connection idle never reads ours."""
        try:
            self._connection.shutdown()
        except SSL.Error as error:
            raise ssl.SSLError(reason_of(error)) from None
        finally:
            self._push()

    def getpeercert(self, binary_form: bool = False) -> None:
        """Return nothing: who the partner is stands in `peer`."""

    def cipher(self) -> tuple[str | None, str | None, int | None]:
        """Return name, protocol and key bits of the cipher in use."""
        return (
            self._connection.get_cipher_name(),
            self._connection.get_cipher_version(),
            self._connection.get_cipher_bits(),
        )

    def compression(self) -> None:
        """Return nothing: TLS 1.3 does not compress."""

    def _pull(self) -> None:
        if self._incoming.pending:
            self._connection.bio_write(self._incoming.read())
            self._is_drained = False

    def _push(self) -> None:
        size = len_read = 4 * RECORD_SIZE_BYTES
        while len_read == size:
            try:
                sealed = self._connection.bio_read(size)
            except SSL.WantReadError:
                return
            len_read = self._outgoing.write(sealed)


class PeerProtocol(HeadsProtocol):
    """HTTP/1.1 within the limits on heads, with the partner in the scope and limits on connections."""

    caller = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection; of those beyond what one caller, or all together, may have, it is closed at once."""
        super().connection_made(transport)
        session = transport.get_extra_info("ssl_object")
        if isinstance(session, PeerSession) and session.peer is not None:
            self.caller = session.peer["partner"]
        same = sum(isinstance(one, PeerProtocol) and one.caller == self.caller for one in self.connections)
        if same > TRANSPORT_CALLER_CONNECTIONS_MAX or len(self.connections) > TRANSPORT_CONNECTIONS_MAX:
            _diagnostics.warning("a caller has too many connections; one was closed")
            transport.close()

    def on_message_begin(self) -> None:
        """Begin a request: name the partner in its scope."""
        super().on_message_begin()
        session = self.transport.get_extra_info("ssl_object")
        if isinstance(session, PeerSession):
            scope = cast(Scope, self.scope)
            scope["extensions"] = {PEER_EXTENSION: session.peer}


class PeerGate:
    """ASGI: lets a request pass only while the key of its connection is still one of the partner's."""

    def __init__(self, app: AsgiApp, *, allowed_pins: AllowedPins) -> None:
        self._app = app
        self._allowed_pins = allowed_pins

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the request on, or answer 403 and close the connection."""
        if scope["type"] == "http" and not self._is_current(scope):
            await _turn_away(receive, send)
            return
        await self._app(scope, receive, send)

    def _is_current(self, scope: Scope) -> bool:
        peer: Peer | None = scope.get("extensions", {}).get(PEER_EXTENSION)
        return peer is not None and self._allowed_pins().get(peer["pin"]) == peer["partner"]


async def _turn_away(receive: Any, send: Any) -> None:
    # What is left unread when a connection is closed may destroy the answer on its way.
    size, is_more = 0, True
    while is_more and size < TRANSPORT_REFUSED_SIZE_BYTES_MAX:
        message = await receive()
        size, is_more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = json.dumps({
        "code": "transport.key-withdrawn",
        "text": "the key of this connection is no longer one of the partner's",
        "hint": "connect again with the key of the newest node statement",
    }).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def peer_server_config(app: AsgiApp, context: PeerContext, *, host: str, port: int) -> uvicorn.Config:
    """Return how uvicorn serves `app` to partners on `host` and `port`: behind the gate, HTTP/1.1 only."""
    return uvicorn.Config(
        PeerGate(app, allowed_pins=context.allowed_pins),
        host=host,
        port=port,
        http=PeerProtocol,
        ws="none",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: context,
        timeout_keep_alive=TRANSPORT_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=TRANSPORT_GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
    )
