"""The implementing profile as people write it: `profile.toml`.

The form is described in `docs/agreement-authoring.md`. What may be written short
is written out here: a row of the table for two parties becomes one row in each
direction, holidays that return become the days they fall on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, NoReturn

from cordiale.errors import Malformed
from cordiale.limits import (
    DEADLINE_DAYS_MAX,
    HOLIDAYS_COUNT_MAX,
    PARAGRAPH_LENGTH_MAX,
    PARTIES_COUNT_MAX,
    TERMINATION_MONTHS_MAX,
)
from cordiale.model.agreement import Equivalence, EquivalenceKind, Profile, RegistryEntry
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId, parse_identifier
from cordiale.wire.channel_rows import parse_channel_rows
from cordiale.wire.clearance_rows import parse_clearance_rows
from cordiale.wire.label_json import PROFILE_VERSION_MAX
from cordiale.wire.rule_toml import (
    ARTICLE_HINT,
    LevelWords,
    parse_access_rules,
    parse_act_rules,
    parse_party,
    party_of,
)
from cordiale.wire.term_toml import parse_terms
from cordiale.wire.toml_table import TomlFile, TomlTable

_YEARS_MAX: Final = 50


class MarkingParty(StrEnum):
    """Who adds the equivalent marking."""

    RECIPIENT = "recipient"
    ORIGINATOR = "originator"


class _Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def parse_profile_toml(text: str, *, file: str, schemes: Mapping[str, Scheme]) -> Profile:
    """Read a profile written by a person. Its `text_digest` is empty until it is bound to a text.

    `schemes` are the classification schemes known here, by their id. Raises `Malformed`, which names the file,
    the line and what to write.
    """
    top = TomlFile(file, text).top
    parties = tuple(party_of(code, top, "parties") for code in top.texts("parties", hint='["JPN", "UKR"]'))
    if not 2 <= len(parties) <= PARTIES_COUNT_MAX:
        top.refuse("parties", "does not name two parties or more", 'parties = ["JPN", "UKR"]')
    words = _parse_words(top, parties, schemes)
    holidays, weekends = _parse_holidays(top.tables("holidays"))
    marking, entry, termination = top.table("marking"), top.table("entry"), top.table("termination")
    profile = Profile(
        agreement=AgreementId(_parse_id(top, "agreement")),
        version=top.integer("version", 1, PROFILE_VERSION_MAX),
        mode=top.choice("mode", Mode),
        title=top.text("title", hint='title = "what the profile is called"'),
        parties=parties,
        text_digest="",
        language=top.optional_text("language"),
        schemes=words.schemes,
        scheme_of=words.scheme_of,
        equivalences=tuple(row for table in top.tables("equivalence") for row in _parse_rows(table, words)),
        acts=tuple(
            rule for table in top.tables("rule") for rule in parse_act_rules(table, words, is_national=False)
        ),
        access=tuple(
            rule for table in top.tables("access")
            for rule in parse_access_rules(table, words, is_national=False)
        ),
        registries=tuple(_parse_registry(table, words) for table in top.tables("registry")),
        caps=tuple(cap for table in top.tables("cap") for cap in _parse_cap(table, words)),
        marks_equivalent=marking.choice("added_by", MarkingParty) if marking else "",
        marks_article=marking.text("article", hint=ARTICLE_HINT) if marking else "",
        caveats=tuple(_parse_caveat(table) for table in top.tables("caveat")),
        entry_requires_notes=entry.boolean("notes_required", absent=True) if entry else True,
        entry_article=entry.text("article", hint=ARTICLE_HINT) if entry else "",
        termination_days=termination.optional_integer("notice_days", 1, DEADLINE_DAYS_MAX) if termination else None,
        termination_months=(
            termination.optional_integer("notice_months", 1, TERMINATION_MONTHS_MAX) if termination else None
        ),
        termination_article=termination.text("article", hint=ARTICLE_HINT) if termination else "",
        holidays=holidays,
        weekends=weekends,
        open_questions=top.texts("open_questions", hint='open_questions = ["what is not settled"]'),
        terms=parse_terms(top, words, parties=parties),
        clearance_equivalences=parse_clearance_rows(top.tables("clearance_equivalence"), words),
        channels=parse_channel_rows(top.tables("channel")),
    )
    if termination and (profile.termination_days is None) == (profile.termination_months is None):
        termination.refuse("notice_months", "or `notice_days` must be given, and not both", "notice_months = 6")
    top.end()
    return profile


def _parse_id(table: TomlTable, key: str) -> str:
    hint = f'{key} = "lower-case-letters-and-digits"'
    try:
        return parse_identifier(table.text(key, hint=hint), key)
    except Malformed as error:
        if error.code != "name.identifier":
            raise
        table.refuse(key, "is not an identifier", error.hint)


def _parse_words(
    top: TomlTable, parties: tuple[PartyId, ...], schemes: Mapping[str, Scheme]
) -> LevelWords:
    table = top.table("schemes")
    if table is None:
        _refuse_schemes(top, "is missing", schemes)
    scheme_of: list[tuple[PartyId, str]] = []
    for code in table.names():
        party = party_of(code, table, code)
        if party not in parties:
            table.refuse(code, "is not among the parties", "add it to `parties`, or remove it")
        for scheme in table.texts(code, hint=f'{code} = "id of a scheme"'):
            if scheme not in schemes:
                _refuse_schemes(table, f"names the scheme `{scheme[:60]}`, which is not known", schemes, code)
            scheme_of.append((party, scheme))
    used = dict.fromkeys(scheme for _, scheme in scheme_of)
    words = LevelWords(tuple(schemes[scheme] for scheme in used), tuple(scheme_of))
    return words.with_groups(top.table("level_groups"))


def _refuse_schemes(
    table: TomlTable, problem: str, schemes: Mapping[str, Scheme], key: str = "schemes"
) -> NoReturn:
    table.refuse(key, problem, "known schemes: " + ", ".join(sorted(schemes)))


def _parse_rows(table: TomlTable, words: LevelWords) -> tuple[Equivalence, ...]:
    article = table.text("article", hint=ARTICLE_HINT) if table.has("article") else ""
    kind = table.choice("kind", EquivalenceKind) if table.has("kind") else EquivalenceKind.EQUIVALENT
    if not article and kind is not EquivalenceKind.TO_BE_ENTERED:
        table.refuse("article", "is missing", ARTICLE_HINT)
    valid_from, valid_until = table.optional_date("valid_from"), table.optional_date("valid_until")
    note = table.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX)
    return tuple(
        Equivalence(
            source=source, recipient=recipient, kind=kind, article=article, target=target,
            valid_from=valid_from, valid_until=valid_until, note=note,
        )
        for source, recipient, target in _directions(table, words, kind)
    )


def _directions(
    table: TomlTable, words: LevelWords, kind: EquivalenceKind
) -> list[tuple[LevelRef, PartyId, LevelRef | None]]:
    if table.has("both_ways"):
        pair = table.table("both_ways")
        if pair is None or len(pair.names()) < 2 or kind is not EquivalenceKind.EQUIVALENT:
            table.refuse("both_ways", "pairs levels that are equivalent, one of each party",
                         'both_ways = { JPN = "level", UKR = "level" }')
        levels = {}
        for code in pair.names():
            party = party_of(code, pair, code)
            levels[party] = words.one(pair.text(code, hint=f'{code} = "level"'), pair, code, party=party)
        return [(levels[a], b, levels[b]) for a in levels for b in levels if a != b]
    recipients = tuple(party_of(code, table, "to") for code in table.texts("to", hint='to = "JPN"'))
    if not recipients:
        table.refuse("to", "is missing", 'to = "JPN", or both_ways = { JPN = "level", UKR = "level" }')
    sources = words.several(table, "levels")
    if not sources:
        table.refuse("levels", "is missing", 'levels = ["the words of a level of the providing party"]')
    has_target = kind in (EquivalenceKind.EQUIVALENT, EquivalenceKind.UPWARD)
    if table.has("as") is not has_target:
        table.refuse("as", f"does not go with the kind `{kind}`" if table.has("as") else "is missing",
                     'as = "level of the recipient" for `equivalent` and `upward`, nothing for other kinds')
    return [
        (source, recipient,
         words.one(table.text("as", hint='as = "level"'), table, "as", party=recipient) if has_target else None)
        for source in sources for recipient in recipients
    ]


def _parse_cap(table: TomlTable, words: LevelWords) -> list[tuple[PartyId, LevelRef, str]]:
    levels = words.several(table, "levels")
    if not levels:
        table.refuse("levels", "is missing", 'levels = ["highest level of one party", "... of the other"]')
    article = table.text("article", hint=ARTICLE_HINT)
    return [(party, level, article) for level in levels for party in words.parties_of(level)]


def _parse_registry(table: TomlTable, words: LevelWords) -> RegistryEntry:
    party = parse_party(table, "party")
    levels = words.several(table, "levels", party=party)
    if not levels:
        table.refuse("levels", "is missing", 'levels = ["each level it may receive, in its party\'s words"]')
    return RegistryEntry(
        id=_parse_id(table, "id"), party=party, title=table.text("title", hint='title = "name of the registry"'),
        levels=frozenset(levels), article=table.text("article", hint=ARTICLE_HINT),
        opened_on=table.optional_date("opened_on"), closed_on=table.optional_date("closed_on"),
    )


def _parse_caveat(table: TomlTable) -> tuple[str, str, str]:
    return (
        table.text("tag", hint='tag = "category of the caveat"'),
        table.text("value", hint='value = "words of the caveat"'),
        table.text("meaning", hint='meaning = "what a holder must do, and the article"'),
    )


def _parse_holidays(
    tables: tuple[TomlTable, ...],
) -> tuple[tuple[tuple[PartyId, tuple[date, ...]], ...], tuple[tuple[PartyId, frozenset[int]], ...]]:
    holidays: list[tuple[PartyId, tuple[date, ...]]] = []
    weekends: list[tuple[PartyId, frozenset[int]]] = []
    for table in tables:
        party = parse_party(table, "party")
        if party in dict(holidays):
            table.refuse("party", "has its holidays twice", "keep one [[holidays]] for each party")
        weekdays = table.texts("weekend", hint='weekend = ["saturday", "sunday"]')
        order = list(_Weekday)
        weekends.append(
            (party, frozenset(order.index(table.choices(day, "weekend", _Weekday)) for day in weekdays))
        )
        holidays.append((party, _parse_days(table)))
    return tuple(holidays), tuple(weekends)


def _parse_days(table: TomlTable) -> tuple[date, ...]:
    single = table.value("days", hint="") if table.has("days") else []
    if not isinstance(single, list) or any(type(day) is not date for day in single):
        table.refuse("days", "is not a list of dates", "days = [2026-11-23, 2027-01-11]")
    days: set[date] = set(single)
    yearly = table.texts("every_year", hint='every_year = ["01-01"]')
    if yearly:
        first, last = table.integer("from_year", 1900, 9000), table.integer("until_year", 1900, 9000)
        if not first <= last <= first + _YEARS_MAX:
            table.refuse("until_year", "is before `from_year` or too far", f"at most {_YEARS_MAX} years")
        for year in range(first, last + 1):
            for month_day in yearly:
                try:
                    days.add(date.fromisoformat(f"{year}-{month_day}"))
                except ValueError:
                    table.refuse("every_year", f"names `{month_day[:20]}`, which is no day of {year}",
                                 'every_year = ["01-01"], month and day')
    if len(days) > HOLIDAYS_COUNT_MAX:
        table.refuse("days", "names too many days", f"at most {HOLIDAYS_COUNT_MAX}")
    return tuple(sorted(days))
