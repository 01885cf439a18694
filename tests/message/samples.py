"""Two exercise parties with their keys, roots, statements, and one full sample of every body."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

from tests.message.visit_samples import SAMPLES as VISITS
from tests.message.wrapping import WRAPPING_PUBLIC

from cordiale.crypto.signatures import Algorithm, PrivateKey, SigningPair
from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES
from cordiale.limits import CONSIGNMENT_SLIP_SIZE_BYTES
from cordiale.message.bag_seal import WrappedBagKey
from cordiale.message.bodies.accord_notice import AccordNotice, NoticeKind
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.agreement_proposal import AgreementProposal
from cordiale.message.bodies.agreement_signature import AgreementSignature
from cordiale.message.bodies.amendment_closed import AmendmentClosed
from cordiale.message.bodies.arrival_report import ArrivalReport, PackageState
from cordiale.message.bodies.assurance import Assurance
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.certificate import Certificate, Ending, Proof
from cordiale.message.bodies.chase import Chase, DueThing
from cordiale.message.bodies.checkpoint import CheckpointShown
from cordiale.message.bodies.clearance_query import (
    ClearanceAnswer,
    ClearanceOutcome,
    ClearanceQuery,
    ClearanceWithdrawn,
)
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms, MadeHere
from cordiale.message.bodies.consent_used import ConsentUsed
from cordiale.message.bodies.consent_withdrawn import ConsentWithdrawn
from cordiale.message.bodies.consignment import ConsignedItem, Consignment, ConsignmentKind, ItemForm
from cordiale.message.bodies.consignment_refusal import ConsignmentRefusal, RefusedFor
from cordiale.message.bodies.consignment_withdrawn import ConsignmentWithdrawn
from cordiale.message.bodies.contract_answer import ContractAnswer
from cordiale.message.bodies.copy_report import CopyReport, MadeCopy
from cordiale.message.bodies.cosignature import Cosignature
from cordiale.message.bodies.courier_advice import CourierAdvice, Means
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.message.bodies.delivery_notice import DeliveryNotice
from cordiale.message.bodies.emergency_notice import EmergencyNotice
from cordiale.message.bodies.emergency_report import EmergencyReport
from cordiale.message.bodies.facility_answer import FacilityAnswer
from cordiale.message.bodies.freeze import Freeze, FreezeAnswer, FreezeDemand, FreezeOutcome
from cordiale.message.bodies.in_succession import InSuccession
from cordiale.message.bodies.incident_final import IncidentFinal
from cordiale.message.bodies.incident_reply import IncidentReply, ReplyKind
from cordiale.message.bodies.incident_report import AffectedItem, Certainty, IncidentReport
from cordiale.message.bodies.inventory_result import CopyDifference, InventoryResult
from cordiale.message.bodies.level_change import LevelChange
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.message.bodies.link_approved import Link, LinkApproved
from cordiale.message.bodies.notes_exchanged import NotesExchanged
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.reading_notice import CopyRead, ReadingNotice
from cordiale.message.bodies.receipt import Receipt, ReceiptedItem
from cordiale.message.bodies.refusal import Family, Refusal
from cordiale.message.bodies.registry_notice import RegistryNotice
from cordiale.message.bodies.rehoming import Carried, Rehoming
from cordiale.message.bodies.return_answer import CopyAnswer, ReturnAnswer, ReturnOutcome
from cordiale.message.bodies.return_request import ReturnKind, ReturnRequest
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.bodies.transport_plan import PlanProposal
from cordiale.message.bodies.transport_plan_answer import PlanAnswer
from cordiale.message.bodies.visit_answer import VisitAnswer
from cordiale.message.form import Message
from cordiale.message.members import Correspondent, LogHead, LogIndex, NamedPost, SealedEnvelope
from cordiale.message.trust import public_pair
from cordiale.message.verification import Expectations
from cordiale.model.agreement import Act, Stage
from cordiale.model.incident import IncidentKind
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind, LevelOutcome
from cordiale.model.mode import Mode
from cordiale.model.names import (
    AgreementId,
    ConsentId,
    ConsignmentId,
    CopyId,
    ItemId,
    MessageId,
    NodeId,
    PartyId,
)
from cordiale.model.party import (
    Authority,
    LogKeys,
    NodeStatement,
    PartyRoot,
    WitnessKeys,
    WrappingPublic,
)
from cordiale.model.plan import PlanOutcome, TransportPlan
from cordiale.rules.inventory import Explanation, Finding

NOW: Final = datetime(2026, 11, 16, 9, 0, 0, tzinfo=UTC)
TOKYO: Final = Correspondent(PartyId("JPN"), NodeId("tokyo.jpn"))
KYIV: Final = Correspondent(PartyId("UKR"), NodeId("kyiv.ukr"))
AGREEMENT: Final = AgreementId("ex-2026-1")
DIGEST: Final = bytes(range(48))
LEVEL: Final = LevelRef("ex-jpn", "AMBER")
OTHER_LEVEL: Final = LevelRef("ex-ukr", "BURSHTYN")


@cache
def pair(name: str) -> SigningPair:
    """Return the pair of keys of `name`, always the same."""
    seed = name.encode().ljust(32, b".")
    return SigningPair.from_seeds(ed25519=seed, ml_dsa_65=seed[::-1])


@cache
def tree_keys(name: str) -> tuple[bytes, bytes]:
    """Return the raw public keys, Ed25519 and ML-DSA-44, of the log or witness `name`."""
    seed = name.encode().ljust(32, b".")
    return (
        PrivateKey.from_seed(Algorithm.ED25519, seed).public.raw,
        PrivateKey.from_seed(Algorithm.ML_DSA_44, seed).public.raw,
    )


def root_keys(party: str, count: int) -> list[SigningPair]:
    """Return the first `count` root keys of `party`."""
    return [pair(f"{party} root {number}") for number in range(count)]


def root_of(party: str = "UKR", *, mode: Mode = Mode.EXERCISE, count: int = 3, threshold: int = 2) -> PartyRoot:
    """Return the first root of `party`."""
    return PartyRoot(
        party=PartyId(party), mode=mode, version=1, threshold=threshold,
        keys=tuple(public_pair(one.public) for one in root_keys(party, count)),
        created_at=NOW - timedelta(days=30), title=f"Root of {party}",
    )


def statement_of(end: Correspondent = KYIV, *, mode: Mode = Mode.EXERCISE, **changes: Any) -> NodeStatement:
    """Return the third statement of the node `end`, valid for a year, with `changes`."""
    host = f"{end.node}.example"
    place = f"{host}/exercise" if mode is Mode.EXERCISE else host
    statement = NodeStatement(
        party=end.party, node=end.node, mode=mode, version=3,
        issued_at=NOW - timedelta(days=10), expires_at=NOW + timedelta(days=355),
        protocols=(1,), suites=("1",), endpoints=(f"https://{host}:8443/peer",),
        transport_pins=(bytes([1]) * 32,),
        registry_keys=(public_pair(pair(f"{end.node} registry").public),),
        wrapping_key=WrappingPublic(WRAPPING_PUBLIC[end.node].kid, WRAPPING_PUBLIC[end.node].raw),
        log_keys=(LogKeys(f"{place}/log", *tree_keys(f"{end.node} log")),),
        witness=WitnessKeys(f"{place}/witness", *tree_keys(f"{end.node} witness")),
        authorities=(Authority("Exercise Authority", "Director", public_pair(pair(f"{end.node} authority").public)),),
    )
    return replace(statement, **changes)


def log_of(end: Correspondent) -> str:
    """Return the origin of the log of the agreement at the exercise node `end`."""
    return f"{end.node}.example/exercise/log/{AGREEMENT}"


def shown_head(end: Correspondent, size: int, root: bytes) -> LogHead:
    """Return a head as a message shows it; only the form of its signatures is real."""
    return LogHead(log_of(end), size, root, (b"key one signature", b"key two signature"))


def expectations(**changes: Any) -> Expectations:
    """Return what Tokyo expects of a message from Kyiv."""
    return replace(Expectations(own=statement_of(TOKYO), sender=statement_of(KYIV), now=NOW), **changes)


TERMS: Final = ConsentTerms(
    item=ItemId("item-1"), act=Act.PASS_ON, purpose="joint exercise", number=2, recipient=PartyId("POL"),
    copies=(1, 3), nationalities=(PartyId("JPN"), PartyId("UKR")), category="joint exercise", post="Registrar",
    of=MadeHere(ItemId("copy-1.t1"), Act.TRANSLATE, "UKR/JPN-2026-0007", "uk", 12),
)
ENVELOPE: Final = SealedEnvelope("envelope-1", 2048, DIGEST)
LOG_INDEX: Final = LogIndex(log_of(KYIV), 41)

SAMPLES: Final[dict[str, Body]] = {
    **VISITS,
    "agreement-proposal": AgreementProposal(b"{}", DIGEST, b"{}", DIGEST, "first draft"),
    "agreement-signature": AgreementSignature(DIGEST, NamedPost("Exercise Authority", "Director"), "{}"),
    "notes-exchanged": NotesExchanged("Note 12", date(2026, 11, 16), "Art. 14(1)", date(2026, 12, 1)),
    "readiness-found": ReadinessFound(PartyId("JPN"), LEVEL, "Art. 3", NOW, NOW + timedelta(days=1)),
    "link-approved": LinkApproved(Link.WIRE, OTHER_LEVEL, "A-7", NOW, NOW + timedelta(days=1)),
    "accord-notice": AccordNotice(
        "ukr.n.0a1b", NoticeKind.OLD_REGIME, date(2026, 12, 1), "Art. 12(1)", "what was received before", "jpn.n.0a1b"
    ),
    "amendment-closed": AmendmentClosed(2, DIGEST, "not needed"),
    "rehoming": Rehoming(AgreementId("agreement-1"), date(2026, 12, 1), "Art. 11(2)", (Carried.CONSENTS,)),
    "stage-changed": StageChanged(
        Stage.TERMINATED, date(2026, 11, 16), "Art. 15", "by agreement", (LEVEL, OTHER_LEVEL), date(2027, 5, 16)
    ),
    "consignment": Consignment(
        ConsignmentId("consignment-1"), ConsignmentKind.PROVIDE,
        (
            ConsignedItem(ItemId("item-1"), CopyId("copy-1"), 1, 2, ItemForm.FILE, bytes(48), content=ENVELOPE),
            ConsignedItem(ItemId("item-2"), CopyId("copy-2"), 1, 1, ItemForm.PAPER, bytes(48), sheet=b"{}"),
        ),
        date(2026, 11, 30), bytes(CONSIGNMENT_SLIP_SIZE_BYTES),
    ),
    "courier-advice": CourierAdvice(
        ConsignmentId("consignment-1"), 1, ("S-1", "S-2"), Means.COURIER, NamedPost("C. Exercise", "Courier"),
        "JPN-COU-2026-0001", NOW, NOW + timedelta(hours=30), NOW + timedelta(hours=38), "jpn.plan.1",
    ),
    "transport-plan": PlanProposal(
        "jpn.plan.1",
        TransportPlan("two vehicles", "Yokohama, Odesa", "escort desk", "back to port", date(2026, 12, 1),
                      date(2026, 12, 31), 2),
        NamedPost("A. Exercise", "Authority"),
    ),
    "transport-plan-answer": PlanAnswer(
        "jpn.plan.1", DIGEST, PlanOutcome.AGREED, NamedPost("B. Exercise", "Authority")
    ),
    "arrival-report": ArrivalReport(
        ConsignmentId("consignment-1"), NOW + timedelta(hours=31), 1, ("S-1",), PackageState.DISTURBED, "one seal is broken"
    ),
    "registry-notice": RegistryNotice(
        "registry-odesa", "Registry at Odesa", (LEVEL,), "Art. 5(2)", date(2026, 12, 1), date(2027, 12, 1)
    ),
    "delivery-notice": DeliveryNotice(ConsignmentId("consignment-1"), DIGEST, (ENVELOPE,), NOW, LOG_INDEX),
    "acknowledgement": Acknowledgement(DIGEST, NOW, LOG_INDEX),
    "receipt": Receipt(
        ConsignmentId("consignment-1"), DIGEST,
        (ReceiptedItem(ItemId("item-1"), CopyId("copy-1"), "UA-JP/1/2026", LEVEL, OTHER_LEVEL, DIGEST),),
        1, NamedPost("O. Exercise", "Registrar"), NOW - timedelta(hours=2), NOW - timedelta(hours=1), LOG_INDEX,
        "seal intact",
    ),
    "consignment-refusal": ConsignmentRefusal(ConsignmentId("consignment-1"), DIGEST, RefusedFor.DAMAGED),
    "consignment-withdrawn": ConsignmentWithdrawn(ConsignmentId("consignment-1"), MessageId("message-1"), DIGEST, 1),
    "certificate": Certificate(
        "D-3", Ending.DESTROYED, ItemId("item-1"), CopyId("copy-1"), 1, "key destroyed", ("Registrar", "Deputy"),
        ("Head of registry",), "Art. 8(2)", date(2026, 11, 16), Proof.PROVED,
    ),
    "copy-report": CopyReport(
        ItemId("item-1"), CopyId("copy-1"), Act.COPY, (MadeCopy(CopyId("copy-1.2"), 2, 3),), date(2026, 11, 16),
        "Art. 10(2)", True, (ConsentId("consent-1"),),
    ),
    "inventory-result": InventoryResult(
        "act.0a1b", NOW - timedelta(days=3), NOW, "Art. 11(4)", 1, 2, (CopyId("copy-1"),), (CopyId("copy-2"),),
        (CopyDifference(CopyId("copy-3"), Finding.MISSING, Explanation.NOT_FOUND),),
    ),
    "emergency-notice": EmergencyNotice(
        "ukr.emergency.act.0a1b", ItemId("item-1"), NOW, 3, "a threat to a convoy", "Art. 13(2)", NOW,
    ),
    "emergency-report": EmergencyReport(
        "ukr.emergency.act.0a1b", "route and time", "convoy command", "read out by the duty officer",
        "an attack was under way", "nothing was left with them", "told to keep it, in writing",
    ),
    "crisis-report": CrisisReport("act.0a1b", (CopyId("copy-1"),), NOW, "the building had to be left", "Art. 11(4)"),
    "return-request": ReturnRequest(
        ItemId("item-1"), (CopyId("copy-1"), CopyId("copy-2")), ReturnKind.ORDER, "the agreement ends", "Art. 14(3)",
        date(2026, 12, 16),
    ),
    "return-answer": ReturnAnswer((
        CopyAnswer(CopyId("copy-1"), ReturnOutcome.DESTROYED, "D-3"),
        CopyAnswer(CopyId("copy-2"), ReturnOutcome.WILL_RETURN),
    )),
    "consent-request": ConsentRequest(TERMS, date(2026, 12, 1), "request under the law on access to documents", PartyId("POL")),
    "consent-withdrawn": ConsentWithdrawn(ConsentId("consent-1"), NOW),
    "reading-notice": ReadingNotice(ItemId("item-1"), (CopyRead(NOW, 2), CopyRead(NOW + timedelta(hours=1), 1))),
    "consent-used": ConsentUsed(ConsentId("consent-1"), 2, NOW),
    "consent-answer": ConsentAnswer(
        ConsentId("consent-1"), ConsentOutcome.GRANTED, TERMS, NOW, NOW + timedelta(days=30), "Art. 4(2)"
    ),
    "level-change": LevelChange(
        "change-1", ItemId("item-1"), 2, LevelChangeKind.DOWNGRADED, LEVEL, "Art. 6", "Director", NOW,
        NOW + timedelta(days=42), LevelRef("ex-jpn", "GREEN"), (PartyId("POL"),), LevelRef("ex-jpn", "AMBER"),
    ),
    "level-change-done": LevelChangeDone("change-1", LevelOutcome.WORKING, NOW, (1, 3), (4,)),
    "clearance-query": ClearanceQuery("A. Exercise", OTHER_LEVEL, "joint exercise", date(1980, 5, 1)),
    "clearance-answer": ClearanceAnswer(ClearanceOutcome.CLEARED, date(2027, 5, 1)),
    "clearance-withdrawn": ClearanceWithdrawn(MessageId("message-9"), date(2026, 11, 16)),
    "assurance": Assurance(
        "assurance-1", LEVEL, "joint exercise", "Art. 6(3)", date(2027, 5, 1), NamedPost("Exercise Authority", "Director")
    ),
    "incident-report": IncidentReport(
        "incident-1", 2, IncidentKind.LOSS, Certainty.SUSPECTED, date(2026, 11, 16), ("left in a train",),
        NamedPost("Exercise Authority", "Director"), (AffectedItem(ItemId("item-1"), (CopyId("copy-1"),)),),
        ("the line was searched",), ConsignmentId("consignment-1"), PartyId("POL"),
        PartyId("CHE"),
    ),
    "incident-final": IncidentFinal(
        "incident-1", 1, date(2026, 11, 16), ("left in a train",), ("one copy",), ("found, sealed",),
        ("couriers go in pairs",), NamedPost("Exercise Authority", "Director"),
    ),
    "incident-reply": IncidentReply(
        "incident-1", ReplyKind.INFORMATION, NamedPost("Exercise Authority", "Director"), ("the seal is whole",)
    ),
    "freeze": Freeze(ItemId("item-1"), FreezeDemand.FREEZE, "a copy may have been seen"),
    "freeze-answer": FreezeAnswer(ItemId("item-1"), FreezeOutcome.FROZEN),
    "chase": Chase(MessageId("message-9"), DueThing.RECEIPT, date(2026, 11, 15), 1, "Art. 7"),
    "refusal": Refusal(DIGEST, Family.UNVERIFIED, "object.type", "signed as another thing", MessageId("message-9"),
                       "Art. 7"),
    "checkpoint": CheckpointShown(b"note\n", 3, (bytes(32), bytes([7]) * 32)),
    "cosignature": Cosignature(b"note\n"),
    "statement": StatementShown("{}", ("{}",)),
    "bag-manifest": BagManifest((
        BagFile(BagFileKind.STATEMENT, 1, "statement-4", 10, DIGEST),
        BagFile(BagFileKind.ORDER, 1, "message-7", 10, DIGEST),
        BagFile(BagFileKind.CHECKPOINT, 1, "checkpoint-1", 10, DIGEST),
        BagFile(BagFileKind.ENVELOPE, 1, "envelope-1", 10, DIGEST),
        BagFile(BagFileKind.BULK, 1, "message-1", 10, DIGEST),
    ), WrappedBagKey(WRAPPING_PUBLIC["tokyo.jpn"].kid, bytes(WRAPPED_SHARE_SIZE_BYTES))),
}
SAMPLES["in-succession"] = InSuccession(PartyId("CHE"), tuple(
    SAMPLES[name] for name in (
        "certificate", "copy-report", "crisis-report", "emergency-notice", "emergency-report", "freeze-answer",
        "inventory-result", "level-change-done", "reading-notice", "return-answer",
    )
))
"""Every member that can be there is there."""


def message_of(body: Body, **changes: Any) -> Message:
    """Return a full message from Kyiv to Tokyo with `body`, every member that may be there filled in."""
    members: dict[str, Any] = {
        "mode": Mode.EXERCISE, "sender": KYIV, "audience": TOKYO, "id": MessageId("message-2"), "seq": 2,
        "sent_at": NOW - timedelta(minutes=1), "statement_version": 3, "body": body, "agreement": AGREEMENT,
        "agreement_version": 1, "after": (MessageId("message-0"), MessageId("message-1")),
        "checkpoint": shown_head(KYIV, 42, bytes(32)), "seen": shown_head(TOKYO, 40, bytes([9]) * 32),
    }
    if type(body) in (
        Acknowledgement, DeliveryNotice, Receipt, Certificate, ConsentAnswer, Refusal, ReturnAnswer, ConsignmentRefusal,
        VisitAnswer, FacilityAnswer, ContractAnswer,
        FreezeAnswer, ClearanceAnswer, Cosignature,
    ):
        members["in_reply_to"] = MessageId("message-1")
    return Message(**{**members, **changes})


def signer_of(end: Correspondent = KYIV) -> SigningPair:
    """Return the registry key in use at the node `end`."""
    return pair(f"{end.node} registry")
