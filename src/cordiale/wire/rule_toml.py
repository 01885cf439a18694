"""The rules of a profile as people write them: one table for many acts and many levels.

A `[[rule]]` of three acts and two levels is six `ActRule`. Levels are written in
their own words; the scheme is named before them (``CH:...``) only where the same
words stand in two schemes. `[level_groups]` gives several levels one name.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import AGREEMENT_PERSONS_COUNT_MAX, DEADLINE_DAYS_MAX, PARAGRAPH_LENGTH_MAX
from cordiale.model.agreement import AccessRule, Act, ActRule, DayKind, Deadline, Need, Ruling, Stage
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId, parse_party_id
from cordiale.wire.toml_table import TomlTable

ARTICLE_HINT: Final = 'article = "Art. 7(2)", the provision that says so'
_LEVEL_HINT: Final = 'levels = ["the words of a level", ...]'
_WITHIN_HINT: Final = 'within = "at once", "10 working days" or "30 calendar days"'
_WITHIN: Final = re.compile(r"(\d{1,4}) (working|calendar) days?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class LevelWords:
    """What the words for levels mean in one agreement: its schemes, whose they are, and groups of levels."""

    schemes: tuple[Scheme, ...]
    scheme_of: tuple[tuple[PartyId, str], ...]
    groups: tuple[tuple[str, tuple[LevelRef, ...]], ...] = ()

    def one(self, words: str, table: TomlTable, key: str, *, party: PartyId | None = None) -> LevelRef:
        """Return the level written as `words`, of a scheme of `party` where that is given."""
        wanted = [scheme for scheme in self.schemes if party is None or (party, scheme.id) in self.scheme_of]
        found = [LevelRef(scheme.id, name) for scheme in wanted for name in scheme.levels
                 if words in (name, f"{scheme.id}:{name}")]
        if len(found) == 1:
            return found[0]
        if found:
            table.refuse(key, f"names `{words[:60]}`, which stands in several schemes",
                         "write the scheme before it: " + " or ".join(f'"{level}"' for level in found))
        known = [name for scheme in wanted for name in scheme.levels]
        near = difflib.get_close_matches(words, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else "write one of: " + ", ".join(known)
        table.refuse(key, f"names `{words[:60]}`, which is no level of a scheme in this agreement", hint)

    def several(
        self, table: TomlTable, key: str, *, party: PartyId | None = None
    ) -> tuple[LevelRef, ...]:
        """Read the levels and groups of levels listed at `key`; of a group only what belongs to `party`."""
        groups = dict(self.groups)
        levels: list[LevelRef] = []
        for words in table.texts(key, hint=_LEVEL_HINT):
            members = groups.get(words)
            if members is None:
                levels.append(self.one(words, table, key, party=party))
            else:
                levels.extend(level for level in members if party is None or self._is_of(level, party))
        if len(set(levels)) != len(levels):
            table.refuse(key, "names a level twice", "name it once, alone or in a group")
        if table.has(key) and not levels:
            table.refuse(key, "names no level", "remove it to mean every level, or list levels")
        return tuple(levels)

    def parties_of(self, level: LevelRef) -> tuple[PartyId, ...]:
        """Return the parties whose scheme `level` belongs to."""
        return tuple(party for party, scheme in self.scheme_of if scheme == level.scheme)

    def with_groups(self, table: TomlTable | None) -> LevelWords:
        """Return these words with the groups of the table `[level_groups]`."""
        if table is None:
            return self
        plain = LevelWords(self.schemes, self.scheme_of)
        groups = tuple((name, plain.several(table, name)) for name in table.names())
        for scheme in self.schemes:
            for name, _ in groups:
                if name in scheme.levels:
                    table.refuse(name, "is both a group and a level", "give the group another name")
        return LevelWords(self.schemes, self.scheme_of, groups)

    def _is_of(self, level: LevelRef, party: PartyId) -> bool:
        return (party, level.scheme) in self.scheme_of


def parse_party(table: TomlTable, key: str) -> PartyId:
    """Read a party code such as ``JPN``."""
    text = table.text(key, hint=f'{key} = "JPN"')
    return party_of(text, table, key)


def party_of(text: str, table: TomlTable, key: str) -> PartyId:
    """Take `text`, which stands at `key`, for a party code."""
    try:
        return parse_party_id(text)
    except Malformed as error:
        table.refuse(key, f"is `{text[:40]}`, which is not a party code", error.hint)


def parse_act_rules(table: TomlTable, words: LevelWords, *, is_national: bool) -> tuple[ActRule, ...]:
    """Read one `[[rule]]` and write it out into its acts and levels."""
    acts = tuple(table.choices(text, "acts", Act) for text in table.texts("acts", hint='acts = ["copy"]'))
    if not acts:
        table.refuse("acts", "is missing", "acts = [" + ", ".join(f'"{act.value}"' for act in Act) + "]")
    provider = parse_party(table, "from") if table.has("from") else None
    recipient = parse_party(table, "to") if table.has("to") else None
    levels: tuple[LevelRef | None, ...] = words.several(table, "levels", party=provider) or (None,)
    ruling = table.choice("ruling", Ruling)
    article = table.text("article", hint=ARTICLE_HINT)
    persons = table.optional_integer("persons", 1, AGREEMENT_PERSONS_COUNT_MAX) or 1
    deadline = parse_deadline(table, "within") if table.has("within") else None
    note = table.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX)
    overrides = is_national and table.boolean("overrides_agreement", absent=False)
    is_left_open = not is_national and table.boolean("left_to_national_law", absent=False)
    from_state = table.choice("from_state", Stage) if table.has("from_state") else None
    return tuple(
        ActRule(
            act=act, ruling=ruling, article=article, provider=provider, recipient=recipient, level=level,
            persons=persons, deadline=deadline, overrides_agreement=overrides, note=note,
            left_to_national=is_left_open, from_state=from_state,
        )
        for act in acts for level in levels
    )


def parse_access_rules(table: TomlTable, words: LevelWords, *, is_national: bool) -> tuple[AccessRule, ...]:
    """Read one `[[access]]`: what a person needs for levels of that person's own party."""
    party = parse_party(table, "party") if table.has("party") else None
    levels = words.several(table, "levels", party=party)
    if not levels:
        table.refuse("levels", "is missing", _LEVEL_HINT)
    needs = frozenset(table.choices(need, "needs", Need) for need in table.texts("needs", hint="needs = []"))
    if not table.has("needs"):
        table.refuse("needs", "is missing", "needs = [] where need-to-know suffices, else "
                     + ", ".join(f'"{need.value}"' for need in Need))
    nationalities = frozenset(
        party_of(text, table, "nationalities") for text in table.texts("nationalities", hint='["JPN"]')
    )
    if bool(nationalities) != (Need.NATIONALITY in needs):
        table.refuse("nationalities", "and the need `nationality` go together",
                     'needs = ["nationality"] and nationalities = ["JPN"]')
    functions = frozenset(table.texts("functions", hint='functions = ["minister"]'))
    stands_for_clearance = table.boolean("function_in_place_of_clearance", absent=False)
    if bool(functions) != (Need.FUNCTION in needs or stands_for_clearance):
        table.refuse("functions", "lists functions that no need asks for, or the reverse",
                     'needs = ["function"] and functions = ["minister"]')
    article = table.text("article", hint=ARTICLE_HINT)
    is_left_open = not is_national and table.boolean("left_to_national_law", absent=False)
    note = table.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX)
    return tuple(
        AccessRule(
            party=of_party, level=level, needs=needs, article=article, nationalities=nationalities,
            functions=functions, function_in_place_of_clearance=stands_for_clearance,
            left_to_national=is_left_open, note=note,
        )
        for level in levels for of_party in words.parties_of(level) if party in (None, of_party)
    )


def parse_deadline(table: TomlTable, key: str) -> Deadline:
    """Read ``"at once"``, ``"10 working days"`` or ``"30 calendar days"``: the kind of days is always said."""
    text = table.text(key, hint=_WITHIN_HINT)
    if text == "at once":
        return Deadline(0, DayKind.CALENDAR)
    found = _WITHIN.match(text)
    if found is None or not 1 <= int(found[1]) <= DEADLINE_DAYS_MAX:
        table.refuse(key, f"is `{text[:40]}`, which is no number of days", _WITHIN_HINT)
    return Deadline(int(found[1]), DayKind(found[2]))
