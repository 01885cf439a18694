"""Who may connect to whom, and how: the handshake between two nodes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL
from OpenSSL._util import lib
from tests.adapters.tls_nodes import (
    KYIV,
    STRANGER,
    TOKYO,
    Identity,
    Node,
    make_identity,
    scripted,
    serving,
    tokyo_calling,
)

from cordiale.adapters import tls_heads
from cordiale.adapters.tls import PeerContext, PeerGate
from cordiale.adapters.tls_client import Channel
from cordiale.adapters.tls_context import GROUP, make_context, verified_pin
from cordiale.crypto.certificates import load_certificate, load_transport_key
from cordiale.errors import Malformed, Unavailable, Unverified
from cordiale.limits import TRANSPORT_CALLER_CONNECTIONS_MAX


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def running(request: pytest.FixtureRequest) -> Iterator[Node]:
    with serving(request.param) as node:
        yield node


@pytest.fixture
def node(running: Node) -> Node:
    running.desk.calls.clear()
    running.pins.clear()
    running.pins[TOKYO.pin] = "JPN"
    running.context.present(KYIV.certificate, KYIV.key)
    return running


def free_context(identity: Identity | None, group: str = "", version: int = SSL.TLS1_3_VERSION) -> SSL.Context:
    """Return a context that trusts anybody, for playing the one who does not keep to the rules."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    if group:
        assert lib.SSL_CTX_set1_curves_list(context._context, group.encode()) == 1
    if identity is not None:
        context.use_certificate(load_certificate(identity.certificate))
        context.use_privatekey(load_transport_key(identity.key))
    return context


