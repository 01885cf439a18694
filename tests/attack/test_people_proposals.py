"""Attacks on people and keys: what one officer can do alone, and what a confirmation is made to cover."""

from __future__ import annotations

from typing import Any

import pytest
from tests.attack.test_persons import HEADER, csv_of, import_people, view
from tests.world.comparing import bodies
from tests.world.people import PEOPLE
from tests.world.world import Player, World

from cordiale.canonical import encode_base64url
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unverified
from cordiale.limits import PEOPLE_PROPOSAL_LIFETIME_DAYS

CLEARED = "EX-UKR:EXERCISE BARVINOK|2026-01-01|2029-12-31|exercise authority"
NEW = f"new,Exercise New,desk officer,desk,UKR,UKR,reader,{CLEARED},,,"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=307)


def proposed(player: Player, *rows: str, keys: dict[str, Any] | None = None) -> tuple[str, str]:
    """Let the officer propose a list; return the proposal and its binding."""
    answer = player.act("security", "people.import", {**csv_of(*rows), "keys": keys or {}})
    id = str(answer.value["proposal"])
    return id, str(bodies(player, "people-proposal")[id]["binding"])


def confirm(player: Player, person: str, proposal: tuple[str, str]) -> None:
    player.act(person, "people.confirm", {"proposal": proposal[0], "binding": proposal[1]})


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.decision.reasons}


def row_of(person: str) -> str:
    (row,) = [line for line in PEOPLE["UKR"].splitlines() if line.startswith(f"{person},")]
    return row


def test_a_proposed_person_is_nobody_until_a_second_person_confirms(world: World) -> None:
    pair = SigningPair.generate()
    proposal = proposed(world.kyiv, NEW, keys={"new": pair.public.encode()})
    world.kyiv.people["new"] = pair
    assert "new" not in bodies(world.kyiv, "person")
    with pytest.raises(Unverified):
        view(world.kyiv, "new", "view.items", {})
    confirm(world.kyiv, "registrar", proposal)
    assert view(world.kyiv, "new", "view.items", {})["items"] == []


def test_the_officer_who_proposed_confirms_nothing_of_it(world: World) -> None:
    proposal = proposed(world.kyiv, NEW)
    with pytest.raises(Refused) as refused:
        confirm(world.kyiv, "security", proposal)
    assert codes(refused) == {"office.same-person"}
    assert "new" not in bodies(world.kyiv, "person")


def test_whom_a_proposal_is_about_confirms_nothing_of_it(world: World) -> None:
    """Neither with a key that is replaced, nor for others who stand in the same list."""
    key = SigningPair.generate().public.encode()
    proposal = proposed(world.kyiv, f"{row_of('head')},,,", NEW, keys={"head": key})
    with pytest.raises(Refused) as refused:
        confirm(world.kyiv, "head", proposal)
    assert codes(refused) == {"office.own-favour"}
    confirm(world.kyiv, "registrar", proposal)


def test_readers_and_strangers_confirm_nothing_and_learn_nothing_of_proposals(world: World) -> None:
    proposal = proposed(world.kyiv, NEW)
    told = []
    for id in (proposal[0], "act.nothing"):
        with pytest.raises(Refused) as refused:
            confirm(world.kyiv, "reader", (id, proposal[1]))
        told.append(str(refused.value))
        with pytest.raises(Refused):
            view(world.kyiv, "reader", "view.people-proposal", {"proposal": id})
    assert told[0] == told[1]


def test_a_confirmation_is_of_exactly_what_was_shown(world: World) -> None:
    first = proposed(world.kyiv, NEW)
    second = proposed(world.kyiv, NEW.replace(",reader,", ",registrar head,"))
    with pytest.raises(Unverified):
        confirm(world.kyiv, "head", (second[0], first[1]))
    assert "new" not in bodies(world.kyiv, "person")


