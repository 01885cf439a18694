"""Incidents in the world in memory: reported by anybody, frozen at once, told by authority to authority, closed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.test_journey import CONTENT, PURPOSE, codes, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.records.ledger import Act
from cordiale.records.registry import identify
from cordiale.work.delays import suspect_delays

PARTS = {
    "extent": ["one copy"], "facts": ["it was left in a train"], "prevention": ["couriers go in pairs"],
    "remedy": ["the copy was found, sealed"],
}


@pytest.fixture
def world() -> World:
    return World.in_force()


def view(player: Player, person: str, kind: str, **params: Any) -> Any:
    return VIEWS[kind](player.registry, identify(player.registry, player.request(person, kind, params)))


def report(player: Player, *items: str, by: str = "reader", kind: str = "loss", **more: Any) -> str:
    answer = player.act(by, "incident.report", {
        "items": list(items), "kind": kind, "what": "the folder was left in a train", **more,
    })
    return str(answer.value["incident"])


def tell(player: Player, incident: str, *, party: str = "JPN", by: str = "authority", **more: Any) -> None:
    player.act(by, "incident.tell", {"agreement": AGREEMENT, "incident": incident, "party": party, **more})


def share_of(player: Player, incident: str) -> Any:
    (share,) = player.registry.find("incident-share", "incident", incident)
    return share


def the_case(player: Player) -> Any:
    (case,) = player.registry.find("incident", "state", "open")
    return case


def duties(player: Player) -> set[str]:
    return {one["what"] for one in player.registry.find("duty", "state", "open")}


def conclude(player: Player, incident: str, *, by: str = "head", **more: Any) -> None:
    player.act(by, "incident.conclude", {"incident": incident, **PARTS, **more})


def test_anybody_reports_with_one_sentence_and_learns_nothing_of_what_is_there(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    known = kyiv.act("junior", "incident.report", {"items": [item], "what": "the folder is not in its place"})
    unknown = kyiv.act("junior", "incident.report", {"items": ["jpn.nothing"], "what": "the folder is not in its place"})
    assert set(known.value) == set(unknown.value) == {"incident"}
    assert set(view(kyiv, "junior", "view.incident", incident=known.value["incident"])) == {
        "incident", "kind", "reported_at", "reported_by", "state", "what",
    }
    with pytest.raises(OutOfOrder, match="there is no"):
        view(kyiv, "reader", "view.incident", incident=known.value["incident"])
    with pytest.raises(Refused):
        view(kyiv, "reader", "view.incidents")
    whole = view(kyiv, "security", "view.incident", incident=unknown.value["incident"])
    assert whole["unknown"] == ["jpn.nothing"] and whole["items"] == []


def test_the_software_draws_up_what_is_affected_and_it_stays_at_home(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    for _ in range(2):
        assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    incident = report(world.kyiv, item)
    (affected,) = view(world.kyiv, "security", "view.incident", incident=incident)["affected"]
    assert affected["partners"] == ["JPN"]
    assert [(one["person"], one["count"]) for one in affected["readers"]] == [("reader", 2)]
    assert [one["person"] for one in affected["needs"]] == ["reader"]
    assert [one["state"] for one in affected["copies"]] == ["registered"]
    tell(world.kyiv, incident, facts=["a paper of yours is not found"], measures=["the registry is searched"])
    world.deliver()
    sent = b"".join(row.message for row in (
        world.kyiv.registry.reads().outbox(id) for id in world.kyiv.registry.reads().outbox_ids()
    ) if row is not None)
    assert b"reader" not in sent.lower().replace(b"readers", b"")


def test_a_frozen_item_is_read_dispatched_returned_by_nobody_until_it_is_lifted(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    incident = report(world.kyiv, item)
    world.kyiv.act("security", "freeze", {"item": item, "reason": "it may have been seen"})
    with pytest.raises(Refused) as frozen:
        world.kyiv.read("reader", item, PURPOSE)
    assert "item.frozen" in codes(frozen)
    with pytest.raises(Refused) as asked_back:
        world.kyiv.act("registrar", "return", {"item": item})
    assert "item.frozen" in codes(asked_back)
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"})
    with pytest.raises(OutOfOrder, match="frozen already"):
        world.kyiv.act("security", "freeze", {"item": item, "reason": "again"})
    with pytest.raises(Refused):
        world.kyiv.act("reader", "freeze.lift", {"item": item, "reason": "I need it"})
    world.kyiv.act("security", "freeze.lift", {"item": item, "reason": "it was found, sealed"})
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    assert view(world.kyiv, "security", "view.incidents")["freezes"] == []
    assert incident


def test_a_frozen_own_item_does_not_leave(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    world.tokyo.act("security", "freeze", {"item": item, "reason": "a draft of it was seen outside"})
    with pytest.raises(Refused) as frozen:
        dispatch(world, [item])
    assert "item.frozen" in codes(frozen)
    world.tokyo.act("security", "freeze.lift", {"item": item, "reason": "it was another paper"})
    dispatch(world, [item])


def test_authority_tells_authority_and_the_case_stays_open_until_the_final_report_is_acknowledged(
    world: World,
) -> None:
    _, (item,) = cross(world)
    kyiv, tokyo = world.kyiv, world.tokyo
    incident = report(kyiv, item)
    assert {"judge-incident", "tell-incident", "close-incident"} <= duties(kyiv)
    tell(kyiv, incident)
    assert "tell-incident" not in duties(kyiv)
    world.deliver()
    theirs = the_case(tokyo)
    assert theirs["items"] == [item] and theirs["party"] == "UKR"
    assert "acknowledge-incident" in duties(tokyo)
    tokyo.act("authority", "incident.reply", {"kind": "acknowledged", "share": share_of(tokyo, theirs.id).id})
    tokyo.act("authority", "incident.reply", {"kind": "asks-part", "share": share_of(tokyo, theirs.id).id})
    world.deliver()
    assert share_of(kyiv, incident)["state"] == "acknowledged" and "answer-part-in-inquiry" in duties(kyiv)
    kyiv.act("authority", "incident.reply", {
        "kind": "part-granted", "lines": ["at the registry, on Monday"], "share": share_of(kyiv, incident).id,
    })
    kyiv.act("security", "incident.add", {"incident": incident, "note": "the lock of cabinet 4 is worn"})
    conclude(kyiv, incident, weaknesses=["the lock of cabinet 4 is worn"])
    assert kyiv.registry.record("incident", incident)["state"] == "concluded"  # type: ignore[index]
    kyiv.act("authority", "incident.final", {"extent": ["one copy, for two hours"], "share": share_of(kyiv, incident).id})
    world.deliver()
    told = share_of(tokyo, theirs.id)
    assert told["final_report"]["extent"] == ["one copy, for two hours"]
    assert told["final_report"]["facts"] == PARTS["facts"]
    assert "cabinet" not in str(told.body)
    assert "close-incident" in duties(kyiv) and "close-incident" in duties(tokyo)
    tokyo.act("authority", "incident.reply", {"kind": "final-acknowledged", "share": told.id})
    world.deliver()
    for player, id in ((kyiv, incident), (tokyo, theirs.id)):
        assert player.registry.record("incident", id)["state"] == "closed"  # type: ignore[index]
        assert not {one for one in duties(player) if "incident" in one or "final" in one}


def test_who_reported_a_case_neither_concludes_it_nor_lifts_its_freeze(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    incident = report(kyiv, item, by="security")
    kyiv.act("security", "freeze", {"item": item, "reason": "at once, by who saw it"})
    with pytest.raises(Refused) as lifted:
        kyiv.act("security", "freeze.lift", {"item": item, "reason": "I was wrong"})
    assert "office.same-person" in codes(lifted)
    with pytest.raises(Refused):
        conclude(kyiv, incident, by="security")
    kyiv.act("head", "freeze.lift", {"item": item, "reason": "looked at by another"})


def test_a_final_report_never_comes_before_the_first(world: World) -> None:
    _, (item,) = cross(world)
    incident = report(world.kyiv, item)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "incident.final", {"share": share_of(world.kyiv, incident).id})
    conclude(world.kyiv, incident)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "incident.final", {"share": share_of(world.kyiv, incident).id})
    assert world.kyiv.registry.record("incident", incident)["state"] == "concluded"  # type: ignore[index]


def test_a_final_report_does_not_put_off_the_acknowledgement_that_was_due_before(world: World) -> None:
    _, (item,) = cross(world)
    incident = report(world.kyiv, item)
    tell(world.kyiv, incident)
    world.deliver()
    (due,) = [one for one in bodies(world.tokyo, "duty").values() if one["what"] == "acknowledge-incident"]
    world.clock.advance(days=4)
    conclude(world.kyiv, incident)
    world.kyiv.act("authority", "incident.final", {"share": share_of(world.kyiv, incident).id})
    world.deliver()
    (now,) = [one for one in bodies(world.tokyo, "duty").values() if one["what"] == "acknowledge-incident"]
    assert (now["due"], now["state"]) == (due["due"], "open")


def test_a_correction_takes_the_place_of_the_report_and_a_closed_case_is_opened_again(world: World) -> None:
    _, (item,) = cross(world)
    kyiv, tokyo = world.kyiv, world.tokyo
    incident = report(kyiv, item)
    tell(kyiv, incident)
    tell(kyiv, incident, facts=["it was the other folder"], certain=False)
    world.deliver()
    theirs = the_case(tokyo)
    share = share_of(tokyo, theirs.id)
    assert (share["version"], share["report"]["facts"], share["report"]["certainty"]) == (
        2, ["it was the other folder"], "suspected",
    )
    conclude(kyiv, incident)
    kyiv.act("authority", "incident.final", {"share": share_of(kyiv, incident).id})
    world.deliver()
    tokyo.act("authority", "incident.reply", {"kind": "final-acknowledged", "share": share.id})
    world.deliver()
    kyiv.act("security", "incident.reopen", {"incident": incident, "reason": "a second copy is not found"})
    kyiv.act("authority", "incident.reply", {
        "kind": "reopened", "lines": ["a second copy is not found"], "share": share_of(kyiv, incident).id,
    })
    world.deliver()
    assert the_case(tokyo).id == theirs.id
    conclude(kyiv, incident)
    kyiv.act("authority", "incident.final", {"share": share_of(kyiv, incident).id})
    world.deliver()
    assert share_of(tokyo, theirs.id)["final"] == 2
    tokyo.act("authority", "incident.reply", {"kind": "final-acknowledged", "share": share.id})
    world.deliver()
    for player in world.players:
        assert not player.registry.find("incident", "state", "open")


def test_both_parties_report_the_same_loss_and_each_case_names_the_other(world: World) -> None:
    _, (item,) = cross(world)
    ours, theirs = report(world.kyiv, item), report(world.tokyo, item, by="originator")
    tell(world.kyiv, ours)
    tell(world.tokyo, theirs, party="UKR")
    world.deliver()
    for player, own in ((world.kyiv, ours), (world.tokyo, theirs)):
        (other,) = [one for one in player.registry.find("incident", "state", "open") if one.id != own]
        assert view(player, "security", "view.incident", incident=own)["related"] == [other.id]
        assert other["related"] == [own]


def test_an_item_on_its_way_is_frozen_on_arrival(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    incident = report(world.tokyo, item, by="originator", kind="suspected")
    world.tokyo.act("authority", "freeze.order", {
        "demand": "freeze", "item": item, "party": "UKR", "reason": "it may have been opened",
    })
    tell(world.tokyo, incident, party="UKR")
    world.deliver()
    (order,) = view(world.kyiv, "security", "view.incidents")["orders"]
    world.kyiv.act("security", "freeze.answer", {"order": order["order"]})
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    grant(world, item, "reader")
    with pytest.raises(Refused) as frozen:
        world.kyiv.read("reader", item, PURPOSE)
    assert "item.frozen" in codes(frozen)
    assert view(world.tokyo, "security", "view.incidents")["orders"][0]["state"] == "frozen"
    world.tokyo.act("head", "freeze.order", {
        "demand": "lift", "item": item, "party": "UKR", "reason": "it had not been opened",
    })
    world.deliver()
    (lifting,) = [one for one in view(world.kyiv, "security", "view.incidents")["orders"] if one["state"] == "asked"]
    world.kyiv.act("security", "freeze.answer", {"order": lifting["order"]})
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_a_partner_that_is_only_asked_may_decline_to_freeze(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.tokyo.act("security", "freeze.order", {
        "demand": "freeze", "item": item, "party": "UKR", "reason": "a copy was seen outside",
    })
    world.deliver()
    assert "answer-freeze" in duties(world.kyiv) and "answer-freeze" in duties(world.tokyo)
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    (order,) = view(world.kyiv, "security", "view.incidents")["orders"]
    world.kyiv.act("security", "freeze.answer", {"decline": True, "order": order["order"]})
    world.deliver()
    assert view(world.tokyo, "security", "view.incidents")["orders"][0]["state"] == "declined"
    assert "answer-freeze" not in duties(world.tokyo) | duties(world.kyiv)


def test_a_frozen_copy_leaves_the_others_alone(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    (copy,) = world.kyiv.registry.find("copy", "item", item)
    world.kyiv.act("security", "freeze", {"copy": copy.id, "item": item, "reason": "its seal is broken"})
    for act in (
        lambda: world.kyiv.read("reader", item, PURPOSE),
        lambda: world.kyiv.act("registrar", "return", {"item": item}),
    ):
        with pytest.raises(Refused) as frozen:
            act()
        assert "item.frozen" in codes(frozen)
    world.kyiv.act("security", "freeze.lift", {"copy": copy.id, "item": item, "reason": "the seal is ours"})
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_a_freeze_and_a_case_outlive_a_crash(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    incident = report(world.kyiv, item)
    world.kyiv.act("security", "freeze", {"item": item, "reason": "at once"})
    tell(world.kyiv, incident)
    world.kyiv.reopen()
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)
    world._connect(world.kyiv)
    world.deliver()
    assert the_case(world.tokyo)["items"] == [item]


def put(player: Player, kind: str, id: str, body: dict[str, Any]) -> None:
    """Write a record as another step of the same node would."""
    def run(session: Any) -> dict[str, Any]:
        session.put(kind, id, body)
        return {}

    player.registry.ledger.commit(Act(player.registry.fresh_id("put"), "put", "node", "internal", run))


def test_a_copy_missed_at_an_inventory_becomes_a_first_report_that_somebody_signs(world: World) -> None:
    _, (item,) = cross(world)
    (copy,) = world.kyiv.registry.find("copy", "item", item)
    put(world.kyiv, "incident-draft", "inventory-1.copy", {
        "cause": "missing-at-inventory", "copy": copy.id, "copy_number": 1, "item": item, "number": copy["reference"],
        "place": "cabinet 4", "state": "open",
    })
    (draft,) = view(world.kyiv, "security", "view.incidents")["drafts"]
    with pytest.raises(Refused):
        world.kyiv.act("reader", "incident.report", {"draft": draft["draft"]})
    answer = world.kyiv.act("security", "incident.report", {"draft": draft["draft"]})
    case = world.kyiv.registry.record("incident", answer.value["incident"])
    assert case is not None and (case["kind"], case["items"], case["copies"]) == ("loss", [item], [copy.id])
    assert copy["reference"] in case["what"]
    with pytest.raises(OutOfOrder):
        world.kyiv.act("security", "incident.report", {"draft": draft["draft"]})
    tell(world.kyiv, case.id)
    world.deliver()
    (share,) = world.tokyo.registry.find("incident-share", "incident", the_case(world.tokyo).id)
    assert share["report"]["items"] == [{"copies": [copy.id], "item": item}]


def test_a_delivery_that_does_not_come_opens_one_case_by_itself(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    tokyo = world.tokyo.registry
    national = tokyo.record("national", "JPN")
    assert national is not None
    world.clock.advance(seconds=72 * 3600)
    assert suspect_delays(tokyo) == 0, "no layer says how long a delivery may take"
    profile = {**national["profile"], "terms": [
        {"article": "Order 5", "count": 24, "name": "delivery.overdue", "unit": "hours"},
    ]}
    put(world.tokyo, "national", "JPN", {**national.body, "profile": profile})
    assert [suspect_delays(tokyo), suspect_delays(tokyo)] == [1, 0]
    case = the_case(world.tokyo)
    assert (case["kind"], case["items"], case["consignment"]) == ("delay", [item], consignment)
    assert case["reported_by"] == "node" and "judge-incident" in duties(world.tokyo)


def test_the_duty_to_tell_has_the_day_and_the_article_of_the_agreement(world: World) -> None:
    _, (item,) = cross(world)
    incident = report(world.kyiv, item)
    (duty,) = [one for one in world.kyiv.registry.find("duty", "subject", incident) if one["what"] == "tell-incident"]
    assert (duty["due"], duty["basis"]) == (world.clock.at.date().isoformat(), "Art. 12(1)")
    (share,) = view(world.kyiv, "security", "view.incident", incident=incident)["shares"]
    assert (share["due"], share["articles"]) == (duty["due"], ["Art. 12(1)"])


@pytest.mark.parametrize("kind", ["unsolicited", "wrong-mark", "tampered", "system"])
def test_what_came_outside_its_channel_or_wrongly_marked_is_a_case_too_and_is_told(world: World, kind: str) -> None:
    consignment, (item,) = cross(world)
    named = [] if kind in ("unsolicited", "system") else [item]
    incident = report(world.kyiv, *named, kind=kind, consignment=consignment)
    tell(world.kyiv, incident, facts=["it came by ordinary post"])
    world.deliver()
    theirs = share_of(world.tokyo, the_case(world.tokyo).id)["report"]
    assert (theirs["kind"], theirs["consignment"], len(theirs["items"])) == (kind, consignment, len(named))


def test_a_case_in_a_third_country_is_told_with_the_country_and_names_who_acts(world: World) -> None:
    _, (item,) = cross(world)
    national = world.tokyo.registry.record("national", "JPN")
    assert national is not None
    put(world.tokyo, "national", "JPN", {**national.body, "profile": {**national["profile"], "terms": [
        {"article": "Order 8", "count": 1, "name": "incident.provider-acts", "unit": "count"},
    ]}})
    incident = report(world.kyiv, item, third_country="POL")
    assert "act-in-third-country" not in duties(world.kyiv), "nothing was entered here that says who acts"
    tell(world.kyiv, incident)
    world.deliver()
    assert the_case(world.tokyo)["third_country"] == "POL"
    (acts,) = [one for one in world.tokyo.registry.find("duty", "state", "open") if one["what"] == "act-in-third-country"]
    assert acts["owner"] == "JPN"
