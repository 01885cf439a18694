"""Scenarios of the sheet from end to end: a downgrade that reaches a translation at a sub-registry (S6), a copy that a
muster does not find, up to the case that is closed (S11), and a visit asked for in both directions under a treaty (S12)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies, list_differences
from tests.world.organising import move, organise, sign_newer
from tests.world.reproducing import assign, copy_it, cross, held
from tests.world.test_incidents import PARTS, share_of, tell, the_case
from tests.world.test_inventory import begin, close, duties, number_of, sight, sign
from tests.world.test_journey import codes, grant
from tests.world.test_level_change import AJISAI, change, item_of, label_of, told, work
from tests.world.treaties import CHE, DNK, PURPOSE, level, swiss_danish
from tests.world.triangle import found_under
from tests.world.visiting import PLANT, entry
from tests.world.world import Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import Refused
from cordiale.model.agreement import Act, ActRule, DayKind, Deadline, Ruling
from cordiale.records.items import COPY
from cordiale.records.registry import identify
from cordiale.work.chaser import chase_due


def chased(player: Player, world: World, days: int) -> None:
    """Let so many days pass, and the node ask for what it is owed."""
    world.clock.advance(days=days)
    chase_due(player.registry)
    world.deliver()


def test_a_downgrade_reaches_the_translation_of_copy_3_at_a_sub_registry_and_is_answered_or_chased() -> None:
    """S6."""
    world = World.in_force(seed=1206)
    tokyo, kyiv = world.players
    answered_in = Deadline(5, DayKind.CALENDAR)
    sign_newer(world, acts=(ActRule(Act.CHANGE_LEVEL, Ruling.WITH_CONSENT, "Art. 4(4)", deadline=answered_in),))
    organise(world, kyiv)
    item = cross(world, form="paper")
    copies = copy_it(world, item, number=4, form="paper")
    third = next(one for one in copies if held(kyiv, one)["copy_number"] == 3)
    task = assign(kyiv, item, act="translate", copy=third, language="uk", form="paper")
    made = str(kyiv.act("reader", "reproduce.deliver", {"pages": 4, "task": task}).value["item"])
    world.deliver()
    move(kyiv, "registrar", number_of(kyiv, made), "east", "easterner")
    change(tokyo, item, AJISAI)
    work(world)
    assert str(label_of(item_of(kyiv, made)).level) == AJISAI == str(label_of(item_of(kyiv, item)).level)
    kyiv.act("registrar", "level.mark", {"item": item})
    work(world)
    # What lies at the sub-registry is marked there and by nobody else, and is waited for.
    with pytest.raises(Refused) as elsewhere:
        kyiv.act("registrar", "level.mark", {"item": item})
    assert codes(elsewhere) == {"topology.not-keeper"}
    assert told(tokyo)["outcome"] == "working"
    chased(tokyo, world, 6)
    assert [one["what"] for one in bodies(kyiv, "reminder").values()] == ["level-change-done"]
    assert [row["subject"] for row in view(kyiv, "easterner", "view.duties")["duties"] if row["what"] == "mark-level"] == [
        item,
    ]
    kyiv.act("easterner", "level.mark", {"item": item})
    work(world)
    assert (told(tokyo)["outcome"], told(tokyo)["pending"]) == ("done", [])
    assert duties(tokyo, "level-change-done") == []
    for player in world.players:
        assert audit(player).findings == []
    assert list_differences(world) == []


def test_a_copy_that_a_muster_does_not_find_is_reported_told_found_again_and_the_case_closed() -> None:
    """S11: from the count to the final report that the originator has acknowledged."""
    world = World.in_force(seed=1211)
    tokyo, kyiv = world.players
    item, other = cross(world, form="paper"), cross(world, form="paper")
    grant(world, item, "reader")
    inventory = begin(kyiv, book="JPN")
    sight(kyiv, inventory, number_of(kyiv, other))
    assert close(kyiv, inventory)["missing"] == 1
    ((draft, prepared),) = bodies(kyiv, "incident-draft").items()
    assert (prepared["item"], prepared["originator"]) == (item, "JPN")
    kyiv.act("registrar", "inventory.explain", {
        "explanation": "not-found", "inventory": inventory, "number": number_of(kyiv, item), "text": "searched twice",
    })
    assert sign(kyiv, inventory) == "signed" and len(duties(kyiv, "report-incident")) == 1
    incident = str(kyiv.act("security", "incident.report", {"draft": draft}).value["incident"])
    assert duties(kyiv, "report-incident") == []
    case: Any = kyiv.registry.record("incident", incident)
    assert (case["kind"], case["items"]) == ("loss", [item])
    kyiv.act("security", "freeze", {"item": item, "reason": "it is not to be found"})
    tell(kyiv, incident)
    world.deliver()
    theirs = the_case(tokyo)
    assert theirs["items"] == [item] and theirs["party"] == "UKR"
    tokyo.act("authority", "incident.reply", {"kind": "acknowledged", "share": share_of(tokyo, theirs.id).id})
    world.deliver()
    kyiv.act("head", "incident.conclude", {"incident": incident, **PARTS})
    kyiv.act("authority", "incident.final", {"share": share_of(kyiv, incident).id})
    world.deliver()
    tokyo.act("authority", "incident.reply", {"kind": "final-acknowledged", "share": share_of(tokyo, theirs.id).id})
    world.deliver()
    closed: Any = kyiv.registry.record("incident", incident)
    assert closed["state"] == "closed"
    for player in world.players:
        assert audit(player).findings == []
        assert not [one for one in player.registry.find("duty", "state", "open") if "incident" in str(one["what"])]
    (copy,) = kyiv.registry.find(COPY, "item", item)
    assert copy["state"] == "registered", "what is lost stays in the book, and stays owed"


def test_a_visit_is_asked_for_in_both_directions_across_the_holidays_of_both_under_the_swiss_danish_agreement() -> None:
    """S12: ten working days into Switzerland, seven into Denmark (Art. 7(4)), over the turn of the year."""
    world = found_under({CHE: "bern.che", DNK: "copenhagen.dnk"}, [swiss_danish((
        (CHE, (date(2026, 12, 25), date(2027, 1, 1))),
        (DNK, (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1))),
    ))])
    bern, copenhagen = world.players

    def ask(guest: Player, host: Player) -> str:
        return str(guest.act("authority", "visit.request", {
            "agreement": "ch-dk-2012", "first_day": "2027-01-04", "host": host.party, "kind": "once",
            "last_day": "2027-01-05", "level": level(host.party, 1), "programme": "briefing", "purpose": PURPOSE,
            "sites": [PLANT], "visitors": [entry()],
        }).value["visit"])

    def last_day(guest: Player, host: Player) -> str:
        asked = guest.request("authority", "view.visit-file-by", {
            "agreement": "ch-dk-2012", "first_day": "2027-01-04", "host": host.party, "kind": "once",
            "level": level(host.party, 1),
        })
        return str(VIEWS["view.visit-file-by"](guest.registry, identify(guest.registry, asked))["file_by"])

    assert (last_day(copenhagen, bern), last_day(bern, copenhagen)) == ("2026-12-17", "2026-12-18")
    world.clock.advance(days=(datetime(2026, 12, 18, 9, tzinfo=UTC) - world.clock.at).days)
    with pytest.raises(Refused) as late:
        ask(copenhagen, bern)
    assert codes(late) == {"visit.late"}
    visit = ask(bern, copenhagen)
    world.deliver()
    copenhagen.act("authority", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})
    world.deliver()
    for player in world.players:
        record: Any = player.registry.record("visit", visit)
        assert record["state"] == "approved"
    world.clock.advance(days=1)
    with pytest.raises(Refused) as over:
        ask(bern, copenhagen)
    assert codes(over) == {"visit.late"}
