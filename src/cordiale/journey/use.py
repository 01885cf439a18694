"""Use: abroad, into an archive, published, or disclosed because a law forces it; and who owns a right in an item."""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, require_allowed
from cordiale.message.members import read_line
from cordiale.model.agreement import CONSENT_UNLESS_SAID, Act
from cordiale.model.decision import decision_of
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import ConsentSought, consents_for, note_use
from cordiale.records.items import ENTRY, ITEM, view_of
from cordiale.records.lineage import root_of
from cordiale.records.overrides import note_overridden
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.offices import OfficialAct
from cordiale.rules.uses import UseRequest, decide_use


def use_item(registry: Registry, request: Request) -> Answer:
    """Decide on a use that the originators must allow, and enter it; refused with every reason otherwise."""
    fields = request.act.fields()
    item_id, act, purpose = fields.text("item"), fields.choice("act", Act), fields.text("purpose")
    parties = fields.texts("parties", max_count=64) if fields.has("parties") else ()
    fields.end()
    if act not in CONSENT_UNLESS_SAID:
        raise Malformed(
            "use.act", "this is no use that is entered here", hint="choose use-abroad, archive, publish or disclose"
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.GIVE_CONSENT)
        item = session.require(ITEM, item_id)
        found = consents_for(session, item, ConsentSought(act, purpose, post=actor.post), holder=registry.party)
        decision = decide_use(UseRequest(
            act, view_of(registry, session, item), purpose, actor.post,
            parties=frozenset(map(parse_party_id, parties)), is_declassified="declassified_at" in item.body,
            is_told=_is_told(session, item), rights_of=str(item.body.get("rights_of", "")), used=found.wanted.used,
        ), now=session.at)
        require_allowed(decision_of(act.value, [*office.reasons, *decision.reasons]))
        note_overridden(session, decision, subject=item_id)
        session.put(ENTRY, f"use.{request.act.id}", {
            "act": act.value, "at": shown_at(session.at), "authority": actor.post,
            "book": "own" if item["origin_party"] == registry.party else item["origin_party"],
            "consents": note_use(session, found), "item": item_id, "legal_basis": "; ".join(decision.consulted) or "-",
            "number": item["reference"], "purpose": purpose,
        }, expect=0)
        return {"act": act.value, "item": item_id, "purpose": purpose}

    hidden = hide_from_strangers(item_id, run, OfficialAct.GIVE_CONSENT)
    return commit_personal(registry, request, hidden, subject=item_id)


def _is_told(session: ActSession, item: Record) -> bool:
    """Tell whether the originator was told of a disclosure that a law forces: it was asked for its consent."""
    asked = session.each("consent-request", "item", root_of(item))
    return any(
        one["direction"] == "out" and one["act"] == Act.DISCLOSE
        and one.body.get("of", {}).get("made", item.id) == item.id for one in asked
    )


def flag_rights(registry: Registry, request: Request) -> Answer:
    """Enter who owns a right in an item, or that the owner has consented (`reference`); nothing of it crosses."""
    fields = request.act.fields()
    item_id = fields.text("item")
    owner = read_line(fields, "owner") if fields.has("owner") else ""
    reference = read_line(fields, "reference") if fields.has("reference") else ""
    fields.end()
    if bool(owner) is bool(reference):
        raise Malformed(
            "rights.which", "name the owner of a right, or the reference of the owner's consent, and not both",
            hint="repeat with one of the two",
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_CONSENT))
        item = session.require(ITEM, item_id)
        session.change(item, rights_of=owner or None, rights_consent=reference or item.body.get("rights_consent"))
        return {"item": item_id, "rights_of": owner}

    hidden = hide_from_strangers(item_id, run, OfficialAct.PROPOSE_CONSENT)
    return commit_personal(registry, request, hidden, subject=item_id)
