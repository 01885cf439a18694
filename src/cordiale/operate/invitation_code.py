"""The code of an invitation to the desk: made where it is shown, and never sent to the node."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Final

from cordiale.model.mode import Mode
from cordiale.records.enrolling import code_digest

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH: Final = 24
_GROUP: Final = 4
_STREAM_BYTES: Final = 256
_WHOLE: Final = 256 - 256 % len(_LETTERS)


def make_invitation_code(mode: Mode) -> tuple[str, str]:
    """Return a new code as people write it down (about 118 random bits), and the digest that the books keep of it."""
    return _code_of(os.urandom, mode)


def code_from_seed(seed: bytes, mode: Mode) -> tuple[str, str]:
    """Return the code that belongs to `seed` (32 secret bytes), the same one each time, and its digest."""
    stream = hashlib.shake_256(seed).digest(_STREAM_BYTES)
    return _code_of(lambda _: stream, mode)


def _code_of(give: Callable[[int], bytes], mode: Mode) -> tuple[str, str]:
    letters: list[str] = []
    while len(letters) < _LENGTH:
        # What is beyond a whole number of alphabets is thrown away, so that no letter is likelier than another.
        letters += [_LETTERS[one % len(_LETTERS)] for one in give(_STREAM_BYTES) if one < _WHOLE]
    plain = "".join(letters[:_LENGTH])
    return "-".join(plain[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP)), code_digest(plain, mode)
