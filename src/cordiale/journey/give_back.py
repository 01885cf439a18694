"""Give back: a foreign item is returned to its originator, who receives a certificate."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.certificate import Certificate, Ending
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.records.absences import absences_of
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived
from cordiale.records.endings import End, certify_ended, end_copy, take_certificate_body
from cordiale.records.items import COPY, ITEM, require_at_partner, view_of
from cordiale.records.overrides import note_overridden
from cordiale.records.readings_heard import doubt_certificate
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.rehomings import stands_under
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.topology import leaving_reasons, use_approval
from cordiale.rules.disposal import DisposalRequest, decide_disposal
from cordiale.rules.offices import OfficialAct


def give_back(registry: Registry, request: Request) -> Answer:
    """Return the copies of an item that are held here to its originator, and certify it."""
    fields = request.act.fields()
    item_id, method = fields.text("item"), fields.optional_text("method") or "returned by the registry"
    fields.end()
    log = log_of(registry, ITEM, item_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        decision = decide_disposal(DisposalRequest(
            act=Act.RETURN, item=view_of(registry, session, item), persons=(actor,), purpose="return",
            to=PartyId(item["origin_party"]), absences=absences_of(session),
        ), now=session.at)
        leaving = leaving_reasons(registry, session, item, (actor, item["origin_party"]))
        require_allowed(decision_of(decision.act, [*decision.reasons, *leaving]))
        use_approval(session, item.id, item["origin_party"])
        note_overridden(session, decision, subject=item_id)
        ended = [copy for copy in session.find(COPY, "item", item_id) if copy["state"] == "registered"]
        if not ended:
            raise OutOfOrder("return.no-copy", "no copy of this item is held here", hint="look at `cordiale where`")
        basis = "; ".join(decision.consulted) or "-"
        end = End(Ending.RETURNED, method, (actor,), (), basis)
        return {"certificates": [end_copy(registry, session, copy, end) for copy in ended], "item": item_id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.GIVE_BACK)
    answer = commit_personal(registry, request, hidden, log=log, subject=item_id)
    # What fails here stands among the duties: it is done when the act is repeated, and by the node itself.
    certify_ended(registry, item_id)
    return answer


def take_certificate(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's certificate of return or destruction; it must be about a copy that is with that partner."""
    body = arrived.message.body
    if not isinstance(body, Certificate):
        raise OutOfOrder("certificate.other", "this is not a certificate", hint="report this as a defect")
    copy = require_at_partner(session, body.copy, party=arrived.partner.party, item=body.item)
    if not stands_under(session, copy, arrived.message.agreement):
        raise Unverified(
            "certificate.other-agreement", "the copy was not provided under the agreement the certificate names",
            hint="nothing was entered; ask the partner for it under the right agreement",
        )
    doubt_certificate(registry, session, copy, body.done_on.isoformat())
    take_certificate_body(registry, session, arrived.partner.party, body)
