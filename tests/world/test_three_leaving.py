"""Who has left an agreement of three signs no more, and waits for nothing; those who go on change it between them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.members import (
    AGREEMENT,
    dispatch,
    entry,
    label,
    owed,
    propose,
    refused,
    release,
    send,
    sign,
    stage,
)
from tests.world.test_journey import codes
from tests.world.test_three_parties import register
from tests.world.treaties import DNK, LUX, POL, member_states
from tests.world.triangle import Triangle

from cordiale.errors import OutOfOrder, Refused
from cordiale.model.agreement import Act, ActRule, Ruling
from cordiale.records.agreements import load_index
from cordiale.records.items import rules_for
from cordiale.work.accord_time import see_to_accords

TERMS = tuple(replace(one, count=one.count + 1) for one in member_states().profile.terms)


@pytest.fixture
def world() -> Triangle:
    return entry().world.twin(13)


def leave(world: Triangle, days: int = 30) -> None:
    """Let Poland give notice for a day, and that day come."""
    stage(world.by_party(POL), "terminated", ended_on="2026-09-20")
    world.deliver()
    world.clock.advance(days=days)


def versions(world: Triangle) -> dict[str, int]:
    return {one.party: bodies(one, "agreement")[AGREEMENT]["profile"]["version"] for one in world.players}


def test_those_who_remain_change_it_without_who_has_left(world: Triangle) -> None:
    lux, pol, dnk = world.players
    leave(world)
    propose(lux, version=2, terms=TERMS)
    world.deliver()
    sign(lux, version=2, terms=TERMS)
    world.deliver()
    assert versions(world) == {LUX: 1, POL: 1, DNK: 1}, "who remains must sign"
    sign(dnk, version=2, terms=TERMS)
    world.deliver()
    assert versions(world) == {LUX: 2, POL: 1, DNK: 2}
    assert "proposed" not in bodies(pol, "agreement")[AGREEMENT], "who has left is not told of it"
    assert owed(lux) | owed(dnk) | owed(pol) == set()
    item = label(lux, DNK)
    release(lux, item, DNK)
    register(world, dispatch(lux, item, DNK), DNK)
    assert [party["party"] for party in view(lux, "authority", "view.ceremony", agreement=AGREEMENT)["parties"]] == [LUX, DNK]
    assert [refused(one) for one in world.players] == [[]] * 3 and [audit(one).findings for one in world.players] == [[]] * 3


def test_who_has_left_proposes_signs_and_declines_nothing(world: Triangle) -> None:
    lux, pol, _ = world.players
    propose(lux, version=2, terms=TERMS)
    world.deliver()
    leave(world)
    for act in (lambda: sign(pol, version=2, terms=TERMS), lambda: propose(pol, version=3, terms=TERMS),
                lambda: pol.act("authority", "accord.close", {"agreement": AGREEMENT})):
        with pytest.raises(OutOfOrder, match="has left this agreement on 2026-09-20") as left:
            act()
        assert left.value.code == "agreement.left"
    assert set(bodies(lux, "agreement")[AGREEMENT]["proposed"]["signatures"]) == set()


def test_what_waited_for_a_signature_waits_for_it_no_more_once_its_party_has_left(world: Triangle) -> None:
    lux, pol, dnk = world.players
    propose(lux, version=2, terms=TERMS)
    world.deliver()
    for player in (lux, dnk):
        sign(player, version=2, terms=TERMS)
    world.deliver()
    assert versions(world) == {LUX: 1, POL: 1, DNK: 1} and ("amendment-answer", POL) in owed(lux)
    leave(world, days=1)
    for player in world.players:
        see_to_accords(player.registry)
    assert versions(world) == {LUX: 1, POL: 1, DNK: 1}, "until the day of the notice it is a party"
    world.clock.advance(days=30)
    for player in world.players:
        see_to_accords(player.registry)
        see_to_accords(player.registry)
    assert versions(world) == {LUX: 2, POL: 1, DNK: 2}
    assert [owed(one) for one in world.players] == [set()] * 3
    assert "proposed" not in bodies(pol, "agreement")[AGREEMENT]
    assert {tuple(bodies(one, "agreement")[AGREEMENT]["left_under"]) for one in (lux, dnk)} == {(POL,)}


def test_a_signature_given_before_leaving_counts_also_where_it_comes_late(world: Triangle) -> None:
    lux, pol, dnk = world.players
    propose(lux, version=2, terms=TERMS)
    world.deliver()
    stage(pol, "terminated", ended_on="2026-09-20")
    world.deliver()
    sign(pol, version=2, terms=TERMS)
    world.clock.advance(days=30)
    for player in (lux, dnk):
        sign(player, version=2, terms=TERMS)
    world.deliver()
    for player in (lux, dnk):
        found = bodies(player, "agreement")[AGREEMENT]
        assert found["profile"]["version"] == 2 and POL in found["signatures"] and "left_under" not in found


def test_what_came_from_who_has_left_stays_under_the_version_of_that_day(world: Triangle) -> None:
    lux, pol, dnk = world.players
    theirs, ours = label(pol, LUX), label(dnk, LUX)
    send(world, pol, theirs, LUX)
    send(world, dnk, ours, LUX)
    leave(world)
    copying = ActRule(Act.COPY, Ruling.FORBIDDEN, "Art. 9")
    acts = (copying, *(one for one in member_states().profile.acts if one.act is not Act.COPY))
    propose(lux, version=2, acts=acts)
    world.deliver()
    for player in (lux, dnk):
        sign(player, version=2, acts=acts)
    world.deliver()
    books = lux.registry.books()
    held = {item: rules_for(lux.registry, books, books.require("item", item)) for item in (theirs, ours)}
    assert {item: rules.state.profile.version for item, rules in held.items()} == {theirs: 1, ours: 2}  # type: ignore[union-attr]
    reads = lux.registry.reads()
    assert load_index(reads, AGREEMENT, LUX, POL).state.profile.version == 1  # type: ignore[union-attr]
    assert load_index(reads, AGREEMENT, LUX, DNK).state.profile.version == 2  # type: ignore[union-attr]
    lux.act("registrar", "return", {"item": theirs})
    world.deliver()
    assert [audit(one).findings for one in world.players] == [[]] * 3


def test_of_two_neither_changes_it_alone_when_the_other_has_left(world: Triangle) -> None:
    lux, pol, dnk = world.players
    propose(lux, version=2, terms=TERMS)
    world.deliver()
    sign(lux, version=2, terms=TERMS)
    for player in (pol, dnk):
        stage(player, "terminated", ended_on="2026-09-20")
    world.deliver()
    world.clock.advance(days=30)
    for player in world.players:
        see_to_accords(player.registry)
    assert versions(world) == {LUX: 1, POL: 1, DNK: 1}
    with pytest.raises(Refused) as ended:
        item = label(lux, DNK)
        release(lux, item, DNK)
        dispatch(lux, item, DNK)
    assert codes(ended) == {"provision.terminated"}
