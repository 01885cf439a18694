"""Issuing a change of level: in effect at home on its day, and one message to every party that has a copy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Final

from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.names import ItemId, PartyId
from cordiale.records.agreements import load_index
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import DUTY, open_duty
from cordiale.records.items import COPY
from cordiale.records.labels import label_of
from cordiale.records.level_beside import is_news, tell_third_parties
from cordiale.records.level_marking import answered_by, first_of
from cordiale.records.levels import (
    BY_CONSENT,
    LEVEL_CHANGE,
    LEVEL_TOLD,
    change_body,
    change_of,
    changes_for,
    derived_items,
    judge,
    record_id,
    supersede,
    take_effect,
    told_duty,
    told_id,
    wait_for_day,
)
from cordiale.records.lineage import original_number
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.level import Notice
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of

_AWAY: Final = ("dispatched", "with-partner")
_CONSIGNMENTS_NAMED_MAX: Final = 32


def agreements_away(books: Books, item: str) -> list[str]:
    """Return the agreements under which copies of `item` are with a partner or on their way to one."""
    return sorted({str(copy["agreement"]) for copy in _copies_away(books, item)})


def _copies_away(books: Books, item: str) -> list[Record]:
    return [copy for copy in books.each(COPY, "item", item) if copy["state"] in _AWAY]


def notices_for(registry: Registry, books: Books, item: Record) -> tuple[Notice, ...]:
    """Return how early each party that has a copy of `item` must be told of a change, as its agreement says."""
    return tuple(
        notice for agreement in agreements_away(books, item.id)
        for notice in list_notices(load_index(books.reads, agreement, registry.party), registry.party, books.at.date())
    )


def list_notices(index: RuleIndex, originator: PartyId, issued_on: date) -> tuple[Notice, ...]:
    """Return the earliest day of a change that `originator` issues on `issued_on`; empty where nothing is said.

    An agreement that names no notice asks for none: the change is then told when it is made.
    """
    profile = index.state.profile
    terms = terms_of(index, "level.notice", party=originator)
    if profile is None or not terms:
        return ()
    earliest = first_day(terms, issued_on, holidays_of(profile, profile.parties))
    others = [party for party in profile.parties if party != originator]
    cited = "; ".join(dict.fromkeys(term.article for term in terms))
    return tuple(Notice(party, earliest, cited) for party in others if earliest is not None)


def issue_all(registry: Registry, session: ActSession, item: Record, change: LevelChange) -> list[str]:
    """Issue the change for the item and for our own translations and extracts of it at the same level; return to whom.

    One that stands at a level of its own is for a person to judge.
    """
    told = issue(registry, session, item, change)
    for derived in derived_items(session, item):
        if label_of(derived).level == change.before:
            following = replace(
                change, change=registry.fresh_id("level"), item=ItemId(derived.id),
                issue=len(changes_for(session, derived.id)) + 1,
            )
            told += issue(registry, session, derived, following)
        else:
            judge(registry, session, derived, record_id(registry.party, change.change))
    return sorted(set(told))


def change_by_consent(
    registry: Registry, session: ActSession, item: Record, what: tuple[LevelChange, list[str]]
) -> None:
    """Let a change take effect on an item of an originator that has been replaced, by the consents it rests on.

    It is told to nobody: whoever holds the rights consented to exactly this, and may never have had the item.
    """
    change, consents = what
    body = change_body(change, issuer=registry.party, direction="in", agreement=item["agreement"])
    id = record_id(registry.party, change.change)
    record = session.put(LEVEL_CHANGE, id, {**body, BY_CONSENT: consents}, expect=0)
    supersede(registry, session, record)
    tell_third_parties(registry, session, record)
    if change.effective_at <= session.at:
        take_effect(registry, session, record)
    else:
        wait_for_day(registry, session, record)


def issue(registry: Registry, session: ActSession, item: Record, change: LevelChange) -> list[str]:
    """Enter the change, put it into effect or let it wait for its day, and tell every partner; return which."""
    copies: defaultdict[str, list[Record]] = defaultdict(list)
    for copy in _copies_away(session, item.id):
        copies[str(copy["party"])].append(copy)
    agreements = {str(copy["agreement"]) for away in copies.values() for copy in away}
    id = record_id(registry.party, change.change)
    body = change_body(
        change, issuer=registry.party, direction="out", agreement=agreements.pop() if len(agreements) == 1 else "",
    )
    record = session.put(LEVEL_CHANGE, id, body, expect=0)
    supersede(registry, session, record)
    for party, away in sorted(copies.items()):
        _tell(registry, session, (record, change), (party, away))
    if change.effective_at <= session.at:
        take_effect(registry, session, record)
    else:
        wait_for_day(registry, session, record)
    return sorted(copies)


def tell_beside(registry: Registry, session: ActSession, item: str, party: str) -> None:
    """Tell `party`, which is given a copy of `item` in this act, of the changes that its label does not show."""
    for record in changes_for(session, item):
        if record["direction"] == "out" and is_news(session, record, party):
            away = [copy for copy in _copies_away(session, item) if copy["party"] == party]
            _tell(registry, session, (record, change_of(record)), (party, away))


def _tell(
    registry: Registry, session: ActSession, what: tuple[Record, LevelChange], where: tuple[str, list[Record]]
) -> None:
    """Send the change to one party, and make its answer due."""
    record, change = what
    party, away = where
    agreement = str(away[-1]["agreement"])
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    posted = post(registry, session, Letter(
        partner=partner, agreement=agreement, version=version_of(session, agreement),
        body=replace(change, issue=_count_issue(session, change.item, party)),
        after=_on_the_way(session, away),
    ))
    id = told_id(change.change, party)
    session.put(LEVEL_TOLD, id, {
        "agreement": agreement, "change": record.id,
        "copies": sorted({original_number(change.item, copy.id) for copy in away} - {0}),
        "item": change.item, "message": posted.id, "party": party, "state": "told",
    }, expect=0)
    due = first_of(answered_by(registry, session, record, (agreement, registry.party, PartyId(party))))
    open_duty(
        session, told_duty(id), what="level-change-done", owner=PartyId(party), subject=id,
        due=replace(due, message=posted.id, agreement=agreement),
    )


def tell_again(registry: Registry, session: ActSession, told: Record) -> None:
    """Send the change once more that a party was told of, after the message about it was taken back."""
    change, party = change_of(session.require(LEVEL_CHANGE, told["change"])), str(told["party"])
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    posted = post(registry, session, Letter(
        partner=partner, agreement=told["agreement"], version=version_of(session, told["agreement"]),
        body=replace(change, issue=_count_issue(session, change.item, party)),
    ))
    session.change(told, message=posted.id)
    owed = session.get(DUTY, told_duty(told.id))
    if owed is not None:
        session.change(owed, message=posted.id)


def _count_issue(session: ActSession, item: str, party: str) -> int:
    """Return which change of `item` this is for `party`: it counts none that others were told of before it."""
    id = f"{item}/{party}"
    counted = session.get("level-issue", id)
    issue = int(counted["issue"]) + 1 if counted is not None else 1
    session.put("level-issue", id, {"issue": issue, "item": item, "party": party})
    return issue


def _on_the_way(session: ActSession, away: list[Record]) -> tuple[str, ...]:
    """Return the messages a change must not overtake: while every copy is still on its way, they tell what it is of."""
    if any(copy["state"] == "with-partner" for copy in away):
        return ()
    consignments = sorted({str(copy["consignment"]) for copy in away})[:_CONSIGNMENTS_NAMED_MAX]
    return tuple(str(session.require("consignment", one)["message"]) for one in consignments)
