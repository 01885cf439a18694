"""Node statements: what a party says of its node, signed offline by a threshold of its root keys.

Key officers sign one after another, each on their own machine: the first makes
the object (`sign_statement`), the others add to it (`add_signature`). Until the
threshold is reached it verifies nowhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NoReturn

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, encode_instant, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import cosign_object, parse_object, sign_object, verify_threshold
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import Field, Malformed, Undecidable, Unverified
from cordiale.limits import (
    AUTHORITIES_COUNT_MAX,
    REGISTRY_KEYS_COUNT_MAX,
    REQUEST_SKEW_SECONDS_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from cordiale.message.members import VERSION_MAX, read_hashes, read_identifier, read_line, read_party, read_version
from cordiale.message.trust.keys import (
    encode_pair,
    encode_tree_keys,
    encode_wrapping,
    parse_log_keys,
    parse_pair,
    parse_witness_keys,
    parse_wrapping,
    public_pair,
    verifying_pair,
)
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId
from cordiale.model.party import TRANSPORT_PINS_COUNT_MAX, Authority, NodeStatement, PartyRoot

FORM: Final = 1
PROTOCOLS_COUNT_MAX: Final = 16
SUITES_COUNT_MAX: Final = 16
ENDPOINTS_COUNT_MAX: Final = 8
LOGS_COUNT_MAX: Final = 16
_SKEW: Final = timedelta(seconds=REQUEST_SKEW_SECONDS_MAX)
_CAUTION: Final = "do not use it; speak to the other party over a channel you trust"


def encode_statement(statement: NodeStatement) -> bytes:
    """Return the payload of `statement`: canonical JSON."""
    return encode_canonical({
        "form": FORM, "party": statement.party, "node": statement.node, "mode": statement.mode.value,
        "version": statement.version,
        "issued_at": encode_instant(statement.issued_at), "expires_at": encode_instant(statement.expires_at),
        "protocols": list(statement.protocols), "suites": list(statement.suites),
        "endpoints": list(statement.endpoints),
        "transport_pins": [encode_base64url(pin) for pin in statement.transport_pins],
        "registry_keys": [encode_pair(pair) for pair in statement.registry_keys],
        "wrapping_key": encode_wrapping(statement.wrapping_key),
        "logs": [encode_tree_keys(keys) for keys in statement.log_keys],
        "witness": encode_tree_keys(statement.witness),
        "authorities": [_encode_authority(authority) for authority in statement.authorities],
    })


def _encode_authority(authority: Authority) -> dict[str, Json]:
    return {"name": authority.name, "post": authority.post, "keys": encode_pair(authority.keys)}


def _parse_authority(fields: Fields) -> Authority:
    return Authority(read_line(fields, "name"), read_line(fields, "post"), parse_pair(fields.object("keys")))


def _read_protocols(fields: Fields) -> tuple[int, ...]:
    versions: list[int] = []
    for version in fields.array("protocols", max_count=PROTOCOLS_COUNT_MAX):
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= VERSION_MAX:
            raise Malformed("trust.statement-protocols", "a protocol version is not a whole number from 1",
                            hint="ask the key officers of the party to make the statement again")
        versions.append(version)
    return tuple(versions)


def _parse_statement(payload: bytes) -> NodeStatement:
    fields = Fields(parse_canonical(payload, size_max=STATEMENT_SIZE_BYTES_MAX), where="node statement")
    fields.constant("form", FORM)
    statement = NodeStatement(
        party=read_party(fields, "party"),
        node=NodeId(read_identifier(fields, "node")),
        mode=fields.choice("mode", Mode),
        version=read_version(fields, "version"),
        issued_at=fields.instant("issued_at"), expires_at=fields.instant("expires_at"),
        protocols=_read_protocols(fields),
        suites=fields.texts("suites", max_count=SUITES_COUNT_MAX, max_length=32),
        endpoints=fields.texts("endpoints", max_count=ENDPOINTS_COUNT_MAX),
        transport_pins=read_hashes(fields, "transport_pins", max_count=TRANSPORT_PINS_COUNT_MAX),
        registry_keys=tuple(map(parse_pair, fields.objects("registry_keys", max_count=REGISTRY_KEYS_COUNT_MAX))),
        wrapping_key=parse_wrapping(fields.object("wrapping_key")),
        log_keys=tuple(map(parse_log_keys, fields.objects("logs", max_count=LOGS_COUNT_MAX))),
        witness=parse_witness_keys(fields.object("witness")),
        authorities=tuple(map(_parse_authority, fields.objects("authorities", max_count=AUTHORITIES_COUNT_MAX))),
    )
    fields.end()
    return statement


def sign_statement(statement: NodeStatement, root: PartyRoot, signer: SigningPair) -> bytes:
    """Sign `statement` with the first of the keys of `root`; others add theirs with `add_signature`.

    Raises `Unverified` when the signer is none of the root's keys, or the statement is of another party or mode.
    """
    _require_own(statement, root)
    _require_signer(root, signer)
    return sign_object(encode_statement(statement), object_type(Purpose.NODE_STATEMENT, root.mode), [signer])


def add_signature(partial: bytes, root: PartyRoot, signer: SigningPair) -> bytes:
    """Add the signature of one more key officer to a statement that waits for its threshold.

    The officer must have read it first (`read_unverified_statement`): the signatures it bears are not verified
    here. Raises `Malformed`, and `Unverified` as `sign_statement` does.
    """
    _require_own(read_unverified_statement(partial), root)
    _require_signer(root, signer)
    return cosign_object(partial, object_type(Purpose.NODE_STATEMENT, root.mode), [signer])


def read_unverified_statement(data: bytes) -> NodeStatement:
    """Return what `data` says, for a person to read before signing. Raises `Malformed`."""
    return _parse_statement(parse_object(data, size_max=STATEMENT_SIZE_BYTES_MAX).unverified_payload)


def count_unverified_signatures(data: bytes, root: PartyRoot) -> int:
    """Return how many of the keys of `root` seem to have signed `data`, for showing progress. Raises `Malformed`."""
    kids = set(parse_object(data, size_max=STATEMENT_SIZE_BYTES_MAX).kids)
    return sum(kids.issuperset(verifying_pair(pair).kids) for pair in root.keys)


def verify_statement(
    data: bytes, root: PartyRoot, *, now: datetime, known: NodeStatement | None = None
) -> NodeStatement:
    """Return the statement that `data` is, made under `root` and valid at `now`.

    `known` is the newest statement of the same node that was ever verified here, None at first contact.
    Checks, in this order:

    1. size and form (`Malformed`);
    2. the type, which holds the mode (`Unverified`);
    3. a threshold of the keys of `root` (`Unverified`);
    4. the content (`Malformed`);
    5. the party and the mode in the content (`Unverified`);
    6. against `known`: another node, an older version (a rollback), the same version with other content
       (`Unverified`);
    7. the time: not yet valid, or expired (`Undecidable`: what holds now, this statement cannot say).
    """
    parse_object(data, size_max=STATEMENT_SIZE_BYTES_MAX)
    payload = verify_threshold(
        data, object_type(Purpose.NODE_STATEMENT, root.mode), [verifying_pair(pair) for pair in root.keys],
        threshold=root.threshold,
    )
    statement = _parse_statement(payload)
    _require_own(statement, root)
    if known is not None:
        _require_successor(statement, known)
    return require_current(statement, now)


def require_current(statement: NodeStatement, now: datetime) -> NodeStatement:
    """Return `statement` when it is valid at `now`. Raises `Undecidable` before and after.

    A clock that differs by no more than `REQUEST_SKEW_SECONDS_MAX` may see it begin early; it never ends late.
    """
    if now >= statement.expires_at:
        raise Undecidable(
            "trust.statement-expired", "the statement of {party}/{node} expired on {expired}",
            hint="ask the other party for its newest statement; a bag may bring it",
            party=statement.party, node=statement.node, expired=encode_instant(statement.expires_at),
        )
    if now < statement.issued_at - _SKEW:
        raise Undecidable(
            "trust.statement-early", "the statement of {party}/{node} is valid only from {issued}",
            hint="check the clock of this node", party=statement.party, node=statement.node,
            issued=encode_instant(statement.issued_at),
        )
    return statement


def _require_own(statement: NodeStatement, root: PartyRoot) -> None:
    if statement.mode is not root.mode:
        _refuse("statement-mode", "this statement is of a node that is {found} and the root is {expected}",
                found=statement.mode.value, expected=root.mode.value)
    if statement.party != root.party:
        _refuse("statement-party", "this is a statement of {found} and not of {expected}",
                found=statement.party, expected=root.party)


def _require_signer(root: PartyRoot, signer: SigningPair) -> None:
    if public_pair(signer.public) not in root.keys:
        _refuse("signer", "this key is none of the keys of the root")


def _require_successor(statement: NodeStatement, known: NodeStatement) -> None:
    if statement.node != known.node:
        _refuse("statement-node", "this is a statement of the node {found} and not of {expected}",
                found=statement.node, expected=known.node)
    if statement.version < known.version:
        _refuse("statement-rollback",
                "this is version {found} of the statement of {node}, and version {known} is known",
                found=statement.version, known=known.version, node=known.node)
    if statement.version == known.version and statement != known:
        _refuse("statement-fork", "two different statements of {node} bear the version {version}",
                node=known.node, version=known.version)


def _refuse(code: str, text: str, **fields: Field) -> NoReturn:
    raise Unverified(f"trust.{code}", text, hint=_CAUTION, article="", **fields)
