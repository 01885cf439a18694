"""Node statements in the books: a partner's newer one is entered, and our own is shown to every partner."""

from __future__ import annotations

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.trust.root import follow_rotations
from cordiale.message.trust.statement import verify_statement
from cordiale.records.correspondence import Letter, post
from cordiale.records.partners import OWN, OWN_ID, PARTNER, open_partner
from cordiale.records.record import open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession


def renew(registry: Registry, session: ActSession, party: str, shown: StatementShown) -> int:
    """Enter a newer statement of `party`, and the root rotations it rests on; return its version.

    One that is already known changes nothing. Raises as `verify_statement` and `verify_rotation` do.
    """
    record = session.require(PARTNER, party)
    known = open_partner(record, registry.mode)
    data = shown.statement.encode()
    if encode_base64url(data) == record["statement"]:
        return known.statement.version
    roots = [root.encode() for root in shown.roots]
    root = follow_rotations(known.root, roots)
    statement = verify_statement(data, root, now=session.at, known=known.statement)
    newest = encode_base64url(roots[-1]) if roots else record["root"]
    session.change(record, node=statement.node, root=newest, statement=encode_base64url(data))
    return statement.version


def show_statement(registry: Registry, session: ActSession) -> None:
    """Show our newest statement to every confirmed partner; called in the act that installs it."""
    own = session.require(OWN, OWN_ID)
    body = StatementShown(parse_base64url(own["statement"]).decode())
    for stored in session.reads.every(PARTNER):
        partner = open_partner(open_record(stored), registry.mode)
        if partner.is_confirmed:
            post(registry, session, Letter(partner=partner.statement, body=body))
