"""Every term that sets a time has its clock: who owes it, in the term's own calendar, and what discharges it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.forging import forge, tell
from tests.world.test_accord_time import end, give, in_effect
from tests.world.test_consent import answer, ask, found
from tests.world.test_couriers import COURIERS, hand_over, pack, sent
from tests.world.test_custody_crisis import enter
from tests.world.test_duties_engine import duty
from tests.world.test_erasing import say
from tests.world.test_inventory import number_of
from tests.world.test_journey import PURPOSE, codes, cross, dispatch, label, release
from tests.world.world import AGREEMENT, Player, World, exercise_agreement, make_trust

from cordiale.canonical import encode_base64url
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.message.bodies.accord_notice import AccordNotice, NoticeKind
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentTerms
from cordiale.message.form import message_digest
from cordiale.model.agreement import Act, Stage, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.names import ConsentId, ItemId
from cordiale.records.asked_consents import tell as tell_party
from cordiale.records.consents import ConsentSought, consents_for, note_use
from cordiale.records.duties import DUTY
from cordiale.records.items import ITEM
from cordiale.records.ledger import Act as Deed
from cordiale.records.registering import note_register_days
from cordiale.work.accord_time import see_to_accords
from cordiale.work.chaser import chase_due
from cordiale.work.drills import note_drills

SILENCE = Term("consent.silence", "Art. 8(2)", 2, TermUnit.MONTHS, note="copy")
TIMES = (
    Term("agreement.duration", "Art. 15(1)", 5, TermUnit.YEARS),
    Term("agreement.extension", "Art. 15(2)", 1, TermUnit.YEARS),
    Term("agreement.lapse-notice", "Art. 15(2)", 6, TermUnit.MONTHS),
)


@cache
def agreed() -> World:
    """A world whose agreement counts silence on copying, has an end, and gives the right of recall from there on."""
    world = World.in_force(seed=83)
    _, profile = exercise_agreement()
    acts = tuple(replace(one, from_state=Stage.TERMINATED) if one.act is Act.RECALL else one for one in profile.acts)
    in_effect(world, replace(profile, version=2, acts=acts, terms=(*profile.terms, SILENCE, *TIMES)))
    return world


@pytest.fixture
def world() -> World:
    return agreed().twin(seed=84)


def of(player: Player, what: str) -> list[dict[str, Any]]:
    """Return the duties of one kind, with their names, the oldest name first."""
    return [{**body, "id": id} for id, body in sorted(bodies(player, "duty").items()) if body["what"] == what]


def term(name: str, count: int, unit: TermUnit = TermUnit.CALENDAR_DAYS, **more: Any) -> Term:
    return Term(name, f"Order 9, s. {count}", count, unit, **more)


def settle(player: Player, person: str, id: str) -> None:
    player.act(person, "duty.settle", {"duty": id, "proof": "file 7"})


def test_a_changed_authority_is_told_by_its_day_and_the_notice_discharges_it(world: World) -> None:
    say(world.tokyo, term("authority.notify", 5, TermUnit.WORKING_DAYS))
    make_trust(world.tokyo, version=2)
    install = {"root": encode_base64url(world.tokyo.root), "statement": encode_base64url(world.tokyo.statement)}
    world.tokyo.act("registrar", "node.install", install)
    assert of(world.tokyo, "tell-authority") == [], "a statement that renews the keys changes no authority"
    world.tokyo.registry = replace(world.tokyo.registry, endpoint="https://new.invalid")
    make_trust(world.tokyo, version=3)
    world.tokyo.act("registrar", "node.install", {**install, "statement": encode_base64url(world.tokyo.statement)})
    (told,) = of(world.tokyo, "tell-authority")
    assert (told["due"], told["basis"], told["subject"]) == ("2026-09-08", "Order 9, s. 5", AGREEMENT)
    give(world.tokyo, "law-changed")
    assert duty(world.tokyo, told["id"])["state"] == "open"
    notice = give(world.tokyo, "authority-changed")
    assert duty(world.tokyo, told["id"])["proof"] == notice


def test_destruction_in_a_crisis_is_told_within_its_hours_by_the_second_person(world: World) -> None:
    say(world.kyiv, term("crisis.report", 24, TermUnit.HOURS))
    _, (item,) = cross(world, forms=("paper",))
    crisis = enter(world, number_of(world.kyiv, item))
    (due,) = of(world.kyiv, "crisis-report")
    assert (due["due_at"], due["falls_to"], due["subject"]) == ("2026-09-02T09:00:00Z", ["security-officer"], crisis)
    assert due["remind_at"] < due["due_at"]
    world.clock.advance(hours=24)
    chase_due(world.kyiv.registry)
    assert duty(world.kyiv, due["id"])["falls_to"] == ["security-officer", "competent-authority"]
    answer = world.kyiv.act("security", "crisis.confirm", {"crisis": crisis})
    assert answer.value["crisis"] == crisis and duty(world.kyiv, due["id"])["state"] == "done"


def test_nothing_is_owed_to_an_originator_for_what_is_our_own(world: World) -> None:
    say(world.kyiv, term("crisis.report", 24, TermUnit.HOURS))
    enter(world, number_of(world.kyiv, label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")))
    assert of(world.kyiv, "crisis-report") == []


def test_an_item_is_registered_within_its_term_and_entered_centrally_within_another(world: World) -> None:
    """EE-262 §§ 52(1), 118(1): the next working day, and seven of them for the register of the authority."""
    high = LevelRef("EX-UKR", "EXERCISE BARVINOK")
    say(world.kyiv, term("register.entry", 0), term("register.central", 7, TermUnit.WORKING_DAYS, level=high))
    item = label(world.tokyo, level="EX-JPN:EXERCISE SAKURA")
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    note_register_days(world.kyiv.registry)
    assert duty(world.kyiv, f"register.{consignment}")["due"] == world.clock.at.date().isoformat()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (central,) = of(world.kyiv, "register-central")
    assert (central["subject"], central["due"], central["falls_to"]) == (item, "2026-09-10", ["registrar"])
    settle(world.kyiv, "registrar", central["id"])
    other = label(world.kyiv, level="EX-UKR:EXERCISE KALYNA")
    assert [one["subject"] for one in of(world.kyiv, "register-central")] == [item], other


def test_our_authority_is_told_of_a_courier_before_anything_is_handed_over(world: World) -> None:
    """32 CFR 117.19(d)(6)(i): five working days before the journey."""
    say(world.tokyo, term("courier.authority", 1, TermUnit.WORKING_DAYS))
    world.tokyo.enter_people(COURIERS)
    consignment = sent(world)
    with pytest.raises(Malformed, match="no day is given"):
        pack(world.tokyo, consignment)
    leaves = world.clock.at + timedelta(hours=30)
    pack(world.tokyo, consignment, departs_on=leaves.date().isoformat())
    (told,) = of(world.tokyo, "courier-authority")
    assert (told["due"], told["subject"]) == ("2026-09-01", consignment)
    with pytest.raises(Refused) as silent:
        hand_over(world, consignment)
    assert codes(silent) == {"carriage.authority-not-told"}
    settle(world.tokyo, "security", told["id"])
    with pytest.raises(Refused) as late:
        hand_over(world, consignment, departs_at="2026-09-01T20:00:00Z", expected_at="2026-09-03T20:00:00Z")
    assert codes(late) == {"carriage.authority-not-told"}
    assert hand_over(world, consignment)["certificate"]


def test_a_crisis_is_practised_and_its_list_printed_again_and_again(world: World) -> None:
    """IGI 1300 Art. 60: a drill every three years."""
    note_drills(world.kyiv.registry)
    assert of(world.kyiv, "crisis-drill") == [], "where no layer says it, nothing is due"
    say(world.kyiv, term("crisis.drill", 3, TermUnit.YEARS), term("crisis.list", 1, TermUnit.MONTHS))
    for _ in range(2):
        note_drills(world.kyiv.registry)
    (drill,), (printed,) = of(world.kyiv, "crisis-drill"), of(world.kyiv, "crisis-list")
    assert (drill["due"], printed["due"], drill["basis"]) == ("2029-09-01", "2026-10-01", "Order 9, s. 3")
    say(world.kyiv, term("crisis.drill", 2, TermUnit.YEARS))
    note_drills(world.kyiv.registry)
    assert duty(world.kyiv, drill["id"])["due"] == "2028-09-01", "a term that became shorter counts"
    world.clock.advance(days=100)
    chase_due(world.kyiv.registry)
    assert duty(world.kyiv, printed["id"])["falls_to"] == ["security-officer", "head"]
    settle(world.kyiv, "security", drill["id"])
    note_drills(world.kyiv.registry)
    assert [one["due"] for one in of(world.kyiv, "crisis-drill") if one["state"] == "open"] == ["2028-12-10"]


def test_the_end_of_an_agreement_is_asked_about_and_so_is_that_of_each_extension(world: World) -> None:
    see_to_accords(world.tokyo.registry)
    (end,), (notice,) = of(world.tokyo, "agreement-end"), of(world.tokyo, "agreement-lapse")
    assert (end["due"], end["state"], end["basis"]) == ("2031-09-01", "planned", "Art. 15(1)")
    assert notice["due"] == "2031-03-01"
    world.clock.advance(days=5 * 365 + 30)
    world.tokyo.registry.ledger.confirm_clock()
    see_to_accords(world.tokyo.registry)
    chase_due(world.tokyo.registry)
    assert [(one["due"], one["state"]) for one in of(world.tokyo, "agreement-end")] == [
        ("2031-09-01", "open"), ("2032-09-01", "planned"),
    ]
    assert [one["due"] for one in of(world.tokyo, "agreement-lapse")] == ["2031-03-01", "2032-03-01"]
    settle(world.tokyo, "authority", end["id"])
    assert duty(world.tokyo, end["id"])["state"] == "done" and DUTY == "duty"


def silent(world: World, act: str = "copy") -> tuple[str, str]:
    """Let Kyiv ask for a consent; return item and request."""
    _, (item,) = cross(world)
    return item, ask(world, item, act)


def last(world: World, days: int = 70) -> None:
    """Let time pass in silence; the node asks once more, and the partner's node takes that."""
    world.clock.advance(days=days)
    chase_due(world.kyiv.registry)
    world.deliver()


