"""A small agreement between three invented parties, and random layers for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    AgreementState,
    AgreementText,
    Article,
    ClearanceEquivalence,
    DayKind,
    Deadline,
    Equivalence,
    EquivalenceKind,
    NationalProfile,
    Need,
    Profile,
    RegistryEntry,
    Ruling,
    Stage,
)
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.rules.layers import Scope

AAA, BBB, CCC = PartyId("AAA"), PartyId("BBB"), PartyId("CCC")
PARTIES = (AAA, BBB, CCC)
LEVEL_NAMES = ("EXERCISE ONE", "EXERCISE TWO", "EXERCISE THREE")
SCHEMES = tuple(
    Scheme(f"EX-{party}", party, f"Scheme of {party}", LEVEL_NAMES, "exercise") for party in PARTIES
)
ACTS = (Act.COPY, Act.DESTROY, Act.WIRE)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def level(party: PartyId, rank: int) -> LevelRef:
    return LevelRef(f"EX-{party}", LEVEL_NAMES[rank])


def rule(act: Act = Act.COPY, ruling: Ruling = Ruling.ALLOWED, article: str = "Art. 1", **changes: object) -> ActRule:
    return replace(ActRule(act, ruling, article), **changes)


def row(source: LevelRef, recipient: PartyId, target: LevelRef | None, **changes: object) -> Equivalence:
    plain = Equivalence(source, recipient, EquivalenceKind.EQUIVALENT, "Art. 1", target)
    return replace(plain, **changes)


def text_of(*numbers: str) -> AgreementText:
    return AgreementText(
        title=(("en", "An agreement"),),
        authentic=("en",),
        prevails="en",
        articles=tuple(
            Article(number, (("en", f"Title {number}"),), (("en", "(1) First.\n(2) Second."),))
            for number in numbers
        ),
    )


def complete_profile(parties: tuple[PartyId, ...] = (AAA, BBB)) -> Profile:
    """A profile without any finding: two levels are exchanged, the highest is not."""
    schemes = tuple(scheme for scheme in SCHEMES if scheme.party in parties)
    rows = [
        row(level(one, rank), other, level(other, rank))
        for one in parties for other in parties if one != other for rank in (0, 1)
    ]
    rows += [
        row(level(one, 2), other, None, kind=EquivalenceKind.NOT_EXCHANGED)
        for one in parties for other in parties if one != other
    ]
    return Profile(
        agreement=AgreementId("example"),
        version=1,
        mode=Mode.EXERCISE,
        title="An implementing profile",
        parties=parties,
        text_digest="",
        language="en",
        schemes=schemes,
        scheme_of=tuple((party, f"EX-{party}") for party in parties),
        equivalences=tuple(rows),
        acts=tuple(rule(act) for act in Act),
        access=tuple(
            AccessRule(party, level(party, rank), frozenset({Need.CLEARANCE}), "Art. 1")
            for party in parties for rank in (0, 1)
        ),
        registries=tuple(
            RegistryEntry(
                f"registry-{party.lower()}", party, f"Registry of {party}",
                frozenset({level(party, 0), level(party, 1)}), "Art. 1",
            )
            for party in parties
        ),
        caps=tuple((party, level(party, 1), "Art. 1") for party in parties),
        marks_equivalent="recipient",
        marks_article="Art. 1",
        entry_article="Art. 1(2)",
        termination_days=90,
        termination_article="Art. 1(1)",
    )


def national_profile(party: PartyId, *acts: ActRule, access: tuple[AccessRule, ...] = ()) -> NationalProfile:
    return NationalProfile(party, 1, f"National profile of {party}", acts, access, 2, "Act 1, s. 1")


def complete_national(
    party: PartyId, *acts: ActRule, access: tuple[AccessRule, ...] = ()
) -> NationalProfile:
    """A national profile that also says everything of the party's own items."""
    own = tuple(
        rule(act, article="Act 1, s. 7", level=level(party, rank))
        for act in (Act.COPY, Act.TRANSLATE, Act.EXTRACT, Act.DESTROY, Act.CRISIS_DESTROY) for rank in (0, 1, 2)
    )
    said = {one.level for one in access}
    readers = tuple(
        AccessRule(party, level(party, rank), frozenset({Need.CLEARANCE}), "Act 1, s. 4") for rank in (0, 1, 2)
    )
    return national_profile(
        party, *own, *acts, access=(*access, *(one for one in readers if one.level not in said))
    )


def state_of(profile: Profile | None, *nationals: NationalProfile) -> AgreementState:
    parties = profile.parties if profile else (AAA, BBB)
    return AgreementState(AgreementId("example"), parties, Mode.EXERCISE, Stage.IN_FORCE, profile, nationals)


deadlines = st.builds(Deadline, st.integers(0, 12), st.sampled_from(DayKind))
parties = st.sampled_from(PARTIES)
levels = st.builds(level, parties, st.integers(0, 2))
scopes = st.builds(Scope, parties, parties, levels, parties)


def act_rules(*, is_national: bool) -> st.SearchStrategy[ActRule]:
    return st.builds(
        ActRule,
        act=st.sampled_from(ACTS),
        ruling=st.sampled_from(Ruling),
        article=st.sampled_from([f"Art. {number}" for number in range(1, 9)]),
        provider=st.none() | parties,
        recipient=st.none() | parties,
        level=st.none() | levels,
        persons=st.integers(1, 3),
        deadline=st.none() | deadlines,
        overrides_agreement=st.booleans() if is_national else st.just(False),
        left_to_national=st.just(False) if is_national else st.booleans(),
        note=st.sampled_from(["", "a remark"]),
        from_state=st.sampled_from([None, None, Stage.IN_FORCE, Stage.TERMINATED]),
    )


access_rules = st.builds(
    lambda party, rank, needs, article, is_left_open: AccessRule(
        party, level(party, rank), needs, article, left_to_national=is_left_open,
        nationalities=frozenset({party}) if Need.NATIONALITY in needs else frozenset(),
        functions=frozenset({"minister"}) if Need.FUNCTION in needs else frozenset(),
    ),
    parties, st.integers(0, 2), st.frozensets(st.sampled_from(Need)), st.just("Art. 2"), st.booleans(),
)
rows = st.builds(
    row, levels, parties, st.none() | levels, kind=st.sampled_from(EquivalenceKind),
    valid_from=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    valid_until=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
)
clearance_rows = st.builds(
    ClearanceEquivalence, levels, parties, levels, st.just("Art. 1"), st.booleans(),
    valid_from=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    valid_until=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    return replace(
        complete_profile(PARTIES),
        acts=tuple(draw(st.lists(act_rules(is_national=False), max_size=8))),
        access=tuple(draw(st.lists(access_rules, max_size=4))),
        equivalences=tuple(draw(st.lists(rows, max_size=6))),
        clearance_equivalences=tuple(draw(st.lists(clearance_rows, max_size=3))),
        termination_days=draw(st.none() | st.integers(1, 400)),
        holidays=draw(st.sampled_from([(), ((AAA, (date(2026, 1, 1), date(2026, 5, 1))),)])),
    )


@st.composite
def states(draw: st.DrawFn) -> AgreementState:
    nationals = [
        national_profile(
            party, *draw(st.lists(act_rules(is_national=True), max_size=4)),
            access=tuple(draw(st.lists(access_rules, max_size=2))),
        )
        for party in draw(st.lists(parties, unique=True, max_size=3))
    ]
    return state_of(draw(profiles()), *nationals)
