"""Hand an item over for good, to an archive or another party, under what an authority of ours allowed before.

The permission is the entry of a use (`archive`) or of a passing-on, with the consents it rests on: they must still
stand. Whoever receives it signs at their side, and the reference of that receipt is kept here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cordiale.canonical import parse_instant
from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.bodies.certificate import Ending
from cordiale.message.members import read_line
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import PartyId, is_party
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import CONSENT, rests_for
from cordiale.records.endings import End, certify_ended, end_copy
from cordiale.records.folders import require_empty
from cordiale.records.holdings import HELD_STATES, is_held
from cordiale.records.items import COPY, ENTRY, ITEM, facts_of, rules_for
from cordiale.records.labels import label_of
from cordiale.records.own_ending import end_own_item, erase_own
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.topology import leaving_reasons, use_approval
from cordiale.rules.holding import list_standing_reasons
from cordiale.rules.layers import Scope
from cordiale.rules.offices import OfficialAct
from cordiale.rules.rulings import cite
from cordiale.rules.validity import has_ended


def transfer_away(registry: Registry, request: Request) -> Answer:
    """Hand every copy of an item that is held here over for good, as an authority allowed before; it ends here."""
    fields = request.act.fields()
    item_id = fields.text("item")
    to, receipt = read_line(fields, "to"), read_line(fields, "receipt")
    fields.end()
    found = registry.record(ITEM, item_id)
    log = log_of(registry, ITEM, item_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_empty(session, session.require(ITEM, item_id))
        permit = _require_permit(session, item_id, to)
        reasons = [
            *decide_office_now(session, actor, OfficialAct.GIVE_BACK).reasons,
            *list_standing_reasons(facts_of(registry, session, item).standing),
            *_list_ending_reasons(registry, session, item), *_list_consent_reasons(session, item, permit),
            *leaving_reasons(registry, session, item, (actor, to)),
        ]
        require_allowed(decision_of("transfer", list(dict.fromkeys(reasons))))
        use_approval(session, item_id, to)
        copies = [one for one in session.find(COPY, "item", item_id) if is_held(one, registry.party)]
        held = [one for one in copies if one["state"] in HELD_STATES]
        if not held:
            raise OutOfOrder("transfer.no-copy", "no copy of this item is held here", hint="look at `cordiale where`")
        # To whom it went stays at home: the originator has allowed it, and learns that it happened.
        basis = str(permit.body.get("legal_basis", "-"))
        end = End(Ending.CEDED, "handed over against a receipt", (actor,), (), basis)
        own = item["origin_party"] == registry.party
        if own:
            end_own_item(registry, session, item, end)
        numbers = [] if own else [end_copy(registry, session, copy, end) for copy in held]
        session.put("ceded", request.act.id, {
            "at": shown_at(session.at), "by": actor.id, "copies": [one.id for one in held], "item": item_id,
            "receipt": receipt, "to": to, "under": permit.id,
        }, expect=0)
        session.change(permit, ceded=request.act.id)
        return {"certificates": numbers, "item": item_id, "to": to}

    hidden = hide_from_strangers(item_id, run, OfficialAct.GIVE_BACK)
    answer = commit_personal(registry, request, hidden, log=log, subject=item_id)
    # What fails here stands among the duties: it is done when the act is repeated, and by the node itself.
    certify_ended(registry, item_id)
    if found is not None and found["origin_party"] == registry.party:
        erase_own(registry, found)
    return answer


def _require_permit(session: ActSession, item: str, to: str) -> Record:
    """Return what an authority allowed and nobody has used: passing on to just that party, or an archive.

    What is written as a party is one, and no archive. Raises `OutOfOrder`.
    """
    passed = [one for one in session.each("pass-on", "item", item) if one["recipient"] == to]
    entries = () if is_party(to) else session.each(ENTRY, "item", item)
    archived = [one for one in entries if one["act"] == Act.ARCHIVE.value]
    for permit in (*passed, *archived):
        if "ceded" not in permit.body:
            return permit
    raise OutOfOrder(
        "transfer.not-allowed", "nobody has allowed that this item is handed over so, or it was done before",
        hint="an authority allows it with `cordiale consent use --act archive` or `cordiale pass-on`",
    )


def _list_consent_reasons(session: ActSession, item: Record, permit: Record) -> Iterator[Reason]:
    """Yield what has become of the consents that the permission rests on."""
    for id in permit["consents"]:
        consent = session.require(CONSENT, id)
        ends = {name: consent.body.get(name) for name in ("withdrawn_at", "valid_until")}
        if ends["withdrawn_at"] is not None:
            yield refusal("consent.withdrawn", "the consent {id} was withdrawn", id=id)
        elif ends["valid_until"] is not None and has_ended(parse_instant(ends["valid_until"]), session.at):
            yield refusal("consent.expired", "the consent {id} has expired", id=id)
        yield from rests_for(session, item, consent)


def _list_ending_reasons(registry: Registry, session: ActSession, item: Record) -> Iterator[Reason]:
    """Yield why an item ends otherwise: the layers ask that it is returned, or destroyed."""
    if "declassified_at" in item.body:
        return
    label = label_of(item)
    scope = Scope(PartyId(label.originator), registry.party, label.level, registry.party)
    rules = rules_for(registry, session, item)
    giving_back, destroying = rules.outcome(Act.RETURN, scope), rules.outcome(Act.DESTROY, scope)
    if giving_back.is_duty:
        yield refusal(
            "transfer.must-return", "the item is returned to its originator, and ends in no other way",
            cite(giving_back),
        )
    if destroying.is_duty:
        yield refusal("transfer.must-destroy", "the item is destroyed, and ends in no other way", cite(destroying))
