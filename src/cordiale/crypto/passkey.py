"""Passkeys (Web Authentication, level 3): enrolment, and the signatures they make for a sign-in or an act.

The challenge of an act is derived from its canonical text, so that what the
authenticator signs is that act and nothing else; the challenge of a sign-in is
32 random bytes. User verification (a PIN, a finger, a face) is always required.
Attestation is not asked for: who holds a passkey is vouched for by two people.
What a browser sent is kept as it came, and verifies again years later.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as UnknownToLibrary
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cordiale.crypto.digests import sha256
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import Malformed, Unverified
from cordiale.limits import PASSKEY_PART_SIZE_BYTES_MAX
from cordiale.model.mode import Mode

CHALLENGE_SIZE_BYTES: Final = 32
CREDENTIAL_ID_SIZE_BYTES_MAX: Final = 1_023
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_RSA_SIZE_BYTES_MIN: Final = 256
_RSA_SIZE_BYTES_MAX: Final = 1_024
_TIMEOUT_MILLISECONDS: Final = 300_000
_ATTESTATIONS: Final = (AttestationFormat.NONE, AttestationFormat.PACKED)

# Whatever the library trips over in what a browser sent: it was written to be fed by browsers, not by an attacker.
_REFUSED: Final = (
    WebAuthnException, InvalidSignature, UnknownToLibrary, ValueError, TypeError, KeyError, IndexError,
    AttributeError, OverflowError, RecursionError,
)


@dataclass(frozen=True, slots=True)
class Site:
    """The desk as a browser knows it: the origin in its address line, and the name that passkeys are bound to."""

    origin: str
    rp_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a browser sends for a new passkey, as it came."""

    credential_id: bytes
    client_data: bytes
    attestation: bytes


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a browser sends when a passkey has signed, as it came; it is kept as the proof."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is known: its id, its public key (COSE, RFC 9053) and how often it says it was used."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def site_at(origin: str, title: str = "") -> Site:
    """Return the site whose pages stand at `origin`, such as ``https://desk.example:8442``.

    Raises `Malformed` when no browser would use a passkey there: without TLS (but for ``localhost``), under an
    address in numbers, or with more than host and port.
    """
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_site(origin) from None
    scheme = "http" if parts.scheme == "http" and host == "localhost" else "https"
    whole = f"{scheme}://{host}" + (f":{port}" if port is not None else "")
    if not host or origin != whole or not host.isascii() or _is_number(host):
        raise _no_site(origin)
    return Site(origin, host, title)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _no_site(origin: str) -> Malformed:
    return Malformed(
        "passkey.origin", "passkeys cannot be used at the address `{origin}`",
        hint="give the desk a name with https, without a path, such as https://desk.example:8442", origin=origin[:120],
    )


def act_challenge(payload: bytes, mode: Mode) -> bytes:
    """Return what a passkey signs for the act whose canonical text is `payload`: 32 bytes."""
    return sha256(domain(Purpose.PASSKEY_ACT, mode), payload)


def user_handle(node: str, person: str, mode: Mode) -> bytes:
    """Return the name under which an authenticator keeps the passkeys of `person` at `node`; it tells nobody who."""
    return sha256(domain(Purpose.PASSKEY_USER, mode), f"{node}\0{person}".encode())


def enrolment_options(
    site: Site, challenge: bytes, *, handle: bytes, name: str, known: Sequence[bytes] = (),
) -> str:
    """Return, as JSON, what a browser is asked for a new passkey; `known` are those the person has already."""
    return options_to_json(generate_registration_options(
        rp_id=site.rp_id, rp_name=site.title or site.rp_id, user_id=handle, user_name=name, challenge=challenge,
        timeout=_TIMEOUT_MILLISECONDS, attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        supported_pub_key_algs=_ALGORITHMS,
    ))


def assertion_options(site: Site, challenge: bytes, known: Sequence[bytes] = ()) -> str:
    """Return, as JSON, what a browser is asked for a signature; without `known` the authenticator offers its own."""
    return options_to_json(generate_authentication_options(
        rp_id=site.rp_id, challenge=challenge, timeout=_TIMEOUT_MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    ))


