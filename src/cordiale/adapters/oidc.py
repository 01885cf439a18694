"""The ministry's OpenID Connect provider: where to send a browser, and the token that is fetched for its answer.

Code flow with PKCE (S256). What the provider publishes of itself is kept for an
hour, its keys are asked for again when it signs with one we have not seen, and
every call has an end: in time, in size, and in where it goes. No call follows a
redirection or a proxy of the environment.

Source: OpenID Connect Core and Discovery 1.0; RFC 7636; RFC 9207; RFC 9700.
"""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2

from cordiale.canonical import encode_base64url
from cordiale.crypto.id_token import ALGORITHMS, ProviderKey, parse_provider_keys, unverified_kid
from cordiale.errors import Malformed, Unavailable, Unverified
from cordiale.limits import (
    ID_TOKEN_SIZE_BYTES_MAX,
    PROVIDER_ANSWER_SIZE_BYTES_MAX,
    PROVIDER_CALL_SECONDS_MAX,
    PROVIDER_KEPT_SECONDS_MAX,
    PROVIDER_REFRESH_SECONDS_MIN,
    SHORT_TEXT_LENGTH_MAX,
)

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS_LENGTH_MAX: Final = 2_000
# What comes packed could be larger than it looks.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class ProviderPlace:
    """Where the provider is and who we are there.

    `secret` is what we show it for a token; empty where it knows us by PKCE alone. `authorities` is a file with the
    certificates its own is verified against, None for those of the system. `acr` are the strengths we ask for.
    """

    issuer: str
    client: str
    redirect: str
    secret: str = ""
    authorities: Path | None = None
    acr: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Published:
    """What the provider says of itself, and when it was asked (seconds of a clock that only runs forward)."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    at: float


class Provider:
    """One provider. Safe to be used from many threads."""

    def __init__(self, place: ProviderPlace) -> None:
        """Raises `Malformed` when an address is none, and `Unavailable` when the authorities cannot be read."""
        self.place = place
        _require_address(place.issuer)
        self._client = httpx2.Client(
            verify=_verifying(place.authorities), timeout=PROVIDER_CALL_SECONDS_MAX, follow_redirects=False,
            trust_env=False, limits=httpx2.Limits(max_connections=8, max_keepalive_connections=2),
        )
        self._lock = threading.Lock()
        self._published: _Published | None = None
        self._keys: tuple[ProviderKey, ...] = ()
        self._keys_at = float("-inf")

    def address_for(self, *, state: str, nonce: str, verifier: str, anew: bool) -> str:
        """Return where the browser goes; with `anew` the person has to sign in even if they are signed in there."""
        published = self._publish()
        challenge = encode_base64url(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "client_id": self.place.client, "code_challenge": challenge,
            "code_challenge_method": "S256", "nonce": nonce, "redirect_uri": self.place.redirect,
            "response_type": "code", "scope": "openid", "state": state,
        }
        if anew:
            asked |= {"max_age": "0", "prompt": "login"}
        if self.place.acr:
            asked["acr_values"] = " ".join(self.place.acr)
        return f"{published.authorization}{'&' if '?' in published.authorization else '?'}{urlencode(asked)}"

    def fetch_token(self, answer: Mapping[str, str], verifier: str) -> tuple[str, tuple[ProviderKey, ...]]:
        """Return the ID token for the browser's `answer`, not verified, and the keys to verify it with.

        Raises `Unverified` when the provider signed nobody in, or the answer is another provider's, and
        `Unavailable` when it does not answer.
        """
        published = self._publish()
        if "iss" in answer or published.names_itself:
            self._require_issuer(answer.get("iss", ""))
        if "error" in answer or not answer.get("code"):
            raise Unverified(
                "provider.declined", "the sign-in provider signed nobody in", hint="begin again, or sign in otherwise"
            )
        token = self._redeem(published.token, answer["code"][:_ADDRESS_LENGTH_MAX], verifier)
        return token, self._keys_for(published.keys, unverified_kid(token))

    def keys_for(self, token: str) -> tuple[ProviderKey, ...]:
        """Return the keys to verify a token with that the provider has sent by itself; raises as `fetch_token`."""
        return self._keys_for(self._publish().keys, unverified_kid(token))

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _require_issuer(self, issuer: str) -> None:
        if issuer != self.place.issuer:
            raise Unverified(
                "provider.other", "this answer is not of the sign-in provider of this desk", hint="begin again"
            )

    def _redeem(self, address: str, code: str, verifier: str) -> str:
        form = {
            "client_id": self.place.client, "code": code, "code_verifier": verifier,
            "grant_type": "authorization_code", "redirect_uri": self.place.redirect,
        }
        secret = httpx2.BasicAuth(self.place.client, self.place.secret) if self.place.secret else None
        answer = self._ask("POST", address, form=form, auth=secret)
        token = answer.get("id_token")
        if not isinstance(token, str) or not 0 < len(token) <= ID_TOKEN_SIZE_BYTES_MAX:
            raise _no_answer("id_token")
        return token

    def _publish(self) -> _Published:
        with self._lock:
            known = self._published
        if known is not None and time.monotonic() < known.at + PROVIDER_KEPT_SECONDS_MAX:
            return known
        said = self._ask("GET", f"{self.place.issuer.rstrip('/')}/.well-known/openid-configuration")
        self._require_issuer(str(said.get("issuer", "")))
        if "S256" not in _listed(said, "code_challenge_methods_supported", "S256"):
            raise _no_answer("PKCE")
        if not _listed(said, "id_token_signing_alg_values_supported", "RS256") & set(ALGORITHMS):
            raise _no_answer("alg")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, keys = (_require_address(str(said.get(name, ""))) for name in names)
        names_itself = said.get("authorization_response_iss_parameter_supported") is True
        published = _Published(authorization, token, keys, names_itself, time.monotonic())
        with self._lock:
            self._published = published
        return published

    def _keys_for(self, address: str, kid: str) -> tuple[ProviderKey, ...]:
        """Return the provider's keys; one that is not known is asked for anew, and not again and again."""
        with self._lock:
            keys, age = self._keys, time.monotonic() - self._keys_at
        is_known = bool(keys) and (not kid or any(key.kid == kid for key in keys))
        if age < (PROVIDER_KEPT_SECONDS_MAX if is_known else PROVIDER_REFRESH_SECONDS_MIN):
            return keys
        keys = parse_provider_keys(self._fetch("GET", address))
        with self._lock:
            self._keys, self._keys_at = keys, time.monotonic()
        return keys

    def _ask(self, method: str, address: str, **given: Any) -> dict[str, Any]:
        try:
            value = json.loads(self._fetch(method, address, **given))
        except (ValueError, RecursionError) as error:
            raise _no_answer("JSON") from error
        if not isinstance(value, dict):
            raise _no_answer("JSON")
        return value

    def _fetch(
        self, method: str, address: str, *, form: Mapping[str, str] | None = None, auth: httpx2.Auth | None = None,
    ) -> bytes:
        until = time.monotonic() + 2 * PROVIDER_CALL_SECONDS_MAX
        content = bytearray()
        try:
            with self._client.stream(
                method, address, data=form, auth=auth, headers=_HEADERS
            ) as response:
                if response.status_code != httpx2.codes.OK:
                    raise _no_answer(f"HTTP {response.status_code}")
                for chunk in response.iter_raw():
                    content += chunk
                    if len(content) > PROVIDER_ANSWER_SIZE_BYTES_MAX or time.monotonic() > until:
                        raise _no_answer("size")
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise _no_answer("connection") from error
        return bytes(content)


def _listed(said: Mapping[str, Any], name: str, default: str) -> set[str]:
    """Return what the provider lists under `name`; what it does not say is the default of the standard."""
    listed = said.get(name, [default])
    return set(map(str, listed)) if isinstance(listed, list) else set()


def _verifying(authorities: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            "provider.authorities", "the certificates to verify the sign-in provider with cannot be read",
            hint="look at `authorities` in the settings of the provider",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _require_address(address: str) -> str:
    """Return `address` when calls may go there: over TLS, or to this machine itself."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address(address) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    plain = address.isascii() and address.isprintable() and not parts.fragment and parts.username is None
    if not (is_safe and host and plain and len(address) <= _ADDRESS_LENGTH_MAX):
        raise _no_address(address)
    return address


def _no_address(address: str) -> Malformed:
    return Malformed(
        "provider.address", "`{address}` is no address of a sign-in provider", hint="write it as https://host/path",
        address=address[:SHORT_TEXT_LENGTH_MAX],
    )


def _no_answer(why: str) -> Unavailable:
    return Unavailable(
        "provider.no-answer", "the sign-in provider does not answer as it should ({why})",
        hint="try again later, or sign in otherwise; the operator looks at the ministry's sign-in service", why=why,
    )
