"""What a machine client may do: what it was entered for, out of what its person may do without signing for it.

A client narrows and never widens: the offices of its person are asked at every
act as well. What discloses, ends or widens is signed for by a person, and is no
client's, whatever it was entered for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.rules.signing import ROUTINE_ACTS
from cordiale.rules.validity import TIME_UNKNOWN, has_ended, is_aware

EVERY_VIEW: Final = "view.*"
"""The scope of every question; acts are named one by one."""

_VIEW: Final = "view."
ROUTINE_SCOPES: Final = ROUTINE_ACTS - {"draft.open", "draft.read", "read", "read.open"}
"""The acts that a client may be entered for; no client is given a content to read."""


class ClientState(StrEnum):
    """How far a client has come: a second person confirms it, and one withdraws it."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Client:
    """A machine client as the books have it: what it may ask, and until when (an aware UTC datetime)."""

    state: ClientState
    scopes: frozenset[str]
    valid_until: datetime


def scopes_for(kind: str) -> tuple[str, ...]:
    """Return the scopes that each reach the act or question `kind`; none for what only a person does."""
    if kind.startswith(_VIEW):
        return (kind, EVERY_VIEW)
    return (kind,) if kind in ROUTINE_SCOPES else ()


def decide_scopes(scopes: Sequence[str]) -> Decision:
    """Decide whether a client may be entered for `scopes`, with a reason for each that none may have."""
    return decision_of("client-scopes", [
        refusal(
            "client.no-scope", "no client is entered for {scope}: a person signs for it, or there is no such act",
            scope=scope[:60],
        ) for scope in scopes if scope != EVERY_VIEW and scope not in scopes_for(scope)
    ])


def list_standing_reasons(client: Client, now: datetime) -> Iterator[Reason]:
    """Yield why `client` may do nothing at all at `now`, an aware UTC datetime."""
    if client.state is ClientState.WITHDRAWN:
        yield refusal("client.withdrawn", "this client was withdrawn; have the security officer enter another")
    elif client.state is not ClientState.ACTIVE:
        yield refusal("client.unconfirmed", "this client counts when a second person has confirmed it")
    if has_ended(client.valid_until, now):
        yield refusal("client.ended", "the time of this client is over; have the security officer enter another")


def decide_client(client: Client, kind: str, now: datetime) -> Decision:
    """Decide whether `client` may ask for `kind` at all; what its person may do is decided beside it."""
    if not is_aware(now):
        return decision_of("client", (TIME_UNKNOWN,))
    reasons = list(list_standing_reasons(client, now))
    if not client.scopes.intersection(scopes_for(kind)):
        reasons.append(refusal(
            "client.scope", "this client was not entered for {act}; a person does it with their own key",
            act=kind[:60],
        ))
    return decision_of("client", reasons)
