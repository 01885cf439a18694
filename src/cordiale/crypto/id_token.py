"""ID tokens of the ministry's OpenID Connect provider: who signed in, when, how, and for what.

    {"acr": "…", "aud": "cordiale", "auth_time": …, "exp": …, "iat": …, "iss": "https://login.example", "nonce": "…",
     "sub": "…"}

For a sign-in the nonce is random. For an act that is signed for it is derived
from the act's canonical text: a token with that nonce, for which the person had
to sign in anew, is the provider's word that this person wanted that act.
Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 7515; RFC 7638.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cordiale.canonical import encode_base64url, encode_canonical, parse_base64url
from cordiale.crypto.digests import sha256
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import Malformed, Unverified
from cordiale.limits import (
    ID_TOKEN_SIZE_BYTES_MAX,
    PROVIDER_KEYS_COUNT_MAX,
    PROVIDER_SKEW_SECONDS_MAX,
    SIGN_IN_SECONDS_MAX,
)
from cordiale.model.mode import Mode

ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    "RS256": ("RSA", ""), "PS256": ("RSA", ""), "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"),
}
"""The algorithms a token may be signed with, and the kind and curve of key each belongs to."""

_MEMBERS: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}
_RSA_BITS: Final = range(2_048, 8_193)
_SUBJECT_LENGTH_MAX: Final = 255
_HEADERS: Final = frozenset({"alg", "kid", "typ"})
_TOKEN_KINDS: Final = frozenset({"JWT"})
_LOGOUT_KINDS: Final = frozenset({"JWT", "LOGOUT+JWT"})
_LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_REFUSED: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A public key of the provider: the name it goes by there, and the key as canonical JSON (JWK)."""

    kid: str
    jwk: str

    @property
    def thumbprint(self) -> str:
        """The key's own name: its RFC 7638 thumbprint with SHA-256, in base64url."""
        return encode_base64url(hashlib.sha256(self.jwk.encode()).digest())


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: who issues it, for whom, with which nonce; `acr` empty takes any.

    `since` is the time after which the person must have signed in, None where an earlier sign-in will do.
    """

    issuer: str
    client: str
    nonce: str
    acr: frozenset[str] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token that was verified, with the key that signed it; `text` is what is kept as proof."""

    issuer: str
    subject: str
    text: str
    key: ProviderKey


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """The provider's word that an account was signed out there; `id` names the token, so that it counts once."""

    issuer: str
    subject: str
    id: str


def act_nonce(payload: bytes, mode: Mode) -> str:
    """Return the nonce under which the provider vouches for the act whose canonical text is `payload`."""
    return encode_base64url(sha256(domain(Purpose.PROVIDER_ACT, mode), payload))


def parse_provider_keys(content: bytes) -> tuple[ProviderKey, ...]:
    """Return the keys of a provider's key set (JWKS) that can sign tokens here; others in it are passed over.

    Raises `Malformed` when it is no key set, or has too many keys.
    """
    try:
        listed = json.loads(content)["keys"]
        if not isinstance(listed, list) or len(listed) > PROVIDER_KEYS_COUNT_MAX:
            raise _no_keys()
        return tuple(key for one in listed if isinstance(one, dict) for key in _signing_key(one))
    except _REFUSED as error:
        raise _no_keys() from error


def _signing_key(listed: Mapping[str, Any]) -> Sequence[ProviderKey]:
    members = _MEMBERS.get(str(listed.get("kty")), ())
    is_for_others = listed.get("use", "sig") != "sig" or "verify" not in listed.get("key_ops", ["verify"])
    if not members or is_for_others or not all(isinstance(listed.get(name), str) for name in members):
        return ()
    if listed["kty"] == "EC" and listed["crv"] not in ("P-256", "P-384"):
        return ()
    key = ProviderKey(str(listed.get("kid", "")), encode_canonical({name: listed[name] for name in members}).decode())
    try:
        _open(key.jwk)
    except (Malformed, *_REFUSED):
        return ()
    return (key,)


def _open(jwk: str) -> RSAKey | ECKey:
    """Return the key in `jwk`; raises `ValueError` or `JoseError` for one that is too short or none."""
    members = json.loads(jwk)
    if members["kty"] == "EC":
        return ECKey.import_key(members)
    if int.from_bytes(parse_base64url(members["n"])).bit_length() not in _RSA_BITS:
        raise ValueError("size")
    return RSAKey.import_key(members)


def _no_keys() -> Malformed:
    return Malformed(
        "provider.keys", "the keys of the sign-in provider could not be read",
        hint="ask the ministry whether its sign-in service is in order",
    )


def unverified_kid(text: str) -> str:
    """Return the name of the key that a token claims to be signed with, empty for none; nothing is verified."""
    try:
        header = jws.extract_compact(_sized(text)).protected
        return str(header.get("kid", ""))
    except _REFUSED as error:
        raise _wrong() from error


