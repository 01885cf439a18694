"""Wrapping keys of the sample nodes, new in every run: nothing in the tests depends on which they are."""

from __future__ import annotations

from typing import Final

from cordiale.crypto.wrapping import WrappingKey

WRAPPING_PUBLIC: Final = {node: WrappingKey.generate().public for node in ("tokyo.jpn", "kyiv.ukr")}
