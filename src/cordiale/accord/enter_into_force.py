"""Enter into force: stages, notes, readiness and links, each a recorded act of a competent authority.

No stage implies another: an agreement may be in force while nothing can be
provided, because readiness or a link is missing. What a partner's authority
does arrives as its node's signed message.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.link_approved import Link, LinkApproved
from cordiale.message.bodies.notes_exchanged import NotesExchanged
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.model.agreement import LinkApproval, Readiness, Stage
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import (
    AGREEMENT,
    OPEN_STAGES,
    end_by_notice,
    is_profile_signed,
    require_shared,
    stage_of,
    standing_of,
)
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.layers import levels_of
from cordiale.rules.offices import OfficialAct
from cordiale.wire.agreement_json import link_approval_to_json, readiness_to_json
from cordiale.wire.person_json import parse_day, parse_level_ref
from cordiale.wire.profile_json import profile_from_json

_NEXT: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.IN_PRINCIPLE: frozenset({Stage.INITIALLED, Stage.SIGNED}),
    Stage.INITIALLED: frozenset({Stage.SIGNED}),
    Stage.SIGNED: frozenset({Stage.PROVISIONAL}),
    Stage.NOTES_EXCHANGED: frozenset({Stage.PROVISIONAL, Stage.IN_FORCE}),
    Stage.PROVISIONAL: frozenset({Stage.IN_FORCE, Stage.SUSPENDED, Stage.TERMINATED}),
    Stage.IN_FORCE: frozenset({Stage.SUSPENDED, Stage.TERMINATED}),
}
"""What an agreement may become. A suspension and a notice of termination stand beside the stage, and end no other."""

_NOTED_IN: Final = (Stage.SIGNED, Stage.PROVISIONAL)
_UNOPENED: Final = frozenset({Stage.SIGNED, Stage.NOTES_EXCHANGED})


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
    return _by_authority(registry, request, (agreement, OfficialAct.SIGN_PROFILE), body, _give_note)


def find_readiness(registry: Registry, request: Request) -> Answer:
    """Record our finding that a party can protect information up to a level of its scheme, or that it no longer can."""
    fields = request.act.fields()
    agreement, now = fields.text("agreement"), registry.now()
    body = ReadinessFound(
        of_party=parse_party_id(fields.text("of_party")), level=parse_level_ref(fields.text("level")),
        article=fields.text("article"), found_at=now, withdrawn_at=_withdrawn(fields, now),
    )
    fields.end()
    _require_level(registry, agreement, body.of_party, body.level)
    return _by_authority(registry, request, (agreement, OfficialAct.FIND_READINESS), body, _apply_readiness)


def approve_link(registry: Registry, request: Request) -> Answer:
    """Record our approval of a link up to a level of our own scheme, or its withdrawal, and send it."""
    fields = request.act.fields()
    agreement, now = fields.text("agreement"), registry.now()
    body = LinkApproved(
        link=fields.choice("link", Link), level=parse_level_ref(fields.text("level")),
        reference=fields.text("reference"), approved_at=now, withdrawn_at=_withdrawn(fields, now),
    )
    fields.end()
    _require_level(registry, agreement, registry.party, body.level)
    return _by_authority(registry, request, (agreement, OfficialAct.APPROVE_LINK), body, _apply_link)


def _withdrawn(fields: Fields, now: datetime) -> datetime | None:
    return now if fields.has("withdraw") and fields.boolean("withdraw") else None


def _require_level(registry: Registry, agreement: str, party: PartyId, level: LevelRef) -> None:
    """Refuse a level that is none of `party` under the agreement: it would be recorded, and never count."""
    record = registry.record(AGREEMENT, agreement)
    if record is not None and level not in levels_of(profile_from_json(record["profile"]), party):
        raise Malformed(
            "agreement.level-unknown", "{level} is not a level of {party} under this agreement",
            hint="write SCHEME:LEVEL as `cordiale agreement show` lists it", level=str(level), party=party,
        )


def take_accord(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take what a partner's authority did with the agreement, as its node tells us."""
    record = require_shared(session.get(AGREEMENT, arrived.message.agreement), arrived.partner.party)
    body = arrived.message.body
    apply = _APPLY.get(type(body))
    if apply is None:
        raise Malformed("agreement.other", "this message says nothing of an agreement", hint="report this as a defect")
    session.change(record, **apply(record, arrived.partner.party, body, session.at.date()))


