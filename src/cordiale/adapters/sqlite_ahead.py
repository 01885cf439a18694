"""Several questions to the books in SQLite put at once, so that what a page shows costs few looks and not one a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.adapters.sqlite_index import IndexReads, sight_match
from cordiale.adapters.sqlite_kept import LIST_LENGTH_MAX, UNKNOWN, Found, KeptRecords
from cordiale.model.found import Narrowing
from cordiale.ports import BEHIND_ALL, Log, Named, Narrowed, Positions, Question, StoredRecord, Waiting

RECORD: Final = "r.kind, r.id, r.version, r.body, r.salt, r.log, r.idx"
LATEST: Final = "r.version = (SELECT max(version) FROM record WHERE kind = r.kind AND id = r.id)"

_AHEAD: Final = (
    f"SELECT j.key, {RECORD} FROM json_each(?) j CROSS JOIN record r ON r.kind = j.value ->> 0"
    f" AND r.id = j.value ->> 1 AND {LATEST}"
)
_AT: Final = "f.kind = j.value ->> 0 AND f.name = j.value ->> 1 AND f.value = j.value ->> 2"
_FIND_AHEAD: Final = (
    f"SELECT j.key, {RECORD} FROM json_each(?1) j CROSS JOIN field f ON {_AT} AND f.id <= coalesce("
    " (SELECT n.id FROM field n WHERE n.kind = j.value ->> 0 AND n.name = j.value ->> 1 AND n.value = j.value ->> 2"
    " ORDER BY n.id LIMIT 1 OFFSET ?2), char(1114111))"
    f" CROSS JOIN record r ON r.kind = f.kind AND r.id = f.id AND {LATEST}"
    f" UNION ALL SELECT j.key, {RECORD} FROM json_each(?1) j CROSS JOIN record r ON j.value ->> 1 = ''"
    f" AND r.kind = j.value ->> 0 AND {LATEST} ORDER BY 1, 3"
)
_PART_OF: Final = (
    f"SELECT * FROM (SELECT ?, f.value, {RECORD} FROM field f CROSS JOIN record r"
    f" ON r.kind = f.kind AND r.id = f.id AND {LATEST} WHERE f.kind = ? AND f.name = ?"
    " AND f.value >= ? AND f.value < ?{1} ORDER BY f.value {0}, f.id {0} LIMIT ?)"
)
# What was erased or damaged says nothing; what is read of it says so.
_BODY: Final = "iif(json_valid(CAST(r.body AS TEXT)), CAST(r.body AS TEXT), '{}')"
_NARROWED_PART: Final = (
    f"SELECT * FROM (SELECT ?, d.value, {RECORD} FROM field d CROSS JOIN record r"
    f" ON r.kind = d.kind AND r.id = d.id AND {LATEST}"
    "{2} WHERE d.kind = ? AND d.name = ? AND d.value >= ? AND d.value < ?{1} AND {3}"
    " ORDER BY d.value {0}, d.id {0} LIMIT ?)"
)
_POSITIONS: Final = (
    "SELECT j.value ->> 0, j.value ->> 1, coalesce((SELECT size FROM log WHERE name = j.value ->> 0), 0),"
    " coalesce((SELECT origin FROM head WHERE log = j.value ->> 0 ORDER BY size DESC LIMIT 1), ''),"
    " coalesce((SELECT size FROM seen WHERE origin = j.value ->> 1), 0) FROM json_each(?1) j"
)
_WAITING: Final = (
    "SELECT '', j.value, (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'waiting' AND partner = j.value"
    " LIMIT ?3)), coalesce((SELECT min(queued_at) FROM (SELECT queued_at FROM outbox WHERE state = 'waiting'"
    " AND partner = j.value ORDER BY precedence = 'bulk', agreement, seq LIMIT ?3)), ''), 0 FROM json_each(?2) j"
)


class AheadReads(IndexReads):
    """What `cordiale.ports.Reads` says of several questions at once."""

    _kept: KeptRecords

    def _is_changed(self, kind: str, id: str) -> bool:
        raise NotImplementedError

    def _is_answer_changed(self, kind: str, question: tuple[str, ...]) -> bool:
        raise NotImplementedError

    def look_ahead(self, names: Sequence[Named]) -> None:
        """Read at once the records that `record` is about to be asked for, but those the transaction has changed."""
        asked = [
            name for name in dict.fromkeys(names)
            if self._kept.record(*name) is UNKNOWN and not self._is_changed(*name)
        ]
        if not asked:
            return
        moment = self._kept.moment
        found = {row[0]: StoredRecord(*row[1:]) for row in self._rows(_AHEAD, (json.dumps(asked),))}
        for place, (kind, id) in enumerate(asked):
            self._kept.keep_record(kind, id, found.get(place), moment=moment)

    def find_ahead(self, questions: Sequence[Question]) -> None:
        """Read at once what `find` is about to be asked for, and `every` where no field is named.

        Of a list that is too long to be kept in memory, its beginning; nothing that the transaction has changed.
        """
        asked = [
            one for one in dict.fromkeys(questions)
            if self._kept.found(one[0], _key(one)) is None and not self._is_answer_changed(one[0], _key(one))
        ]
        if not asked:
            return
        moment = self._kept.moment
        for question, found in zip(asked, self.find_each(asked, limit=LIST_LENGTH_MAX), strict=True):
            self._kept.keep_found(question[0], _key(question), tuple(found), moment=moment)

    def find_each(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]:
        """Return the first records that answer to each of `questions`, in one look, and keep nothing of it."""
        lists: list[list[StoredRecord]] = [[] for _ in questions]
        for row in self._rows(_FIND_AHEAD, (json.dumps(list(questions)), limit - 1)):
            lists[row[0]].append(StoredRecord(*row[1:]))
        return lists

    def latest(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]:
        """Return of each kind, field and beginning the last `limit` records whose field begins so, in order."""
        spans = [(kind, field, beginning, beginning + BEHIND_ALL) for kind, field, beginning in questions]
        return [[stored for _, stored in reversed(part)] for part in self._parts(spans, (), "DESC", limit)]

    def earliest(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]:
        """Return of each kind, field and beginning the first `limit` records whose field begins so, in order.

        What is not kept of them is read in one look, and then kept as the beginning of a list.
        """
        found = {one: self._first_kept(one, limit) for one in dict.fromkeys(questions)}
        asked = [one for one, kept in found.items() if kept is None]
        moment = self._kept.moment
        spans = [(kind, field, beginning, beginning + BEHIND_ALL) for kind, field, beginning in asked]
        for one, part in zip(asked, self._parts(spans, (), "ASC", max(limit, LIST_LENGTH_MAX)), strict=True):
            found[one] = tuple(stored for _, stored in part)
            if not self._is_answer_changed(one[0], _first_key(one)):
                self._kept.keep_found(one[0], _first_key(one), found[one] or (), moment=moment)
        return [(found[one] or ())[:limit] for one in questions]

    def _first_kept(self, question: Question, limit: int) -> Found | None:
        """Return what is kept of the first that `question` asks for, None where that is not enough to answer it."""
        key = _first_key(question)
        kept = None if self._is_answer_changed(question[0], key) else self._kept.found(question[0], key)
        return None if kept is None or LIST_LENGTH_MAX <= len(kept) < limit else kept

    def between_each(
        self, kind: str, field: str, spans: Sequence[tuple[str, str]], *, after: Sequence[tuple[str, str]] = (),
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]:
        """Return what `between` gives of each of `spans`, in one look.

        `after` has for each span the last value and identifier of the page before; without it, each is begun.
        """
        return self._parts([(kind, field, *span) for span in spans], after, "ASC", limit)

    def backwards_each(
        self, kind: str, field: str, spans: Sequence[tuple[str, str]], *, after: Sequence[tuple[str, str]] = (),
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]:
        """Return what `between_each` does, the last first."""
        return self._parts([(kind, field, *span) for span in spans], after, "DESC", limit)

    def narrowed_each(
        self, lists: Sequence[Narrowed], *, after: Sequence[tuple[str, str]] = (), newest_first: bool = False,
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]:
        """Return of each of `lists` what its narrowing leaves, in one look."""
        order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        behind = f" AND (d.value, d.id) {beyond} (?, ?)" if after else ""
        looks: list[str] = []
        values: list[Any] = []
        for place, (kind, field, span, narrowing) in enumerate(lists):
            values += [place, kind, field, *span, *(after[place] if after else ())]
            looks.append(_NARROWED_PART.format(order, behind, *_narrowed(narrowing, values)))
            values.append(limit)
        rows = self._rows(" UNION ALL ".join(looks), tuple(values)) if looks else []
        return _by_place(rows, len(lists), order)

    def _parts(
        self, spans: Sequence[tuple[str, str, str, str]], after: Sequence[tuple[str, str]], order: str, limit: int
    ) -> list[list[tuple[str, StoredRecord]]]:
        behind = f" AND (f.value, f.id) {'<' if order == 'DESC' else '>'} (?, ?)" if after else ""
        values = [
            value for place, span in enumerate(spans)
            for value in (place, *span, *(after[place] if after else ()), limit)
        ]
        looks = " UNION ALL ".join([_PART_OF.format(order, behind)] * len(spans))
        rows = self._rows(looks, tuple(values)) if spans else []
        return _by_place(rows, len(spans), order)

    def versions_of(self, names: Sequence[Named]) -> Sequence[StoredRecord]:
        """Return every version of the records named, the versions of each in their order."""
        rows = self._rows(
            f"SELECT {RECORD} FROM json_each(?) j CROSS JOIN record r ON r.kind = j.value ->> 0"
            " AND r.id = j.value ->> 1 ORDER BY j.key, r.version", (json.dumps(list(names)),),
        )
        return [StoredRecord(*row) for row in rows]

    def log_positions(self, logs: Sequence[Log]) -> Mapping[Log, Positions]:
        """Return of each log and the origin of a partner's like it: our size, whose head is the newest, theirs seen."""
        rows = self._rows(_POSITIONS, (json.dumps(list(logs)),))
        return {(row[0], row[1]): (int(row[2]), str(row[3]), int(row[4])) for row in rows}

    def standing(
        self, partners: Sequence[str], logs: Sequence[Log], *, limit: int
    ) -> tuple[Mapping[str, Waiting], Mapping[Log, Positions]]:
        """Return how many messages wait for each partner, counted to `limit`, since when, and the `log_positions`."""
        asked = json.dumps(list(logs)), json.dumps(list(partners)), limit
        rows = self._rows(f"{_POSITIONS} UNION ALL {_WAITING}", asked)
        waiting = {str(row[1]): (int(row[2]), str(row[3])) for row in rows if not row[0]}
        return waiting, {(row[0], row[1]): (int(row[2]), str(row[3]), int(row[4])) for row in rows if row[0]}


