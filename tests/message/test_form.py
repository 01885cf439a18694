"""The one message form: what comes back, what is refused, in which family and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.bodies import BODIES
from tests.message.samples import (
    KYIV,
    NOW,
    SAMPLES,
    TOKYO,
    expectations,
    log_of,
    message_of,
    pair,
    signer_of,
    statement_of,
)
from tests.trying import tried

from cordiale.canonical import encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import cosign_object, sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import CordialeError, Malformed, Refused, Undecidable, Unverified
from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.body import Reply
from cordiale.message.form import (
    Message,
    encode_message,
    message_digest,
    parse_message,
    read_unverified_routing,
    sign_message,
)
from cordiale.message.members import Correspondent, LogHead
from cordiale.message.negotiation import Terms
from cordiale.message.trust import public_pair
from cordiale.message.verification import Expectations, read_unverified_object, verify_message
from cordiale.model.mode import Mode
from cordiale.model.names import MessageId, NodeId, PartyId

TYPES = sorted(BODY_TYPES)
TYP = object_type(Purpose.MESSAGE, Mode.EXERCISE)
CONSIGNMENT = SAMPLES["consignment"]


def members_of(message: Message) -> dict[str, Any]:
    value = parse_canonical(encode_message(message), size_max=10**7)
    assert isinstance(value, dict)
    return value


def signed(members: dict[str, Any], key: SigningPair | None = None) -> bytes:
    return sign_object(encode_canonical(members), TYP, [key or signer_of()])


def refusal_of(data: bytes, expected: Expectations | None = None) -> CordialeError:
    with pytest.raises(CordialeError) as told:
        verify_message(data, expected or expectations())
    return told.value


@pytest.mark.parametrize("name", TYPES)
def test_a_full_message_of_every_type_comes_back(name: str) -> None:
    message = message_of(SAMPLES[name])
    assert message.type == name
    assert verify_message(sign_message(message, signer_of()), expectations()) == message


@tried(40)
@given(data=st.data())
def test_a_message_comes_back_as_it_was_written(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(TYPES).flatmap(BODIES.__getitem__))
    full = message_of(body)
    bare: dict[str, Any] = {"after": (), "checkpoint": None, "seen": None}
    if not full.row.needs_agreement:
        bare |= {"agreement": "", "agreement_version": 0}
    if full.row.reply is Reply.MAY:
        bare["in_reply_to"] = ""
    chosen = {name: value for name, value in bare.items() if name in data.draw(st.sets(st.sampled_from(sorted(bare))))}
    if {"agreement", "agreement_version"} & set(chosen):
        chosen |= {"agreement": "", "agreement_version": 0}
    message = replace(full, **chosen)
    assert parse_message(encode_message(message)) == message


def head(origin: str, *signatures: str) -> dict[str, Any]:
    return {"origin": origin, "root": "A" * 43, "signatures": list(signatures), "size": 1}


class TestEveryMember:
    """Signed rightly, with one member spoilt."""

    @pytest.mark.parametrize("name", sorted(members_of(message_of(SAMPLES["receipt"]))))
    def test_it_is_of_its_form(self, name: str) -> None:
        members = members_of(message_of(SAMPLES["receipt"]))
        wrongs: list[Any] = [None, True, {}, [None], -1, "", "a\u202eb", 2**53 - 1]
        for wrong in wrongs:
            if name == "seq" and wrong == 2**53 - 1:
                continue
            error = refusal_of(signed({**members, name: wrong}))
            expected = Undecidable if name == "statement_version" and wrong == 2**53 - 1 else Malformed
            assert isinstance(error, expected), f"{name}={wrong!r}: {error!r}"

    @pytest.mark.parametrize("name", sorted(members_of(message_of(SAMPLES["receipt"]))))
    def test_it_is_needed_or_its_absence_means_one_thing(self, name: str) -> None:
        members = members_of(message_of(SAMPLES["receipt"]))
        del members[name]
        if name in ("checkpoint", "seen"):
            assert getattr(verify_message(signed(members), expectations()), name) is None
        else:
            assert isinstance(refusal_of(signed(members)), Malformed)

    def test_no_other_is_known(self) -> None:
        members = members_of(message_of(CONSIGNMENT))
        for place in ({**members, "more": 1}, {**members, "sender": {**members["sender"], "more": 1}},
                      {**members, "seen": {**members["seen"], "more": 1}},
                      {**members, "body": {**members["body"], "more": 1}}):
            error = refusal_of(signed(place))
            assert (type(error), error.code) == (Malformed, "field.unknown")

    @pytest.mark.parametrize(("change", "family", "code"), [
        ({"protocol": 2}, Malformed, "message.protocol-unknown"),
        ({"protocol": "1"}, Malformed, "message.protocol-unknown"),
        ({"suite": "2"}, Malformed, "message.terms"),
        ({"mode": "real"}, Unverified, "message.mode"),
        ({"type": "consignement"}, Malformed, "message.type-unknown"),
        ({"type": "chase"}, Malformed, "field.missing"),
        ({"agreement": "Ex-1"}, Malformed, "name.identifier"),
        ({"agreement_version": 0}, Malformed, "field.integer"),
        ({"sender": {"party": "POL", "node": "kyiv.ukr"}}, Unverified, "message.sender"),
        ({"sender": {"party": "UKR", "node": "odesa.ukr"}}, Unverified, "message.sender"),
        ({"sender": {"party": "ukr", "node": "kyiv.ukr"}}, Malformed, "name.party"),
        ({"audience": {"party": "POL", "node": "tokyo.jpn"}}, Unverified, "message.audience"),
        ({"audience": {"party": "JPN", "node": "osaka.jpn"}}, Unverified, "message.audience"),
        ({"audience": {"party": "UKR", "node": "kyiv.ukr"}}, Malformed, "message.to-itself"),
        ({"seq": 0}, Malformed, "field.integer"),
        ({"in_reply_to": "message-1"}, Malformed, "message.reply"),
        ({"after": ["message-1", "message-0"]}, Malformed, "message.list-order"),
        ({"after": ["message-1", "message-1"]}, Malformed, "message.list-order"),
        ({"after": ["message-2"]}, Malformed, "message.predecessors"),
        ({"after": [f"m-{number:03d}" for number in range(65)]}, Malformed, "field.count"),
        ({"precedence": "order"}, Malformed, "field.constant"),
        ({"sent_at": "2026-11-16T10:00:00+01:00"}, Malformed, "field.instant"),
        ({"sent_at": "2026-11-16T09:05:01Z"}, Undecidable, "message.sent-later"),
        ({"checkpoint": head("other.example/exercise/log")}, Unverified, "message.log-origin"),
        ({"seen": head(log_of(KYIV))}, Unverified, "message.log-origin"),
        ({"seen": {"origin": log_of(TOKYO), "size": 1, "root": "A" * 43}}, Malformed, "field.missing"),
        ({"seen": head(log_of(TOKYO), "A=")}, Malformed, "base64url.form"),
        ({"seen": head(log_of(TOKYO), "")}, Malformed, "field.texts"),
        ({"seen": head(log_of(TOKYO), "A" * 8_193)}, Malformed, "field.texts"),
        ({"seen": head(log_of(TOKYO), *["AAAA"] * 17)}, Malformed, "field.count"),
        ({"statement_version": 4}, Undecidable, "message.statement-newer"),
        ({"statement_version": 0}, Malformed, "field.integer"),
    ])
    def test_what_is_wrong_is_told_in_its_family(
        self, change: dict[str, Any], family: type[CordialeError], code: str
    ) -> None:
        error = refusal_of(signed({**members_of(message_of(CONSIGNMENT)), **change}))
        assert (type(error), error.code) == (family, code)

    def test_five_minutes_between_two_clocks_are_forgiven(self) -> None:
        message = message_of(CONSIGNMENT, sent_at=NOW + timedelta(minutes=5))
        assert verify_message(sign_message(message, signer_of()), expectations()) == message

    @pytest.mark.parametrize("name", TYPES)
    def test_a_message_names_its_agreement_unless_its_type_needs_none(self, name: str) -> None:
        row = BODY_TYPES[name]
        members = members_of(message_of(SAMPLES[name]))
        bare = {key: value for key, value in members.items() if key not in ("agreement", "agreement_version")}
        half = {key: value for key, value in members.items() if key != "agreement_version"}
        assert refusal_of(signed(half)).code == "message.agreement"
        if row.needs_agreement:
            assert refusal_of(signed(bare)).code == "message.agreement"
        else:
            assert verify_message(signed(bare), expectations()).agreement == ""

    @pytest.mark.parametrize("name", TYPES)
    def test_an_answer_names_what_it_answers(self, name: str) -> None:
        members = members_of(message_of(SAMPLES[name]))
        members.pop("in_reply_to", None)
        with_reply, without_reply = signed({**members, "in_reply_to": "message-0"}), signed(members)
        reply = BODY_TYPES[name].reply
        for data, good in ((with_reply, reply is not Reply.NEVER), (without_reply, reply is not Reply.MUST)):
            if good:
                verify_message(data, expectations())
            else:
                assert refusal_of(data).code == "message.reply"


class TestSignatures:
    def test_another_key_does_not_do(self) -> None:
        message = message_of(CONSIGNMENT)
        for key in (pair("stranger"), pair("kyiv.ukr authority"), pair("UKR root 0"), signer_of(TOKYO)):
            assert isinstance(refusal_of(sign_message(message, key)), Unverified)

    def test_half_a_pair_does_not_do(self) -> None:
        message = message_of(CONSIGNMENT)
        own, other = signer_of(), pair("stranger")
        for half in (SigningPair(own.ed25519, other.ml_dsa_65), SigningPair(other.ed25519, own.ml_dsa_65)):
            assert isinstance(refusal_of(sign_message(message, half)), Unverified)

    def test_halves_of_two_registry_keys_do_not_make_one(self) -> None:
        first, second = signer_of(), pair("kyiv.ukr next registry")
        sender = statement_of(registry_keys=(public_pair(first.public), public_pair(second.public)))
        mixed = SigningPair(first.ed25519, second.ml_dsa_65)
        assert isinstance(
            refusal_of(sign_message(message_of(CONSIGNMENT), mixed), expectations(sender=sender)), Unverified
        )

    def test_while_keys_rotate_either_will_do(self) -> None:
        first, second = signer_of(), pair("kyiv.ukr next registry")
        sender = statement_of(registry_keys=(public_pair(second.public), public_pair(first.public)), version=4)
        for key in (first, second):
            verify_message(sign_message(message_of(CONSIGNMENT), key), expectations(sender=sender))

    def test_a_key_that_was_taken_out_does_not_do(self) -> None:
        sender = statement_of(registry_keys=(public_pair(pair("kyiv.ukr next registry").public),), version=4)
        assert isinstance(
            refusal_of(sign_message(message_of(CONSIGNMENT), signer_of()), expectations(sender=sender)), Unverified
        )

    def test_nothing_is_added_to_a_signed_message(self) -> None:
        data = cosign_object(sign_message(message_of(CONSIGNMENT), signer_of()), TYP, [pair("stranger")])
        error = refusal_of(data)
        assert (type(error), error.code) == (Malformed, "message.signatures")

    def test_a_signature_is_looked_at_before_the_content(self) -> None:
        members = {**members_of(message_of(CONSIGNMENT)), "type": "unknown", "protocol": 9}
        assert isinstance(refusal_of(signed(members, pair("stranger"))), Unverified)
        assert isinstance(refusal_of(signed(members)), Malformed)

    @tried(60)
    @given(st.data())
    def test_no_altered_byte_passes(self, data: st.DataObject) -> None:
        original = WHOLE
        place = data.draw(st.integers(0, len(original) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda one: one != original[place]))
        error = refusal_of(original[:place] + bytes([byte]) + original[place + 1 :])
        assert isinstance(error, (Malformed, Unverified, Undecidable))

    @tried(40)
    @given(st.integers(0, 10**6))
    def test_no_truncated_message_passes(self, length: int) -> None:
        assert isinstance(refusal_of(WHOLE[: length % len(WHOLE)]), Malformed)
        assert isinstance(refusal_of(WHOLE + WHOLE[: 1 + length % len(WHOLE)]), Malformed)

    def test_the_payload_of_another_message_does_not_fit(self) -> None:
        one = parse_canonical(WHOLE, size_max=10**7)
        assert isinstance(one, dict)
        payload = encode_base64url(encode_message(message_of(CONSIGNMENT, seq=3)))
        assert isinstance(refusal_of(encode_canonical({**one, "payload": payload})), Unverified)

    def test_an_object_signed_for_another_purpose_is_no_message(self) -> None:
        payload = encode_message(message_of(CONSIGNMENT))
        for purpose in Purpose:
            if purpose is not Purpose.MESSAGE:
                data = sign_object(payload, object_type(purpose, Mode.EXERCISE), [signer_of()])
                assert isinstance(refusal_of(data), Unverified)


WHOLE = sign_message(message_of(CONSIGNMENT), signer_of())


class TestModeTermsAndTime:
    @pytest.mark.parametrize("mode", Mode)
    def test_exercise_and_real_never_meet(self, mode: Mode) -> None:
        other = Mode.REAL if mode is Mode.EXERCISE else Mode.EXERCISE
        message = message_of(CONSIGNMENT, mode=other, checkpoint=None, seen=None)
        expected = expectations(own=statement_of(TOKYO, mode=mode), sender=statement_of(KYIV, mode=mode))
        error = refusal_of(sign_message(message, signer_of()), expected)
        assert (type(error), error.code) == (Unverified, "message.mode")

    def test_an_expired_statement_cannot_tell(self) -> None:
        expected = expectations(now=NOW + timedelta(days=355))
        error = refusal_of(WHOLE, expected)
        assert (type(error), error.code) == (Undecidable, "trust.statement-expired")

    def test_a_message_under_a_newer_statement_waits_for_it(self) -> None:
        message = message_of(CONSIGNMENT, statement_version=4)
        error = refusal_of(sign_message(message, pair("kyiv.ukr next registry")))
        assert (type(error), error.code) == (Undecidable, "message.statement-newer")

    def test_a_message_under_an_older_statement_passes_while_its_key_is_listed(self) -> None:
        message = message_of(CONSIGNMENT, statement_version=2)
        assert verify_message(sign_message(message, signer_of()), expectations()) == message

    def test_a_message_that_verified_is_refused_once_its_key_is_withdrawn(self) -> None:
        verify_message(WHOLE, expectations())
        without = statement_of(registry_keys=(public_pair(pair("kyiv.ukr next registry").public),), version=4)
        error = refusal_of(WHOLE, expectations(sender=without))
        assert (type(error), error.code) == (Unverified, "object.threshold-missed")

    def test_less_than_the_floor_is_refused(self) -> None:
        error = refusal_of(WHOLE, expectations(floors=(Terms(1, "2"),)))
        assert isinstance(error, Refused)
        verify_message(WHOLE, expectations(floors=(Terms(1, "1"),)))

    def test_terms_that_a_statement_does_not_list_are_refused(self) -> None:
        for change in ({"sender": statement_of(KYIV, suites=("2",))}, {"own": statement_of(TOKYO, suites=("2",))},
                       {"own": statement_of(TOKYO, protocols=(2,))}):
            assert refusal_of(WHOLE, expectations(**change)).code == "message.terms"


class TestDigestAndRouting:
    def test_the_digest_is_of_the_exact_bytes_in_the_mode(self) -> None:
        digests = {message_digest(WHOLE, mode) for mode in Mode} | {message_digest(WHOLE + b" ", Mode.EXERCISE)}
        assert len(digests) == 3

    def test_a_message_signed_twice_is_two_messages(self) -> None:
        again = sign_message(message_of(CONSIGNMENT), signer_of())
        assert message_digest(again, Mode.EXERCISE) != message_digest(WHOLE, Mode.EXERCISE)

    def test_the_routing_of_a_message_is_read_without_its_keys(self) -> None:
        routing = read_unverified_routing(read_unverified_object(WHOLE).unverified_payload)
        assert (routing.party, routing.node, routing.id, routing.type, routing.statement_version) == (
            "UKR", "kyiv.ukr", "message-2", "consignment", 3,
        )

    @pytest.mark.parametrize("payload", [b"[]", b"{}", b'"x"', b'{"id":1,"sender":[],"statement_version":true}'])
    def test_the_routing_of_whatever_comes_is_empty_and_no_error(self, payload: bytes) -> None:
        routing = read_unverified_routing(payload)
        assert (routing.party, routing.id, routing.statement_version) == ("", "", 0)


class TestConstruction:
    @pytest.mark.parametrize("change", [
        {"agreement": ""}, {"agreement_version": 0}, {"in_reply_to": MessageId("message-1")}, {"audience": KYIV},
        {"after": (MessageId("message-2"),)}, {"after": (MessageId("b"), MessageId("a"))},
    ])
    def test_a_message_that_would_be_refused_cannot_be_made(self, change: dict[str, Any]) -> None:
        with pytest.raises(Malformed):
            message_of(CONSIGNMENT, **change)

    def test_another_node_of_ones_own_party_may_be_written_to(self) -> None:
        message_of(CONSIGNMENT, audience=Correspondent(PartyId("UKR"), NodeId("odesa.ukr")))

    def test_a_head_of_any_form_is_read_back(self) -> None:
        head = LogHead(log_of(KYIV), 0, bytes(32))
        assert parse_message(encode_message(message_of(CONSIGNMENT, checkpoint=head))).checkpoint == head
