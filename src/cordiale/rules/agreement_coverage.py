"""Checks that the layers together decide every act, and do not contradict each other.

Part of `cordiale.rules.agreement_check`. A *cell* is one act in one scope: an
exchanged level, a direction, and a party at which the act is done. Cells that
nobody decides become questions, gathered by act and direction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

from cordiale.model.agreement import (
    CONSENT_UNLESS_SAID,
    AccessRule,
    Act,
    ActRule,
    DayKind,
    NationalProfile,
    Profile,
    Ruling,
    TermUnit,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.agreement_findings import Finding, error, note, question
from cordiale.rules.agreement_table import HAS_TARGET, exchanged_levels, rows_between
from cordiale.rules.layers import (
    STRICTNESS,
    Gap,
    LayerOutcome,
    Scope,
    levels_of,
    national_of,
    parties_asked,
    resolve,
    rules_in_force,
)

# What cannot be demanded back is asked for, what nobody lets go by post goes otherwise,
# and what no layer allows takes the originator's consent.
_ANSWERED_BY_SILENCE = CONSENT_UNLESS_SAID | {Act.RECALL, Act.POST}
_CONDITIONS = frozenset({Ruling.REQUIRED, Ruling.WITH_NOTICE})
# Two parties are named by name; of more, what all leave open is asked once.
_FEW_PARTIES = 2
_OWN_ACTS = (Act.COPY, Act.TRANSLATE, Act.EXTRACT, Act.DESTROY, Act.CRISIS_DESTROY)
_CONSENTS = frozenset({Ruling.REQUIRED, Ruling.WITH_CONSENT})


@dataclass(frozen=True, slots=True)
class Cell:
    """One act in one scope, the rules in force in each layer, and what they come to together."""

    act: Act
    scope: Scope
    ours: tuple[ActRule, ...]
    theirs: tuple[ActRule, ...]
    outcome: LayerOutcome

    @property
    def place(self) -> str:
        """The act with its direction, and the party where it is done."""
        scope = self.scope
        return f"{self.act} from {scope.provider} to {scope.recipient}, done at {scope.at_party}"

    @property
    def side(self) -> str:
        """The act, and whether it is done where information comes from or where it goes to."""
        return f"{self.act}, done at the {'provider' if self.scope.at_party == self.scope.provider else 'recipient'}"


def cells_of(profile: Profile, nationals: tuple[NationalProfile, ...]) -> tuple[Cell, ...]:
    """Return every cell of the agreement: all that can be exchanged, and every act upon it."""
    cells: list[Cell] = []
    # Of many parties most cells rest on the same few rules: what those come to is worked out once.
    outcomes: dict[tuple[object, ...], LayerOutcome] = {}
    for provider, recipient in permutations(profile.parties, 2):
        for level in exchanged_levels(profile, provider, recipient):
            for act in Act:
                for at_party in parties_asked(act, provider=provider, recipient=recipient):
                    scope = Scope(provider, recipient, level, at_party)
                    national = national_of(nationals, at_party)
                    ours = rules_in_force(profile.acts, act, scope)
                    theirs = rules_in_force(national.acts, act, scope) if national else ()
                    if act in _ANSWERED_BY_SILENCE and not (ours or theirs):
                        continue
                    key = (at_party, *map(id, ours), "", *map(id, theirs))
                    if key not in outcomes:
                        outcomes[key] = resolve(ours, theirs, at_party=at_party)
                    cells.append(Cell(act, scope, ours, theirs, outcomes[key]))
    return tuple(cells)


def check_acts(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield acts that no layer decides, rules that contradict each other, and where national law stands apart."""
    yield from _check_same_scope(profile.acts, "the agreement")
    for national in nationals:
        yield from _check_same_scope(national.acts, f"the national profile of {national.party}")
    cells = cells_of(profile, nationals)
    yield from _check_gaps(cells)
    yield from _check_national(cells)
    yield from _check_unused(profile)
    yield from _check_misplaced_marks(profile, nationals)


