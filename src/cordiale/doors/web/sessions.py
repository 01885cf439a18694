"""Who is signed in at the desk: short sessions, kept in memory and ended by a restart.

The browser holds a random token; the desk keeps only its digest. What proofs call
the session is another value, from which the token cannot be told.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cordiale.canonical import encode_base64url
from cordiale.doors.web.kept import Kept
from cordiale.errors import Unavailable
from cordiale.limits import (
    DESK_HELD_COUNT_MAX,
    DESK_IDLE_SECONDS_MAX,
    DESK_PENDING_COUNT_MAX,
    DESK_SESSIONS_COUNT_MAX,
    DESK_SESSIONS_OF_ONE_COUNT_MAX,
    DESK_SIGNED_IN_SECONDS_MAX,
)
from cordiale.ports import Clock, Random
from cordiale.records.signed_in import Asked, SignedIn
from cordiale.rules.signing import Means

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Pending:
    """An act that was asked for by the form named `form` and waits to be signed: exactly what is shown.

    `rows` is what was entered as the person is shown it, in order; `beside` what is shown with it (a template and
    its context); `at` the time that is signed for; `values` what was entered, to go back to. `token` is the
    provider's word for exactly this, once it was given.
    """

    asked: Asked
    at: datetime
    form: str
    rows: tuple[tuple[str, str], ...]
    values: Any
    beside: tuple[str, Mapping[str, Any]] | None = None
    token: Any = None


@dataclass(slots=True)
class Session:
    """One person's session. `secret` (32 bytes) never leaves the desk."""

    signed_in: SignedIn
    secret: bytes = field(repr=False)
    begun_at: datetime
    used_at: datetime
    language: str
    binding: str = ""
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)
    readings: dict[str, Any] = field(default_factory=dict)
    searches: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    held: dict[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)

    @property
    def csrf(self) -> str:
        """What every form of this session carries."""
        return encode_base64url(hmac.digest(self.secret, b"csrf", "sha256"))

    def salt_of(self, act_id: str) -> bytes:
        """Return the salt (32 bytes) of the commitment to the content of a deposit: the same for a repetition."""
        return hmac.digest(self.secret, f"deposit {act_id}".encode(), "sha256")

    def keep_search(self, name: str, asked: Mapping[str, Any]) -> None:
        """Keep what was searched for, so that no address says it; the oldest is forgotten."""
        while len(self.searches) >= DESK_PENDING_COUNT_MAX:
            self.searches.pop(next(iter(self.searches)))
        self.searches[name] = asked

    def hold(self, name: str, place: str, page: Callable[[Any], Any]) -> None:
        """Hold what `page` shows at `place` of a form that was not taken; the oldest is forgotten."""
        while len(self.held) >= DESK_HELD_COUNT_MAX:
            self.held.pop(next(iter(self.held)), None)
        self.held[name] = place, page

    def let_go(self, *places: str) -> None:
        """Forget what is held at `places`: the act is done."""
        self.held = {name: one for name, one in self.held.items() if one[0] not in places}

    def seed_of(self, act_id: str) -> bytes:
        """Return what the code of an invitation is made from (32 bytes): the same for a repetition of the act."""
        return hmac.digest(self.secret, f"invitation {act_id}".encode(), "sha256")

    def keep(self, name: str, pending: Pending) -> None:
        """Keep an act until it is signed; the oldest that was never signed is forgotten."""
        while len(self.pending) >= DESK_PENDING_COUNT_MAX:
            self.pending.pop(next(iter(self.pending)))
        self.pending[name] = pending


class Sessions:
    """All who are signed in, and what people left to go on with. Safe to be used from many threads."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._held: dict[bytes, Session] = {}
        self._lock = threading.Lock()
        self.kept = Kept(clock)

    def begin(self, signed_in: SignedIn, language: str, *, binding: str = "") -> tuple[str, Session]:
        """Begin a session of somebody who has signed in, and return the token for the browser with it.

        `binding` is what the session is bound to beside the token (a card's certificate); empty for nothing.
        """
        now = self._clock.now()
        token = self._random.bytes_(_TOKEN_BYTES)
        session = Session(signed_in, self._random.bytes_(_TOKEN_BYTES), now, now, language, binding)
        with self._lock:
            self._sweep(now)
            theirs = [key for key, one in self._held.items() if one.signed_in.person == signed_in.person]
            for key in theirs[:max(0, len(theirs) - DESK_SESSIONS_OF_ONE_COUNT_MAX + 1)]:
                del self._held[key]
            if len(self._held) >= DESK_SESSIONS_COUNT_MAX:
                raise Unavailable(
                    "desk.full", "too many people are signed in at once", hint="try again in some minutes"
                )
            self._held[hashlib.sha256(token).digest()] = session
        return encode_base64url(token), session

    def find(self, token: bytes, *, binding: str = "") -> Session | None:
        """Return the session of a token, and note that it was used; None when there is none or its time is over."""
        now = self._clock.now()
        with self._lock:
            session = self._held.get(hashlib.sha256(token).digest())
            if session is None or session.binding != binding:
                return None
            if self._is_over(session, now):
                del self._held[hashlib.sha256(token).digest()]
                return None
            session.used_at = now
            return session

    def end(self, session: Session) -> None:
        """End one session."""
        with self._lock:
            self._held = {key: one for key, one in self._held.items() if one is not session}

    def end_all(self, person: str, means: Means) -> list[Session]:
        """End every session that a person began by `means`, and return them."""
        with self._lock:
            ended = {
                key: one for key, one in self._held.items()
                if (one.signed_in.person, one.signed_in.means) == (person, means)
            }
            self._held = {key: one for key, one in self._held.items() if key not in ended}
        return list(ended.values())

    def held(self) -> Mapping[str, int]:
        """Return how many sessions each person has now."""
        now = self._clock.now()
        counts: dict[str, int] = {}
        with self._lock:
            self._sweep(now)
            for one in self._held.values():
                counts[one.signed_in.person] = counts.get(one.signed_in.person, 0) + 1
        return counts

    def _sweep(self, now: datetime) -> None:
        self._held = {key: one for key, one in self._held.items() if not self._is_over(one, now)}

    @staticmethod
    def _is_over(session: Session, now: datetime) -> bool:
        return (
            now - session.used_at > timedelta(seconds=DESK_IDLE_SECONDS_MAX)
            or now - session.begun_at > timedelta(seconds=DESK_SIGNED_IN_SECONDS_MAX)
            or now < session.begun_at - timedelta(minutes=1)
        )
