"""The same road by bag: no network, the same messages, the same effect."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.world.test_journey import CONTENT, PURPOSE, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.adapters.medium import FolderMedium
from cordiale.errors import OutOfOrder
from cordiale.work.bag import pack, unpack


def carry_bag(sender: Player, recipient: Player, folder: Path, number: int) -> int:
    pack(sender.registry, recipient.party, FolderMedium(folder), f"pack.{sender.party.lower()}.{number}")
    unpacked = unpack(recipient.registry, FolderMedium(folder))
    assert unpacked.problems == []
    return unpacked.taken


def test_an_item_crosses_by_bag_with_no_network_between_the_nodes(tmp_path: Path) -> None:
    world = World.founded(seed=11)
    world.bring_into_force()
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link="bag")
    assert carry_bag(world.tokyo, world.kyiv, tmp_path / "there", 1) == 1
    again = unpack(world.kyiv.registry, FolderMedium(tmp_path / "there"))
    assert (again.taken, again.before) == (0, 1)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    carry_bag(world.kyiv, world.tokyo, tmp_path / "back", 1)
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and sent["state"] == "receipted"
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    carry_bag(world.tokyo, world.kyiv, tmp_path / "third", 2)
    assert not world.kyiv.registry.reads().outbox_open()
    with pytest.raises(OutOfOrder):
        pack(world.kyiv.registry, "JPN", FolderMedium(tmp_path / "fourth"), "pack.none")


def test_a_wrong_file_in_a_bag_stops_only_what_depends_on_it(tmp_path: Path) -> None:
    world = World.founded(seed=12)
    world.bring_into_force()
    for _ in range(2):
        item = label(world.tokyo)
        release(world.tokyo, item)
        dispatch(world, [item], link="bag")
    pack(world.tokyo.registry, "UKR", FolderMedium(tmp_path / "bag"), "pack.1")
    first = min((tmp_path / "bag" / "4-envelopes").iterdir())
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(bytes(data))
    (tmp_path / "bag" / "5-messages" / "stranger.jws").write_bytes(b"{}")
    unpacked = unpack(world.kyiv.registry, FolderMedium(tmp_path / "bag"))
    assert len(unpacked.problems) >= 1
    held = list(world.kyiv.registry.find("consignment", "state", "held"))
    assert len(held) == 1