def _check_gaps(cells: tuple[Cell, ...]) -> Iterator[Finding]:
    for place, gap, open_cells in _gather(cells):
        levels = "every level" if place == open_cells[0].side else _listed(cell.scope.level for cell in open_cells)
        articles = ", ".join(dict.fromkeys(a for cell in open_cells for a in cell.outcome.articles))
        if gap is Gap.SILENT:
            yield question(
                "check.act-silent", "no layer says anything of {place} ({levels})",
                hint="add a [[rule]] to the profile, or to the national profile of that party",
                place=place, levels=levels,
            )
        elif gap is Gap.LEFT_TO_NATIONAL:
            yield question(
                "check.act-left-open", "{articles} leaves {place} ({levels}) to national law, which says nothing",
                hint="add a [[rule]] to the national profile of that party",
                place=place, levels=levels, articles=articles,
            )
        elif any(_is_contradiction(cell.ours) or _is_contradiction(cell.theirs) for cell in open_cells):
            yield error(
                "check.act-contradiction", "{articles} both demand and forbid {place} ({levels})",
                hint="correct the rules", place=place, levels=levels, articles=articles,
            )
        else:
            yield question(
                "check.layers-contradict",
                "the agreement and national law say opposite things of {place} ({levels}): {articles}",
                hint="settle which prevails; a national rule that does says overrides_agreement = true",
                place=place, levels=levels, articles=articles,
            )


def _gather(cells: tuple[Cell, ...]) -> Iterator[tuple[str, Gap, list[Cell]]]:
    """Yield the open cells by act and direction; of many parties that are all open alike, by act and side."""
    sides: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        sides[cell.side].append(cell)
    is_many = len({cell.scope.provider for cell in cells}) > _FEW_PARTIES
    for side, of_side in sides.items():
        gaps = {cell.outcome.gap for cell in of_side}
        gap = of_side[0].outcome.gap
        if is_many and gap is not None and gaps == {gap}:
            yield side, gap, of_side
            continue
        gathered: defaultdict[tuple[str, Gap], list[Cell]] = defaultdict(list)
        for cell in of_side:
            if cell.outcome.gap is not None:
                gathered[cell.place, cell.outcome.gap].append(cell)
        yield from ((place, gap, open_cells) for (place, gap), open_cells in gathered.items())


def _is_contradiction(rules: tuple[ActRule, ...]) -> bool:
    return {Ruling.REQUIRED, Ruling.FORBIDDEN} <= {rule.ruling for rule in rules}


def _check_same_scope(rules: tuple[ActRule, ...], where: str) -> Iterator[Finding]:
    by_scope: defaultdict[tuple[object, ...], list[ActRule]] = defaultdict(list)
    for rule in rules:
        by_scope[rule.act, rule.provider, rule.recipient, rule.level].append(rule)
    for same in by_scope.values():
        for one, other in combinations(same, 2):
            level = f" ({one.level})" if one.level else ""
            if one == other:
                yield note(
                    "check.rule-twice", "a rule on {act}{level} stands twice in {where}", hint="remove one",
                    act=one.act.value, level=level, where=where,
                )
            elif _differ(one, other):
                yield error(
                    "check.rules-differ", "two rules on {act}{level} in {where} differ: {first} and {second}",
                    hint="keep one, or let one name a level or a direction", act=one.act.value, level=level,
                    where=where, first=_said(one), second=_said(other),
                )


def _differ(one: ActRule, other: ActRule) -> bool:
    rulings = {one.ruling, other.ruling}
    # A duty under a condition is written as two rules: required, and with notice or consent.
    differ_in_ruling = len(rulings) > 1 and rulings != _CONDITIONS and rulings != _CONSENTS
    differ_in_persons = one.persons != other.persons and 1 not in (one.persons, other.persons)
    differ_in_deadline = one.deadline != other.deadline and None not in (one.deadline, other.deadline)
    return differ_in_ruling or differ_in_persons or differ_in_deadline


