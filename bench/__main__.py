"""Runs every measurement and writes the table in docs/performance.md.

    python -m bench [--quick] [--only NAME ...]

Each measurement is a module of its own and runs as a process of its own. The table takes its figures from what they
print; all they print stands below it. `--quick` takes small sizes and writes nothing. Scale, search and desk share one
register of a million items: scale fills it and lives in it first. It takes some 16 GiB of disk (`BENCH_DIR`).
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
Kept = Callable[[Sequence[float]], bool]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: what was measured, the figures in what was printed, and the limit or peer beside them.

    `pattern` finds the figures, `shown` puts them into words, `is_kept` holds them against the limit; a row
    without it has a peer and no limit.
    """

    what: str
    pattern: str
    shown: str
    beside: str
    is_kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """One measurement: its module, its arguments for a whole and for a quick run, and its figures."""

    name: str
    whole: tuple[str, ...]
    quick: tuple[str, ...]
    figures: tuple[Figure, ...]

    @property
    def module(self) -> str:
        """The module that measures."""
        return f"bench.{self.name}_bench"

    @property
    def exists(self) -> bool:
        """True when the module is there."""
        return (Path(__file__).parent / f"{self.name}_bench.py").is_file()


def _envelope(step: str, words: str) -> Figure:
    return Figure(
        f"{words}, 1 GiB", rf"^{step} .*ratio +([\d.]+) +peak +([\d.]+)", "{} × copy, peak {} MiB",
        "at most 3 × `cp` with fsync, peak under 120 MiB", lambda found: found[0] <= 3 and found[1] < 120,
    )


def _search(what: str, asked: str, limit: int) -> Figure:
    return Figure(
        what, rf"{re.escape(asked)}: .*p95=([\d.]+) ms processor", "{} ms", f"under {limit} ms",
        lambda found: found[0] < limit,
    )


