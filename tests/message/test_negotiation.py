"""Protocol and suite: the highest in common, never below a floor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.samples import KYIV, TOKYO, statement_of

from cordiale.errors import Refused
from cordiale.message.negotiation import SUITE_STRENGTHS, Terms, decide_terms, negotiate

STRENGTHS = {"1": 1, "2": 2, "3": 3}
protocols = st.sets(st.integers(1, 4), min_size=1).map(lambda found: tuple(sorted(found)))
suites = st.sets(st.sampled_from(["1", "2", "3", "9"]), min_size=1).map(lambda found: tuple(sorted(found)))
floors = st.lists(st.builds(Terms, st.integers(1, 4), st.sampled_from(["1", "2", "3", "9"])), max_size=2).map(tuple)


@given(protocols, protocols, suites, suites, floors)
def test_the_terms_are_the_best_in_common_or_refused(
    own_protocols: tuple[int, ...], peer_protocols: tuple[int, ...], own_suites: tuple[str, ...],
    peer_suites: tuple[str, ...], floors: tuple[Terms, ...],
) -> None:
    own = statement_of(TOKYO, protocols=own_protocols, suites=own_suites)
    peer = statement_of(KYIV, protocols=peer_protocols, suites=peer_suites)
    protocol = max(set(own_protocols) & set(peer_protocols), default=0)
    suite = max((set(own_suites) & set(peer_suites)) - {"9"}, default="")
    fits = all(
        protocol >= floor.protocol and floor.suite != "9" and suite >= floor.suite for floor in floors
    )
    if protocol and suite and fits:
        assert negotiate(own, peer, floors=floors, strengths=STRENGTHS) == Terms(protocol, suite)
        assert negotiate(peer, own, floors=floors, strengths=STRENGTHS) == Terms(protocol, suite)
    else:
        with pytest.raises(Refused):
            negotiate(own, peer, floors=floors, strengths=STRENGTHS)


def test_a_suite_weaker_than_the_agreement_demands_is_refused() -> None:
    decision = decide_terms(Terms(1, "1"), floors=(Terms(1, "2"),), strengths=STRENGTHS)
    assert [reason.code for reason in decision.reasons] == ["negotiation.suite-downgrade"]


def test_less_than_was_used_before_is_refused_with_every_reason() -> None:
    decision = decide_terms(Terms(1, "1"), floors=(Terms(2, "3"),), strengths=STRENGTHS)
    assert {reason.code for reason in decision.reasons} == {
        "negotiation.suite-downgrade", "negotiation.protocol-downgrade",
    }


def test_a_suite_nobody_here_knows_is_enough_for_no_floor() -> None:
    assert not decide_terms(Terms(1, "9"), floors=(Terms(1, "1"),)).is_allowed
    assert not decide_terms(Terms(1, "1"), floors=(Terms(1, "9"),)).is_allowed
    assert decide_terms(Terms(1, "1"), floors=(Terms(1, "1"),)).is_allowed


def test_nothing_in_common_names_both_lacks() -> None:
    with pytest.raises(Refused) as told:
        negotiate(statement_of(TOKYO, protocols=(1,), suites=("1",)), statement_of(protocols=(2,), suites=("2",)))
    assert len(told.value.decision.reasons) == 2


def test_every_known_suite_has_its_own_strength() -> None:
    assert len(set(SUITE_STRENGTHS.values())) == len(SUITE_STRENGTHS)