def enter_silence(world: World, request: str) -> str:
    return str(world.kyiv.act("authority", "consent.silence", {"request": request}).value["consent"])


def is_allowed(world: World, item: str, act: Act = Act.COPY) -> bool:
    return bool(found(world, item, ConsentSought(act, PURPOSE)).covering)


def test_silence_is_consent_where_the_agreement_says_so_of_the_act_and_only_after_its_time(world: World) -> None:
    """IGI 1300 Art. 59 counts two months; here an agreement does, which alone can."""
    say(world.kyiv, replace(SILENCE, article="Order 9", count=3))
    item, request = silent(world)
    (planned,) = of(world.kyiv, "consent-silence")
    assert (planned["state"], planned["opens_on"]) == ("planned", "2026-12-02"), "our own law asks for a month more"
    (answer_by,) = of(world.tokyo, "answer-consent")
    assert (answer_by["due"], answer_by["basis"]) == ("2026-11-01", "Art. 8(2)")
    world.clock.advance(days=70)
    with pytest.raises(Refused) as early:
        enter_silence(world, request)
    assert codes(early) == {"consent.silence-lasts"} and not is_allowed(world, item)
    last(world, days=30)
    assert not is_allowed(world, item), "nothing is consented to before a person has entered it"
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "consent.silence", {"request": request})
    consent = enter_silence(world, request)
    assert is_allowed(world, item) and bodies(world.kyiv, "consent")[consent]["silence"] == "Art. 8(2); Order 9"
    assert duty(world.kyiv, planned["id"])["proof"] == consent
    assert of(world.kyiv, "consent-answer")[0]["state"] == "done"


