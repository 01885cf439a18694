"""Attacks on trust between parties: roots, node statements, and the names under which partners are known."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from tests.world.forging import forge, tell, waiting
from tests.world.outside import MemoryMedium
from tests.world.test_bad_luck import dispatched
from tests.world.world import AGREEMENT, PEOPLE, Player, World, make_acquainted, make_player, make_trust

from cordiale.canonical import encode_base64url
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import CordialeError
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.trust.keys import public_pair
from cordiale.message.trust.root import fingerprint, read_unverified_root, sign_root
from cordiale.message.trust.statement import add_signature, read_unverified_statement, sign_statement
from cordiale.model.party import LogKeys, PartyRoot
from cordiale.records.correspondence import own_origin
from cordiale.records.keyring import log_prefix
from cordiale.records.partners import PARTNER, open_partner
from cordiale.work.bag import unpack


@pytest.fixture
def world() -> World:
    return World.in_force(seed=301)


@pytest.fixture
def warsaw(world: World) -> Player:
    """A third party that both partners know: here it is the attacker."""
    warsaw = world.add_stranger()
    for player in world.players:
        make_acquainted(player, warsaw)
        make_acquainted(warsaw, player)
    return warsaw


def known_fingerprint(player: Player, party: str) -> str:
    record = player.registry.record(PARTNER, party)
    assert record is not None
    return fingerprint(open_partner(record, player.registry.mode).root)


def evil_root_like(root: bytes, attacker: SigningPair, *, version: int = 1) -> bytes:
    """A root of the same party that the attacker made alone; nobody has compared its fingerprint."""
    known = read_unverified_root(root)
    evil = PartyRoot(
        party=known.party, mode=known.mode, version=version, threshold=1, keys=(public_pair(attacker.public),),
        created_at=known.created_at, title=known.title,
    )
    return sign_root(evil, [attacker])


def shown_by_third_party(attacker: Player, victim: Player, statement: bytes, roots: tuple[str, ...]) -> bytes:
    """A message of type statement that claims to be of the victim's node, signed by whoever sends it."""
    def claim(payload: dict[str, Any]) -> None:
        payload["sender"] = {"node": victim.registry.node, "party": victim.party}

    body = StatementShown(statement.decode(), roots)
    return forge(attacker, attacker_audience(attacker), body, agreement="", change=claim)


def attacker_audience(_: Player) -> Player:
    return _AUDIENCE[0]


_AUDIENCE: list[Player] = []


def test_a_root_that_nobody_compared_never_replaces_the_one_that_two_persons_compared(
    world: World, warsaw: Player
) -> None:
    """Anybody who sees a genuine new statement first can send it on with a root of their own behind it."""
    before = known_fingerprint(world.kyiv, "JPN")
    make_trust(world.tokyo, version=2)
    evil = evil_root_like(world.tokyo.root, SigningPair.generate())
    _AUDIENCE[:] = [world.kyiv]
    data = shown_by_third_party(warsaw, world.tokyo, world.tokyo.statement, (evil.decode(),))
    with contextlib.suppress(CordialeError):
        tell(warsaw, world.kyiv, data)
    record = world.kyiv.registry.record(PARTNER, "JPN")
    assert record is not None and record["root"] == encode_base64url(world.tokyo.root)
    assert known_fingerprint(world.kyiv, "JPN") == before


def test_a_bag_from_nobody_replaces_no_root(world: World) -> None:
    """The folder of statements in a bag is read before the manifest is verified."""
    make_trust(world.tokyo, version=2)
    evil = evil_root_like(world.tokyo.root, SigningPair.generate())
    from cordiale.message.bag import encode_statement_file

    shown = StatementShown(world.tokyo.statement.decode(), (evil.decode(),))
    nobody = make_player("JPN", "tokyo.jpn", clock=world.clock, mode=world.kyiv.registry.mode, seed=4242)
    manifest = forge(nobody, world.kyiv, Acknowledgement(bytes(48), world.clock.at, None), agreement="",
                     in_reply_to="m1")
    medium = MemoryMedium({
        "1-statements/00001-statement-2.json": encode_statement_file(shown), "manifest.jws": manifest,
    })
    with pytest.raises(CordialeError):
        unpack(world.kyiv.registry, medium)
    record = world.kyiv.registry.record(PARTNER, "JPN")
    assert record is not None and record["root"] == encode_base64url(world.tokyo.root)


def rotated(world: World) -> tuple[PartyRoot, bytes]:
    """Bring Tokyo's root to version 2, as its key officers would, and let Kyiv follow."""
    known = read_unverified_root(world.tokyo.root)
    second = replace(known, version=2)
    data = sign_root(second, world.tokyo.root_keys)
    make_trust(world.tokyo, version=2)
    world.kyiv.act("security", "partner.update", {
        "party": "JPN", "roots": [data.decode()], "statement": encode_base64url(world.tokyo.statement),
    })
    return second, data


