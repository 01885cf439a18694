"""People as canonical JSON, and the CSV in which a ministry hands them over.

    id,name,post,unit,represents,nationalities,offices,clearance,…

Lists are separated by blanks. A clearance is written
``SCHEME:LEVEL|2026-01-01|2029-12-31|authority``; several are separated by ``;``.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any, Final

from cordiale.canonical import Fields, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import BRIEFINGS_COUNT_MAX, CLEARANCES_COUNT_MAX, IMPORT_PEOPLE_MAX
from cordiale.model.label import LevelRef
from cordiale.model.names import PersonId, parse_identifier, parse_party_id
from cordiale.model.person import Briefing, Clearance, Office, Person

COLUMNS: Final = (
    "id", "name", "post", "unit", "represents", "nationalities", "offices", "clearances", "briefings", "functions",
    "deputy_of",
)


def parse_level_ref(text: str) -> LevelRef:
    """Return the level written ``SCHEME:LEVEL``; raises `Malformed`."""
    scheme, separator, name = text.partition(":")
    if not scheme or not separator or not name:
        raise Malformed(
            "level.form", "`{value}` is not a level", hint="write SCHEME:LEVEL, for example EX-JPN:EXERCISE SAKURA",
            value=text[:80],
        )
    return LevelRef(scheme, name)


def parse_day(text: str, what: str = "date") -> date:
    """Return the day written ``2026-11-16``; raises `Malformed`, naming `what`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed(
            "day.form", "`{value}` is not a {what}", hint="write it as 2026-11-16", value=text[:40], what=what
        )
    return day


def person_json(person: Person) -> dict[str, Any]:
    """Return `person` as a JSON object; `kid` lists the identifiers of the person's keys for look-up."""
    value: dict[str, Any] = {
        "briefings": [
            {"from": b.valid_from.isoformat(), "subject": b.subject, "until": b.valid_until.isoformat()}
            for b in person.briefings
        ],
        "clearances": [_clearance_json(c) for c in person.clearances],
        "functions": sorted(person.functions),
        "id": person.id,
        "keys": dict(person.keys),
        "name": person.name,
        "nationalities": sorted(person.nationalities),
        "offices": sorted(office.value for office in person.offices),
        "post": person.post,
        "represents": person.represents,
        "unit": person.unit,
    }
    if person.deputy_of is not None:
        value["deputy_of"] = person.deputy_of
    if person.left_at is not None:
        value["left_at"] = encode_instant(person.left_at)
    return value


def _clearance_json(clearance: Clearance) -> dict[str, Any]:
    value: dict[str, Any] = {
        "authority": clearance.authority, "from": clearance.valid_from.isoformat(), "level": str(clearance.level),
        "until": clearance.valid_until.isoformat(),
    }
    if clearance.withdrawn_at is not None:
        value["withdrawn_at"] = encode_instant(clearance.withdrawn_at)
    return value


def parse_person(value: Any) -> Person:
    """Read what `person_json` wrote; raises `Malformed`."""
    fields = Fields(value, where="person")
    keys = fields.object("keys")
    person = Person(
        id=PersonId(parse_identifier(fields.text("id"), "person id")),
        name=fields.text("name"),
        post=fields.text("post"),
        unit=fields.text("unit"),
        represents=parse_party_id(fields.text("represents")),
        nationalities=frozenset(parse_party_id(text) for text in fields.texts("nationalities", max_count=10)),
        offices=frozenset(_office(text) for text in fields.texts("offices", max_count=20)),
        clearances=tuple(_clearance(one) for one in fields.objects("clearances", max_count=CLEARANCES_COUNT_MAX)),
        briefings=tuple(
            Briefing(one.text("subject"), parse_day(one.text("from")), parse_day(one.text("until")))
            for one in fields.objects("briefings", max_count=BRIEFINGS_COUNT_MAX)
        ),
        functions=frozenset(fields.texts("functions", max_count=50)),
        deputy_of=_optional_person(fields),
        keys=tuple((name, keys.text(name, max_length=4096)) for name in ("Ed25519", "ML-DSA-65") if keys.has(name)),
        left_at=fields.optional_instant("left_at"),
    )
    fields.end()
    if not person.nationalities:
        raise Malformed(
            "person.no-nationality", "no nationality is given for `{id}`", hint="name at least one", id=person.id
        )
    return person


