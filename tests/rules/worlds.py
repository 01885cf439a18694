"""Generated worlds for the rules: the exercise world with a few things in it bent.

A world in which everything is random is refused for twenty reasons at once and tells nothing. Here each place
keeps its good value most of the time, and a drawn handful of places is bent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from tests.rules import exercise_world as w

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
    Readiness,
    RegistryEntry,
    Ruling,
    Stage,
)
from cordiale.model.consent import Approval, ApprovalPart, Consent
from cordiale.model.label import Label, LevelRef, Marking, Portion
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ConsentId, ItemId
from cordiale.model.person import Briefing, Clearance, NeedToKnow, Office, Person
from cordiale.rules.holding import ItemFacts, Standing
from cordiale.rules.provision import ProvisionRequest

PARTIES = st.sampled_from([w.JPN, w.UKR, w.CHE])
ELSEWHERE = LevelRef("EX-CHE", "QUARTZ")
UNKNOWN = LevelRef("EX-UKR", "GRANITE")
LEVELS = st.sampled_from([w.AMBER, w.COBALT, w.VIOLET, w.REED, w.STONE, w.IRON, ELSEWHERE, UNKNOWN])
OURS = st.sampled_from([w.AMBER, w.COBALT, w.VIOLET])
THEIRS = st.sampled_from([w.REED, w.STONE, w.IRON])
MOMENTS = st.sampled_from([w.PAST, w.NOW, w.FUTURE, w.NAIVE])
ENDS = st.sampled_from([None, None, w.PAST, w.NOW, w.NOW + timedelta(seconds=1), w.FUTURE, w.NAIVE])
DAYS = st.sampled_from([w.FIRST, w.TODAY - timedelta(days=1), w.TODAY, w.TODAY + timedelta(days=1), w.LAST])
MAYBE_DAYS = st.none() | DAYS
PURPOSES = st.sampled_from([w.PURPOSE, w.PURPOSE, "other", ""])
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
CONSENTS = st.builds(
    Consent, st.just(ConsentId("c-9")), st.sampled_from([Act.READ, Act.PROVIDE, Act.WIRE, Act.PASS_ON]),
    st.sampled_from([w.ITEM, w.ITEM, w.ITEM, ItemId("item-2")]), PARTIES, PARTIES, PURPOSES, MOMENTS,
    recipient=st.sampled_from([None, w.UKR, w.CHE]), number=st.integers(0, 2),
    copies=st.sampled_from([frozenset(), frozenset({1})]),
    nationalities=st.sampled_from([frozenset(), frozenset({w.CHE}), frozenset({w.CHE, w.JPN})]),
    valid_until=ENDS, withdrawn_at=ENDS,
)
CLEARANCES = st.builds(Clearance, LEVELS, DAYS, DAYS, st.just("authority"), withdrawn_at=ENDS)
PORTIONS = st.builds(
    Portion, st.just("p1"), st.sampled_from(["", "AMBER", "COBALT", "VIOLET", "SLATE"]),
    st.none() | PARTY_SETS.map(lambda parties: parties | {w.JPN}),
)


def bent(draw: Any, good: Any, bends: dict[str, Any], most: int) -> Any:
    """Return `good` with up to `most` of its fields replaced by what `bends` draws for them."""
    names = draw(st.lists(st.sampled_from(sorted(bends)), max_size=most, unique=True))
    return replace(good, **{name: draw(bends[name]) for name in names})


@st.composite
def states(draw: Any) -> AgreementState:
    """Return the exercise agreement, bent in up to three places, sometimes with more rules or rows."""
    profile = bent(draw, w.PROFILE, {
        "acts": st.lists(ACT_RULES, max_size=3).map(lambda more: (*w.ACTS, *more)),
        "access": st.lists(ACCESS_RULES, max_size=3).map(lambda more: (*w.ACCESS, *more))
        | st.lists(ACCESS_RULES, max_size=3).map(tuple),
        "equivalences": st.lists(ROWS, max_size=3).map(tuple)
        | st.lists(ROWS, max_size=1).map(lambda more: (*w.ROWS, *more)),
        "caps": st.sampled_from([(), ((w.JPN, w.AMBER, "Art. 2"),), ((w.JPN, ELSEWHERE, "Art. 2"),)]),
        "schemes": st.sampled_from([(w.EX_JPN,), (w.EX_JPN, replace(w.EX_UKR, ordered=False)),
                                    (replace(w.EX_JPN, ordered=False), w.EX_UKR)]),
        "registries": st.lists(st.builds(
            RegistryEntry, st.sampled_from(["ukr-central", "ukr-lower"]), st.sampled_from([w.UKR, w.JPN]),
            st.just("a registry"), st.frozensets(THEIRS), st.just("Art. 6"), MAYBE_DAYS, MAYBE_DAYS,
        ), max_size=3).map(tuple),
        "parties": st.sampled_from([(w.JPN, w.UKR, w.CHE), (w.JPN, w.CHE)]),
        "mode": st.just(Mode.REAL), "entry_requires_notes": st.just(False), "caveats": st.just(()),
    }, 2)
    nationals = st.lists(st.builds(
        NationalProfile, st.sampled_from([w.UKR, w.JPN]), st.integers(1, 2), st.just("national"),
        st.lists(ACT_RULES, max_size=2).map(tuple), st.lists(ACCESS_RULES, max_size=2).map(tuple),
        st.integers(0, 4), st.just("Order 9"),
    ), max_size=2, unique_by=lambda n: (n.party, n.version)).map(tuple)
    findings = st.lists(
        st.builds(Readiness, PARTIES, st.sampled_from([w.UKR, w.JPN]), LEVELS, MOMENTS, ENDS), max_size=3,
    )
    approvals = st.lists(
        st.builds(LinkApproval, st.sampled_from(["wire", "bag"]), PARTIES, LEVELS, st.just("ref"), MOMENTS, ENDS),
        max_size=3,
    )
    return bent(draw, replace(w.STATE, profile=profile), {  # type: ignore[no-any-return]
        "stage": st.sampled_from(Stage), "profile": st.none(), "nationals": nationals,
        "readiness": findings.map(tuple) | findings.map(lambda more: (*w.STATE.readiness[1:], *more)),
        "links": approvals.map(tuple) | approvals.map(lambda more: (*w.STATE.links[1:], *more)),
        "signed_by": PARTY_SETS, "notes_from": PARTY_SETS, "in_force_on": MAYBE_DAYS, "ended_on": MAYBE_DAYS,
        "parties": st.sampled_from([(w.JPN, w.UKR, w.CHE), (w.UKR, w.CHE), ()]),
        "mode": st.just(Mode.REAL), "suspended_levels": st.frozensets(LEVELS, max_size=2),
    }, 2)


@st.composite
def labels(draw: Any, good: Label = w.LABEL) -> Label:
    """Return a label bent in up to two places; its release set contains the originator, as labels must."""
    label = bent(draw, good, {
        "level": OURS, "caveats": CAVEATS, "handle_as": st.none() | OURS,
        "portions": st.lists(PORTIONS, max_size=1).map(tuple),
        "release_to": PARTY_SETS.map(lambda parties: parties | {good.originator}),
    }, 2)
    if draw(st.integers(0, 11)) == 0:
        label = Label(
            w.CHE, draw(st.sampled_from([ELSEWHERE, w.COBALT])), frozenset({w.CHE, w.UKR, w.JPN}), w.PAST,
        )
    return label  # type: ignore[no-any-return]


@st.composite
def persons(draw: Any, good: Person = w.READER) -> Person:
    """Return a person bent in up to two places."""
    return bent(draw, good, {  # type: ignore[no-any-return]
        "represents": PARTIES, "nationalities": PARTY_SETS, "functions": FUNCTIONS, "left_at": ENDS,
        "clearances": st.lists(CLEARANCES, max_size=3).map(tuple), "id": st.just(w.PersonId("nobody")),
        "briefings": st.lists(st.builds(Briefing, BRIEFED, DAYS, DAYS), max_size=4).map(tuple),
        "offices": st.frozensets(st.sampled_from(Office)),
    }, 2)


@st.composite
def needs_to_know(draw: Any) -> tuple[NeedToKnow, ...]:
    """Return the need-to-know of the reader, bent in a place, sometimes with another, sometimes none."""
    one = st.composite(lambda d: bent(d, w.NEED, {
        "person": st.just(w.PersonId("nobody")), "item": st.just(ItemId("item-2")), "granted_by": st.just(w.READER.id),
        "granted_at": MOMENTS, "purpose": PURPOSES, "withdrawn_at": ENDS,
    }, 1))()
    return tuple(draw(st.lists(one, max_size=2)))


@st.composite
def foreign_items(draw: Any) -> ItemFacts:
    """Return a foreign item at UKR, bent in up to two places."""
    label = draw(labels())
    marking = Marking(w.UKR, draw(st.sampled_from([w.STONE, w.STONE, w.IRON, w.REED, UNKNOWN])), w.AGREEMENT, 1,
                      "Art. 3(1)", label.level)
    return bent(draw, replace(w.FOREIGN, label=label, marking=marking), {  # type: ignore[no-any-return]
        "label": st.none(), "standing": st.sampled_from(Standing), "joint_originators": PARTY_SETS,
        "marking": st.none() | st.builds(replace, st.just(marking), party=PARTIES)
        | st.just(replace(marking, derived_from=ELSEWHERE)) | st.just(replace(marking, agreement=AgreementId("x"))),
        "purposes": st.frozensets(PURPOSES), "consents": st.lists(CONSENTS, max_size=3).map(tuple),
        "readers": st.frozensets(st.sampled_from([w.READER.id, w.HEAD.id])),
    }, 2)


@st.composite
def own_items(draw: Any) -> ItemFacts:
    """Return an item of JPN at JPN, bent in up to two places."""
    label = draw(labels(replace(w.LABEL, release_to=frozenset({w.JPN}))))
    return bent(draw, replace(w.OWN, label=label), {  # type: ignore[no-any-return]
        "label": st.none(), "standing": st.sampled_from(Standing), "joint_originators": PARTY_SETS,
        "consents": st.lists(CONSENTS, max_size=3).map(tuple),
        "readers": st.frozensets(st.sampled_from([w.READER.id, w.HEAD.id])),
    }, 2)


@st.composite
def nationals_of_jpn(draw: Any) -> NationalProfile | None:
    """Return the national profile of JPN, sometimes with other access rules, sometimes none."""
    profile = bent(draw, w.NATIONAL_JPN, {
        "access": st.lists(ACCESS_RULES, max_size=3).map(tuple), "acts": st.lists(ACT_RULES, max_size=2).map(tuple),
        "party": st.just(w.UKR),
    }, 1)
    return draw(st.sampled_from([profile, profile, profile, profile, None]))  # type: ignore[no-any-return]


@st.composite
def provisions(draw: Any) -> ProvisionRequest:
    """Return a provision from JPN to UKR, bent in up to three places."""
    approvals = st.lists(st.builds(
        Approval, st.sampled_from([w.PROPOSER.id, w.AUTHORITY.id, w.PersonId("nobody")]), st.sampled_from(ApprovalPart),
        st.sampled_from([w.DIGEST, w.DIGEST, w.DIGEST, "other", ""]), MOMENTS, ENDS,
    ), max_size=3)
    people = st.tuples(persons(w.PROPOSER), persons(w.AUTHORITY))
    release = bent(draw, replace(w.RELEASE, label=draw(labels())), {
        "label": st.none(), "provider": PARTIES, "recipient": PARTIES, "purpose": PURPOSES,
        "bound_digest": st.sampled_from(["", "other"]),
        "approvals": approvals.map(tuple) | approvals.map(lambda more: (*w.APPROVALS, *more)),
        "people": people, "consents": st.lists(CONSENTS, max_size=3).map(tuple), "joint_originators": PARTY_SETS,
        "persons_min": st.integers(1, 3),
    }, 2)
    return bent(draw, replace(w.PROVISION, release=release), {  # type: ignore[no-any-return]
        "registry": st.sampled_from(["ukr-lower", "jpn-central", "none"]), "link": st.sampled_from(["bag", "pigeon"]),
        "mode": st.just(Mode.REAL), "standing": st.sampled_from(Standing),
    }, 1)


