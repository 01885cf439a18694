"""The index of the register in SQLite: one row and one full-text document for each item, and who sees which by name.

It lies in the file of the books, changes in their transactions, and is no truth: the audit does not read it. Terms and
facets are written to the full-text index in hexadecimal, so that its tokenizer has nothing to decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any, Final

from cordiale.model.found import FoundItem, IndexQuestion, IndexState, PersonClause, Sight
from cordiale.rules.search_words import terms_of

_SECOND: Final = 1 << 14
_NUMBERS: Final = 1 << 10
"""An item's row number says when it was entered: seconds, then its running number, then what tells equals apart."""

_SEPARATOR: Final = "\n"
_ROWS: Final = (
    "SELECT f.n, f.item, f.words, f.numbers, f.facets, f.persons, f.held FROM json_each(?) j"
    " CROSS JOIN found f ON f.item = j.value"
)


class IndexReads:
    """What `cordiale.ports.Reads` says of the index."""

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def index_page(
        self, question: IndexQuestion, *, after: int | None = None, newest_first: bool = True, limit: int = 50
    ) -> Sequence[tuple[int, str]]:
        """Return (row number, item) of what answers to `question`, in order, from the one after row `after`."""
        sql, values = _selected(question, after, newest_first=newest_first)
        return [(int(row[0]), str(row[1])) for row in self._rows(f"{sql} LIMIT ?", (*values, limit))]

    def index_count(self, question: IndexQuestion, *, limit: int) -> int:
        """Return how many items answer to `question`; it is not counted further than `limit`."""
        sql, values = _selected(question, None, newest_first=True, is_counted=True)
        return int(self._rows(f"SELECT count(*) FROM ({sql} LIMIT ?)", (*values, limit))[0][0])

    def index_rows(self, items: Sequence[str]) -> Mapping[str, tuple[int, FoundItem]]:
        """Return the row numbers and rows of those of `items` that have one."""
        rows = self._rows(_ROWS, (json.dumps(list(items)),))
        return {str(row[1]): (int(row[0]), _found(row)) for row in rows}

    def index_state(self) -> IndexState:
        """Return how far the index has come."""
        form, batch, stage, after = self._rows("SELECT form, batch, stage, after FROM index_state")[0]
        return IndexState(int(form), int(batch), str(stage), str(after))

    def tallies(self, kind: str) -> Sequence[tuple[str, int]]:
        """Return what was counted of `kind`, by key."""
        return [(str(key), int(count)) for key, count in self._rows(
            "SELECT key, count FROM tally WHERE kind = ? AND count <> 0 ORDER BY key", (kind,)
        )]

    def open_receipts(self, since: Sequence[int]) -> Sequence[int]:
        """Return how many consignments wait for a receipt that left at or after each of the times `since`, in seconds.

        The last count is that of all of them.
        """
        counted = ", ".join("count(*) FILTER (WHERE at >= ?)" for _ in since)
        return [int(one) for one in self._rows(f"SELECT {counted}, count(*) FROM found_open", tuple(since))[0]]


