"""How national law lets things be destroyed: the rows of a national profile as JSON and as people write them.

    [[destruction_method]]
    methods = ["burnt", "cross-cut, 0.8 x 13 mm"]
    forms = ["paper"]
    levels = ["SECRET"]
    article = "Order 1, s. 59"
"""

from __future__ import annotations

from cordiale.canonical import Fields, Json
from cordiale.limits import DESTRUCTION_METHODS_COUNT_MAX
from cordiale.model.agreement_rows import DestructionMethods
from cordiale.wire.rule_json import level_from_text
from cordiale.wire.rule_toml import ARTICLE_HINT, LevelWords
from cordiale.wire.toml_table import TomlTable


def method_row_to_json(row: DestructionMethods) -> dict[str, Json]:
    """Return `row` in its JSON form; forms and levels are left out where every one is meant."""
    value: dict[str, Json] = {"article": row.article, "methods": list(row.methods)}
    if row.forms:
        value["forms"] = [*sorted(row.forms)]
    if row.levels:
        value["levels"] = [*sorted(map(str, row.levels))]
    return value


def method_row_from_json(fields: Fields) -> DestructionMethods:
    """Read what `method_row_to_json` wrote. Raises `Malformed`."""
    return DestructionMethods(
        methods=fields.texts("methods", max_count=DESTRUCTION_METHODS_COUNT_MAX), article=fields.text("article"),
        forms=frozenset(_texts(fields, "forms")), levels=frozenset(map(level_from_text, _texts(fields, "levels"))),
    )


def parse_method_rows(tables: tuple[TomlTable, ...], words: LevelWords) -> tuple[DestructionMethods, ...]:
    """Read every `[[destruction_method]]`. Raises `Malformed`, naming the line."""
    rows: list[DestructionMethods] = []
    for table in tables:
        methods = tuple(table.texts("methods", hint='methods = ["burnt", "pulped"]'))
        if not methods or len(set(methods)) != len(methods):
            table.refuse("methods", "names no method, or one twice", 'methods = ["burnt", "pulped"]')
        rows.append(DestructionMethods(
            methods, table.text("article", hint=ARTICLE_HINT),
            frozenset(table.texts("forms", hint='forms = ["paper", "medium"]')),
            frozenset(words.several(table, "levels")),
        ))
    return tuple(rows)


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    return fields.texts(name, max_count=DESTRUCTION_METHODS_COUNT_MAX) if fields.has(name) else ()
