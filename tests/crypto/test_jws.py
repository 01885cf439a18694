"""Signed objects: every named signer, both algorithms, one form; checked with a foreign JOSE library."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from tests.trying import tried

from cordiale.canonical import encode_base64url, encode_canonical, parse_base64url
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import (
    cosign_object,
    parse_object,
    sign_object,
    sign_written,
    verify_object,
    verify_threshold,
)
from cordiale.crypto.signatures import Algorithm, PublicKey, SigningPair, VerifyingPair
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.limits import SIGNATURES_COUNT_MAX
from cordiale.model.mode import Mode

TYP = object_type(Purpose.MESSAGE, Mode.EXERCISE)
PAYLOAD = b'{"act":"dispatch","seq":1}'
FIRST, SECOND, THIRD, FOURTH = (
    SigningPair.from_seeds(ed25519=bytes([n]) * 32, ml_dsa_65=bytes([n]) * 32) for n in range(1, 5)
)
BY_FIRST = sign_object(PAYLOAD, TYP, [FIRST])
BY_BOTH = sign_object(PAYLOAD, TYP, [FIRST, SECOND])


def resigned(data: bytes, edit: Any) -> bytes:
    """Return the object after `edit` changed its JSON, written canonically again."""
    members = json.loads(data)
    edit(members)
    return encode_canonical(members)


def rehead(data: bytes, at: int, **changes: Any) -> bytes:
    """Return the object with members of one protected header changed; None removes one."""

    def edit(members: Any) -> None:
        entry = members["signatures"][at]
        header = json.loads(parse_base64url(entry["protected"])) | changes
        header = {name: value for name, value in header.items() if value is not None}
        entry["protected"] = encode_base64url(encode_canonical(header))

    return resigned(data, edit)


def code_of(error: type[Exception], data: bytes, *required: SigningPair, typ: str = TYP) -> str:
    with pytest.raises(error) as caught:
        verify_object(data, typ, [pair.public for pair in required])
    return str(caught.value.code)  # type: ignore[attr-defined]


def test_what_was_just_written_is_signed_as_what_is_read_again() -> None:
    written = sign_written(encode_canonical({"act": "dispatch", "seq": 1}), TYP, [FIRST])
    assert verify_object(written, TYP, [FIRST.public]) == verify_object(BY_FIRST, TYP, [FIRST.public])
    with pytest.raises(Undecidable):
        sign_written(encode_canonical({}), TYP, [])


def test_an_object_is_returned_when_every_named_signer_has_signed() -> None:
    assert verify_object(BY_FIRST, TYP, [FIRST.public]) == PAYLOAD
    assert verify_object(BY_BOTH, TYP, [FIRST.public, SECOND.public]) == PAYLOAD
    assert verify_object(BY_BOTH, TYP, [SECOND.public]) == PAYLOAD


def test_nothing_is_returned_when_a_named_signer_is_missing() -> None:
    assert code_of(Unverified, BY_FIRST, FIRST, SECOND) == "object.signature-missing"
    assert code_of(Unverified, BY_FIRST, SECOND) == "object.signature-missing"


@pytest.mark.parametrize("dropped", [Algorithm.ED25519, Algorithm.ML_DSA_65])
def test_one_algorithm_of_the_two_is_not_enough(dropped: Algorithm) -> None:
    def drop(members: Any) -> None:
        members["signatures"] = [
            entry
            for entry in members["signatures"]
            if dropped.value.encode() not in parse_base64url(entry["protected"])
        ]

    data = resigned(BY_FIRST, drop)
    assert len(parse_object(data).signatures) == 1
    assert code_of(Unverified, data, FIRST) == "object.signature-missing"


@pytest.mark.parametrize("broken", [0, 1])
def test_each_of_the_two_signatures_must_be_right(broken: int) -> None:
    def breaks(members: Any) -> None:
        entry = members["signatures"][broken]
        signature = bytearray(parse_base64url(entry["signature"]))
        signature[10] ^= 1
        entry["signature"] = encode_base64url(bytes(signature))

    assert code_of(Unverified, resigned(BY_FIRST, breaks), FIRST) == "signature.wrong"


def test_another_payload_is_not_signed() -> None:
    def swap(members: Any) -> None:
        members["payload"] = encode_base64url(PAYLOAD.replace(b"1", b"2"))

    assert code_of(Unverified, resigned(BY_FIRST, swap), FIRST) == "signature.wrong"


def test_signatures_do_not_carry_over_to_another_object() -> None:
    other = json.loads(sign_object(b'{"act":"recall"}', TYP, [FIRST]))
    data = resigned(BY_FIRST, lambda members: members.update(signatures=other["signatures"]))
    assert code_of(Unverified, data, FIRST) == "signature.wrong"


def test_an_exercise_never_verifies_as_real_nor_one_purpose_as_another() -> None:
    for typ in (object_type(Purpose.MESSAGE, Mode.REAL), object_type(Purpose.APPROVAL, Mode.EXERCISE)):
        assert code_of(Unverified, BY_FIRST, FIRST, typ=typ) == "object.type"
        retyped = rehead(rehead(BY_FIRST, 0, typ=typ), 1, typ=typ)
        assert code_of(Unverified, retyped, FIRST, typ=typ) == "signature.wrong"


def test_nobody_named_verifies_nothing() -> None:
    assert code_of(Undecidable, BY_FIRST) == "object.no-signer"
    with pytest.raises(Undecidable):
        sign_object(PAYLOAD, TYP, [])
    with pytest.raises(Undecidable):
        verify_threshold(BY_FIRST, TYP, [], threshold=0)


def test_signatures_of_others_are_ignored_but_not_their_form() -> None:
    def breaks(members: Any, size: int) -> None:
        for entry in members["signatures"]:
            kid = json.loads(parse_base64url(entry["protected"]))["kid"]
            if kid == SECOND.ml_dsa_65.public.kid:
                entry["signature"] = encode_base64url(bytes(size))

    wrong = resigned(BY_BOTH, lambda members: breaks(members, 3_309))
    assert verify_object(wrong, TYP, [FIRST.public]) == PAYLOAD
    assert code_of(Unverified, wrong, FIRST, SECOND) == "signature.wrong"
    assert code_of(Malformed, resigned(BY_BOTH, lambda members: breaks(members, 3_308)), FIRST) == "object.suite"


@pytest.mark.parametrize(
    "changes",
    [
        {"jwk": {"kty": "OKP"}}, {"jku": "x"}, {"x5c": ["x"]}, {"x5u": "x"}, {"crit": ["exp"]}, {"b64": False},
        {"typ": None}, {"kid": None}, {"alg": None}, {"typ": ""}, {"kid": 1}, {"kid": "k" * 129},
        {"alg": "none"}, {"alg": "EdDSA"}, {"alg": "HS256"}, {"alg": "ML-DSA-44"}, {"alg": "ed25519"}, {"alg": None},
    ],
)
def test_a_header_holds_three_members_and_nothing_else(changes: dict[str, Any]) -> None:
    for at in (0, 1):
        with pytest.raises(Malformed):
            parse_object(rehead(BY_FIRST, at, **changes))


def test_the_algorithm_cannot_be_swapped() -> None:
    ed25519_at = [entry.algorithm for entry in parse_object(BY_FIRST).signatures].index(Algorithm.ED25519)
    assert code_of(Malformed, rehead(BY_FIRST, ed25519_at, alg="ML-DSA-65"), FIRST) == "object.suite"


HEADERS_IN_OTHER_FORMS = [
    b'{"alg":"Ed25519", "kid":"a","typ":"b"}',
    b'{"typ":"b","kid":"a","alg":"Ed25519"}',
    b'{"alg":"Ed25519","kid":"a","kid":"b","typ":"b"}',
    b"[]",
    b"",
]


@pytest.mark.parametrize("header", HEADERS_IN_OTHER_FORMS)
def test_a_header_has_one_form(header: bytes) -> None:
    protected = encode_base64url(header)
    with pytest.raises(Malformed):
        parse_object(resigned(BY_FIRST, lambda members: members["signatures"][0].update(protected=protected)))


def test_a_signature_of_the_log_is_none_of_an_object() -> None:
    signature = encode_base64url(bytes(2_420))
    data = rehead(BY_FIRST, 0, alg="ML-DSA-44")
    with pytest.raises(Malformed) as caught:
        parse_object(resigned(data, lambda members: members["signatures"][0].update(signature=signature)))
    assert caught.value.code == "object.suite"


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["signatures"][0].update(header={"kid": "x"}),
        lambda m: m.update(header={}),
        lambda m: m.update(protected="e30"),
        lambda m: m.update(signature="AA"),
        lambda m: m.pop("payload"),
        lambda m: m.pop("signatures"),
        lambda m: m.update(signatures=[]),
        lambda m: m.update(signatures={}),
        lambda m: m.update(payload=m["payload"] + "="),
        lambda m: m.update(payload=m["payload"][:-1] + "!"),
        lambda m: m.update(payload=None),
        lambda m: m["signatures"].reverse(),
        lambda m: m["signatures"].append(m["signatures"][1]),
        lambda m: m["signatures"].extend([m["signatures"][1]] * SIGNATURES_COUNT_MAX),
        lambda m: m["signatures"][0].update(signature=m["signatures"][0]["signature"] + "="),
        lambda m: m["signatures"][0].update(protected=m["signatures"][0]["protected"] + "=="),
        lambda m: m["signatures"][0].pop("signature"),
        lambda m: m["signatures"].__setitem__(0, 1),
    ],
)
def test_an_object_has_one_form(edit: Any) -> None:
    with pytest.raises(Malformed):
        parse_object(resigned(BY_FIRST, edit))


def test_other_json_of_the_same_object_is_refused() -> None:
    for data in (json.dumps(json.loads(BY_FIRST)).encode(), BY_FIRST + b"\n", b"\xef\xbb\xbf" + BY_FIRST, b""):
        with pytest.raises(Malformed):
            parse_object(data)


def test_two_types_in_one_object_are_refused() -> None:
    with pytest.raises(Malformed) as caught:
        parse_object(rehead(BY_FIRST, 0, typ="other"))
    assert caught.value.code == "object.types"


def test_too_large_an_object_is_refused_before_it_is_read() -> None:
    parse_object(BY_FIRST, size_max=len(BY_FIRST))
    with pytest.raises(Malformed) as caught:
        parse_object(BY_FIRST, size_max=len(BY_FIRST) - 1)
    assert caught.value.code == "json.size"


def test_only_canonical_payloads_are_signed() -> None:
    for payload in (b'{"b":1, "a":2}', b"not json", b""):
        with pytest.raises(Malformed):
            sign_object(payload, TYP, [FIRST])


@tried(40)
@given(st.integers(0, len(BY_FIRST) - 1), st.integers(0, 7))
def test_no_changed_bit_verifies(at: int, bit: int) -> None:
    forged = bytearray(BY_FIRST)
    forged[at] ^= 1 << bit
    with pytest.raises((Malformed, Unverified)):
        verify_object(bytes(forged), TYP, [FIRST.public])


def test_what_is_unverified_says_whom_to_ask() -> None:
    found = parse_object(BY_BOTH)
    assert found.typ == TYP and found.unverified_payload == PAYLOAD
    assert set(found.kids) == {*FIRST.public.kids, *SECOND.public.kids} and list(found.kids) == sorted(found.kids)


def test_a_second_party_adds_its_signature_to_the_first() -> None:
    data = cosign_object(BY_FIRST, TYP, [SECOND])
    assert verify_object(data, TYP, [FIRST.public, SECOND.public]) == PAYLOAD
    again = cosign_object(data, TYP, [SECOND])
    assert len(parse_object(again).signatures) == 4 and verify_object(again, TYP, [FIRST.public, SECOND.public])
    with pytest.raises(Unverified):
        cosign_object(BY_FIRST, object_type(Purpose.MESSAGE, Mode.REAL), [SECOND])


def test_signers_beyond_the_limit_are_refused() -> None:
    many = [SigningPair.generate() for _ in range(SIGNATURES_COUNT_MAX // 2 + 1)]
    with pytest.raises(Malformed):
        sign_object(PAYLOAD, TYP, many)


def test_a_threshold_of_roots_counts_whole_pairs_once() -> None:
    roots = [FIRST.public, SECOND.public, THIRD.public]
    assert verify_threshold(BY_BOTH, TYP, roots, threshold=2) == PAYLOAD
    assert verify_threshold(BY_FIRST, TYP, roots, threshold=1) == PAYLOAD
    for data, candidates, threshold in [
        (BY_BOTH, roots, 3),
        (BY_FIRST, roots, 2),
        (sign_object(PAYLOAD, TYP, [FIRST, FOURTH]), roots, 2),
        (sign_object(PAYLOAD, TYP, [FIRST, FIRST]), roots, 2),
    ]:
        with pytest.raises(Unverified):
            verify_threshold(data, TYP, candidates, threshold=threshold)


def test_half_signatures_of_two_roots_do_not_make_one() -> None:
    def keep(members: Any) -> None:
        wanted = {FIRST.ed25519.public.kid, SECOND.ml_dsa_65.public.kid}
        members["signatures"] = [
            entry
            for entry in members["signatures"]
            if json.loads(parse_base64url(entry["protected"]))["kid"] in wanted
        ]

    with pytest.raises(Unverified):
        verify_threshold(resigned(BY_BOTH, keep), TYP, [FIRST.public, SECOND.public], threshold=1)


def test_a_threshold_that_names_a_key_twice_counts_it_once() -> None:
    with pytest.raises(Malformed):
        verify_threshold(BY_FIRST, TYP, [FIRST.public, FIRST.public], threshold=2)
    assert verify_threshold(BY_FIRST, TYP, [FIRST.public, FIRST.public], threshold=1) == PAYLOAD
    mixed = VerifyingPair(FIRST.public.ed25519, SECOND.public.ml_dsa_65)
    with pytest.raises(Malformed):
        verify_threshold(BY_BOTH, TYP, [FIRST.public, SECOND.public, mixed], threshold=3)


@pytest.mark.parametrize("threshold", [0, -1, 2])
def test_a_threshold_is_between_one_and_the_number_of_roots(threshold: int) -> None:
    with pytest.raises(Malformed):
        verify_threshold(BY_FIRST, TYP, [FIRST.public], threshold=threshold)


def test_the_vectors_of_the_specification() -> None:
    # docs/spec/signed-object.md, section "Vectors".
    pair = SigningPair.from_seeds(ed25519=bytes(range(32)), ml_dsa_65=bytes(range(32)))
    assert encode_base64url(pair.public.ed25519.raw) == "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
    assert hashlib.sha256(pair.public.ml_dsa_65.raw).hexdigest() == (
        "d666806e11cee19a7c989f7445f90dd419cf4d2d51db8c0fdb4c0f0a542238c9"
    )
    assert pair.public.kids == (
        "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y",
        "x0kWwvv_AqVn61aqlQHnR3QwLdzUjPE_JWxbqdcwnmc",
    )
    signature = parse_object(sign_object(PAYLOAD, TYP, [pair])).signatures[0].signature
    assert encode_base64url(signature) == (
        "gmW7FjIWdy4v3ALA_nVatMMSoehRq3Ea7ilUENSqKqnGh9jeYvPIOOf-ZLypLeIlcc0TEf7wRiUogja2Wp7yBg"
    )


def foreign_key(key: PublicKey, seed: bytes | None = None) -> JWK:
    member = "d" if key.algorithm is Algorithm.ED25519 else "priv"
    return JWK(**key.jwk, **({member: encode_base64url(seed)} if seed else {}))


def test_a_foreign_library_verifies_ours_and_agrees_on_the_thumbprints() -> None:
    for pair in (FIRST, SECOND):
        for key in pair.public.keys:
            foreign = foreign_key(key)
            assert foreign.thumbprint() == key.kid
            token = JWS()
            token.allowed_algs = [key.algorithm.value]
            token.deserialize(BY_BOTH.decode())
            token.verify(foreign, alg=key.algorithm.value)
            assert token.payload == PAYLOAD


def test_what_a_foreign_library_signs_verifies_here() -> None:
    token = JWS(PAYLOAD)
    token.allowed_algs = ["Ed25519", "ML-DSA-65"]
    for key in sorted(FIRST.keys, key=lambda key: key.public.kid):
        header = {"alg": key.algorithm.value, "kid": key.public.kid, "typ": TYP}
        token.add_signature(foreign_key(key.public, key.seed), None, encode_canonical(header).decode(), None)
    data = encode_canonical(json.loads(token.serialize()))
    assert verify_object(data, TYP, [FIRST.public]) == PAYLOAD


def test_what_was_read_before_is_verified_every_time() -> None:
    """The same bytes for other signers and types, and bytes that differ in one signature: each is asked anew."""

    def bend(members: Any) -> None:
        signature = bytearray(parse_base64url(members["signatures"][1]["signature"]))
        signature[-1] ^= 1
        members["signatures"][1]["signature"] = encode_base64url(bytes(signature))

    for _ in range(2):
        assert verify_object(BY_FIRST, TYP, [FIRST.public]) == PAYLOAD
        assert code_of(Unverified, BY_FIRST, SECOND) == "object.signature-missing"
        assert code_of(Unverified, BY_FIRST, FIRST, typ="cordiale+other") == "object.type"
        with pytest.raises(Unverified):
            verify_object(resigned(BY_FIRST, bend), TYP, [FIRST.public])
        with pytest.raises(Malformed):
            parse_object(BY_FIRST, size_max=len(BY_FIRST) - 1)
