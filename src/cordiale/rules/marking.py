"""What is printed on an item: the banner of a label, the marks of portions, and marking words found in texts.

A banner has two parts, the originator's first and in its own words, then the
recipient's equivalent (for example Japan–Korea 2016, Art. 4(2): what is received
bears the providing party's name and the own corresponding level). It is made
from an originator's label; a marking alone makes none. Words typed in a title
are never taken for a label: they are found and told, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cordiale.errors import Malformed, Undecidable
from cordiale.model.label import Label, LevelRef, Marking, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.spelling import fold_look_alikes
from cordiale.rules.highwater import effective_level

PARTS_SEPARATOR: Final = " // "
EXERCISE_LINE: Final = "EXERCISE – EXERCISE – EXERCISE"

_ABBREVIATION_LENGTH_MIN: Final = 3
_HAN: Final = "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED: Final = f"{_HAN}\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af"
_NAMES_SEPARATOR: Final = " / "


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """Which copy this is, ``copy 2 of 3``. Raises `Malformed` unless 1 <= `number` <= `total`."""

    number: int
    total: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.total:
            raise Malformed("marking.copy", "there is no such copy", hint="number the copies from 1")

    def __str__(self) -> str:
        return f"copy {self.number} of {self.total}"


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands at the top and bottom of every page, a line per field; a line that says nothing is empty.

    `level` names the parties and their levels, `native` the same in the parties' own scripts.
    """

    level: str
    native: str
    release: str
    caveats: str
    handling: str
    end: str
    copy: str
    exercise: str
    joint: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to print, in order."""
        lines = (
            self.exercise, self.level, self.native, self.joint, self.release, self.caveats, self.handling, self.end,
            self.copy,
        )
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """A marking phrase found in a text: the phrase in its scheme's spelling, and every level it may stand for."""

    phrase: str
    levels: tuple[LevelRef, ...]


def compose_banner(
    label: Label, marking: Marking | None, *, schemes: Mapping[str, Scheme], mode: Mode,
    copy: CopyNumber | None = None,
) -> Banner:
    """Return the banner of an item with `label`, at a party whose equivalent, where it has one, is `marking`.

    Raises `Malformed` when the marking was derived from another level, or a scheme does not belong to `mode`:
    words of a real scheme never stand on exercise material, nor the reverse. Raises `Undecidable` when a scheme
    is not among `schemes`.
    """
    if marking is not None and marking.derived_from != label.level:
        raise Malformed(
            "marking.not-of-label", "the equivalent was derived from another level than the label has",
            hint="derive it again from the originator's label",
        )
    parts = [(label.originator, label.level), *([] if marking is None else [(marking.party, marking.level)])]
    marked = [(party, _scheme_for(level, schemes, mode), level) for party, level in parts]
    scheme = marked[0][1]
    # The rank of an unordered scheme is nobody's to ask; a label without uplift needs none.
    strictest = label.level if label.handle_as is None else effective_level(label, scheme)
    caveats = PARTS_SEPARATOR.join(f"{tag}: {value}" for tag, value in sorted(label.caveats))
    return Banner(
        level=PARTS_SEPARATOR.join(_marked_as(party, of, level) for party, of, level in marked),
        native=PARTS_SEPARATOR.join(filter(None, (dict(of.phrases).get(level.name, "") for _, of, level in marked))),
        release=f"REL TO {_listed(label.originator, label.release_to)}",
        joint=f"JOINT {_listed(label.originator, label.joint)}" if label.joint else "",
        caveats=caveats,
        handling="" if strictest == label.level else f"HANDLE AS {_marked_as(label.originator, scheme, strictest)}",
        end="" if label.trigger is None else _end_line(label.trigger),
        copy="" if copy is None else str(copy),
        exercise=EXERCISE_LINE if mode is Mode.EXERCISE else "",
    )


def declassified_banner(banner: Banner, on: date) -> Banner:
    """Return `banner` as it stands once the item was declassified on the day `on`: no level is in force any more.

    Who may have it is still said. The mark that was struck is the re-marking's to show, beside it.
    """
    return replace(banner, level=f"DECLASSIFIED {on.isoformat()}", native="", handling="", end="")


