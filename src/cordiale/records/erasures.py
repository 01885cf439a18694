"""Erasing personal data, by two persons: one proposes, another confirms; or by its day, which the node notes itself.

What is erased, and why it may be, is decided again when it is confirmed. The record of the erasure names persons,
articles and, for each row that was emptied, what the log commits to of it; `audit verify` asks for all of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import ERASURE_RECORDS_COUNT_MAX
from cordiale.model.decision import Decision, decision_of
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.erasing import ERASURE, duty_to_erase, erase_message, erase_versions, waits
from cordiale.records.overrides import note_overridden
from cordiale.records.people_proposals import CHANGE
from cordiale.records.personal_data import (
    PERSONAL_KINDS,
    PersonalKind,
    is_left_over,
    left_of,
    question_of,
    requests_of,
    require_kind,
)
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.rules.retention import Retention, decide_erasure, retention_of
from cordiale.rules.terms import say_figure

ERASURE_PROPOSAL: Final = "erasure-proposal"
NODE: Final = "node"


def propose_erasure(registry: Registry, request: Request) -> Answer:
    """Propose to erase what is personal in records of one kind; nothing is erased before another confirms it."""
    fields = request.act.fields()
    row, ids = require_kind(fields.text("kind")), fields.texts("ids", max_count=ERASURE_RECORDS_COUNT_MAX)
    reason = fields.text("reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.PROPOSE_ERASURE)
        records = _open_records(session, row, ids)
        decisions = [decide_erasure(question_of(registry, session, row, one)) for one in records]
        require_allowed(_together("erase.propose", decisions))
        proposal = _put_proposal(session, session.act_id, row, ids, (actor.id, reason))
        return {"proposal": proposal.id, "records": len(records)}

    return commit_personal(registry, request, run)


def confirm_erasure(registry: Registry, request: Request) -> Answer:
    """Erase what another proposed, or what the node noted as due: from now on it is in the books no more."""
    fields = request.act.fields()
    id = fields.text("proposal")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.CONFIRM_ERASURE)
        proposal = require_open_erasure(session, id)
        done = () if proposal["proposed_by"] == NODE else (
            ActDone(PersonId(proposal["proposed_by"]), OfficialAct.PROPOSE_ERASURE),
        )
        office = decide_office_now(session, actor, OfficialAct.CONFIRM_ERASURE, done=done)
        row = require_kind(proposal["kind"])
        records = _open_records(session, row, proposal["ids"])
        decisions = [decide_erasure(question_of(registry, session, row, one)) for one in records]
        decision = _together("erase", [office, *decisions])
        require_allowed(decision)
        rows, messages = _erase(session, row, records)
        session.put(ERASURE, proposal.id, {
            "at": shown_at(session.at), "ids": proposal["ids"], "kind": row.kind, "messages": messages,
            "persons": [proposal["proposed_by"], actor.id], "reason": proposal["reason"], "rows": rows,
        }, expect=0)
        session.change(proposal, confirmed_by=actor.id, settled_at=shown_at(session.at), state="confirmed")
        note_overridden(session, decision, subject=proposal.id)
        for one in records:
            discharge(session, duty_to_erase(row.kind, one.id), session.act_id)
        return {"messages": len(messages), "proposal": proposal.id, "records": len(records), "rows": len(rows)}

    return commit_personal(registry, request, run, subject=id)


def withdraw_erasure(registry: Registry, request: Request) -> Answer:
    """Withdraw a proposal to erase; what the node noted as due stays due."""
    fields = request.act.fields()
    id = fields.text("proposal")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_ERASURE))
        proposal = require_open_erasure(session, id)
        session.change(proposal, settled_at=shown_at(session.at), state="withdrawn")
        return {"proposal": id}

    return commit_personal(registry, request, run, subject=id)


def require_open_erasure(books: Books, id: str) -> Record:
    """Return a proposal that waits; raises `OutOfOrder` for one that is settled or not there."""
    proposal = books.require(ERASURE_PROPOSAL, id)
    if proposal["state"] != "proposed":
        raise OutOfOrder(
            "erase.settled", "this proposal was confirmed or withdrawn before", hint="look at `cordiale erase list`"
        )
    return proposal


def begin_erasure(registry: Registry, session: ActSession, duty: Record) -> None:
    """See, once the matter of a record has ended, whether what is personal in it has to be erased, and from which day.

    On that day the node proposes it, and one person confirms. Where nobody can tell, the duty stands open with no day.
    """
    kind, _, id = duty.id.removeprefix("erase.").partition(".")
    record, row, today = session.get(kind, id), PERSONAL_KINDS[kind], session.at.date()
    if record is None or is_left_over(row, record):
        discharge(session, duty.id, "erased before")
        return
    found = retention_of(question_of(registry, session, row, record))
    if not isinstance(found, Retention):
        return
    if found.erase_by is None:
        discharge(session, duty.id, "; ".join(found.counts))
        return
    is_early = found.keep_until is not None and found.keep_until > today
    open_duty(session, duty.id, what="erase", owner=registry.party, subject=record.id, due=Due(
        found.erase_by, opens_on=found.keep_until if is_early else None, basis="; ".join(found.counts),
        is_moved=True,
    ))
    if not is_early:
        _put_proposal(session, duty.id, row, [id], (NODE, "; ".join(found.counts)))


def say_layers(registry: Registry, books: Books, record: Record) -> dict[str, Any]:
    """Return what is shown of the periods of `record`: the days that count, the figures, and what gave way."""
    row = require_kind(record.kind)
    question = question_of(registry, books, row, record)
    found, decision = retention_of(question), decide_erasure(question)
    said = [*question.agreements, question.national]
    shown: dict[str, Any] = {
        "id": record.id, "kind": row.kind, "may_be_erased": decision.is_allowed,
        "reasons": [str(one) for one in decision.reasons],
        "said": list(dict.fromkeys(say_figure(term) for layer in said for term in (*layer.keep, *layer.erase))),
        "is_erased": is_left_over(row, record),
    }
    if isinstance(found, Retention):
        shown |= {"counts": list(found.counts), "gives_way": list(found.gives_way)}
        days = {"erase_by": found.erase_by, "keep_until": found.keep_until}
        shown |= {name: day.isoformat() for name, day in days.items() if day is not None}
    return shown


def _put_proposal(
    session: ActSession, id: str, row: PersonalKind, ids: Sequence[str], why: tuple[str, str]
) -> Record:
    proposer, reason = why
    return session.put(ERASURE_PROPOSAL, id, {
        "ids": sorted(set(ids)), "kind": row.kind, "proposed_at": shown_at(session.at), "proposed_by": proposer,
        "reason": reason, "state": "proposed",
    })


def _together(act: str, decisions: Sequence[Decision]) -> Decision:
    return decision_of(
        act, [reason for one in decisions for reason in one.reasons],
        overridden=[article for one in decisions for article in one.overridden],
    )


def _open_records(session: ActSession, row: PersonalKind, ids: Sequence[str]) -> list[Record]:
    """Return the records with `ids`; raises `OutOfOrder` for one that is not there, was erased, or is being sent."""
    records = [session.require(row.kind, id) for id in sorted(set(ids))]
    for record in records:
        if is_left_over(row, record):
            raise OutOfOrder(
                "erase.done", "what is personal in {id} was erased before", hint="leave it out", id=record.id
            )
        if row.is_sent and any(waits(session, message) for message in _messages_of(session, record)):
            raise OutOfOrder(
                "erase.on-its-way", "the message that names {id} has not been answered yet",
                hint="look at `cordiale outbox`; erase it once it is answered", id=record.id,
            )
    return records


def _erase(
    session: ActSession, row: PersonalKind, records: Sequence[Record]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Empty the rows of `records` and of what carried them into the books; return what is known of each."""
    rows: list[dict[str, Any]] = []
    messages: dict[str, None] = {}
    emptied: dict[tuple[str, str], tuple[Record, Mapping[str, Any]]] = {}
    for record in records:
        emptied[record.kind, record.id] = (record, left_of(row, record))
        for carrier, left in _carriers(session, row, record):
            emptied.setdefault((carrier.kind, carrier.id), (carrier, left))
        if row.is_sent:
            messages |= dict.fromkeys(_messages_of(session, record))
    for found, remains in emptied.values():
        rows += erase_versions(session, found, remains)
    return rows, [told for id in messages for told in erase_message(session, id)]


def _carriers(session: ActSession, row: PersonalKind, record: Record) -> Iterator[tuple[Record, Mapping[str, Any]]]:
    """Yield what else holds the particulars of `record`, with what is left of it."""
    if row.kind in ("visitor", "person"):
        for one in requests_of(session, record):
            yield one, _without(one, "signed")
    for one in row.carriers(session, record):
        if one.kind == CHANGE:
            yield one, _without(one, "person")
            continue
        # One that is open waits in vain since the person left: nobody confirms what cannot be read.
        yield one, _without(one, "binding") | ({"state": "withdrawn"} if one["state"] == "open" else {})
        for request in requests_of(session, one):
            yield request, _without(request, "signed")


def _without(record: Record, member: str) -> dict[str, Any]:
    return {name: value for name, value in record.body.items() if name != member}


def _messages_of(session: ActSession, record: Record) -> list[str]:
    """Return the message that named the record first, and that it names itself."""
    return [str(record["message"])] if "message" in record.body else []
