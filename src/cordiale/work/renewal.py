"""Renewal: a partner's newer statement, however it comes, counts once its root has signed it."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import Any

from cordiale.canonical import encode_canonical
from cordiale.errors import CordialeError, Malformed
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.form import parse_message
from cordiale.message.trust.statement import read_unverified_statement
from cordiale.message.verification import read_unverified_object
from cordiale.records.correspondence import Arrived
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.registry import Registry
from cordiale.records.renewal import renew
from cordiale.records.session import ActSession


def take_statement(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take the newer statement that a partner's node shows of itself."""
    body = arrived.message.body
    if not isinstance(body, StatementShown):
        raise Malformed("statement.other", "this is not a statement", hint="report this as a defect")
    renew(registry, session, arrived.partner.party, body)


def renew_ahead(registry: Registry, data: bytes, party: str) -> None:
    """Enter the statement in the message `data` before the message is verified: it may be needed for that.

    A statement verifies by itself, against the root that is known; whatever does not is left to the message.
    """
    with suppress(CordialeError):
        body = parse_message(read_unverified_object(data).unverified_payload).body
        known = registry.record(PARTNER, party)
        if not isinstance(body, StatementShown) or known is None:
            return
        newest = open_partner(known, registry.mode).statement.version
        if read_unverified_statement(body.statement.encode()).version > newest:
            renew_by_file(registry, party, body)


def renew_by_file(registry: Registry, party: str, shown: StatementShown) -> None:
    """Take a statement that came as a file, outside any message; it verifies by itself."""
    name = sha256(encode_canonical(shown.encode())).hexdigest()[:32]

    def run(session: ActSession) -> dict[str, Any]:
        return {"version": renew(registry, session, party, shown)}

    registry.ledger.commit(Act(f"statement.{party.lower()}.{name}", "partner.renew", "node", INTERNAL, run, party))
