"""Signed objects: JWS JSON General Serialization, in one form, with pairs of signatures.

    {"payload": "…", "signatures": [{"protected": "…", "signature": "…"}, …]}

The payload is canonical JSON, and so are the object and each protected header,
which holds `alg`, `kid` and `typ` and nothing else. There is no unprotected
header and no way to bring a key along: keys come from roots and node
statements. Signatures stand in the order of their `kid`, each once.

Verifying asks for named signers and has an answer for all of them or none:

1. the form, of every signature, named or not;
2. the `typ` that was expected, in every signature;
3. both signatures of every pair that was asked for.

One good signature out of several is never enough (RFC 7515 section 5.2 leaves
that to the application; here it is decided).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from cordiale.canonical import (
    Canonical,
    Fields,
    Json,
    encode_base64url,
    encode_canonical,
    parse_base64url,
    parse_canonical,
)
from cordiale.crypto.signatures import (
    SIGNATURE_SIZES_BYTES,
    Algorithm,
    PrivateKey,
    PublicKey,
    SigningPair,
    VerifyingPair,
)
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.limits import IDENTIFIER_LENGTH_MAX, MESSAGE_SIZE_BYTES_MAX, SIGNATURES_COUNT_MAX

_ALGORITHMS: Final = (Algorithm.ED25519, Algorithm.ML_DSA_65)
_PROTECTED_LENGTH_MAX: Final = 512
_HEADERS_COUNT_MAX: Final = 1_024
_SIGNATURE_LENGTH_MAX: Final = 8_192
_OBJECT_KEPT_BYTES_MAX: Final = 64 * 1024
_OBJECTS_KEPT_COUNT_MAX: Final = 128
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class UnverifiedSignature:
    """One signature as it came: of the right form, and no more is known."""

    algorithm: Algorithm
    kid: str
    protected: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class UnverifiedObject:
    """A signed object as it came: of the right form, and no more is known.

    `typ` and `unverified_payload` serve to find out whose keys to ask for, and
    for nothing else.
    """

    typ: str
    unverified_payload: bytes
    signatures: tuple[UnverifiedSignature, ...]

    @property
    def kids(self) -> tuple[str, ...]:
        """The names of the keys it claims to be signed with."""
        return tuple(entry.kid for entry in self.signatures)


def _sign(payload: str, typ: str, key: PrivateKey) -> UnverifiedSignature:
    kid = key.public.kid
    header = encode_canonical({"alg": key.algorithm.value, "kid": kid, "typ": typ})
    protected = encode_base64url(header)
    signature = key.sign(f"{protected}.{payload}".encode("ascii"))
    return UnverifiedSignature(key.algorithm, kid, protected, signature)


def _assemble(payload: str, entries: Iterable[UnverifiedSignature]) -> bytes:
    signatures: list[Json] = [
        {"protected": entry.protected, "signature": encode_base64url(entry.signature)}
        for entry in sorted(entries, key=lambda entry: entry.kid)
    ]
    if len(signatures) > SIGNATURES_COUNT_MAX:
        raise Malformed(
            "object.signatures-count", "a signed object bears at most {count} signatures",
            hint="let fewer people sign", count=SIGNATURES_COUNT_MAX,
        )
    data = encode_canonical({"payload": payload, "signatures": signatures})
    if len(data) > MESSAGE_SIZE_BYTES_MAX:
        raise Malformed(
            "object.size", "the signed object would be larger than {size_max} bytes",
            hint="send less in one piece", size_max=MESSAGE_SIZE_BYTES_MAX,
        )
    return data


def sign_object(payload: bytes, typ: str, signers: Sequence[SigningPair]) -> bytes:
    """Sign canonical JSON `payload` as a `typ` with both keys of each of `signers`.

    Raises `Malformed` when the payload is not canonical JSON or the object
    would be too large, and `Undecidable` when there is nobody to sign.
    """
    if not signers:
        raise _nobody_named()
    parse_canonical(payload, size_max=MESSAGE_SIZE_BYTES_MAX)
    return sign_written(Canonical(payload), typ, signers)


def sign_written(payload: Canonical, typ: str, signers: Sequence[SigningPair]) -> bytes:
    """Sign what was just written in its only form, without reading it again; raises as `sign_object`."""
    if not signers:
        raise _nobody_named()
    encoded = encode_base64url(payload)
    keys = {key.public.kid: key for pair in signers for key in pair.keys}
    return _assemble(encoded, (_sign(encoded, typ, key) for key in keys.values()))


def cosign_object(data: bytes, typ: str, signers: Sequence[SigningPair]) -> bytes:
    """Add the signatures of `signers` to a signed object that is already there.

    The signatures it bears are kept and not verified; one by the same key is
    replaced. Raises `Malformed` as `parse_object` does, and `Unverified` when
    the object is not of the `typ` the signers mean to sign.
    """
    found = _parse_typed(data, typ)
    encoded = encode_base64url(found.unverified_payload)
    entries = {entry.kid: entry for entry in found.signatures}
    for key in (key for pair in signers for key in pair.keys):
        entries[key.public.kid] = _sign(encoded, typ, key)
    return _assemble(encoded, entries.values())


@lru_cache(maxsize=_HEADERS_COUNT_MAX)
def _parse_header(protected: str) -> tuple[Algorithm, str, str]:
    # A key signs many objects of one type under the same header; only good ones are remembered.
    header_bytes = parse_base64url(protected, where="protected header")
    header = Fields(parse_canonical(header_bytes, size_max=_PROTECTED_LENGTH_MAX), where="protected header")
    algorithm = header.choice("alg", Algorithm)
    kid = header.text("kid", max_length=IDENTIFIER_LENGTH_MAX)
    typ = header.text("typ", max_length=IDENTIFIER_LENGTH_MAX)
    header.end()
    return algorithm, kid, typ


def _parse_signature(fields: Fields) -> tuple[str, UnverifiedSignature]:
    protected = fields.text("protected", max_length=_PROTECTED_LENGTH_MAX)
    signature = parse_base64url(fields.text("signature", max_length=_SIGNATURE_LENGTH_MAX), where="signature")
    algorithm, kid, typ = _parse_header(protected)
    if algorithm not in _ALGORITHMS or len(signature) != SIGNATURE_SIZES_BYTES[algorithm]:
        raise Malformed(
            "object.suite", "a signature is not one of suite 1",
            hint="ask the sender which suite it signs with",
        )
    return typ, UnverifiedSignature(algorithm, kid, protected, signature)


def parse_object(data: bytes, *, size_max: int = MESSAGE_SIZE_BYTES_MAX) -> UnverifiedObject:
    """Read a signed object of at most `size_max` bytes without verifying anything.

    Raises `Malformed` when it is not of the form: anything but payload and
    signatures, a header member that is missing or unknown, another algorithm,
    signatures out of order or twice, or two of different `typ`.
    """
    if len(data) <= min(_OBJECT_KEPT_BYTES_MAX, size_max):
        return _parse_kept(data)
    return _parse(data, size_max)


@lru_cache(maxsize=_OBJECTS_KEPT_COUNT_MAX)
def _parse_kept(data: bytes) -> UnverifiedObject:
    # One message is read to learn whose it is, again to verify it, and again when it is answered. Only the reading is
    # remembered, by all of the bytes, and only where it succeeded: whether it verifies is asked every time.
    return _parse(data, _OBJECT_KEPT_BYTES_MAX)


def _parse(data: bytes, size_max: int) -> UnverifiedObject:
    fields = Fields(parse_canonical(data, size_max=size_max), where="signed object")
    payload = fields.bytes_("payload")
    entries = fields.objects("signatures", max_count=SIGNATURES_COUNT_MAX)
    parsed = [_parse_signature(entry) for entry in entries]
    fields.end()
    signatures = tuple(entry for _, entry in parsed)
    kids = [entry.kid for entry in signatures]
    if not kids or any(one >= next_one for one, next_one in pairwise(kids)):
        raise Malformed(
            "object.signatures", "the signatures are missing, out of order or repeated", hint=_RESEND
        )
    if len({typ for typ, _ in parsed}) != 1:
        raise Malformed("object.types", "the signatures disagree about what is signed", hint=_RESEND)
    return UnverifiedObject(parsed[0][0], payload, signatures)


def _parse_typed(data: bytes, typ: str) -> UnverifiedObject:
    found = parse_object(data)
    if found.typ != typ:
        raise Unverified(
            "object.type", "this is signed as {found} and not as {expected}",
            hint="check whether it belongs to an exercise, or was put in the wrong place",
            found=found.typ, expected=typ,
        )
    return found


def _nobody_named() -> Undecidable:
    return Undecidable(
        "object.no-signer", "it is not known who must have signed this",
        hint="enter the root or node statement of the signer first",
    )


def _verify_key(found: UnverifiedObject, key: PublicKey, payload: str) -> None:
    for entry in found.signatures:
        if entry.kid == key.kid and entry.algorithm is key.algorithm:
            return key.verify(entry.signature, f"{entry.protected}.{payload}".encode("ascii"))
    raise Unverified(
        "object.signature-missing", "a signature that is required is missing",
        hint="ask the sender to have it signed by all who must sign",
    )


def verify_object(data: bytes, typ: str, required: Sequence[VerifyingPair]) -> bytes:
    """Return the payload of a signed object when every pair of `required` has signed it as a `typ`.

    Signatures by other keys are not looked at beyond their form. Raises
    `Malformed` as `parse_object` does, `Unverified` when the type differs or a
    required signature is missing or wrong, and `Undecidable` when `required` is
    empty: an object nobody had to sign proves nothing.
    """
    if not required:
        raise _nobody_named()
    found = _parse_typed(data, typ)
    payload = encode_base64url(found.unverified_payload)
    for pair in required:
        for key in pair.keys:
            _verify_key(found, key, payload)
    return found.unverified_payload


def verify_threshold(data: bytes, typ: str, candidates: Sequence[VerifyingPair], *, threshold: int) -> bytes:
    """Return the payload of a signed object when `threshold` of `candidates` have signed it as a `typ`.

    A pair counts when both its signatures verify, and once, however often it is
    named. Raises as `verify_object` does, and `Malformed` when two different
    candidates share a key or the threshold cannot be reached or is below one.
    """
    distinct = tuple(dict.fromkeys(candidates))
    if not distinct:
        raise _nobody_named()
    kids = {kid for pair in distinct for kid in pair.kids}
    if len(kids) != 2 * len(distinct) or not 1 <= threshold <= len(distinct):
        raise Malformed(
            "object.threshold", "{threshold} of {count} keys is not a rule that can be kept",
            hint="check the root: its keys must differ and its threshold must not exceed their number",
            threshold=threshold, count=len(distinct),
        )
    found = _parse_typed(data, typ)
    payload = encode_base64url(found.unverified_payload)
    count = sum(_has_signed(found, pair, payload) for pair in distinct)
    if count < threshold:
        raise Unverified(
            "object.threshold-missed", "{count} of the keys of the root have signed this and {threshold} must",
            hint="it needs the signatures of more holders of the keys of that root",
            count=count, threshold=threshold,
        )
    return found.unverified_payload


def _has_signed(found: UnverifiedObject, pair: VerifyingPair, payload: str) -> bool:
    try:
        for key in pair.keys:
            _verify_key(found, key, payload)
    except Unverified:
        return False
    return True
