"""Confidentiality labels: what the originator said, and nothing derived from it.

A label is always total: it names the originating party, the scheme, the level
in the scheme's own words, and a release set that contains at least the
originator. An equivalent under an agreement is a `Marking` derived from the
label; it is a value of another type, so that no equivalent can be taken for a
label and converted again (reference: ADatP-4774.1 section 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cordiale.errors import Malformed
from cordiale.model.names import AgreementId, PartyId


@dataclass(frozen=True, slots=True)
class LevelRef:
    """A level in one scheme: ``LevelRef("EX-JPN", "AMBERLIKE")``. Never compared by name alone."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A national classification scheme; `levels` are lowest first and ranks are local to the scheme.

    `status` is ``verified``, ``secondary``, ``general knowledge`` or ``exercise``; `obsolete` levels are
    read and never written.
    """

    id: str
    party: PartyId | None
    title: str
    levels: tuple[str, ...]
    status: str
    source: tuple[str, ...] = ()
    ordered: bool = True
    obsolete: frozenset[str] = frozenset()
    abbreviations: tuple[tuple[str, str], ...] = ()

    def rank_of(self, name: str) -> int:
        """Return the rank of level `name` in this scheme, 0 the lowest; raises `Malformed`."""
        if name not in self.levels or not self.ordered:
            raise Malformed(
                "label.level-unknown", "the scheme {scheme} has no ordered level `{level}`",
                hint="choose a level of the scheme", scheme=self.id, level=name[:80],
            )
        return self.levels.index(name)


class TriggerKind(StrEnum):
    """What ends or reviews a classification."""

    DATE = "date"
    EVENT = "event"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Declassify on a date, on an event, or review by a date. It proposes; the originator confirms."""

    kind: TriggerKind
    on: date | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """One marked part of an item; a part without a level has the level of the whole."""

    reference: str
    level: str = ""
    release_to: frozenset[PartyId] | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """The originator's label.

    `release_to` always contains `originator`. `caveats` are restrictive categories as (tag, value).
    `handle_as` asks for stricter handling than the level implies, never laxer.
    """

    originator: PartyId
    level: LevelRef
    release_to: frozenset[PartyId]
    created_at: datetime
    office: str = ""
    caveats: frozenset[tuple[str, str]] = frozenset()
    handle_as: LevelRef | None = None
    trigger: Trigger | None = None
    portions: tuple[Portion, ...] = ()

    def __post_init__(self) -> None:
        if self.originator not in self.release_to:
            raise Malformed(
                "label.release-without-originator", "the release set does not contain the originator {party}",
                hint="add the originating party to the release set", party=self.originator,
            )
        if self.created_at.tzinfo is None:
            raise Malformed("label.time-without-zone", "the label's time has no zone", hint="give the time in UTC")


@dataclass(frozen=True, slots=True)
class Marking:
    """The recipient's equivalent of a label under one agreement: a second marking, never converted back."""

    party: PartyId
    level: LevelRef
    agreement: AgreementId
    profile_version: int
    article: str
    derived_from: LevelRef
    note: str = ""
