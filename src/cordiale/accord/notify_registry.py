"""Notify of registries: each party says which of its registries may receive what, and when one opens or closes.

The profile lists the registries as they were when it was signed. A notice is
the word of the party whose registry it is, about its own house only; what it
closes is closed from the named day for whoever dispatches.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import REGISTRIES_COUNT_MAX
from cordiale.message.bodies.registry_notice import RegistryNotice
from cordiale.model.agreement import RegistryEntry
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, is_profile_signed, require_shared
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import Due, acknowledged, discharge, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.topology import duty_to_tell
from cordiale.rules.layers import levels_of
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_day, parse_level_ref
from cordiale.wire.profile_json import profile_from_json, registry_to_json


def notify_registry(registry: Registry, request: Request) -> Answer:
    """Enter that a registry of ours opens, closes or receives other levels, and tell the other parties."""
    fields = request.act.fields()
    agreement, closed = fields.text("agreement"), fields.optional_text("closed_on")
    body = RegistryNotice(
        registry=fields.text("registry"), title=fields.text("title"),
        levels=tuple(parse_level_ref(one) for one in fields.texts("levels", max_count=64)),
        article=fields.text("article"), opened_on=parse_day(fields.text("opened_on")),
        closed_on=parse_day(closed) if closed else None,
    )
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.NOTIFY_REGISTRY))
        record = session.require(AGREEMENT, agreement)
        discharge(session, duty_to_tell(agreement, body.registry), session.act_id)
        changed = session.change(record, registries=_noticed(record, registry.party, body))
        for party in record["parties"]:
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                posted = post(registry, session, Letter(
                    partner=partner, body=body, agreement=agreement, version=record["profile"]["version"],
                ))
                open_duty(
                    session, acknowledged(posted.id), what="registry-notice", owner=PartyId(party), subject=agreement,
                    due=Due(basis=body.article, message=posted.id, agreement=agreement),
                )
        return {"agreement": agreement, "notices": len(changed["registries"]), "registry": body.registry}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def take_registry_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner says of a registry of its own."""
    body = arrived.message.body
    if not isinstance(body, RegistryNotice):
        raise Malformed("registry-notice.other", "this is not a notice of a registry", hint="report this as a defect")
    record = require_shared(session.get(AGREEMENT, arrived.message.agreement), arrived.partner.party)
    session.change(record, registries=_noticed(record, arrived.partner.party, body))


def _noticed(record: Record, party: str, body: RegistryNotice) -> list[dict[str, Any]]:
    """Return the notices on record with `body` as the newest of `party` on that registry."""
    if not is_profile_signed(record.body):
        raise OutOfOrder(
            "registry-notice.unsigned", "no profile of this agreement has been signed by all",
            hint="list the registry in the profile, and have it signed",
        )
    profile = profile_from_json(record["profile"])
    strange = [level for level in body.levels if level not in levels_of(profile, PartyId(party))]
    if strange:
        raise Malformed(
            "agreement.level-unknown", "{level} is not a level of {party} under this agreement",
            hint="write SCHEME:LEVEL as `cordiale agreement show` lists it", level=str(strange[0]), party=party,
        )
    if any(entry.id == body.registry and entry.party != party for entry in profile.registries):
        raise OutOfOrder(
            "registry-notice.not-own", "the registry {registry} is another party's", registry=body.registry,
            hint="only the party whose registry it is gives notice of it",
        )
    entry = registry_to_json(RegistryEntry(
        body.registry, PartyId(party), body.title, frozenset(body.levels), body.article, body.opened_on, body.closed_on,
    ))
    noticed: list[dict[str, Any]] = record.body.get("registries", [])
    others = [one for one in noticed if (one["id"], one["party"]) != (body.registry, party)]
    if sum(one["party"] == party for one in others) >= REGISTRIES_COUNT_MAX:
        raise OutOfOrder(
            "registry-notice.too-many", "{party} has given notice of {count} registries, and no more are entered",
            hint="give notice of one that is known, or list the registries in a new profile", party=party,
            count=REGISTRIES_COUNT_MAX,
        )
    return [*others, entry]
