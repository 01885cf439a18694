"""What the layers of an agreement say of one act, one direction and one level.

Two layers speak: the agreement (its signed profile) and the national profile of
the party where the act is done. They are read in this order:

1. *Within a layer* a rule yields to a rule that names all it names and more
   (level, provider, recipient). What remains applies together.
2. *Rules that apply together*, in a layer or across both: the stricter ruling
   wins, forbidden over with consent over with notice over allowed; a duty stays
   a duty; the larger number of persons; the shorter deadline.
3. A duty to do what is forbidden is a contradiction and decides nothing.
4. A national rule written to override the agreement replaces what the agreement
   says, and the articles that gave way are recorded.
5. What an article leaves to national law, and what no layer says, is not
   decided: there is no default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    AgreementState,
    DayKind,
    Deadline,
    Equivalence,
    NationalProfile,
    Profile,
    Ruling,
    Stage,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId

STRICTNESS: Final[dict[Ruling, int]] = {
    Ruling.ALLOWED: 0, Ruling.REQUIRED: 0, Ruling.WITH_NOTICE: 1, Ruling.WITH_CONSENT: 2, Ruling.FORBIDDEN: 3,
}
_RULING_OF: Final = (Ruling.ALLOWED, Ruling.WITH_NOTICE, Ruling.WITH_CONSENT, Ruling.FORBIDDEN)
_FORBIDDEN: Final = STRICTNESS[Ruling.FORBIDDEN]

_DONE_BY_BOTH: Final = frozenset({Act.WIRE, Act.BAG, Act.CARRY, Act.POST, Act.REGISTER})


class Gap(StrEnum):
    """Why the layers decide nothing."""

    SILENT = "silent"
    LEFT_TO_NATIONAL = "left-to-national-law"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Scope:
    """Information of `level` goes from `provider` to `recipient`, and the act is done at `at_party`."""

    provider: PartyId
    recipient: PartyId
    level: LevelRef
    at_party: PartyId


@dataclass(frozen=True, slots=True)
class LayerOutcome:
    """What the layers say together.

    `ruling` is None where nothing is decided, and then `gap` says why. `is_duty` is True where a layer demands
    the act, also when the ruling sets a condition on it. At most one of `deadlines` counts calendar days and one
    working days: the earlier day binds. `articles` are the provisions that speak, the decisive ones first, those
    of national law behind their party (``UKR: Order 4, s. 2``); `overridden` are those that gave way.
    """

    ruling: Ruling | None
    is_duty: bool = False
    persons: int = 1
    deadlines: tuple[Deadline, ...] = ()
    articles: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    gap: Gap | None = None


SILENT: Final = LayerOutcome(None, gap=Gap.SILENT)


@dataclass(frozen=True, slots=True)
class _Voice:
    """What rules that apply together amount to."""

    strictness: int
    is_duty: bool
    persons: int
    deadlines: tuple[Deadline, ...]
    cited: tuple[tuple[int, str], ...]


def rulings_for(state: AgreementState, act: Act, scope: Scope, *, on: date | None = None) -> LayerOutcome:
    """Return what the layers of `state` say of `act` in `scope` on the day `on`; without one, while it is in force.

    Never raises; a scope that the agreement does not know (a third party, a level of another scheme) is
    silent. `RuleIndex` gives the same answers from a table made once.
    """
    if state.profile is None or not is_in_agreement(state, scope):
        return SILENT
    ended = has_ended(state, on)
    agreement = rules_in_force(rules_from(state.profile.acts, is_ended=ended), act, scope)
    national = national_of(state.nationals, scope.at_party)
    own = rules_in_force(rules_from(national.acts, is_ended=ended), act, scope) if national else ()
    return resolve(agreement, own, at_party=scope.at_party)


def has_ended(state: AgreementState, on: date | None) -> bool:
    """Tell whether the agreement has ended on the day `on`."""
    return on is not None and state.ended_on is not None and state.ended_on <= on


def rules_from(rules: Iterable[ActRule], *, is_ended: bool) -> tuple[ActRule, ...]:
    """Return the rules that hold in this state of the agreement: those of its end hold from its end on."""
    return tuple(rule for rule in rules if is_ended or rule.from_state is not Stage.TERMINATED)


def resolve(
    agreement: tuple[ActRule, ...], national: tuple[ActRule, ...], *, at_party: PartyId
) -> LayerOutcome:
    """Join the rules in force of both layers (steps 2 to 5 of the module docstring)."""
    ours = _voice_of(agreement)
    theirs = _voice_of(national, prefix=f"{at_party}: ")
    if ours is None and theirs is None:
        return SILENT
    if ours and theirs and any(rule.overrides_agreement for rule in national):
        return _outcome_of(theirs, overridden=_gives_way(ours, theirs))
    joined = _join([voice for voice in (ours, theirs) if voice])
    is_left_open = theirs is None and any(rule.left_to_national for rule in agreement)
    return _outcome_of(joined, is_left_open=is_left_open)


def rules_in_force(rules: Iterable[ActRule], act: Act, scope: Scope) -> tuple[ActRule, ...]:
    """Return the rules of one layer on `act` that reach `scope` and yield to no more specific one."""
    reaching = [rule for rule in rules if rule.act is act and _reaches(rule, scope)]
    named = {id(rule): _named_by(rule) for rule in reaching}
    return tuple(
        rule for rule in reaching if not any(named[id(rule)] < named[id(other)] for other in reaching)
    )


def parties_asked(act: Act, *, provider: PartyId, recipient: PartyId) -> tuple[PartyId, ...]:
    """Return the parties at which `act` is done, whose national law therefore speaks.

    Transport and registration happen on both sides and providing at the provider; everything else, a change
    of level included, is an act of the recipient upon information it has received.
    """
    if act in _DONE_BY_BOTH:
        return (provider, recipient)
    return (provider,) if act is Act.PROVIDE else (recipient,)


def is_in_agreement(state: AgreementState, scope: Scope) -> bool:
    """Tell whether both ends are different parties, the act is done at one of them, and the level is known."""
    ends = (scope.provider, scope.recipient)
    return (
        state.profile is not None
        and scope.provider != scope.recipient
        and scope.at_party in ends
        and all(party in state.profile.parties for party in ends)
        and scope.level in levels_of(state.profile, scope.provider)
    )


def levels_of(profile: Profile, party: PartyId) -> tuple[LevelRef, ...]:
    """Return the levels of every scheme of `party` under `profile`, lowest first within each scheme."""
    named = {scheme for of_party, scheme in profile.scheme_of if of_party == party}
    return tuple(
        LevelRef(scheme.id, name) for scheme in profile.schemes if scheme.id in named for name in scheme.levels
    )


def national_of(nationals: Iterable[NationalProfile], party: PartyId) -> NationalProfile | None:
    """Return the national profile of `party`, the highest version if there are several."""
    return max((n for n in nationals if n.party == party), key=lambda n: n.version, default=None)


def find_equivalence(
    profile: Profile, source: LevelRef, *, recipient: PartyId, on: date
) -> Equivalence | None:
    """Return the row of the table for `source` towards `recipient` on the day `on`.

    None where no row says anything, and where two rows do: neither is guessed.
    """
    rows = [row for row in profile.equivalences if row.source == source and row.recipient == recipient]
    current = [row for row in rows if is_current(row, on)]
    return current[0] if len(current) == 1 else None


def is_current(row: Equivalence, on: date) -> bool:
    """Tell whether `row` holds on the day `on`; both its dates are included."""
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_until is None or on <= row.valid_until)


def access_rules_for(state: AgreementState, party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
    """Return the rules a person of `party` must meet, each of them, for `level` of that party's scheme.

    Empty where neither layer decides, which is no permission: a rule of the agreement that leaves the matter
    to national law decides nothing by itself.
    """
    if state.profile is None:
        return ()
    agreement = _access_rules(state.profile.access, party, level)
    national = national_of(state.nationals, party)
    own = _access_rules(national.access, party, level) if national else ()
    if not own and any(rule.left_to_national for rule in agreement):
        return ()
    return agreement + own


def _access_rules(rules: Iterable[AccessRule], party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
    return tuple(rule for rule in rules if rule.party == party and rule.level == level)


def _reaches(rule: ActRule, scope: Scope) -> bool:
    return (
        rule.level in (None, scope.level)
        and rule.provider in (None, scope.provider)
        and rule.recipient in (None, scope.recipient)
    )


def _named_by(rule: ActRule) -> frozenset[str]:
    named = {"level": rule.level, "provider": rule.provider, "recipient": rule.recipient}
    return frozenset(name for name, value in named.items() if value is not None)


def _voice_of(rules: tuple[ActRule, ...], *, prefix: str = "") -> _Voice | None:
    if not rules:
        return None
    return _join([
        _Voice(
            STRICTNESS[rule.ruling], rule.ruling is Ruling.REQUIRED, rule.persons,
            (rule.deadline,) if rule.deadline else (), ((STRICTNESS[rule.ruling], prefix + rule.article),),
        )
        for rule in rules
    ])


def _join(voices: list[_Voice]) -> _Voice:
    return _Voice(
        strictness=max(voice.strictness for voice in voices),
        is_duty=any(voice.is_duty for voice in voices),
        persons=max(voice.persons for voice in voices),
        deadlines=_shortest(deadline for voice in voices for deadline in voice.deadlines),
        cited=tuple(cited for voice in voices for cited in voice.cited),
    )


def _shortest(deadlines: Iterable[Deadline]) -> tuple[Deadline, ...]:
    shortest: dict[DayKind, Deadline] = {}
    for deadline in deadlines:
        known = shortest.get(deadline.kind)
        if known is None or deadline.count < known.count:
            shortest[deadline.kind] = deadline
    calendar, working = shortest.get(DayKind.CALENDAR), shortest.get(DayKind.WORKING)
    # As many calendar days never end later than as many working days; otherwise the holidays decide.
    if calendar and working and calendar.count <= working.count:
        working = None
    return tuple(deadline for deadline in (calendar, working) if deadline)


def _gives_way(ours: _Voice, theirs: _Voice) -> tuple[str, ...]:
    def said(voice: _Voice) -> tuple[int, bool, int, tuple[Deadline, ...]]:
        return (voice.strictness, voice.is_duty, voice.persons, voice.deadlines)

    return _articles(ours) if said(ours) != said(theirs) else ()


def _articles(voice: _Voice) -> tuple[str, ...]:
    strictest_first = sorted(voice.cited, key=lambda cited: -cited[0])
    return tuple(dict.fromkeys(article for _, article in strictest_first))


def _outcome_of(
    voice: _Voice, *, overridden: tuple[str, ...] = (), is_left_open: bool = False
) -> LayerOutcome:
    articles = _articles(voice)
    is_forbidden = voice.strictness == _FORBIDDEN
    if is_forbidden and voice.is_duty:
        return LayerOutcome(None, articles=articles, overridden=overridden, gap=Gap.CONTRADICTION)
    if is_left_open and not is_forbidden:
        return LayerOutcome(None, articles=articles, overridden=overridden, gap=Gap.LEFT_TO_NATIONAL)
    ruling = Ruling.REQUIRED if voice.is_duty and not voice.strictness else _RULING_OF[voice.strictness]
    return LayerOutcome(ruling, voice.is_duty, voice.persons, voice.deadlines, articles, overridden)
