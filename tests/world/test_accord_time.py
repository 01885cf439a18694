"""The agreement over time: notices and their answers, amendments, disputes that relax nothing, what follows, the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.attack.test_accord import set_stage
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.forging import forge, refusal_in, tell
from tests.world.test_agreement_life import enter, sign
from tests.world.test_duties_engine import duty
from tests.world.test_erasing import say, years
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World, exercise_agreement

from cordiale.accord import propose
from cordiale.errors import OutOfOrder, Refused, Undecidable, Unverified
from cordiale.limits import PROFILE_VERSIONS_AHEAD_COUNT_MAX
from cordiale.message.bodies.accord_notice import AccordNotice, NoticeKind
from cordiale.message.bodies.amendment_closed import AmendmentClosed
from cordiale.message.bodies.rehoming import Rehoming
from cordiale.model.agreement import Profile, Term, TermUnit
from cordiale.model.names import AgreementId
from cordiale.records.agreements import load_index
from cordiale.records.duties import DUTY
from cordiale.work.accord_time import see_to_accords
from cordiale.work.chaser import chase_due

NEXT = AgreementId("exercise-jpn-ukr-2")


@pytest.fixture
def world() -> World:
    return World.in_force(seed=81)


def give(player: Player, kind: str, about: str = "", on: str = "2026-10-01") -> str:
    return str(player.act("authority", "accord.notice", {
        "agreement": AGREEMENT, "article": "Art. 12(1)", "kind": kind, "on": on, "text": "Act 7 of 2026",
        **({"about": about} if about else {}),
    }).value["notice"])


def provided(player: Player) -> list[Any]:
    """Return the copies that stand under an agreement, all but the originator's own."""
    return [one for one in bodies(player, "copy").values() if "agreement" in one]


def open_duties(player: Player, what: str) -> list[str]:
    found = player.registry.find(DUTY, "state", "open")
    return [one.id for one in found if one["what"] == what]


def amended(version: int = 2, **changes: Any) -> Profile:
    _, profile = exercise_agreement()
    term = Term("amendment.answer", "Art. 14(2)", 30, TermUnit.CALENDAR_DAYS)
    kept = tuple(one for one in profile.terms if one.name != "amendment.answer")
    return replace(profile, version=version, terms=(*kept, term), **changes)


def in_effect(world: World, profile: Profile) -> None:
    text, _ = exercise_agreement()
    enter(world.tokyo, text, profile)
    world.deliver()
    for player in world.players:
        sign(player, profile)
        world.deliver()


# -- notices --------------------------------------------------------------------------------------------------


def test_a_changed_law_is_told_acknowledged_and_the_old_regime_demanded_for_what_is_there(world: World) -> None:
    say(world.tokyo, years("retention.visit", 3))
    assert open_duties(world.tokyo, "tell-law-change")
    notice = give(world.tokyo, "law-changed")
    assert open_duties(world.tokyo, "tell-law-change") == []
    world.deliver()
    assert open_duties(world.tokyo, "notice-answer") and open_duties(world.kyiv, "notice-answer")
    demand = give(world.kyiv, "old-regime", about=notice)
    world.deliver()
    for player in world.players:
        told = bodies(player, "accord-notice")
        assert told[notice]["answers"] == {"old-regime": ["UKR"]} and told[demand]["about"] == notice
        assert told[notice]["effective_on"] == "2026-10-01"
        assert open_duties(player, "notice-answer") == []
        assert audit(player).findings == []


def test_an_answer_speaks_of_a_notice_of_the_other_side_and_of_nothing_else(world: World) -> None:
    own = give(world.tokyo, "law-changed")
    for about in (own, "jpn.n.unknown"):
        with pytest.raises(Unverified, match="no notice"):
            give(world.tokyo, "acknowledged", about=about)
    changed = give(world.tokyo, "authority-changed")
    world.deliver()
    with pytest.raises(Unverified, match="no notice"):
        give(world.kyiv, "old-regime", about=changed)
    early = AccordNotice("ukr.n.early", NoticeKind.ACKNOWLEDGED, world.clock.at.date(), "Art. 1", "-", "jpn.n.later")
    refused = refusal_in(tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, early)))
    assert refused.code == "notice.not-shared" and "ukr.n.early" not in bodies(world.tokyo, "accord-notice")