def _narrowed(narrowing: Narrowing, values: list[Any]) -> tuple[str, str]:
    """Return what is joined to the records of a list, and which of them are left; its values go to `values`."""
    joined, left = "", []
    if narrowing.sight is not None:
        joined = f" LEFT JOIN found f ON f.item = json_extract({_BODY}, '$.item')"
        left.append(sight_match(narrowing.sight, values))
    if narrowing.member:
        left.append(f"NOT EXISTS (SELECT 1 FROM json_each({_BODY}, ?) e WHERE e.value = ?)")
        values += [f"$.{narrowing.member}", narrowing.person]
    if narrowing.message:
        left.append(
            f"EXISTS (SELECT 1 FROM outbox o WHERE o.id = json_extract({_BODY}, ?) AND o.state = 'waiting'"
            " AND o.attachments <> '')"
        )
        values.append(f"$.{narrowing.message}")
    return joined, " AND ".join(left) or "1"


def _by_place(rows: list[tuple[Any, ...]], count: int, order: str) -> list[list[tuple[str, StoredRecord]]]:
    """Return the records in `rows` with their values, in order, by the span of which they are."""
    found: list[list[tuple[str, StoredRecord]]] = [[] for _ in range(count)]
    for row in sorted(rows, key=lambda row: (row[1], row[3]), reverse=order == "DESC"):
        found[row[0]].append((row[1], StoredRecord(*row[2:])))
    return found


def _first_key(question: Question) -> tuple[str, ...]:
    return "earliest", *question[1:]


def _key(question: Question) -> tuple[str, ...]:
    _, field, value = question
    return ("find", field, value, "") if field else ("every", "")


