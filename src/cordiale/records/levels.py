"""Changes of level in the books: issued or taken, waiting for their day, in effect on the item.

The label stays as the originator wrote it; a change is a mark beside it (`marks`
of the item), with our own equivalent derived anew. What it means for people is
worked out in the same act: who is no longer cleared has no access from there on,
and whoever holds the item is told. The copies are gone through afterwards
(`cordiale.records.level_copies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import encode_instant, parse_instant
from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ItemId, PartyId
from cordiale.records.agreements import load_index
from cordiale.records.duties import discharge, open_duty
from cordiale.records.folders import judge_folders
from cordiale.records.freezes import standing_on_entry
from cordiale.records.holdings import IN_HAND
from cordiale.records.items import COPY, ENTRY, ITEM, marking_of, need_from, view_of
from cordiale.records.labels import label_of, original_label_of
from cordiale.records.level_against import list_joint_reasons, would_fall
from cordiale.records.level_marking import end_marking
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, require_person
from cordiale.records.session import ActSession
from cordiale.records.term_duties import plan_central_entry
from cordiale.rules.access import decide_access
from cordiale.rules.equivalence import decide_equivalence, decide_handling
from cordiale.rules.joined import ANY_NUMBER, without_joined
from cordiale.wire.label_json import marking_to_json
from cordiale.wire.person_json import parse_level_ref

LEVEL_CHANGE: Final = "level-change"
LEVEL_TOLD: Final = "level-told"
LEVEL_NOTICE: Final = "level-notice"

PENDING: Final = "pending"
WORKING: Final = "working"
MARKING: Final = "marking"
DONE: Final = "done"
SUPERSEDED: Final = "superseded"
NOT_AGREED: Final = "not-agreed"
BY_CONSENT: Final = "consents"
"""The member of a change that we carry out on another's item: the consents it rests on; nobody awaits an answer."""
_OPEN: Final = (PENDING, WORKING, MARKING)


def record_id(issuer: str, change: str) -> str:
    """Return the identifier of the change that `issuer` calls `change`."""
    return f"{issuer}/{change}"


def change_body(change: LevelChange, *, issuer: str, agreement: str, direction: str) -> dict[str, Any]:
    """Return the record of a change that waits for its day."""
    body = {
        "article": change.article, "authority": change.authority, "before": str(change.before),
        "change": change.change, "direction": direction, "effective_at": encode_instant(change.effective_at),
        "issue": change.issue, "issued_at": encode_instant(change.issued_at), "issuer": issuer, "item": change.item,
        "kind": change.kind.value, "state": PENDING, "agreement": agreement,
    }
    if change.after is not None:
        body["after"] = str(change.after)
    if change.agreed:
        body["agreed"] = list(change.agreed)
    if change.handle_as is not None:
        body["handle_as"] = str(change.handle_as)
    return body


def change_of(record: Record) -> LevelChange:
    """Return the change in `record`."""
    return LevelChange(
        change=record["change"], item=ItemId(record["item"]), issue=record["issue"],
        kind=LevelChangeKind(record["kind"]), before=parse_level_ref(record["before"]), after=after_of(record),
        article=record["article"], authority=record["authority"], issued_at=parse_instant(record["issued_at"]),
        effective_at=parse_instant(record["effective_at"]),
        agreed=tuple(map(PartyId, record.body.get("agreed", ()))), handle_as=handling_of(record),
    )


def after_of(record: Record) -> LevelRef | None:
    """Return the level after the change in `record`, None when it declassifies."""
    return parse_level_ref(record["after"]) if "after" in record.body else None


def handling_of(record: Record) -> LevelRef | None:
    """Return the handling asked for beside the level after the change in `record`, None where none was since labelling.
    """
    return parse_level_ref(record["handle_as"]) if "handle_as" in record.body else None


def changes_for(session: ActSession, item: str) -> list[Record]:
    """Return every change of `item`, the latest issued last."""
    return sorted(session.each(LEVEL_CHANGE, "item", item), key=lambda one: int(one["issue"]))