def test_a_proposal_is_void_when_whom_it_is_about_has_changed_since(world: World) -> None:
    """What was withdrawn between the proposal and its confirmation does not come back with it."""
    proposal = proposed(world.kyiv, f"{row_of('reader').replace(',reader,', ',reader originator,')},,,")
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    (listed,) = view(world.kyiv, "head", "view.people-proposals", {})["proposals"]
    assert listed["state"] == "void"
    with pytest.raises(Refused) as refused:
        confirm(world.kyiv, "head", proposal)
    assert codes(refused) == {"people.changed-since"}
    assert bodies(world.kyiv, "person")["reader"]["clearances"][0]["withdrawn_at"]


def test_of_two_proposals_about_one_person_only_the_first_counts(world: World) -> None:
    first, second = proposed(world.kyiv, NEW), proposed(world.kyiv, NEW.replace(",reader,", ",registrar,"))
    confirm(world.kyiv, "head", first)
    with pytest.raises(Refused):
        confirm(world.kyiv, "head", second)
    assert bodies(world.kyiv, "person")["new"]["offices"] == ["reader"]


def test_a_proposal_runs_out(world: World) -> None:
    proposal = proposed(world.kyiv, NEW)
    # Step by step: a clock that jumps stops every decision.
    world.clock.advance(minutes=24 * 60 * PEOPLE_PROPOSAL_LIFETIME_DAYS)
    with pytest.raises(Refused) as refused:
        confirm(world.kyiv, "head", proposal)
    assert codes(refused) == {"people.expired"}


@pytest.mark.parametrize("who", ["security", "head", "registrar"])
def test_a_withdrawn_proposal_is_confirmed_by_nobody(world: World, who: str) -> None:
    proposal = proposed(world.kyiv, NEW)
    world.kyiv.act(who, "people.withdraw-proposal", {"proposal": proposal[0]})
    with pytest.raises(OutOfOrder):
        confirm(world.kyiv, "head", proposal)
    assert view(world.kyiv, "head", "view.people-proposals", {})["proposals"] == []


def test_a_confirmed_proposal_is_confirmed_once(world: World) -> None:
    proposal = proposed(world.kyiv, NEW)
    confirm(world.kyiv, "head", proposal)
    world.kyiv.act("security", "people.leave", {"person": "new"})
    with pytest.raises(OutOfOrder):
        confirm(world.kyiv, "head", proposal)
    assert "left_at" in bodies(world.kyiv, "person")["new"]


def test_a_proposal_of_an_officer_who_lost_the_office_counts_for_nothing(world: World) -> None:
    import_people(world.kyiv, f"other,Exercise Officer,officer,desk,UKR,UKR,security-officer,{CLEARED},,,")
    pair = SigningPair.generate()
    world.kyiv.change_people("people.enrol-key", {"key": pair.public.encode(), "person": "other"})
    world.kyiv.people["other"] = pair
    proposal = proposed(world.kyiv, NEW)
    world.kyiv.act("other", "people.withdraw-office", {"office": "security-officer", "person": "security"})
    with pytest.raises(Refused) as refused:
        confirm(world.kyiv, "head", proposal)
    assert codes(refused) == {"people.proposer-gone"}


def test_what_a_list_takes_away_is_gone_at_once_and_what_it_adds_waits(world: World) -> None:
    row = row_of("originator").replace(",originator reader,", ",reader registrar,")
    proposal = proposed(world.kyiv, f"{row},,,")
    assert bodies(world.kyiv, "person")["originator"]["offices"] == ["reader"]
    confirm(world.kyiv, "head", proposal)
    assert bodies(world.kyiv, "person")["originator"]["offices"] == ["reader", "registrar"]


def test_what_only_narrows_needs_no_second_person(world: World) -> None:
    answer = world.kyiv.act("security", "people.import", csv_of(
        row_of("reader").replace("|2029-12-31|", "|2027-12-31|") + ",,,"
    ))
    assert answer.value == {"narrowed": 1, "proposed": 0, "unchanged": 0}
    world.kyiv.act("security", "people.withdraw-office", {"office": "reader", "person": "reader"})
    person = bodies(world.kyiv, "person")["reader"]
    assert person["clearances"][0]["until"] == "2027-12-31" and person["offices"] == []


