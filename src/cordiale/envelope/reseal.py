"""Re-sealing: the content of one envelope goes into another, under a fresh key, in one pass.

So an item is dispatched from our own registry's envelope to the partner's. The
plaintext is in memory segment by segment and nowhere else. One pass suffices
where reading takes two: nothing is released, because the new envelope cannot be
opened before `close_envelope`, and by then the old one was verified to its end.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from cordiale.crypto.aead import is_equal
from cordiale.envelope.payload import decrypt_checked
from cordiale.envelope.seal import SealedContent, SealedEnvelope, SealRequest, close_envelope, seal_content
from cordiale.envelope.streams import ByteTarget, SeekableSource
from cordiale.envelope.unseal import InspectedEnvelope, placed_payload, unlock
from cordiale.errors import Malformed, Unverified


def reseal_content(
    source: SeekableSource,
    target: ByteTarget,
    *,
    verified: InspectedEnvelope,
    content_key: bytes,
) -> SealedContent:
    """Encrypt the content of `verified`, read from `source`, into `target` under a fresh content key.

    An inspected envelope will do: its payload is verified on the way.

    The content is cut as before, and the commitment to it is the same in both,
    so that approvals given for the one hold for the other. Raises `Unverified` when `source` is not
    what was verified or its content is not what its particulars commit to; then
    `target` is to be discarded.
    """
    particulars = unlock(verified, content_key)
    if particulars.content is None:
        raise Malformed("reseal.no-content", "the item has no content", hint="make a record without content")
    payload = placed_payload(verified)
    # The plaintext is digested once, when it is sealed anew.
    with closing(decrypt_checked(source, payload, content_key=content_key, inspect=lambda lane: None)) as segments:
        sealed = seal_content(
            _Plaintext(segments), target, mode=verified.record.routing.mode,
            salt=particulars.content.salt, segment_size_bytes=payload.table.segment_size_bytes,
        )
    if not is_equal(sealed.facts.commitment, particulars.content.commitment):
        raise Unverified(
            "particulars.commitment", "the content is not the one the particulars speak of",
            hint="report this as an incident: somebody has access to the store",
        )
    return sealed


def reseal_stream(
    source: SeekableSource,
    target: ByteTarget,
    request: SealRequest,
    *,
    verified: InspectedEnvelope,
    content_key: bytes,
) -> SealedEnvelope:
    """Seal the content of `verified` anew as `request` says: `reseal_content` and `close_envelope` in one."""
    content = reseal_content(source, target, verified=verified, content_key=content_key)
    return close_envelope(content, request)


class _Plaintext:
    """Reads decrypted segments as a stream. Its end is reached only after the payload was verified."""

    def __init__(self, segments: Generator[tuple[memoryview, None], None, None]) -> None:
        self._segments = segments
        self._left = memoryview(b"")

    def readinto(self, buffer: memoryview, /) -> int:
        while not self._left:
            following = next(self._segments, None)
            if following is None:
                return 0
            self._left = following[0]
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
