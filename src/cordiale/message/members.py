"""Members that many messages share: identifiers, parties, levels, days, digests, heads of logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import INTEGER_MAX, Fields, Json, encode_base64url, parse_base64url
from cordiale.errors import Malformed
from cordiale.limits import (
    ENVELOPE_SIZE_BYTES_MAX,
    IDENTIFIER_LENGTH_MAX,
    LABEL_WORDS_LENGTH_MAX,
    LINES_COUNT_MAX,
    LOG_KEY_NAME_SIZE_BYTES_MAX,
    NOTE_SIGNATURES_COUNT_MAX,
    SHORT_TEXT_LENGTH_MAX,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import NodeId, PartyId, parse_identifier, parse_party_id
from cordiale.model.spelling import is_line

DIGEST_SIZE_BYTES: Final = 48
ROOT_SIZE_BYTES: Final = 32
VERSION_MAX: Final = 2**31 - 1

_HASH_LENGTH: Final = 43
_SIGNATURE_LENGTH_MAX: Final = 8_192
_ORIGIN: Final = re.compile(r"[!-*,-~]+\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One end of an exchange: a node of a party."""

    party: PartyId
    node: NodeId

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"party": self.party, "node": self.node}

    @classmethod
    def parse(cls, fields: Fields) -> Correspondent:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_party(fields, "party"), NodeId(read_identifier(fields, "node")))

    def __str__(self) -> str:
        return f"{self.party}/{self.node}"


@dataclass(frozen=True, slots=True)
class LogHead:
    """The head of the log `origin`: `size` entries under the 32-byte `root`.

    A claim until `signatures`, those of its signed note by the log itself, each behind its key id, prove it; nothing
    of them is verified here.
    """

    origin: str
    size: int
    root: bytes
    signatures: tuple[bytes, ...] = ()

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {
            "origin": self.origin, "root": encode_base64url(self.root),
            "signatures": [encode_base64url(one) for one in self.signatures], "size": self.size,
        }

    @classmethod
    def parse(cls, fields: Fields) -> LogHead:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_origin(fields, "origin"), fields.integer("size", 0, INTEGER_MAX),
            fields.bytes_("root", length=ROOT_SIZE_BYTES),
            tuple(parse_base64url(one, where="signatures of the head") for one in fields.texts(
                "signatures", max_count=NOTE_SIGNATURES_COUNT_MAX, max_length=_SIGNATURE_LENGTH_MAX
            )),
        )


@dataclass(frozen=True, slots=True)
class LogIndex:
    """Where an act stands in the log `origin`: entry `index`, counted from zero."""

    origin: str
    index: int

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"origin": self.origin, "index": self.index}

    @classmethod
    def parse(cls, fields: Fields) -> LogIndex:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_origin(fields, "origin"), fields.integer("index", 0, INTEGER_MAX))


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """An envelope by its identifier, its size in bytes, and the digest of its ciphertext."""

    envelope: str
    size_bytes: int
    ciphertext_digest: bytes

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {
            "envelope": self.envelope, "size_bytes": self.size_bytes,
            "ciphertext_digest": encode_base64url(self.ciphertext_digest),
        }

    @classmethod
    def parse(cls, fields: Fields) -> SealedEnvelope:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_identifier(fields, "envelope"), fields.integer("size_bytes", 1, ENVELOPE_SIZE_BYTES_MAX),
            read_digest(fields, "ciphertext_digest"),
        )


@dataclass(frozen=True, slots=True)
class NamedPost:
    """An official who answers for an act towards the other party: a registrar or an authority, never a reader."""

    name: str
    post: str

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"name": self.name, "post": self.post}

    @classmethod
    def parse(cls, fields: Fields) -> NamedPost:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_line(fields, "name"), read_line(fields, "post"))


def read_identifier(fields: Fields, name: str) -> str:
    """Read an identifier. Raises `Malformed`."""
    return parse_identifier(fields.text(name, max_length=IDENTIFIER_LENGTH_MAX), f"identifier in `{name}`")


def read_identifiers(fields: Fields, name: str, *, max_count: int) -> tuple[str, ...]:
    """Read a list of identifiers in ascending order, each once. Raises `Malformed`."""
    listed = fields.texts(name, max_count=max_count, max_length=IDENTIFIER_LENGTH_MAX)
    for text in listed:
        parse_identifier(text, f"identifier in `{name}`")
    return require_ascending(listed, name)


