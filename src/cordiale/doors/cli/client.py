"""Talks to the serving node over its private socket.

Nothing is decided here and nothing is written beside the node: the client sends
what its user signed, and gives back what the node answers. An answer that got
lost is asked for again with the same act id: the act is done once.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from cordiale.doors.control.socket import address_of
from cordiale.errors import (
    CordialeError,
    Malformed,
    OutOfOrder,
    Refused,
    Unavailable,
    Undecidable,
    Unverified,
)
from cordiale.model.decision import Decision, Outcome, Reason
from cordiale.model.mode import Mode

CHUNK_BYTES: Final = 1024 * 1024
_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 3_600.0
_FAMILIES: Final = {
    family.family: family for family in (Malformed, Unverified, OutOfOrder, Unavailable, Undecidable)
}

Progress = Callable[[int], None]


class Source(Protocol):
    """What a content is read from."""

    def read(self, size: int, /) -> bytes: ...


class Deposit(Protocol):
    """A deposit as its originator signs it (`cordiale.operate.depositing`)."""

    @property
    def opening(self) -> bytes: ...
    @property
    def salt(self) -> bytes: ...
    def add(self, piece: bytes) -> None: ...
    def close(self, at: datetime) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What the node answered, and the entry of its audit trail where the act stands."""

    answer: Mapping[str, Any]
    trail: str
    at: str


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_CONNECT_SECONDS)
        with address_of(self._path) as address:
            self.sock.connect(address)
        self.sock.settimeout(_ANSWER_SECONDS)


