"""A message and its small envelopes come as one: the envelopes are durable before the message is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.tls_nodes import STRANGER
from tests.doors.test_peer import Desk, listening, told
from tests.world.world import World

from cordiale.adapters.folder import FolderObjects
from cordiale.errors import Unverified
from cordiale.limits import ARRIVED_UNNAMED_COUNT_MAX, TRANSPORT_PARCEL_SIZE_BYTES_MAX
from cordiale.records.arriving import arriving_name
from cordiale.records.registry import Registry
from cordiale.wire.parcel import encode_parcel


@pytest.fixture(scope="module")
def world() -> World:
    return World.founded(seed=13)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    with listening(replace(world.kyiv.registry, objects=FolderObjects(tmp_path / "objects"))) as made:
        yield made


def lies(desk: Desk, name: str) -> bytes | None:
    """Return what lies whole at Kyiv of an envelope that Tokyo calls `name`."""
    objects, place = desk.registry.objects, arriving_name("tokyo.jpn", name)
    return objects.open(place).read() if objects.size(place) is not None else None


def test_the_envelopes_lie_here_before_the_message_is_taken(world: World, tmp_path: Path) -> None:
    seen: list[bytes | None] = []

    class Looking(Desk):
        def take(self, _registry: Registry, data: bytes, peer: str) -> bytes | None:
            seen.extend(lies(self, name) for name in ("e.1", "e.2"))
            return super().take(_registry, data, peer)

    registry = replace(world.kyiv.registry, objects=FolderObjects(tmp_path / "objects"))
    with listening(registry, Looking) as desk, desk.client() as client:
        response = client.post("/parcel", encode_parcel([("e.1", b"one"), ("e.2", b"two")], b"a message"))
    assert (response.status, response.body) == (200, b"{}")
    assert desk.taken == [(b"a message", "tokyo.jpn")]
    assert seen == [b"one", b"two"]


def test_envelopes_whose_message_comes_later_lie_here_and_nothing_is_taken(desk: Desk) -> None:
    with desk.client() as client:
        first = client.post("/parcel", encode_parcel([("e.1", b"one")], b""))
        assert (first.status, first.body, lies(desk, "e.1"), desk.taken) == (204, b"", b"one", [])
        assert client.post("/parcel", encode_parcel([("e.2", b"two")], b"a message")).status == 200
    assert desk.taken == [(b"a message", "tokyo.jpn")]


def test_the_same_parcel_again_leaves_what_came_first(desk: Desk) -> None:
    with desk.client() as client:
        for content in (b"first", b"other"):
            assert client.post("/parcel", encode_parcel([("e.1", content)], b"m")).status == 200
    assert lies(desk, "e.1") == b"first"


def test_what_has_begun_to_arrive_is_gone_on_with_and_not_begun_again(desk: Desk) -> None:
    desk.registry.objects.partial(arriving_name("tokyo.jpn", "e.1")).append(0, [b"fir"])
    with desk.client() as client:
        response = client.post("/parcel", encode_parcel([("e.1", b"first")], b"m"))
    assert (response.status, told(response)["code"], desk.taken) == (409, "objects.offset", [])
    assert lies(desk, "e.1") is None


def test_a_parcel_beyond_the_limit_and_one_that_is_none_are_not_taken(desk: Desk) -> None:
    with desk.client() as client:
        large = client.post("/parcel", bytes(TRANSPORT_PARCEL_SIZE_BYTES_MAX + 1))
        odd = client.post("/parcel", b"not a parcel")
        named = client.post("/parcel", encode_parcel([("../x", b"1")], b"m"))
    assert [told(one)["code"] for one in (large, odd, named)] == ["peer.message-size", "parcel.form", "name.identifier"]
    assert desk.taken == []


def test_a_message_that_is_refused_leaves_its_envelopes_as_any_that_came_unnamed(desk: Desk) -> None:
    desk.answer = Unverified("signature.bad", "not signed", hint="")
    with desk.client() as client:
        assert told(client.post("/parcel", encode_parcel([("e.1", b"one")], b"m")))["code"] == "signature.bad"
    assert lies(desk, "e.1") == b"one"


def test_a_visitor_sends_no_parcel(desk: Desk) -> None:
    with desk.client(STRANGER) as client:
        response = client.post("/parcel", encode_parcel([("e.1", b"one")], b"m"))
    assert (response.status, told(response)["code"], desk.taken) == (403, "refused.message", [])


def test_envelopes_in_parcels_count_among_those_that_nobody_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ARRIVED_UNNAMED_COUNT_MAX > 2
    monkeypatch.setattr("cordiale.work.arrivals.ARRIVED_UNNAMED_COUNT_MAX", 2)
    with desk.client() as client:
        assert client.post("/parcel", encode_parcel([("e.1", b"1"), ("e.2", b"2")], b"m")).status == 200
        response = client.post("/parcel", encode_parcel([("e.3", b"3")], b"m"))
    assert (response.status, told(response)["code"]) == (503, "arrivals.no-room")
    assert lies(desk, "e.3") is None
