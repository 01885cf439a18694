"""Random lives of three nodes under three treaties, with everything that an agreement is mostly about.

Whatever was done and however it was carried: no act is lost, doubled or unlogged, the audit of each node finds
nothing, the books of each two tell one story, what waits is due to somebody, nothing has crossed in clear, and the
second decider has agreed at every step.
"""

from __future__ import annotations

import os

import pytest
from tests.world import roaming_accords, roaming_carrying, roaming_items, roaming_matters, roaming_standing
from tests.world.roaming import Roaming

ROOMS = (roaming_items, roaming_matters, roaming_carrying, roaming_accords, roaming_standing)
OFTEN = {
    "step_whole_journey": 8, "step_send": 14, "step_register": 3, "step_time": 3, "step_read": 4, "step_need": 3,
    "step_level": 3, "step_reproduce": 4, "step_custody": 4, "step_case": 4, "step_inventory": 3, "step_visit": 5,
    "step_release": 2, "step_dispatch": 2, "step_answer_recall": 2, "step_answer_consent": 3, "step_share": 2,
    "step_carry_whole": 3, "step_carry": 4, "step_meet": 3, "step_transfer": 3, "step_folder": 2, "step_parcel": 2,
    "step_amend": 2, "step_follow": 4,
}
RARELY = {
    "step_stage", "step_crash", "step_disk", "step_registry", "step_export", "step_crisis", "step_void",
    "step_suspend_level", "step_links", "step_purpose", "step_law", "step_absence", "step_draft", "step_succession",
    "step_two_by_law",
}
HARDLY = {"step_terminate"}
STEPS = {name: step for room in ROOMS for name, step in vars(room).items() if name.startswith("step_")}
WEIGHTS = [0.1 if name in HARDLY else OFTEN.get(name, 0.4 if name in RARELY else 1) for name in STEPS]
THEMES: tuple[tuple[str, ...], ...] = (
    ("ask_visit", "visit", "visit", "visit", "visit_matters", "visit_matters", "time", "erase"),
    ("facility", "facility", "contract", "contract", "contract", "house"),
    ("carry_whole", "carry", "carry", "carry", "meet", "meet", "register", "certificate", "plan", "withdraw"),
    ("send_and_withdraw", "send_and_withdraw", "withdraw", "withdraw", "level", "send", "register", "suspend_level", "time"),
    ("ask_consent", "answer_consent", "answer_consent", "pass_on", "use", "withdraw_consent", "unopened"),
    ("level", "two_levels_cross", "mark", "challenge", "work", "read"),
    ("reproduce", "reproduce", "open_reproduction", "need", "read"),
    ("custody", "custody", "custody", "need", "mark", "level"),
    ("return", "recall", "answer_recall", "destroy", "open_destruction", "crisis", "dispatch"),
    ("report", "case", "case", "case", "share", "share", "freeze", "lift", "order_freeze"),
    ("amend", "follow", "follow", "follow", "notice", "law", "purpose"),
    ("organise", "transfer", "transfer", "transfer", "place", "folder", "inventory"),
    ("outage", "people", "people_more", "clearance", "duty", "house", "draft", "absence", "emergency"),
    ("stand_in", "stand_in", "succession", "ask_consent", "answer_consent", "pass_on", "level", "reproduce"),
    ("two_by_law", "join", "join", "join", "need", "read", "two_by_law"),
    ("terminate", "carry_whole", "carry", "meet", "register", "return", "read", "time"),
)
"""What people are at for a while: the same two parties do one matter after another until the next theme."""
_THEME_STEPS = 14
_THEMES_SHARE = 0.55
_RUN_OFF_FROM = 0.6
"""Agreements are ended in earnest from this share of a life on, so that there is a life before and a run-off behind."""


def live(seed: int, steps: int, *, maims: bool = False, is_of_three: bool = False) -> Roaming:
    """Live one life, bring it to rest, and return it with its story."""
    life = Roaming.begun(seed, maims=maims, is_of_three=is_of_three)
    for _ in range(5):
        roaming_items.step_whole_journey(life)
    theme = THEMES[0]
    for turn, drawn in enumerate(life.chance.choices(list(STEPS), WEIGHTS, k=steps)):
        if turn % _THEME_STEPS == 0:
            theme = life.any_of(THEMES[:-1]) if turn < steps * _RUN_OFF_FROM else life.any_of(THEMES)
            life.pair = tuple(life.chance.sample(life.world.players, 2))
        name = f"step_{life.any_of(theme)}" if life.chance.random() < _THEMES_SHARE else drawn
        life.story.append(f"-- {name}")
        STEPS[name](life)
    life.come_to_rest()
    return life


def test_a_random_life_of_three_nodes_ends_in_agreement_and_forgets_no_duty() -> None:
    life = live(seed=1, steps=120)
    assert life.list_faults() == []
    assert life.judged > 20


@pytest.mark.slow
def test_many_long_random_lives_of_three_nodes_end_in_agreement() -> None:
    played: set[str] = set()
    for seed in range(int(os.environ.get("LIVES", "12"))):
        life = live(seed=100 + seed, steps=600, maims=seed % 3 == 2)
        # A claim about the life itself would print the whole of it.
        faults = life.list_faults()
        assert faults == [], f"seed {100 + seed}"
        played |= {kind for kind, outcome in life.outcomes if outcome == "done"}
    assert len(played) > 60, sorted(played)


@pytest.mark.slow
def test_long_random_lives_under_one_agreement_of_three_end_in_agreement() -> None:
    for seed in range(int(os.environ.get("LIVES", "12"))):
        life = live(seed=500 + seed, steps=600, maims=seed % 3 == 2, is_of_three=True)
        faults = life.list_faults()
        assert faults == [], f"seed {500 + seed}"
