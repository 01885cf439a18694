"""The straight road of one item between two nodes in memory, and the refusals along it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable
from cordiale.records.agreements import load_index
from cordiale.records.items import ITEM
from cordiale.records.releases import binding_of, version_of

PURPOSE = "high-level dialogue"
CONTENT = b"%PDF-1.7 exercise paper " * 100


@pytest.fixture(scope="module")
def in_force() -> World:
    world = World.founded()
    world.bring_into_force()
    return world


def label(player: Player, *, level: str = "EX-JPN:EXERCISE SAKURA", form: str = "file", **more: Any) -> str:
    content = CONTENT if form == "file" else None
    params = {"form": form, "level": level, "release_to": ["UKR"], "title": "Exercise paper", **more}
    return str(player.act("originator", "label", params, content=content).value["item"])


def approve(player: Player, item: str, person: str, kind: str, purpose: str = PURPOSE) -> None:
    books = player.registry.books()
    binding = binding_of(
        books.require(ITEM, item), recipient="UKR", purpose=purpose, agreement=AGREEMENT,
        version=version_of(books, AGREEMENT), mode=player.registry.mode,
    )
    player.act(person, kind, {
        "agreement": AGREEMENT, "binding": binding, "item": item, "purpose": purpose, "recipient": "UKR",
    })


def release(player: Player, item: str) -> None:
    approve(player, item, "originator", "release.propose")
    approve(player, item, "authority", "release.approve")


def dispatch(world: World, items: list[str], link: str = "wire", *, is_another: bool = False) -> str:
    answer = world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": items, "link": link, "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv", **({"another_copy": True} if is_another else {}),
    })
    return str(answer.value["consignment"])


def cross(world: World, *, forms: tuple[str, ...] = ("file",)) -> tuple[str, list[str]]:
    """Label, release, dispatch, deliver and register items; return the consignment and the items."""
    items = [label(world.tokyo, form=form) for form in forms]
    for item in items:
        release(world.tokyo, item)
    consignment = dispatch(world, items)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": len(items)})
    world.deliver()
    return consignment, items


def grant(world: World, item: str, person: str) -> None:
    world.kyiv.act("head", "need.grant", {"item": item, "person": person, "purpose": PURPOSE})


def codes(raised: pytest.ExceptionInfo[Any]) -> set[str]:
    return {reason.code for reason in raised.value.decision.reasons}


def test_the_exercise_agreement_comes_into_force_at_both_nodes(in_force: World) -> None:
    for player in in_force.players:
        state = load_index(player.registry.reads(), AGREEMENT, player.party).state
        assert state.stage == "in-force"
        assert len(state.readiness) == 4
        assert len(state.links) == 4


def test_one_item_crosses_and_is_read_by_a_cleared_person_who_needs_to_know(in_force: World) -> None:
    consignment, items = cross(in_force, forms=("file", "paper"))
    sent = in_force.tokyo.registry.record("consignment", consignment)
    assert sent is not None and sent["state"] == "receipted"
    grant(in_force, items[0], "reader")
    assert in_force.kyiv.read("reader", items[0], PURPOSE) == CONTENT


def test_every_reason_is_given_to_each_who_is_refused(in_force: World) -> None:
    _, (item,) = cross(in_force)
    with pytest.raises(Refused) as colleague:
        in_force.kyiv.read("colleague", item, PURPOSE)
    assert codes(colleague) == {"access.no-need-to-know"}
    grant(in_force, item, "junior")
    with pytest.raises(Refused) as junior:
        in_force.kyiv.read("junior", item, PURPOSE)
    assert any(code.startswith("access.clearance") for code in codes(junior))
    grant(in_force, item, "foreigner")
    with pytest.raises(Refused) as foreigner:
        in_force.kyiv.read("foreigner", item, PURPOSE)
    assert any("release" in code or "nationality" in code or "citizen" in code for code in codes(foreigner))


def test_nobody_releases_alone_what_they_proposed(in_force: World) -> None:
    item = label(in_force.tokyo)
    approve(in_force.tokyo, item, "originator", "release.propose")
    with pytest.raises(Refused):
        approve(in_force.tokyo, item, "originator", "release.approve")
    with pytest.raises(Refused):
        dispatch(in_force, [item])


def test_passing_on_without_consent_is_refused(in_force: World) -> None:
    _, (item,) = cross(in_force)
    with pytest.raises(Refused):
        in_force.kyiv.act("registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": "POL"})


def test_before_the_agreement_is_in_force_nothing_is_dispatched() -> None:
    world = World.founded(seed=7)
    world.enter_agreement()
    item = label(world.tokyo)
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])
    world.sign_agreement()
    release(world.tokyo, item)
    with pytest.raises(Refused) as signed:
        dispatch(world, [item])
    assert "provision.not-in-force" in codes(signed)
    world.exchange_notes()
    with pytest.raises(Refused) as unready:
        dispatch(world, [item])
    assert {"provision.readiness-missing", "provision.link-missing"} <= codes(unready)
    world.find_readiness()
    world.approve_links("wire")
    dispatch(world, [item])


def test_an_item_is_returned_and_one_destroyed_by_two_and_the_originator_holds_both_certificates(
    in_force: World,
) -> None:
    _, (paper, file) = cross(in_force, forms=("paper", "file"))
    in_force.kyiv.act("registrar", "return", {"item": paper})
    proposal = in_force.kyiv.act("registrar", "destroy.propose", {"item": file, "method": "key and file erased"})
    with pytest.raises(Refused):
        in_force.kyiv.act("registrar", "destroy.witness", {"proposal": proposal.value["proposal"]})
    in_force.kyiv.act("security", "destroy.witness", {"proposal": proposal.value["proposal"]})
    in_force.deliver()
    certificates = {
        record["item"]: record["ending"]
        for item in (paper, file) for record in in_force.tokyo.registry.find("certificate", "item", item)
    }
    assert certificates == {paper: "returned", file: "destroyed"}
    grant(in_force, file, "reader")
    with pytest.raises((Refused, OutOfOrder)):
        in_force.kyiv.read("reader", file, PURPOSE)
    assert not any(name.startswith("in.") and file in name for name in in_force.kyiv.objects.contents)


def test_the_same_act_twice_is_one_act_with_one_answer(in_force: World) -> None:
    params = {"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    first = in_force.tokyo.act("originator", "label", params, act_id="act.twice")
    second = in_force.tokyo.act("originator", "label", params, act_id="act.twice")
    assert (first.value, first.trail) == (second.value, second.trail)


def test_the_id_of_one_act_never_fetches_the_answer_of_another(in_force: World) -> None:
    params = {"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    in_force.tokyo.act("originator", "label", params, act_id="act.reused")
    with pytest.raises(OutOfOrder, match="belongs to another act"):
        in_force.tokyo.act("originator", "label", {**params, "title": "Another"}, act_id="act.reused")
    with pytest.raises(OutOfOrder, match="belongs to another act"):
        in_force.tokyo.act("registrar", "label", params, act_id="act.reused")
    with pytest.raises(Malformed, match="does not begin"):
        in_force.tokyo.act("originator", "label", params, act_id="in.some-message")
