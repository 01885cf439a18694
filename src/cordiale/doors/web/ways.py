"""The ways in that need no session: tickets that are good once and not for long, and how failures are slowed down.

A ticket is made without being remembered, so that nobody fills the memory by
loading pages; only those that were used are remembered, until they run out.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.config import ProviderSettings
from cordiale.doors.web.sessions import Session
from cordiale.errors import Malformed, Unavailable, Unverified
from cordiale.limits import (
    SIGN_IN_ATTEMPTS_COUNT_MAX,
    SIGN_IN_FAILURES_COUNT_MAX,
    SIGN_IN_FLOWS_COUNT_MAX,
    SIGN_IN_SECONDS_MAX,
    SIGN_IN_WAIT_SECONDS_MAX,
)
from cordiale.operate.desk_provider import Begun, DeskProvider
from cordiale.ports import Clock, Random
from cordiale.records.passkeys import Passkeys
from cordiale.records.registry import Registry

_SECRET_BYTES: Final = 32
_TIME_BYTES: Final = 8
_CHANCE_BYTES: Final = 8
TICKET_SIZE_BYTES: Final = 32


class Tickets:
    """Values of 32 bytes, each for one purpose, that are taken once and within `SIGN_IN_SECONDS_MAX`."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._secret = random.bytes_(_SECRET_BYTES)
        self._used: dict[bytes, datetime] = {}
        self._lock = threading.Lock()

    def make(self, purpose: str) -> bytes:
        """Return a new ticket for `purpose`; nobody can tell the next one."""
        now = int(self._clock.now().timestamp()).to_bytes(_TIME_BYTES, "big")
        head = now + self._random.bytes_(_CHANCE_BYTES)
        return head + self._seal(purpose, head)

    def take(self, purpose: str, ticket: bytes) -> bytes:
        """Return `ticket` and let it never be taken again; raises `Unverified` when it is none that counts."""
        head = ticket[: _TIME_BYTES + _CHANCE_BYTES]
        if len(ticket) != TICKET_SIZE_BYTES or not hmac.compare_digest(self._seal(purpose, head), ticket[len(head) :]):
            raise _stale()
        now = self._clock.now()
        age = int(now.timestamp()) - int.from_bytes(head[:_TIME_BYTES], "big")
        if not 0 <= age <= SIGN_IN_SECONDS_MAX:
            raise _stale()
        with self._lock:
            self._used = {one: until for one, until in self._used.items() if until > now}
            if ticket in self._used:
                raise _stale()
            self._used[ticket] = now + timedelta(seconds=SIGN_IN_SECONDS_MAX + 1)
        return ticket

    def _seal(self, purpose: str, head: bytes) -> bytes:
        return hmac.digest(self._secret, purpose.encode() + b"\0" + head, "sha256")[: TICKET_SIZE_BYTES - len(head)]


def _stale() -> Unverified:
    return Unverified("desk.stale-page", "this page was shown too long ago, or was used before",
                      hint="load the page again and repeat it")


