"""Copies asked back and ordered back: each answered for, whatever crosses on the way; and what is refused by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import list_differences, list_unrest
from tests.world.forging import hand_envelopes, waiting
from tests.world.forging import tell as bring
from tests.world.test_audit import audit
from tests.world.test_inventory import duties
from tests.world.test_journey import codes, cross, dispatch, label, release
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused
from cordiale.records.record import Record
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=61)


def ask(world: World, item: str, **more: Any) -> str:
    answer = world.tokyo.act("registrar", "return.ask", {
        "item": item, "party": "UKR", "reason": "the dialogue has ended", **more,
    })
    return str(answer.value["request"])


def request(world: World, id: str, *, at_tokyo: bool = True) -> Record:
    found = (world.tokyo if at_tokyo else world.kyiv).registry.record("return-request", id)
    assert found is not None
    return found


def low(world: World) -> str:
    """Let an item cross of a level at which the agreement gives no right of recall."""
    item = label(world.tokyo, level="EX-JPN:EXERCISE AJISAI", form="paper")
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    return item


def test_what_the_agreement_lets_one_recall_is_ordered_and_what_it_does_not_is_asked(world: World) -> None:
    _, (middle,) = cross(world, forms=("paper",))
    ordered, asked = ask(world, middle), ask(world, low(world))
    world.deliver()
    assert (request(world, ordered)["kind"], request(world, ordered)["article"]) == ("order", "Art. 11(5)")
    assert request(world, asked)["kind"] == "request" and "article" not in request(world, asked).body
    with pytest.raises(Refused) as kept:
        world.kyiv.act("registrar", "return.answer", {"decline": True, "request": ordered})
    assert codes(kept) == {"return.ordered"}
    world.kyiv.act("registrar", "return.answer", {"decline": True, "request": asked})
    world.deliver()
    assert set(request(world, asked)["outcomes"].values()) == {"declined"}
    assert request(world, asked)["state"] == "settled"


def test_an_ordered_copy_comes_back_and_settles_the_order_on_both_sides(world: World) -> None:
    _, (item,) = cross(world)
    order = ask(world, item, by="2026-12-31")
    world.deliver()
    world.kyiv.act("registrar", "return.answer", {"decline": False, "request": order})
    world.deliver()
    assert [one["due"] for one in duties(world.tokyo, "return")] == ["2026-12-31"]
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    for at_tokyo in (True, False):
        assert request(world, order, at_tokyo=at_tokyo)["state"] == "settled"
    assert not duties(world.tokyo, "return") and not duties(world.kyiv, "return")
    assert not duties(world.tokyo, "return-answer") and not duties(world.kyiv, "return-answer")
    assert audit(world.tokyo).findings == [] and audit(world.kyiv).findings == []


def test_an_order_that_crosses_the_certificate_is_answered_by_the_node(world: World) -> None:
    """Destroyed while the order travels; the answer may come before or after the certificate."""
    _, (item,) = cross(world, forms=("paper",))
    order = ask(world, item)
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"}).value["proposal"]
    world.kyiv.act("head", "destroy.witness", {"proposal": proposal})
    world.deliver()
    assert set(request(world, order)["outcomes"].values()) == {"destroyed"}
    assert request(world, order)["state"] == "settled"
    assert request(world, order, at_tokyo=False)["state"] == "settled"
    assert not duties(world.tokyo, "return") and not duties(world.tokyo, "return-answer")


def test_a_copy_the_partner_never_had_is_not_asked_back(world: World) -> None:
    item = label(world.tokyo, form="paper")
    with pytest.raises(OutOfOrder, match="no copy"):
        ask(world, item)
    release(world.tokyo, item)
    dispatch(world, [item])
    with pytest.raises(OutOfOrder, match="no copy"):
        ask(world, item)


def test_of_two_persons_who_answer_one_is_first(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    order = ask(world, item)
    world.deliver()
    world.kyiv.act("registrar", "return.answer", {"decline": False, "request": order})
    with pytest.raises(OutOfOrder, match="no answer"):
        world.kyiv.act("registrar", "return.answer", {"decline": False, "request": order})


def test_an_answer_that_does_not_come_is_chased(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    order = ask(world, item, by=world.clock.at.date().isoformat())
    world.deliver()
    world.clock.advance(days=2)
    chase_due(world.tokyo.registry)
    world.deliver()
    reminder = world.kyiv.registry.record("reminder", f"{order}.return-answer")
    assert reminder is not None and reminder["count"] == 1


def test_who_asks_back_holds_an_office_for_it(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    for player, person in ((world.tokyo, "originator"), (world.kyiv, "registrar")):
        with pytest.raises((Refused, OutOfOrder)):
            player.act(person, "return.ask", {"item": item, "party": "UKR", "reason": "x"})


def test_what_arrives_after_the_end_of_the_agreement_is_registered_and_can_be_ordered_back(world: World) -> None:
    """Termination while the item is in a courier's hands."""
    item = label(world.tokyo, form="paper")
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": "exercise-jpn-ukr", "article": "Art. 17", "ended_on": "2027-06-30", "on": "2026-11-16",
        "stage": "terminated",
    })
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    order = ask(world, item)
    world.deliver()
    world.kyiv.act("registrar", "return.answer", {"decline": False, "request": order})
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert request(world, order)["state"] == "settled"


