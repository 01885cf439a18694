"""Drafting the statement of our own node, for the key officers to sign offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cordiale.crypto.certificates import der_of, pin_of
from cordiale.crypto.jws import parse_object
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import OutOfOrder, Undecidable
from cordiale.message.negotiation import PROTOCOLS, SUITE_STRENGTHS
from cordiale.message.trust.keys import public_pair, wrapping_public
from cordiale.message.trust.statement import encode_statement
from cordiale.model.party import Authority, LogKeys, NodeStatement, WitnessKeys
from cordiale.model.person import Office, Person
from cordiale.records.keyring import WorkingKeys, log_origin, log_prefix
from cordiale.records.partners import own_statement
from cordiale.records.registry import Registry, require_person

_OUTBOX_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """What people decide about a statement: `authorities` by person, validity in days, and the address, if any.

    `retires` leaves out the keys that were in use before the newest.
    """

    authorities: Sequence[str]
    days: int
    endpoint: str
    retires: bool = False


def draft_statement(registry: Registry, plan: StatementPlan) -> bytes:
    """Return the next statement of this node, unsigned: its own keys and what `plan` adds.

    Beside the newest keys it names those before them, which partners may still meet. Raises `OutOfOrder` when an
    authority is nobody here, holds another office or has no key, or when former keys cannot be left out yet, and
    `Malformed` for what a statement cannot say.
    """
    keys, now = registry.keys, registry.now()
    named = [keys.newest]
    if plan.retires:
        _require_retirable(registry)
    elif (former := _former(registry)) is not None:
        named.append(former)
    statement = NodeStatement(
        party=registry.party, node=registry.node, mode=registry.mode, version=_next_version(registry),
        issued_at=now, expires_at=now + timedelta(days=plan.days),
        protocols=tuple(sorted(PROTOCOLS)), suites=tuple(sorted(SUITE_STRENGTHS)),
        endpoints=(plan.endpoint,) if plan.endpoint else (),
        transport_pins=tuple(pin_of(der_of(one.transport_certificate)) for one in named),
        registry_keys=tuple(public_pair(one.registry.public) for one in named),
        wrapping_key=wrapping_public(keys.newest.wrapping.public),
        log_keys=(LogKeys(
            log_prefix(registry.mode, registry.party, registry.node), keys.log_ed25519.public.raw,
            keys.log_ml_dsa_44.public.raw,
        ),),
        witness=WitnessKeys(
            log_origin(registry.mode, registry.party, registry.node, "witness"), keys.witness_ed25519.public.raw,
            keys.witness_ml_dsa_44.public.raw,
        ),
        authorities=tuple(_authority(registry, id) for id in plan.authorities),
    )
    return encode_statement(statement)


def _former(registry: Registry) -> WorkingKeys | None:
    """Return the set before the newest where our statement still names it; one that was retired stays so."""
    keys = registry.keys
    try:
        stated = own_statement(registry.reads(), registry.mode).statement.registry_keys
    except Undecidable:
        return None
    return next((
        one for one in reversed(keys.sets[:-1]) if public_pair(one.registry.public) in stated
    ), None)


def _require_retirable(registry: Registry) -> None:
    """Raise `OutOfOrder` while this node signs with former keys, or something they have signed is under way."""
    keys = registry.keys
    if keys.in_use is not keys.newest:
        raise OutOfOrder(
            "statement.former-in-use", "this node still works with its former keys",
            hint="install a statement that names both, stop the node and start it again",
        )
    kid = keys.registry.public.ed25519.kid
    waiting = registry.reads().outbox_open(limit=_OUTBOX_MAX)
    if any(kid not in parse_object(row.message).kids for row in waiting):
        raise OutOfOrder(
            "statement.former-under-way", "messages that the former keys have signed are not answered yet",
            hint="look at `cordiale outbox`; draft it once they are answered",
        )


def _next_version(registry: Registry) -> int:
    try:
        return own_statement(registry.reads(), registry.mode).statement.version + 1
    except Undecidable:
        return 1


def _authority(registry: Registry, id: str) -> Authority:
    person = require_person(registry.books(), id)
    if Office.COMPETENT_AUTHORITY not in person.offices or not person.keys:
        raise OutOfOrder(
            "statement.authority", "`{person}` cannot sign agreements: not a competent authority, or without a key",
            hint="name a person with the office competent-authority and an enrolled key", person=id,
        )
    return Authority(person.name, person.post, public_pair(_pair(person)))


def _pair(person: Person) -> VerifyingPair:
    return VerifyingPair.parse(dict(person.keys))
