"""Protected information takes any form, and each goes the same road."""

from __future__ import annotations

from tests.world.test_journey import cross
from tests.world.world import World

from cordiale.records.items import COPY, ENTRY, ITEM

FORMS = ("file", "paper", "medium", "equipment", "oral")


def test_every_form_is_registered_before_it_leaves_and_again_where_it_arrives() -> None:
    world = World.in_force(seed=991)
    consignment, items = cross(world, forms=FORMS)
    for form, item in zip(FORMS, items, strict=True):
        for player, book in ((world.tokyo, "own"), (world.kyiv, "JPN")):
            record = player.registry.record(ITEM, item)
            assert record is not None and record["form"] == form
            entries = [one for one in player.registry.find(ENTRY, "item", item) if one["book"] == book]
            assert entries, f"{form} stands in the book {book}"
        (copy,) = world.kyiv.registry.find(COPY, "item", item)
        assert copy["state"] == "registered"
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and sent["state"] == "receipted"
    assert len(sent["copies"]) == len(FORMS)


def test_what_one_party_provided_stands_in_a_book_of_its_own() -> None:
    world = World.in_force(seed=992)
    _, (item,) = cross(world)
    books = {str(one["book"]) for one in world.kyiv.registry.find(ENTRY, "item", item)}
    assert books == {"JPN"}
