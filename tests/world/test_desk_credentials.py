"""By what the desk knows people: it takes a code, an offer and a second person, and ends at once."""

from __future__ import annotations

import pytest
from tests.crypto.authenticator import Authenticator
from tests.world.at_desk import (
    ask,
    confirm_credential,
    do,
    enrolled,
    give_code,
    offer_passkey,
    sign_and_do,
    sign_in,
    signed_request,
)
from tests.world.comparing import audit, bodies
from tests.world.world import World

from cordiale.doors.control.acts import ACTS
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unverified
from cordiale.limits import INVITATION_LIFETIME_SECONDS, SIGNING_SECONDS_MAX
from cordiale.records.signed_in import Asked
from cordiale.records.signing_in import sign_out


@pytest.fixture
def world() -> World:
    return World.in_force(seed=401)


WITHDRAW = "people.withdraw-key"


def test_a_person_enrols_a_passkey_signs_in_and_signs(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "security", "head")
    signed_in = sign_in(tokyo, device)
    assert ask(tokyo, signed_in, "view.people", {})["people"]
    answer = sign_and_do(tokyo, signed_in, Asked(WITHDRAW, "act.one", {"person": "originator"}), device)
    assert answer.value == {"person": "originator"}
    assert bodies(tokyo, "person")["originator"]["keys"] == {}
    assert '"by":"passkey"' in bodies(tokyo, "signed-act")["act.one"]["signed"]
    assert audit(tokyo).findings == []


def test_an_offer_counts_for_nothing_before_a_second_person_confirms_it(world: World) -> None:
    device = Authenticator()
    waiting = offer_passkey(world.tokyo, give_code(world.tokyo, "registrar"), device)
    with pytest.raises(Unverified):
        sign_in(world.tokyo, device)
    confirm_credential(world.tokyo, "head", waiting)
    assert sign_in(world.tokyo, device).person == "registrar"


def test_whoever_invites_confirms_nothing_of_it_and_nobody_confirms_their_own(world: World) -> None:
    tokyo = world.tokyo
    invited = offer_passkey(tokyo, give_code(tokyo, "originator", by="security"), Authenticator())
    own = offer_passkey(tokyo, give_code(tokyo, "head"), Authenticator())
    for person, credential, code in (
        ("security", invited, "office.same-person"), ("originator", invited, "office.not-held"),
        ("head", own, "office.own-favour"),
    ):
        with pytest.raises(Refused) as refused:
            confirm_credential(tokyo, person, credential)
        assert {reason.code for reason in refused.value.decision.reasons} == {code}
    confirm_credential(tokyo, "head", invited)
    confirm_credential(tokyo, "security", own)


def test_only_the_security_officer_invites_and_never_themselves(world: World) -> None:
    for person, subject in (("registrar", "originator"), ("head", "originator"), ("security", "security")):
        with pytest.raises(Refused):
            give_code(world.tokyo, subject, by=person)


