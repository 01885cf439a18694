"""The numbered duties and the evidence for them, as shipped; and the trace of an agreement to them.

`rows.toml` lists the duties; every other file of that folder is the evidence of one
area. `trace.toml` beside an agreement says of each article which duties it lays
down, or why there is nothing to carry out. All are read strictly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import ARTICLE_NUMBER_LENGTH_MAX, OBLIGATIONS_COUNT_MAX, PARAGRAPH_LENGTH_MAX
from cordiale.model.agreement import Act
from cordiale.model.obligation import Evidence, EvidenceState, Obligation, TraceEntry
from cordiale.wire.agreement_toml import TRACE_FILE, template_trace
from cordiale.wire.toml_table import TomlFile, TomlTable

ROWS_FILE: Final = "rows.toml"
PARTS: Final = frozenset({
    "access", "amendment", "assessment", "authorities", "caps", "caveats", "channels", "clearances",
    "contracts", "costs",
    "definitions", "details", "disputes", "entry", "joint", "language", "languages", "law", "marking", "precedence",
    "purpose", "registries", "rights", "roster", "scope", "succession", "survival", "table", "termination", "uplift",
    "visits",
})
_MODULE: Final = re.compile(r"cordiale(\.[a-z][a-z0-9_]*)+\Z", re.ASCII)
_TEST: Final = re.compile(r"tests/[a-z0-9_/]+\.py::(Test[A-Za-z0-9]+::)?test_[a-z0-9_]+\Z", re.ASCII)


@cache
def load_obligations() -> tuple[Obligation, ...]:
    """Return every duty with the evidence of all areas, in the order of their numbers; raises `Malformed`."""
    folder = files("cordiale").joinpath("templates", "obligations")
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return parse_obligations(texts)


def parse_obligations(texts: Mapping[str, str]) -> tuple[Obligation, ...]:
    """Read `rows.toml` and the evidence of each area, given by file name; raises `Malformed`."""
    if ROWS_FILE not in texts:
        raise Malformed("obligation.rows-missing", "there is no {file}", file=ROWS_FILE, hint="add the list of rows")
    rows = _parse_rows(TomlFile(ROWS_FILE, texts[ROWS_FILE]).top)
    numbers = frozenset(row.number for row in rows)
    evidence = [
        one for name in sorted(set(texts) - {ROWS_FILE}) for one in _parse_area(name, texts[name], numbers)
    ]
    return tuple(
        Obligation(
            row.number, row.section, row.title, row.acts, row.parts, row.terms,
            tuple(one for one in evidence if one.number == row.number),
        )
        for row in rows
    )


def parse_trace(text: str, *, file: str, numbers: frozenset[int]) -> tuple[TraceEntry, ...]:
    """Read the trace of an agreement; `numbers` are the known rows. Raises `Malformed`."""
    top = TomlFile(file, text).top
    entries: dict[tuple[str, str], TraceEntry] = {}
    for table in top.tables("article"):
        article = table.text("number", hint='number = "7"', max_length=ARTICLE_NUMBER_LENGTH_MAX)
        paragraphs = table.texts("paragraphs", hint='paragraphs = ["2"]') or ("",)
        rows = _numbers(table, "rows", numbers)
        reason = table.optional_text("reason", max_length=PARAGRAPH_LENGTH_MAX)
        if bool(rows) is bool(reason):
            table.refuse("rows", "and `reason` stand both or neither",
                         'rows = [101, 104], or reason = "why there is nothing to carry out"')
        for paragraph in paragraphs:
            if (article, paragraph) in entries:
                table.refuse("number", f"traces `{article}` `{paragraph}` a second time", "trace each once")
            entries[article, paragraph] = TraceEntry(article, paragraph, rows, reason)
    top.end()
    return tuple(entries.values())


def load_trace(name: str) -> tuple[TraceEntry, ...]:
    """Return the trace of the shipped agreement `name`, empty where none is written; raises `Malformed`."""
    text = template_trace(name)
    numbers = frozenset(row.number for row in load_obligations())
    return parse_trace(text, file=f"{name}/{TRACE_FILE}", numbers=numbers) if text else ()


def _parse_rows(top: TomlTable) -> tuple[Obligation, ...]:
    sections = top.table("sections")
    if sections is None:
        top.refuse("sections", "is missing", '[sections] and below it A = "title"')
    titles = {name: sections.text(name, hint=f'{name} = "title"') for name in sections.names()}
    rows = []
    for place, table in enumerate(top.tables("row"), 1):
        if table.integer("number", 1, OBLIGATIONS_COUNT_MAX) != place:
            table.refuse("number", "is out of order", f"number = {place}")
        section = table.text("section", hint='section = "A"')
        if section not in titles:
            table.refuse("section", f"is `{section[:20]}`, which is not known", "name one of [sections]")
        acts = frozenset(
            table.choices(text, "acts", Act).value for text in table.texts("acts", hint='acts = ["copy"]')
        )
        parts = frozenset(table.texts("parts", hint='parts = ["access"]'))
        if not parts <= PARTS:
            table.refuse("parts", "names a part that is not known", "parts = some of " + ", ".join(sorted(PARTS)))
        rows.append(Obligation(
            place, f"{section}. {titles[section]}", table.text("title", hint='title = "the duty in short words"'),
            acts, parts, table.texts("terms", hint='terms = ["visit."]'),
        ))
    top.end()
    return tuple(rows)


def _parse_area(name: str, text: str, numbers: frozenset[int]) -> list[Evidence]:
    top = TomlFile(name, text).top
    found: dict[int, Evidence] = {}
    for table in top.tables("row"):
        number = table.integer("number", 1, OBLIGATIONS_COUNT_MAX)
        if number not in numbers:
            table.refuse("number", f"is {number}, which is no row", f"rows stand in {ROWS_FILE}")
        if number in found:
            table.refuse("number", f"is {number}, which this area has twice", "say everything in one row")
        found[number] = _parse_evidence(table, name.removesuffix(".toml"), number)
    top.end()
    return list(found.values())


def _parse_evidence(table: TomlTable, area: str, number: int) -> Evidence:
    state = table.choice("state", EvidenceState)
    one = Evidence(
        area=area, number=number, state=state,
        says=table.text("says", hint='says = "one sentence: what the software does"', max_length=PARAGRAPH_LENGTH_MAX),
        reason=table.optional_text("reason", max_length=PARAGRAPH_LENGTH_MAX),
        modules=_matching(table, "modules", _MODULE, '["cordiale.journey.level"]'),
        tests=_matching(table, "tests", _TEST, '["tests/world/test_level_change.py::test_it"]'),
    )
    if bool(one.reason) is (state is EvidenceState.CARRIED_OUT):
        table.refuse("reason", "stands where the row is not carried out, and only there",
                     'reason = "why not, and which record is kept instead"')
    if state is not EvidenceState.NOT_SOFTWARE and not one.modules:
        table.refuse("modules", "is empty", 'modules = ["cordiale.journey.level"], those that do it')
    if state is EvidenceState.CARRIED_OUT and not one.tests:
        table.refuse("tests", "is empty", "name the tests that prove it, or say that it is only recorded")
    return one


def _numbers(table: TomlTable, key: str, known: frozenset[int]) -> tuple[int, ...]:
    value = table.value(key, hint="") if table.has(key) else []
    if not isinstance(value, list) or any(type(one) is not int or one not in known for one in value):
        table.refuse(key, "is not a list of known rows", f"{key} = [101, 104]")
    if len(set(value)) != len(value):
        table.refuse(key, "names a row twice", "name it once")
    return tuple(value)


def _matching(table: TomlTable, key: str, form: re.Pattern[str], hint: str) -> tuple[str, ...]:
    texts = table.texts(key, hint=f"{key} = {hint}")
    for text in texts:
        if not form.match(text):
            table.refuse(key, f"names `{text[:60]}`, which is not of the form", f"{key} = {hint}")
    return texts
