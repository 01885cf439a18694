"""What comes through a channel of its own is inside an agreement or outside it, exactly as each text says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from tests.rules.exercise_world import STATE

from cordiale.errors import Malformed
from cordiale.model.agreement import AgreementState, Stage
from cordiale.model.agreement_rows import ChannelRule, Covered
from cordiale.model.decision import Outcome
from cordiale.model.names import AgreementId, PartyId
from cordiale.rules.channels import covering, list_channel_reasons
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import profile_from_json, profile_to_json


@cache
def under(treaty: str) -> AgreementState:
    """Return a state in which the agreement of a shipped treaty is in force."""
    profile = load_template(treaty).profile
    return replace(
        STATE, id=AgreementId(profile.agreement), parties=profile.parties, profile=profile, stage=Stage.IN_FORCE,
    )


def said(treaty: str, channel: str, *others: str) -> list[tuple[str, str, Outcome]]:
    reasons = list_channel_reasons(channel, under(treaty), tuple(map(AgreementId, others)))
    return [(one.code, one.article, one.outcome) for one in reasons]


@pytest.mark.parametrize(
    ("treaty", "channel", "expected"),
    [
        ("ch-dk-2012", "intelligence", [("channel.not-covered", "Art. 3(4)", Outcome.REFUSED)]),
        ("ch-dk-2012", "police", [("channel.unsaid", "", Outcome.UNDECIDABLE)]),
        ("ch-cz-2011", "prosecution", [("channel.not-covered", "Art. 1(2)", Outcome.REFUSED)]),
        ("ch-cz-2011", "intelligence", [("channel.unsaid", "", Outcome.UNDECIDABLE)]),
        ("ch-pl-2022", "police", []),
        ("ch-pl-2022", "border", []),
        ("ch-lu-2024", "intelligence", []),
        ("ch-lu-2024", "border", [("channel.unsaid", "", Outcome.UNDECIDABLE)]),
        ("ch-fr-2006", "police", [("channel.unsaid", "", Outcome.UNDECIDABLE)]),
    ],
)
def test_the_same_channel_is_covered_exactly_as_the_texts_say(treaty, channel, expected):
    assert said(treaty, channel) == expected


@pytest.mark.parametrize("treaty", ["ch-dk-2012", "ch-cz-2011", "ch-pl-2022", "ch-lu-2024", "ch-fr-2006"])
def test_of_an_item_that_comes_through_no_channel_nothing_is_asked(treaty):
    assert said(treaty, "") == []


def test_another_agreement_that_covers_the_channel_goes_before_where_the_text_says_so():
    assert said("ch-pl-2022", "police", "police-cooperation") == [
        ("channel.other-agreement", "Art. 4(6)", Outcome.REFUSED)
    ]


def test_only_an_agreement_between_the_same_parties_that_stands_and_covers_it_goes_before():
    poland = under("ch-pl-2022")
    assert poland.profile is not None
    police = replace(poland, id=AgreementId("police-cooperation"), profile=replace(
        poland.profile, channels=(ChannelRule("police", Covered.YES, "Art. 1"),)
    ))
    both = frozenset(poland.parties)
    assert covering("police", both, [police]) == ("police-cooperation",)
    assert covering("intelligence", both, [police]) == ()
    assert covering("police", both | {PartyId("LUX")}, [police]) == ()
    for stage in set(Stage) - {Stage.IN_FORCE, Stage.PROVISIONAL}:
        assert covering("police", both, [replace(police, stage=stage)]) == ()
    excluded = replace(poland.profile, channels=(ChannelRule("police", Covered.NOT, "Art. 1"),))
    assert covering("police", both, [replace(police, profile=excluded)]) == ()
    assert covering("police", both, [replace(police, profile=None)]) == ()


def test_channels_stand_in_the_signed_form_of_a_profile():
    profile = under("ch-pl-2022").profile
    assert profile is not None and len(profile.channels) == 3
    written = profile_to_json(profile)
    assert profile_from_json(written) == profile
    with pytest.raises(Malformed):
        profile_from_json({**written, "channels": [{"channel": "police", "covered": "maybe", "article": "Art. 1"}]})
