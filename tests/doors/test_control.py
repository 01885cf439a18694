"""The private socket: only what somebody here signed, for this node, lately, is done; everything else is answered."""

from __future__ import annotations

import errno
import http.client
import io
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.doors.nodes import WEAK, Home, serving, wait_until

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable, Unverified
from cordiale.model.mode import Mode
from cordiale.operate.depositing import Deposit
from cordiale.operate.keyfiles import make_key

LEVEL = "EX-JPN:EXERCISE SAKURA"
PAPER = {"title": "Exercise paper", "form": "file", "level": LEVEL}


@pytest.fixture(scope="module")
def tokyo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with serving(tmp_path_factory.mktemp("control")) as made:
        yield made


def ask(tokyo: Home, verb: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """Speak to the socket without the client."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.connect(str(tokyo.socket))
    connection.request(verb, path, body=body)
    response = connection.getresponse()
    value = json.loads(response.read() or b"{}") if response.status != 405 else {}
    connection.close()
    return response.status, value


def code_of(found: pytest.ExceptionInfo[CordialeError]) -> str:
    return found.value.code


def test_an_unknown_act_and_an_unknown_view_are_malformed(tokyo: Home) -> None:
    client = tokyo.client()
    for send in (client.act, client.view):
        with pytest.raises(Malformed, match="does not know how to do `make-tea`") as found:
            send(tokyo.request("head", "make-tea", {}))
        assert code_of(found) == "act.unknown"
    with pytest.raises(Malformed):
        client.operate("make-tea", {})


def test_a_key_that_nobody_enrolled_is_unverified(tokyo: Home, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger.key.json", "secret", Mode.EXERCISE, cost=WEAK)
    with pytest.raises(Unverified) as found:
        tokyo.client().act(tokyo.request("head", "label", PAPER, key=stranger))
    assert code_of(found) == "person.unknown-key"


def test_a_request_signed_long_ago_or_for_another_node_is_unverified(tokyo: Home) -> None:
    client = tokyo.client()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"late": -600}, "act.stale"), ({"late": 600}, "act.stale"), ({"node": "kyiv.ukr"}, "act.other-node"),
    ]
    for changed, code in wrong:
        with pytest.raises(Unverified) as found:
            client.act(tokyo.request("head", "label", PAPER, **changed))
        assert code_of(found) == code


def test_a_changed_request_is_unverified(tokyo: Home) -> None:
    signed = json.loads(tokyo.request("head", "label", PAPER))
    other = json.loads(tokyo.request("head", "label", {**PAPER, "title": "Other"}))
    signed["payload"] = other["payload"]
    forged = json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Unverified):
        tokyo.client().act(forged)


def test_what_is_no_request_at_all_is_malformed_and_nothing_is_said_of_the_inside(tokyo: Home) -> None:
    for body in (b"", b"null", b"{}", b"\xff\xfe", b"[" * 100_000):
        status, value = ask(tokyo, "POST", "/act", body)
        assert (status, value["error"]["family"]) == (400, "malformed")
    assert ask(tokyo, "POST", "/operator/status", b"{")[0] == 400
    assert ask(tokyo, "POST", "/operator/status", b'{"more": 1}')[0] == 400
    assert ask(tokyo, "GET", "/act")[0] == 405


def test_a_request_beyond_the_limit_is_not_taken_in(tokyo: Home) -> None:
    status, value = ask(tokyo, "POST", "/act", b"x" * (17 * 1024**2))
    assert (status, value["error"]["code"]) == (400, "request.too-large")


def test_a_deposit_is_sealed_and_read_back_whole(tokyo: Home) -> None:
    content = bytes(range(256)) * 12_000  # more than one segment, and no multiple of one
    client = tokyo.client()
    seen: list[int] = []
    reply = client.deposit(tokyo.deposit("originator", PAPER), io.BytesIO(content), progress=seen.append)
    assert reply.trail.startswith("internal ") and seen[-1] == len(content)
    assert tokyo.call("authority", "agreement", "national", "--template", "exercise").code == 0
    target = io.BytesIO()
    client.act(tokyo.request("head", "need.grant", {
        "item": reply.answer["item"], "person": "originator", "purpose": "exercise",
    }))
    read = client.read(
        tokyo.request("originator", "read", {"item": reply.answer["item"], "purpose": "exercise"}), lambda _: target,
    )
    assert target.getvalue() == content
    assert (read.answer["size_bytes"], bool(read.answer["banner"])) == (len(content), True)


class Full(io.BytesIO):
    """A disk on which there is no room."""

    def write(self, _: Any, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_reader_without_room_is_told_what_happened_and_where_the_reading_stands(tokyo: Home) -> None:
    client = tokyo.client()
    item = client.deposit(tokyo.deposit("originator", PAPER), io.BytesIO(b"exercise")).answer["item"]
    tokyo.call("authority", "agreement", "national", "--template", "exercise")
    client.act(tokyo.request("head", "need.grant", {"item": item, "person": "originator", "purpose": "exercise"}))
    with pytest.raises(Unavailable) as raised:
        client.read(tokyo.request("originator", "read", {"item": item, "purpose": "exercise"}), lambda _: Full())
    assert raised.value.code == "read.not-written" and raised.value.trail.startswith("internal ")


def test_the_same_deposit_twice_is_one_item(tokyo: Home) -> None:
    client = tokyo.client()
    first, second = (
        client.deposit(tokyo.deposit("originator", PAPER, act_id="act.twice"), io.BytesIO(b"exercise"))
        for _ in range(2)
    )
    assert (first.answer, first.trail) == (second.answer, second.trail)


class Endless:
    """More than anybody would wait for."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return bytes(size)


def test_a_refused_deposit_is_answered_before_all_of_it_was_sent(tokyo: Home) -> None:
    endless = Endless()
    with pytest.raises(Malformed) as found:
        tokyo.client().deposit(tokyo.deposit("originator", {**PAPER, "level": "no level"}), endless)
    assert code_of(found) == "level.form"
    assert endless.given < 256 * 1024**2


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def files_of(tokyo: Home) -> set[str]:
    return {path.name for path in (tokyo.path / "objects").rglob("*") if path.is_file()}


def test_a_deposit_that_breaks_off_leaves_nothing(tokyo: Home) -> None:
    before = files_of(tokyo)
    begun = tokyo.deposit("originator", PAPER)
    sending = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sending.connect(str(tokyo.socket))
    head = framed(begun.opening) + framed(begun.salt) + framed(bytes(1_000_000))[:14]
    sending.sendall(b"PUT /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + head)
    wait_until(lambda: files_of(tokyo) != before)
    sending.close()
    wait_until(lambda: files_of(tokyo) == before)
    assert tokyo.client().status()["node"] == "tokyo.jpn"


class Between:
    """A deposit that somebody between the person and the node has put together anew."""

    def __init__(self, begun: Deposit, meant: bytes) -> None:
        self.opening, self.salt = begun.opening, begun.salt
        begun.add(meant)
        self._begun = begun

    def add(self, piece: bytes) -> None:
        """Nothing of what is sent was signed for."""

    def close(self, at: datetime) -> bytes:
        return self._begun.close(at)


def test_another_file_behind_a_signed_deposit_leaves_nothing(tokyo: Home) -> None:
    before = files_of(tokyo)
    with pytest.raises(Unverified) as found:
        tokyo.client().deposit(Between(tokyo.deposit("originator", PAPER), b"exercise"), io.BytesIO(b"another"))
    assert code_of(found) == "deposit.other-content"
    assert files_of(tokyo) == before
    sent = tokyo.client().deposit(Between(tokyo.deposit("originator", PAPER), b"exercise"), io.BytesIO(b"exercise"))
    assert sent.trail.startswith("internal ")


@pytest.mark.parametrize("behind", ["nothing", "an opening", "something more"])
def test_a_deposit_ends_with_its_closing_request_and_nothing_else(tokyo: Home, behind: str) -> None:
    before = files_of(tokyo)
    begun = tokyo.deposit("originator", PAPER)
    body = framed(begun.opening) + framed(begun.salt) + framed(b"exercise") + framed(b"")
    begun.add(b"exercise")
    closing = framed(begun.close(datetime.now(UTC).replace(microsecond=0)))
    body += {"nothing": b"", "an opening": framed(begun.opening), "something more": closing + b"\0"}[behind]
    status, value = ask(tokyo, "PUT", "/deposit", body)
    assert (status, value["error"]["family"]) == (400, "malformed")
    assert files_of(tokyo) == before


@pytest.mark.parametrize("body", [b"", b"\0\0", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x05{}"])
def test_a_deposit_without_its_request_is_malformed(tokyo: Home, body: bytes) -> None:
    status, value = ask(tokyo, "PUT", "/deposit", body)
    assert (status, value["error"]["family"]) == (400, "malformed")


def test_every_reason_of_a_refusal_reaches_the_caller_with_its_entry_in_the_trail(tokyo: Home) -> None:
    request = tokyo.request("head", "people.withdraw-clearance", {"person": "head", "level": LEVEL})
    with pytest.raises(Refused) as found:
        tokyo.client().act(request)
    reasons = {reason.code for reason in found.value.decision.reasons}
    assert reasons == {"office.not-held", "office.own-favour"}
    assert found.value.trail.startswith("internal ")


def test_a_state_that_does_not_allow_it_is_out_of_order(tokyo: Home) -> None:
    with pytest.raises(OutOfOrder):
        tokyo.client().act(tokyo.request(
            "head", "need.grant", {"item": "jpn.none", "person": "originator", "purpose": "exercise"},
        ))


def test_nobody_serving_is_unavailable(tmp_path: Path) -> None:
    from cordiale.doors.cli.client import ControlClient

    with pytest.raises(Unavailable) as found:
        ControlClient(tmp_path / "run" / "control.sock")
    assert code_of(found) == "node.not-serving"