def verify_id_token(text: str, keys: Sequence[ProviderKey], expected: Expected, now: datetime) -> VerifiedToken:
    """Return the token `text` after verifying that it says what is `expected`, now.

    Raises `Unverified` for anything else. Without a name of a key in it, the only key that fits its kind is asked.
    """
    claims, key = _verify_signature(text, keys)
    _require_same(claims, expected)
    skew = timedelta(seconds=PROVIDER_SKEW_SECONDS_MAX)
    issued_at = _instant(claims, "iat")
    if now >= _instant(claims, "exp") + skew or issued_at > now + skew:
        raise _wrong()
    if issued_at < now - timedelta(seconds=SIGN_IN_SECONDS_MAX) - skew:
        raise _wrong()
    _require_signed_in_since(claims, expected, issued_at)
    return VerifiedToken(expected.issuer, _subject(claims), text, key)


def verify_kept_token(text: str, key: ProviderKey, expected: Expected) -> str:
    """Return the subject of a token that was kept, once it verifies under its kept key; it has long run out.

    Raises `Unverified` when it does not say what is `expected`.
    """
    claims, _ = _verify_signature(text, [key])
    _require_same(claims, expected)
    _require_signed_in_since(claims, expected, _instant(claims, "iat"))
    return _subject(claims)


def verify_logout_token(
    text: str, keys: Sequence[ProviderKey], expected: tuple[str, str], now: datetime
) -> LogoutToken:
    """Return whom the provider has signed out, once it says so to us; `expected` are its issuer and our name there.

    It names an account: one that names only a session there is not understood. Raises `Unverified` for anything else.
    Source: OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6.
    """
    issuer, client = expected
    claims, _ = _verify_signature(text, keys, kinds=_LOGOUT_KINDS)
    events, id = claims.get("events"), claims.get("jti")
    says_so = isinstance(events, dict) and isinstance(events.get(_LOGOUT_EVENT), dict)
    is_named = isinstance(id, str) and 0 < len(id) <= _SUBJECT_LENGTH_MAX
    if not says_so or not is_named or "nonce" in claims or not _is_for(claims, issuer, client):
        raise _wrong()
    skew = timedelta(seconds=PROVIDER_SKEW_SECONDS_MAX)
    issued_at = _instant(claims, "iat")
    is_now = now - timedelta(seconds=SIGN_IN_SECONDS_MAX) - skew <= issued_at <= now + skew
    if not is_now or now >= _instant(claims, "exp") + skew:
        raise _wrong()
    return LogoutToken(issuer, _subject(claims), str(id))


def _verify_signature(
    text: str, keys: Sequence[ProviderKey], *, kinds: frozenset[str] = _TOKEN_KINDS
) -> tuple[dict[str, Any], ProviderKey]:
    try:
        header = jws.extract_compact(_sized(text)).protected
        kind = ALGORITHMS[header["alg"]]
        # A header that brings a key along, or asks for more than we know, is none of ours.
        if not set(header) <= _HEADERS or str(header.get("typ", "JWT")).upper() not in kinds:
            raise _wrong()
        fitting = [key for key in keys if _fits(key, kind) and header.get("kid", key.kid) == key.kid]
        if len(keys) == 1 and not fitting and _fits(keys[0], kind) and not keys[0].kid:
            fitting = list(keys)
        if len(fitting) != 1:
            raise _wrong()
        payload = jws.deserialize_compact(text, _open(fitting[0].jwk), algorithms=[header["alg"]]).payload
        claims = json.loads(payload)
    except _REFUSED as error:
        raise _wrong() from error
    if not isinstance(claims, dict):
        raise _wrong()
    return claims, fitting[0]


def _fits(key: ProviderKey, kind: tuple[str, str]) -> bool:
    members = json.loads(key.jwk)
    return (members["kty"], members.get("crv", "")) == kind


def _sized(text: str) -> bytes:
    if not text.isascii() or not 0 < len(text) <= ID_TOKEN_SIZE_BYTES_MAX:
        raise _wrong()
    return text.encode()


def _require_same(claims: Mapping[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    is_asked = isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode())
    if not _is_for(claims, expected.issuer, expected.client) or not is_asked:
        raise _wrong()
    if expected.acr and claims.get("acr") not in expected.acr:
        raise Unverified(
            "provider.acr", "you did not sign in at the provider as strongly as this desk asks for",
            hint="sign in again with what the ministry asks for, such as your card",
        )


def _is_for(claims: Mapping[str, Any], issuer: str, client: str) -> bool:
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    # Nobody else is trusted with a token for us.
    is_ours = audience == [client] and claims.get("azp", client) == client
    return bool(claims.get("iss") == issuer and is_ours)


def _require_signed_in_since(claims: Mapping[str, Any], expected: Expected, issued_at: datetime) -> None:
    if expected.since is None:
        return
    signed_in_at = _instant(claims, "auth_time")
    skew = timedelta(seconds=PROVIDER_SKEW_SECONDS_MAX)
    if not expected.since - skew <= signed_in_at <= issued_at + skew:
        raise Unverified(
            "provider.not-anew", "you were not asked to sign in anew for this",
            hint="repeat it, and sign in when the provider asks",
        )


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
        raise _wrong()
    return datetime.fromtimestamp(value, UTC)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_LENGTH_MAX or not subject.isprintable():
        raise _wrong()
    return subject


def _wrong() -> Unverified:
    return Unverified(
        "provider.wrong", "what the sign-in provider answered does not fit what was asked",
        hint="begin again; if it fails again, ask the operator of this desk",
    )
