"""A partner changes the level of an item that we have, or answers for its copies of one of ours.

What arrives is held against our own books: the item must have come from the
sender, and a copy it answers for must be one that it was given. Of everything
else the sender is told the same.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_instant, parse_instant
from cordiale.errors import Malformed, OutOfOrder, Refused, Unavailable, Unverified, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.level_change import LevelChange
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.model.decision import decision_of
from cordiale.model.level import LevelOutcome
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import discharge
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.level_against import list_joint_reasons, raised_by, would_fall
from cordiale.records.level_beside import tell_third_parties
from cordiale.records.level_copies import LEVEL_ANSWER, answer, each_copy, finish
from cordiale.records.level_issue import list_notices
from cordiale.records.levels import (
    DONE,
    LEVEL_CHANGE,
    LEVEL_NOTICE,
    LEVEL_TOLD,
    MARKING,
    SUPERSEDED,
    WORKING,
    change_body,
    change_of,
    changes_for,
    in_effect,
    record_id,
    supersede,
    take_effect,
    wait_for_day,
)
from cordiale.records.lineage import original_number
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.rehomings import stands_under
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.topology import open_offices, unit_of
from cordiale.rules.level import is_above, kind_of, list_notice_reasons
from cordiale.rules.offices import OfficialAct
from cordiale.rules.topology import answering, list_keeper_reasons


def take_level_change(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take the originator's change of level: now or on its day it takes effect here, copy by copy.

    Of two changes the later issue holds; an earlier one that comes late is answered so and changes nothing.
    """
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, LevelChange):
        raise Malformed("level.other", "this is not a change of level", hint="report this as a defect")
    item = _require_theirs(session, arrived, body)
    id = record_id(party, body.change)
    known = session.get(LEVEL_CHANGE, id)
    if known is not None:
        if change_of(known) != body:
            raise Unverified(
                "level.other-change", "a change of this name was received before, and was another one",
                hint="nothing was changed; report it to the security officer",
            )
        return
    _require_sound(registry, session, arrived, item)
    record = session.put(LEVEL_CHANGE, id, change_body(
        body, issuer=party, agreement=arrived.message.agreement, direction="in",
    ), expect=0)
    changes = changes_for(session, body.item)
    if changes[-1].id != id:
        holds = in_effect(changes, session.at)
        if item is not None and holds is not None and holds.id == id:
            take_effect(registry, session, record)
        else:
            session.change(record, state=SUPERSEDED, superseded_by=changes[-1].id)
        at = session.at.replace(microsecond=0)
        answer(registry, session, record, LevelChangeDone(body.change, LevelOutcome.SUPERSEDED, at))
        return
    supersede(registry, session, record)
    tell_third_parties(registry, session, record)
    if item is not None and body.effective_at <= session.at:
        take_effect(registry, session, record)
    else:
        wait_for_day(registry, session, record)


def _require_theirs(session: ActSession, arrived: Arrived, body: LevelChange) -> Record | None:
    """Return the item, None while it is held and not registered; whoever did not send it is told of neither."""
    party = arrived.partner.party
    item = session.get(ITEM, body.item)
    agreement = arrived.message.agreement
    if item is not None and item["origin_party"] == party and stands_under(session, item, agreement):
        return item
    is_held = item is None and any(
        one["direction"] == "in" and one["party"] == party and one["agreement"] == agreement
        and any(held["item"] == body.item for held in one["items"])
        for one in session.each("consignment", "state", "held")
    )
    if not is_held:
        raise Unverified(
            "level.item-not-there", "the partner changes the level of an item that never came from it",
            hint="nothing was changed; tell the security officer",
        )
    return None


def _require_sound(registry: Registry, session: ActSession, arrived: Arrived, item: Record | None) -> None:
    """Raise unless the change is one that its originator can make: its own scheme, its own direction, in time."""
    body = arrived.message.body
    if not isinstance(body, LevelChange):
        return
    known = changes_for(session, body.item)
    same = [one for one in known if one["issue"] == body.issue]
    scheme = label_of(item).level.scheme if item is not None else body.before.scheme
    index = load_index(session.reads, arrived.message.agreement, registry.party)
    kind, raised = kind_of(body.before, body.after, index.scheme(scheme)), raised_by(body)
    is_lower = raised is not None and is_above(index.scheme(scheme), raised, body.before) is False
    if same or is_lower or body.before.scheme != scheme or kind not in (None, body.kind):
        raise _not_sound()
    if would_fall(item, body, scheme=index.scheme(scheme), at=session.at, others=known):
        _require_all_before(body, {int(one["issue"]) for one in known})
    if item is not None:
        require_allowed(decision_of("change-level", list_joint_reasons(registry, session, item, body)))
    if _is_told_beside(session, arrived, body):
        return
    notices = list_notices(index, arrived.partner.party, body.issued_at.date())
    against = tuple(list_notice_reasons(notices, body.effective_at.date()))
    if against:
        raise Refused(decision_of("change-level", against))


