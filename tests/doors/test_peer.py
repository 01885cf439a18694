"""The wire: partners are known by key at each request, envelopes resume, and nothing of our own affairs is answered."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.adapters.tls_nodes import KYIV, STRANGER, TOKYO, Identity
from tests.world.outside import FakeClock
from tests.world.world import World, make_player

from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.http_client import PeerClient, PeerResponse, _Request
from cordiale.adapters.tls import PeerContext, peer_server_config
from cordiale.canonical import encode_base64url, parse_canonical
from cordiale.doors.peer.app import PeerDoor
from cordiale.errors import CordialeError, Malformed, Unavailable, Undecidable, Unverified
from cordiale.limits import ENVELOPE_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.operate.wire_end import VISITOR, PartnerPins, contact
from cordiale.records.arriving import arriving_name
from cordiale.records.registry import Registry

CONTENT = bytes(range(256)) * 5_000


@dataclass
class Desk:
    """Kyiv's peer door with an intake of our own, and the keys it knows."""

    registry: Registry
    port: int = 0
    known: dict[bytes, str] = field(default_factory=lambda: {TOKYO.pin: "tokyo.jpn"})
    taken: list[tuple[bytes, str]] = field(default_factory=list)
    answer: bytes | CordialeError | RuntimeError | None = b"{}"

    def take(self, _registry: Registry, data: bytes, peer: str) -> bytes | None:
        self.taken.append((data, peer))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def client(self, identity: Identity = TOKYO) -> PeerClient:
        return PeerClient(
            f"https://127.0.0.1:{self.port}", lambda: frozenset([KYIV.pin]), certificate_pem=identity.certificate,
            key_pem=identity.key, timeout_seconds=20,
        )


class Visitors(dict[bytes, str]):
    def __missing__(self, pin: bytes) -> str:
        return VISITOR

    def __contains__(self, pin: object) -> bool:
        return True

    def get(self, pin: bytes, default: Any = None) -> str:
        return self[pin]


@contextlib.contextmanager
def listening(registry: Registry, made: type[Desk] = Desk) -> Iterator[Desk]:
    desk = made(registry)
    pins: Callable[[], Mapping[bytes, str]] = lambda: Visitors(desk.known)  # noqa: E731 - one line is all it is
    context = PeerContext(KYIV.certificate, KYIV.key, allowed_pins=pins)
    config = peer_server_config(PeerDoor(registry, desk.take).app(), context, host="127.0.0.1", port=0)
    bound = socket.create_server(("127.0.0.1", 0))
    desk.port = bound.getsockname()[1]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield desk
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def world() -> World:
    return World.founded(seed=11)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    with listening(replace(world.kyiv.registry, objects=FolderObjects(tmp_path / "objects"))) as made:
        yield made


def told(response: PeerResponse) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(response.body)
    return value


def put(client: PeerClient, name: str, content: bytes, offset: int = 0, total: int | None = None) -> PeerResponse:
    whole = total if total is not None else len(content)
    return client.put_range(f"/envelope/{name}", io.BytesIO(content), offset=offset, total=whole)


def test_a_message_is_taken_and_answered_with_the_name_of_who_called(desk: Desk) -> None:
    with desk.client() as client:
        response = client.post("/message", b"a message")
    assert (response.status, response.body) == (200, b"{}")
    assert response.headers["content-type"] == "application/jose+json"
    assert desk.taken == [(b"a message", "tokyo.jpn")]


def test_what_needs_no_answer_gets_none(desk: Desk) -> None:
    desk.answer = None
    with desk.client() as client:
        assert client.post("/message", b"an acknowledgement").status == 204


@pytest.mark.parametrize(("error", "status", "code"), [
    (Malformed("form.bad", "not a message", hint=""), 400, "form.bad"),
    (Unverified("signature.bad", "not signed", hint=""), 400, "signature.bad"),
    (Unavailable("store.full", "the disk of {who} is full", hint="", who="us"), 503, "peer.not-now"),
    (Undecidable("clock.jumped", "our clock has jumped", hint=""), 503, "peer.not-now"),
    (RuntimeError("a title that nobody may see"), 503, "peer.not-now"),
])
def test_an_error_says_what_came_was_wrong_and_nothing_of_us(
    desk: Desk, error: Any, status: int, code: str
) -> None:
    desk.answer = error
    with desk.client() as client:
        response = client.post("/message", b"a message")
    assert (response.status, told(response)["code"]) == (status, code)
    for ours in (b"title", b"disk", b"clock", b"trail"):
        assert ours not in response.body


def test_a_visitor_gets_the_statement_and_nothing_else(desk: Desk) -> None:
    with desk.client(STRANGER) as client:
        card = parse_canonical(client.get("/statement").body, size_max=2**20)
        assert isinstance(card, dict) and set(card) == {"root", "statement"}
        for response in (
            client.post("/message", b"a message"), client.get("/envelope/x"), put(client, "x", b"content"),
        ):
            assert (response.status, told(response)["code"]) == (403, "refused.message")
    assert desk.taken == []
    assert desk.registry.objects.partial(arriving_name("tokyo.jpn", "x")).size == 0


def test_a_key_that_is_withdrawn_stops_counting_on_an_open_connection(desk: Desk) -> None:
    with desk.client() as client:
        assert client.post("/message", b"one").status == 200
        desk.known.clear()
        assert client.post("/message", b"two").status == 403
    assert len(desk.taken) == 1


