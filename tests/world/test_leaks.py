"""Everything that has crossed between two nodes, searched for what must stay inside.

Messages in both directions, answers and refusals, envelopes, a bag, and the log
of the agreement as an inspector of the partner may have it. Nothing in it names
a reader or says what an item is called, what it is for or what it contains, and
no secret key is in it; of our dealings with a third party there is no trace.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.world.courier import HostileCourier
from tests.world.outside import MemoryMedium
from tests.world.people import HEADER, row
from tests.world.scanning import find_words
from tests.world.test_journey import approve
from tests.world.world import AGREEMENT, Player, World, make_acquainted

from cordiale.errors import CordialeError
from cordiale.records.log.export import export_log
from cordiale.records.log.tiles import LogRows
from cordiale.work.bag import pack, unpack

TITLE, PURPOSE = "Kirschbaum Zitadelle", "ueberaus vertraulicher Zweck"
CONTENT = b"The plaintext of the paper, which nobody outside may read. " * 50
FILE = "kirschbaum-entwurf.pdf"
READERS = ("zq-lesende", "zq-unbefugte", "zq-gegangene")


@pytest.fixture(scope="module")
def crossed() -> tuple[World, list[bytes]]:
    """A world in which much has happened, and all bytes that have left one of its nodes."""
    world = world_with_named_readers()
    courier = HostileCourier(world, 17, {"deliver": 2, "repeat": 1, "lose-answer": 1, "alter": 1, "delay": 1})
    world.carry = courier
    world.bring_into_force()
    item, other = (labelled(world, form) for form in ("file", "paper"))
    for one in (item, other):
        approve(world.tokyo, one, "originator", "release.propose", PURPOSE)
        approve(world.tokyo, one, "authority", "release.approve", PURPOSE)
    sent = send(world, [item, other], "wire")
    courier.calm()
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": sent, "counted": 2})
    use(world, item)
    world.deliver()
    third_party(world)
    bag = MemoryMedium()
    world.kyiv.act("registrar", "return", {"item": other})
    send(world, [item], "bag", is_another=True)
    pack(world.tokyo.registry, "UKR", bag, "pack.1")
    unpack(world.kyiv.registry, bag)
    world.deliver()
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    return world, [*courier.crossed, *bag.files.values(), *exported(world.tokyo), *exported(world.kyiv)]


def world_with_named_readers() -> World:
    extra = "".join(
        row(id, f"Leserin {id}", "UKR", "reader", level)
        for id, level in zip(READERS, ("BARVINOK", "KALYNA", "BARVINOK"), strict=True)
    )
    world = World.founded(seed=95)
    world.kyiv.enter_people(HEADER + extra)
    return world


def labelled(world: World, form: str) -> str:
    params = {
        "form": form, "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": TITLE,
        **({"file_name": FILE} if form == "file" else {}),
    }
    answer = world.tokyo.act("originator", "label", params, content=CONTENT if form == "file" else None)
    return str(answer.value["item"])


def send(world: World, items: list[str], link: str, *, is_another: bool = False) -> str:
    answer = world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": items, "link": link, "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv", **({"another_copy": True} if is_another else {}),
    })
    return str(answer.value["consignment"])


def use(world: World, item: str) -> None:
    """Circulate, read, be refused, be withdrawn: all of it is Kyiv's own affair."""
    for id in READERS:
        world.kyiv.act("head", "need.grant", {"item": item, "person": id, "purpose": PURPOSE})
        try:
            world.kyiv.read(id, item, PURPOSE)
            world.kyiv.act("registrar", "circulate", {"item": item, "person": id})
        except CordialeError:
            continue
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": READERS[2],
    })


def third_party(world: World) -> None:
    """Kyiv makes the acquaintance of a third party, and keeps papers of its own."""
    make_acquainted(world.kyiv, world.add_stranger())
    world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE BARVINOK", "release_to": ["POL"], "title": "Papier fuer Warschau",
    })


def exported(player: Player) -> Iterator[bytes]:
    """Yield the files of the agreement's log as they are handed to an inspector."""
    reads = player.registry.reads()
    head = reads.head(AGREEMENT)
    assert head is not None
    rows = LogRows(
        entries=lambda start, end: [entry.body for entry in reads.entries(AGREEMENT, start, end)],
        leaf_hashes=lambda start, end: reads.leaf_hashes(AGREEMENT, start, end),
        tile_roots=lambda level, start, end: reads.tile_roots(AGREEMENT, level, start, end),
    )
    yield from (content for _, content in export_log(head.note, rows))


def test_what_crossed_is_really_searched(crossed: tuple[World, list[bytes]]) -> None:
    """What does cross by design is found, under every layer of encoding; so the other tests look at something."""
    world, data = crossed
    node = world.kyiv.registry.node.encode()
    words = {b"delivery-notice", b"registered_at", b"UKR/JPN-2026-0001", b"take.receipt", node}
    assert find_words(data, words) == words


def test_no_reader_is_named(crossed: tuple[World, list[bytes]]) -> None:
    words = {id.encode() for id in READERS} | {b"Leserin"}
    assert find_words(crossed[1], words) == set()


def test_no_title_file_name_or_purpose_of_a_provision_is_in_clear(crossed: tuple[World, list[bytes]]) -> None:
    words = {TITLE.encode(), PURPOSE.encode(), FILE.encode(), b"Kirschbaum", b"vertraulicher"}
    assert find_words(crossed[1], words) == set()


def test_no_plaintext_is_in_clear(crossed: tuple[World, list[bytes]]) -> None:
    assert find_words(crossed[1], {CONTENT[:24], CONTENT[31:55]}) == set()


def test_no_number_of_our_own_register_is_in_clear(crossed: tuple[World, list[bytes]]) -> None:
    """The provider's register numbers and its numbers of dispatch are particulars."""
    assert find_words(crossed[1], {b'"JPN-2026-', b" JPN-2026-", b"JPN-OUT-2026"}) == set()


def test_no_dealings_with_others_show(crossed: tuple[World, list[bytes]]) -> None:
    assert find_words(crossed[1], {b"warsaw.pol", b"Warschau", b'"POL"'}) == set()


def test_no_secret_key_has_crossed(crossed: tuple[World, list[bytes]]) -> None:
    world, data = crossed
    secrets = set()
    for player in world.players:
        keys = player.keys
        for pair in (keys.registry, *player.people.values(), *player.root_keys):
            secrets |= {str(part).encode()[:40] for part in pair.encode_secret().values()}
        secrets |= {
            key.seed for key in (
                keys.log_ed25519, keys.log_ml_dsa_44, keys.witness_ed25519, keys.witness_ml_dsa_44,
            )
        }
        secrets |= {keys.wrapping.encode_secret()[:32], keys.transport_key[40:80]}
    assert all(len(secret) >= 32 for secret in secrets)
    assert find_words(data, secrets) == set()