def test_notices_that_cross_are_both_entered_and_both_answered(world: World) -> None:
    first, second = give(world.tokyo, "law-changed"), give(world.kyiv, "law-changed")
    world.deliver()
    give(world.tokyo, "acknowledged", about=second)
    give(world.kyiv, "acknowledged", about=first)
    world.deliver()
    for player in world.players:
        assert {first, second} <= bodies(player, "accord-notice").keys()
        assert open_duties(player, "notice-answer") == []


def test_a_stranger_to_the_agreement_tells_nothing_of_it(world: World) -> None:
    from tests.world.world import make_acquainted

    warsaw = world.add_stranger()
    make_acquainted(world.tokyo, warsaw)
    make_acquainted(warsaw, world.tokyo)
    body = AccordNotice("pol.n.1", NoticeKind.LAW_CHANGED, world.clock.at.date(), "Art. 1", "-")
    refused = refusal_in(tell(warsaw, world.tokyo, forge(warsaw, world.tokyo, body)))
    assert refused.code == "agreement.not-shared" and bodies(world.tokyo, "accord-notice") == {}


def test_a_dispute_relaxes_nothing_and_every_duty_goes_on(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    pending = label(world.tokyo)
    release(world.tokyo, pending)
    consignment = dispatch(world, [pending])
    before = [load_index(one.registry.reads(), AGREEMENT, one.party).state for one in world.players]
    dispute = give(world.kyiv, "dispute")
    world.deliver()
    after = [load_index(one.registry.reads(), AGREEMENT, one.party).state for one in world.players]
    assert before == after
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    for person, purpose in (("junior", PURPOSE), ("reader", "Another use")):
        with pytest.raises(Refused):
            world.kyiv.read(person, item, purpose)
    with pytest.raises((Refused, Undecidable)):
        world.kyiv.act("registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": "POL"})
    assert duty(world.tokyo, f"receipt.{consignment}")["state"] == "open"
    world.clock.advance(days=40)
    assert chase_due(world.tokyo.registry) >= 1
    shown = view(world.tokyo, "authority", "view.accord", agreement=AGREEMENT)
    assert [one["notice"] for one in shown["disputes"]] == [dispute]
    give(world.tokyo, "dispute-settled", about=dispute)
    world.deliver()
    assert view(world.kyiv, "authority", "view.accord", agreement=AGREEMENT)["disputes"]
    give(world.kyiv, "dispute-settled", about=dispute)
    world.deliver()
    for player in world.players:
        assert view(player, "authority", "view.accord", agreement=AGREEMENT)["disputes"] == []


# -- amendments -----------------------------------------------------------------------------------------------


def test_an_amendment_is_answered_on_the_agreement_s_clock_and_signed_by_all(world: World) -> None:
    in_effect(world, amended())
    following = amended(3)
    text, _ = exercise_agreement()
    enter(world.tokyo, text, following)
    world.deliver()
    name = f"amendment-answer.{AGREEMENT}.3.ukr"
    assert duty(world.kyiv, name)["due"] == duty(world.tokyo, name)["due"] == "2026-10-01"
    assert duty(world.kyiv, name)["basis"] == "Art. 14(2)"
    world.clock.advance(days=31)
    chase_due(world.tokyo.registry)
    world.deliver()
    assert [one["what"] for one in bodies(world.kyiv, "reminder").values()] == ["amendment-answer"]
    for player in world.players:
        sign(player, following)
        world.deliver()
    for player in world.players:
        assert duty(player, name)["state"] == "done"
        assert bodies(player, "agreement")[AGREEMENT]["profile"]["version"] == 3


