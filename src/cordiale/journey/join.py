"""Join: a second person stands behind an act that the layers let nobody do alone; who joined, and in what, is kept.

Who joins signs what will be done: the act, the item, by whom, and what else it says. It serves once, within a day. The
rules are asked of each: who joins a reading may read the item, who joins an emergency holds the function and office.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import Fields, encode_instant
from cordiale.errors import Malformed, require_allowed
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.items import ITEM, needs_of, view_of
from cordiale.records.joined import JOINED, OPEN
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.access import decide_access
from cordiale.rules.emergency import decide_emergency
from cordiale.rules.joined import DISPATCH, EMERGENCY, JOINED_AS, without_joined

_SAYS: Final = {
    Act.READ.value: ("purpose",), Act.PASS_ON.value: ("purpose", "recipient"),
    DISPATCH: ("link", "purpose", "recipient"), EMERGENCY: ("circumstances",),
}
"""What is joined of each act beside the item and who does it."""
_ANY: Final = 1_000
"""As many as may be asked: how many there are in the end is for the act itself."""


def join_act(registry: Registry, request: Request) -> Answer:
    """Join an act that another person is going to do on an item, word for word; it serves once, within a day."""
    fields = request.act.fields()
    act, item_id, doer = fields.text("act"), fields.text("item"), fields.text("doer")
    said = _said(fields, act)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        reasons = list(_list_reasons(registry, session, (actor, item), (act, said)))
        if require_person(session, doer).id == actor.id:
            reasons.append(refusal("join.same-person", "whoever does an act does not join it"))
        require_allowed(decision_of("join", reasons))
        session.put(JOINED, request.act.id, {
            "act": act, "doer": doer, "item": item_id, "joined_at": encode_instant(session.at.replace(microsecond=0)),
            "person": actor.id, "said": said, "state": OPEN,
        }, expect=0)
        return {"act": act, "doer": doer, "item": item_id}

    hidden = hide_from_strangers(item_id, run, JOINED_AS[act])
    return commit_personal(registry, request, hidden, subject=item_id)


def _said(fields: Fields, act: str) -> dict[str, str]:
    given = {name: fields.optional_text(name) or "" for name in ("circumstances", "link", "purpose", "recipient")}
    said = {name: value for name, value in given.items() if value}
    if act not in _SAYS or sorted(said) != sorted(_SAYS[act]):
        raise Malformed(
            "join.act", "this is no act that is joined, or it is not said what of it",
            hint="name the act as its own command does: with purpose, recipient, link or circumstances",
        )
    return said


def _list_reasons(
    registry: Registry, session: ActSession, who: tuple[Person, Record], what: tuple[str, dict[str, str]]
) -> tuple[Reason, ...]:
    """Return why this person does not stand behind the act; how many it takes is not asked of one of them."""
    actor, item = who
    act, said = what
    official = JOINED_AS[act]
    if official is None:
        needs = needs_of(session, actor.id, item.id)
        view = view_of(registry, session, item)
        reasons = decide_access(actor, view, needs=needs, now=session.at, purpose=said["purpose"]).reasons
    else:
        reasons = decide_office_now(session, actor, official).reasons
    if act == EMERGENCY:
        emergency = decide_emergency(view_of(registry, session, item), actor.functions, now=session.at)
        reasons = (*reasons, *emergency.reasons)
    return without_joined(reasons, _ANY)
