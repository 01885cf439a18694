"""The audit of acts verifies every kept proof again, and finds whatever a node has done in somebody's name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.crypto.authenticator import Authenticator
from tests.world.at_desk import do, enrolled, sign_and_do, sign_in, signed_request
from tests.world.comparing import bodies
from tests.world.test_journey import cross
from tests.world.world import Player, World

from cordiale.canonical import encode_canonical, encode_instant
from cordiale.errors import Unverified
from cordiale.message.personal import PersonalAct
from cordiale.model.mode import Mode
from cordiale.records.audit_proofs import ActsReport, audit_acts
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.proofs import SessionProof, encode_proof
from cordiale.records.registry import Request, asked_of, identify
from cordiale.records.signed_in import Asked, SignedIn, payload_of
from cordiale.records.signing_in import sign_in_as_persona, sign_out
from cordiale.rules.signing import Means

LEAVE = Asked("people.leave", "act.forged", {"person": "originator"})


@pytest.fixture
def world() -> World:
    return World.in_force(seed=402)


def proofs(player: Player, *, mode: Mode | None = None) -> ActsReport:
    registry = player.registry
    return audit_acts(registry.reads(), mode or registry.mode, registry.node)


def force(player: Player, request: Request, *, asked: str = "") -> None:
    """Let the node write an act with the proof that it has, and look at nothing, as one that was taken over would."""
    def run(session: Any) -> dict[str, Any]:
        session.put("signed-act", request.act.id, {
            "act": request.act.kind, "person": request.person.id, "signed": request.act.signed.decode(),
        })
        return {}

    player.registry.ledger.commit(Act(
        request.act.id, request.act.kind, request.person.id, INTERNAL, run, "",
        asked or asked_of(player.registry, request),
    ))


def test_every_act_of_an_honest_node_is_proved(world: World) -> None:
    cross(world)
    tokyo = world.tokyo
    device = enrolled(tokyo, "security", "head", Authenticator(is_counting=True))
    signed_in = sign_in(tokyo, device)
    sign_and_do(tokyo, signed_in, Asked("people.withdraw-key", "act.one", {"person": "originator"}), device)
    do(tokyo, signed_in, Asked("duty.add", "act.two", {
        "about": "look at the seals", "due": "2027-01-01", "office": "security-officer",
    }))
    sign_out(tokyo.registry, signed_in)
    (credential,) = bodies(tokyo, "credential")
    tokyo.act("security", "desk.withdraw", {"credential": credential})
    tokyo.act("head", "absence.register", {"office": "registrar", "person": "registrar"})
    report = proofs(tokyo)
    assert report.findings == []
    assert report.proved["key"] > 10
    assert {"signed by passkey": 1, "passkey": 1, "sign-in by passkey": 1}.items() <= report.proved.items()
    assert proofs(world.kyiv).findings == []


def device_and_session(player: Player) -> tuple[Authenticator, SignedIn]:
    device = enrolled(player, "security", "head")
    return device, sign_in(player, device)


def test_an_act_without_a_proof_is_found(world: World) -> None:
    world.tokyo.registry.ledger.commit(Act("act.forged", "people.leave", "security", INTERNAL, lambda _: {}))
    (finding,) = proofs(world.tokyo).findings
    assert "nothing is kept" in finding.text


def test_the_proof_of_one_act_is_none_of_another(world: World) -> None:
    tokyo = world.tokyo
    device, signed_in = device_and_session(tokyo)
    honest = signed_request(tokyo, signed_in, LEAVE, device)
    for number, changed in enumerate((
        {"id": "act.f0"}, {"id": "act.f1", "kind": "people.withdraw-key"},
        {"id": "act.f2", "params": {"person": "head"}},
    )):
        force(tokyo, replace(honest, act=replace(honest.act, **changed)))
        assert len(proofs(tokyo).findings) == number + 1
    force(tokyo, honest, asked="0" * 96)
    assert "asks something else" in proofs(tokyo).findings[-1].text


def test_a_session_alone_proves_no_act_that_is_signed_for(world: World) -> None:
    tokyo = world.tokyo
    device, signed_in = device_and_session(tokyo)
    honest = signed_request(tokyo, signed_in, LEAVE, device)
    force(tokyo, replace(honest, act=replace(honest.act, signed=without_signature(honest.act.signed))))
    (finding,) = proofs(tokyo).findings
    assert "signed for by itself" in finding.text


def without_signature(proof: bytes) -> bytes:
    value = json.loads(proof)
    del value["proof"]["signed"]
    return encode_canonical(value)


def test_a_passkey_signs_for_nobody_else_and_not_after_it_was_withdrawn(world: World) -> None:
    tokyo = world.tokyo
    device, signed_in = device_and_session(tokyo)
    honest = signed_request(tokyo, signed_in, LEAVE, device)
    another = replace(honest.person, id=type(honest.person.id)("head"))
    force(tokyo, replace(honest, person=another))
    assert len(proofs(tokyo).findings) == 1
    late = signed_request(tokyo, signed_in, replace(LEAVE, id="act.late"), device)
    (credential,) = bodies(tokyo, "credential")
    tokyo.act("security", "desk.withdraw", {"credential": credential})
    force(tokyo, late)
    assert len(proofs(tokyo).findings) == 2


def test_a_session_that_had_ended_proves_nothing(world: World) -> None:
    tokyo = world.tokyo
    device, signed_in = device_and_session(tokyo)
    late = signed_request(tokyo, signed_in, LEAVE, device)
    sign_out(tokyo.registry, signed_in)
    force(tokyo, late)
    (finding,) = proofs(tokyo).findings
    assert "session" in finding.text


def test_a_persona_proves_acts_of_an_exercise_and_none_that_is_real(world: World) -> None:
    tokyo = world.tokyo
    signed_in = sign_in_as_persona(tokyo.registry, "security")
    do(tokyo, signed_in, Asked("people.withdraw-key", "act.persona", {"person": "originator"}))
    report = proofs(tokyo)
    assert report.findings == [] and report.proved["persona"] == 1


def test_a_persona_proves_nothing_that_is_real() -> None:
    tokyo = World.founded(mode=Mode.REAL, seed=5).tokyo
    tokyo.act("security", "absence.register", {"office": "registrar", "person": "registrar"})
    assert proofs(tokyo).findings == []
    person = identify(tokyo.registry, tokyo.request("security", LEAVE.kind, LEAVE.params)).person
    at = tokyo.registry.now()
    payload = payload_of(tokyo.registry, LEAVE, at)
    proof = encode_proof(payload, SessionProof(Means.PERSONA, "jpn.session.x", encode_instant(at)), None)
    act = PersonalAct(LEAVE.kind, LEAVE.id, tokyo.registry.node, at, dict(LEAVE.params), proof)
    force(tokyo, Request(act, person))
    (finding,) = proofs(tokyo).findings
    assert "name alone" in finding.text
    with pytest.raises(Unverified):
        sign_in_as_persona(tokyo.registry, "security")


def test_a_forged_sign_in_is_found(world: World) -> None:
    tokyo = world.tokyo
    device_and_session(tokyo)
    (honest,) = bodies(tokyo, "sign-in").values()
    forged = {**honest, "proof": {**honest["proof"], "challenge": "AAAA"}}

    def run(session: Any) -> dict[str, Any]:
        session.put("sign-in", "jpn.session.forged", forged)
        return {}

    tokyo.registry.ledger.commit(Act("jpn.sign-in.x", "desk.sign-in", "security", INTERNAL, run))
    (finding,) = proofs(tokyo).findings
    assert finding.place == "sign-in jpn.session.forged"
