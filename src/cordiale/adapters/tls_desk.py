"""The listening end of the desk: HTTP/1.1 for browsers, over TLS of its own where a certificate is set.

A card is asked for and need not be shown. What is shown is verified against the
authorities of the settings during the handshake, where the card proves that it
holds the key; the digest of that key stands in the ASGI scope of every request:

    scope["cordiale.card"] == "6b2f…"
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import uvicorn

from cordiale.adapters.tls_heads import HeadsProtocol
from cordiale.crypto.certificates import key_digest_of
from cordiale.errors import Malformed, Unavailable

CARD: Final = "cordiale.card"
ServerConfig: TypeAlias = uvicorn.Config

_diagnostics: Final = logging.getLogger("cordiale.desk")


class DeskProtocol(HeadsProtocol):
    """HTTP/1.1 within the limits on heads, with the card in the scope."""

    card = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection; a card that cannot be read is none."""
        super().connection_made(transport)
        session = transport.get_extra_info("ssl_object")
        shown = session.getpeercert(binary_form=True) if session is not None else None
        if shown:
            try:
                self.card = key_digest_of(shown)
            except Malformed:
                _diagnostics.warning("a certificate was shown that cannot be read")

    def on_message_begin(self) -> None:
        """Begin a request: name the card in its scope."""
        super().on_message_begin()
        if self.card:
            cast(dict[str, Any], self.scope)[CARD] = self.card


class DeskContext(ssl.SSLContext):
    """TLS of the desk, made again when the file `revoked` with the lists of revoked cards changes.

    With such lists a card counts while its authority's list is here and has not run out: one that is missing, or is
    older than it says it may be, or a file that cannot be read, lets no card in.
    """

    def __new__(cls, *_: object, **__: object) -> DeskContext:
        """Make the context of a server."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, make: Callable[[Path | None], ssl.SSLContext], revoked: Path) -> None:
        self._make = make
        self._revoked = revoked
        self._version: tuple[int, int, int] | None = self._found()
        self._made = make(revoked)
        self._closed = make(None)

    def _found(self) -> tuple[int, int, int]:
        found = os.stat(self._revoked)
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _renew(self) -> None:
        try:
            version = self._found()
            if version != self._version:
                # A context keeps every list that it was ever given, and might go on using an older one.
                self._made, self._version = self._make(self._revoked), version
        except (OSError, ssl.SSLError):
            if self._version is not None:
                _diagnostics.warning("the lists of revoked cards cannot be read; no card counts until they can")
            self._made, self._version = self._closed, None

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: bool = False,
        server_hostname: str | bytes | None = None, session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a connection, with the lists as they are now."""
        self._renew()
        return self._made.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def desk_context(
    certificate: Path, key: Path, cards: Path | None, *, revoked: Path | None = None
) -> ssl.SSLContext:
    """Return the TLS of the desk; cards where `cards` names their authorities, and `revoked` the lists of those.

    Raises `Unavailable` when a file cannot be read, or they do not belong together.
    """
    def make(lists: Path | None) -> ssl.SSLContext:
        context = _context(certificate, key, cards)
        if revoked is not None:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        if lists is not None:
            context.load_verify_locations(lists)
        return context

    try:
        return DeskContext(make, revoked) if revoked is not None else make(None)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            "desk.tls", "the certificate, the key, the authorities or the lists of the desk cannot be used",
            hint="look at the files that `desk.tls` names in config.toml",
        ) from error


def _context(certificate: Path, key: Path, cards: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # Each connection proves the card anew.
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    context.load_cert_chain(certificate, key)
    if cards is not None:
        context.load_verify_locations(cards)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def desk_server_config(app: Any, context: ssl.SSLContext | None, *, idle: int, grace: int) -> ServerConfig:
    """Return how `app` is served to browsers; `idle` and `grace` are seconds."""
    return uvicorn.Config(
        app, http=DeskProtocol, ws="none", lifespan="off", access_log=False, log_config=None, server_header=False,
        date_header=True, proxy_headers=False, timeout_keep_alive=idle, timeout_graceful_shutdown=grace,
        ssl_context_factory=(lambda _config, _default: context) if context is not None else None,
    )
