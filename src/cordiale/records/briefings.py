"""Briefings in the books: given by an officer, acknowledged by the person; only then do they stand with the person."""

from __future__ import annotations

from typing import Final

BRIEFING: Final = "briefing"
