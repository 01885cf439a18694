"""Enter into force: stages, notes, readiness and links, each a recorded act of a competent authority.

No stage implies another: an agreement may be in force while nothing can be
provided, because readiness or a link is missing. What a partner's authority
does arrives as its node's signed message.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import Malformed, OutOfOrder, Unavailable, Unverified, require_allowed
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.link_approved import Link, LinkApproved
from cordiale.message.bodies.notes_exchanged import NotesExchanged
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.model.agreement import LinkApproval, Readiness, Stage
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.agreements import AGREEMENT, is_profile_signed, stage_of
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficeQuestion, OfficialAct, decide_office
from cordiale.wire.agreement_json import link_approval_to_json, readiness_to_json
from cordiale.wire.person_json import parse_day, parse_level_ref

_NEXT: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.IN_PRINCIPLE: frozenset({Stage.INITIALLED, Stage.SIGNED}),
    Stage.INITIALLED: frozenset({Stage.SIGNED}),
    Stage.SIGNED: frozenset({Stage.PROVISIONAL}),
    Stage.NOTES_EXCHANGED: frozenset({Stage.PROVISIONAL, Stage.IN_FORCE}),
    Stage.PROVISIONAL: frozenset({Stage.IN_FORCE, Stage.TERMINATED}),
    Stage.IN_FORCE: frozenset({Stage.SUSPENDED, Stage.TERMINATED}),
    Stage.SUSPENDED: frozenset({Stage.IN_FORCE, Stage.TERMINATED}),
    Stage.TERMINATED: frozenset(),
}


_BY_ALL: Final = frozenset({Stage.PROVISIONAL, Stage.IN_FORCE})


def change_stage(registry: Registry, request: Request) -> Answer:
    """Record that the governments took the agreement to a further stage, and tell the other parties."""
    fields = request.act.fields()
    agreement, stage = fields.text("agreement"), fields.choice("stage", Stage)
    ended = fields.optional_text("ended_on")
    body = StageChanged(
        stage=stage, effective_on=parse_day(fields.text("on")), article=fields.text("article"),
        reason=fields.optional_text("reason") or "", ended_on=parse_day(ended) if ended else None,
        levels=tuple(parse_level_ref(one) for one in fields.texts("levels", max_count=64))
        if fields.has("levels") else (),
    )
    fields.end()
    return _by_authority(registry, request, (agreement, OfficialAct.SIGN_PROFILE), body, _apply_stage)


def give_note(registry: Registry, request: Request) -> Answer:
    """Record our diplomatic note that our procedures are done, and send its particulars."""
    fields = request.act.fields()
    agreement = fields.text("agreement")
    day = fields.optional_text("in_force_on")
    body = NotesExchanged(
        reference=fields.text("reference"), noted_on=parse_day(fields.text("on")), article=fields.text("article"),
        in_force_on=parse_day(day) if day else None,
    )
    fields.end()
    return _by_authority(registry, request, (agreement, OfficialAct.SIGN_PROFILE), body, _apply_note)


def find_readiness(registry: Registry, request: Request) -> Answer:
    """Record our finding that a party can protect information up to a level of its scheme, and send it."""
    fields = request.act.fields()
    agreement = fields.text("agreement")
    body = ReadinessFound(
        of_party=parse_party_id(fields.text("of_party")), level=parse_level_ref(fields.text("level")),
        article=fields.text("article"), found_at=registry.now(),
    )
    fields.end()
    return _by_authority(registry, request, (agreement, OfficialAct.FIND_READINESS), body, _apply_readiness)


def approve_link(registry: Registry, request: Request) -> Answer:
    """Record our approval of a link up to a level of our own scheme, and send it."""
    fields = request.act.fields()
    agreement = fields.text("agreement")
    body = LinkApproved(
        link=fields.choice("link", Link), level=parse_level_ref(fields.text("level")),
        reference=fields.text("reference"), approved_at=registry.now(),
    )
    fields.end()
    return _by_authority(registry, request, (agreement, OfficialAct.APPROVE_LINK), body, _apply_link)


def take_accord(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take what a partner's authority did with the agreement, as its node tells us."""
    record = session.get(AGREEMENT, arrived.message.agreement)
    if record is None:
        raise Unavailable("agreement.not-here-yet", "the agreement `{id}` is not entered here", hint="enter it first",
                          id=arrived.message.agreement)
    if arrived.partner.party not in record["parties"]:
        raise Unverified("agreement.stranger", "the sender is no party to this agreement", hint="report it")
    body = arrived.message.body
    apply = _APPLY.get(type(body))
    if apply is None:
        raise Malformed("agreement.other", "this message says nothing of an agreement", hint="report this as a defect")
    session.change(record, **apply(record, arrived.partner.party, body))