def in_effect(changes: Sequence[Record], at: datetime) -> Record | None:
    """Return which of `changes`, the latest issued last, holds at `at`; None where none does.

    It is the last whose moment had come when the next was issued: what waits for its day is replaced by a later issue,
    and what is in effect holds until that one's day.
    """
    until = at
    for record in reversed(changes):
        if parse_instant(record["effective_at"]) <= until:
            return record
        until = parse_instant(record["issued_at"])
    return None


def supersede(registry: Registry, session: ActSession, by: Record) -> None:
    """Let the change `by` take the place of every earlier one that still waits or is worked off.

    Where `by` waits for its day, one whose moment has come takes effect before, and what bears an older mark is marked
    for it until that day. Of an item that is not registered yet that is seen to when it is.
    """
    changes = changes_for(session, by["item"])
    holds = in_effect(changes, session.at)
    for record in changes:
        if record.id == by.id or record["state"] not in _OPEN:
            continue
        if holds is not None and holds.id == record.id and session.get(ITEM, record["item"]) is not None:
            if record["state"] == PENDING:
                take_effect(registry, session, record)
        else:
            _end(session, record, by)


def _end(session: ActSession, change: Record, by: Record) -> None:
    """Let nothing more be done for `change`, whose place `by` has taken."""
    session.change(change, by=None, copy=None, state=SUPERSEDED, superseded_by=by.id)
    discharge(session, day_duty(change.id), by.id)
    end_marking(session, change.id, by.id)
    _await_none(session, change, by)


def _replace(session: ActSession, change: Record, by: Record) -> None:
    """Let `by` take the place of what held until now."""
    if change["state"] in (WORKING, MARKING):
        _end(session, change, by)
    else:
        _await_none(session, change, by)


def _await_none(session: ActSession, change: Record, by: Record) -> None:
    """Let no partner owe an answer for `change` any more: it answers for `by`."""
    for told in session.each(LEVEL_TOLD, "change", change.id):
        discharge(session, told_duty(told.id), by.id)


def told_id(change: str, party: str) -> str:
    """Return the identifier of the record that `party` was told of `change`, by the name that its issuer gave it."""
    return f"{change}.{party.lower()}"


def day_duty(change: str) -> str:
    """Return the duty of a change that waits for its day."""
    return f"level-day.{change}"


def told_duty(told: str) -> str:
    """Return the duty of a partner to answer for the change that it was told of."""
    return f"level-change.{told}"


def wait_for_day(registry: Registry, session: ActSession, change: Record) -> None:
    """Open the duty of a change that takes effect on a later day; the node carries it out by itself."""
    open_duty(
        session, day_duty(change.id), what="level-change", owner=registry.party, subject=change["item"],
        due=parse_instant(change["effective_at"]).date(),
    )


def take_effect(registry: Registry, session: ActSession, change: Record) -> Record:
    """Put the change into effect on its item: mark, register entry, access, holders; return the change as it is now.

    Where no level of ours answers to the new one the item is frozen. An item that came under its new level already
    gets no further mark. A joint product that another originator has not consented to change stays as it is, and so
    does what would be handled as lower by a word that raises the handling; a person judges.
    """
    item = session.require(ITEM, change["item"])
    if change["direction"] == "in" and _stands_against(registry, session, item, change):
        judge(registry, session, item, change.id)
        return session.change(change, by=None, copy=None, state=NOT_AGREED)
    for earlier in changes_for(session, item.id):
        if int(earlier["issue"]) < int(change["issue"]):
            _replace(session, earlier, change)
    reasons = _mark(registry, session, item, change)
    if change["direction"] == "in":
        for derived in derived_items(session, item):
            _mark_derived(registry, session, derived, change)
    discharge(session, day_duty(change.id), f"{session.log} {session.index}")
    return session.change(change, by=None, copy=None, state=WORKING, frozen=True if reasons else None)


def _stands_against(registry: Registry, session: ActSession, item: Record, change: Record) -> bool:
    """Tell whether another originator has not consented, or the item would be handled as lower by a raised handling."""
    said = change_of(change)
    if list_joint_reasons(registry, session, item, said):
        return True
    scheme = load_index(session.reads, change["agreement"], registry.party).scheme(said.before.scheme)
    return would_fall(item, said, scheme=scheme, at=session.at)


