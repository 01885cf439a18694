"""Refuse by hand: a registrar will not register what has arrived; the partner is told, signed, and it is entered.

What came sealed by wire is removed, for it is still with the sender; paper and
equipment are sent back, and the sender has that as a duty until it is settled.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.consignment_refusal import ConsignmentRefusal, RefusedFor
from cordiale.model.names import ConsignmentId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.items import COPY, ENTRY
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registering import duty_to_register
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sweeping import remove_refused
from cordiale.records.withdrawals import revive
from cordiale.rules.offices import OfficialAct


def refuse_held(registry: Registry, request: Request) -> Answer:
    """Refuse a held consignment as a whole; nothing of it is registered, and the partner is told why.

    `note` stays here. Raises `OutOfOrder` for one that is not held any more.
    """
    fields = request.act.fields()
    consignment_id, why = fields.text("consignment"), fields.choice("why", RefusedFor)
    note = fields.optional_text("note")
    fields.end()
    found = registry.record("consignment", consignment_id)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REFUSE_CONSIGNMENT))
        record = session.require("consignment", consignment_id)
        if record["direction"] != "in" or record["state"] != "held":
            raise OutOfOrder(
                "refuse.not-held", "this consignment is not waiting to be registered", hint="look at `cordiale inbox`"
            )
        partner = require_partner(session.reads, record["party"], mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, agreement=record["agreement"], version=record["version"], in_reply_to=record["message"],
            body=ConsignmentRefusal(ConsignmentId(record.id), bytes.fromhex(record["digest"]), why),
        ))
        session.change(
            record, note=note, refused_at=shown_at(session.at), refused_by=actor.id, refusal=posted.id, slip=None,
            state="refused", why=why.value,
        )
        _enter(session, record, actor, why)
        discharge(session, duty_to_register(consignment_id), posted.id)
        return {"consignment": consignment_id, "why": why.value}

    answer = commit_personal(registry, request, run, log=log, subject=consignment_id)
    refused = registry.record("consignment", consignment_id)
    if refused is not None:
        remove_refused(registry, refused)
    return answer


def _enter(session: ActSession, record: Record, actor: Person, why: RefusedFor) -> None:
    for held in record["items"]:
        session.put(ENTRY, f"refused.{held['copy']}", {
            "act": "refused", "at": shown_at(session.at), "book": record["party"], "consignment": record.id,
            "copy_number": held["copy_number"], "form": held["form"], "number": record.id, "reason": why.value,
            "registrar": {"name": actor.name, "post": actor.post}, "sender": record["party"],
        })


def take_consignment_refusal(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that the partner's registrar refused what we sent; a thing that travels back is a duty until it is here."""
    body = arrived.message.body
    if not isinstance(body, ConsignmentRefusal):
        raise Malformed("refuse.other", "this is not the refusal of a consignment", hint="report this as a defect")
    record = session.get("consignment", body.consignment)
    is_ours = (
        record is not None and record["direction"] == "out" and record["party"] == arrived.partner.party
        and record["agreement"] == arrived.message.agreement and record["digest"] == body.message_digest.hex()
    )
    if record is None or not is_ours:
        raise Unverified(
            "refuse.other-bytes", "the refusal speaks of another consignment than we sent",
            hint="nothing was changed; report it to the security officer",
        )
    revive(registry, session, record)
    record = session.require("consignment", record.id)
    if record["state"] not in ("dispatched", "delivered"):
        raise OutOfOrder(
            "refuse.settled", "this consignment was receipted or refused before", hint="nothing was changed"
        )
    session.change(record, refusal=f"registrar.{body.why.value}", state="refused-by-partner")
    things = False
    for id in record["copies"]:
        copy = session.require(COPY, id)
        things = things or copy.body.get("form", "file") != "file"
        session.change(copy, ended_at=shown_at(session.at), state="refused")
        session.put(ENTRY, f"refused.{id}", {
            "act": "refused", "at": shown_at(session.at), "book": "dispatch", "copy": id, "item": copy["item"],
            "number": record["number"], "party": record["party"], "reason": body.why.value,
        }, expect=0)
    discharge(session, f"receipt.{record.id}", arrived.message.id)
    if things:
        open_duty(session, f"refused-consignment.{record.id}", what="refused-consignment", owner=registry.party,
                  subject=record.id, due=None)
