"""Checks of the figures and periods in the layers; part of `cordiale.rules.agreement_check`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from cordiale.errors import Undecidable
from cordiale.model.agreement import Act, NationalProfile, Profile, Term
from cordiale.rules.agreement_findings import Finding, error, note, question
from cordiale.rules.terms import say_figure, strictest, terms_said

_SILENCE: Final = "consent.silence"


def check_terms(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield terms that stand twice, that speak for another party, or that no calendar-free comparison can order."""
    yield from _check_same_scope(profile.terms, "the agreement")
    yield from _check_counted(profile, nationals)
    yield from _check_silence(profile.terms, "the agreement")
    for national in nationals:
        yield from _check_same_scope(national.terms, f"the national profile of {national.party}")
        yield from _check_silence(national.terms, f"the national profile of {national.party}")
        for term in national.terms:
            if term.party not in (None, national.party):
                yield error(
                    "check.term-party", "the national profile of {party} sets `{name}` for {other}",
                    hint="each party sets its own", party=national.party, name=term.name, other=term.party or "",
                )
        yield from _check_comparable(profile, national)


def _check_same_scope(terms: tuple[Term, ...], where: str) -> Iterator[Finding]:
    by_scope: defaultdict[tuple[object, ...], list[Term]] = defaultdict(list)
    for term in terms:
        # Silence is said of each act by itself.
        by_scope[term.name, term.party, term.level, term.note if term.name == _SILENCE else ""].append(term)
    for same in by_scope.values():
        for one, other in combinations(same, 2):
            if (one.count, one.unit) == (other.count, other.unit):
                yield note(
                    "check.term-twice", "`{name}` stands twice in {where}", hint="keep one, and cite both articles",
                    name=one.name, where=where,
                )
            else:
                yield error(
                    "check.terms-differ", "`{name}` is {first} and {second} in {where}",
                    hint="keep one, or let one name a party or a level", name=one.name, where=where,
                    first=say_figure(one), second=say_figure(other),
                )


def _check_silence(terms: tuple[Term, ...], where: str) -> Iterator[Finding]:
    """Yield silence that is said to be consent without saying to what."""
    for term in terms:
        if term.name == _SILENCE and term.note not in {act.value for act in Act}:
            yield error(
                "check.silence-act", "`{name}` in {where} names no act in its note",
                hint="name the act that silence consents to, such as `destroy`; a term for each act", name=term.name,
                where=where,
            )


def _check_counted(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield a result that is to be told, of inventories that no layer asks for."""
    every = (*profile.terms, *(term for national in nationals for term in national.terms))
    if any(term.name == "inventory.report" for term in profile.terms) and not any(
        term.name == "inventory.every" for term in every
    ):
        yield question(
            "check.inventory-report",
            "the result of an inventory is to be told, and no layer says how often one is taken",
            hint="set `inventory.every`",
        )


def _check_comparable(profile: Profile, national: NationalProfile) -> Iterator[Finding]:
    for name, level in dict.fromkeys((term.name, term.level) for term in (*profile.terms, *national.terms)):
        try:
            strictest(terms_said(profile, national, name, party=national.party, level=level))
        except Undecidable:
            yield question(
                "check.terms-incomparable",
                "whether the agreement or the national profile of {party} is stricter on `{name}` depends on the day",
                hint="write both in the same unit", party=national.party, name=name,
            )