def _is_told_beside(session: ActSession, arrived: Arrived, body: LevelChange) -> bool:
    """Tell whether the change was issued before anything of its item was sent to us: then it came beside it.

    The notice is for who has it already.
    """
    names = {str(one.body.get("consignment")) for one in session.each(COPY, "item", body.item)}
    copies = [session.get("consignment", name) for name in sorted(names)]
    sent = [
        one.body.get("sent_at") for one in (*copies, *session.each("consignment", "state", "held"))
        if one is not None and one["direction"] == "in" and one["party"] == arrived.partner.party
        and any(held["item"] == body.item for held in one["items"])
    ]
    return bool(sent) and all(at is not None and body.issued_at < parse_instant(at) for at in sent)


def _require_all_before(body: LevelChange, known: set[int]) -> None:
    """Refuse a raised handling that is a lower one, once every earlier issue has come: one may have ended the higher.

    Raises `Unavailable` while one has not.
    """
    missing = body.issue - 1 - sum(one < body.issue for one in known)
    if missing > 0:
        raise Unavailable(
            "intake.waits", "the message waits for {count} others on the same item", hint="it is taken after them",
            count=missing,
        )
    raise _not_sound()


def _not_sound() -> Unverified:
    return Unverified(
        "level.not-sound", "the change names another scheme or direction than its item has, or a number twice",
        hint="nothing was changed; ask the originating party what it means",
    )


def take_level_change_done(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take a partner's answer for its copies of an item of ours; they are gone through by the node."""
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, LevelChangeDone):
        raise Malformed("level.other", "this is not an answer to a change of level", hint="report this as a defect")
    told = session.get(LEVEL_TOLD, f"{body.change}.{party.lower()}")
    is_false = told is not None and body.outcome is LevelOutcome.SUPERSEDED and not _told_later(session, told)
    if told is None or told["agreement"] != arrived.message.agreement or is_false:
        raise Unverified(
            "level.change-unknown", "the partner answers for a change of level that it was never told of",
            hint="nothing was changed; tell the security officer",
        )
    unknown = {*body.done, *body.pending} - set(told["copies"])
    if unknown:
        unknown -= {
            original_number(told["item"], copy.id) for copy in session.each(COPY, "item", told["item"])
            if copy["party"] == party
        }
    if unknown:
        raise Unverified(
            "copy.not-with-partner", "the partner speaks of a copy that it does not have",
            hint="nothing was changed; ask the partner which copy it means",
        )
    session.put(LEVEL_ANSWER, arrived.message.id, {
        "agreement": told["agreement"], "answered_at": encode_instant(min(body.answered_at, session.at)),
        "done": list(body.done), "item": told["item"], "outcome": body.outcome.value, "pending": list(body.pending),
        "state": WORKING, "told": told.id,
    }, expect=0)


def _told_later(session: ActSession, told: Record) -> bool:
    """Tell whether the party of `told` was told of a later change of the item, which can have taken the place of this.
    """
    issue = int(session.require(LEVEL_CHANGE, told["change"])["issue"])
    later = (one for one in changes_for(session, told["item"]) if int(one["issue"]) > issue)
    return any(session.get(LEVEL_TOLD, f"{one['change']}.{told['party'].lower()}") is not None for one in later)


