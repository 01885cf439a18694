"""Signed notes and the keys that sign them (C2SP signed-note).

    text        one or more lines
    blank line
    lines       em dash, space, key name, space, base64 of key id and signature

A note that has been parsed says nothing yet: its text stays *unverified* until
`checkpoint.verify_signatures` has found the keys that the reader demands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final, Self

from cordiale.crypto.signatures import PUBLIC_KEY_SIZES_BYTES, Algorithm, PublicKey
from cordiale.errors import Malformed
from cordiale.limits import NOTE_SIGNATURES_COUNT_MAX, NOTE_SIZE_BYTES_MAX
from cordiale.records.log.lines import (
    encode_base64,
    parse_base64,
    parse_text,
    require_key_name,
    split_lines,
)

KEY_ID_SIZE_BYTES: Final = 4
_SIGNATURE_MARK: Final = "\N{EM DASH} "
_NOTES_KEPT_COUNT_MAX: Final = 64


class SignatureType(IntEnum):
    """What a key's signatures are made of and speak about; the byte is part of the key id."""

    ED25519 = 0x01
    """Ed25519 over the note text."""
    ED25519_COSIGNATURE = 0x04
    """Ed25519 over a time and the checkpoint text."""
    ML_DSA_44_COSIGNATURE = 0x06
    """ML-DSA-44 over the signer's name, a time and the tree head; logs sign with it too."""


ALGORITHMS: Final = {
    SignatureType.ED25519: Algorithm.ED25519,
    SignatureType.ED25519_COSIGNATURE: Algorithm.ED25519,
    SignatureType.ML_DSA_44_COSIGNATURE: Algorithm.ML_DSA_44,
}


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A named public key and the type of signature it makes.

    Raises `Malformed` for a name that cannot be a key name and for a key of
    another algorithm than the type asks.
    """

    name: str
    type: SignatureType
    public: PublicKey

    def __post_init__(self) -> None:
        """Refuse a bad name and a key of the wrong algorithm."""
        require_key_name(self.name)
        if self.public.algorithm is not ALGORITHMS[self.type]:
            raise Malformed(
                "log.key-algorithm", "the key of `{name}` is for another kind of signature",
                hint="check which key was entered where", name=self.name,
            )

    @property
    def key_id(self) -> bytes:
        """The four bytes that name this key together with its name; not a secure fingerprint."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public.raw).digest()[
            :KEY_ID_SIZE_BYTES
        ]

    def encode(self) -> str:
        """Return the key as a *vkey* line without LF (C2SP signed-note, verifier keys)."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.public.raw)}"


def parse_key(vkey: str) -> NoteKey:
    """Read a vkey.

    Raises `Malformed` when the form is wrong, the type is not one of
    `SignatureType`, or the key id is not that of the name and key.
    """
    name, _, rest = vkey.partition("+")
    claimed_id, _, encoded = rest.partition("+")
    raw = parse_base64(encoded)
    try:
        signature_type = SignatureType(raw[0] if raw else 0)
    except ValueError as error:
        raise Malformed(
            "log.key-type", "the key of `{name}` is of a type that this log does not use",
            hint="ask for the key in one of the types 01, 04 and 06", name=require_key_name(name),
        ) from error
    algorithm = ALGORITHMS[signature_type]
    if len(raw) - 1 != PUBLIC_KEY_SIZES_BYTES[algorithm]:
        raise Malformed(
            "log.key-length", "the key of `{name}` is cut short or too long",
            hint="copy the key again as a whole", name=require_key_name(name),
        )
    key = NoteKey(name, signature_type, PublicKey(algorithm, raw[1:]))
    if claimed_id != key.key_id.hex():
        raise Malformed(
            "log.key-id", "the key of `{name}` does not carry its own key id",
            hint="the name or the key was changed on the way: compare both over another channel",
            name=name,
        )
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who claims to have signed, and the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> str:
        """Return the signature line with its LF."""
        return f"{_SIGNATURE_MARK}{self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note as parsed: a text nobody has vouched for yet, and its signatures in order."""

    unverified_text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note's bytes. Raises `Malformed` when a reader would refuse or misread them."""
        lines = "".join(one.encode() for one in self.signatures)
        raw = f"{self.unverified_text}\n{lines}".encode()
        if parse_note(raw) != self:
            raise Malformed(
                "log.note-text", "a text to be signed for the log does not end its last line",
                hint="report this as a defect of the software",
            )
        return raw

    def with_signatures(self, added: Iterable[NoteSignature]) -> Self:
        """Return the note with `added` behind its signatures, each line once."""
        merged = dict.fromkeys((*self.signatures, *added))
        return type(self)(self.unverified_text, tuple(merged))

    def only_by(self, keys: Iterable[NoteKey]) -> Self:
        """Return the note with only those signature lines that name one of `keys`."""
        named = {(key.name, key.key_id) for key in keys}
        kept = tuple(one for one in self.signatures if (one.name, one.key_id) in named)
        return type(self)(self.unverified_text, kept)


def parse_note(raw: bytes) -> SignedNote:
    """Read a signed note without verifying anything.

    Raises `Malformed` when the bytes are not a note, exceed 64 KiB, or carry
    more than 16 signatures. Source: C2SP signed-note, format.
    """
    return _parse_kept(raw)


@lru_cache(maxsize=_NOTES_KEPT_COUNT_MAX)
def _parse_kept(raw: bytes) -> SignedNote:
    # The newest heads, ours and the partners', are read again for every message that shows them. All of the bytes are
    # the key; whether a note verifies is asked every time.
    text = parse_text(raw, size_bytes_max=NOTE_SIZE_BYTES_MAX)
    # The text may itself hold empty lines: the last one divides it from the signatures.
    divide = text.rfind("\n\n")
    if divide < 0:
        raise Malformed(
            "log.note-unsigned", "a checkpoint carries no signatures",
            hint="ask the partner for the signed checkpoint",
        )
    return SignedNote(text[: divide + 1], parse_signatures(text[divide + 2 :]))


def parse_signatures(text: str) -> tuple[NoteSignature, ...]:
    """Read signature lines. Raises `Malformed` for none, for more than 16 and for any other line."""
    lines = split_lines(text)
    if not 1 <= len(lines) <= NOTE_SIGNATURES_COUNT_MAX:
        raise Malformed(
            "log.signatures-count", "a checkpoint carries {count} signatures instead of 1 to {count_max}",
            hint="ask the partner for the checkpoint with fewer signatures",
            count=len(lines), count_max=NOTE_SIGNATURES_COUNT_MAX,
        )
    return tuple(_parse_signature(line) for line in lines)


def _parse_signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    if not (line.startswith(_SIGNATURE_MARK) and space):
        raise Malformed(
            "log.signature-line", "a signature line of a checkpoint is not of the expected form",
            hint="check that the file was copied unchanged",
        )
    blob = parse_base64(encoded)
    if len(blob) <= KEY_ID_SIZE_BYTES:
        raise Malformed(
            "log.signature-short", "a signature line of a checkpoint holds no signature",
            hint="check that the file was copied unchanged",
        )
    return NoteSignature(require_key_name(name), blob[:KEY_ID_SIZE_BYTES], blob[KEY_ID_SIZE_BYTES:])
