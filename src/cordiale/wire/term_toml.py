"""The figures and periods of a profile as people write them: `[[term]]`.

One table may name several levels and is then several terms. Names and units are
those of `cordiale.model.term_names`; every other is refused, with a guess.
"""

from __future__ import annotations

import difflib

from cordiale.limits import PARAGRAPH_LENGTH_MAX, TERM_COUNT_MAX, TERMS_COUNT_MAX
from cordiale.model.agreement import Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.model.term_names import TERM_NAMES
from cordiale.wire.rule_json import PERCENT_MAX
from cordiale.wire.rule_toml import ARTICLE_HINT, LevelWords, parse_party
from cordiale.wire.toml_table import TomlTable


def parse_terms(top: TomlTable, words: LevelWords, *, parties: tuple[PartyId, ...]) -> tuple[Term, ...]:
    """Read every `[[term]]` of a layer; a term may name one of `parties`. Raises `Malformed`."""
    terms = tuple(term for table in top.tables("term") for term in _parse_term(table, words, parties))
    if len(terms) > TERMS_COUNT_MAX:
        top.refuse("term", "stands too often", f"at most {TERMS_COUNT_MAX} terms")
    return terms


def _parse_term(table: TomlTable, words: LevelWords, parties: tuple[PartyId, ...]) -> list[Term]:
    name = table.text("name", hint='name = "visit.lead"')
    known = TERM_NAMES.get(name)
    if known is None:
        near = difflib.get_close_matches(name, TERM_NAMES, 1)
        hint = f'did you mean "{near[0]}"?' if near else "the names stand in docs/terms.md"
        table.refuse("name", f"is `{name[:60]}`, which is no known term", hint)
    unit = table.choice("unit", TermUnit)
    if unit not in known.units:
        table.refuse("unit", f"is `{unit}`, which does not go with `{name}`",
                     "unit = one of " + ", ".join(f'"{unit.value}"' for unit in TermUnit if unit in known.units))
    count = table.integer("count", 0, PERCENT_MAX if unit is TermUnit.PERCENT else TERM_COUNT_MAX)
    party = parse_party(table, "party") if table.has("party") else None
    if party is not None and party not in parties:
        table.refuse("party", f"is `{party}`, for which nothing can be said here", "name " + " or ".join(parties))
    levels: tuple[LevelRef | None, ...] = words.several(table, "levels") or (None,)
    article = table.text("article", hint=ARTICLE_HINT)
    note = table.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX)
    return [Term(name, article, count, unit, party, level, note) for level in levels]
