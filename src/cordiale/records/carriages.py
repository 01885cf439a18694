"""Carriages: one journey of a courier with one consignment, as each side knows it.

On the sender's side it begins with the packing, on the recipient's with the
advice or, where none came, with the arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import OutOfOrder
from cordiale.limits import PACKAGES_COUNT_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.arrival_report import ArrivalReport, PackageState
from cordiale.message.bodies.courier_advice import require_packed
from cordiale.model.agreement import Act
from cordiale.model.incident import IncidentKind
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.duties import discharge, open_duty
from cordiale.records.incidents import about_consignment, open_incident_by_itself
from cordiale.records.items import COPY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.layers import LayerOutcome, Scope, parties_asked

CARRIAGE: Final = "carriage"
UNDER_WAY: Final = frozenset({"under-way", "overdue"})


def require_sent(books: Books, consignment: str) -> Record:
    """Return a consignment of ours that is to leave, or has left, and waits for its receipt; raises `OutOfOrder`.

    One that is being taken back is not to leave.
    """
    record = require_out(books, consignment)
    if "withdrawal" in record.body:
        raise OutOfOrder(
            "withdraw.asked", "this consignment is being taken back; its partner has not answered",
            hint="where its node does not answer, another person enters what its registry says",
        )
    return record


def require_out(books: Books, consignment: str) -> Record:
    """Return a consignment of ours that waits for its receipt; raises `OutOfOrder`."""
    record = books.require("consignment", consignment)
    if record["direction"] != "out" or record["state"] not in ("dispatched", "delivered"):
        raise OutOfOrder(
            "carriage.not-sent", "this is no consignment of ours that is on its way",
            hint="look at `cordiale inbox --all`",
        )
    return record


def items_of(books: Books, consignment: Record) -> Sequence[Record]:
    """Return the items of a consignment that we sent."""
    return [books.require(ITEM, books.require(COPY, copy)["item"]) for copy in consignment["copies"]]


def outcomes_of(
    registry: Registry, books: Books, consignment: Record, act: Act = Act.CARRY
) -> Sequence[LayerOutcome]:
    """Return what the layers say of `act`, carrying or posting each item of a consignment of ours, at each party."""
    index = load_index(books.reads, consignment["agreement"], registry.party)
    recipient = PartyId(consignment["party"])
    found = []
    for item in items_of(books, consignment):
        label = label_of(item)
        for at_party in parties_asked(act, provider=label.originator, recipient=recipient):
            found.append(index.outcome(act, Scope(label.originator, recipient, label.level, at_party)))
    return found


def read_packages(fields: Fields) -> dict[str, Any]:
    """Read how many packages there are and what seals are on their covers. Raises `Malformed`."""
    packages = fields.integer("packages", 1, PACKAGES_COUNT_MAX)
    seals = fields.texts("seals", max_count=SEALS_COUNT_MAX)
    require_packed(packages, seals)
    return {"packages": packages, "seals": sorted(seals)}


def enter_arrival(registry: Registry, session: ActSession, carriage: Record, report: ArrivalReport) -> list[str]:
    """Enter an arrival on either side; return what differs, which becomes a duty of this party at once."""
    differs = []
    if report.state is PackageState.DISTURBED:
        differs.append("disturbed")
    if "seals" in carriage.body and sorted(report.seals) != carriage["seals"]:
        differs.append("seals")
    if "packages" in carriage.body and report.packages != carriage["packages"]:
        differs.append("packages")
    session.change(
        carriage, arrived_at=shown_at(report.arrived_at), differs=differs or None, packages_found=report.packages,
        remarks=report.remarks or None, seals_found=sorted(report.seals), state="arrived",
    )
    discharge(session, f"courier-overdue.{carriage.id}", shown_at(report.arrived_at))
    if differs:
        open_duty(
            session, f"packages-differ.{carriage.id}", what="packages-differ", owner=registry.party,
            subject=carriage.id, due=session.at.date(),
        )
        open_incident_by_itself(registry, session, about_consignment(
            session, IncidentKind.TAMPERED, f"packages came otherwise than announced: {', '.join(differs)}", carriage.id
        ))
    return differs
