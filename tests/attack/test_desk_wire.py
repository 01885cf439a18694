"""What a hostile caller sends to the desk byte by byte, over a socket to the server that serves it."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import uvicorn
from tests.desk.browser import ORIGIN, Browser, open_door
from tests.world.world import World

from cordiale.adapters import tls_heads
from cordiale.doors import steady
from cordiale.doors.api.app import with_api
from cordiale.limits import DESK_IDLE_SECONDS_MAX, TRANSPORT_HEAD_SIZE_BYTES_MAX
from cordiale.operate.desk_end import desk_server

_PATIENCE_SECONDS = 60
_FORM = f"Content-Type: application/x-www-form-urlencoded\r\nOrigin: {ORIGIN}\r\n".encode()
_AFTER = b"GET /sign-in HTTP/1.1\r\nHost: second\r\n\r\n"
_LONG = b"a" * (2 * TRANSPORT_HEAD_SIZE_BYTES_MAX)


@dataclass
class Served:
    """The desk of a world behind a socket, and the browser of somebody who has signed in."""

    world: World
    browser: Browser
    port: int

    @property
    def who(self) -> bytes:
        """What a request of this browser begins its headers with."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        return f"Host: localhost:8450\r\nCookie: {cookie}\r\n".encode()

    def send(self, content: bytes, *, ends: bool = False) -> bytes:
        """Send bytes and return all that comes back until the server closes; `ends` says that no more will come."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_SECONDS) as wire:
            answer = bytearray()
            with contextlib.suppress(ConnectionError):
                wire.sendall(content)
                if ends:
                    wire.shutdown(socket.SHUT_WR)
                while piece := wire.recv(65_536):
                    answer += piece
            return bytes(answer)

    def is_well(self) -> bool:
        """Whether the desk goes on answering."""
        return self.send(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def _serve(world: World) -> Iterator[Served]:
    app = with_api(open_door(world.tokyo), world.tokyo.registry)
    listening = socket.create_server(("127.0.0.1", 0))
    # It waits a short time for whoever asks nothing; a test waits for that and not for a time of its own.
    server = uvicorn.Server(desk_server(app, None, seconds=(1, 1)))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    browser = Browser(app)
    browser.sign_in("originator")
    yield Served(world, browser, listening.getsockname()[1])
    server.should_exit = True
    thread.join(_PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    yield from _serve(World.in_force(seed=402))


def _answers(came: bytes) -> int:
    return came.count(b"HTTP/1.1 ")


@pytest.mark.parametrize("head", [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n", b"Content-Length: -1\r\n\r\n", b"Content-Length: +4\r\n\r\nabcd",
    b"Content-Length: 99999999999999999999999\r\n\r\n", b"X-A: b\r\n c\r\n\r\n", b"X-A: b\x00c\r\n\r\n",
    b"X-A: b\rX-B: c\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n", b"Host: other\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc",
], ids=[
    "both", "both turned", "both hidden", "not last", "space", "two lengths", "negative", "signed", "endless", "folded", "nul",
    "bare return", "no number", "two hosts", "overflow",
])
def test_what_could_be_read_in_two_ways_is_not_read(served: Served, head: bytes) -> None:
    came = served.send(b"POST /sign-out HTTP/1.1\r\n" + served.who + _FORM + head + _AFTER)
    assert came.startswith(b"HTTP/1.1 400 ") and _answers(came) == 1
    assert served.browser.open("/").path == "/", "the session goes on"


@pytest.mark.parametrize("content", [
    b"GET /sign-in\r\n\r\n", b"GET /sign-in HTTP/1.1\r\n\r\n", b"GET /sign-in HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /sign-in HTTP/1.1\nHost: x\n\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" + bytes(200),
    bytes(range(256)), b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /items/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /" + _LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + _LONG * 3, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: a\r\n" * 60_000,
    b"POST /sign-out HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: a\r\n" * 60_000,
], ids=[
    "oldest", "no host", "newest", "line feeds", "http2", "tls", "noise", "tunnel", "letters", "long address", "endless header",
    "many headers", "many behind",
])
def test_what_is_no_request_of_ours_is_turned_away_and_the_desk_goes_on(served: Served, content: bytes) -> None:
    came = served.send(content)
    # Whoever still sends what nobody reads may lose the answer with the connection.
    assert came == b"" or came.startswith(b"HTTP/1.1 400 "), came[:100]
    assert served.is_well()


def test_no_method_and_no_override_does_an_act_or_repeats_what_was_sent(served: Served) -> None:
    close = b"Connection: close\r\nX-HTTP-Method-Override: POST\r\nX-Method-Override: POST\r\n\r\n"
    for method, status in ((b"TRACE", b"405"), (b"HEAD", b"200"), (b"OPTIONS", b"405"), (b"PUT", b"405"), (b"BREW", b"400")):
        came = served.send(method + b" / HTTP/1.1\r\n" + served.who + close)
        assert came.startswith(b"HTTP/1.1 " + status), (method, came[:60])
        assert b"__Host-" not in came.replace(b"Set-Cookie", b"") and b"access-control" not in came.lower()
        assert method != b"HEAD" or came.endswith(b"\r\n\r\n")
    came = served.send(b"GET http://evil.example/sign-in HTTP/1.1\r\nHost: evil.example\r\n" + close)
    assert b"evil.example" not in came


def test_nobody_is_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither who asks nothing, nor who does not end what they ask, nor who does not end a form."""
    monkeypatch.setattr(tls_heads, "TRANSPORT_HEAD_SECONDS_MAX", 0.05)
    monkeypatch.setattr(steady, "TRANSPORT_MOVES_SECONDS_MAX", 0.05)
    assert served.send(b"GET /sign-in HTTP/1.1\r\nHost:") == b""
    form = b"POST /sign-out HTTP/1.1\r\n" + served.who + _FORM + b"Connection: close\r\nContent-Length: 50\r\n\r\ncsrf="
    assert served.send(form).startswith(b"HTTP/1.1 503 ")
    assert served.send(b"") == b""


