"""What leaves the node, or stands on a medium, that nobody outside may see."""

from __future__ import annotations

import contextlib
import json
import re
from base64 import urlsafe_b64decode
from typing import Any

import anyio
import pytest
from tests.world.comparing import bodies
from tests.world.forging import forge, hand_envelopes, payload_of, tell, waiting
from tests.world.outside import MemoryMedium
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import PURPOSE, cross, grant, label
from tests.world.world import World, make_acquainted

from cordiale.adapters.tls import PEER_EXTENSION
from cordiale.doors.peer.app import PeerDoor
from cordiale.envelope.particulars import Particulars
from cordiale.errors import CordialeError, Malformed
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.model.label import LevelRef
from cordiale.work.bag import pack


@pytest.fixture
def world() -> World:
    return World.in_force(seed=308)


def everything_on(medium: MemoryMedium) -> str:
    """Return all texts on a medium, with what is only encoded decoded."""
    texts = []
    for content in medium.files.values():
        text = content.decode("utf-8", "replace")
        texts.append(text)
        for part in re.findall(r"[A-Za-z0-9_-]{40,}", text):
            whole = part[: len(part) // 4 * 4]
            texts.append(urlsafe_b64decode(whole).decode("utf-8", "replace"))
    return "\n".join(texts)


def test_on_a_bag_no_level_number_title_or_purpose_can_be_read(world: World) -> None:
    """A stick that is lost: receipts, certificates and requests for consent are signed, and stand there in clear."""
    item, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.kyiv.act("registrar", "consent.ask", {
        "act": "pass-on", "item": item, "purpose": "a secret purpose", "recipient": "POL",
    })
    world.kyiv.act("registrar", "return", {"item": item})
    medium = MemoryMedium()
    pack(world.kyiv.registry, "JPN", medium, "pack.1")
    shown = everything_on(medium)
    found = [words for words in ("EXERCISE SAKURA", "EXERCISE BARVINOK", "UKR/JPN-2026-0001", "a secret purpose",
                                 "Exercise paper", "Exercise Registrar K") if words in shown]
    assert found == []


def test_a_consignment_on_a_bag_shows_no_level_title_or_purpose(world: World) -> None:
    item = label(world.tokyo, title="Paper on mines")
    from tests.world.test_journey import dispatch, release

    release(world.tokyo, item)
    dispatch(world, [item], link="bag")
    medium = MemoryMedium()
    pack(world.tokyo.registry, "UKR", medium, "pack.1")
    shown = everything_on(medium)
    assert [words for words in ("EXERCISE SAKURA", "Paper on mines", PURPOSE, "JPN-2026-") if words in shown] == []


def test_the_partner_is_told_no_number_that_counts_what_others_were_given(world: World) -> None:
    """Certificates are numbered through all partners: the numbers one partner sees tell what the others got."""
    _, (item,) = cross(world)

    def ends_towards_another(session: Any) -> dict[str, Any]:
        for _ in range(5):
            session.take_number("certificate.RET")
        return {}

    from cordiale.records.ledger import INTERNAL, Act

    world.kyiv.registry.ledger.commit(Act("act.others", "others", "node", INTERNAL, ends_towards_another))
    world.kyiv.act("registrar", "return", {"item": item})
    (row,) = waiting(world.kyiv)
    assert payload_of(row.message)["body"]["number"].endswith("0001")


@pytest.mark.parametrize("title", [
    "Paper \x9b31m for the dialogue", "Paper \x7f", "Paper \u202egpj.exe", "Paper \u200bfor", "Paper \u2028second line",
])
def test_what_a_partner_writes_cannot_look_like_something_else_on_a_terminal(title: str) -> None:
    """Titles, purposes and numbers from the particulars are shown in lists and on pages, as `read_line` knows."""
    with pytest.raises(Malformed):
        Particulars(
            register_number="1", copy_number=1, kind="file", level=LevelRef("EX-JPN", "EXERCISE SAKURA"), marking="x",
            label_digest=bytes(48), title=title, purpose=PURPOSE, label=b"<x/>",
        ).encode()


def test_the_reasons_of_our_rules_stay_with_us(world: World) -> None:
    """What crosses of a refusal is a code and a fixed sentence; articles of our own law are our affair."""
    from cordiale.errors import Refused
    from cordiale.message.bodies.refusal import refusal_of
    from cordiale.model.decision import decision_of, refusal

    reason = refusal("access.no-need-to-know", "Exercise Reader K has no need", "UKR: Order 4, s. 2")
    told = refusal_of(Refused(decision_of("read", [reason])), message_digest=bytes(48))
    assert "Reader" not in told.text and "Order 4" not in told.article


def test_no_reader_crosses_with_anything_a_node_sends(world: World) -> None:
    _, (item,) = cross(world, forms=("file",))
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.read("reader", item, PURPOSE)
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    connection: Any = world.kyiv.registry.store.reads()._connection  # type: ignore[attr-defined]
    sent = [row[0] for row in connection.execute("SELECT message FROM outbox UNION ALL SELECT answer FROM inbox")]
    sent = [payload_of(one) for one in sent if one]
    shown = json.dumps(sent)
    assert "Exercise Reader K" not in shown and '"reader"' not in shown and "grant" not in shown


# -- the door for partners ----------------------------------------------------------------------------------


async def _call(
    app: Any, method: str, path: str, body: bytes | anyio.Event, headers: list[tuple[bytes, bytes]]
) -> int:
    """Call an application as `tokyo.jpn`; with an event for a body nothing comes until it is set, and then the end."""
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        if isinstance(body, anyio.Event):
            await body.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await app({
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "https", "server": ("x", 1), "client": ("y", 2),
        "root_path": "", "extensions": {PEER_EXTENSION: {"partner": "tokyo.jpn", "pin": b"", "group": ""}},
    }, receive, send)
    return status[0]


def test_one_partner_that_sends_slowly_does_not_shut_the_door_for_all(world: World) -> None:
    """Each envelope on its way holds one of the few threads, also while nothing comes."""
    app = PeerDoor(world.kyiv.registry, lambda *_: b"{}").app()

    async def attack() -> bool:
        hung_up, taken = anyio.Event(), anyio.Event()

        async def send_message() -> None:
            await _call(app, "POST", "/message", b"x", [])
            taken.set()

        async with anyio.create_task_group() as group:
            for number in range(40):
                headers = [(b"content-range", b"bytes 0-9/10")]
                group.start_soon(_call, app, "PUT", f"/envelope/slow.{number}", hung_up, headers)
            await anyio.sleep(0.2)
            group.start_soon(send_message)
            with anyio.move_on_after(5):
                await taken.wait()
            answered = taken.is_set()
            hung_up.set()
        return answered

    assert anyio.run(attack)


def test_one_partner_does_not_see_or_fill_the_envelopes_of_another(world: World) -> None:
    """Names of envelopes are the sender's; here they lie in one place for all partners."""
    app = PeerDoor(world.kyiv.registry, lambda *_: b"{}").app()
    warsaw = world.add_stranger()
    make_acquainted(world.kyiv, warsaw)

    async def fill(partner: str) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"0123456789", "more_body": False}

        async def send(_: dict[str, Any]) -> None:
            return None

        path = "/envelope/out.act.1.0"
        await app({
            "type": "http", "method": "PUT", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(b"content-range", b"bytes 0-9/10")], "http_version": "1.1", "scheme": "https",
            "server": ("x", 1), "client": ("y", 2), "root_path": "",
            "extensions": {PEER_EXTENSION: {"partner": partner, "pin": b"", "group": ""}},
        }, receive, send)

    anyio.run(fill, "warsaw.pol")
    anyio.run(fill, "tokyo.jpn")
    assert len(world.kyiv.objects.contents) == 2


