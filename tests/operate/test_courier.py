"""The wire as a courier: the envelope goes first, from where it broke off, and an answer is an answer or an error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.tls_nodes import KYIV, TOKYO
from tests.doors.test_peer import CONTENT, Desk, listening
from tests.world.world import World

from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.http_client import PeerClient
from cordiale.errors import Malformed, Unavailable, Undecidable, Unverified
from cordiale.limits import TRANSPORT_PARCEL_SIZE_BYTES_MAX
from cordiale.model.party import NodeStatement
from cordiale.operate.courier import WireCourier
from cordiale.records.arriving import arriving_name
from cordiale.records.partners import own_statement


class Play:
    """Tokyo's courier and Kyiv's desk."""

    def __init__(self, folder: Path, desk: Desk, world: World) -> None:
        registry = world.tokyo.registry
        spoken = replace(
            registry.keys.in_use, transport_key=TOKYO.key, transport_certificate=TOKYO.certificate,
        )
        keys = replace(registry.keys, sets=(spoken,))
        self.registry = replace(registry, keys=keys, objects=FolderObjects(folder / "tokyo"))
        self.courier = WireCourier(self.registry)
        self.desk = desk
        kyiv = own_statement(world.kyiv.registry.reads(), world.kyiv.registry.mode).statement
        self.kyiv: NodeStatement = replace(
            kyiv, endpoints=(f"https://127.0.0.1:{desk.port}",), transport_pins=(KYIV.pin,),
        )
        self.clock = world.clock

    def seal(self, name: str, content: bytes = CONTENT) -> None:
        writer = self.registry.objects.create(name)
        writer.file.write(content)
        writer.commit()


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    world = World.founded(seed=31)
    registry = replace(world.kyiv.registry, objects=FolderObjects(tmp_path / "kyiv"))
    with listening(registry) as desk:
        made = Play(tmp_path, desk, world)
        with contextlib.closing(made.courier):
            yield made


def test_the_envelope_is_there_before_the_message_that_names_it(play: Play) -> None:
    play.seal("out.1")
    assert play.courier.carry(play.kyiv, b"message", ("out.1",)) == b"{}"
    assert play.desk.registry.objects.open(arriving_name("tokyo.jpn", "out.1")).read() == CONTENT
    assert play.desk.taken == [(b"message", "tokyo.jpn")]
    assert play.courier.carry(play.kyiv, b"again", ("out.1",)) == b"{}"


def test_an_envelope_goes_on_where_it_broke_off(play: Play) -> None:
    play.seal("out.2")
    play.desk.registry.objects.partial(arriving_name("tokyo.jpn", "out.2")).append(0, [CONTENT[:1_000]])
    play.courier.carry(play.kyiv, b"message", ("out.2",))
    assert play.desk.registry.objects.open(arriving_name("tokyo.jpn", "out.2")).read() == CONTENT


def test_a_large_envelope_goes_on_where_it_broke_off_and_is_not_sent_again_once_it_is_there(play: Play) -> None:
    content = bytes(range(256)) * 2_000
    play.seal("out.4", content)
    play.desk.registry.objects.partial(arriving_name("tokyo.jpn", "out.4")).append(0, [content[:300_000]])
    for count in (1, 2):
        assert play.courier.carry(play.kyiv, b"message", ("out.4",)) == b"{}"
        assert play.desk.registry.objects.open(arriving_name("tokyo.jpn", "out.4")).read() == content
        assert len(play.desk.taken) == count


def test_an_envelope_that_is_there_already_is_sent_again_without_harm(play: Play) -> None:
    play.seal("out.5")
    for _ in range(2):
        assert play.courier.carry(play.kyiv, b"message", ("out.5",)) == b"{}"
    assert play.desk.registry.objects.open(arriving_name("tokyo.jpn", "out.5")).read() == CONTENT


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the partner's node, in its order."""
    noted: list[str] = []
    exchange = PeerClient._exchange

    def noting(client: PeerClient, request: Any, receive: Any = None) -> Any:
        noted.append(f"{request.method} {request.path}")
        return exchange(client, request, receive)

    monkeypatch.setattr(PeerClient, "_exchange", noting)
    return noted


def test_small_envelopes_go_together_with_their_message(play: Play, asked: list[str]) -> None:
    play.seal("out.6", b"six")
    play.seal("out.7", b"seven")
    assert play.courier.carry(play.kyiv, b"message", ("out.6", "out.7")) == b"{}"
    assert asked == ["POST /parcel"]
    objects = play.desk.registry.objects
    assert [objects.open(arriving_name("tokyo.jpn", name)).read() for name in ("out.6", "out.7")] == [b"six", b"seven"]
    assert play.desk.taken == [(b"message", "tokyo.jpn")]


