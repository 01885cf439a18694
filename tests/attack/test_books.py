"""Attacks on the books by somebody with the database in hand, but none of the keys of the node."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.world.comparing import audit, bodies
from tests.world.forging import forge, tell
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import cross, grant
from tests.world.world import AGREEMENT, Player, World

from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.model.agreement import Act

_TRIGGERS = ("record_kept", "record_stays", "entry_kept", "entry_stays", "act_kept", "act_stays")


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=305)
    _, (item,) = cross(world)
    grant(world, item, "reader")
    dispatched(world)
    return world


def alter(player: Player, *statements: str) -> None:
    """Change the books behind the node's back; the triggers are no obstacle to whoever has the file."""
    connection: Any = player.registry.store.reads()._connection  # type: ignore[attr-defined]
    for trigger in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for statement in statements:
        connection.execute(statement)


def size(player: Player, log: str) -> int:
    return player.registry.reads().log_size(log)


def test_the_books_are_in_order_before_anybody_touches_them(world: World) -> None:
    assert audit(world.tokyo).findings == [] and audit(world.kyiv).findings == []


@pytest.mark.parametrize("statement", [
    "DELETE FROM outbox WHERE state = 'waiting'",
    "UPDATE outbox SET state = 'answered'",
    "UPDATE outbox SET message = x'00' WHERE state = 'waiting'",
    "UPDATE outbox SET link = 'bag'",
], ids=["deleted", "said to be answered", "other bytes", "another link"])
def test_a_message_taken_out_of_the_queue_is_noticed(world: World, statement: str) -> None:
    """An accepted dispatch that never leaves, and nobody is told."""
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("statement", [
    "DELETE FROM inbox",
    "UPDATE inbox SET message = x'00'",
    "UPDATE inbox SET answer = x'00' WHERE length(answer) > 0",
    "UPDATE inbox SET digest = x'00'",
], ids=["deleted", "other bytes", "other answer", "other digest"])
def test_a_message_that_was_received_is_not_altered_unnoticed(world: World, statement: str) -> None:
    """The signed receipts and certificates of the partner lie here and nowhere else."""
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("statement", [
    "UPDATE counter SET last = last - 1", "UPDATE counter SET last = last + 1", "DELETE FROM counter",
    "UPDATE stream SET last = last - 1", "UPDATE seen SET size = 1", "DELETE FROM seen",
], ids=["numbers set back", "numbers set on", "no numbers", "streams set back", "partner seen less",
        "partner not seen"])
def test_what_the_next_number_or_the_partners_log_depends_on_is_not_altered_unnoticed(
    world: World, statement: str
) -> None:
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("statement", [
    "UPDATE entry SET act = 'another' WHERE idx = 1",
    "DELETE FROM head WHERE size = 2",
    "UPDATE head SET note = x'00' WHERE size = 2",
    "UPDATE head SET origin = 'another' WHERE size = 2",
], ids=["act of an entry", "an earlier head", "its note", "its origin"])
def test_entries_and_earlier_heads_are_not_altered_unnoticed(world: World, statement: str) -> None:
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


def cut_log(player: Player, log: str, to: int) -> None:
    """Take away all of a log from entry `to` on, with every row that goes with it."""
    alter(
        player,
        f"DELETE FROM head WHERE log = '{log}' AND size > {to}",
        f"DELETE FROM entry WHERE log = '{log}' AND idx >= {to}",
        f"DELETE FROM act WHERE log = '{log}' AND idx >= {to}",
        f"DELETE FROM record WHERE log = '{log}' AND idx >= {to}",
        f"UPDATE log SET size = {to} WHERE name = '{log}'",
        "DELETE FROM field WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.kind = field.kind AND r.id = field.id)",
    )


def test_the_last_readings_do_not_vanish_from_the_internal_log(world: World) -> None:
    """Somebody has read, and takes the last entries of the log away: each log stands by itself."""
    before = size(world.kyiv, "internal")
    item = next(iter(bodies(world.kyiv, "item")))
    world.kyiv.read("reader", item, "high-level dialogue")
    assert len(bodies(world.kyiv, "grant")) == 1
    cut_log(world.kyiv, "internal", before)
    assert bodies(world.kyiv, "grant") == {}
    assert audit(world.kyiv).findings != []


def test_a_whole_log_does_not_vanish(world: World) -> None:
    alter(
        world.kyiv, *(f"DELETE FROM {table} WHERE log = '{AGREEMENT}'" for table in
                      ("head", "entry", "act", "record", "tile")),
        f"DELETE FROM log WHERE name = '{AGREEMENT}'", "DELETE FROM counter",
        "DELETE FROM field WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.kind = field.kind AND r.id = field.id)",
    )
    assert audit(world.kyiv).findings != []


def test_an_envelope_whose_bytes_were_changed_is_noticed(world: World) -> None:
    """The audit looks whether it is there; a changed byte is found by whoever reads, perhaps in ten years."""
    contents = world.kyiv.objects.contents
    (name,) = [body["object"] for body in bodies(world.kyiv, "copy").values() if "object" in body]
    sealed = bytearray(contents[name])
    sealed[200] ^= 1
    contents[name] = bytes(sealed)
    assert audit(world.kyiv).findings != []


