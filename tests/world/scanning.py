"""Looks for words in bytes that have crossed, in clear or under any number of layers of encoding."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable

_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_DEPTH_MAX = 4


def layers(data: bytes, depth: int = _DEPTH_MAX) -> Iterable[bytes]:
    """Yield `data` and everything in it that is base64 of something, again and again."""
    yield data
    if depth:
        for run in _RUN.findall(data):
            whole = run[: len(run) // 4 * 4] if len(run) % 4 == 1 else run
            plain = b64decode(whole.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(whole) % 4))
            if _looks_like_something(plain):
                yield from layers(plain, depth - 1)


def _looks_like_something(plain: bytes) -> bool:
    """Ciphertext and digests are chance: no text of any length stands in them, and they are not looked into."""
    return re.search(rb"[ -~\x80-\xff]{12,}", plain) is not None


def find_words(crossed: Iterable[bytes], words: Iterable[bytes]) -> set[bytes]:
    """Return those of `words` that can be read in `crossed`."""
    wanted = set(words)
    found: set[bytes] = set()
    for data in set(crossed):
        for layer in layers(data):
            found |= {word for word in wanted - found if word in layer}
    return found
