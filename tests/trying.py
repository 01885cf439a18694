"""How often a property is tried: bounded in every run, and fifty times as often in the long campaign of `make slow`."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

_ORDINARY: Final = 40
"""What a property is tried in every run that says nothing of it."""


def tried(examples: int) -> settings:
    """Return settings for a property that an ordinary run tries `examples` times; no test is timed."""
    return settings(max_examples=examples * settings.default.max_examples // _ORDINARY, deadline=None)
