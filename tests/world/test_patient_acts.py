"""What answers nobody is written with what comes next, by itself when nothing comes, and never lost while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.world.test_bad_moments import in_one_batch
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder
from cordiale.records import turns
from cordiale.records.answer import Answer
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.session import ActSession

_LONG_SECONDS = 60.0


@pytest.fixture
def tokyo() -> Player:
    return World.in_force(seed=43).tokyo


def act(id: str, *, is_patient: bool) -> Act:
    def perform(session: ActSession) -> dict[str, Any]:
        session.put("duty", id, {"what": id}, expect=0)
        return {"id": id}

    return Act(id, "note", "node", INTERNAL, perform, is_patient=is_patient)


def committing(tokyo: Player, id: str, *, is_patient: bool) -> Callable[[], Answer]:
    return lambda: tokyo.registry.ledger.commit(act(id, is_patient=is_patient))


def test_a_patient_act_is_written_together_with_the_next(tokyo: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", _LONG_SECONDS)
    before = tokyo.registry.ledger.position.number
    answers = in_one_batch(
        tokyo, committing(tokyo, "waits", is_patient=True), committing(tokyo, "comes", is_patient=False)
    )
    assert [answer.value for answer in answers] == [{"id": "waits"}, {"id": "comes"}]
    assert [answer.index for answer in answers] == [answers[0].index, answers[0].index + 1]
    assert tokyo.registry.ledger.position.number == before + 1


def test_it_is_written_by_itself_when_nobody_comes(tokyo: Player) -> None:
    before = tokyo.registry.ledger.position.number
    assert committing(tokyo, "alone", is_patient=True)().value == {"id": "alone"}
    assert tokyo.registry.ledger.position.number == before + 1
    assert tokyo.registry.record("duty", "alone") is not None


def test_it_does_not_make_others_wait(tokyo: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", _LONG_SECONDS)
    done = threading.Event()

    def patient() -> None:
        committing(tokyo, "first", is_patient=True)()
        done.set()

    thread = threading.Thread(target=patient, daemon=True)
    thread.start()
    assert committing(tokyo, "second", is_patient=False)().value == {"id": "second"}
    while not done.wait(0.01):
        committing(tokyo, tokyo.registry.fresh_id("more"), is_patient=False)()
    assert tokyo.registry.record("duty", "first") is not None


def test_what_it_raises_reaches_who_brought_it_and_nobody_else(
    tokyo: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", _LONG_SECONDS)

    def fail(session: ActSession) -> dict[str, Any]:
        raise OutOfOrder("duty.missing", "there is no such duty", hint="look at the list")

    def refused() -> Answer:
        return tokyo.registry.ledger.commit(Act("bad", "note", "node", INTERNAL, fail, is_patient=True))

    bad, good = in_one_batch(tokyo, refused, committing(tokyo, "good", is_patient=False))
    assert isinstance(bad, OutOfOrder)
    assert good.value == {"id": "good"}


@pytest.mark.parametrize("seconds", [0.0, 0.000_2, 0.002])
def test_none_is_lost_and_none_is_written_twice(
    tokyo: Player, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Patient and other acts of many callers, their patience at its end while others write."""
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", seconds)
    size = tokyo.registry.reads().log_size(INTERNAL)
    with ThreadPoolExecutor(12) as pool:
        works = [committing(tokyo, f"act-{place}", is_patient=place % 3 != 0) for place in range(180)]
        answers = [future.result(60) for future in [pool.submit(work) for work in works]]
    assert [answer.value["id"] for answer in answers] == [f"act-{place}" for place in range(180)]
    assert len({answer.index for answer in answers}) == 180
    assert tokyo.registry.reads().log_size(INTERNAL) == size + 180
