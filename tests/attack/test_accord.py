"""Attacks on the life of an agreement: what one party alone can make true for the other."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.forging import forge, opened, tell
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import cross, dispatch, label, release
from tests.world.world import AGREEMENT, Player, World, exercise_agreement

from cordiale.errors import CordialeError, Refused, Undecidable
from cordiale.message.bodies.agreement_proposal import AgreementProposal
from cordiale.message.bodies.link_approved import Link, LinkApproved
from cordiale.message.bodies.notes_exchanged import NotesExchanged
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.refusal import Refusal
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.model.agreement import Stage
from cordiale.model.label import LevelRef
from cordiale.records.agreements import load_index, profile_digest_of, text_digest_of
from cordiale.wire.agreement_json import encode_agreement_text
from cordiale.wire.profile_json import encode_profile


@pytest.fixture
def world() -> World:
    return World.in_force(seed=302)


def stage_of(player: Player) -> str:
    return str(bodies(player, "agreement")[AGREEMENT]["stage"])


def set_stage(player: Player, stage: str, **more: Any) -> None:
    player.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "stage": stage, **more,
    })


def claim(sender: Player, recipient: Player, body: Any, number: int = 0) -> None:
    """Let the partner's node say it; whether it is taken or refused does not matter here."""
    with contextlib.suppress(CordialeError):
        tell(sender, recipient, forge(sender, recipient, body, id=f"claim.{number}", seq=800_000 + number))


def test_a_suspension_of_ours_is_not_lifted_by_the_partner(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    set_stage(world.tokyo, "suspended")
    claim(world.kyiv, world.tokyo, StageChanged(Stage.IN_FORCE, date(2026, 9, 1), "Art. 16"))
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])


def test_levels_we_suspended_are_not_reopened_by_the_partner(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    set_stage(world.tokyo, "suspended", levels=["EX-JPN:EXERCISE SAKURA"])
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])
    claim(world.kyiv, world.tokyo, StageChanged(Stage.IN_FORCE, date(2026, 9, 1), "Art. 16"))
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])


def test_levels_we_suspended_stay_suspended_when_the_partner_suspends_another(world: World) -> None:
    set_stage(world.tokyo, "suspended", levels=["EX-JPN:EXERCISE SAKURA"])
    other = (LevelRef("EX-UKR", "EXERCISE KALYNA"),)
    claim(world.kyiv, world.tokyo, StageChanged(Stage.SUSPENDED, date(2026, 9, 1), "Art. 16", levels=other))
    state = load_index(world.tokyo.registry.reads(), AGREEMENT, "JPN").state
    assert state.suspended_levels == {LevelRef("EX-JPN", "EXERCISE SAKURA"), *other}


def test_a_link_whose_approval_the_partner_withdraws_is_closed(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    now = world.clock.at.replace(microsecond=0)
    withdrawn = LinkApproved(
        Link.WIRE, LevelRef("EX-UKR", "EXERCISE BARVINOK"), "approval 1", now, withdrawn_at=now
    )
    claim(world.kyiv, world.tokyo, withdrawn)
    world.clock.advance(hours=1)
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])


def test_readiness_that_the_partner_no_longer_finds_closes_the_level(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    now = world.clock.at.replace(microsecond=0)
    claim(world.kyiv, world.tokyo, ReadinessFound(
        "UKR", LevelRef("EX-UKR", "EXERCISE BARVINOK"), "Art. 3(2)", now, withdrawn_at=now  # type: ignore[arg-type]
    ))
    world.clock.advance(hours=1)
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])


def signed_world() -> World:
    world = World.founded(seed=303)
    world.enter_agreement()
    world.sign_agreement()
    return world


def test_the_partner_alone_does_not_make_an_agreement_provisional_for_us() -> None:
    world = signed_world()
    claim(world.kyiv, world.tokyo, StageChanged(Stage.PROVISIONAL, date(2026, 9, 1), "Art. 16"))
    assert stage_of(world.tokyo) == "signed"


def test_the_day_of_entry_into_force_is_not_the_last_notes_alone() -> None:
    """We say it is in force in November; the partner's note, coming last, says last month: nobody is asked."""
    world = signed_world()
    world.tokyo.act("authority", "agreement.note", {
        "agreement": AGREEMENT, "article": "Art. 16(1)", "in_force_on": "2026-11-16", "on": "2026-09-01",
        "reference": "note 1",
    })
    claim(world.kyiv, world.tokyo, NotesExchanged("note 2", date(2026, 9, 1), "Art. 16(1)", date(2026, 8, 1)))
    state = load_index(world.tokyo.registry.reads(), AGREEMENT, "JPN").state
    assert state.in_force_on is None or state.in_force_on >= date(2026, 11, 16) or state.stage is not Stage.IN_FORCE