class Attempts:
    """How often whoever tries has failed: after some failures each further one doubles the wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, datetime]] = {}
        self._lock = threading.Lock()

    def require_turn(self, who: str) -> None:
        """Raise `Unavailable` while `who` has to wait."""
        with self._lock:
            count, at = self._failed.get(who, (0, self._clock.now()))
        wait = _wait_of(count)
        if self._clock.now() < at + wait:
            raise Unavailable(
                "desk.wait", "this failed too often; it can be tried again in {seconds} seconds at the latest",
                hint="wait, and then try it once more", seconds=int(wait.total_seconds()),
            )

    def note_failure(self, who: str) -> None:
        """Note that `who` has failed once more."""
        now = self._clock.now()
        with self._lock:
            count = self._failed.pop(who, (0, now))[0]
            while len(self._failed) >= SIGN_IN_ATTEMPTS_COUNT_MAX:
                self._failed.pop(next(iter(self._failed)))
            self._failed[who] = (count + 1, now)

    def forget(self, who: str) -> None:
        """Forget the failures of `who`, who has succeeded."""
        with self._lock:
            self._failed.pop(who, None)


def _wait_of(count: int) -> timedelta:
    over = count - SIGN_IN_FAILURES_COUNT_MAX
    seconds = min(2**min(over, 20), SIGN_IN_WAIT_SECONDS_MAX) if over >= 0 else 0
    return timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Flow:
    """Somebody who was sent to the provider and comes back: to sign in, or for something of their own.

    `digest` is that of the code with which an account is enrolled; `session` and `pending` name the act to be signed.
    """

    begun: Begun
    digest: str = ""
    session: Session | None = None
    pending: str = ""


class Flows:
    """Those who were sent to the provider, each known again by what only their own browser holds, and once."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._held: dict[bytes, tuple[Flow, datetime]] = {}
        self._lock = threading.Lock()

    def keep(self, flow: Flow) -> str:
        """Keep `flow` until it comes back, and return what the browser holds meanwhile."""
        token, now = self._random.bytes_(_SECRET_BYTES), self._clock.now()
        until = now + timedelta(seconds=SIGN_IN_SECONDS_MAX)
        with self._lock:
            self._held = {key: one for key, one in self._held.items() if one[1] > now}
            while len(self._held) >= SIGN_IN_FLOWS_COUNT_MAX:
                self._held.pop(next(iter(self._held)))
            self._held[hashlib.sha256(token).digest()] = (flow, until)
        return encode_base64url(token)

    def take(self, token: str, state: str) -> Flow:
        """Return who comes back with `state`; raises `Unverified` when this browser was not sent so."""
        try:
            key = hashlib.sha256(parse_base64url(token[:80])).digest()
        except Malformed:
            raise _stale() from None
        with self._lock:
            flow, until = self._held.pop(key, (None, self._clock.now()))
        is_same = flow is not None and hmac.compare_digest(flow.begun.state.encode(), state.encode())
        if flow is None or not is_same or self._clock.now() > until:
            raise _stale()
        return flow


class Told:
    """What the provider has said by itself, each once while it is taken."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def take(self, id: str) -> str:
        """Return `id` once; raises `Unverified` when it was taken before."""
        now = self._clock.now()
        with self._lock:
            self._taken = {one: until for one, until in self._taken.items() if until > now}
            if id in self._taken:
                raise _stale()
            self._taken[id] = now + timedelta(seconds=2 * SIGN_IN_SECONDS_MAX)
        return id


@dataclass(frozen=True, slots=True)
class Ways:
    """How people sign in at this desk.

    `passkeys` None where its address lets no browser use one; `provider` None where none is set.
    """

    tickets: Tickets
    attempts: Attempts
    flows: Flows
    told: Told
    passkeys: Passkeys | None
    provider: DeskProvider | None

    def require_provider(self) -> DeskProvider:
        """Return the provider; raises `Unavailable` where none is set."""
        if self.provider is None:
            raise Unavailable(
                "desk.no-provider", "this desk knows no sign-in provider", hint="sign in otherwise"
            )
        return self.provider

    def require_passkeys(self) -> Passkeys:
        """Return the passkeys; raises `Unavailable` where there can be none."""
        if self.passkeys is None:
            raise Unavailable(
                "desk.no-passkeys", "passkeys cannot be used at the address of this desk",
                hint="have the operator give the desk a name with https (docs/desk-sign-in.md)",
            )
        return self.passkeys


def ways_of(registry: Registry, origin: str, settings: ProviderSettings | None) -> Ways:
    """Return how people sign in at a desk whose pages stand at `origin`; raises as `DeskProvider` does."""
    clock, random = registry.clock, registry.random
    try:
        passkeys = Passkeys(registry, origin)
    except Malformed:
        passkeys = None
    provider = DeskProvider(registry, settings, origin) if settings is not None else None
    return Ways(Tickets(clock, random), Attempts(clock), Flows(clock, random), Told(clock), passkeys, provider)