@pytest.mark.parametrize(("kind", "params"), [
    ("people.withdraw-key", {}), ("people.leave", {}), ("people.withdraw-office", {"office": "reader"}),
])
def test_nobody_but_the_officer_narrows_and_never_themselves(world: World, kind: str, params: dict[str, Any]) -> None:
    for actor, subject in (("head", "reader"), ("security", "security"), ("reader", "reader")):
        with pytest.raises(Refused):
            world.kyiv.act(actor, kind, {"person": subject, **params})


def test_a_lost_key_is_dead_at_once_and_the_next_one_lives_when_confirmed(world: World) -> None:
    world.kyiv.act("security", "people.withdraw-key", {"person": "reader"})
    with pytest.raises(Unverified):
        view(world.kyiv, "reader", "view.items", {})
    pair = SigningPair.generate()
    answer = world.kyiv.act("security", "people.enrol-key", {"key": pair.public.encode(), "person": "reader"})
    world.kyiv.people["reader"] = pair
    with pytest.raises(Unverified):
        view(world.kyiv, "reader", "view.items", {})
    id = str(answer.value["proposal"])
    confirm(world.kyiv, "head", (id, bodies(world.kyiv, "people-proposal")[id]["binding"]))
    assert view(world.kyiv, "reader", "view.items", {})["items"] == []


def test_the_second_person_sees_the_fingerprint_that_the_owner_reads_out(world: World) -> None:
    from cordiale.message.personal import key_fingerprint

    pair = SigningPair.generate()
    answer = world.kyiv.act("security", "people.enrol-key", {"key": pair.public.encode(), "person": "reader"})
    shown = view(world.kyiv, "head", "view.people-proposal", {"proposal": answer.value["proposal"]})
    ((member,),) = [change["members"] for change in shown["changes"]]
    assert member["after"] == [key_fingerprint(pair.public, world.kyiv.registry.mode)]
    assert member["before"] not in ([], member["after"])


def test_one_key_is_proposed_for_one_person_only(world: World) -> None:
    key = SigningPair.generate().public.encode()
    with pytest.raises(OutOfOrder):
        proposed(world.kyiv, NEW, NEW.replace("new,", "newer,"), keys={"new": key, "newer": key})
    first = proposed(world.kyiv, NEW, keys={"new": key})
    second = proposed(world.kyiv, NEW.replace("new,", "newer,"), keys={"newer": key})
    confirm(world.kyiv, "head", first)
    with pytest.raises(OutOfOrder):
        confirm(world.kyiv, "head", second)


def test_no_list_brings_back_who_has_left(world: World) -> None:
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    with pytest.raises(OutOfOrder):
        world.kyiv.act("security", "people.import", csv_of(f"{row_of('reader')},,,"))
    with pytest.raises(CordialeError):
        view(world.kyiv, "reader", "view.items", {})


def test_another_nationality_or_party_takes_two(world: World) -> None:
    row = row_of("foreigner").replace("UKR POL", "UKR")
    proposal = proposed(world.kyiv, f"{row},,,")
    assert bodies(world.kyiv, "person")["foreigner"]["nationalities"] == ["POL", "UKR"]
    confirm(world.kyiv, "head", proposal)
    assert bodies(world.kyiv, "person")["foreigner"]["nationalities"] == ["UKR"]


def test_a_clearance_granted_anew_by_two_persons_counts(world: World) -> None:
    """The withdrawal stands beside it, and the old list changes nothing."""
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    again = row_of("reader").replace("|2026-01-01|", "|2026-09-01|")
    import_people(world.kyiv, f"{again},,,")
    held = bodies(world.kyiv, "person")["reader"]["clearances"]
    assert [(one["from"], "withdrawn_at" in one) for one in held] == [("2026-01-01", True), ("2026-09-01", False)]
    csv = f"{HEADER}\n{again},,,\n".encode()
    answer = world.kyiv.act("security", "people.import", {"csv": encode_base64url(csv)})
    assert answer.value == {"narrowed": 0, "proposed": 0, "unchanged": 1}
