"""A dispute relaxes nothing: no rule sees it, whatever notices lie in the books."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tools.source import modules

from cordiale.model.agreement import AgreementState
from cordiale.model.mode import Mode
from cordiale.records.agreements import state_of
from cordiale.records.record import Record
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import profile_to_json

_NOTICES = st.dictionaries(
    st.sampled_from(["disputes", "notices", "regimes", "suspensions-asked", "proposed"]),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


def _body() -> dict[str, Any]:
    profile = load_template("exercise").profile
    return {
        "links": [], "mode": Mode.EXERCISE.value, "notes": {}, "parties": list(profile.parties),
        "profile": profile_to_json(profile), "readiness": [], "signatures": dict.fromkeys(profile.parties, ""),
        "stage": "in-force",
    }


def test_no_decision_depends_on_disputes_or_notices() -> None:
    """Everything that rules decide by is the state of the agreement: it is the same with any of it."""
    body = _body()
    plain = state_of(Record("agreement", "a", 1, body, "a", 0), None)

    @given(_NOTICES)
    def is_the_same(more: dict[str, Any]) -> None:
        assert state_of(Record("agreement", "a", 2, {**body, **more}, "a", 1), None) == plain

    is_the_same()


def test_the_state_that_rules_decide_by_has_no_room_for_a_dispute() -> None:
    assert not [one.name for one in fields(AgreementState) if "dispute" in one.name or "notice" in one.name]


def test_no_rule_and_no_step_of_an_item_reads_notices() -> None:
    readers = {
        name for name, module in modules().items()
        if "records.accord_notices" in module.path.read_text(encoding="utf-8")
    }
    assert readers and not [name for name in readers if name.startswith(("cordiale.rules", "cordiale.journey"))]