BENCHES: Final = (
    Bench("envelope", ("--size", "1GiB"), ("--size", "32MiB", "--rounds", "1"), (
        _envelope("seal", "sealing"), _envelope("read", "reading, verified to the end first"),
        _envelope("verify", "verifying without opening"), _envelope("reseal", "sealing again for a partner"),
    )),
    Bench("exchange", (), ("--items", "50", "--tens", "6", "--forties", "1"), (
        Figure("exchange of 64 KiB items, durable on both sides and receipted", r"rate=([\d.]+)/s", "{} a second",
               "at least 80 a second", lambda found: found[0] >= 80),
        Figure("the same, one in flight, median", r"p50=([\d.]+) ?ms", "{} ms", "under 40 ms",
               lambda found: found[0] < 40),
        Figure("items of 64 KiB, ten to a consignment", r"tens=([\d.]+) items", "{} items a second",
               "consignments of one item: two rows above"),
        Figure("items of 64 KiB, forty to a consignment", r"forties=([\d.]+) items", "{} items a second",
               "the row above"),
    )),
    Bench("rules", (), ("3",), (
        Figure("access decisions with all reasons, one core", r"^access, all reasons, .*views at hand +([\d,]+) /s",
               "{} a second", "at least 500,000 a second", lambda found: found[0] >= 500_000),
        Figure("the same, each item worked out anew", r"^access, all reasons, .*each view .*? +([\d,]+) /s",
               "{} a second", "the row above"),
        Figure("decisions on provision, every gate", r"^provision, every gate +([\d,]+) /s", "{} a second",
               "one a dispatched item"),
    )),
    Bench("ledger", ("--acts", "20000"), ("--acts", "2000"), (
        Figure("acts through the ledger, acknowledged durable, 64 callers", r"rate=([\d.]+)/s.*disk_flushes=([\d.]+)/s",
               "{} a second; the disk alone flushes {} times", "at least 5,000 a second",
               lambda found: found[0] >= 5_000),
    )),
    Bench("duties", (), ("--sizes", "2000", "10000"), (
        Figure("duties due today, listed among a million", r"^among +[\d,]+: today +([\d.]+) ms .*\s*\Z", "{} ms",
               "under 50 ms", lambda found: found[0] < 50),
        Figure("a duty opened and discharged, durable: among the fewest and the most",
               r"^among .*open +([\d.]+) ms +discharge +([\d.]+) ms\n(?:.*\n)*among .*open +([\d.]+) ms +discharge "
               r"+([\d.]+) ms", "{} and {} ms; {} and {} ms", "does not grow: at most twice",
               lambda found: found[2] + found[3] <= 2 * (found[0] + found[1])),
    )),
    Bench("scale", (), ("--sizes", "500", "2000", "--steps", "60"), (
        Figure("acts and messages among 10,000 items and among the most: how many, and which has grown most",
               r"^kinds=(\d+) grown most=([\d.]+)", "{}; {} ×", "does not grow: at most twice",
               lambda found: found[1] <= 2),
    )),
    Bench("search", (), ("--sizes", "2000", "--turns", "40"), (
        _search("a search of a million items, by a keeper of the register, p95", "search by registrar", 100),
        _search("the same, by the head of the addressee: one side of it, and what names them", "search by head", 100),
        _search("the same, by a reader of one item in fifty", "search by reader", 100),
        _search("what waits today, among a million items, p95", "view.today by registrar", 60),
        _search("the figures of the register, among a million items, p95", "view.pictures by registrar", 20),
    )),
    Bench("desk", (), ("--items", "2000", "--turns", "3"), (
        Figure("pages of the desk over a million items: of all visits, and of the slowest page, p95, processor",
               r"processor p95=([\d.]+) ms, of the slowest page ([\d.]+) ms", "{} ms, {} ms", "under 60 ms",
               lambda found: found[1] < 60),
        Figure("how often a page looks into the books, at most, with nothing of them in memory",
               r"with nothing in memory at most=(\d+)", "{} times", "at most 12", lambda found: found[0] <= 12),
    )),
    Bench("upload", (), ("--size", "16MiB", "--rounds", "1"), (
        Figure("a file of 1 GiB from a browser until it is sealed and entered, and the peak memory of the desk",
               r"ratio=([\d.]+) peak=(\d+)", "{} of the speed of sealing, {} MiB",
               "at least 0.5 of it, peak under 250 MiB", lambda found: found[0] >= 0.5 and found[1] < 250),
    )),
    Bench("inventory", ("--copies", "100000"), ("--copies", "2000", "--scans", "50"), (
        Figure("an inventory of 100,000 copies prepared", r"prepared=([\d.]+) s", "{} s", "under 5 s",
               lambda found: found[0] < 5),
        Figure("a scan recorded in it, signed and durable, median", r"scan p50=([\d.]+) ms", "{} ms", "under 10 ms",
               lambda found: found[0] < 10),
    )),
    Bench("level", (), ("--copies", "1000"), (
        Figure("a change of level for 10,000 copies at one partner, worked off on both sides", r"all seconds=([\d.]+)",
               "{} s", "under 10 s", lambda found: found[0] < 10),
    )),
    Bench("room", (), ("--pages", "20", "--rounds", "1"), (
        Figure("first page of a paper of 300 pages in the reading room, granted, verified and shown",
               r"first p50=(\d+) ms worst=(\d+)", "{} ms, at worst {}", "under 400 ms", lambda found: found[0] < 400),
        Figure("the next page, and the memory of the process that shows it",
               r"^next p50=(\d+) ms p95=(\d+) ms .*peak=(\d+)", "{} ms, p95 {} ms; {} MiB", "under 150 ms",
               lambda found: found[1] < 150),
    )),
    Bench("log", ("200000",), ("5000",), (
        Figure("log entries appended in batches of 256, without disk", r"^append, batches of 256 +([\d,]+)",
               "{} a second", "the ledger's rate"),
        Figure("heads signed by both algorithms", r"^checkpoint signing, both algorithms +([\d,]+)", "{} a second",
               "one a batch"),
        Figure("full audit of a log", r"^full audit +([\d,]+)", "{} entries a second", "a million entries in a minute: "
               "17,000", lambda found: found[0] >= 17_000),
    )),
    Bench("tls", ("--seconds", "2"), ("--seconds", "0.2", "--rounds", "1"), (
        Figure("64 KiB posts, mutual TLS 1.3 against plain HTTP", r"^uvloop +TLS / plain, posts +([\d.]+)",
               "{} × the rate", "plain HTTP, 1 ×"),
        Figure("64 MiB uploads, mutual TLS 1.3 against plain HTTP", r"^uvloop +TLS / plain, uploads +([\d.]+)",
               "{} × the rate", "plain HTTP, 1 ×"),
        Figure("new connections with both keys verified", r"^uvloop +mutual TLS, new connections +([\d.]+)",
               "{} a second", "rare: connections are kept"),
    )),
    Bench("start", (), ("3",), (
        Figure("`cordiale --help`", r"^cordiale --help +([\d.]+) s", "{} s", "under 0.25 s",
               lambda found: found[0] < 0.25),
        Figure("an interpreter that does nothing", r"^interpreter alone +([\d.]+) s", "{} s", "the row above"),
    )),
)


def run(bench: Bench, *, is_quick: bool, books: str) -> str:
    """Run one measurement and return what it printed; one that failed says so. Registers are shared in `books`."""
    command = [sys.executable, "-m", bench.module, *(bench.quick if is_quick else bench.whole)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "BENCH_BOOKS": books},
    )
    print(done.stdout, end="", flush=True)
    if done.stderr:
        print(done.stderr, end="", file=sys.stderr, flush=True)
    return done.stdout if done.stdout else f"failed with exit code {done.returncode}\n"


