"""The random life of the tests without faults, lived to measure: what each act at one of three nodes costs."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.world import roaming_items, roaming_matters
from tests.world.roaming import Roaming
from tests.world.test_whole_lives import STEPS, WEIGHTS
from tests.world.world import Player

from cordiale.message.form import read_unverified_routing
from cordiale.message.verification import read_unverified_object
from cordiale.records.arriving import arriving_name
from cordiale.work.intake import take_message

PARTY: Final = "CHE"
ROUNDS: Final = 3
_INVENTORY_STEPS: Final = 8
_SHARE: Final = 0.6
_LEFT_OUT: Final = {
    "step_crash", "step_disk", "step_bag", "step_time", "step_work", "step_send", "step_stage", "step_inventory",
    "step_export", "step_terminate", "step_suspend_level", "step_links",
}
"""What is a fault, what closes a road to all that follows, and what is measured apart (`count_all`)."""


class Measured(Roaming):  # type: ignore[misc]
    """A life in which the processor time of every act at one node is kept, in milliseconds, by its kind."""

    costs: dict[str, list[float]]
    is_measured_alone: bool = False

    def _try(self, player: Player, id: str, act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        kind = self.story[-1].split()[3]
        begun = time.process_time()
        value = super()._try(player, id, act)
        if player.party == PARTY and value is not None:
            self.costs[kind].append((time.process_time() - begun) * 1_000)
        return dict(value) if value is not None else None

    def _hold(self, kind: str, must: Any, was_done: Any) -> None:
        """Leave it to the tests whether the second decider agrees: here acts are measured."""

    def player(self) -> Player:
        """Return the node that is measured most of the time: it is the acts there that count."""
        if self.is_measured_alone or self.chance.random() < _SHARE:
            return self.world.by_party(PARTY)
        return super().player()

    def carry(self, _: Any, partner: Any, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        """Carry faithfully, and keep what taking it costs."""
        sender, recipient = self.world.sending, self.world.by_node(partner.node)
        for name in attachments:
            recipient.objects.contents.setdefault(
                arriving_name(sender.registry.node, name), sender.objects.contents[name]
            )
        kind = read_unverified_routing(read_unverified_object(message).unverified_payload).type
        begun = time.process_time()
        answer = take_message(recipient.registry, message, sender.registry.node)
        if recipient.party == PARTY:
            self.costs[f"take {kind}"].append((time.process_time() - begun) * 1_000)
        return answer


def begun(seed: int) -> Measured:
    life = Measured.begun(seed)
    assert isinstance(life, Measured)
    life.costs = defaultdict(list)
    life.world.carry = life.carry
    return life


def live(life: Roaming, steps: int) -> None:
    for _ in range(6):
        roaming_items.step_whole_journey(life)
    names = [name for name in STEPS if name not in _LEFT_OUT]
    weights = [weight for name, weight in zip(STEPS, WEIGHTS, strict=True) if name not in _LEFT_OUT]
    for place, name in enumerate(life.chance.choices(names, weights, k=steps)):
        STEPS[name](life)
        if place % 3 == 0:
            roaming_matters.step_send(life)


def count_all(life: Measured) -> None:
    """Go through inventories and lists of all that is here, twice: by their nature they grow with the register."""
    life.is_measured_alone = True
    for _ in range(_INVENTORY_STEPS):
        roaming_matters.step_inventory(life)
    for _ in range(ROUNDS):
        roaming_matters.step_export(life)
    life.is_measured_alone = False
