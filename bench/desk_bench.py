"""The pages of the desk over a register of many: how long each takes, how many questions it puts to the books.

    python -m bench.desk_bench [--items 1000000] [--turns 20] [--keep FOLDER] [--pages REGEX]

The books are those of `bench.filled`. Every page is opened by a registrar, a head, a competent authority, a security
officer and a reader, first with nothing of the books in memory and then `--turns` times. `--keep` leaves the filled
books in a folder and finds them there again.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import apsw
from tests.crypto.authenticator import SITE
from tests.desk.asking_app import ask_app, close_lane
from tests.world.world import Player

from bench.filled import books_of
from bench.living import PARTY
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.config import DeskSettings
from cordiale.doors.control.operators import Serving
from cordiale.doors.serve import spare_collections
from cordiale.doors.web.routes import Who
from cordiale.doors.web.table import PAGES, open_desk
from cordiale.doors.web.visit import COOKIE
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.operate.reading_room import ReadingRoom
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.proved import ACTIVE, CREDENTIAL, SIGN_IN
from cordiale.records.registry import person_of
from cordiale.records.session import ActSession
from cordiale.records.signed_in import SignedIn
from cordiale.rules.signing import Means

_LANGUAGE: Final = "uk"
"""In which pages are the longest: a letter takes two bytes."""

_PEOPLE: Final = ("registrar", "head", "authority", "security", "reader")
_SHOWN: Final = 25
_NOT_PAGES: Final = frozenset({"/house"})
_WHOLE: Final = frozenset({"/print/crisis-list"})
"""What lists everything that is held, by its nature: it is told and stands beside the limits."""
_KINDS: Final = {
    "agreement": "agreement", "consignment": "consignment", "contract": "contract", "disclosure": "disclosure",
    "folder": "folder", "incident": "incident", "inventory": "inventory", "item": "item",
    "proposal": "people-proposal", "request": "return-request", "certificate": "certificate", "task": "reproduction",
    "visit": "visit",
}
_LIMIT_MS: Final = 60
_SIZE_MAX: Final = 40 * 1024
"""What the first page has at most: a longer one is told, too."""
QUESTIONS_COUNT_MAX: Final = 12
asked: list[str] = []
"""The statements that were put to SQLite, whoever's connection it was."""


def _note(_: Any, sql: str, __: Any) -> bool:
    if sql.startswith("SELECT"):
        asked.append(sql)
    return True


def _trace(connection: apsw.Connection) -> None:
    connection.exec_trace = _note


@dataclass(frozen=True, slots=True)
class Looked:
    """One visit of a page: wall and processor time in milliseconds, statements, and bytes that came."""

    wall: float
    busy: float
    questions: int
    size: int
    status: int


def _enrol(player: Player) -> dict[str, SignedIn]:
    """Enter a credential and a sign-in for each person, as they would stand after the ceremony."""
    registry, now = player.registry, player.clock.now().replace(microsecond=0)
    signed_in = {}

    def perform(session: ActSession) -> dict[str, Any]:
        for person in _PEOPLE:
            session.put(CREDENTIAL, f"bench.{person}", {
                "known_by": f"passkey bench.{person}", "means": Means.PASSKEY.value, "person": person, "state": ACTIVE,
                "public_key": "AA", "rp_id": "desk.example", "sign_count": 0,
            })
            session.put(SIGN_IN, f"bench.{person}", {
                "credential": f"bench.{person}", "means": Means.PASSKEY.value, "person": person,
                "until": "2099-01-01T00:00:00Z",
            })
        return {}

    registry.ledger.commit(Act("bench.enrol", "fill", "node", INTERNAL, perform))
    for person in _PEOPLE:
        signed_in[person] = SignedIn(PersonId(person), Means.PASSKEY, f"bench.{person}", now)
    return signed_in


def _names(player: Player) -> dict[str, str]:
    """Return what the words in the addresses of pages stand for: of each kind something that is there."""
    reads = player.registry.reads()
    named = {"book": PARTY, "log": INTERNAL, "person": "reader"}
    for name, kind in _KINDS.items():
        found = reads.every(kind, limit=1)
        if found:
            named[name] = found[0].id
    return named


