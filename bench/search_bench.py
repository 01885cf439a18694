"""Finding items in a register of many: searches, today, the figures, one item's page, by persons who see more or less.

    python -m bench.search_bench [--sizes 1000000 100000 10000] [--turns 200]

The books are filled with items in three scripts and with who needs to know them, and their index as acts fill it; no
log entry is written for them. Every question is a signed request, as the private socket hands it over.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.world.test_journey import cross, label
from tests.world.world import Player, World, copy_of

from cordiale.doors.control.views import VIEWS
from cordiale.model.found import IndexState
from cordiale.ports import StoredRecord
from cordiale.records.finding import follow
from cordiale.records.items import ITEM
from cordiale.records.record import Record, encode_body, fields_of
from cordiale.records.registry import identify

_AT_ONCE: Final = 5_000
_AN_ACT: Final = 20
_READS_ONE_IN: Final = 50
_PEOPLE: Final = ("registrar", "head", "authority", "reader")
_CYRILLIC: Final = "абвгдежзиклмнопрст"
_JAPANESE: Final = "機密文書解除情報保護協定防衛外務省報告会議資料計画"
_LEVELS: Final = ("EXERCISE KALYNA", "EXERCISE BARVINOK")


def _words(chance: random.Random) -> list[str]:
    return ["".join(chance.choices(_CYRILLIC, k=chance.randint(4, 9))) for _ in range(3_000)] + ["report", "annex"]


def _title(chance: random.Random, words: list[str]) -> str:
    # A few words stand in most titles and most words in few.
    common = [words[min(len(words), int(chance.paretovariate(0.7))) - 1] for _ in range(5)]
    return f"{' '.join(common)} {''.join(chance.choices(_JAPANESE, k=8))}"


def _bodies(item: Mapping[str, Any], count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    chance = random.Random(7)
    words = _words(chance)
    for number in range(count):
        level, is_own = chance.choice(_LEVELS), number % 2 == 0
        body = {
            **item, "title": _title(chance, words), "subject": chance.choice(words),
            "reference": f"UKR-2026-{number:06d}" if is_own else f"UKR/JPN-2026-{number:06d}",
            "state": chance.choice(["registered"] * 8 + ["destroyed", "returned"]),
            "form": chance.choice(["paper", "file"]),
        }
        if is_own:
            own = {**item["label"], "originator": "UKR", "scheme": "EX-UKR", "level": level}
            body |= {"label": own, "origin_party": "UKR", "entered_by": "originator"}
            for name in ("agreement", "marking", "their_reference"):
                body.pop(name, None)
        else:
            body |= {"their_reference": f"JPN-2026-{number:06d}", "marking": {**item["marking"], "level": level}}
        yield f"bench.{number:07d}", body


def fill(player: Player, count: int, item: Mapping[str, Any]) -> float:
    """Enter `count` items of ten years, and the need of one reader for some; return how long that took, in seconds."""
    begun, every, store = time.perf_counter(), _bodies(item, count), player.registry.store
    at, number = datetime(2016, 11, 26, tzinfo=UTC), 0
    while number < count:
        with store.transaction() as work:
            for _ in range(_AT_ONCE // _AN_ACT):
                touched: dict[tuple[str, str], Record] = {}
                for id, body in (one for one in _some(every)):
                    _put(work, touched, (ITEM, id), body)
                    if number % _READS_ONE_IN == 0:
                        need = {"granted_at": "2026-01-01T00:00:00Z", "granted_by": "head", "item": id,
                                "person": "reader", "purpose": "bench"}
                        _put(work, touched, ("need", f"{id}/reader"), need)
                    number += 1
                at += timedelta(days=3_650) / max(count // _AN_ACT, 1)
                follow(work, touched, commit=work.index_state().batch + 1, at=at)
            state, last = work.index_state(), work.last_batch()
            if last is not None:
                work.set_index_state(IndexState(state.form, last.number if number >= count else state.batch))
    return time.perf_counter() - begun


def _some(every: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, one in zip(range(_AN_ACT), every, strict=False):
        yield one


def _put(work: Any, touched: dict[tuple[str, str], Record], name: tuple[str, str], body: dict[str, Any]) -> None:
    kind, id = name
    encoded = encode_body(kind, body)
    work.put_record(StoredRecord(kind, id, 1, encoded, bytes(32), "bench", 0), fields_of(kind, body))
    touched[name] = Record(kind, id, 1, body, "bench", 0, encoded)


def _questions(count: int) -> list[dict[str, Any]]:
    """Return what is asked: words that are common, rare or not there, numbers, filters alone and many together."""
    chance = random.Random(7)
    words = _words(chance)
    middle = f"{count // 2:06d}"
    return [
        {}, {"text": words[0]}, {"text": f"{words[0]} {words[1]}"}, {"text": words[2_000]}, {"text": words[3][:3]},
        {"text": "機密"}, {"text": "文書 協定"}, {"text": "情報保護協定"}, {"text": "nothing"}, {"text": middle},
        {"text": f"UKR/JPN-2026-{middle}"}, {"state": "registered"}, {"state": "destroyed", "form": "paper"},
        {"level": "EX-UKR:EXERCISE KALYNA", "partner": "JPN", "order": "oldest"},
        {"text": words[0], "state": "returned", "level": "EX-UKR:EXERCISE BARVINOK", "book": "own", "form": "file"},
        {"from": "2020-01-01", "until": "2020-03-31"}, {"text": words[1], "from": "2019-05-01", "until": "2019-05-31"},
        {"level": "declassified", "state": "registered"}, {"text": f"{words[0]} {words[2_500]}"},
    ]


def _ask(player: Player, person: str, kind: str, asked: Mapping[str, Any]) -> tuple[float, float]:
    """Return how long an answer takes, and how much processor time, in milliseconds."""
    request = player.request(person, kind, asked)
    begun, busy = time.perf_counter(), time.process_time()
    VIEWS[kind](player.registry, identify(player.registry, request))
    return (time.perf_counter() - begun) * 1_000, (time.process_time() - busy) * 1_000


def run(count: int, turns: int) -> None:
    """Fill one register and print what questions to it take."""
    world = World.in_force()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        _, (known,) = cross(world)
        player = world.kyiv
        path = Path(name) / "books.db"
        player.reopen(store=copy_of(player.registry.store, str(path)))
        item = player.registry.record(ITEM, known)
        if item is None:
            raise SystemExit("nothing crossed")
        seconds = fill(player, count, item.body)
        print(f"items={count} filled in {seconds:.0f} s, {path.stat().st_size / 2**20:,.0f} MiB", flush=True)
        questions = _questions(count)
        for person in _PEOPLE:
            taken = [
                _ask(player, person, "view.search", questions[turn % len(questions)]) for turn in range(turns)
            ]
            _tell(f"items={count} search by {person}", taken, 100)
        for kind, person, limit, asked in (
            ("view.today", "registrar", 60, {}), ("view.today", "reader", 60, {}),
            ("view.pictures", "registrar", 20, {}), ("view.items", "registrar", 60, {}),
            ("view.item", "registrar", 60, {"item": known}),
        ):
            taken = [_ask(player, person, kind, asked) for _ in range(turns // 4)]
            _tell(f"items={count} {kind} by {person}", taken, limit)
        begun = time.perf_counter()
        for _ in range(20):
            label(player, form="paper", level="EX-UKR:EXERCISE KALYNA", release_to=[])
        print(f"items={count} label {(time.perf_counter() - begun) / 20 * 1_000:.1f} ms each, durable")


def _tell(what: str, taken: list[tuple[float, float]], limit: int) -> None:
    ordered, busy = (sorted(column) for column in zip(*taken, strict=True))
    print(f"{what}: p50={statistics.median(ordered):.1f} ms p95={ordered[len(ordered) * 95 // 100]:.1f} ms "
          f"processor p95={busy[len(busy) * 95 // 100]:.1f} ms limit={limit} ms", flush=True)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 100_000, 10_000])
    parser.add_argument("--turns", type=int, default=200)
    arguments = parser.parse_args()
    for count in arguments.sizes:
        run(count, arguments.turns)


if __name__ == "__main__":
    main()
