"""Exercise or real: fixed when a node is made, and baked into all it signs."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """The kind of world a node lives in.

    The mode is part of every signature domain (`cordiale.crypto.domains`), so
    that what an exercise signs can never be verified as real, nor the reverse.
    """

    EXERCISE = "exercise"
    REAL = "real"
