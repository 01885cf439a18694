"""Attacks found on a third look: room that is not counted, books that pass for new ones, and what was withdrawn."""

from __future__ import annotations

import pytest
from tests.attack.test_books import alter
from tests.attack.test_people_proposals import NEW, codes, confirm, proposed, row_of
from tests.attack.test_persons import import_people
from tests.world.comparing import bodies
from tests.world.outside import MemoryAnchor
from tests.world.test_anchor import require_stopped
from tests.world.test_journey import label
from tests.world.world import World

from cordiale.crypto.signatures import SigningPair
from cordiale.errors import Refused, Unavailable
from cordiale.records.arriving import arriving_name
from cordiale.work import arrivals
from cordiale.work.arrivals import Arrivals

LEVEL = "EX-UKR:EXERCISE BARVINOK"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=311)


# -- what arrives by wire -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said_later", [1, 5_000], ids=["smaller", "more than there is room for"])
def test_what_came_counts_whatever_its_sender_says_of_it_later(
    world: World, monkeypatch: pytest.MonkeyPatch, said_later: int
) -> None:
    """The size of the whole is the sender's word, given anew with each part, also with one that is refused."""
    monkeypatch.setattr(arrivals, "ARRIVED_UNNAMED_SIZE_BYTES_MAX", 1_000)
    desk = Arrivals(world.tokyo.registry)
    with desk.receiving("kyiv.ukr", "first", 900) as name:
        world.tokyo.registry.objects.partial(name).append(0, [bytes(899)])
    try:
        with desk.receiving("kyiv.ukr", "first", said_later):
            pass
    except Unavailable:
        assert said_later > 1_000
    with pytest.raises(Unavailable) as full, desk.receiving("kyiv.ukr", "second", 900):
        pass
    assert full.value.code == "arrivals.no-room"
    world.tokyo.registry.objects.remove(arriving_name("kyiv.ukr", "first"))
    with desk.receiving("kyiv.ukr", "second", 900):
        pass


# -- the books and their anchor -----------------------------------------------------------------------------


@pytest.mark.parametrize("statements", [
    ("DELETE FROM batch",), ("DELETE FROM batch", "DELETE FROM log"),
], ids=["commits", "commits and logs"])
def test_books_without_anchor_and_commits_do_not_pass_for_new_ones(world: World, statements: tuple[str, ...]) -> None:
    """Whoever takes the anchor away takes what it would be held against as well."""
    label(world.tokyo)
    alter(world.tokyo, *statements)
    world.tokyo.reopen(anchor=MemoryAnchor())
    require_stopped(world.tokyo, "anchor.missing")


# -- people -------------------------------------------------------------------------------------------------


def test_what_was_proposed_with_a_key_that_was_withdrawn_is_confirmed_by_nobody(world: World) -> None:
    """Whoever had the officer's lost key leaves no proposal behind that somebody confirms in good faith."""
    import_people(world.kyiv, f"other,Exercise Officer,officer,desk,UKR,UKR,security-officer,{LEVEL}"
                              "|2026-01-01|2029-12-31|exercise authority,,,")
    pair, next_pair = SigningPair.generate(), SigningPair.generate()
    world.kyiv.change_people("people.enrol-key", {"key": pair.public.encode(), "person": "other"})
    world.kyiv.people["other"] = pair
    proposal = proposed(world.kyiv, NEW)
    world.kyiv.act("other", "people.withdraw-key", {"person": "security"})
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            confirm(world.kyiv, "head", proposal)
        assert codes(refused) == {"people.proposer-key"}
        answer = world.kyiv.act("other", "people.enrol-key", {"key": next_pair.public.encode(), "person": "security"})
        id = str(answer.value["proposal"])
        confirm(world.kyiv, "head", (id, bodies(world.kyiv, "people-proposal")[id]["binding"]))
        next_pair = SigningPair.generate()
    assert "new" not in bodies(world.kyiv, "person")


def test_an_old_list_brings_no_clearance_back_that_was_shortened_and_then_withdrawn(world: World) -> None:
    old = row_of("reader")
    world.kyiv.act("security", "people.import", csv_with(old.replace("|2026-01-01|", "|2026-02-01|")))
    world.kyiv.act("security", "people.withdraw-clearance", {"level": LEVEL, "person": "reader"})
    answer = world.kyiv.act("security", "people.import", csv_with(old))
    assert answer.value == {"narrowed": 0, "proposed": 0, "unchanged": 1}
    (held,) = bodies(world.kyiv, "person")["reader"]["clearances"]
    assert held["withdrawn_at"]


def csv_with(row: str) -> dict[str, object]:
    from tests.attack.test_persons import csv_of

    return dict(csv_of(f"{row},,,"))


# -- who knows of an item -----------------------------------------------------------------------------------


def test_a_stranger_proposes_no_declassification_and_learns_nothing_by_trying(world: World) -> None:
    """On the day in the label anybody's proposal fitted; that it was taken told that the item is there."""
    item = label(world.kyiv, level=LEVEL, release_to=["JPN"], trigger={"kind": "date", "on": "2026-09-20"})
    world.clock.advance(days=40)
    told = []
    for name in (item, "ukr.act.ukr.nothing"):
        with pytest.raises(Refused) as refused:
            world.kyiv.act("reader", "level.propose", {"event": "the day", "item": name})
        told.append(str(refused.value))
    assert told[0] == told[1]
    world.kyiv.act("originator", "level.propose", {"event": "the day", "item": item})
