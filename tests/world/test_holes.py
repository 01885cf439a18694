"""What was open between two acts: floods of questions, suspension, copies of copies, posts, custody, the own copies."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world import reproducing
from tests.world.comparing import audit, bodies
from tests.world.test_clearances import answer as answer_clearance
from tests.world.test_clearances import ask as ask_clearance
from tests.world.test_consent import answer, ask, pass_on, shared_with_poland
from tests.world.test_contracts import ask as ask_assurance
from tests.world.test_contracts import assure
from tests.world.test_contracts import tell as tell_contract
from tests.world.test_custody_crisis import enter
from tests.world.test_inventory import number_of
from tests.world.test_journey import PURPOSE, codes, cross, grant, label
from tests.world.test_level_change import change, item_of, open_duties, refusals, send, work
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.message.bodies.facility_withdrawn import FacilityWithdrawn
from cordiale.message.bodies.freeze import Freeze, FreezeDemand
from cordiale.model.agreement import Act
from cordiale.model.names import ItemId
from cordiale.records.stamps import compose_stamp
from cordiale.work import flood


@pytest.fixture
def world() -> World:
    return World.in_force(seed=971)


STOPS: dict[str, dict[str, Any]] = {
    "agreement.suspended": {"stage": "suspended"},
    "provision.level-suspended": {"levels": ["EX-JPN:EXERCISE SAKURA", "EX-UKR:EXERCISE BARVINOK"], "stage": "suspended"},
    "provision.terminated": {"ended_on": "2026-09-01", "stage": "terminated"},
}


def stop(world: World, how: str) -> None:
    """Let Tokyo suspend the agreement or levels of it, or end it today, by the code of what is refused then."""
    stage = {"agreement": AGREEMENT, "article": "Art. 17", "on": "2026-09-01", **STOPS[how]}
    world.tokyo.act("authority", "agreement.stage", stage)
    world.deliver()


# -- floods ---------------------------------------------------------------------------------------------------


def test_beyond_the_bound_of_a_day_a_partner_is_refused_aloud_and_the_first_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "PARTNER_DAY_ASKS_COUNT_MAX", 2)
    _, (item,) = cross(world)
    for number in range(4):
        terms = ConsentTerms(ItemId(item), Act.COPY, f"purpose {number}")
        send(world, world.kyiv, ConsentRequest(terms))
    kept = bodies(world.tokyo, "consent-request").values()
    assert sorted(one["purpose"] for one in kept) == ["purpose 0", "purpose 1"]
    assert refusals(world.tokyo) == ["intake.too-many"] * 2
    send(world, world.kyiv, Freeze(ItemId(item), FreezeDemand.FREEZE, "another question"))
    assert refusals(world.tokyo).count("intake.too-many") == 2, "each type is counted by itself"
    world.clock.advance(days=1)
    send(world, world.kyiv, ConsentRequest(ConsentTerms(ItemId(item), Act.COPY, "purpose 5")))
    assert len(bodies(world.tokyo, "consent-request")) == 3


def test_every_type_that_makes_work_for_people_is_bounded() -> None:
    assert set(BODY_TYPES) >= flood.ASKS >= {"consent-request", "incident-report", "freeze"}


# -- suspension -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", STOPS)
def test_under_what_is_suspended_or_has_ended_nothing_new_is_granted_and_no_can_be_said(world: World, how: str) -> None:
    _, (item,) = cross(world)
    new, other, ending = ask(world, item, "use-abroad"), ask(world, item, "copy"), ask(world, item, "destroy")
    query = ask_clearance(world)
    stop(world, how)
    with pytest.raises(Refused) as refused:
        answer(world, new)
    assert codes(refused) == {how}
    answer(world, other, "declined")
    answer(world, ending)
    with pytest.raises(Refused) as cleared:
        answer_clearance(world, query, person="reader")
    assert codes(cleared) == {how}
    assert answer_clearance(world, query) == "not-cleared"


@pytest.mark.parametrize("how", STOPS)
def test_under_what_is_suspended_or_has_ended_no_firm_is_assured(world: World, how: str) -> None:
    query = ask_assurance(world)
    stop(world, how)
    with pytest.raises(Refused) as refused:
        assure(world, query)
    assert codes(refused) == {how}
    assure(world, query, "not-held")


def test_a_withdrawn_clearance_of_a_firm_is_told_to_who_was_assured_and_nothing_new_rests_on_it(world: World) -> None:
    query = ask_assurance(world)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "facility.withdraw", {"query": query})
    assure(world, query)
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "facility.withdraw", {"query": query})
    world.kyiv.act("authority", "facility.withdraw", {"query": query})
    world.deliver()
    assert {bodies(player, "facility")[query]["state"] for player in world.players} == {"not-held"}
    assert "facility-lost" in open_duties(world.tokyo) and "facility-lost" not in open_duties(world.kyiv)
    with pytest.raises(Refused) as refused:
        tell_contract(world, query)
    assert "contract.no-assurance" in codes(refused)
    send(world, world.kyiv, FacilityWithdrawn(query, world.clock.at.date()))
    assert refusals(world.tokyo) == ["facility.not-assured"]


# -- copies, posts and custody --------------------------------------------------------------------------------


def state(player: Player, copy: str) -> str:
    return str(bodies(player, "copy")[copy]["state"])


def test_what_was_reproduced_from_a_frozen_copy_is_frozen_and_lifted_with_it(world: World) -> None:
    item = reproducing.cross(world, form="paper")
    (first,) = [id for id, one in bodies(world.kyiv, "copy").items() if one["item"] == item]
    (second,) = reproducing.copy_it(world, item, form="paper")
    (third,) = reproducing.copy_it(world, item, form="paper", copy=second)
    world.kyiv.act("security", "freeze", {"copy": second, "item": item, "reason": "it may have been seen"})
    assert [state(world.kyiv, one) for one in (first, second, third)] == ["registered", "frozen", "frozen"]
    with pytest.raises(Refused):
        world.kyiv.act("head", "freeze.lift", {"copy": third, "item": item, "reason": "not by itself"})
    world.kyiv.act("head", "freeze.lift", {"copy": second, "item": item, "reason": "it was not"})
    assert [state(world.kyiv, one) for one in (second, third)] == ["registered", "registered"]
    assert audit(world.kyiv).findings == []


def test_a_consent_bound_to_a_post_lets_that_post_reproduce_and_no_other(world: World) -> None:
    reproducing.open_to_the_top(world)
    item = reproducing.cross_at_the_top(world)
    post = bodies(world.kyiv, "person")["deskone"]["post"]
    request = ask(world, item, "copy", post=post)
    answer(world, request)
    grant(world, item, "desktwo")
    with pytest.raises(Refused) as other:
        reproducing.assign(world.kyiv, item, maker="desktwo", form="paper")
    assert "consent.other-post" in codes(other)
    grant(world, item, "deskone")
    reproducing.assign(world.kyiv, item, maker="deskone", form="paper")


def test_whoever_declined_an_item_holds_it_not_when_its_level_changes(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("colleague", "circulate.decline", {"item": item})
    change(world.tokyo, item, "EX-JPN:EXERCISE AJISAI")
    work(world)
    assert [one["holder"] for one in bodies(world.kyiv, "level-notice").values()] == ["reader"]


def test_two_copies_of_one_own_item_are_entered_in_one_crisis_and_the_others_live_on(world: World) -> None:
    item = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    reproducing.copy_it(world, item, form="paper", number=2)
    number = number_of(world.kyiv, item)
    crisis = enter(world, f"{number}#0", f"{number}#1")
    world.kyiv.act("security", "crisis.confirm", {"crisis": crisis})
    states = {one["copy_number"]: one["state"] for one in bodies(world.kyiv, "copy").values() if one["item"] == item}
    assert states == {0: "destroyed", 1: "destroyed", 2: "held"}
    assert bodies(world.kyiv, "item")[item]["state"] == "registered"
    last = enter(world, f"{number}#2")
    world.kyiv.act("security", "crisis.confirm", {"crisis": last})
    assert bodies(world.kyiv, "item")[item]["state"] == "destroyed"
    assert audit(world.kyiv).findings == []


# -- declassified ---------------------------------------------------------------------------------------------


def read(world: World, person: str, item: str) -> Any:
    return world.kyiv.read(person, item, PURPOSE)


def test_what_is_declassified_asks_no_clearance_and_still_need_to_know_and_release(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "junior")
    with pytest.raises(Refused) as before:
        read(world, "junior", item)
    assert any(code.startswith("access.clearance") for code in codes(before))
    change(world.tokyo, item, "declassified")
    work(world)
    for player in world.players:
        now, day = item_of(player, item), world.clock.at.date().isoformat()
        stamp = compose_stamp(player.registry.books(), now, None, player.registry.mode)
        assert f"DECLASSIFIED {day}" in stamp.top and f"DECLASSIFIED {day}" in stamp.bottom
        assert [line for line in stamp.top if "SAKURA" in line] == [
            line for line in stamp.top if line.startswith("EX-JPN:EXERCISE SAKURA STRUCK")
        ], "the level it had is shown as struck, and as nothing else"
    read(world, "junior", item)
    with pytest.raises(Refused) as stranger:
        read(world, "colleague", item)
    assert codes(stranger) == {"access.no-need-to-know"}
    grant(world, item, "foreigner")
    with pytest.raises(Refused):
        read(world, "foreigner", item)


# -- consents given before ------------------------------------------------------------------------------------


def resume(world: World, how: str) -> None:
    """Let Tokyo take up again what `stop` suspended."""
    levels = {"levels": STOPS[how]["levels"]} if "levels" in STOPS[how] else {}
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 17", "on": "2026-09-01", "stage": "in-force", **levels,
    })
    world.deliver()


@pytest.mark.parametrize("how", STOPS)
def test_a_consent_given_before_is_used_for_nothing_new_while_its_agreement_lets_nothing_new_be_done(
    world: World, how: str
) -> None:
    _, (item,) = cross(world)
    consent = answer(world, ask(world, item, "use-abroad"))
    use = {"act": "use-abroad", "item": item, "purpose": PURPOSE}
    stop(world, how)
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "use", use)
    assert codes(refused) == {"consent.rests", how}
    assert any(reason.article for reason in refused.value.decision.reasons)
    for player in world.players:
        (row,) = view(player, "registrar", "view.consents", only=consent)["consents"]
        assert row["rests"] == ("terminated" if how == "provision.terminated" else "suspended")
    assert consent not in bodies(world.kyiv, "consent-use")
    if how != "provision.terminated":
        resume(world, how)
        world.kyiv.act("authority", "use", use)
        assert bodies(world.kyiv, "consent-use")[consent]["count"] == 1
    assert audit(world.kyiv).findings == []


def test_a_consent_to_destroy_serves_on_while_the_agreement_is_suspended(world: World) -> None:
    _, (item,) = cross(world)
    consent = answer(world, ask(world, item, "destroy"))
    stop(world, "agreement.suspended")
    (row,) = view(world.kyiv, "registrar", "view.consents", only=consent)["consents"]
    assert "rests" not in row


def test_a_copy_allowed_before_a_suspension_is_not_made_while_it_lasts(world: World) -> None:
    reproducing.open_to_the_top(world)
    item = reproducing.cross_at_the_top(world)
    answer(world, ask(world, item, "copy"))
    grant(world, item, "deskone")
    task = reproducing.assign(world.kyiv, item, maker="deskone", form="paper")
    stop(world, "agreement.suspended")
    with pytest.raises(Refused) as refused:
        world.kyiv.act("deskone", "reproduce.finish", {"task": task, "pages": 3})
    assert {"consent.rests", "agreement.suspended"} <= codes(refused)
    resume(world, "agreement.suspended")
    world.kyiv.act("deskone", "reproduce.finish", {"task": task, "pages": 3})


def test_a_level_that_is_suspended_holds_nothing_up_that_bears_another_or_none(world: World) -> None:
    _, (item, other) = cross(world, forms=("file", "file"))
    consents = {one: answer(world, ask(world, one, "use-abroad")) for one in (item, other)}
    change(world.tokyo, item, "declassified")
    work(world)
    stop(world, "provision.level-suspended")
    world.kyiv.act("authority", "use", {"act": "use-abroad", "item": item, "purpose": PURPOSE})
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "use", {"act": "use-abroad", "item": other, "purpose": PURPOSE})
    assert codes(refused) == {"consent.rests", "provision.level-suspended"}
    assert bodies(world.kyiv, "consent-use")[consents[item]]["count"] == 1


def test_what_was_allowed_before_a_suspension_is_not_handed_over_while_it_lasts(world: World) -> None:
    item = shared_with_poland(world)
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    pass_on(world, item)
    stop(world, "agreement.suspended")
    hand_over = {"item": item, "receipt": "letter 12", "to": "POL"}
    with pytest.raises(Refused) as refused:
        world.kyiv.act("registrar", "transfer.away", hand_over)
    assert "agreement.suspended" in codes(refused)
    resume(world, "agreement.suspended")
    world.kyiv.act("registrar", "transfer.away", hand_over)
