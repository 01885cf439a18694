"""Under an agreement of three what one party did may be told before what it rests on; it waits, and is not refused."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from tests.world.between import list_accord_faults
from tests.world.comparing import audit, bodies
from tests.world.members import (
    AGREEMENT,
    Slow,
    acquainted,
    approve_link,
    dispatch,
    entry,
    find_all_ready,
    label,
    note,
    owed,
    propose,
    refused,
    release,
    sign,
    stage,
)
from tests.world.test_journey import codes
from tests.world.treaties import DNK, LUX, POL
from tests.world.triangle import Triangle

from cordiale.errors import Refused
from cordiale.limits import AHEAD_DAYS


def test_what_rests_on_what_has_not_come_yet_waits_and_all_three_end_alike() -> None:
    assert entry().known == {
        "a signature without its proposal": {}, "a stage without the last signature": "in-principle",
        "a consignment without the last note": {},
    }
    world = entry().world
    for player in world.players:
        assert bodies(player, "agreement")[AGREEMENT]["stage"] == "in-force"
        assert list(player.registry.reads().outbox_open()) == [] and audit(player).findings == []
        assert refused(player) == [] and owed(player) == set()
        for other in world.players:
            assert other is player or list(list_accord_faults(player, other, AGREEMENT)) == []


def test_what_rests_on_nothing_that_ever_comes_is_refused_in_the_end() -> None:
    world = acquainted().twin(3)
    lux, pol, dnk = world.players
    slow = Slow(world)
    propose(lux)
    slow.round(world, (LUX, DNK))
    sign(pol)
    slow.round(world, (LUX, DNK))
    assert refused(dnk) == []
    world.clock.advance(days=AHEAD_DAYS)
    slow.round(world, (LUX, DNK))
    assert refused(dnk) == ["agreement.not-shared"]
    assert ("refused-by-partner", POL) in owed(pol)
    assert owed(lux) == {("amendment-answer", DNK)}


def test_what_is_not_possible_though_nothing_is_missing_is_refused_at_once() -> None:
    """Two decline a version beside each other, and the third has signed it: nobody waits for what is there."""
    world = entry().world.twin(4)
    lux, pol, dnk = world.players
    propose(lux, version=2)
    world.deliver()
    sign(dnk, version=2)
    pol.act("authority", "accord.close", {"agreement": AGREEMENT, "reason": "not needed"})
    world.deliver()
    assert [refused(player) for player in world.players] == [["agreement.other-profile"], ["agreement.other-profile"], []]
    for player in world.players:
        assert "proposed" not in bodies(player, "agreement")[AGREEMENT]
        assert list(player.registry.reads().outbox_open()) == []


def test_an_answer_waits_for_the_notice_and_a_closing_for_the_proposal() -> None:
    world = entry().world.twin(5)
    lux, pol, dnk = world.players
    slow = Slow(world)
    told = {"agreement": AGREEMENT, "article": "Art. 12", "on": "2026-09-01", "text": "what was meant"}
    notice = lux.act("authority", "accord.notice", {**told, "kind": "dispute"}).value["notice"]
    propose(lux, version=2)
    slow.round(world, (LUX, DNK))
    pol.act("authority", "accord.notice", {**told, "about": notice, "kind": "acknowledged"})
    pol.act("authority", "accord.close", {"agreement": AGREEMENT, "reason": "not needed"})
    slow.round(world, (LUX, DNK))
    assert bodies(dnk, "accord-notice") == {} and owed(lux) == {("notice-answer", DNK)}
    slow.round(world)
    assert bodies(dnk, "accord-notice")[notice]["answers"] == {"acknowledged": [POL]}
    assert owed(dnk) == {("notice-answer", DNK)}
    for player in world.players:
        assert bodies(player, "agreement")[AGREEMENT]["closed"] == 2 and refused(player) == []
        assert list(player.registry.reads().outbox_open()) == []


@functools.cache
def noted() -> Triangle:
    """A world in which Luxembourg alone has not heard of the last note, that of Denmark. To be copied."""
    world = acquainted().twin(6)
    lux, slow = world.by_party(LUX), Slow(world)
    propose(lux)
    slow.round(world)
    for player in world.players:
        sign(player)
    slow.round(world)
    stage(lux, "signed")
    for player in world.players:
        find_all_ready(player)
        approve_link(player)
    slow.round(world)
    for player in world.players:
        note(player)
    slow.round(world, (DNK, LUX))
    return world


@pytest.mark.parametrize(("said", "code", "known"), [
    ({"name": "suspended"}, "provision.suspended", {"suspensions": {POL: []}}),
    ({"ended_on": "2026-09-20", "name": "terminated"}, "provision.terminated", {"left": {POL: "2026-09-20"}}),
])
def test_what_closes_counts_though_the_last_note_comes_after_it(
    said: dict[str, Any], code: str, known: dict[str, Any]
) -> None:
    world = noted().twin(7)
    lux, pol, _ = world.players
    slow = Slow(world)
    stage(pol, **said)
    slow.round(world, (DNK, LUX))
    early = bodies(lux, "agreement")[AGREEMENT]
    assert early["stage"] == "signed" and early.items() >= known.items()
    world.clock.advance(days=AHEAD_DAYS)
    slow.round(world, (DNK, LUX))
    slow.round(world)
    assert bodies(lux, "agreement")[AGREEMENT]["stage"] == "in-force" and refused(lux) == []
    item = label(lux, POL)
    release(lux, item, POL)
    with pytest.raises(Refused) as closed:
        dispatch(lux, item, POL)
    assert codes(closed) == {code}


def test_a_suspension_that_is_lifted_before_the_last_note_comes_is_lifted_by_it() -> None:
    world = noted().twin(8)
    lux, pol, _ = world.players
    slow = Slow(world)
    for name in ("suspended", "in-force", "suspended"):
        stage(pol, name)
        slow.round(world, (DNK, LUX))
    assert bodies(lux, "agreement")[AGREEMENT]["suspensions"] == {POL: []}, "the lifting waits, and what follows it"
    slow.round(world)
    stage(pol, "in-force")
    slow.round(world)
    for player in world.players:
        assert bodies(player, "agreement")[AGREEMENT]["suspensions"] == {} and refused(player) == []
        assert list(player.registry.reads().outbox_open()) == []
