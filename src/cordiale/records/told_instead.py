"""What went to the wrong party while an entry of who follows an originator stood that is taken back.

It reached nobody else. Whoever it is owed to now is told of each of these by people; an incident is told as any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.records.duties import discharge, open_duty
from cordiale.records.incidents import INCIDENT, SHARE, TO_TELL, enter_shares, tell_duty
from cordiale.records.items import ITEM
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.records.successions import OWED, TOLD, TOLD_INSTEAD
from cordiale.records.tell_originator import UNTOLD, told_party, untold_duty

_CURRENT = ("open", "concluded")


def owe_anew(registry: Registry, session: ActSession, entry: str, originators: frozenset[str]) -> None:
    """Make due what was told by way of `entry`, which no longer stands, of items of `originators`."""
    for originator in sorted(originators):
        for told in list(session.each(TOLD_INSTEAD, "originator/state", f"{originator} {TOLD}")):
            if entry in told["by"]:
                session.change(told, state=OWED)
                open_duty(session, untold_duty(told.id), what=UNTOLD, owner=registry.party,
                          subject=told["about"], due=session.at.date())
    for incident in list(_cases(session, originators)):
        _let_go(session, incident, originators)
        enter_shares(registry, session, incident, of=originators)


def _cases(books: Books, originators: frozenset[str]) -> Iterator[Record]:
    """Yield the cases that are not closed about items of `originators`, and those that were told in their place."""
    met = set()
    for state in _CURRENT:
        for incident in books.each(INCIDENT, "state", state):
            items = (books.get(ITEM, one) for one in incident["items"])
            if any(item is not None and item["origin_party"] in originators for item in items):
                met.add(incident.id)
                yield incident
    told = {str(one["incident"]) for of in originators for one in books.each(SHARE, "originator", of)}
    yield from (books.require(INCIDENT, one) for one in sorted(told - met))


def _let_go(session: ActSession, incident: Record, originators: frozenset[str]) -> None:
    """Let nobody be told any more in the place of `originators` who was not told yet, and holds their rights no more.
    """
    for share in session.find(SHARE, "incident", incident.id):
        originator = str(share.body.get("originator", ""))
        is_waiting = originator in originators and share["state"] == TO_TELL
        if is_waiting and told_party(session, originator) != share["party"]:
            discharge(session, tell_duty(share.id), session.act_id)
            session.change(share, state="settled", told=None)