def _optional_person(fields: Fields) -> PersonId | None:
    text = fields.optional_text("deputy_of")
    return PersonId(parse_identifier(text, "person id")) if text else None


def _office(text: str) -> Office:
    try:
        return Office(text)
    except ValueError as error:
        raise Malformed(
            "person.office", "`{value}` is not an office", hint="the offices are listed in docs/offices.md",
            value=text[:40],
        ) from error


def _clearance(fields: Fields) -> Clearance:
    return Clearance(
        level=parse_level_ref(fields.text("level")),
        valid_from=parse_day(fields.text("from")),
        valid_until=parse_day(fields.text("until")),
        authority=fields.text("authority"),
        withdrawn_at=fields.optional_instant("withdrawn_at"),
    )


def parse_people_csv(content: bytes) -> tuple[Person, ...]:
    """Return the people in a CSV file (UTF-8, first row the column names in any order).

    Raises `Malformed`, naming the row, for the first thing that is not of the form; nothing is taken then.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed("people.csv", "the file is not a CSV file in UTF-8", hint="save it as CSV, UTF-8") from error
    if len(rows) > IMPORT_PEOPLE_MAX:
        raise Malformed(
            "people.too-many", "the file names more than {count} people", hint="split it", count=IMPORT_PEOPLE_MAX
        )
    people = tuple(_person_from_row(number, row) for number, row in enumerate(rows, start=2))
    if len({person.id for person in people}) != len(people):
        raise Malformed("people.twice", "the file names somebody twice", hint="keep one row for each person")
    return people


def _person_from_row(number: int, row: dict[str, Any]) -> Person:
    if set(row) - set(COLUMNS) or None in row.values():
        raise Malformed(
            "people.columns", "row {row} does not have the known columns", row=number,
            hint="the columns are: " + ", ".join(COLUMNS),
        )
    cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    value: dict[str, Any] = {
        "briefings": [_briefing_cell(cell) for cell in cells["briefings"].split(";") if cell.strip()],
        "clearances": [_clearance_cell(cell) for cell in cells["clearances"].split(";") if cell.strip()],
        "functions": cells["functions"].split(),
        "id": cells["id"], "keys": {}, "name": cells["name"],
        "nationalities": cells["nationalities"].split(),
        "offices": cells["offices"].split(),
        "post": cells["post"], "represents": cells["represents"], "unit": cells["unit"],
    }
    if cells["deputy_of"]:
        value["deputy_of"] = cells["deputy_of"]
    try:
        return parse_person(value)
    except Malformed as error:
        raise Malformed(
            "people.row", "row {row}: {detail}", hint=error.hint, row=number, detail=str(error)
        ) from error


def _clearance_cell(cell: str) -> dict[str, Any]:
    parts = [part.strip() for part in cell.split("|")]
    if len(parts) != 4:
        raise Malformed(
            "people.clearance", "`{cell}` is not a clearance", cell=cell.strip()[:80],
            hint="write SCHEME:LEVEL|from|until|authority",
        )
    return {"authority": parts[3], "from": parts[1], "level": parts[0], "until": parts[2]}


def _briefing_cell(cell: str) -> dict[str, Any]:
    parts = [part.strip() for part in cell.split("|")]
    if len(parts) != 3:
        raise Malformed(
            "people.briefing", "`{cell}` is not a briefing", hint="write subject|from|until", cell=cell.strip()[:80]
        )
    return {"from": parts[1], "subject": parts[0], "until": parts[2]}
