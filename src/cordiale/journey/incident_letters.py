"""Incident, between authorities: the first report, what is said of the inquiry, the final report, acknowledgements.

Enough crosses for the damage to be judged: what, when, which items and copies, what was done. Who read or held
anything, who noted what, and which weakness of a system contributed has no place in any of these messages.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.incident_final import IncidentFinal
from cordiale.message.bodies.incident_reply import IncidentReply, ReplyKind
from cordiale.message.bodies.incident_report import AffectedItem, Certainty, IncidentReport
from cordiale.message.members import NamedPost
from cordiale.model.incident import IncidentKind
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, Posted, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.incident_named import consignment_for, items_for, on_their_way
from cordiale.records.incidents import (
    FINAL_REPORT,
    INCIDENT,
    NOTE,
    SHARE,
    TO_TELL,
    Suspicion,
    close_if_settled,
    enter_abroad,
    judged,
    open_incident,
    share_with,
    tell_duty,
)
from cordiale.records.inquiry import PARTS, read_parts, reopen, require_incident, require_line
from cordiale.records.items import COPY, ITEM
from cordiale.records.partners import require_partner
from cordiale.records.passed import has_passed, require_passed
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import require_ours
from cordiale.rules.offices import OfficialAct

_CERTAIN: Final = frozenset({IncidentKind.LOSS, IncidentKind.COMPROMISE})


def tell_incident(registry: Registry, request: Request) -> Answer:
    """Tell a partner of an incident, or tell it again: a later version takes the place of the earlier ones."""
    fields = request.act.fields()
    incident_id, party = fields.text("incident"), parse_party_id(fields.text("party"))
    agreement = fields.text("agreement")
    parts = read_parts(fields, ("facts", "measures"))
    certain = fields.boolean("certain") if fields.has("certain") else None
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        incident = require_incident(session, actor, incident_id, OfficialAct.NOTIFY_INCIDENT)
        kind = IncidentKind(incident["kind"])
        is_certain = kind in _CERTAIN if certain is None else certain
        after = on_their_way(session, incident, party)
        versions = []
        for originator, items in items_for(session, incident, party, agreement).items():
            share = share_with(registry, session, incident, (party, agreement), originator=originator)
            _require_ours(share)
            versions.append(int(share.body.get("version", 0)) + 1)
            posted = _post(registry, session, share, IncidentReport(
                incident=share.id, version=versions[-1], kind=kind,
                certainty=Certainty.CERTAIN if is_certain else Certainty.SUSPECTED,
                noticed_on=parse_instant(incident["reported_at"]).date(),
                facts=tuple(parts.get("facts") or [incident["what"]]), measures=tuple(parts.get("measures", ())),
                reported_by=NamedPost(actor.name, actor.post), items=items,
                consignment=consignment_for(session, incident, party),
                third_country=PartyId(incident["third_country"]) if "third_country" in incident.body else None,
                originator=PartyId(originator) if originator else None,
            ), after=after)
            _note_told(session, share, items, posted.id)
            judged(session, incident_id, posted.id)
        return {"incident": incident_id, "party": party, "version": max(versions)}

    return commit_personal(registry, request, run, log=agreement, subject=incident_id)


def _note_told(session: ActSession, share: Record, items: tuple[AffectedItem, ...], message: str) -> None:
    session.change(
        share, items=[one.item for one in items], state="told" if share["state"] == TO_TELL else share["state"],
        told=message, told_at=shown_at(session.at), version=int(share.body.get("version", 0)) + 1,
    )
    discharge(session, tell_duty(share.id), message)


def reply_incident(registry: Registry, request: Request) -> Answer:
    """Say something about a case to the partner it is shared with: acknowledge, ask or grant a part, tell more."""
    fields = request.act.fields()
    share_id, kind = fields.text("share"), fields.choice("kind", ReplyKind)
    lines = tuple(read_parts(fields, ("lines",)).get("lines", ()))
    fields.end()
    log = log_of(registry, SHARE, share_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.NOTIFY_INCIDENT))
        share = session.require(SHARE, share_id)
        _require_fits(share, kind)
        posted = _post(registry, session, share, IncidentReply(
            _name_of(share), kind, NamedPost(actor.name, actor.post), lines,
        ))
        session.put(NOTE, request.act.id, {
            "at": shown_at(session.at), "by": actor.id, "incident": share["incident"],
            "shared_with": share["party"], "text": "; ".join((kind.value, *lines)),
        }, expect=0)
        _note_sent(session, share, kind, posted)
        return {"incident": share["incident"], "kind": kind.value, "party": share["party"]}

    return commit_personal(registry, request, run, log=log, subject=share_id)


def _require_fits(share: Record, kind: ReplyKind) -> None:
    """Raise `OutOfOrder` for what does not follow on what was told."""
    answers_theirs = kind in (ReplyKind.ACKNOWLEDGED, ReplyKind.FINAL_ACKNOWLEDGED)
    fits = {
        ReplyKind.ACKNOWLEDGED: share["state"] == "told",
        ReplyKind.FINAL_ACKNOWLEDGED: share["state"] == "final-came",
        ReplyKind.PART_GRANTED: share.body.get("part") == "asked-by-them",
        ReplyKind.PART_DECLINED: share.body.get("part") == "asked-by-them",
    }.get(kind, share["state"] != TO_TELL)
    if not fits or (answers_theirs and share["direction"] != "in"):
        raise OutOfOrder(
            "incident.reply-early", "there is nothing of the partner's that this ({kind}) answers", kind=kind.value,
            hint="look at `cordiale incident show` for what was told so far",
        )


def _note_sent(session: ActSession, share: Record, kind: ReplyKind, posted: Posted) -> None:
    incident = session.require(INCIDENT, share["incident"])
    judged(session, incident.id, posted.id)
    if kind is ReplyKind.ACKNOWLEDGED:
        session.change(share, state="acknowledged")
        discharge(session, f"incident.acknowledge.{share.id}", posted.id)
    elif kind is ReplyKind.FINAL_ACKNOWLEDGED:
        session.change(share, state="settled")
        discharge(session, f"incident.acknowledge.{share.id}", posted.id)
        # The inquiry was the partner's, and so is the report that ends it.
        close_if_settled(session, session.change(incident, state="concluded"), posted.id)
    elif kind is ReplyKind.ASKS_PART:
        session.change(share, part="asked-by-us")
    elif kind in (ReplyKind.PART_GRANTED, ReplyKind.PART_DECLINED):
        session.change(share, part=kind.value)
        discharge(session, f"incident.part.{share.id}", posted.id)


def send_final(registry: Registry, request: Request) -> Answer:
    """Send a partner the final report of a concluded case, in full or with parts written for the partner.

    Never before the first report, and never with a weakness: that part of the report stays at home.
    """
    fields = request.act.fields()
    share_id = fields.text("share")
    parts = read_parts(fields, PARTS)
    fields.end()
    log = log_of(registry, SHARE, share_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.NOTIFY_INCIDENT))
        share = session.require(SHARE, share_id)
        _require_ours(share)
        incident = session.require(INCIDENT, share["incident"])
        if share["state"] == TO_TELL or incident["state"] == "open":
            raise OutOfOrder(
                "incident.final-early", "a final report follows the first report and a concluded inquiry",
                hint="tell the partner with `cordiale incident tell`, and conclude with `cordiale incident conclude`",
            )
        version = int(incident["final"])
        report = session.require(FINAL_REPORT, f"{incident.id}/{version}")
        said = {name: tuple(parts.get(name) or report[name]) for name in PARTS}
        posted = _post(registry, session, share, IncidentFinal(
            incident=share.id, version=version, concluded_on=parse_instant(incident["concluded_at"]).date(),
            facts=said["facts"], extent=said["extent"], remedy=said["remedy"], prevention=said["prevention"],
            reported_by=NamedPost(actor.name, actor.post),
        ))
        session.change(share, final=version, final_said={name: list(said[name]) for name in PARTS}, state="final-sent")
        open_duty(
            session, f"incident.final-acknowledged.{share.id}", what="acknowledge-final-report",
            owner=PartyId(share["party"]), subject=incident.id, due=None,
        )
        return {"incident": incident.id, "message": posted.id, "party": share["party"], "version": version}

    return commit_personal(registry, request, run, log=log, subject=share_id)


def _post(registry: Registry, session: ActSession, share: Record, body: Body, after: tuple[str, ...] = ()) -> Posted:
    partner = require_partner(session.reads, share["party"], mode=registry.mode, now=session.at).statement
    return post(registry, session, Letter(
        partner=partner, body=body, agreement=share["agreement"], version=version_of(session, share["agreement"]),
        after=after,
    ))


def _name_of(share: Record) -> str:
    """Return the name that whoever reported the case gave it towards the other."""
    return share.id if share["direction"] == "out" else str(share["theirs"])


def _require_ours(share: Record) -> None:
    if share["direction"] != "out":
        raise OutOfOrder(
            "incident.theirs", "this case was reported by the partner, and its reports are the partner's",
            hint="answer with `cordiale incident reply`",
        )


# -- what arrives --------------------------------------------------------------------------------------------


def take_incident_report(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Open a case on a partner's report, or take a later version of it; only about what passed between us."""
    body = arrived.message.body
    if not isinstance(body, IncidentReport):
        raise OutOfOrder("incident.other", "this is not a report of an incident", hint="report this as a defect")
    _require_between_us(registry, session, arrived, body)
    share = _their_share(session, arrived, body.incident)
    if share is not None:
        if body.version <= int(share["version"]):
            raise OutOfOrder(
                "incident.superseded", "a report of this version or a later one was taken before",
                hint="nothing was changed",
            )
        session.change(share, report=body.encode(), version=body.version)
        return
    # A later version that comes first follows on versions that were refused here.
    about = _known_here(session, arrived, body)
    incident = open_incident(registry, session, registry.fresh_id("incident"), Suspicion(
        body.kind, body.facts[0], tuple(about), tuple(copy for copies in about.values() for copy in copies),
        consignment=body.consignment or "", third_country=body.third_country or "",
    ), party=arrived.partner.party, reported_by=f"partner:{arrived.partner.party}")
    share_id = f"in/{arrived.partner.party}/{body.incident}".lower()
    share = session.put(SHARE, share_id, {
        "agreement": arrived.message.agreement, "direction": "in", "incident": incident.id,
        "items": [item.item for item in body.items], "party": arrived.partner.party, "report": body.encode(),
        "state": "told", "theirs": body.incident, "version": body.version,
    }, expect=0)
    enter_abroad(registry, session, incident, share)
    _owe_acknowledgement(registry, session, share_id, incident.id)