class IndexWrites(IndexReads):
    """What `cordiale.ports.UnitOfWork` says of the index."""

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        raise NotImplementedError

    def put_found(self, found: FoundItem, before: tuple[int, FoundItem] | None) -> None:
        """Put the row of an item in the place of the one it had `before`; what did not change is not written."""
        n, known = before if before is not None else (self._free_row(found), None)
        if known is not None and _content(known) == _content(found):
            return
        self._write(
            "INSERT OR REPLACE INTO found (n, item, words, numbers, facets, persons, held)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (n, found.item, found.words, found.numbers, _SEPARATOR.join(("", *found.facets, "")),
             _SEPARATOR.join(f"{why} {person}" for person, why in found.persons), found.held),
        )
        if known is None or _content(known)[:3] != _content(found)[:3]:
            self._write("INSERT OR REPLACE INTO found_term (rowid, terms) VALUES (?, ?)", (n, _document(found)))
        old, new = set(known.persons if known is not None else ()), set(found.persons)
        for person, why in old - new:
            self._write("DELETE FROM found_person WHERE person = ? AND n = ? AND why = ?", (person, n, why))
        for person, why in new - old:
            self._write("INSERT OR IGNORE INTO found_person (person, n, why) VALUES (?, ?, ?)", (person, n, why))
        self._count_held(known.held if known is not None else "", found.held)

    def put_person(self, item: str, person: str, why: str, *, is_there: bool) -> None:
        """Enter, or take away, that `person` is named with `item` for the reason `why`."""
        sql = (
            "INSERT OR IGNORE INTO found_person (person, n, why) SELECT ?, n, ? FROM found WHERE item = ?" if is_there
            else "DELETE FROM found_person WHERE person = ? AND why = ? AND n = (SELECT n FROM found WHERE item = ?)"
        )
        self._write(sql, (person, why, item))

    def put_open_receipt(self, consignment: str, at: int | None) -> None:
        """Enter that a consignment that left at `at` waits for its receipt, or that it does not: None."""
        if at is None:
            self._write("DELETE FROM found_open WHERE id = ?", (consignment,))
        else:
            self._write("INSERT OR REPLACE INTO found_open (id, at) VALUES (?, ?)", (consignment, at))

    def put_held_copy(self, copy: str, unit: str | None) -> None:
        """Enter that `copy` is held in `unit`, empty for the whole registry, or that it is not held: None."""
        before = self._rows("SELECT unit FROM found_copy WHERE id = ?", (copy,))
        known = str(before[0][0]) if before else None
        if known == unit:
            return
        if unit is None:
            self._write("DELETE FROM found_copy WHERE id = ?", (copy,))
        else:
            self._write("INSERT OR REPLACE INTO found_copy (id, unit) VALUES (?, ?)", (copy, unit))
        for key, more in ((known, -1), (unit, 1)):
            if key is not None:
                self.add_tally("unit", key, more)

    def add_tally(self, kind: str, key: str, count: int) -> None:
        """Count `count` more of `key`."""
        self._write(
            "INSERT INTO tally (kind, key, count) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET count = count + excluded.count", (kind, key, count),
        )

    def set_index_state(self, state: IndexState) -> None:
        """Say how far the index has come."""
        self._write(
            "UPDATE index_state SET form = ?, batch = ?, stage = ?, after = ?",
            (state.form, state.batch, state.stage, state.after),
        )

    def clear_index(self) -> None:
        """Take everything out of the index."""
        for sql in (
            "DELETE FROM found", "DELETE FROM found_person", "DELETE FROM found_open", "DELETE FROM found_copy",
            "DELETE FROM tally",
            "INSERT INTO found_term (found_term) VALUES ('delete-all')",
        ):
            self._write(sql, ())

    def _count_held(self, before: str, after: str) -> None:
        if before != after:
            for key, count in ((before, -1), (after, 1)):
                if key:
                    self.add_tally("held", key, count)

    def _free_row(self, found: FoundItem) -> int:
        """Return the first place that is left among equals, else behind all of its second, or of one that follows."""
        second, own = found.entered_at * _SECOND, _SECOND // _NUMBERS
        n = second + found.number % _NUMBERS * own
        spans = chain(((n, n + own),), ((one, one + _SECOND) for one in count(second, _SECOND)))
        return next(free for start, end in spans if (free := self._behind(start, end)) < end)

    def _behind(self, start: int, end: int) -> int:
        last = self._rows("SELECT max(n) FROM found WHERE n >= ? AND n < ?", (start, end))[0][0]
        return start if last is None else int(last) + 1


def _found(row: tuple[Any, ...]) -> FoundItem:
    n, item, words, numbers, facets, persons, held = row
    named = [one.split(" ", 1) for one in str(persons).split(_SEPARATOR) if one]
    return FoundItem(
        item=item, entered_at=n // _SECOND, number=n % _SECOND // (_SECOND // _NUMBERS), words=words, numbers=numbers,
        facets=tuple(facets.split(_SEPARATOR)[1:-1]), persons=tuple((one[1], one[0]) for one in named), held=held,
    )


def _content(found: FoundItem) -> tuple[object, ...]:
    return found.words, found.numbers, found.facets, found.persons, found.held


def _document(found: FoundItem) -> str:
    of_copies = terms_of(found.numbers) - (own := terms_of(found.words))
    return " ".join((*map(_facet, found.facets), *map(_term, own), *map(_copy_term, of_copies)))


def _term(text: str) -> str:
    return "t" + text.encode().hex()


def _copy_term(text: str) -> str:
    return "c" + text.encode().hex()


def _facet(text: str) -> str:
    return "f" + text.encode().hex()


