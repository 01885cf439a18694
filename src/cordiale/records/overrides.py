"""Where national law took the place of the agreement: noted with the act that was done under it."""

from __future__ import annotations

from typing import Final

from cordiale.model.decision import Decision
from cordiale.records.record import shown_at
from cordiale.records.session import ActSession

OVERRIDE: Final = "override"


def note_overridden(session: ActSession, decision: Decision, *, subject: str) -> None:
    """Note which articles of the agreement gave way to national law in `decision`; nothing where none did.

    It stays in our own books: what a partner learns of it is for people to say.
    """
    if decision.overridden:
        session.put(OVERRIDE, session.act_id, {
            "act": decision.act, "articles": list(decision.overridden), "at": shown_at(session.at), "subject": subject,
        }, expect=0)
