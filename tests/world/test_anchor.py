"""Books that end before their anchor: the node stops and says so, and goes on only when somebody has looked."""

from __future__ import annotations

import pytest
from tests.attack.test_books import cut_log, size
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import forge, tell
from tests.world.outside import DiskFull, MemoryAnchor, WatchedStore
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import PURPOSE, cross, grant, label
from tests.world.world import Player, World, copy_of

from cordiale.errors import CordialeError, OutOfOrder, Unavailable
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.records.ledger import INTERNAL
from cordiale.records.ledger import Act as LedgerAct
from cordiale.records.sweeping import sweep_envelopes


@pytest.fixture
def world() -> World:
    return World.in_force(seed=401)


def codes(player: Player) -> set[str]:
    return {one.code for one in audit(player).findings}


def require_stopped(player: Player, code: str) -> CordialeError:
    """The node takes no act, from its people or from a partner, and says why."""
    stopped = player.registry.ledger.stopped
    assert stopped is not None and stopped.code == code
    act = LedgerAct(f"act.{player.registry.fresh_id('t')}", "exercise", "node", INTERNAL, lambda session: {})
    with pytest.raises(CordialeError) as refused:
        player.registry.ledger.commit(act)
    assert refused.value.code == code
    return refused.value


def confirm(player: Player) -> None:
    player.registry.ledger.confirm_anchor(player.registry.ledger.position.number)


def test_an_older_copy_of_the_books_is_noticed_at_the_start(world: World) -> None:
    old = copy_of(world.tokyo.registry.store)
    label(world.tokyo)
    world.tokyo.reopen(store=old)
    error = require_stopped(world.tokyo, "anchor.behind")
    assert error.fields["anchored"] == int(error.fields["found"]) + 1
    assert codes(world.tokyo) == {"anchor.behind"}


