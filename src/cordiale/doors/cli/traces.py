"""What the software does about an agreement, gathered for the command line."""

from __future__ import annotations

from typing import Any

from cordiale.views.agreement_trace import STATE_WORDS, Traced, trace_of
from cordiale.wire.agreement_toml import load_template, template_names


def trace_value(traced: tuple[Traced, ...]) -> list[dict[str, Any]]:
    """Return a trace as a program reads it."""
    return [
        {
            "article": str(one.citation), "reason": one.reason, "title": one.title,
            "rules": [{"article": where, "says": sentence} for where, sentence in one.rules],
            "obligations": [
                {
                    "number": row.number, "title": row.title, "state": STATE_WORDS[row.state],
                    "modules": list(row.modules), "tests": list(row.tests), "says": [e.says for e in row.evidence],
                }
                for row in one.rows
            ],
        }
        for one in traced
    ]


def shipped_rows() -> list[dict[str, Any]]:
    """Return how far each shipped agreement is carried out: articles, duties, and those for which nothing is shown."""
    rows = []
    for name in template_names():
        traced = trace_of(load_template(name))
        duties = {row.number: row for one in traced for row in one.rows}
        rows.append({
            "name": name, "articles": len({one.citation.article for one in traced}), "duties": len(duties),
            "open": sum(row.state is None for row in duties.values()),
            "unshown": sum(not one.is_shown for one in traced),
        })
    return rows
