"""Somebody who holds the content key and reaches the file: forging it, or changing it while it is read."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from dataclasses import replace
from io import BytesIO

from tests.envelope.refusal import refused
from tests.envelope.samples import SEGMENT, expected, kalyna, sakura
from tests.envelope.tampering import put_together, take_apart, with_payload
from tests.envelope.test_refusals import CONTENT, FRAME, content_key, released, sample, verify

from cordiale.crypto.aead import SegmentCipher, hmac_sha256
from cordiale.envelope.assertions import bind_assertion
from cordiale.envelope.manifest import encode_manifest, parse_manifest
from cordiale.envelope.plainjson import encode_plain_json
from cordiale.envelope.unseal import inspect_envelope, open_verified, release_verified


def forge(sealed: bytes, plaintext: bytes, key: bytes) -> bytes:
    """What whoever holds the content key can do: other content, and all that TDF checks made right again."""
    _, value = take_apart(sealed)
    manifest = parse_manifest(encode_plain_json(value))
    cipher, tags, payload = SegmentCipher(key), [], b""
    for index in range(len(manifest.segments.tags)):
        buffer = memoryview(bytearray(FRAME))
        cipher.encrypt_into(plaintext[index * SEGMENT :][:SEGMENT], buffer, index=index)
        payload += bytes(buffer)
        tags.append(bytes(buffer[-16:]))
    table = replace(manifest.segments, tags=tuple(tags))
    bound = tuple(bind_assertion(each, content_key=key, aggregate=table.aggregate) for each in manifest.assertions)
    forged = replace(
        manifest, segments=table, root_signature=hmac_sha256(key, table.aggregate), assertions=bound
    )
    return put_together(payload, json.loads(encode_manifest(forged)))


def test_a_recipient_cannot_put_words_into_the_providers_mouth() -> None:
    with refused("payload.digest"):
        verify(forge(sample(), bytes(len(CONTENT)), content_key()))


def test_the_same_words_encrypted_again_are_not_what_was_signed() -> None:
    with refused("payload.digest"):
        released(forge(sample(), CONTENT, content_key()))


class Changing(BytesIO):
    """A file that somebody replaces after it was read through once."""

    def __init__(self, first: bytes, then: bytes, *, after: int) -> None:
        super().__init__(first)
        self._then, self._after = then, after

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if not whence and offset == self._offset:
            self._after -= 1
            if self._after < 0:
                position = super().seek(0)
                self.write(self._then)
                super().seek(position)
        return super().seek(offset, whence)

    _offset = 59  # where the payload starts


def test_a_file_changed_between_the_passes_is_caught() -> None:
    forged = forge(sample(), bytes(len(CONTENT)), content_key())
    verified = verify(sample())
    parts: list[bytes] = []
    source = Changing(sample(), forged, after=1)
    with refused("payload.changed-while-read"):
        open_verified(
            source, lambda piece: parts.append(bytes(piece)), verified=verified, content_key=content_key()
        )
    assert source.getvalue()[: len(forged) // 2] == forged[: len(forged) // 2]
    assert not parts


def test_the_same_plaintext_under_other_ivs_between_the_passes_is_caught_too() -> None:
    source = Changing(sample(), forge(sample(), CONTENT, content_key()), after=1)
    with refused("payload.changed-while-read"):
        open_verified(source, lambda piece: None, verified=verify(sample()), content_key=content_key())


def test_an_inspection_does_not_read_the_payload_and_opening_does() -> None:
    changed = with_payload(sample(), lambda payload: payload[:20] + b"x" + payload[21:])
    inspected = inspect_envelope(BytesIO(changed), expected(sakura(), kalyna()))
    with refused("aead.tag"):
        open_verified(BytesIO(changed), lambda piece: None, verified=inspected, content_key=content_key())


def test_pieces_can_be_asked_for_one_by_one_and_left_early() -> None:
    source, before = BytesIO(sample()), threading.active_count()
    inspected = inspect_envelope(source, expected(sakura(), kalyna()))
    pieces = release_verified(source, verified=inspected, content_key=content_key())
    assert b"".join(bytes(piece) for piece in pieces) == CONTENT
    with closing(release_verified(source, verified=inspected, content_key=content_key())) as pieces:
        assert bytes(next(pieces)) == CONTENT[:SEGMENT]
    assert threading.active_count() == before
