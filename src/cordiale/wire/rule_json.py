"""The JSON form of rules and of what they are made of: levels, parties, days, deadlines.

A level is written ``scheme:words``; the id of a scheme has no colon. Shared by
the forms of the implementing profile, the national profiles and what travels
with them (docs/spec/agreement.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import (
    AGREEMENT_PERSONS_COUNT_MAX,
    DEADLINE_DAYS_MAX,
    LABEL_WORDS_LENGTH_MAX,
    LEVELS_COUNT_MAX,
    PARAGRAPH_LENGTH_MAX,
    PARTIES_COUNT_MAX,
    TERM_COUNT_MAX,
    TERMS_COUNT_MAX,
)
from cordiale.model.agreement import AccessRule, Act, ActRule, DayKind, Deadline, Need, Ruling, Stage, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.spelling import require_line
from cordiale.model.term_names import TERM_NAMES
from cordiale.wire.label_json import parse_scheme_id, read_day

PERCENT_MAX: Final = 100
_LEVELS_READ_COUNT_MAX: Final = 1_024
"""The table of many parties says the same levels thousands of times: so many are read once."""


def require_only_form(written: Json, value: Json, what: str) -> None:
    """Raise `Malformed` unless `value`, just read as `what`, is spelt as it would be written."""
    if written != value:
        raise Malformed(
            "agreement.other-form", "the {what} is not written in its only form",
            hint="ask the partner to send it again", what=what,
        )


@lru_cache(maxsize=_LEVELS_READ_COUNT_MAX)
def level_from_text(text: str) -> LevelRef:
    """Read a level such as ``EX-JPN:EXERCISE SAKURA``; raises `Malformed`."""
    scheme, colon, name = text.partition(":")
    if not colon:
        raise Malformed(
            "agreement.level-form", "`{value}` names no scheme", hint="write scheme:level", value=text[:80]
        )
    line = require_line(name, what="a level", length_max=LABEL_WORDS_LENGTH_MAX)
    return LevelRef(parse_scheme_id(scheme), line)


def levels_from_json(fields: Fields, name: str) -> frozenset[LevelRef]:
    """Read a set of levels."""
    return frozenset(level_from_text(text) for text in fields.texts(name, max_count=LEVELS_COUNT_MAX))


def read_party(fields: Fields, name: str = "party") -> PartyId:
    """Read a party code."""
    return parse_party_id(fields.text(name))


def parties_from_json(fields: Fields, name: str) -> tuple[PartyId, ...]:
    """Read a list of party codes."""
    return tuple(parse_party_id(text) for text in fields.texts(name, max_count=PARTIES_COUNT_MAX))


def optional_day(fields: Fields, name: str) -> date | None:
    """Read a day such as ``2026-11-16``, or None when it is absent."""
    text = fields.optional_text(name)
    return None if text is None else read_day(text)


def with_days(value: dict[str, Json], **days: date | None) -> dict[str, Json]:
    """Return `value` with those of `days` that are given."""
    return value | {name: day.isoformat() for name, day in days.items() if day is not None}


def act_rule_to_json(rule: ActRule) -> dict[str, Json]:
    """Return one rule on an act; what says the ordinary is left out."""
    value: dict[str, Json] = {"act": rule.act.value, "ruling": rule.ruling.value, "article": rule.article}
    texts = {
        "provider": rule.provider or "", "recipient": rule.recipient or "",
        "level": str(rule.level) if rule.level else "", "note": rule.note,
        "from_state": rule.from_state.value if rule.from_state else "",
    }
    value |= {name: text for name, text in texts.items() if text}
    if rule.persons != 1:
        value["persons"] = rule.persons
    if rule.deadline:
        value["deadline"] = {"count": rule.deadline.count, "kind": rule.deadline.kind.value}
    flags = {"overrides_agreement": rule.overrides_agreement, "left_to_national": rule.left_to_national}
    return value | {name: True for name, flag in flags.items() if flag}


def act_rule_from_json(fields: Fields) -> ActRule:
    """Read what `act_rule_to_json` wrote; the caller ends `fields`."""
    level, deadline = fields.optional_text("level"), fields.optional_object("deadline")
    provider, recipient = fields.optional_text("provider"), fields.optional_text("recipient")
    return ActRule(
        act=fields.choice("act", Act),
        ruling=fields.choice("ruling", Ruling),
        article=fields.text("article"),
        provider=None if provider is None else parse_party_id(provider),
        recipient=None if recipient is None else parse_party_id(recipient),
        level=None if level is None else level_from_text(level),
        persons=fields.optional_integer("persons", 1, AGREEMENT_PERSONS_COUNT_MAX) or 1,
        deadline=None if deadline is None else Deadline(
            deadline.integer("count", 0, DEADLINE_DAYS_MAX), deadline.choice("kind", DayKind)
        ),
        overrides_agreement=_flag(fields, "overrides_agreement"),
        left_to_national=_flag(fields, "left_to_national"),
        note=fields.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX) or "",
        from_state=fields.choice("from_state", Stage) if fields.has("from_state") else None,
    )


def access_rule_to_json(rule: AccessRule) -> dict[str, Json]:
    """Return one rule on access; what says the ordinary is left out."""
    value: dict[str, Json] = {
        "party": rule.party, "level": str(rule.level), "article": rule.article,
        "needs": [need.value for need in sorted(rule.needs)],
    }
    if rule.nationalities:
        value["nationalities"] = [*sorted(rule.nationalities)]
    if rule.functions:
        value["functions"] = [*sorted(rule.functions)]
    if rule.note:
        value["note"] = rule.note
    flags = {
        "function_in_place_of_clearance": rule.function_in_place_of_clearance,
        "left_to_national": rule.left_to_national,
    }
    return value | {name: True for name, flag in flags.items() if flag}


def access_rule_from_json(fields: Fields) -> AccessRule:
    """Read what `access_rule_to_json` wrote; the caller ends `fields`."""
    needs = fields.texts("needs", max_count=len(Need))
    if not set(needs) <= {need.value for need in Need}:
        raise Malformed(
            "agreement.need", "a rule on access asks for something that is not known here",
            hint="ask the partner which version of the form it uses",
        )
    return AccessRule(
        party=read_party(fields),
        level=level_from_text(fields.text("level")),
        needs=frozenset(Need(need) for need in needs),
        article=fields.text("article"),
        nationalities=frozenset(
            parties_from_json(fields, "nationalities") if fields.has("nationalities") else ()
        ),
        functions=frozenset(
            fields.texts("functions", max_count=LEVELS_COUNT_MAX) if fields.has("functions") else ()
        ),
        function_in_place_of_clearance=_flag(fields, "function_in_place_of_clearance"),
        left_to_national=_flag(fields, "left_to_national"),
        note=fields.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX) or "",
    )


def terms_to_json(terms: Iterable[Term]) -> dict[str, Json]:
    """Return the member `terms` of a layer; nothing where there is none."""
    written: list[Json] = []
    for term in terms:
        value: dict[str, Json] = {
            "name": term.name, "article": term.article, "count": term.count, "unit": term.unit.value,
        }
        texts = {"party": term.party or "", "level": str(term.level) if term.level else "", "note": term.note}
        written.append(value | {name: text for name, text in texts.items() if text})
    return {"terms": written} if written else {}


def terms_from_json(fields: Fields) -> tuple[Term, ...]:
    """Read what `terms_to_json` wrote; raises `Malformed` for a name or a unit that is not known with it."""
    if not fields.has("terms"):
        return ()
    return tuple(_term_from_json(term) for term in fields.objects("terms", max_count=TERMS_COUNT_MAX))


def _term_from_json(fields: Fields) -> Term:
    party, level = fields.optional_text("party"), fields.optional_text("level")
    term = Term(
        name=fields.text("name"),
        article=fields.text("article"),
        count=fields.integer("count", 0, TERM_COUNT_MAX),
        unit=fields.choice("unit", TermUnit),
        party=None if party is None else parse_party_id(party),
        level=None if level is None else level_from_text(level),
        note=fields.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX) or "",
    )
    known = TERM_NAMES.get(term.name)
    if known is None or term.unit not in known.units or (term.unit is TermUnit.PERCENT and term.count > PERCENT_MAX):
        raise Malformed(
            "agreement.term", "the term `{name}` is not known, or not in {unit}", name=term.name[:60],
            unit=term.unit.value, hint="ask the partner which version of the form it uses",
        )
    return term


def _flag(fields: Fields, name: str) -> bool:
    return fields.has(name) and fields.boolean(name)
