"""How long personal data is kept: both periods where both can be met, the agreement's where not, and never a guess."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.model.agreement import Term, TermUnit
from cordiale.model.decision import Reason
from cordiale.rules.retention import Layer, Retention, RetentionQuestion, decide_erasure, retention_of

ENDED = date(2026, 9, 1)
_NOTHING = Layer()


def keep(count: int, article: str = "Art. 1") -> Term:
    return Term("retention.visit", article, count, TermUnit.CALENDAR_DAYS)


def erase(count: int, article: str = "Art. 2") -> Term:
    return Term("erasure.visitor", article, count, TermUnit.CALENDAR_DAYS)


def ask(agreed: Layer, national: Layer = _NOTHING, *, days: int = 0) -> RetentionQuestion:
    return RetentionQuestion(ENDED, ENDED + timedelta(days=days), (agreed,), national)


def test_what_can_be_met_is_met_with_the_strictest_of_each() -> None:
    found = retention_of(ask(Layer((keep(10),), (erase(90),)), Layer((keep(20),), (erase(60),))))
    assert isinstance(found, Retention)
    assert (found.keep_until, found.erase_by) == (ENDED + timedelta(days=20), ENDED + timedelta(days=60))
    assert found.gives_way == ()


def test_national_law_that_keeps_longer_yields_to_the_agreement_s_erasure_and_is_named() -> None:
    question = ask(Layer(erase=(erase(30),)), Layer(keep=(keep(3_650, "Order 9"),)), days=5)
    decision = decide_erasure(question)
    assert decision.is_allowed and decision.overridden == ("3650 calendar-days (Order 9)",)


def test_national_law_that_erases_sooner_yields_to_what_the_agreement_keeps() -> None:
    question = ask(Layer(keep=(keep(100),)), Layer(erase=(erase(30, "Order 9"),)), days=40)
    decision = decide_erasure(question)
    assert [reason.code for reason in decision.reasons] == ["retention.still-kept"]
    assert decision.overridden == ("30 calendar-days (Order 9)",)


@pytest.mark.parametrize("question", [
    ask(Layer((keep(100),), (erase(30),)), days=5_000),
    ask(Layer(), Layer((keep(100),), (erase(30),)), days=5_000),
    ask(Layer(), days=5_000),
])
def test_what_contradicts_itself_or_is_not_said_is_settled_by_people(question: RetentionQuestion) -> None:
    assert decide_erasure(question).is_undecidable


def test_what_goes_on_is_not_erased() -> None:
    question = RetentionQuestion(None, ENDED, (Layer(erase=(erase(0),)),))
    assert [reason.code for reason in decide_erasure(question).reasons] == ["retention.not-ended"]


_DAYS = st.lists(st.integers(0, 400), max_size=2)


@given(_DAYS, _DAYS, _DAYS, _DAYS, st.integers(0, 500))
def test_a_second_decider_agrees(
    agreed_keep: list[int], agreed_erase: list[int], own_keep: list[int], own_erase: list[int], day: int
) -> None:
    """Naively: try all four sets; what the agreement says is never dropped, and as little as can be of national law."""
    question = ask(
        Layer(tuple(map(keep, agreed_keep)), tuple(map(erase, agreed_erase))),
        Layer(tuple(map(keep, own_keep)), tuple(map(erase, own_erase))), days=day,
    )
    tries = [(own_keep, own_erase)]
    if agreed_keep or agreed_erase:
        tries += [(own_keep, []), ([], own_erase), ([], [])]
    expected = None
    for more_keep, more_erase in tries:
        kept, erased = agreed_keep + more_keep, agreed_erase + more_erase
        if (kept or erased) and max(kept, default=0) <= min(erased, default=9_999):
            expected = (max(kept, default=None), min(erased, default=None))
            break
    found = retention_of(question)
    if expected is None:
        assert isinstance(found, Reason)
        assert decide_erasure(question).is_undecidable
        return
    assert isinstance(found, Retention)
    days = [(one - ENDED).days if one is not None else None for one in (found.keep_until, found.erase_by)]
    assert tuple(days) == expected
    assert decide_erasure(question).is_allowed is (day >= (expected[0] or 0))