def read_party(fields: Fields, name: str) -> PartyId:
    """Read a party code. Raises `Malformed`."""
    return parse_party_id(fields.text(name, max_length=12))


def read_origin(fields: Fields, name: str) -> str:
    """Read the origin of a log: printable ASCII without spaces and plus signs. Raises `Malformed`."""
    origin = fields.text(name, max_length=LOG_KEY_NAME_SIZE_BYTES_MAX)
    if not _ORIGIN.match(origin):
        raise Malformed(
            "message.origin", "`{name}` does not name a log", hint="ask the partner to send it again", name=name
        )
    return origin


def read_level(fields: Fields, name: str) -> LevelRef:
    """Read a level of a scheme. Raises `Malformed`."""
    return level_of(fields.object(name))


def level_of(fields: Fields) -> LevelRef:
    """Read the members of a level. Raises `Malformed`."""
    return LevelRef(
        read_line(fields, "scheme", max_length=IDENTIFIER_LENGTH_MAX),
        read_line(fields, "name", max_length=LABEL_WORDS_LENGTH_MAX),
    )


def encode_level(level: LevelRef) -> dict[str, Json]:
    """Return `level` as a JSON object."""
    return {"scheme": level.scheme, "name": level.name}


def read_day(fields: Fields, name: str) -> date:
    """Read a calendar day such as 2026-11-16. Raises `Malformed`."""
    text = fields.text(name, max_length=10, min_length=10)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed(
            "message.day", "`{name}` is not a day such as 2026-11-16", hint="ask the partner to send it again",
            name=name,
        )
    return day


def read_digest(fields: Fields, name: str) -> bytes:
    """Read a digest of suite 1: 48 bytes of SHA-384. Raises `Malformed`."""
    return fields.bytes_(name, length=DIGEST_SIZE_BYTES)


def read_hashes(fields: Fields, name: str, *, max_count: int) -> tuple[bytes, ...]:
    """Read a list of hashes of 32 bytes. Raises `Malformed`."""
    hashes = []
    for text in fields.texts(name, max_count=max_count, max_length=_HASH_LENGTH):
        one = parse_base64url(text, where=f"hash in `{name}`")
        if len(one) != ROOT_SIZE_BYTES:
            raise Malformed("message.hash", "a hash in `{name}` does not have 32 bytes",
                            hint="ask the partner to send it again", name=name)
        hashes.append(one)
    return tuple(hashes)


def read_version(fields: Fields, name: str) -> int:
    """Read the version of a root, statement or profile. Raises `Malformed`."""
    return fields.integer(name, 1, VERSION_MAX)


def read_line(fields: Fields, name: str, *, max_length: int = SHORT_TEXT_LENGTH_MAX) -> str:
    """Read one plain line: no invisible or direction-changing characters, no outer spaces. Raises `Malformed`.

    Whatever a partner writes is shown to people one day, and must not be able to look like something else.
    """
    text = fields.text(name, max_length=max_length)
    if not is_line(text):
        raise Malformed(
            "message.line", "`{name}` is not one plain line of text", hint="ask the partner to send it again",
            name=name,
        )
    return text


def read_lines(fields: Fields, name: str, *, min_count: int = 0) -> tuple[str, ...]:
    """Read `min_count` to `LINES_COUNT_MAX` plain lines, each as `read_line` reads one. Raises `Malformed`."""
    lines = fields.texts(name, max_count=LINES_COUNT_MAX)
    if len(lines) < min_count or not all(map(is_line, lines)):
        raise Malformed(
            "message.lines", "`{name}` is not a list of plain lines of text", hint="ask the partner to send it again",
            name=name,
        )
    return lines


def optional_line(fields: Fields, name: str) -> str:
    """Read one plain line, empty when the member is absent. Raises `Malformed`."""
    return read_line(fields, name) if fields.has(name) else ""


def optional_day(fields: Fields, name: str) -> date | None:
    """Read a day, None when the member is absent. Raises `Malformed`."""
    return read_day(fields, name) if fields.has(name) else None


def require_ascending(listed: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return `listed` when it ascends, each once: a set has one way to be written. Raises `Malformed`."""
    if list(listed) != sorted(set(listed)):
        raise Malformed(
            "message.list-order", "the list `{name}` is not in ascending order, each once",
            hint="ask the partner to send it again", name=name,
        )
    return listed


def without_absent(members: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    """Return `members` without those that are None or an empty text: an absent member is absent."""
    return {name: value for name, value in members if value is not None and value != ""}
