"""Which channels an agreement covers: the rows of a profile as JSON and as people write them.

    [[channel]]
    names = ["intelligence", "police"]
    covered = "unless-other-agreement"
    article = "Art. 1(4)"
"""

from __future__ import annotations

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.model.agreement_rows import ChannelRule, Covered
from cordiale.model.names import parse_identifier
from cordiale.wire.rule_toml import ARTICLE_HINT
from cordiale.wire.toml_table import TomlTable


def channel_row_to_json(row: ChannelRule) -> dict[str, Json]:
    """Return `row` in its JSON form."""
    return {"article": row.article, "channel": row.channel, "covered": row.covered.value}


def channel_row_from_json(fields: Fields) -> ChannelRule:
    """Read what `channel_row_to_json` wrote. Raises `Malformed`."""
    return ChannelRule(
        parse_identifier(fields.text("channel"), "channel"), fields.choice("covered", Covered), fields.text("article"),
    )


def parse_channel_rows(tables: tuple[TomlTable, ...]) -> tuple[ChannelRule, ...]:
    """Read every `[[channel]]`: a row for each channel it names, and each once. Raises `Malformed`, naming the line."""
    rows: list[ChannelRule] = []
    for table in tables:
        names = table.texts("names", hint='names = ["intelligence"]')
        covered, article = table.choice("covered", Covered), table.text("article", hint=ARTICLE_HINT)
        for name in names:
            try:
                channel = parse_identifier(name, "channel")
            except Malformed:
                table.refuse("names", f"names `{name[:40]}`, which is no name of a channel", 'names = ["intelligence"]')
            if channel in {row.channel for row in rows}:
                table.refuse("names", f"names `{channel}`, of which it was said before", "keep one row for each")
            rows.append(ChannelRule(channel, covered, article))
        if not names:
            table.refuse("names", "is missing", 'names = ["intelligence"]')
    return tuple(rows)
