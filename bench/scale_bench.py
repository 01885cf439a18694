"""What every act costs while the register grows: the same acts among ten thousand, a hundred thousand, a million items.

    python -m bench.scale_bench [--sizes 10000 100000] [--steps 1000]

One of three nodes in memory, its books in a file, holds so many items with their copies, entries, numbers and settled
duties, and every tenth of them with all else that its kinds of records know. Then the random life of the tests is
lived there without faults, and the processor time of each act and of each message taken is noted. A million items take
half an hour: `make bench BENCH_ARGS="--only scale --million"`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tests.world import roaming_items, roaming_matters
from tests.world.roaming import FILLED, Roaming
from tests.world.test_whole_lives import STEPS, WEIGHTS
from tests.world.world import Player, copy_of

from cordiale.errors import CordialeError
from cordiale.message.form import read_unverified_routing
from cordiale.message.verification import read_unverified_object
from cordiale.records.arriving import arriving_name
from cordiale.records.endings import certify_all
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.level_copies import work_levels
from cordiale.records.record import open_record
from cordiale.records.session import ActSession
from cordiale.work.accord_time import see_to_accords
from cordiale.work.chaser import chase_due
from cordiale.work.intake import take_message

PARTY: Final = "CHE"
_AT_ONCE: Final = 2_000
_PATTERN_STEPS: Final = 250
_SAMPLES_MIN: Final = 2
_FILL_SECONDS: Final = 1_000
"""How much time passes while a register is filled, whatever its size: the life that follows is the same."""
_ROUNDS: Final = 3
_INVENTORY_STEPS: Final = 8
_SHARE: Final = 0.6
_LEFT_OUT: Final = {
    "step_crash", "step_disk", "step_bag", "step_time", "step_work", "step_send", "step_stage", "step_inventory",
    "step_export", "step_terminate", "step_suspend_level", "step_links",
}
"""What is a fault, what closes a road to all that follows, and what is measured apart (`_count_all`)."""
_HOUSE: Final = {
    "person", "own", "partner", "agreement", "national", "people-proposal", "people-change", "sent", "device",
    "accord-notice", "inventory", "inventory-page", "inventory-last", "refusal", "partner-refusal", "registry-notice",
    "sub-registry",
}
"""Kinds that do not grow with the register, or are of the house."""
_WHOLE: Final = {"inventory.open", "inventory.close", "inventory.export"}
"""What goes through the whole register by its nature."""
_OFTEN: Final = {"item", "copy", "entry", "duty"}
_NAMES: Final = re.compile(
    r"(?:(?:che|lux|pol)\.)?(?:act\.life\.|m\.|c\.act|incident\.|visit\.|consent\.|level\.|n\.)[\w.]+"
)
_TURN: Final = "@turn@"
_YEAR_TURN: Final = "@year@"
_TIME_TURN: Final = "@time@"
_TIMES: Final = re.compile(r"T\d\d:\d\d:\d\dZ")
_NUMBERS: Final = re.compile(r"(-20\d\d-)(\d+)")


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


def _begun(seed: int) -> Measured:
    life = Measured.begun(seed)
    assert isinstance(life, Measured)
    life.costs = defaultdict(list)
    life.world.carry = life.carry
    return life


def _live(life: Roaming, steps: int) -> None:
    for _ in range(6):
        roaming_items.step_whole_journey(life)
    names = [name for name in STEPS if name not in _LEFT_OUT]
    weights = [weight for name, weight in zip(STEPS, WEIGHTS, strict=True) if name not in _LEFT_OUT]
    for place, name in enumerate(life.chance.choices(names, weights, k=steps)):
        STEPS[name](life)
        if place % 3 == 0:
            roaming_matters.step_send(life)


def _count_all(life: Measured) -> None:
    """Go through inventories and lists of all that is here, twice: by their nature they grow with the register."""
    life.is_measured_alone = True
    for _ in range(_INVENTORY_STEPS):
        roaming_matters.step_inventory(life)
    for _ in range(_ROUNDS):
        roaming_matters.step_export(life)
    life.is_measured_alone = False


def patterns() -> list[tuple[str, str, str]]:
    """Return what a life left in the books: kind, identifier and body of every record that is not of the house.

    Names, numbers and times in it have the place of a turn in them: what is entered is not all of one second.
    """
    life = _begun(3)
    _live(life, _PATTERN_STEPS)
    _count_all(life)
    reads = life.world.by_party(PARTY).registry.reads()
    rows = reads._connection.execute("SELECT DISTINCT kind FROM record").fetchall()
    found = []
    for kind in sorted({str(kind) for (kind,) in rows} - _HOUSE):
        for record in reads.every(kind, limit=10_000):
            body = dict(open_record(record).body)
            if kind == "duty":
                body = {name: value for name, value in body.items() if name != "wakes"} | {"state": "done"}
            found.append((kind, _with_place(record.id), _with_place(json.dumps(body))))
    return [one for one in found if _TURN in one[1] or _YEAR_TURN in one[1]]


def _with_place(text: str) -> str:
    text = _TIMES.sub(f"T{_TIME_TURN}Z", text)
    text = _NAMES.sub(lambda found: f"{FILLED}{_TURN}.{found[0]}", text)
    return _NUMBERS.sub(lambda found: f"{found[1]}{_YEAR_TURN}{found[2]}", text)


def _repeated(pattern: list[tuple[str, str, str]], turn: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the pattern under other names and numbers; only every tenth turn has all kinds."""
    at = f"{turn // 3_600 % 24:02d}:{turn // 60 % 60:02d}:{turn % 60:02d}"

    def renamed(text: str) -> str:
        return text.replace(_TURN, str(turn)).replace(_YEAR_TURN, str(turn + 10)).replace(_TIME_TURN, at)

    for kind, id, body in pattern:
        if kind in _OFTEN or turn % 10 == 0:
            yield kind, renamed(id), json.loads(renamed(body))