def _by_authority(
    registry: Registry, request: Request, what: tuple[str, OfficialAct], body: Body, apply: Any
) -> Answer:
    agreement, act = what

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office(OfficeQuestion(actor, act), session.at))
        record = session.require(AGREEMENT, agreement)
        changed = session.change(record, **apply(record, registry.party, body))
        for party in record["parties"]:
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                post(registry, session, Letter(
                    partner=partner, body=body, agreement=agreement, version=record["profile"]["version"],
                ))
        return {"agreement": agreement, "stage": stage_of(changed).value}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def _apply_stage(record: Record, party: str, body: StageChanged) -> dict[str, Any]:
    """Return what changes when `party` records a stage.

    What opens provision (provisional, in force) takes every party's word; what closes it (suspension, end)
    takes one. A suspension is lifted only by the party whose it is.
    """
    current = Stage(record["stage"])
    suspensions: dict[str, Any] = record.body.get("suspensions", {})
    if body.stage is Stage.IN_FORCE and party in suspensions:
        return {"suspensions": {name: one for name, one in suspensions.items() if name != party}}
    if body.stage is current:
        return {}
    if body.stage not in _NEXT[current]:
        raise OutOfOrder(
            "agreement.stage", "an agreement that is {current} does not become {stage}",
            hint="record the stages in their order", current=current.value, stage=body.stage.value,
        )
    if body.stage is Stage.SUSPENDED:
        return {"suspensions": {**suspensions, party: [str(level) for level in body.levels]}}
    if body.stage is Stage.SIGNED and not is_profile_signed(record.body):
        raise OutOfOrder(
            "agreement.profile-unsigned", "not every authority has signed the implementing profile",
            hint="have it signed first: `cordiale agreement sign`",
        )
    if body.stage in _BY_ALL:
        return _by_all(record, party, body)
    changed: dict[str, Any] = {"stage": body.stage.value}
    if body.ended_on is not None:
        changed["ended_on"] = body.ended_on.isoformat()
    return changed


def _by_all(record: Record, party: str, body: StageChanged) -> dict[str, Any]:
    """Take one party's word for a stage that opens provision; with the last one, on the latest day, it is reached."""
    recorded: dict[str, Any] = record.body.get("recorded", {})
    words = {**recorded.get(body.stage.value, {}), party: body.effective_on.isoformat()}
    changed: dict[str, Any] = {"recorded": {**recorded, body.stage.value: words}}
    if set(record["parties"]) <= set(words):
        changed["stage"] = body.stage.value
        if body.stage is Stage.IN_FORCE:
            changed["in_force_on"] = max(words.values())
    return changed


def _apply_note(record: Record, party: str, body: NotesExchanged) -> dict[str, Any]:
    """Enter a note; with the last one the agreement has its notes exchanged.

    Where notes fix the day it is in force from the latest day that any of them names, else a stage of its own
    brings it into force; what was provided provisionally goes on meanwhile.
    """
    stage = Stage(record["stage"])
    if stage not in (Stage.SIGNED, Stage.PROVISIONAL):
        if party in record["notes"]:
            return {}
        raise OutOfOrder("agreement.note-early", "notes follow signature", hint="record the signature first")
    note = {"on": body.noted_on.isoformat(), "reference": body.reference}
    if body.in_force_on is not None:
        note["in_force_on"] = body.in_force_on.isoformat()
    notes = {**record["notes"], party: note}
    changed: dict[str, Any] = {"notes": notes}
    if set(record["parties"]) <= set(notes):
        days = [one["in_force_on"] for one in notes.values() if "in_force_on" in one]
        if days:
            changed |= {"in_force_on": max(days), "stage": Stage.IN_FORCE.value}
        elif stage is Stage.SIGNED:
            changed["stage"] = Stage.NOTES_EXCHANGED.value
    return changed


def _apply_readiness(record: Record, party: str, body: ReadinessFound) -> dict[str, Any]:
    """Enter a finding; the newest of a party on a party is the one that counts."""
    finding = readiness_to_json(Readiness(
        by_party=parse_party_id(party), of_party=body.of_party, level=body.level, found_at=body.found_at,
        withdrawn_at=body.withdrawn_at,
    ))
    kept = [one for one in record["readiness"] if (one["by_party"], one["of_party"]) != (party, body.of_party)]
    return {"readiness": [*kept, finding]}


def _apply_link(record: Record, party: str, body: LinkApproved) -> dict[str, Any]:
    """Enter an approval; the newest of a party for a link is the one that counts."""
    approval = link_approval_to_json(LinkApproval(
        link=body.link.value, party=parse_party_id(party), level=body.level, reference=body.reference,
        approved_at=body.approved_at, withdrawn_at=body.withdrawn_at,
    ))
    kept = [one for one in record["links"] if (one["party"], one["link"]) != (party, body.link.value)]
    return {"links": [*kept, approval]}


_APPLY: Final[dict[type, Any]] = {
    StageChanged: _apply_stage, NotesExchanged: _apply_note, ReadinessFound: _apply_readiness,
    LinkApproved: _apply_link,
}
