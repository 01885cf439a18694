"""The wire as a courier: an envelope goes ahead of the message that names it, from where it broke off before.

Small envelopes go together with their message, in one request or as few as they fill. Where that breaks off, or a part
of one is there already, each goes by itself, and of what was taken before it is asked whether it is there still.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from http import HTTPStatus
from typing import Any, Final

from cordiale.adapters.http_client import PeerClient, PeerResponse
from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.limits import TRANSPORT_CHUNK_SIZE_BYTES, TRANSPORT_PARCEL_SIZE_BYTES_MAX
from cordiale.message.trust.statement import require_current
from cordiale.model.party import NodeStatement
from cordiale.records.registry import Registry
from cordiale.wire.parcel import encode_parcel

_TIMEOUT_SECONDS: Final = 30.0
_MESSAGE_TYPE: Final = "application/jose+json"
_PARCEL_TYPE: Final = "application/octet-stream"
_FRAMES_SIZE_BYTES_MAX: Final = 32 * 1024
"""What the names and sizes of the most envelopes of a message take in a parcel, and more."""


class WireCourier:
    """Carries messages and envelopes of one registry to partner nodes, over kept connections."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._clients: dict[str, PeerClient] = {}
        self._pins: dict[str, frozenset[bytes]] = {}
        self._gate = threading.Lock()
        self._one_by_one: dict[tuple[str, ...], set[str]] = {}

    def carry(self, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        """Return the partner's answer to `message`, None when it gives none; `attachments` are objects of ours.

        Raises `Unavailable` when the partner did not take it now, `Unverified` when its key is wrong, and
        `Undecidable` when its statement has expired.
        """
        require_current(partner, self._registry.now())
        failure: CordialeError | None = None
        for endpoint in partner.endpoints:
            client = self._client(endpoint, partner)
            try:
                return self._send(client, message, attachments)
            except Unavailable as error:
                failure = error
        raise failure or Unavailable(
            "courier.no-address", "the statement of {node} names no address", node=partner.node,
            hint="use the bag, or ask the partner for a statement with an address",
        )

    def close(self) -> None:
        """Hang up."""
        with self._gate:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _client(self, endpoint: str, partner: NodeStatement) -> PeerClient:
        keys = self._registry.keys
        with self._gate:
            self._pins[endpoint] = frozenset(partner.transport_pins)
            client = self._clients.get(endpoint)
            if client is None:
                client = self._clients[endpoint] = PeerClient(
                    endpoint, lambda: self._pins[endpoint], certificate_pem=keys.transport_certificate,
                    key_pem=keys.transport_key, timeout_seconds=_TIMEOUT_SECONDS,
                )
        return client

    def _send(self, client: PeerClient, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        taken = self._one_by_one.get(attachments, set())
        if attachments and attachments not in self._one_by_one:
            try:
                response = self._send_parcels(client, message, attachments, taken)
            except Unavailable as error:
                if error.code == "transport.interrupted":
                    # The next attempt goes one by one, after its pause: whoever hangs up is not called again at once.
                    self._one_by_one[attachments] = taken
                raise
            if response.status != HTTPStatus.CONFLICT:
                return _answer_of(response)
        for name in attachments:
            self._send_envelope(client, name, is_asked=name in taken)
            taken.add(name)
        self._one_by_one.pop(attachments, None)
        return _answer_of(client.post("/message", message, {"Content-Type": _MESSAGE_TYPE}))

    def _send_parcels(
        self, client: PeerClient, message: bytes, attachments: tuple[str, ...], taken: set[str]
    ) -> PeerResponse:
        """Send the small envelopes in as few parcels as they fill, the message in the last; return the answer to it.

        What is too large for a parcel goes ahead by itself. The answer to any of them that is none of success is
        returned at once. What a parcel without the message has brought is added to `taken`.
        """
        room = TRANSPORT_PARCEL_SIZE_BYTES_MAX - _FRAMES_SIZE_BYTES_MAX
        gathered: list[str] = []
        size = len(message)
        for name, each in [(name, self._size_of(name)) for name in attachments]:
            if len(message) + each > room:
                self._send_envelope(client, name)
                continue
            if size + each > room:
                response = self._send_parcel(client, gathered, b"")
                if response.status != HTTPStatus.NO_CONTENT:
                    return response
                taken.update(gathered)
                gathered, size = [], len(message)
            gathered.append(name)
            size += each
        if not gathered:
            return client.post("/message", message, {"Content-Type": _MESSAGE_TYPE})
        return self._send_parcel(client, gathered, message)

    def _send_parcel(self, client: PeerClient, names: Sequence[str], message: bytes) -> PeerResponse:
        envelopes = []
        for name in names:
            with closing(self._registry.objects.open(name)) as file:
                envelopes.append((name, file.read()))
        return client.post("/parcel", encode_parcel(envelopes, message), {"Content-Type": _PARCEL_TYPE})

    def _size_of(self, name: str) -> int:
        total = self._registry.objects.size(name)
        if total is None:
            raise Malformed(
                "courier.no-envelope", "a sealed envelope that is to be sent is not here any more",
                hint="run `cordiale audit verify`; restore it from a backup",
            )
        return total

    def _send_envelope(self, client: PeerClient, name: str, *, is_asked: bool = False) -> None:
        """Send an envelope from where it broke off; `is_asked` asks that first of a small one as well."""
        total = self._size_of(name)
        path = f"/envelope/{name}"
        with closing(self._registry.objects.open(name)) as file:
            # To ask first how much of it is there takes as long as to send so little once more.
            is_small = total <= TRANSPORT_CHUNK_SIZE_BYTES and not is_asked
            sent = client.put_range(path, file, offset=0, total=total) if is_small else None
            if sent is None or sent.status == HTTPStatus.CONFLICT:
                offset = _offset_in(_value_of(client.get(path)), total)
                if offset is None:
                    return
                sent = client.put_range(path, file, offset=offset, total=total)
        if _value_of(sent).get("is_whole") is not True:
            raise _not_taken("the envelope did not arrive whole")


def _offset_in(arrived: Mapping[str, Any], total: int) -> int | None:
    """Return the byte of an envelope of `total` bytes from which it is to be sent, None when it is there whole."""
    if arrived.get("is_whole") is True:
        return None
    offset = arrived.get("size_bytes")
    if not isinstance(offset, int) or not 0 <= offset <= total:
        raise _not_taken("more of the envelope is there than we have")
    return offset


def _answer_of(response: PeerResponse) -> bytes | None:
    if response.status == 204:
        return None
    if response.status == 200:
        return response.body
    raise _refused(response)


def _value_of(response: PeerResponse) -> dict[str, Any]:
    if response.status != 200:
        raise _refused(response)
    with suppress(ValueError):
        value = json.loads(response.body)
        if isinstance(value, dict):
            return value
    raise _not_taken("its answer is not of the form")


def _refused(response: PeerResponse) -> Unavailable:
    """Return the error for an answer that is none; the partner's own words are shown, cut short."""
    code = ""
    with suppress(ValueError):
        value = json.loads(response.body)
        if isinstance(value, dict):
            code = str(value.get("code", ""))[:60]
    return _not_taken(f"HTTP {response.status} {code}".strip())


def _not_taken(detail: str) -> Unavailable:
    return Unavailable(
        "courier.not-taken", "the partner's node did not take it: {detail}",
        hint="it is tried again by itself; if this lasts, ask the partner", detail=detail,
    )