def test_notes_do_not_shut_the_door_on_what_was_provided_provisionally() -> None:
    world = signed_world()
    for player in world.players:
        set_stage(player, "provisional")
        world.deliver()
    world.find_readiness()
    world.approve_links("wire")
    _, consignment = dispatched(world)
    world.deliver()
    for player in world.players:
        player.act("authority", "agreement.note", {
            "agreement": AGREEMENT, "article": "Art. 16(1)", "on": "2026-09-01", "reference": "note 1",
        })
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "receipted"


def test_what_waits_when_the_agreement_is_suspended_does_not_leave(world: World) -> None:
    """Dispatched while the partner could not be reached; provision stops with the suspension."""
    _, consignment = dispatched(world)
    set_stage(world.tokyo, "suspended")
    world.deliver()
    assert consignment not in bodies(world.kyiv, "consignment")


# -- the name of an agreement is the name of its log --------------------------------------------------------


def renamed(player: Player, name: str) -> AgreementProposal:
    text, profile = exercise_agreement()
    encoded = encode_profile(replace(profile, agreement=name))
    mode = player.registry.mode
    return AgreementProposal(
        encode_agreement_text(text), text_digest_of(text, mode), encoded, profile_digest_of(encoded, mode)
    )


def test_no_agreement_takes_the_name_of_our_internal_log(world: World) -> None:
    """Each later message under it would show the partner how many acts our internal log holds."""
    data = forge(world.kyiv, world.tokyo, renamed(world.kyiv, "internal"), agreement="internal")
    try:
        answer = tell(world.kyiv, world.tokyo, data)
    except CordialeError:
        return
    message = opened(answer)
    shown = [head.origin for head in (message.checkpoint, getattr(message.body, "log", None)) if head is not None]
    assert not any(origin.endswith("/internal") for origin in shown)
    assert "internal" not in bodies(world.tokyo, "agreement")


def test_a_refusal_shows_the_partner_no_head_of_our_internal_log(world: World) -> None:
    cross(world)
    body = ReadinessFound("JPN", LevelRef("EX-JPN", "EXERCISE SAKURA"), "Art. 3", world.clock.at)  # type: ignore[arg-type]
    try:
        answer = tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, agreement="internal"))
    except CordialeError:
        return
    head = opened(answer).checkpoint
    assert head is None or not head.origin.endswith("/internal")


def test_a_proposal_for_other_parties_replaces_no_agreement_of_ours(world: World) -> None:
    """A new version cannot quietly be one between other parties than the agreement is."""
    text, profile = exercise_agreement()
    changed = replace(profile, version=2, parties=("JPN", "POL"))
    encoded = encode_profile(changed)
    mode = world.kyiv.registry.mode
    body = AgreementProposal(
        encode_agreement_text(text), text_digest_of(text, mode), encoded, profile_digest_of(encoded, mode)
    )

    def version_2(payload: dict[str, Any]) -> None:
        payload["agreement_version"] = 2

    try:
        answer = tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, change=version_2))
    except CordialeError:
        return
    assert isinstance(opened(answer).body, Refusal)


def test_one_late_duty_towards_a_silent_partner_does_not_stop_the_others(world: World) -> None:
    """The reminder to a partner whose statement has run out fails, and nobody else is reminded that day."""
    from cordiale.work.chaser import chase_due

    for _ in range(2):
        dispatched(world)
    world.deliver()
    reads = world.tokyo.registry.reads()
    duties = sorted(record.id for record in reads.find("duty", "state", "open"))
    assert len(duties) == 2

    def spoil(session: Any) -> dict[str, Any]:
        session.change(session.require("duty", duties[0]), owner="POL")
        return {}

    from cordiale.records.ledger import INTERNAL, Act

    world.tokyo.registry.ledger.commit(Act("act.spoil", "spoil", "node", INTERNAL, spoil))
    world.clock.advance(days=60)
    with contextlib.suppress(CordialeError):
        chase_due(world.tokyo.registry)
    chased = {id: body.get("chased", 0) for id, body in bodies(world.tokyo, "duty").items()}
    assert chased[duties[1]] == 1
