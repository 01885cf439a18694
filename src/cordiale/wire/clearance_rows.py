"""What clearances are worth at the other party: the rows of a profile as JSON and as people write them.

    [[clearance_equivalence]]
    levels = ["TAJNÉ"]
    to = "CHE"
    as = "GEHEIM"
    article = "Art. 8(3)"
"""

from __future__ import annotations

from cordiale.canonical import Fields, Json
from cordiale.model.agreement import ClearanceEquivalence
from cordiale.wire.rule_json import level_from_text, optional_day, read_party, with_days
from cordiale.wire.rule_toml import ARTICLE_HINT, LevelWords, party_of
from cordiale.wire.toml_table import TomlTable


def clearance_row_to_json(row: ClearanceEquivalence) -> dict[str, Json]:
    """Return `row` in its JSON form; `on_request` is left out where it is not asked."""
    value: dict[str, Json] = {
        "article": row.article, "recipient": row.recipient, "source": str(row.source), "target": str(row.target),
    }
    if row.on_request:
        value["on_request"] = True
    return with_days(value, valid_from=row.valid_from, valid_until=row.valid_until)


def clearance_row_from_json(fields: Fields) -> ClearanceEquivalence:
    """Read what `clearance_row_to_json` wrote. Raises `Malformed`."""
    return ClearanceEquivalence(
        source=level_from_text(fields.text("source")),
        recipient=read_party(fields, "recipient"),
        target=level_from_text(fields.text("target")),
        article=fields.text("article"),
        on_request=fields.boolean("on_request") if fields.has("on_request") else False,
        valid_from=optional_day(fields, "valid_from"),
        valid_until=optional_day(fields, "valid_until"),
    )


def parse_clearance_rows(tables: tuple[TomlTable, ...], words: LevelWords) -> tuple[ClearanceEquivalence, ...]:
    """Read every `[[clearance_equivalence]]`: a row for each level it names. Raises `Malformed`, naming the line."""
    return tuple(row for table in tables for row in _parse_rows(table, words))


def _parse_rows(table: TomlTable, words: LevelWords) -> tuple[ClearanceEquivalence, ...]:
    recipient = party_of(table.text("to", hint='to = "JPN"'), table, "to")
    sources = words.several(table, "levels")
    if not sources:
        table.refuse("levels", "is missing", 'levels = ["the words of a level of the party that cleared the person"]')
    target = words.one(table.text("as", hint='as = "level of the party it counts at"'), table, "as", party=recipient)
    article = table.text("article", hint=ARTICLE_HINT)
    on_request = table.boolean("on_request", absent=False)
    valid_from, valid_until = table.optional_date("valid_from"), table.optional_date("valid_until")
    return tuple(
        ClearanceEquivalence(source, recipient, target, article, on_request, valid_from, valid_until)
        for source in sources
    )
