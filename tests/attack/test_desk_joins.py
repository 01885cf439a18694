"""What joins at the desk: what is signed, what lists say, what a folder carries with it, what a partner may pile up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from tests.desk.browser import Browser, open_door
from tests.views.test_pages import view
from tests.world.organising import organise
from tests.world.organising import send as send_copy
from tests.world.test_couriers import COURIERS, hand_over, pack
from tests.world.test_folders import add
from tests.world.test_inventory import number_of
from tests.world.test_journey import PURPOSE, codes, cross, label
from tests.world.test_level_change import refusals, send
from tests.world.test_post_and_freight import answer as answer_plan
from tests.world.test_post_and_freight import propose
from tests.world.test_post_and_freight import send as send_freight
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.limits import CONSIGNMENT_ITEMS_MAX
from cordiale.message.bodies.transport_plan import PlanProposal
from cordiale.message.members import NamedPost
from cordiale.model.plan import TransportPlan
from cordiale.records.plans import PLAN
from cordiale.rules.signing import is_strong
from cordiale.wire import parcel
from cordiale.work import flood

KALYNA = "EX-UKR:EXERCISE KALYNA"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=977)


def need(world: World, item: str, person: str) -> None:
    world.kyiv.act("head", "need.grant", {"item": item, "person": person, "purpose": PURPOSE})


def folder_and_part(world: World) -> tuple[str, str]:
    folder, part = (label(world.kyiv, form="paper", level=KALYNA, release_to=[]) for _ in range(2))
    return folder, part


# -- what is signed is what is shown ----------------------------------------------------------------------------


def test_an_act_on_an_agreement_says_which_before_it_is_signed(world: World) -> None:
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("authority")
    browser.open(f"/do/agreement-stage?agreement={AGREEMENT}")
    shown = browser.submit({"stage": "suspended", "on": "2026-11-20", "article": "Art. 18"})
    assert "what you sign for" in shown.said and AGREEMENT in shown.said


def test_a_draft_is_named_before_its_destruction_is_signed(world: World) -> None:
    draft = "ukr.draft.that-is-to-be-destroyed"
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    browser.open(f"/do/draft-destroy?draft={draft}")
    shown = browser.submit({"method": "burnt"})
    assert "what you sign for" in shown.said and draft in shown.said


def test_what_takes_the_particulars_of_visitors_to_a_partner_is_signed_by_itself() -> None:
    assert is_strong("visit.request") and is_strong("visit.amend")


# -- lists and rows ---------------------------------------------------------------------------------------------


def test_the_list_of_registries_names_no_item_to_whom_it_is_hidden_from(world: World) -> None:
    organise(world, world.kyiv)
    _, (foreign,) = cross(world, forms=("paper",))
    own = label(world.kyiv, form="paper", level=KALYNA, release_to=[])
    numbers = {person: number_of(world.kyiv, item) for person, item in (("authority", foreign), ("head", own))}
    for number in numbers.values():
        send_copy(world.kyiv, "registrar", number, "east")
    assert len(view(world.kyiv, "registrar", "view.registries")["transfers"]) == 2
    for person, hidden in numbers.items():
        (shown,) = view(world.kyiv, person, "view.registries")["transfers"]
        assert shown["number"] != hidden


@pytest.mark.parametrize("sign", ["＝", "＋", "－", "＠", "="])
def test_a_title_in_wide_signs_is_no_formula(world: World, sign: str) -> None:
    title = f"{sign}HYPERLINK(1)"
    label(world.kyiv, level=KALYNA, release_to=[], title=title)
    text = view(world.kyiv, "registrar", "view.export-register")["csv"]
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert f"'{title}" in cells and title not in cells


# -- folders ----------------------------------------------------------------------------------------------------


def test_a_folder_goes_to_nobody_who_may_not_have_what_lies_in_it(world: World) -> None:
    folder, part = folder_and_part(world)
    add(world, folder, part)
    need(world, folder, "reader")
    with pytest.raises(Refused) as refused:
        world.kyiv.act("registrar", "circulate", {"item": folder, "person": "reader"})
    assert "access.no-need-to-know" in codes(refused)
    need(world, part, "reader")
    world.kyiv.act("registrar", "circulate", {"item": folder, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": folder})
    need(world, folder, "colleague")
    with pytest.raises(Refused) as handed:
        world.kyiv.act("reader", "circulate.hand-over", {"item": folder, "person": "colleague"})
    assert "access.no-need-to-know" in codes(handed)


def test_nothing_is_put_into_a_folder_that_somebody_has(world: World) -> None:
    folder, part = folder_and_part(world)
    need(world, folder, "reader")
    world.kyiv.act("registrar", "circulate", {"item": folder, "person": "reader"})
    with pytest.raises(OutOfOrder, match="in hand"):
        add(world, folder, part)


def test_a_folder_takes_nothing_with_it_to_another_registry(world: World) -> None:
    organise(world, world.kyiv)
    folder, part = folder_and_part(world)
    add(world, folder, part)
    number = number_of(world.kyiv, folder)
    with pytest.raises(OutOfOrder, match="lies in this folder"):
        send_copy(world.kyiv, "registrar", number, "east")


# -- freight ----------------------------------------------------------------------------------------------------


def test_freight_that_is_still_here_does_not_leave_under_a_plan_that_was_withdrawn(world: World) -> None:
    world.tokyo.enter_people(COURIERS)
    plan = propose(world)
    answer_plan(world, plan)
    consignment = send_freight(world, "freight", plan=plan)
    pack(world.tokyo, consignment)
    answer_plan(world, plan, "withdrawn")
    with pytest.raises(Refused) as withdrawn:
        hand_over(world, consignment)
    assert codes(withdrawn) == {"freight.not-agreed"}


def test_freight_does_not_leave_on_a_day_that_its_plan_does_not_hold(world: World) -> None:
    world.tokyo.enter_people(COURIERS)
    plan = propose(world)
    answer_plan(world, plan)
    consignment = send_freight(world, "freight", plan=plan)
    pack(world.tokyo, consignment)
    world.clock.advance(days=2)
    with pytest.raises(Refused) as late:
        hand_over(world, consignment)
    assert codes(late) == {"freight.other-day"}


# -- what a partner may pile up ---------------------------------------------------------------------------------


def test_a_parcel_of_countless_empty_frames_is_given_up_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    read, walked = parcel._frames, list[int]()

    def counted(rest: memoryview) -> Iterator[memoryview]:
        for frame in read(rest):
            walked.append(len(frame))
            yield frame

    monkeypatch.setattr(parcel, "_frames", counted)
    with pytest.raises(Malformed):
        parcel.parse_parcel(bytes(4) * 100_000)
    assert len(walked) <= 2 * CONSIGNMENT_ITEMS_MAX + 2
    envelopes = b"".join(_frame(f"e{number}".encode()) + _frame(b"") for number in range(CONSIGNMENT_ITEMS_MAX + 1))
    with pytest.raises(Malformed, match="not a message with its envelopes"):
        parcel.parse_parcel(envelopes + _frame(b"message"))


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def test_a_partner_puts_only_so_many_transport_plans_in_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    today = world.clock.at.date()
    terms = TransportPlan("two vehicles", "Yokohama, Odesa", "escort desk", "back to the port", today, today, 1)
    monkeypatch.setattr(flood, "PARTNER_DAY_ASKS_COUNT_MAX", 2)
    for number in range(3):
        send(world, world.tokyo, PlanProposal(f"jpn.plan.{number}", terms, NamedPost("Authority T", "authority")))
    assert len(world.kyiv.registry.reads().every(PLAN)) == 2
    assert refusals(world.kyiv) == ["intake.too-many"]
