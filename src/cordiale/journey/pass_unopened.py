"""Pass on unopened: what only its addressee may open goes from the registry into that person's hands, and is entered.

The sender names an office or a function, never a person; who holds it is for
the recipient's registry to say. Until then nobody opens the item, and after
that only this person does, under every other condition of access.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.model.decision import decision_of
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.addressees import closed_copy
from cordiale.records.answer import Answer
from cordiale.records.holdings import CUSTODY, IN_HAND
from cordiale.records.items import ENTRY, ITEM, needs_of, view_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.access import decide_access
from cordiale.rules.offices import ActDone, OfficialAct


def pass_unopened(registry: Registry, request: Request) -> Answer:
    """Pass an item on unopened to the person who holds the office it is meant for; that person confirms it.

    `because` says why it is this person, where neither post nor a function of theirs bears the addressee's name.
    Raises `Refused` where anything stands against access, `OutOfOrder` for an item that anybody here may open.
    """
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    number, because = fields.optional_integer("copy", 0, COPIES_COUNT_MAX), fields.optional_text("because") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        holder = require_person(session, person_id)
        needs = needs_of(session, person_id, item_id)
        done = tuple(ActDone(need.granted_by, OfficialAct.GRANT_NEED_TO_KNOW) for need in needs)
        office = decide_office_now(session, actor, OfficialAct.CIRCULATE, subject=PersonId(person_id), done=done)
        require_allowed(office)
        item = session.require(ITEM, item_id)
        copy = closed_copy(session, item, party=registry.party, number=number)
        _require_nobody_has_it(session, item, holder)
        if not because and copy["addressee"] not in {holder.post, *holder.functions}:
            raise Malformed(
                "addressee.because", "neither the post nor a function of this person is that of the addressee",
                hint="say with --because why it is this person",
            )
        changed = session.change(item, readers=[holder.id])
        purpose = needs[0].purpose if needs else ""
        access = decide_access(holder, view_of(registry, session, changed), needs=needs, now=session.at,
                               purpose=purpose)
        require_allowed(decision_of("circulate", access.reasons))
        session.put(CUSTODY, f"{item_id}/{holder.id}", {
            "charged_at": shown_at(session.at), "charged_by": actor.id, "copy": copy.id, "holder": holder.id,
            "item": item_id, "state": "charged-out",
        })
        session.put(ENTRY, f"unopened.{copy.id}.{request.act.id}", {
            "act": "passed-on-unopened", "addressee": copy["addressee"], "at": shown_at(session.at),
            "book": item["origin_party"], "copy": copy.id, "copy_number": copy["copy_number"], "item": item_id,
            "number": copy["reference"], "passed_to": holder.id, **({"because": because} if because else {}),
        }, expect=0)
        return {"item": item_id, "person": holder.id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.CIRCULATE)
    return commit_personal(registry, request, hidden, subject=item_id)


def _require_nobody_has_it(session: ActSession, item: Record, holder: Person) -> None:
    for custody in session.find(CUSTODY, "item", item.id):
        if custody["state"] in IN_HAND and custody["holder"] != holder.id:
            raise OutOfOrder(
                "circulate.in-hand", "somebody has this copy in hand", hint="have it handed back, or handed over"
            )
