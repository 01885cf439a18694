"""For whom behind the registry something is meant: an office or a function of the recipient, never a reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressee:
    """The `office` named by the sender; with `alone` set, whoever holds it opens the item and nobody before.

    Everything passes the registry all the same (EU-Switzerland Art. 9, EU 2015/444 Art. 27(2)).
    """

    office: str
    alone: bool = False