def test_a_message_beyond_the_limit_is_not_taken(desk: Desk) -> None:
    with desk.client() as client:
        response = client.post("/message", bytes(9 * 1024**2))
    assert (response.status, told(response)["code"], desk.taken) == (400, "peer.message-size", [])


def test_an_envelope_arrives_whole_and_only_once(desk: Desk) -> None:
    objects = desk.registry.objects
    with desk.client() as client:
        assert told(client.get("/envelope/e.1")) == {"is_whole": False, "size_bytes": 0}
        assert told(put(client, "e.1", CONTENT)) == {"is_whole": True, "size_bytes": len(CONTENT)}
        assert objects.open(arriving_name("tokyo.jpn", "e.1")).read() == CONTENT
        assert told(put(client, "e.1", b"other")) == {"is_whole": True, "size_bytes": len(CONTENT)}
        assert objects.open(arriving_name("tokyo.jpn", "e.1")).read() == CONTENT
        response = client.get("/envelope/e.1")
    assert response.headers["cordiale-size"] == str(len(CONTENT))


def test_an_envelope_that_broke_off_goes_on_where_it_was(desk: Desk) -> None:
    half = len(CONTENT) // 2

    def breaking() -> Iterator[bytes]:
        yield CONTENT[:half]
        raise Unavailable("body.broken-off", "it broke off", hint="")

    partial = desk.registry.objects.partial(arriving_name("tokyo.jpn", "e.2"))
    with contextlib.suppress(Unavailable):
        partial.append(0, breaking())
    with desk.client() as client:
        arrived = told(client.get("/envelope/e.2"))["size_bytes"]
        wrong = put(client, "e.2", CONTENT)
        assert (wrong.status, told(wrong)["fields"]) == (409, {"size": arrived})
        assert told(put(client, "e.2", CONTENT, offset=arrived))["is_whole"] is True
    assert desk.registry.objects.open(arriving_name("tokyo.jpn", "e.2")).read() == CONTENT


@pytest.mark.parametrize("header", [
    "", "bytes 0-3/5", "bytes 3-1/2", "bytes 0-4", "bytes -5/5", "bytes 5-9/5", "items 0-4/5",
    f"bytes 0-{ENVELOPE_SIZE_BYTES_MAX}/{ENVELOPE_SIZE_BYTES_MAX + 1}",
])
def test_a_range_that_cannot_be_is_malformed(desk: Desk, header: str) -> None:
    with desk.client() as client:
        headers = {"Content-Length": "5", **({"Content-Range": header} if header else {})}
        response = client._exchange(_Request("PUT", "/envelope/e.3", headers, lambda: (b"12345",)))
    assert (response.status, told(response)["family"]) == (400, "malformed")
    assert desk.registry.objects.partial(arriving_name("tokyo.jpn", "e.3")).size == 0


@pytest.mark.parametrize("name", ["..", "A", "a%2Fb", "x" * 300, "-a", "a_b", "%00"])
def test_a_name_that_is_none_reaches_no_file(desk: Desk, name: str) -> None:
    with desk.client() as client:
        assert put(client, name, b"content").status in (400, 404)


def test_more_than_was_announced_is_refused(desk: Desk) -> None:
    with desk.client() as client:
        headers = {"Content-Length": "10", "Content-Range": "bytes 0-4/5"}
        response = client._exchange(_Request("PUT", "/envelope/e.4", headers, lambda: (b"0123456789",)))
    assert (response.status, told(response)["code"]) == (400, "body.long")


def test_pins_are_those_of_confirmed_partners_with_a_valid_statement() -> None:
    world = World.founded(seed=12)
    pins = PartnerPins(world.kyiv.registry, admits_visitors=False)
    (pin,) = pins()
    assert pins()[pin] == "tokyo.jpn"
    visitors = PartnerPins(world.kyiv.registry, admits_visitors=True)()
    assert (visitors.get(pin), visitors.get(b"other"), b"other" in visitors) == ("tokyo.jpn", VISITOR, True)
    world.clock.advance(days=4_000)
    assert dict(pins()) == {}


def test_pins_follow_what_is_committed_and_the_clock_in_doubt_lets_nobody_in() -> None:
    clock = FakeClock()
    warsaw = make_player("POL", "warsaw.pol", clock=clock, mode=Mode.EXERCISE, seed=5)
    kyiv = make_player("UKR", "kyiv.ukr", clock=clock, mode=Mode.EXERCISE, seed=6)
    pins = PartnerPins(kyiv.registry, admits_visitors=False)
    assert dict(pins()) == {}
    kyiv.act("security", "partner.add", {
        "fingerprint": warsaw.print_, "root": encode_base64url(warsaw.root),
        "statement": encode_base64url(warsaw.statement),
    })
    assert dict(pins()) == {}
    kyiv.act("authority", "partner.confirm", {"fingerprint": warsaw.print_, "party": "POL"})
    assert list(pins().values()) == ["warsaw.pol"]
    clock.jump(days=-2)
    assert dict(pins()) == {}


def test_contact_believes_no_statement_that_does_not_name_the_key_it_spoke_to(desk: Desk, world: World) -> None:
    with pytest.raises(Unverified) as found:
        contact(world.tokyo.registry, f"https://127.0.0.1:{desk.port}")
    assert found.value.code == "contact.other-key"