def test_a_third_party_never_takes_over_a_partner_by_a_root_of_its_own(world: World, warsaw: Player) -> None:
    """With a root that was rotated once: a forged version 2 that names the true keys beside the attacker's."""
    second, _ = rotated(world)
    attacker = SigningPair.generate()
    evil = sign_root(replace(
        second, threshold=1, keys=(public_pair(attacker.public), *second.keys[:2]),
    ), [attacker])
    make_trust(world.tokyo, version=3)
    _AUDIENCE[:] = [world.kyiv]
    data = shown_by_third_party(warsaw, world.tokyo, world.tokyo.statement, (evil.decode(),))
    with contextlib.suppress(CordialeError):
        tell(warsaw, world.kyiv, data)
    # And now a statement of Tokyo's node that only the attacker has signed, with the attacker's registry keys.
    statement = replace(
        read_unverified_statement(world.tokyo.statement), version=4,
        registry_keys=(public_pair(warsaw.keys.registry.public),),
    )
    forged = sign_statement(statement, read_unverified_root(evil), attacker)
    with pytest.raises(CordialeError):
        world.kyiv.act("security", "partner.update", {"party": "JPN", "statement": encode_base64url(forged)})
    assert known_fingerprint(world.kyiv, "JPN") == fingerprint(second)


def test_nobody_else_can_use_up_the_renewal_of_a_partners_statement(world: World, warsaw: Player) -> None:
    """A genuine statement with an impossible root behind it, and the same statement can never be entered again."""
    make_trust(world.tokyo, version=2)
    gap = evil_root_like(world.tokyo.root, SigningPair.generate(), version=9)
    _AUDIENCE[:] = [world.kyiv]
    data = shown_by_third_party(warsaw, world.tokyo, world.tokyo.statement, (gap.decode(),))
    with contextlib.suppress(CordialeError):
        tell(warsaw, world.kyiv, data)
    world.tokyo.act("registrar", "node.install", {
        "root": encode_base64url(world.tokyo.root), "statement": encode_base64url(world.tokyo.statement),
    })
    world.deliver()
    record = world.kyiv.registry.record(PARTNER, "JPN")
    assert record is not None
    assert open_partner(record, world.kyiv.registry.mode).statement.version == 2


# -- names of nodes and logs --------------------------------------------------------------------------------


def namesake(world: World, node: str, prefix: str = "", party: str = "ZZZ") -> Player:
    """A third party whose own root signs a statement under a name that belongs to somebody else."""
    people = PEOPLE["POL"].replace("POL", party)
    third = make_player(party, node, clock=world.clock, mode=world.tokyo.registry.mode, seed=78, people_csv=people)
    if prefix:
        statement = read_unverified_statement(third.statement)
        keys = (LogKeys(prefix, statement.log_keys[0].ed25519, statement.log_keys[0].ml_dsa_44),)
        root = read_unverified_root(third.root)
        third.statement = add_signature(
            sign_statement(replace(statement, version=2, log_keys=keys), root, third.root_keys[0]), root,
            third.root_keys[1],
        )
    return third


def test_the_messages_to_one_partner_never_go_to_another_that_took_its_nodes_name(world: World) -> None:
    """Queues, streams and transport keys are kept by the name of a node, which every party gives itself."""
    third = namesake(world, "kyiv.ukr")
    try:
        make_acquainted(world.tokyo, third)
    except CordialeError:
        return
    dispatched(world)
    carried: list[str] = []

    class Watching:
        def carry(self, partner: Any, message: bytes, attachments: tuple[str, ...]) -> None:
            carried.append(str(partner.party))
            raise CordialeError("stop", "stop")

    world.tokyo.outbox.courier = Watching()
    world.tokyo.outbox.send_waiting()
    assert carried == ["UKR"]


def test_no_partner_names_a_node_as_ours_is_named(world: World) -> None:
    with pytest.raises(CordialeError):
        make_acquainted(world.tokyo, namesake(world, "tokyo.jpn"))


def test_no_partner_claims_the_logs_of_another(world: World) -> None:
    """Otherwise it shows us a head of the other's log, and our next message stops the other's node."""
    kyiv = world.kyiv.registry
    prefix = log_prefix(kyiv.mode, "UKR", kyiv.node)
    third = namesake(world, "node.zzz", prefix)
    world.strangers.append(third)
    try:
        make_acquainted(world.tokyo, third)
        make_acquainted(third, world.tokyo)
    except CordialeError:
        return
    from cordiale.message.members import LogHead

    lie = LogHead(own_origin(kyiv, AGREEMENT), 900_000, bytes(32))

    def as_of_version_2(payload: dict[str, Any]) -> None:
        payload["statement_version"] = 2

    data = forge(
        third, world.tokyo, Acknowledgement(bytes(48), world.clock.at, None), agreement="", in_reply_to="m1",
        checkpoint=lie, change=as_of_version_2,
    )
    with contextlib.suppress(CordialeError):
        tell(third, world.tokyo, data)
    seen = world.tokyo.registry.reads().seen(lie.origin)
    assert seen is None or seen.size != lie.size
    dispatched(world)
    world.deliver(2)
    assert not waiting(world.tokyo), "the partner's node was stopped by what a third party said of its log"
