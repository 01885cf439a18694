"""A plugin of pytest: whatever act a test does is killed first, on copies of the node it is done at.

    python -m pytest -p tests.world.killing_acts --killed-in FILE tests/world/test_journey.py

Of each kind the first act that succeeds is killed, before every write of its own. FILE tells in which test, how often,
and what was wrong; the tests themselves go on as they are. With `--killed-never` it only tells where each kind is done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.world.killing import doing, kill
from tests.world.world import Player

from cordiale.errors import CordialeError
from cordiale.records.answer import Answer

KILLED: dict[str, tuple[str, int]] = {}
"""By the kind of act: the test that did it, and the writes before which it was killed."""
FAULTS: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name the file that is written at the end, and what is killed."""
    parser.addoption("--killed-in", default="")
    parser.addoption("--killed-never", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """Let the first act of each kind die before it is done."""
    never, done = config.getoption("--killed-never"), Player.act

    def act(
        self: Player, person: str, kind: str, params: Mapping[str, Any], *, content: bytes | None = None,
        act_id: str = "",
    ) -> Answer:
        more: dict[str, Any] = {"act_id": act_id} if act_id else {}
        more |= {"content": content} if content is not None else {}
        if kind in KILLED or not hasattr(self, "outbox") or not _test():
            return done(self, person, kind, params, **more)
        if never:
            answer = done(self, person, kind, params, **more)
            KILLED[kind] = (_test(), 0)
            return answer
        do = doing(self, person, kind, params, **more)
        # An act that is refused is refused undisturbed too: the test says what comes of it.
        with suppress(CordialeError):
            try:
                KILLED[kind] = (_test(), len(kill(self, do, everywhere=True)))
            except AssertionError as fault:
                KILLED[kind] = (_test(), 0)
                FAULTS.append(f"{kind}: {str(fault)[:2000]}")
        return do(self)

    Player.act = act  # type: ignore[method-assign]


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell what was killed."""
    if path := session.config.getoption("--killed-in"):
        Path(path).write_text(json.dumps({"faults": FAULTS, "killed": KILLED}), encoding="utf-8")
