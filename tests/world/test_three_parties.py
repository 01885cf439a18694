"""An agreement of three parties, lived through: what two of them do concerns the third only where a text says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies, faults_between
from tests.world.members import (
    AGREEMENT,
    CONTENT,
    Slow,
    change_level,
    consent,
    dispatch,
    entry,
    find_ready,
    label,
    owed,
    propose,
    refused,
    release,
    send,
    stage,
)
from tests.world.members import sign as sign_profile
from tests.world.scanning import find_words
from tests.world.test_inventory import begin, close, number_of, sight, sign
from tests.world.test_journey import codes
from tests.world.treaties import DNK, LUX, POL, PURPOSE, level, member_states, treaty_between
from tests.world.triangle import Triangle, bring_into_force
from tests.world.world import Player

from cordiale.errors import OutOfOrder, Refused
from cordiale.limits import COSIGNING_PAUSE_SECONDS
from cordiale.model.agreement import Act, ActRule, Ruling, Stage
from cordiale.model.agreement_rows import ChannelRule, Covered
from cordiale.model.names import AgreementId
from cordiale.records.agreements import load_index, stage_of
from cordiale.records.cosigning import COSIGNED, WITNESSED, cosigned_id
from cordiale.records.endings import certify_all
from cordiale.records.labels import label_of
from cordiale.records.sweeping import sweep_envelopes
from cordiale.work.witness import show_grown_logs


@pytest.fixture
def world() -> Triangle:
    return entry().world.twin(11)


def copies(player: Player, item: str) -> dict[str, str]:
    """Return in which state the copies of an item are, by whom they are with."""
    return {str(one["party"]): str(one["state"]) for one in player.registry.find("copy", "item", item)}


def at_rest(world: Triangle) -> list[str]:
    """Return what an audit finds at each node, and where the books of two do not agree."""
    found = [str(one) for player in world.players for one in audit(player).findings]
    for player in world.players:
        for other in world.players:
            if other is not player:
                found += faults_between(player, other, AGREEMENT)
    return found


def test_a_finding_and_a_link_count_for_each_two_and_the_release_set_for_each_item(world: Triangle) -> None:
    lux, pol, dnk = world.players
    state = load_index(dnk.registry.reads(), AGREEMENT, DNK).state
    assert (len(state.readiness), len(state.links), len(state.signed_by), len(state.notes_from)) == (9, 3, 3, 3)
    find_ready(lux, DNK, rank=0)
    world.deliver()
    item = label(lux, POL, DNK)
    release(lux, item, DNK)
    with pytest.raises(Refused) as below:
        dispatch(lux, item, DNK)
    assert codes(below) == {"provision.readiness-below"}
    send(world, pol, label(pol, DNK), DNK)
    with pytest.raises(Refused) as outside:
        release(lux, label(lux, POL), DNK)
    assert codes(outside) == {"release.outside-release-set"}


def test_passing_on_within_the_agreement_asks_the_originator_and_its_release_set(world: Triangle) -> None:
    lux, pol, dnk = world.players
    alone, both = label(lux, POL), label(lux, POL, DNK)
    for item in (alone, both):
        send(world, lux, item, POL)
        with pytest.raises(Refused) as unasked:
            pol.act("registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": DNK})
        assert "consent.missing" in codes(unasked)
        consent(world, pol, LUX, "pass-on", item, recipient=DNK)
    with pytest.raises(Refused) as outside:
        pol.act("registrar", "pass-on", {"item": alone, "purpose": PURPOSE, "recipient": DNK})
    assert codes(outside) == {"release.outside-release-set"}
    pol.act("registrar", "pass-on", {"item": both, "purpose": PURPOSE, "recipient": DNK})
    assert change_level(world, lux, both, 0) == [POL]
    assert owed(pol) == {("tell-level", POL)}, "whoever passed it on tells whom it passed it on to"
    pol.act("registrar", "level.told", {"item": both, "party": DNK, "reference": "letter 1"})
    assert owed(pol) == set() and both not in bodies(dnk, "item")


def test_each_holder_answers_returns_and_certifies_for_itself(world: Triangle) -> None:
    lux, pol, dnk = world.players
    item = label(lux, POL, DNK)
    send(world, lux, item, POL, DNK)
    assert change_level(world, lux, item, 0) == [DNK, POL]
    assert {str(label_of(one.registry.books().require("item", item)).level) for one in world.players} == {level(LUX, 0)}
    assert {one["party"]: one["state"] for one in bodies(lux, "level-told").values()} == {POL: "done", DNK: "done"}
    dnk.act("registrar", "return", {"item": item})
    world.deliver()
    assert copies(lux, item) == {LUX: "held", POL: "with-partner", DNK: "returned"}
    proposal = pol.act("registrar", "destroy.propose", {"item": item, "method": "erased"}).value["proposal"]
    pol.act("head", "destroy.witness", {"proposal": proposal})
    sweep_envelopes(pol.registry)
    certify_all(pol.registry)
    world.deliver()
    assert copies(lux, item) == {LUX: "held", POL: "destroyed", DNK: "returned"}
    assert at_rest(world) == [] and [owed(one) for one in world.players] == [set()] * 3


def test_a_joint_product_of_two_asks_both_at_the_third(world: Triangle) -> None:
    lux, _, dnk = world.players
    item = label(lux, POL, DNK, joint=[POL])
    send(world, lux, item, POL)
    release(lux, item, DNK)
    with pytest.raises(Refused) as alone:
        dispatch(lux, item, DNK)
    assert codes(alone) == {"consent.missing"}
    consent(world, lux, POL, "pass-on", item, recipient=DNK)
    send(world, lux, item, DNK)
    for act in (change_level_of, use_abroad):
        with pytest.raises(Refused) as unasked:
            act(world, item)
        assert "consent.missing" in codes(unasked)
    consent(world, lux, POL, "change-level", item, purpose=level(LUX, 0))
    assert change_level(world, lux, item, 0) == [DNK, POL]
    consent(world, dnk, LUX, "use-abroad", item)
    with pytest.raises(Refused) as half:
        use_abroad(world, item)
    assert {dict(one.fields)["originator"] for one in half.value.decision.reasons} == {POL}
    consent(world, dnk, POL, "use-abroad", item)
    use_abroad(world, item)
    assert at_rest(world) == []


def change_level_of(world: Triangle, item: str) -> None:
    change_level(world, world.by_party(LUX), item, 0)


def use_abroad(world: Triangle, item: str) -> None:
    world.by_party(DNK).act("authority", "use", {"act": "use-abroad", "item": item, "purpose": PURPOSE})


def test_an_incident_and_an_inventory_are_told_to_whom_the_items_came_from_and_of_those_alone(world: Triangle) -> None:
    lux, pol, dnk = world.players
    theirs, others = label(lux, POL, DNK), label(pol, DNK)
    send(world, lux, theirs, POL, DNK)
    send(world, pol, others, DNK)
    incident = dnk.act("reader", "incident.report", {
        "items": [theirs], "kind": "loss", "what": "the folder was left in a train",
    }).value["incident"]
    assert ("tell-incident", DNK) in owed(dnk)
    told = {"agreement": AGREEMENT, "facts": ["a copy is not found"], "incident": incident, "measures": ["searched"]}
    dnk.act("authority", "incident.tell", {**told, "party": LUX})
    world.deliver()
    assert ("tell-incident", DNK) not in owed(dnk) and bodies(pol, "incident") == {}
    (share,) = bodies(lux, "incident-share").values()
    assert share["items"] == [theirs]
    inventory = begin(dnk)
    sight(dnk, inventory, *(number_of(dnk, one) for one in bodies(dnk, "item")))
    close(dnk, inventory)
    assert sign(dnk, inventory) == "signed"
    assert len([one for one in dnk.registry.find("duty", "subject", inventory) if one["what"] == "tell-inventory"]) == 2
    for party in (LUX, POL):
        dnk.act("registrar", "inventory.tell", {"agreement": AGREEMENT, "inventory": inventory, "party": party})
    world.deliver()
    for player, count in ((lux, 2), (pol, 1)):
        (result,) = bodies(player, "inventory-told").values()
        assert (result["state"], result["present"]) == ("agrees", count)
    assert ("tell-inventory", DNK) not in owed(dnk)


def test_the_third_learns_nothing_of_what_two_do_and_each_log_is_cosigned_by_both(world: Triangle) -> None:
    lux, pol, dnk = world.players
    item = label(lux, POL, title="Zitadelle")
    send(world, lux, item, POL)
    request = consent(world, pol, LUX, "use-abroad", item)
    change_level(world, lux, item, 0)
    pol.act("registrar", "return", {"item": item})
    world.deliver()
    world.clock.advance(seconds=COSIGNING_PAUSE_SECONDS)
    assert [show_grown_logs(player.registry) for player in world.players] == [2, 2, 2]
    world.deliver()
    for here in world.players:
        for there in world.players:
            if there is here:
                continue
            kept = here.registry.record(COSIGNED, cosigned_id(AGREEMENT, there.party))
            assert kept is not None and kept["size"] == here.registry.reads().log_size(AGREEMENT)
        assert len(bodies(here, WITNESSED)) == 2
    words = {one.encode() for one in _names(lux, pol, since=item)} | {item.encode(), request.encode(), b"Zitadelle"}
    assert len(words) > 15
    assert find_words([_books_of(pol)], {item.encode(), request.encode()}) == {item.encode(), request.encode()}
    assert find_words([_books_of(dnk)], words) == set()


def _names(*players: Player, since: str) -> set[str]:
    """Return the names of what stands in the books of two about an item and what was done with it."""
    found = {since}
    nodes = {one.registry.node for one in players}
    for player in players:
        for kind in ("copy", "consent-request", "consent", "level-change", "certificate"):
            found |= {id for id, body in bodies(player, kind).items() if body.get("item") == since}
        found |= {
            str(body["consignment"]) for body in bodies(player, "copy").values()
            if body["item"] == since and "consignment" in body
        }
        found |= {id for id, body in bodies(player, "sent").items() if body["node"] in nodes}
    return {name for name in found if "/" not in name}


def _books_of(player: Player) -> bytes:
    return bytes(player.registry.store._writer.serialize("main"))


def test_what_one_suspends_the_two_others_go_on_with(world: Triangle) -> None:
    lux, pol, dnk = world.players
    item = label(lux, POL, DNK)
    for party in (POL, DNK):
        release(lux, item, party)
    slow = Slow(world)
    sent = dispatch(lux, item, POL)
    stage(pol, "suspended")
    slow.round(world, (LUX, POL))
    slow.round(world)
    assert sent not in bodies(pol, "consignment"), "what has not left yet does not leave"
    with pytest.raises(Refused) as suspended:
        dispatch(pol, released(pol, LUX), LUX)
    assert codes(suspended) == {"provision.suspended"}
    register(world, dispatch(lux, item, DNK), DNK)
    assert view(dnk, "authority", "view.accord", agreement=AGREEMENT)["apart"] == [
        {"levels": [], "on": "", "party": POL, "state": "suspended"},
    ]
    stage(dnk, "in-force")
    world.deliver()
    with pytest.raises(Refused):
        dispatch(lux, released(lux, POL), POL)
    stage(pol, "in-force")
    world.deliver()
    assert bodies(lux, "agreement")[AGREEMENT]["resumed_on"] == {POL: world.clock.at.date().isoformat()}
    register(world, sent, POL)
    assert at_rest(world) == [] and [refused(one) for one in world.players] == [[]] * 3


def test_one_leaves_and_the_agreement_ends_with_the_last_but_one(world: Triangle) -> None:
    lux, pol, dnk = world.players
    held = label(lux, POL)
    send(world, lux, held, POL)
    assert stage(pol, "terminated", ended_on="2026-09-20") == {
        "agreement": AGREEMENT, "ended_on": "2026-09-20", "stage": "in-force",
    }
    world.deliver()
    world.clock.advance(days=30)
    for player, to in ((lux, POL), (pol, DNK)):
        with pytest.raises(Refused) as left:
            dispatch(player, released(player, to), to)
        assert codes(left) == {"provision.terminated"}
    register(world, dispatch(lux, released(lux, DNK), DNK), DNK)
    pol.act("head", "need.grant", {"item": held, "person": "reader", "purpose": PURPOSE})
    assert pol.read("reader", held, PURPOSE) == CONTENT
    pol.act("registrar", "return", {"item": held})
    world.deliver()
    assert copies(lux, held)[POL] == "returned"
    assert {_stage(one) for one in world.players} == {"in-force"}
    stage(dnk, "terminated", ended_on="2026-10-20")
    world.deliver()
    assert {bodies(one, "agreement")[AGREEMENT]["ended_on"] for one in world.players} == {"2026-10-20"}
    world.clock.advance(days=30)
    with pytest.raises(Refused) as ended:
        dispatch(lux, released(lux, DNK), DNK)
    assert codes(ended) == {"provision.terminated"} and {_stage(one) for one in world.players} == {"terminated"}
    assert at_rest(world) == [] and [refused(one) for one in world.players] == [[]] * 3


def test_who_has_left_orders_back_by_the_right_that_begins_with_the_end(world: Triangle) -> None:
    lux = world.by_party(LUX)
    right = ActRule(Act.RECALL, Ruling.REQUIRED, "Art. 9", from_state=Stage.TERMINATED)
    agree(world, acts=(*(one for one in member_states().profile.acts if one.act is not Act.RECALL), right))
    item = label(lux, POL)
    send(world, lux, item, POL)
    stage(lux, "terminated", ended_on="2026-09-20")
    world.deliver()
    world.clock.advance(days=30)
    said = lux.act("registrar", "return.ask", {"item": item, "party": POL, "reason": "the end"}).value
    world.deliver()
    (asked,) = bodies(world.by_party(POL), "return-request").values()
    assert (said["kind"], asked["kind"]) == ("order", "order")


def test_an_agreement_of_two_governs_its_channel_between_them_and_not_towards_the_third(world: Triangle) -> None:
    lux = world.by_party(LUX)
    agree(world, channels=(ChannelRule("police", Covered.UNLESS_OTHER, "Art. 1"),))
    two, treaty = AgreementId("police-cooperation"), treaty_between(LUX, POL)
    bring_into_force(world, replace(treaty, id=two, profile=replace(
        treaty.profile, agreement=two, channels=(ChannelRule("police", Covered.YES, "Art. 1"),),
    )))
    item = label(lux, POL, DNK, channel="police")
    for party in (POL, DNK):
        release(lux, item, party)
    with pytest.raises(Refused) as governed:
        dispatch(lux, item, POL)
    assert codes(governed) == {"channel.other-agreement"}
    register(world, dispatch(lux, item, DNK), DNK)


def agree(world: Triangle, **changes: Any) -> None:
    """Let the three sign a second version of the profile."""
    propose(world.by_party(LUX), version=2, **changes)
    world.deliver()
    for player in world.players:
        sign_profile(player, version=2, **changes)
    world.deliver()


def released(player: Player, party: str) -> str:
    item = label(player, party)
    release(player, item, party)
    return item


def register(world: Triangle, consignment: str, party: str) -> None:
    world.deliver()
    world.by_party(party).act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()


def _stage(player: Player) -> str:
    record = player.registry.books().require("agreement", AGREEMENT)
    return stage_of(record, player.registry.now().date()).value


def test_a_changed_profile_waits_for_every_party_by_name(world: Triangle) -> None:
    lux, pol, dnk = world.players
    propose(lux, version=2)
    world.deliver()
    assert owed(lux) == {("amendment-answer", POL), ("amendment-answer", DNK)}
    sign_profile(pol, version=2)
    world.deliver()
    assert owed(lux) == {("amendment-answer", DNK)} and owed(pol) == set()
    dnk.act("authority", "accord.close", {"agreement": AGREEMENT, "reason": "not needed"})
    world.deliver()
    for player in world.players:
        assert "proposed" not in bodies(player, "agreement")[AGREEMENT] and owed(player) == set()
    with pytest.raises(OutOfOrder):
        dnk.act("authority", "accord.close", {"agreement": AGREEMENT})
