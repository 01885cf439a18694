"""Measures decisions: access with all reasons, working out what an item asks, and provision.

    python -m bench.rules_bench [rounds]

One core, best of several rounds, processor time, because other work on the
machine is not the rules' cost. The mix is half allowed and half refused, the
refusals for one to five reasons each. The yardstick beside each figure is a
call of an empty function in the same run: a ratio says more than a figure
taken on a machine that was busy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import process_time

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    AgreementState,
    Equivalence,
    EquivalenceKind,
    LinkApproval,
    NationalProfile,
    Need,
    Profile,
    Readiness,
    RegistryEntry,
    Ruling,
    Stage,
)
from cordiale.model.consent import Approval, ApprovalPart
from cordiale.model.label import Label, LevelRef, Marking, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ItemId, PartyId, PersonId
from cordiale.model.person import Briefing, Clearance, NeedToKnow, Office, Person
from cordiale.rules.access import decide_access
from cordiale.rules.holding import AccessView, ItemFacts, Standing, view_item
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.releasable import ReleaseRequest
from cordiale.rules.rule_index import build_rule_index

GOAL_PER_SECOND = 500_000
READERS, ITEMS = 40, 2_500
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAST = NOW - timedelta(days=30)
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
JPN, UKR, CHE = PartyId("JPN"), PartyId("UKR"), PartyId("CHE")
AGREEMENT = AgreementId("exercise-bench")
PURPOSE = "dialogue"
DIGEST = "digest"
OURS = Scheme("EX-JPN", JPN, "exercise", ("AMBER", "COBALT", "VIOLET"), "exercise")
THEIRS = Scheme("EX-UKR", UKR, "exercise", ("REED", "STONE", "IRON"), "exercise")
PAIRS = tuple(
    (LevelRef(OURS.id, ours), LevelRef(THEIRS.id, theirs))
    for ours, theirs in zip(OURS.levels, THEIRS.levels, strict=True)
)

Case = tuple[Person, AccessView, tuple[NeedToKnow, ...]]


def make_state() -> AgreementState:
    """Return an exercise agreement in force, everything found and approved."""
    needs = frozenset({Need.CLEARANCE, Need.BRIEFING, Need.NATIONALITY})
    both = frozenset({JPN, UKR})
    profile = Profile(
        agreement=AGREEMENT, version=1, mode=Mode.EXERCISE, title="bench", parties=(JPN, UKR), text_digest="",
        language="en", schemes=(OURS, THEIRS), scheme_of=((JPN, OURS.id), (UKR, THEIRS.id)),
        equivalences=tuple(
            row for ours, theirs in PAIRS for row in (
                Equivalence(ours, UKR, EquivalenceKind.EQUIVALENT, "Art. 3", theirs),
                Equivalence(theirs, JPN, EquivalenceKind.EQUIVALENT, "Art. 3", ours),
            )
        ),
        acts=tuple(ActRule(act, Ruling.ALLOWED, "Art. 4") for act in Act),
        access=tuple(AccessRule(UKR, theirs, needs, "Art. 5(2)", nationalities=both) for _, theirs in PAIRS),
        registries=(RegistryEntry("ukr-central", UKR, "registry", frozenset(t for _, t in PAIRS), "Art. 6"),),
        caps=(), marks_equivalent="recipient", marks_article="Art. 4(2)",
    )
    top = {JPN: PAIRS[-1][0], UKR: PAIRS[-1][1]}
    return AgreementState(
        id=AGREEMENT, parties=(JPN, UKR), mode=Mode.EXERCISE, stage=Stage.IN_FORCE, profile=profile,
        nationals=(NationalProfile(JPN, 1, "", (), (), 2, "Order 9"),),
        readiness=tuple(Readiness(by, of, top[of], PAST) for by in both for of in both),
        links=tuple(LinkApproval("wire", party, top[party], "ref", PAST) for party in both),
        signed_by=both, notes_from=both,
    )


def make_reader(number: int) -> Person:
    """Return a cleared and briefed reader."""
    return Person(
        PersonId(f"reader-{number}"), "", "", "", UKR, frozenset({UKR}), frozenset({Office.READER}),
        clearances=(Clearance(PAIRS[-1][1], FIRST, LAST, "authority"),), briefings=(Briefing(AGREEMENT, FIRST, LAST),),
    )


def make_facts(number: int) -> ItemFacts:
    """Return a foreign item, registered and marked, at one of the three levels."""
    ours, theirs = PAIRS[number % len(PAIRS)]
    label = Label(JPN, ours, frozenset({JPN, UKR}), PAST)
    marking = Marking(UKR, theirs, AGREEMENT, 1, "Art. 3", ours)
    return ItemFacts(ItemId(f"item-{number}"), label, UKR, Standing.REGISTERED, marking, frozenset({PURPOSE}))


def spoil(reader: Person) -> tuple[Person, ...]:
    """Return the reader with something missing: nothing, the clearance, the briefing, all and the party too."""
    return (
        reader, replace(reader, clearances=()), replace(reader, briefings=()),
        replace(reader, represents=CHE, nationalities=frozenset({CHE}), clearances=(), briefings=()),
    )


def make_cases(views: list[AccessView]) -> list[Case]:
    """Return two cases for each view: one allowed, one refused."""
    cases: list[Case] = []
    readers = [make_reader(number) for number in range(READERS)]
    poorer = [spoil(reader) for reader in readers]
    for number, view in enumerate(views):
        reader = readers[number % READERS]
        need = NeedToKnow(reader.id, view.facts.item, PersonId("head"), PAST, PURPOSE)
        withdrawn = replace(need, withdrawn_at=PAST)
        kind = number % 4
        cases += [
            (reader, view, (need,)),
            (poorer[number % READERS][kind], view, ((), (need,), (withdrawn,), ())[kind]),
        ]
    return cases


def nothing() -> None:
    """Do nothing: the yardstick."""


def rate(rounds: int, count: int, act: Callable[[], object]) -> float:
    """Return how many of the `count` steps of `act` are done in a second of processor time, at best."""
    best = 0.0
    for _ in range(rounds):
        began = process_time()
        act()
        best = max(best, count / (process_time() - began))
    return best


def report(what: str, figure: float, yardstick: float) -> None:
    print(f"{what:<58} {figure:>12,.0f} /s   1 = {yardstick / figure:>7,.1f} empty calls")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    state = make_state()
    index = build_rule_index(state)
    facts = [make_facts(number) for number in range(ITEMS)]
    views = [view_item(item, index, on=NOW.date()) for item in facts]
    cases = make_cases(views)
    decisions = [decide_access(p, v, needs=n, now=NOW, purpose=PURPOSE) for p, v, n in cases]
    refused = [decision for decision in decisions if not decision.is_allowed]
    per_refusal = sum(len(decision.reasons) for decision in refused) / len(refused)
    print(f"{ITEMS:,} items, {READERS} readers, {len(cases):,} cases")
    print(f"{len(refused):,} refused, for {per_refusal:.1f} reasons on average")

    def decide_all() -> None:
        for person, view, needs in cases:
            decide_access(person, view, needs=needs, now=NOW, purpose=PURPOSE)

    def decide_anew() -> None:
        for person, view, needs in cases[:1_000]:
            fresh = view_item(view.facts, index, on=NOW.date())
            decide_access(person, fresh, needs=needs, now=NOW, purpose=PURPOSE)

    def call_nothing() -> None:
        for _ in range(100_000):
            nothing()

    people = (
        replace(make_reader(1), represents=JPN, offices=frozenset({Office.ORIGINATOR})),
        replace(make_reader(2), represents=JPN, offices=frozenset({Office.RELEASING_AUTHORITY})),
    )
    approvals = tuple(
        Approval(person.id, part, DIGEST, PAST) for person, part in zip(people, ApprovalPart, strict=True)
    )
    release = ReleaseRequest(ItemId("item-1"), facts[1].label, JPN, UKR, PURPOSE, DIGEST, approvals, people)
    provision = ProvisionRequest(release, "ukr-central", "wire", Mode.EXERCISE, Standing.REGISTERED, is_thing=False)

    def decide_provisions() -> None:
        for _ in range(1_000):
            decide_provision(provision, index, now=NOW)

    yardstick = rate(rounds, 100_000, call_nothing)
    access = rate(rounds, len(cases), decide_all)
    report("access, all reasons, mixed, views at hand", access, yardstick)
    report("access, all reasons, mixed, each view worked out anew", rate(rounds, 1_000, decide_anew), yardstick)
    report("provision, every gate", rate(rounds, 1_000, decide_provisions), yardstick)
    report("empty call", yardstick, yardstick)
    print(f"goal {GOAL_PER_SECOND:,} access decisions a second on one core: {access / GOAL_PER_SECOND:.2f} times")


if __name__ == "__main__":
    main()
