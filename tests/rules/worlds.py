"""Generated worlds for the rules: the exercise world with a few things in it bent.

A world in which everything is random is refused for twenty reasons at once and tells nothing. Here each place
keeps its good value most of the time, and a drawn handful of places is bent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from tests.rules import exercise_world as w

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    ClearanceEquivalence,
    Equivalence,
    EquivalenceKind,
    LinkApproval,
    NationalProfile,
    Need,
    Readiness,
    RegistryEntry,
    Ruling,
    Stage,
)
from cordiale.model.consent import Approval, ApprovalPart, Consent
from cordiale.model.label import Label, LevelRef, Marking, Portion
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ConsentId, ItemId, PersonId
from cordiale.model.person import Briefing, Clearance, Office, Person
from cordiale.rules.holding import ItemFacts, Standing

PARTIES = st.sampled_from([w.JPN, w.UKR, w.CHE])
ELSEWHERE = LevelRef("EX-CHE", "QUARTZ")
UNKNOWN = LevelRef("EX-UKR", "GRANITE")
LEVELS = st.sampled_from([w.AMBER, w.COBALT, w.VIOLET, w.REED, w.STONE, w.IRON, ELSEWHERE, UNKNOWN])
OURS = st.sampled_from([w.AMBER, w.COBALT, w.VIOLET])
THEIRS = st.sampled_from([w.REED, w.STONE, w.IRON])
MOMENTS = st.sampled_from([w.PAST, w.NOW, w.FUTURE, w.NAIVE])
ENDS = st.sampled_from([None] * 6 + [w.PAST, w.NOW, w.NOW + timedelta(seconds=1), w.FUTURE, w.NAIVE])
DAYS = st.sampled_from([w.FIRST, w.TODAY - timedelta(days=1), w.TODAY, w.TODAY + timedelta(days=1), w.LAST])
MAYBE_DAYS = st.none() | DAYS
PURPOSES = st.sampled_from([w.PURPOSE] * 6 + ["other", ""])
FUNCTIONS = st.frozensets(st.sampled_from(["minister", "judge"]), max_size=2)
PARTY_SETS = st.frozensets(PARTIES, max_size=3)
CAVEATS = st.frozensets(st.sampled_from([("EYES", "PAIR"), ("EYES", "ALONE")]), max_size=2)
BRIEFED = st.sampled_from([str(w.AGREEMENT), "", "caveat:EYES:PAIR", "caveat:EYES:ALONE"])

ACT_RULES = st.builds(
    ActRule, st.sampled_from([Act.READ, Act.PROVIDE, Act.WIRE, Act.BAG, Act.READ, Act.PROVIDE]),
    st.sampled_from(Ruling), st.sampled_from(["Art. 90", "Art. 91"]),
    provider=st.sampled_from([None, w.JPN, w.UKR]), recipient=st.sampled_from([None, w.JPN, w.UKR]),
    level=st.sampled_from([None, w.COBALT, w.VIOLET, w.STONE]), persons=st.integers(1, 3),
    overrides_agreement=st.booleans(), left_to_national=st.booleans(),
)
ACCESS_RULES = st.builds(
    AccessRule, st.sampled_from([w.UKR, w.JPN]), st.sampled_from([w.STONE, w.IRON, w.COBALT, w.VIOLET]),
    st.frozensets(st.sampled_from(Need)), st.sampled_from(["Art. 92", "Art. 93"]), nationalities=PARTY_SETS,
    functions=FUNCTIONS, function_in_place_of_clearance=st.booleans(), left_to_national=st.booleans(),
)
ROWS = st.builds(
    Equivalence, OURS, st.just(w.UKR), st.sampled_from(EquivalenceKind), st.just("Art. 3"),
    target=st.none() | LEVELS, valid_from=MAYBE_DAYS, valid_until=MAYBE_DAYS,
)
WORTH = st.builds(
    ClearanceEquivalence, st.sampled_from([w.AMBER, w.COBALT, w.VIOLET, ELSEWHERE]), st.sampled_from([w.UKR, w.JPN]),
    st.sampled_from([w.REED, w.STONE, w.IRON, w.VIOLET, UNKNOWN]), st.just("Art. 5(4)"),
    on_request=st.sampled_from([False, False, True]), valid_from=MAYBE_DAYS, valid_until=MAYBE_DAYS,
)
CONSENTS = st.builds(
    Consent, st.just(ConsentId("c-9")), st.sampled_from([Act.READ, Act.PROVIDE, Act.WIRE, Act.PASS_ON]),
    st.sampled_from([w.ITEM] * 5 + [ItemId("item-2")]), st.sampled_from([w.JPN, w.JPN, w.UKR, w.CHE]),
    st.sampled_from([w.UKR, w.UKR, w.JPN, w.CHE]), PURPOSES, st.sampled_from([w.PAST] * 4 + [w.FUTURE, w.NAIVE]),
    recipient=st.sampled_from([None, None, w.UKR, w.CHE]), number=st.sampled_from([1, 1, 2, 0]),
    copies=st.sampled_from([frozenset(), frozenset(), frozenset({1})]),
    nationalities=st.sampled_from([frozenset(), frozenset({w.CHE}), frozenset({w.CHE, w.JPN})]),
    valid_until=ENDS, withdrawn_at=ENDS,
)
CLEARANCES = st.builds(Clearance, LEVELS, DAYS, DAYS, st.just("authority"), withdrawn_at=ENDS)
PORTIONS = st.builds(
    Portion, st.just("p1"), st.sampled_from(["", "AMBER", "COBALT", "VIOLET", "SLATE"]),
    st.none() | PARTY_SETS.map(lambda parties: parties | {w.JPN}),
)


def bends(good: Any, most: int, **places: Any) -> st.SearchStrategy[Any]:
    """Return `good` with up to `most` of its fields replaced by what the strategies in `places` draw."""
    field = st.one_of([strategy.map(partial(_named, name)) for name, strategy in sorted(places.items())])
    return st.lists(field, max_size=most).map(lambda changes: replace(good, **dict(changes)))


def _named(name: str, value: Any) -> tuple[str, Any]:
    return name, value


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what `usual` draws, and in about one case of ten what `rare` draws."""
    return st.sampled_from([usual] * 9 + [rare]).flatmap(lambda chosen: chosen)


