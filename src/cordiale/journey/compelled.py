"""Compelled: that a law may force a disclosure is entered when it is known, and its originator is consulted."""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.asked_consents import compelled_duty
from cordiale.records.duties import Due, open_duty
from cordiale.records.items import ITEM, joint_of, view_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.term_duties import cited
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import first_day
from cordiale.rules.terms_here import holidays_here, terms_here
from cordiale.wire.person_json import parse_day


def note_compelled(registry: Registry, request: Request) -> Answer:
    """Enter that a court, parliament or law may force the disclosure of an item, since when, and on what grounds.

    Each of its originators is to be told within the term of the layers, counted from the day on which it was known.
    """
    fields = request.act.fields()
    item_id, grounds = fields.text("item"), fields.text("grounds")
    known_on = parse_day(fields.text("known_on"))
    fields.end()
    found = registry.record(ITEM, item_id)
    log = found.body.get("agreement", INTERNAL) if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_CONSENT))
        item = session.require(ITEM, item_id)
        originators = sorted({PartyId(item["origin_party"]), *joint_of(item)} - {registry.party})
        if not originators:
            raise OutOfOrder("consent.own-item", "the item is our own and needs no other consent", hint="release it")
        if known_on > session.at.date():
            raise Malformed("compelled.future", "what is entered is not known yet", hint="give the day it became known")
        view = view_of(registry, session, item)
        terms = terms_here(view, "compelled.notify")
        due = Due(first_day(terms, known_on, holidays_here(view)), basis=cited(terms))
        for party in originators:
            open_duty(session, compelled_duty(request.act.id, party), what="tell-compelled", owner=registry.party,
                      subject=item_id, due=due)
        return {"grounds": grounds, "item": item_id, "known_on": known_on.isoformat(), "originators": originators}

    hidden = hide_from_strangers(item_id, run, OfficialAct.PROPOSE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=item_id)