def test_an_amendment_is_declined_and_what_is_in_effect_stays(world: World) -> None:
    text, _ = exercise_agreement()
    enter(world.tokyo, text, amended())
    world.deliver()
    world.kyiv.act("authority", "accord.close", {"agreement": AGREEMENT, "reason": "not needed"})
    world.deliver()
    for player in world.players:
        record = bodies(player, "agreement")[AGREEMENT]
        assert "proposed" not in record and record["profile"]["version"] == 1
        assert duty(player, f"amendment-answer.{AGREEMENT}.2.ukr")["state"] == "done"
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "accord.close", {"agreement": AGREEMENT})


def test_who_has_signed_does_not_take_that_back_alone_and_crossing_ends_the_same_on_both_sides(world: World) -> None:
    text, _ = exercise_agreement()
    enter(world.tokyo, text, amended())
    world.deliver()
    sign(world.tokyo, amended())
    with pytest.raises(OutOfOrder, match="signed"):
        world.tokyo.act("authority", "accord.close", {"agreement": AGREEMENT})
    world.kyiv.act("authority", "accord.close", {"agreement": AGREEMENT})
    world.deliver()
    for player in world.players:
        record = bodies(player, "agreement")[AGREEMENT]
        assert record["profile"]["version"] == 1 and "proposed" not in record


def test_a_version_that_was_closed_is_not_proposed_again_and_a_signature_on_its_way_counts_for_none(world: World) -> None:
    text, _ = exercise_agreement()
    enter(world.kyiv, text, amended())
    world.deliver()
    world.tokyo.act("authority", "accord.close", {"agreement": AGREEMENT})
    sign(world.kyiv, amended())
    with pytest.raises(OutOfOrder, match="declined or taken back"):
        enter(world.tokyo, text, amended())
    enter(world.kyiv, text, amended())
    world.deliver()
    for player in world.players:
        assert "proposed" not in bodies(player, "agreement")[AGREEMENT]
    in_effect(world, amended(3))
    assert [bodies(one, "agreement")[AGREEMENT]["profile"]["version"] for one in world.players] == [3, 3]


def test_no_party_uses_up_the_numbers_between_by_one_far_beyond_the_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = exercise_agreement()
    far = amended(1 + PROFILE_VERSIONS_AHEAD_COUNT_MAX + 1)
    with pytest.raises(OutOfOrder, match="too far beyond"):
        enter(world.kyiv, text, far)
    with monkeypatch.context() as loose:
        loose.setattr(propose, "PROFILE_VERSIONS_AHEAD_COUNT_MAX", 2**31)
        enter(world.kyiv, text, far)
    world.deliver()
    assert "proposed" not in bodies(world.tokyo, "agreement")[AGREEMENT]
    enter(world.tokyo, text, amended())


def test_an_answer_to_an_amendment_that_was_never_proposed_changes_nothing(world: World) -> None:
    body = AmendmentClosed(2, bytes(48), "early")
    refused = refusal_in(tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body)))
    assert refused.code == "amendment.not-waiting"
    text, _ = exercise_agreement()
    enter(world.tokyo, text, amended())
    refused = refusal_in(tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, id="again", seq=900_001)))
    assert refused.code == "amendment.not-waiting"
    assert "proposed" in bodies(world.tokyo, "agreement")[AGREEMENT]


def test_the_joint_review_comes_round(world: World) -> None:
    _, profile = exercise_agreement()
    term = Term("agreement.review", "Art. 15(2)", 10, TermUnit.YEARS)
    in_effect(world, replace(profile, version=2, terms=(*profile.terms, term)))
    see_to_accords(world.tokyo.registry)
    see_to_accords(world.tokyo.registry)
    found = duty(world.tokyo, f"agreement-review.{AGREEMENT}")
    assert (found["due"], found["basis"], found.version) == ("2036-09-01", "Art. 15(2)", 1)
    world.tokyo.act("authority", "duty.settle", {"duty": found.id, "proof": "minutes of the review"})
    assert duty(world.tokyo, f"agreement-review.{AGREEMENT}@2046-09-01")["state"] == "open"


# -- predecessor and successor --------------------------------------------------------------------------------


