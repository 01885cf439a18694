"""A node changes its keys by a new statement: nothing under way is lost, nothing kept becomes unreadable."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world.comparing import audit, bodies, list_differences, list_unrest
from tests.world.forging import refusal_in, tell, waiting
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, release
from tests.world.test_tampered_store import deposited
from tests.world.world import Player, World

from cordiale.canonical import encode_base64url
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Undecidable
from cordiale.message.trust.root import read_unverified_root
from cordiale.message.trust.statement import add_signature, read_unverified_statement, sign_statement
from cordiale.operate.statement import StatementPlan, draft_statement
from cordiale.records.keyring import make_working_keys, using, with_new_set
from cordiale.records.partners import own_statement, stated_pair


@pytest.fixture
def world() -> World:
    return World.in_force(seed=71)


def signed(player: Player, draft: bytes) -> bytes:
    """Have two of the three key officers sign a draft."""
    from cordiale.operate.keyfiles import read_draft

    statement, root = read_draft(draft), read_unverified_root(player.root)
    return add_signature(sign_statement(statement, root, player.root_keys[0]), root, player.root_keys[1])


def install(player: Player, *, retires: bool = False) -> None:
    draft = draft_statement(player.registry, StatementPlan(("authority",), 90, player.registry.endpoint, retires))
    player.act("registrar", "node.install", {
        "root": encode_base64url(player.root), "statement": encode_base64url(signed(player, draft)),
    })


def restart(player: Player) -> None:
    """Close and open the node; its keys are chosen as they are when a home is opened."""
    registry = player.registry
    player.keys = using(player.keys, stated_pair(registry.reads(), registry.mode))
    player.reopen()


def make_new_keys(player: Player) -> None:
    registry = player.registry
    made = make_working_keys(str(registry.node), player.clock.at)
    player.keys = with_new_set(player.keys, made, in_use=stated_pair(registry.reads(), registry.mode))
    restart(player)


def change_keys(world: World, player: Player) -> None:
    make_new_keys(player)
    install(player)
    world.deliver()
    restart(player)


def test_after_a_change_of_keys_items_cross_both_kept_and_new(world: World) -> None:
    kept = deposited(world.tokyo, CONTENT)
    for player in world.players:
        change_keys(world, player)
    release(world.tokyo, kept)
    consignment = dispatch(world, [kept])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    _, (new,) = cross(world)
    world.deliver()
    for item in (kept, new):
        grant(world, item, "reader")
        assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    assert list_unrest(world) == [] and list_differences(world) == []
    assert [audit(player).findings for player in world.players] == [[], []]


def test_what_was_received_for_former_keys_is_still_read_and_given_back(world: World) -> None:
    _, (item,) = cross(world)
    change_keys(world, world.kyiv)
    install(world.kyiv, retires=True)
    world.deliver()
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert len(bodies(world.tokyo, "certificate")) == 1


def test_what_was_sealed_for_former_keys_and_arrives_after_the_change_is_registered(world: World) -> None:
    item = deposited(world.tokyo, CONTENT)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    change_keys(world, world.kyiv)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_until_it_is_started_again_a_node_signs_with_the_keys_its_partners_know(world: World) -> None:
    make_new_keys(world.tokyo)
    before = world.tokyo.registry.keys.registry.public
    cross(world)
    install(world.tokyo)
    assert world.tokyo.registry.keys.registry.public == before
    cross(world)
    assert list_unrest(world) == []


def test_a_message_signed_by_retired_keys_is_not_taken(world: World) -> None:
    item = deposited(world.tokyo, CONTENT)
    release(world.tokyo, item)
    dispatch(world, [item], link="bag")
    (row,) = waiting(world.tokyo)
    change_keys(world, world.tokyo)
    with pytest.raises(OutOfOrder) as refused:
        install(world.tokyo, retires=True)
    assert refused.value.code == "statement.former-under-way"
    with world.tokyo.registry.store.transaction() as work:
        work.put_outbox(replace(row, state="answered"))
    install(world.tokyo, retires=True)
    world.deliver()
    try:
        told = refusal_in(tell(world.tokyo, world.kyiv, row.message)).family
    except CordialeError as error:
        told = error.family
    assert told == "unverified"


def test_new_keys_are_made_once_and_wait_for_their_statement(world: World) -> None:
    make_new_keys(world.tokyo)
    with pytest.raises(OutOfOrder) as refused:
        make_new_keys(world.tokyo)
    assert refused.value.code == "keys.waiting"
    with pytest.raises(OutOfOrder) as early:
        install(world.tokyo, retires=True)
    assert early.value.code == "statement.former-in-use"


def test_former_keys_do_not_come_back_by_a_statement(world: World) -> None:
    change_keys(world, world.tokyo)
    registry = world.tokyo.registry
    statement = own_statement(registry.reads(), registry.mode).statement
    turned = replace(
        statement, version=statement.version + 1, registry_keys=statement.registry_keys[::-1],
    )
    root = read_unverified_root(world.tokyo.root)
    data = add_signature(sign_statement(turned, root, world.tokyo.root_keys[0]), root, world.tokyo.root_keys[1])
    with pytest.raises(Malformed) as refused:
        world.tokyo.act("registrar", "node.install", {
            "root": encode_base64url(world.tokyo.root), "statement": encode_base64url(data),
        })
    assert refused.value.code == "own.other-keys"


def test_retired_keys_come_back_neither_by_a_draft_nor_beside_the_new_ones(world: World) -> None:
    change_keys(world, world.tokyo)
    registry = world.tokyo.registry
    both = own_statement(registry.reads(), registry.mode).statement
    assert len(both.registry_keys) == 2
    install(world.tokyo, retires=True)
    install(world.tokyo)
    alone = own_statement(registry.reads(), registry.mode).statement
    assert alone.registry_keys == both.registry_keys[:1]
    root = read_unverified_root(world.tokyo.root)
    again = replace(alone, version=alone.version + 1, registry_keys=both.registry_keys)
    data = add_signature(sign_statement(again, root, world.tokyo.root_keys[0]), root, world.tokyo.root_keys[1])
    with pytest.raises(Malformed) as refused:
        world.tokyo.act("registrar", "node.install", {
            "root": encode_base64url(world.tokyo.root), "statement": encode_base64url(data),
        })
    assert refused.value.code == "own.other-keys"


def test_a_vault_without_the_keys_that_the_books_name_is_not_opened(world: World) -> None:
    """An older vault beside newer books: nothing would be signed or opened rightly, so nothing is begun."""
    older = world.tokyo.keys
    change_keys(world, world.tokyo)
    registry = world.tokyo.registry
    with pytest.raises(Undecidable) as refused:
        using(older, stated_pair(registry.reads(), registry.mode))
    assert refused.value.code == "keys.not-in-vault"


def test_the_statement_names_the_new_keys_first_and_the_former_beside_them(world: World) -> None:
    former = world.tokyo.keys.newest
    make_new_keys(world.tokyo)
    install(world.tokyo)
    statement = read_unverified_statement(
        signed(world.tokyo, draft_statement(world.tokyo.registry, StatementPlan(("authority",), 90, "")))
    )
    newest = world.tokyo.keys.newest
    assert [pair.ed25519 for pair in statement.registry_keys] == [
        newest.registry.public.ed25519.raw, former.registry.public.ed25519.raw,
    ]
    assert statement.wrapping_key.kid == newest.wrapping.public.kid
    assert len(statement.transport_pins) == 2
