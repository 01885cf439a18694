"""Orders of ours that a partner's node has not answered for a day: somebody tells them otherwise, by telephone perhaps.

An order must not wait for a link that is down. It goes on being sent; the duty ends with the answer, or with the word
of a person that it was told. What has no haste is not told of one by one: it stands with what waits for a partner.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from cordiale.limits import ORDER_UNANSWERED_SECONDS_MAX
from cordiale.message.bodies.body import Precedence
from cordiale.message.form import Message, parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.records.duties import DUTY
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.refused_messages import duty_if_unanswered, open_unanswered
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.refused_messages import SEEN_TO

_WHAT: Final = "unanswered"


def note_unanswered(registry: Registry) -> int:
    """Enter a duty for each order that has waited for its answer for a day, once; return how many there are."""
    late = list(_late(registry))
    if not late:
        return 0

    def run(session: ActSession) -> dict[str, Any]:
        for message in late:
            row = session.reads.outbox(message.id)
            if row is not None and row.state == "waiting":
                open_unanswered(registry, session, message)
        return {"orders": len(late)}

    registry.ledger.commit(Act(registry.fresh_id(_WHAT), _WHAT, "node", INTERNAL, run))
    return len(late)


def _late(registry: Registry) -> Iterator[Message]:
    """Yield the orders that wait too long and of which nobody was told; in the outbox orders come first."""
    until = registry.now() - timedelta(seconds=ORDER_UNANSWERED_SECONDS_MAX)
    for row in registry.reads().outbox_open():
        if row.precedence != Precedence.ORDER.value:
            return
        if row.queued_at <= until and registry.record(DUTY, duty_if_unanswered(row.id)) is None:
            message = parse_message(read_unverified_object(row.message).unverified_payload)
            if message.type in SEEN_TO:
                yield message