def successor(world: World, **changes: Any) -> None:
    """Bring an agreement that follows into force between the same parties."""
    text, profile = exercise_agreement()
    profile = replace(profile, agreement=NEXT, **changes)
    enter(world.tokyo, text, profile)
    world.deliver()
    for player in world.players:
        player.act("authority", "agreement.sign", {"agreement": NEXT, "signed": signed(player, profile)})
        world.deliver()
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": NEXT, "article": "Art. 16", "on": "2026-09-01", "stage": "signed",
    })
    world.deliver()
    for player in world.players:
        player.act("authority", "agreement.note", {
            "agreement": NEXT, "article": "Art. 16(1)", "in_force_on": "2026-09-01", "on": "2026-09-01",
            "reference": "note 2",
        })
        world.deliver()


def signed(player: Player, profile: Profile) -> str:
    from cordiale.crypto.domains import Purpose, object_type
    from cordiale.crypto.jws import sign_object
    from cordiale.wire.profile_json import encode_profile

    kind = object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode)
    return sign_object(encode_profile(profile), kind, [player.people["authority"]]).decode()


def rehome(player: Player, on: str = "2026-09-01") -> str:
    return str(player.act("authority", "accord.rehome", {
        "agreement": NEXT, "article": "Art. 11(2)", "on": on, "predecessor": AGREEMENT,
    }).value["state"])


def test_items_move_to_the_agreement_that_follows_when_all_have_said_so_and_keep_their_history(world: World) -> None:
    moved = [cross(world)[1][0] for _ in range(3)]
    successor(world)
    assert rehome(world.tokyo, on="2026-09-05") == "said"
    world.deliver()
    world.clock.advance(days=10)
    assert see_to_accords(world.tokyo.registry) == see_to_accords(world.kyiv.registry) == 0
    assert rehome(world.kyiv) == "agreed"
    world.deliver()
    assert [see_to_accords(player.registry) for player in world.players] == [3, 3]
    assert [see_to_accords(player.registry) for player in world.players] == [0, 0]
    for player in world.players:
        for copy in provided(player):
            assert (copy["agreement"], copy["formerly"]) == (NEXT, [AGREEMENT])
        assert bodies(player, "rehoming")[f"{AGREEMENT}/{NEXT}"]["on"] == "2026-09-05"
        assert bodies(player, "rehoming")[f"{AGREEMENT}/{NEXT}"]["moved"] == 3
    item = world.kyiv.registry.record("item", moved[0])
    assert item is not None and item["agreement"] == NEXT
    versions = world.kyiv.registry.reads().versions("item", moved[0])
    assert AGREEMENT.encode() in versions[0].body
    grant(world, moved[0], "reader")
    assert world.kyiv.read("reader", moved[0], PURPOSE) == CONTENT
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": moved[1], "method": "erased"}).value["proposal"]
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    ended = [one for one in provided(world.tokyo) if one["item"] == moved[1]]
    assert [one["state"] for one in ended] == ["destroyed"]
    for player in world.players:
        assert audit(player).findings == []


def test_a_certificate_that_crosses_the_move_is_taken(world: World) -> None:
    _, (item,) = cross(world)
    successor(world)
    for player in world.players:
        rehome(player)
        world.deliver()
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"}).value["proposal"]
    see_to_accords(world.tokyo.registry)
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    assert [one["state"] for one in provided(world.tokyo)] == ["destroyed"]


def test_a_move_that_breaks_off_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        cross(world)
    successor(world)
    for player in world.players:
        rehome(player)
        world.deliver()
    monkeypatch.setattr("cordiale.work.accord_time._COPIES_AN_ACT", 1)
    real, count = world.kyiv.registry.ledger.commit, [0]

    def dies(act: Any) -> Any:
        count[0] += act.kind == "agreement.rehome"
        if count[0] > 1:
            raise OutOfOrder("test.dies", "it dies", hint="")
        return real(act)

    with monkeypatch.context() as broken:
        broken.setattr(type(world.kyiv.registry.ledger), "commit", lambda _, act: dies(act))
        with pytest.raises(OutOfOrder, match="it dies"):
            see_to_accords(world.kyiv.registry)
    assert sorted(one["agreement"] for one in bodies(world.kyiv, "copy").values()) == [AGREEMENT, AGREEMENT, NEXT]
    world.kyiv.reopen()
    assert see_to_accords(world.kyiv.registry) == 2
    assert {one["agreement"] for one in bodies(world.kyiv, "copy").values()} == {NEXT}
    assert audit(world.kyiv).findings == []


