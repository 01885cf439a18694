from __future__ import annotations

import ast
from functools import cache

import pytest
from tools.known_defects import find_defects
from tools.obligations import OBLIGATIONS_PAGE, obligations_page
from tools.pages import TERMS_PAGE, terms_page
from tools.source import ROOT, modules

from cordiale.errors import Malformed
from cordiale.model.agreement import Act
from cordiale.model.obligation import EvidenceState
from cordiale.model.term_names import TERM_NAMES
from cordiale.wire.obligation_toml import PARTS, ROWS_FILE, load_obligations, parse_obligations

# Rows for which nothing is shown yet. It is lowered as areas land, and never raised.
OPEN_ROWS_MAX = 0

ROWS = """
[sections]
A = "First"
[[row]]
number = 1
section = "A"
title = "a duty"
acts = ["copy"]
terms = ["visit."]
parts = ["access"]
[[row]]
number = 2
section = "A"
title = "another"
"""
AREA = """
[[row]]
number = 1
state = "carried-out"
says = "Does it."
modules = ["cordiale.journey.level"]
tests = ["tests/world/test_journey.py::test_it"]
"""
RECORDED = AREA.replace("carried-out", "recorded") + 'reason = "Only a person can."\n'


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return frozenset(found)


def test_all_rows_of_the_sheet_are_there_once():
    assert [row.number for row in load_obligations()] == list(range(1, 148))
    assert len({row.title for row in load_obligations()}) == 147


def test_the_open_rows_grow_no_more():
    still_open = [row.number for row in load_obligations() if row.state is None]
    assert len(still_open) <= OPEN_ROWS_MAX, still_open


def test_the_page_of_obligations_is_up_to_date():
    assert OBLIGATIONS_PAGE.read_text(encoding="utf-8") == obligations_page(), "run `make docs`"


def test_the_page_of_terms_is_up_to_date():
    assert TERMS_PAGE.read_text(encoding="utf-8") == terms_page(), "run `make docs`"


def test_every_module_named_as_evidence_exists():
    names = set(modules())
    named = {module for row in load_obligations() for module in row.modules}
    assert named <= names, named - names


def test_every_test_named_as_evidence_exists():
    missing = []
    for row in load_obligations():
        for test in row.tests:
            path, _, name = test.partition("::")
            if not (ROOT / path).is_file() or name not in names_in(path):
                missing.append((row.number, test))
    assert missing == []


def test_what_is_carried_out_is_not_proved_by_a_test_that_is_expected_to_fail():
    failing = {f"{one.place}::test_{one.claim.replace(' ', '_')}" for one in find_defects()}
    proofs = {
        test for row in load_obligations() for one in row.evidence if one.state is EvidenceState.CARRIED_OUT
        for test in one.tests
    }
    assert proofs & failing == set()


def test_every_act_every_part_and_every_term_of_an_agreement_belongs_to_a_row():
    rows = load_obligations()
    assert {act for row in rows for act in row.acts} == {act.value for act in Act}
    assert {part for row in rows for part in row.parts} == PARTS
    begins = tuple(term for row in rows for term in row.terms)
    assert [name for name in TERM_NAMES if not name.startswith(begins)] == []
    assert [begin for begin in begins if not any(name.startswith(begin) for name in TERM_NAMES)] == []


def test_several_areas_contribute_to_one_row_and_the_least_of_them_is_its_state():
    first, second = parse_obligations({ROWS_FILE: ROWS, "one.toml": AREA, "two.toml": RECORDED})
    assert [one.area for one in first.evidence] == ["one", "two"]
    assert first.state is EvidenceState.RECORDED
    assert first.modules == ("cordiale.journey.level",)
    assert first.tests == ("tests/world/test_journey.py::test_it",)
    assert second.state is None and second.evidence == ()


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("number = 1", "number = 3", "which is no row"),
        ("number = 1", "number = 0", "out of range"),
        ('"carried-out"', '"done"', "which is not known"),
        ('says = "Does it."\n', "", "`says` is missing"),
        ('["cordiale.journey.level"]', "[]", "`modules` is empty"),
        ('["cordiale.journey.level"]', '["journey.level"]', "not of the form"),
        ('["tests/world/test_journey.py::test_it"]', "[]", "`tests` is empty"),
        ('["tests/world/test_journey.py::test_it"]', '["tests/world/test_journey.py"]', "not of the form"),
        ('says = "Does it."', 'says = "Does it."\nreason = "but"', "`reason` stands where"),
        ('says = "Does it."', 'says = "Does it."\nwho = "me"', "is not known here"),
    ],
)
def test_evidence_that_is_not_understood_is_refused(wrong, right, complaint):
    assert wrong in AREA
    with pytest.raises(Malformed, match=complaint):
        parse_obligations({ROWS_FILE: ROWS, "one.toml": AREA.replace(wrong, right)})


def test_a_row_twice_in_one_area_or_without_a_reason_is_refused():
    with pytest.raises(Malformed, match="has twice"):
        parse_obligations({ROWS_FILE: ROWS, "one.toml": AREA + AREA})
    unexplained = RECORDED.replace('reason = "Only a person can."\n', "")
    with pytest.raises(Malformed, match="`reason` stands where"):
        parse_obligations({ROWS_FILE: ROWS, "one.toml": unexplained})


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("number = 2", "number = 3", "out of order"),
        ('section = "A"\ntitle = "another"', 'section = "B"\ntitle = "another"', "is not known"),
        ('["copy"]', '["fly"]', "is not known"),
        ('["access"]', '["attic"]', "not known"),
        ('[sections]\nA = "First"', "", "`sections` is missing"),
    ],
)
def test_rows_that_are_not_understood_are_refused(wrong, right, complaint):
    assert wrong in ROWS
    with pytest.raises(Malformed, match=complaint):
        parse_obligations({ROWS_FILE: ROWS.replace(wrong, right)})


def test_without_rows_there_is_nothing_to_show():
    with pytest.raises(Malformed, match="there is no rows"):
        parse_obligations({"one.toml": AREA})
