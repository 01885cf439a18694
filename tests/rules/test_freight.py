"""What a shipped text says of the post, and what stands against freight, reason by reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.rules.exercise_world import STATE

from cordiale.model.agreement import Act, Ruling, Stage
from cordiale.model.label import LevelRef
from cordiale.model.names import AgreementId, PartyId
from cordiale.model.plan import TransportPlan
from cordiale.rules.freight import KnownPlan, list_plan_reasons
from cordiale.rules.layers import Scope
from cordiale.rules.rule_index import build_rule_index
from cordiale.wire.agreement_toml import load_template

PLAN = KnownPlan(
    AgreementId("one"), PartyId("UKR"),
    TransportPlan("vehicle", "road", "desk", "back", date(2026, 12, 1), date(2026, 12, 3), 2), is_agreed=True, used=0,
)


@pytest.mark.parametrize(
    ("changes", "on", "expected"),
    [
        ({}, 1, set()), ({}, 3, set()), ({}, 4, {"freight.other-day"}), ({"is_agreed": False}, 2, {"freight.not-agreed"}),
        ({"used": 1}, 2, set()), ({"used": 2}, 2, {"freight.used-up"}),
        ({"party": PartyId("POL")}, 2, {"freight.other-plan"}), ({"agreement": AgreementId("two")}, 2, {"freight.other-plan"}),
        ({"used": 2, "is_agreed": False}, 4, {"freight.used-up", "freight.not-agreed", "freight.other-day"}),
    ],
)
def test_every_reason_against_freight_is_given(changes, on, expected):
    reasons = list_plan_reasons(replace(PLAN, **changes), agreement="one", party="UKR", on=date(2026, 12, on))
    assert {one.code for one in reasons} == expected


def test_under_the_german_agreement_the_lowest_level_alone_goes_by_post():
    profile = load_template("nl-de-2001").profile
    index = build_rule_index(replace(STATE, id=profile.agreement, parties=profile.parties, profile=profile, stage=Stage.IN_FORCE))
    german = next(scheme for scheme in profile.schemes if scheme.party == "DEU")
    said = {
        level: index.outcome(Act.POST, Scope(PartyId("DEU"), PartyId("NLD"), LevelRef(german.id, level), PartyId("DEU")))
        for level in german.levels
    }
    assert {level for level, outcome in said.items() if outcome.ruling is Ruling.ALLOWED} == {
        "VS-NUR FÜR DEN DIENSTGEBRAUCH"
    }
    assert said["VS-NUR FÜR DEN DIENSTGEBRAUCH"].articles == ("Art. 6(5)",)
    assert all(one.ruling is None for level, one in said.items() if not level.startswith("VS-NUR"))
