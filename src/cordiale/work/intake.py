"""Intake: a message from a partner takes effect once, and is answered the same way however often it comes.

By wire or out of a bag, the same bytes go through the same steps:

1. whose is it, and is it verified (`cordiale.message.verification`);
2. has it been here before: then the same answer again;
3. does the partner know more of our log than we do: then this node stops;
4. may a message of this type pass at this stage of the agreement;
5. its envelopes are examined, outside any transaction;
6. its act, the note that it was here, and its answer commit together.

What is refused is answered by a signed refusal; what does not verify is kept in
quarantine besides. What cannot be told yet leaves nothing, and comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final, TypeAlias

from cordiale.accord.amend import take_closed
from cordiale.accord.enter_into_force import take_accord
from cordiale.accord.in_succession import take_in_succession
from cordiale.accord.notify_registry import take_registry_notice
from cordiale.accord.propose import take_proposal, take_signature
from cordiale.accord.succeed import take_rehoming
from cordiale.accord.tell import take_notice
from cordiale.contract import assure, keep, tell
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable, Undecidable, Unverified
from cordiale.journey import consent, emergency, plan_transport, receive, withdraw_consent
from cordiale.journey.assurance import take_assurance
from cordiale.journey.carry import take_arrival_report
from cordiale.journey.clearance import take_clearance_answer, take_clearance_query, take_clearance_withdrawn
from cordiale.journey.crisis import take_crisis_report
from cordiale.journey.freeze import take_freeze, take_freeze_answer
from cordiale.journey.give_back import take_certificate
from cordiale.journey.hear_reading import take_reading_notice
from cordiale.journey.incident_letters import take_incident_final, take_incident_reply, take_incident_report
from cordiale.journey.inventory_tell import take_inventory_result
from cordiale.journey.level_take import take_level_change, take_level_change_done
from cordiale.journey.meet_courier import take_courier_advice
from cordiale.journey.recall import take_return_answer, take_return_request
from cordiale.journey.refuse_held import take_consignment_refusal
from cordiale.journey.withdraw_dispatch import take_withdrawn
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.body import Body, Precedence, Reply, Scope
from cordiale.message.bodies.consignment import Consignment
from cordiale.message.bodies.refusal import refusal_of
from cordiale.message.form import Message, UnverifiedRouting, message_digest, read_unverified_routing
from cordiale.message.members import LogIndex
from cordiale.message.sequence import Gap, Received, StreamState, arriving, decide_arrival, require_no_replay
from cordiale.message.verification import Expectations, read_unverified_object, verify_message
from cordiale.model.agreement import Stage
from cordiale.model.names import MessageId
from cordiale.model.party import NodeStatement
from cordiale.ports import InboxRow, OutboxRow
from cordiale.records.agreements import AGREEMENT, require_shared
from cordiale.records.answer import open_answer
from cordiale.records.correspondence import Arrived, Letter, body_as, own_origin, post
from cordiale.records.duties import acknowledged, discharge
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import note_terms, own_statement, require_partner
from cordiale.records.refused_messages import duty_if_unanswered
from cordiale.records.registry import Registry
from cordiale.records.reproduced import take_copy_report
from cordiale.records.session import ActSession
from cordiale.records.silence import begin_silence, note_answer_refused
from cordiale.records.withdrawals import is_settled, note_withdrawn
from cordiale.visit import announce, disclose
from cordiale.visit import answer as answer_visits
from cordiale.visit import ask as ask_visits
from cordiale.visit import end as end_visits
from cordiale.work.ahead import WAITS, require_not_ahead
from cordiale.work.chaser import take_chase
from cordiale.work.flood import require_not_flooded
from cordiale.work.heads import later, note_seen, require_not_behind, require_one_history
from cordiale.work.quarantine import quarantine
from cordiale.work.refused import take_refusal
from cordiale.work.renewal import renew_ahead, take_statement
from cordiale.work.witness import take_checkpoint, take_cosignature

Take: TypeAlias = Callable[[Registry, ActSession, Arrived], Body | None]

_ARRIVED: Final = ("delivered", "receipted", "refused-by-partner")
_PASSES_IN: Final = frozenset({Stage.PROVISIONAL, Stage.IN_FORCE, Stage.SUSPENDED, Stage.TERMINATED})


def _take_acknowledgement(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """An acknowledgement settles the message it answers, and discharges the duty that waited for just that."""
    body, row = body_as(arrived, Acknowledgement), session.reads.outbox(arrived.message.in_reply_to)
    if row is None or row.partner != arrived.partner.node:
        return  # Of what was sent to another it settles nothing.
    discharge(session, acknowledged(row.id), arrived.message.id)
    note_withdrawn(registry, session, row.id, arrived.message.id, is_by_node=True)
    begin_silence(registry, session, row.id, taken_on=body.taken_at.date())


TAKES: Final[Mapping[str, Take]] = {
    "acknowledgement": _take_acknowledgement,
    "agreement-proposal": take_proposal,
    "agreement-signature": take_signature,
    "notes-exchanged": take_accord,
    "readiness-found": take_accord,
    "link-approved": take_accord,
    "stage-changed": take_accord,
    "accord-notice": take_notice,
    "amendment-closed": take_closed,
    "rehoming": take_rehoming,
    "registry-notice": take_registry_notice,
    "consignment": receive.take_consignment,
    "delivery-notice": receive.take_delivery_notice,
    "courier-advice": take_courier_advice,
    "arrival-report": take_arrival_report,
    "receipt": receive.take_receipt,
    "consignment-refusal": take_consignment_refusal,
    "consignment-withdrawn": take_withdrawn,
    "certificate": take_certificate,
    "crisis-report": take_crisis_report,
    "return-request": take_return_request,
    "return-answer": take_return_answer,
    "copy-report": take_copy_report,
    "in-succession": take_in_succession,
    "inventory-result": take_inventory_result,
    "consent-request": consent.take_consent_request,
    "consent-answer": consent.take_consent_answer,
    "consent-withdrawn": withdraw_consent.take_consent_withdrawn,
    "consent-used": withdraw_consent.take_consent_used,
    "reading-notice": take_reading_notice,
    "emergency-notice": emergency.take_emergency_notice,
    "emergency-report": emergency.take_emergency_report,
    "level-change": take_level_change,
    "level-change-done": take_level_change_done,
    "transport-plan": plan_transport.take_plan,
    "transport-plan-answer": plan_transport.take_plan_answer,
    "facility-query": assure.take_facility_query,
    "facility-answer": assure.take_facility_answer,
    "facility-withdrawn": assure.take_facility_withdrawn,
    "contract-notice": tell.take_contract_notice,
    "contract-answer": tell.take_contract_answer,
    "contract-ended": keep.take_contract_ended,
    "visit-request": answer_visits.take_visit_request,
    "visit-answer": ask_visits.take_visit_answer,
    "visit-amendment": answer_visits.take_visit_amendment,
    "visit-ended": end_visits.take_visit_ended,
    "visit-notice": announce.take_visit_notice,
    "disclosure": disclose.take_disclosure,
    "incident-report": take_incident_report,
    "incident-final": take_incident_final,
    "incident-reply": take_incident_reply,
    "freeze": take_freeze,
    "freeze-answer": take_freeze_answer,
    "clearance-query": take_clearance_query,
    "clearance-answer": take_clearance_answer,
    "assurance": take_assurance,
    "clearance-withdrawn": take_clearance_withdrawn,
    "chase": take_chase,
    "checkpoint": take_checkpoint,
    "cosignature": take_cosignature,
    "statement": take_statement,
    "refusal": take_refusal,
}
"""What each type of message does here. A type that is not listed is refused, signed."""

_FINAL: Final = frozenset({"acknowledgement", "cosignature", "delivery-notice", "refusal"})
"""Types that only answer, and are not answered themselves."""
_APART: Final = frozenset({"checkpoint", "cosignature"})
"""Types about a log that stand in the internal one: no log may grow by being cosigned."""
_PATIENT: Final = frozenset({"acknowledgement", "delivery-notice"})
"""Types that end the sending of a message and do no more: lost before they are written, they are asked for again."""


def take_message(
    registry: Registry, data: bytes, peer: str | None = None, *, may_wait: bool = False
) -> bytes | None:
    """Take the message `data` and return the answer, None for one that is itself only an answer.

    `peer` is the node that the link was verified to be with, None out of a bag. `may_wait` lets what nobody waits
    for be written a moment later, with what comes next. Raises `Unavailable` when it cannot be told yet (the sender
    repeats it), and `Unverified` or `Malformed` when there is nobody to answer.
    """
    routing = read_unverified_routing(read_unverified_object(data).unverified_payload)
    if registry.ledger.stopped is not None:
        # Why is for our own people: it may tell of dealings with another partner.
        raise Unavailable("intake.stopped", "this node takes no messages now", hint="it is sent again later")
    if not routing.party:
        raise Malformed("intake.no-sender", "the message names no sender", hint="it was not taken")
    if routing.type == "statement" and peer in (None, routing.node):
        renew_ahead(registry, data, routing.party)
    known_partner = require_partner(registry.reads(), routing.party, mode=registry.mode, now=registry.now())
    partner = known_partner.statement
    if peer is not None and peer != partner.node:
        raise Unverified(
            "intake.other-peer", "the message came over a link with {peer} and says it is of {node}",
            hint="it was not taken; report it to the security officer", peer=peer, node=partner.node,
        )
    digest = message_digest(data, registry.mode)
    try:
        message = verify_message(data, Expectations(
            own=own_statement(registry.reads(), registry.mode).statement, sender=partner, now=registry.now(),
            floors=known_partner.floors,
        ))
    except Undecidable as error:
        raise later(error) from error
    except CordialeError as error:
        return _refuse_unverified(registry, partner, (data, digest, routing), error)
    known = registry.reads().inbox(message.id)
    if known is not None and known.digest == digest:
        if isinstance(message.body, Consignment):
            receive.drop_repeated(registry, partner.node, message.body)
        return known.answer or None
    arrived = Arrived(message, data, digest, partner, registry.now())
    try:
        _require_first(registry, arrived, known)
        _require_shared(registry, arrived)
        require_not_behind(registry, arrived)
        require_one_history(registry, arrived)
        _require_passes(registry, message)
        if message.type == "consignment":
            receive.examine_consignment(registry, arrived)
        return _commit(registry, arrived, is_patient=may_wait and message.type in _PATIENT)
    except Unavailable:
        raise
    except CordialeError as error:
        require_not_ahead(registry, arrived, error)
        return _refuse(registry, arrived, error)


def _require_shared(registry: Registry, arrived: Arrived) -> None:
    """Refuse, in the same words, a message under an agreement of others, of nobody, or under the name of our own log.

    Only a proposal may name an agreement that is not here yet; what follows on it waits for it (`after`).
    """
    name = arrived.message.agreement
    record = registry.record(AGREEMENT, name) if name and name != INTERNAL else None
    is_first = record is None and name != INTERNAL and arrived.message.type == "agreement-proposal"
    if name and not is_first:
        require_shared(record, arrived.partner.party)


def _require_first(registry: Registry, arrived: Arrived, known: InboxRow | None) -> None:
    """Refuse other bytes under a known identifier or number; wait for what must take effect before."""
    message, books = arrived.message, registry.books()
    number = books.reads.inbox_by_number(arrived.partner.node, message.agreement, message.seq)
    received = {MessageId(row.id): Received(row.seq, row.digest) for row in (known, number) if row is not None}
    settled = {one for one in message.after if is_settled(books, message.sender.node, one)}
    state = StreamState(
        ahead=frozenset({message.seq} if number is not None else ()), received=received, settled=settled
    )
    arrival = require_no_replay(decide_arrival(state, arriving(message, arrived.digest)))
    if isinstance(arrival, Gap):
        raise Unavailable(
            WAITS, "the message waits for {count} others on the same item", hint="it is taken after them",
            count=len(arrival.until),
        )


def _is_party(registry: Registry, agreement: str, party: str) -> bool:
    record = registry.record(AGREEMENT, agreement)
    return record is not None and party in record["parties"]


def _require_passes(registry: Registry, message: Message) -> None:
    """Before an agreement is in force only messages about the agreement itself pass."""
    if message.row.scope is not Scope.JOURNEY:
        return
    record = registry.record(AGREEMENT, message.agreement)
    if record is None or Stage(record["stage"]) not in _PASSES_IN:
        raise OutOfOrder(
            "intake.not-in-force", "nothing passes under an agreement that is not in force",
            hint="the governments bring it into force first",
        )


def _commit(registry: Registry, arrived: Arrived, *, is_patient: bool) -> bytes | None:
    message = arrived.message
    take = TAKES.get(message.type)
    if take is None:
        raise Malformed("intake.type", "messages of the type {type} are not taken by this version", type=message.type,
                        hint="ask the partner to do it on paper")
    log = INTERNAL if message.type in _APART else message.agreement or INTERNAL
    answers: list[bytes] = []

    def run(session: ActSession) -> dict[str, Any]:
        require_not_flooded(session, arrived.partner.party, message)
        body = take(registry, session, arrived)
        _settle(session, message)
        note_seen(session, arrived)
        note_terms(session, arrived.partner.party, message.terms)
        answer = b"" if message.type in _FINAL else _answer(registry, session, arrived, body)
        session.work.put_inbox(_inbox_row(session, arrived, answer))
        session.put("message", message.id, {
            "answer": sha256(answer).hexdigest(), "digest": arrived.digest.hex(), "in_reply_to": message.in_reply_to,
            "party": arrived.partner.party, "type": message.type,
        }, expect=0)
        answers.append(answer)
        return {}

    registry.ledger.commit(Act(
        f"in.{message.id}", f"take.{message.type}", f"partner:{arrived.partner.party}", log, run, message.id,
        is_patient=is_patient,
    ))
    # Where nothing was done here, another has brought the same a moment before.
    row = None if answers else registry.reads().inbox(message.id)
    return (answers[-1] if answers else row.answer if row is not None else b"") or None


def _answer(registry: Registry, session: ActSession, arrived: Arrived, body: Body | None) -> bytes:
    message = arrived.message
    if body is None:
        place = LogIndex(own_origin(registry, session.log), session.index) if message.agreement else None
        body = Acknowledgement(arrived.digest, session.at.replace(microsecond=0), place)
    return post(registry, session, Letter(
        partner=arrived.partner, body=body, agreement=message.agreement, version=message.agreement_version,
        in_reply_to=message.id, is_answer=True,
    )).content


def _settle(session: ActSession, message: Message) -> None:
    """Close the message of ours that this one answers."""
    if not message.in_reply_to or message.row.reply is Reply.NEVER:
        return
    row = session.reads.outbox(message.in_reply_to)
    if row is None or row.state != "waiting" or row.partner != message.sender.node:
        return
    if message.type == "refusal" or _is_answered(session, row, message):
        session.work.put_outbox(replace(row, state="refused" if message.type == "refusal" else "answered"))
        if row.precedence == Precedence.ORDER.value:
            discharge(session, duty_if_unanswered(row.id), message.id)


def _is_answered(session: ActSession, row: OutboxRow, message: Message) -> bool:
    """True when `message` ends the sending of `row`: a consignment once the books say that its bytes came there."""
    asked = read_unverified_routing(read_unverified_object(row.message).unverified_payload).type
    if asked != "consignment":
        return message.type == ("cosignature" if asked == "checkpoint" else "acknowledgement")
    sent = session.find("consignment", "message", row.id)
    return any(one["direction"] == "out" and one["state"] in _ARRIVED for one in sent)


def _inbox_row(session: ActSession, arrived: Arrived, answer: bytes) -> InboxRow:
    message = arrived.message
    return InboxRow(
        id=message.id, partner=arrived.partner.node, agreement=message.agreement, seq=message.seq,
        digest=arrived.digest, message=arrived.content, answer=answer, received_at=session.at,
    )


def _refuse(registry: Registry, arrived: Arrived, error: CordialeError) -> bytes:
    """Answer a verified message with a signed refusal, and note that it was here."""
    message = arrived.message
    # The heads of our log of an agreement are shown to its parties only.
    is_party = _is_party(registry, message.agreement, arrived.partner.party)

    def run(session: ActSession) -> dict[str, Any]:
        answer = post(registry, session, Letter(
            partner=arrived.partner, body=refusal_of(error, message_digest=arrived.digest, message=message.id),
            agreement=message.agreement if is_party else "", version=message.agreement_version if is_party else 0,
            in_reply_to=message.id, is_answer=True,
        )).content
        if session.reads.inbox(message.id) is None and session.reads.inbox_by_number(
            arrived.partner.node, message.agreement, message.seq
        ) is None:
            session.work.put_inbox(_inbox_row(session, arrived, answer))
        session.put("refused-message", message.id, {
            "answer": sha256(answer).hexdigest(), "code": error.code, "digest": arrived.digest.hex(),
            "family": error.family,
            "party": arrived.partner.party, "type": message.type,
        })
        note_answer_refused(registry, session, message)
        return {"answer": answer.decode()}

    act_id = f"refuse.{message.id}.{arrived.digest.hex()[:16]}"
    answer = registry.ledger.commit(
        Act(act_id, f"refuse.{message.type}", f"partner:{arrived.partner.party}", INTERNAL, run, message.id)
    )
    return str(answer.value["answer"]).encode()


def _refuse_unverified(
    registry: Registry, partner: NodeStatement, what: tuple[bytes, bytes, UnverifiedRouting], error: CordialeError
) -> bytes:
    """Keep what does not verify in quarantine, and tell the partner by a signed refusal."""
    data, digest, _ = what

    def run(session: ActSession) -> dict[str, Any]:
        quarantine(session, party=partner.party, data=data, digest=digest, error=error)
        return {"answer": post(registry, session, Letter(
            partner=partner, body=refusal_of(error, message_digest=digest), is_answer=True,
        )).content.decode()}

    act = Act(f"quarantine.{digest.hex()[:40]}", "quarantine", f"partner:{partner.party}", INTERNAL, run)
    stored = registry.reads().act(act.id)
    answer = open_answer(stored, asked="") if stored is not None else registry.ledger.commit(act)
    if isinstance(answer, CordialeError):
        raise answer
    return str(answer.value["answer"]).encode()


