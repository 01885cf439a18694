"""Attacks between a person and the node: what is signed for a deposit is its content too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.world.comparing import bodies, list_differences
from tests.world.scanning import find_words
from tests.world.sending import SignedDeposit
from tests.world.test_journey import CONTENT, PURPOSE
from tests.world.world import World

from cordiale.canonical import encode_base64url
from cordiale.crypto.signatures import SigningPair
from cordiale.envelope.payload import StreamCommitment
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unverified
from cordiale.message.personal import deposit_salt

PAPER = {
    "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
}
OTHER = b"Another file that a program on the same account puts in its place"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=309)


def signed(world: World, content: bytes = CONTENT, act_id: str = "act.deposit", **changed: Any) -> SignedDeposit:
    return world.tokyo.sign_deposit("originator", {**PAPER, **changed}, content, act_id=act_id)


def cells(world: World) -> Iterator[bytes]:
    """Yield whatever stands in any column of the books."""
    books = world.tokyo.registry.store._writer  # type: ignore[attr-defined]
    for (table,) in books.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in books.execute(f'SELECT * FROM "{table}"'):
            yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def refused(world: World, sent: SignedDeposit) -> CordialeError:
    """Send what must be refused, and hold that nothing of it remains."""
    before = (dict(world.tokyo.objects.contents), bodies(world.tokyo, "item"), bodies(world.tokyo, "entry"))
    with pytest.raises(CordialeError) as found:
        sent.send(world.tokyo.registry)
    assert before == (dict(world.tokyo.objects.contents), bodies(world.tokyo, "item"), bodies(world.tokyo, "entry"))
    assert world.tokyo.registry.reads().act("act.deposit") is None
    assert list_differences(world) == []
    return found.value


@pytest.mark.parametrize("other", [OTHER, b"", CONTENT + b"\n", CONTENT[:-1], CONTENT[:-1] + b"?"])
def test_another_file_behind_a_valid_request_is_refused_and_nothing_is_kept(world: World, other: bytes) -> None:
    error = refused(world, replace(signed(world), content=other))
    assert (type(error), error.code) == (Unverified, "deposit.other-content")


@pytest.mark.parametrize("size", [2 * 1024**2, 4 * 1024**2 + 1])
def test_one_byte_of_a_later_segment_is_noticed(world: World, size: int) -> None:
    content = bytes(size)
    assert refused(world, replace(signed(world, content), content=content[:-1] + b"\1")).code == "deposit.other-content"


def test_a_changed_salt_is_refused(world: World) -> None:
    sent = signed(world)
    assert refused(world, replace(sent, salt=bytes([sent.salt[0] ^ 1]) + sent.salt[1:])).code == "deposit.other-content"
    for salt in (b"", sent.salt[:-1], sent.salt + sent.salt):
        assert isinstance(refused(world, replace(sent, salt=salt)), Malformed)


def test_the_request_behind_the_content_asks_what_the_one_before_it_did(world: World) -> None:
    sent = signed(world)
    for other in (signed(world, title="Another title"), signed(world, act_id="act.another")):
        assert refused(world, replace(sent, closing=other.closing)).code == "deposit.other-request"
    theirs = world.tokyo.sign_deposit("authority", PAPER, CONTENT, act_id="act.deposit")
    assert refused(world, replace(sent, closing=theirs.closing)).code == "deposit.other-request"


def test_a_request_that_names_no_content_closes_nothing(world: World) -> None:
    sent = signed(world)
    assert refused(world, replace(sent, closing=sent.opening)).code == "deposit.no-commitment"
    with pytest.raises(Malformed):
        world.tokyo.act("originator", "label", {**PAPER, "form": "paper", "content": encode_base64url(bytes(48))})


def test_the_signed_requests_of_one_deposit_enter_no_other_content_later(world: World) -> None:
    sent = signed(world)
    entered = sent.send(world.tokyo.registry)
    kept = dict(world.tokyo.objects.contents)
    for other, code in (
        (replace(sent, content=OTHER), "deposit.other-content"), (signed(world, OTHER), "act.id-taken"),
    ):
        with pytest.raises((Unverified, OutOfOrder)) as found:
            other.send(world.tokyo.registry)
        assert found.value.code == code
    assert dict(world.tokyo.objects.contents) == kept
    world.tokyo.act("head", "need.grant", {"item": entered.value["item"], "person": "originator", "purpose": PURPOSE})
    assert world.tokyo.read("originator", entered.value["item"], PURPOSE) == CONTENT


def test_the_same_deposit_signed_twice_is_one_item(world: World) -> None:
    first = signed(world).send(world.tokyo.registry)
    again = signed(world)
    assert again.salt == signed(world).salt
    second = again.send(world.tokyo.registry)
    assert (first.value, first.trail) == (second.value, second.trail)
    assert len(bodies(world.tokyo, "item")) == len(world.tokyo.objects.contents) == 1


def test_the_salt_is_nowhere_in_the_books(world: World) -> None:
    """Beside the commitment it would let whoever holds the books try out what the content is."""
    sent = signed(world)
    sent.send(world.tokyo.registry)
    made = StreamCommitment(world.tokyo.registry.mode)
    made.update(CONTENT)
    commitment = encode_base64url(made.commit(sent.salt)).encode()
    salts = {sent.salt, sent.salt.hex().encode(), encode_base64url(sent.salt).encode()}
    assert find_words(cells(world), {commitment, *salts}) == {commitment}


def test_the_salt_is_of_one_person_one_act_one_node_and_one_mode(world: World) -> None:
    mode = world.tokyo.registry.mode
    other = next(one for one in type(mode) if one is not mode)
    key = world.tokyo.people["originator"]
    salts = {
        deposit_salt(key, "act.one", node="tokyo.jpn", mode=mode),
        deposit_salt(key, "act.two", node="tokyo.jpn", mode=mode),
        deposit_salt(key, "act.one", node="kyoto.jpn", mode=mode),
        deposit_salt(key, "act.one", node="tokyo.jpn", mode=other),
        deposit_salt(SigningPair.generate(), "act.one", node="tokyo.jpn", mode=mode),
    }
    assert {len(salt) for salt in salts} == {32} and len(salts) == 5
