"""A change of level goes from its originator over the border to every copy, and back as an answer for each."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import OutOfOrder, Refused, Unverified
from cordiale.message.bodies.level_change import LevelChange
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind, LevelOutcome
from cordiale.records.correspondence import Letter, post
from cordiale.records.items import marking_of
from cordiale.records.labels import label_of
from cordiale.records.ledger import Act
from cordiale.records.level_copies import work_levels
from cordiale.records.partners import require_partner

SAKURA, AJISAI, FUJI, MATSU = (f"EX-JPN:EXERCISE {name}" for name in ("SAKURA", "AJISAI", "FUJI", "MATSU"))


@pytest.fixture
def world() -> World:
    return World.in_force(seed=501)


def propose(player: Player, item: str, to: str, **more: Any) -> str:
    params = {"item": item, "to": to, "article": "Art. 4(4)", **more}
    return str(player.act("originator", "level.propose", params).value["proposal"])


def change(player: Player, item: str, to: str, **more: Any) -> dict[str, Any]:
    proposal = propose(player, item, to, **more)
    return dict(player.act("authority", "level.confirm", {"item": item, "proposal": proposal}).value)


def work(world: World) -> None:
    """Deliver, let every node work off what it has, and deliver the answers."""
    for _ in range(3):
        world.deliver()
        for player in world.players:
            work_levels(player.registry)


def item_of(player: Player, item: str) -> Any:
    record = player.registry.record("item", item)
    assert record is not None
    return record


def told(player: Player) -> Any:
    (one,) = bodies(player, "level-told").values()
    return one


def open_duties(player: Player) -> set[str]:
    return {duty["what"] for duty in bodies(player, "duty").values() if duty["state"] == "open"}


def send(world: World, sender: Player, body: Any, *, after: tuple[str, ...] = ()) -> None:
    """Let a node send what its program would not."""
    registry = sender.registry
    other = world.other(sender)

    def run(session: Any) -> dict[str, Any]:
        partner = require_partner(session.reads, other.party, mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(partner=partner, body=body, agreement=AGREEMENT, version=1, after=after))
        return {}

    registry.ledger.commit(Act(registry.fresh_id("x"), "send", "node", AGREEMENT, run))
    world.deliver()


def refusals(player: Player) -> list[str]:
    return [one["code"] for one in bodies(player, "refused-message").values()]


def test_a_downgrade_reaches_every_copy_of_the_partner_and_comes_back_as_an_answer(world: World) -> None:
    _, (item,) = cross(world)
    before = item_of(world.kyiv, item)
    answer = change(world.tokyo, item, AJISAI)
    assert answer["told"] == ["UKR"]
    work(world)
    for player in world.players:
        now = item_of(player, item)
        assert str(label_of(now).level) == AJISAI
        assert now["label"] == before["label"], "the originator's label is never written again"
    there = item_of(world.kyiv, item)
    assert str(marking_of(there).level) == "EX-UKR:EXERCISE KALYNA"
    assert there["marking"] == before["marking"]
    (entry,) = (one for one in bodies(world.kyiv, "entry").values() if one["act"] == "level-changed")
    assert (entry["authority"], entry["legal_basis"]) == (bodies(world.tokyo, "person")["authority"]["post"], "Art. 4(4)")
    assert (entry["before"], entry["level"], entry["equivalent"]) == (SAKURA, AJISAI, "EX-UKR:EXERCISE KALYNA")
    assert (told(world.tokyo)["state"], told(world.tokyo)["outcome"], told(world.tokyo)["silent"]) == ("done", "done", [])
    assert not open_duties(world.tokyo) and not open_duties(world.kyiv)
    assert list_differences(world) == []


def test_what_is_shown_strikes_the_old_mark_and_names_who_decided(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, AJISAI)
    work(world)
    from cordiale.records.registry import identify
    from cordiale.views.items import show_item

    registry = world.kyiv.registry
    shown = show_item(registry, identify(registry, world.kyiv.request("registrar", "view.item", {"item": item})))
    (stamp,) = shown["stamps"]
    assert (stamp["struck"], stamp["level"], stamp["equivalent"]) == (SAKURA, AJISAI, "EX-UKR:EXERCISE KALYNA")
    assert any("AJISAI" in line and "KALYNA" in line for line in shown["banner"])
    assert not any("SAKURA" in line for line in shown["banner"])


def test_nobody_changes_a_level_alone_and_only_an_originator_proposes_one(world: World) -> None:
    item = label(world.tokyo)
    with pytest.raises(Refused, match="originator"):
        world.tokyo.act("registrar", "level.propose", {"item": item, "to": AJISAI, "article": "Art. 4(4)"})
    proposal = propose(world.tokyo, item, AJISAI)
    with pytest.raises(Refused):
        world.tokyo.act("originator", "level.confirm", {"item": item, "proposal": proposal})
    with pytest.raises(OutOfOrder, match="answered before"):
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": "act.other"})
    assert "marks" not in item_of(world.tokyo, item).body


def test_the_holder_of_a_foreign_item_has_no_act_that_changes_its_level(world: World) -> None:
    _, (item,) = cross(world)
    with pytest.raises((OutOfOrder, Refused)):
        propose(world.kyiv, item, AJISAI)
    send(world, world.kyiv, LevelChange(
        "c-1", item, 1, LevelChangeKind.DECLASSIFIED, LevelRef("EX-JPN", "EXERCISE SAKURA"), "x", "x",
        world.clock.at.replace(microsecond=0), world.clock.at.replace(microsecond=0),
    ))
    assert refusals(world.tokyo) == ["level.item-not-there"]
    assert "marks" not in item_of(world.tokyo, item).body


def test_an_item_that_never_came_and_one_that_does_not_exist_are_refused_alike(world: World) -> None:
    own = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", release_to=["JPN"])
    now = world.clock.at.replace(microsecond=0)
    for name in (own, "jpn.act.nothing"):
        send(world, world.tokyo, LevelChange(
            f"c-{name}", name, 1, LevelChangeKind.DECLASSIFIED, LevelRef("EX-UKR", "EXERCISE BARVINOK"), "x", "x", now, now,
        ))
    assert refusals(world.kyiv) == ["level.item-not-there"] * 2


def test_after_an_upgrade_who_is_not_cleared_has_no_access_from_that_moment_and_is_named_at_home_only(
    world: World,
) -> None:
    item = label(world.tokyo, level=AJISAI)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    for person in ("reader", "junior"):
        grant(world, item, person)
        world.kyiv.act("registrar", "circulate", {"item": item, "person": person})
    assert world.kyiv.read("junior", item, PURPOSE) == CONTENT
    change(world.tokyo, item, SAKURA)
    world.deliver()
    with pytest.raises(Refused, match="clearance"):
        world.kyiv.read("junior", item, PURPOSE)
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    (cut,) = bodies(world.kyiv, "level-shut-out").values()
    assert cut["persons"] == ["junior"]
    assert "recover-item" in open_duties(world.kyiv)
    work(world)
    crossed = b"".join(row.message for row in rows(world.kyiv))
    assert b"junior" not in crossed and b"reader" not in crossed
    assert told(world.tokyo)["state"] == "done"


def rows(player: Player) -> Any:
    reads = player.registry.reads()
    return [row for id in list(reads.outbox_ids()) if (row := reads.outbox(id)) is not None]


def test_an_upgrade_to_a_level_without_an_equivalent_freezes_the_item_and_tells_the_originator(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    change(world.tokyo, item, MATSU)
    work(world)
    assert item_of(world.kyiv, item)["state"] == "frozen"
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)
    assert told(world.tokyo)["outcome"] == "frozen"
    change(world.tokyo, item, SAKURA)
    work(world)
    assert item_of(world.kyiv, item)["state"] == "registered"
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_a_change_for_a_later_day_waits_for_it_on_both_sides(world: World) -> None:
    _, (item,) = cross(world)
    day = world.clock.at.date().replace(day=28)
    change(world.tokyo, item, AJISAI, on=day.isoformat())
    work(world)
    for player in world.players:
        assert str(label_of(item_of(player, item)).level) == SAKURA
        assert "level-change" in open_duties(player)
    world.clock.advance(days=40)
    work(world)
    for player in world.players:
        assert str(label_of(item_of(player, item)).level) == AJISAI
    assert told(world.tokyo)["state"] == "done"


def test_of_two_changes_the_later_issue_holds_whichever_arrives_first(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, AJISAI)
    change(world.tokyo, item, FUJI)
    first, second = [row for row in rows(world.tokyo) if row.state == "waiting"]
    from cordiale.work.intake import take_message

    for row in sorted((first, second), key=lambda one: -one.seq):
        take_message(world.kyiv.registry, row.message, world.tokyo.registry.node)
    work(world)
    for player in world.players:
        assert str(label_of(item_of(player, item)).level) == FUJI
    outcomes = {one["change"]: one.get("outcome") for one in bodies(world.tokyo, "level-told").values()}
    assert sorted(outcomes.values()) == ["done", "superseded"]
    assert "level-change-done" not in open_duties(world.tokyo)


def test_a_later_change_takes_the_place_of_one_that_waits_for_its_day(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, "declassified", on=(world.clock.at.date().replace(day=28)).isoformat())
    change(world.tokyo, item, FUJI)
    world.clock.advance(days=60)
    work(world)
    for player in world.players:
        assert str(label_of(item_of(player, item)).level) == FUJI
        assert "declassified_at" not in item_of(player, item).body


def test_a_change_for_an_item_on_its_way_takes_effect_when_it_is_registered(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    change(world.tokyo, item, AJISAI)
    work(world)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    there = item_of(world.kyiv, item)
    assert str(label_of(there).level) == AJISAI and str(marking_of(there).level) == "EX-UKR:EXERCISE KALYNA"
    assert told(world.tokyo)["state"] == "done"
    assert list_differences(world) == []


def test_a_change_never_overtakes_the_consignment_that_tells_what_it_is_of(world: World) -> None:
    from cordiale.errors import Unavailable
    from cordiale.work.intake import take_message

    item = label(world.tokyo)
    release(world.tokyo, item)
    dispatch(world, [item])
    change(world.tokyo, item, AJISAI)
    order = next(row for row in rows(world.tokyo) if row.state == "waiting" and row.precedence == "order")
    with pytest.raises(Unavailable):
        take_message(world.kyiv.registry, order.message, world.tokyo.registry.node)
    assert bodies(world.kyiv, "level-change") == {}


def test_a_paper_is_done_when_a_registrar_has_marked_it(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    change(world.tokyo, item, AJISAI)
    work(world)
    assert (told(world.tokyo)["outcome"], told(world.tokyo)["pending"]) == ("working", [1])
    assert "level-change-done" in open_duties(world.tokyo)
    with pytest.raises(Refused):
        world.kyiv.act("reader", "level.mark", {"item": item})
    world.kyiv.act("registrar", "level.mark", {"item": item, "copies": [1]})
    work(world)
    assert (told(world.tokyo)["outcome"], told(world.tokyo)["pending"]) == ("done", [])
    assert "level-change-done" not in open_duties(world.tokyo)
    assert any(one["act"] == "re-marked" for one in bodies(world.kyiv, "entry").values())
    with pytest.raises(OutOfOrder):
        world.kyiv.act("registrar", "level.mark", {"item": item})


def test_whoever_holds_the_item_is_told_and_confirms(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    change(world.tokyo, item, AJISAI)
    work(world)
    assert "note-level" in open_duties(world.kyiv)
    with pytest.raises((OutOfOrder, Refused)):
        world.kyiv.act("colleague", "level.note", {"item": item})
    world.kyiv.act("reader", "level.note", {"item": item})
    assert "note-level" not in open_duties(world.kyiv)


def test_an_answer_before_its_order_and_one_for_copies_never_given_are_refused(world: World) -> None:
    _, (item,) = cross(world)
    now = world.clock.at.replace(microsecond=0)
    send(world, world.kyiv, LevelChangeDone("jpn.level.nothing", LevelOutcome.DONE, now, (1,)))
    assert refusals(world.tokyo) == ["level.change-unknown"]
    name = change(world.tokyo, item, AJISAI)["change"]
    send(world, world.kyiv, LevelChangeDone(name, LevelOutcome.DONE, now, (1, 2)))
    assert sorted(refusals(world.tokyo)) == ["copy.not-with-partner", "level.change-unknown"]
    assert bodies(world.tokyo, "level-answer") == {}
    work(world)
    assert told(world.tokyo)["state"] == "done"


def test_a_partner_that_answers_for_fewer_copies_is_still_owed_the_rest(world: World) -> None:
    _, (item,) = cross(world)
    name = change(world.tokyo, item, AJISAI)["change"]
    now = world.clock.at.replace(microsecond=0)
    send(world, world.kyiv, LevelChangeDone(name, LevelOutcome.DONE, now))
    work_levels(world.tokyo.registry)
    assert told(world.tokyo)["silent"] == [1]
    assert "level-change-done" in open_duties(world.tokyo)


def test_whoever_passed_the_item_on_tells_the_third_party(world: World) -> None:
    _, (item,) = cross(world)
    request = world.kyiv.act("registrar", "consent.ask", {
        "act": "pass-on", "item": item, "purpose": PURPOSE, "recipient": "POL",
    }).value["request"]
    world.deliver()
    world.tokyo.act("authority", "consent.answer", {"outcome": "granted", "request": request})
    world.deliver()
    # Poland is outside the release set of this item; that it was passed on is entered as it would be.
    world.kyiv.registry.ledger.commit(Act("x.1", "pass-on", "node", "internal", lambda session: {
        "id": session.put("pass-on", "act.x", {"item": item, "purpose": PURPOSE, "recipient": "POL"}).id
    }))
    change(world.tokyo, item, AJISAI)
    work(world)
    assert "tell-level" in open_duties(world.kyiv)
    assert b"POL" not in b"".join(row.message for row in rows(world.kyiv) if b"level-change" in row.message)
    world.kyiv.act("registrar", "level.told", {"item": item, "party": "POL", "reference": "letter 17"})
    assert "tell-level" not in open_duties(world.kyiv)


def test_a_level_changes_within_its_own_scheme_and_to_another_level(world: World) -> None:
    item = label(world.tokyo)
    for to in (SAKURA, "EX-UKR:EXERCISE KALYNA", "EX-JPN:EXERCISE NONE"):
        with pytest.raises(Refused):
            propose(world.tokyo, item, to)
    with pytest.raises(Refused, match="day that is over"):
        propose(world.tokyo, item, AJISAI, on="2020-01-01")


def test_an_approval_for_release_does_not_outlive_the_level_it_was_given_at(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    change(world.tokyo, item, AJISAI)
    with pytest.raises(Refused):
        dispatch(world, [item])
    release(world.tokyo, item)
    dispatch(world, [item])


def test_a_further_copy_comes_under_the_new_mark_to_an_item_known_under_the_old_one(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, AJISAI)
    work(world)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    assert str(label_of(item_of(world.kyiv, item)).level) == AJISAI
    for player in world.players:
        assert audit(player).findings == []


def test_the_same_change_twice_is_one_and_another_under_its_name_is_refused(world: World) -> None:
    _, (item,) = cross(world)
    name = change(world.tokyo, item, AJISAI)["change"]
    work(world)
    (sent,) = [one for id, one in bodies(world.kyiv, "level-change").items()]
    now = world.clock.at.replace(microsecond=0)
    forged = LevelChange(
        name, item, 2, LevelChangeKind.DECLASSIFIED, LevelRef("EX-JPN", "EXERCISE SAKURA"), "x", "x", now, now
    )
    send(world, world.tokyo, forged)
    assert refusals(world.kyiv) == ["level.other-change"]
    assert str(label_of(item_of(world.kyiv, item)).level) == AJISAI and sent["state"] == "done"


def test_a_partner_that_calls_an_upgrade_a_downgrade_is_refused(world: World) -> None:
    _, (item,) = cross(world)
    now = world.clock.at.replace(microsecond=0)
    send(world, world.tokyo, LevelChange(
        "c-9", item, 1, LevelChangeKind.DOWNGRADED, LevelRef("EX-JPN", "EXERCISE SAKURA"), "x", "x", now, now,
        LevelRef("EX-JPN", "EXERCISE FUJI"),
    ))
    assert refusals(world.kyiv) == ["level.not-sound"]
    assert Unverified.family == "unverified"


def test_a_change_reaches_the_copy_that_was_made_of_a_copy_and_its_number_speaks_for_it(world: World) -> None:
    from tests.world.reproducing import copy_it, printer

    _, (item,) = cross(world, forms=("paper",))
    (made,) = copy_it(world, item, form="paper", device=printer(world.kyiv))
    world.deliver()
    change(world.tokyo, item, AJISAI)
    work(world)
    assert told(world.tokyo)["pending"] == [1]
    copies = bodies(world.kyiv, "copy")
    assert [copies[one]["level_done"] for one in sorted(copies)] == [False, False]
    world.kyiv.act("registrar", "level.mark", {"item": item})
    work(world)
    assert told(world.tokyo)["outcome"] == "done"
    assert bodies(world.kyiv, "copy")[made]["level_done"]
    for player in world.players:
        assert audit(player).findings == []