def _selected(
    question: IndexQuestion, after: int | None, *, newest_first: bool, is_counted: bool = False
) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that gives what answers to `question`, without its limit; rows of items only where needed.

    Where a person is asked for, it goes through what they are named with, and through nothing else: what it costs then
    tells nothing of the rest of the register.
    """
    values: list[Any] = []
    where: list[str] = []
    matched = [_facet_match(one) for one in question.facets] + [_term_match(term, question) for term in question.terms]
    if question.person:
        source, n = "found_person p CROSS JOIN found f ON f.n = p.n", "p.n"
        # For what they are named with for another reason, as yet unread, no row is fetched.
        whys = sorted({why for clause in question.clauses for why in clause.whys})
        where.append(f"p.person = ? AND p.why IN ({', '.join('?' * len(whys))})")
        values += [question.person, *whys]
        where.append(_clauses(question.clauses, values))
        _require_facets(where, values, question)
    elif matched:
        source, n = "found_term", "found_term.rowid"
        if not is_counted or question.texts or question.held_by:
            source += " CROSS JOIN found f ON f.n = found_term.rowid"
        where.append("found_term MATCH ?")
        unless = f" NOT {_facet_match(question.without)}" if question.without else ""
        values.append(f"({' AND '.join(matched)}){unless}")
    else:
        source, n = "found f", "f.n"
        _require_facets(where, values, question)
    for text in question.texts:
        where.append("instr(f.words || f.numbers, ?)" if question.by_copies else "instr(f.words, ?)")
        values.append(text)
    if question.held_by:
        where.append("EXISTS (SELECT 1 FROM found_person h WHERE h.person = ? AND h.n = f.n AND h.why = 'holder')")
        values.append(question.held_by)
    _bound(where, values, (n, question.span, after), newest_first=newest_first)
    grouped = " GROUP BY p.n" if question.person else ""
    order = "DESC" if newest_first else "ASC"
    shown, ordered = ("1", "") if is_counted else (f"{n}, f.item", f" ORDER BY {n} {order}")
    return (
        f"SELECT {shown} FROM {source}{' WHERE ' if where else ''}{' AND '.join(where)}{grouped}{ordered}",
        tuple(values),
    )


def _term_match(term: str, question: IndexQuestion) -> str:
    return f'("{_term(term)}" OR "{_copy_term(term)}")' if question.by_copies else f'"{_term(term)}"'


def _facet_match(one: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{_facet(facet)}"' for facet in one) + ")"


def _clauses(clauses: Sequence[PersonClause], values: list[Any]) -> str:
    said = []
    for clause in clauses:
        whys = ", ".join("?" * len(clause.whys))
        values += clause.whys
        facets = "".join(" AND instr(f.facets, ?)" for _ in clause.facets)
        values += [_whole(facet) for facet in clause.facets]
        said.append(f"(p.why IN ({whys}){facets})")
    return f"({' OR '.join(said)})" if said else "0"


def sight_match(sight: Sight, values: list[Any]) -> str:
    """Return the condition under which a row `f` of the index is one that `sight` reaches; its values go to `values`.

    Where the index may not be believed, that is every row.
    """
    values.append(sight.form)
    said = ["(SELECT form <> ? OR stage <> '' FROM index_state)"]
    for facets in sight.offices:
        said.append("(" + " AND ".join("instr(f.facets, ?)" for _ in facets) + ")")
        values += [_whole(one) for one in facets]
    values.append(sight.person)
    clauses = _clauses(sight.clauses, values)
    said.append(f"EXISTS (SELECT 1 FROM found_person p WHERE p.person = ? AND p.n = f.n AND {clauses})")
    return f"({' OR '.join(said)})"


def _require_facets(where: list[str], values: list[Any], question: IndexQuestion) -> None:
    for one in question.facets:
        where.append("(" + " OR ".join("instr(f.facets, ?)" for _ in one) + ")")
        values += [_whole(facet) for facet in one]
    for facet in question.without:
        where.append("NOT instr(f.facets, ?)")
        values.append(_whole(facet))


def _whole(facet: str) -> str:
    return f"{_SEPARATOR}{facet}{_SEPARATOR}"


def _bound(
    where: list[str], values: list[Any], bounds: tuple[str, tuple[int, int] | None, int | None], *, newest_first: bool
) -> None:
    n, span, after = bounds
    if span is not None:
        where.append(f"{n} >= ? AND {n} < ?")
        values += [span[0] * _SECOND, span[1] * _SECOND]
    if after is not None:
        where.append(f"{n} < ?" if newest_first else f"{n} > ?")
        values.append(after)
