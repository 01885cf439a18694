"""The life of an agreement between two nodes: how it opens, what stands beside its stage, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.attack.test_accord import set_stage, signed_world, stage_of
from tests.world.comparing import bodies, list_differences
from tests.world.forging import forge, hand_envelopes, payload_of, refusal_in, resigned, tell, waiting
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World, exercise_agreement

from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.doors.control.views import VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused, Unavailable, Unverified
from cordiale.message.bodies.agreement_proposal import AgreementProposal
from cordiale.model.agreement import Act, ActRule, Profile, Ruling, Stage
from cordiale.ports import OutboxRow
from cordiale.records.agreements import load_index, profile_digest_of, text_digest_of
from cordiale.records.registry import identify
from cordiale.wire.agreement_json import agreement_text_to_json, encode_agreement_text, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import encode_profile, profile_to_json

SAKURA, BARVINOK = "EX-JPN:EXERCISE SAKURA", "EX-UKR:EXERCISE BARVINOK"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=318)


def view(player: Player, kind: str, **params: Any) -> Any:
    return VIEWS[kind](player.registry, identify(player.registry, player.request("authority", kind, params)))


def shown_stage(player: Player) -> str:
    return str(view(player, "view.agreements")["agreements"][0]["stage"])


def give_notes(world: World, *days: str | None) -> None:
    for player, day in zip(world.players, days, strict=True):
        player.act("authority", "agreement.note", {
            "agreement": AGREEMENT, "article": "Art. 16(1)", "on": "2026-09-01", "reference": "note",
            **({"in_force_on": day} if day else {}),
        })
        world.deliver()


def provisional_world() -> World:
    world = signed_world()
    for player in world.players:
        set_stage(player, "provisional")
        world.deliver()
    world.find_readiness()
    world.approve_links("wire")
    return world


# -- opening --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [("2026-09-01", None), (None, "2026-09-01"), (None, None)])
def test_notes_that_do_not_all_fix_a_day_leave_it_to_a_stage_that_all_record(days: tuple[str | None, ...]) -> None:
    world = signed_world()
    give_notes(world, *days)
    assert [stage_of(player) for player in world.players] == ["notes-exchanged"] * 2
    set_stage(world.tokyo, "in-force")
    world.deliver()
    assert [stage_of(player) for player in world.players] == ["notes-exchanged"] * 2
    set_stage(world.kyiv, "in-force")
    world.deliver()
    assert [stage_of(player) for player in world.players] == ["in-force"] * 2


def test_what_was_received_provisionally_is_read_and_provided_on_until_the_day_of_entry_into_force() -> None:
    world = provisional_world()
    _, (item,) = cross(world)
    grant(world, item, "reader")
    give_notes(world, "2027-01-15", "2027-01-15")
    assert [shown_stage(player) for player in world.players] == ["provisional"] * 2
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    dispatched(world)
    world.clock.advance(days=200)
    assert [shown_stage(player) for player in world.players] == ["in-force"] * 2


def test_provisional_application_from_a_later_day_is_not_recorded_before_it() -> None:
    world = signed_world()
    with pytest.raises(OutOfOrder, match="that day"):
        set_stage(world.tokyo, "provisional", on="2027-01-01")


@pytest.mark.parametrize(("notes", "stage"), [(True, "signed"), (False, "in-force")])
def test_only_an_agreement_that_asks_no_notes_enters_into_force_by_signature(notes: bool, stage: str) -> None:
    world = World.founded(seed=319)
    text, profile = exercise_agreement()
    profile = replace(profile, entry_requires_notes=notes)
    enter(world.tokyo, text, profile)
    world.deliver()
    for player in world.players:
        sign(player, profile)
        world.deliver()
    set_stage(world.tokyo, "signed")
    world.deliver()
    for player in world.players:
        if notes:
            with pytest.raises(OutOfOrder):
                set_stage(player, "in-force")
        else:
            set_stage(player, "in-force")
        world.deliver()
    assert [stage_of(player) for player in world.players] == [stage] * 2


def enter(player: Player, text: Any, profile: Profile) -> None:
    player.act("authority", "agreement.enter", {
        "profile": profile_to_json(profile), "text": agreement_text_to_json(text),
    })


def sign(player: Player, profile: Profile) -> None:
    signed = sign_object(
        encode_profile(profile), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
        [player.people["authority"]],
    )
    player.act("authority", "agreement.sign", {"agreement": AGREEMENT, "signed": signed.decode()})


def test_a_profile_written_for_another_text_is_neither_entered_nor_taken() -> None:
    world = World.founded(seed=320)
    text, profile = exercise_agreement()
    other = replace(text, articles=text.articles[:-1])
    with pytest.raises(Unverified, match="another text"):
        enter(world.tokyo, other, profile)
    encoded, mode = encode_profile(profile), world.tokyo.registry.mode
    body = AgreementProposal(
        encode_agreement_text(other), text_digest_of(other, mode), encoded, profile_digest_of(encoded, mode)
    )
    refused = refusal_in(tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, body)))
    assert refused.code == "agreement.other-text"
    assert bodies(world.kyiv, "agreement") == {}


def test_a_proposal_of_other_digests_than_its_contents_have_is_not_taken() -> None:
    world = World.founded(seed=321)
    text, profile = exercise_agreement()
    encoded, mode = encode_profile(profile), world.tokyo.registry.mode
    right = AgreementProposal(
        encode_agreement_text(text), text_digest_of(text, mode), encoded, profile_digest_of(encoded, mode)
    )
    for number, wrong in enumerate((replace(right, text_digest=bytes(48)), replace(right, profile_digest=bytes(48)))):
        data = forge(world.tokyo, world.kyiv, wrong, id=f"p{number}", seq=number + 1)
        assert refusal_in(tell(world.tokyo, world.kyiv, data)).code == "agreement.digest"
    assert bodies(world.kyiv, "agreement") == {}


def test_nobody_signs_a_profile_with_errors() -> None:
    """For example one that cites an article which is not in the text."""
    world = World.founded(seed=322)
    text, profile = exercise_agreement()
    wrong = replace(profile, acts=(replace(profile.acts[0], article="Art. 99(1)"), *profile.acts[1:]))
    enter(world.tokyo, text, wrong)
    world.deliver()
    for player in world.players:
        with pytest.raises(Malformed, match=r"Art\. 99\(1\)"):
            sign(player, wrong)
    corrected = replace(profile, version=2)
    enter(world.tokyo, text, corrected)
    world.deliver()
    for player in world.players:
        sign(player, corrected)


def test_a_newer_version_that_waits_is_shown_beside_the_one_in_effect(world: World) -> None:
    text, profile = exercise_agreement()
    newer = replace(profile, version=2)
    assert "proposed" not in view(world.kyiv, "view.agreement", agreement=AGREEMENT)
    enter(world.tokyo, text, newer)
    world.deliver()
    sign(world.kyiv, newer)
    shown = view(world.kyiv, "view.agreement", agreement=AGREEMENT)
    assert (shown["version"], shown["proposed"]["version"], shown["proposed"]["signed_by"]) == (1, 2, ["UKR"])
    assert shown["proposed"]["profile"] == profile_to_json(newer)


def _sent_under_a_newer_version(world: World) -> tuple[str, OutboxRow]:
    text, profile = exercise_agreement()
    newer = replace(profile, version=2)
    enter(world.tokyo, text, newer)
    world.deliver()
    sign(world.kyiv, newer)
    world.deliver()
    sign(world.tokyo, newer)
    _, consignment = dispatched(world)
    ahead = next(row for row in waiting(world.tokyo) if row.attachments)
    hand_envelopes(world.tokyo, world.kyiv, ahead)
    return consignment, ahead


def test_what_was_sent_under_a_newer_version_is_not_registered_before_that_version_is_in_effect_here(
    world: World,
) -> None:
    """The table may be another one, and the equivalent with it; the message does not say that it follows a signature."""
    consignment, ahead = _sent_under_a_newer_version(world)
    tell(world.tokyo, world.kyiv, resigned(world.tokyo, {**payload_of(ahead.message), "after": []}))
    with pytest.raises(OutOfOrder, match="version 2"):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})


def test_what_is_sent_under_a_newer_version_follows_the_signature_that_brought_it_into_effect(world: World) -> None:
    consignment, ahead = _sent_under_a_newer_version(world)
    with pytest.raises(Unavailable) as early:
        tell(world.tokyo, world.kyiv, ahead.message)
    assert early.value.code == "intake.waits"
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert list_differences(world) == []


# -- what stands beside the stage -----------------------------------------------------------------------------


def test_a_suspension_of_provisional_application_is_lifted_by_naming_that_stage() -> None:
    world = provisional_world()
    item = label(world.tokyo)
    release(world.tokyo, item)
    set_stage(world.tokyo, "suspended")
    world.deliver()
    with pytest.raises(Refused, match="suspended"):
        dispatch(world, [item])
    set_stage(world.kyiv, "provisional")
    world.deliver()
    assert [shown_stage(player) for player in world.players] == ["suspended"] * 2
    set_stage(world.tokyo, "provisional")
    world.deliver()
    assert [shown_stage(player) for player in world.players] == ["provisional"] * 2
    dispatch(world, [item])


def test_a_suspension_outlasts_entry_into_force() -> None:
    world = provisional_world()
    set_stage(world.tokyo, "suspended")
    world.deliver()
    give_notes(world, "2026-09-01", "2026-09-01")
    assert [shown_stage(player) for player in world.players] == ["suspended"] * 2


def test_lifting_one_level_leaves_the_others_suspended(world: World) -> None:
    set_stage(world.tokyo, "suspended", levels=[SAKURA, "EX-JPN:EXERCISE AJISAI"])
    set_stage(world.tokyo, "in-force", levels=["EX-JPN:EXERCISE AJISAI"])
    world.deliver()
    for player in world.players:
        state = load_index(player.registry.reads(), AGREEMENT, player.party).state
        assert {str(level) for level in state.suspended_levels} == {SAKURA}


def test_no_level_alone_is_taken_out_of_a_suspension_of_the_whole(world: World) -> None:
    set_stage(world.tokyo, "suspended")
    with pytest.raises(OutOfOrder, match="whole"):
        set_stage(world.tokyo, "in-force", levels=[SAKURA])
    assert shown_stage(world.tokyo) == "suspended"


def test_a_suspension_is_not_lifted_for_a_later_day(world: World) -> None:
    set_stage(world.tokyo, "suspended")
    with pytest.raises(OutOfOrder, match="that day"):
        set_stage(world.tokyo, "in-force", on="2027-01-01")
    assert shown_stage(world.tokyo) == "suspended"


@pytest.mark.parametrize("kind", ["agreement.ready", "agreement.link"])
def test_what_we_withdraw_ourselves_closes_the_level_at_both_nodes(world: World, kind: str) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    params = {"article": "Art. 3(1)", "of_party": "UKR", "level": BARVINOK} if kind == "agreement.ready" else {
        "link": "wire", "level": BARVINOK, "reference": "approval 2",
    }
    world.kyiv.act("authority", kind, {"agreement": AGREEMENT, **params, "withdraw": True})
    world.deliver()
    with pytest.raises(Refused, match="withdrawn"):
        dispatch(world, [item])
    world.clock.advance(hours=1)
    world.kyiv.act("authority", kind, {"agreement": AGREEMENT, **params, "withdraw": False})
    world.deliver()
    dispatch(world, [item])


@pytest.mark.parametrize("level", [SAKURA, "EX-UKR:EXERCISE NOBODY"])
def test_readiness_and_links_are_recorded_for_levels_of_the_party_concerned_only(world: World, level: str) -> None:
    with pytest.raises(Malformed, match="not a level of UKR"):
        world.kyiv.act("authority", "agreement.ready", {
            "agreement": AGREEMENT, "article": "Art. 3(1)", "level": level, "of_party": "UKR",
        })
    with pytest.raises(Malformed, match="not a level of UKR"):
        world.kyiv.act("authority", "agreement.link", {
            "agreement": AGREEMENT, "level": level, "link": "bag", "reference": "approval 2",
        })


# -- where national law overrides --------------------------------------------------------------------------


@pytest.mark.parametrize("overrides", [True, False])
def test_a_reading_under_national_law_that_overrides_the_agreement_is_noted_with_what_gave_way(
    world: World, overrides: bool
) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    national = next(one for one in load_template("exercise").nationals if one.party == "UKR")
    reading = ActRule(Act.READ, Ruling.WITH_NOTICE, "Exercise Order U-7, s. 9", overrides_agreement=overrides)
    world.kyiv.act("authority", "agreement.national", {
        "profile": national_profile_to_json(replace(national, version=2, acts=(*national.acts, reading))),
    })
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    noted = [(one["act"], one["articles"], one["subject"]) for one in bodies(world.kyiv, "override").values()]
    assert noted == ([("read", ["Art. 6(1)"], item)] if overrides else [])
    world.deliver()
    assert list_differences(world) == []


# -- the end --------------------------------------------------------------------------------------------------


def end(player: Player, day: str) -> None:
    set_stage(player, "terminated", ended_on=day)


def test_a_notice_that_runs_is_answered_with_the_stage_that_stands_and_the_day_of_the_end(world: World) -> None:
    answer = world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "ended_on": "2027-03-01", "on": "2026-09-01",
        "stage": "terminated",
    }).value
    assert (answer["stage"], answer["ended_on"]) == ("in-force", "2027-03-01")


def test_until_a_notice_of_termination_has_run_items_are_provided(world: World) -> None:
    """For example Switzerland-Poland 2022, Art. 15(3): the agreement ends six months after the notice."""
    end(world.tokyo, "2027-03-01")
    world.deliver()
    cross(world)
    assert [shown_stage(player) for player in world.players] == ["in-force"] * 2


def test_from_the_day_of_the_end_nothing_is_provided_and_what_was_is_read(world: World) -> None:
    end(world.tokyo, "2027-03-01")
    world.deliver()
    _, (item,) = cross(world)
    grant(world, item, "reader")
    waits = label(world.tokyo)
    release(world.tokyo, waits)
    _, under_way = dispatched(world)
    world.clock.advance(days=200)
    with pytest.raises(Refused, match="has ended"):
        dispatch(world, [waits])
    world.deliver()
    assert under_way not in bodies(world.kyiv, "consignment")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    assert [shown_stage(player) for player in world.players] == ["terminated"] * 2


def test_of_two_notices_the_earlier_day_counts(world: World) -> None:
    end(world.tokyo, "2027-03-01")
    end(world.kyiv, "2026-12-01")
    end(world.tokyo, "2028-01-01")
    world.deliver()
    assert {bodies(player, "agreement")[AGREEMENT]["ended_on"] for player in world.players} == {"2026-12-01"}


def test_a_suspension_is_not_forgotten_by_a_notice_of_termination(world: World) -> None:
    set_stage(world.tokyo, "suspended")
    end(world.kyiv, "2027-03-01")
    world.deliver()
    state = load_index(world.tokyo.registry.reads(), AGREEMENT, "JPN").state
    assert state.stage is Stage.SUSPENDED
