"""The layers decided a second time, from the words of docs/spec/agreement.md and without haste.

Shares no code with `cordiale.rules.layers`; the tests hold the two against each other.
"""

from __future__ import annotations

from datetime import date

from cordiale.model.agreement import AccessRule, Act, ActRule, AgreementState, DayKind, Ruling, Stage
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.layers import Gap, LayerOutcome, Scope

LADDER = [{Ruling.ALLOWED, Ruling.REQUIRED}, {Ruling.WITH_NOTICE}, {Ruling.WITH_CONSENT}, {Ruling.FORBIDDEN}]
NAMED = {0: Ruling.ALLOWED, 1: Ruling.WITH_NOTICE, 2: Ruling.WITH_CONSENT, 3: Ruling.FORBIDDEN}


def naive_rulings_for(state: AgreementState, act: Act, scope: Scope, on: date | None = None) -> LayerOutcome:
    silent = LayerOutcome(None, gap=Gap.SILENT)
    if state.profile is None or scope.provider == scope.recipient:
        return silent
    if scope.at_party not in (scope.provider, scope.recipient):
        return silent
    if not {scope.provider, scope.recipient} <= set(state.profile.parties):
        return silent
    provider_schemes = [s for p, name in state.profile.scheme_of if p == scope.provider
                        for s in state.profile.schemes if s.id == name]
    if not any(s.id == scope.level.scheme and scope.level.name in s.levels for s in provider_schemes):
        return silent

    over = on is not None and state.ended_on is not None and on >= state.ended_on
    waiting = [] if over else [Stage.TERMINATED]
    ours = naive_in_force([r for r in state.profile.acts if r.from_state not in waiting], act, scope)
    theirs: list[ActRule] = []
    for national in state.nationals:
        if national.party == scope.at_party:
            theirs = naive_in_force([r for r in national.acts if r.from_state not in waiting], act, scope)
    if not ours and not theirs:
        return silent
    overridden: list[str] = []
    speaking = [(r, r.article) for r in ours] + [(r, f"{scope.at_party}: {r.article}") for r in theirs]
    if ours and any(r.overrides_agreement for r in theirs):
        speaking = speaking[len(ours):]
        if naive_sum(ours) != naive_sum(theirs):
            overridden = strict_first([(r, r.article) for r in ours])
    rules = [r for r, _ in speaking]
    step, is_duty, persons, deadlines = naive_sum(rules)
    articles = tuple(strict_first(speaking))
    if step == 3 and is_duty:
        return LayerOutcome(None, articles=articles, overridden=tuple(overridden), gap=Gap.CONTRADICTION)
    if step != 3 and not theirs and any(r.left_to_national for r in ours):
        return LayerOutcome(None, articles=articles, gap=Gap.LEFT_TO_NATIONAL)
    ruling = Ruling.REQUIRED if is_duty and step == 0 else NAMED[step]
    return LayerOutcome(ruling, is_duty, persons, deadlines, articles, tuple(overridden))


def naive_in_force(rules: list[ActRule], act: Act, scope: Scope) -> list[ActRule]:
    reaching = []
    for rule in rules:
        wrong = rule.act != act
        wrong |= rule.level is not None and rule.level != scope.level
        wrong |= rule.provider is not None and rule.provider != scope.provider
        wrong |= rule.recipient is not None and rule.recipient != scope.recipient
        if not wrong:
            reaching.append(rule)
    return [r for r in reaching if not any(is_more_specific(other, r) for other in reaching)]


def is_more_specific(one: ActRule, other: ActRule) -> bool:
    pairs = [(one.level, other.level), (one.provider, other.provider), (one.recipient, other.recipient)]
    names_all_of_other = all(mine is not None for mine, others in pairs if others is not None)
    names_more = any(mine is not None and others is None for mine, others in pairs)
    return names_all_of_other and names_more


def naive_sum(rules: list[ActRule]) -> tuple[int, bool, int, tuple[object, ...]]:
    step = max(next(n for n, rung in enumerate(LADDER) if r.ruling in rung) for r in rules)
    is_duty = Ruling.REQUIRED in [r.ruling for r in rules]
    persons = sorted(r.persons for r in rules)[-1]
    calendar = sorted((r.deadline for r in rules if r.deadline and r.deadline.kind == DayKind.CALENDAR),
                      key=lambda d: d.count)[:1]
    working = sorted((r.deadline for r in rules if r.deadline and r.deadline.kind == DayKind.WORKING),
                     key=lambda d: d.count)[:1]
    if calendar and working and working[0].count >= calendar[0].count:
        working = []
    return step, is_duty, persons, (*calendar, *working)


def strict_first(speaking: list[tuple[ActRule, str]]) -> list[str]:
    ordered: list[str] = []
    for rung in reversed(LADDER):
        for rule, article in speaking:
            if rule.ruling in rung and article not in ordered:
                ordered.append(article)
    return ordered


def naive_access(state: AgreementState, party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
    if state.profile is None:
        return ()
    ours = [r for r in state.profile.access if r.party == party and r.level == level]
    theirs = [r for n in state.nationals if n.party == party for r in n.access
              if r.party == party and r.level == level]
    if [r for r in ours if r.left_to_national] and not theirs:
        return ()
    return (*ours, *theirs)
