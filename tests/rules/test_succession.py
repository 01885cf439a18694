"""Who holds the rights of an originator that was replaced: followed day by day, once each, and never in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cordiale.model.names import PartyId
from cordiale.rules.succession import Succession, line_of, list_entry_reasons

TODAY = date(2026, 9, 1)
PARTIES = [PartyId(one) for one in ("JPN", "UKR", "POL", "CHE", "LUX")]
entries = st.builds(
    Succession, st.sampled_from(PARTIES), st.sampled_from(PARTIES),
    st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days)), st.just("Treaty"),
)


def entered(asked: Sequence[Succession], own: PartyId) -> list[Succession]:
    """Return what stands when each of `asked` is entered in turn, where it may."""
    stands: list[Succession] = []
    for one in asked:
        if not list(list_entry_reasons(one, stands, own)):
            stands.append(one)
    return stands


def naive_holder(party: str, stands: Sequence[Succession]) -> str:
    """The second decider: walk a plain table of who came after whom, as of today."""
    after = {one.former: one.successor for one in stands if (TODAY - one.on).days >= 0}
    while party in after:
        party = after[PartyId(party)]
    return party


@given(st.lists(entries, max_size=12), st.sampled_from(PARTIES), st.sampled_from(PARTIES))
def test_two_deciders_agree_on_who_holds_the_rights_of_anybody(
    asked: list[Succession], own: PartyId, party: PartyId
) -> None:
    stands = entered(asked, own)
    line = list(line_of(party, stands, TODAY))
    assert (line[-1].successor if line else party) == naive_holder(party, stands)


@given(st.lists(entries, max_size=12), st.sampled_from(PARTIES))
def test_what_stands_replaces_each_once_never_us_and_nobody_in_a_circle(asked: list[Succession], own: PartyId) -> None:
    stands = entered(asked, own)
    former = [one.former for one in stands]
    assert len(former) == len(set(former)) and own not in former
    for start in PARTIES:
        met, party = [start], start
        while step := next((one for one in stands if one.former == party), None):
            party = step.successor
            assert party not in met
            met.append(party)


def test_a_replacement_holds_from_its_day_and_not_before() -> None:
    follows = Succession(PartyId("JPN"), PartyId("POL"), TODAY, "Treaty")
    assert list(line_of(PartyId("JPN"), [follows], TODAY - timedelta(days=1))) == []
    assert list(line_of(PartyId("JPN"), [follows], TODAY)) == [follows]


def test_even_a_map_with_a_circle_in_it_is_followed_to_an_end() -> None:
    circle = [Succession(PartyId(a), PartyId(b), TODAY, "Treaty") for a, b in (("JPN", "POL"), ("POL", "JPN"))]
    assert [one.successor for one in line_of(PartyId("JPN"), circle, TODAY)] == ["POL"]
