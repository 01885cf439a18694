"""Where a freeze meets the rest: orders of a partner, translations, single copies, the counts, and closed cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.attack.test_incidents import BY, send
from tests.world import reproducing
from tests.world.test_incidents import conclude, report, share_of, tell, view
from tests.world.test_journey import PURPOSE, codes, cross, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.errors import Refused
from cordiale.message.bodies.incident_reply import IncidentReply, ReplyKind


@pytest.fixture
def world() -> World:
    return World.in_force()


def state(player: Player, kind: str, id: str) -> str:
    found = player.registry.record(kind, id)
    assert found is not None
    return str(found["state"])


def order(world: World, item: str, demand: str) -> str:
    """Let Tokyo ask Kyiv to freeze `item`, or to lift that; return the order as it waits at Kyiv."""
    world.tokyo.act("security", "freeze.order", {
        "demand": demand, "item": item, "party": "UKR", "reason": "please",
    })
    world.deliver()
    (asked,) = [one for one in world.kyiv.registry.find("freeze-order", "item", item) if one["state"] == "asked"]
    return asked.id


def orders(player: Player, item: str) -> list[str]:
    return [one["state"] for one in player.registry.find("freeze-order", "item", item)]


def freeze(player: Player, item: str, **more: str) -> None:
    player.act("security", "freeze", {"item": item, "reason": "it may have been seen", **more})


def lift(player: Player, item: str, **more: str) -> None:
    player.act("security", "freeze.lift", {"item": item, "reason": "it was not", **more})


def the_copy(player: Player, item: str) -> str:
    return player.registry.find("copy", "item", item)[0].id


def refuses_as_frozen(act: Callable[[], Any]) -> bool:
    with pytest.raises(Refused) as refused:
        act()
    return "item.frozen" in codes(refused)


def translated(world: World) -> tuple[str, str]:
    """Return an item that crossed to Kyiv, and the translation that was made of it there."""
    item = reproducing.cross(world)
    grant(world, item, "reader")
    task = reproducing.assign(world.kyiv, item, act="translate", language="uk")
    made = str(reproducing.deliver(world.kyiv, task).value["item"])
    grant(world, made, "reader")
    world.deliver()
    return item, made


# -- orders of a partner -------------------------------------------------------------------------------------


def test_who_reported_a_case_does_not_lift_its_freeze_because_a_partner_asks(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    kyiv.act("security", "freeze.answer", {"order": order(world, item, "freeze")})
    report(kyiv, item, by="security")
    lifting = order(world, item, "lift")
    with pytest.raises(Refused) as refused:
        kyiv.act("security", "freeze.answer", {"order": lifting})
    assert "office.same-person" in codes(refused)
    assert state(kyiv, "item", item) == "frozen" and state(kyiv, "freeze-order", lifting) == "asked"
    kyiv.act("head", "freeze.lift", {"item": item, "reason": "looked at by another"})
    kyiv.act("security", "freeze.answer", {"order": lifting})
    assert state(kyiv, "item", item) == "registered" and state(kyiv, "freeze-order", lifting) == "lifted"


def test_a_partner_does_not_lift_what_we_froze_ourselves(world: World) -> None:
    _, (item,) = cross(world)
    freeze(world.kyiv, item)
    answer = world.kyiv.act("security", "freeze.answer", {"order": order(world, item, "lift")})
    world.deliver()
    assert answer.value["outcome"] == "declined" and orders(world.tokyo, item) == ["declined"]
    assert state(world.kyiv, "item", item) == "frozen"


def test_lifting_the_freeze_of_one_copy_does_not_tell_the_partner_that_the_item_is_lifted(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    kyiv.act("security", "freeze.answer", {"order": order(world, item, "freeze")})
    world.deliver()
    freeze(kyiv, item, copy=the_copy(kyiv, item))
    lift(kyiv, item, copy=the_copy(kyiv, item))
    world.deliver()
    assert state(kyiv, "item", item) == "frozen"
    assert orders(kyiv, item) == orders(world.tokyo, item) == ["frozen"]
    lift(kyiv, item)
    world.deliver()
    assert orders(kyiv, item) == orders(world.tokyo, item) == ["lifted"]


# -- what was made from a frozen item ------------------------------------------------------------------------


def test_a_translation_is_frozen_and_lifted_with_its_item(world: World) -> None:
    item, made = translated(world)
    kyiv = world.kyiv
    freeze(kyiv, item)
    assert state(kyiv, "item", made) == "frozen"
    assert refuses_as_frozen(lambda: kyiv.read("reader", made, PURPOSE))
    assert refuses_as_frozen(lambda: kyiv.act("registrar", "destroy.propose", {"item": made, "method": "shred"}))
    assert refuses_as_frozen(lambda: lift(kyiv, made))
    lift(kyiv, item)
    assert kyiv.read("reader", made, PURPOSE) and kyiv.read("reader", item, PURPOSE)


def test_a_translation_is_frozen_with_its_item_when_the_originator_asks(world: World) -> None:
    item, made = translated(world)
    world.kyiv.act("security", "freeze.answer", {"order": order(world, item, "freeze")})
    assert refuses_as_frozen(lambda: world.kyiv.read("reader", made, PURPOSE))
    world.kyiv.act("security", "freeze.answer", {"order": order(world, item, "lift")})
    assert world.kyiv.read("reader", made, PURPOSE)


@pytest.mark.parametrize("first", ["translation", "item"])
def test_a_translation_that_was_frozen_for_itself_stays_frozen_when_its_item_is_lifted(
    world: World, first: str
) -> None:
    item, made = translated(world)
    for one in (made, item) if first == "translation" else (item, made):
        freeze(world.kyiv, one)
    lift(world.kyiv, item)
    assert state(world.kyiv, "item", item) == "registered"
    assert refuses_as_frozen(lambda: world.kyiv.read("reader", made, PURPOSE))
    lift(world.kyiv, made)
    assert world.kyiv.read("reader", made, PURPOSE)


def test_who_reported_a_case_about_a_translation_does_not_lift_it_with_its_item(world: World) -> None:
    item, made = translated(world)
    freeze(world.kyiv, item)
    report(world.kyiv, made, by="security")
    with pytest.raises(Refused) as refused:
        lift(world.kyiv, item)
    assert "office.same-person" in codes(refused)
    assert state(world.kyiv, "item", made) == "frozen"


def test_a_translation_is_frozen_by_its_item_also_after_that_was_returned(world: World) -> None:
    item, made = translated(world)
    world.kyiv.act("registrar", "return", {"item": item})
    freeze(world.kyiv, item)
    assert state(world.kyiv, "item", item) == "returned"
    assert refuses_as_frozen(lambda: world.kyiv.read("reader", made, PURPOSE))
    lift(world.kyiv, item)
    assert state(world.kyiv, "item", item) == "returned" and world.kyiv.read("reader", made, PURPOSE)


def test_what_was_made_of_a_translation_follows_the_nearest_freeze_that_is_left(world: World) -> None:
    item, made = translated(world)
    task = reproducing.assign(world.kyiv, made, act="translate", language="en")
    further = str(reproducing.deliver(world.kyiv, task).value["item"])
    for one in (item, made):
        freeze(world.kyiv, one)
    lift(world.kyiv, item)
    assert state(world.kyiv, "item", made) == state(world.kyiv, "item", further) == "frozen"
    lift(world.kyiv, made)
    assert state(world.kyiv, "item", made) == state(world.kyiv, "item", further) == "registered"


def test_nothing_is_made_from_a_frozen_item(world: World) -> None:
    item = reproducing.cross(world)
    grant(world, item, "reader")
    translation = reproducing.assign(world.kyiv, item, act="translate", language="uk")
    copying = reproducing.assign(world.kyiv, item, act="copy")
    freeze(world.kyiv, item)
    assert refuses_as_frozen(lambda: reproducing.deliver(world.kyiv, translation))
    assert refuses_as_frozen(lambda: world.kyiv.act("reader", "reproduce.finish", {"pages": 1, "task": copying}))


# -- a single copy -------------------------------------------------------------------------------------------


def test_an_item_of_which_only_a_frozen_copy_is_here_is_frozen(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    grant(world, item, "reader")
    freeze(kyiv, item, copy=the_copy(kyiv, item))
    assert refuses_as_frozen(lambda: kyiv.read("reader", item, PURPOSE))
    assert refuses_as_frozen(lambda: kyiv.act("registrar", "circulate", {"item": item, "person": "reader"}))
    assert refuses_as_frozen(lambda: kyiv.act("registrar", "return", {"item": item}))


def test_a_translation_of_which_the_only_copy_is_frozen_is_not_read(world: World) -> None:
    _, made = translated(world)
    freeze(world.kyiv, made, copy=the_copy(world.kyiv, made))
    assert refuses_as_frozen(lambda: world.kyiv.read("reader", made, PURPOSE))


def test_an_own_item_of_which_the_only_copy_is_frozen_does_not_leave(world: World) -> None:
    item = label(world.tokyo)
    freeze(world.tokyo, item, copy=the_copy(world.tokyo, item))
    with pytest.raises(Refused) as refused:
        release(world.tokyo, item)
        dispatch(world, [item])
    assert "item.frozen" in codes(refused)


def test_an_own_item_is_not_destroyed_while_a_copy_of_it_is_frozen(world: World) -> None:
    item = label(world.tokyo)
    freeze(world.tokyo, item, copy=the_copy(world.tokyo, item))
    assert refuses_as_frozen(
        lambda: world.tokyo.act("registrar", "destroy.propose", {"item": item, "method": "shred"})
    )


# -- what is here --------------------------------------------------------------------------------------------


def test_a_frozen_copy_is_on_the_list_for_a_crisis_and_in_the_inventory(world: World) -> None:
    _, (item,) = cross(world)
    kyiv = world.kyiv
    own = label(kyiv, level="EX-UKR:EXERCISE KALYNA")
    before = view(kyiv, "security", "view.crisis-list")["count"]
    for one in (item, own):
        freeze(kyiv, one, copy=the_copy(kyiv, one))
    assert view(kyiv, "security", "view.crisis-list")["count"] == before == 2
    for book in ("own", "JPN"):
        opened = kyiv.act("registrar", "inventory.open", {"book": book, "kind": "whole"}).value
        assert opened["expected"] == 1
        kyiv.act("registrar", "inventory.withdraw", {"inventory": opened["inventory"], "reason": "counted"})


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_frozen_copy_that_was_destroyed_in_a_crisis_is_entered(world: World, is_ours: bool) -> None:
    kyiv = world.kyiv
    item = label(kyiv, level="EX-UKR:EXERCISE KALYNA") if is_ours else cross(world)[1][0]
    copy = the_copy(kyiv, item)
    freeze(kyiv, item, copy=copy)
    entered = kyiv.act("registrar", "crisis.enter", {
        "circumstances": "c", "done_by": ["registrar"], "happened_at": "2026-09-01T00:00:00Z", "method": "burnt",
        "numbers": [copy], "ordered_by": "the duty officer",
    }).value
    kyiv.act("security", "crisis.confirm", {"crisis": entered["crisis"]})
    assert state(kyiv, "copy", copy) == state(kyiv, "item", item) == "destroyed"


def test_a_return_waits_for_a_frozen_copy(world: World) -> None:
    item = reproducing.cross(world, form="paper")
    (made,) = reproducing.copy_it(world, item, form="paper")
    world.deliver()
    world.tokyo.act("registrar", "return.ask", {"item": item, "party": "UKR", "reason": "back"})
    world.deliver()
    (asked,) = world.kyiv.registry.find("return-request", "item", item)
    world.kyiv.act("registrar", "return.answer", {"decline": False, "request": asked.id})
    freeze(world.kyiv, item, copy=made)
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert state(world.kyiv, "return-request", asked.id) == "answered"


# -- closed cases --------------------------------------------------------------------------------------------


def test_a_partner_does_not_reopen_a_case_of_ours(world: World) -> None:
    _, (item,) = cross(world)
    kyiv, tokyo = world.kyiv, world.tokyo
    case = report(kyiv, item)
    tell(kyiv, case)
    world.deliver()
    (theirs,) = tokyo.registry.books().every("incident-share")
    conclude(kyiv, case)
    share = share_of(kyiv, case).id
    kyiv.act("authority", "incident.final", {"share": share})
    world.deliver()
    tokyo.act("authority", "incident.reply", {"kind": "final-acknowledged", "share": theirs.id})
    world.deliver()
    assert state(kyiv, "incident", case) == "closed"
    send(tokyo, "UKR", IncidentReply(share, ReplyKind.REOPENED, BY, ("we open it again",)))
    world.deliver()
    assert state(kyiv, "incident", case) == "closed" and state(kyiv, "incident-share", share) == "settled"
    assert any("we open it again" in one["text"] for one in kyiv.registry.find("incident-note", "incident", case))