def verify_enrolment(sent: Enrolment, site: Site, challenge: bytes) -> Passkey:
    """Return the new passkey in `sent` after verifying that it was made at `site`, for `challenge`, by a verified user.

    Raises `Unverified` for anything else, and for a key of another kind than ES256, Ed25519 or RS256.
    """
    _require_sizes(sent.credential_id, sent.client_data, sent.attestation)
    try:
        attested = parse_attestation_object(sent.attestation)
        if attested.fmt not in _ATTESTATIONS or attested.att_stmt.x5c:
            raise _wrong()
        _require_same_origin(sent.client_data)
        found = verify_registration_response(
            credential=RegistrationCredential(
                id=bytes_to_base64url(sent.credential_id), raw_id=sent.credential_id,
                response=AuthenticatorAttestationResponse(
                    client_data_json=sent.client_data, attestation_object=sent.attestation,
                ),
            ),
            expected_challenge=challenge, expected_rp_id=site.rp_id, expected_origin=site.origin,
            require_user_verification=True, supported_pub_key_algs=_ALGORITHMS,
        )
        _require_strong(found.credential_public_key)
    except _REFUSED as error:
        raise _wrong() from error
    if found.credential_id != sent.credential_id:
        raise _wrong()
    return Passkey(found.credential_id, found.credential_public_key, found.sign_count)


def _require_strong(public_key: bytes) -> None:
    """Raise `Unverified` unless the key is one of P-256, Ed25519 or RSA of 2,048 to 8,192 bits with its algorithm."""
    key = decode_credential_public_key(public_key)
    match key:
        case DecodedEC2PublicKey():
            fits = key.alg == COSEAlgorithmIdentifier.ECDSA_SHA_256 and key.crv == COSECRV.P256
        case DecodedOKPPublicKey():
            fits = key.alg == COSEAlgorithmIdentifier.EDDSA and key.crv == COSECRV.ED25519
        case DecodedRSAPublicKey():
            sized = _RSA_SIZE_BYTES_MIN <= len(key.n.lstrip(b"\0")) <= _RSA_SIZE_BYTES_MAX
            is_usual = int.from_bytes(key.e, "big") == 65_537
            fits = key.alg == COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256 and sized and is_usual
        case _:
            fits = False
    if not fits:
        raise _wrong()
    decoded_public_key_to_cryptography(key)


def verify_assertion(sent: Assertion, site: Site, challenge: bytes, public_key: bytes) -> int:
    """Return the count of uses in `sent` after verifying that the passkey has signed `challenge` at `site`.

    Raises `Unverified` when it has not, or when its user was not verified. Whether the count has gone on is asked by
    `has_gone_on`, where the count before is known for certain.
    """
    _require_sizes(sent.credential_id, sent.client_data, sent.authenticator_data, sent.signature)
    try:
        _require_same_origin(sent.client_data)
        return verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(sent.credential_id), raw_id=sent.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=sent.client_data, authenticator_data=sent.authenticator_data,
                    signature=sent.signature,
                ),
            ),
            expected_challenge=challenge, expected_rp_id=site.rp_id, expected_origin=site.origin,
            credential_public_key=public_key, credential_current_sign_count=0, require_user_verification=True,
        ).new_sign_count
    except _REFUSED as error:
        raise _wrong() from error


def verify_kept_assertion(sent: Assertion, rp_id: str, challenge: bytes, public_key: bytes) -> int:
    """Return the count of uses in a proof that was kept; the desk may have stood at any address under `rp_id` then.

    Raises `Unverified` as `verify_assertion`.
    """
    try:
        site = site_at(str(parse_client_data_json(sent.client_data).origin))
    except (*_REFUSED, Malformed) as error:
        raise _wrong() from error
    if site.rp_id != rp_id and not site.rp_id.endswith(f".{rp_id}"):
        raise _wrong()
    return verify_assertion(sent, Site(site.origin, rp_id), challenge, public_key)


def has_gone_on(count: int, before: int) -> bool:
    """Tell whether a count of uses follows on the one `before`; passkeys that are kept in several places do not count.

    Source: Web Authentication level 3, 6.1.1: a count that does not go on may be that of a copy.
    """
    return count > before or count == before == 0


def _require_same_origin(client_data: bytes) -> None:
    """Raise `Unverified` when the page stood in a frame of another site's."""
    if parse_client_data_json(client_data).cross_origin:
        raise _wrong()


def _require_sizes(credential_id: bytes, *parts: bytes) -> None:
    sized = 0 < len(credential_id) <= CREDENTIAL_ID_SIZE_BYTES_MAX
    if not sized or any(not 0 < len(part) <= PASSKEY_PART_SIZE_BYTES_MAX for part in parts):
        raise Malformed(
            "passkey.size", "what the browser sent is not of the size of a passkey's answer",
            hint="load the page again and repeat it",
        )


def _wrong() -> Unverified:
    return Unverified(
        "passkey.wrong", "the passkey's answer does not fit what was asked",
        hint="load the page again and repeat it; if it fails again, ask the security officer",
    )