def test_what_has_no_level_under_the_agreement_that_follows_stays_and_is_told(world: World) -> None:
    cross(world)
    _, profile = exercise_agreement()
    rows = tuple(one for one in profile.equivalences if one.source.name != "EXERCISE SAKURA")
    successor(world, equivalences=rows)
    for player in world.players:
        rehome(player)
        world.deliver()
        assert see_to_accords(player.registry) == 0
    see_to_accords(world.tokyo.registry)
    for player in world.players:
        assert {one["agreement"] for one in provided(player)} == {AGREEMENT}
        assert len(open_duties(player, "not-rehomed")) == 1


def test_nothing_moves_to_an_agreement_with_others_or_by_one_party_s_word(world: World) -> None:
    cross(world)
    body = Rehoming(AgreementId("exercise-jpn-pol"), world.clock.at.date(), "Art. 1")
    refused = refusal_in(tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body)))
    assert refused.code == "agreement.not-shared"
    with pytest.raises(OutOfOrder):
        world.tokyo.act("authority", "accord.rehome", {
            "agreement": AGREEMENT, "article": "Art. 1", "on": "2026-09-01", "predecessor": AGREEMENT,
        })
    assert bodies(world.tokyo, "rehoming") == {}


# -- the end --------------------------------------------------------------------------------------------------


def end(world: World, day: str) -> None:
    set_stage(world.tokyo, "terminated", ended_on=day)
    world.deliver()


def test_after_the_end_every_duty_goes_on_and_no_new_use_is_opened(world: World) -> None:
    """S10: what was provided is read for its purpose, returned and destroyed, years later; nothing new is opened."""
    _, (first, second) = cross(world, forms=("file", "file"))
    grant(world, first, "reader")
    end(world, "2026-12-01")
    world.clock.advance(days=300)
    assert world.kyiv.read("reader", first, PURPOSE) == CONTENT
    with pytest.raises(Refused):
        world.kyiv.read("reader", first, "Another use")
    with pytest.raises(Refused):
        world.kyiv.act("head", "need.grant", {"item": first, "person": "reader", "purpose": "Another use"})
        world.kyiv.read("reader", first, "Another use")
    grant(world, first, "reader")
    with pytest.raises((Refused, Undecidable)):
        world.kyiv.act("registrar", "pass-on", {"item": first, "purpose": PURPOSE, "recipient": "POL"})
    fresh = label(world.tokyo)
    with pytest.raises((Refused, OutOfOrder)):
        release(world.tokyo, fresh)
        dispatch(world, [fresh])
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": second, "method": "erased"}).value["proposal"]
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    assert "destroyed" in {one["state"] for one in provided(world.tokyo)}
    world.clock.advance(days=2 * 365)
    assert world.kyiv.read("reader", first, PURPOSE) == CONTENT
    for player in world.players:
        assert audit(player).findings == []


def test_what_is_in_a_courier_s_hands_when_the_agreement_ends_is_registered_and_protected(world: World) -> None:
    item = label(world.tokyo, form="paper")
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link="carry")
    end(world, "2026-09-03")
    world.clock.advance(days=5)
    world.deliver()
    assert bodies(world.kyiv, "consignment")[consignment]["state"] == "held"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "receipted"
    assert duty(world.tokyo, f"receipt.{consignment}")["state"] == "done"
    assert audit(world.kyiv).findings == []


def test_a_clock_set_back_behind_the_end_opens_nothing_again(world: World) -> None:
    waits = label(world.tokyo)
    release(world.tokyo, waits)
    end(world, "2026-09-20")
    world.clock.advance(days=30)
    with pytest.raises(Refused, match="has ended"):
        dispatch(world, [waits])
    world.clock.jump(days=-25)
    with pytest.raises(Undecidable):
        dispatch(world, [waits])
    with pytest.raises(Undecidable):
        see_to_accords(world.tokyo.registry)