def fill(player: Player, size: int, pattern: list[tuple[str, str, str]]) -> None:
    """Enter as many items as `size` says, with all that belongs to them, through the ledger."""
    items, begun = sum(kind == "item" for kind, _, _ in pattern), player.clock.at
    for start in range(0, -(-size // items), max(1, _AT_ONCE // items)):
        def perform(session: ActSession, start: int = start) -> dict[str, Any]:
            for turn in range(start, min(start + max(1, _AT_ONCE // items), -(-size // items))):
                for kind, id, body in _repeated(pattern, turn):
                    session.put(kind, id, body, expect=0)
            return {}

        player.registry.ledger.commit(Act(f"fill.{start}", "fill", "node", INTERNAL, perform))
        player.clock.advance(seconds=1)
    player.clock.at = begun + timedelta(seconds=_FILL_SECONDS)


def measure(size: int, steps: int, pattern: list[tuple[str, str, str]]) -> dict[str, float]:
    """Return the least processor time of each act among `size` items, in milliseconds."""
    life = _begun(5)
    player = life.world.by_party(PARTY)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        player.reopen(store=copy_of(player.registry.store._inner, str(Path(name) / "books.db")))
        life.world.connect()
        begun = time.process_time()
        fill(player, size, pattern)
        print(f"{size:>9,} items entered in {time.process_time() - begun:.0f} s", flush=True)
        _live(life, steps)
        _count_all(life)
        print(f"{size:>9,} items lived with after {time.process_time() - begun:.0f} s", flush=True)
        for turn in (certify_all, work_levels, chase_due, see_to_accords):
            for _ in range(_ROUNDS):
                begun = time.process_time()
                try:
                    turn(player.registry)
                except CordialeError as error:
                    print(f"  {turn.__name__}: {error}")
                life.costs[f"round {turn.__name__}"].append((time.process_time() - begun) * 1_000)
        player.registry.store.close()
    return {kind: min(taken) for kind, taken in life.costs.items() if len(taken) >= _SAMPLES_MIN}


def main() -> None:
    """Parse the command line, measure at each size, and print what each act costs beside what it cost before."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--steps", type=int, default=1_000)
    arguments = parser.parse_args()
    pattern = patterns()
    found = {size: measure(size, arguments.steps, pattern) for size in arguments.sizes}
    kinds = sorted({kind for costs in found.values() for kind in costs})
    print(f"{'least processor time':<34}" + "".join(f"{size:>12,}" for size in found) + "   grown")
    grown_most = 0.0
    for kind in kinds:
        costs = [found[size].get(kind) for size in found]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(found):
            continue
        grown = known[-1] / known[0]
        grown_most = max(grown_most, 0 if kind in _WHOLE else grown)
        print(f"{kind:<34}" + "".join(f"{cost:>9.2f} ms" for cost in known) + f"   {grown:>5.2f} ×")
    print(f"kinds={len(kinds)} grown most={grown_most:.2f}")


if __name__ == "__main__":
    main()
