"""What a partner's node refused of ours stands among the duties until it is told anew, or somebody has seen to it."""

from __future__ import annotations

from typing import Final

from cordiale.message.bodies.body import Body
from cordiale.message.form import Message
from cordiale.records.duties import Due, acknowledged, discharge, open_duty
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.refused_messages import SEEN_TO

REFUSED: Final = "refused-by-partner"


def open_refused(registry: Registry, session: ActSession, sent: Message, *, code: str) -> None:
    """Make it due that somebody sees to `sent`, a message of ours that the partner refused with `code`.

    What the partner owed for it is not waited for any more.
    """
    row = SEEN_TO.get(sent.type)
    if row is None:
        return
    matter = _matter(sent.body, row.about) or sent.in_reply_to or sent.agreement or sent.audience.party
    discharge(session, acknowledged(sent.id), code)
    id = _duty(sent.type, sent.audience.party, matter if row.is_replaced else sent.id)
    open_duty(session, id, what=REFUSED, owner=registry.party, subject=matter, due=Due(
        session.at.date(), office=row.office, refused=f"{sent.type} {code}"
    ))


def told_anew(session: ActSession, sent: Message) -> None:
    """Close what is due for a message that was refused before, now that `sent` tells the same anew."""
    row = SEEN_TO.get(sent.type)
    if row is not None and row.is_replaced:
        matter = _matter(sent.body, row.about) or sent.in_reply_to or sent.agreement or sent.audience.party
        discharge(session, _duty(sent.type, sent.audience.party, matter), sent.id)


def _matter(body: Body, member: str) -> str:
    return str(getattr(body, member)) if member else ""


def _duty(type: str, party: str, about: str) -> str:
    return f"refused.{type}.{party.lower()}.{about}"