def _by_authority(
    registry: Registry, request: Request, what: tuple[str, OfficialAct], body: Body, apply: Any
) -> Answer:
    agreement, act = what

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, act))
        record = session.require(AGREEMENT, agreement)
        changed = session.change(record, **apply(record, registry.party, body, session.at.date()))
        for party in record["parties"]:
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                post(registry, session, Letter(
                    partner=partner, body=body, agreement=agreement, version=record["profile"]["version"],
                ))
        end = changed.body.get("ended_on", changed.body.get("left", {}).get(registry.party))
        ended = {"ended_on": end} if end is not None else {}
        return {"agreement": agreement, "stage": stage_of(changed, session.at.date()).value, **ended}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def _apply_stage(record: Record, party: str, body: StageChanged, on: date) -> dict[str, Any]:
    """Return what changes when `party` records a stage on the day `on`.

    What opens provision (provisional, in force) takes every party's word; what closes it (suspension, end)
    takes one. A suspension is lifted only by the party whose it is, by naming the stage the agreement stands at.
    A notice of termination changes nothing but the day on which provision stops for who gives it.
    """
    current = standing_of(record, on)
    suspensions: dict[str, Any] = record.body.get("suspensions", {})
    is_lifting = body.stage is current and party in suspensions
    if (is_lifting or body.stage is Stage.PROVISIONAL) and body.effective_on > on:
        raise OutOfOrder(
            "agreement.stage-early", "{stage} from {day} is recorded on that day: it opens the agreement at once",
            hint="record it again on the day", stage=body.stage.value, day=body.effective_on.isoformat(),
        )
    if is_lifting:
        return _suspended_from(record, party, _lifted(suspensions[party], tuple(map(str, body.levels))), on)
    if body.stage is current:
        return {}
    if body.stage not in _next(record, current):
        raise _not_next(current, body.stage)
    if body.stage in (Stage.SUSPENDED, Stage.TERMINATED):
        return _close(record, party, body, on)
    if body.stage is Stage.SIGNED and not is_profile_signed(record.body):
        raise OutOfOrder(
            "agreement.profile-unsigned", "not every authority has signed the implementing profile",
            hint="have it signed first: `cordiale agreement sign`",
        )
    return _by_all(record, party, body, on) if body.stage in OPEN_STAGES else {"stage": body.stage.value}


def _take_stage(record: Record, party: str, body: StageChanged, on: date) -> dict[str, Any]:
    """Enter what a partner says of the stage; what only closes also before what opened it there has come here.

    What opens it again waits then: whether it lifts a suspension is told by the stage the agreement stands at.
    """
    current = standing_of(record, on)
    if current in _UNOPENED and body.stage in (Stage.SUSPENDED, Stage.TERMINATED):
        return _close(record, party, body, on)
    if current in _UNOPENED and body.stage in OPEN_STAGES and party in record.body.get("suspensions", {}):
        raise _not_next(current, body.stage)
    return _apply_stage(record, party, body, on)


def _not_next(current: Stage, stage: Stage) -> OutOfOrder:
    return OutOfOrder(
        "agreement.stage", "an agreement that is {current} does not become {stage}",
        hint="record the stages in their order", current=current.value, stage=stage.value,
    )


def _close(record: Record, party: str, body: StageChanged, on: date) -> dict[str, Any]:
    """Return what changes when `party` suspends, or gives notice for a day."""
    if body.ended_on is not None:
        return end_by_notice(record.body, party, body.ended_on)
    changed = _suspended_from(record, party, [str(level) for level in body.levels], on)
    return {**changed, "suspended_under": {**changed["suspended_under"], party: body.article}}


def _lifted(suspended: list[str], levels: tuple[str, ...]) -> list[str] | None:
    """Return what is left of the levels `suspended` without `levels`; None where nothing is, or where it names none."""
    if levels and not suspended:
        raise OutOfOrder(
            "agreement.suspended-whole", "the whole agreement is suspended, and no level of it alone is taken up again",
            hint="lift the suspension, or suspend only the other levels",
        )
    return [level for level in suspended if level not in levels] or None if levels else None


def _suspended_from(record: Record, party: str, levels: list[str] | None, on: date) -> dict[str, Any]:
    """Return what changes when `party` suspends these `levels` from now on: all where it names none, None for nothing.

    Where it takes anything up again by that, also by suspending less than before, the day is kept for it.
    """
    suspensions: dict[str, Any] = record.body.get("suspensions", {})
    before = suspensions.get(party)
    others = {name: one for name, one in suspensions.items() if name != party}
    suspended = others | ({party: levels} if levels is not None else {})
    under: dict[str, str] = record.body.get("suspended_under", {})
    changed = {
        "suspended_under": {name: one for name, one in under.items() if name in suspended}, "suspensions": suspended,
    }
    if before is None or levels == [] or (before and levels is not None and set(before) <= set(levels)):
        return changed
    return changed | {"resumed_on": {**record.body.get("resumed_on", {}), party: on.isoformat()}}


