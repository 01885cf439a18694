"""What the random life of the tests leaves in the books, as a pattern to be repeated under other names and numbers."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tests.world.roaming import FILLED

from bench.living import PARTY, begun, count_all, live
from cordiale.canonical import parse_instant
from cordiale.model.found import FoundItem
from cordiale.records.finding import _DIRECTIONS, _HELD_STATES, HELD, TRAFFIC, UNIT, _found_of, week_of
from cordiale.records.record import Record, encode_body, fields_of, open_record

Bodies = list[tuple[str, str, dict[str, Any]]]
"""Kind, identifier and body of each record."""

_PATTERN_STEPS: Final = 250
_HOUSE: Final = {
    "person", "own", "partner", "agreement", "national", "people-proposal", "people-change", "sent", "device",
    "accord-notice", "inventory", "inventory-page", "inventory-last", "refusal", "partner-refusal", "registry-notice",
    "sub-registry",
}
"""Kinds that do not grow with the register, or are of the house."""
_OFTEN: Final = {"item", "copy", "entry", "duty"}
_NAMES: Final = re.compile(
    r"(?:(?:che|lux|pol)\.)?(?:act\.life\.|m\.|c\.act|incident\.|visit\.|consent\.|level\.|n\.)[\w.]+"
)
_TURN: Final = "@turn@"
_YEAR_TURN: Final = "@year@"
_TIME_TURN: Final = "@time@"
_TITLE: Final = "@title@"
_SUBJECT: Final = "@subject@"
_TIMES: Final = re.compile(r"T\d\d:\d\d:\d\dZ")
_NUMBERS: Final = re.compile(r"(-20\d\d-)(\d+)")
_END: Final = "\0"
_CYRILLIC: Final = "абвгдежзиклмнопрст"
_JAPANESE: Final = "機密文書解除情報保護協定防衛外務省報告会議資料計画"


def words_of(chance: random.Random) -> list[str]:
    """Return the words that titles are made of."""
    return ["".join(chance.choices(_CYRILLIC, k=chance.randint(4, 9))) for _ in range(3_000)] + ["report", "annex"]


def _title(chance: random.Random, words: list[str]) -> str:
    # A few words stand in most titles and most words in few.
    common = [words[min(len(words), int(chance.paretovariate(0.7))) - 1] for _ in range(5)]
    return f"{' '.join(common)} {''.join(chance.choices(_JAPANESE, k=8))}"


class Row(NamedTuple):
    """A record of the pattern: where its identifier and its body stand."""

    kind: str
    id: int
    body: int


class Field(NamedTuple):
    """What a record of the pattern is found by: where its value and the identifier of the record stand."""

    kind: str
    name: str
    value: int
    id: int


class Item(NamedTuple):
    """An item of the pattern, and the rows of its act.

    `named` are title, subject and references, `numbers` those of its copies; `found` is what the index has of it.
    """

    row: Row
    rows: tuple[Row, ...]
    named: tuple[int, ...]
    numbers: tuple[int, ...]
    found: FoundItem


@dataclass(frozen=True, slots=True)
class Pattern:
    """The records of one turn: `text` is all that is said in them, each piece behind the other.

    `held` are the copies that are here; `tallies` what the index counts of a turn.
    """

    text: str
    items: tuple[Item, ...]
    fields: tuple[Field, ...]
    held: tuple[int, ...]
    tallies: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, bodies: Bodies) -> Pattern:
        """Return the pattern for records of (kind, identifier, body), places of turns and titles in them."""
        pieces: list[str] = []

        def add(text: str) -> int:
            pieces.append(text)
            return len(pieces) - 1

        ids = [id for kind, id, _ in bodies if kind == "item"]
        rows: list[list[Row]] = [[] for _ in ids]
        copies: list[list[dict[str, Any]]] = [[] for _ in ids]
        fields, held, tallies = list[Field](), list[int](), Counter[tuple[str, str]]()
        for place, (kind, id, body) in enumerate(bodies):
            of_item = id if kind == "item" else body.get("item")
            act = ids.index(of_item) if of_item in ids else place % len(ids)
            row = Row(kind, add(id), add(encode_body(kind, body).decode()))
            rows[act].append(row)
            fields += [Field(kind, name, add(value), row.id) for name, value in fields_of(kind, body)]
            if kind == "copy":
                copies[act].append(body)
                if body["state"] in _HELD_STATES:
                    held.append(row.id)
                    tallies[UNIT, ""] += 1
            if kind == "entry" and body.get("act", "") in _DIRECTIONS:
                week = week_of(parse_instant(body["at"].replace(_TIME_TURN, "00:00:00")))
                tallies[TRAFFIC, f"{week} {_DIRECTIONS[body['act']]}"] += 1
        items = []
        for place, (id, body) in enumerate((id, body) for kind, id, body in bodies if kind == "item"):
            named = [body["title"], body["subject"], body["reference"], body.get("their_reference", "")]
            numbers = [one.get(name, "") for one in copies[place] for name in ("reference", "their_reference")]
            row = next(one for one in rows[place] if one.kind == "item")
            found = _found_of(Record("item", id, 1, body, "", 0), copies[place], 0)
            tallies[HELD, found.held] += 1 if found.held else 0
            items.append(Item(row, tuple(rows[place]), tuple(map(add, named)), tuple(map(add, numbers)), found))
        return cls(_END.join(pieces), tuple(items), tuple(fields), tuple(held), +tallies)

    def at(self, turn: int) -> list[str]:
        """Return all that is said under the names and numbers of `turn`."""
        at = f"{turn // 3_600 % 24:02d}:{turn // 60 % 60:02d}:{turn % 60:02d}"
        text = self.text.replace(_TURN, f"{turn:06d}").replace(_YEAR_TURN, f"{turn + 10}").replace(_TIME_TURN, at)
        return text.split(_END)

    def entitle(self, texts: list[str], chance: random.Random, words: list[str]) -> None:
        """Give each of the items in `texts` a title and a subject."""
        for item in self.items:
            title, subject = _title(chance, words), chance.choice(words)
            texts[item.named[0]], texts[item.named[1]] = title, subject
            texts[item.row.body] = texts[item.row.body].replace(_TITLE, title).replace(_SUBJECT, subject)


def patterns() -> tuple[Pattern, Pattern]:
    """Return what a life left in the books that is not of the house: of an item itself, and all of it.

    Names, numbers and times in it have the place of a turn in them: what is entered is not all of one second.
    """
    life = begun(3)
    live(life, _PATTERN_STEPS)
    count_all(life)
    reads = life.world.by_party(PARTY).registry.reads()
    rows = reads._connection.execute("SELECT DISTINCT kind FROM record").fetchall()
    found: Bodies = []
    for kind in sorted({str(kind) for (kind,) in rows} - _HOUSE):
        for record in reads.every(kind, limit=10_000):
            body = dict(open_record(record).body)
            if kind == "duty":
                body = {name: value for name, value in body.items() if name != "wakes"} | {"state": "done"}
            if kind == "item" and "title" in body:
                body |= {"title": _TITLE, "subject": _SUBJECT}
            found.append((kind, _with_place(record.id), json.loads(_with_place(json.dumps(body)))))
    found = [one for one in found if _TURN in one[1] or _YEAR_TURN in one[1]]
    return Pattern.of([one for one in found if one[0] in _OFTEN]), Pattern.of(found)


def _with_place(text: str) -> str:
    text = _TIMES.sub(f"T{_TIME_TURN}Z", text)
    text = _NAMES.sub(lambda found: f"{FILLED}{_TURN}.{found[0]}", text)
    return _NUMBERS.sub(lambda found: f"{found[1]}{_YEAR_TURN}{found[2]}", text)
