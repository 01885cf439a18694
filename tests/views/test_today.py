"""Today shows each person what waits for them, by kind, and nothing that waits for others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.attack.test_search import enter, founded
from tests.views.test_pages import view
from tests.world.people import HEADER, row
from tests.world.test_journey import PURPOSE, approve, cross, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.canonical import encode_base64url, encode_instant
from cordiale.doors.control.acts import ACTS, CONTENT_VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.limits import PEOPLE_PROPOSAL_LIFETIME_DAYS, TODAY_COUNT_MAX, TODAY_ROWS_COUNT
from cordiale.rules.duty_kinds import DUTY_KINDS
from cordiale.views.today import KINDS, OPENS

HERE = {"approve-release", "dispatch", "read", "meet-courier", "confirm-custody", "confirm-level", "confirm-partner",
        "confirm-crisis", "confirm-people", "hand-over", "sign-inventory", "witness-destruction", "count-inventory",
        "copy", "extract", "translate", "release-declined", "held-back"}
"""What waits and stands in the books as no duty."""


@pytest.fixture(scope="module")
def world() -> World:
    return founded().twin(51)


def today(player: Player, person: str) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in view(player, person, "view.today")["kinds"]}


def subjects(player: Player, person: str, kind: str) -> list[str]:
    return [row["subject"] for row in today(player, person).get(kind, {"rows": []})["rows"]]


def test_every_act_that_opens_something_is_an_act_and_everything_opened_is_known() -> None:
    assert {act for _, act in OPENS.values()} <= {*ACTS, *CONTENT_VIEWS}
    assert {kind for kind, _ in OPENS.values()} <= set(KINDS)
    assert set(OPENS) <= set(DUTY_KINDS) | HERE


def test_an_item_waits_for_each_in_turn(world: World) -> None:
    item = label(world.tokyo)
    approve(world.tokyo, item, "originator", "release.propose")
    (row,) = [one for one in today(world.tokyo, "authority")["approve"]["rows"] if one["subject"] == item]
    assert (row["what"], row["act"], row["recipient"]) == ("approve-release", "release.approve", "UKR")
    assert item not in subjects(world.tokyo, "originator", "approve")
    approve(world.tokyo, item, "authority", "release.approve")
    assert item in subjects(world.tokyo, "registrar", "dispatch")
    consignment = dispatch(world, [item])
    assert item not in subjects(world.tokyo, "registrar", "dispatch")
    assert consignment in subjects(world.tokyo, "registrar", "await")
    world.deliver()
    held = today(world.kyiv, "registrar")["register"]
    (row,) = [one for one in held["rows"] if one["subject"] == consignment]
    assert row["about"].startswith("JPN-OUT-UKR-") and row["act"] == "register"
    assert set(row["days_left"]) == {"JPN", "UKR"} and all(days > 0 for days in row["days_left"].values())
    for person in ("reader", "security", "authority"):
        assert "register" not in today(world.kyiv, person)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert consignment not in subjects(world.tokyo, "registrar", "await")
    grant(world, item, "reader")
    assert subjects(world.kyiv, "reader", "read") == [item] and "read" not in today(world.kyiv, "colleague")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    assert subjects(world.kyiv, "reader", "confirm") == [item]
    assert "confirm" not in today(world.kyiv, "registrar")
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.read("reader", item, PURPOSE)
    assert {"confirm", "read"}.isdisjoint(today(world.kyiv, "reader"))


def test_a_destruction_waits_for_a_witness(world: World) -> None:
    _, (item,) = cross(world)
    proposal = str(world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"}).value["proposal"])
    assert proposal in subjects(world.kyiv, "security", "destroy")
    assert proposal not in subjects(world.kyiv, "registrar", "destroy")


def test_a_proposal_about_people_and_a_packed_parcel_wait_for_who_takes_the_next_step(world: World) -> None:
    twin = world.twin(55)
    proposal = str(twin.kyiv.act("security", "people.import", {"csv": encode_base64url(
        f"{HEADER}{row('deputy', 'Deputy K', 'UKR', 'head', 'BARVINOK')}".encode()
    )}).value["proposal"])
    assert proposal in subjects(twin.kyiv, "head", "approve") and proposal not in subjects(twin.kyiv, "security", "approve")
    twin.clock.advance(hours=24 * PEOPLE_PROPOSAL_LIFETIME_DAYS)
    twin.kyiv.registry.ledger.confirm_clock()
    assert proposal not in subjects(twin.kyiv, "head", "approve")
    item = label(twin.tokyo, form="paper")
    release(twin.tokyo, item)
    consignment = dispatch(twin, [item], link="carry")
    twin.tokyo.act("registrar", "carry.pack", {
        "consignment": consignment, "inner_seals": ["I-1"], "packages": 1, "seals": ["O-1", "O-2"],
    })
    (waiting,) = (one for one in today(twin.tokyo, "registrar")["dispatch"]["rows"] if one["subject"] == consignment)
    assert (waiting["what"], waiting["act"]) == ("hand-over", "carry.hand-over")
    now = twin.clock.at.replace(microsecond=0)
    twin.tokyo.act("registrar", "carry.hand-over", {
        "consignment": consignment, "courier": "originator", "departs_at": encode_instant(now + timedelta(hours=1)),
        "expected_at": encode_instant(now + timedelta(days=2)), "overdue_hours": 24, "route": "by rail",
    })
    assert consignment not in subjects(twin.tokyo, "registrar", "dispatch")


def test_what_was_read_or_is_known_no_more_waits_no_more_after_the_index_is_made_again(world: World) -> None:
    twin = world.twin(52)
    (first, second) = (cross(twin)[1][0], cross(twin)[1][0])
    for item in (first, second):
        grant(twin, item, "reader")
    twin.kyiv.read("reader", first, PURPOSE)
    before = subjects(twin.kyiv, "reader", "read")
    assert first not in before and second in before
    twin.kyiv.registry.store._writer.execute("UPDATE index_state SET form = 0")  # type: ignore[attr-defined]
    twin.kyiv.reopen()
    assert subjects(twin.kyiv, "reader", "read") == before
    twin.kyiv.act("head", "need.withdraw", {"item": second, "person": "reader"})
    assert second not in subjects(twin.kyiv, "reader", "read")


def test_a_partner_that_is_late_is_chased(world: World) -> None:
    twin = world.twin(53)
    item = label(twin.tokyo)
    release(twin.tokyo, item)
    consignment = dispatch(twin, [item])
    assert consignment in subjects(twin.tokyo, "registrar", "await")
    twin.clock.advance(seconds=timedelta(days=30).total_seconds())
    twin.tokyo.registry.ledger.confirm_clock()
    assert consignment in subjects(twin.tokyo, "registrar", "chase")


def test_of_many_the_first_are_shown_and_no_more_counted_than_is_said(world: World) -> None:
    twin = world.twin(54)
    body = {
        "agreement": "exercise-jpn-ukr", "form": "file", "origin_party": "JPN", "state": "registered", "title": "Report",
        "marking": {
            "agreement": "exercise-jpn-ukr", "article": "Art. 3(1)", "form": "cordiale-marking-1", "level": "EXERCISE KALYNA",
            "party": "UKR", "scheme": "EX-UKR", "version": 1,
        },
        "label": {
            "created_at": "2026-09-01T00:00:00Z", "form": "cordiale-label-1", "level": "EXERCISE SAKURA",
            "originator": "JPN", "release_to": ["JPN", "UKR"], "scheme": "EX-JPN",
        },
    }
    enter(twin.kyiv, *(
        {"id": f"x.{n}", "item": {**body, "reference": f"UKR/JPN-2026-{n:04d}"}, "copies": (),
         "needs": [("colleague", False)], "custody": ()} for n in range(TODAY_COUNT_MAX + 2)
    ))
    shown = today(twin.kyiv, "colleague")["read"]
    assert shown["count"] == TODAY_COUNT_MAX and shown["more"]
    assert len(shown["rows"]) == TODAY_ROWS_COUNT


def test_partners_and_what_ought_to_trouble_somebody_are_shown_to_officers(world: World) -> None:
    twin = world.twin(55)
    shown = view(twin.tokyo, "registrar", "view.today")
    (partner,) = shown["partners"]
    assert partner["party"] == "UKR" and partner["confirmed"] and partner["waiting"] == 0
    (log,) = partner["logs"]
    assert log["ours"] > 0 and log["theirs"] > 0 and log["signed"] and shown["alarms"] == []
    assert view(twin.tokyo, "originator", "view.today")["partners"] == []
    item = label(twin.tokyo)
    release(twin.tokyo, item)
    dispatch(twin, [item])
    assert view(twin.tokyo, "registrar", "view.today")["partners"][0]["waiting"] == 1
    twin.tokyo.registry.ledger.stop(OutOfOrder("log.behind-partner", "stopped", hint="restore"))
    for person in ("registrar", "originator"):
        (alarm,) = view(twin.tokyo, person, "view.today")["alarms"]
        assert alarm["code"] == "log.behind-partner"


def test_pictures_are_figures_of_the_whole_register_and_for_its_keepers(world: World) -> None:
    twin = world.twin(56)
    before = view(twin.kyiv, "registrar", "view.pictures")
    _, items = cross(twin, forms=("paper", "file"))
    after = view(twin.kyiv, "registrar", "view.pictures")
    assert after["traffic"][-1]["in"] == before["traffic"][-1]["in"] + 2 and len(after["traffic"]) == 26
    held = {one["level"]: one["count"] for one in after["holdings"]}
    known = {one["level"]: one["count"] for one in before["holdings"]}
    assert held["EX-UKR:EXERCISE BARVINOK"] == known.get("EX-UKR:EXERCISE BARVINOK", 0) + 2
    twin.kyiv.act("registrar", "return", {"item": items[0]})
    held = {one["level"]: one["count"] for one in view(twin.kyiv, "registrar", "view.pictures")["holdings"]}
    assert held["EX-UKR:EXERCISE BARVINOK"] == known.get("EX-UKR:EXERCISE BARVINOK", 0) + 1
    for person in ("reader", "head", "authority"):
        with pytest.raises(Refused):
            view(twin.kyiv, person, "view.pictures")


def test_open_receipts_are_counted_by_age(world: World) -> None:
    twin = world.twin(57)
    for days in (5, 2, 0):
        item = label(twin.tokyo)
        release(twin.tokyo, item)
        dispatch(twin, [item])
        twin.clock.advance(seconds=timedelta(days=days).total_seconds() + 1)
        if days:
            twin.tokyo.registry.ledger.confirm_clock()
    receipts = view(twin.tokyo, "registrar", "view.pictures")["receipts"]
    assert [one["count"] for one in receipts] == [1, 1, 0, 1, 0, 0]
    assert [one.get("days") for one in receipts] == [1, 3, 7, 14, 30, None]