def test_more_envelopes_than_fill_a_parcel_go_in_several_and_a_large_one_by_itself(
    play: Play, asked: list[str]
) -> None:
    sealed = {f"out.{number}": bytes([number]) * 400_000 for number in range(11, 16)}
    sealed["out.13"] = bytes(TRANSPORT_PARCEL_SIZE_BYTES_MAX)
    for name, content in sealed.items():
        play.seal(name, content)
    assert play.courier.carry(play.kyiv, b"message", tuple(sealed)) == b"{}"
    assert [one for one in asked if "out." not in one] == ["POST /parcel", "POST /parcel"]
    assert {one.rpartition("/")[2] for one in asked if "out." in one} == {"out.13"}
    objects = play.desk.registry.objects
    assert {name: objects.open(arriving_name("tokyo.jpn", name)).read() for name in sealed} == sealed
    assert play.desk.taken == [(b"message", "tokyo.jpn")]


def test_what_has_begun_to_arrive_of_one_of_several_parcels_is_gone_on_with(play: Play, asked: list[str]) -> None:
    sealed = {f"out.{number}": bytes([number]) * 400_000 for number in range(21, 24)}
    for name, content in sealed.items():
        play.seal(name, content)
    play.desk.registry.objects.partial(arriving_name("tokyo.jpn", "out.21")).append(0, [sealed["out.21"][:9]])
    assert play.courier.carry(play.kyiv, b"message", tuple(sealed)) == b"{}"
    assert asked[0] == "POST /parcel" and asked[-1] == "POST /message"
    objects = play.desk.registry.objects
    assert {name: objects.open(arriving_name("tokyo.jpn", name)).read() for name in sealed} == sealed


def test_where_a_parcel_breaks_off_each_envelope_goes_by_itself_the_next_time(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = PeerClient.post

    def breaking(client: PeerClient, path: str, body: bytes, headers: dict[str, str]) -> Any:
        if path == "/parcel":
            raise Unavailable("transport.interrupted", "it broke off", hint="")
        return post(client, path, body, headers)

    monkeypatch.setattr(PeerClient, "post", breaking)
    play.seal("out.8", b"eight")
    with pytest.raises(Unavailable):
        play.courier.carry(play.kyiv, b"message", ("out.8",))
    assert play.desk.taken == []
    assert play.courier.carry(play.kyiv, b"message", ("out.8",)) == b"{}"
    assert play.desk.registry.objects.open(arriving_name("tokyo.jpn", "out.8")).read() == b"eight"


def test_what_a_parcel_has_brought_is_not_sent_again_when_a_later_one_breaks_off(
    play: Play, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = {f"out.{number}": bytes([number]) * 250_000 for number in range(31, 38)}
    for name, content in sealed.items():
        play.seal(name, content)
    post, sent = PeerClient.post, list[str]()

    def breaking(client: PeerClient, path: str, body: bytes, headers: dict[str, str]) -> Any:
        sent.append(path)
        if sent == ["/parcel", "/parcel"]:
            raise Unavailable("transport.interrupted", "it broke off", hint="")
        return post(client, path, body, headers)

    monkeypatch.setattr(PeerClient, "post", breaking)
    with pytest.raises(Unavailable):
        play.courier.carry(play.kyiv, b"message", tuple(sealed))
    objects = play.desk.registry.objects
    brought = [name for name in sealed if objects.size(arriving_name("tokyo.jpn", name)) is not None]
    # One of them was cleared away meanwhile: that it was taken is no promise that it lies there.
    objects.remove(arriving_name("tokyo.jpn", brought[0]))
    asked.clear()
    assert play.courier.carry(play.kyiv, b"message", tuple(sealed)) == b"{}"
    assert len(brought) > 1 and [one for one in asked if one.startswith("PUT")] == [
        f"PUT /envelope/{name}" for name in sealed if name not in brought[1:]
    ]
    assert {name: objects.open(arriving_name("tokyo.jpn", name)).read() for name in sealed} == sealed
    assert play.desk.taken == [(b"message", "tokyo.jpn")]


def test_no_message_goes_without_its_envelope(play: Play) -> None:
    with pytest.raises(Malformed) as found:
        play.courier.carry(play.kyiv, b"message", ("out.none",))
    assert found.value.code == "courier.no-envelope"
    play.seal("out.3", b"short")
    play.desk.registry.objects.partial(arriving_name("tokyo.jpn", "out.3")).append(0, [b"longer than ours"])
    with pytest.raises(Unavailable):
        play.courier.carry(play.kyiv, b"message", ("out.3",))
    assert play.desk.taken == []


def test_what_the_partner_cannot_take_now_is_unavailable_with_its_code(play: Play) -> None:
    play.desk.answer = Unavailable("ours.alone", "our disk is full", hint="")
    with pytest.raises(Unavailable) as found:
        play.courier.carry(play.kyiv, b"message", ())
    assert "HTTP 503 peer.not-now" in str(found.value)
    play.desk.answer = None
    assert play.courier.carry(play.kyiv, b"an answer", ()) is None


def test_another_key_an_expired_statement_and_no_address_are_told_apart(play: Play) -> None:
    with pytest.raises(Unverified):
        play.courier.carry(replace(play.kyiv, transport_pins=(TOKYO.pin,)), b"message", ())
    with pytest.raises(Unavailable) as nowhere:
        play.courier.carry(replace(play.kyiv, endpoints=()), b"message", ())
    assert nowhere.value.code == "courier.no-address"
    play.clock.advance(days=4_000)
    with pytest.raises(Undecidable):
        play.courier.carry(play.kyiv, b"message", ())
