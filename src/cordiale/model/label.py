"""Confidentiality labels: what the originator said, and nothing derived from it.

A label is always total: it names the originating party, the scheme, the level
in the scheme's own words, and a release set that contains at least the
originator. An equivalent under an agreement is a `Marking` derived from the
label; it is a value of another type, so that no equivalent can be taken for a
label and converted again (reference: ADatP-4774.1 section 4.2).

Every text in a label is one plain line (`cordiale.model.spelling`), so that it
can be printed, compared and written in every form there is without change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import (
    LABEL_CAVEATS_COUNT_MAX,
    LABEL_PARTIES_COUNT_MAX,
    LABEL_PORTIONS_COUNT_MAX,
    LABEL_WORDS_LENGTH_MAX,
    SHORT_TEXT_LENGTH_MAX,
)
from cordiale.model.names import AgreementId, PartyId
from cordiale.model.spelling import has_mixed_scripts, look_alike_of, matching_name, require_line

EXERCISE_STATUS: Final = "exercise"
TRIGGER_YEAR_MAX: Final = 9998
"""The year 9999 stands for "no date" where a form requires one (`cordiale.wire.label_xml`)."""


@dataclass(frozen=True, slots=True)
class LevelRef:
    """A level in one scheme: ``LevelRef("EX-JPN", "EXERCISE SAKURA")``. Never compared by name alone."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A national classification scheme; `levels` are lowest first and ranks are local to the scheme.

    `status` is ``verified``, ``secondary``, ``general knowledge`` or ``exercise``; `obsolete` levels are
    read and never written. `oid` is the scheme's object identifier where it has one. `abbreviations`,
    `phrases` and `marked_as` are pairs of a level and a text: `phrases` are printed beside the level in the
    party's own script, `marked_as` in place of party and level where the scheme says so, `definitions` say what
    a level is for.
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
    oid: str = ""
    phrases: tuple[tuple[str, str], ...] = ()
    marked_as: tuple[tuple[str, str], ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""

    @property
    def is_exercise(self) -> bool:
        """True for a scheme of invented words that only exercises may use."""
        return self.status == EXERCISE_STATUS

    def rank_of(self, name: str) -> int:
        """Return the rank of level `name` in this scheme, 0 the lowest; raises `Malformed`."""
        if name not in self.levels or not self.ordered:
            raise Malformed(
                "label.level-unknown", "the scheme {scheme} has no ordered level `{level}`",
                hint="choose one of: {levels}", scheme=self.id, level=name[:80], levels=", ".join(self.levels),
            )
        return self.levels.index(name)

    def level(self, name: str) -> LevelRef:
        """Return the level `name` of this scheme, in its own spelling; raises `Malformed`."""
        if name not in self.levels:
            raise Malformed(
                "label.level-unknown", "the scheme {scheme} has no level `{level}`",
                hint="choose one of: {levels}", scheme=self.id, level=name[:80], levels=", ".join(self.levels),
            )
        return LevelRef(self.id, name)

    def level_as_read(self, text: str) -> LevelRef:
        """Return the level that `text`, read from outside, spells, case aside.

        Raises `Malformed` when it is no level of this scheme, and says so separately when it only looks like
        one: letters of another script, compatibility forms, lost accents, extra spaces.
        """
        name = matching_name(text, self.levels)
        if name is not None:
            return LevelRef(self.id, name)
        if look_alike_of(text, self.levels) is not None:
            raise Malformed(
                "label.look-alike", "a level looks like one of the scheme {scheme} but is spelt with other characters",
                hint="ask the sender to write the level in the scheme's own spelling", scheme=self.id,
            )
        return self.level(text)


class TriggerKind(StrEnum):
    """What ends or reviews a classification."""

    DATE = "date"
    EVENT = "event"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Declassify on a date, on an event, or review by a date. It proposes; the originator confirms.

    A date or review has `on`, an event has `event`, and neither has the other. Raises `Malformed` otherwise.
    """

    kind: TriggerKind
    on: date | None = None
    event: str = ""

    def __post_init__(self) -> None:
        if self.kind is TriggerKind.EVENT:
            require_line(self.event, what="the event that ends the classification", length_max=SHORT_TEXT_LENGTH_MAX)
        if (self.on is None) is not (self.kind is TriggerKind.EVENT) or (self.on is not None and self.event):
            raise Malformed(
                "label.trigger", "the end of the classification is named by neither a date nor an event, or by both",
                hint="give a date, or an event",
            )
        if self.on is not None and self.on.year > TRIGGER_YEAR_MAX:
            raise Malformed(
                "label.trigger-date", "the date lies after the year {year}", hint="leave it out for no date",
                year=TRIGGER_YEAR_MAX,
            )


@dataclass(frozen=True, slots=True)
class Portion:
    """One marked part of an item; a part without a level has the level of the whole.

    A part without a release set has that of the whole.
    """

    reference: str
    level: str = ""
    release_to: frozenset[PartyId] | None = None

    def __post_init__(self) -> None:
        require_line(self.reference, what="the reference of a portion", length_max=LABEL_WORDS_LENGTH_MAX)
        if self.level:
            require_line(self.level, what="the level of a portion", length_max=LABEL_WORDS_LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class Label:
    """The originator's label.

    `release_to` always contains `originator`, and so does the release set of every portion that has one.
    `caveats` are restrictive categories as (tag, value). `handle_as` is a level of the same scheme and asks
    for stricter handling than the level implies, never laxer. `banner_reason` says why the whole stands above
    every one of its portions, where it does. `joint` are the parties that are its originators together with
    `originator`: none of them decides on it alone. Raises `Malformed` when this does not hold.
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
    banner_reason: str = ""
    joint: frozenset[PartyId] = frozenset()

    def __post_init__(self) -> None:
        _require_release_set(self.originator, self.release_to, "the label")
        if self.originator in self.joint or len(self.joint) > LABEL_PARTIES_COUNT_MAX:
            raise Malformed(
                "label.joint", "the other originators of a joint product are named without the first, and not too many",
                hint="name each other originator once",
            )
        if self.created_at.tzinfo is None:
            raise Malformed("label.time-without-zone", "the label's time has no zone", hint="give the time in UTC")
        require_line(self.level.name, what="the level", length_max=LABEL_WORDS_LENGTH_MAX)
        if self.handle_as is not None:
            require_line(self.handle_as.name, what="the stricter handling", length_max=LABEL_WORDS_LENGTH_MAX)
        if self.handle_as is not None and self.handle_as.scheme != self.level.scheme:
            raise Malformed(
                "label.handle-as-scheme", "the stricter handling is named in another scheme than the level",
                hint="name a level of the scheme {scheme}", scheme=self.level.scheme,
            )
        if self.office:
            require_line(self.office, what="the originating office", length_max=SHORT_TEXT_LENGTH_MAX)
        if self.banner_reason:
            require_line(self.banner_reason, what="the reason of the banner", length_max=SHORT_TEXT_LENGTH_MAX)
        _require_caveats(self.caveats)
        _require_portions(self.originator, self.portions)


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

    def __post_init__(self) -> None:
        for level in (self.level, self.derived_from):
            require_line(level.name, what="the level of a marking", length_max=LABEL_WORDS_LENGTH_MAX)
        require_line(self.article, what="the article of an equivalence", length_max=SHORT_TEXT_LENGTH_MAX)
        if self.note:
            require_line(self.note, what="the note to an equivalence", length_max=SHORT_TEXT_LENGTH_MAX)


def _require_release_set(originator: PartyId, release_to: frozenset[PartyId], what: str) -> None:
    if originator not in release_to:
        raise Malformed(
            "label.release-without-originator", "the release set of {what} does not contain the originator {party}",
            hint="add the originating party to the release set", what=what, party=originator,
        )
    if len(release_to) > LABEL_PARTIES_COUNT_MAX:
        raise Malformed(
            "label.release-count", "the release set of {what} names more than {count_max} parties",
            hint="name fewer parties", what=what, count_max=LABEL_PARTIES_COUNT_MAX,
        )


def _require_caveats(caveats: frozenset[tuple[str, str]]) -> None:
    if len(caveats) > LABEL_CAVEATS_COUNT_MAX:
        raise Malformed(
            "label.caveats-count", "the label has more than {count_max} caveats", hint="use fewer caveats",
            count_max=LABEL_CAVEATS_COUNT_MAX,
        )
    for words in (text for caveat in caveats for text in caveat):
        require_line(words, what="a caveat", length_max=LABEL_WORDS_LENGTH_MAX)
        if has_mixed_scripts(words):
            raise Malformed(
                "label.mixed-scripts", "a word of a caveat mixes letters of two scripts that look alike",
                hint="type the caveat again in one script",
            )


def _require_portions(originator: PartyId, portions: tuple[Portion, ...]) -> None:
    if len(portions) > LABEL_PORTIONS_COUNT_MAX:
        raise Malformed(
            "label.portions-count", "the label has more than {count_max} portions",
            hint="mark larger parts of the document", count_max=LABEL_PORTIONS_COUNT_MAX,
        )
    if len({portion.reference for portion in portions}) != len(portions):
        raise Malformed(
            "label.portion-twice", "two portions have the same reference", hint="name each portion once"
        )
    for portion in portions:
        if portion.release_to is not None:
            _require_release_set(originator, portion.release_to, "a portion")
