"""Join: a second person stands behind an act that the layers let nobody do alone; who joined, and in what, is kept.

Who joins signs what will be done: the act, the item, by whom, and what else it says. It serves once, within a day. The
rules are asked of each: who joins a reading may read the item, who joins an emergency holds the function and office.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import Fields, encode_instant
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import SHEETS_COUNT_MAX
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Person
from cordiale.records.answer import Answer
from cordiale.records.drafts import require_edition
from cordiale.records.joined import JOINED, OPEN, Joint, list_joining_reasons
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.joined import CIRCULATE, DISPATCH, DRAFT, DRAFT_USES, EMERGENCY, JOINED_AS, LABEL, WITHDRAW

_SAYS: Final = {
    Act.READ.value: ("purpose",), Act.PASS_ON.value: ("purpose", "recipient"),
    CIRCULATE: ("purpose",), DRAFT: ("edition", "purpose"),
    DISPATCH: ("link", "purpose", "recipient"), WITHDRAW: ("consignment",), EMERGENCY: ("circumstances",),
}
"""What is joined of each act beside the item and who does it; of a draft that becomes an item the label, too."""
_TEXTS: Final = ("circumstances", "consignment", "label", "link", "purpose", "recipient")


def join_act(registry: Registry, request: Request) -> Answer:
    """Join an act that another person is going to do on an item, word for word; it serves once, within a day."""
    fields = request.act.fields()
    act, item_id, doer = fields.text("act"), fields.text("item"), fields.text("doer")
    said = _said(fields, act)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        joint = Joint(act, item_id, doer, said)
        reasons = list(list_joining_reasons(registry, session, actor, joint))
        if doer == actor.id:
            reasons.append(refusal("join.same-person", "whoever does an act does not join it"))
        require_allowed(decision_of("join", reasons))
        # Only after that: whoever may not join does not learn who there is, nor does anybody by a draft of theirs.
        if act == DRAFT:
            _require_shown(session, joint)
        else:
            require_person(session, doer)
        session.put(JOINED, request.act.id, {
            "act": act, "doer": doer, "item": item_id, "joined_at": encode_instant(session.at.replace(microsecond=0)),
            "person": actor.id, "said": said, "state": OPEN,
        }, expect=0)
        return {"act": act, "doer": doer, "item": item_id}

    # Of a draft whoever does not work on it is told in the words for one that is not there.
    hidden = run if act == DRAFT else hide_from_strangers(item_id, run, JOINED_AS[act])
    return commit_personal(registry, request, hidden, subject=item_id)


def _require_shown(session: ActSession, joint: Joint) -> None:
    """Raise `OutOfOrder` where another version of a draft is there than the one that is joined, or another label."""
    draft = session.require(DRAFT, joint.item)
    require_edition(draft, joint.said["edition"])
    if "label" in joint.said and joint.said["label"] != draft.body.get("label", {}).get("binding"):
        raise OutOfOrder(
            "draft.other-label", "this is not the label that is proposed for this draft now",
            hint="look at the drafts again, and join the label that is shown there",
        )


def _says(act: str, said: dict[str, str]) -> tuple[str, ...]:
    return (*_SAYS[act], "label") if act == DRAFT and said.get("purpose") == LABEL else _SAYS[act]


def _said(fields: Fields, act: str) -> dict[str, str]:
    given = {name: fields.optional_text(name) or "" for name in _TEXTS}
    edition = fields.optional_integer("edition", 0, SHEETS_COUNT_MAX)
    given["edition"] = str(edition) if edition is not None else ""
    said = {name: value for name, value in given.items() if value}
    fits = act in _SAYS and sorted(said) == sorted(_says(act, said))
    if not fits or (act == DRAFT and said["purpose"] not in DRAFT_USES):
        raise Malformed(
            "join.act", "this is no act that is joined, or it is not said what of it",
            hint="name the act as its own command does, with all that it says beside item and person",
        )
    return said