def _addresses(person: Person, names: dict[str, str]) -> Iterator[str]:
    for page in PAGES:
        is_open = page.offices is None or bool(page.offices & person.offices)
        if page.get is None or page.who is Who.ANYBODY or not is_open or not set(page.names) <= set(names):
            continue
        if page.path in _NOT_PAGES or page.path.endswith("/picture"):
            continue
        path = page.path.format_map(names)
        about = "&".join(f"{name}={names[name]}" for name in ("item", "consignment", "person") if name in names)
        yield f"{path}?{about}" if path.startswith("/do/") else path


def _look(app: Any, cookie: str, path: str) -> Looked:
    asked.clear()
    begun, busy = time.perf_counter(), time.process_time()
    answer = ask_app(app, "GET", f"https://desk.example{path}", headers={"cookie": cookie})
    return Looked(
        (time.perf_counter() - begun) * 1_000, (time.process_time() - busy) * 1_000, len(asked), len(answer.content),
        answer.status,
    )


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[len(values) * 95 // 100]


def _measure(player: Player, look: Callable[[], Looked], turns: int) -> tuple[Looked, list[Looked]]:
    """Return the first visit of a page, with nothing of the books in memory, and those that follow."""
    player.registry.store._kept._empty()
    return look(), [look() for _ in range(turns)]


def run(player: Player, signed_in: dict[str, SignedIn], turns: int, only: str) -> None:
    """Open every page as everybody, and print what that took."""
    door = open_desk(_serving(player), SITE.origin)
    app, names = door.app(), _names(player)
    spare_collections()
    rows: list[tuple[str, str, Looked, list[Looked]]] = []
    for person, one in signed_in.items():
        token, _ = door._desk.sessions.begin(one, _LANGUAGE)
        cookie = f"{COOKIE}={token}"
        record = player.registry.record("person", person)
        if record is None:
            raise SystemExit(f"{person} is not there")
        for path in _addresses(person_of(record), names):
            if re.search(only, path) and path.partition("?")[0] not in _WHOLE:
                first, visits = _measure(player, partial(_look, app, cookie, path), turns)
                rows.append((person, path.partition("?")[0], first, visits))
    _tell(rows)


def _tell(rows: list[tuple[str, str, Looked, list[Looked]]]) -> None:
    rows.sort(key=lambda row: -_p95([one.busy for one in row[3]]))
    for person, path, first, visits in (*rows[:_SHOWN], *filter(_is_over, rows[_SHOWN:])):
        wall, busy = _p95([one.wall for one in visits]), _p95([one.busy for one in visits])
        print(f"{person:<10} {path:<44} first {first.busy:>7.1f} ms {first.questions:>3} questions  then p95 "
              f"{wall:>6.1f} ms, processor {busy:>6.1f} ms, {visits[-1].questions:>3} questions "
              f"{visits[-1].size / 1024:>6.1f} KiB  {visits[-1].status}")
    every = [one for row in rows for one in row[3]]
    worst = max(_p95([one.busy for one in row[3]]) for row in rows)
    print(f"pages={len(rows)} visits={len(every)} p95={_p95([one.wall for one in every]):.1f} ms processor p95="
          f"{_p95([one.busy for one in every]):.1f} ms, of the slowest page {worst:.1f} ms limit={_LIMIT_MS} ms")
    print(f"questions at most={max(one.questions for one in every)} limit={QUESTIONS_COUNT_MAX}; "
          f"with nothing in memory at most={max(row[2].questions for row in rows)}")


def _is_over(row: tuple[str, str, Looked, list[Looked]]) -> bool:
    """Tell whether a page looks more often or is larger than it may, or is no page."""
    _, _, first, visits = row
    return first.questions > QUESTIONS_COUNT_MAX or visits[-1].size > _SIZE_MAX or visits[-1].status >= 500


def _serving(player: Player) -> Serving:
    config = replace(player.config, home=Path(tempfile.gettempdir()), desk=DeskSettings(("127.0.0.1", 1), SITE.origin))
    node: Any = SimpleNamespace(registry=player.registry, config=config)
    return Serving(node, datetime.now(UTC), lambda: None, dict, ReadingRoom(player.registry))


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--pages", default="")
    arguments = parser.parse_args()
    with books_of(arguments.items, arguments.keep) as player:
        signed_in, store = _enrol(player), player.registry.store
        store.close()
        apsw.connection_hooks.append(_trace)
        player.reopen(store=SqliteStore(store._path))
        try:
            run(player, signed_in, arguments.turns, arguments.pages)
        finally:
            close_lane()


if __name__ == "__main__":
    main()