def _mark(registry: Registry, session: ActSession, item: Record, change: Record) -> tuple[str, ...]:
    """Put the mark on one item, with all that follows at home; return why no level of ours answers to it."""
    after = after_of(change)
    marking, reasons = _derive(registry, session, item, change)
    label = label_of(item)
    asked = handling_of(change) or original_label_of(item).handle_as
    if after is None or (after, asked) != (label.level, label.handle_as):
        had = _readers(registry, session, item)
        item = session.change(item, **_marked(session, item, change, (marking, reasons)))
        _enter(session, item, change, reasons)
        _tell_holders(registry, session, item, change)
        _shut_out(registry, session, (item, change), had)
        judge_folders(registry, session, session.require(ITEM, item.id))
        plan_central_entry(registry, session, session.require(ITEM, item.id))
    return reasons


def derived_items(session: ActSession, item: Record) -> list[Record]:
    """Return the translations and extracts that were made here from the item."""
    made = {str(copy["item"]) for copy in session.each(COPY, "root", item.id)} - {item.id}
    return [record for one in sorted(made) if (record := session.get(ITEM, one)) is not None]


def _mark_derived(registry: Registry, session: ActSession, derived: Record, change: Record) -> None:
    """Let a translation or extract follow the change; one at another level of its own is for a person to judge."""
    if str(label_of(derived).level) == change["before"]:
        _mark(registry, session, derived, change)
        return
    judge(registry, session, derived, change.id)


def judge(registry: Registry, session: ActSession, derived: Record, change: str) -> None:
    """Make it due that a person judges what `change` of the whole means for a part that stands at another level."""
    open_duty(
        session, f"level-judge.{change}/{derived.id}", what="judge-level", owner=registry.party, subject=derived.id,
        due=session.at.date(),
    )


def _derive(
    registry: Registry, session: ActSession, item: Record, change: Record
) -> tuple[Marking | None, tuple[str, ...]]:
    """Return our equivalent of the new level, and the codes of the reasons where there is none."""
    after = after_of(change)
    if after is None or change["direction"] == "out":
        return None, ()
    index = load_index(session.reads, item["agreement"], registry.party)
    asked = handling_of(change) or original_label_of(item).handle_as
    label = replace(label_of(item), level=after, handle_as=asked, portions=())
    on = max(session.at, parse_instant(change["effective_at"])).date()
    decision, marking = decide_equivalence(label, registry.party, index=index, on=on)
    handling = decide_handling(label, marking.level, registry.party, rules=index, on=on)[0] if marking else ()
    return marking, tuple(reason.code for reason in (*decision.reasons, *handling))


def _marked(
    session: ActSession, item: Record, change: Record, derived: tuple[Marking | None, tuple[str, ...]]
) -> dict[str, Any]:
    """Return the members of `item` that the change replaces."""
    marking, reasons = derived
    mark: dict[str, Any] = {
        "article": change["article"], "authority": change["authority"], "before": str(label_of(item).level),
        "change": change.id, "effective_at": change["effective_at"], "kind": change["kind"],
    }
    if "after" in change.body:
        mark["after"] = change["after"]
    if "handle_as" in change.body:
        mark["handle_as"] = change["handle_as"]
    if marking is not None:
        mark["marking"] = marking_to_json(marking)
    members: dict[str, Any] = {"marks": [*item.body.get("marks", ()), mark]}
    is_end = "after" not in change.body
    # A later change holds, also over a declassification that came before it on the way and not in the issue.
    members["declassified_at"] = change["effective_at"] if is_end else None
    members["declassified_by"] = change["authority"] if is_end else None
    if reasons and item["state"] in ("registered", "frozen"):
        members |= {"frozen_for": change.id, "state": "frozen"}
    elif not reasons and "frozen_for" in item.body and item["state"] == "frozen":
        # An incident may have frozen it besides; then it stays so.
        members |= {"frozen_for": None, "state": standing_on_entry(session, item.id)}
    return members


