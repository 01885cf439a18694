"""Withdraw a dispatch: what had not left is taken back, and the partner's node says whether it has come after all.

A message that was tried may have arrived although no answer came. So nothing is taken back on our word alone: the
partner's node is told, and what it has stays out.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.consignment_withdrawn import ConsignmentWithdrawn
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import ConsignmentId, MessageId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.carriages import CARRIAGE, require_out, require_sent
from cordiale.records.correspondence import SENT, Arrived, Letter, body_as, post
from cordiale.records.duties import discharge
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.joined import JOINED, USED, Joint, joined_with, open_joined
from cordiale.records.ledger import INTERNAL
from cordiale.records.levels import PENDING, SUPERSEDED, changes_for, day_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registering import duty_to_register
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.records.withdrawals import (
    IS_HERE,
    TAKEN_BACK_MESSAGE,
    WITHDRAWAL,
    WITHDRAWN,
    dispatched_in,
    note_withdrawn,
    stream_of,
    taken_back_id,
)
from cordiale.rules.joined import WITHDRAW
from cordiale.rules.offices import OfficialAct


def withdraw_dispatch(registry: Registry, request: Request) -> Answer:
    """Take a consignment back that waits in the outbox, or that no courier has; the partner's node is asked first.

    Raises `OutOfOrder` for what has left.
    """
    fields = request.act.fields()
    consignment_id = fields.text("consignment")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        consignment = require_sent(session, consignment_id)
        _require_left_alone(session, consignment)
        _join(registry, session, actor, consignment)
        return _ask(registry, session, actor, consignment)

    return commit_personal(registry, request, run, log=_log_of(registry, consignment_id), subject=consignment_id)


def enter_not_there(registry: Registry, request: Request) -> Answer:
    """Enter, as a second person, where the partner's node does not answer, that its registry does not have it.

    `reference` is how it said so. Raises `OutOfOrder` where its node was not asked before.
    """
    fields = request.act.fields()
    consignment_id, reference = fields.text("consignment"), fields.text("reference")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.WITNESS_SEALING))
        return _end_by_word(registry, session, actor, (require_out(session, consignment_id), reference))

    return commit_personal(registry, request, run, log=_log_of(registry, consignment_id), subject=consignment_id)


def _log_of(registry: Registry, consignment: str) -> str:
    found = registry.record("consignment", consignment)
    return str(found["agreement"]) if found is not None else INTERNAL


def _join(registry: Registry, session: ActSession, actor: Person, consignment: Record) -> None:
    """Let those who have joined it take the consignment back with `actor`; raises `Refused` where they are too few.

    As many as let an item leave together take it back together.
    """
    act = dispatched_in(consignment)
    against, joined = [], list[Record]()
    for item in sorted({str(session.require(COPY, id)["item"]) for id in consignment["copies"]}):
        let_go = [one for one in session.each(JOINED, "item/state", f"{item} {USED}") if one["used_in"] == act]
        found = open_joined(registry, session, Joint(WITHDRAW, item, actor.id, {"consignment": consignment.id}))
        joined += found
        if len(found) < len(let_go):
            against.append(refusal(
                "withdraw.persons-together", "persons that let {item} leave together: {needed}; as many take it back",
                item=item, needed=str(len(let_go) + 1),
            ))
    require_allowed(decision_of("withdraw", against))
    joined_with(session, joined)


def _is_thing(session: ActSession, consignment: Record) -> bool:
    row = session.reads.outbox(consignment["message"])
    return row is not None and not row.attachments


def _require_left_alone(session: ActSession, consignment: Record) -> None:
    """Raise `OutOfOrder` for what has left."""
    row = session.reads.outbox(consignment["message"])
    carriage = session.get(CARRIAGE, consignment.id)
    is_thing = _is_thing(session, consignment)
    is_waiting = row is not None and row.state == "waiting" and consignment["state"] == "dispatched"
    has_left = carriage is not None and carriage["state"] != "packed" if is_thing else not is_waiting
    if has_left:
        raise OutOfOrder(
            "withdraw.left", "this consignment has left", hint="ask its items back (`cordiale recall ask`)"
        )


def _ask(registry: Registry, session: ActSession, actor: Person, consignment: Record) -> dict[str, Any]:
    partner = require_partner(session.reads, consignment["party"], mode=registry.mode, now=session.at).statement
    sent = session.require(SENT, consignment["message"])
    posted = post(registry, session, Letter(
        partner=partner, agreement=consignment["agreement"], version=version_of(session, consignment["agreement"]),
        body=ConsignmentWithdrawn(
            ConsignmentId(consignment.id), MessageId(consignment["message"]), bytes.fromhex(consignment["digest"]),
            sent["seq"],
        ),
        # The message about a thing opens nothing, and goes on; one with envelopes stays here from now on.
        after=(consignment["message"],) if _is_thing(session, consignment) else (),
    ))
    session.change(consignment, withdrawal=posted.id)
    session.put(WITHDRAWAL, posted.id, {
        "asked_at": shown_at(session.at), "asked_by": actor.id, "consignment": consignment.id, "state": "asked",
    }, expect=0)
    return {"consignment": consignment.id, "state": "asked"}


def _end_by_word(
    registry: Registry, session: ActSession, actor: Person, said: tuple[Record, str]
) -> dict[str, Any]:
    consignment, reference = said
    asked = session.get(WITHDRAWAL, str(consignment.body.get("withdrawal", "")))
    if asked is None:
        raise OutOfOrder(
            "withdraw.not-asked", "the partner's node was not asked yet", hint="have a registrar take it back first"
        )
    if asked["asked_by"] == actor.id:
        require_allowed(decision_of("withdraw", [refusal(
            "office.same-person", "the same person already did another part of this matter ({other})",
            other=OfficialAct.DISPATCH.value,
        )]))
    note_withdrawn(registry, session, asked.id, reference)
    return {"consignment": consignment.id, "state": WITHDRAWN}


def take_withdrawn(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Let a consignment of the partner take no effect here any more; raises `OutOfOrder` where it is here.

    A held thing ends that nobody has met: as its sender says, it never left.
    """
    body, message = body_as(arrived, ConsignmentWithdrawn), arrived.message
    record = session.get("consignment", body.consignment)
    # Of what we have of another it learns nothing: that is answered as what is not here.
    if record is None or record["party"] != arrived.partner.party:
        _take_word_back(session, arrived, body)
        return
    if record["direction"] == "in" and record["message"] != body.message:
        # Of what is here itself it takes nothing back: it is about what would have come behind it.
        _take_word_back(session, arrived, body)
        return
    named = (record["direction"], record["agreement"], record["message"], record["digest"])
    if named != ("in", message.agreement, body.message, body.message_digest.hex()):
        raise _not_theirs()
    if record["state"] in ("refused", WITHDRAWN):
        return
    is_met = session.get(CARRIAGE, record.id) is not None
    if record["state"] != "held" or is_met or any("object" in held for held in record["items"]):
        raise OutOfOrder(
            IS_HERE, "the consignment that is taken back is here", hint="its registrar registers or refuses it"
        )
    session.change(record, slip=None, state=WITHDRAWN, withdrawn_at=shown_at(session.at))
    for held in record["items"]:
        session.put(ENTRY, f"withdrawn.{held['copy']}", {
            "act": WITHDRAWN, "at": shown_at(session.at), "book": record["party"], "consignment": record.id,
            "copy_number": held["copy_number"], "form": held["form"], "number": record.id, "sender": record["party"],
        })
        _end_changes(session, held["item"], message.id)
    discharge(session, duty_to_register(record.id), message.id)


