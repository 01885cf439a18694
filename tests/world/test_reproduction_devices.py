"""Devices set aside for their level, media that keep the highest they ever held, backups on a list."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.world.reproducing import assign, cross, printer
from tests.world.test_journey import codes, grant, label
from tests.world.world import Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.records.equipment import BACKUP, DEVICE, MEDIUM, begin_backup, end_backup
from cordiale.records.registry import identify

LOW, MIDDLE = "EX-UKR:EXERCISE KALYNA", "EX-UKR:EXERCISE BARVINOK"


@pytest.fixture
def world() -> World:
    return World.in_force()


def listed(player: Player, person: str = "registrar") -> dict[str, list[dict[str, object]]]:
    request = identify(player.registry, player.request(person, "view.equipment", {}))
    return dict(VIEWS["view.equipment"](player.registry, request))


def test_what_leaves_the_node_is_made_on_a_device_set_aside_for_its_level(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    with pytest.raises(Refused) as none:
        assign(world.kyiv, item, form="paper", device=None)
    assert codes(none) == {"device.missing"}
    with pytest.raises(Refused) as below:
        assign(world.kyiv, item, form="paper", device=printer(world.kyiv, LOW))
    assert codes(below) == {"device.below"}
    task = assign(world.kyiv, item, form="paper", device=printer(world.kyiv, MIDDLE))
    world.kyiv.act("reader", "reproduce.finish", {"task": task})
    device = world.kyiv.registry.record(DEVICE, printer(world.kyiv, MIDDLE))
    assert device is not None and device["held"] == [MIDDLE]


def test_a_device_that_was_withdrawn_meanwhile_makes_nothing(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    device = printer(world.kyiv)
    task = assign(world.kyiv, item, form="paper", device=device)
    world.kyiv.act("security", "device.withdraw", {"device": device, "method": "memory destroyed"})
    with pytest.raises(Refused) as withdrawn:
        world.kyiv.act("reader", "reproduce.finish", {"task": task})
    assert codes(withdrawn) == {"device.withdrawn"}
    with pytest.raises(OutOfOrder, match="no longer in use"):
        world.kyiv.act("security", "device.withdraw", {"device": device, "method": "again"})


def test_a_medium_keeps_the_highest_level_it_ever_held(world: World) -> None:
    items = [cross(world), cross(world, level="EX-JPN:EXERCISE AJISAI")]
    world.kyiv.act("registrar", "medium.register", {"kind": "disk", "medium": "disk-1"})
    for item in items:
        grant(world, item, "reader")
        task = assign(world.kyiv, item, form="medium", medium="disk-1", device=printer(world.kyiv))
        world.kyiv.act("reader", "reproduce.finish", {"task": task})
        proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"})
        world.kyiv.act("security", "destroy.witness", {"proposal": proposal.value["proposal"]})
        medium = world.kyiv.registry.record(MEDIUM, "disk-1")
        assert medium is not None and medium["held"] == [MIDDLE]
    world.kyiv.act("registrar", "medium.end", {"medium": "disk-1", "method": "shredded"})
    with pytest.raises(OutOfOrder, match="no medium"):
        assign(world.kyiv, cross(world), form="medium", medium="disk-1", device=printer(world.kyiv))


def test_a_backup_is_listed_and_raises_its_medium_before_anything_lies_on_it(world: World, tmp_path: Path) -> None:
    cross(world)
    label(world.tokyo, level="EX-JPN:EXERCISE FUJI")
    for player, expected in (
        (world.tokyo, ["EX-JPN:EXERCISE FUJI"]), (world.kyiv, ["EX-JPN:EXERCISE SAKURA", MIDDLE]),
    ):
        player.act("registrar", "medium.register", {"kind": "disk", "medium": "backup-a"})
        begun = begin_backup(player.registry, "backup-a")
        (medium,) = listed(player)["media"]
        assert medium["held"] == expected
        assert [one["state"] for one in listed(player)["backups"]] == ["begun"]
        end_backup(player.registry, begun, 3)
        made = player.registry.record(BACKUP, begun)
        assert made is not None and (made["state"], made["medium"], made["levels"]) == ("made", "backup-a", expected)
    with pytest.raises(OutOfOrder, match="no medium"):
        begin_backup(world.tokyo.registry, "backup-b")


def test_a_book_is_handled_at_the_highest_level_that_it_lists(world: World) -> None:
    for level in ("SAKURA", "AJISAI"):
        cross(world, level=f"EX-JPN:EXERCISE {level}")
    request = identify(world.kyiv.registry, world.kyiv.request("registrar", "view.register", {
        "as": "html", "book": "JPN",
    }))
    shown = VIEWS["view.register"](world.kyiv.registry, request)
    assert shown["levels"] == ["EX-JPN:EXERCISE SAKURA", MIDDLE]
    assert f"EX-JPN:EXERCISE SAKURA // {MIDDLE}" in shown["html"]


def test_devices_and_media_are_for_the_registry_and_its_security_officer(world: World) -> None:
    with pytest.raises(Refused) as stranger:
        world.kyiv.act("reader", "device.register", {"device": "x-1", "kind": "printer", "level": MIDDLE})
    assert codes(stranger) == {"office.not-held"}
    with pytest.raises(OutOfOrder, match="not one of our own"):
        world.kyiv.act("security", "device.register", {
            "device": "x-1", "kind": "printer", "level": "EX-JPN:EXERCISE SAKURA",
        })
    with pytest.raises(Refused):
        listed(world.kyiv, "reader")
