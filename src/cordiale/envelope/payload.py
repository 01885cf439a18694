"""The encrypted segments: sealing a stream, checking a payload, releasing its plaintext.

Sealing is one pass. Reading is two: the first decrypts everything and releases
nothing, and shows that the payload is whole, is what the record signed, and
holds the plaintext it commits to; the second decrypts again and releases a
segment only when it is the one found before. So no byte is released of a
payload that turns out to be cut short at its end, and a file changed between
the passes is caught, even when it was changed by somebody who knows the content
key and made a segment with the same GCM tag.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES, TAG_SIZE_BYTES, Fingerprints, SegmentCipher, is_equal
from cordiale.crypto.digests import SegmentedDigest, commit
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.lanes import Lane, Lanes, Outcome, map_in_order
from cordiale.envelope.manifest import SegmentTable
from cordiale.envelope.parts import Part, part_domain
from cordiale.envelope.streams import ByteSource, SeekableSource, read_exactly, read_full
from cordiale.envelope.zipform import ContainerWriter, Member
from cordiale.errors import Malformed, Unverified
from cordiale.limits import CONTENT_SIZE_BYTES_MAX, SEGMENT_SIZE_BYTES
from cordiale.model.mode import Mode

_RESEND: Final = "ask the sender to send it again; if it fails again, report it as an incident"


class PayloadDigest:
    """The segmented digest of the encrypted segments, as the record signs it."""

    __slots__ = ("_digest",)

    def __init__(self, mode: Mode) -> None:
        self._digest = SegmentedDigest(part_domain(Part.PAYLOAD, mode))

    def add(self, digest: bytes, *, size_bytes: int) -> None:
        """Add the next encrypted segment by its SHA-256 digest."""
        self._digest.update_digest(digest, size_bytes=size_bytes)

    def digest(self) -> bytes:
        """Return the digest of all segments so far, 48 bytes."""
        return self._digest.digest()


class ContentCommitment:
    """The salted commitment to a plaintext, taken segment by segment.

    The digest beneath is unsalted and never leaves this object. How the content
    is cut is part of it, so two commitments can be compared when both envelopes
    have segments of one size.
    """

    __slots__ = ("_digest", "_domain")

    def __init__(self, mode: Mode) -> None:
        self._domain = domain(Purpose.CONTENT_COMMITMENT, mode)
        self._digest = SegmentedDigest(self._domain)

    def add(self, digest: bytes, *, size_bytes: int) -> None:
        """Add the next segment of plaintext by its SHA-256 digest; an empty one counts for nothing."""
        if size_bytes:
            self._digest.update_digest(digest, size_bytes=size_bytes)

    def commit(self, salt: bytes) -> bytes:
        """Return the commitment under `salt` (32 bytes) to all segments so far, 48 bytes."""
        return commit(salt, self._digest.digest(), self._domain)


class StreamCommitment:
    """The commitment to a plaintext that goes by in pieces of any size, cut into segments as sealing cuts it.

    For whoever sends a content and never has it whole: memory is a state, and no segment is kept.
    """

    __slots__ = ("_content", "_segment", "_segment_size_bytes", "_size_bytes")

    def __init__(self, mode: Mode, *, segment_size_bytes: int = SEGMENT_SIZE_BYTES) -> None:
        self._content = ContentCommitment(mode)
        self._segment_size_bytes = segment_size_bytes
        self._begin()

    def _begin(self) -> None:
        self._segment, self._size_bytes = hashlib.sha256(), 0

    def update(self, piece: bytes) -> None:
        """Add the next `piece`, of any size."""
        rest = memoryview(piece)
        while len(rest):
            part = rest[:self._segment_size_bytes - self._size_bytes]
            self._segment.update(part)
            self._size_bytes += len(part)
            rest = rest[len(part):]
            if self._size_bytes == self._segment_size_bytes:
                self._end_segment()

    def _end_segment(self) -> None:
        self._content.add(self._segment.digest(), size_bytes=self._size_bytes)
        self._begin()

    def commit(self, salt: bytes) -> bytes:
        """Return the commitment under `salt` (32 bytes) to all that went by, 48 bytes; nothing may follow."""
        self._end_segment()
        return self._content.commit(salt)


def digest_plain(lane: Lane) -> bytes:
    """Return the SHA-256 digest of the plaintext in `lane`; it goes into a `ContentCommitment` and nowhere else."""
    return hashlib.sha256(lane.plain[:lane.size]).digest()


@dataclass(frozen=True, slots=True)
class SealedSegments:
    """The outcome of sealing a stream; `commitment` is under the salt that was given."""

    table: SegmentTable
    digest: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class _Work:
    tag: bytes
    plain_digest: bytes
    sealed_digest: bytes


@dataclass(frozen=True, slots=True)
class SealingPlan:
    """How to seal a stream: under which key, in segments of which size, committed to under which salt."""

    mode: Mode
    content_key: bytes
    salt: bytes
    segment_size_bytes: int

    def __repr__(self) -> str:
        return "SealingPlan(…)"


def seal_segments(source: ByteSource, writer: ContainerWriter, *, plan: SealingPlan) -> SealedSegments:
    """Encrypt all of `source` into the payload of `writer`.

    Raises `Malformed` when the content is larger than an item may be.
    """
    cipher = SegmentCipher(plan.content_key)

    def seal(lane: Lane) -> _Work:
        size = cipher.encrypt_into(lane.plain[:lane.size], lane.sealed, index=lane.index)
        sealed = lane.sealed[:size]
        return _Work(
            tag=bytes(sealed[-TAG_SIZE_BYTES:]),
            plain_digest=digest_plain(lane),
            sealed_digest=hashlib.sha256(sealed).digest(),
        )

    payload, content = PayloadDigest(plan.mode), ContentCommitment(plan.mode)
    tags: list[bytes] = []
    size_bytes = 0
    lanes = Lanes(plan.segment_size_bytes)
    try:
        with closing(map_in_order(seal, _fill_from(source, lanes))) as results:
            for lane, work in results:
                sealed_size = lane.size + OVERHEAD_SIZE_BYTES
                writer.write_payload(lane.sealed[:sealed_size])
                payload.add(work.sealed_digest, size_bytes=sealed_size)
                content.add(work.plain_digest, size_bytes=lane.size)
                tags.append(work.tag)
                size_bytes += lane.size
    finally:
        lanes.wipe()
    table = SegmentTable(plan.segment_size_bytes, size_bytes, tuple(tags))
    return SealedSegments(table, payload.digest(), content.commit(plan.salt))


def _fill_from(source: ByteSource, lanes: Lanes) -> Iterator[Lane]:
    """Fill lanes from `source` until it ends; an empty source gives one empty segment."""
    index = total = 0
    while True:
        lane = lanes.lane(index)
        lane.hold(read_full(source, lane.plain))
        total += lane.size
        if total > CONTENT_SIZE_BYTES_MAX:
            raise Malformed(
                "envelope.content-size", "the content is larger than {size_max} bytes",
                hint="send it as several items", size_max=CONTENT_SIZE_BYTES_MAX,
            )
        if lane.size or not index:
            yield lane
        if lane.size < len(lane.plain):
            return
        index += 1


@dataclass(frozen=True, slots=True)
class PlacedPayload:
    """A payload to be read: where it lies, how it is cut, and the digest that was signed."""

    mode: Mode
    member: Member
    table: SegmentTable
    digest: bytes


def verify_sealed(source: SeekableSource, payload: PlacedPayload) -> PlacedPayload:
    """Return `payload` when the encrypted bytes are those that were signed. Needs no key.

    Raises `Unverified` when a byte differs, `Malformed` when the source ends
    too early. The CRC-32 of the container is checked here and nowhere else: it
    protects nothing, but other software refuses a container where it is wrong.
    """

    def digest(lane: Lane) -> bytes:
        return hashlib.sha256(lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES]).digest()

    check = _SealedCheck(payload)
    crc32 = 0
    with closing(map_in_order(digest, _read_segments(source, payload, _lanes_for(payload)))) as results:
        for lane, sealed_digest in results:
            check.add(lane, sealed_digest)
            crc32 = zlib.crc32(lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES], crc32)
    check.finish()
    if crc32 != payload.member.crc32:
        raise Unverified("payload.checksum", "the checksum of the sealed content is wrong", hint=_RESEND)
    return payload


def decrypt_checked(
    source: SeekableSource, payload: PlacedPayload, *, content_key: bytes, inspect: Callable[[Lane], Outcome]
) -> Generator[tuple[memoryview, Outcome], None, None]:
    """Give each segment, decrypted, with the outcome of `inspect` on its lane, in order.

    The plaintext is in a buffer that is used again for a later one. None of it
    may be released before the iterator has ended: only then is it known that
    the payload is whole and the one that was signed. Raises `Unverified` when
    it is not. `inspect` is called from several threads.
    """
    cipher = SegmentCipher(content_key)

    def decrypt(lane: Lane) -> tuple[bytes, Outcome]:
        sealed = lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES]
        cipher.decrypt_into(sealed, lane.plain)
        return hashlib.sha256(sealed).digest(), inspect(lane)

    check = _SealedCheck(payload)
    lanes = _lanes_for(payload)
    try:
        with closing(map_in_order(decrypt, _read_segments(source, payload, lanes))) as results:
            for lane, (digest, outcome) in results:
                check.add(lane, digest)
                yield lane.plain[:lane.size], outcome
    finally:
        lanes.wipe()
    check.finish()


@dataclass(frozen=True, slots=True, repr=False)
class Release:
    """Leave to release a payload: every segment of it was found right, and has this fingerprint."""

    payload: PlacedPayload
    content_key: bytes
    fingerprints: Fingerprints
    found: tuple[bytes, ...]


def release_segments(source: SeekableSource, release: Release) -> Generator[memoryview, None, None]:
    """Decrypt once more, and give each segment's plaintext when it is the one found before.

    The plaintext is in a buffer that is used again for a later one. Raises
    `Unverified` when the source was changed in between; what was given until
    then was right.
    """
    cipher = SegmentCipher(release.content_key)

    def decrypt(lane: Lane) -> None:
        sealed = lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES]
        fingerprint = release.fingerprints.fingerprint(sealed, index=lane.index)
        if not is_equal(fingerprint, release.found[lane.index]):
            raise Unverified(
                "payload.changed-while-read", "the sealed item was changed while it was being read",
                hint="report this as an incident: somebody has access to the store",
            )
        cipher.decrypt_into(sealed, lane.plain)

    lanes = _lanes_for(release.payload)
    try:
        with closing(map_in_order(decrypt, _read_segments(source, release.payload, lanes))) as results:
            for lane, _ in results:
                yield lane.plain[:lane.size]
    finally:
        lanes.wipe()


class _SealedCheck:
    """Holds the encrypted segments against the manifest and the record."""

    def __init__(self, payload: PlacedPayload) -> None:
        self._payload = payload
        self._digest = PayloadDigest(payload.mode)

    def add(self, lane: Lane, digest: bytes) -> None:
        sealed = lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES]
        self._digest.add(digest, size_bytes=len(sealed))
        if not is_equal(bytes(sealed[-TAG_SIZE_BYTES:]), self._payload.table.tags[lane.index]):
            raise Unverified("payload.segment", "a segment of the sealed item was changed or moved", hint=_RESEND)

    def finish(self) -> None:
        if not is_equal(self._digest.digest(), self._payload.digest):
            raise Unverified(
                "payload.digest", "the sealed content is not the one the consignment record was signed for",
                hint=_RESEND,
            )


def _lanes_for(payload: PlacedPayload) -> Lanes:
    return Lanes(max(1, min(payload.table.segment_size_bytes, payload.table.content_size_bytes)))


def _read_segments(source: SeekableSource, payload: PlacedPayload, lanes: Lanes) -> Iterator[Lane]:
    source.seek(payload.member.offset)
    for index, size in enumerate(payload.table.sizes_bytes()):
        lane = lanes.lane(index)
        lane.hold(size)
        read_exactly(source, lane.sealed[:size + OVERHEAD_SIZE_BYTES])
        yield lane