def test_a_code_opens_once_and_for_a_day(world: World) -> None:
    tokyo = world.tokyo
    code, late = give_code(tokyo, "registrar"), give_code(tokyo, "head")
    offer_passkey(tokyo, f" {code.upper()} ", Authenticator())
    with pytest.raises(Unverified) as used:
        offer_passkey(tokyo, code, Authenticator())
    with pytest.raises(Unverified) as unknown:
        offer_passkey(tokyo, code[:-1] + "x", Authenticator())
    for _ in range(INVITATION_LIFETIME_SECONDS // 3_000 + 1):
        world.clock.advance(seconds=3_000)
        tokyo.registry.now()
    with pytest.raises(Unverified) as expired:
        offer_passkey(tokyo, late, Authenticator())
    assert str(used.value) == str(unknown.value) == str(expired.value)


def test_the_code_stands_nowhere_in_the_books(world: World) -> None:
    code = give_code(world.tokyo, "registrar").replace("-", "")
    rows = [row.body for row in world.tokyo.registry.reads().every_version()]
    assert rows and not any(code[:12].encode() in row.replace(b"-", b"") for row in rows)


def test_a_confirmation_is_of_exactly_the_fingerprint_on_the_screen(world: World) -> None:
    tokyo = world.tokyo
    mine = offer_passkey(tokyo, give_code(tokyo, "registrar"), Authenticator())
    other = offer_passkey(tokyo, give_code(tokyo, "originator"), Authenticator())
    with pytest.raises(Unverified):
        tokyo.act("head", "desk.confirm", {
            "credential": mine.id, "fingerprint": ask_fingerprint(world, other.id),
        })
    assert bodies(tokyo, "credential")[mine.id]["state"] == "offered"


def ask_fingerprint(world: World, credential: str) -> str:
    device = enrolled(world.tokyo, "security", "head")
    shown = ask(world.tokyo, sign_in(world.tokyo, device), "view.credential", {"credential": credential})
    return str(shown["fingerprint"])


def test_an_offer_ends_with_the_key_that_vouched_for_it(world: World) -> None:
    tokyo = world.tokyo
    waiting = offer_passkey(tokyo, give_code(tokyo, "originator"), Authenticator())
    tokyo.act("security", WITHDRAW, {"person": "originator"})
    with pytest.raises(Refused) as refused:
        confirm_credential(tokyo, "head", waiting)
    assert {reason.code for reason in refused.value.decision.reasons} == {"people.proposer-key"}


def test_a_passkey_that_was_given_to_the_desk_before_is_not_taken_again(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "originator", "head")
    (credential,) = bodies(tokyo, "credential")
    with pytest.raises(OutOfOrder):
        offer_passkey(tokyo, give_code(tokyo, "registrar"), device)
    tokyo.act("security", "desk.withdraw", {"credential": credential})
    with pytest.raises(OutOfOrder):
        offer_passkey(tokyo, give_code(tokyo, "originator"), device)


def test_a_withdrawn_passkey_ends_what_was_begun_with_it_at_once(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "registrar", "head")
    signed_in = sign_in(tokyo, device)
    routine = Asked("duty.settle", "act.settle", {"duty": "none", "how": "done"})
    prepared = signed_request(tokyo, signed_in, Asked("absence.register", "act.a", {
        "office": "registrar", "person": "registrar",
    }), device)
    (credential,) = bodies(tokyo, "credential")
    tokyo.act("security", "desk.withdraw", {"credential": credential})
    for attempt in (
        lambda: ask(tokyo, signed_in, "view.duties", {}), lambda: do(tokyo, signed_in, routine),
        lambda: sign_in(tokyo, device),
        lambda: signed_request(tokyo, signed_in, routine, device),
    ):
        with pytest.raises(Unverified):
            attempt()
    with pytest.raises(Refused) as refused:
        ACTS["absence.register"](tokyo.registry, prepared)
    assert {reason.code for reason in refused.value.decision.reasons} == {"person.changed"}


def test_a_person_withdraws_their_own_and_nobody_elses(world: World) -> None:
    tokyo = world.tokyo
    enrolled(tokyo, "originator", "head")
    (credential,) = bodies(tokyo, "credential")
    told = []
    for id in (credential, "jpn.credential.none"):
        with pytest.raises(Refused) as refused:
            tokyo.act("registrar", "desk.withdraw", {"credential": id})
        told.append(str(refused.value))
    assert told[0] == told[1]
    tokyo.act("originator", "desk.withdraw", {"credential": credential})
    assert bodies(tokyo, "credential")[credential]["state"] == "withdrawn"


def test_what_others_are_known_by_is_shown_to_nobody_without_the_office(world: World) -> None:
    tokyo = world.tokyo
    enrolled(tokyo, "registrar", "head")
    (credential,) = bodies(tokyo, "credential")
    signed_in = sign_in(tokyo, enrolled(tokyo, "originator", "head"))
    told = []
    for kind, params in (
        ("view.credential", {"credential": credential}), ("view.credential", {"credential": "jpn.credential.none"}),
        ("view.credentials", {"person": "registrar"}), ("view.credentials", {"waiting": True}),
    ):
        with pytest.raises(Refused) as refused:
            ask(tokyo, signed_in, kind, params)
        told.append(str(refused.value))
    assert len(set(told)) == 1
    (own,) = ask(tokyo, signed_in, "view.credentials", {})["credentials"]
    assert own["person"] == "originator"


def test_the_last_who_can_propose_with_another_who_confirms_keep_what_they_sign_with(world: World) -> None:
    """Also where all but one have no key file any more."""
    tokyo = world.tokyo
    devices = {person: enrolled(tokyo, person, by) for person, by in (("security", "head"), ("head", "security"))}
    signed_in = sign_in(tokyo, devices["security"])
    for number, person in enumerate(("registrar", "head", "originator", "authority")):
        sign_and_do(tokyo, signed_in, Asked(WITHDRAW, f"act.k{number}", {"person": person}), devices["security"])
    own = {one["person"]: id for id, one in bodies(tokyo, "credential").items()}
    with pytest.raises(Refused) as refused:
        sign_and_do(tokyo, signed_in, Asked("desk.withdraw", "act.w", {"credential": own["head"]}), devices["security"])
    assert {reason.code for reason in refused.value.decision.reasons} == {"people.last-pair"}
    with pytest.raises(Refused):
        sign_and_do(tokyo, signed_in, Asked("people.leave", "act.l", {"person": "head"}), devices["security"])
    # The officer has a key file besides: without the passkey they go on signing.
    last = Asked("desk.withdraw", "act.own", {"credential": own["security"]})
    sign_and_do(tokyo, signed_in, last, devices["security"])


# -- signing in ---------------------------------------------------------------------------------------------


def test_whoever_does_not_sign_in_is_told_the_same_for_every_reason(world: World) -> None:
    tokyo = world.tokyo
    gone, wrong = enrolled(tokyo, "originator", "head"), enrolled(tokyo, "registrar", "head")
    waiting = Authenticator()
    offer_passkey(tokyo, give_code(tokyo, "head"), waiting)
    tokyo.act("security", "people.leave", {"person": "originator"})
    wrong.key = Authenticator().key
    told = set()
    for device in (gone, wrong, waiting, Authenticator()):
        with pytest.raises(Unverified) as unverified:
            sign_in(tokyo, device)
        told.add((unverified.value.code, str(unverified.value), unverified.value.hint))
    assert len(told) == 1


def test_signing_in_and_out_are_in_the_log_with_the_means_and_without_a_secret(world: World) -> None:
    tokyo = world.tokyo
    signed_in = sign_in(tokyo, enrolled(tokyo, "registrar", "head"))
    sign_out(tokyo.registry, signed_in)
    with pytest.raises(Unverified):
        ask(tokyo, signed_in, "view.duties", {})
    with pytest.raises(OutOfOrder):
        sign_out(tokyo.registry, signed_in)
    kinds = [act.kind for act in tokyo.registry.reads().acts("internal", 0, 10_000)]
    assert kinds[-2:] == ["desk.sign-in", "desk.sign-out"]
    (record,) = bodies(tokyo, "sign-in").values()
    assert (record["person"], record["means"]) == ("registrar", "passkey") and record["ended_at"]


def test_a_count_that_went_back_signs_nobody_in_and_is_in_the_log(world: World) -> None:
    """As that of a copy of the passkey would."""
    tokyo = world.tokyo
    device = enrolled(tokyo, "registrar", "head", Authenticator(is_counting=True))
    sign_in(tokyo, device)
    device.count = 0
    with pytest.raises(Refused) as refused:
        sign_in(tokyo, device)
    assert {reason.code for reason in refused.value.decision.reasons} == {"credential.count"}
    assert "desk.sign-in" in {one["act"] for one in bodies(tokyo, "refusal").values()}


# -- signing acts -------------------------------------------------------------------------------------------


def test_a_session_does_no_act_that_is_signed_for(world: World) -> None:
    signed_in = sign_in(world.tokyo, enrolled(world.tokyo, "security", "head"))
    with pytest.raises(Unverified):
        do(world.tokyo, signed_in, Asked(WITHDRAW, "act.one", {"person": "originator"}))


def test_a_passkey_signs_exactly_what_is_shown(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "security", "head")
    signed_in = sign_in(tokyo, device)
    asked = Asked(WITHDRAW, "act.one", {"person": "originator"})
    for shown in (
        Asked(WITHDRAW, "act.one", {"person": "head"}), Asked(WITHDRAW, "act.two", {"person": "originator"}),
        Asked("people.leave", "act.one", {"person": "originator"}),
    ):
        with pytest.raises(Unverified):
            signed_request(tokyo, signed_in, asked, device, shown=shown)


def test_a_page_that_was_shown_too_long_ago_or_is_still_to_come_is_not_signed(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "security", "head")
    signed_in = sign_in(tokyo, device)
    asked = Asked(WITHDRAW, "act.one", {"person": "originator"})
    at = tokyo.registry.now()
    world.clock.advance(seconds=SIGNING_SECONDS_MAX + 2)
    with pytest.raises(Unverified):
        signed_request(tokyo, signed_in, asked, device, at=at)
    with pytest.raises(Unverified):
        signed_request(tokyo, signed_in, asked, device, at=tokyo.registry.now().replace(year=2031))


def test_one_persons_passkey_signs_nothing_in_the_session_of_another(world: World) -> None:
    tokyo = world.tokyo
    officer, other = enrolled(tokyo, "security", "head"), enrolled(tokyo, "registrar", "head")
    with pytest.raises(Unverified):
        signed_request(
            tokyo, sign_in(tokyo, officer), Asked(WITHDRAW, "act.one", {"person": "originator"}), other
        )


def test_the_same_signed_act_again_is_the_same_act_with_the_same_answer(world: World) -> None:
    tokyo = world.tokyo
    device = enrolled(tokyo, "security", "head", Authenticator(is_counting=True))
    signed_in = sign_in(tokyo, device)
    request = signed_request(tokyo, signed_in, Asked(WITHDRAW, "act.one", {"person": "originator"}), device)
    first = ACTS[WITHDRAW](tokyo.registry, request)
    again = ACTS[WITHDRAW](tokyo.registry, request)
    assert (first.value, first.index) == (again.value, again.index)


def test_a_proposal_counts_while_the_passkey_that_signed_it_does(world: World) -> None:
    from tests.attack.test_people_proposals import row_of
    from tests.attack.test_persons import csv_of

    kyiv = world.kyiv
    device = enrolled(kyiv, "security", "head")
    signed_in = sign_in(kyiv, device)
    proposals = []
    for number, office in enumerate(("originator", "head")):
        row = row_of("reader").replace(",reader,", f",reader {office},")
        asked = Asked("people.import", f"act.p{number}", csv_of(f"{row},,,"))
        proposals.append(str(sign_and_do(kyiv, signed_in, asked, device).value["proposal"]))
    first, second = proposals
    binding = {id: one["binding"] for id, one in bodies(kyiv, "people-proposal").items()}
    kyiv.act("head", "people.confirm", {"proposal": first, "binding": binding[first]})
    assert "originator" in bodies(kyiv, "person")["reader"]["offices"]
    (credential,) = bodies(kyiv, "credential")
    kyiv.act("security", "desk.withdraw", {"credential": credential})
    with pytest.raises(CordialeError) as refused:
        kyiv.act("registrar", "people.confirm", {"proposal": second, "binding": binding[second]})
    assert isinstance(refused.value, Refused)
    assert "people.proposer-key" in {reason.code for reason in refused.value.decision.reasons}
