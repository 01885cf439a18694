"""Books of very many items, for what is measured among them, written by a quicker road than act by act.

What the program writes of an item is taken from the random life of the tests, and repeated under other names and
numbers. The rows are those that the acts themselves would leave: bodies and fields as the program encodes them, a salt
and a commitment for each record, an act and a log entry for each item, batches chained and heads signed, the index of
the register. Only the road is quicker: what a row says is filled into the bytes of one that was encoded before (the
first and the last turn are encoded anew and compared), rows of many batches go into one transaction, which is not
flushed, and the index of what is plain is written without reading the books again.

Every item has its copies, entries and settled duties, one in fifty a reader. All else that a life knows, what is open
and waits among it, is there with every tenth turn of the pattern, a thousand times at most: what a busy registry has on
its hands. The index has the items entered over ten years, so that a search by time finds a part of them. Numbers have
gaps, and no envelopes lie behind files: an audit finds both.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tests.world.outside import MemoryAnchor, MemoryObjects
from tests.world.world import Player, copy_of

from bench.living import PARTY, begun
from bench.pattern import Item, Pattern, patterns, words_of
from cordiale.adapters.sqlite_index import _NUMBERS, _SECOND, _SEPARATOR, _copy_term, _facet, _term
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.adapters.vault import create_vault, open_vault
from cordiale.crypto.passphrase import Cost
from cordiale.crypto.signatures import SigningPair
from cordiale.limits import BATCH_ACTS_MAX
from cordiale.model.found import FoundItem, IndexState
from cordiale.model.mode import Mode
from cordiale.records.answer import seal_answer
from cordiale.records.finding import INDEXED, UNREAD, _running, follow
from cordiale.records.items import APPROVAL, ITEM
from cordiale.records.ledger import INTERNAL, Act, Ledger, _Batch
from cordiale.records.record import Record, _commitment, encode_body, fields_of, shown_at
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import ActSession
from cordiale.rules.search_words import fold, terms_of

_WHOLE_TURNS_ONE_IN: Final = 10
_WHOLE_TURNS_COUNT_MAX: Final = 1_000
_READ_ONE_IN: Final = 50
_FILL_SECONDS: Final = 1_000
"""How much time passes while a register is filled, whatever its size: the life that follows is the same."""
INDEXED_SINCE: Final = datetime(2016, 9, 1, tzinfo=UTC)
_INDEXED_DAYS: Final = 3_650
_BATCHES_AT_ONCE: Final = 10
_CACHE_KIB: Final = 1024 * 1024
_CHECKPOINT_PAGES: Final = 64 * 1024
_SALT_BYTES: Final = 32
_PASSPHRASE: Final = "bench"
_ANSWER: Final = seal_answer({}, "")
_INTO: Final = {
    "record": "INTO record (kind, id, version, body, salt, log, idx) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "field": "OR IGNORE INTO field (kind, name, value, id) VALUES (?, ?, ?, ?)",
    "found": "INTO found (n, item, words, numbers, facets, persons, held) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "found_term": "INTO found_term (rowid, terms) VALUES (?, ?)",
    "found_person": "OR IGNORE INTO found_person (person, n, why) VALUES (?, ?, ?)",
    "found_copy": "INTO found_copy (id, unit) VALUES (?, ?)",
}


class _Filler:
    """Writes turns of the pattern into the books of one node, a batch of the ledger after the other."""

    def __init__(self, player: Player, size: int, pattern: tuple[Pattern, Pattern]) -> None:
        self.player = player
        self.ledger: Ledger = player.registry.ledger
        self.often, self.whole = pattern
        self.turns = -(-size // len(self.often.items))
        self.chance = random.Random(7)
        self.words = words_of(self.chance)
        self.count = 0
        self.due: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _INTO}
        self.tallies: Counter[tuple[str, str]] = Counter()

    def fill(self) -> None:
        """Write every turn."""
        at_once, begun_at = BATCH_ACTS_MAX // len(self.often.items), self.player.clock.at
        starts = range(0, self.turns, at_once)
        for first in range(0, len(starts), _BATCHES_AT_ONCE):
            with self.player.registry.store.transaction() as work:
                for start in starts[first : first + _BATCHES_AT_ONCE]:
                    self.player.clock.at = begun_at + timedelta(seconds=start * _FILL_SECONDS // self.turns)
                    self._write_batch(work, range(start, min(start + at_once, self.turns)))
        self.player.clock.at = begun_at + timedelta(seconds=_FILL_SECONDS)

    def _write_batch(self, work: Any, turns: range) -> None:
        now = self.ledger.now()
        batch = _Batch(now, shown_at(now))
        touched: dict[int, dict[tuple[str, str], Record]] = {}
        for turn in turns:
            is_whole = turn % _WHOLE_TURNS_ONE_IN == 0 and turn < _WHOLE_TURNS_ONE_IN * _WHOLE_TURNS_COUNT_MAX
            self._write_turn(work, batch, turn, self.whole if is_whole else self.often)
            if is_whole:
                touched[turn] = batch.touched
            batch.touched = {}
        for table, rows in self.due.items():
            work._write_all(f"INSERT {_INTO[table]}", sorted(rows))
            rows.clear()
        position = self.ledger._append(work, batch)
        self.ledger._logs.keep(batch.following)
        self.ledger._put_anchor(position, now)
        for (kind, key), count in self.tallies.items():
            work.add_tally(kind, key, count)
        self.tallies.clear()
        for turn, records in touched.items():
            work.set_index_state(IndexState(work.index_state().form, position.number - 1))
            follow(work, records, commit=position.number, at=self._indexed_at(turn))

    def _indexed_at(self, turn: int) -> datetime:
        return INDEXED_SINCE + timedelta(seconds=_INDEXED_DAYS * 86_400 * turn // self.turns)

    def _write_turn(self, work: Any, batch: _Batch, turn: int, pattern: Pattern) -> None:
        texts, free = pattern.at(turn), set[int]()
        pattern.entitle(texts, self.chance, self.words)
        if turn in (0, self.turns - 1):
            _require_as_encoded(pattern, texts)
        self.due["field"] += [(kind, name, texts[value], texts[id]) for kind, name, value, id in pattern.fields]
        for place, item in enumerate(pattern.items):
            act = Act(f"fill.{turn:06d}.{place}", "fill", "node", INTERNAL, lambda _: {})
            session = self.ledger._session(work, batch, act)
            self._put(session, pattern, item, texts)
            is_read = self.count % _READ_ONE_IN == 0
            if is_read:
                id = texts[item.row.id]
                session.put("need", f"{id}/reader", _need_of(id), expect=0)
            self.count += 1
            if pattern is self.often:
                self._index(item, texts, self._row_of(texts[item.named[2]], turn, free), is_read=is_read)
            self.ledger._enter(work, batch, session, (act, _ANSWER, {}))
        if pattern is self.often:
            self.due["found_copy"] += [(texts[id], "") for id in pattern.held]
            self.tallies.update(pattern.tallies)

    def _put(self, session: ActSession, pattern: Pattern, item: Item, texts: list[str]) -> None:
        """Put the records of the act of an item."""
        salts, put = self.player.registry.random.bytes_(_SALT_BYTES * len(item.rows)), self.due["record"].append
        for place, (kind, id_at, body_at) in enumerate(item.rows):
            salt = salts[_SALT_BYTES * place : _SALT_BYTES * (place + 1)]
            id, body = texts[id_at], texts[body_at].encode()
            if kind == APPROVAL:
                body = self._bound(session, body, texts[item.row.body])
            put((kind, id, 1, body, salt, INTERNAL, session.index))
            session._commitments.append(_commitment(session.domain, salt, (kind, id, 1), body))
            if pattern is self.whole and kind in INDEXED:
                session.touched[kind, id] = Record(kind, id, 1, json.loads(body), INTERNAL, session.index, body)

    def _bound(self, session: ActSession, approval: bytes, item: str) -> bytes:
        """Return an approval as it binds the item it names, whose name and title are those of its turn."""
        body, about = json.loads(approval), json.loads(item)
        body["bound_digest"] = binding_of(
            Record(ITEM, body["item"], 1, about, "", 0), recipient=body["recipient"], purpose=body["purpose"],
            agreement=body["agreement"], version=version_of(session, body["agreement"]),
            mode=self.player.registry.mode,
        )
        return encode_body(APPROVAL, body)

    def _row_of(self, reference: str, turn: int, taken: set[int]) -> int:
        """Return the number of the row of an item in the index: the first that is free of its second and number."""
        second, own = int(self._indexed_at(turn).timestamp()) * _SECOND, _SECOND // _NUMBERS
        n = second + _running(reference) % _NUMBERS * own
        while n in taken:
            n += 1
        taken.add(n)
        return n

    def _index(self, item: Item, texts: list[str], n: int, *, is_read: bool) -> None:
        """Enter in the index what `follow` would enter of an item."""
        found = replace(
            item.found, item=texts[item.row.id], words=fold([texts[at] for at in item.named]),
            numbers=fold([texts[at] for at in item.numbers]),
        )
        self.due["found"].append((
            n, found.item, found.words, found.numbers, _SEPARATOR.join(("", *found.facets, "")),
            _SEPARATOR.join(f"{why} {person}" for person, why in found.persons), found.held,
        ))
        self.due["found_term"].append((n, _document(found)))
        named = [*found.persons, *((("reader", "need"),) if is_read else ())]
        if is_read and "form file" in found.facets:
            named.append(("reader", UNREAD))
        self.due["found_person"] += [(person, n, why) for person, why in named]


@lru_cache(maxsize=64 * 1024)
def _terms_of(run: str) -> frozenset[str]:
    return frozenset(terms_of(run))


_facet_once: Final = lru_cache(maxsize=1024)(_facet)
_term_once: Final = lru_cache(maxsize=256 * 1024)(_term)
_copy_term_once: Final = lru_cache(maxsize=256 * 1024)(_copy_term)


def _document(found: FoundItem) -> str:
    """Return the document of an item as the index writes it; words that come again are cut once."""
    own = frozenset[str]().union(*map(_terms_of, found.words.split()))
    of_copies = frozenset[str]().union(*map(_terms_of, found.numbers.split())) - own
    return " ".join((*map(_facet_once, found.facets), *map(_term_once, own), *map(_copy_term_once, of_copies)))


def _need_of(item: str) -> dict[str, Any]:
    return {"granted_at": "2026-09-01T00:00:00Z", "granted_by": "head", "item": item, "person": "reader",
            "purpose": "bench"}


def _require_as_encoded(pattern: Pattern, texts: list[str]) -> None:
    """Hold what was filled in against what the program itself encodes."""
    fields: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for kind, name, value, id in pattern.fields:
        fields.setdefault((kind, texts[id]), set()).add((name, texts[value]))
    for item in pattern.items:
        for kind, id, body in item.rows:
            read = json.loads(texts[body])
            found_by = fields.get((kind, texts[id]), set())
            if encode_body(kind, read) != texts[body].encode() or set(fields_of(kind, read)) != found_by:
                raise SystemExit(f"{kind} {texts[id]} is not as the program would write it")


def fill(player: Player, size: int, pattern: tuple[Pattern, Pattern], path: Path) -> None:
    """Move the books of `player` to the file `path`, and enter as many items as `size` says, with all that is theirs.

    How long that took is printed.
    """
    since, busy = time.perf_counter(), time.process_time()
    store = copy_of(player.registry.store._inner, str(path))
    for pragma in ("synchronous = OFF", f"cache_size = -{_CACHE_KIB}", f"wal_autocheckpoint = {_CHECKPOINT_PAGES}"):
        store._writer.execute(f"PRAGMA {pragma}")
    player.reopen(store=store)
    _Filler(player, size, pattern).fill()
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    player.reopen(store=SqliteStore(str(path)))
    print(f"{size:>9,} items entered in {time.perf_counter() - since:.0f} s, {time.process_time() - busy:.0f} s of the "
          f"processor: {path.stat().st_size / 2**20:,.0f} MiB", flush=True)


# -- books that several measurements share ------------------------------------------------------------------


def shared_books(count: int) -> Path | None:
    """Return where the measurements of one run share books of `count` items, None where each has its own."""
    shared = os.environ.get("BENCH_BOOKS")
    return Path(shared) / str(count) if shared else None


def leave(player: Player, folder: Path) -> None:
    """Leave beside the books in `folder` all that a node needs to open them."""
    (folder / "clock").write_text(player.clock.at.isoformat())
    (folder / "anchor").write_bytes(player.anchor.content)
    (folder / "people").write_text(json.dumps({id: pair.encode_secret() for id, pair in player.people.items()}))
    create_vault(folder / "vault", _PASSPHRASE, player.keys, Mode.REAL, Cost(1024, 1, 1))


@contextmanager
def books_of(count: int, kept: Path | None = None) -> Iterator[Player]:
    """Open a node over books of `count` items until the end of the block.

    They are those in the folder `kept`, or those that the run shares, made there where they are not; else they are
    made and go away again.
    """
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        player = _opened(kept or shared_books(count) or Path(name), count)
        yield player
        player.registry.store.close()


def _opened(folder: Path, count: int) -> Player:
    """Return a node over the books that were left in `folder`, or over `count` items that are entered there now."""
    player = begun(5).world.by_party(PARTY)
    if not (folder / "vault").exists():
        folder.mkdir(parents=True, exist_ok=True)
        fill(player, count, patterns(), folder / "books.db")
        leave(player, folder)
        player.registry.store.close()
    player.keys = open_vault(folder / "vault", _PASSPHRASE, Mode.REAL)
    player.people = {
        id: SigningPair.parse_secret(secret) for id, secret in json.loads((folder / "people").read_text()).items()
    }
    player.clock.at = datetime.fromisoformat((folder / "clock").read_text())
    player.reopen(
        store=SqliteStore(str(folder / "books.db")), objects=MemoryObjects(player.clock),
        anchor=MemoryAnchor((folder / "anchor").read_bytes()),
    )
    return player