@pytest.mark.parametrize("outcome", ["declined", "granted"])
def test_an_answer_that_comes_after_all_takes_the_place_of_silence(world: World, outcome: str) -> None:
    item, request = silent(world)
    last(world)
    enter_silence(world, request)
    used(world, item)
    answer(world, request, outcome)
    assert bodies(world.kyiv, "consent-request")[request]["state"] == outcome
    assert not is_allowed(world, item), "it was declined, or used once and granted once"
    assert len(of(world.kyiv, "consent-consequence")) == (outcome == "declined")


def used(world: World, item: str) -> None:
    def run(session: Any) -> dict[str, Any]:
        sought = ConsentSought(Act.COPY, PURPOSE)
        note_use(session, consents_for(session, session.require(ITEM, item), sought, holder=world.kyiv.party))
        return {}

    world.kyiv.registry.ledger.commit(Deed(world.kyiv.registry.fresh_id("x"), "test", "node", "internal", run))


def test_silence_on_anything_else_or_by_our_own_law_alone_is_never_consent(world: World) -> None:
    say(world.kyiv, replace(SILENCE, note="translate"))
    item, request = silent(world, "translate")
    world.clock.advance(days=400)
    assert of(world.kyiv, "consent-silence") == []
    with pytest.raises(Refused) as never:
        enter_silence(world, request)
    assert codes(never) == {"consent.silence-not-said"} and not is_allowed(world, item, Act.TRANSLATE)


