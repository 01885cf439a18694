"""What is due and not done is chased on the profile's clock; what a partner renews counts; what was wrong is corrected."""

from __future__ import annotations

import pytest
from tests.world.test_audit import audit
from tests.world.test_journey import PURPOSE, dispatch, label, release
from tests.world.world import AGREEMENT, World, make_trust

from cordiale.canonical import encode_base64url
from cordiale.errors import OutOfOrder, Refused
from cordiale.work.chaser import chase_due


@pytest.fixture(scope="module")
def world() -> World:
    world = World.founded(seed=21)
    world.bring_into_force()
    return world


def test_a_receipt_that_is_overdue_is_chased_once_a_day_until_it_comes(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    assert chase_due(world.tokyo.registry) == 0
    world.clock.advance(days=20)
    assert chase_due(world.tokyo.registry) == 1
    assert chase_due(world.tokyo.registry) == 0
    world.deliver()
    message = world.tokyo.registry.record("consignment", consignment)
    assert message is not None
    reminder = world.kyiv.registry.record("reminder", f"{message['message']}.receipt")
    assert reminder is not None and reminder["count"] == 1
    world.clock.advance(days=1)
    assert chase_due(world.tokyo.registry) == 1
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    world.clock.advance(days=1)
    assert chase_due(world.tokyo.registry) == 0


def test_a_newer_statement_reaches_the_partner_and_counts(world: World) -> None:
    make_trust(world.tokyo, version=2)
    world.tokyo.act("registrar", "node.install", {
        "root": encode_base64url(world.tokyo.root), "statement": encode_base64url(world.tokyo.statement),
    })
    world.deliver()
    known = world.kyiv.registry.record("partner", "JPN")
    assert known is not None and known["statement"] == encode_base64url(world.tokyo.statement)
    old = known["statement"]
    make_trust(world.tokyo, version=1)
    with pytest.raises(Exception, match=r"older|lower|version"):
        world.kyiv.act("security", "partner.update", {
            "party": "JPN", "statement": encode_base64url(world.tokyo.statement),
        })
    known = world.kyiv.registry.record("partner", "JPN")
    assert known is not None and known["statement"] == old


def test_a_suspended_level_is_not_provided_and_lifting_it_provides_again(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    stage = {"agreement": AGREEMENT, "article": "Art. 15", "on": "2026-09-01"}
    world.tokyo.act("authority", "agreement.stage", {
        **stage, "levels": ["EX-JPN:EXERCISE SAKURA"], "stage": "suspended",
    })
    world.deliver()
    with pytest.raises(Refused, match="suspended"):
        dispatch(world, [item])
    world.tokyo.act("authority", "agreement.stage", {**stage, "stage": "in-force"})
    world.deliver()
    dispatch(world, [item])
    world.deliver()


def test_a_correction_stands_beside_the_entry_and_a_void_number_stays_in_the_book(world: World) -> None:
    reference = str(world.tokyo.registry.record("item", label(world.tokyo, form="paper"))["reference"])  # type: ignore[index]
    world.tokyo.act("registrar", "entry.correct", {
        "now_reads": "Exercise paper, corrected", "number": reference, "particular": "title", "reason": "misread",
    })
    with pytest.raises(OutOfOrder):
        world.tokyo.act("registrar", "entry.correct", {
            "now_reads": "x", "number": reference, "particular": "nothing", "reason": "misread",
        })
    wrong = label(world.tokyo, form="paper")
    world.tokyo.act("registrar", "entry.void", {"item": wrong, "reason": "labelled twice"})
    with pytest.raises(Refused):
        release(world.tokyo, wrong)
        dispatch(world, [wrong])
    assert PURPOSE
    assert audit(world.tokyo).findings == []
