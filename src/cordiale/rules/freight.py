"""Whether a consignment goes as freight: only under a transport plan that the authorities of both parties agreed.

Large volumes and equipment follow a plan of route, escorts and contingency
(32 CFR 117.19(d)(2), Netherlands-Germany Art. 6(4), Switzerland-France Art. 9(4)).
From how many packages on a plan is needed says a layer, or nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cordiale.model.agreement import Term
from cordiale.model.decision import Reason, refusal
from cordiale.model.names import AgreementId, PartyId
from cordiale.model.plan import TransportPlan


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan in our books: under which agreement and with whom, whether it stands agreed, how often it was used."""

    agreement: AgreementId
    party: PartyId
    terms: TransportPlan
    is_agreed: bool
    used: int


def list_plan_reasons(
    plan: KnownPlan | None, *, agreement: str, party: str, on: date
) -> Iterator[Reason]:
    """Yield why freight may not leave on the day `on` to `party` under `plan`, None where none is named."""
    if plan is None:
        yield refusal("freight.no-plan", "freight leaves only under a transport plan that both authorities agreed")
        return
    if (plan.agreement, plan.party) != (agreement, party):
        yield refusal(
            "freight.other-plan", "the transport plan was agreed with another party or under another agreement"
        )
    if not plan.is_agreed:
        yield refusal("freight.not-agreed", "the authorities of both parties have not agreed to the transport plan")
    if not plan.terms.first_day <= on <= plan.terms.last_day:
        yield refusal("freight.other-day", "the transport plan holds from {first} to {last}",
                      first=plan.terms.first_day.isoformat(), last=plan.terms.last_day.isoformat())
    if plan.used >= plan.terms.consignments:
        yield refusal("freight.used-up", "the transport plan is for {count} consignments, and so many have left",
                      count=str(plan.terms.consignments))


def list_volume_reasons(terms: Iterable[Term], packages: int, *, has_plan: bool) -> Iterator[Reason]:
    """Yield where a layer asks a plan for so many packages and there is none."""
    for term in terms:
        if packages > term.count and not has_plan:
            yield refusal("freight.volume", "more than {count} packages travel under a transport plan", term.article,
                          count=str(term.count))
