"""What waits for somebody is shown to whoever may act on it, with its day, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.test_journey import PURPOSE, approve, cross, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.message.verification import read_unverified_object


@pytest.fixture(scope="module")
def world() -> World:
    world = World.founded(seed=41)
    world.bring_into_force()
    return world


def todo(player: Player, person: str, about: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = view(player, person, "view.duties")["duties"]
    return [row for row in rows if about in ("", row["about"], row["subject"])]


def number_of(player: Player, item: str) -> str:
    record = player.registry.record("item", item)
    assert record is not None
    return str(record["reference"])


def test_a_consignment_that_is_held_waits_with_the_day_of_the_profile(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    (row,) = todo(world.kyiv, "registrar", consignment)
    assert row["what"] == "register" and row["due"] > row["since"][:10] and not row["overdue"]
    assert row["about"].startswith("JPN-OUT-UKR-")
    assert todo(world.kyiv, "reader", consignment) == []
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert todo(world.kyiv, "registrar", consignment) == []


def test_a_release_waits_for_an_authority_and_then_for_the_registrar(world: World) -> None:
    item = label(world.tokyo)
    about = number_of(world.tokyo, item)
    approve(world.tokyo, item, "originator", "release.propose")
    assert [row["what"] for row in todo(world.tokyo, "authority", about)] == ["approve-release"]
    assert todo(world.tokyo, "originator", about) == todo(world.tokyo, "registrar", about) == []
    approve(world.tokyo, item, "authority", "release.approve")
    assert todo(world.tokyo, "authority", about) == []
    (row,) = todo(world.tokyo, "registrar", about)
    assert (row["what"], row["recipient"], row["purpose"]) == ("dispatch", "UKR", PURPOSE)
    dispatch(world, [item])
    assert [row["what"] for row in todo(world.tokyo, "registrar", about)] == []


def test_a_release_that_was_withdrawn_waits_for_nobody(world: World) -> None:
    item = label(world.tokyo)
    approve(world.tokyo, item, "originator", "release.propose")
    world.tokyo.act("originator", "release.withdraw", {"item": item})
    assert todo(world.tokyo, "authority", number_of(world.tokyo, item)) == []


def test_a_release_that_was_declined_waits_for_who_proposed_it_and_for_no_authority(world: World) -> None:
    item = label(world.tokyo)
    approve(world.tokyo, item, "originator", "release.propose")
    (proposal,) = world.tokyo.registry.find("approval", "item", item)
    world.tokyo.act("authority", "release.decline", {
        "binding": proposal["bound_digest"], "item": item, "reason": "annex 2 is not for them",
    })
    assert todo(world.tokyo, "authority", number_of(world.tokyo, item)) == []
    assert [row["what"] for row in todo(world.tokyo, "originator", number_of(world.tokyo, item))] == ["release-declined"]


def test_a_destruction_waits_for_a_witness_and_not_for_who_proposed_it(world: World) -> None:
    _, (item,) = cross(world)
    proposal = str(world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"}).value["proposal"])
    assert [row["what"] for row in todo(world.kyiv, "security", proposal)] == ["witness-destruction"]
    assert todo(world.kyiv, "registrar", proposal) == []
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    assert todo(world.kyiv, "security", proposal) == []


def test_a_second_proposal_of_destruction_is_not_taken_until_the_first_is_withdrawn(world: World) -> None:
    _, (item,) = cross(world)
    asked = {"item": item, "method": "erased"}
    proposal = str(world.kyiv.act("registrar", "destroy.propose", asked).value["proposal"])
    with pytest.raises(OutOfOrder) as raised:
        world.kyiv.act("registrar", "destroy.propose", asked)
    assert raised.value.code == "destroy.proposed-already" and raised.value.fields["proposal"] == proposal
    world.kyiv.act("registrar", "destroy.withdraw", {"proposal": proposal})
    with pytest.raises(OutOfOrder) as raised:
        world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    assert raised.value.code == "destroy.settled"
    again = world.kyiv.act("registrar", "destroy.propose", asked)
    world.kyiv.act("security", "destroy.witness", {"proposal": again.value["proposal"]})


def test_a_proposal_does_not_destroy_a_copy_that_came_after_it(world: World) -> None:
    _, (item,) = cross(world)
    asked = {"item": item, "method": "erased"}
    proposal = world.kyiv.act("registrar", "destroy.propose", asked).value["proposal"]
    second = dispatch(world, [item], is_another=True)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": second, "counted": 1})
    with pytest.raises(OutOfOrder) as raised:
        world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    assert raised.value.code == "destroy.other-copies"
    assert {copy["state"] for copy in world.kyiv.registry.find("copy", "item", item)} == {"registered"}


def test_what_was_charged_out_waits_for_its_holder(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    (mine,) = todo(world.kyiv, "reader")
    assert mine["what"] == "confirm-custody" and mine["owner"] == "reader"
    assert mine in todo(world.kyiv, "registrar") and mine not in todo(world.kyiv, "colleague")
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    assert todo(world.kyiv, "reader") == []


def test_a_question_of_a_partner_waits_for_an_authority(world: World) -> None:
    _, (item,) = cross(world)
    world.kyiv.act("registrar", "consent.ask", {"act": "copy", "item": item, "purpose": PURPOSE})
    world.deliver()
    (row,) = [row for row in todo(world.tokyo, "authority") if row["what"] == "answer-consent"]
    assert row["about"] == number_of(world.tokyo, item) and row["party"] == "UKR"
    assert [row["what"] for row in todo(world.kyiv, "registrar") if row["owner"] == "JPN"] == ["consent-answer"]


def test_the_sender_s_number_is_on_the_slip_and_nowhere_in_clear(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None
    (row,) = world.tokyo.registry.reads().outbox_open()
    assert str(sent["number"]).encode() not in read_unverified_object(row.message).unverified_payload
    world.deliver()
    found = view(world.kyiv, "registrar", "view.consignment", consignment=sent["number"])
    assert found["consignment"] == consignment and found["their_number"] == sent["number"]
    (line,) = found["items"]
    assert line["their_reference"] == number_of(world.tokyo, item) and line["title"] == "Exercise paper"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    held = world.kyiv.registry.record("consignment", consignment)
    assert held is not None and held["their_number"] == sent["number"] and "slip" not in held.body
    (entry,) = world.kyiv.registry.find("entry", "their_reference", number_of(world.tokyo, item))
    assert entry["their_consignment"] == sent["number"]


def test_only_who_counts_sees_what_is_in_a_consignment(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    for person in ("reader", "head", "security"):
        with pytest.raises(Refused):
            view(world.kyiv, person, "view.consignment", consignment=consignment)
