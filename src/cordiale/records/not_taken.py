"""What we asked of a partner and its node refused: it was never entered there, and nobody waits for an answer to it."""

from __future__ import annotations

from typing import Final

from cordiale.records.duties import discharge
from cordiale.records.session import ActSession

NOT_TAKEN: Final = "not-taken"

_ASKED: Final = (
    ("clearance-query", "clearance.answer."), ("consent-request", "consent-answer."), ("freeze-order", "freeze."),
    ("return-request", "return-answer."),
)
"""Kinds of records that bear the name of the message that asked, and how the duty to answer it begins."""
_NAMED: Final = (("facility", "asked", "answer-facility."), ("transport-plan", "proposed", "answer-plan."))
"""Kinds of records with a name of their own, how they stand while they are asked, and how that duty begins."""


def note_not_taken(session: ActSession, message: str, code: str) -> None:
    """Let what `message` asked end as not taken, with the code of the refusal; a clock set by a law runs on.

    What was answered before stays as it is.
    """
    for kind, duty in _ASKED:
        asked = session.get(kind, message)
        if asked is not None and (asked["direction"], asked["state"]) == ("out", "asked"):
            session.change(asked, refusal=code, state=NOT_TAKEN)
            discharge(session, duty + message, code)
    for kind, state, duty in _NAMED:
        for named in session.find(kind, "message", message):
            if (named["direction"], named["state"]) == ("out", state):
                session.change(named, refusal=code, state=NOT_TAKEN)
                discharge(session, f"{duty}{named.id}", code)
