"""Transport plans in the books of both sides, and what left under each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.message.bodies.transport_plan import read_terms
from cordiale.model.decision import Reason
from cordiale.model.names import AgreementId, PartyId
from cordiale.model.plan import PlanOutcome, TransportPlan
from cordiale.records.record import Record
from cordiale.records.session import ActSession, Books
from cordiale.rules.freight import KnownPlan, list_plan_reasons

PLAN: Final = "transport-plan"
FREIGHT: Final = "freight"
_TERMS: Final = ("description", "route", "escorts", "contingency", "first_day", "last_day", "consignments")


def duty_to_answer(plan: str) -> str:
    """Return the identifier of the duty to answer a plan, on both sides."""
    return f"answer-plan.{plan}"


def terms_body(terms: TransportPlan) -> dict[str, Any]:
    """Return what a record says of a plan."""
    return {
        "consignments": terms.consignments, "contingency": terms.contingency, "description": terms.description,
        "escorts": terms.escorts, "first_day": terms.first_day.isoformat(), "last_day": terms.last_day.isoformat(),
        "route": terms.route,
    }


def plan_of(record: Record) -> KnownPlan:
    """Return the plan in a record."""
    terms = read_terms(Fields({name: record[name] for name in _TERMS}, where="transport plan"))
    return KnownPlan(
        AgreementId(record["agreement"]), PartyId(record["party"]), terms,
        record["state"] == PlanOutcome.AGREED.value, int(record.body.get("used", 0)),
    )


def freight_reasons(books: Books, plan: str, *, agreement: str, party: str) -> Iterator[Reason]:
    """Yield why freight may not leave now to `party` under the plan called `plan`, empty where none is named."""
    record = books.get(PLAN, plan) if plan else None
    known = plan_of(record) if record is not None else None
    yield from list_plan_reasons(known, agreement=agreement, party=party, on=books.at.date())


def leaving_reasons(books: Books, consignment: Record) -> Iterator[Reason]:
    """Yield why the packages of a consignment that was dispatched under a plan may not leave now; nothing without one.

    A plan that was withdrawn since, or whose days are over, holds for nothing that is still here.
    """
    if "plan" not in consignment.body:
        return
    known = plan_of(books.require(PLAN, consignment["plan"]))
    # The consignment itself was counted when it was dispatched.
    known = replace(known, used=known.used - 1)
    yield from list_plan_reasons(
        known, agreement=consignment["agreement"], party=consignment["party"], on=books.at.date()
    )


def note_used(session: ActSession, plan: str, *, sign: int = 1) -> None:
    """Count one more consignment that leaves under a plan, or with `sign` -1 give that back."""
    record = session.require(PLAN, plan)
    session.change(record, used=int(record.body.get("used", 0)) + sign)
