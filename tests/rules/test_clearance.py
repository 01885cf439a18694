"""What a clearance of another party is worth: rows of their own, directed, dated, some only on request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.rules import exercise_world as w

from cordiale.model.agreement import ClearanceEquivalence, Profile
from cordiale.model.person import Clearance, Person
from cordiale.rules.access import decide_access
from cordiale.rules.clearance import list_worth
from cordiale.rules.holding import view_item
from cordiale.rules.rule_index import build_rule_index

ROW = ClearanceEquivalence(w.COBALT, w.UKR, w.STONE, "Art. 5(4)")
LIAISON = replace(w.READER, clearances=(Clearance(w.COBALT, w.FIRST, w.LAST, "exercise authority"),))


def read(profile: Profile, person: Person = LIAISON) -> set[str]:
    view = view_item(w.FOREIGN, build_rule_index(replace(w.STATE, profile=profile)), on=w.TODAY)
    return w.codes(decide_access(person, view, needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE))


def with_rows(*rows: ClearanceEquivalence) -> Profile:
    return replace(w.PROFILE, clearance_equivalences=rows)


def test_the_table_of_markings_says_nothing_of_clearances() -> None:
    assert read(w.PROFILE) == {"access.clearance-other-scheme"}


def test_a_row_lets_a_clearance_count_for_what_it_says() -> None:
    assert read(with_rows(ROW)) == set()
    assert read(with_rows(replace(ROW, target=w.REED))) == {"access.clearance-other-scheme"}


def test_a_row_is_never_turned_round() -> None:
    assert read(with_rows(replace(ROW, recipient=w.JPN))) == {"access.clearance-other-scheme"}
    assert read(with_rows(ClearanceEquivalence(w.STONE, w.JPN, w.COBALT, "Art. 5(4)"))) == {
        "access.clearance-other-scheme"
    }


def test_what_counts_on_request_opens_nothing_by_itself() -> None:
    asked = replace(ROW, on_request=True)
    assert read(with_rows(asked)) == {"access.clearance-other-scheme"}
    assert list_worth(with_rows(asked), w.COBALT, at=w.UKR, on=w.TODAY) == (asked,)


def test_a_row_counts_on_its_days_only() -> None:
    ended, begun = replace(ROW, valid_until=w.TODAY), replace(ROW, valid_from=w.TODAY)
    assert read(with_rows(ended)) == read(with_rows(begun)) == set()
    day = timedelta(days=1)
    assert list_worth(with_rows(ended), w.COBALT, at=w.UKR, on=w.TODAY + day) == ()
    assert list_worth(with_rows(begun), w.COBALT, at=w.UKR, on=w.TODAY - day) == ()


def test_a_withdrawn_clearance_is_worth_nothing_anywhere() -> None:
    gone = replace(LIAISON, clearances=(replace(LIAISON.clearances[0], withdrawn_at=w.PAST),))
    assert read(with_rows(ROW), gone) == {"access.no-clearance"}
