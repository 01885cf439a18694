"""How often a partner may ask in a day: each question makes a record and work for people here.

The first questions of a day are kept as they are; what comes beyond the bound is refused, signed, and may come again
on another day.
"""

from __future__ import annotations

from typing import Final

from cordiale.errors import OutOfOrder
from cordiale.limits import PARTNER_DAY_ASKS_COUNT_MAX
from cordiale.message.form import Message
from cordiale.records.session import ActSession

ASKS: Final = frozenset({
    "clearance-query", "consent-request", "contract-notice", "emergency-notice", "facility-query", "freeze",
    "in-succession", "incident-report", "inventory-result", "return-request", "transport-plan", "visit-amendment",
    "visit-notice", "visit-request",
})
"""Types of messages that open something for our people to do."""

_COUNT: Final = "partner-day"


def require_not_flooded(session: ActSession, party: str, message: Message) -> None:
    """Count what a partner asks today; raises `OutOfOrder` for what comes beyond the bound of its type."""
    if message.type not in ASKS:
        return
    id = f"{party.lower()}.{message.type}"
    today, counted = session.at.date().isoformat(), session.get(_COUNT, id)
    count = int(counted["count"]) if counted is not None and counted["on"] == today else 0
    if count >= PARTNER_DAY_ASKS_COUNT_MAX:
        raise OutOfOrder(
            "intake.too-many", "more of this was asked today than a partner may ask in one day",
            hint="ask again tomorrow, and speak to the other registry",
        )
    session.put(_COUNT, id, {"count": count + 1, "on": today, "party": party})
