"""A folder never stands below what lies in it; putting in and taking out are acts, and what is left follows."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.test_inventory import number_of
from tests.world.test_journey import codes, cross, dispatch, label, release
from tests.world.test_level_change import change, open_duties, work
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused

KALYNA, BARVINOK, SONIASHNYK = (f"EX-UKR:EXERCISE {name}" for name in ("KALYNA", "BARVINOK", "SONIASHNYK"))


@pytest.fixture
def world() -> World:
    return World.in_force(seed=951)


def paper(world: World, level: str, **more: Any) -> str:
    return label(world.kyiv, form="paper", level=level, **{"release_to": [], **more})


def add(world: World, folder: str, *items: str) -> None:
    world.kyiv.act("registrar", "folder.add", {
        "folder": folder, "numbers": [number_of(world.kyiv, item) for item in items],
    })


def take_out(world: World, folder: str, *items: str) -> None:
    world.kyiv.act("registrar", "folder.take-out", {
        "folder": folder, "numbers": [number_of(world.kyiv, item) for item in items], "reason": "goes its own way",
    })


def shown(world: World, folder: str) -> Any:
    return view(world.kyiv, "registrar", "view.folder", folder=folder)


def test_the_floor_of_a_set_is_computed_from_its_parts_foreign_ones_by_their_equivalent(world: World) -> None:
    _, (foreign,) = cross(world, forms=("paper",))
    low = paper(world, KALYNA, caveats=["limit=exercise only"])
    numbers = [number_of(world.kyiv, item) for item in (foreign, low)]
    floor = view(world.kyiv, "registrar", "view.folder-floor", numbers=numbers, scheme="EX-UKR")
    assert (floor["floor"], floor["caveats"], floor["release_to"]) == (BARVINOK, ["limit=exercise only"], ["UKR"])


def test_a_folder_below_a_part_or_without_its_caveat_takes_it_not_in(world: World) -> None:
    _, (foreign,) = cross(world, forms=("paper",))
    marked = paper(world, KALYNA, caveats=["limit=exercise only"])
    low = paper(world, KALYNA)
    for part, code in ((foreign, "folder.below-part"), (marked, "folder.caveat-missing")):
        with pytest.raises(Refused) as refused:
            add(world, low, part)
        assert codes(refused) == {code}
    wide = paper(world, BARVINOK, release_to=["JPN"])
    with pytest.raises(Refused) as beyond:
        add(world, wide, low)
    assert "folder.released-beyond" in codes(beyond)
    assert not bodies(world.kyiv, "folder-part")


def test_what_lies_in_a_folder_stands_in_the_register_and_comes_out_by_an_act(world: World) -> None:
    _, (foreign,) = cross(world, forms=("paper",))
    folder, low = paper(world, BARVINOK), paper(world, KALYNA)
    add(world, folder, foreign, low)
    found = shown(world, folder)
    assert (found["floor"], len(found["parts"]), found["uncovered"]) == (BARVINOK, 2, [])
    take_out(world, folder, foreign)
    found = shown(world, folder)
    assert (found["level"], found["floor"], len(found["parts"])) == (BARVINOK, KALYNA, 1)
    acts = [one["act"] for one in bodies(world.kyiv, "entry").values() if one["item"] == folder]
    assert sorted(acts) == ["entered", "put-in-folder", "taken-from-folder"]
    with pytest.raises(OutOfOrder):
        take_out(world, folder, foreign)
    assert audit(world.kyiv).findings == []


def test_a_copy_lies_in_one_folder_and_a_folder_in_none(world: World) -> None:
    folder, other, part = paper(world, BARVINOK), paper(world, BARVINOK), paper(world, KALYNA)
    add(world, folder, part)
    for into, what in ((other, part), (other, folder), (part, other), (other, other)):
        with pytest.raises(OutOfOrder):
            add(world, into, what)
    with pytest.raises(Refused):
        world.kyiv.act("reader", "folder.add", {"folder": folder, "numbers": [number_of(world.kyiv, other)]})


def test_a_part_that_rises_makes_it_due_to_raise_the_folder(world: World) -> None:
    folder, part = paper(world, KALYNA), paper(world, KALYNA)
    add(world, folder, part)
    change(world.kyiv, part, BARVINOK)
    assert "raise-folder" in open_duties(world.kyiv) and shown(world, folder)["uncovered"]
    change(world.kyiv, folder, BARVINOK)
    assert "raise-folder" not in open_duties(world.kyiv)
    with pytest.raises(Refused) as lowered:
        change(world.kyiv, folder, KALYNA)
    assert codes(lowered) == {"folder.below-part"}
    with pytest.raises(Refused) as lifted:
        change(world.kyiv, folder, "declassified")
    assert codes(lifted) == {"folder.declassified-around"}


def test_an_order_of_the_originator_reaches_the_folder_that_its_item_lies_in(world: World) -> None:
    _, (foreign,) = cross(world, forms=("paper",))
    folder = paper(world, BARVINOK)
    add(world, folder, foreign)
    change(world.tokyo, foreign, "EX-JPN:EXERCISE FUJI")
    work(world)
    assert "raise-folder" in open_duties(world.kyiv)
    take_out(world, folder, foreign)
    assert "raise-folder" not in open_duties(world.kyiv)


def test_a_folder_neither_leaves_nor_is_destroyed_or_copied_with_something_in_it(world: World) -> None:
    folder, part = label(world.tokyo, form="paper"), label(world.tokyo, form="paper")
    release(world.tokyo, folder)
    world.tokyo.act("registrar", "folder.add", {"folder": folder, "numbers": [number_of(world.tokyo, part)]})
    with pytest.raises(OutOfOrder, match="lies in this folder"):
        dispatch(world, [folder])
    with pytest.raises(OutOfOrder, match="lies in this folder"):
        release(world.tokyo, folder)
    with pytest.raises(OutOfOrder, match="lies in this folder"):
        world.tokyo.act("registrar", "destroy.propose", {"item": folder, "method": "burnt"})


def test_the_list_of_folders_comes_a_page_at_a_time_and_each_folder_whole(world: World) -> None:
    folders = [paper(world, BARVINOK) for _ in range(2)]
    parts = [paper(world, KALYNA) for _ in range(4)]
    for folder, inside in zip(folders, (parts[:2], parts[2:4]), strict=True):
        add(world, folder, *inside)
    take_out(world, folders[1], parts[3])
    emptied = paper(world, BARVINOK)
    add(world, emptied, parts[3])
    take_out(world, emptied, parts[3])
    found, after = [], ""
    while True:
        page = view(world.kyiv, "registrar", "view.folders", count=1, **({"after": after} if after else {}))
        assert len(page["folders"]) == 1
        found += [(one["folder"], one["parts"]) for one in page["folders"]]
        after = page["next"]
        if not after:
            break
    assert found == sorted([(folders[0], 2), (folders[1], 1)])
    for only, inside in ((folders[1], 1), (folders[1][:-1], None), (emptied, None)):
        page = view(world.kyiv, "registrar", "view.folders", only=only)
        assert [(one["folder"], one["parts"]) for one in page["folders"]] == [(only, inside)][: inside is not None]
    with pytest.raises(Refused):
        view(world.kyiv, "reader", "view.folders")