def test_a_request_that_never_arrived_is_not_answered_by_silence(world: World) -> None:
    _, (item,) = cross(world)
    params = {"act": "copy", "item": item, "purpose": PURPOSE}
    request = str(world.kyiv.act("registrar", "consent.ask", params).value["request"])
    world.clock.advance(days=400)
    with pytest.raises(Refused) as unheard:
        enter_silence(world, request)
    assert codes(unheard) == {"consent.silence-not-said"}


def test_an_answer_that_may_be_on_its_way_is_no_silence(world: World) -> None:
    _, request = silent(world)
    world.clock.advance(days=70)
    later = AccordNotice("jpn.n.later", NoticeKind.DISPUTE, world.clock.at.date(), "Art. 14", "a question")
    tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, later))
    with pytest.raises(Refused) as missing:
        enter_silence(world, request)
    assert codes(missing) == {"consent.silence-missing"}


def test_an_answer_that_waits_on_a_broken_link_is_no_silence(world: World) -> None:
    """Nothing is behind the answer that is under way, so no number is missing; nor does our clock alone tell."""
    item, request = silent(world)
    world.tokyo.act("authority", "consent.answer", {"outcome": "declined", "request": request})
    world.clock.advance(days=70)
    chase_due(world.kyiv.registry)
    with pytest.raises(Refused) as unheard:
        enter_silence(world, request)
    assert codes(unheard) == {"consent.silence-unheard"} and not is_allowed(world, item)
    world.deliver()
    with pytest.raises(OutOfOrder):
        enter_silence(world, request)
    assert not is_allowed(world, item) and bodies(world.kyiv, "consent-request")[request]["state"] == "declined"


def test_silence_on_a_second_request_never_puts_a_no_aside(world: World) -> None:
    item, request = silent(world)
    answer(world, request, "declined")
    again = ask(world, item, "copy", number=2)
    last(world)
    with pytest.raises(Refused) as said:
        enter_silence(world, again)
    assert codes(said) == {"consent.silence-after-no"} and not is_allowed(world, item)


