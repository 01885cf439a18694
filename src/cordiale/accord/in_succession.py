"""What is told us of items of an originator that we follow: entered as it was said, and seen to by people.

We need never have had the items: nothing of ours changes by it. Who we follow is what our own map says.
"""

from __future__ import annotations

from cordiale.message.bodies.in_succession import InSuccession
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import open_duty
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.successions import TOLD_US
from cordiale.records.tell_originator import require_ours


def take_in_succession(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner tells us in the place of an originator that we follow; our authority sees to it."""
    body = body_as(arrived, InSuccession)
    require_ours(registry, session, body.originator)
    told = {name: said for name, said in body.encode().items() if name != "originator"}
    session.put(TOLD_US, arrived.message.id, {
        "agreement": arrived.message.agreement, "at": shown_at(session.at), "originator": body.originator,
        "party": arrived.partner.party, "told": told,
    }, expect=0)
    open_duty(session, f"in-succession.{arrived.message.id}", what="in-succession", owner=registry.party,
              subject=arrived.message.id, due=session.at.date())
