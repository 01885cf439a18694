"""The rules of an agreement in words, as a registrar would say them, in a language of their choice.

Used by the page and the plain text of an agreement. Rules that say the same of
several acts and levels are said once. Levels, titles and remarks stay in the
words of those who wrote them.
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
from cordiale.words.codes import WORDS, act_word
from cordiale.words.spoken import Words, marked

ENGLISH: Final = Words("en")
"""The language of what stands alone: the printed page and the plain text of an agreement."""
_GAPS: Final = {
    Gap.SILENT: marked("not said"),
    Gap.LEFT_TO_NATIONAL: marked("left to national law, which says nothing"),
    Gap.CONTRADICTION: marked("contradicts itself"),
}
_KINDS: Final = {
    EquivalenceKind.EQUIVALENT: marked("equivalent"),
    EquivalenceKind.UPWARD: marked("kept at a higher level"),
    EquivalenceKind.SPECIAL_ARRANGEMENT: marked("only by special arrangement"),
    EquivalenceKind.OTHER_RULES: marked("under other rules"),
    EquivalenceKind.NOT_EXCHANGED: marked("not exchanged"),
    EquivalenceKind.TO_BE_ENTERED: marked("to be entered from the treaty"),
}
_COVERED: Final = {
    Covered.YES: marked("what comes through the channel {channel} is covered"),
    Covered.NOT: marked("what comes through the channel {channel} is not covered"),
    Covered.UNLESS_OTHER: marked(
        "what comes through the channel {channel} is covered unless another agreement governs it"
    ),
}
_MARKERS: Final = {
    "originator": marked("the originator adds the equivalent marking"),
    "recipient": marked("the recipient adds the equivalent marking"),
}
_PERIODS: Final = {
    TermUnit.HOURS: marked("{count} hours"), TermUnit.CALENDAR_DAYS: marked("{count} calendar days"),
    TermUnit.WORKING_DAYS: marked("{count} working days"), TermUnit.WEEKS: marked("{count} weeks"),
    TermUnit.MONTHS: marked("{count} months"), TermUnit.YEARS: marked("{count} years"), TermUnit.COUNT: "{count}",
    TermUnit.PERCENT: marked("{count} percent"),
}
_NUMBERS: Final = (TermUnit.COUNT, TermUnit.PERCENT)
_YES_OR_NO: Final = {0: marked("no"), 1: marked("yes")}


def say_act(act: Act, words: Words) -> str:
    """Return the name of `act` in words."""
    return words.say(act_word(act.value))


def say_deadline(deadline: Deadline, words: Words) -> str:
    """Return ``at once`` or ``within 10 working days``."""
    if not deadline.count:
        return words.say("at once")
    if deadline.kind is DayKind.WORKING:
        return words.say("within {count} working days", count=deadline.count)
    return words.say("within {count} calendar days", count=deadline.count)


def say_levels(levels: Iterable[LevelRef]) -> str:
    """Return the words of `levels`, each once; their scheme stands in the heading of what they are part of."""
    return ", ".join(dict.fromkeys(level.name for level in levels))


def say_outcome(outcome: LayerOutcome, words: Words) -> str:
    """Return what the layers come to, without articles."""
    if outcome.ruling is None:
        return words.say(_GAPS[outcome.gap or Gap.SILENT])
    parts = [words.say(WORDS[outcome.ruling.value])]
    if outcome.is_duty and outcome.ruling is not Ruling.REQUIRED:
        parts.append(words.say(WORDS[Ruling.REQUIRED.value]))
    if outcome.persons > 1:
        parts.append(words.say("{count} persons", count=outcome.persons))
    parts.extend(say_deadline(deadline, words) for deadline in outcome.deadlines)
    return ", ".join(parts)


def say_act_rules(rules: Iterable[ActRule], words: Words) -> Iterator[tuple[str, str]]:
    """Yield (sentence, note) for `rules`, joining those that differ only in act and level."""
    joined: dict[tuple[object, ...], list[ActRule]] = {}
    for rule in rules:
        key = (rule.ruling, rule.article, rule.provider, rule.recipient, rule.persons, rule.deadline, rule.note,
               rule.left_to_national, rule.overrides_agreement, rule.from_state)
        joined.setdefault(key, []).append(rule)
    for same in joined.values():
        yield _sentence(same, words), same[0].note


def _sentence(rules: list[ActRule], words: Words) -> str:
    first, say = rules[0], words.say
    acts = ", ".join(dict.fromkeys(say_act(rule.act, words) for rule in rules))
    levels = [rule.level for rule in rules if rule.level is not None]
    outcome = LayerOutcome(
        first.ruling, persons=first.persons, deadlines=(first.deadline,) if first.deadline else ()
    )
    parts = [say("{act}: {ruling}", act=acts, ruling=say_outcome(outcome, words))]
    parts.append(say("for {levels}", levels=say_levels(levels)) if levels else say("at every level"))
    if first.provider or first.recipient:
        anyone = say("any party")
        parts.append(say(
            "from {provider} to {recipient}", provider=first.provider or anyone, recipient=first.recipient or anyone,
        ))
    if first.from_state is not None:
        parts.append(say("once the agreement has ended"))
    if first.left_to_national:
        parts.append(say("the rest is left to national law"))
    if first.overrides_agreement:
        parts.append(say("in place of what the agreement says"))
    return "; ".join(parts)


def say_row(row: Equivalence, words: Words) -> str:
    """Return what one row of the table says, in the direction it says it."""
    say, source, kind = words.say, row.source.name, words.say(_KINDS[row.kind])
    if row.target is None:
        parts = [say("{level} at {party}: {what}", level=source, party=row.recipient, what=kind)]
    else:
        parts = [say("{level} is {target} at {party}", level=source, target=row.target.name, party=row.recipient)]
        parts.extend([kind] if row.kind is EquivalenceKind.UPWARD else [])
    parts.extend([say("from {day}", day=row.valid_from)] if row.valid_from else [])
    parts.extend([say("until {day}", day=row.valid_until)] if row.valid_until else [])
    return ", ".join(parts)


def say_access(rule: AccessRule, words: Words) -> str:
    """Return what a person needs besides need-to-know; where only national law says it, no more than that."""
    say, rest = words.say, words.say("the rest is left to national law")
    # Which nationalities and functions is said below.
    named = {Need.NATIONALITY: rule.nationalities, Need.FUNCTION: rule.functions}
    needs = [say(WORDS[need.value]) for need in Need if need in rule.needs and not named.get(need)]
    if rule.nationalities:
        needs.append(say("nationality: any of {which}", which=", ".join(sorted(rule.nationalities))))
    if rule.functions:
        which = ", ".join(sorted(rule.functions))
        needs.append(
            say("in place of the clearance a function: any of {which}", which=which)
            if rule.function_in_place_of_clearance else say("function: any of {which}", which=which)
        )
    what = ", ".join(needs) or (rest if rule.left_to_national else say("need-to-know suffices"))
    said = say("persons of {party}, {level}: {what}", party=rule.party, level=rule.level.name, what=what)
    return f"{said}; {rest}" if rule.left_to_national and needs else said


def say_other_citations(profile: Profile, words: Words) -> Iterator[tuple[str, str]]:
    """Yield (article, sentence) for what a profile says besides acts, rows and access."""
    say = words.say
    for party, level, article in profile.caps:
        yield article, say("{party} provides up to {level}", party=party, level=level.name)
    for registry in profile.registries:
        yield registry.article, say(
            "{registry} ({party}) may receive {levels}", registry=registry.title, party=registry.party,
            levels=say_levels(sorted(registry.levels, key=str)),
        )
    for row in profile.clearance_equivalences:
        counts = say(
            "a clearance up to {level} counts at {party} for {target}", level=row.source.name, party=row.recipient,
            target=row.target.name,
        )
        yield row.article, f"{counts}, {say('once it has been asked')}" if row.on_request else counts
    for channel in profile.channels:
        yield channel.article, say(_COVERED[channel.covered], channel=channel.channel)
    if profile.marks_article:
        yield profile.marks_article, say(_MARKERS[profile.marks_equivalent])
    if profile.entry_article:
        yield profile.entry_article, (
            say("enters into force when notes are exchanged") if profile.entry_requires_notes
            else say("enters into force when it is signed")
        )
    for term in profile.terms:
        yield term.article, say_term(term, words)
    if profile.termination_article:
        yield profile.termination_article, say(
            "notice of termination, from when it is received: {period}", period=say_termination(profile, words),
        )


def say_term(term: Term, words: Words) -> str:
    """Return what `term` means and sets, such as ``a visit is asked for before it begins by 20 calendar days``."""
    known = TERM_NAMES[term.name]
    figure = words.say(_PERIODS[term.unit], count=term.count)
    if known.is_yes_or_no and term.count in _YES_OR_NO:
        figure = words.say(_YES_OR_NO[term.count])
    elif not term.count and known.stricter is Stricter.SHORTER and term.unit not in _NUMBERS:
        figure = words.say("at once")
    said = f"{words.say(known.meaning)} {figure}"
    scope = ", ".join([*([term.party] if term.party else []), *([term.level.name] if term.level else [])])
    return f"{said} ({scope})" if scope else said


def say_termination(profile: Profile, words: Words) -> str:
    """Return the length of notice, such as ``6 months``."""
    if profile.termination_months is not None:
        return words.say("{count} months", count=profile.termination_months)
    if profile.termination_days is not None:
        return words.say("{count} days", count=profile.termination_days)
    return words.say(_GAPS[Gap.SILENT])
