"""Change of level: proposed by one person, confirmed by another for the originator, and told to every partner.

An event or a date never changes a level by itself: it lets somebody propose. Of
a joint product every other originator must have consented. Whoever holds a copy
is told by one message, which names the item and no copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.message.bodies.level_change import LevelChange
from cordiale.message.members import read_line
from cordiale.model.agreement import Act
from cordiale.model.decision import Decision, decision_of
from cordiale.model.label import LevelRef, Trigger, TriggerKind
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ItemId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import ConsentSought, consents_for, note_use, used_of
from cordiale.records.folders import list_change_reasons
from cordiale.records.items import ITEM, facts_of, require_own
from cordiale.records.labels import label_of, raised_handling_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.level_against import raised_by
from cordiale.records.level_issue import agreements_away, change_by_consent, issue_all, notices_for
from cordiale.records.levels import PENDING, changes_for
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.records.successions import rights_of
from cordiale.rules.level import LevelRequest, decide_level_change, is_above, kind_of, purpose_of_change
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.wire.person_json import parse_day, parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for

PROPOSAL: Final = "level-proposal"
_DECLASSIFIED: Final = "declassified"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a proposal asks for: `to` a level (None: declassified) under `article`, from the day `on` where one is set.

    `event` is what the label names, where it is the label that lets anybody propose. `handle_as` asks for higher
    handling, which leaves the level as it is.
    """

    item: str
    event: str
    to: LevelRef | None
    article: str
    on: date | None
    handle_as: LevelRef | None = None


def _read(fields: Fields) -> _Wanted:
    item, event = fields.text("item"), fields.optional_text("event") or ""
    to, on = fields.optional_text("to") or "", fields.optional_text("on")
    handling = fields.optional_text("handle_as") or ""
    article = read_line(fields, "article") if fields.has("article") else ""
    fields.end()
    if [bool(event), bool(to), bool(handling)].count(True) != 1 or bool(event) is bool(article):
        raise Malformed(
            "level.proposal", "name the event of the label, or the new level and the provision it changes under",
            hint="repeat with --event, or with --to or --handle-as, and --article",
        )
    level = parse_level_ref(to) if to and to != _DECLASSIFIED else None
    return _Wanted(item, event, level, article, parse_day(on) if on else None,
                   parse_level_ref(handling) if handling else None)


def propose_change(registry: Registry, request: Request) -> Answer:
    """Propose that the level of an item of ours changes.

    Whoever knows the item may propose what its label names: an event that has happened, a day that has come. Anything
    else only an originator proposes.
    """
    wanted = _read(request.act.fields())

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_LEVEL))
        known = require_known(session, actor, session.require(ITEM, wanted.item), OfficialAct.PROPOSE_LEVEL)
        item = _require_changed_here(registry, session, known)
        article = wanted.article
        if wanted.event:
            trigger = _require_trigger(item, wanted.event, session.at.date())
            article = f"{trigger.kind.value}: {trigger.event or trigger.on}"
        else:
            require_allowed(decide_office_now(session, actor, OfficialAct.LABEL))
        body = {
            "article": article, "event": wanted.event, "item": wanted.item, "proposal": request.act.id,
            "proposed_at": shown_at(session.at), "proposed_by": actor.id, "state": "proposed",
        }
        if wanted.to is not None:
            body["to"] = str(wanted.to)
        if wanted.handle_as is not None:
            body["handle_as"] = str(wanted.handle_as)
        if wanted.on is not None:
            body["on"] = wanted.on.isoformat()
        require_allowed(_decide(registry, session, item, _request(registry, session, item, body)))
        session.put(PROPOSAL, wanted.item, body)
        return {"event": wanted.event, "item": wanted.item, "proposal": request.act.id, "state": "proposed"}

    hidden = hide_from_strangers(wanted.item, run, OfficialAct.PROPOSE_LEVEL)
    return commit_personal(registry, request, hidden, subject=wanted.item)


def _require_changed_here(registry: Registry, books: Books, item: Record) -> Record:
    """Return `item` when its level is changed at this node: our own, or one whose originator has been replaced."""
    return item if rights_of(books, item["origin_party"]) is not None else require_own(registry, item)


def _require_trigger(item: Record, event: str, today: date) -> Trigger:
    trigger = label_of(item).trigger
    if trigger is None or (trigger.kind is TriggerKind.EVENT and trigger.event != event):
        raise OutOfOrder(
            "level.no-trigger", "the label of this item names no such event",
            hint="only the originator can change a level without one",
        )
    if trigger.kind is TriggerKind.DATE and trigger.on is not None and today < trigger.on:
        raise OutOfOrder(
            "level.too-early", "the label of this item ends on {day}, which has not come", hint="wait for the day",
            day=trigger.on.isoformat(),
        )
    return trigger


