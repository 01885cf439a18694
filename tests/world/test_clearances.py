"""People over time: clearances asked for and withdrawn, briefings acknowledged and lapsing, absences, the last pair."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.world.test_incidents import duties, put, view
from tests.world.test_journey import PURPOSE, codes, cross, grant, label
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable
from cordiale.records.clearances import known_until

LEVEL = "EX-UKR:EXERCISE BARVINOK"


@pytest.fixture
def world() -> World:
    return World.in_force()


def ask(world: World, name: str = "Exercise Reader K", level: str = LEVEL) -> str:
    answer = world.tokyo.act("authority", "clearance.ask", {
        "agreement": AGREEMENT, "level": level, "name": name, "party": "UKR", "purpose": PURPOSE,
    })
    world.deliver()
    return str(answer.value["query"])


def answer(world: World, query: str, **said: Any) -> str:
    outcome = world.kyiv.act("authority", "clearance.answer", {"query": query, **said}).value["outcome"]
    world.deliver()
    return str(outcome)


def last_message(player: Player) -> Any:
    return b" ".join(
        row.message for row in map(player.registry.reads().outbox, player.registry.reads().outbox_ids()) if row
    )


def give_terms(player: Player, *terms: dict[str, Any]) -> None:
    """Let national law of `player` say further figures."""
    national = player.registry.record("national", player.party)
    assert national is not None
    put(player, "national", player.party, {**national.body, "profile": {**national["profile"], "terms": list(terms)}})


def test_a_clearance_is_confirmed_as_the_register_stands_and_no_more_than_asked(world: World) -> None:
    query = ask(world)
    assert "answer-clearance" in duties(world.tokyo) and "answer-clearance" in duties(world.kyiv)
    assert answer(world, query, person="reader") == "cleared"
    record = world.tokyo.registry.record("clearance-query", query)
    assert record is not None and (record["state"], record["valid_until"]) == ("cleared", "2029-12-31")
    assert known_until(world.tokyo.registry.books(), query) is not None
    assert not {"answer-clearance"} & (duties(world.tokyo) | duties(world.kyiv))
    higher = ask(world, level="EX-UKR:EXERCISE SONIASHNYK")
    assert answer(world, higher, person="reader") == "not-cleared"
    for other, said in ((ask(world), {}), (ask(world), {"in_process": True})):
        assert answer(world, other, **said) in ("not-cleared", "in-process")


def test_yes_is_never_said_of_another_person_nor_twice(world: World) -> None:
    query = ask(world, name="Exercise Stranger")
    with pytest.raises(Refused) as other:
        answer(world, query, person="reader")
    assert codes(other) == {"clearance.other-person"}
    assert answer(world, query) == "not-cleared"
    with pytest.raises(OutOfOrder):
        answer(world, query)
    with pytest.raises(Malformed):
        ask(world, level="EX-JPN:EXERCISE SAKURA")
    with pytest.raises(Refused):
        world.kyiv.act("reader", "clearance.answer", {"query": query})


def test_a_withdrawn_clearance_is_told_at_once_and_access_stops(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    query = ask(world)
    answer(world, query, person="reader")
    assert world.kyiv.read("reader", item, PURPOSE)
    world.kyiv.act("security", "people.withdraw-clearance", {"level": LEVEL, "person": "reader"})
    with pytest.raises(Refused) as stopped:
        world.kyiv.read("reader", item, PURPOSE)
    assert "access.clearance-withdrawn" in codes(stopped)
    world.deliver()
    record = world.tokyo.registry.record("clearance-query", query)
    assert record is not None and record["state"] == "withdrawn"
    assert known_until(world.tokyo.registry.books(), query) is None
    assert b"Reader K" not in last_message(world.kyiv)


@pytest.mark.parametrize("act", [
    ("people.leave", {"person": "reader"}),
    ("people.withdraw-clearance", {"level": LEVEL, "person": "reader"}),
])
def test_whatever_ends_a_clearance_is_told_also_when_it_was_assured(world: World, act: tuple[str, Any]) -> None:
    assured = world.kyiv.act("authority", "clearance.assure", {
        "agreement": AGREEMENT, "article": "Art. 6(3)", "level": LEVEL, "party": "JPN", "person": "reader",
        "purpose": PURPOSE,
    }).value["assurance"]
    world.deliver()
    record = world.tokyo.registry.record("assurance", f"ukr/{assured}")
    assert record is not None and record["state"] == "assured" and "reader" not in str(record.body).lower()
    world.kyiv.act("security", *act)
    world.deliver()
    record = world.tokyo.registry.record("assurance", f"ukr/{assured}")
    assert record is not None and record["state"] == "withdrawn"


def test_nobody_is_assured_who_is_not_cleared(world: World) -> None:
    with pytest.raises(Refused) as low:
        world.kyiv.act("authority", "clearance.assure", {
            "agreement": AGREEMENT, "article": "Art. 6(3)", "level": LEVEL, "party": "JPN", "person": "junior",
            "purpose": PURPOSE,
        })
    assert codes(low) == {"assurance.not-cleared"}


def test_a_briefing_counts_once_the_person_has_acknowledged_it_and_lapses_by_itself(world: World) -> None:
    kyiv = world.kyiv
    with pytest.raises(Undecidable):
        kyiv.act("security", "briefing.give", {"agreement": AGREEMENT, "person": "reader"})
    give_terms(kyiv, {"article": "Order 3", "count": 12, "name": "briefing.refresh", "unit": "months"})
    with pytest.raises(Refused):
        kyiv.act("security", "briefing.give", {"agreement": AGREEMENT, "person": "security"})
    given = kyiv.act("security", "briefing.give", {"agreement": AGREEMENT, "person": "reader"}).value
    assert kyiv.registry.record("person", "reader")["briefings"] == []  # type: ignore[index]
    with pytest.raises(Refused):
        kyiv.act("junior", "briefing.acknowledge", {"briefing": given["briefing"]})
    (mine,) = view(kyiv, "reader", "view.duties")["duties"]
    assert (mine["what"], mine["subject"]) == ("acknowledge-briefing", "reader")
    assert view(kyiv, "colleague", "view.duties")["duties"] == []
    acts = {
        person: [row["act"] for kind in view(kyiv, person, "view.today")["kinds"] for row in kind["rows"]
                 if row["what"] == "acknowledge-briefing"]
        for person in ("reader", "security")
    }
    assert acts == {"reader": ["briefing.acknowledge"], "security": ["duty.settle"]}
    (waiting,) = view(kyiv, "reader", "view.clearances")["briefings"]
    kyiv.act("reader", "briefing.acknowledge", {"briefing": waiting["briefing"]})
    (held,) = kyiv.registry.record("person", "reader")["briefings"]  # type: ignore[index]
    assert (held["subject"], held["until"]) == (AGREEMENT, given["until"])
    (duty,) = [one for one in kyiv.registry.find("duty", "subject", "reader") if one["what"] == "refresh-briefing"]
    assert (duty["due"], duty["basis"]) == (given["until"], "Order 3") and "remind_at" in duty.body
    with pytest.raises(OutOfOrder):
        kyiv.act("reader", "briefing.acknowledge", {"briefing": waiting["briefing"]})


def test_the_roster_lists_the_cleared_and_leaves_the_house_only_where_it_is_demanded(world: World) -> None:
    kyiv = world.kyiv
    rows = view(kyiv, "security", "view.roster", unit="other desk")["persons"]
    assert [row["person"] for row in rows] == ["colleague"]
    with pytest.raises(Refused) as kept:
        view(kyiv, "authority", "view.roster", for_agreement=AGREEMENT)
    assert codes(kept) == {"roster.not-demanded"}
    give_terms(kyiv, {"article": "Order 6", "count": 1, "name": "roster.extract", "unit": "count"})
    with pytest.raises(Refused):
        view(kyiv, "security", "view.roster", for_agreement=AGREEMENT)
    extract = view(kyiv, "authority", "view.roster", for_agreement=AGREEMENT)
    assert extract["articles"] == ["Order 6"]
    assert {frozenset(row) for row in extract["persons"]} == {frozenset({"cleared", "name", "post", "unit"})}
    with pytest.raises(Refused):
        view(kyiv, "reader", "view.roster")


def test_nobody_deputises_for_a_registrar_who_no_longer_holds_the_office(world: World) -> None:
    kyiv = world.kyiv
    kyiv.enter_people(
        "id,name,post,unit,represents,nationalities,offices,deputy_of\n"
        "deputy,Exercise Deputy K,deputy of the desk,dialogue desk,UKR,UKR,deputy-registrar,registrar\n"
    )
    item = label(kyiv, form="paper", level=LEVEL, release_to=["JPN", "UKR"])
    order = {"agreement": AGREEMENT, "items": [item], "link": "bag", "purpose": PURPOSE, "recipient": "JPN",
             "registry": "registry-tokyo"}
    kyiv.act("head", "absence.register", {"office": "registrar", "person": "registrar"})
    with pytest.raises(Refused) as absent:
        kyiv.act("deputy", "dispatch", order)
    assert not {code for code in codes(absent) if code.startswith("office.")}
    kyiv.act("security", "people.withdraw-office", {"office": "registrar", "person": "registrar"})
    with pytest.raises(Refused) as alone:
        kyiv.act("deputy", "dispatch", order)
    assert "office.registrar-present" in codes(alone)


def test_one_officer_never_ends_the_rule_of_two_and_urgent_things_are_done_at_once(world: World) -> None:
    kyiv = world.kyiv
    kyiv.act("security", "people.withdraw-office", {"office": "registrar", "person": "registrar"})
    for kind, params in (
        ("people.withdraw-office", {"office": "head", "person": "head"}),
        ("people.withdraw-key", {"person": "head"}),
        ("people.leave", {"person": "head"}),
    ):
        with pytest.raises(Refused) as last:
            kyiv.act("security", kind, params)
        assert codes(last) == {"people.last-pair"}
    kyiv.act("security", "people.withdraw-clearance", {"level": "EX-UKR:EXERCISE SONIASHNYK", "person": "head"})
    kyiv.act("security", "absence.register", {"office": "head", "person": "head"})
    with pytest.raises(Refused) as nobody:
        kyiv.act("security", "absence.register", {"office": "security-officer", "person": "security"})
    assert codes(nobody) == {"absence.nobody-left"}
    kyiv.act("security", "absence.end", {"office": "head", "person": "head"})
    kyiv.enter_people(
        "id,name,post,unit,represents,nationalities,offices\n"
        "second,Exercise Second K,second officer,dialogue desk,UKR,UKR,security-officer\n"
    )
    kyiv.act("security", "people.leave", {"person": "head"})


def test_a_clearance_that_ends_on_its_day_needs_no_message(world: World) -> None:
    query = ask(world)
    answer(world, query, person="reader")
    books = world.tokyo.registry.books()
    books.at += timedelta(days=3_000)
    assert known_until(books, query) is None
