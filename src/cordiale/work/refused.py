"""What a partner's node refused of ours has no effect there, and what it was about stands here as it stood before."""

from __future__ import annotations

from cordiale.errors import Malformed
from cordiale.message.bodies.checkpoint import CheckpointShown
from cordiale.message.bodies.contract_notice import ContractNotice
from cordiale.message.bodies.incident_report import IncidentReport
from cordiale.message.bodies.refusal import Refusal
from cordiale.message.bodies.rehoming import Rehoming
from cordiale.message.form import parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.records.contracts import note_list_refused
from cordiale.records.correspondence import Arrived
from cordiale.records.incidents import note_report_refused
from cordiale.records.not_taken import note_not_taken
from cordiale.records.refused_messages import end_owed, open_refused
from cordiale.records.registry import Registry
from cordiale.records.rehomings import note_word_refused
from cordiale.records.session import ActSession
from cordiale.records.visits import note_refused
from cordiale.records.withdrawals import note_not_withdrawn
from cordiale.work.witness import note_not_cosigned


def take_refusal(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Note on what was sent that the partner refused it, for a person to look at."""
    body = arrived.message.body
    if not isinstance(body, Refusal):
        raise Malformed("intake.other", "this is not a refusal", hint="report this as a defect")
    row = session.reads.outbox(arrived.message.in_reply_to)
    session.put("partner-refusal", arrived.message.id, {
        "article": body.article, "code": body.code, "family": body.family.value, "message": body.message,
        "party": arrived.partner.party, "text": body.text,
    }, expect=0)
    if row is None or row.partner != arrived.partner.node:
        return
    note_refused(session, row.id, body.code)
    note_not_taken(session, row.id, body.code)
    note_not_withdrawn(registry, session, row.id, body.code)
    message = parse_message(read_unverified_object(row.message).unverified_payload)
    if row.state == "waiting":
        # Who has taken a message before owes what follows from it, whatever its node says later.
        end_owed(session, message, body.code)
    if row.state != "refused":
        open_refused(registry, session, message, code=body.code)
    sent = message.body
    if isinstance(sent, CheckpointShown):
        note_not_cosigned(registry, session, arrived, body.code)
    if isinstance(sent, ContractNotice):
        note_list_refused(session, sent.contract, row.id, body.code)
    if isinstance(sent, Rehoming):
        note_word_refused(registry, session, row.agreement, sent, row.id)
    if isinstance(sent, IncidentReport):
        note_report_refused(registry, session, sent.incident, body.code)
    for record in session.find("consignment", "message", row.id):
        if record["state"] in ("dispatched", "delivered"):
            session.change(record, refusal=body.code, state="refused-by-partner")