def _enter(session: ActSession, item: Record, change: Record, reasons: tuple[str, ...]) -> None:
    """Enter the change in the register: authority, day, old and new mark."""
    is_end = "after" not in change.body
    is_handling = change["kind"] == LevelChangeKind.HANDLING_RAISED
    body: dict[str, Any] = {
        "act": "declassified" if is_end else change["kind"] if is_handling else "level-changed",
        "at": shown_at(session.at),
        "authority": change["authority"], **({} if is_handling else {"before": change["before"]}),
        "book": "own" if change["direction"] == "out" else item["origin_party"], "change": change.id,
        "effective_at": change["effective_at"], "item": item.id, "legal_basis": change["article"],
        "number": item["reference"],
    }
    marking = marking_of(item)
    if not is_end:
        body["level"] = change["after"]
    if not is_end and marking is not None:
        body["equivalent"] = str(marking.level)
    if "handle_as" in change.body:
        body["handle_as"] = change["handle_as"]
    if reasons:
        body["frozen"] = list(reasons)
    session.put(ENTRY, f"level.{change.id}/{item.id}", body, expect=0)


def _tell_holders(registry: Registry, session: ActSession, item: Record, change: Record) -> None:
    """Open a duty for everybody at home who holds the item; each confirms to have struck the old mark."""
    for custody in session.each("custody", "item", item.id):
        if custody["state"] not in IN_HAND:
            continue
        id = f"{change.id}/{item.id}/{custody['holder']}"
        session.put(LEVEL_NOTICE, id, {
            "change": change.id, "holder": custody["holder"], "item": item.id, "state": "open",
            "told_at": shown_at(session.at),
        })
        open_duty(
            session, f"level-notice.{id}", what="note-level", owner=registry.party, subject=item.id, due=None
        )


def _readers(registry: Registry, session: ActSession, item: Record) -> dict[str, str]:
    """Return who may read the item now, with the purpose of their need-to-know."""
    view = view_of(registry, session, item)
    found: dict[str, str] = {}
    for record in session.each("need", "item", item.id):
        need = need_from(record.body)
        person = require_person(session, need.person)
        access = decide_access(person, view, needs=(need,), now=session.at, purpose=need.purpose)
        if not without_joined(access.reasons, ANY_NUMBER):
            found[need.person] = need.purpose
    return found


def _shut_out(
    registry: Registry, session: ActSession, which: tuple[Record, Record], had: dict[str, str]
) -> None:
    """Name, for our own security officer alone, who has lost access; what they hold is to be fetched back."""
    item, change = which
    lost = sorted(set(had) - set(_readers(registry, session, item)))
    if not lost:
        return
    session.put("level-shut-out", f"{change.id}/{item.id}", {
        "at": shown_at(session.at), "change": change.id, "item": item.id, "persons": lost,
    })
    for custody in session.each("custody", "item", item.id):
        if custody["state"] in IN_HAND and {custody["holder"], *custody.body.get("joined_by", ())}.intersection(lost):
            open_duty(
                session, f"level-recover.{change.id}/{item.id}/{custody['holder']}", what="recover-item",
                owner=registry.party, subject=item.id, due=session.at.date(),
            )


def note_registered(registry: Registry, session: ActSession, item_id: str, label: Label) -> None:
    """Let what was told before an item was registered take effect on it, and see to a further copy under an old mark.

    `label` is the one that the copy came under.
    """
    holds = in_effect(changes_for(session, item_id), session.at)
    is_unmarked = not session.require(ITEM, item_id).body.get("marks")
    if holds is not None and holds["state"] in ((PENDING, SUPERSEDED) if is_unmarked else (PENDING,)):
        take_effect(registry, session, holds)
    item = session.require(ITEM, item_id)
    marks = item.body.get("marks", [])
    now = label_of(item)
    # What was declassified keeps the level it had on its label.
    is_old = "declassified_at" in item.body or (label.level, label.handle_as) != (now.level, now.handle_as)
    if marks and is_old:
        current = session.get(LEVEL_CHANGE, str(marks[-1]["change"]))
        if current is not None and current["state"] in (MARKING, DONE):
            session.change(current, by=None, copy=None, state=WORKING)
