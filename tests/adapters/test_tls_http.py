"""What crosses the wire: messages, large envelopes, and what happens when the partner fails."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from OpenSSL import SSL
from tests.adapters.tls_nodes import KYIV, TOKYO, Node, scripted, serving, tokyo_calling

from cordiale.adapters.http_client import PeerClient
from cordiale.errors import Malformed, Unavailable
from cordiale.limits import ENVELOPE_SIZE_BYTES_MAX, MESSAGE_SIZE_BYTES_MAX, TRANSPORT_IDLE_CONNECTIONS_MAX

MIB = 1024**2


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def running(request: pytest.FixtureRequest) -> Iterator[Node]:
    with serving(request.param) as node:
        yield node


@pytest.fixture
def node(running: Node) -> Node:
    running.desk.calls.clear()
    running.desk.held.clear()
    return running


@pytest.fixture
def client(node: Node) -> Iterator[PeerClient]:
    with node.client() as client:
        yield client


# --- messages -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 16_384, 65_536, 262_145, MESSAGE_SIZE_BYTES_MAX])
def test_a_body_comes_back_as_it_was_sent(client: PeerClient, size: int) -> None:
    body = os.urandom(size)
    assert client.post("/echo", body).body == body


def test_an_iterable_body_arrives_whole(client: PeerClient) -> None:
    body = [os.urandom(size) for size in (1, 0, 70_000, 300_000, 5)]
    assert client.post("/echo", iter(body)).body == b"".join(body)


def test_one_connection_serves_many_requests(client: PeerClient) -> None:
    client.post("/echo", b"first")
    _, first = client._kept[0]
    for _ in range(5):
        assert client.post("/echo", b"again").body == b"again"
    assert [channel for _, channel in client._kept] == [first]


def test_threads_get_their_own_answers(client: PeerClient) -> None:
    bodies = [os.urandom(2_000) for _ in range(100)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda body: client.post("/echo", body).body, bodies)) == bodies
    assert len(client._kept) <= TRANSPORT_IDLE_CONNECTIONS_MAX


def test_a_prefix_in_the_address_stands_before_each_path(node: Node) -> None:
    with PeerClient(
        f"https://127.0.0.1:{node.port}/peer/", lambda: frozenset([KYIV.pin]),
        certificate_pem=TOKYO.certificate, key_pem=TOKYO.key, timeout_seconds=10,
    ) as client:
        client.get("/statement")
    assert node.desk.calls[0][0] == "/peer/statement"


# --- large envelopes ----------------------------------------------------------------------------------

def test_a_large_upload_takes_constant_memory_at_both_ends(client: PeerClient, tmp_path: Path) -> None:
    path, size = tmp_path / "envelope", 64 * MIB
    with path.open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    with path.open("rb") as file:
        answer = client.put_range("/count", file, offset=0, total=size)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.body == b"%d" % size
    assert peak < 8 * MIB


def test_an_interrupted_upload_goes_on_where_the_partner_stopped(node: Node, client: PeerClient) -> None:
    content = os.urandom(4 * MIB)
    with pytest.raises(Unavailable) as caught:
        client.put_range("/hold-some", io.BytesIO(content), offset=0, total=len(content))
    assert caught.value.code == "transport.interrupted"
    held = len(node.desk.held)
    assert MIB < held < len(content)
    answer = client.put_range("/hold-some", io.BytesIO(content), offset=held, total=len(content))
    assert answer.body == b"bytes %d-%d/%d" % (held, len(content) - 1, len(content))
    assert node.desk.held == content


def test_an_empty_rest_is_sent_as_such(client: PeerClient) -> None:
    assert client.put_range("/hold-some", io.BytesIO(b"abc"), offset=3, total=3).body == b"bytes */3"


@pytest.mark.parametrize("offset, total", [(-1, 3), (4, 3), (0, 11 * 1024**3)])
def test_a_range_that_does_not_fit_is_malformed(client: PeerClient, offset: int, total: int) -> None:
    with pytest.raises(Malformed):
        client.put_range("/count", io.BytesIO(b"abc"), offset=offset, total=total)


def test_the_end_of_the_largest_envelope_is_sent(client: PeerClient, tmp_path: Path) -> None:
    """What is sealed is larger than its content: the largest content would otherwise wait here for ever."""
    path, size = tmp_path / "envelope", ENVELOPE_SIZE_BYTES_MAX
    with path.open("wb") as file:
        file.truncate(size)
    with path.open("rb") as file:
        assert client.put_range("/count", file, offset=size - 3, total=size).body == b"3"


def test_a_file_shorter_than_stated_is_told_and_sends_nothing_more(client: PeerClient) -> None:
    with pytest.raises(Malformed) as caught:
        client.put_range("/count", io.BytesIO(b"abc"), offset=0, total=5)
    assert caught.value.code == "transport.file-short"
    assert client._kept == []


def test_an_early_answer_ends_an_upload(client: PeerClient) -> None:
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield bytes(MIB)

    assert client.post("/refuse-early", body()).status == 409
    assert sent < 100
    assert client.post("/echo", b"x").body == b"x"


def test_an_answer_is_heard_though_the_partner_has_stopped_listening() -> None:
    is_over = threading.Event()

    def answer_and_wait(connection: SSL.Connection) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        is_over.wait()

    with scripted(answer_and_wait) as port, tokyo_calling(port) as client:
        try:
            assert client.post("/", bytes(64 * MIB)).status == 413
        finally:
            is_over.set()


def test_a_download_is_poured_into_a_file_and_goes_on_from_an_offset(node: Node, client: PeerClient) -> None:
    node.desk.held += os.urandom(20 * MIB)
    sink = io.BytesIO()
    answer = client.get_into("/give", sink, offset=0, size_bytes_max=20 * MIB)
    assert (answer.status, answer.body) == (200, b"")
    assert sink.getvalue() == node.desk.held
    rest = io.BytesIO()
    assert client.get_into("/give", rest, offset=15 * MIB, size_bytes_max=5 * MIB).status == 206
    assert rest.getvalue() == node.desk.held[15 * MIB:]


def test_a_download_larger_than_allowed_is_refused_before_it_is_read(node: Node, client: PeerClient) -> None:
    node.desk.held += bytes(2 * MIB)
    sink = io.BytesIO()
    with pytest.raises(Malformed) as caught:
        client.get_into("/give", sink, offset=0, size_bytes_max=MIB)
    assert caught.value.code == "transport.answer-size"
    assert sink.getvalue() == b""


@pytest.mark.parametrize("path", ["/refuse-early", "/echo", "/give-another-part"])
def test_an_answer_that_is_not_the_part_asked_for_is_not_poured(client: PeerClient, path: str) -> None:
    sink = io.BytesIO()
    client.get_into(path, sink, offset=7, size_bytes_max=MIB)
    assert sink.getvalue() == b""


# --- misfortune ---------------------------------------------------------------------------------------

def test_a_closed_kept_connection_is_replaced_once(node: Node, client: PeerClient) -> None:
    client.post("/echo", b"x")
    assert client.post("/hang-up-once", b"x").body == b"done"
    assert [path for path, _ in node.desk.calls] == ["/echo", "/hang-up-once", "/hang-up-once"]


def test_a_new_connection_that_breaks_is_not_tried_again(node: Node, client: PeerClient) -> None:
    with pytest.raises(Unavailable):
        client.post("/hang-up-once", b"x")
    assert len(node.desk.calls) == 1


def test_a_body_that_can_be_read_only_once_is_sent_only_once(node: Node, client: PeerClient) -> None:
    client.post("/echo", b"x")
    with pytest.raises(Unavailable):
        client.post("/hang-up-once", iter([b"x"]))
    assert len(node.desk.calls) == 2


def test_an_answer_that_has_begun_is_not_asked_for_again(node: Node, client: PeerClient) -> None:
    client.post("/echo", b"x")
    with pytest.raises(Unavailable) as caught:
        client.get("/half")
    assert caught.value.code == "transport.interrupted"
    assert len(node.desk.calls) == 2


def test_a_partner_that_has_restarted_is_reached_again() -> None:
    with serving() as first, first.client() as client:
        client.post("/echo", b"x")
        first.stop()
        with serving(port=first.port) as second:
            assert client.post("/echo", b"again").body == b"again"
            assert len(second.desk.calls) == 1


def test_nobody_listening_is_told_with_the_address() -> None:
    with tokyo_calling(1) as client, pytest.raises(Unavailable) as caught:
        client.get("/")
    assert caught.value.code == "transport.unreachable"
    assert "127.0.0.1:1 cannot be reached: Connection refused" in str(caught.value)


def test_a_silent_partner_is_told_after_the_time_allowed() -> None:
    def keep_silent(connection: SSL.Connection) -> None:
        while connection.recv(100):
            pass

    with scripted(keep_silent) as port, tokyo_calling(port, 0.2) as client, pytest.raises(Unavailable) as caught:
        client.post("/", b"x")
    assert caught.value.code == "transport.silent"
    assert "within 0.2 seconds" in str(caught.value)


def test_a_partner_that_dies_in_the_middle_is_unavailable() -> None:
    program = textwrap.dedent("""
        import os, sys
        import uvicorn
        from cordiale.adapters.tls import PeerContext, peer_server_config
        from tests.adapters.tls_nodes import Identity

        async def die(scope, receive, send):
            await receive()
            os._exit(1)

        certificate, key, pin = (bytes.fromhex(word) for word in sys.stdin.readline().split())
        config = peer_server_config(die, PeerContext(certificate, key, allowed_pins=lambda: {pin: "JPN"}),
                                    host="127.0.0.1", port=0)
        listening = config.bind_socket()
        listening.listen()
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listening])
    """)
    words = " ".join(part.hex() for part in (KYIV.certificate, KYIV.key, TOKYO.pin))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
    ) as partner:
        assert partner.stdin and partner.stdout
        partner.stdin.write(words + "\n")
        partner.stdin.flush()
        port = int(partner.stdout.readline())
        with tokyo_calling(port) as client, pytest.raises(Unavailable) as caught:
            client.put_range("/x", io.BytesIO(bytes(8 * MIB)), offset=0, total=8 * MIB)
    assert caught.value.code == "transport.interrupted"
    assert "broke off" in str(caught.value) or "hung up" in str(caught.value)


def says(answer: bytes, *, goodbye: bool = True) -> object:
    def act(connection: SSL.Connection) -> None:
        connection.recv(1000)
        connection.sendall(answer)
        if goodbye:
            connection.shutdown()

    return act


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
    b"",
])
@pytest.mark.parametrize("goodbye", [True, False])
def test_an_answer_cut_short_is_never_taken_for_whole(answer: bytes, goodbye: bool) -> None:
    partner = scripted(says(answer, goodbye=goodbye))
    with partner as port, tokyo_calling(port) as client, pytest.raises(Unavailable) as caught:
        client.post("/", b"x")
    assert caught.value.code == "transport.interrupted"


def test_an_answer_without_length_must_end_with_a_goodbye() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it?"
    with scripted(says(answer)) as port, tokyo_calling(port) as client:
        assert client.post("/", b"x").body == b"all of it?"
    with scripted(says(answer, goodbye=False)) as port, tokyo_calling(port) as client, pytest.raises(Unavailable):
        client.post("/", b"x")


@pytest.mark.parametrize("answer", [
    b"220 mail.example ESMTP\r\n",
    b"HTTP/1.1 20x OK\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
])
def test_an_answer_that_is_not_http_is_malformed(answer: bytes) -> None:
    with scripted(says(answer)) as port, tokyo_calling(port) as client, pytest.raises(Malformed) as caught:
        client.post("/", b"x")
    assert caught.value.code == "transport.answer"


@pytest.mark.parametrize("head", [
    b"Content-Length: %d\r\n\r\n" % (MESSAGE_SIZE_BYTES_MAX + 1),
    b"Connection: close\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (MESSAGE_SIZE_BYTES_MAX + 1),
])
def test_an_answer_larger_than_a_message_is_refused(head: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + head + bytes(MESSAGE_SIZE_BYTES_MAX + 1)
    with scripted(says(answer)) as port, tokyo_calling(port) as client, pytest.raises(Malformed) as caught:
        client.post("/", b"x")
    assert caught.value.code == "transport.answer-size"


# --- what we ask for ----------------------------------------------------------------------------------

@pytest.mark.parametrize("endpoint", [
    "http://node.example", "node.example:8443", "https://", "https://a:b@node.example", "https://node.example?x",
    "https://node.example#x", "https://node.example:99999", "https://node.example/a b", "https://no\u0434.example",
])
def test_an_address_of_another_form_is_malformed(endpoint: str) -> None:
    with pytest.raises(Malformed) as caught:
        PeerClient(endpoint, frozenset, certificate_pem=TOKYO.certificate, key_pem=TOKYO.key, timeout_seconds=1)
    assert caught.value.code == "transport.endpoint"


@pytest.mark.parametrize("path, headers", [
    ("echo", {}), ("/a b", {}), ("/a\r\nX: y", {}), ("/echo\n", {}),
    ("/echo", {"X": "a\r\nY: b"}), ("/echo", {"X: a\r\nY": "b"}), ("/echo", {"X": "日本"}),
])
def test_nothing_can_be_smuggled_into_the_head(client: PeerClient, path: str, headers: dict[str, str]) -> None:
    with pytest.raises(Malformed) as caught:
        client.post(path, b"x", headers)
    assert caught.value.code == "transport.request"