def _request(registry: Registry, session: ActSession, item: Record, proposal: dict[str, Any]) -> LevelRequest:
    """Return what is to be decided: the proposal, on the item as it stands now."""
    facts, label = facts_of(registry, session, item), label_of(item)
    today = session.at.date()
    handling = parse_level_ref(proposal["handle_as"]) if "handle_as" in proposal else None
    waiting = [one["kind"] for one in changes_for(session, item.id) if one["state"] == PENDING]
    return LevelRequest(
        item=ItemId(item.id), label=label, holder=registry.party, handle_as=handling,
        # Of two changes the later holds: a level and a handling that are to hold both never wait beside each other.
        has_waiting=bool(waiting) if handling is not None else LevelChangeKind.HANDLING_RAISED in waiting,
        after=parse_level_ref(proposal["to"]) if "to" in proposal else label.level if handling is not None else None,
        on=date.fromisoformat(proposal["on"]) if "on" in proposal else today,
        scheme=schemes_for(registry.mode, load_schemes()).get(label.level.scheme),
        is_declassified="declassified_at" in item.body,
        joint_originators=facts.joint_originators, consents=facts.consents,
        notices=notices_for(registry, session, item), used=used_of(session, facts.consents),
        is_replaced=label.originator != registry.party and rights_of(session, label.originator) is not None,
    )


def _decide(registry: Registry, session: ActSession, item: Record, wanted: LevelRequest) -> Decision:
    """Decide on a change, of a folder with what lies in it in view: it is never brought below that."""
    decision = decide_level_change(wanted, now=session.at)
    to = replace(
        wanted.label, level=wanted.after, handle_as=wanted.handle_as or wanted.label.handle_as
    ) if wanted.after is not None else None
    return decision_of(decision.act, [*decision.reasons, *list_change_reasons(registry, session, item, to)],
                       obligations=decision.obligations)


def confirm_change(registry: Registry, request: Request) -> Answer:
    """Confirm or decline, for the originator, a proposed change of level; every partner with a copy is told.

    It is decided again on what is true now. Raises `Refused` with every reason.
    """
    fields = request.act.fields()
    item_id, proposal_id = fields.text("item"), fields.text("proposal")
    declined = fields.boolean("decline") if fields.has("decline") else False
    fields.end()
    away = agreements_away(registry.books(), item_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        proposal = session.require(PROPOSAL, item_id)
        item = _require_changed_here(registry, session, session.require(ITEM, item_id))
        done = (ActDone(proposal["proposed_by"], OfficialAct.PROPOSE_LEVEL),)
        office = decide_office_now(session, actor, OfficialAct.CONFIRM_LEVEL, done=done)
        require_allowed(office)
        if proposal["state"] != "proposed" or proposal["proposal"] != proposal_id:
            raise OutOfOrder("level.settled", "this proposal was answered before", hint="nothing was changed")
        answered = {"answered_at": shown_at(session.at), "answered_by": actor.id}
        if declined:
            session.change(proposal, **answered, state="declined")
            return {"item": item_id, "state": "declined"}
        wanted = _request(registry, session, item, proposal.body)
        require_allowed(decision_of("level.confirm", _decide(registry, session, item, wanted).reasons))
        wanted = replace(wanted, handle_as=_handling(wanted, item))
        change = _change(registry, session, wanted, (proposal["article"], actor))
        told = _carry_out(registry, session, item, change)
        session.change(proposal, **answered, change=change.change, state="confirmed")
        return {
            "change": change.change, "effective_on": change.effective_at.date().isoformat(), "item": item_id,
            "state": "confirmed", "told": told,
        }

    hidden = hide_from_strangers(item_id, run, OfficialAct.CONFIRM_LEVEL)
    log = away[0] if len(away) == 1 else INTERNAL
    return commit_personal(registry, request, hidden, log=log, subject=item_id)


def _handling(wanted: LevelRequest, item: Record) -> LevelRef | None:
    """Return the handling that the change raises, or that goes on beside the new level, being above it."""
    going_on = raised_handling_of(item)
    if wanted.after is None or wanted.handle_as is not None or going_on is None:
        return wanted.handle_as
    return None if is_above(wanted.scheme, going_on, wanted.after) is False else going_on


def _carry_out(registry: Registry, session: ActSession, item: Record, change: LevelChange) -> list[str]:
    """Issue the change of an own item; let that of another's take effect here, under the consents it rests on."""
    if item["origin_party"] == registry.party:
        return issue_all(registry, session, item, change)
    sought = ConsentSought(Act.CHANGE_LEVEL, purpose_of_change(change.after, raised_by(change)))
    used = note_use(session, consents_for(session, item, sought, holder=registry.party))
    change_by_consent(registry, session, item, (change, used))
    return []


def _change(
    registry: Registry, session: ActSession, wanted: LevelRequest, by: tuple[str, Person]
) -> LevelChange:
    """Return the change as it is issued: at once, or from the first moment of its day."""
    article, authority = by
    now = session.at.replace(microsecond=0)
    kind = kind_of(wanted.label.level, wanted.after, wanted.scheme) or LevelChangeKind.UPGRADED
    return LevelChange(
        change=registry.fresh_id("level"), item=wanted.item,
        issue=len(changes_for(session, wanted.item)) + 1, kind=kind, before=wanted.label.level, article=article,
        authority=authority.post, issued_at=now,
        effective_at=max(now, datetime.combine(wanted.on, time(0), UTC)), after=wanted.after,
        agreed=tuple(sorted(wanted.joint_originators)), handle_as=wanted.handle_as,
    )
