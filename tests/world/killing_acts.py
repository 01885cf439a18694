"""A plugin of pytest: whatever act a test does is killed first, on copies of the node it is done at.

    python -m pytest -p tests.world.killing_acts --killed-in FILE tests/world/test_journey.py

Of each kind the first acts that succeed are killed, before every write of theirs. FILE tells how many, and what was
wrong; the tests themselves go on as they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.world.killing import doing, kill
from tests.world.world import Player

from cordiale.errors import CordialeError
from cordiale.records.answer import Answer

_EACH = 1
KILLED: Counter[str] = Counter()
FAULTS: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name the file that is written at the end, and whether acts are killed before every write."""
    parser.addoption("--killed-in", default="")
    parser.addoption("--killed-roughly", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """Let every act of a player die before it is done."""
    everywhere = not config.getoption("--killed-roughly")
    done = Player.act

    def act(
        self: Player, person: str, kind: str, params: Mapping[str, Any], *, content: bytes | None = None,
        act_id: str = "",
    ) -> Answer:
        if KILLED[kind] >= _EACH or not hasattr(self, "outbox"):
            return done(self, person, kind, params, content=content, act_id=act_id)
        more = {"act_id": act_id} if act_id else {}
        do = doing(self, person, kind, params, **more, **({"content": content} if content is not None else {}))
        try:
            kill(self, do, everywhere=everywhere)
            KILLED[kind] += 1
        except CordialeError:
            pass  # The act is refused, undisturbed too: the test says what comes of it.
        except AssertionError as fault:
            KILLED[kind] += 1
            FAULTS.append(f"{kind}: {str(fault)[:2000]}")
        return do(self)

    Player.act = act  # type: ignore[method-assign]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell what was killed."""
    if path := session.config.getoption("--killed-in"):
        Path(path).write_text(json.dumps({"faults": FAULTS, "killed": KILLED}), encoding="utf-8")
