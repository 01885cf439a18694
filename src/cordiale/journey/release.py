"""Release: the originator's decision to disclose an item to a party, by a proposer and an authority.

Each signs with their own key over exactly the content, label, recipient,
purpose and version of the agreement; what is signed here is looked at again at
dispatch, when all of it must still be so.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.model.consent import ApprovalPart
from cordiale.model.decision import decision_of
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import absences_of
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.folders import require_empty
from cordiale.records.items import APPROVAL, ITEM, approvals_of, label_of, require_own
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import national_of
from cordiale.rules.offices import ActDone, OfficeQuestion, OfficialAct, decide_office
from cordiale.rules.releasable import list_releasability_reasons

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
                session.change(record, state="withdrawn", withdrawn_at=shown_at(session.at))
                withdrawn += 1
        if not withdrawn:
            raise OutOfOrder("release.nothing-to-withdraw", "you have not approved this item", hint="look at it first")
        return {"item": item_id, "withdrawn": withdrawn}

    return commit_personal(registry, request, run, subject=item_id)


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
            raise OutOfOrder(
                "release.not-proposed", "nobody has proposed this release over exactly this content",
                hint="have the originator propose it first",
            )
        if part is ApprovalPart.AUTHORISE:
            _settle_proposals(session, item.id, binding)
        session.put(APPROVAL, f"{item.id}/{actor.id}/{part.value}/{binding[:16]}", {
            "agreement": terms.agreement, "bound_digest": binding,
            "given_at": shown_at(session.at), "item": item.id, "part": part.value,
            "person": actor.id, "purpose": terms.purpose, "recipient": terms.recipient,
            "state": "authorised" if part is ApprovalPart.AUTHORISE else "waiting",
        })
        return {"binding": binding, "item": item.id, "part": part.value, "recipient": terms.recipient}

    hidden = hide_from_strangers(terms.item, run, _ACTS[part])
    return commit_personal(registry, request, hidden, subject=terms.item)


def _settle_proposals(session: ActSession, item: str, binding: str) -> None:
    """Note on the proposals of a release that an authority has answered them."""
    for record in session.find(APPROVAL, "item", item):
        if record["bound_digest"] == binding and record["state"] == "waiting":
            session.change(record, state="answered")


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
