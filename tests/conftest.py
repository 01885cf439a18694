"""Settings that hold for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tests.desk.asking_app import close_lane

from cordiale.adapters.sqlite_reads import SqliteReads
from cordiale.records.record import LOOKED_UP_BY

# Machines are shared and noisy: no test is timed.
settings.register_profile(
    "cordiale", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "campaign", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cordiale"))


def _require_looked_up(look: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(look)
    def looked(self: SqliteReads, kind: str, field: str, *given: Any, **named: Any) -> Any:
        assert kind not in LOOKED_UP_BY or field in LOOKED_UP_BY[kind], f"nothing is found of {kind} by {field}"
        return look(self, kind, field, *given, **named)

    return looked


# A look by a member that nothing is entered under finds nothing, and would say so of whatever is there.
for _name in ("find", "between", "between_each", "backwards_each", "count", "looked_up"):
    setattr(SqliteReads, _name, _require_looked_up(getattr(SqliteReads, _name)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: it is not searched for garbage, not while it grows and not afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_sessionfinish() -> None:
    """Nothing that asks the desk in this process is left running."""
    close_lane()
