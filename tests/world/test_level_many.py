"""Many copies: one message, worked off in parts, and a node that dies in between loses and repeats nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit, bodies
from tests.world.test_journey import cross
from tests.world.test_level_change import AJISAI, change, rows, told
from tests.world.world import Player, World

from cordiale.errors import Unavailable
from cordiale.records import level_copies
from cordiale.records.items import COPY
from cordiale.records.ledger import Act
from cordiale.records.level_copies import work_levels

COUNT, AT_ONCE = 45, 10


def enter_copies(player: Player, item: str) -> None:
    first = player.registry.record(COPY, f"{item}.c1")
    assert first is not None
    body = {name: value for name, value in first.body.items() if name not in ("object", "digest", "ciphertext_digest")}

    def run(session: Any) -> dict[str, Any]:
        for number in range(2, COUNT + 1):
            session.put(COPY, f"{item}.c{number}", {**body, "copy_number": number})
        return {}

    player.registry.ledger.commit(Act("x.many", "seed", "node", "internal", run))


def die_after(player: Player, acts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work until `acts` acts are committed, then die and start again."""
    ledger, left = player.registry.ledger, [acts]
    commit = ledger.commit

    def dying(act: Act) -> Any:
        if left[0] == 0:
            raise Unavailable("test.died", "the node died", hint="start it again")
        left[0] -= 1
        return commit(act)

    monkeypatch.setattr(ledger, "commit", dying)
    with pytest.raises(Unavailable):
        work_levels(player.registry)
    monkeypatch.undo()
    player.reopen()


def test_a_change_for_many_copies_is_one_message_and_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.in_force(seed=811)
    _, (item,) = cross(world)
    for player in world.players:
        enter_copies(player, item)
    before = len(rows(world.tokyo))
    change(world.tokyo, item, AJISAI)
    assert len(rows(world.tokyo)) == before + 1
    world.deliver()
    with monkeypatch.context() as few:
        few.setattr(level_copies, "LEVEL_ACT_COPIES_COUNT_MAX", AT_ONCE)
        die_after(world.kyiv, 2, few)
        few.setattr(level_copies, "LEVEL_ACT_COPIES_COUNT_MAX", AT_ONCE)
        marked = [body for body in bodies(world.kyiv, "copy").values() if body.get("level_done")]
        assert len(marked) == 2 * AT_ONCE
        work_levels(world.kyiv.registry)
        world.deliver()
        die_after(world.tokyo, 3, few)
        few.setattr(level_copies, "LEVEL_ACT_COPIES_COUNT_MAX", AT_ONCE)
        work_levels(world.tokyo.registry)
    assert (told(world.tokyo)["state"], told(world.tokyo)["silent"], told(world.tokyo)["pending"]) == ("done", [], [])
    for player in world.players:
        copies = [id for id in bodies(player, "copy") if ".c" in id]
        assert len(copies) == COUNT
        reads = player.registry.reads()
        assert all(len(reads.versions("copy", id)) <= 2 + (id.endswith(".c1")) for id in copies), "each is marked once"
        assert not [one for one in audit(player).findings if "level" in one.text]
