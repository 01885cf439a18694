"""Partners in the books: whom we know, by which root, and with which node of theirs we speak.

A partner counts only once two persons have compared its fingerprint over
another channel and entered it. Statements are replaced by newer ones that the
same root signed; an expired one stops the exchange and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_base64url
from cordiale.crypto.signatures import Algorithm, PublicKey, VerifyingPair
from cordiale.errors import OutOfOrder, Undecidable
from cordiale.message.negotiation import Terms
from cordiale.message.trust.keys import log_keys_of, registry_keys_of
from cordiale.message.trust.root import verify_root
from cordiale.message.trust.statement import read_unverified_statement, require_current, verify_statement
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement, PartyRoot, PublicPair
from cordiale.ports import Reads
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.record import Record, open_record
from cordiale.records.session import ActSession

PARTNER: Final = "partner"
OWN: Final = "own"
OWN_ID: Final = "statement"


@dataclass(frozen=True, slots=True)
class Partner:
    """A party we know: its root, the newest statement of its node, and the terms last used with it."""

    root: PartyRoot
    statement: NodeStatement
    is_confirmed: bool
    terms: Terms | None = None

    @property
    def floors(self) -> tuple[Terms, ...]:
        """The terms that no message with this partner may fall below."""
        return () if self.terms is None else (self.terms,)


_Loaded = tuple[Mode, str, str, int, tuple[tuple[str, Any], ...]]

_loaded: dict[_Loaded, Partner] = {}
_LOADED_MAX: Final = 256


def open_partner(record: Record, mode: Mode) -> Partner:
    """Return the partner in `record`, its root and statement verified again."""
    body = record.body
    confirmed, terms = len(body.get("confirmed_by", ())), tuple(body.get("terms", {}).items())
    key = (mode, body["root"], body["statement"], confirmed, terms)
    partner = _loaded.get(key)
    if partner is None:
        root = verify_root(parse_base64url(record["root"]), mode=mode)
        data = parse_base64url(record["statement"])
        unverified = read_unverified_statement(data)
        # Validity in time is asked where the statement is used, not where it is read.
        statement = verify_statement(data, root, now=unverified.issued_at)
        used = body.get("terms")
        partner = Partner(
            root, statement, confirmed >= 2, Terms(used["protocol"], used["suite"]) if used is not None else None
        )
        if len(_loaded) >= _LOADED_MAX:
            _loaded.clear()
        _loaded[key] = partner
    return partner


def require_partner(reads: Reads, party: str, *, mode: Mode, now: datetime) -> Partner:
    """Return the confirmed partner `party` with a statement that is valid now.

    Raises `OutOfOrder` for an unknown or unconfirmed partner, and what `require_current` raises.
    """
    stored = reads.record(PARTNER, party)
    if stored is None:
        raise OutOfOrder(
            "partner.unknown", "the party {party} is not a partner of this node",
            hint="make first contact: `cordiale partner add`", party=party,
        )
    partner = open_partner(open_record(stored), mode)
    if not partner.is_confirmed:
        raise OutOfOrder(
            "partner.unconfirmed", "the fingerprint of {party} has not been compared by two persons yet",
            hint="a second person enters it with `cordiale partner confirm`", party=party,
        )
    require_current(partner.statement, now)
    return partner


def log_verifier(statement: NodeStatement, origin: str) -> LogVerifier:
    """Return the verifier of the log `origin` of the node that `statement` speaks of.

    Raises `Undecidable` when the statement names no keys for it.
    """
    keys = log_keys_of(statement, origin)
    return LogVerifier(
        origin, PublicKey(Algorithm.ED25519, keys.ed25519), PublicKey(Algorithm.ML_DSA_44, keys.ml_dsa_44)
    )


def registry_keys_ever(reads: Reads, party: str, mode: Mode) -> tuple[VerifyingPair, ...]:
    """Return the registry keys of every statement of `party` that was taken in, the newest first.

    For what is in the books already and was verified when it came, its digest with it: a message that comes now
    is held against the newest statement alone.
    """
    keys: dict[tuple[str, ...], VerifyingPair] = {}
    for stored in reversed(reads.versions(PARTNER, party)):
        for key in registry_keys_of(open_partner(open_record(stored), mode).statement):
            keys.setdefault(key.kids, key)
    return tuple(keys.values())


def note_terms(session: ActSession, party: str, terms: Terms) -> None:
    """Remember that `terms` were used with `party`, so that nothing falls below them again."""
    record = session.get(PARTNER, party)
    used = {"protocol": terms.protocol, "suite": terms.suite}
    if record is not None and record.body.get("terms") != used:
        session.change(record, terms=used)


def own_statement(reads: Reads, mode: Mode) -> Partner:
    """Return our own root and statement; raises `Undecidable` before they are installed."""
    stored = reads.record(OWN, OWN_ID)
    if stored is None:
        raise Undecidable(
            "own.no-statement", "this node has no statement signed by its party's root yet",
            hint="have the key officers sign one, then `cordiale node install`",
        )
    return open_partner(open_record(stored), mode)


def stated_pair(reads: Reads, mode: Mode) -> PublicPair | None:
    """Return the registry pair that our own statement names first, None before there is a statement."""
    stored = reads.record(OWN, OWN_ID)
    return open_partner(open_record(stored), mode).statement.registry_keys[0] if stored is not None else None
