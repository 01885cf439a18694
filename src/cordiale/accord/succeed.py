"""Succeed: a party's word that what stands under a former agreement stands under this one from a day on."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.bodies.rehoming import Rehoming, read_carried
from cordiale.model.names import AgreementId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, is_profile_signed, require_shared
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, body_as, post
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.rehomings import await_words, enter_word
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_day


def rehome(registry: Registry, request: Request) -> Answer:
    """Say, for our party, that what stands under `predecessor` stands under `agreement` from a day on, and tell it."""
    fields = request.act.fields()
    agreement = fields.text("agreement")
    carries = read_carried(fields) if fields.has("carries") else ()
    body = Rehoming(
        AgreementId(fields.text("predecessor")), parse_day(fields.text("on")), fields.text("article"), carries
    )
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        record = _require_successor(session.require(AGREEMENT, agreement), session.get(AGREEMENT, body.predecessor))
        told = [
            post(registry, session, Letter(
                partner=require_partner(session.reads, party, mode=registry.mode, now=session.at).statement, body=body,
                agreement=agreement, version=record["profile"]["version"],
            )).id for party in record["parties"] if party != registry.party
        ]
        entered = enter_word(session, agreement, registry.party, body, told=tuple(told))
        await_words(registry, session, entered)
        return {"agreement": agreement, "state": entered["state"]}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def _require_successor(record: Record, predecessor: Record | None) -> Record:
    """Return the agreement that follows; raises `OutOfOrder` unless both are between the same parties and signed."""
    if (
        predecessor is None or predecessor.id == record.id or set(predecessor["parties"]) != set(record["parties"])
        or not is_profile_signed(record.body)
    ):
        raise OutOfOrder(
            "rehome.no-successor", "this agreement follows no other of this name between the same parties",
            hint="name an agreement between the same parties, and have the profile of the new one signed first",
        )
    return record


def take_rehoming(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take a partner's word for it; nothing moves before every party has given theirs."""
    body = body_as(arrived, Rehoming)
    party = arrived.partner.party
    record = require_shared(session.get(AGREEMENT, arrived.message.agreement), party)
    _require_successor(record, require_shared(session.get(AGREEMENT, body.predecessor), party))
    await_words(registry, session, enter_word(session, record.id, party, body))