def compose_portion_mark(portion: Portion, label: Label, scheme: Scheme) -> str:
    """Return the mark that stands before `portion`, such as ``(S//REL JPN, UKR)``; it is never left out.

    A portion without a level of its own bears that of the whole: an unmarked portion is not an open one.
    """
    level = scheme.level(portion.level or label.level.name)
    short = dict(scheme.abbreviations).get(level.name, level.name)
    if portion.release_to is None:
        return f"({short})"
    return f"({short}//REL {_listed(label.originator, portion.release_to)})"


def find_marking_phrases(text: str, schemes: Iterable[Scheme]) -> tuple[FoundPhrase, ...]:
    """Return the marking phrases of `schemes` that stand in `text`, in the order of their first place.

    Case, accents and look-alike letters do not hide a phrase; the longest phrase at a place counts. Of short
    forms, only those of three characters or more are looked for. A phrase found is a reason to warn that the
    words of a title and its label may differ, and never a label.
    """
    phrases = _phrases_of(schemes)
    if not phrases:
        return ()
    pattern = re.compile("|".join(_bounded(folded) for folded in sorted(phrases, key=len, reverse=True)))
    found = dict.fromkeys(match.group() for match in pattern.finditer(fold_look_alikes(text)))
    return tuple(FoundPhrase(phrases[folded][0][0], tuple(level for _, level in phrases[folded])) for folded in found)


def _phrases_of(schemes: Iterable[Scheme]) -> dict[str, list[tuple[str, LevelRef]]]:
    """Return, by its folded form, each phrase as spelt with each level it stands for."""
    phrases: dict[str, list[tuple[str, LevelRef]]] = {}
    for scheme in schemes:
        short = [(name, words) for name, words in scheme.abbreviations if len(words) >= _ABBREVIATION_LENGTH_MIN]
        names = [(name, words) for name in scheme.levels for words in (name, *name.split(_NAMES_SEPARATOR))]
        for name, words in dict.fromkeys((*names, *scheme.phrases, *scheme.marked_as, *short)):
            spelt = phrases.setdefault(fold_look_alikes(words), [])
            level = LevelRef(scheme.id, name)
            if level not in (other for _, other in spelt):
                spelt.append((words, level))
    return phrases


def _bounded(folded: str) -> str:
    """Return a pattern for `folded` as a word of its own.

    Japanese writes no spaces and Korean joins its particles, so in their scripts a phrase counts anywhere; a
    single Chinese character counts only where none stands beside it (otherwise every secretary, 秘書, would
    be a marking). A letter that is spaced ends at any other, and at these scripts.
    """
    if re.fullmatch(f"[{_HAN}]", folded):
        return f"(?<![{_HAN}]){folded}(?![{_HAN}])"
    letter = rf"[^\W{_UNSPACED}]"
    before = "" if re.match(f"[{_UNSPACED}]", folded) else f"(?<!{letter})"
    after = "" if re.search(f"[{_UNSPACED}]\\Z", folded) else f"(?!{letter})"
    return f"{before}{re.escape(folded)}{after}"


def _scheme_for(level: LevelRef, schemes: Mapping[str, Scheme], mode: Mode) -> Scheme:
    if level.scheme not in schemes:
        raise Undecidable(
            "marking.scheme-unknown", "the scheme `{scheme}` of a marking is not known here",
            hint="add the scheme to the agreement's profile", scheme=level.scheme[:40],
        )
    scheme = schemes[level.scheme]
    if scheme.is_exercise is not (mode is Mode.EXERCISE):
        raise Malformed(
            "marking.mode", "the scheme {scheme} is not for material of {mode} mode", hint="label it in another scheme",
            scheme=scheme.id, mode=mode.value,
        )
    scheme.level(level.name)
    return scheme


def _marked_as(party: PartyId, scheme: Scheme, level: LevelRef) -> str:
    return dict(scheme.marked_as).get(level.name, f"{party} {level.name}")


def _listed(originator: PartyId, parties: frozenset[PartyId]) -> str:
    return ", ".join((originator, *sorted(parties - {originator})))


def _end_line(trigger: Trigger) -> str:
    if trigger.on is None:
        return f"DECLASSIFICATION PROPOSED ON EVENT: {trigger.event}"
    if trigger.kind is TriggerKind.REVIEW:
        return f"REVIEW BY {trigger.on.isoformat()}"
    return f"DECLASSIFICATION PROPOSED ON {trigger.on.isoformat()}"
