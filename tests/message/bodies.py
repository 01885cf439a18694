"""Strategies: every body that can be written, by the name of its type."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st
from tests.message.visit_samples import BODIES as VISITS
from tests.message.wrapping import WRAPPING_PUBLIC

from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES
from cordiale.limits import CONSIGNMENT_SLIP_SIZE_BYTES
from cordiale.message.bag_seal import WrappedBagKey
from cordiale.message.bodies.accord_notice import ANSWERS, AccordNotice, NoticeKind
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
from cordiale.message.bodies.copy_report import CopyReport, MadeCopy
from cordiale.message.bodies.cosignature import Cosignature
from cordiale.message.bodies.courier_advice import CourierAdvice, Means
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.message.bodies.delivery_notice import DeliveryNotice
from cordiale.message.bodies.emergency_notice import EmergencyNotice
from cordiale.message.bodies.emergency_report import EmergencyReport
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
from cordiale.message.members import LogIndex, NamedPost, SealedEnvelope
from cordiale.model.agreement import Act, Stage
from cordiale.model.incident import IncidentKind
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind, LevelOutcome
from cordiale.model.names import CopyId
from cordiale.model.plan import PlanOutcome, TransportPlan
from cordiale.rules.inventory import Explanation, Finding

identifiers: Final[st.SearchStrategy[Any]] = st.from_regex(r"\A[a-z0-9](?:[a-z0-9.-]{0,20}[a-z0-9])?\Z")
lines: Final = st.text(st.sampled_from("abcXYZ 0-9/().,é機密Цілком№"), min_size=1, max_size=30).map(
    lambda text: text.strip() or "-"
)
maybe_lines: Final = st.just("") | lines
texts: Final = st.sampled_from(["{}", '{"payload":"…"}'])
parties: Final[st.SearchStrategy[Any]] = st.sampled_from(["JPN", "UKR", "POL", "CHE"])
days: Final = st.dates(date(2000, 1, 1), date(2100, 1, 1))
instants: Final = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
digests: Final = st.binary(min_size=48, max_size=48)
hashes: Final = st.binary(min_size=32, max_size=32)
levels: Final = st.builds(LevelRef, lines, lines)
posts: Final = st.builds(NamedPost, lines, lines)
indexes: Final = st.builds(LogIndex, st.sampled_from(["a.example/exercise/log", "b/c"]), st.integers(0, 2**53 - 1))
envelopes: Final = st.builds(SealedEnvelope, identifiers, st.integers(1, 10 * 1024**3), digests)


@st.composite
def _notices(draw: st.DrawFn) -> AccordNotice:
    kind = draw(st.sampled_from(NoticeKind))
    about = "a." + draw(identifiers) if kind in ANSWERS else ""
    return AccordNotice("n." + draw(identifiers), kind, draw(days), draw(lines), draw(lines), about)


def _numbered(numbers: tuple[int, int]) -> tuple[int, int]:
    return min(numbers), max(numbers)


@st.composite
def _items(draw: st.DrawFn) -> ConsignedItem:
    number, total = _numbered(draw(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000))))
    content = draw(st.none() | envelopes)
    sheet = None if content else draw(st.binary(min_size=1, max_size=20))
    return ConsignedItem(
        draw(identifiers), draw(identifiers), number, total, draw(st.sampled_from(ItemForm)), draw(digests),
        content, sheet,
    )


def _envelope_of(item: ConsignedItem) -> object:
    return item.content.envelope if item.content else object()


@st.composite
def _terms(draw: st.DrawFn) -> ConsentTerms:
    act = draw(st.sampled_from(Act))
    copies = draw(st.sets(st.integers(1, 10_000), max_size=4))
    category = draw(maybe_lines)
    return ConsentTerms(
        draw(identifiers), act, draw(lines), draw(st.integers(1, 10_000)),
        draw(parties) if act is Act.PASS_ON else None,
        tuple(sorted(copies)), tuple(sorted(draw(st.sets(parties, max_size=3)))), category, draw(maybe_lines),
        draw(st.none() | st.builds(MadeHere, identifiers, st.just(Act.EXTRACT), lines) | st.builds(
            MadeHere, identifiers, st.just(Act.TRANSLATE), lines, lines, st.integers(1, 9),
        )),
    )


@st.composite
def _requests(draw: st.DrawFn) -> ConsentRequest:
    terms = draw(_terms())
    if terms.act is Act.DISCLOSE:
        return ConsentRequest(terms, draw(days), draw(lines))
    return ConsentRequest(terms, draw(st.none() | days), draw(maybe_lines))


@st.composite
def _stages(draw: st.DrawFn) -> StageChanged:
    stage = draw(st.sampled_from(Stage))
    return StageChanged(
        stage, draw(days), draw(lines), draw(maybe_lines),
        tuple(draw(st.lists(levels, max_size=3, unique=True))),
        draw(days) if stage is Stage.TERMINATED else None,
    )


@st.composite
def _receipts(draw: st.DrawFn) -> Receipt:
    items = st.builds(
        ReceiptedItem, identifiers, identifiers, lines, levels, st.none() | levels, st.none() | digests
    )
    received = draw(instants)
    return Receipt(
        draw(identifiers), draw(digests),
        tuple(draw(st.lists(items, min_size=1, max_size=3, unique_by=lambda one: one.copy))),
        draw(st.integers(0, 1_000)), draw(posts), received, received + timedelta(seconds=draw(st.integers(0, 10**6))),
        draw(indexes), draw(maybe_lines),
    )


@st.composite
def _answers(draw: st.DrawFn) -> ConsentAnswer:
    outcome = draw(st.sampled_from(ConsentOutcome))
    given_at = draw(instants)
    until = given_at + timedelta(seconds=draw(st.integers(1, 10**6)))
    terms = draw(_terms())
    ends = [until] if terms.category else [None, until]
    return ConsentAnswer(
        draw(identifiers), outcome, terms, given_at,
        draw(st.sampled_from(ends)) if outcome is ConsentOutcome.GRANTED else None, draw(maybe_lines),
    )


@st.composite
def _copy_reports(draw: st.DrawFn) -> CopyReport:
    copy = draw(identifiers)
    made = []
    for place in range(draw(st.integers(1, 4))):
        number, total = _numbered(draw(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000))))
        made.append(MadeCopy(CopyId(f"{copy}.{place}"), number, total))
    return CopyReport(
        draw(identifiers), copy, draw(st.sampled_from([Act.COPY, Act.TRANSLATE, Act.EXTRACT])), tuple(made),
        draw(days), draw(lines), draw(st.booleans()), tuple(sorted(draw(st.sets(identifiers, max_size=3)))),
    )


@st.composite
def _changes(draw: st.DrawFn) -> LevelChange:
    kind = draw(st.sampled_from(LevelChangeKind))
    before, name = draw(levels), draw(lines)
    after = LevelRef(before.scheme, name if name != before.name else name + "x")
    is_raised, is_over = kind is LevelChangeKind.HANDLING_RAISED, kind is LevelChangeKind.DECLASSIFIED
    handling = LevelRef(before.scheme, draw(lines)) if is_raised or (not is_over and draw(st.booleans())) else None
    issued_at = draw(instants)
    return LevelChange(
        draw(identifiers), draw(identifiers), draw(st.integers(1, 10_000)), kind, before, draw(lines), draw(lines),
        issued_at, issued_at + timedelta(seconds=draw(st.integers(0, 10**7))),
        None if is_over else before if is_raised else after, tuple(sorted(draw(st.sets(parties, max_size=3)))), handling,
    )


@st.composite
def _marked(draw: st.DrawFn) -> LevelChangeDone:
    outcome = draw(st.sampled_from(LevelOutcome))
    numbers = draw(st.sets(st.integers(1, 10_000), max_size=6))
    left = draw(st.sets(st.sampled_from(sorted(numbers)))) if numbers else set()
    if outcome in (LevelOutcome.DONE, LevelOutcome.SUPERSEDED):
        left = set()
    done = set() if outcome is LevelOutcome.SUPERSEDED else numbers - left
    return LevelChangeDone(draw(identifiers), outcome, draw(instants), tuple(sorted(done)), tuple(sorted(left)))


@st.composite
def _checkpoints(draw: st.DrawFn) -> CheckpointShown:
    old = draw(st.integers(0, 2**53 - 1))
    proof = draw(st.lists(hashes, max_size=5)) if old else []
    return CheckpointShown(draw(st.binary(min_size=1, max_size=100)), old, tuple(proof))


@st.composite
def _manifests(draw: st.DrawFn) -> BagManifest:
    found = draw(st.lists(identifiers, max_size=8, unique=True))
    kinds = [draw(st.sampled_from(BagFileKind)) for _ in found]
    files = []
    for kind in BagFileKind:
        ids = [id for id, of_kind in zip(found, kinds, strict=True) if of_kind is kind]
        files += [
            BagFile(kind, place, id, draw(st.integers(1, 2**33)), draw(digests))
            for place, id in enumerate(ids, start=1)
        ]
    key = draw(st.binary(min_size=WRAPPED_SHARE_SIZE_BYTES, max_size=WRAPPED_SHARE_SIZE_BYTES))
    return BagManifest(tuple(files), WrappedBagKey(WRAPPING_PUBLIC["kyiv.ukr"].kid, key))


@st.composite
def _return_requests(draw: st.DrawFn) -> ReturnRequest:
    kind = draw(st.sampled_from(ReturnKind))
    copies = tuple(sorted(draw(st.sets(identifiers, min_size=1, max_size=4))))
    article = draw(lines) if kind is ReturnKind.ORDER else ""
    return ReturnRequest(draw(identifiers), copies, kind, draw(lines), article, draw(st.none() | days))


@st.composite
def _return_answers(draw: st.DrawFn) -> tuple[CopyAnswer, ...]:
    copies = sorted(draw(st.sets(identifiers, min_size=1, max_size=4)))
    return tuple(CopyAnswer(one, draw(st.sampled_from(ReturnOutcome)), draw(maybe_lines)) for one in copies)


seals: Final = st.lists(lines, min_size=3, max_size=5, unique=True).map(tuple)


@st.composite
def _advices(draw: st.DrawFn) -> CourierAdvice:
    departs = draw(instants)
    expected = departs + timedelta(seconds=draw(st.integers(1, 10**6)))
    means = draw(st.sampled_from(Means))
    return CourierAdvice(
        draw(identifiers), draw(st.integers(1, 3)), draw(seals), means,
        draw(posts) if means is Means.COURIER else None, draw(lines), departs, expected,
        expected + timedelta(seconds=draw(st.integers(0, 10**6))), draw(st.just("") | identifiers),
    )


@st.composite
def _plans(draw: st.DrawFn) -> TransportPlan:
    first, last = sorted((draw(days), draw(days)))
    return TransportPlan(*(draw(lines) for _ in range(4)), first, last, draw(st.integers(1, 1_000)))


@st.composite
def _arrivals(draw: st.DrawFn) -> ArrivalReport:
    state = draw(st.sampled_from(PackageState))
    return ArrivalReport(
        draw(identifiers), draw(instants), draw(st.integers(0, 9)), draw(seals), state,
        draw(maybe_lines if state is PackageState.INTACT else lines),
    )


@st.composite
def _registry_notices(draw: st.DrawFn) -> RegistryNotice:
    opened, closed = sorted(draw(st.tuples(days, days)))
    return RegistryNotice(
        draw(identifiers), draw(lines), tuple(draw(st.lists(levels, min_size=1, max_size=3, unique=True))), draw(lines),
        opened, draw(st.sampled_from([None, closed])),
    )

def _ascending(one: st.SearchStrategy[Any], key: Any = None) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=3, unique_by=key or str).map(lambda found: tuple(sorted(found, key=key or str)))


some_lines: Final = st.lists(lines, min_size=1, max_size=3).map(tuple)
any_lines: Final = st.lists(lines, max_size=3).map(tuple)
affected: Final = _ascending(st.builds(AffectedItem, identifiers, _ascending(identifiers)), lambda one: one.item)

BODIES: Final[dict[str, st.SearchStrategy[Body]]] = {
    "agreement-proposal": st.builds(
        AgreementProposal, st.binary(min_size=1, max_size=50), digests, st.binary(min_size=1, max_size=50), digests,
        maybe_lines,
    ),
    "agreement-signature": st.builds(AgreementSignature, digests, posts, texts),
    "notes-exchanged": st.builds(NotesExchanged, lines, days, lines, st.none() | days),
    "readiness-found": st.builds(ReadinessFound, parties, levels, lines, instants, st.none() | instants),
    "link-approved": st.builds(LinkApproved, st.sampled_from(Link), levels, lines, instants, st.none() | instants),
    "stage-changed": _stages(),
    "accord-notice": _notices(),
    "amendment-closed": st.builds(AmendmentClosed, st.integers(1, 2**31 - 1), digests, maybe_lines),
    "rehoming": st.builds(
        Rehoming, identifiers, days, lines, st.sampled_from([(), (Carried.DUTIES,), (Carried.CONSENTS, Carried.DUTIES)])
    ),
    "consignment": st.builds(
        Consignment, identifiers, st.sampled_from(ConsignmentKind),
        st.lists(_items(), min_size=1, max_size=3, unique_by=(lambda one: one.copy, _envelope_of)).map(tuple),
        st.none() | days, st.none() | st.just(bytes(CONSIGNMENT_SLIP_SIZE_BYTES)),
    ),
    "delivery-notice": st.builds(
        DeliveryNotice, identifiers, digests, st.lists(envelopes, max_size=3).map(tuple), instants,
        st.none() | indexes,
    ),
    "courier-advice": _advices(),
    "transport-plan": st.builds(PlanProposal, identifiers, _plans(), posts),
    "transport-plan-answer": st.builds(PlanAnswer, identifiers, digests, st.sampled_from(PlanOutcome), posts),
    "arrival-report": _arrivals(),
    "registry-notice": _registry_notices(),
    "acknowledgement": st.builds(Acknowledgement, digests, instants, st.none() | indexes),
    "receipt": _receipts(),
    "certificate": st.builds(
        Certificate, lines, st.sampled_from(Ending), identifiers, identifiers, st.integers(1, 10_000), lines,
        st.lists(lines, min_size=1, max_size=3).map(tuple), st.lists(lines, max_size=3).map(tuple), lines, days,
        st.sampled_from(Proof),
    ),
    "copy-report": _copy_reports(),
    "consignment-refusal": st.builds(ConsignmentRefusal, identifiers, digests, st.sampled_from(RefusedFor)),
    "consignment-withdrawn": st.builds(ConsignmentWithdrawn, identifiers, identifiers, digests, st.integers(1, 9)),
    "emergency-notice": st.builds(
        EmergencyNotice, identifiers, identifiers, instants, st.integers(1, 1_000), lines, lines, st.none() | instants
    ),
    "emergency-report": st.builds(EmergencyReport, identifiers, *[lines] * 6),
    "crisis-report": st.builds(
        CrisisReport, identifiers, st.sets(identifiers, min_size=1, max_size=4).map(sorted).map(tuple), instants, lines,
        lines,
    ),
    "inventory-result": st.builds(
        InventoryResult, identifiers, st.just(datetime(2026, 1, 2, tzinfo=UTC)),
        st.just(datetime(2026, 1, 3, tzinfo=UTC)), lines, st.integers(1, 3), st.integers(3, 1_000),
        st.just(("a", "b")), st.just(("c",)), st.builds(
            CopyDifference, st.just("d"), st.sampled_from([Finding.MISSING, Finding.SURPLUS]),
            st.sampled_from(Explanation),
        ).map(lambda one: (one,)),
    ),
    "return-request": _return_requests(),
    "return-answer": st.builds(ReturnAnswer, _return_answers()),
    "in-succession": st.builds(InSuccession, parties, st.tuples(_copy_reports()) | st.tuples(
        _copy_reports(), st.builds(ReturnAnswer, _return_answers()),
    )),
    "consent-request": _requests(),
    "consent-withdrawn": st.builds(ConsentWithdrawn, identifiers, instants),
    "reading-notice": st.builds(ReadingNotice, identifiers, st.lists(
        st.builds(CopyRead, instants, st.integers(1, 10_000)), min_size=1, max_size=4,
    ).map(sorted).map(tuple)),
    "consent-used": st.builds(ConsentUsed, identifiers, st.integers(0, 10_000), instants),
    "consent-answer": _answers(),
    "level-change": _changes(),
    "level-change-done": _marked(),
    **VISITS,
    "clearance-query": st.builds(ClearanceQuery, lines, levels, lines, st.none() | days),
    "clearance-answer": st.builds(ClearanceAnswer, st.just(ClearanceOutcome.CLEARED), days) | st.builds(
        ClearanceAnswer, st.sampled_from([ClearanceOutcome.NOT_CLEARED, ClearanceOutcome.IN_PROCESS])
    ),
    "clearance-withdrawn": st.builds(ClearanceWithdrawn, identifiers, days),
    "assurance": st.builds(Assurance, identifiers, levels, lines, lines, days, posts),
    "incident-report": st.builds(
        IncidentReport, identifiers, st.integers(1, 9), st.sampled_from(IncidentKind), st.sampled_from(Certainty),
        days, some_lines, posts, affected, any_lines, st.none() | identifiers, st.none() | parties,
        st.none() | parties,
    ),
    "incident-final": st.builds(
        IncidentFinal, identifiers, st.integers(1, 9), days, some_lines, some_lines, some_lines, some_lines, posts
    ),
    "incident-reply": st.builds(IncidentReply, identifiers, st.sampled_from(ReplyKind), posts, some_lines),
    "freeze": st.builds(Freeze, identifiers, st.sampled_from(FreezeDemand), lines),
    "freeze-answer": st.builds(FreezeAnswer, identifiers, st.sampled_from(FreezeOutcome)),
    "chase": st.builds(
        Chase, identifiers, st.sampled_from(DueThing), days, st.integers(1, 10_000), maybe_lines
    ),
    "refusal": st.builds(
        Refusal, digests, st.sampled_from(Family), identifiers, lines, st.just("") | identifiers, maybe_lines
    ),
    "checkpoint": _checkpoints(),
    "cosignature": st.builds(Cosignature, st.binary(min_size=1, max_size=100)),
    "statement": st.builds(StatementShown, texts, st.lists(texts, max_size=3).map(tuple)),
    "bag-manifest": _manifests(),
}