def test_the_end_of_the_books_taken_away_is_noticed_at_the_start(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    before = size(world.kyiv, "internal")
    world.kyiv.read("reader", item, PURPOSE)
    cut_log(world.kyiv, "internal", before)
    reads = world.kyiv.registry.store.reads()
    reads._connection.execute("DELETE FROM batch WHERE number = (SELECT max(number) FROM batch)")  # type: ignore[attr-defined]
    assert "anchor.behind" in codes(world.kyiv)
    world.kyiv.reopen()
    require_stopped(world.kyiv, "anchor.behind")


def test_another_history_of_the_same_length_is_noticed_at_the_start(world: World) -> None:
    """Put back to an older copy, and gone on from there with the keys, as far as before."""
    other = world.tokyo.copied(world.clock, seed=11)
    label(world.tokyo)
    label(other)
    world.tokyo.reopen(store=other.registry.store)
    require_stopped(world.tokyo, "anchor.other-history")


def test_without_an_anchor_nothing_goes_on_until_somebody_has_looked(world: World) -> None:
    world.tokyo.reopen(anchor=MemoryAnchor())
    require_stopped(world.tokyo, "anchor.missing")
    assert codes(world.tokyo) == {"anchor.missing"}
    confirm(world.tokyo)
    label(world.tokyo)
    assert codes(world.tokyo) == set()
    (noted,) = bodies(world.tokyo, "books-confirmed").values()
    assert noted["code"] == "anchor.missing"
    world.tokyo.reopen()
    label(world.tokyo)


def test_a_damaged_anchor_stops_the_node_until_somebody_has_looked(world: World) -> None:
    world.tokyo.reopen(anchor=MemoryAnchor(b"\0" * 256))
    require_stopped(world.tokyo, "anchor.damaged")
    confirm(world.tokyo)
    label(world.tokyo)
    assert codes(world.tokyo) == set()


def test_an_anchor_behind_the_books_is_no_harm_and_is_remarked(world: World) -> None:
    """As a crash between the commit and the anchor leaves it."""
    kept = world.tokyo.anchor.content
    label(world.tokyo)
    world.tokyo.anchor.content = kept
    report = audit(world.tokyo)
    assert report.findings == [] and [one.code for one in report.remarks] == ["audit.ahead"]
    world.tokyo.reopen()
    label(world.tokyo)
    report = audit(world.tokyo)
    assert report.findings == report.remarks == []


def test_an_anchor_that_cannot_be_written_undoes_nothing_and_is_told(world: World) -> None:
    world.tokyo.anchor.full = True
    label(world.tokyo)
    trouble = world.tokyo.registry.ledger.anchor_trouble
    assert isinstance(trouble, Unavailable) and audit(world.tokyo).findings == []
    world.tokyo.anchor.full = False
    label(world.tokyo)
    assert world.tokyo.registry.ledger.anchor_trouble is None
    assert audit(world.tokyo).remarks == []


def test_an_anchor_taken_away_while_the_node_serves_is_a_finding_and_is_confirmed(world: World) -> None:
    world.tokyo.anchor.content = None
    label(world.tokyo)
    assert codes(world.tokyo) == {"anchor.missing"}
    confirm(world.tokyo)
    assert codes(world.tokyo) == set()


def test_only_what_was_shown_is_confirmed(world: World) -> None:
    ledger = world.tokyo.registry.ledger
    with pytest.raises(OutOfOrder) as nothing:
        ledger.confirm_anchor(ledger.position.number)
    assert nothing.value.code == "anchor.no-doubt"
    world.tokyo.reopen(anchor=MemoryAnchor())
    ledger = world.tokyo.registry.ledger
    with pytest.raises(OutOfOrder) as other:
        ledger.confirm_anchor(ledger.position.number - 1)
    assert other.value.code == "anchor.other-commit"
    require_stopped(world.tokyo, "anchor.missing")


def test_a_confirmation_that_the_disk_does_not_take_confirms_nothing(world: World) -> None:
    disk = DiskFull()
    store = WatchedStore(world.tokyo.registry.store, disk)  # type: ignore[arg-type]
    world.tokyo.reopen(store=store, anchor=MemoryAnchor())  # type: ignore[arg-type]
    disk.fail("commit")
    with pytest.raises(Unavailable):
        confirm(world.tokyo)
    require_stopped(world.tokyo, "anchor.missing")
    confirm(world.tokyo)
    label(world.tokyo)


def test_a_node_whose_books_were_cut_sends_nothing_and_takes_nothing(world: World) -> None:
    dispatched(world)
    old = copy_of(world.tokyo.registry.store)
    label(world.tokyo)
    world.tokyo.reopen(store=old)
    world._connect(world.tokyo)
    world.deliver(2)
    assert bodies(world.kyiv, "consignment") == {}
    body = Acknowledgement(bytes(48), world.clock.at, None)
    with pytest.raises(Unavailable):
        tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, in_reply_to="m1"))
    require_stopped(world.tokyo, "anchor.behind")


def test_a_restored_node_that_was_confirmed_still_stops_when_the_partner_has_seen_more(world: World) -> None:
    cross(world)
    old = world.tokyo.copied(world.clock, seed=9)
    old.reopen(anchor=MemoryAnchor())
    cross(world)
    require_stopped(old, "anchor.missing")
    confirm(old)
    label(old)
    world.tokyo = old
    world._connect(old)
    world.kyiv.act("registrar", "return", {"item": next(iter(bodies(world.kyiv, "item")))})
    world.deliver(3)
    stopped = old.registry.ledger.stopped
    assert stopped is not None and stopped.code == "log.behind-partner"
    with pytest.raises(OutOfOrder):
        confirm(old)


def test_a_restored_node_that_nobody_has_gone_beyond_serves_on_once_it_is_confirmed(world: World) -> None:
    cross(world)
    world.tokyo.reopen(store=copy_of(world.tokyo.registry.store), anchor=MemoryAnchor())
    world._connect(world.tokyo)
    confirm(world.tokyo)
    cross(world)
    assert list_differences(world) == []
    sweep_envelopes(world.tokyo.registry)
