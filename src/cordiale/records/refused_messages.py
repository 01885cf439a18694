"""What a partner's node refused of ours, or left unanswered, is due until it is told anew, or somebody saw to it."""

from __future__ import annotations

from typing import Final

from cordiale.message.form import Message
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.refused_messages import SEEN_TO

REFUSED: Final = "refused-by-partner"
UNANSWERED: Final = "order-unanswered"


def open_refused(registry: Registry, session: ActSession, sent: Message, *, code: str) -> None:
    """Make it due that somebody sees to `sent`, a message of ours that the partner refused with `code`."""
    row = SEEN_TO.get(sent.type)
    if row is None:
        return
    open_duty(session, duty_if_refused(sent), what=REFUSED, owner=registry.party, subject=_matter(sent), due=Due(
        session.at.date(), office=row.office, noted=f"{sent.type} {code}"
    ))


def end_owed(session: ActSession, sent: Message, code: str) -> None:
    """Wait no more for what the partner owed for `sent`, which it refused with `code` and had never taken."""
    for owed in session.find(DUTY, "message", sent.id) if sent.type in SEEN_TO else ():
        if owed["owner"] == sent.audience.party:
            discharge(session, owed.id, code)


def open_unanswered(registry: Registry, session: ActSession, sent: Message) -> None:
    """Make it due that the order `sent` is told otherwise: the partner's node has not answered it."""
    open_duty(
        session, duty_if_unanswered(sent.id), what=UNANSWERED, owner=registry.party, subject=_matter(sent),
        due=Due(session.at.date(), office=SEEN_TO[sent.type].office, noted=sent.type),
    )


def duty_if_unanswered(message: str) -> str:
    """Return the identifier of the duty that stands while the order `message` waits too long for its answer."""
    return f"unanswered.{message}"


def told_anew(session: ActSession, sent: Message) -> None:
    """Close what is due for a message that was refused before, now that `sent` tells the same anew."""
    if sent.type in SEEN_TO and SEEN_TO[sent.type].is_replaced:
        discharge(session, duty_if_refused(sent), sent.id)


def duty_if_refused(sent: Message) -> str:
    """Return the identifier of the duty that stands once `sent`, of a type that is seen to, is refused."""
    about = _matter(sent) if SEEN_TO[sent.type].is_replaced else sent.id
    return f"refused.{sent.type}.{sent.audience.party.lower()}.{about}"


def _matter(sent: Message) -> str:
    member = SEEN_TO[sent.type].about
    return str(getattr(sent.body, member)) if member else (
        sent.in_reply_to or sent.agreement or sent.audience.party
    )
