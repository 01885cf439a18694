"""What is personal is erased by two persons or by its day, and every proof stays whole (scenario S15)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit
from tests.world.test_duties_engine import do, duty
from tests.world.test_journey import PURPOSE, cross, dispatch, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.errors import OutOfOrder, Refused, Undecidable
from cordiale.model.agreement import Term, TermUnit
from cordiale.records.session import ActSession
from cordiale.wire.agreement_json import national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.work.chaser import chase_due

NAME = "Erasmus Exemplar"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=71)


def say(player: Player, *terms: Term) -> None:
    """Enter the next version of the party's national profile, with `terms`."""
    (draft,) = [one for one in load_template("exercise").nationals if one.party == player.party]
    stored = player.registry.record("national", player.party)
    assert stored is not None
    player.act("authority", "agreement.national", {"profile": national_profile_to_json(
        replace(draft, version=stored["profile"]["version"] + 1, terms=(*draft.terms, *terms))
    )})


def years(name: str, count: int, unit: TermUnit = TermUnit.YEARS) -> Term:
    return Term(name, f"Order 4, s. {count}", count, unit)


def visited(player: Player, message: str = "") -> list[str]:
    """Enter a visit that ended on 2026-09-05, with two visitors."""

    def perform(session: ActSession) -> None:
        session.put("visit", "v1", {"agreement": AGREEMENT, "last_day": "2026-09-05", "state": "approved"})
        for number in (1, 2):
            visitor = session.put("visitor", f"v1.{number}", {
                "document": "P 1234567", "name": NAME, "state": "asked", "visit": "v1",
                **({"message": message} if message else {}),
            })
            session.change(visitor, state="approved")

    do(player, perform, "visited")
    return ["v1.1", "v1.2"]


def proposed(player: Player, kind: str, *ids: str, person: str = "registrar") -> str:
    asked = {"ids": list(ids), "kind": kind, "reason": "no longer needed"}
    return str(player.act(person, "erase.propose", asked).value["proposal"])


def everywhere(player: Player) -> bytes:
    """Return the whole of the books as they lie in their file."""
    store = player.registry.store
    assert isinstance(store, SqliteStore)
    return bytes(store._writer.serialize("main"))


def test_a_visitor_s_data_is_erased_by_two_persons_and_the_log_still_verifies(world: World) -> None:
    """S15."""
    say(world.kyiv, years("erasure.visitor", 1), Term("retention.visit", "s. 2", 10, TermUnit.CALENDAR_DAYS))
    ids = visited(world.kyiv)
    assert NAME.encode() in everywhere(world.kyiv)
    with pytest.raises(Refused, match="not ended"):
        proposed(world.kyiv, "visitor", *ids)
    world.clock.advance(days=10)
    with pytest.raises(Refused, match="kept until 2026-09-15"):
        proposed(world.kyiv, "visitor", *ids)
    world.clock.advance(days=10)
    proposal = proposed(world.kyiv, "visitor", *ids)
    for person in ("registrar", "reader"):
        with pytest.raises(Refused):
            world.kyiv.act(person, "erase.confirm", {"proposal": proposal})
    answer = world.kyiv.act("security", "erase.confirm", {"proposal": proposal})
    assert answer.value["rows"] == 4
    assert NAME.encode() not in everywhere(world.kyiv) and b"P 1234567" not in everywhere(world.kyiv)
    report = audit(world.kyiv)
    assert report.findings == [] and report.erased == 4
    left = world.kyiv.registry.record("visitor", ids[0])
    assert left is not None and left.body == {"state": "approved", "visit": "v1"}
    with pytest.raises(OutOfOrder):
        world.kyiv.act("security", "erase.confirm", {"proposal": proposal})
    with pytest.raises(OutOfOrder):
        proposed(world.kyiv, "visitor", ids[0])


def test_nobody_erases_what_they_proposed_themselves(world: World) -> None:
    say(world.kyiv, years("erasure.visitor", 0))
    visited(world.kyiv)
    world.clock.advance(days=10)
    proposal = proposed(world.kyiv, "visitor", "v1.1", person="security")
    with pytest.raises(Refused, match="same person"):
        world.kyiv.act("security", "erase.confirm", {"proposal": proposal})
    world.kyiv.act("security", "erase.withdraw", {"proposal": proposal})
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "erase.confirm", {"proposal": proposal})


def test_where_no_layer_says_how_long_nothing_is_erased(world: World) -> None:
    do(world.kyiv, lambda session: session.put("certificate", "c1", {
        "done_on": "2026-09-01", "item": "x", "names": [NAME],
    }), "certificate")
    world.clock.advance(days=1_000)
    with pytest.raises(Undecidable, match="no layer says"):
        proposed(world.kyiv, "certificate", "c1")


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10, 75])
def test_a_reader_sheet_is_kept_for_as_many_years_as_are_configured(world: World, count: int) -> None:
    say(world.kyiv, years("retention.reader-sheet", count))
    do(world.kyiv, lambda session: session.put("grant", "g1", {
        "at": "2026-09-01T09:00:00Z", "item": "x", "person": "reader", "purpose": "p",
    }), "grant")
    shown = view(world.kyiv, "registrar", "view.retention", records="grant", id="g1")
    assert shown["keep_until"] == f"{2026 + count}-09-01" and not shown["may_be_erased"]
    world.clock.advance(days=365 * count - 5)
    with pytest.raises(Refused, match="kept until"):
        proposed(world.kyiv, "grant", "g1")
    world.clock.advance(days=60)
    world.kyiv.act("security", "erase.confirm", {"proposal": proposed(world.kyiv, "grant", "g1")})
    assert world.kyiv.registry.find("grant", "person", "reader") == []
    assert audit(world.kyiv).findings == []


