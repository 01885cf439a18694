"""Our end of the wire: who may call, where we listen, and how a stranger's statement is fetched.

A key counts for as long as a confirmed partner's valid statement names it; that
is asked at every handshake and every request. Whoever shows another key is a
**visitor**: a visitor may fetch our root and statement, which are made to be
given away, and nothing else. Nobody trusts what was fetched so: two people
compare its fingerprint over another channel.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import uvicorn

from cordiale.adapters.http_client import PeerClient
from cordiale.adapters.tls import PEER_EXTENSION, AsgiApp, PeerContext, peer_server_config
from cordiale.canonical import Fields, encode_base64url, encode_canonical, parse_canonical
from cordiale.errors import Unavailable, Undecidable, Unverified
from cordiale.limits import ROOT_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from cordiale.message.trust.root import fingerprint, verify_root
from cordiale.message.trust.statement import verify_statement
from cordiale.model.party import NodeStatement, PartyRoot
from cordiale.records.partners import OWN, OWN_ID, PARTNER, open_partner
from cordiale.records.record import open_record
from cordiale.records.registry import Registry

VISITOR: Final = ""
"""What stands for the name of a partner node when the key shown is none we know."""

_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMEOUT_SECONDS: Final = 20.0


class _WithVisitors(Mapping[bytes, str]):
    """The pins we know, and `VISITOR` for every other."""

    def __init__(self, known: Mapping[bytes, str]) -> None:
        self._known = known

    def __getitem__(self, pin: bytes) -> str:
        return self._known.get(pin, VISITOR)

    def __contains__(self, pin: object) -> bool:
        return True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class PartnerPins:
    """The transport keys that count now, and the partner node each is of; to be called on every request.

    The books are read again only when something was committed or a statement has expired.
    """

    def __init__(self, registry: Registry, *, admits_visitors: bool) -> None:
        self._registry = registry
        self._admits_visitors = admits_visitors
        self._known: Mapping[bytes, str] = {}
        self._until = _BEFORE_ALL
        self._is_stale = True
        registry.ledger.on_commit(self._forget)

    def _forget(self) -> None:
        self._is_stale = True

    def __call__(self) -> Mapping[bytes, str]:
        """Return partner nodes by pin; nobody while the clock is in doubt."""
        try:
            now = self._registry.now()
        except Undecidable:
            return {}
        if self._is_stale or now >= self._until:
            self._is_stale = False
            self._known, self._until = self._read(now)
        return _WithVisitors(self._known) if self._admits_visitors else self._known

    def _read(self, now: datetime) -> tuple[dict[bytes, str], datetime]:
        known: dict[bytes, str] = {}
        until = datetime.max.replace(tzinfo=UTC)
        for stored in self._registry.reads().every(PARTNER, limit=10_000):
            partner = open_partner(open_record(stored), self._registry.mode)
            if partner.is_confirmed and now < partner.statement.expires_at:
                known |= dict.fromkeys(partner.statement.transport_pins, str(partner.statement.node))
                until = min(until, partner.statement.expires_at)
        return known, until


def caller_of(scope: Mapping[str, Any]) -> str:
    """Return the partner node that made the request of `scope`, `VISITOR` for anybody else."""
    peer = scope.get("extensions", {}).get(PEER_EXTENSION)
    return str(peer["partner"]) if peer is not None else VISITOR


def bind_wire(address: tuple[str, int]) -> socket.socket:
    """Return a socket that listens on `address`; raises `Unavailable` when that cannot be had."""
    host, port = address
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        detail = error.strerror or "name not known"
        raise Unavailable(
            "wire.not-listening", "the node cannot listen on {host}:{port}: {detail}",
            hint="see whether another program or node has this port, or change `listen` in config.toml",
            host=host, port=port, detail=os.strerror(error.errno) if error.errno and error.errno > 0 else detail,
        ) from error


def wire_server(registry: Registry, app: AsgiApp, pins: PartnerPins, address: tuple[str, int]) -> uvicorn.Config:
    """Return how `app` is served to partners: TLS with this node's key, and only to whom `pins` lets in."""
    keys = registry.keys
    context = PeerContext(keys.transport_certificate, keys.transport_key, allowed_pins=pins)
    return peer_server_config(app, context, host=address[0], port=address[1])


def own_card(registry: Registry) -> bytes:
    """Return our root and statement as a stranger may have them; raises `Undecidable` before they are installed."""
    stored = registry.reads().record(OWN, OWN_ID)
    if stored is None:
        raise Undecidable(
            "own.no-statement", "this node has no statement signed by its party's root yet",
            hint="have the key officers sign one, then `cordiale node install`",
        )
    record = open_record(stored)
    return encode_canonical({"root": record["root"], "statement": record["statement"]})


@dataclass(frozen=True, slots=True)
class Contacted:
    """What a node at an address says of itself: nothing of it is trusted until the fingerprint is compared."""

    root_content: bytes
    statement_content: bytes
    root: PartyRoot
    statement: NodeStatement

    def answer(self) -> dict[str, Any]:
        """Return what an operator is shown, and the two objects to keep."""
        return {
            "fingerprint": fingerprint(self.root), "node": self.statement.node, "party": self.root.party,
            "root": encode_base64url(self.root_content), "statement": encode_base64url(self.statement_content),
            "title": self.root.title, "until": self.statement.expires_at.strftime("%Y-%m-%d"),
            "version": self.statement.version,
        }


def contact(registry: Registry, endpoint: str) -> Contacted:
    """Fetch root and statement of the node at `endpoint`, and verify that they belong together.

    Raises `Unverified` when they do not, when they are of the other mode, or when the key of the connection is
    not one the statement names; `Unavailable` when nobody answers.
    """
    pins = _NotedPins()
    keys = registry.keys
    with PeerClient(
        endpoint, lambda: pins, certificate_pem=keys.transport_certificate, key_pem=keys.transport_key,
        timeout_seconds=_TIMEOUT_SECONDS,
    ) as client:
        response = client.get("/statement")
    if response.status != 200:
        raise Unavailable(
            "contact.no-answer", "the node at {endpoint} does not give its statement to strangers",
            hint="ask the other party whether its statement is installed, or for its root and statement as files",
            endpoint=endpoint[:120],
        )
    contacted = _read_card(registry, response.body)
    if not pins.shown <= set(contacted.statement.transport_pins):
        raise Unverified(
            "contact.other-key", "the node at {endpoint} shows a key that its own statement does not name",
            hint="somebody may stand between; ask the other party over another channel", endpoint=endpoint[:120],
        )
    return contacted


class _NotedPins(frozenset[bytes]):
    """Lets every key in and notes what was shown: whom we speak to is decided by the statement they hand over."""

    shown: set[bytes]

    def __new__(cls) -> _NotedPins:
        made = super().__new__(cls)
        made.shown = set()
        return made

    def __contains__(self, pin: object) -> bool:
        if isinstance(pin, bytes):
            self.shown.add(pin)
        return True


def _read_card(registry: Registry, card: bytes) -> Contacted:
    size_max = 2 * (ROOT_SIZE_BYTES_MAX + STATEMENT_SIZE_BYTES_MAX)
    fields = Fields(parse_canonical(card, size_max=size_max), where="answer to a first contact")
    root_content, statement_content = fields.bytes_("root"), fields.bytes_("statement")
    fields.end()
    root = verify_root(root_content, mode=registry.mode)
    statement = verify_statement(statement_content, root, now=registry.now())
    return Contacted(root_content, statement_content, root, statement)
