"""A small exercise agreement between two parties, complete enough that one item can cross and be read.

Everything here is invented: the level words, the articles, the offices. Each test changes one thing of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

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
from cordiale.model.consent import Approval, ApprovalPart, Consent
from cordiale.model.label import Label, LevelRef, Marking, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ConsentId, ItemId, PartyId, PersonId
from cordiale.model.person import Briefing, Clearance, NeedToKnow, Office, Person
from cordiale.rules.holding import AccessView, ItemFacts, Standing, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.provision import ProvisionRequest
from cordiale.rules.releasable import ReleaseRequest
from cordiale.rules.rule_index import build_rule_index

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PAST, FUTURE = NOW - timedelta(days=30), NOW + timedelta(days=30)
NAIVE = datetime(2026, 11, 1)
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)

JPN, UKR, CHE = PartyId("JPN"), PartyId("UKR"), PartyId("CHE")
AGREEMENT = AgreementId("exercise-2026")
ITEM = ItemId("item-1")
PURPOSE = "dialogue"

EX_JPN = Scheme("EX-JPN", JPN, "exercise scheme", ("AMBER", "COBALT", "VIOLET"), "exercise")
EX_UKR = Scheme("EX-UKR", UKR, "exercise scheme", ("REED", "STONE", "IRON"), "exercise")
AMBER, COBALT, VIOLET = (LevelRef("EX-JPN", name) for name in EX_JPN.levels)
REED, STONE, IRON = (LevelRef("EX-UKR", name) for name in EX_UKR.levels)

ROWS = (
    Equivalence(AMBER, UKR, EquivalenceKind.EQUIVALENT, "Art. 3(1)", REED),
    Equivalence(COBALT, UKR, EquivalenceKind.EQUIVALENT, "Art. 3(1)", STONE),
    Equivalence(VIOLET, UKR, EquivalenceKind.EQUIVALENT, "Art. 3(1)", IRON),
    Equivalence(REED, JPN, EquivalenceKind.UPWARD, "Art. 3(2)", COBALT),
    Equivalence(STONE, JPN, EquivalenceKind.EQUIVALENT, "Art. 3(2)", COBALT),
    Equivalence(IRON, JPN, EquivalenceKind.EQUIVALENT, "Art. 3(2)", VIOLET),
)
ACTS = (
    *(ActRule(act, Ruling.ALLOWED, f"Art. {20 + number}") for number, act in enumerate(Act)),
    ActRule(Act.COPY, Ruling.WITH_CONSENT, "Art. 7(2)", level=VIOLET),
    ActRule(Act.DESTROY, Ruling.FORBIDDEN, "Art. 8(1)", level=VIOLET),
    ActRule(Act.RETURN, Ruling.REQUIRED, "Art. 8(1)", level=VIOLET),
    ActRule(Act.DESTROY, Ruling.ALLOWED, "Art. 8(2)", level=COBALT, persons=2),
    ActRule(Act.DESTROY, Ruling.WITH_CONSENT, "Art. 8(3)", provider=UKR, level=STONE),
)
ACCESS = (
    AccessRule(UKR, REED, frozenset(), "Art. 5(1)"),
    AccessRule(UKR, STONE, frozenset({Need.CLEARANCE, Need.BRIEFING}), "Art. 5(2)"),
    AccessRule(
        UKR, IRON, frozenset({Need.CLEARANCE, Need.BRIEFING, Need.NATIONALITY}), "Art. 5(3)",
        nationalities=frozenset({JPN, UKR}),
    ),
    AccessRule(JPN, COBALT, frozenset({Need.CLEARANCE}), "Art. 5(2)"),
    AccessRule(JPN, VIOLET, frozenset({Need.CLEARANCE}), "Art. 5(3)"),
)
REGISTRIES = (
    RegistryEntry("ukr-central", UKR, "Central registry", frozenset({REED, STONE, IRON}), "Art. 6(1)"),
    RegistryEntry("ukr-lower", UKR, "Lower registry", frozenset({REED}), "Art. 6(1)"),
    RegistryEntry("jpn-central", JPN, "Central registry", frozenset({AMBER, COBALT, VIOLET}), "Art. 6(1)"),
)
PROFILE = Profile(
    agreement=AGREEMENT, version=1, mode=Mode.EXERCISE, title="exercise", parties=(JPN, UKR), text_digest="",
    language="en", schemes=(EX_JPN, EX_UKR), scheme_of=((JPN, "EX-JPN"), (UKR, "EX-UKR")), equivalences=ROWS,
    acts=ACTS, access=ACCESS, registries=REGISTRIES, caps=((JPN, VIOLET, "Art. 2"),), marks_equivalent="recipient",
    marks_article="Art. 4(2)", caveats=(("EYES", "PAIR", "nationals of the two only"),), entry_article="Art. 16",
    termination_article="Art. 17",
)
NATIONAL_JPN = NationalProfile(
    JPN, 1, "national", (ActRule(Act.DESTROY, Ruling.ALLOWED, "Order 7", persons=2),),
    (
        AccessRule(JPN, COBALT, frozenset({Need.CLEARANCE}), "Order 4"),
        AccessRule(JPN, VIOLET, frozenset({Need.CLEARANCE}), "Order 4"),
    ),
    2, "Order 9",
)
NATIONAL_UKR = NationalProfile(UKR, 1, "national", (), (), 2, "Decree 9")
READINESS = tuple(Readiness(by, of, level, PAST) for by in (JPN, UKR) for of, level in ((JPN, VIOLET), (UKR, IRON)))
LINKS = tuple(
    LinkApproval(link, party, level, "ref", PAST)
    for link in ("wire", "bag") for party, level in ((JPN, VIOLET), (UKR, IRON))
)
STATE = AgreementState(
    id=AGREEMENT, parties=(JPN, UKR), mode=Mode.EXERCISE, stage=Stage.IN_FORCE, profile=PROFILE,
    nationals=(NATIONAL_JPN, NATIONAL_UKR), readiness=READINESS, links=LINKS,
    signed_by=frozenset({JPN, UKR}), notes_from=frozenset({JPN, UKR}), in_force_on=date(2026, 11, 16),
)
LABEL = Label(JPN, COBALT, frozenset({JPN, UKR}), PAST)
MARKING = Marking(UKR, STONE, AGREEMENT, 1, "Art. 3(1)", COBALT)
FOREIGN = ItemFacts(ITEM, LABEL, UKR, Standing.REGISTERED, MARKING, frozenset({PURPOSE}))
OWN = ItemFacts(ITEM, replace(LABEL, release_to=frozenset({JPN})), JPN, Standing.REGISTERED)
OWN_RULES = NationalRules(JPN, NATIONAL_JPN, (EX_JPN,))


def person(name: str, *offices: Office, party: PartyId = UKR, **changes: object) -> Person:
    """Return a person of `party` cleared to its highest level and briefed, changed as asked."""
    top = IRON if party == UKR else VIOLET
    made = Person(
        PersonId(name), name, "post", "unit", party, frozenset({party}), frozenset(offices),
        clearances=(Clearance(top, FIRST, LAST, "authority"),), briefings=(Briefing(AGREEMENT, FIRST, LAST),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


READER = person("reader", Office.READER)
HEAD, REGISTRAR = person("head", Office.HEAD), person("registrar", Office.REGISTRAR)
PROPOSER = person("proposer", Office.ORIGINATOR, party=JPN)
AUTHORITY = person("authority", Office.RELEASING_AUTHORITY, party=JPN)
NEED = NeedToKnow(READER.id, ITEM, HEAD.id, PAST, PURPOSE, AGREEMENT)

DIGEST = "digest-of-exactly-this"
APPROVALS = (
    Approval(PROPOSER.id, ApprovalPart.PROPOSE, DIGEST, PAST),
    Approval(AUTHORITY.id, ApprovalPart.AUTHORISE, DIGEST, PAST),
)
RELEASE = ReleaseRequest(ITEM, LABEL, JPN, UKR, PURPOSE, DIGEST, APPROVALS, (PROPOSER, AUTHORITY))
PROVISION = ProvisionRequest(RELEASE, "ukr-central", "wire", Mode.EXERCISE, Standing.REGISTERED, is_thing=True)


def consent(act: Act, **changes: object) -> Consent:
    """Return the consent of JPN to UKR for `act` on the item, changed as asked."""
    return replace(Consent(ConsentId("c-1"), act, ITEM, JPN, UKR, PURPOSE, PAST), **changes)  # type: ignore[arg-type]


def view(facts: ItemFacts = FOREIGN, state: AgreementState = STATE) -> AccessView:
    """Return the view of a foreign item under `state` today."""
    return view_item(facts, build_rule_index(state), on=TODAY)


def with_profile(**changes: object) -> AgreementState:
    """Return the agreement with its profile changed as asked."""
    return replace(STATE, profile=replace(PROFILE, **changes))  # type: ignore[arg-type]


def codes(decision: object) -> set[str]:
    """Return the codes of all reasons of a decision."""
    return {reason.code for reason in decision.reasons}  # type: ignore[attr-defined]