def row_of(figure: Figure, printed: str) -> str:
    """Return the row of the table for `figure`."""
    match = re.search(figure.pattern, printed, re.MULTILINE)
    if match is None:
        return f"| {figure.what} | not measured | {figure.beside} | |"
    found = [float(text.replace(",", "")) for text in match.groups()]
    verdict = "" if figure.is_kept is None else "kept" if figure.is_kept(found) else "**missed**"
    return f"| {figure.what} | {figure.shown.format(*match.groups())} | {figure.beside} | {verdict} |"


_MADE_OF: Final = re.compile(
    r"an exchange is, of [\d.]+ ms on average: signatures .*\((\d+)%\), disk .*\((\d+)%\), "
    r"HTTP and TLS .*\((\d+)%\), everything else .*\((\d+)%\)"
)
_AT_MOST: Final = re.compile(r"two cores can do (\d+) a second, and (\d+) if only signatures were left")
_SLOWER: Final = re.compile(
    r"with a disk that takes 4 ms to flush: one in flight p50 ([\d.]+) ms; .* callers ([\d.]+) a"
)


def words_on_exchange(printed: str) -> str:
    """Return what the measurement of exchanges says in words, empty where it was not made."""
    made, most, slower = (pattern.search(printed) for pattern in (_MADE_OF, _AT_MOST, _SLOWER))
    if made is None or most is None or slower is None:
        return ""
    return f"""\
An exchange of one item, with no other under way, spends {made[1]} % of its time on signatures, {made[2]} % on the disk,
{made[3]} % on HTTP and TLS and {made[4]} % on everything else; this counts both nodes, and the two persons who sign.
By the processor alone two cores could do {most[1]} such exchanges a second, and {most[2]} if nothing but their
signatures were left: each takes seven pairs of them, of persons, of the record and of messages, and those of the logs.
With a disk that takes 4 ms to flush, one exchange would take {slower[1]} ms, and {slower[2]} would be done a second.

Messages, logs and the acts of persons are signed once for a consignment, however many items it has. What remains with
ten and with forty items is the item itself: its envelope sealed anew, its record signed and verified, its entries on
both sides.

"""


Printed = dict[str, tuple[str, str]]
"""By the name of a measurement the day on which it was made, and what it printed."""

_PRINTED: Final = re.compile(r"^### (\w+), (\d{4}-\d\d-\d\d)\n\n```text\n(.*?\n)```$", re.MULTILINE | re.DOTALL)


def printed_in(page: str) -> Printed:
    """Return what stands in the page of earlier measurements."""
    return {name: (day, text) for name, day, text in _PRINTED.findall(page)}


def page_of(printed: Printed) -> str:
    """Return the page for what measurements `printed`."""
    said = {name: text for name, (_, text) in printed.items()}
    rows = [row_of(figure, said.get(bench.name, "")) for bench in BENCHES for figure in bench.figures]
    raw = "\n".join(
        f"### {bench.name}, {printed[bench.name][0]}\n\n```text\n{said[bench.name].rstrip()}\n```\n"
        for bench in BENCHES if bench.name in printed
    )
    where = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    return f"""\
# Performance

Written by `make bench`, or one measurement after the other by `python -m bench --only NAME --write`; each stands below
with its day. One machine: {where}. Ratios are taken within a measurement, against a peer that
met the same disk and the same load; absolute figures say little about another machine, or another hour of this one.
A row with a limit is *kept* or *missed*; a row without one has a peer beside it.

| what | figure | limit or peer | |
|---|---|---|---|
{chr(10).join(rows)}

{words_on_exchange(said.get("exchange", ""))}## What was printed

{raw}"""


def main() -> None:
    """Run what was asked for, and write the page after a whole run of everything, or where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes; write nothing")
    names = [bench.name for bench in BENCHES]
    parser.add_argument("--only", nargs="+", choices=names, help="only these; write nothing without --write")
    parser.add_argument("--write", action="store_true", help="let them take the place of what the page has of them")
    arguments = parser.parse_args()
    chosen = [bench for bench in BENCHES if bench.exists and bench.name in (arguments.only or [bench.name])]
    printed = dict[str, str]()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as books:
        for bench in chosen:
            print(f"\n== {bench.name}", flush=True)
            printed[bench.name] = run(bench, is_quick=arguments.quick, books=books)
    for figure, text in ((figure, printed[bench.name]) for bench in chosen for figure in bench.figures):
        print(row_of(figure, text))
    if not arguments.quick and (arguments.write or not arguments.only):
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        known = printed_in(PAGE.read_text(encoding="utf-8")) if arguments.only else {}
        PAGE.write_text(page_of(known | {name: (today, text) for name, text in printed.items()}), encoding="utf-8")
        print("wrote docs/performance.md")


if __name__ == "__main__":
    main()
