"""A head is signed beside the writer: what fails on either side leaves nothing, and the next act goes on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit
from tests.world.forging import size_of_books
from tests.world.world import AGREEMENT, World

from cordiale.errors import Unavailable
from cordiale.records import ledger
from cordiale.records.ledger import Act
from cordiale.records.log.checkpoint import LogSigner


def fail(*_: Any, **__: Any) -> Any:
    raise Unavailable("exercise.failed", "it failed", hint="nothing")


def test_what_fails_while_a_head_is_signed_leaves_nothing_and_the_next_act_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World.in_force(seed=1209)
    registry, before = world.tokyo.registry, size_of_books(world.tokyo)
    act = Act("act.test.head", "exercise", "node", AGREEMENT, lambda session: {})
    for target, name in ((LogSigner, "sign"), (ledger, "follow")):
        with monkeypatch.context() as broken:
            broken.setattr(target, name, fail)
            with pytest.raises(Unavailable, match="it failed"):
                registry.ledger.commit(act)
        assert size_of_books(world.tokyo) == before and registry.reads().act(act.id) is None
    registry.ledger.commit(act)
    assert size_of_books(world.tokyo)[AGREEMENT] == before[AGREEMENT] + 1
    assert audit(world.tokyo).findings == []
