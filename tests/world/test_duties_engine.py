"""Duties are reminded of, brought before others and asked for again by the books' own clock, and none is lost or told twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.test_audit import audit
from tests.world.test_journey import dispatch, label, release
from tests.world.world import Player, World

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Undecidable
from cordiale.model.person import Office
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record
from cordiale.records.session import ActSession
from cordiale.work import falling_due
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=61)


def do(player: Player, perform: Any, id: str) -> None:
    """Let `perform` write inside an act of the node."""

    def run(session: ActSession) -> dict[str, Any]:
        perform(session)
        return {}

    player.registry.ledger.commit(Act(id, "test", "node", INTERNAL, run))


def opened(player: Player, id: str, due: Any, what: str = "remember") -> None:
    do(player, lambda session: open_duty(
        session, id, what=what, owner=player.party, subject=f"about {id}", due=due,
    ), f"open.{id}")


def duty(player: Player, id: str) -> Record:
    record = player.registry.record(DUTY, id)
    assert record is not None
    return record


def listed(player: Player, person: str, **asked: Any) -> list[str]:
    return [row["duty"] for row in view(player, person, "view.duties", **asked)["duties"] if "duty" in row]


def test_a_duty_is_reminded_of_overdue_and_brought_before_another_office_each_once(world: World) -> None:
    now = world.clock.at
    opened(world.tokyo, "one", Due(
        now + timedelta(hours=48), remind_before=timedelta(hours=24), escalate_after=timedelta(hours=8),
        office=Office.REGISTRAR, escalate_to=Office.HEAD, basis="Art. 5",
    ))
    told = []
    for _ in range(8):
        told.append(chase_due(world.tokyo.registry))
        world.clock.advance(hours=12)
    assert told == [0, 0, 1, 0, 1, 1, 0, 0]
    found = duty(world.tokyo, "one")
    assert found["falls_to"] == ["registrar", "head"] and "wakes" not in found.body
    assert (found["reminded_at"], found["overdue_at"], found["escalated_at"]) == (
        "2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z", "2026-09-03T21:00:00Z",
    )
    assert listed(world.tokyo, "head", only="mine") == ["one"]
    assert audit(world.tokyo).findings == []


def test_a_node_that_was_off_for_a_month_raises_all_that_fell_due_each_once(world: World) -> None:
    today = world.clock.at.date()
    for number in range(250):
        opened(world.tokyo, f"d{number:03}", Due(
            today + timedelta(days=number % 50), remind_before=timedelta(days=2),
        ))
    world.clock.advance(days=30)
    world.tokyo.reopen()
    assert chase_due(world.tokyo.registry) == 250 - 5 * 18
    raised = [number for number in range(250) if "overdue_at" in duty(world.tokyo, f"d{number:03}").body]
    assert raised == [number for number in range(250) if number % 50 < 30]
    versions = {number: duty(world.tokyo, f"d{number:03}").version for number in range(250)}
    assert chase_due(world.tokyo.registry) == 0
    assert versions == {number: duty(world.tokyo, f"d{number:03}").version for number in range(250)}
    assert audit(world.tokyo).findings == []


def test_a_clock_set_back_loses_no_duty_and_raises_none_again(world: World) -> None:
    opened(world.tokyo, "one", world.clock.at + timedelta(hours=10))
    chase_due(world.tokyo.registry)
    world.clock.advance(hours=11)
    assert chase_due(world.tokyo.registry) == 1
    world.clock.jump(hours=-9)
    with pytest.raises(Undecidable):
        chase_due(world.tokyo.registry)
    world.clock.jump(hours=9)
    world.tokyo.registry.ledger.confirm_clock()
    assert chase_due(world.tokyo.registry) == 0
    assert duty(world.tokyo, "one")["overdue_at"] == "2026-09-01T20:00:00Z"


def test_a_dated_thing_becomes_a_duty_on_its_day_and_what_belongs_to_it_is_done_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(falling_due, "BEGINS", {})
    monkeypatch.setattr("cordiale.work.chaser.BEGINS", {"remember": lambda _, __, duty: begun.append(duty.id)})
    day = world.clock.at.date() + timedelta(days=10)
    opened(world.tokyo, "review", Due(day, opens_on=day))
    assert listed(world.tokyo, "registrar") == []
    world.clock.advance(days=9)
    assert chase_due(world.tokyo.registry) == 0
    world.clock.advance(days=1)
    assert chase_due(world.tokyo.registry) == 1 and begun == ["review"]
    assert chase_due(world.tokyo.registry) == 0 and begun == ["review"]
    assert listed(world.tokyo, "registrar", only="today") == ["review"]


def test_a_held_consignment_that_nobody_registers_is_brought_before_the_security_officer(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    chase_due(world.kyiv.registry)
    (row,) = [one for one in view(world.kyiv, "registrar", "view.duties")["duties"] if one["subject"] == consignment]
    assert row["due"] > row["since"][:10] and row["about"].startswith("JPN-OUT-UKR-")
    world.clock.advance(days=60)
    assert chase_due(world.kyiv.registry) == 1
    assert listed(world.kyiv, "security", only="mine") == [f"register.{consignment}"]
    assert listed(world.kyiv, "registrar", only="overdue") == [f"register.{consignment}"]
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert listed(world.kyiv, "registrar") == []
    done = duty(world.kyiv, f"register.{consignment}")
    assert done["state"] == "done" and done["proof"]


def test_what_a_person_entered_comes_again_when_it_was_settled(world: World) -> None:
    due = (world.clock.at.date() + timedelta(days=20)).isoformat()
    asked = {"about": "crisis drill", "due": due, "office": "security-officer", "remind_days": 5, "repeat_months": 36}
    id = str(world.tokyo.act("security", "duty.add", asked).value["duty"])
    for person, error in (("head", Refused), ("originator", Refused)):
        with pytest.raises(error):
            world.tokyo.act(person, "duty.settle", {"duty": id, "proof": "report 7"})
    world.tokyo.act("security", "duty.settle", {"duty": id, "proof": "report 7"})
    with pytest.raises(OutOfOrder):
        world.tokyo.act("security", "duty.settle", {"duty": id, "proof": "report 7"})
    (following,) = listed(world.tokyo, "security", only="mine")
    assert duty(world.tokyo, following)["due"] == "2029-09-21"
    rows = view(world.tokyo, "security", "view.duties", subject="crisis drill")["duties"]
    assert {(row["state"], row.get("proof")) for row in rows} == {("done", "report 7"), ("open", None)}
    with pytest.raises(Malformed):
        world.tokyo.act("security", "duty.add", {**asked, "due": "2026-08-31"})
    with pytest.raises(Refused):
        world.tokyo.act("originator", "duty.add", asked)


def test_what_a_proof_discharges_nobody_s_word_does(world: World) -> None:
    opened(world.tokyo, "one", None, what="receipt")
    with pytest.raises(OutOfOrder) as raised:
        world.tokyo.act("registrar", "duty.settle", {"duty": "one", "proof": "they said so"})
    assert raised.value.code == "duty.by-itself" and duty(world.tokyo, "one")["state"] == "open"


def test_pages_show_each_duty_once_and_to_none_but_those_it_falls_to(world: World) -> None:
    today = world.clock.at.date()
    for number in range(23):
        office = Office.HEAD if number % 3 else Office.SECURITY_OFFICER
        opened(world.tokyo, f"d{number:02}", Due(today + timedelta(days=number // 4), office=office))
    opened(world.tokyo, "undated", Due(office=Office.HEAD))
    found, after = [], {}
    while True:
        page = view(world.tokyo, "head", "view.duties", count=5, **after)
        found += [row["duty"] for row in page["duties"] if "duty" in row]
        if not page["next"]:
            break
        after = {"after": page["next"]}
    assert found == [f"d{number:02}" for number in range(23) if number % 3] + ["undated"]
    assert listed(world.tokyo, "originator") == []
    assert sorted(listed(world.tokyo, "registrar")) == [*(f"d{number:02}" for number in range(23)), "undated"]
    with pytest.raises(Malformed):
        view(world.tokyo, "head", "view.duties", after="nonsense")


def test_one_duty_that_fails_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(registry: Any, session: ActSession, duty: Record) -> None:
        if duty.id == "b":
            raise OutOfOrder("test.fails", "it fails", hint="")

    monkeypatch.setattr("cordiale.work.chaser.BEGINS", {"remember": fail})
    day = world.clock.at.date()
    for id in ("a", "b", "c"):
        opened(world.tokyo, id, Due(day, opens_on=day))
    with pytest.raises(CordialeError, match="it fails"):
        chase_due(world.tokyo.registry)
    assert [duty(world.tokyo, id)["state"] for id in ("a", "b", "c")] == ["open", "planned", "open"]


def test_a_duty_that_was_discharged_wakes_nobody(world: World) -> None:
    opened(world.tokyo, "one", world.clock.at + timedelta(hours=1))
    do(world.tokyo, lambda session: discharge(session, "one", "done in time"), "discharge.one")
    world.clock.advance(days=3)
    assert chase_due(world.tokyo.registry) == 0
    found = duty(world.tokyo, "one")
    assert found["proof"] == "done in time" and "overdue_at" not in found.body


def again(player: Player, id: str, due: Any, number: int = 2, **other: Any) -> None:
    said = {"owner": player.party, "subject": f"about {id}", "what": "remember", **other}
    do(player, lambda session: open_duty(session, id, due=due, **said), f"open.{id}.{number}")


def test_an_open_duty_is_never_put_off_by_one_of_its_name(world: World) -> None:
    tokyo, today = world.tokyo, world.clock.at.date()
    opened(tokyo, "one", Due(today + timedelta(days=3), office=Office.HEAD, remind_before=timedelta(days=1), basis="Art. 5"))
    before = duty(tokyo, "one")
    world.clock.advance(days=1)
    for number, later in enumerate((None, today + timedelta(days=9), Due(opens_on=today + timedelta(days=30)))):
        again(tokyo, "one", Due(later) if not isinstance(later, Due) else later, number)
    kept = duty(tokyo, "one")
    times = ("due", "opened_at", "remind_at", "state", "wakes", "basis")
    assert {name: kept[name] for name in times} == {name: before[name] for name in times}
    assert kept["falls_to"] == ["head", "registrar"], "who sees to either sees to it"
    again(tokyo, "one", Due(today + timedelta(days=2), basis="Art. 6"), 4)
    earlier = duty(tokyo, "one")
    assert (earlier["due"], earlier["basis"]) == ((today + timedelta(days=2)).isoformat(), "Art. 5; Art. 6")
    again(tokyo, "one", today + timedelta(days=2), 5)
    assert duty(tokyo, "one").version == earlier.version, "what says nothing new writes nothing"
    again(tokyo, "one", Due(today + timedelta(days=20), is_moved=True), 6)
    assert duty(tokyo, "one")["due"] == (today + timedelta(days=20)).isoformat()
    assert audit(tokyo).findings == []


def test_a_duty_that_is_planned_begins_with_the_first_that_is_due_and_a_done_one_begins_anew(world: World) -> None:
    tokyo, today = world.tokyo, world.clock.at.date()
    opened(tokyo, "two", Due(today + timedelta(days=40), opens_on=today + timedelta(days=30)))
    again(tokyo, "two", Due(opens_on=today + timedelta(days=20)))
    assert duty(tokyo, "two")["opens_on"] == (today + timedelta(days=20)).isoformat()
    assert duty(tokyo, "two")["due"] == (today + timedelta(days=40)).isoformat()
    again(tokyo, "two", None, 3)
    assert duty(tokyo, "two")["state"] == "open" and "opens_on" not in duty(tokyo, "two").body
    do(tokyo, lambda session: discharge(session, "two", "done"), "done")
    again(tokyo, "two", None, 4)
    assert duty(tokyo, "two")["state"] == "open" and "due" not in duty(tokyo, "two").body


@pytest.mark.parametrize("other", [{"owner": "UKR"}, {"subject": "another"}, {"what": "receipt"}])
def test_an_open_duty_never_becomes_that_of_another_or_about_something_else(world: World, other: dict[str, str]) -> None:
    opened(world.tokyo, "three", None)
    with pytest.raises(OutOfOrder) as refused:
        again(world.tokyo, "three", None, **other)
    assert refused.value.code == "duty.other" and duty(world.tokyo, "three").version == 1
