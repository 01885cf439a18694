"""Classified contracts in the books: assurances about firms, lists of classified parts, the tree of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cordiale.errors import Malformed, OutOfOrder, Unverified
from cordiale.limits import CONTRACT_DEPTH_MAX
from cordiale.model.contract import Assurance, ContractPart
from cordiale.model.decision import Reason, refusal
from cordiale.model.label import Label, LevelRef
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.items import ITEM
from cordiale.records.not_taken import NOT_TAKEN
from cordiale.records.paging import all_with
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.contracts import FacilityFacts, asks_approval, decide_item_level
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_level_ref

CONTRACT: Final = "contract"
FACILITY: Final = "facility"
NOTIFIED: Final = "notified"
_OF_A_LIST: Final = ("acknowledged_by", "answered_at", "copies", "message", "number", "parts", "state", "told_at")
ENDED: Final = ("ended", "not-awarded", NOT_TAKEN)
OVER: Final = ("declined", *ENDED)
"""The states in which nothing is exchanged under a contract; one that was declined may still be ended."""


def facility_of(record: Record | None, party: str) -> FacilityFacts:
    """Return what was answered to our question in `record`, nothing where it is not one that `party` answered."""
    if record is None or record["direction"] != "out" or record["party"] != party or record["state"] == "asked":
        return FacilityFacts(None)
    if record["state"] != Assurance.HELD.value:
        return FacilityFacts(Assurance(record["state"]))
    return FacilityFacts(
        Assurance.HELD, parse_level_ref(record["held"]), date.fromisoformat(record["valid_until"])
    )


def parts_of(body: Mapping[str, Any]) -> tuple[ContractPart, ...]:
    """Return the list of classified parts in the body of a contract."""
    return tuple(ContractPart(one["reference"], parse_level_ref(one["level"])) for one in body["parts"])


def equivalent_of(index: RuleIndex, level: LevelRef, ends: tuple[PartyId, PartyId], books: Books) -> LevelRef | None:
    """Return what `level` of the first of `ends` amounts to at the second, None where the table gives nothing."""
    label = Label(originator=ends[0], level=level, release_to=frozenset(ends), created_at=books.at)
    marking = decide_equivalence(label, ends[1], index=index, on=books.at.date())[1]
    return marking.level if marking is not None else None


def require_contract(books: Books, id: str, *, party: str, agreement: str) -> Record:
    """Return the contract `id` that `party` speaks of; raises `Unverified` alike for any that it has no part in."""
    record = books.get(CONTRACT, id)
    if record is None or (record["party"], record["agreement"]) != (party, agreement):
        raise Unverified(
            "contract.not-shared", "there is no such contract between the sender and this party",
            hint="nothing was entered; tell the security officer",
        )
    return record


def require_parent(books: Books, parent: str, *, party: str, agreement: str) -> Record:
    """Return the contract that another is part of, still going on, and not too deep below the main contract."""
    record = require_contract(books, parent, party=party, agreement=agreement)
    if record["state"] in OVER:
        raise OutOfOrder("contract.parent-over", "the contract that this is part of is over",
                         hint="nothing was entered")
    depth, above = 1, record
    while above.body.get("parent"):
        depth, above = depth + 1, books.require(CONTRACT, above["parent"])
        if depth >= CONTRACT_DEPTH_MAX:
            raise Malformed("contract.depth", "sub-contracts stand at most {count} deep", hint="nothing was entered",
                            count=CONTRACT_DEPTH_MAX)
    return record


def list_standing_reasons(registry: Registry, books: Books, contract: Record) -> list[Reason]:
    """Return why nothing is exchanged under `contract` now: it is over, or a list waits to be acknowledged."""
    reasons: list[Reason] = []
    if contract["state"] in OVER:
        reasons.append(refusal("contract.over", "the contract is over"))
    index = load_index(books.reads, contract["agreement"], registry.party)
    contractor = PartyId(contract["party"] if contract["direction"] == "out" else registry.party)
    is_sub = bool(contract.body.get("parent"))
    waits = contract["state"] == "notified"
    if waits and (not is_sub or asks_approval(index, contractor, parse_level_ref(contract["level"]))):
        reasons.append(refusal("contract.not-acknowledged", "the list of the contract is not acknowledged yet"))
    if is_sub:
        reasons += list_standing_reasons(registry, books, books.require(CONTRACT, contract["parent"]))
    return reasons


def list_label_reasons(
    registry: Registry, books: Books, level: LevelRef, *, contract: str, part: str
) -> tuple[Reason, ...]:
    """Return why an item of ours may not be labelled `level` under `part` of `contract`; nothing under no contract.

    Raises `OutOfOrder` for a contract or a part that is not there.
    """
    if not contract:
        return ()
    record = books.require(CONTRACT, contract)
    listed = [one.level for one in parts_of(record.body) if one.reference == part]
    if not listed:
        raise OutOfOrder("contract.no-part", "the list of the contract has no part `{part}`",
                         hint="look at `cordiale contract show`", part=part[:80])
    rules = load_index(books.reads, record["agreement"], registry.party)
    decision = decide_item_level(level, listed[0], rules, party=registry.party, on=books.at.date())
    return (*list_standing_reasons(registry, books, record), *decision.reasons)


def list_dispatch_reasons(registry: Registry, books: Books, item: Record, recipient: str) -> list[Reason]:
    """Return why an item that belongs to a contract may not go to `recipient`; none for one that belongs to none."""
    contract = item.body.get("contract")
    if contract is None:
        return []
    record = books.require(CONTRACT, contract)
    reasons = list_standing_reasons(registry, books, record)
    if record["party"] != recipient:
        reasons.append(refusal("contract.other-party", "the contract that the item belongs to is with another party"))
    return reasons


def end_tree(session: ActSession, contract: Record, state: str) -> list[str]:
    """End `contract` and everything below it, what was declined too; return the contracts that ended.

    A word that it was declined, and one that it has ended, may cross: at both it has ended.
    """
    if contract["state"] in ENDED:
        return []
    session.change(contract, state=state)
    ended = [contract.id]
    for below in list(all_with(session.reads, CONTRACT, "parent", contract.id)):
        ended += end_tree(session, below, state)
    return ended


def open_returns(registry: Registry, session: ActSession, contract: Record, ended: list[str]) -> int:
    """Make it due that each foreign item of `ended` is returned or destroyed, at once after a bid; return how many."""
    index = load_index(session.reads, contract["agreement"], registry.party)
    terms, profile = terms_of(index, "contract.return", party=registry.party), index.state.profile
    due = session.at.date()
    if session.require(CONTRACT, contract.id)["state"] != "not-awarded" and terms and profile is not None:
        due = first_day(terms, due, holidays_of(profile, (registry.party,))) or due
    count = 0
    for id in ended:
        for item in all_with(session.reads, ITEM, "contract", id):
            if "agreement" in item.body and item["state"] in ("held", "registered", "frozen"):
                open_duty(session, contract_duty(item.id), what="contract-item", owner=registry.party,
                          subject=item.id, due=due)
                count += 1
    return count


def note_list_refused(session: ActSession, id: str, message: str, code: str) -> None:
    """Note that the partner's node refused the list of the contract `id` that `message` told it.

    The list before it stands again, with what was answered to it; where none was taken there is no contract there, and
    nothing is exchanged for it.
    """
    contract = session.get(CONTRACT, id)
    if contract is None:
        return
    refused = [*contract.body.get("refused", []), message]
    versions = map(open_record, reversed(session.reads.versions(CONTRACT, id)))
    standing = next((one for one in versions if one["message"] not in refused), None)
    if standing is None:
        session.change(contract, refusal=code, refused=refused, state=NOT_TAKEN)
    elif contract["message"] == message and contract["state"] not in ENDED:
        before = {name: standing.body.get(name) for name in _OF_A_LIST}
        contract = session.change(contract, **before, refusal=code, refused=refused)
    else:
        session.change(contract, refused=refused)
        return
    if standing is None or contract["state"] != NOTIFIED:
        discharge(session, f"answer-contract.{id}", code)


def contract_duty(item: str) -> str:
    """Return the identifier of the duty to return or destroy `item` because its contract is over."""
    return f"contract-item.{item}"


def send(registry: Registry, session: ActSession, record: Mapping[str, Any], letter: Mapping[str, Any]) -> str:
    """Queue a message about a contract or a firm to the other side, with the members of `letter`."""
    partner = require_partner(session.reads, record["party"], mode=registry.mode, now=session.at).statement
    return post(registry, session, Letter(
        partner=partner, agreement=record["agreement"], version=version_of(session, record["agreement"]), **letter,
    )).id
