"""Talks to the serving node over its private socket.

Nothing is decided here and nothing is written beside the node: the client signs
what its user asks, sends it, and gives back what the node answers.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from cordiale.errors import (
    CordialeError,
    Malformed,
    OutOfOrder,
    Refused,
    Unavailable,
    Undecidable,
    Unverified,
)
from cordiale.message.personal import PersonalAct, SigningPair, sign_act
from cordiale.model.decision import Decision, Outcome, Reason
from cordiale.model.mode import Mode

_CHUNK_BYTES: Final = 1024 * 1024
_TIMEOUT_SECONDS: Final = 120.0
_FAMILIES: Final = {
    family.family: family for family in (Malformed, Unverified, OutOfOrder, Unavailable, Undecidable)
}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the node answered, and the entry of its audit trail where the act stands."""

    answer: Mapping[str, Any]
    trail: str
    at: str


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


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
        return dict(self._exchange("GET", "/status", None)["answer"])

    def act(
        self, kind: str, params: Mapping[str, Any], key: SigningPair, *, act_id: str = "", view: bool = False,
    ) -> Reply:
        """Sign and send an act (or a `view`); the same `act_id` twice is one act with one answer."""
        signed = self.sign(kind, params, key, act_id=act_id)
        value = self._exchange("POST", "/view" if view else "/act", signed)
        return Reply(value["answer"], value.get("trail", ""), value.get("at", ""))

    def operate(self, verb: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for something that needs no person: only whoever may open the socket can."""
        body = json.dumps(dict(params)).encode()
        return dict(self._exchange("POST", f"/operator/{verb}", body)["answer"])

    def deposit(self, source: BinaryIO, key: SigningPair, *, progress: Progress | None = None) -> dict[str, Any]:
        """Send a content to be sealed at once to the node's own registry; it never lies anywhere in clear."""
        signed = self.sign("deposit", {}, key)

        def chunks() -> Iterator[bytes]:
            sent = 0
            while chunk := source.read(_CHUNK_BYTES):
                yield chunk
                sent += len(chunk)
                if progress is not None:
                    progress(sent)

        headers = {"Transfer-Encoding": "chunked"}
        return dict(self._exchange("PUT", "/deposit", _with_head(signed, chunks()), headers)["answer"])

    def read(
        self, params: Mapping[str, Any], key: SigningPair, target: BinaryIO, *, progress: Progress | None = None,
    ) -> Reply:
        """Ask for the content of an item and write it to `target` as it comes, verified."""
        signed = self.sign("read", params, key)
        response = self._send("POST", "/read", signed, {})
        if response.status != http.client.OK:
            raise _error_from(self._parse(response))
        head = json.loads(response.getheader("Cordiale-Answer") or "{}")
        expected, written = int(head["answer"]["size_bytes"]), 0
        try:
            while chunk := response.read(_CHUNK_BYTES):
                target.write(chunk)
                written += len(chunk)
                if progress is not None:
                    progress(written)
        except (OSError, http.client.HTTPException) as error:
            raise _broken() from error
        if written != expected:
            raise _broken()
        return Reply(head["answer"], head["trail"], head["at"])

    def sign(self, kind: str, params: Mapping[str, Any], key: SigningPair, *, act_id: str = "") -> bytes:
        """Return the signed request for an act."""
        at = datetime.now(UTC).replace(microsecond=0)
        act = PersonalAct(kind, act_id or f"act.{secrets.token_hex(12)}", self.node, at, dict(params), b"")
        return sign_act(act, key, self.mode)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(
        self, verb: str, path: str, body: bytes | Iterator[bytes] | None, headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        response = self._send(verb, path, body, headers or {})
        value = self._parse(response)
        if response.status != http.client.OK:
            raise _error_from(value)
        return value

    def _send(
        self, verb: str, path: str, body: bytes | Iterator[bytes] | None, headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        if self._connection is None:
            self._connection = _SocketConnection(self._path)
        try:
            self._connection.request(verb, path, body=body, headers=dict(headers), encode_chunked=bool(headers))
            return self._connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(
                "node.not-serving", "no node is serving here, or it has just stopped",
                hint="start it with `cordiale serve`; if it stopped during this act, repeat the same command",
            ) from error

    def _parse(self, response: http.client.HTTPResponse) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise _broken() from error
        return value


def _with_head(signed: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield len(signed).to_bytes(4, "big") + signed
    yield from chunks


def _broken() -> Unavailable:
    return Unavailable(
        "node.answer-broken", "the node's answer broke off", hint="repeat the command; nothing is done twice"
    )


def _error_from(value: Mapping[str, Any]) -> CordialeError:
    error = value["error"]
    reasons = tuple(
        Reason(r["code"], r["text"], r["article"], Outcome(r["outcome"]), tuple(sorted(r["fields"].items())))
        for r in error.get("reasons", ())
    )
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
