"""Release: the originator's decision to disclose an item to a party, by a proposer and an authority.

Each signs with their own key over exactly the content, label, recipient,
purpose and version of the agreement; what is signed here is looked at again at
dispatch, when all of it must still be so.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import SHORT_TEXT_LENGTH_MAX
from cordiale.model.consent import ApprovalPart
from cordiale.model.decision import decision_of
from cordiale.model.names import PersonId, parse_party_id
from cordiale.model.person import Person
from cordiale.model.spelling import require_line
from cordiale.records.absences import absences_of
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.folders import require_empty
from cordiale.records.items import APPROVAL, ITEM, approvals_of, require_own
from cordiale.records.labels import label_of
from cordiale.records.naming import name_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import national_of
from cordiale.rules.offices import ActDone, OfficeQuestion, OfficialAct, decide_office
from cordiale.rules.releasable import list_releasability_reasons

_LOOK_AGAIN: Final = "look at the item again: its page shows the proposals and approvals as they are now"
_ACTS = {
    ApprovalPart.PROPOSE: OfficialAct.PROPOSE_RELEASE, ApprovalPart.AUTHORISE: OfficialAct.AUTHORISE_RELEASE,
}


def propose_release(registry: Registry, request: Request) -> Answer:
    """Propose to release an item to a party for a purpose; refused where the table has no level for it."""
    return _approve(registry, request, ApprovalPart.PROPOSE)


def approve_release(registry: Registry, request: Request) -> Answer:
    """Authorise a release that somebody else proposed, over the same content."""
    return _approve(registry, request, ApprovalPart.AUTHORISE)


def withdraw_approval(registry: Registry, request: Request) -> Answer:
    """Withdraw one's own approvals of an item's release; what has left is not called back by this."""
    fields = request.act.fields()
    item_id = fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        withdrawn = 0
        for record in session.find(APPROVAL, "item", item_id):
            if record["person"] == actor.id and "withdrawn_at" not in record.body:
                if record["state"] == "authorised":
                    _reopen_proposals(session, item_id, record["bound_digest"])
                session.change(record, state="withdrawn", withdrawn_at=shown_at(session.at))
                withdrawn += 1
        if not withdrawn:
            raise OutOfOrder("release.nothing-to-withdraw", "you have not approved this item", hint="look at it first")
        return {"item": item_id, "withdrawn": withdrawn}

    return commit_personal(registry, request, run, subject=item_id)


def decline_release(registry: Registry, request: Request) -> Answer:
    """Decline a release that somebody else proposed, with the reason; whoever proposed it may propose anew."""
    fields = request.act.fields()
    item_id, binding = fields.text("item"), fields.text("binding")
    reason = require_line(fields.text("reason"), what="the reason", length_max=SHORT_TEXT_LENGTH_MAX)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_own(registry, session.require(ITEM, item_id))
        proposals = [
            one for one in session.find(APPROVAL, "item", item.id)
            if one["bound_digest"] == binding and one["part"] == ApprovalPart.PROPOSE.value
        ]
        done = tuple(ActDone(PersonId(one["person"]), OfficialAct.PROPOSE_RELEASE) for one in proposals)
        question = OfficeQuestion(actor, OfficialAct.AUTHORISE_RELEASE, done=done, absences=absences_of(session))
        require_allowed(decide_office(question, session.at))
        waiting = [one for one in proposals if one["state"] == "waiting"]
        if not waiting:
            raise _answered(session, item.id, binding)
        for one in waiting:
            session.change(one, declined_at=shown_at(session.at), declined_by=actor.id, reason=reason, state="declined")
        return {"item": item.id, "recipient": waiting[0]["recipient"]}

    hidden = hide_from_strangers(item_id, run, OfficialAct.AUTHORISE_RELEASE)
    return commit_personal(registry, request, hidden, subject=item_id)


def _answered(session: ActSession, item: str, binding: str) -> OutOfOrder:
    """Return the error that says what became of a proposal meanwhile, and by whom."""
    about = [one for one in session.find(APPROVAL, "item", item) if one["bound_digest"] == binding]
    declined = next((one for one in about if one["state"] == "declined"), None)
    approved = next((one for one in about if one["part"] == ApprovalPart.AUTHORISE.value
                     and "withdrawn_at" not in one.body), None)
    withdrawn = next((one for one in about if "withdrawn_at" in one.body), None)
    if declined is not None:
        return OutOfOrder(
            "release.declined", "{name} has declined this release meanwhile", hint=_LOOK_AGAIN,
            name=name_of(session, declined["declined_by"]),
        )
    if approved is not None:
        return OutOfOrder(
            "release.approved", "{name} has approved this release meanwhile", hint=_LOOK_AGAIN,
            name=name_of(session, approved["person"]),
        )
    if withdrawn is not None:
        return OutOfOrder(
            "release.proposal-withdrawn", "{name} has withdrawn the proposal meanwhile", hint=_LOOK_AGAIN,
            name=name_of(session, withdrawn["person"]),
        )
    return OutOfOrder(
        "release.not-proposed", "nobody has proposed this release over exactly this content",
        hint="have the originator propose it first",
    )


class _Terms:
    """What a release is for, as the person signed it."""

    def __init__(self, fields: Fields) -> None:
        self.item = fields.text("item")
        self.recipient = parse_party_id(fields.text("recipient"))
        self.purpose = fields.text("purpose")
        self.agreement = fields.text("agreement")
        self.binding = fields.text("binding")
        fields.end()


def _approve(registry: Registry, request: Request, part: ApprovalPart) -> Answer:
    terms = _Terms(request.act.fields())

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_empty(session, require_own(registry, session.require(ITEM, terms.item)))
        binding = _require_binding(registry, session, item, terms)
        done = tuple(
            ActDone(one.person, _ACTS[one.part]) for one in approvals_of(session, item.id)
            if one.bound_digest == binding and one.withdrawn_at is None
        )
        index = load_index(session.work, terms.agreement, registry.party)
        national = national_of(index.state.nationals, registry.party)
        article = national.release_article if national is not None else ""
        question = OfficeQuestion(actor, _ACTS[part], done=done, absences=absences_of(session), article=article)
        reasons = [*decide_office(question, session.at).reasons]
        reasons += list_releasability_reasons(label_of(item), terms.recipient)
        equivalence, _ = decide_equivalence(label_of(item), terms.recipient, index=index, on=session.at.date())
        reasons += equivalence.reasons
        require_allowed(decision_of(f"release.{part.value}", reasons))
        if part is ApprovalPart.AUTHORISE and not any(one.act is _ACTS[ApprovalPart.PROPOSE] for one in done):
            raise _answered(session, item.id, binding)
        if part is ApprovalPart.AUTHORISE:
            _settle(session, item.id, binding)
        else:
            _supersede_declined(session, actor, terms)
        session.put(APPROVAL, f"{item.id}/{actor.id}/{part.value}/{binding[:16]}", {
            "agreement": terms.agreement, "bound_digest": binding,
            "given_at": shown_at(session.at), "item": item.id, "item_version": item.version, "part": part.value,
            "person": actor.id, "purpose": terms.purpose, "recipient": terms.recipient,
            "state": "authorised" if part is ApprovalPart.AUTHORISE else "waiting",
            "version": version_of(session, terms.agreement),
        })
        return {"binding": binding, "item": item.id, "part": part.value, "recipient": terms.recipient}

    hidden = hide_from_strangers(terms.item, run, _ACTS[part])
    return commit_personal(registry, request, hidden, subject=terms.item)


def _settle(session: ActSession, item: str, binding: str) -> None:
    """Note that an authority has answered the proposals of a release, and what was withdrawn of it before."""
    for record in session.find(APPROVAL, "item", item):
        if record["bound_digest"] == binding and record["state"] == "waiting":
            session.change(record, state="answered")
        elif record["bound_digest"] == binding and record["state"] == "withdrawn":
            session.change(record, state="superseded")


def _reopen_proposals(session: ActSession, item: str, binding: str) -> None:
    """Let the proposals of a release wait for an authority again, when one has withdrawn before it was carried out."""
    for record in session.find(APPROVAL, "item", item):
        if record["bound_digest"] == binding and record["state"] == "answered":
            session.change(record, state="waiting")


def _supersede_declined(session: ActSession, actor: Person, terms: _Terms) -> None:
    """Note that a person has proposed anew what was declined: nothing of it waits for them any more."""
    for record in session.find(APPROVAL, "item", terms.item):
        same = (record["recipient"], record["agreement"]) == (terms.recipient, terms.agreement)
        if same and record["person"] == actor.id and record["state"] == "declined":
            session.change(record, state="superseded", withdrawn_at=shown_at(session.at))


def _require_binding(registry: Registry, session: ActSession, item: Record, terms: _Terms) -> str:
    """Return the binding of the release as the books have it now, when it is what the person signed."""
    binding = binding_of(
        item, recipient=terms.recipient, purpose=terms.purpose, agreement=terms.agreement,
        version=version_of(session, terms.agreement), mode=registry.mode,
    )
    if binding != terms.binding:
        raise Unverified(
            "release.content-changed", "what you signed is not what is there now: content, label or terms have changed",
            hint="look at the item again and sign what you see",
        )
    return binding
