"""Under an agreement of three what one party did may be told before what it rests on; it waits, and is not refused."""

from __future__ import annotations

from tests.world.between import list_accord_faults
from tests.world.comparing import audit, bodies
from tests.world.members import AGREEMENT, Slow, acquainted, entry, owed, propose, refused, sign
from tests.world.treaties import DNK, LUX, POL

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
