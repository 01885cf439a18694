"""People and the offices they hold.

A clearance is of a scheme and lists a highest level with its validity and the
authority that gave it. Rank or post never opens anything by itself; an office
allows acts, never reading (architecture, truth 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cordiale.model.label import LevelRef
from cordiale.model.names import AgreementId, ItemId, PartyId, PersonId


class Office(StrEnum):
    """Duties a person can hold at a node; separation of duties speaks in these words."""

    ORIGINATOR = "originator"
    RELEASING_AUTHORITY = "releasing-authority"
    REGISTRAR = "registrar"
    DEPUTY_REGISTRAR = "deputy-registrar"
    HEAD = "head"
    READER = "reader"
    SECURITY_OFFICER = "security-officer"
    COMPETENT_AUTHORITY = "competent-authority"
    KEY_OFFICER = "key-officer"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Clearance:
    """A personnel security clearance up to `level` of its own scheme; dates are inclusive."""

    level: LevelRef
    valid_from: date
    valid_until: date
    authority: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing acknowledged in writing, under an agreement or (empty) the national rules."""

    subject: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts at a node. `represents` is the party acted for; `nationalities` is never empty."""

    id: PersonId
    name: str
    post: str
    unit: str
    represents: PartyId
    nationalities: frozenset[PartyId]
    offices: frozenset[Office]
    clearances: tuple[Clearance, ...] = ()
    briefings: tuple[Briefing, ...] = ()
    functions: frozenset[str] = frozenset()
    deputy_of: PersonId | None = None
    keys: tuple[tuple[str, str], ...] = ()
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NeedToKnow:
    """Need-to-know of one person for one item, granted by the head of the addressee."""

    person: PersonId
    item: ItemId
    granted_by: PersonId
    granted_at: datetime
    purpose: str
    agreement: AgreementId | None = None
    withdrawn_at: datetime | None = None
