"""Attacks on the joins of erasing: what reads a record after what is personal in it is gone, and whom nobody may forget."""

from __future__ import annotations

from typing import Any

import pytest
from tests.attack.test_incidents import about, send
from tests.views.test_pages import view
from tests.world import test_clearances as clearances
from tests.world import visiting
from tests.world.people import HEADER, row
from tests.world.test_duties_engine import listed
from tests.world.test_erasing import proposed, say, years
from tests.world.test_incidents import report
from tests.world.test_journey import PURPOSE, codes, cross, grant
from tests.world.world import AGREEMENT, Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.model.agreement import Term, TermUnit
from cordiale.records.personal_data import ERASED, PERSONAL_KINDS, is_left_over
from cordiale.records.record import Record
from cordiale.records.registry import identify
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=811)


def keep_a_day(player: Player, *names: str) -> None:
    """Let national law keep what is under `names` for a day, and erase it within a year; a briefing lasts a year."""
    briefing = Term("briefing.refresh", "Order 3", 12, TermUnit.MONTHS)
    say(player, briefing, years("erasure.person", 1), years("erasure.visitor", 1), *(
        Term(name, "s. 2", 1, TermUnit.CALENDAR_DAYS) for name in names
    ))


def erase(player: Player, kind: str, *ids: str) -> None:
    player.act("security", "erase.confirm", {"proposal": proposed(player, kind, *ids)})


def all_of(player: Player, kind: str) -> list[Record]:
    return player.registry.books().every(kind)


def read_and_erased(world: World) -> str:
    """Let the reader read an item twice, and erase who has read it the first time; return the item."""
    _, (item,) = cross(world)
    keep_a_day(world.kyiv, "retention.reader-sheet")
    grant(world, item, "reader")
    world.kyiv.read("reader", item, PURPOSE)
    world.clock.advance(days=10)
    (first,) = world.kyiv.registry.find("grant", "item", item)
    world.kyiv.read("reader", item, PURPOSE)
    erase(world.kyiv, "grant", first.id)
    return item


def test_a_reader_who_was_erased_still_counts_and_is_shown_as_erased(world: World) -> None:
    item = read_and_erased(world)
    shown = view(world.kyiv, "registrar", "view.where", item=item)
    assert [one["person"] for one in shown["readings"]] == [ERASED, "Exercise Reader K"]
    assert "html" in view(world.kyiv, "registrar", "view.where", **{"item": item, "as": "html"})
    incident = report(world.kyiv, item)
    (affected,) = world.kyiv.registry.find("incident-affected", "incident", incident)
    assert [(one["person"], one["count"]) for one in affected["readers"]] == [(ERASED, 1), ("reader", 1)]


def test_a_partner_s_incident_report_is_answered_after_a_reader_was_erased(world: World) -> None:
    item = read_and_erased(world)
    send(world.tokyo, "UKR", about(item, incident="jpn.incident.x"))
    world.deliver()
    assert world.tokyo.registry.reads().outbox_open() == []
    assert len(world.kyiv.registry.find("incident", "items", item)) == 1
    assert world.kyiv.registry.ledger.stopped is None


def every_kind(world: World) -> tuple[str, str, str]:
    """Let there be a row of every kind about the reader; return an item that is here, one destroyed, and the visit."""
    kyiv = world.kyiv
    _, (item, gone) = cross(world, forms=("file", "file"))
    keep_a_day(kyiv, *{kind.terms[0]: None for kind in PERSONAL_KINDS.values()})
    grant(world, item, "reader")
    kyiv.read("reader", item, PURPOSE)
    kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    kyiv.act("reader", "circulate.confirm", {"item": item})
    kyiv.act("reader", "circulate.back", {"item": item})
    assert clearances.answer(world, clearances.ask(world), person="reader") == "cleared"
    kyiv.act("security", "briefing.give", {"agreement": AGREEMENT, "person": "reader"})
    proposal = kyiv.act("registrar", "destroy.propose", {"item": gone, "method": "key and file erased"}).value
    kyiv.act("security", "destroy.witness", {"proposal": proposal["proposal"]})
    world.deliver()
    visit = visiting.approved(world)
    kyiv.act("security", "people.leave", {"person": "reader"})
    world.deliver()
    return item, gone, visit


def test_what_reads_a_record_of_any_kind_goes_on_to_do_so_once_it_is_erased(world: World) -> None:
    kyiv = world.kyiv
    item, gone, visit = every_kind(world)
    world.clock.advance(days=400)
    ids = {kind: [one.id for one in all_of(kyiv, kind)] for kind in PERSONAL_KINDS} | {"person": ["reader"]}
    assert all(ids.values())
    for kind, found in ids.items():
        erase(kyiv, kind, *found)
        assert all(is_left_over(PERSONAL_KINDS[kind], one) for one in all_of(kyiv, kind) if one.id in found)
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("registrar", "view.where", {"item": item}), ("registrar", "view.where", {"item": gone}),
        ("registrar", "view.item", {"item": gone}), ("registrar", "view.completeness", {"agreement": AGREEMENT}),
        ("registrar", "view.visits", {}), ("registrar", "view.visit", {"visit": visit}),
        ("security", "view.roster", {}), ("security", "view.clearances", {}), ("head", "view.clearances", {}),
        ("security", "view.people", {}), ("security", "view.person", {"person": "reader"}),
        ("security", "view.people-proposals", {}), ("security", "view.duties", {}), ("security", "view.erasures", {}),
        ("registrar", "view.register", {"book": "JPN"}), ("security", "view.trail", {"log": "internal"}),
        *(("security", "view.retention", {"records": kind, "id": found[0]}) for kind, found in ids.items()),
    )
    for person, kind, params in asked:
        shown = VIEWS[kind](kyiv.registry, identify(kyiv.registry, kyiv.request(person, kind, params)))
        assert "Exercise Reader K" not in str(shown), kind
    incident = report(kyiv, item, gone, by="originator")
    assert len(view(kyiv, "security", "view.incident", incident=incident)["affected"]) == 2


