"""Lies about reproductions: reported copies that are none, and what a stranger or a partner learns from trying."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.world.forging import forge, refusal_in, tell
from tests.world.reproducing import assign, copy_it, cross, deliver, held
from tests.world.test_journey import PURPOSE, codes, grant, label
from tests.world.world import World

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused
from cordiale.message.bodies.copy_report import CopyReport, MadeCopy
from cordiale.model.agreement import Act
from cordiale.model.names import CopyId, ItemId
from cordiale.records.items import COPY, ITEM


@pytest.fixture(scope="module")
def world() -> World:
    return World.in_force(seed=21)


def report(item: str, copy: str, *made: str, act: Act = Act.COPY) -> CopyReport:
    return CopyReport(
        ItemId(item), CopyId(copy), act, tuple(MadeCopy(CopyId(one), 1, 1) for one in made), date(2026, 9, 1), "Art. 10",
    )


def refused(world: World, body: CopyReport, number: int) -> tuple[str, str]:
    forged = forge(world.kyiv, world.tokyo, body, seq=900_000 + number, id=f"forged-{number}")
    refusal = refusal_in(tell(world.kyiv, world.tokyo, forged))
    return refusal.code, refusal.text


def test_a_partner_reports_no_copy_of_what_it_does_not_have_and_learns_not_what_there_is(world: World) -> None:
    crossed, kept = cross(world), label(world.tokyo)
    answers = [
        refused(world, report(kept, f"{kept}.0", f"{kept}.0.1"), 1),
        refused(world, report("jpn.act.nothing", "jpn.act.nothing.c1", "jpn.act.nothing.c1.1"), 2),
        refused(world, report(crossed, f"{crossed}.0", f"{crossed}.0.1"), 3),
        refused(world, report(kept, f"{crossed}.c1", f"{crossed}.c1.1"), 4),
    ]
    assert {code for code, _ in answers} == {"copy.not-with-partner"}
    assert len(set(answers)) == 1
    assert world.tokyo.registry.record(COPY, f"{kept}.0.1") is None


def test_a_reported_copy_cannot_be_reported_again_nor_take_the_place_of_another(world: World) -> None:
    item = cross(world)
    (copy,) = copy_it(world, item)
    world.deliver()
    before = held(world.tokyo, copy).body
    assert refused(world, report(item, f"{item}.c1", copy), 11)[0] == "copy-report.known"
    assert held(world.tokyo, copy).body == before
    with pytest.raises(Malformed, match="does not descend"):
        report(item, f"{item}.c1", f"{item}.c2")
    with pytest.raises(Malformed, match="does not descend"):
        report(item, f"{item}.c1", f"{item}.c1")
    with pytest.raises(Malformed, match="each once"):
        report(item, f"{item}.c1", f"{item}.c1.1", f"{item}.c1.1")
    with pytest.raises(Malformed, match="each once"):
        report(item, f"{item}.c1", f"{item}.c1.1", act=Act.DESTROY)


def test_a_stranger_learns_of_no_item_by_trying_to_reproduce_it(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item)
    tries: list[tuple[str, dict[str, Any]]] = [
        ("reproduce.assign", {"act": "copy", "item": item, "purpose": PURPOSE}),
        ("reproduce.assign", {"act": "copy", "item": "jpn.act.nothing", "purpose": PURPOSE}),
        ("reproduce.finish", {"task": task}), ("reproduce.finish", {"task": "act.nothing"}),
        *(("reproduce.witness", {"binding": "none", "task": one}) for one in (task, "act.nothing")),
        ("reproduce.withdraw", {"task": task}), ("reproduce.withdraw", {"task": "act.nothing"}),
    ]
    answers = []
    for kind, params in tries:
        with pytest.raises(Refused) as raised:
            world.kyiv.act("colleague", kind, params)
        answers.append(codes(raised))
    assert all(answer == {"access.no-need-to-know"} for answer in answers)
    for name in (task, "act.nothing"):
        with pytest.raises(OutOfOrder, match="expected from you"):
            deliver(world.kyiv, name, maker="colleague")


def test_a_translation_is_no_way_around_who_may_read(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language="uk")
    derived = str(deliver(world.kyiv, task).value["item"])
    for person in ("colleague", "junior", "foreigner"):
        with pytest.raises(Refused):
            world.kyiv.read(person, derived, PURPOSE)
    world.kyiv.act("head", "need.grant", {"item": derived, "person": "junior", "purpose": PURPOSE})
    with pytest.raises(Refused) as junior:
        world.kyiv.read("junior", derived, PURPOSE)
    assert "access.clearance-too-low" in codes(junior)
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "pass-on", {"item": derived, "purpose": PURPOSE, "recipient": "POL"})
    found = world.kyiv.registry.record(ITEM, derived)
    assert found is not None and found["origin_party"] == "JPN"


def test_a_task_is_not_turned_to_another_copy_act_or_number_by_who_finishes_it(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item)
    for more in ({"number": 5}, {"copy": f"{item}.c1"}, {"act": "copy"}, {"recipients": ["junior"]}):
        with pytest.raises(CordialeError):
            world.kyiv.act("reader", "reproduce.finish", {"task": task, **more})
    translated = assign(world.kyiv, item, act="translate", language="uk")
    with pytest.raises(OutOfOrder, match="delivered"):
        world.kyiv.act("reader", "reproduce.finish", {"task": translated})
    with pytest.raises(OutOfOrder, match="expected from you"):
        deliver(world.kyiv, task)