def held(world: World, form: str) -> str:
    item = label(world.tokyo, form=form)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    return consignment


@pytest.mark.parametrize("form", ["file", "paper"])
def test_a_registrar_refuses_what_is_held_and_the_sender_knows_why(world: World, form: str) -> None:
    consignment = held(world, form)
    world.kyiv.act("registrar", "consignment.refuse", {
        "consignment": consignment, "note": "the seal bears another number", "why": "damaged",
    })
    with pytest.raises(OutOfOrder):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert not [name for name in world.kyiv.objects.names() if name.startswith("in.")]
    world.deliver()
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and (sent["state"], sent["refusal"]) == ("refused-by-partner", "registrar.damaged")
    assert not duties(world.tokyo, "receipt")
    assert len(duties(world.tokyo, "refused-consignment")) == (form == "paper")
    assert not [row for row in view(world.kyiv, "registrar", "view.duties")["duties"] if row["what"] == "register"]
    crossed = world.kyiv.registry.reads().outbox_open()
    assert crossed == [] and audit(world.tokyo).findings == [] and audit(world.kyiv).findings == []


def test_a_refusal_that_comes_before_the_notice_of_delivery_ends_the_sending_all_the_same(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    bring(world.tokyo, world.kyiv, row.message)  # The answer is lost.
    world.kyiv.act("registrar", "consignment.refuse", {"consignment": consignment, "why": "not-for-us"})
    world.kyiv.outbox.send_waiting()
    world.deliver()
    assert list_unrest(world) == []
    assert list_differences(world) == []


def test_what_is_registered_is_not_refused_any_more(world: World) -> None:
    consignment = held(world, "paper")
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    with pytest.raises(OutOfOrder):
        world.kyiv.act("registrar", "consignment.refuse", {"consignment": consignment, "why": "incomplete"})


def test_the_certificate_of_all_says_what_is_proved_what_attested_and_what_is_still_held(world: World) -> None:
    _, (file, paper) = cross(world, forms=("file", "paper"))

    def shown(**which: str) -> dict[str, Any]:
        return view(world.kyiv, "registrar", "view.completeness", **which)

    order = ask(world, paper)
    world.deliver()
    assert shown(agreement="exercise-jpn-ukr")["counts"] == {"held": 2}
    world.kyiv.act("registrar", "return", {"item": file})
    assert shown(agreement="exercise-jpn-ukr")["counts"] == {"held": 1, "proved": 1}
    assert not shown(request=order)["is_complete"]
    world.kyiv.act("registrar", "return", {"item": paper})
    assert shown(request=order)["counts"] == {"attested": 1}
    whole = shown(agreement="exercise-jpn-ukr", **{"as": "html"})
    assert whole["is_complete"] and whole["counts"] == {"attested": 1, "proved": 1}
    assert "nothing is held any more" in whole["html"]
    assert all(line["certificate"].startswith("UKR-RET-JPN-") for line in whole["lines"])
