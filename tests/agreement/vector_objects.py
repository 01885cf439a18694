"""The objects behind docs/spec/vectors/agreement-*.json: small, invented, and with every member once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    AgreementText,
    Article,
    DayKind,
    Deadline,
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
    Term,
    TermUnit,
)
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.wire.agreement_json import (
    encode_agreement_text,
    encode_link_approval,
    encode_national_profile,
    encode_readiness,
)
from cordiale.wire.profile_json import encode_profile, encode_text_digest

JPN, UKR = PartyId("JPN"), PartyId("UKR")
SAKURA, FUJI = LevelRef("EX-JPN", "EXERCISE SAKURA"), LevelRef("EX-JPN", "EXERCISE FUJI")
BARVINOK = LevelRef("EX-UKR", "EXERCISE BARVINOK")
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)

TEXT = AgreementText(
    title=(("en", "EXERCISE: An agreement"), ("ja", "演習：協定")),
    authentic=("ja", "en"),
    prevails="en",
    articles=(
        Article(
            "1", (("en", "Destruction"), ("ja", "廃棄")),
            (("en", "(1) Two persons destroy.\n(2) They sign."), ("ja", "(1) 二名で廃棄する。\n(2) 署名する。")),
        ),
    ),
    signed_on=date(2026, 11, 16),
    place="Kyiv (exercise)",
    source="Invented for exercises.",
    preamble=(("en", "The parties have agreed as follows:"),),
    closing=(("en", "Done in two originals."),),
)

PROFILE = Profile(
    agreement=AgreementId("exercise-vector"),
    version=2,
    mode=Mode.EXERCISE,
    title="EXERCISE: a profile",
    parties=(JPN, UKR),
    text_digest=encode_text_digest(bytes(range(48))),
    language="en",
    schemes=(
        Scheme("EX-JPN", JPN, "Exercise scheme", (SAKURA.name, FUJI.name), "exercise"),
        Scheme("EX-UKR", UKR, "Exercise scheme", (BARVINOK.name,), "exercise"),
    ),
    scheme_of=((JPN, "EX-JPN"), (UKR, "EX-UKR")),
    equivalences=(
        Equivalence(SAKURA, UKR, EquivalenceKind.EQUIVALENT, "Art. 1(1)", BARVINOK, date(2026, 1, 1)),
        Equivalence(FUJI, UKR, EquivalenceKind.NOT_EXCHANGED, "Art. 1", note="never"),
        Equivalence(BARVINOK, JPN, EquivalenceKind.TO_BE_ENTERED, "", valid_until=date(2027, 1, 1)),
    ),
    acts=(
        ActRule(
            Act.DESTROY, Ruling.ALLOWED, "Art. 1(1)", JPN, UKR, SAKURA, persons=2,
            deadline=Deadline(5, DayKind.WORKING), note="beyond recovery", left_to_national=True,
        ),
        ActRule(Act.PASS_ON, Ruling.WITH_CONSENT, "Art. 1(2)"),
        ActRule(Act.RECALL, Ruling.REQUIRED, "Art. 1(4)", from_state=Stage.TERMINATED),
    ),
    access=(
        AccessRule(
            JPN, SAKURA, frozenset({Need.CLEARANCE, Need.NATIONALITY}), "Art. 1", frozenset({JPN, UKR}),
            frozenset({"minister"}), function_in_place_of_clearance=True, left_to_national=True, note="by function",
        ),
        AccessRule(UKR, BARVINOK, frozenset(), "Art. 1"),
    ),
    registries=(
        RegistryEntry(
            "registry-kyiv", UKR, "Exercise Registry Kyiv", frozenset({BARVINOK}), "Art. 1", date(2026, 1, 1),
            date(2030, 1, 1),
        ),
    ),
    caps=((JPN, SAKURA, "Art. 1(1)"),),
    marks_equivalent="recipient",
    marks_article="Art. 1",
    caveats=(("Handling", "EXERCISE DIALOGUE ONLY", "delegates only"),),
    entry_requires_notes=True,
    entry_article="Art. 1",
    termination_months=6,
    termination_article="Art. 1",
    holidays=((JPN, (date(2026, 11, 23), date(2027, 1, 1))),),
    weekends=((JPN, frozenset({5, 6})),),
    open_questions=("who pays?",),
    terms=(
        Term("visit.lead", "Art. 1(2)", 10, TermUnit.WORKING_DAYS, UKR, SAKURA, note="by the host's calendar"),
        Term("level.notice", "Art. 1", 6, TermUnit.WEEKS),
    ),
)

NATIONAL = NationalProfile(
    party=UKR, version=1, title="EXERCISE: national profile",
    acts=(ActRule(Act.DESTROY, Ruling.WITH_NOTICE, "Order 7, s. 5", persons=3, overrides_agreement=True),),
    access=(AccessRule(UKR, BARVINOK, frozenset({Need.BRIEFING}), "Order 7, s. 6"),),
    release_persons=2, release_article="Order 7, s. 2", source=("Order 7",),
    terms=(Term("inventory.share", "Order 7, s. 8", 10, TermUnit.PERCENT),),
)

APPROVAL = LinkApproval("wire", UKR, BARVINOK, "approval 7 of 2026", AT)
READINESS = replace(Readiness(JPN, UKR, BARVINOK, AT), withdrawn_at=datetime(2027, 1, 1, tzinfo=UTC))


def vectors() -> dict[str, bytes]:
    """Every vector by file name."""
    return {
        "agreement-text.json": encode_agreement_text(TEXT),
        "agreement-profile.json": encode_profile(PROFILE),
        "agreement-national-profile.json": encode_national_profile(NATIONAL),
        "agreement-link-approval.json": encode_link_approval(APPROVAL),
        "agreement-readiness.json": encode_readiness(READINESS),
    }