def mark_copies(registry: Registry, request: Request) -> Answer:
    """Enter that the old mark was struck on things of an item, and the new one put beside it, by this registrar.

    Without `copies` it is said of all that lie at a registry where this registrar serves; what lies at another registry
    of ours is marked there. When none is left, the originator of a foreign item is told.
    """
    fields = request.act.fields()
    item_id = fields.text("item")
    numbers = set(_numbers(fields.optional_array("copies", max_count=COPIES_COUNT_MAX)))
    fields.end()
    found = registry.record(ITEM, item_id)
    log = found.body.get("agreement", INTERNAL) if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REGISTER))
        item = session.require(ITEM, item_id)
        marks = item.body.get("marks", [])
        change = session.require(LEVEL_CHANGE, str(marks[-1]["change"])) if marks else None
        if change is None or change["state"] != MARKING:
            raise OutOfOrder("level.nothing-to-mark", "no copy of this item waits to be marked",
                             hint="look at `cordiale level list`")
        root = change["item"]
        waiting = [
            copy for copy in each_copy(session, root)
            if copy.body.get("level_change") == change.id and copy["party"] == registry.party
            and not copy["level_done"] and (not numbers or original_number(root, copy.id) in numbers)
        ]
        if numbers - {original_number(root, copy.id) for copy in waiting}:
            raise OutOfOrder("level.not-waiting", "one of these copies does not wait to be marked",
                             hint="look at `cordiale level list`")
        waiting = _in_reach(session, actor, waiting, is_named=bool(numbers))
        for copy in waiting:
            session.change(copy, level_done=True, marked_at=shown_at(session.at), marked_by=actor.id)
        _enter_marked(session, item, change, actor)
        finish(registry, session, change)
        return {"copies": [copy.id for copy in waiting], "item": item_id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.REGISTER)
    return commit_personal(registry, request, hidden, log=log, subject=item_id)


def _in_reach(session: ActSession, actor: Person, waiting: list[Record], *, is_named: bool) -> list[Record]:
    """Return those of `waiting` that lie where `actor` serves; raises `Refused` for none, or for one that was named."""
    offices = open_offices(session)
    against = {
        copy.id: list_keeper_reasons(actor.id, answering(offices, unit_of(session, copy.id)) if offices else None)
        for copy in waiting
    }
    found = [copy for copy in waiting if not against[copy.id]]
    if len(found) < len(waiting) and (is_named or not found):
        require_allowed(decision_of("mark", (reason for one in against.values() for reason in one)))
    return found


def _numbers(listed: list[Any] | None) -> list[int]:
    numbers = listed or []
    if any(not isinstance(one, int) or isinstance(one, bool) for one in numbers):
        raise Malformed("level.copies", "the copies are not named by their numbers", hint="give numbers such as 1 2 5")
    return numbers


def _enter_marked(session: ActSession, item: Record, change: Record, actor: Person) -> None:
    """Enter in the register by whom and when the mark was changed, and by whose decision."""
    session.put(ENTRY, f"marked.{session.act_id}", {
        "act": "re-marked", "at": shown_at(session.at), "authority": change["authority"], "before": change["before"],
        "book": "own" if change["direction"] == "out" else item["origin_party"], "change": change.id,
        "item": item.id, "legal_basis": change["article"], "marked_by": actor.post, "number": item["reference"],
        **({"level": change["after"]} if "after" in change.body else {}),
    }, expect=0)


def note_level(registry: Registry, request: Request) -> Answer:
    """Confirm, as the holder of an item, to have taken note of its new level and struck the old mark."""
    fields = request.act.fields()
    item_id = fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        noted = [
            one for one in session.each(LEVEL_NOTICE, "holder", actor.id)
            if one["item"] == item_id and one["state"] == "open"
        ]
        if not noted:
            raise OutOfOrder("level.no-notice", "you were told of no change of level that waits for your word",
                             hint="look at `cordiale duties`")
        for one in noted:
            session.change(one, noted_at=shown_at(session.at), state=DONE)
            discharge(session, f"level-notice.{one.id}", f"{session.log} {session.index}")
        return {"item": item_id, "noted": len(noted)}

    return commit_personal(registry, request, hide_from_strangers(item_id, run), subject=item_id)


def told_third_party(registry: Registry, request: Request) -> Answer:
    """Enter that a third party was told of a change of level, by the one who passed the item on to it."""
    fields = request.act.fields()
    item_id, party, reference = fields.text("item"), fields.text("party"), fields.text("reference")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        session.require(ITEM, item_id)
        duties = [
            one for one in session.each("duty", "subject", item_id)
            if one["state"] == "open" and one["what"] == "tell-level" and one.id.endswith(f"/{party}")
        ]
        if not duties:
            raise OutOfOrder("level.nobody-to-tell", "that party is not owed word of a change of level",
                             hint="look at `cordiale duties`")
        for one in duties:
            discharge(session, one.id, reference)
        return {"item": item_id, "party": party}

    return commit_personal(
        registry, request, hide_from_strangers(item_id, run, OfficialAct.DISPATCH), subject=item_id
    )
