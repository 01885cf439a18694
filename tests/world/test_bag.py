"""The same road by bag: no network, the same messages, the same effect."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.attack.test_leaks import everything_on
from tests.world.comparing import bodies
from tests.world.outside import MemoryMedium
from tests.world.test_journey import CONTENT, PURPOSE, dispatch, grant, label, release
from tests.world.world import Player, World, make_acquainted

from cordiale.adapters.medium import FolderMedium
from cordiale.errors import CordialeError, OutOfOrder
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


def dispatched(world: World) -> str:
    item = label(world.tokyo)
    release(world.tokyo, item)
    return dispatch(world, [item], link="bag")


def packed(world: World, act_id: str = "pack.1") -> MemoryMedium:
    medium = MemoryMedium()
    pack(world.tokyo.registry, "UKR", medium, act_id)
    return medium


def messages_on(medium: MemoryMedium) -> list[str]:
    return sorted(path for path in medium.files if path.startswith(("2-", "5-")))


def test_the_same_bag_is_written_again_to_the_last_byte() -> None:
    world = World.in_force(seed=401)
    dispatched(world)
    first = packed(world)
    dispatched(world)
    assert packed(world).files == first.files
    later = packed(world, "pack.2")
    (path,) = messages_on(first)
    assert later.files[path] != first.files[path], "each bag has a key of its own"


def test_a_bag_for_another_node_opens_nowhere_else() -> None:
    """Its manifest is changed to name the finder: the signature no longer fits. The key opens for its node alone."""
    world = World.in_force(seed=402)
    dispatched(world)
    medium = packed(world)
    warsaw = world.add_stranger()
    make_acquainted(warsaw, world.tokyo)
    with pytest.raises(CordialeError):
        unpack(warsaw.registry, medium)
    assert bodies(warsaw, "consignment") == {}


@pytest.mark.parametrize("spoil", [
    lambda files, path, _: files.update({path: files[path][:-1]}),
    lambda files, path, _: files.update({path: files[path][:-1] + bytes([files[path][-1] ^ 1])}),
    lambda files, path, other: files.update({path: other.files[path]}),
], ids=["cut", "changed", "from another bag"])
def test_a_sealed_message_that_is_not_the_one_listed_is_not_taken(
    spoil: Callable[[dict[str, bytes], str, MemoryMedium], None]
) -> None:
    world = World.in_force(seed=403)
    dispatched(world)
    medium, other = packed(world), packed(world, "pack.2")
    (path,) = messages_on(medium)
    spoil(medium.files, path, other)
    unpacked = unpack(world.kyiv.registry, medium)
    assert unpacked.taken == 0 and [place for place, _ in unpacked.problems] == [path]
    assert bodies(world.kyiv, "consignment") == {}
    assert unpack(world.kyiv.registry, other).taken == 1


def test_two_messages_of_a_bag_that_were_exchanged_are_not_taken() -> None:
    world = World.in_force(seed=404)
    dispatched(world)
    dispatched(world)
    medium = packed(world)
    one, two = messages_on(medium)
    medium.files[one], medium.files[two] = medium.files[two], medium.files[one]
    assert unpack(world.kyiv.registry, medium).taken == 0


def test_a_bag_under_the_manifest_of_another_gives_nothing() -> None:
    """The key stands in the manifest: files of the one bag do not open by the manifest of the other."""
    world = World.in_force(seed=405)
    dispatched(world)
    medium, other = packed(world), packed(world, "pack.2")
    medium.files["manifest.jws"] = other.files["manifest.jws"]
    with contextlib.suppress(CordialeError):
        assert unpack(world.kyiv.registry, medium).taken == 0
    assert bodies(world.kyiv, "consignment") == {}


def test_an_old_bag_played_again_changes_nothing() -> None:
    world = World.in_force(seed=406)
    dispatched(world)
    medium = packed(world)
    assert unpack(world.kyiv.registry, medium).taken == 1
    before = bodies(world.kyiv, "consignment")
    again = unpack(world.kyiv.registry, medium)
    assert (again.taken, again.before, again.problems) == (0, 1, [])
    assert bodies(world.kyiv, "consignment") == before


def test_an_answer_carried_back_is_sealed_too() -> None:
    world = World.in_force(seed=407)
    consignment = dispatched(world)
    unpack(world.kyiv.registry, packed(world))
    back = MemoryMedium()
    pack(world.kyiv.registry, "JPN", back, "pack.back")
    assert consignment not in everything_on(back)
    assert unpack(world.tokyo.registry, back).taken == 1
