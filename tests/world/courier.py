"""A courier that misbehaves on purpose, the same way for the same seed.

    courier = HostileCourier(seed=7, world=world)
    world.carry = courier
    world.deliver()          # whatever arrives, arrives maimed, twice, late, or not at all
    courier.calm()           # from here on it is honest, and empties its pockets first
    world.deliver()

It never holds a key: what it can do to a message, a thief or a broken wire can.
Everything that passes through its hands is kept in `crossed`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.world.world import Player, World

from cordiale.errors import CordialeError, Unavailable
from cordiale.model.party import NodeStatement
from cordiale.records.arriving import arriving_name
from cordiale.work.intake import take_message

TRICKS: Final[Mapping[str, int]] = {
    "deliver": 6, "drop": 2, "lose-answer": 2, "repeat": 2, "delay": 2, "truncate": 1, "alter": 1, "alter-answer": 1,
    "old-answer": 1, "wrong-node": 1, "withhold": 1, "half-envelope": 1,
}
"""How often each trick is played, relative to the others. What maims an envelope for good is not among them."""

MAIMING: Final = ("alter-envelope", "truncate-envelope", "swap-envelope")


@dataclass(frozen=True)
class Load:
    """What the courier was given: by whom, for whom, the message, and its envelopes by name."""

    sender: Player
    recipient: Player
    message: bytes
    envelopes: Mapping[str, bytes]


@dataclass
class HostileCourier:
    """Implements `tests.world.world.Carry`. `tricks` are weights by name; `played` counts what was played."""

    world: World
    seed: int
    tricks: Mapping[str, int] = field(default_factory=lambda: dict(TRICKS))
    is_calm: bool = False
    late: list[Load] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    crossed: list[bytes] = field(default_factory=list)
    played: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def __call__(
        self, world: World, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]
    ) -> bytes | None:
        """Carry, or do something worse."""
        sender = world.sending
        contents = sender.objects.contents
        load = Load(sender, world.by_node(partner.node), message, {name: contents[name] for name in attachments})
        self.crossed += [message, *load.envelopes.values()]
        if self.is_calm:
            return self.deliver(load)
        while self.late and self.chance.random() < 0.5:
            self._deliver_late()
        trick = self.chance.choices(list(self.tricks), list(self.tricks.values()))[0]
        self.played[trick] = self.played.get(trick, 0) + 1
        play: Callable[[Load], bytes | None] = getattr(self, "_" + trick.replace("-", "_"))
        return play(load)

    def calm(self) -> None:
        """Be honest from now on: what was kept back is delivered first, in any order."""
        self.is_calm = True
        self.chance.shuffle(self.late)
        while self.late:
            self._deliver_late()

    def deliver(self, load: Load) -> bytes | None:
        """Hand everything over as it was given, and bring back the answer."""
        for name, content in load.envelopes.items():
            self._hand_over(load, name, content)
        return self._tell(load, load.message)

    # -- the tricks --------------------------------------------------------------------------------------

    def _deliver(self, load: Load) -> bytes | None:
        return self.deliver(load)

    def _drop(self, load: Load) -> bytes | None:
        raise _lost()

    def _lose_answer(self, load: Load) -> bytes | None:
        self.deliver(load)
        raise _lost()

    def _repeat(self, load: Load) -> bytes | None:
        answers = {self.deliver(load) for _ in range(self.chance.randint(2, 4))}
        assert len(answers) == 1, "a repeated message was answered in two ways"
        return answers.pop()

    def _delay(self, load: Load) -> bytes | None:
        self.late.append(load)
        raise _lost()

    def _truncate(self, load: Load) -> bytes | None:
        return self._tell(load, load.message[: self.chance.randrange(len(load.message))])

    def _alter(self, load: Load) -> bytes | None:
        return self._tell(load, self._altered(load.message))

    def _alter_answer(self, load: Load) -> bytes | None:
        answer = self.deliver(load)
        return self._altered(answer) if answer else answer

    def _old_answer(self, load: Load) -> bytes | None:
        return self.chance.choice(self.answers) if self.answers else None

    def _wrong_node(self, load: Load) -> bytes | None:
        others = [load.sender, *self.world.strangers]
        return self._tell(Load(load.sender, self.chance.choice(others), load.message, {}), load.message)

    def _withhold(self, load: Load) -> bytes | None:
        return self._tell(load, load.message)

    def _half_envelope(self, load: Load) -> bytes | None:
        for name, content in load.envelopes.items():
            partial = load.recipient.objects.partial(arriving_name(load.sender.registry.node, name))
            if partial.size == 0:
                partial.append(0, [content[: len(content) // 2]])
        return self._tell(load, load.message)

    def _alter_envelope(self, load: Load) -> bytes | None:
        return self._with_envelopes(load, self._altered)

    def _truncate_envelope(self, load: Load) -> bytes | None:
        return self._with_envelopes(load, lambda content: content[: self.chance.randrange(1, len(content))])

    def _swap_envelope(self, load: Load) -> bytes | None:
        others = [content for name, content in load.sender.objects.contents.items() if name not in load.envelopes]
        return self._with_envelopes(load, lambda content: self.chance.choice(others or [b"nothing"]))

    # -- how it is done ----------------------------------------------------------------------------------

    def _with_envelopes(self, load: Load, change: Callable[[bytes], bytes]) -> bytes | None:
        changed = {name: change(content) for name, content in load.envelopes.items()}
        return self.deliver(Load(load.sender, load.recipient, load.message, changed))

    def _altered(self, data: bytes) -> bytes:
        altered = bytearray(data)
        altered[self.chance.randrange(len(altered))] ^= 1 << self.chance.randrange(8)
        return bytes(altered)

    def _hand_over(self, load: Load, name: str, content: bytes) -> None:
        """Go on where the envelope broke off, as the wire does; a whole one is not touched again."""
        partial = load.recipient.objects.partial(arriving_name(load.sender.registry.node, name))
        partial.append(partial.size, [content[partial.size:]])
        partial.finish()

    def _tell(self, load: Load, message: bytes) -> bytes | None:
        try:
            answer = take_message(load.recipient.registry, message, load.sender.registry.node)
        except CordialeError as error:
            raise Unavailable("courier.not-taken", "not taken: {code}", hint="", code=error.code) from error
        if answer is not None:
            self.answers.append(answer)
            self.crossed.append(answer)
        return answer

    def _deliver_late(self) -> None:
        load = self.late.pop(self.chance.randrange(len(self.late)))
        try:
            self.deliver(load)
        except Unavailable:
            self.late.append(load) if not self.is_calm else None


def _lost() -> Unavailable:
    return Unavailable("courier.lost", "lost on the way", hint="")
