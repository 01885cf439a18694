"""Whether a classified contract may be told of, and which level an item made under it must have.

Nothing is disclosed to a firm before the authority of its country has assured its
clearance in writing. A sub-contract stands under the same rules as the contract
above it, and never above its level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.model.contract import Assurance, ContractPart
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.national import Rules, dominates
from cordiale.rules.provision import list_stage_reasons
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import terms_of

ACT: Final = "contract"


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """What the authority of the contractor's country answered last; `level` and `until` of a clearance that is held."""

    assurance: Assurance | None
    level: LevelRef | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ContractQuestion:
    """A contract that `letter` lets to a firm of `contractor`; `above` is the level of the contract that it is part of.

    `level` and `parts` are in the scheme of `letter`; `equivalent` is what `level` amounts to at the contractor.
    """

    letter: PartyId
    contractor: PartyId
    level: LevelRef
    equivalent: LevelRef | None
    parts: tuple[ContractPart, ...]
    copies: int
    facility: FacilityFacts
    on: date
    above: LevelRef | None = None


def decide_notice(question: ContractQuestion, index: RuleIndex) -> Decision:
    """Decide whether the contract may be told of under the agreement of `index`, with every reason against it."""
    reasons = list(list_stage_reasons(index.state, question.on))
    reasons += _list_facility_reasons(question, index)
    for part in question.parts:
        if not dominates(index, question.level, part.level):
            reasons.append(refusal("contract.part-above", "the part `{part}` is above the level of the contract",
                                   part=part.reference[:80]))
    if question.above is not None and not dominates(index, question.above, question.level):
        reasons.append(refusal("contract.above-parent", "a sub-contract is not above the contract that it is part of"))
    for term in terms_of(index, "contract.copies", party=question.contractor, level=question.level):
        if question.copies < term.count:
            reasons.append(refusal("contract.copies", "the authority is given {count} copies of the list",
                                   term.article, count=str(term.count)))
    return decision_of(ACT, reasons)


def _list_facility_reasons(question: ContractQuestion, index: RuleIndex) -> Iterator[Reason]:
    facility, level = question.facility, question.equivalent
    if level is None:
        yield undecidable("contract.no-equivalent", "{level} has no equivalent at the contractor",
                          level=str(question.level))
    if facility.assurance is not Assurance.HELD or facility.level is None or facility.until is None:
        yield refusal("contract.no-assurance", "the authority of the contractor has assured no clearance of the firm")
        return
    if facility.until < question.on:
        yield refusal("contract.assurance-ended", "the clearance of the firm has ended")
    if level is not None and not dominates(index, facility.level, level):
        yield refusal("contract.assurance-below", "the firm is cleared up to {held} only", held=str(facility.level))


def asks_approval(index: RuleIndex, contractor: PartyId, level: LevelRef) -> bool:
    """Tell whether a sub-contract waits for an approval; it does unless a layer says that none is needed."""
    terms = terms_of(index, "contract.sub-approval", party=contractor, level=level)
    return not terms or any(term.count for term in terms)


def decide_item_level(level: LevelRef, listed: LevelRef, rules: Rules, *, party: PartyId, on: date) -> Decision:
    """Decide whether an item of `party` that is made under a part of level `listed` may be labelled `level`.

    A list of the other party's scheme counts with its equivalent. Higher is allowed, lower never.
    """
    needed: LevelRef | None = listed
    if listed.scheme != level.scheme:
        row = rules.equivalence(listed, recipient=party, on=on)
        needed = row.target if row is not None else None
    is_enough = dominates(rules, level, needed) if needed is not None else None
    if is_enough is None:
        return decision_of("label", [undecidable(
            "label.contract-unknown", "what the list of the contract asks for could not be told: {level}",
            level=str(listed),
        )])
    return decision_of("label", [] if is_enough else [refusal(
        "label.below-contract", "the list of the contract gives this part the level {level}", level=str(needed),
    )])
