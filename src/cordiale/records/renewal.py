"""Node statements in the books: a partner's newer one is entered, and our own is shown to every partner."""

from __future__ import annotations

from typing import Final

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.errors import Malformed
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX, ROOT_ROTATIONS_COUNT_MAX
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.trust.root import read_unverified_root, verify_rotation
from cordiale.message.trust.statement import verify_statement
from cordiale.model.party import NodeStatement
from cordiale.ports import Reads
from cordiale.records.correspondence import Letter, post
from cordiale.records.keyring import log_prefix
from cordiale.records.partners import OWN, OWN_ID, PARTNER, open_partner
from cordiale.records.record import missing, open_record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession

_ROOTS_SHOWN_SIZE_BYTES_MAX: Final = MESSAGE_SIZE_BYTES_MAX // 2


def renew(registry: Registry, session: ActSession, party: str, shown: StatementShown) -> int:
    """Enter a newer statement of `party`, and the root rotations it rests on; return its version.

    One that is already known changes nothing. Raises as `verify_statement` and `verify_rotation` do.
    """
    record = session.require(PARTNER, party)
    known = open_partner(record, registry.mode)
    data = shown.statement.encode()
    if encode_base64url(data) == record["statement"]:
        return known.statement.version
    root, newest = known.root, record["root"]
    for rotation in (one.encode() for one in shown.roots[:ROOT_ROTATIONS_COUNT_MAX]):
        # Only a root that the one before it signed replaces it; whatever else lies there is passed over.
        if read_unverified_root(rotation).version > root.version:
            root, newest = verify_rotation(rotation, root), encode_base64url(rotation)
    statement = verify_statement(data, root, now=session.at, known=known.statement)
    require_distinct(registry, session, statement)
    session.change(record, node=statement.node, root=newest, statement=encode_base64url(data))
    return statement.version


def require_distinct(registry: Registry, session: ActSession, statement: NodeStatement) -> NodeStatement:
    """Return `statement` when its node and its logs have names that nobody else known here has.

    Queues, streams and heads are kept by these names. Raises `Malformed` for one that is ours or another partner's.
    """
    others = [registry.node]
    prefixes = [log_prefix(registry.mode, registry.party, registry.node)]
    for stored in session.reads.every(PARTNER, limit=10_000):
        other = open_partner(open_record(stored), registry.mode).statement
        if other.party != statement.party:
            others.append(other.node)
            prefixes += [keys.origin_prefix for keys in other.log_keys]
    ours = [keys.origin_prefix for keys in statement.log_keys]
    nested = any(_is_within(one, other) or _is_within(other, one) for one in ours for other in prefixes)
    if statement.node in others or nested:
        raise Malformed(
            "partner.name-taken", "the node {node} or its logs are named like those of somebody else known here",
            hint="ask the party to name its node and logs otherwise", node=statement.node,
        )
    return statement


def _is_within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + "/")


def own_shown(reads: Reads) -> StatementShown:
    """Return our newest statement with the versions of our root that were installed here, oldest first.

    Which of them a partner knows already is not known here; it passes those over. The first version of all is not
    shown: whoever is a partner has it, or a later one. Raises `OutOfOrder` before any
    statement is installed.
    """
    versions = [open_record(stored).body for stored in reads.versions(OWN, OWN_ID)]
    if not versions:
        raise missing(OWN, OWN_ID)
    installed = [parse_base64url(root) for root in dict.fromkeys(str(body["root"]) for body in versions)]
    roots = [root.decode() for root in installed if read_unverified_root(root).version > 1]
    shown: list[str] = []
    for root in reversed(roots[-ROOT_ROTATIONS_COUNT_MAX:]):
        if sum(map(len, shown)) + len(root) <= _ROOTS_SHOWN_SIZE_BYTES_MAX:
            shown.insert(0, root)
    return StatementShown(parse_base64url(versions[-1]["statement"]).decode(), tuple(shown))


def show_statement(registry: Registry, session: ActSession) -> None:
    """Show our newest statement to every confirmed partner; called in the act that installs it."""
    body = own_shown(session.reads)
    for stored in session.reads.every(PARTNER):
        partner = open_partner(open_record(stored), registry.mode)
        if partner.is_confirmed:
            post(registry, session, Letter(partner=partner.statement, body=body))