def _next(record: Record, current: Stage) -> frozenset[Stage]:
    """Return the stages that may follow; one that enters into force by signature asks for no notes."""
    if current is Stage.SIGNED and not record["profile"]["entry_requires_notes"]:
        return _NEXT[current] | {Stage.IN_FORCE}
    return _NEXT[current]


def _by_all(record: Record, party: str, body: StageChanged, on: date) -> dict[str, Any]:
    """Take one party's word for a stage that opens provision; with the last one, on the latest day, it is reached."""
    recorded: dict[str, Any] = record.body.get("recorded", {})
    words = {**recorded.get(body.stage.value, {}), party: body.effective_on.isoformat()}
    changed: dict[str, Any] = {"recorded": {**recorded, body.stage.value: words}}
    if set(record["parties"]) <= set(words):
        if body.stage is Stage.IN_FORCE:
            return changed | _in_force_from(max(words.values()), standing_of(record, on))
        changed["stage"] = body.stage.value
    return changed


def _in_force_from(day: str, current: Stage) -> dict[str, Any]:
    """Return what changes when an agreement is in force from `day`; what is provisional stays so until then."""
    return {"in_force_on": day} | ({} if current is Stage.PROVISIONAL else {"stage": Stage.IN_FORCE.value})


def _give_note(record: Record, party: str, body: NotesExchanged, on: date) -> dict[str, Any]:
    """Enter our own note; it may be given anew until the last note of another party has come."""
    if standing_of(record, on) not in _NOTED_IN and party in record["notes"]:
        raise OutOfOrder(
            "agreement.notes-given", "the notes have been exchanged", hint="look at `cordiale agreement show`"
        )
    return _apply_note(record, party, body, on)


def _apply_note(record: Record, party: str, body: NotesExchanged, on: date) -> dict[str, Any]:
    """Enter a note; with the last one the agreement has its notes exchanged.

    Where every note fixes the day it is in force from the latest of them. Where one leaves it open the others do
    not fix it for that party: a stage of its own, by the word of all, brings the agreement into force. What was
    provided provisionally goes on meanwhile. Of one party the newest note counts, also where it crossed the last one.
    """
    stage = standing_of(record, on)
    if stage not in _NOTED_IN:
        if party not in record["notes"]:
            raise OutOfOrder("agreement.note-early", "notes follow signature", hint="record the signature first")
        if set(record["parties"]) <= set(record.body.get("recorded", {}).get(Stage.IN_FORCE.value, ())):
            return {}
    note = {"on": body.noted_on.isoformat(), "reference": body.reference}
    if body.in_force_on is not None:
        note["in_force_on"] = body.in_force_on.isoformat()
    notes = {**record["notes"], party: note}
    changed: dict[str, Any] = {"notes": notes}
    if set(record["parties"]) <= set(notes):
        days = [one.get("in_force_on") for one in notes.values()]
        if all(days):
            changed |= _in_force_from(max(days), stage)
        elif stage is not Stage.PROVISIONAL:
            changed |= {"in_force_on": None, "stage": Stage.NOTES_EXCHANGED.value}
    return changed


def _apply_readiness(record: Record, party: str, body: ReadinessFound, _: date) -> dict[str, Any]:
    """Enter a finding; the newest of a party on a party is the one that counts."""
    finding = readiness_to_json(Readiness(
        by_party=parse_party_id(party), of_party=body.of_party, level=body.level, found_at=body.found_at,
        withdrawn_at=body.withdrawn_at,
    ))
    kept = [one for one in record["readiness"] if (one["by_party"], one["of_party"]) != (party, body.of_party)]
    return {"readiness": [*kept, finding]}


def _apply_link(record: Record, party: str, body: LinkApproved, _: date) -> dict[str, Any]:
    """Enter an approval; the newest of a party for a link is the one that counts."""
    approval = link_approval_to_json(LinkApproval(
        link=body.link.value, party=parse_party_id(party), level=body.level, reference=body.reference,
        approved_at=body.approved_at, withdrawn_at=body.withdrawn_at,
    ))
    kept = [one for one in record["links"] if (one["party"], one["link"]) != (party, body.link.value)]
    return {"links": [*kept, approval]}


_APPLY: Final[dict[type, Any]] = {
    StageChanged: _take_stage, NotesExchanged: _apply_note, ReadinessFound: _apply_readiness,
    LinkApproved: _apply_link,
}
