"""Real processes are killed at random moments, and nothing that was acknowledged is lost, nothing is done twice.

Several desks label, release and dispatch at Tokyo, and registrars in Kyiv register what arrives, while both nodes are
killed (SIGKILL) and started again. A desk that gets no answer sends the same signed act again.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from tests.doors.nodes import Home
from tests.processes.nodes import Caller, Pair, start_all
from tests.processes.resting import acts, current, require_agreement, rows

from cordiale.doors.cli.client import Reply
from cordiale.errors import CordialeError

PATIENCE_SECONDS = 240.0


@dataclass
class Promise:
    """A signed act and what the node answered to it."""

    home: Home
    signed: bytes
    reply: Reply


@dataclass
class Campaign:
    """Desks, registrars and the one who kills; `promises` are the acts that were acknowledged."""

    pair: Pair
    chance: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    gate: threading.Lock = field(default_factory=threading.Lock)
    promises: list[Promise] = field(default_factory=list)
    consignments: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def desk(self, number: int) -> None:
        """Label, release and dispatch, one item after the other."""
        caller = Keeping(self.pair.tokyo, self)
        for turn in range(10_000):
            if self.over.is_set():
                break
            name = f"act.desk{number}-{turn}"
            content = None if turn % 3 == 0 else f"{name}\n".encode() * 2_000
            item = str(caller.label(content, title=name, act_id=f"{name}.label").answer["item"])
            caller.release(item, act_id=name)
            reply = caller.dispatch([item], act_id=f"{name}.dispatch")
            with self.gate:
                self.consignments.append(str(reply.answer["consignment"]))
        caller.close()

    def registrar(self, number: int, count: int) -> None:
        """Register whatever is held and is this registrar's share, until all that was dispatched is registered."""
        caller = Keeping(self.pair.kyiv, self)
        done: set[str] = set()
        while True:
            with self.gate:
                expected = {one for one in self.consignments if _share(one, count) == number}
            if self.over.is_set() and done >= expected and not self._desks_at_work():
                break
            for consignment in caller.held():
                if _share(consignment, count) == number and consignment not in done:
                    caller.act(
                        "registrar", "register", act_id=f"act.reg.{consignment}", consignment=consignment, counted=1,
                    )
                    done.add(consignment)
            time.sleep(0.2)
        caller.close()

    def _desks_at_work(self) -> bool:
        return any(thread.name == "desk" and thread.is_alive() for thread in threading.enumerate())

    def run(self, *, desks: int, registrars: int, kills: int) -> None:
        """Let everybody work while the nodes are killed `kills` times, then until all is registered."""
        threads = [threading.Thread(target=self._guarded(self.desk, n), name="desk") for n in range(desks)]
        threads += [threading.Thread(target=self._guarded(self.registrar, n, registrars)) for n in range(registrars)]
        for thread in threads:
            thread.daemon = True
            thread.start()
        try:
            for _ in range(kills):
                self.kill_one()
        finally:
            self.over.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        assert self.faults == []
        assert not any(thread.is_alive() for thread in threads), "somebody still waits for an answer"

    def kill_one(self) -> None:
        """Kill one node, or both, a moment after something was written, and start it again."""
        victims = self.chance.choice([self.pair.homes, self.pair.homes[:1], self.pair.homes[1:]])
        watched = victims[0].path / "books.db-wal"
        seen = _changed_at(watched)
        until = time.monotonic() + 2.0
        while _changed_at(watched) == seen and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(self.chance.choice([0.0, self.chance.uniform(0.0, 0.004), self.chance.uniform(0.0, 0.3)]))
        for victim in victims:
            victim.stop(signal.SIGKILL)
        start_all(victims)

    def _guarded(self, work: Callable[..., None], *given: int) -> Callable[[], None]:
        def run() -> None:
            try:
                work(*given)
            except (CordialeError, AssertionError, OSError, KeyError) as error:
                self.faults.append(error)
                self.over.set()

        return run


class Keeping(Caller):
    """A caller that keeps every promise the node made."""

    def __init__(self, home: Home, campaign: Campaign) -> None:
        super().__init__(home)
        self._campaign = campaign

    def send(self, signed: bytes) -> Reply:
        reply = super().send(signed)
        with self._campaign.gate:
            self._campaign.promises.append(Promise(self.home, signed, reply))
        return reply


def _share(consignment: str, count: int) -> int:
    return sum(consignment.encode()) % count


def _changed_at(path: object) -> int:
    try:
        return path.stat().st_mtime_ns  # type: ignore[attr-defined, no-any-return]
    except OSError:
        return 0


def campaign(pair: Pair, seed: int, *, desks: int, registrars: int, kills: int) -> None:
    """Run a campaign and hold everything against what was promised."""
    print(f"seed {seed}")
    played = Campaign(pair, random.Random(seed))
    played.run(desks=desks, registrars=registrars, kills=kills)
    print(f"{len(played.consignments)} consignments, {len(played.promises)} promises")
    assert played.consignments, "nothing was dispatched, so nothing was tested"
    pair.settle()
    for promise in played.promises:
        again = pair.caller(promise.home).send(promise.signed)
        assert (again.trail, again.answer) == (promise.reply.trail, promise.reply.answer)
    shown = pair.at_tokyo.view("registrar", "view.consignments")["consignments"]
    states = {row["consignment"]: row["state"] for row in shown}
    assert {states[one] for one in played.consignments} == {"receipted"}
    # What was asked for, and nothing beside it: an act that was repeated left one item and one consignment.
    assert len(states) == len(set(played.consignments)) == len(played.consignments)
    require_agreement(pair)
    assert current(pair.kyiv, "consignment") == len(played.consignments)
    assert current(pair.kyiv, "item") == current(pair.kyiv, "copy") == len(played.consignments)
    for home in pair.homes:
        _require_each_once(home, played)


def _require_each_once(home: Home, played: Campaign) -> None:
    """Every promised act stands once in the books, at the place that was promised."""
    places = acts(home)
    promised = [promise.reply.trail for promise in played.promises if promise.home is home]
    held = {f"{log} {index}" for log, index in places.values()}
    assert len(promised) == len(set(promised))
    assert set(promised) <= held
    receipts = rows(home, "SELECT count(*) FROM act WHERE kind = 'take.receipt'")[0][0]
    assert receipts == (len(played.consignments) if home.party == "JPN" else 0)


def test_no_promise_is_broken_by_kills_at_random_moments(pair: Pair) -> None:
    campaign(pair, random.SystemRandom().randrange(2**32), desks=3, registrars=2, kills=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_promise_is_broken_in_a_long_campaign(pair: Pair, seed: int) -> None:
    campaign(pair, seed, desks=12, registrars=4, kills=30)