def listed(strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return tuples of up to `most` values."""
    return st.lists(strategy, max_size=most).map(tuple)


def also(good: tuple[Any, ...], strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return `good` with up to `most` values added."""
    return listed(strategy, most).map(lambda more: (*good, *more))


ENTRIES = st.builds(
    RegistryEntry, st.sampled_from(["ukr-central", "ukr-lower"]), st.sampled_from([w.UKR, w.JPN]),
    st.just("a registry"), st.frozensets(THEIRS), st.just("Art. 6"), MAYBE_DAYS, MAYBE_DAYS,
)
PROFILES = bends(
    w.PROFILE, 2, acts=also(w.ACTS, ACT_RULES, 3), access=also(w.ACCESS, ACCESS_RULES, 2) | listed(ACCESS_RULES, 3),
    equivalences=listed(ROWS, 3) | also(w.ROWS, ROWS, 1),
    clearance_equivalences=listed(WORTH, 4),
    caps=st.sampled_from([(), ((w.JPN, w.AMBER, "Art. 2"),), ((w.JPN, ELSEWHERE, "Art. 2"),)]),
    schemes=st.sampled_from([
        (w.EX_JPN,), (w.EX_JPN, replace(w.EX_UKR, ordered=False)), (replace(w.EX_JPN, ordered=False), w.EX_UKR),
    ]),
    registries=listed(ENTRIES, 3), parties=st.sampled_from([(w.JPN, w.UKR, w.CHE), (w.JPN, w.CHE)]),
    mode=st.just(Mode.REAL), entry_requires_notes=st.just(False), caveats=st.just(()),
)
NATIONALS = st.lists(
    st.builds(
        NationalProfile, st.sampled_from([w.UKR, w.JPN]), st.integers(1, 2), st.just("national"),
        listed(ACT_RULES, 2), listed(ACCESS_RULES, 2), st.integers(0, 4), st.just("Order 9"),
    ),
    max_size=2, unique_by=lambda national: (national.party, national.version),
).map(tuple)
FINDINGS = st.builds(Readiness, PARTIES, st.sampled_from([w.UKR, w.JPN]), LEVELS, MOMENTS, ENDS)
LINKS = st.builds(LinkApproval, st.sampled_from(["wire", "bag"]), PARTIES, LEVELS, st.just("ref"), MOMENTS, ENDS)
STATES = st.builds(
    lambda bent, profile: replace(bent, profile=profile if bent.profile else None),
    bends(
        w.STATE, 2, stage=st.sampled_from(Stage), profile=st.none(), nationals=NATIONALS,
        readiness=listed(FINDINGS, 3) | also(w.STATE.readiness[1:], FINDINGS, 2),
        links=listed(LINKS, 3) | also(w.STATE.links[1:], LINKS, 2),
        signed_by=PARTY_SETS, notes_from=PARTY_SETS, in_force_on=MAYBE_DAYS, ended_on=MAYBE_DAYS,
        parties=st.sampled_from([(w.JPN, w.UKR, w.CHE), (w.UKR, w.CHE), ()]), mode=st.just(Mode.REAL),
        suspended_levels=st.frozensets(LEVELS, max_size=2),
    ),
    PROFILES,
)
"""The exercise agreement, bent in up to four places."""


def labels(good: Label = w.LABEL) -> st.SearchStrategy[Label]:
    """Return labels bent in up to two places; the release set contains the originator, as labels must."""
    third = Label(w.CHE, ELSEWHERE, frozenset({w.CHE, w.UKR, w.JPN}), w.PAST)
    ours = bends(
        good, 2, level=OURS, caveats=CAVEATS, handle_as=OURS, portions=listed(PORTIONS, 1),
        release_to=PARTY_SETS.map(lambda parties: parties | {good.originator}),
    )
    return mostly(ours, st.sampled_from([third, replace(third, level=w.COBALT)]))


def persons(good: Person = w.READER) -> st.SearchStrategy[Person]:
    """Return persons bent in up to two places."""
    return bends(
        good, 2, represents=PARTIES, nationalities=PARTY_SETS, functions=FUNCTIONS, left_at=ENDS,
        clearances=listed(CLEARANCES, 3), id=st.just(PersonId("nobody")),
        briefings=listed(st.builds(Briefing, BRIEFED, DAYS, DAYS), 4), offices=st.frozensets(st.sampled_from(Office)),
    )


NEEDS = mostly(listed(bends(
    w.NEED, 1, person=st.just(PersonId("nobody")), item=st.just(ItemId("item-2")), granted_by=st.just(w.READER.id),
    granted_at=MOMENTS, purpose=PURPOSES, withdrawn_at=ENDS,
), 2).map(lambda needs: needs or (w.NEED,)), st.just(()))
READERS = st.frozensets(st.sampled_from([w.READER.id, w.HEAD.id]))


def _foreign_item(label: Label, level: LevelRef) -> st.SearchStrategy[ItemFacts]:
    marking = Marking(w.UKR, level, w.AGREEMENT, 1, "Art. 3(1)", label.level)
    return bends(
        replace(w.FOREIGN, label=label, marking=marking), 2, label=st.none(), standing=st.sampled_from(Standing),
        marking=st.sampled_from([
            None, replace(marking, party=w.JPN), replace(marking, derived_from=ELSEWHERE),
            replace(marking, agreement=AgreementId("x")),
        ]),
        joint_originators=PARTY_SETS, purposes=st.frozensets(PURPOSES), consents=listed(CONSENTS, 3), readers=READERS,
    )


FOREIGN_ITEMS = st.tuples(
    labels(), st.sampled_from([w.STONE, w.STONE, w.IRON, w.REED, UNKNOWN])
).flatmap(lambda drawn: _foreign_item(*drawn))
"""Foreign items at UKR, bent in up to four places."""

OWN_ITEMS = st.builds(
    lambda facts, label: replace(facts, label=label if facts.label else None),
    bends(
        w.OWN, 2, label=st.none(), standing=st.sampled_from(Standing), joint_originators=PARTY_SETS,
        consents=listed(CONSENTS, 3), readers=READERS,
    ),
    labels(replace(w.LABEL, release_to=frozenset({w.JPN}))),
)
"""Items of JPN at JPN, bent in up to four places."""

NATIONALS_OF_JPN = mostly(
    bends(w.NATIONAL_JPN, 1, access=also(w.NATIONAL_JPN.access, ACCESS_RULES, 2), acts=listed(ACT_RULES, 2)),
    st.sampled_from([None, replace(w.NATIONAL_JPN, party=w.UKR)]),
)

APPROVALS = st.builds(
    Approval, st.sampled_from([w.PROPOSER.id, w.AUTHORITY.id, PersonId("nobody")]), st.sampled_from(ApprovalPart),
    st.sampled_from([w.DIGEST, w.DIGEST, w.DIGEST, "other", ""]), MOMENTS, ENDS,
)
RELEASES = st.builds(
    lambda release, label: replace(release, label=label if release.label else None),
    bends(
        w.RELEASE, 2, label=st.none(), provider=PARTIES, recipient=PARTIES, purpose=PURPOSES,
        bound_digest=st.sampled_from(["", "other"]), approvals=listed(APPROVALS, 3) | also(w.APPROVALS, APPROVALS, 1),
        people=st.tuples(persons(w.PROPOSER), persons(w.AUTHORITY)), consents=listed(CONSENTS, 3),
        joint_originators=PARTY_SETS, persons_min=st.integers(1, 3),
    ),
    labels(),
)
PROVISIONS = st.builds(
    lambda request, release: replace(request, release=release),
    bends(
        w.PROVISION, 1, registry=st.sampled_from(["ukr-lower", "jpn-central", "none"]),
        link=st.sampled_from(["bag", "carry", "post", "freight", "pigeon"]), mode=st.just(Mode.REAL), standing=st.sampled_from(Standing),
    ),
    RELEASES,
)
"""Provisions from JPN to UKR, bent in up to five places."""
