"""A deposit as its originator signs it: the content that was sent is in the request.

A content may come from a stream that can be read only once, and nothing of it
may wait anywhere in clear. So two requests are signed: the opening one says
what is about to come, and enters nothing; the closing one, made when the last
byte was sent, asks the same and names the content by a salted commitment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cordiale.canonical import encode_base64url
from cordiale.envelope.payload import StreamCommitment
from cordiale.message.personal import PersonalAct
from cordiale.model.mode import Mode


class Deposit:
    """One deposit on its way: `opening` and `salt` go before the content, what `close` returns goes behind it."""

    __slots__ = ("_act", "_commitment", "_sign", "opening", "salt")
    opening: bytes
    salt: bytes

    def __init__(self, act: PersonalAct, salt: bytes, *, sign: Callable[[PersonalAct], bytes], mode: Mode) -> None:
        self._act = act
        self._sign = sign
        self._commitment = StreamCommitment(mode)
        self.salt = salt
        self.opening = sign(act)

    def __repr__(self) -> str:
        return "Deposit(…)"

    def add(self, piece: bytes) -> None:
        """Take note of a piece of the content that is sent."""
        self._commitment.update(piece)

    def close(self, at: datetime) -> bytes:
        """Return the request signed at `at`, with the commitment to all pieces."""
        content = encode_base64url(self._commitment.commit(self.salt))
        return self._sign(replace(self._act, at=at, params={**self._act.params, "content": content}))
