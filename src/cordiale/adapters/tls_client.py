"""The calling end of the wire: one TLS connection to a partner's node, for threads that may wait.

The partner is known by the pin of its key and by nothing else: no authority,
no host name. Anything that goes wrong is `Unavailable` (the network, the
partner) or `Unverified` (a wrong key, a classical key agreement), in words
for the person who has to telephone the partner.
"""

from __future__ import annotations

import io
import select
import socket
from contextlib import suppress
from typing import Final

from OpenSSL import SSL

from cordiale.adapters.tls_context import GROUP, RECORD_SIZE_BYTES, reason_of, verified_pin
from cordiale.errors import CordialeError, Unavailable, Unverified

_KEY_REFUSED: Final = ("alert certificate", "alert bad certificate", "alert unknown ca", "alert access denied")


class Channel:
    """A TLS connection whose partner is verified: `pin` is the pin of the key it showed."""

    def __init__(
        self, address: tuple[str, int], context: SSL.Context, *, timeout_seconds: float,
    ) -> None:
        """Connect and shake hands; no single wait for the network lasts longer than `timeout_seconds`.

        Raises `Unavailable` when the partner cannot be reached or does not
        accept our key, `Unverified` when its key or the group is not right.
        """
        self._endpoint = f"{address[0]}:{address[1]}"
        self._timeout_seconds = timeout_seconds
        self._end: SSL.Error | None = None
        self._socket = self._reach(address)
        self._connection = SSL.Connection(context, self._socket)
        self._connection.set_connect_state()
        self._poll = select.poll()
        self._poll.register(self._socket)
        try:
            self._shake_hands()
            self.pin = verified_pin(self._connection)
        except CordialeError:
            self._socket.close()
            raise

    def _reach(self, address: tuple[str, int]) -> socket.socket:
        try:
            reached = socket.create_connection(address, timeout=self._timeout_seconds)
        except TimeoutError:
            raise self._silent() from None
        except OSError as error:
            raise Unavailable(
                "transport.unreachable", "the partner's node at {endpoint} cannot be reached: {reason}",
                hint="check the address, the network and whether the partner's node is running",
                endpoint=self._endpoint, reason=error.strerror or "name not known",
            ) from None
        reached.setblocking(False)
        reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reached

    def _shake_hands(self) -> None:
        while True:
            try:
                return self._connection.do_handshake()
            except SSL.WantReadError:
                self._wait(select.POLLIN)
            except SSL.WantWriteError:
                self._wait(select.POLLOUT)
            except SSL.SysCallError:
                raise self._broken() from None
            except SSL.Error as error:
                raise self._unverified(reason_of(error)) from None

    def send(self, content: bytes | memoryview) -> bool:
        """Send all of `content`; False when the partner answered, or hung up, before all was sent."""
        rest = memoryview(content)
        while rest:
            try:
                rest = rest[self._connection.send(rest):]
            except SSL.WantReadError:
                self._wait(select.POLLIN)
            except SSL.WantWriteError:
                if self._wait(select.POLLOUT | select.POLLIN) & select.POLLIN and not self.is_quiet():
                    return False
            except SSL.Error:
                return False
        return True

    def receive_into(self, buffer: memoryview) -> int:
        """Fill `buffer` with what has come, waiting for the first byte; returns its length, 0 at the end."""
        while True:
            try:
                if self._end is not None:
                    raise self._end
                return self._connection.recv_into(buffer, min(len(buffer), RECORD_SIZE_BYTES))
            except SSL.ZeroReturnError:
                return 0
            except SSL.WantReadError:
                self._wait(select.POLLIN)
            except SSL.WantWriteError:
                self._wait(select.POLLOUT)
            except SSL.SysCallError:
                raise self._broken() from None
            except SSL.Error as error:
                raise self._refused(reason_of(error)) from None

    def is_quiet(self) -> bool:
        """Tell whether nothing has come, neither bytes nor an end, that nobody has read."""
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except SSL.WantReadError:
            return True
        except SSL.Error as error:
            # An alert is told only once; the reader of the answer will want it.
            self._end = error
            return False
        return False

    def makefile(self, _mode: str = "rb") -> io.BufferedReader:
        """Return a reader of what comes; closing it leaves the connection open."""
        return io.BufferedReader(_Incoming(self), 4 * RECORD_SIZE_BYTES)

    def close(self) -> None:
        """Say goodbye if that can be done at once, and hang up."""
        with suppress(SSL.Error):
            self._connection.shutdown()
        self._socket.close()

    def _wait(self, events: int) -> int:
        self._poll.modify(self._socket, events)
        ready = self._poll.poll(self._timeout_seconds * 1000)
        if not ready:
            raise self._silent()
        return ready[0][1]

    def _silent(self) -> Unavailable:
        return Unavailable(
            "transport.silent", "the partner's node at {endpoint} did not answer within {seconds} seconds",
            hint="it is tried again by itself; if this lasts, ask the partner",
            endpoint=self._endpoint, seconds=f"{self._timeout_seconds:g}",
        )

    def _broken(self) -> Unavailable:
        return Unavailable(
            "transport.interrupted", "the connection to the partner's node at {endpoint} broke off",
            hint="it is tried again by itself; if this lasts, ask the partner",
            endpoint=self._endpoint,
        )

    def _refused(self, reason: str) -> Unavailable:
        if not any(alert in reason for alert in _KEY_REFUSED):
            return self._broken()
        return Unavailable(
            "transport.key-refused", "the partner's node at {endpoint} does not accept this node's key",
            hint="ask the partner whether our newest node statement has arrived",
            endpoint=self._endpoint,
        )

    def _unverified(self, reason: str) -> Unverified:
        if "verify failed" in reason:
            return Unverified(
                "transport.wrong-key", "the node at {endpoint} showed a key that is not the partner's",
                hint="ask the partner, over another channel, whether its node statement has changed",
                endpoint=self._endpoint,
            )
        return Unverified(
            "transport.handshake",
            "no connection by TLS 1.3 with {group} could be agreed with the node at {endpoint}: {reason}",
            hint="check the address, and that the partner's node speaks the post-quantum key agreement",
            endpoint=self._endpoint, group=GROUP, reason=reason,
        )


class _Incoming(io.RawIOBase):
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._channel.receive_into(buffer)