def ask(port: int, context: SSL.Context, session: SSL.Session | None = None) -> tuple[bytes, SSL.Connection]:
    """Connect by hand and ask for a page; returns the beginning of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as reached:
        reached.settimeout(None)
        connection = SSL.Connection(context, reached)
        if session is not None:
            connection.set_session(session)
        connection.set_connect_state()
        connection.do_handshake()
        connection.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(100), connection


# --- let in -------------------------------------------------------------------------------------------

def test_partner_is_let_in_over_the_hybrid_group_and_named_to_the_application(node: Node) -> None:
    with node.client() as client:
        answer = client.post("/echo", b"sumimasen")
    assert (answer.status, answer.body) == (200, b"sumimasen")
    assert node.desk.calls == [("/echo", {"partner": "JPN", "pin": TOKYO.pin, "group": GROUP})]


def test_both_ends_see_the_hybrid_group(node: Node) -> None:
    context = make_context(TOKYO.certificate, TOKYO.key, is_known=lambda pin: pin == KYIV.pin)
    channel = Channel(("127.0.0.1", node.port), context, timeout_seconds=10)
    assert channel.pin == KYIV.pin
    assert channel._connection.get_group_name() == "X25519MLKEM768"
    assert channel._connection.get_protocol_version_name() == "TLSv1.3"
    channel.close()


def test_the_statement_not_the_certificate_says_until_when_a_key_counts(node: Node) -> None:
    outdated = make_identity("tokyo", datetime(2001, 1, 1, tzinfo=UTC))
    node.pins[outdated.pin] = "JPN"
    with node.client(outdated) as client:
        assert client.post("/echo", b"x").status == 200


# --- kept out -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [1, 64 * 1024, 64 * 1024**2])
def test_foreign_key_is_refused_in_words(node: Node, size: int) -> None:
    pieces = (bytes(min(size, 64 * 1024)) for _ in range(max(1, size // (64 * 1024))))
    with node.client(STRANGER) as client, pytest.raises(Unavailable) as caught:
        client.post("/echo", pieces)
    assert caught.value.code == "transport.key-refused"
    assert "does not accept this node's key" in str(caught.value)
    assert node.desk.calls == []


def test_caller_without_certificate_is_refused(node: Node) -> None:
    with pytest.raises(SSL.Error, match="certificate required"):
        ask(node.port, free_context(None))
    assert node.desk.calls == []


def test_server_with_a_wrong_key_is_sent_nothing(node: Node) -> None:
    with node.client(TOKYO, STRANGER.pin) as client, pytest.raises(Unverified) as caught:
        client.post("/echo", b"not for you")
    assert caught.value.code == "transport.wrong-key"
    assert node.desk.calls == []


def test_classical_caller_is_refused(node: Node) -> None:
    with pytest.raises(SSL.Error):
        ask(node.port, free_context(TOKYO, "X25519:P-256"))
    assert node.desk.calls == []


def test_caller_that_can_do_both_is_brought_to_the_hybrid_group(node: Node) -> None:
    beginning, connection = ask(node.port, free_context(TOKYO, "X25519:X25519MLKEM768"))
    assert beginning.startswith(b"HTTP/1.1 200")
    assert connection.get_group_name() == "X25519MLKEM768"


@pytest.mark.skipif(ssl.OPENSSL_VERSION_INFO >= (3, 5), reason="this Python's own ssl knows the hybrid group")
def test_ordinary_tls_client_is_refused(node: Node, tmp_path: Path) -> None:
    (tmp_path / "pair.pem").write_bytes(TOKYO.certificate + TOKYO.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(tmp_path / "pair.pem")
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as reached, pytest.raises(ssl.SSLError):
        context.wrap_socket(reached)


def test_older_tls_is_refused(node: Node) -> None:
    with pytest.raises(SSL.Error, match="protocol version"):
        ask(node.port, free_context(TOKYO, version=SSL.TLS1_2_VERSION))


@pytest.mark.parametrize("context", [
    free_context(KYIV, "X25519"), free_context(KYIV, version=SSL.TLS1_2_VERSION),
], ids=["classical", "tls-1.2"])
def test_classical_server_is_unverified(context: SSL.Context) -> None:
    listening = scripted(lambda _: None, context)
    with listening as port, tokyo_calling(port) as client, pytest.raises(Unverified) as caught:
        client.get("/")
    assert caught.value.code == "transport.handshake"
    assert "X25519MLKEM768" in str(caught.value)


def test_group_is_checked_after_the_handshake_too() -> None:
    server, client = (SSL.Connection(free_context(each, "X25519")) for each in (KYIV, TOKYO))
    server.set_accept_state()
    client.set_connect_state()
    for _ in range(3):
        for one, other in ((client, server), (server, client)):
            with contextlib.suppress(SSL.WantReadError):
                one.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                other.bio_write(one.bio_read(65536))
    assert client.get_group_name() == "x25519"
    for end in (server, client):
        with pytest.raises(Unverified) as caught:
            verified_pin(end)
        assert caught.value.code == "transport.group"


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(70_000), b"\x00"])
def test_noise_on_the_port_disturbs_nobody(node: Node, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", node.port)) as reached:
        reached.sendall(noise)
    with node.client() as client:
        assert client.post("/echo", b"x").status == 200


def test_refused_caller_cannot_go_on_talking(node: Node) -> None:
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as reached, pytest.raises(OSError):
        for _ in range(1_000):
            reached.sendall(b"noise" * 10_000)


def test_endless_head_is_cut_off(node: Node) -> None:
    line = b"X-Padding: " + b"x" * 1_000 + b"\r\n"
    with node.client() as client:
        channel = client._connect()
        channel.send(b"GET /echo HTTP/1.1\r\n")
        # The answer, 400, may be lost when the connection is closed on what is still being said.
        assert not all(channel.send(line) and channel.is_quiet() for _ in range(50_000))
        channel.close()
    assert node.desk.calls == []


# --- how much one caller may have ------------------------------------------------------------------------

def test_one_caller_with_many_connections_leaves_room_for_the_others(node: Node) -> None:
    node.pins[STRANGER.pin] = "POL"
    with contextlib.ExitStack() as open_ones:
        client = open_ones.enter_context(node.client())
        for _ in range(TRANSPORT_CALLER_CONNECTIONS_MAX):
            open_ones.callback(client._connect().close)
        with pytest.raises(Unavailable):
            client.post("/echo", b"one too many")
        with node.client(STRANGER) as other:
            assert other.post("/echo", b"x").status == 200
    with node.client() as again:
        assert again.post("/echo", b"x").status == 200


def test_a_head_that_does_not_end_is_given_up(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_heads, "TRANSPORT_HEAD_SECONDS_MAX", 0.05)
    with node.client() as client:
        channel = client._connect()
        channel.send(b"GET /echo HTTP/1.1\r\nX-Slow: ")
        assert channel.makefile().read() == b""
        channel.close()


# --- keys change --------------------------------------------------------------------------------------

def test_rotated_key_counts_at_the_next_handshake(node: Node) -> None:
    successor = make_identity("tokyo")
    with node.client(successor) as client:
        with pytest.raises(Unavailable):
            client.post("/echo", b"x")
        node.pins[successor.pin] = "JPN"
        assert client.post("/echo", b"x").status == 200


def test_kept_connection_ends_with_the_key_that_opened_it(node: Node) -> None:
    with node.client() as client:
        assert client.post("/echo", b"x").status == 200
        node.pins.clear()
        answer = client.post("/echo", b"x")
        assert (answer.status, answer.headers["connection"]) == (403, "close")
        assert b"transport.key-withdrawn" in answer.body
        with pytest.raises(Unavailable) as caught:
            client.post("/echo", b"x")
        assert caught.value.code == "transport.key-refused"
    assert len(node.desk.calls) == 1


def test_key_that_has_passed_to_another_partner_opens_no_kept_connection(node: Node) -> None:
    with node.client() as client:
        assert client.post("/echo", b"x").status == 200
        node.pins[TOKYO.pin] = "POL"
        assert client.post("/echo", b"x").status == 403


def test_server_shows_its_new_key_from_the_next_handshake_on(node: Node) -> None:
    successor = make_identity("kyiv")
    with node.client(TOKYO, KYIV.pin, successor.pin) as client:
        assert client.post("/echo", b"x").status == 200
        node.context.present(successor.certificate, successor.key)
        assert client.post("/echo", b"x").status == 200
    with node.client(TOKYO, successor.pin) as client:
        assert client.post("/echo", b"x").status == 200


def test_caller_leaves_a_kept_connection_whose_key_no_longer_counts(node: Node) -> None:
    pins = {KYIV.pin}
    with node.client() as client:
        client._partner_pins = lambda: frozenset(pins)
        assert client.post("/echo", b"x").status == 200
        pins.clear()
        client._context = make_context(TOKYO.certificate, TOKYO.key, is_known=lambda pin: pin in pins)
        with pytest.raises(Unverified):
            client.post("/echo", b"x")
    assert len(node.desk.calls) == 1


def test_a_session_is_never_resumed_past_the_question_for_the_key(node: Node) -> None:
    context = free_context(TOKYO)
    _, first = ask(node.port, context)
    session = first.get_session()
    node.pins.clear()
    with pytest.raises(SSL.Error):
        ask(node.port, context, session)


# --- the door and the context -------------------------------------------------------------------------

def test_gate_refuses_a_request_that_nobody_vouched_for() -> None:
    sent: list[dict[str, Any]] = []

    async def app(*_: Any) -> None:
        raise AssertionError("the request went through")

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    gate = PeerGate(app, allowed_pins=lambda: {TOKYO.pin: "JPN"})
    for extensions in ({}, {"extensions": {}}, {"extensions": {"cordiale.peer": None}}):
        sent.clear()
        asyncio.run(gate({"type": "http", **extensions}, receive, send))
        assert sent[0]["status"] == 403


def test_key_and_certificate_must_belong_together() -> None:
    with pytest.raises(Malformed) as caught:
        PeerContext(TOKYO.certificate, KYIV.key, allowed_pins=dict)
    assert caught.value.code == "transport.identity"
