"""Checks of the table of equivalence: every level in every direction, once at a time, in order.

Part of `cordiale.rules.agreement_check`. The table is directed and dated, may
map several levels to one, and may say that a level has no equivalent; what it
may not do is leave a level out or turn the order of levels round.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from cordiale.model.agreement import Equivalence, EquivalenceKind, Profile
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId
from cordiale.rules.agreement_findings import Finding, error, note, question
from cordiale.rules.layers import levels_of

HAS_TARGET = frozenset({EquivalenceKind.EQUIVALENT, EquivalenceKind.UPWARD})
EXCHANGED = HAS_TARGET | {EquivalenceKind.OTHER_RULES}
_OPEN_KINDS = frozenset({EquivalenceKind.SPECIAL_ARRANGEMENT, EquivalenceKind.OTHER_RULES})


def check_table(profile: Profile) -> Iterator[Finding]:
    """Yield what is wrong with the table of `profile` and what it leaves open."""
    for row in profile.equivalences:
        yield from _check_row(row)
    for provider, recipient in permutations(profile.parties, 2):
        rows = rows_between(profile, provider, recipient)
        yield from _check_missing(profile, rows, provider, recipient)
        yield from _check_open_rows(rows, provider, recipient)
        yield from _check_pairs(profile, rows)
    yield from _check_caps(profile)


def rows_between(profile: Profile, provider: PartyId, recipient: PartyId) -> tuple[Equivalence, ...]:
    """Return the rows of the table for levels of `provider` towards `recipient`."""
    levels = frozenset(levels_of(profile, provider))
    return tuple(row for row in profile.equivalences if row.recipient == recipient and row.source in levels)


def exchanged_levels(profile: Profile, provider: PartyId, recipient: PartyId) -> tuple[LevelRef, ...]:
    """Return the levels that can go from `provider` to `recipient`: in the table, and not above the cap."""
    in_table = {row.source for row in rows_between(profile, provider, recipient) if row.kind in EXCHANGED}
    return tuple(
        level for level in levels_of(profile, provider)
        if level in in_table and not _is_above_cap(profile, provider, level)
    )


def _is_above_cap(profile: Profile, provider: PartyId, level: LevelRef) -> bool:
    scheme = next((scheme for scheme in profile.schemes if scheme.id == level.scheme), None)
    return scheme is not None and scheme.ordered and any(
        party == provider and cap.scheme == level.scheme and cap.name in scheme.levels
        and scheme.levels.index(level.name) > scheme.levels.index(cap.name)
        for party, cap, _ in profile.caps
    )


def _check_row(row: Equivalence) -> Iterator[Finding]:
    level, towards = str(row.source), row.recipient
    if (row.target is not None) is not (row.kind in HAS_TARGET):
        yield error(
            "check.row-target", "the row for {level} towards {party} is `{kind}` and {has} an equivalent level",
            hint="`equivalent` and `upward` have one, other kinds have none", level=level, party=towards,
            kind=row.kind.value, has="has" if row.target else "lacks",
        )
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        yield error(
            "check.row-dates", "the row for {level} towards {party} ends before it begins",
            hint="correct valid_from and valid_until", level=level, party=towards,
        )


def _check_missing(
    profile: Profile, rows: tuple[Equivalence, ...], provider: PartyId, recipient: PartyId
) -> Iterator[Finding]:
    if not rows:
        yield question(
            "check.direction-missing", "the table says nothing about information from {provider} to {recipient}",
            hint="add rows for this direction, or say that its levels are not exchanged",
            provider=provider, recipient=recipient,
        )
        return
    known = {row.source for row in rows}
    missing = [str(level) for level in levels_of(profile, provider) if level not in known]
    if missing:
        yield question(
            "check.level-missing", "the table does not say what {levels} is at {recipient}",
            hint='add a row for each, or one with kind = "not-exchanged"',
            levels=", ".join(missing), recipient=recipient,
        )


def _check_open_rows(
    rows: tuple[Equivalence, ...], provider: PartyId, recipient: PartyId
) -> Iterator[Finding]:
    to_enter = [str(row.source) for row in rows if row.kind is EquivalenceKind.TO_BE_ENTERED]
    if to_enter:
        yield question(
            "check.to-be-entered",
            "the equivalents at {recipient} of {levels} of {provider} are still to be entered from the treaty",
            hint="enter the table from the signed text; until then every such level is refused",
            provider=provider, recipient=recipient, levels=", ".join(to_enter),
        )
    for row in rows:
        if row.kind in _OPEN_KINDS:
            yield note(
                "check.row-apart", "{level} goes to {recipient} only as arranged apart ({kind}, {article})",
                level=str(row.source), recipient=recipient, kind=row.kind.value, article=row.article,
            )


def _check_pairs(profile: Profile, rows: tuple[Equivalence, ...]) -> Iterator[Finding]:
    schemes = {scheme.id: scheme for scheme in profile.schemes}
    for one, other in combinations(rows, 2):
        if not _share_a_day(one, other):
            continue
        if one.source == other.source:
            yield error(
                "check.rows-overlap", "two rows say what {level} is at {recipient} on the same day",
                hint="let one end before the other begins", level=str(one.source), recipient=one.recipient,
            )
        elif _turns_round(schemes, one, other):
            yield error(
                "check.table-order",
                "of {first} and {second} the higher level has the lower equivalent at {recipient}",
                hint="correct the rows: a higher level never has a lower equivalent",
                first=str(one.source), second=str(other.source), recipient=one.recipient,
            )


def _share_a_day(one: Equivalence, other: Equivalence) -> bool:
    begins_in_time = one.valid_from is None or other.valid_until is None or one.valid_from <= other.valid_until
    ends_in_time = other.valid_from is None or one.valid_until is None or other.valid_from <= one.valid_until
    return begins_in_time and ends_in_time


def _turns_round(schemes: dict[str, Scheme], one: Equivalence, other: Equivalence) -> bool:
    if one.target is None or other.target is None:
        return False
    sources = _compare(schemes, one.source, other.source)
    targets = _compare(schemes, one.target, other.target)
    return sources * targets < 0


def _compare(schemes: dict[str, Scheme], one: LevelRef, other: LevelRef) -> int:
    """Return -1, 0 or 1 by rank, 0 where the two have no order."""
    scheme = schemes.get(one.scheme)
    if one.scheme != other.scheme or scheme is None or not scheme.ordered:
        return 0
    if one.name not in scheme.levels or other.name not in scheme.levels:
        return 0
    ranks = scheme.levels.index(one.name), scheme.levels.index(other.name)
    return (ranks[0] > ranks[1]) - (ranks[0] < ranks[1])


def _check_caps(profile: Profile) -> Iterator[Finding]:
    for party, scheme in profile.scheme_of:
        caps = [(cap, article) for of_party, cap, article in profile.caps
                if of_party == party and cap.scheme == scheme]
        if not caps:
            yield question(
                "check.cap-missing", "no layer names the highest level {party} may provide in the scheme {scheme}",
                hint="add it to a [[cap]] with its article", party=party, scheme=scheme,
            )
        if len(caps) > 1:
            yield error(
                "check.cap-twice", "two highest levels are named for {party} in the scheme {scheme}",
                hint="keep one", party=party, scheme=scheme,
            )
        for cap, article in caps:
            rows = [row for row in profile.equivalences if row.source == cap and row.kind in EXCHANGED]
            if not rows:
                yield error(
                    "check.cap-above-table",
                    "the highest level {level} of {party} ({article}) has no equivalent in the table",
                    hint="lower the cap, or add the row", level=str(cap), party=party, article=article,
                )