def _require_between_us(registry: Registry, session: ActSession, arrived: Arrived, body: IncidentReport) -> None:
    """Raise `Unverified` for items that never passed between us, and are of no originator that we follow."""
    if body.originator is None:
        require_passed(session, arrived, {item.item: item.copies for item in body.items})
    else:
        require_ours(registry, session, body.originator)


def _known_here(session: ActSession, arrived: Arrived, body: IncidentReport) -> dict[str, list[str]]:
    """Return the items that our books know of those named, each with the copies named of it.

    Of an originator that we follow it is its items, and what passed between us: of the rest we may hold what the
    sender only names, which is no more the matter of the case than what we do not know, and is told in no other words.
    """
    party, agreement = arrived.partner.party, arrived.message.agreement
    known = {one.item: session.get(ITEM, one.item) for one in body.items}
    meant = {
        one: item for one, item in known.items() if item is not None
        and (body.originator in (None, item["origin_party"]) or has_passed(session, party, agreement, one))
    }
    copies = {one.item: map(partial(session.get, COPY), one.copies) for one in body.items}
    return {str(one): [
        copy.id for copy in copies[one] if copy is not None and copy["item"] == one
        and (body.originator is None or copy["party"] == party)
    ] for one in meant}


def take_incident_final(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take a partner's final report on a case that it told us of; a person acknowledges it."""
    body = arrived.message.body
    if not isinstance(body, IncidentFinal):
        raise OutOfOrder("incident.other", "this is not a final report", hint="report this as a defect")
    share = _their_share(session, arrived, body.incident)
    if share is None:
        raise _not_told()
    if body.version <= int(share.body.get("final", 0)):
        raise OutOfOrder(
            "incident.superseded", "a report of this version or a later one was taken before",
            hint="nothing was changed",
        )
    session.change(share, final=body.version, final_report=body.encode(), state="final-came")
    _owe_acknowledgement(registry, session, share.id, share["incident"])


def take_incident_reply(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner says of a case that one of the two has told the other of."""
    body = arrived.message.body
    if not isinstance(body, IncidentReply):
        raise OutOfOrder("incident.other", "this is not a reply about an incident", hint="report this as a defect")
    share = _our_share(session, arrived, body.incident) or _their_share(session, arrived, body.incident)
    if share is None or share["state"] == TO_TELL:
        raise _not_told()
    session.put(NOTE, arrived.message.id, {
        "at": shown_at(session.at), "by": f"{body.by.name}, {body.by.post}", "from": arrived.partner.party,
        "incident": share["incident"], "text": "; ".join((body.kind.value, *body.lines)),
    }, expect=0)
    _take_reply(registry, session, share, body)


def _take_reply(registry: Registry, session: ActSession, share: Record, body: IncidentReply) -> None:
    incident, kind = session.require(INCIDENT, share["incident"]), body.kind
    is_ours = share["direction"] == "out"
    if kind is ReplyKind.ACKNOWLEDGED and is_ours and share["state"] == "told":
        session.change(share, state="acknowledged")
    elif kind is ReplyKind.FINAL_ACKNOWLEDGED:
        if not is_ours or share["state"] != "final-sent":
            raise OutOfOrder(
                "incident.no-final", "no final report waits to be acknowledged", hint="nothing was changed"
            )
        session.change(share, state="settled")
        discharge(session, f"incident.final-acknowledged.{share.id}", kind.value)
        close_if_settled(session, incident, kind.value)
    elif kind is ReplyKind.ASKS_PART:
        session.change(share, part="asked-by-them")
        open_duty(
            session, f"incident.part.{share.id}", what="answer-part-in-inquiry", owner=registry.party,
            subject=incident.id, due=None,
        )
    elif kind in (ReplyKind.PART_GRANTED, ReplyKind.PART_DECLINED) and share.body.get("part") == "asked-by-us":
        session.change(share, part=kind.value)
    elif kind is ReplyKind.REOPENED and not is_ours and incident["state"] != "open":
        # Only whoever reported a case opens it again; from the other side it is a note for the officer.
        reopen(registry, session, incident, require_line(body.lines[0], "lines"))
        session.change(share, state="told")


def _owe_acknowledgement(registry: Registry, session: ActSession, share: str, incident: str) -> None:
    open_duty(
        session, f"incident.acknowledge.{share}", what="acknowledge-incident", owner=registry.party, subject=incident,
        due=session.at.date(),
    )


def _their_share(session: ActSession, arrived: Arrived, incident: str) -> Record | None:
    share = session.get(SHARE, f"in/{arrived.partner.party}/{incident}".lower())
    return share if share is not None and share["agreement"] == arrived.message.agreement else None


def _our_share(session: ActSession, arrived: Arrived, incident: str) -> Record | None:
    share = session.get(SHARE, incident)
    known = share is not None and share["party"] == arrived.partner.party
    return share if known and share is not None and share["agreement"] == arrived.message.agreement else None


def _not_told() -> Unverified:
    """The one answer about a case that the sender was never told of, and about none at all."""
    return Unverified(
        "incident.not-told", "no such case was told between the two parties under this agreement",
        hint="nothing was entered; the first report comes before everything else",
    )
