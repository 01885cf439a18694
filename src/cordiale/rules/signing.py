"""Which acts somebody who is signed in may do under the session, and which they sign for, one by one.

What discloses, ends, changes a level, consents, or widens what anybody may do is
signed by the person over exactly what was shown. An act that is named nowhere
here is signed for: a new one is strong until somebody says otherwise.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Means(StrEnum):
    """By what a person was known when they signed in; a persona exists in exercises only."""

    PASSKEY = "passkey"
    CERTIFICATE = "certificate"
    PROVIDER = "provider"
    PERSONA = "persona"


ROUTINE_ACTS: Final[frozenset[str]] = frozenset({
    "absence.end", "carry.certificate", "carry.hand-over", "carry.met", "carry.opened", "carry.pack", "circulate",
    "circulate.back", "circulate.confirm", "circulate.decline", "circulate.hand-over", "clearance.ask",
    "consent.ask", "contract.file", "device.register", "draft.enter", "draft.open", "draft.read",
    "draft.revise", "duty.add", "duty.settle", "entry.correct",
    "holder.check", "incident.add", "incident.report", "inventory.open", "inventory.sight", "inventory.sight-files",
    "inventory.explain", "label", "level.challenge", "level.mark", "level.note", "level.told", "medium.register",
    "outage.enter", "place", "read", "read.open", "register", "release.withdraw", "reproduce.ask", "reproduce.assign",
    "reproduce.decline", "reproduce.deliver", "reproduce.finish", "reproduce.withdraw", "return.ask", "rights",
    "search.forget", "search.save", "use", "visit.admit", "visit.brief", "visit.inspection", "visit.leave",
})
"""What is done under a session: routine of a registry that discloses nothing new and can be corrected."""


def is_strong(kind: str) -> bool:
    """Tell whether the act `kind` is signed for by itself; a question (``view.…``) never is."""
    return not kind.startswith("view.") and kind not in ROUTINE_ACTS
