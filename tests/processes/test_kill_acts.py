"""Kills at random moments while what an agreement is mostly about is done: levels, recalls, counts, freezes, questions.

At Tokyo one desk changes levels, asks copies back and answers what Kyiv asks; at Kyiv one counts, one freezes and lifts,
one asks for visits and consents. Both nodes are killed (SIGKILL) and started again meanwhile. A desk that gets no answer
sends the same signed act again; what was acknowledged is there once, at both.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.processes.nodes import AGREEMENT, LEVELS, PURPOSE, Pair, wait_until
from tests.processes.resting import acts, require_agreement, rows
from tests.processes.test_kill import Campaign, Keeping

LOWER = {LEVELS["JPN"]: "EX-JPN:EXERCISE AJISAI", "EX-JPN:EXERCISE AJISAI": LEVELS["JPN"]}
PLANT = {"address": "Exercise Quay 3", "contact": "Gate office", "name": "Exercise Plant", "phone": "+00 1"}


def day(days: int) -> str:
    """Return the day that many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


class Desks(Campaign):
    """Who works at the two nodes; `items` have crossed before, with their numbers at Kyiv."""

    items: list[str]
    numbers: list[str]

    def levels(self, turn: int, caller: Keeping) -> None:
        """Change the level of an item there and back, and ask for its copy."""
        place = turn % (len(self.items) - 1)
        now = LEVELS["JPN"] if (turn // (len(self.items) - 1)) % 2 == 0 else LOWER[LEVELS["JPN"]]
        item, name = self.items[place], f"act.level-{turn}"
        proposed = caller.act(
            "originator", "level.propose", act_id=f"{name}.p", article="Art. 4(4)", item=item, to=LOWER[now],
        )
        caller.act(
            "authority", "level.confirm", act_id=f"{name}.c", item=item, proposal=proposed.answer["proposal"],
        )
        caller.act(
            "registrar", "return.ask", act_id=f"{name}.r", item=item, party="UKR", reason="the dialogue has ended",
        )

    def answers(self, turn: int, caller: Keeping) -> None:
        """Answer every visit and every consent that was asked for, once."""
        for visit in caller.view("authority", "view.visits", state="asked")["visits"]:
            id = visit["visit"]
            shown = caller.view("authority", "view.visit", visit=id)
            caller.act(
                "authority", "visit.answer", act_id=f"act.v.{id}", number=0, visit=id,
                approve=[one["visitor"] for one in shown["visitors"]],
            )
        for asked in caller.view("authority", "view.consents")["requests"]:
            if asked["state"] == "asked":
                caller.act(
                    "authority", "consent.answer", act_id=f"act.g.{asked['request']}", outcome="granted",
                    request=asked["request"],
                )

    def counts(self, turn: int, caller: Keeping) -> None:
        """Scan one number; the first scan opens the inventory."""
        inventory = caller.act("registrar", "inventory.open", act_id="act.inventory", kind="whole").answer["inventory"]
        number = self.numbers[turn % len(self.numbers)]
        caller.act(
            "registrar", "inventory.sight", act_id=f"act.scan-{turn}", how="scanner", inventory=inventory,
            numbers=[number],
        )

    def freezes(self, turn: int, caller: Keeping) -> None:
        """Freeze the item that nobody else touches, and lift it again."""
        item, name = self.items[-1], f"act.freeze-{turn}"
        caller.act("security", "freeze", act_id=f"{name}.f", item=item, reason="it may have been seen")
        caller.act("head", "freeze.lift", act_id=f"{name}.l", item=item, reason="it was found")

    def asks(self, turn: int, caller: Keeping) -> None:
        """Ask for a visit and for a consent."""
        name = f"act.ask-{turn}"
        caller.act(
            "authority", "visit.request", act_id=f"{name}.v", agreement=AGREEMENT, first_day=day(100), host="JPN",
            kind="once", last_day=day(101), level=LEVELS["JPN"], programme="briefing", purpose=PURPOSE, sites=[PLANT],
            visitors=[{"born_at": "Town", "born_on": "1980-01-02", "document": f"EX {turn}", "person": "reader"}],
        )
        caller.act(
            "registrar", "consent.ask", act_id=f"{name}.c", act="copy", item=self.items[turn % len(self.items)],
            purpose=PURPOSE,
        )

    def play(self, kills: int) -> None:
        """Let all of them work while the nodes are killed."""
        tokyo, kyiv = self.pair.homes
        # Who writes much does so seldom: it is the kills that are to be many, and not the acts.
        work: list[tuple[Any, Callable[[int, Keeping], None], float]] = [
            (tokyo, self.levels, 0.4), (tokyo, self.answers, 0.4), (kyiv, self.counts, 0.2), (kyiv, self.freezes, 0.3),
            (kyiv, self.asks, 0.6),
        ]

        def at_work(home: Any, step: Callable[[int, Keeping], None], pause_seconds: float) -> None:
            caller = Keeping(home, self)
            turn = 0
            while not self.over.is_set():
                step(turn, caller)
                turn += 1
                self.over.wait(pause_seconds)
            caller.close()

        threads = [threading.Thread(target=self._guarded(at_work, *one), daemon=True) for one in work]
        for thread in threads:
            thread.start()
        try:
            for _ in range(kills):
                self.kill_one()
        finally:
            self.over.set()
        for thread in threads:
            thread.join(240.0)
        assert self.faults == []
        assert not any(thread.is_alive() for thread in threads), "somebody still waits for an answer"


def campaign(pair: Pair, seed: int, *, items: int, kills: int) -> None:
    """Run a campaign and hold everything against what was promised."""
    print(f"seed {seed}")
    for turn in range(items):
        item = str(pair.at_tokyo.label(b"exercise", act_id=f"act.item-{turn}").answer["item"])
        pair.at_tokyo.release(item, act_id=f"act.rel-{turn}")
        pair.at_kyiv.register(str(pair.at_tokyo.dispatch([item], act_id=f"act.send-{turn}", link="wire").answer[
            "consignment"]))
    played = Desks(pair, random.Random(seed))
    found = rows(pair.tokyo, "SELECT DISTINCT id FROM record WHERE kind = 'item' ORDER BY id")
    played.items = [str(id) for (id,) in found]
    shown = pair.at_kyiv.view("registrar", "view.items")["items"]
    played.numbers = [str(one["reference"]) for one in shown]
    played.play(kills)
    kinds = Counter(str(kind) for home in pair.homes for (kind,) in rows(home, "SELECT kind FROM act"))
    print(f"{len(played.promises)} promises", dict(kinds))
    pair.settle()
    played.answers(0, Keeping(pair.tokyo, played))
    _settle(pair)
    for promise in played.promises:
        again = pair.caller(promise.home).send(promise.signed)
        assert (again.trail, again.answer) == (promise.reply.trail, promise.reply.answer)
    require_agreement(pair)
    for home in pair.homes:
        promised = {promise.reply.trail for promise in played.promises if promise.home is home}
        assert promised <= {f"{log} {index}" for log, index in acts(home).values()}
    _require_told_once(pair)


def _settle(pair: Pair) -> None:
    """Wait until every change of level is worked off and answered, and nothing is on its way."""
    def is_worked_off() -> bool:
        pair.settle()
        return not any(
            row["what"] == "level-change-done"
            for row in pair.at_tokyo.view("registrar", "view.duties", only="all")["duties"]
        )

    wait_until(is_worked_off, "the last answer to a change of level")
    pair.settle()


def _require_told_once(pair: Pair) -> None:
    """What one node did is known to the other, once each."""
    for ours, theirs, kind in (
        ("JPN", "UKR", "level-change"), ("JPN", "UKR", "return-request"), ("UKR", "JPN", "visit"),
        ("UKR", "JPN", "consent-request"), ("JPN", "UKR", "consent"),
    ):
        here, there = (
            {str(id) for (id,) in rows(home, f"SELECT DISTINCT id FROM record WHERE kind = '{kind}'")}
            for party in (ours, theirs) for home in pair.homes if home.party == party
        )
        assert here == there, kind
        assert here, f"no {kind} was made, so nothing was tested"


def test_no_promise_about_what_follows_is_broken_by_kills_at_random_moments(pair: Pair) -> None:
    campaign(pair, random.SystemRandom().randrange(2**32), items=2, kills=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_promise_about_what_follows_is_broken_in_a_long_campaign(pair: Pair, seed: int) -> None:
    campaign(pair, seed, items=6, kills=25)
