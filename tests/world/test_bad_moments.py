"""Bad moments at one node: races, withdrawals between click and commit, a full disk, a clock that jumps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import hand_envelopes, size_of_books, tell, waiting
from tests.world.outside import DiskFull, WatchedStore
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, approve, codes, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.crypto.signatures import SigningPair
from cordiale.doors.control.acts import ACTS
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable
from cordiale.journey.read import open_content
from cordiale.limits import DISPATCH_ITEMS_MAX, LOG_ENTRY_SIZE_BYTES_MAX, MESSAGE_SIZE_BYTES_MAX
from cordiale.records.registry import identify

BARVINOK = "EX-UKR:EXERCISE BARVINOK"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=41)


def in_one_batch(player: Player, *works: Callable[[], Any]) -> list[Any]:
    """Run `works` so that their acts are written in one transaction, in this order; return results or errors."""
    ledger = player.registry.ledger
    results: list[Any] = [None] * len(works)
    threads = []

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        except CordialeError as error:
            results[place] = error

    with ledger._writing:
        for place in range(len(works)):
            threads.append(threading.Thread(target=run, args=(place,)))
            threads[-1].start()
            until = time.monotonic() + 20
            while len(ledger._turns) <= place and time.monotonic() < until and threads[-1].is_alive():
                time.sleep(0.001)
    for thread in threads:
        thread.join(20)
    return results


def clicked(player: Player, person: str, kind: str, params: dict[str, Any], act_id: str = "") -> Callable[[], Any]:
    """Sign and identify a request now; what is returned commits it."""
    request = identify(player.registry, player.request(person, kind, params, act_id))
    return lambda: ACTS[kind](player.registry, request)


def reading(player: Player, person: str, item: str, act_id: str = "") -> Callable[[], bytes]:
    request = identify(player.registry, player.request(person, "read", {"item": item, "purpose": PURPOSE}, act_id))
    return lambda: b"".join(open_content(player.registry, request).chunks)


# -- between click and commit -------------------------------------------------------------------------------


def test_a_clearance_withdrawn_between_click_and_commit_counts(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    read = reading(world.kyiv, "reader", item)
    world.kyiv.act("security", "people.withdraw-clearance", {"level": BARVINOK, "person": "reader"})
    with pytest.raises(Refused) as refused:
        read()
    assert codes(refused) == {"access.clearance-withdrawn"}
    assert bodies(world.kyiv, "grant") == {}


def test_a_clearance_withdrawn_in_the_same_batch_counts_for_whoever_stands_behind(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    before = reading(world.kyiv, "reader", item)
    withdraw = clicked(
        world.kyiv, "security", "people.withdraw-clearance", {"level": BARVINOK, "person": "reader"}
    )
    behind = reading(world.kyiv, "reader", item)
    first, _, second = in_one_batch(world.kyiv, before, withdraw, behind)
    assert first == CONTENT
    assert isinstance(second, Refused)
    assert len(bodies(world.kyiv, "grant")) == 1
    assert audit(world.kyiv).findings == []


def test_a_reading_asked_for_again_after_the_withdrawal_is_not_answered_as_before(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    read = reading(world.kyiv, "reader", item)
    assert read() == CONTENT
    world.kyiv.act("security", "people.withdraw-clearance", {"level": BARVINOK, "person": "reader"})
    with pytest.raises((Refused, OutOfOrder)):
        read()


def test_every_opening_has_a_grant_of_its_own(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    read = reading(world.kyiv, "reader", item)
    opened = 0
    for _ in range(3):
        with suppress(OutOfOrder):
            opened += read() == CONTENT
    assert opened == len(bodies(world.kyiv, "grant"))


def test_a_need_to_know_withdrawn_between_click_and_commit_counts(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    read = reading(world.kyiv, "reader", item)
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "reader"})
    with pytest.raises(Refused):
        read()


def test_an_approval_withdrawn_between_click_and_commit_stops_the_dispatch(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    withdraw = clicked(world.tokyo, "authority", "release.withdraw", {"item": item})
    order = clicked(world.tokyo, "registrar", "dispatch", order_of([item]))
    _, refused = in_one_batch(world.tokyo, withdraw, order)
    assert isinstance(refused, (Refused, OutOfOrder))
    assert waiting(world.tokyo) == []
    assert not any(name.startswith("out.") for name in world.tokyo.objects.contents)
    assert list_differences(world) == []


def order_of(items: list[str]) -> dict[str, Any]:
    return {
        "agreement": AGREEMENT, "items": items, "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }


def test_a_person_whose_key_was_replaced_a_moment_ago_does_nothing_with_the_old_one(world: World) -> None:
    order = clicked(world.tokyo, "originator", "label", {
        "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
    })
    other = SigningPair.generate().public.encode()
    world.tokyo.change_people("people.enrol-key", {"key": other, "person": "originator"})
    with pytest.raises(Refused) as refused:
        order()
    assert codes(refused) == {"person.changed"}


# -- races --------------------------------------------------------------------------------------------------


def test_two_approvals_racing_are_one_release(world: World) -> None:
    item = label(world.tokyo)
    approve(world.tokyo, item, "originator", "release.propose")
    proposals = list(bodies(world.tokyo, "approval").values())
    params = {
        "agreement": AGREEMENT, "binding": proposals[0]["bound_digest"], "item": item, "purpose": PURPOSE,
        "recipient": "UKR",
    }
    both = [clicked(world.tokyo, "authority", "release.approve", params) for _ in range(2)]
    alone = clicked(world.tokyo, "originator", "release.approve", params)
    first, second, refused = in_one_batch(world.tokyo, *both, alone)
    assert first.value == second.value
    assert isinstance(refused, Refused)
    parts = sorted((one["part"], one["person"]) for one in bodies(world.tokyo, "approval").values())
    assert parts == [("authorise", "authority"), ("propose", "originator")]
    dispatch(world, [item])
    world.deliver()
    assert list_differences(world) == []


def test_of_two_dispatches_racing_one_leaves_and_the_other_says_so(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    orders = [clicked(world.tokyo, "registrar", "dispatch", order_of([item])) for _ in range(2)]
    results = in_one_batch(world.tokyo, *orders)
    refused = [one for one in results if isinstance(one, CordialeError)]
    assert len(refused) == 1 and isinstance(refused[0], OutOfOrder)
    world.deliver()
    assert list_differences(world) == []
    with pytest.raises(OutOfOrder) as again:
        dispatch(world, [item])
    assert again.value.code == "dispatch.another-copy"
    dispatch(world, [item], is_another=True)
    numbers = sorted(body["number"] for body in bodies(world.tokyo, "consignment").values())
    assert [number[-4:] for number in numbers] == ["0001", "0002"]


def test_a_double_click_on_a_dispatch_is_one_dispatch_with_one_answer(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    orders = [clicked(world.tokyo, "registrar", "dispatch", order_of([item]), "act.double") for _ in range(2)]
    first, second = in_one_batch(world.tokyo, *orders)
    assert first.value == second.value
    world.deliver()
    assert len(bodies(world.tokyo, "consignment")) == 1
    assert bodies(world.tokyo, "consignment")[first.value["consignment"]]["state"] == "delivered"
    assert list_differences(world) == []


def test_a_double_click_on_a_deposit_keeps_the_content_that_was_entered(world: World) -> None:
    params = {"form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    first, second, other = (
        world.tokyo.sign_deposit("originator", params, content, act_id="act.deposit")
        for content in (CONTENT, CONTENT, b"other bytes")
    )
    results = in_one_batch(world.tokyo, *(
        lambda signed=signed: signed.send(world.tokyo.registry) for signed in (first, second, other)
    ))
    assert results[0].value == results[1].value
    assert isinstance(results[2], OutOfOrder) and results[2].code == "act.id-taken"
    item = results[0].value["item"]
    head_grant(world.tokyo, item)
    assert world.tokyo.read("originator", item, PURPOSE) == CONTENT
    assert list_differences(world) == []


def head_grant(player: Player, item: str) -> None:
    player.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})


def test_the_act_of_one_person_is_not_answered_to_another(world: World) -> None:
    params = {"form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    item = world.tokyo.act("originator", "label", params, content=CONTENT, act_id="act.mine").value["item"]
    with pytest.raises(OutOfOrder) as taken:
        world.tokyo.act("authority", "label", params, content=b"other bytes", act_id="act.mine")
    assert taken.value.code == "act.id-taken"
    head_grant(world.tokyo, item)
    assert world.tokyo.read("originator", item, PURPOSE) == CONTENT


def test_a_registration_clicked_before_the_consignment_was_held_enters_all_of_it_or_nothing(world: World) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    registration = clicked(world.kyiv, "registrar", "register", {"consignment": consignment, "counted": 1})
    _, outcome = in_one_batch(
        world.kyiv, lambda: tell(world.tokyo, world.kyiv, row.message), registration
    )
    assert isinstance(outcome, OutOfOrder)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert list_differences(world) == []


def test_the_same_message_over_two_links_at_once_is_taken_once(world: World) -> None:
    dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    first, second = in_one_batch(
        world.kyiv, *(lambda: tell(world.tokyo, world.kyiv, row.message) for _ in range(2))
    )
    assert first == second and isinstance(first, bytes)
    world.deliver()
    assert list_differences(world) == []


def test_a_dispatch_of_more_items_than_can_be_registered_at_once_is_refused_before_it_is_sealed(world: World) -> None:
    records_per_item, bytes_per_record, bytes_of_a_sheet = 3, 67, 36_000
    assert DISPATCH_ITEMS_MAX * records_per_item * bytes_per_record < LOG_ENTRY_SIZE_BYTES_MAX - 2_000
    assert DISPATCH_ITEMS_MAX * bytes_of_a_sheet < MESSAGE_SIZE_BYTES_MAX
    with pytest.raises(Malformed):
        world.tokyo.act("registrar", "dispatch", order_of([f"x{n}" for n in range(DISPATCH_ITEMS_MAX + 1)]))


def test_an_act_too_large_for_a_log_entry_harms_no_act_beside_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [label(world.tokyo, form="paper") for _ in range(6)]
    for item in items:
        release(world.tokyo, item)
    monkeypatch.setattr("cordiale.records.log.tiles.LOG_ENTRY_SIZE_BYTES_MAX", 1_000)
    large = clicked(world.tokyo, "registrar", "dispatch", order_of(items))
    small = clicked(world.tokyo, "originator", "label", {
        "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
    })
    refused, done = in_one_batch(world.tokyo, large, small)
    assert isinstance(refused, Malformed)
    assert done.value["item"] in bodies(world.tokyo, "item")
    assert waiting(world.tokyo) == []
    assert list_differences(world) == []


# -- disk ---------------------------------------------------------------------------------------------------


def test_a_full_disk_under_the_envelopes_leaves_nothing_half_done(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    world.tokyo.objects.full = True
    before, kept = size_of_books(world.tokyo), set(world.tokyo.objects.contents)
    with pytest.raises(Unavailable):
        label(world.tokyo)
    with pytest.raises(Unavailable):
        world.tokyo.act("registrar", "dispatch", order_of([item]), act_id="act.full")
    assert size_of_books(world.tokyo) == before
    assert set(world.tokyo.objects.contents) == kept
    world.tokyo.objects.full = False
    world.tokyo.act("registrar", "dispatch", order_of([item]), act_id="act.full")
    world.deliver()
    assert list_differences(world) == []


@pytest.mark.parametrize("write", ["put_record", "put_outbox", "put_act", "put_entries", "put_head", "commit"])
def test_a_full_disk_under_the_books_leaves_nothing_half_done(world: World, write: str) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    disk = DiskFull()
    world.tokyo.reopen(store=WatchedStore(world.tokyo.registry.store, disk))
    disk.fail(write)
    before, kept = size_of_books(world.tokyo), set(world.tokyo.objects.contents)
    with pytest.raises(Unavailable):
        world.tokyo.act("registrar", "dispatch", order_of([item]), act_id="act.full")
    assert size_of_books(world.tokyo) == before
    assert set(world.tokyo.objects.contents) == kept
    world.tokyo.act("registrar", "dispatch", order_of([item]), act_id="act.full")
    world.deliver()
    assert list_differences(world) == []


@pytest.mark.parametrize("write", ["put_record", "put_inbox", "commit"])
def test_a_disk_full_on_arrival_is_not_answered_and_the_message_comes_again(world: World, write: str) -> None:
    _, consignment = dispatched(world)
    disk = DiskFull()
    world.kyiv.reopen(store=WatchedStore(world.kyiv.registry.store, disk))
    disk.fail(write, 2)
    world.tokyo.outbox.send_waiting()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "dispatched"
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"
    assert list_differences(world) == []


@pytest.mark.parametrize("ending", ["return", "destroy"])
def test_an_envelope_that_could_not_be_removed_at_its_end_is_removed_when_the_act_is_repeated(
    world: World, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (item,) = cross(world)
    if ending == "return":
        end = clicked(world.kyiv, "registrar", "return", {"item": item})
    else:
        proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"})
        end = clicked(
            world.kyiv, "security", "destroy.witness", {"proposal": proposal.value["proposal"]}
        )

    def fail(name: str) -> None:
        raise Unavailable("objects.unavailable", "disk does not answer", hint="")

    with monkeypatch.context() as disk:
        disk.setattr(world.kyiv.objects, "remove", fail)
        with pytest.raises(Unavailable):
            end()
    assert [one.code for one in audit(world.kyiv).findings] == ["audit.envelope-left"]
    end()
    world.deliver()
    assert list_differences(world) == []


def test_a_dispatch_that_is_given_twice_sends_one_copy_until_another_is_meant(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    first = dispatch(world, [item])
    with pytest.raises(OutOfOrder) as on_its_way:
        dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": first, "counted": 1})
    world.deliver()
    with pytest.raises(OutOfOrder) as registered:
        dispatch(world, [item])
    assert {one.value.code for one in (on_its_way, registered)} == {"dispatch.another-copy"}
    assert len(bodies(world.tokyo, "consignment")) == 1
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert dispatch(world, [item])