def test_the_message_that_named_a_visitor_is_emptied_on_both_sides_and_the_audit_knows(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    message = world.tokyo.registry.record("consignment", consignment)
    assert message is not None
    for player in world.players:
        say(player, years("erasure.visitor", 0))
        visited(player, message["message"])
    world.clock.advance(days=10)
    with pytest.raises(OutOfOrder, match="not been answered"):
        proposed(world.tokyo, "visitor", "v1.1")
    world.deliver()
    cross(world)
    for player in world.players:
        answer = player.act("security", "erase.confirm", {"proposal": proposed(player, "visitor", "v1.1", "v1.2")})
        assert answer.value["messages"] == 1
        report = audit(player)
        assert report.findings == [] and report.erased == 4


def test_whoever_left_is_erased_by_the_day_and_one_office_confirms(world: World) -> None:
    world.kyiv.enter_people(
        "id,name,post,unit,represents,nationalities,offices,clearances\n"
        f"temp,{NAME},desk,unit,UKR,UKR,reader,EX-UKR:EXERCISE BARVINOK|2026-01-01|2029-12-31|exercise authority\n"
    )
    say(world.kyiv, years("erasure.person", 5), years("retention.clearance", 3))
    world.kyiv.act("security", "people.leave", {"person": "temp"})
    world.clock.advance(days=2)
    chase_due(world.kyiv.registry)
    assert duty(world.kyiv, "erase.person.temp")["state"] == "planned"
    world.clock.advance(days=3 * 366)
    world.kyiv.reopen()
    chase_due(world.kyiv.registry)
    waiting = duty(world.kyiv, "erase.person.temp")
    assert (waiting["state"], waiting["due"]) == ("open", "2031-09-01")
    assert NAME.encode() in everywhere(world.kyiv)
    (shown,) = view(world.kyiv, "security", "view.erasures")["proposals"]
    assert shown["proposed_by"] == "node"
    world.kyiv.act("security", "erase.confirm", {"proposal": shown["proposal"]})
    assert NAME.encode() not in everywhere(world.kyiv)
    assert duty(world.kyiv, "erase.person.temp")["state"] == "done"
    assert audit(world.kyiv).findings == []
    assert [one for one in view(world.kyiv, "security", "view.people")["people"] if one["id"] == "temp"]


@pytest.mark.parametrize(("sql", "code"), [
    ("UPDATE record SET body = x'', salt = zeroblob(32) WHERE kind = 'grant'", "audit.erased-unproved"),
    ("UPDATE record SET body = CAST('{\"name\":\"x\"}' AS BLOB) WHERE kind = 'visitor' AND version = 1",
     "audit.erased-back"),
    ("UPDATE record SET body = x'', salt = zeroblob(32) WHERE kind = 'erasure'", "audit.erased-unproved"),
    ("UPDATE record SET body = CAST(replace(CAST(body AS TEXT), '\"version\":2', '\"version\":3') AS BLOB)"
     " WHERE kind = 'erasure'", "audit.row-altered"),
    ("UPDATE inbox SET message = x'' WHERE n = 5", "audit.received"),
])
def test_what_was_emptied_without_proof_is_found(world: World, sql: str, code: str) -> None:
    _, (item,) = cross(world)
    world.kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": PURPOSE})
    world.kyiv.read("reader", item, PURPOSE)
    say(world.kyiv, years("erasure.visitor", 0))
    visited(world.kyiv)
    world.clock.advance(days=10)
    world.kyiv.act("security", "erase.confirm", {"proposal": proposed(world.kyiv, "visitor", "v1.1")})
    assert audit(world.kyiv).findings == []
    reads: Any = world.kyiv.registry.reads()
    for (name,) in list(reads._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")):
        reads._connection.execute(f"DROP TRIGGER {name}")
    reads._connection.execute(sql)
    assert reads._connection.changes() > 0
    assert code in {finding.code for finding in audit(world.kyiv).findings}


def test_the_books_themselves_let_nothing_be_altered_under_the_name_of_erasing(world: World) -> None:
    visited(world.kyiv)
    reads: Any = world.kyiv.registry.reads()
    for change in ("body = x'00'", "salt = zeroblob(32)", "body = x'', salt = zeroblob(32), version = 9"):
        with pytest.raises(Exception, match="superseded"):
            reads._connection.execute(f"UPDATE record SET {change} WHERE kind = 'visitor' AND version = 1")
