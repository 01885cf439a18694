"""A joint product changes its level at nobody's node by one party alone: the label names whom it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from tests.world.comparing import audit, bodies
from tests.world.test_consent import answer
from tests.world.test_journey import PURPOSE, approve, dispatch, label
from tests.world.test_level_change import AJISAI, FUJI, change, item_of, open_duties, refusals, send, work
from tests.world.world import AGREEMENT, World

from cordiale.errors import Refused
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentTerms
from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.agreement import Act
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.records.consents import CONSENT, consent_body
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import Act as Deed
from cordiale.records.level_against import list_joint_reasons
from cordiale.records.record import Record
from cordiale.wire.person_json import parse_level_ref

NOW: Final = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World.in_force(seed=961)


def consented(world: World, item: str, act: Act, purpose: str) -> None:
    """Enter in Tokyo that Poland, which no node plays, has consented."""
    answered = ConsentAnswer(
        ConsentId(f"pol.consent.{act.value}"), ConsentOutcome.GRANTED,
        ConsentTerms(ItemId(item), act, purpose, recipient=PartyId("UKR") if act is Act.PASS_ON else None), NOW,
    )
    asked = Record("consent-request", "jpn.m.1", 1, {"agreement": AGREEMENT}, "internal", 0)
    body = consent_body(answered, given_by="POL", given_to="JPN", asked=asked)
    registry = world.tokyo.registry

    def run(session: Any) -> dict[str, Any]:
        session.put(CONSENT, answered.consent, body, expect=0)
        return {}

    registry.ledger.commit(Deed(registry.fresh_id("x"), "test", "node", "internal", run))


def sent(world: World, *, joint: list[str]) -> str:
    """Let an item of several originators cross, and leave it in Kyiv's inbox."""
    item = label(world.tokyo, joint=joint)
    if "POL" in joint:
        consented(world, item, Act.PASS_ON, PURPOSE)
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    dispatch(world, [item])
    world.deliver()
    return item


def registered(world: World, *, joint: list[str]) -> str:
    item = sent(world, joint=joint)
    register(world)
    return item


def register(world: World) -> None:
    (consignment,) = bodies(world.kyiv, "consignment")
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()


def lower(item: str, *, to: str | None = AJISAI, agreed: tuple[str, ...] = (), name: str = "jpn.level.x") -> LevelChange:
    """Return a change as a node would write it that asks nobody."""
    before = parse_level_ref("EX-JPN:EXERCISE SAKURA")
    kind = LevelChangeKind.DOWNGRADED if to else LevelChangeKind.DECLASSIFIED
    return LevelChange(
        name, ItemId(item), 1, kind, before, "Art. 4(4)", "Director", NOW, NOW,
        parse_level_ref(to) if to else None, tuple(map(PartyId, agreed)),
    )


def refused_for(world: World, change: LevelChange) -> set[str]:
    """Let Tokyo send a change that its program would not; return why Kyiv refuses it, which it tells nobody."""
    count = len(refusals(world.kyiv))
    send(world, world.tokyo, change)
    assert refusals(world.kyiv) == ["refused.change-level"] * (count + 1)
    books = world.kyiv.registry.books()
    return {one.code for one in list_joint_reasons(world.kyiv.registry, books, books.require(ITEM, change.item), change)}


def level_at_kyiv(world: World, item: str) -> str:
    return str(label_of(item_of(world.kyiv, item)).level)


def test_the_label_that_crosses_names_every_originator_and_each_is_asked(world: World) -> None:
    item = registered(world, joint=["POL", "UKR"])
    held = world.kyiv.registry.books().require(ITEM, item)
    assert label_of(held).joint == {"POL", "UKR"}
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "use", {"act": "use-abroad", "item": item, "purpose": PURPOSE})
    named = {dict(one.fields)["originator"] for one in refused.value.decision.reasons}
    assert named == {"JPN", "POL"}
    shown = [one for one in bodies(world.kyiv, "entry").values() if one["act"] == "registered"]
    assert shown[0]["joint"] == ["POL", "UKR"]


def test_an_originator_takes_no_change_that_it_has_not_consented_to_itself(world: World) -> None:
    item = registered(world, joint=["UKR"])
    for number, to in enumerate((AJISAI, None)):
        unasked = lower(item, to=to, agreed=("UKR",), name=f"jpn.level.{number}")
        assert refused_for(world, unasked) == {"consent.missing"}
    assert "marks" not in item_of(world.kyiv, item).body and not bodies(world.kyiv, "level-change")


def kyiv_consents(world: World, item: str, *, to: str) -> None:
    """Let Kyiv consent to the change of an item to a level."""
    request = str(world.tokyo.act("registrar", "consent.ask", {
        "act": "change-level", "agreement": AGREEMENT, "item": item, "of": "UKR", "purpose": to,
    }).value["request"])
    world.deliver()
    answer(world, request, by=world.kyiv)


def test_a_consent_to_another_level_lets_nothing_change(world: World) -> None:
    item = registered(world, joint=["UKR"])
    kyiv_consents(world, item, to=FUJI)
    assert refused_for(world, lower(item, agreed=("UKR",))) == {"consent.other-purpose"}
    assert level_at_kyiv(world, item).endswith("SAKURA")


def test_a_consent_to_a_level_lets_no_handling_be_raised_beside_it(world: World) -> None:
    item = registered(world, joint=["UKR"])
    kyiv_consents(world, item, to=AJISAI)
    raised = replace(lower(item, agreed=("UKR",)), handle_as=parse_level_ref(FUJI))
    assert refused_for(world, raised) == {"consent.other-purpose"}
    send(world, world.tokyo, lower(item, agreed=("UKR",), name="jpn.level.z"))
    assert level_at_kyiv(world, item) == AJISAI


def test_who_only_holds_a_copy_takes_no_change_that_does_not_name_the_other_originators(world: World) -> None:
    item = registered(world, joint=["POL"])
    for agreed, name in (((), "jpn.level.x"), (("CHE",), "jpn.level.y")):
        assert refused_for(world, lower(item, agreed=agreed, name=name)) == {"level.joint-alone"}
    with pytest.raises(Refused):
        change(world.tokyo, item, AJISAI)
    consented(world, item, Act.CHANGE_LEVEL, AJISAI)
    change(world.tokyo, item, AJISAI)
    work(world)
    assert level_at_kyiv(world, item) == AJISAI
    assert audit(world.kyiv).findings == [] == audit(world.tokyo).findings


def test_a_change_that_comes_before_the_label_is_known_waits_for_a_person(world: World) -> None:
    item = sent(world, joint=["UKR"])
    send(world, world.tokyo, lower(item, agreed=("UKR",)))
    assert refusals(world.kyiv) == []
    register(world)
    work(world)
    assert level_at_kyiv(world, item).endswith("SAKURA") and "marks" not in item_of(world.kyiv, item).body
    assert [one["state"] for one in bodies(world.kyiv, "level-change").values()] == ["not-agreed"]
    assert "judge-level" in open_duties(world.kyiv)
