"""The rules of an agreement in words, as a registrar would say them.

Used by the page and the plain text of an agreement. Rules that say the same of
several acts and levels are said once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    DayKind,
    Deadline,
    Equivalence,
    EquivalenceKind,
    Need,
    Profile,
    Ruling,
    Term,
    TermUnit,
)
from cordiale.model.agreement_rows import Covered
from cordiale.model.label import LevelRef
from cordiale.model.term_names import TERM_NAMES, Stricter
from cordiale.rules.layers import Gap, LayerOutcome

_RULINGS = {
    Ruling.ALLOWED: "allowed",
    Ruling.REQUIRED: "required",
    Ruling.WITH_CONSENT: "only with the originator's consent",
    Ruling.WITH_NOTICE: "with notice to the originator",
    Ruling.FORBIDDEN: "forbidden",
}
_GAPS = {
    Gap.SILENT: "not said",
    Gap.LEFT_TO_NATIONAL: "left to national law, which says nothing",
    Gap.CONTRADICTION: "contradicts itself",
}
_NEEDS = {
    Need.CLEARANCE: "a clearance to the level",
    Need.BRIEFING: "a briefing acknowledged in writing",
    Need.NATIONALITY: "a nationality",
    Need.FUNCTION: "a function",
}


_KINDS = {
    EquivalenceKind.EQUIVALENT: "equivalent",
    EquivalenceKind.UPWARD: "kept at a higher level",
    EquivalenceKind.SPECIAL_ARRANGEMENT: "only by special arrangement",
    EquivalenceKind.OTHER_RULES: "under other rules",
    EquivalenceKind.NOT_EXCHANGED: "not exchanged",
    EquivalenceKind.TO_BE_ENTERED: "to be entered from the treaty",
}


def say_act(act: Act) -> str:
    """Return the name of `act` in words."""
    return act.value.replace("-", " ")


def say_deadline(deadline: Deadline) -> str:
    """Return ``at once`` or ``within 10 working days``."""
    if not deadline.count:
        return "at once"
    kind = "working" if deadline.kind is DayKind.WORKING else "calendar"
    return f"within {deadline.count} {kind} day{'s' if deadline.count > 1 else ''}"


def say_level(level: LevelRef) -> str:
    """Return the words of `level`; its scheme stands in the heading of what it is part of."""
    return level.name


def say_levels(levels: Iterable[LevelRef]) -> str:
    """Return the words of `levels`, each once."""
    return ", ".join(dict.fromkeys(say_level(level) for level in levels))


def say_outcome(outcome: LayerOutcome) -> str:
    """Return what the layers come to, without articles."""
    if outcome.ruling is None:
        return _GAPS[outcome.gap or Gap.SILENT]
    parts = [_RULINGS[outcome.ruling]]
    if outcome.is_duty and outcome.ruling is not Ruling.REQUIRED:
        parts.append("and required")
    if outcome.persons > 1:
        parts.append(f"{outcome.persons} persons")
    parts.extend(say_deadline(deadline) for deadline in outcome.deadlines)
    return ", ".join(parts)


def say_act_rules(rules: Iterable[ActRule]) -> Iterator[tuple[str, str]]:
    """Yield (sentence, note) for `rules`, joining those that differ only in act and level."""
    joined: dict[tuple[object, ...], list[ActRule]] = {}
    for rule in rules:
        key = (rule.ruling, rule.article, rule.provider, rule.recipient, rule.persons, rule.deadline, rule.note,
               rule.left_to_national, rule.overrides_agreement)
        joined.setdefault(key, []).append(rule)
    for same in joined.values():
        yield _sentence(same), same[0].note


def _sentence(rules: list[ActRule]) -> str:
    first = rules[0]
    acts = ", ".join(dict.fromkeys(say_act(rule.act) for rule in rules))
    levels = [rule.level for rule in rules if rule.level is not None]
    outcome = LayerOutcome(
        first.ruling, persons=first.persons, deadlines=(first.deadline,) if first.deadline else ()
    )
    parts = [f"{acts}: {say_outcome(outcome)}"]
    parts.append(f"for {say_levels(levels)}" if levels else "at every level")
    if first.provider or first.recipient:
        parts.append(f"from {first.provider or 'any party'} to {first.recipient or 'any party'}")
    if first.left_to_national:
        parts.append("the rest is left to national law")
    if first.overrides_agreement:
        parts.append("in place of what the agreement says")
    return "; ".join(parts)


def say_row(row: Equivalence) -> str:
    """Return what one row of the table says, in the direction it says it."""
    if row.target:
        upward = f", {_KINDS[row.kind]}" if row.kind is EquivalenceKind.UPWARD else ""
        what = f"is {say_level(row.target)} at {row.recipient}{upward}"
    else:
        what = f"at {row.recipient}: {_KINDS[row.kind]}"
    dates = [f"from {row.valid_from}" if row.valid_from else "", f"until {row.valid_until}" if row.valid_until else ""]
    return " ".join([say_level(row.source), what, *filter(None, dates)])


_COVERED: Final = {
    Covered.YES: "is covered", Covered.NOT: "is not covered",
    Covered.UNLESS_OTHER: "is covered unless another agreement governs it",
}


def say_access(rule: AccessRule) -> str:
    """Return what a person needs besides need-to-know."""
    needs = [_NEEDS[need] for need in Need if need in rule.needs]
    if rule.nationalities:
        needs.append("nationality of " + " or ".join(sorted(rule.nationalities)))
    if rule.functions:
        role = "in place of the clearance, " if rule.function_in_place_of_clearance else ""
        needs.append(f"{role}the function " + " or ".join(sorted(rule.functions)))
    said = ", ".join(needs) or "need-to-know suffices"
    left = "; the rest is left to national law" if rule.left_to_national else ""
    return f"access of persons of {rule.party} to {say_level(rule.level)}: {said}{left}"


def say_other_citations(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield (article, sentence) for what a profile says besides acts, rows and access."""
    for party, level, article in profile.caps:
        yield article, f"{party} provides up to {say_level(level)}"
    for registry in profile.registries:
        levels = sorted(registry.levels, key=str)
        yield registry.article, f"{registry.title} ({registry.party}) may receive {say_levels(levels)}"
    for row in profile.clearance_equivalences:
        asked = ", once asked," if row.on_request else ""
        yield row.article, f"a clearance up to {say_level(row.source)}{asked} counts at {row.recipient} for " + (
            say_level(row.target)
        )
    for channel in profile.channels:
        yield channel.article, f"what comes through the channel {channel.channel} {_COVERED[channel.covered]}"
    if profile.marks_article:
        yield profile.marks_article, f"the {profile.marks_equivalent} adds the equivalent marking"
    if profile.entry_article:
        notes = "notes are exchanged" if profile.entry_requires_notes else "it is signed"
        yield profile.entry_article, f"enters into force when {notes}"
    for term in profile.terms:
        yield term.article, say_term(term)
    if profile.termination_article:
        yield profile.termination_article, f"ends {say_termination(profile)} after notice of termination is received"


def say_term(term: Term) -> str:
    """Return what `term` means and sets, such as ``a visit is asked for before it begins by 20 calendar days``."""
    unit = term.unit.value.replace("-", " ")
    if term.count == 1 and unit.endswith("s"):
        unit = unit[:-1]
    figure = f"{term.count} {unit}" if term.unit is not TermUnit.COUNT else str(term.count)
    if not term.count and TERM_NAMES[term.name].stricter is Stricter.SHORTER:
        figure = "no time: at once"
    scope = [f"for {term.party}" if term.party else "", f"at {say_level(term.level)}" if term.level else ""]
    return " ".join([f"{TERM_NAMES[term.name].meaning} {figure}", *filter(None, scope)])


def say_termination(profile: Profile) -> str:
    """Return the length of notice, such as ``6 months``."""
    if profile.termination_months is not None:
        return f"{profile.termination_months} months"
    return f"{profile.termination_days} days" if profile.termination_days is not None else "at a time nobody has named"
