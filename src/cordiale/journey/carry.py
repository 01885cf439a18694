"""Carry: what leaves in a courier's hands is sealed before witnesses, handed over against a certificate, and followed.

The outer cover bears neither level nor subject; inside it a second cover bears
both. The seals of either are kept with who was there when they were set. A
courier has a certificate for one journey, numbered, and hands it back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import COURIER_OVERDUE_SECONDS_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.arrival_report import ArrivalReport
from cordiale.message.bodies.courier_advice import CourierAdvice, Means
from cordiale.message.members import NamedPost, read_line
from cordiale.model.agreement import Act, Term
from cordiale.model.decision import Reason, decision_of
from cordiale.model.names import ConsignmentId, PartyId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.carriages import (
    CARRIAGE,
    UNDER_WAY,
    enter_arrival,
    items_of,
    outcomes_of,
    read_packages,
    require_sent,
)
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.courier_authority import await_telling, list_telling_reasons
from cordiale.records.duties import discharge, open_duty
from cordiale.records.items import view_of
from cordiale.records.labels import label_of
from cordiale.records.partners import require_partner
from cordiale.records.plans import leaving_reasons
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.rules.carriage import (
    CarriageQuestion,
    PostingQuestion,
    decide_carriage,
    decide_posting,
    overdue_after,
)
from cordiale.rules.freight import list_volume_reasons
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.rules.provision import list_leaving_reasons
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import terms_of
from cordiale.wire.person_json import parse_day


def pack(registry: Registry, request: Request) -> Answer:
    """Enter how a consignment was packed: packages, the seals of the outer covers and those of the inner ones."""
    fields = request.act.fields()
    consignment_id = fields.text("consignment")
    packed = read_packages(fields)
    inner = sorted(fields.texts("inner_seals", max_count=SEALS_COUNT_MAX)) if fields.has("inner_seals") else []
    departs_on = parse_day(fields.text("departs_on")) if fields.has("departs_on") else None
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SEAL_PACKAGES))
        consignment = require_sent(session, consignment_id)
        known = session.get(CARRIAGE, consignment_id)
        if known is not None and known["state"] != "packed":
            raise OutOfOrder(
                "carriage.handed-over", "this consignment was handed to a courier before",
                hint="look at `cordiale carry show`",
            )
        session.put(CARRIAGE, consignment_id, {
            **packed, "agreement": consignment["agreement"], "consignment": consignment_id, "direction": "out",
            "inner_seals": inner, "packed_at": shown_at(session.at), "party": consignment["party"],
            "sealed_by": [actor.id], "state": "packed",
        })
        await_telling(registry, session, consignment, departs_on)
        return {"consignment": consignment_id, "packages": packed["packages"], "seals": packed["seals"]}

    return commit_personal(registry, request, run, subject=consignment_id)


def witness_sealing(registry: Registry, request: Request) -> Answer:
    """Sign, as another person, for the packages and seals that one saw when the consignment was sealed.

    Raises `OutOfOrder` when they are not those that were entered: nobody signs for seals they have not seen.
    """
    fields = request.act.fields()
    consignment_id = fields.text("consignment")
    seen = read_packages(fields)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.WITNESS_SEALING)
        carriage = _require_packed(session, consignment_id)
        done = tuple(ActDone(one, OfficialAct.SEAL_PACKAGES) for one in carriage["sealed_by"])
        require_allowed(decide_office_now(session, actor, OfficialAct.WITNESS_SEALING, done=done))
        if any(carriage[name] != value for name, value in seen.items()):
            raise OutOfOrder(
                "carriage.other-seals", "the packages and seals you saw are not those that were entered",
                hint="read the numbers on the outer covers again; if they are right, have it packed anew",
            )
        signed = sorted({*carriage["sealed_by"], actor.id})
        session.change(carriage, sealed_by=signed)
        return {"consignment": consignment_id, "sealed_by": len(signed)}

    return commit_personal(registry, request, run, subject=consignment_id)


def hand_over(registry: Registry, request: Request) -> Answer:
    """Hand the packages to a courier against a certificate for this journey, and announce the courier to the partner.

    Raises `Refused` or `Undecidable` where the courier is not cleared, too few have sealed it, the announcement
    comes too late, or nobody says when the courier is overdue.
    """
    fields = request.act.fields()
    consignment_id, courier_id = fields.text("consignment"), fields.text("courier")
    departs_at, expected_at = fields.instant("departs_at"), fields.instant("expected_at")
    said_hours = fields.optional_integer("overdue_hours", 1, COURIER_OVERDUE_SECONDS_MAX // 3_600)
    route = fields.optional_text("route") or ""
    fields.end()
    found = registry.record("consignment", consignment_id)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        carriage = _require_packed(session, consignment_id)
        consignment = require_sent(session, consignment_id)
        _require_way(consignment, by_post=False)
        courier = require_person(session, courier_id)
        index = load_index(session.reads, log, registry.party, consignment["party"])
        untold = list_telling_reasons(registry, session, consignment, departs_at.date())
        freight = _freight_reasons(session, consignment, carriage, limits=_terms(registry, index, "freight.packages"))
        ended = _ended_reasons(registry, session, consignment, index)
        require_allowed(decision_of("hand-over", [*ended, *freight, *untold]))
        hours = overdue_after(_terms(registry, index, "courier.overdue"), said_hours)
        require_allowed(decide_carriage(CarriageQuestion(
            courier=courier, items=[view_of(registry, session, item) for item in items_of(session, consignment)],
            outcomes=outcomes_of(registry, session, consignment), sealed_by=frozenset(carriage["sealed_by"]),
            holder=registry.party, departs_at=departs_at, expected_at=expected_at,
            announced=_terms(registry, index, "courier.advise"), overdue_after_hours=hours,
        ), now=session.at))
        number = f"{registry.party}-COU-{session.at.year}-{session.take_number('courier-certificate'):04d}"
        advice = CourierAdvice(
            ConsignmentId(consignment_id), carriage["packages"], tuple(carriage["seals"]), Means.COURIER,
            NamedPost(courier.name, courier.post), number, departs_at, expected_at,
            expected_at + timedelta(hours=hours or 0), str(consignment.body.get("plan", "")),
        )
        partner = require_partner(session.reads, consignment["party"], mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=advice, agreement=log, version=version_of(session, log),
        ))
        session.change(
            carriage, advice=posted.id, certificate=number, courier=courier.id, departs_at=shown_at(departs_at),
            expected_at=shown_at(expected_at), handed_over_at=shown_at(session.at), handed_over_by=actor.id,
            overdue_at=shown_at(advice.overdue_at), route=route or None, state="under-way",
        )
        open_duty(
            session, f"courier-certificate.{consignment_id}", what="courier-certificate", owner=registry.party,
            subject=consignment_id, due=advice.overdue_at.date(),
        )
        return {"certificate": number, "consignment": consignment_id, "overdue_at": shown_at(advice.overdue_at)}

    return commit_personal(registry, request, run, log=log, subject=consignment_id)


def _ended_reasons(
    registry: Registry, session: ActSession, consignment: Record, index: RuleIndex
) -> list[Reason]:
    """Return why what was dispatched while provision stood is not handed over now: it was suspended since, or ended."""
    labels = [label_of(item) for item in items_of(session, consignment)]
    between = registry.party, PartyId(consignment["party"])
    return list(dict.fromkeys(list_leaving_reasons(labels, between, index, session.at.date())))


def _freight_reasons(
    session: ActSession, consignment: Record, carriage: Record, *, limits: tuple[Term, ...]
) -> list[Reason]:
    """Return why so many packages do not leave, or none do under the plan that the consignment was dispatched under."""
    return [
        *list_volume_reasons(limits, carriage["packages"], has_plan="plan" in consignment.body),
        *leaving_reasons(session, consignment),
    ]


def hand_to_post(registry: Registry, request: Request) -> Answer:
    """Hand the packages to the post under a number by which they are tracked, and announce them to the partner.

    Raises `Refused` or `Undecidable` where too few have sealed it, or nobody says when the delay is alarming.
    """
    fields = request.act.fields()
    consignment_id, tracking = fields.text("consignment"), read_line(fields, "tracking")
    expected_at = fields.instant("expected_at")
    said_hours = fields.optional_integer("overdue_hours", 1, COURIER_OVERDUE_SECONDS_MAX // 3_600)
    fields.end()
    found = registry.record("consignment", consignment_id)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        carriage = _require_packed(session, consignment_id)
        consignment = require_sent(session, consignment_id)
        _require_way(consignment, by_post=True)
        index = load_index(session.reads, log, registry.party, consignment["party"])
        require_allowed(decision_of("hand-over", _ended_reasons(registry, session, consignment, index)))
        hours = overdue_after(_terms(registry, index, "delivery.overdue"), said_hours)
        require_allowed(decide_posting(PostingQuestion(
            outcomes=outcomes_of(registry, session, consignment, Act.POST), sealed_by=frozenset(carriage["sealed_by"]),
            expected_at=expected_at, overdue_after_hours=hours,
        ), now=session.at))
        posted_at = session.at.replace(microsecond=0)
        advice = CourierAdvice(
            ConsignmentId(consignment_id), carriage["packages"], tuple(carriage["seals"]), Means.POST, None, tracking,
            posted_at, expected_at, expected_at + timedelta(hours=hours or 0),
        )
        partner = require_partner(session.reads, consignment["party"], mode=registry.mode, now=session.at).statement
        told = post(registry, session, Letter(
            partner=partner, body=advice, agreement=log, version=version_of(session, log),
        ))
        session.change(
            carriage, advice=told.id, departs_at=shown_at(posted_at), expected_at=shown_at(expected_at),
            handed_over_at=shown_at(session.at), handed_over_by=actor.id, means=Means.POST.value,
            overdue_at=shown_at(advice.overdue_at), state="under-way", tracking=tracking,
        )
        return {"consignment": consignment_id, "overdue_at": shown_at(advice.overdue_at), "tracking": tracking}

    return commit_personal(registry, request, run, log=log, subject=consignment_id)


def _require_way(consignment: Record, *, by_post: bool) -> None:
    """Raise `OutOfOrder` for a courier where it was decided that it goes by post, and the other way round."""
    if (consignment["link"] == "post") is not by_post:
        raise OutOfOrder(
            "carriage.other-way", "this consignment was dispatched to travel otherwise",
            hint="hand it over as it was dispatched, or dispatch it anew",
        )


def note_opening(registry: Registry, request: Request) -> Answer:
    """Enter that packages were opened on the way: where, by which officials, and what they confirmed in writing."""
    fields = request.act.fields()
    consignment_id, place = fields.text("consignment"), fields.text("place")
    officials, confirmation = fields.text("officials"), fields.optional_text("confirmation") or ""
    seals = sorted(fields.texts("seals", max_count=SEALS_COUNT_MAX)) if fields.has("seals") else []
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        carriage = _require_out(session, consignment_id)
        openings = [*carriage.body.get("openings", []), {
            "confirmation": confirmation, "entered_at": shown_at(session.at), "officials": officials, "place": place,
            "seals": seals,
        }]
        session.change(carriage, openings=openings)
        open_duty(
            session, f"opened-on-the-way.{consignment_id}.{len(openings)}", what="opened-on-the-way",
            owner=registry.party, subject=consignment_id, due=session.at.date(),
        )
        return {"consignment": consignment_id, "openings": len(openings)}

    return commit_personal(registry, request, run, subject=consignment_id)


def take_back_certificate(registry: Registry, request: Request) -> Answer:
    """Take back the courier's certificate at the end of the journey, with the courier's declaration."""
    fields = request.act.fields()
    consignment_id, declaration = fields.text("consignment"), fields.text("declaration")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISPATCH))
        carriage = _require_out(session, consignment_id)
        if "certificate_back_at" in carriage.body:
            raise OutOfOrder(
                "carriage.certificate-back", "the certificate was handed back before", hint="nothing was changed"
            )
        session.change(carriage, certificate_back_at=shown_at(session.at), declaration=declaration)
        discharge(session, f"courier-certificate.{consignment_id}", request.act.id)
        return {"certificate": carriage["certificate"], "consignment": consignment_id}

    return commit_personal(registry, request, run, subject=consignment_id)


def take_arrival_report(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter how the partner found the packages; what differs from what was handed over becomes a duty at once."""
    body = arrived.message.body
    carriage = session.get(CARRIAGE, body.consignment) if isinstance(body, ArrivalReport) else None
    is_theirs = carriage is not None and carriage["direction"] == "out" and (
        (carriage["party"], carriage["agreement"]) == (arrived.partner.party, arrived.message.agreement)
    )
    if carriage is None or not is_theirs or not isinstance(body, ArrivalReport) or "advice" not in carriage.body:
        raise Unverified(
            "arrival-report.other", "the report speaks of packages that are not under way to the sender",
            hint="report it to the security officer",
        )
    if carriage["state"] not in UNDER_WAY:
        raise OutOfOrder("arrival-report.twice", "the arrival was reported before", hint="nothing was changed")
    enter_arrival(registry, session, carriage, body)


def _terms(registry: Registry, index: RuleIndex, name: str) -> tuple[Term, ...]:
    return terms_of(index, name, party=registry.party)


def _require_packed(session: ActSession, consignment: str) -> Record:
    carriage = session.get(CARRIAGE, consignment)
    if carriage is None or carriage["state"] != "packed":
        raise OutOfOrder(
            "carriage.not-packed", "this consignment is not packed, or has been handed over already",
            hint="enter the seals with `cordiale carry pack`",
        )
    return carriage


def _require_out(session: ActSession, consignment: str) -> Record:
    carriage = session.get(CARRIAGE, consignment)
    if carriage is None or carriage["direction"] != "out" or "certificate" not in carriage.body:
        raise OutOfOrder(
            "carriage.not-under-way", "no courier of ours has this consignment", hint="look at `cordiale carry list`"
        )
    return carriage