# -- what is lost without a word ----------------------------------------------------------------------------


def test_a_number_that_never_came_is_told(world: World) -> None:
    """Each stream is numbered without gaps, so that a lost message or bag is missed: somebody must be told."""
    body = Acknowledgement(bytes(48), world.clock.at, None)
    before = {kind: bodies(world.kyiv, kind) for kind in ("duty", "reminder", "gap", "missing-message")}
    for number, seq in enumerate((500_000, 500_007)):
        with contextlib.suppress(CordialeError):
            tell(world.tokyo, world.kyiv, forge(
                world.tokyo, world.kyiv, body, in_reply_to="m1", id=f"late.{number}", seq=seq,
            ))
    world.clock.advance(days=30)
    from cordiale.work.chaser import chase_due

    chase_due(world.kyiv.registry)
    after = {kind: bodies(world.kyiv, kind) for kind in before}
    assert after != before or waiting(world.kyiv)


def test_a_number_that_comes_late_is_told_and_then_no_more(world: World) -> None:
    """By day ten of work it may still be on the road; after that somebody is told, until it has come."""
    from cordiale.work.chaser import chase_due

    def missing() -> list[tuple[str, str]]:
        duties = bodies(world.kyiv, "duty").values()
        return [(body["subject"], body["state"]) for body in duties if body["what"] == "missing-message"]

    dispatched(world)
    dispatched(world)
    first, second = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, second)
    tell(world.tokyo, world.kyiv, second.message)
    world.clock.advance(days=10)
    chase_due(world.kyiv.registry)
    assert missing() == []
    world.clock.advance(days=10)
    for _ in range(2):
        chase_due(world.kyiv.registry)
        assert missing() == [(f"{first.agreement}: {first.seq}", "open")]
    hand_envelopes(world.tokyo, world.kyiv, first)
    tell(world.tokyo, world.kyiv, first.message)
    chase_due(world.kyiv.registry)
    assert missing() == [(f"{first.agreement}: {first.seq}", "done")]


def test_a_bag_that_never_came_is_told(world: World) -> None:
    """Its manifest has a number like any other message; it is counted where it arrives."""
    from cordiale.work.bag import unpack
    from cordiale.work.chaser import chase_due

    def carried(number: int) -> MemoryMedium:
        world.kyiv.act("registrar", "consent.ask", {
            "act": "pass-on", "item": item, "purpose": f"purpose {number}", "recipient": "POL",
        })
        medium = MemoryMedium()
        pack(world.kyiv.registry, "JPN", medium, f"pack.{number}")
        return medium

    _, (item,) = cross(world)
    bags = [carried(number) for number in range(3)]
    unpack(world.tokyo.registry, bags[0])
    unpack(world.tokyo.registry, bags[2])
    world.clock.advance(days=20)
    chase_due(world.tokyo.registry)
    told = [body for body in bodies(world.tokyo, "duty").values() if body["what"] == "missing-message"]
    assert len(told) == 1 and told[0]["subject"].startswith("kyiv.ukr: ")
    unpack(world.tokyo.registry, bags[1])
    chase_due(world.tokyo.registry)
    assert [body["state"] for body in bodies(world.tokyo, "duty").values() if body["what"] == "missing-message"] == ["done"]