def in_hand(world: World) -> str:
    """Give the reader a thing into their hands, let them leave and the time pass; return the item."""
    _, (item,) = cross(world, forms=("paper",))
    keep_a_day(world.kyiv, "retention.clearance")
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    return item


def to_recover(player: Player, item: str) -> list[str]:
    found = player.registry.find("duty", "subject", item)
    return [str(one["state"]) for one in found if one["what"] == "recover-item"]


def test_what_is_with_somebody_who_left_is_a_duty_and_the_registrar_takes_it_back(world: World) -> None:
    item = in_hand(world)
    assert to_recover(world.kyiv, item) == ["open"]
    for person in ("colleague", "head"):
        with pytest.raises(Refused):
            world.kyiv.act(person, "circulate.back", {"item": item, "person": "reader"})
    world.kyiv.act("registrar", "circulate.back", {"item": item, "person": "reader"})
    assert to_recover(world.kyiv, item) == ["done"]
    (custody,) = world.kyiv.registry.find("custody", "item", item)
    assert (custody["state"], custody["taken_by"]) == ("back", "registrar")
    with pytest.raises(OutOfOrder):
        world.kyiv.act("registrar", "circulate.back", {"item": item, "person": "reader"})


def test_nobody_takes_back_what_is_with_somebody_who_has_not_left(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    with pytest.raises(Refused) as raised:
        world.kyiv.act("registrar", "circulate.back", {"item": item, "person": "reader"})
    assert codes(raised) == {"circulate.not-holder"}


def test_what_was_offered_to_somebody_who_left_stays_with_whoever_offered_it(world: World) -> None:
    _, (item,) = cross(world)
    for person in ("reader", "colleague"):
        grant(world, item, person)
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("security", "people.leave", {"person": "colleague"})
    held = {one["holder"]: one["state"] for one in world.kyiv.registry.find("custody", "item", item)}
    assert held == {"reader": "confirmed", "colleague": "declined"} and to_recover(world.kyiv, item) == []


def test_who_left_with_an_item_in_hand_is_not_erased_before_it_is_back(world: World) -> None:
    item = in_hand(world)
    world.clock.advance(days=10)
    chase_due(world.kyiv.registry)
    with pytest.raises(Refused, match="not ended"):
        proposed(world.kyiv, "person", "reader")
    world.kyiv.act("registrar", "circulate.back", {"item": item, "person": "reader"})
    world.clock.advance(days=2)
    chase_due(world.kyiv.registry)
    (waiting,) = view(world.kyiv, "security", "view.erasures")["proposals"]
    world.kyiv.act("security", "erase.confirm", {"proposal": waiting["proposal"]})
    left = world.kyiv.registry.record("person", "reader")
    assert left is not None and left["name"] == ERASED


def test_a_visitor_who_is_inside_is_not_erased_before_they_have_left(world: World) -> None:
    keep_a_day(world.tokyo)
    visit = visiting.approved(world)
    visitor = f"{visit}.001"
    visiting.to_day(world, "2026-09-14")
    visiting.admit(world, visit)
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    world.deliver()
    visiting.to_day(world, "2026-09-20")
    chase_due(world.tokyo.registry)
    with pytest.raises(Refused, match="not ended"):
        proposed(world.tokyo, "visitor", visitor)
    world.tokyo.act("registrar", "visit.leave", {"visit": visit, "visitor": visitor})
    world.clock.advance(days=2)
    chase_due(world.tokyo.registry)
    (waiting,) = view(world.tokyo, "security", "view.erasures")["proposals"]
    world.tokyo.act("security", "erase.confirm", {"proposal": waiting["proposal"]})
    assert "name" not in visiting.body(world.tokyo, "visitor", visitor)


def test_the_duty_of_a_draft_is_shown_to_its_author_and_the_keepers_alone(world: World) -> None:
    tokyo = world.tokyo
    tokyo.enter_people(HEADER + row("another", "Another", "JPN", "originator reader", "AJISAI"))
    draft = tokyo.act("originator", "draft.enter", {
        "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise draft",
    }).value["draft"]
    duty = f"draft-accountable.{draft}"
    for person in ("originator", "security", "registrar"):
        assert duty in listed(tokyo, person) and listed(tokyo, person, subject=draft) == [duty]
    for person in ("another", "authority"):
        assert duty not in listed(tokyo, person) and listed(tokyo, person, subject=draft) == []
