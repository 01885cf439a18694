"""How a machine client stands in the books, as it is asked at every act of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.model.decision import Decision, decision_of, refusal
from cordiale.records.session import Books
from cordiale.rules.clients import Client, ClientState, decide_client

CLIENT: Final = "client"
CLIENT_ACT: Final = "client-act"
"""Which client has done an act, or tried to; the entry of the act commits to it."""


def client_of(body: Mapping[str, Any]) -> Client:
    """Return what the rules ask of a client's record."""
    return Client(ClientState(body["state"]), frozenset(body["scopes"]), parse_instant(body["valid_until"]))


def decide_client_body(body: Mapping[str, Any], asked: tuple[str, str], now: datetime) -> Decision:
    """Decide whether the client in `body` may do what is `asked` (whose act, and its kind) at `now`."""
    person, kind = asked
    if body["person"] != person:
        return decision_of("client", [refusal("client.other-person", "this client acts for somebody else")])
    return decide_client(client_of(body), kind, now)


def decide_client_now(books: Books, client: str, asked: tuple[str, str]) -> Decision:
    """Decide whether `client` may do what is `asked` (whose act, and its kind), as it stands now."""
    return decide_client_body(books.require(CLIENT, client).body, asked, books.at)
