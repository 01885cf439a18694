"""What the layers let nobody do alone: others join exactly that before, once, and each meets what is asked of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.organising import sign_newer
from tests.world.people import HEADER, row
from tests.world.test_consent import answer, ask, shared_with_poland
from tests.world.test_emergency import BY, LAW, due, open_duties
from tests.world.test_erasing import say
from tests.world.test_journey import PURPOSE, codes, cross, dispatch, grant, label, release
from tests.world.test_transfer_away import order
from tests.world.world import Player, World

from cordiale.errors import Malformed, Refused
from cordiale.journey.read import RoomReading, open_for_room, require_readable
from cordiale.model.agreement import Act, ActRule, Ruling, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.records.registry import identify
from cordiale.records.reproductions import task_binding

SAKURA = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=1501)


def two(act: str) -> dict[str, Any]:
    return {"act": act, "article": "Order 3", "level": SAKURA, "persons": 2, "ruling": "allowed"}


def join(player: Player, person: str, act: str, item: str, doer: str, **said: str) -> None:
    player.act(person, "join", {"act": act, "doer": doer, "item": item, **said})


def test_two_readers_read_together_and_one_alone_never(world: World) -> None:
    _, (item,) = cross(world)
    order(world, two("read"))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    with pytest.raises(Refused) as alone:
        world.kyiv.read("reader", item, PURPOSE)
    assert codes(alone) == {"ruling.persons-together"}
    with pytest.raises(Refused):
        join(world.kyiv, "junior", "read", item, "reader", purpose=PURPOSE)
    with pytest.raises(Refused) as self_joined:
        join(world.kyiv, "reader", "read", item, "reader", purpose=PURPOSE)
    assert codes(self_joined) == {"join.same-person"}
    join(world.kyiv, "colleague", "read", item, "reader", purpose=PURPOSE)
    assert world.kyiv.read("reader", item, PURPOSE)
    (read,) = bodies(world.kyiv, "grant").values()
    assert read["joined_by"] == ["colleague"]
    # It served once, for that reader alone.
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)
    join(world.kyiv, "colleague", "read", item, "reader", purpose=PURPOSE)
    with pytest.raises(Refused):
        world.kyiv.read("colleague", item, PURPOSE)
    world.clock.advance(hours=25)
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)


def test_a_thing_is_charged_out_and_handed_over_to_one_whom_a_second_has_joined(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    order(world, two("read"))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    with pytest.raises(Refused) as alone:
        world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    assert codes(alone) == {"ruling.persons-together"}
    join(world.kyiv, "colleague", "circulate", item, "reader", purpose=PURPOSE)
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    (custody,) = bodies(world.kyiv, "custody").values()
    assert custody["joined_by"] == ["colleague"]
    with pytest.raises(Refused):
        world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    join(world.kyiv, "reader", "circulate", item, "colleague", purpose=PURPOSE)
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "reader"})
    with pytest.raises(Refused) as withdrawn:
        world.kyiv.act("colleague", "circulate.confirm", {"item": item})
    assert codes(withdrawn) == {"ruling.persons-together"}
    grant(world, item, "reader")
    world.kyiv.act("colleague", "circulate.confirm", {"item": item})
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    assert "recover-item" in open_duties(world.kyiv) and audit(world.kyiv).findings == []
    world.kyiv.act("colleague", "circulate.back", {"item": item})
    assert "recover-item" not in open_duties(world.kyiv)


def test_what_takes_two_to_read_is_made_by_two_who_may_both_read_it(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    order(world, two("read"))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    world.kyiv.act("registrar", "device.register", {
        "device": "printer-1", "kind": "printer", "level": "EX-UKR:EXERCISE BARVINOK",
    })
    assigned = world.kyiv.act("registrar", "reproduce.assign", {
        "act": "copy", "device": "printer-1", "form": "paper", "item": item, "maker": "reader", "purpose": PURPOSE,
        "recipients": ["colleague"],
    }).value
    assert len(assigned["waits_for"]) == 1
    with pytest.raises(Refused) as alone:
        world.kyiv.act("reader", "reproduce.finish", {"task": assigned["task"]})
    assert codes(alone) == {"reproduction.too-few-persons"}
    found = world.kyiv.registry.record("reproduction", assigned["task"])
    assert found is not None
    signed = {"binding": task_binding(world.kyiv.registry.mode, world.kyiv.registry.books(), found),
              "task": assigned["task"]}
    with pytest.raises(Refused) as other:
        world.kyiv.act("registrar", "reproduce.witness", signed)
    assert "access.no-need-to-know" in codes(other)
    world.kyiv.act("colleague", "reproduce.witness", signed)
    made = world.kyiv.act("reader", "reproduce.finish", {"task": assigned["task"]}).value
    assert len(made["copies"]) == 1


def test_a_reading_that_was_joined_ends_for_both_when_either_may_not_read_any_more(world: World) -> None:
    _, (item,) = cross(world)
    order(world, two("read"))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    join(world.kyiv, "colleague", "read", item, "reader", purpose=PURPOSE)
    asked = world.kyiv.request("reader", "read.open", {"item": item, "purpose": PURPOSE})
    answer = open_for_room(world.kyiv.registry, identify(world.kyiv.registry, asked)).answer.value
    reading = RoomReading("reader", item, answer["copy"], PURPOSE, tuple(answer["joined_by"]))
    assert require_readable(world.kyiv.registry, reading).person.id == "reader"
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "colleague"})
    with pytest.raises(Refused) as second:
        require_readable(world.kyiv.registry, reading)
    assert codes(second) == {"ruling.persons-together"}
    grant(world, item, "colleague")
    require_readable(world.kyiv.registry, reading)
    world.kyiv.act("security", "people.leave", {"person": "colleague"})
    with pytest.raises(Refused):
        require_readable(world.kyiv.registry, reading)


def test_an_item_is_passed_on_by_two_word_for_word_as_the_second_signed(world: World) -> None:
    item = shared_with_poland(world)
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    order(world, {**two("pass-on"), "ruling": "with-consent"})
    asked = {"item": item, "purpose": PURPOSE, "recipient": "POL"}
    join(world.kyiv, "security", "pass-on", item, "registrar", purpose="another purpose", recipient="POL")
    with pytest.raises(Refused) as alone:
        world.kyiv.act("registrar", "pass-on", asked)
    assert codes(alone) == {"ruling.persons-together"}
    with pytest.raises(Refused):
        join(world.kyiv, "reader", "pass-on", item, "registrar", purpose=PURPOSE, recipient="POL")
    join(world.kyiv, "security", "pass-on", item, "registrar", purpose=PURPOSE, recipient="POL")
    world.kyiv.act("registrar", "pass-on", asked)
    (passed,) = bodies(world.kyiv, "pass-on").values()
    assert passed["joined_by"] == ["security"] and audit(world.kyiv).findings == []


def test_what_leaves_by_a_link_that_takes_two_leaves_when_the_second_has_joined(world: World) -> None:
    sign_newer(world, acts=(ActRule(Act.WIRE, Ruling.ALLOWED, "Art. 8(2)", level=LevelRef("EX-JPN", "EXERCISE SAKURA"),
                                    persons=2),))
    item = label(world.tokyo)
    release(world.tokyo, item)
    with pytest.raises(Refused) as alone:
        dispatch(world, [item])
    assert codes(alone) == {"ruling.persons-together"}
    join(world.tokyo, "security", "dispatch", item, "registrar", link="wire", purpose=PURPOSE, recipient="UKR")
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert [one["state"] for one in bodies(world.tokyo, "joined").values()] == ["used"]
    assert list_differences(world) == []


def test_an_emergency_is_decided_by_as_many_as_the_article_names_each_with_the_function(world: World) -> None:
    header = HEADER.strip() + ",functions\n"
    world.kyiv.enter_people(header + "".join(
        row(id, f"Chief {id}", "UKR", "head", "BARVINOK").strip() + ",agency-head\n" for id in ("chief", "deputy")
    ))
    _, (item,) = cross(world)
    say(world.kyiv, Term("emergency.by", LAW, 2, TermUnit.COUNT, note=BY.note))
    asked = {"circumstances": "a threat to a convoy", "count": 3, "item": item}
    with pytest.raises(Refused) as alone:
        world.kyiv.act("chief", "emergency.disclose", asked)
    assert codes(alone) == {"emergency.persons-together"}
    with pytest.raises(Refused) as other:
        join(world.kyiv, "head", "emergency", item, "chief", circumstances="a threat to a convoy")
    assert codes(other) == {"emergency.other-person"}
    join(world.kyiv, "deputy", "emergency", item, "chief", circumstances="a threat to a convoy")
    world.kyiv.act("chief", "emergency.disclose", asked)
    world.deliver()
    assert due(world.tokyo)["owner"] == "UKR" and "emergency-told" in open_duties(world.tokyo)
    (told,) = bodies(world.kyiv, "emergency").values()
    assert told["joined_by"] == ["deputy"]
    (at_tokyo,) = bodies(world.tokyo, "emergency").values()
    assert "joined_by" not in at_tokyo


def test_whoever_lost_the_right_after_joining_stands_behind_nothing(world: World) -> None:
    _, (item,) = cross(world)
    order(world, two("read"))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    join(world.kyiv, "colleague", "read", item, "reader", purpose=PURPOSE)
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "colleague"})
    with pytest.raises(Refused) as withdrawn:
        world.kyiv.read("reader", item, PURPOSE)
    assert codes(withdrawn) == {"ruling.persons-together"}
    grant(world, item, "colleague")
    assert world.kyiv.read("reader", item, PURPOSE)


def test_an_office_that_was_withdrawn_after_joining_stands_behind_no_dispatch(world: World) -> None:
    sign_newer(world, acts=(ActRule(Act.WIRE, Ruling.ALLOWED, "Art. 8(2)", level=LevelRef("EX-JPN", "EXERCISE SAKURA"),
                                    persons=2),))
    item = label(world.tokyo)
    release(world.tokyo, item)
    join(world.tokyo, "head", "dispatch", item, "registrar", link="wire", purpose=PURPOSE, recipient="UKR")
    world.tokyo.act("security", "people.leave", {"person": "head"})
    with pytest.raises(Refused) as left:
        dispatch(world, [item])
    assert codes(left) == {"ruling.persons-together"}


def test_whoever_may_not_join_learns_not_who_there_is(world: World) -> None:
    _, (item,) = cross(world)
    order(world, two("read"))
    told = []
    for doer in ("reader", "nobody-of-that-name"):
        with pytest.raises(Refused) as refused:
            join(world.kyiv, "registrar", "read", item, doer, purpose=PURPOSE)
        told.append(codes(refused))
    assert told[0] == told[1]


def test_what_cannot_be_joined_and_what_is_said_of_too_little_is_malformed(world: World) -> None:
    _, (item,) = cross(world)
    for act, said in (("destroy", {"purpose": PURPOSE}), ("read", {}), ("read", {"purpose": PURPOSE, "link": "wire"})):
        with pytest.raises(Malformed):
            join(world.kyiv, "security", act, item, "registrar", **said)
