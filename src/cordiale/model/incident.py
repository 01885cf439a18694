"""Incidents: what has gone wrong, or may have, with information that is to be protected."""

from __future__ import annotations

from enum import StrEnum


class IncidentKind(StrEnum):
    """What is reported. Suspicion suffices for each."""

    LOSS = "loss"
    COMPROMISE = "compromise"
    SUSPECTED = "suspected"
    DELAY = "delay"
    WRONG_MARK = "wrong-mark"
    UNSOLICITED = "unsolicited"
    TAMPERED = "tampered"
    SYSTEM = "system"
