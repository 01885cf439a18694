"""Who holds an originator's rights where it has been replaced: followed from one to the next, as people entered it.

A map of replacements is the word of governments, entered by two persons; nothing is concluded here from names or dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from cordiale.model.decision import Reason, refusal
from cordiale.model.names import PartyId


@dataclass(frozen=True, slots=True)
class Succession:
    """From the day `on` (UTC), `successor` holds the rights that `former` had as an originator, under `article`."""

    former: PartyId
    successor: PartyId
    on: date
    article: str


def line_of(party: PartyId, map_: Collection[Succession], today: date) -> Iterator[Succession]:
    """Yield the replacements that lead from `party` to whoever holds its rights on `today`, in their order.

    What begins later is not followed, and nobody is met twice.
    """
    met = {party}
    while True:
        found = [one for one in map_ if one.former == party and one.on <= today and one.successor not in met]
        if not found:
            return
        step = max(found, key=lambda one: (one.on, one.successor))
        yield step
        party = step.successor
        met.add(party)


def list_entry_reasons(entry: Succession, map_: Collection[Succession], own: PartyId) -> Iterator[Reason]:
    """Yield why `entry` cannot stand beside the entries of `map_`: each party is replaced once, and by no circle."""
    if entry.former == own:
        yield refusal("succession.ourselves", "nobody enters here who follows our own party")
    if any(one.former == entry.former for one in map_):
        yield refusal("succession.known", "it is entered already who follows {party}", party=entry.former)
    behind, follows = {entry.former, entry.successor}, entry.successor
    if entry.former == entry.successor:
        yield refusal("succession.circle", "a party does not follow itself, and nobody follows in a circle")
        return
    for _ in map_:
        step = next((one for one in map_ if one.former == follows), None)
        if step is None:
            return
        if step.successor in behind:
            yield refusal("succession.circle", "a party does not follow itself, and nobody follows in a circle")
            return
        follows = step.successor
        behind.add(follows)
