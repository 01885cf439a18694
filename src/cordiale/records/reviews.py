"""The calendar of levels: when the need for one is looked at again, and that a foreign item is only asked about.

National law may say that a level is looked at again, or lapses, after some
years. Of our own items that day brings a duty: a person proposes, another
confirms. A foreign item never falls under it: the day passes it over, and its
originator is consulted instead.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.model.agreement import Act
from cordiale.model.label import TriggerKind
from cordiale.model.names import ItemId, PartyId
from cordiale.records.agreements import own_profile
from cordiale.records.asked_consents import put_request, whom_to_ask
from cordiale.records.duties import Due, open_duty
from cordiale.records.endings import ENDED
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of, original_label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.level import DECLASSIFIED
from cordiale.rules.terms import counted_from
from cordiale.rules.workdays import Holidays

REVIEW: Final = "level-review"
_NO_HOLIDAYS: Final = Holidays(frozenset(), frozenset())


def plan_reviews(registry: Registry, session: ActSession, item_id: str) -> None:
    """Enter the days on which the level of a new item is looked at: that of its label, and that of national law."""
    item = session.require(ITEM, item_id)
    trigger = original_label_of(item).trigger
    is_own = item["origin_party"] == registry.party
    if is_own and trigger is not None and trigger.kind is not TriggerKind.EVENT and trigger.on is not None:
        _plan(registry, session, item, trigger.on, "label")
    day = _national_day(registry, session, item)
    if day is not None:
        _plan(registry, session, item, day, "law")


def _plan(registry: Registry, session: ActSession, item: Record, day: date, why: str) -> None:
    open_duty(
        session, f"{REVIEW}.{why}.{item.id}", what=REVIEW, owner=registry.party, subject=item.id,
        due=Due(day, opens_on=max(day, session.at.date())),
    )


def _national_day(registry: Registry, books: Books, item: Record) -> date | None:
    """Return the day on which national law has the level looked at, None where it says nothing."""
    profile = own_profile(books.reads, registry.party)
    if profile is None:
        return None
    label = label_of(item)
    days = [
        counted_from(term, label.created_at.date(), _NO_HOLIDAYS) for term in profile.terms
        if term.name == "level.review" and term.level in (None, label.level)
    ]
    return min(days, default=None)


def begin_review(registry: Registry, session: ActSession, duty: Record) -> None:
    """On its day: an own item waits for a person; of a foreign one the originator is consulted, and nothing changes."""
    item = session.get(ITEM, duty["subject"])
    if item is None or item["origin_party"] == registry.party or item["state"] in ENDED:
        return
    ask_for_change(registry, session, item, (DECLASSIFIED, "review of the level under the recipient's law"))


def ask_for_change(registry: Registry, session: ActSession, item: Record, what: tuple[str, str]) -> str:
    """Ask the originator of a foreign item whether its level changes to `what` (the level, and why it is asked)."""
    to, grounds = what
    terms = ConsentTerms(item=ItemId(item.id), act=Act.CHANGE_LEVEL, purpose=to)
    whom = whom_to_ask(session, item)
    former = PartyId(item["origin_party"]) if whom[0] != item["origin_party"] else None
    return str(put_request(registry, session, ConsentRequest(terms, None, grounds, former), whom).id)
