"""A partner is what the bytes in the books verify as, for the mode that is asked for, whoever asked before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world.world import World

from cordiale.errors import CordialeError
from cordiale.model.mode import Mode
from cordiale.records.partners import PARTNER, open_partner


def test_a_partner_of_an_exercise_is_none_of_a_real_node() -> None:
    record = World.founded().tokyo.registry.record(PARTNER, "UKR")
    assert record is not None
    assert open_partner(record, Mode.EXERCISE).is_confirmed
    with pytest.raises(CordialeError):
        open_partner(record, Mode.REAL)


def test_a_partner_is_opened_as_it_is_entered_now() -> None:
    record = World.founded().tokyo.registry.record(PARTNER, "UKR")
    assert record is not None
    opened = open_partner(record, Mode.EXERCISE)
    assert opened.is_confirmed
    one = replace(record, body={**record.body, "confirmed_by": record["confirmed_by"][:1]})
    assert not open_partner(one, Mode.EXERCISE).is_confirmed
    used = replace(record, body={**record.body, "terms": {"protocol": 1, "suite": "1"}})
    assert [terms.suite for terms in open_partner(used, Mode.EXERCISE).floors] == ["1"]
    with pytest.raises(CordialeError):
        open_partner(replace(record, body={**record.body, "statement": record["root"]}), Mode.EXERCISE)
    assert open_partner(record, Mode.EXERCISE) == opened
