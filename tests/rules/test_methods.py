"""Only what national law approves for the form and the level; where it says nothing, it cannot be told."""

from __future__ import annotations

import pytest

from cordiale.model.agreement_rows import DestructionMethods
from cordiale.model.decision import Outcome
from cordiale.model.label import LevelRef
from cordiale.rules.methods import list_method_reasons
from cordiale.wire.agreement_json import national_profile_from_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template

HIGH, LOW = LevelRef("EX-UKR", "EXERCISE BARVINOK"), LevelRef("EX-UKR", "EXERCISE AJISAI")
ROWS = (
    DestructionMethods(("burnt",), "s. 1", frozenset({"paper"}), frozenset({HIGH})),
    DestructionMethods(("burnt", "shredded"), "s. 2", frozenset({"paper"}), frozenset({LOW})),
    DestructionMethods(("melted",), "s. 3", frozenset({"medium"})),
)


@pytest.mark.parametrize(
    ("method", "form", "level", "expected"),
    [
        ("burnt", "paper", HIGH, None), ("shredded", "paper", LOW, None), ("melted", "medium", HIGH, None),
        ("shredded", "paper", HIGH, ("method.not-approved", "s. 1", Outcome.REFUSED)),
        ("burnt", "medium", LOW, ("method.not-approved", "s. 3", Outcome.REFUSED)),
        ("Burnt", "paper", HIGH, ("method.not-approved", "s. 1", Outcome.REFUSED)),
        ("erased", "file", HIGH, ("method.unsaid", "", Outcome.UNDECIDABLE)),
    ],
)
def test_a_method_is_approved_for_its_form_and_level_or_not_at_all(method, form, level, expected):
    reasons = list_method_reasons(method, ROWS, form=form, level=level)
    assert [(one.code, one.article, one.outcome) for one in reasons] == ([] if expected is None else [expected])


def test_approved_methods_stand_in_the_form_of_a_national_profile():
    for national in load_template("exercise").nationals:
        assert national.destruction_methods
        assert national_profile_from_json(national_profile_to_json(national)) == national
