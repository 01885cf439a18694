"""Passing on: nothing goes to a third party without the originator's signed word."""

from __future__ import annotations

from typing import Any

from cordiale.errors import require_allowed
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import ConsentSought, consents_for, note_use
from cordiale.records.items import ITEM, view_of
from cordiale.records.joined import Joint, joined_with, open_joined
from cordiale.records.level_beside import tell_passed_on
from cordiale.records.overrides import note_overridden
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.joined import without_joined
from cordiale.rules.offices import OfficialAct
from cordiale.rules.pass_on import PassOnRequest, decide_pass_on


def pass_on(registry: Registry, request: Request) -> Answer:
    """Decide whether a foreign item may be passed on to a third party, and enter that it may.

    Refused without the originator's consent bound to item, recipient and purpose, and as often as it says. What is
    entered is the permission: the dispatch itself is one under the agreement with the third party.
    """
    fields = request.act.fields()
    item_id, recipient = fields.text("item"), parse_party_id(fields.text("recipient"))
    purpose = fields.text("purpose")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        office = decide_office_now(session, actor, OfficialAct.DISPATCH)
        sought = ConsentSought(Act.PASS_ON, purpose, recipient, post=actor.post)
        found = consents_for(session, item, sought, holder=registry.party)
        passing = decide_pass_on(
            PassOnRequest(view_of(registry, session, item), recipient, purpose, found.wanted.used, actor.post),
            now=session.at,
        )
        joined = open_joined(registry, session, Joint(
            Act.PASS_ON.value, item_id, actor.id, {"purpose": purpose, "recipient": recipient},
        ))
        reasons = without_joined(passing.reasons, 1 + len(joined))
        require_allowed(decision_of("pass-on", [*office.reasons, *reasons]))
        note_overridden(session, passing, subject=item_id)
        session.put("pass-on", request.act.id, {
            "at": shown_at(session.at), "consents": note_use(session, found), "item": item_id, "purpose": purpose,
            "recipient": recipient, **joined_with(session, joined),
        }, expect=0)
        tell_passed_on(registry, session, item_id, recipient)
        return {"item": item_id, "purpose": purpose, "recipient": recipient}

    return commit_personal(
        registry, request, hide_from_strangers(item_id, run, OfficialAct.DISPATCH), subject=item_id
    )