def _take_word_back(session: ActSession, arrived: Arrived, body: ConsignmentWithdrawn) -> None:
    """Let a message that has not come take no effect any more: of the consignment, or of what it would have brought."""
    _require_theirs(session, arrived, body)
    if session.reads.inbox(body.message) is None:
        session.put(TAKEN_BACK_MESSAGE, taken_back_id(arrived.partner.node, body.message), {
            "consignment": body.consignment, "seq": body.seq, "taken_at": shown_at(session.at),
            "stream": stream_of(arrived.partner.node, arrived.message.agreement),
        })


def _end_changes(session: ActSession, item: str, proof: str) -> None:
    """Let no change of level wait for an item that does not come; one that we have, or that is held, keeps them."""
    held = (one for one in session.each("consignment", "state", "held") if one["direction"] == "in")
    if session.get(ITEM, item) is not None or any(part["item"] == item for one in held for part in one["items"]):
        return
    for change in changes_for(session, item):
        if change["state"] == PENDING:
            session.change(change, state=SUPERSEDED, superseded_by=proof)
            discharge(session, day_duty(change.id), proof)


def _require_theirs(session: ActSession, arrived: Arrived, body: ConsignmentWithdrawn) -> None:
    """Raise `Unverified` where the message or number that is taken back is another's, or was used for other bytes."""
    row = session.reads.inbox(body.message)
    numbered = session.reads.inbox_by_number(arrived.partner.node, arrived.message.agreement, body.seq)
    same = row is None or (row.partner == arrived.partner.node and row.digest == body.message_digest)
    if not same or (numbered is not None and numbered.id != body.message):
        raise _not_theirs()


def _not_theirs() -> Unverified:
    return Unverified(
        "withdraw.other", "the partner takes back another consignment than it sent",
        hint="nothing was changed; report it to the security officer",
    )
