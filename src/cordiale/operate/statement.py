"""Drafting the statement of our own node, for the key officers to sign offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cordiale.crypto.certificates import der_of, pin_of
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import OutOfOrder, Undecidable
from cordiale.message.negotiation import PROTOCOLS, SUITE_STRENGTHS
from cordiale.message.trust.keys import public_pair, wrapping_public
from cordiale.message.trust.statement import encode_statement
from cordiale.model.party import Authority, LogKeys, NodeStatement, WitnessKeys
from cordiale.model.person import Office, Person
from cordiale.records.keyring import log_origin, log_prefix
from cordiale.records.partners import own_statement
from cordiale.records.registry import Registry, require_person


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """What people decide about a statement: `authorities` by person, validity in days, and the address, if any."""

    authorities: Sequence[str]
    days: int
    endpoint: str


def draft_statement(registry: Registry, plan: StatementPlan) -> bytes:
    """Return the next statement of this node, unsigned: its own keys and what `plan` adds.

    Raises `OutOfOrder` when an authority is nobody here, holds another office or has no key, and `Malformed`
    for what a statement cannot say.
    """
    keys, now = registry.keys, registry.now()
    statement = NodeStatement(
        party=registry.party, node=registry.node, mode=registry.mode, version=_next_version(registry),
        issued_at=now, expires_at=now + timedelta(days=plan.days),
        protocols=tuple(sorted(PROTOCOLS)), suites=tuple(sorted(SUITE_STRENGTHS)),
        endpoints=(plan.endpoint,) if plan.endpoint else (),
        transport_pins=(pin_of(der_of(keys.transport_certificate)),),
        registry_keys=(public_pair(keys.registry.public),),
        wrapping_key=wrapping_public(keys.wrapping.public),
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
