"""The code of an invitation to the desk: made where it is shown, and never sent to the node."""

from __future__ import annotations

import os
from typing import Final

from cordiale.model.mode import Mode
from cordiale.records.enrolling import code_digest

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH: Final = 24
_GROUP: Final = 4


def make_invitation_code(mode: Mode) -> tuple[str, str]:
    """Return a new code as people write it down (about 118 random bits), and the digest that the books keep of it."""
    letters: list[str] = []
    while len(letters) < _LENGTH:
        # What is beyond a whole number of alphabets is thrown away, so that no letter is likelier than another.
        letters += [_LETTERS[one % len(_LETTERS)] for one in os.urandom(_LENGTH) if one < 248]
    plain = "".join(letters[:_LENGTH])
    return "-".join(plain[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP)), code_digest(plain, mode)
