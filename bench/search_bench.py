"""Finding items in a register of many: searches, today, the figures, one item's page, by persons who see more or less.

    python -m bench.search_bench [--sizes 1000000 10000] [--turns 200]

The books are those of `bench.filled`, with titles in three scripts. Every question is a signed request, as the private
socket hands it over.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Mapping
from typing import Any, Final

from tests.world.treaties import level
from tests.world.world import Player

from bench.filled import INDEXED_SINCE, books_of
from bench.living import PARTY
from bench.pattern import words_of
from cordiale.doors.control.views import VIEWS
from cordiale.doors.serve import spare_collections
from cordiale.records.items import ITEM
from cordiale.records.registry import identify

_PEOPLE: Final = ("registrar", "head", "authority", "reader")


def _questions(player: Player) -> list[dict[str, Any]]:
    """Return what is asked: words that are common, rare or not there, numbers, filters alone and many together."""
    words = words_of(random.Random(7))
    stored = player.registry.reads().every(ITEM, after="zz.", limit=100)
    numbers = [str(json.loads(one.body)["reference"]) for one in stored]
    own, foreign = (next(one for one in numbers if ("/" in one) is is_foreign) for is_foreign in (False, True))
    lower, higher = level(PARTY, 1), level(PARTY, 2)
    year = INDEXED_SINCE.year + 4
    return [
        {}, {"text": words[0]}, {"text": f"{words[0]} {words[1]}"}, {"text": words[2_000]}, {"text": words[3][:3]},
        {"text": "機密"}, {"text": "文書 協定"}, {"text": "情報保護協定"}, {"text": "nothing"},
        {"text": own.rpartition("-")[2]}, {"text": foreign}, {"state": "registered"},
        {"state": "destroyed", "form": "paper"}, {"level": higher, "partner": "LUX", "order": "oldest"},
        {"text": words[0], "state": "registered", "level": lower, "book": "own", "form": "file"},
        {"from": f"{year}-01-01", "until": f"{year}-03-31"},
        {"text": words[1], "from": f"{year}-05-01", "until": f"{year}-05-31"},
        {"level": "declassified", "state": "registered"}, {"text": f"{words[0]} {words[2_500]}"},
    ]


def _ask(player: Player, person: str, kind: str, asked: Mapping[str, Any]) -> tuple[float, float]:
    """Return how long an answer takes, and how much processor time, in milliseconds."""
    request = player.request(person, kind, asked)
    begun, busy = time.perf_counter(), time.process_time()
    VIEWS[kind](player.registry, identify(player.registry, request))
    return (time.perf_counter() - begun) * 1_000, (time.process_time() - busy) * 1_000


def run(count: int, turns: int) -> None:
    """Print what questions to a register of `count` items take."""
    with books_of(count) as player:
        spare_collections()
        questions = _questions(player)
        for person in _PEOPLE:
            taken = [
                _ask(player, person, "view.search", questions[turn % len(questions)]) for turn in range(turns)
            ]
            _tell(f"items={count} search by {person}", taken, 100)
        known = player.registry.reads().every(ITEM, limit=1)[0].id
        for kind, person, limit, asked in (
            ("view.today", "registrar", 60, {}), ("view.today", "reader", 60, {}),
            ("view.pictures", "registrar", 20, {}), ("view.items", "registrar", 60, {}),
            ("view.item", "registrar", 60, {"item": known}),
        ):
            taken = [_ask(player, person, kind, asked) for _ in range(turns // 4)]
            _tell(f"items={count} {kind} by {person}", taken, limit)
        begun = time.perf_counter()
        for turn in range(20):
            player.act("originator", "label", {
                "form": "paper", "level": level(PARTY, 1), "release_to": [], "title": f"report {turn}",
            }, act_id=f"act.bench.{turn}")
        print(f"items={count} label {(time.perf_counter() - begun) / 20 * 1_000:.1f} ms each, durable")


def _tell(what: str, taken: list[tuple[float, float]], limit: int) -> None:
    ordered, busy = (sorted(column) for column in zip(*taken, strict=True))
    print(f"{what}: p50={statistics.median(ordered):.1f} ms p95={ordered[len(ordered) * 95 // 100]:.1f} ms "
          f"processor p95={busy[len(busy) * 95 // 100]:.1f} ms limit={limit} ms", flush=True)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000])
    parser.add_argument("--turns", type=int, default=200)
    arguments = parser.parse_args()
    for count in arguments.sizes:
        run(count, arguments.turns)


if __name__ == "__main__":
    main()