def test_many_submits_of_one_form_at_once_are_one_act(served: Served) -> None:
    shown = served.browser.open("/do/incident-report")
    fields = dict(shown.tree.xpath("//main//form")[0].form_values())
    body = urlencode({**fields, "what": "A seal was found open"}).encode()
    request = b"POST /do/incident-report HTTP/1.1\r\n" + served.who + _FORM + \
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with ThreadPoolExecutor(8) as callers:
        came = list(callers.map(lambda _: served.send(request), range(8)))
    assert all(one.startswith(b"HTTP/1.1 303 ") for one in came), came[0][:200]
    assert len({one.partition(b"location: ")[2].partition(b"\r\n")[0] for one in came}) == 1
    assert len(served.world.tokyo.registry.reads().every("incident")) == 1


def test_a_form_of_a_session_that_has_ended_does_nothing(served: Served) -> None:
    browser = Browser(served.browser.app)
    browser.sign_in("head")
    browser.open("/do/incident-report")
    before = len(served.world.tokyo.registry.reads().every("incident"))
    served.world.clock.advance(seconds=DESK_IDLE_SECONDS_MAX + 1)
    assert browser.submit({"what": "A seal was found open"}).status == 400
    assert len(served.world.tokyo.registry.reads().every("incident")) == before
    served.browser.sign_in("originator")


@pytest.mark.slow
def test_a_form_with_a_file_that_was_altered_anywhere_enters_nothing_or_what_it_says() -> None:
    """A good upload, and a thousand that differ from it by cuts, doubled and altered bytes, over the wire."""
    chance = random.Random(7)
    for served in _serve(World.in_force(seed=403)):
        shown = _shown_label(served.browser)
        good = _upload(shown)
        for turn in range(1_000):
            body = good if not turn else _altered(chance, good)
            head = b"POST %s HTTP/1.1\r\n" % shown.path.encode() + served.who + f"Origin: {ORIGIN}\r\n".encode() + \
                b"Content-Type: multipart/form-data; boundary=xyz\r\nConnection: close\r\n"
            length = len(body) + chance.choice((0, 0, 0, -1, 1, 40)) if turn else len(body)
            came = served.send(head + b"Content-Length: %d\r\n\r\n" % max(0, length) + body, ends=length != len(body))
            assert came == b"" or came[9:12] in (b"303", b"400", b"403", b"409", b"503"), (turn, body, came[:300])
        assert served.is_well()
        items = served.world.tokyo.registry.reads().every("item")
        assert len(items) == 1, "all of them bear the number of one act"


def _shown_label(browser: Browser):  # type: ignore[no-untyped-def]
    browser.open("/label")
    return browser.submit({
        "declassify": "none", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": "UKR", "title": "Exercise note",
    })


def _upload(shown) -> bytes:  # type: ignore[no-untyped-def]
    fields = shown.tree.xpath("//main//form[1]//input[@type='hidden']")
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{one.get("name")}"\r\n\r\n{one.get("value")}\r\n'.encode()
        for one in fields
    ]
    file = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    return b"".join([*parts, file, b"Exercise: the convoy rests at noon.\n" * 20, b"\r\n--xyz--\r\n"])


def _altered(chance: random.Random, good: bytes) -> bytes:
    body = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(body)), chance.randint(1, 40)
        how = chance.randrange(4)
        if how == 0:
            del body[at:at + size]
        elif how == 1:
            body[at:at] = body[at:at + size]
        elif how == 2:
            body[at:at + size] = chance.randbytes(size)
        else:
            body[at:at] = chance.choice((b"\r\n--xyz\r\n", b"\r\n\r\n", b"--xyz--\r\n", b"\0", b'; filename="x"', b"\xff" * size))
        body = body or bytearray(b"x")
    return bytes(body)