def test_our_own_envelope_exchanged_for_nothing_is_noticed(world: World) -> None:
    contents = world.tokyo.objects.contents
    (name, *_) = [body["envelope"] for body in bodies(world.tokyo, "item").values() if "envelope" in body]
    contents[name] = b""
    assert audit(world.tokyo).findings != []


def test_the_audit_of_a_damaged_book_names_what_it_finds_and_does_not_end(world: World) -> None:
    """Whoever alters a record so that it is no longer of the form must not thereby end the audit."""
    changed = b'{"act":"entered","book":"own","number":"x"}'.hex()
    alter(world.tokyo, f"UPDATE record SET body = x'{changed}' WHERE kind = 'entry'")
    assert audit(world.tokyo).findings != []
    alter(world.tokyo, "UPDATE record SET body = x'FF' WHERE kind = 'item'")
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"{", b"\xff"], ids=["empty", "list", "null", "cut", "no text"])
def test_a_record_of_any_kind_that_is_none_does_not_end_the_audit(world: World, body: bytes) -> None:
    for player in world.players:
        alter(player, f"UPDATE record SET body = x'{body.hex()}'")
        assert audit(player).findings != []


def test_a_record_whose_members_are_of_another_kind_does_not_end_the_audit(world: World) -> None:
    for player in world.players:
        reads: Any = player.registry.store.reads()
        alter(player)
        for record in list(reads.every_version()):
            body = json.loads(record.body)
            for name in body:
                changed = json.dumps({**body, name: [{}]}).encode()
                reads._connection.execute(
                    "UPDATE record SET body = ? WHERE kind = ? AND id = ? AND version = ?",
                    (changed, record.kind, record.id, record.version),
                )
        assert audit(player).findings != []


@pytest.mark.parametrize("statement", [
    "INSERT INTO inbox SELECT n + 1000, 'another', partner, agreement, seq + 1000, digest, message, answer, received_at"
    " FROM inbox LIMIT 1",
    "INSERT INTO outbox SELECT 'another', partner, agreement, seq, precedence, message, attachments, link, 'answered',"
    " queued_at FROM outbox LIMIT 1",
    "INSERT INTO head SELECT log, size + 1000, origin, root, note FROM head LIMIT 1",
    "INSERT INTO log VALUES ('another', 0)",
    "INSERT INTO log VALUES ('a name that is none', 7)",
], ids=["a message received", "a message sent", "a head", "a log", "a log with no name"])
def test_what_no_act_has_written_is_noticed(world: World, statement: str) -> None:
    """A number that was entered as taken would make the node refuse the partner's next message."""
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("statement", [
    "DELETE FROM batch WHERE number = 3", "DELETE FROM batch WHERE number = (SELECT max(number) FROM batch)",
    "DELETE FROM batch", "UPDATE batch SET chain = zeroblob(32) WHERE number = 3",
    "UPDATE batch SET logs = x'7B7D' WHERE number = 3", "UPDATE batch SET logs = x'FF' WHERE number = 3",
    "UPDATE batch SET number = number + 1000 WHERE number > 5",
], ids=["one", "the last", "all", "its value", "its logs", "no text", "numbers"])
def test_the_notes_of_commits_are_not_altered_unnoticed(world: World, statement: str) -> None:
    alter(world.tokyo, statement)
    assert audit(world.tokyo).findings != []


def test_a_message_that_was_refused_twice_under_one_name_is_no_finding(world: World) -> None:
    """Other bytes under an identifier that was refused before are refused under it too; the first stay in the inbox."""
    for number in (1, 2):
        body = ConsentRequest(ConsentTerms("none", Act.COPY, f"purpose {number}"))  # type: ignore[arg-type]
        tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, id="forged.1"))
    (record,) = bodies(world.tokyo, "refused-message").values()
    assert record["code"] == "sequence.identifier-reused"
    assert audit(world.tokyo).findings == []


def test_the_time_of_an_act_is_not_altered_unnoticed(world: World) -> None:
    alter(world.tokyo, "UPDATE act SET at = '2026-01-01'")
    assert audit(world.tokyo).findings != []


@pytest.mark.parametrize("column", ["outbox SET queued_at", "inbox SET received_at", "act SET at"])
def test_a_time_that_is_none_is_a_finding_and_does_not_end_the_audit(world: World, column: str) -> None:
    player = world.kyiv if column.startswith("inbox") else world.tokyo
    alter(player, f"UPDATE {column} = 'x'")
    assert audit(player).findings != []


@pytest.mark.parametrize("column", ["outbox SET queued_at", "inbox SET received_at"])
def test_the_time_of_a_message_is_not_altered_unnoticed(world: World, column: str) -> None:
    player = world.kyiv if column.startswith("inbox") else world.tokyo
    alter(player, f"UPDATE {column} = '2026-01-01T00:00:00.000000Z'")
    assert audit(player).findings != []
