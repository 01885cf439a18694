"""Two nodes on loopback for the tests of the wire: real uvicorn servers, real keys, a scripted partner."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from OpenSSL import SSL

from cordiale.adapters.http_client import PeerClient
from cordiale.adapters.tls import PEER_EXTENSION, PeerContext, PeerProtocol, peer_server_config
from cordiale.adapters.tls_context import make_context
from cordiale.crypto.certificates import der_of, make_certificate, make_transport_key, pin_of

DATED = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Identity:
    certificate: bytes
    key: bytes

    @property
    def pin(self) -> bytes:
        return pin_of(der_of(self.certificate))


def make_identity(node_id: str = "node", dated: datetime = DATED) -> Identity:
    key = make_transport_key()
    return Identity(make_certificate(key, node_id=node_id, valid_from=dated), key)


TOKYO, KYIV, STRANGER = make_identity("tokyo"), make_identity("kyiv"), make_identity("stranger")


@dataclass
class Desk:
    """An ASGI application that notes who called and answers with what it was sent, by path."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    held: bytearray = field(default_factory=bytearray)
    received: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls.append((scope["path"], scope["extensions"][PEER_EXTENSION]))
        act = getattr(self, scope["path"].strip("/").replace("-", "_"), self.echo)
        await act(scope, receive, send)

    async def echo(self, _scope: Any, receive: Any, send: Any) -> None:
        body = b"".join([piece async for piece in pieces(receive)])
        await answer(send, 200, body)

    async def count(self, _scope: Any, receive: Any, send: Any) -> None:
        self.received = 0
        async for piece in pieces(receive):
            self.received += len(piece)
        await answer(send, 200, b"%d" % self.received)

    async def refuse_early(self, _scope: Any, _receive: Any, send: Any) -> None:
        await answer(send, 409, b"already held")

    async def hold_some(self, scope: Any, receive: Any, send: Any) -> None:
        """Take up what comes, but hang up once, after the first MiB."""
        async for piece in pieces(receive):
            self.held += piece
            if len(self.held) > 1024**2 and len(self.calls) == 1:
                scope["test.transport"].abort()
                return
        await answer(send, 200, header(scope, b"content-range"))

    async def give(self, scope: Any, _receive: Any, send: Any) -> None:
        asked = header(scope, b"range")
        if not asked:
            await answer(send, 200, bytes(self.held))
            return
        start = int(asked.removeprefix(b"bytes=").removesuffix(b"-"))
        span = b"bytes %d-%d/%d" % (start, len(self.held) - 1, len(self.held))
        await answer(send, 206, bytes(self.held[start:]), (b"content-range", span))

    async def give_another_part(self, _scope: Any, _receive: Any, send: Any) -> None:
        await answer(send, 206, b"abc", (b"content-range", b"bytes 0-2/3"))

    async def hang_up_once(self, scope: Any, receive: Any, send: Any) -> None:
        async for _ in pieces(receive):
            pass
        if [path for path, _ in self.calls].count("/hang-up-once") == 1:
            scope["test.transport"].abort()
            return
        await answer(send, 200, b"done")

    async def half(self, scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"x" * 50, "more_body": True})
        scope["test.transport"].close()


async def pieces(receive: Any) -> Any:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message["body"]
        if not message["more_body"]:
            return


async def answer(send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    named = [(b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})


def header(scope: Any, name: bytes) -> bytes:
    return dict(scope["headers"]).get(name, b"")


class AbortableProtocol(PeerProtocol):
    """As the node speaks HTTP, with a way for the desk to hang up without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["test.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


@dataclass
class Node:
    desk: Desk
    pins: dict[bytes, str]
    context: PeerContext
    port: int
    stop: Callable[[], None]

    def client(self, identity: Identity = TOKYO, *pins: bytes, timeout_seconds: float = 10) -> PeerClient:
        return PeerClient(
            f"https://127.0.0.1:{self.port}", lambda: frozenset(pins or (KYIV.pin,)),
            certificate_pem=identity.certificate, key_pem=identity.key, timeout_seconds=timeout_seconds)


@contextlib.contextmanager
def serving(loop: str = "asyncio", port: int = 0) -> Iterator[Node]:
    """Run Kyiv's node, which knows Tokyo's key, in a thread."""
    desk, pins = Desk(), {TOKYO.pin: "JPN"}
    context = PeerContext(KYIV.certificate, KYIV.key, allowed_pins=lambda: pins)
    config = peer_server_config(desk, context, host="127.0.0.1", port=port)
    config.loop, config.http = loop, AbortableProtocol
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)

    def stop() -> None:
        server.should_exit = True
        thread.join()

    try:
        yield Node(desk, pins, context, server.servers[0].sockets[0].getsockname()[1], stop)
    finally:
        stop()


@contextlib.contextmanager
def scripted(act: Callable[[SSL.Connection], None], context: SSL.Context | None = None) -> Iterator[int]:
    """Listen as Kyiv on a port, take one connection, and do `act` on it once its handshake is done."""
    context = context or make_context(KYIV.certificate, KYIV.key, is_known=lambda pin: True)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        accepted, _ = listening.accept()
        with accepted:
            connection = SSL.Connection(context, accepted)
            connection.set_accept_state()
            with contextlib.suppress(SSL.Error):
                connection.do_handshake()
                act(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join()
        listening.close()


def tokyo_calling(port: int, timeout_seconds: float = 10) -> PeerClient:
    return PeerClient(
        f"https://127.0.0.1:{port}", lambda: frozenset([KYIV.pin]),
        certificate_pem=TOKYO.certificate, key_pem=TOKYO.key, timeout_seconds=timeout_seconds)