def refused_here(world: World, item: str, request: str) -> None:
    """Let Tokyo's node answer what was not asked; Kyiv's refuses it."""
    terms = ConsentTerms(ItemId(item), Act.COPY, PURPOSE, number=7)
    said = ConsentAnswer(ConsentId("jpn.c.other"), ConsentOutcome.DECLINED, terms, world.clock.at.replace(microsecond=0))

    def run(session: Any) -> dict[str, Any]:
        tell_party(world.tokyo.registry, session, "UKR", said, (AGREEMENT, request))
        return {}

    world.tokyo.registry.ledger.commit(Deed("answered", "test", "node", AGREEMENT, run))
    world.deliver()
    assert [one["type"] for one in bodies(world.kyiv, "refused-message").values()] == ["consent-answer"]


def test_an_answer_that_is_refused_here_is_no_silence_and_somebody_learns_what_it_said(world: World) -> None:
    item, request = silent(world)
    refused_here(world, item, request)
    (learn,) = of(world.kyiv, "consent-answer-refused")
    assert (learn["state"], learn["subject"], learn["falls_to"]) == ("open", request, ["competent-authority"])
    again = ask(world, item, "copy")
    last(world)
    for one in (request, again):
        with pytest.raises(Refused) as answered:
            enter_silence(world, one)
        assert codes(answered) == {"consent.silence-answered"} and not is_allowed(world, item)
    answer(world, request, "granted")
    assert is_allowed(world, item) and of(world.kyiv, "consent-answer-refused")[0]["state"] == "done"


def test_an_answer_that_is_refused_here_ends_the_silence_that_counted_before(world: World) -> None:
    item, request = silent(world)
    last(world)
    enter_silence(world, request)
    used(world, item)
    refused_here(world, item, request)
    assert not is_allowed(world, item) and len(of(world.kyiv, "consent-consequence")) == 1
    assert bodies(world.kyiv, "consent-request")[request]["state"] == "asked"


def test_of_the_rules_at_the_beginning_and_at_the_end_of_a_silence_the_later_day_counts(world: World) -> None:
    item, request = silent(world)
    world.clock.advance(days=20)
    say(world.kyiv, replace(SILENCE, article="Order 9", count=3))
    last(world, days=50)
    (planned,) = of(world.kyiv, "consent-silence")
    assert (planned["state"], planned["opens_on"]) == ("planned", "2026-12-02"), "it was not asked for once more yet"
    with pytest.raises(Refused) as early:
        enter_silence(world, request)
    assert codes(early) == {"consent.silence-lasts"}
    last(world, days=30)
    enter_silence(world, request)
    assert is_allowed(world, item)


@pytest.mark.parametrize(("suspended", "after"), [
    ([], {"stage": "in-force"}), ([], {"levels": ["EX-JPN:EXERCISE AJISAI"], "stage": "suspended"}),
    (["EX-JPN:EXERCISE SAKURA"], {"stage": "in-force"}),
])
def test_no_silence_runs_while_the_item_is_suspended(world: World, suspended: list[str], after: dict[str, Any]) -> None:
    item, request = silent(world)
    for stage, days in (({"levels": suspended, "stage": "suspended"}, 40), (after, 30)):
        world.tokyo.act("authority", "agreement.stage", {
            "agreement": AGREEMENT, "article": "Art. 14", "on": world.clock.at.date().isoformat(), **stage,
        })
        world.deliver()
        last(world, days=days)
        with pytest.raises(Refused):
            enter_silence(world, request)
    last(world, days=35)
    enter_silence(world, request)
    assert is_allowed(world, item)


def test_what_a_third_party_takes_up_again_begins_no_silence_anew(world: World) -> None:
    item, request = silent(world)
    last(world)

    def run(session: Any) -> dict[str, Any]:
        session.change(session.require("agreement", AGREEMENT), resumed_on={"POL": session.at.date().isoformat()})
        return {}

    world.kyiv.registry.ledger.commit(Deed(world.kyiv.registry.fresh_id("x"), "test", "node", AGREEMENT, run))
    enter_silence(world, request)
    assert is_allowed(world, item)


