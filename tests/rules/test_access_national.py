"""What the rules stand on: national law for own items, ranks inside one scheme, and dated things."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from tests.rules import exercise_world as w
from tests.rules import worlds

from cordiale.model.agreement import AccessRule, Act, ActRule, Ruling
from cordiale.rules.layers import Gap, Scope
from cordiale.rules.national import NationalRules, dominates, rank_in
from cordiale.rules.validity import has_begun, has_ended, is_aware

TOKYO = timezone(timedelta(hours=9))
HERE = Scope(w.JPN, w.JPN, w.COBALT, w.JPN)
COPYING = replace(w.NATIONAL_JPN, acts=(ActRule(Act.COPY, Ruling.ALLOWED, "Order 8"),))


class Vague(tzinfo):
    """A zone that does not know its offset: a time in it cannot be compared."""

    def utcoffset(self, moment: datetime | None) -> None:
        return None


def test_national_law_speaks_of_the_own_items_of_its_party_only() -> None:
    rules = NationalRules(w.JPN, COPYING, (w.EX_JPN,))
    assert rules.outcome(Act.COPY, HERE).ruling is Ruling.ALLOWED
    assert rules.outcome(Act.COPY, HERE).articles == ("JPN: Order 8",)
    assert rules.outcome(Act.COPY, Scope(w.UKR, w.JPN, w.STONE, w.JPN)).gap is Gap.SILENT
    for silent in (
        NationalRules(w.JPN, None, ()), NationalRules(w.UKR, COPYING, ()),
        NationalRules(w.JPN, replace(COPYING, party=w.UKR), ()),
    ):
        assert silent.outcome(Act.COPY, HERE).gap is Gap.SILENT
        assert silent.access(w.JPN, w.COBALT) == ()


def test_national_access_rules_are_those_of_the_party_and_the_level() -> None:
    foreign = AccessRule(w.UKR, w.COBALT, frozenset(), "Order 4")
    rules = NationalRules(w.JPN, replace(w.NATIONAL_JPN, access=(*w.NATIONAL_JPN.access, foreign)), (w.EX_JPN,))
    assert [rule.article for rule in rules.access(w.JPN, w.COBALT)] == ["Order 4"]
    assert rules.access(w.JPN, w.AMBER) == ()
    assert rules.access(w.UKR, w.COBALT) == ()
    assert rules.equivalence(w.COBALT, recipient=w.UKR, on=w.TODAY) is None


def test_a_rank_exists_only_in_an_ordered_scheme_that_is_known() -> None:
    rules = NationalRules(w.JPN, None, (w.EX_JPN, replace(w.EX_UKR, ordered=False)))
    assert [rank_in(rules, level) for level in (w.AMBER, w.COBALT, w.VIOLET)] == [0, 1, 2]
    assert [rank_in(rules, level) for level in (w.STONE, worlds.UNKNOWN, worlds.ELSEWHERE)] == [None] * 3
    assert rank_in(rules, replace(w.AMBER, name="SLATE")) is None
    assert dominates(rules, w.STONE, w.STONE) is None
    assert dominates(rules, w.VIOLET, replace(w.AMBER, name="SLATE")) is None
    assert dominates(rules, replace(w.AMBER, name="SLATE"), w.AMBER) is None


def test_a_moment_counts_in_whatever_zone_it_is_written() -> None:
    before, after = w.NOW - timedelta(seconds=1), w.NOW + timedelta(seconds=1)
    for zone in (UTC, TOKYO):
        assert [has_begun(moment.astimezone(zone), w.NOW) for moment in (before, w.NOW, after)] == [True, True, False]
        assert [has_ended(moment.astimezone(zone), w.NOW) for moment in (before, w.NOW, after)] == [True, True, False]
    assert has_ended(None, w.NOW) is False


def test_a_moment_without_a_zone_has_not_begun_and_has_ended() -> None:
    for moment in (w.NAIVE, w.PAST.replace(tzinfo=Vague())):
        assert not is_aware(moment)
        assert not has_begun(moment, w.NOW)
        assert has_ended(moment, w.NOW)
    assert is_aware(w.NOW)
    assert is_aware(w.NOW.astimezone(TOKYO))
