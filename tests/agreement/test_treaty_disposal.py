"""Scenario S1 and its kin: the same item put up for destruction ends as the text of each agreement says."""

from __future__ import annotations

from datetime import date
from typing import Any

from cordiale.model.agreement import Act, AgreementState, Ruling, Stage
from cordiale.model.label import LevelRef
from cordiale.rules.layers import LayerOutcome, Scope
from cordiale.rules.rule_index import build_rule_index
from cordiale.wire.agreement_toml import load_template


def outcome(agreement: str, provider: str, level: str, act: Act, recipient: str = "CHE") -> LayerOutcome:
    """Return what the shipped text says of `act` upon an item of `level` from `provider` at `recipient`."""
    profile = load_template(agreement).profile
    state: Any = AgreementState(
        profile.agreement, profile.parties, profile.mode, Stage.IN_FORCE, profile, in_force_on=date(2020, 1, 1)
    )
    scheme = next(one for one in profile.schemes if level in one.levels and (provider, one.id) in profile.scheme_of)
    return build_rule_index(state).outcome(
        act, Scope(provider, recipient, LevelRef(scheme.id, level), recipient),  # type: ignore[arg-type]
    )


def test_a_czech_tajne_item_is_never_destroyed_and_is_returned() -> None:
    assert outcome("ch-cz-2011", "CZE", "Tajné", Act.DESTROY).ruling is Ruling.FORBIDDEN
    assert outcome("ch-cz-2011", "CZE", "Tajné", Act.RETURN).ruling not in (None, Ruling.FORBIDDEN)


def test_a_luxembourg_item_of_the_level_is_destroyed_only_with_consent() -> None:
    assert outcome("ch-lu-2024", "LUX", "Secret Lux", Act.DESTROY).ruling is Ruling.WITH_CONSENT


def test_a_swiss_item_in_france_is_destroyed_once_it_is_not_needed() -> None:
    level = "GEHEIM / SECRET / SEGRETO"
    assert outcome("ch-fr-2006", "CHE", level, Act.DESTROY, "FRA").ruling in (Ruling.ALLOWED, Ruling.REQUIRED)


def test_where_the_text_is_silent_nothing_is_decided_by_default() -> None:
    assert outcome("ch-dk-2012", "DNK", "HEMMELIGT", Act.DESTROY).ruling is None
