"""The figures that hold for one item at its holder: of the agreement it came under, or of national law."""

from __future__ import annotations

from cordiale.model.agreement import Term
from cordiale.model.label import LevelRef
from cordiale.rules.holding import AccessView
from cordiale.rules.national import NationalRules
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import terms_of
from cordiale.rules.workdays import Holidays


def terms_here(item: AccessView, name: str) -> tuple[Term, ...]:
    """Return the terms called `name` for the item at its holder, by its own level and by its equivalent there."""
    facts, rules = item.facts, item.rules
    levels = [facts.label.level] if facts.label is not None else []
    levels += [facts.marking.level] if facts.marking is not None else []
    found: dict[Term, None] = {}
    for level in levels:
        if isinstance(rules, RuleIndex):
            found.update(dict.fromkeys(terms_of(rules, name, party=facts.holder, level=level)))
        elif isinstance(rules, NationalRules):
            found.update(dict.fromkeys(own_terms(rules, name, level)))
    return tuple(found)


def own_terms(rules: NationalRules, name: str, level: LevelRef) -> tuple[Term, ...]:
    """Return the terms called `name` that national law sets for an own item of `level`."""
    terms = rules.profile.terms if rules.profile is not None else ()
    return tuple(
        term for term in terms
        if term.name == name and term.party in (None, rules.party) and term.level in (None, level)
    )


def holidays_here(item: AccessView) -> Holidays:
    """Return the days that a count of working days leaves out for the item."""
    rules = item.rules
    if not isinstance(rules, RuleIndex) or rules.state.profile is None:
        return Holidays(frozenset(), frozenset())
    return rules.holidays
