"""Every act of the control socket is killed before each of its writes: none is lost, none is doubled, none is half there.

The table `killed_acts.json` names a test that does each act. The long campaign runs these tests with all their acts
killed; here the straight road is, roughly, and a new act without a row is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from tests.world import killing_rows
from tests.world.killing import doing, kill
from tests.world.test_journey import PURPOSE, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS
from cordiale.records.ledger import INTERNAL, Act

ROWS = killing_rows.rows()


def test_every_act_has_a_row_and_every_row_a_test() -> None:
    assert set(ROWS) == {*ACTS, *CONTENT_ACTS}, "run `python -m tests.world.killing_rows`"
    for test in set(ROWS.values()):
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (killing_rows.ROOT / path).read_text(encoding="utf-8"), test


def test_the_straight_road_survives_a_kill_around_every_commit_and_every_envelope() -> None:
    world = World.in_force(seed=1601)
    item = label(world.tokyo)
    release(world.tokyo, item)
    killed = _killed(world.tokyo, "originator", "label", {
        "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
    }, content=b"exercise")
    assert {"objects.commit", "objects.committed", "commit", "committed"} <= set(killed)
    consignment = dispatch(world, [item])
    world.deliver()
    _killed(world.kyiv, "registrar", "register", {"consignment": consignment, "counted": 1})
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    grant(world, item, "reader")
    world.deliver()
    _killed(world.kyiv, "registrar", "circulate", {"item": item, "person": "reader"})
    _killed(world.kyiv, "registrar", "consent.ask", {"act": "copy", "item": item, "purpose": PURPOSE})
    killed = _killed(world.kyiv, "registrar", "return", {"item": item})
    assert killed.count("commit") > 1, "the copy ends in one act, and its certificate follows in another"


def _killed(player: Player, person: str, kind: str, params: Mapping[str, Any], **more: Any) -> list[str]:
    return kill(player, doing(player, person, kind, params, **more), everywhere=False)


def test_an_act_that_is_done_by_halves_is_found_out() -> None:
    player = World.in_force(seed=1602).tokyo

    def half(one: Player, name: str) -> Any:
        return one.registry.ledger.commit(Act(name, "test", "node", INTERNAL, lambda session: {
            "at": session.put("test", name, {"name": name}, expect=0).version,
        }))

    def by_halves(one: Player) -> Any:
        half(one, one.registry.fresh_id("first"))
        return half(one, "second")

    with pytest.raises(AssertionError, match=r"a second time|and done again"):
        kill(player, by_halves, everywhere=False)


def _by_file() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, test in ROWS.items():
        found[test.partition("::")[0]].append(kind)
    return dict(found)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(_by_file()))
def test_no_act_is_lost_or_doubled_by_a_kill_before_any_of_its_writes(path: str) -> None:
    kinds = _by_file()[path]
    found = killing_rows.run(sorted({ROWS[kind] for kind in kinds}))
    assert found["faults"] == []
    assert found["ended"] == 0, found["said"]
    assert {kind: found["killed"].get(kind, ["", 0])[1] for kind in kinds if not found["killed"].get(kind, ["", 0])[1]} == {}
