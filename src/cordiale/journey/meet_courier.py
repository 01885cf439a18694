"""Meet a courier: what was announced is expected, what arrives is looked at before anything is opened, and reported.

Responsibility passes with the receipt, not with the arrival (CH-IL V(4)).
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.limits import PACKAGES_COUNT_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.arrival_report import ArrivalReport, PackageState
from cordiale.message.bodies.courier_advice import CourierAdvice
from cordiale.model.names import ConsignmentId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.carriages import CARRIAGE, UNDER_WAY, enter_arrival
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.partners import require_partner
from cordiale.records.plans import PLAN
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct


def take_courier_advice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a courier is expected; a later advice on the same consignment takes the place of the first."""
    body = arrived.message.body
    if not isinstance(body, CourierAdvice):
        raise Malformed("courier-advice.other", "this is not a courier's advice", hint="report this as a defect")
    known, consignment = session.get(CARRIAGE, body.consignment), session.get("consignment", body.consignment)
    whose = (arrived.partner.party, arrived.message.agreement, "in")
    for record in (known, consignment):
        if record is not None and (record["party"], record["agreement"], record["direction"]) != whose:
            raise Unverified(
                "courier-advice.other-consignment", "the advice names a consignment that is not between us",
                hint="report it to the security officer",
            )
    if known is not None and known["state"] not in UNDER_WAY:
        raise OutOfOrder("courier-advice.late", "the courier has arrived before", hint="nothing was changed")
    if body.plan:
        _require_agreed(session, arrived, body.plan)
    session.put(CARRIAGE, body.consignment, {
        "agreement": arrived.message.agreement, "certificate": body.certificate, "consignment": body.consignment,
        "means": body.means.value, "departs_at": shown_at(body.departs_at),
        **({"courier_name": body.courier.name, "courier_post": body.courier.post} if body.courier else {}),
        **({"plan": body.plan} if body.plan else {}),
        "direction": "in", "expected_at": shown_at(body.expected_at), "overdue_at": shown_at(body.overdue_at),
        "packages": body.packages, "party": arrived.partner.party, "seals": sorted(body.seals), "state": "under-way",
    })


def _require_agreed(session: ActSession, arrived: Arrived, plan: str) -> None:
    """Refuse freight that is announced under a plan our authority never agreed to. Raises `Unverified`."""
    record = session.get(PLAN, plan)
    if record is None or "agreed_at" not in record.body or (record["party"], record["agreement"]) != (
        arrived.partner.party, arrived.message.agreement
    ):
        raise Unverified(
            "courier-advice.plan", "the freight is announced under a transport plan that was not agreed between us",
            hint="report it to the security officer",
        )


def meet_courier(registry: Registry, request: Request) -> Answer:
    """Enter what a courier brought, as it was found, and report it to the sender at once."""
    fields = request.act.fields()
    consignment_id = fields.text("consignment")
    packages = fields.integer("packages", 0, PACKAGES_COUNT_MAX)
    seals = fields.texts("seals", max_count=SEALS_COUNT_MAX)
    state, remarks = fields.choice("state", PackageState), fields.optional_text("remarks") or ""
    fields.end()
    found = registry.record(CARRIAGE, consignment_id) or registry.record("consignment", consignment_id)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_COURIER))
        carriage = _expected(session, consignment_id)
        report = ArrivalReport(
            ConsignmentId(consignment_id), session.at.replace(microsecond=0), packages, tuple(sorted(seals)), state,
            remarks,
        )
        differs = enter_arrival(registry, session, carriage, report)
        partner = require_partner(session.reads, carriage["party"], mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(partner=partner, body=report, agreement=log, version=version_of(session, log)))
        return {"consignment": consignment_id, "differs": differs}

    return commit_personal(registry, request, run, log=log, subject=consignment_id)


def _expected(session: ActSession, consignment: str) -> Record:
    """Return the carriage that was announced; one that nobody announced is entered with its arrival."""
    carriage, record = session.get(CARRIAGE, consignment), session.get("consignment", consignment)
    if carriage is None and record is not None and record["direction"] == "in" and record["state"] == "held":
        return session.put(CARRIAGE, consignment, {
            "agreement": record["agreement"], "consignment": consignment, "direction": "in", "party": record["party"],
            "state": "under-way",
        }, expect=0)
    if carriage is None or carriage["direction"] != "in" or carriage["state"] not in UNDER_WAY:
        raise OutOfOrder(
            "carriage.not-expected", "no courier is expected with this consignment",
            hint="what comes without any message is kept unopened and told to the security officer",
        )
    return carriage
