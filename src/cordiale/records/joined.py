"""What somebody has joined: one act of one person on one item, once, within a day.

Who joined is held against the rules again when the act is done: what was withdrawn from them meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cordiale.canonical import encode_instant
from cordiale.errors import require_allowed
from cordiale.limits import JOINED_SECONDS_MAX
from cordiale.model.decision import Reason, decision_of
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.drafts import DRAFT, decide_draft_now, workers_shown
from cordiale.records.items import ITEM, needs_of, view_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.releases import people_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.access import decide_access
from cordiale.rules.drafts import OTHER_AUTHOR
from cordiale.rules.emergency import decide_emergency
from cordiale.rules.joined import ANY_NUMBER, EMERGENCY, JOINED_AS, without_joined
from cordiale.rules.joined import DRAFT as ON_DRAFT

JOINED: Final = "joined"
OPEN: Final = "open"
USED: Final = "used"


@dataclass(frozen=True, slots=True)
class Joint:
    """One act as it is joined: `act` on `item` by the person `doer`, as `said` has it word for word."""

    act: str
    item: str
    doer: str
    said: Mapping[str, str] = field(default_factory=dict)


def list_joining_reasons(registry: Registry, books: Books, person: Person, joint: Joint) -> tuple[Reason, ...]:
    """Return why `person` does not stand behind `joint` now; how many it takes is not asked of one of them."""
    if joint.act == ON_DRAFT:
        draft = books.get(DRAFT, joint.item)
        # Whether whoever is named is there at all is not asked: nobody is to learn it by a draft of theirs.
        if draft is None or joint.doer not in (draft["author"], *workers_shown(draft)):
            return (OTHER_AUTHOR,)
        return without_joined(decide_draft_now(registry, books, person, draft).reasons, ANY_NUMBER)
    item = books.require(ITEM, joint.item)
    official = JOINED_AS[joint.act]
    if official is None:
        needs, view = needs_of(books, person.id, item.id), view_of(registry, books, item)
        reasons = decide_access(person, view, needs=needs, now=books.at, purpose=joint.said["purpose"]).reasons
    else:
        reasons = decide_office_now(books, person, official).reasons
    if joint.act == EMERGENCY:
        emergency = decide_emergency(view_of(registry, books, item), person.functions, now=books.at)
        reasons = (*reasons, *emergency.reasons)
    return without_joined(reasons, ANY_NUMBER)


def open_joined(registry: Registry, books: Books, joint: Joint) -> list[Record]:
    """Return who has joined `joint`, still stands behind it, and was not used for it yet, one record a person.

    Its doer is none of them, whatever was entered.
    """
    since = encode_instant((books.at - timedelta(seconds=JOINED_SECONDS_MAX)).replace(microsecond=0))
    found = {
        str(one["person"]): one for one in books.each(JOINED, "item/state", f"{joint.item} {OPEN}")
        if one["joined_at"] >= since and one["person"] != joint.doer
        and (one["act"], one["doer"], one["said"]) == (joint.act, joint.doer, dict(joint.said))
    }
    return [found[person] for person in still_joined(registry, books, joint, found)]


def still_joined(registry: Registry, books: Books, joint: Joint, persons: Iterable[str]) -> list[str]:
    """Return those of `persons`, in order, who stand behind `joint` as things are now."""
    return sorted(
        person.id for person in people_of(books, persons) if not list_joining_reasons(registry, books, person, joint)
    )


def draft_joint(draft: Record, doer: str, use: str, *, label: str = "") -> Joint:
    """Return what is joined of `use` of a draft by `doer`: of the version that is there, and of no other.

    To make an item of it is joined with the binding of the `label` it is given, and of no other.
    """
    said = {"edition": str(draft.body.get("edition", 0)), "purpose": use}
    return Joint(ON_DRAFT, draft.id, doer, said | ({"label": label} if label else {}))


def require_worker(registry: Registry, books: Books, person: Person, draft: Record, *, use: str) -> list[Record]:
    """Return who has joined this `use` of `draft`, when `person` works on it and with them may read its level.

    Raises `Refused` or `Undecidable`.
    """
    decision = decide_draft_now(registry, books, person, draft)
    joined = open_joined(registry, books, draft_joint(draft, person.id, use))
    require_allowed(decision_of(decision.act, without_joined(decision.reasons, 1 + len(joined))))
    return joined


def joined_with(session: ActSession, joined: list[Record]) -> dict[str, list[str]]:
    """Let `joined` serve for the act at hand, and for no other; return what its record says of who joined it."""
    for one in joined:
        session.change(one, used_in=session.act_id, state=USED)
    return {"joined_by": [str(one["person"]) for one in joined]} if joined else {}
