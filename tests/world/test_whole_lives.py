"""Random lives of three nodes under three treaties, with everything that an agreement is mostly about.

Whatever was done and however it was carried: no act is lost, doubled or unlogged, the audit of each node finds
nothing, the books of each two tell one story, what waits is due to somebody, nothing has crossed in clear, and the
second decider has agreed at every step.
"""

from __future__ import annotations

import os

import pytest
from tests.world import roaming_items, roaming_matters
from tests.world.roaming import Roaming

OFTEN = {
    "step_whole_journey": 8, "step_send": 14, "step_register": 3, "step_time": 3, "step_read": 4, "step_need": 3,
    "step_level": 3, "step_reproduce": 4, "step_custody": 4, "step_case": 4, "step_inventory": 3, "step_visit": 5,
    "step_release": 2, "step_dispatch": 2, "step_answer_recall": 2, "step_answer_consent": 3, "step_share": 2,
}
RARELY = {"step_stage", "step_crash", "step_disk", "step_registry", "step_export", "step_crisis", "step_void"}
STEPS = {
    name: step for room in (roaming_items, roaming_matters) for name, step in vars(room).items()
    if name.startswith("step_")
}
WEIGHTS = [OFTEN.get(name, 0.4 if name in RARELY else 1) for name in STEPS]


def live(seed: int, steps: int, *, maims: bool = False) -> Roaming:
    """Live one life, bring it to rest, and return it with its story."""
    life = Roaming.begun(seed, maims=maims)
    for _ in range(5):
        roaming_items.step_whole_journey(life)
    for name in life.chance.choices(list(STEPS), WEIGHTS, k=steps):
        life.story.append(f"-- {name}")
        STEPS[name](life)
    life.come_to_rest()
    return life


def test_a_random_life_of_three_nodes_ends_in_agreement_and_forgets_no_duty() -> None:
    life = live(seed=1, steps=110)
    assert life.list_faults() == []
    assert life.judged > 20


@pytest.mark.slow
def test_many_long_random_lives_of_three_nodes_end_in_agreement() -> None:
    played: set[str] = set()
    for seed in range(int(os.environ.get("LIVES", "12"))):
        life = live(seed=100 + seed, steps=600, maims=seed % 3 == 2)
        assert life.list_faults() == [], f"seed {100 + seed}"
        played |= {kind for kind, outcome in life.outcomes if outcome == "done"}
    assert len(played) > 60, sorted(played)
