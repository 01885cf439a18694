"""The provider of a desk: from what is to be vouched for to a token that was verified, and what becomes of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.oidc import Provider, ProviderPlace
from cordiale.canonical import encode_base64url
from cordiale.config import ProviderSettings
from cordiale.crypto.id_token import Expected, LogoutToken, VerifiedToken, verify_id_token, verify_logout_token
from cordiale.errors import Unavailable
from cordiale.records.credentials import account_members
from cordiale.records.enrolling import offer, shown_offer
from cordiale.records.registry import Registry, Request
from cordiale.records.signed_in import Asked, SignedIn, provider_nonce, provider_request
from cordiale.records.signing_in import sign_in_by_provider

BACK: Final = "/sign-in/provider/back"
"""Where the provider sends the browser back to; this address of the desk is registered there."""

LOGGED_OUT: Final = "/sign-in/provider/signed-out"
"""Where the provider says that somebody was signed out there (`backchannel_logout_uri`)."""

_SECRET_SIZE_BYTES_MAX: Final = 4_096
_CHANCE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody who was sent to the provider: where, and by what their answer is known again.

    `since` is the time after which they have to sign in there, None where it does not matter.
    """

    address: str
    state: str
    verifier: str
    nonce: str
    since: datetime | None


class DeskProvider:
    """The provider of one desk whose pages stand at `origin`."""

    def __init__(self, registry: Registry, settings: ProviderSettings, origin: str) -> None:
        """Raises `Unavailable` when the secret cannot be read, and as `Provider` does."""
        self._registry = registry
        self._settings = settings
        self._provider = Provider(ProviderPlace(
            settings.issuer, settings.client, f"{origin}{BACK}", _read_secret(settings.secret), settings.authorities,
            settings.acr,
        ))

    def begin(self) -> Begun:
        """Return where somebody goes to be known."""
        return self._begin(encode_base64url(self._registry.random.bytes_(_CHANCE_BYTES)), None)

    def begin_anew(self) -> Begun:
        """Return where somebody goes to show which account is theirs: by signing in there anew."""
        return self._begin(encode_base64url(self._registry.random.bytes_(_CHANCE_BYTES)), self._registry.now())

    def begin_signature(self, asked: Asked, at: datetime) -> Begun:
        """Return where somebody goes to sign in anew, for what is asked as it is shown at `at`."""
        return self._begin(provider_nonce(self._registry, asked, at), at)

    def _begin(self, nonce: str, since: datetime | None) -> Begun:
        random = self._registry.random
        state, verifier = (encode_base64url(random.bytes_(_CHANCE_BYTES)) for _ in range(2))
        address = self._provider.address_for(state=state, nonce=nonce, verifier=verifier, anew=since is not None)
        return Begun(address, state, verifier, nonce, since)

    def finish(self, begun: Begun, answer: Mapping[str, str]) -> VerifiedToken:
        """Return the token for the browser's `answer`, verified for what was begun; raises `Unverified` otherwise."""
        text, keys = self._provider.fetch_token(answer, begun.verifier)
        expected = Expected(
            self._settings.issuer, self._settings.client, begun.nonce, frozenset(self._settings.acr), begun.since
        )
        return verify_id_token(text, keys, expected, self._registry.now())

    def sign_in(self, begun: Begun, answer: Mapping[str, str]) -> SignedIn:
        """Sign in whom the provider vouches for."""
        return sign_in_by_provider(self._registry, self.finish(begun, answer), begun.nonce)

    def signed_out(self, text: str) -> LogoutToken:
        """Return whom the provider says it has signed out; raises `Unverified` for anything that it has not said."""
        keys = self._provider.keys_for(text)
        return verify_logout_token(text, keys, (self._settings.issuer, self._settings.client), self._registry.now())

    def enrol(self, digest: str, begun: Begun, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """Enter an account as offered; return its name and the fingerprint to be read to whoever confirms it."""
        members = account_members(self.finish(begun, answer), self._settings.client)
        return shown_offer(self._registry, offer(self._registry, digest, members))

    def request(self, signed_in: SignedIn, asked: Asked, at: datetime, token: VerifiedToken) -> Request:
        """Return the act that the provider has vouched for; raises as `provider_request`."""
        return provider_request(self._registry, signed_in, asked, at=at, token=token)


def _read_secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        content = path.read_bytes()
        is_private = os.stat(path).st_mode & 0o077 == 0
    except OSError as error:
        raise _no_secret() from error
    if not is_private or not 0 < len(content) <= _SECRET_SIZE_BYTES_MAX:
        raise _no_secret()
    return content.decode(errors="replace").strip()


def _no_secret() -> Unavailable:
    return Unavailable(
        "provider.secret", "the secret for the sign-in provider cannot be read, or others can read it",
        hint="let only the user of the node read the file that `secret` names in the settings",
    )
