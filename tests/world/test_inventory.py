"""An inventory freezes what must be there, is counted over days by several persons, and ends in a signed result."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.reproducing import copy_it
from tests.world.test_audit import audit
from tests.world.test_journey import codes, cross, label
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified
from cordiale.records.inventories import INCIDENT_DRAFT, SIGHTING
from cordiale.records.record import open_record


@pytest.fixture
def world() -> World:
    return World.in_force(seed=41)


def begin(player: Player, person: str = "registrar", **params: Any) -> str:
    return str(player.act(person, "inventory.open", {"kind": "whole", **params}).value["inventory"])


def sight(player: Player, inventory: str, *numbers: str, person: str = "registrar", how: str = "scanner") -> list[Any]:
    answer = player.act(person, "inventory.sight", {"inventory": inventory, "numbers": list(numbers), "how": how})
    return [one["outcome"] for one in answer.value["sighted"]]


def close(player: Player, inventory: str) -> Any:
    return player.act("registrar", "inventory.close", {"inventory": inventory}).value


def sign(player: Player, inventory: str, *persons: str) -> str:
    state = ""
    for person in persons or ("registrar", "security"):
        binding = view(player, "registrar", "view.inventory", inventory=inventory)["binding"]
        state = player.act(person, "inventory.sign", {"binding": binding, "inventory": inventory}).value["state"]
    return state


def number_of(player: Player, item: str) -> str:
    record = player.registry.record("item", item)
    assert record is not None
    return str(record["reference"])


def test_a_copy_made_here_of_a_received_copy_is_counted_and_explained_by_a_number_of_its_own(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    made = copy_it(world, item, number=2)
    number = number_of(world.kyiv, item)
    inventory = begin(world.kyiv)
    shown = view(world.kyiv, "registrar", "view.inventory", inventory=inventory)["lines"]
    assert {one["number"] for one in shown} == {f"{number}#1", f"{number}#1.1", f"{number}#1.2"}
    (several,) = world.kyiv.act("registrar", "inventory.sight", {
        "how": "hand", "inventory": inventory, "numbers": [number],
    }).value["sighted"]
    assert several["which"] == f"{number}#1, {number}#1.1, {number}#1.2"
    assert sight(world.kyiv, inventory, f"{number}#1.1", f"{number} copy 1.1", how="hand") == ["sighted", "sighted-before"]
    close(world.kyiv, inventory)
    for behind in ("1", "1.2"):
        world.kyiv.act("registrar", "inventory.explain", {
            "explanation": "found", "inventory": inventory, "number": f"{number}#{behind}", "text": "in the other safe",
        })
    copies = {one["copy"]: one["state"] for one in world.kyiv.registry.find("difference", "inventory", inventory)}
    assert copies == {f"{item}.c1": "explained", made[1]: "explained"}
    assert sign(world.kyiv, inventory) == "signed"


def held(world: World, count: int = 2, form: str = "paper") -> list[str]:
    """Let `count` items cross, and return their numbers at Kyiv."""
    _, items = cross(world, forms=(form,) * count)
    return [number_of(world.kyiv, item) for item in items]


def duties(player: Player, what: str) -> list[Any]:
    reads = player.registry.reads()
    return [open_record(one) for one in reads.find("duty", "state", "open") if open_record(one)["what"] == what]


def test_an_inventory_goes_on_after_a_week_by_several_persons_and_ends_signed_by_two(world: World) -> None:
    numbers = held(world, 3)
    inventory = begin(world.kyiv)
    assert sight(world.kyiv, inventory, numbers[0]) == ["sighted"]
    world.clock.advance(days=7)
    world.kyiv.reopen()
    assert sight(world.kyiv, inventory, numbers[1], numbers[0], person="security", how="hand") == [
        "sighted", "sighted-before",
    ]
    for most in (1, 2):
        (line,) = view(world.kyiv, "registrar", "view.inventory", inventory=inventory, unsighted=most)["lines"]
        assert line["number"] == numbers[2], "of what is sighted nothing is read where only the rest is asked for"
    assert sight(world.kyiv, inventory, numbers[2]) == ["sighted"]
    result = close(world.kyiv, inventory)
    assert (result["sighted"], result["missing"], result["surplus"]) == (3, 0, 0)
    assert sign(world.kyiv, inventory) == "signed"
    assert audit(world.kyiv).findings == []


def test_a_second_scan_is_the_same_sighting(world: World) -> None:
    (number,) = held(world, 1)
    inventory = begin(world.kyiv)
    sight(world.kyiv, inventory, number)
    copy = next(iter(world.kyiv.registry.find(SIGHTING, "inventory", inventory)))
    world.clock.advance(days=1)
    assert sight(world.kyiv, inventory, number, person="security") == ["sighted-before"]
    assert world.kyiv.registry.find(SIGHTING, "inventory", inventory) == [copy]


def test_what_came_after_the_moment_is_not_expected_and_is_no_surplus(world: World) -> None:
    numbers = held(world, 1)
    inventory = begin(world.kyiv)
    later = held(world, 1)
    assert sight(world.kyiv, inventory, *numbers, *later) == ["sighted", "not-expected"]
    result = close(world.kyiv, inventory)
    assert (result["closing"], result["surplus"], result["beyond"]) == (1, 0, 1)


def test_what_left_while_it_was_taken_is_accounted_for_by_its_document(world: World) -> None:
    _, (item, other) = cross(world, forms=("paper", "paper"))
    inventory = begin(world.kyiv)
    world.kyiv.act("registrar", "return", {"item": item})
    sight(world.kyiv, inventory, number_of(world.kyiv, other))
    result = close(world.kyiv, inventory)
    assert (result["left"], result["missing"]) == (1, 0)
    (line,) = view(world.kyiv, "registrar", "view.inventory", inventory=inventory)["left"]
    assert line["document"].startswith("UKR-RET-JPN-")


def test_a_missing_copy_fills_in_the_first_incident_report_and_makes_it_due_at_once(world: World) -> None:
    """Scenario S11."""
    numbers = held(world, 2)
    inventory = begin(world.kyiv, book="JPN")
    sight(world.kyiv, inventory, numbers[0])
    assert close(world.kyiv, inventory)["missing"] == 1
    (draft,) = world.kyiv.registry.find(INCIDENT_DRAFT, "state", "open")
    assert (draft["number"], draft["originator"], draft["cause"]) == (numbers[1], "JPN", "missing-at-inventory")
    assert draft["articles"] == ["Art. 12(1)"] and draft["ruling"] == "required"
    (duty,) = duties(world.kyiv, "report-incident")
    assert duty["subject"] == draft.id
    assert duty["due"] == world.clock.at.date().isoformat()


def test_a_result_is_signed_only_when_each_difference_is_explained(world: World) -> None:
    numbers = held(world, 2)
    inventory = begin(world.kyiv)
    sight(world.kyiv, inventory, numbers[0])
    close(world.kyiv, inventory)
    with pytest.raises(OutOfOrder, match="not explained"):
        sign(world.kyiv, inventory)
    before = view(world.kyiv, "registrar", "view.inventory", inventory=inventory)["binding"]
    world.kyiv.act("registrar", "inventory.explain", {
        "explanation": "not-found", "inventory": inventory, "number": numbers[1], "text": "searched twice",
    })
    with pytest.raises(Unverified):
        world.kyiv.act("registrar", "inventory.sign", {"binding": before, "inventory": inventory})
    assert sign(world.kyiv, inventory) == "signed"
    assert len(duties(world.kyiv, "report-incident")) == 1


def test_nobody_signs_a_result_twice_and_strangers_neither_count_nor_sign(world: World) -> None:
    numbers = held(world, 1)
    inventory = begin(world.kyiv)
    for person in ("reader", "originator", "head"):
        with pytest.raises(Refused):
            begin(world.kyiv, person, book="own")
        with pytest.raises(Refused):
            sight(world.kyiv, inventory, *numbers, person=person)
    sight(world.kyiv, inventory, *numbers)
    close(world.kyiv, inventory)
    with pytest.raises(Refused) as twice:
        sign(world.kyiv, inventory, "registrar", "registrar")
    assert codes(twice) == {"inventory.signed-by-you"}


def test_what_is_found_although_it_is_gone_stands_out(world: World) -> None:
    _, (item, other) = cross(world, forms=("paper", "paper"))
    gone = number_of(world.kyiv, item)
    world.kyiv.act("registrar", "return", {"item": item})
    inventory = begin(world.kyiv)
    assert sight(world.kyiv, inventory, gone, "UKR/JPN-1999-0001", number_of(world.kyiv, other)) == [
        "not-expected", "unknown", "sighted",
    ]
    assert close(world.kyiv, inventory)["surplus"] == 2


def test_opening_and_in_less_out_is_closing_and_each_has_its_document(world: World) -> None:
    _, (first, second) = cross(world, forms=("paper", "paper"))
    inventory = begin(world.kyiv, book="JPN")
    sight(world.kyiv, inventory, number_of(world.kyiv, first), number_of(world.kyiv, second))
    assert "opening" not in close(world.kyiv, inventory)
    sign(world.kyiv, inventory)
    world.clock.advance(days=200)
    world.kyiv.act("registrar", "return", {"item": first})
    _, (third,) = cross(world, forms=("paper",))
    again = begin(world.kyiv, book="JPN")
    sight(world.kyiv, again, number_of(world.kyiv, second), number_of(world.kyiv, third))
    result = close(world.kyiv, again)
    assert (result["opening"], result["came"], result["went"], result["closing"]) == (2, 1, 1, 2)
    assert result["undocumented"] == 0
    shown = view(world.kyiv, "registrar", "view.inventory", inventory=again, **{"as": "html"})
    assert shown["came"][0]["document"].startswith("registered UKR/JPN-")
    assert shown["went"][0]["document"].startswith("UKR-RET-JPN-")
    assert "2 + 1 − 1 = 2" in shown["html"] and "EX-UKR:EXERCISE BARVINOK" in shown["html"]


def test_the_next_inventory_is_due_as_the_layers_say_and_done_by_the_next_signature(world: World) -> None:
    numbers = held(world, 1)
    for months in (12, 12):
        inventory = begin(world.kyiv, book="JPN")
        sight(world.kyiv, inventory, *numbers)
        close(world.kyiv, inventory)
        sign(world.kyiv, inventory)
        (duty,) = duties(world.kyiv, "take-inventory")
        today = world.clock.at.date()
        assert duty["due"] == today.replace(year=today.year + months // 12).isoformat()
        assert duty["basis"] == "Exercise Order U-7, s. 21"
        world.clock.advance(days=60)


def test_a_spot_check_is_not_smaller_than_the_layers_ask(world: World) -> None:
    held(world, 1)
    with pytest.raises(Malformed, match="20 percent"):
        begin(world.kyiv, kind="spot", share=19)


def test_a_share_is_drawn_by_the_node_and_is_not_drawn_again_until_it_suits(world: World) -> None:
    held(world, 5)
    inventory = begin(world.kyiv, kind="spot", share=30)
    record = world.kyiv.registry.record("inventory", inventory)
    assert record is not None and (record["expected"], record["held"]) == (2, 5)
    assert len(record["seed"]) == 64
    with pytest.raises(OutOfOrder, match="open already"):
        begin(world.kyiv, kind="spot", share=30)
    with pytest.raises(Malformed):
        begin(world.kyiv, share=30)


def test_a_change_of_custodian_is_signed_by_both_custodians_and_nobody_else(world: World) -> None:
    numbers = held(world, 1)
    inventory = begin(world.kyiv, kind="handover", custodians=["registrar", "security"])
    sight(world.kyiv, inventory, *numbers)
    close(world.kyiv, inventory)
    assert sign(world.kyiv, inventory, "registrar") == "counted"
    assert sign(world.kyiv, inventory, "security") == "signed"
    with pytest.raises(Refused):
        begin(world.kyiv, kind="handover", custodians=["registrar", "reader"])


def test_files_are_sighted_by_the_node_where_their_envelopes_are(world: World) -> None:
    held(world, 2, form="file")
    inventory = begin(world.kyiv, book="JPN")
    gone = next(name for name in world.kyiv.objects.names() if name.startswith("in."))
    world.kyiv.objects.remove(gone)
    answer = world.kyiv.act("registrar", "inventory.sight-files", {"inventory": inventory, "page": 0}).value
    assert (answer["sighted"], len(answer["absent"])) == (1, 1)
    assert close(world.kyiv, inventory)["missing"] == 1


def test_our_own_items_are_counted_by_their_own_number(world: World) -> None:
    number = number_of(world.tokyo, label(world.tokyo, form="paper"))
    inventory = begin(world.tokyo, book="own")
    assert sight(world.tokyo, inventory, number) == ["sighted"]
    assert close(world.tokyo, inventory)["missing"] == 0


def test_an_act_repeated_after_its_answer_was_lost_begins_one_inventory(world: World) -> None:
    held(world, 1)
    answers = [
        world.kyiv.act("registrar", "inventory.open", {"kind": "whole"}, act_id="act.same").value for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(world.kyiv.registry.find("inventory", "state", "open")) == 1


def test_nothing_of_an_inventory_crosses(world: World) -> None:
    numbers = held(world, 2)
    inventory = begin(world.kyiv)
    sight(world.kyiv, inventory, numbers[0])
    close(world.kyiv, inventory)
    assert world.kyiv.registry.reads().outbox_open() == []
