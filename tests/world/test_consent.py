"""One way to ask for everything that only the originators can allow; and what becomes of it when it is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import tell, waiting
from tests.world.test_journey import PURPOSE, approve, codes, cross, dispatch, grant, label
from tests.world.test_level_change import open_duties, refusals, send
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder, Refused, Unverified
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentTerms
from cordiale.message.bodies.consent_used import ConsentUsed
from cordiale.message.bodies.consent_withdrawn import ConsentWithdrawn
from cordiale.model.agreement import Act
from cordiale.records.consents import ConsentSought, consents_for, note_use
from cordiale.records.items import ITEM
from cordiale.records.ledger import Act as Deed


@pytest.fixture
def world() -> World:
    return World.in_force(seed=701)


def ask(world: World, item: str, act: str, *, by: Player | None = None, **more: Any) -> str:
    player = by or world.kyiv
    params = {"act": act, "item": item, "purpose": PURPOSE, **more}
    request = str(player.act("registrar", "consent.ask", params).value["request"])
    world.deliver()
    return request


def answer(world: World, request: str, outcome: str = "granted", *, by: Player | None = None, **more: Any) -> str:
    player = by or world.tokyo
    params = {"outcome": outcome, "request": request, **more}
    given = str(player.act("authority", "consent.answer", params).value["consent"])
    world.deliver()
    return given


def shared_with_poland(world: World) -> str:
    item = label(world.tokyo, release_to=["UKR", "POL"])
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    return item


def pass_on(world: World, item: str) -> None:
    world.kyiv.act("registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": "POL"})


def found(world: World, item: str, sought: ConsentSought) -> Any:
    books = world.kyiv.registry.books()
    return consents_for(books, books.require(ITEM, item), sought, holder=world.kyiv.party)


def test_a_consent_covers_exactly_what_was_asked_and_no_more_often(world: World) -> None:
    item = shared_with_poland(world)
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    pass_on(world, item)
    with pytest.raises(Refused) as again:
        pass_on(world, item)
    assert "consent.number-exceeded" in codes(again)
    assert list_differences(world) == []


def test_a_refusal_needs_no_reason_and_silence_is_no_consent(world: World) -> None:
    item = shared_with_poland(world)
    request = ask(world, item, "pass-on", recipient="POL")
    world.clock.advance(days=90)
    with pytest.raises(Refused) as silent:
        pass_on(world, item)
    assert "consent.missing" in codes(silent)
    answer(world, request, "declined")
    with pytest.raises(Refused):
        pass_on(world, item)


def test_a_consent_is_answered_once(world: World) -> None:
    item = shared_with_poland(world)
    request = ask(world, item, "pass-on", recipient="POL")
    answer(world, request)
    with pytest.raises(OutOfOrder, match="waits for no answer"):
        answer(world, request, "declined")
    (given,) = bodies(world.kyiv, "consent").values()
    terms = ConsentTerms(item, Act.PASS_ON, PURPOSE, recipient="POL")
    now = world.clock.at.replace(microsecond=0)
    reply(world, request, ConsentAnswer("jpn.consent.second", ConsentOutcome.DECLINED, terms, now))
    assert refusals(world.kyiv) == ["consent.answered"]
    assert list(bodies(world.kyiv, "consent").values()) == [given]


def reply(world: World, request: str, body: ConsentAnswer) -> None:
    from tests.world.world import AGREEMENT

    from cordiale.records.correspondence import Letter, post
    from cordiale.records.partners import require_partner

    registry = world.tokyo.registry

    def run(session: Any) -> dict[str, Any]:
        partner = require_partner(session.reads, world.kyiv.party, mode=registry.mode, now=session.at).statement
        letter = Letter(partner=partner, body=body, agreement=AGREEMENT, version=1, in_reply_to=request)
        return {"id": post(registry, session, letter).id}

    registry.ledger.commit(Deed(registry.fresh_id("x"), "send", "node", AGREEMENT, run))
    world.deliver()


def test_an_answer_before_its_request_counts_for_nothing(world: World) -> None:
    item = shared_with_poland(world)
    now = world.clock.at.replace(microsecond=0)
    terms = ConsentTerms(item, Act.PASS_ON, PURPOSE, recipient="POL")
    reply(world, "ukr.m.never", ConsentAnswer("jpn.consent.early", ConsentOutcome.GRANTED, terms, now))
    assert refusals(world.kyiv) == ["refused.consent"]
    with pytest.raises(Refused):
        pass_on(world, item)


def test_a_consent_that_has_expired_when_the_act_commits_does_not_count(world: World) -> None:
    item = shared_with_poland(world)
    day = world.clock.at.date().isoformat()
    answer(world, ask(world, item, "pass-on", recipient="POL"), valid_until=day)
    assert found(world, item, ConsentSought(Act.PASS_ON, PURPOSE, "POL")).covering
    world.clock.advance(days=1)
    with pytest.raises(Refused) as late:
        pass_on(world, item)
    assert "consent.expired" in codes(late)


def test_a_consent_that_is_withdrawn_unused_ends_and_leaves_nothing_to_do(world: World) -> None:
    item = shared_with_poland(world)
    consent = answer(world, ask(world, item, "pass-on", recipient="POL"))
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    world.deliver()
    with pytest.raises(Refused) as withdrawn:
        pass_on(world, item)
    assert "consent.withdrawn" in codes(withdrawn)
    for player in world.players:
        assert not open_duties(player) & {"consent-used", "consent-consequence"}
    with pytest.raises(OutOfOrder):
        world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    assert list_differences(world) == []


def test_a_withdrawal_that_overtakes_its_consent_leaves_nothing_that_could_be_used(world: World) -> None:
    _, (item,) = cross(world)
    request = ask(world, item, "use-abroad")
    consent = world.tokyo.act("authority", "consent.answer", {"outcome": "granted", "request": request}).value["consent"]
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    given, withdrawn = waiting(world.tokyo)
    tell(world.tokyo, world.kyiv, withdrawn.message)
    tell(world.tokyo, world.kyiv, given.message)
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "use", {"act": "use-abroad", "item": item, "purpose": PURPOSE})
    assert codes(refused) == {"consent.withdrawn"}
    world.deliver()
    assert bodies(world.kyiv, "consent") == bodies(world.tokyo, "consent")
    assert refusals(world.tokyo) == [] and "consent-used" not in open_duties(world.tokyo)


def test_a_consent_withdrawn_while_the_item_travels_is_told_with_its_consequence_and_due_at_both(world: World) -> None:
    item = shared_with_poland(world)
    consent = answer(world, ask(world, item, "pass-on", recipient="POL"))
    pass_on(world, item)
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    assert "consent-used" in open_duties(world.tokyo)
    world.deliver()
    for player in world.players:
        assert "consent-consequence" in open_duties(player)
        assert audit(player).findings == []
    assert "consent-used" not in open_duties(world.tokyo)
    assert bodies(world.tokyo, "consent-use")[consent]["count"] == 1


def test_nobody_withdraws_what_another_gave_or_answers_for_what_was_not_given(world: World) -> None:
    item = shared_with_poland(world)
    consent = answer(world, ask(world, item, "pass-on", recipient="POL"))
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "consent.withdraw", {"consent": consent})
    with pytest.raises(Refused):
        world.tokyo.act("registrar", "consent.withdraw", {"consent": consent})
    now = world.clock.at.replace(microsecond=0)
    send(world, world.kyiv, ConsentWithdrawn(consent, now))
    send(world, world.kyiv, ConsentUsed("jpn.consent.none", 1, now))
    send(world, world.kyiv, ConsentUsed(consent, 1, now))
    assert sorted(refusals(world.tokyo)) == ["consent.not-given", "consent.not-given", "consent.not-withdrawn"]
    pass_on(world, item)
    assert Unverified.family == "unverified"


def test_a_category_that_the_agreement_does_not_name_is_asked_for_in_vain(world: World) -> None:
    _, (item,) = cross(world)
    with pytest.raises(Refused) as general:
        ask(world, item, "copy", category=PURPOSE)
    assert codes(general) == {"consent.category-unknown"}


def test_a_consent_for_one_post_does_not_serve_another(world: World) -> None:
    _, (item,) = cross(world)
    answer(world, ask(world, item, "copy", number=2, post="Translator"))
    assert not found(world, item, ConsentSought(Act.COPY, PURPOSE)).covering
    assert not found(world, item, ConsentSought(Act.COPY, PURPOSE, post="Clerk")).covering
    assert not found(world, item, ConsentSought(Act.COPY, PURPOSE, post="Translator", count=3)).covering
    assert found(world, item, ConsentSought(Act.COPY, PURPOSE, post="Translator", count=2)).covering


def test_what_is_counted_as_used_is_not_there_a_second_time(world: World) -> None:
    _, (item,) = cross(world)
    answer(world, ask(world, item, "copy", number=2))
    registry = world.kyiv.registry
    sought = ConsentSought(Act.COPY, PURPOSE, count=2)
    assert found(world, item, sought).covering
    registry.ledger.commit(Deed("x.use", "use", "node", "internal", lambda session: {
        "used": note_use(session, consents_for(session, session.require(ITEM, item), sought, holder=registry.party)),
    }))
    assert not found(world, item, ConsentSought(Act.COPY, PURPOSE)).covering


def test_a_compelled_disclosure_tells_the_originator_at_once_and_runs_on_a_clock_at_both(world: World) -> None:
    _, (item,) = cross(world)
    day = world.clock.at.date().replace(day=28).isoformat()
    request = ask(world, item, "disclose", due_on=day, grounds="request under the law on access to documents")
    for player in world.players:
        (clock,) = [one for one in bodies(player, "duty").values() if one["what"] == "compelled-disclosure"]
        assert (clock["due"], clock["state"], clock["falls_to"]) == (day, "open", ["competent-authority"])
    assert bodies(world.tokyo, "consent-request")[request]["grounds"].startswith("request under")
    answer(world, request, "declined")
    assert "compelled-disclosure" not in open_duties(world.tokyo)
    assert "compelled-disclosure" in open_duties(world.kyiv), "whoever must disclose still has to settle it"


def joint(world: World, **more: Any) -> str:
    """An item of Japan and Ukraine together, a copy of which Ukraine holds."""
    _, (item,) = cross_joint(world, **more)
    return item


def cross_joint(world: World, **more: Any) -> tuple[str, list[str]]:
    item = label(world.tokyo, joint=["UKR"], **more)
    request = str(world.tokyo.act("registrar", "consent.ask", {
        "act": "copy", "agreement": "exercise-jpn-ukr", "item": item, "of": "UKR", "purpose": "x",
    }).value["request"])
    world.deliver()
    assert refusals(world.kyiv) == ["consent.item-not-there"], request
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    return dispatch(world, [item]), [item]


def test_of_a_joint_product_nothing_is_released_while_one_originator_refuses(world: World) -> None:
    """S8: a joint item with two originators; one refuses release, and there is no release."""
    item = label(world.tokyo, joint=["POL"])
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    with pytest.raises(Refused) as refused:
        dispatch(world, [item])
    assert {reason.code for reason in refused.value.decision.reasons} == {"consent.missing"}
    with pytest.raises(Refused) as level:
        world.tokyo.act("originator", "level.propose", {"article": "Art. 4", "item": item, "to": "declassified"})
    assert codes(level) == {"consent.missing"}


def test_a_joint_originator_who_holds_a_copy_is_asked_and_its_word_lets_the_level_change(world: World) -> None:
    from tests.world.test_level_change import AJISAI, change, item_of, work

    item = joint(world)
    world.deliver()
    (consignment,) = bodies(world.kyiv, "consignment")
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    with pytest.raises(Refused):
        change(world.tokyo, item, AJISAI)
    params = {
        "act": "change-level", "agreement": "exercise-jpn-ukr", "item": item, "of": "UKR", "purpose": AJISAI,
    }
    request = str(world.tokyo.act("registrar", "consent.ask", params).value["request"])
    world.deliver()
    answer(world, request, "declined", by=world.kyiv)
    with pytest.raises(Refused):
        change(world.tokyo, item, AJISAI)
    request = str(world.tokyo.act("registrar", "consent.ask", params).value["request"])
    world.deliver()
    answer(world, request, by=world.kyiv)
    change(world.tokyo, item, AJISAI)
    work(world)
    for player in world.players:
        assert item_of(player, item)["marks"][0]["after"] == AJISAI
    grant(world, item, "reader")