class ControlClient:
    """One user's connection to the serving node whose socket is `path`.

    Raises `Unavailable` when no node is serving there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: _SocketConnection | None = None
        status = self.status()
        self.node = str(status["node"])
        self.mode = Mode(status["mode"])

    def status(self) -> dict[str, Any]:
        """Return what the node says of itself to anybody on this machine who may open its socket."""
        return dict(self._exchange("GET", "/status", b"")["answer"])

    def act(self, signed: bytes) -> Reply:
        """Send a signed act; the same act id twice is one act with one answer."""
        return _reply(self._exchange("POST", "/act", signed))

    def view(self, signed: bytes) -> dict[str, Any]:
        """Send a signed question."""
        return dict(self._exchange("POST", "/view", signed)["answer"])

    def operate(self, verb: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for something that needs no person: only whoever may open the socket can."""
        return dict(self._exchange("POST", f"/operator/{verb}", json.dumps(dict(params)).encode())["answer"])

    def deposit(self, deposit: Deposit, source: Source, *, progress: Progress | None = None) -> Reply:
        """Send a content between its two signed requests, to be sealed at once; it never lies anywhere in clear."""
        connection = self._open()
        try:
            connection.putrequest("PUT", "/deposit")
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders()
            self._pour(connection, deposit, source, progress)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The node has answered before it had everything: the answer says why.
        except (OSError, http.client.HTTPException) as error:
            raise self._broken() from error
        return _reply(self._parse(self._answer(connection)))

    def _pour(
        self, connection: _SocketConnection, deposit: Deposit, source: Source, progress: Progress | None
    ) -> None:
        _send_frame(connection, deposit.opening)
        _send_frame(connection, deposit.salt)
        sent = 0
        while chunk := source.read(CHUNK_BYTES):
            if select.select([connection.sock], [], [], 0)[0]:
                return
            deposit.add(chunk)
            _send_frame(connection, chunk)
            sent += len(chunk)
            if progress is not None:
                progress(sent)
        _send_frame(connection, b"")
        _send_frame(connection, deposit.close(datetime.now(UTC).replace(microsecond=0)))
        connection.send(b"0\r\n\r\n")

    def read(
        self, signed: bytes, open_target: Callable[[Reply], BinaryIO], *, progress: Progress | None = None,
    ) -> Reply:
        """Ask for the content of an item and write it as it comes to what `open_target` gives for the answer.

        Raises `Unavailable` when it broke off: what was written by then is not the content.
        """
        response = self._request("POST", "/read", signed)
        if response.status != http.client.OK:
            raise _error_from(self._value(response))
        reply = _reply(json.loads(response.getheader("Cordiale-Answer") or "{}"))
        target = open_target(reply)
        try:
            if self._copy(response, target, progress) != int(reply.answer["size_bytes"]):
                raise self._broken()
        except CordialeError as error:
            error.trail = reply.trail
            raise
        return reply

    def _copy(self, response: http.client.HTTPResponse, target: BinaryIO, progress: Progress | None) -> int:
        written = 0
        while chunk := self._next(response):
            try:
                target.write(chunk)
            except BrokenPipeError:
                raise
            except OSError as error:
                raise Unavailable(
                    "read.not-written", "the content could not be written: {detail}",
                    detail=os.strerror(error.errno or 0),
                    hint="make room or name another file, and read it again; the part that was written is removed",
                ) from error
            written += len(chunk)
            if progress is not None:
                progress(written)
        return written

    def _next(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read(CHUNK_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise self._broken() from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> _SocketConnection:
        if self._connection is None:
            connection = _SocketConnection(self._path)
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                raise Unavailable(
                    "node.not-serving", "no node is serving here", hint="start it with `cordiale serve`",
                ) from error
            self._connection = connection
        return self._connection

    def _exchange(self, verb: str, path: str, body: bytes) -> dict[str, Any]:
        return self._parse(self._request(verb, path, body))

    def _request(self, verb: str, path: str, body: bytes) -> http.client.HTTPResponse:
        connection = self._open()
        try:
            connection.request(verb, path, body=body)
        except (OSError, http.client.HTTPException) as error:
            raise self._broken() from error
        return self._answer(connection)

    def _answer(self, connection: _SocketConnection) -> http.client.HTTPResponse:
        try:
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise self._broken() from error

    def _parse(self, response: http.client.HTTPResponse) -> dict[str, Any]:
        value = self._value(response)
        if response.status != http.client.OK:
            raise _error_from(value)
        return value

    def _value(self, response: http.client.HTTPResponse) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._broken() from error
        return value

    def _broken(self) -> Unavailable:
        self.close()
        return Unavailable(
            "node.broken-off", "the node stopped before its answer was whole",
            hint="start it again if it is not serving, then repeat the command",
        )


def _send_frame(connection: _SocketConnection, content: bytes) -> None:
    """Send one frame of a deposit, its size in front, as one chunk of HTTP."""
    connection.send(b"%x\r\n" % (4 + len(content)) + len(content).to_bytes(4, "big"))
    connection.send(content)
    connection.send(b"\r\n")


def _reply(value: Mapping[str, Any]) -> Reply:
    return Reply(value["answer"], value.get("trail", ""), value.get("at", ""))


def reasons_from(values: list[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Return the reasons of a decision as a node wrote them in an answer."""
    return tuple(
        Reason(r["code"], r["text"], r["article"], Outcome(r["outcome"]), tuple(sorted(r["fields"].items())))
        for r in values
    )


def _error_from(value: Mapping[str, Any]) -> CordialeError:
    error = value.get("error")
    if not isinstance(error, Mapping):
        return Unavailable("node.answer", "the node answered in a way that is not known here",
                           hint="use a command line of the same version as the node")
    reasons = reasons_from(error.get("reasons", []))
    decision = Decision(str(error["code"]).partition(".")[2], reasons) if reasons else None
    raised: CordialeError
    if error["family"] == Refused.family and decision is not None:
        raised = Refused(decision)
    else:
        family = _FAMILIES.get(error["family"], Unavailable)
        raised = family(
            error["code"], error["text"], hint=error["hint"], article=error["article"], **error["fields"]
        )
        if isinstance(raised, Undecidable):
            raised.decision = decision
    raised.trail = error["trail"]
    return raised
