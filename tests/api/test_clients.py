"""Machine clients: never wider than what they were entered for nor than their person, and each of them named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import Client
from tests.api.test_api import FILE, PAPER, told
from tests.world.comparing import audit, bodies
from tests.world.world import World

from cordiale.crypto.signatures import SigningPair
from cordiale.doors.api.questions import Questions
from cordiale.doors.control.acts import ACTS, CONTENT_ACTS
from cordiale.doors.control.views import VIEWS
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable, Unverified
from cordiale.limits import API_QUESTIONS_COUNT_MAX, CLIENT_LIFETIME_DAYS_MAX, REQUEST_SKEW_SECONDS_MAX
from cordiale.records.audit_proofs import audit_acts
from cordiale.records.client_standing import CLIENT, CLIENT_ACT
from cordiale.records.registry import identify
from cordiale.rules.clients import EVERY_VIEW, decide_scopes, scopes_for
from cordiale.rules.signing import is_strong

SHOWN = ("client", "fingerprint", "name", "person", "scopes", "valid_until")


@pytest.fixture
def world() -> World:
    return World.in_force(seed=733)


def last_day(world: World, days: int = 30) -> str:
    return (world.clock.now() + timedelta(days=days)).date().isoformat()


def enter(world: World, *scopes: str, person: str = "originator", **other: Any) -> str:
    """Let the security officer enter a client, whose key is then that of `robot`."""
    world.tokyo.people["robot"] = SigningPair.generate()
    params = {
        "key": world.tokyo.people["robot"].public.encode(), "name": "draft system", "person": person,
        "scopes": list(scopes), "until": last_day(world), **other,
    }
    return str(world.tokyo.act("security", "client.add", params).value["client"])


def confirm(world: World, client: str, *, by: str = "head", **other: Any) -> None:
    request = identify(world.tokyo.registry, world.tokyo.request(by, "view.clients", {}))
    (shown,) = [one for one in VIEWS["view.clients"](world.tokyo.registry, request)["clients"]
                if one["client"] == client]
    world.tokyo.act(by, "client.confirm", {**{name: shown[name] for name in SHOWN}, **other})


def confirmed(world: World, *scopes: str, person: str = "originator") -> str:
    client = enter(world, *scopes, person=person)
    confirm(world, client)
    return client


def reasons(told_: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in told_["reasons"]}


def test_a_client_does_what_it_was_entered_for_and_nothing_else(world: World) -> None:
    client = confirmed(world, "label", "view.item")
    door = Client.of(world.tokyo)
    done = door.act(world.tokyo.request("robot", "label", PAPER))
    assert done.status_code == 200, done.text
    item = done.json()["answer"]["item"]
    assert door.view(world.tokyo.request("robot", "view.item", {"item": item})).status_code == 200
    told_ = told(door.act(world.tokyo.request("robot", "search.save", {})), 403, "refused.client")
    assert reasons(told_) == {"client.scope"} and told_["trail"].startswith("internal ")
    assert reasons(told(door.view(world.tokyo.request("robot", "view.today", {})), 403, "refused.client")) == {
        "client.scope"
    }
    deposited = door.deposit(world.tokyo.sign_deposit("robot", FILE, b"the convoy rests at noon"))
    assert deposited.status_code == 200, deposited.text
    assert set(bodies(world.tokyo, CLIENT_ACT)) and {
        one["client"] for one in bodies(world.tokyo, CLIENT_ACT).values()
    } == {client}
    assert audit(world.tokyo).findings == []


def test_a_deposit_out_of_scope_is_not_taken_in(world: World) -> None:
    confirmed(world, EVERY_VIEW)
    before = len(world.tokyo.objects.contents)
    sent = world.tokyo.sign_deposit("robot", FILE, b"the convoy rests at noon")
    assert reasons(told(Client.of(world.tokyo).deposit(sent), 403, "refused.client")) == {"client.scope"}
    assert len(world.tokyo.objects.contents) == before


def test_the_offices_of_the_person_narrow_as_well_and_at_once(world: World) -> None:
    confirmed(world, "label", EVERY_VIEW)
    door = Client.of(world.tokyo)
    told(door.view(world.tokyo.request("robot", "view.trail", {"log": "internal"})), 403, "refused.view")
    world.tokyo.act("security", "people.withdraw-office", {"person": "originator", "office": "originator"})
    told(door.act(world.tokyo.request("robot", "label", PAPER)), 403, "refused.label")
    world.tokyo.act("security", "people.leave", {"person": "originator"})
    told(door.view(world.tokyo.request("robot", "view.items", {})), 400, "person.left")


def test_a_withdrawn_client_does_nothing_from_then_on(world: World) -> None:
    client = confirmed(world, "label", "view.items")
    door = Client.of(world.tokyo)
    signed = world.tokyo.request("robot", "label", PAPER)
    assert door.act(signed).status_code == 200
    world.tokyo.act("security", "client.withdraw", {"client": client})
    size = world.tokyo.registry.reads().log_size("internal")
    for asked in (door.act(signed), door.act(world.tokyo.request("robot", "label", PAPER)),
                  door.view(world.tokyo.request("robot", "view.items", {}))):
        assert reasons(told(asked, 403, "refused.client")) == {"client.withdrawn"}
    assert world.tokyo.registry.reads().log_size("internal") == size
    with pytest.raises(OutOfOrder):
        world.tokyo.act("security", "client.withdraw", {"client": client})


def test_a_client_is_withdrawn_by_its_person_or_the_security_officer_and_nobody_else(world: World) -> None:
    client = confirmed(world, "label")
    with pytest.raises(Refused):
        world.tokyo.act("registrar", "client.withdraw", {"client": client})
    world.tokyo.act("originator", "client.withdraw", {"client": client})
    assert bodies(world.tokyo, CLIENT)[client]["state"] == "withdrawn"


def test_an_act_of_a_client_that_is_withdrawn_meanwhile_is_not_done(world: World) -> None:
    """What the door has let in is asked again where it is written."""
    from cordiale.records.clients import identify_client, require_scope

    client = confirmed(world, "label")
    request = require_scope(
        world.tokyo.registry, identify_client(world.tokyo.registry, world.tokyo.request("robot", "label", PAPER))
    )
    world.tokyo.act("security", "client.withdraw", {"client": client})
    with pytest.raises(Refused) as refused:
        ACTS["label"](world.tokyo.registry, request)
    assert {reason.code for reason in refused.value.decision.reasons} == {"client.withdrawn"}


def test_a_client_ends_with_its_last_day(world: World) -> None:
    confirmed(world, "view.items")
    for _ in range(31 * 24 + 1):
        world.clock.advance(seconds=3_600)
        world.tokyo.registry.now()
    asked = Client.of(world.tokyo).view(world.tokyo.request("robot", "view.items", {}))
    assert reasons(told(asked, 403, "refused.client")) == {"client.ended"}


def test_what_a_person_signs_for_is_in_no_client(world: World) -> None:
    kinds = {*ACTS, *CONTENT_ACTS}
    assert {kind for kind in kinds if scopes_for(kind)} == {kind for kind in kinds if not is_strong(kind)}
    assert all(not decide_scopes([kind]).is_allowed for kind in kinds if is_strong(kind))
    for scope in ("release.approve", "client.confirm", "*", "release.*", "read", "read.open", "make-tea"):
        with pytest.raises(Refused) as refused:
            enter(world, "label", scope)
        assert {reason.code for reason in refused.value.decision.reasons} == {"client.no-scope"}
    confirmed(world, EVERY_VIEW, person="authority")
    asked = Client.of(world.tokyo).act(world.tokyo.request("robot", "release.approve", {}))
    assert reasons(told(asked, 403, "refused.client")) == {"client.scope"}


def test_a_client_takes_two_and_neither_is_its_person(world: World) -> None:
    for person, holder in (("registrar", "originator"), ("security", "security")):
        with pytest.raises(Refused):
            world.tokyo.act(person, "client.add", {
                "key": SigningPair.generate().public.encode(), "name": "x", "person": holder, "scopes": ["label"],
                "until": last_day(world),
            })
    client = enter(world, "label", person="registrar")
    for person in ("security", "registrar"):
        with pytest.raises(Refused):
            confirm(world, client, by=person)
    door = Client.of(world.tokyo)
    told_ = told(door.act(world.tokyo.request("robot", "label", PAPER)), 403, "refused.client")
    assert reasons(told_) == {"client.unconfirmed"}
    confirm(world, client)
    with pytest.raises(OutOfOrder):
        confirm(world, client)


@pytest.mark.parametrize("other", [
    {"scopes": ["label", "view.*"]}, {"person": "head"}, {"fingerprint": "0000"}, {"name": "y"},
    {"valid_until": "2099-01-01T00:00:00Z"},
])
def test_a_confirmation_is_of_exactly_what_was_entered(world: World, other: dict[str, Any]) -> None:
    client = enter(world, "label")
    with pytest.raises(Unverified):
        confirm(world, client, **other)
    assert bodies(world.tokyo, CLIENT)[client]["state"] == "proposed"


def test_an_entry_ends_with_the_key_of_who_made_it(world: World) -> None:
    client = enter(world, "label")
    world.tokyo.enter_people(
        "id,name,post,unit,represents,nationalities,offices,clearances\n"
        "second,Second,second of the desk,desk,JPN,JPN,security-officer,\n"
    )
    world.tokyo.act("second", "people.withdraw-key", {"person": "security"})
    with pytest.raises(Refused) as refused:
        confirm(world, client)
    assert {reason.code for reason in refused.value.decision.reasons} == {"people.proposer-key"}


def test_a_client_counts_a_limited_time(world: World) -> None:
    for days in (-1, CLIENT_LIFETIME_DAYS_MAX + 1):
        with pytest.raises(OutOfOrder):
            enter(world, "label", until=last_day(world, days))


def test_a_key_is_a_persons_or_a_clients_and_never_both(world: World) -> None:
    tokyo = world.tokyo
    with pytest.raises(OutOfOrder):
        enter(world, "label", key=tokyo.people["head"].public.encode())
    client = enter(world, "label")
    key = tokyo.people["robot"].public.encode()
    tokyo.act("security", "client.withdraw", {"client": client})
    with pytest.raises(OutOfOrder):
        enter(world, "label", key=key)
    with pytest.raises(OutOfOrder):
        tokyo.act("security", "people.enrol-key", {"person": "originator", "key": key})


def test_a_client_is_nobody_at_the_private_socket(world: World) -> None:
    confirmed(world, "label", EVERY_VIEW)
    for kind in ("label", "view.items", "read"):
        with pytest.raises(CordialeError) as error:
            identify(world.tokyo.registry, world.tokyo.request("robot", kind, PAPER))
        assert error.value.code == "person.unknown-key"


def test_the_trail_names_the_client_beside_the_person_and_its_proof_holds(world: World) -> None:
    confirmed(world, "label")
    door = Client.of(world.tokyo)
    assert door.act(world.tokyo.request("robot", "label", PAPER)).status_code == 200
    told(door.act(world.tokyo.request("robot", "search.save", {})), 403, "refused.client")
    assert door.act(world.tokyo.request("originator", "label", PAPER)).status_code == 200
    shown = door.view(world.tokyo.request("security", "view.trail", {"log": "internal", "count": 1_000})).json()
    done, refused, own = shown["answer"]["entries"][-3:]
    assert (done["actor"], done["client"], done["outcome"]) == ("Exercise Originator", "draft system", "done")
    assert (refused["actor"], refused["client"], refused["reasons"]) == (
        "Exercise Originator", "draft system", ["client.scope"]
    )
    assert "client" not in own
    report = audit_acts(world.tokyo.registry.reads(), world.tokyo.registry.mode, world.tokyo.registry.node)
    assert report.findings == [] and report.proved["key of a client"] == 1


def test_a_question_is_answered_once(world: World) -> None:
    confirmed(world, EVERY_VIEW)
    door = Client.of(world.tokyo)
    for person in ("originator", "robot"):
        signed = world.tokyo.request(person, "view.items", {}, act_id="act.same")
        assert door.view(signed).status_code == 200
        told(door.view(signed), 409, "question.repeated")
        other = world.tokyo.request(person, "view.today", {}, act_id="act.same")
        told(door.view(other), 409, "question.repeated")


def test_a_question_from_before_the_start_is_not_answered(world: World) -> None:
    signed = world.tokyo.request("originator", "view.items", {})
    world.clock.advance(seconds=2)
    told(Client.of(world.tokyo).view(signed), 400, "question.before-start")


def test_with_the_clock_in_doubt_at_the_start_nothing_signed_before_is_answered(world: World) -> None:
    questions = Questions(None)
    early = identify(world.tokyo.registry, world.tokyo.request("originator", "view.items", {}))
    world.clock.advance(seconds=2)
    now = world.tokyo.registry.now()
    with pytest.raises(Unverified):
        questions.require_first(early, now)
    late = identify(world.tokyo.registry, world.tokyo.request("originator", "view.items", {}))
    assert questions.require_first(late, now) is late


def test_questions_are_remembered_while_their_time_is_accepted_and_no_longer(world: World) -> None:
    from dataclasses import replace

    start = world.tokyo.registry.now()
    request = identify(world.tokyo.registry, world.tokyo.request("originator", "view.items", {}))
    questions = Questions(start)

    def ask(number: int, at: Any = start) -> None:
        act = replace(request.act, id=f"act.{number}", at=at)
        questions.require_first(replace(request, act=act), at)

    for number in range(API_QUESTIONS_COUNT_MAX):
        ask(number)
    last = start + timedelta(seconds=REQUEST_SKEW_SECONDS_MAX)
    with pytest.raises(Unavailable):
        ask(API_QUESTIONS_COUNT_MAX, last)
    ask(API_QUESTIONS_COUNT_MAX, last + timedelta(seconds=1))