def _said(rule: ActRule) -> str:
    persons = f", {rule.persons} persons" if rule.persons > 1 else ""
    deadline = f", within {rule.deadline.count} {rule.deadline.kind} days" if rule.deadline else ""
    return f"{rule.ruling}{persons}{deadline} ({rule.article})"


def _check_national(cells: tuple[Cell, ...]) -> Iterator[Finding]:
    laxer: defaultdict[tuple[PartyId, str, str, str], list[LevelRef]] = defaultdict(list)
    overriding: defaultdict[tuple[PartyId, str, str, str], list[LevelRef]] = defaultdict(list)
    for cell in cells:
        if not cell.ours or not cell.theirs:
            continue
        ours = ", ".join(rule.article for rule in cell.ours)
        theirs = ", ".join(rule.article for rule in cell.theirs)
        key = (cell.scope.at_party, cell.act.value, theirs, ours)
        if any(rule.overrides_agreement for rule in cell.theirs):
            if cell.outcome.overridden:
                overriding[key].append(cell.scope.level)
        elif _is_laxer(cell):
            laxer[key].append(cell.scope.level)
    for (party, act, theirs, ours), levels in laxer.items():
        yield note(
            "check.national-laxer", "{theirs} of {party} is laxer on {act} than {ours}, which applies ({levels})",
            hint="if national law is meant to prevail, write overrides_agreement = true",
            party=party, act=act, theirs=theirs, ours=ours, levels=_listed(levels),
        )
    for (party, act, theirs, ours), levels in overriding.items():
        yield note(
            "check.national-overrides", "{theirs} of {party} takes the place of {ours} on {act} ({levels})",
            party=party, act=act, theirs=theirs, ours=ours, levels=_listed(levels),
        )


def _is_laxer(cell: Cell) -> bool:
    ours = max(STRICTNESS[rule.ruling] for rule in cell.ours)
    theirs = max(STRICTNESS[rule.ruling] for rule in cell.theirs)
    # One person is also what a rule says that does not speak of persons.
    persons = max(rule.persons for rule in cell.theirs)
    return theirs < ours or 1 < persons < max(rule.persons for rule in cell.ours)


def _check_unused(profile: Profile) -> Iterator[Finding]:
    used: set[int] = set()
    for provider, recipient in permutations(profile.parties, 2):
        for level in levels_of(profile, provider):
            for act in Act:
                scope = Scope(provider, recipient, level, recipient)
                used.update(id(rule) for rule in rules_in_force(profile.acts, act, scope))
    for rule in profile.acts:
        if id(rule) not in used:
            yield note(
                "check.rule-unused", "the rule on {act} of {article} never applies",
                hint="more specific rules stand before it everywhere; remove it or correct its scope",
                act=rule.act.value, article=rule.article,
            )


