"""In an emergency: only where an article says who, told to the originator at once, and reported afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies, list_differences
from tests.world.people import HEADER, row
from tests.world.test_erasing import say
from tests.world.test_journey import PURPOSE, codes, cross, grant, label
from tests.world.test_level_change import open_duties, refusals, send
from tests.world.world import Player, World

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.message.bodies.emergency_notice import EmergencyNotice
from cordiale.message.bodies.emergency_report import STATEMENTS, EmergencyReport
from cordiale.model.agreement import Term, TermUnit
from cordiale.model.names import ItemId
from cordiale.work.chaser import chase_due

LAW = "Exercise Order 9, s. 2"
BY = Term("emergency.by", LAW, 1, TermUnit.COUNT, note="agency-head")
SOON = Term("emergency.report", LAW, 72, TermUnit.HOURS)
LATEST = Term("emergency.report-latest", LAW, 30, TermUnit.CALENDAR_DAYS)
REPORT = {name: f"exercise {name}" for name in STATEMENTS}


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=931)
    header = HEADER.strip() + ",functions\n"
    world.kyiv.enter_people(header + row("chief", "Chief K", "UKR", "head", "BARVINOK").strip() + ",agency-head\n")
    return world


def disclose(world: World, item: str, by: str = "chief", *, player: Player | None = None) -> str:
    params = {"circumstances": "a threat to a convoy", "count": 3, "item": item}
    return str((player or world.kyiv).act(by, "emergency.disclose", params).value["disclosure"])


def report(world: World, disclosure: str, by: str = "chief") -> None:
    world.kyiv.act(by, "emergency.report", {"disclosure": disclosure, **REPORT})
    world.deliver()


def due(player: Player) -> Any:
    (duty,) = [one for one in bodies(player, "duty").values() if one["what"] == "emergency-report"]
    return duty


def test_without_an_article_nobody_may_whatever_their_office(world: World) -> None:
    _, (item,) = cross(world)
    for person in ("chief", "head", "authority"):
        with pytest.raises(Refused) as refused:
            disclose(world, item, person)
        assert codes(refused) == {"emergency.not-permitted"}
    assert not bodies(world.kyiv, "emergency") and "emergency-report" not in open_duties(world.kyiv)


def test_only_whom_the_article_names_may_and_only_in_office(world: World) -> None:
    _, (item,) = cross(world)
    say(world.kyiv, BY)
    with pytest.raises(Refused) as other:
        disclose(world, item, "head")
    assert codes(other) == {"emergency.other-person"} and LAW in str(other.value.decision.reasons[0])
    grant(world, item, "reader")
    with pytest.raises(Refused) as reader:
        disclose(world, item, "reader")
    assert {"office.not-held", "emergency.other-person"} <= codes(reader)
    with pytest.raises(Refused) as stranger:
        disclose(world, item, "colleague")
    assert codes(stranger) == {"access.no-need-to-know"}


def test_the_originator_is_told_at_once_and_the_report_is_due_by_the_articles_clock(world: World) -> None:
    _, (item,) = cross(world)
    say(world.kyiv, BY, SOON, LATEST)
    disclosure = disclose(world, item)
    at = parse_instant(bodies(world.kyiv, "emergency")[disclosure]["at"])
    assert parse_instant(due(world.kyiv)["due_at"]) == at + timedelta(hours=72)
    world.deliver()
    told = bodies(world.tokyo, "emergency")[disclosure]
    assert (told["item"], told["count"], told["article"], told["state"]) == (item, 3, LAW, "told")
    assert {"emergency-report", "emergency-told"} <= open_duties(world.tokyo)
    assert due(world.tokyo)["owner"] == "UKR" and due(world.tokyo)["due_at"] == due(world.kyiv)["due_at"]
    world.clock.advance(days=31)
    chase_due(world.kyiv.registry)
    assert "head" in due(world.kyiv)["falls_to"]


def test_the_report_says_six_things_and_discharges_the_duty_at_both(world: World) -> None:
    _, (item,) = cross(world)
    say(world.kyiv, BY, SOON)
    disclosure = disclose(world, item)
    world.deliver()
    with pytest.raises(Malformed):
        world.kyiv.act("chief", "emergency.report", {"disclosure": disclosure, **{**REPORT, "debriefed": ""}})
    report(world, disclosure)
    for player in world.players:
        (record,) = bodies(player, "emergency").values()
        assert record["state"] == "reported" and {name: record["report"][name] for name in STATEMENTS} == REPORT
        assert "emergency-report" not in open_duties(player)
    assert "by" not in bodies(world.tokyo, "emergency")[disclosure]["report"]
    with pytest.raises(OutOfOrder):
        report(world, disclosure)
    shown = view(world.tokyo, "security", "view.emergencies")["emergencies"]
    assert [one["disclosure"] for one in shown] == [disclosure]
    assert list_differences(world) == [] and audit(world.kyiv).findings == [] == audit(world.tokyo).findings


def test_a_disclosure_opens_nothing_to_whoever_made_it(world: World) -> None:
    _, (item,) = cross(world)
    say(world.kyiv, BY)
    disclose(world, item)
    with pytest.raises(Refused) as refused:
        world.kyiv.read("chief", item, PURPOSE)
    assert "access.no-need-to-know" in codes(refused)


def test_of_our_own_item_national_law_says_who_may_and_our_own_authority_sees_to_it(world: World) -> None:
    own = label(world.kyiv, level="EX-UKR:EXERCISE KALYNA", release_to=[])
    with pytest.raises(Refused) as refused:
        disclose(world, own)
    assert codes(refused) == {"emergency.not-permitted"}
    say(world.kyiv, BY, SOON)
    disclosure = disclose(world, own)
    assert {"emergency-report", "emergency-told"} <= open_duties(world.kyiv)
    assert due(world.kyiv)["owner"] == "UKR" and due(world.kyiv)["basis"] == LAW
    report(world, disclosure)
    assert "emergency-report" not in open_duties(world.kyiv)
    assert bodies(world.tokyo, "emergency") == {} and audit(world.kyiv).findings == []
    assert list(world.kyiv.registry.reads().outbox_open()) == []


def test_what_several_must_decide_and_what_is_frozen_is_refused(world: World) -> None:
    _, (item, frozen) = cross(world, forms=("file", "paper"))
    say(world.kyiv, BY)
    world.kyiv.act("security", "freeze", {"item": frozen, "reason": "an exercise"})
    with pytest.raises(Refused) as standing:
        disclose(world, frozen)
    assert "item.frozen" in codes(standing)
    say(world.kyiv, Term("emergency.by", LAW, 2, TermUnit.COUNT, note="agency-head"))
    with pytest.raises(Refused) as together:
        disclose(world, item)
    assert codes(together) == {"emergency.persons-together"}


def test_a_partner_tells_only_of_what_it_was_given_and_reports_only_on_what_it_told(world: World) -> None:
    _, (item,) = cross(world)
    own = label(world.tokyo)
    at = world.clock.at.replace(microsecond=0)
    for id, about in (("ukr.emergency.1", own), ("jpn.emergency.1", item)):
        send(world, world.kyiv, EmergencyNotice(id, ItemId(about), at, 1, "none", "Art. 1"))
    send(world, world.kyiv, EmergencyReport("ukr.emergency.1", *REPORT.values()))
    assert not bodies(world.tokyo, "emergency")
    assert set(refusals(world.tokyo)) == {"emergency.item-not-there", "emergency.unknown", "name.identifier"}


def test_no_day_that_a_partner_names_puts_its_report_off_for_ever(world: World) -> None:
    _, (item,) = cross(world)
    now = world.clock.at.replace(microsecond=0)
    for number, days in ((1, 40_000), (2, 3)):
        notice = EmergencyNotice(f"ukr.emergency.{number}", ItemId(item), now, 1, "none", "Art. 1",
                                 now + timedelta(days=days))
        send(world, world.kyiv, notice)
    found = {id: duty["due"] for id, duty in bodies(world.tokyo, "duty").items() if id.startswith("emergency-report.")}
    assert found == {
        f"emergency-report.ukr.emergency.{number}": (now + timedelta(days=days)).date().isoformat()
        for number, days in ((1, 31), (2, 3))
    }