def test_an_acknowledgement_by_a_node_that_was_not_asked_begins_no_silence(world: World) -> None:
    _, (item,) = cross(world)
    params = {"act": "copy", "item": item, "purpose": PURPOSE}
    request = str(world.kyiv.act("registrar", "consent.ask", params).value["request"])
    row = world.kyiv.registry.reads().outbox(request)
    assert row is not None
    taken = Acknowledgement(message_digest(row.message, world.kyiv.registry.mode), world.clock.at + timedelta(days=1))
    write = world.kyiv.registry.store.transaction
    with write() as work:
        work.put_outbox(replace(row, partner="another.node"))
    tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, taken, in_reply_to=request, id="a1", seq=900_001))
    assert of(world.kyiv, "consent-silence") == []
    with write() as work:
        work.put_outbox(row)
    tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, taken, in_reply_to=request, id="a2", seq=900_002))
    (begun,) = of(world.kyiv, "consent-silence")
    assert begun["opens_on"] == "2026-11-03", "its node took it a day later than ours had it"


def test_a_disclosure_that_a_law_may_force_is_told_within_its_term(world: World) -> None:
    say(world.kyiv, term("compelled.notify", 3))
    _, (item,) = cross(world)
    world.clock.advance(days=2)
    known = {"grounds": "order of a court", "item": item, "known_on": "2026-09-02"}
    world.kyiv.act("registrar", "consent.compelled", known)
    (due,) = of(world.kyiv, "tell-compelled")
    assert (due["due"], due["falls_to"], due["subject"]) == ("2026-09-05", ["competent-authority"], item)
    with pytest.raises(Malformed, match="not known yet"):
        world.kyiv.act("registrar", "consent.compelled", {**known, "known_on": "2027-09-02"})
    with pytest.raises(OutOfOrder, match="our own"):
        own = label(world.kyiv, level="EX-UKR:EXERCISE KALYNA")
        world.kyiv.act("registrar", "consent.compelled", {**known, "item": own})
    ask(world, item, "copy")
    assert duty(world.kyiv, due["id"])["state"] == "open"
    request = ask(world, item, "disclose", due_on="2026-09-28", grounds="order of a court")
    assert duty(world.kyiv, due["id"])["proof"] == request


def recalled(world: World, item: str) -> str:
    asked = world.tokyo.act("registrar", "return.ask", {"item": item, "party": "UKR", "reason": "the end"}).value
    world.deliver()
    kept = bodies(world.kyiv, "return-request")[asked["request"]]
    assert kept["kind"] == asked["kind"], "each side reads it from its own agreement"
    return str(asked["kind"])


def test_a_right_of_recall_that_the_end_gives_is_an_order_from_then_on(world: World) -> None:
    """CH-LU Art. 15(4)."""
    _, (first, second) = cross(world, forms=("paper", "paper"))
    assert recalled(world, first) == "request"
    end(world, "2026-12-01")
    world.clock.advance(days=100)
    assert recalled(world, second) == "order"


@pytest.mark.parametrize(("how", "code"), [
    ({"ended_on": "2026-09-05", "stage": "terminated"}, "provision.terminated"),
    ({"levels": ["EX-JPN:EXERCISE SAKURA"], "stage": "suspended"}, "provision.level-suspended"),
])
def test_no_silence_counts_after_the_end_nor_on_a_suspended_level(world: World, how: dict[str, Any], code: str) -> None:
    item, request = silent(world)
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 14", "on": "2026-09-01", **how,
    })
    world.deliver()
    last(world)
    with pytest.raises(Refused) as stopped:
        enter_silence(world, request)
    assert codes(stopped) == {code} and not is_allowed(world, item)
