"""The addressee behind the entry point: everything passes the registry, also what only one office may open."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.test_journey import CONTENT, PURPOSE, codes, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.records.registry import identify

OFFICE = "reader of the desk"
TITLE = "The only words of this title"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=661)


def send(world: World, *, form: str = "file", **named: Any) -> tuple[str, str]:
    """Dispatch one item to the registry, for `named` behind it; return it and its consignment, delivered."""
    item = label(world.tokyo, form=form, title=TITLE)
    release(world.tokyo, item)
    answer = world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire" if form == "file" else "carry", "purpose": PURPOSE,
        "recipient": "UKR", "registry": "registry-kyiv", **named,
    })
    world.deliver()
    return item, str(answer.value["consignment"])


def send_alone(world: World, form: str = "file") -> str:
    item, consignment = send(world, form=form, addressee=OFFICE, addressee_alone=True)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    return item


def view(player: Player, person: str, kind: str, **params: Any) -> Any:
    return VIEWS[kind](player.registry, identify(player.registry, player.request(person, kind, params)))


def entries(player: Player, item: str, act: str) -> list[dict[str, Any]]:
    return [one.body for one in player.registry.find("entry", "item", item) if one["act"] == act]


def pass_on(world: World, item: str, person: str, **more: Any) -> None:
    world.kyiv.act("registrar", "circulate.unopened", {"item": item, "person": person, **more})


def test_an_addressee_is_shown_where_it_is_counted_registered_and_circulated(world: World) -> None:
    item, consignment = send(world, addressee="Head of the dialogue")
    (line,) = view(world.kyiv, "registrar", "view.consignment", consignment=consignment)["items"]
    assert (line["addressee"], line["title"]) == ("Head of the dialogue", TITLE)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (entered,) = entries(world.kyiv, item, "registered")
    assert (entered["addressee"], entered["title"]) == ("Head of the dialogue", TITLE)
    (copy,) = view(world.kyiv, "registrar", "view.item", item=item)["copies"]
    assert copy["addressee"] == "Head of the dialogue"
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_the_addressee_stands_in_no_message_and_on_no_envelope(world: World) -> None:
    _, consignment = send(world, addressee=OFFICE, addressee_alone=True)
    seen = [bytes(world.kyiv.objects.contents[name]) for name in world.kyiv.objects.contents]
    record = world.kyiv.registry.record("consignment", consignment)
    assert record is not None
    assert all(OFFICE.encode() not in one and TITLE.encode() not in one for one in seen)
    assert OFFICE not in str(record.body) and TITLE not in str(record.body)


def test_what_only_its_addressee_opens_is_registered_by_its_outer_particulars(world: World) -> None:
    item, consignment = send(world, addressee=OFFICE, addressee_alone=True)
    (line,) = view(world.kyiv, "registrar", "view.consignment", consignment=consignment)["items"]
    assert (line["addressee"], line["addressee_alone"], line["title"]) == (OFFICE, True, "")
    assert line["level"] == "EX-JPN:EXERCISE SAKURA"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (entered,) = entries(world.kyiv, item, "registered")
    assert (entered["title"], entered["equivalent"]) == ("", "EX-UKR:EXERCISE BARVINOK")
    books = world.kyiv.registry.books()
    assert all(TITLE not in str(one.body) for kind in ("item", "copy", "entry", "consignment") for one in books.every(kind))


def test_nobody_opens_it_before_it_was_passed_on_and_afterwards_only_the_addressee(world: World) -> None:
    item = send_alone(world)
    grant(world, item, "reader")
    grant(world, item, "colleague")
    for person in ("reader", "colleague"):
        with pytest.raises(Refused) as closed:
            world.kyiv.read(person, item, PURPOSE)
        assert codes(closed) == {"access.no-need-to-know"}
        with pytest.raises(Refused):
            world.kyiv.act("registrar", "circulate", {"item": item, "person": person})
    pass_on(world, item, "reader")
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    with pytest.raises(Refused) as other:
        world.kyiv.read("colleague", item, PURPOSE)
    assert codes(other) == {"access.no-need-to-know"}
    with pytest.raises(Refused):
        world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})


def test_that_it_was_passed_on_unopened_is_entered_with_why_it_was_this_person(world: World) -> None:
    item = send_alone(world, form="paper")
    grant(world, item, "colleague")
    with pytest.raises(Malformed, match="post nor a function"):
        pass_on(world, item, "colleague")
    pass_on(world, item, "colleague", because="holds the desk while its reader is away")
    (entered,) = entries(world.kyiv, item, "passed-on-unopened")
    assert (entered["addressee"], entered["passed_to"]) == (OFFICE, "colleague")
    assert entered["because"] == "holds the desk while its reader is away"
    assert entries(world.tokyo, item, "passed-on-unopened") == []
    with pytest.raises(OutOfOrder, match="in hand"):
        pass_on(world, item, "reader", because="no")


def test_passing_on_unopened_needs_all_that_reading_needs_and_nothing_stays_of_a_refusal(world: World) -> None:
    item = send_alone(world)
    with pytest.raises(Refused) as needless:
        pass_on(world, item, "reader")
    assert codes(needless) == {"access.no-need-to-know", "access.purpose-missing", "access.other-purpose"}
    grant(world, item, "junior")
    with pytest.raises(Refused):
        pass_on(world, item, "junior", because="asked for it")
    record = world.kyiv.registry.record("item", item)
    assert record is not None and record["readers"] == []
    with pytest.raises(Refused):
        world.kyiv.act("head", "circulate.unopened", {"item": item, "person": "reader"})


def test_what_anybody_with_the_need_may_open_is_not_passed_on_unopened(world: World) -> None:
    item, consignment = send(world, addressee=OFFICE)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    grant(world, item, "reader")
    with pytest.raises(OutOfOrder, match="only its addressee"):
        pass_on(world, item, "reader")


def test_nobody_is_shut_out_without_saying_for_whom(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    with pytest.raises(Malformed, match="nobody is named"):
        world.tokyo.act("registrar", "dispatch", {
            "addressee_alone": True, "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE,
            "recipient": "UKR", "registry": "registry-kyiv",
        })
    assert dispatch(world, [item])


def test_a_copy_that_comes_closed_after_one_that_was_open_shuts_nobody_out(world: World) -> None:
    item, consignment = send(world)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    grant(world, item, "reader")
    again = world.tokyo.act("registrar", "dispatch", {
        "addressee": OFFICE, "addressee_alone": True, "agreement": AGREEMENT, "items": [item], "link": "wire",
        "another_copy": True,
        "purpose": PURPOSE, "recipient": "UKR", "registry": "registry-kyiv",
    }).value["consignment"]
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": again, "counted": 1})
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
