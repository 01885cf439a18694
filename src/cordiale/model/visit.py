"""A visit: who comes, when, to which places, for what, and up to which level.

Its form is the request for a visit that national authorities exchange. Which of
the members an agreement asks for is said by the agreement, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId


class VisitKind(StrEnum):
    """What sort of visit: which lead counts, and whether it may be amended."""

    ONCE = "once"
    URGENT = "urgent"
    RECURRING = "recurring"
    SECURITY = "security"


class Initiative(StrEnum):
    """Who wants the visit."""

    GOVERNMENT = "government"
    COMMERCIAL = "commercial"


@dataclass(frozen=True, slots=True)
class Site:
    """A place to be visited, and whom to ask for there; what is not known is empty."""

    name: str
    address: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor, by an identifier of their own, with the clearance that the sending authority asserts.

    `clearance` is of the sending party's scheme and valid until `cleared_until`, both None where none is held.
    `is_agreed` says that the sending authority agrees although the visitor is a national of a third state.
    """

    id: str
    name: str
    nationalities: tuple[PartyId, ...]
    clearance: LevelRef | None = None
    cleared_until: date | None = None
    born_on: date | None = None
    born_at: str = ""
    document: str = ""
    post: str = ""
    employer: str = ""
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """What is asked for beside the visitors: the last day is included, `level` is of the host's scheme.

    `subject` is the subject once more in a language of the host. `renews` names the series that a recurring visit
    goes on with.
    """

    kind: VisitKind
    first_day: date
    last_day: date
    level: LevelRef
    purpose: str
    sites: tuple[Site, ...]
    programme: str = ""
    initiative: Initiative | None = None
    subject: str = ""
    renews: str = ""