def _check_misplaced_marks(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    if any(rule.overrides_agreement for rule in profile.acts):
        yield error(
            "check.override-in-agreement", "a rule of the agreement says it overrides the agreement",
            hint="only a rule of a national profile can",
        )
    for national in nationals:
        marks = [rule.left_to_national for rule in national.acts]
        if any(marks) or any(rule.left_to_national for rule in national.access):
            yield error(
                "check.left-open-in-national", "the national profile of {party} leaves a matter to national law",
                hint="say what national law says", party=national.party,
            )


def check_access(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield levels for which nobody says what a person needs, and rules on access that stand twice."""
    for where, rules in [("the agreement", profile.access), *((n.party, n.access) for n in nationals)]:
        for one, other in combinations(rules, 2):
            if (one.party, one.level) == (other.party, other.level):
                yield error(
                    "check.access-twice", "two rules on access to {level} stand in {where}", hint="join them",
                    level=str(one.level), where=where,
                )
    for party in profile.parties:
        missing, left_open = [], []
        for level in received_levels(profile, party):
            national = national_of(nationals, party)
            ours = _for(profile.access, party, level)
            theirs = _for(national.access, party, level) if national else []
            if not ours and not theirs:
                missing.append(level)
            elif not theirs and any(rule.left_to_national for rule in ours):
                left_open.append(level)
        if missing:
            yield question(
                "check.access-missing", "no layer says what a person of {party} needs for {levels}",
                hint="add [[access]]; needs = [] where need-to-know suffices",
                party=party, levels=_listed(missing),
            )
        if left_open:
            yield question(
                "check.access-left-open",
                "access of persons of {party} to {levels} is left to national law, which says nothing",
                hint="add [[access]] to the national profile", party=party, levels=_listed(left_open),
            )


def check_own_items(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield what a national profile does not say of its own party's items, of which an agreement says nothing."""
    for national in nationals:
        party, levels = national.party, levels_of(profile, national.party)
        silent: defaultdict[tuple[LevelRef, ...], list[Act]] = defaultdict(list)
        for act in _OWN_ACTS:
            silent[tuple(
                level for level in levels
                if not rules_in_force(national.acts, act, Scope(party, party, level, party))
            )].append(act)
        for unsaid, acts in silent.items():
            if unsaid:
                yield question(
                    "check.own-act",
                    "the national profile of {party} says nothing of {acts} of its own items ({levels})",
                    hint="add a [[rule]] to it that names these levels", party=party, levels=_listed(unsaid),
                    acts=", ".join(acts),
                )
        closed = [level for level in levels if not _for(national.access, party, level)]
        if closed:
            yield question(
                "check.own-access", "the national profile of {party} does not say who reads its own items ({levels})",
                hint="add [[access]] to it", party=party, levels=_listed(closed),
            )


def check_registries(profile: Profile) -> Iterator[Finding]:
    """Yield levels that no registry may receive, and registries that are named twice or closed before opened."""
    for party in profile.parties:
        served = {level for registry in profile.registries if registry.party == party for level in registry.levels}
        missing = [level for level in received_levels(profile, party) if level not in served]
        if missing:
            yield question(
                "check.registry-missing", "no registry of {party} may receive {levels}",
                hint="add a [[registry]]", party=party, levels=_listed(missing),
            )
    ids = [registry.id for registry in profile.registries]
    for registry in profile.registries:
        if ids.count(registry.id) > 1:
            yield error(
                "check.registry-twice", "the registry {registry} stands twice", hint="name each registry once",
                registry=registry.id,
            )
        if registry.opened_on and registry.closed_on and registry.closed_on < registry.opened_on:
            yield error(
                "check.registry-dates", "the registry {registry} closes before it opens", hint="correct its dates",
                registry=registry.id,
            )


def check_working_days(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield parties whose holidays or weekends are not entered though a deadline counts working days."""
    rules = [*profile.acts, *(rule for national in nationals for rule in national.acts)]
    terms = [*profile.terms, *(term for national in nationals for term in national.terms)]
    if not any(rule.deadline and rule.deadline.kind is DayKind.WORKING for rule in rules) and not any(
        term.unit is TermUnit.WORKING_DAYS for term in terms
    ):
        return
    for party in profile.parties:
        if not dict(profile.holidays).get(party) or not dict(profile.weekends).get(party):
            yield question(
                "check.holidays-missing", "deadlines count working days, and those of {party} are not entered",
                hint="add [[holidays]] with its weekend and days", party=party,
            )


def received_levels(profile: Profile, party: PartyId) -> tuple[LevelRef, ...]:
    """Return the levels of `party` that information received under the agreement can come to bear."""
    targets = {
        row.target for provider in profile.parties if provider != party
        for row in rows_between(profile, provider, party) if row.kind in HAS_TARGET
    }
    return tuple(level for level in levels_of(profile, party) if level in targets)


def _for(rules: Iterable[AccessRule], party: PartyId, level: LevelRef) -> list[AccessRule]:
    return [rule for rule in rules if rule.party == party and rule.level == level]


def _listed(levels: Iterable[LevelRef]) -> str:
    return ", ".join(dict.fromkeys(str(level) for level in levels))
