"""``bag-manifest``: what lies in a diplomatic bag, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.errors import Malformed
from cordiale.limits import BAG_FILES_COUNT_MAX, ENVELOPE_SIZE_BYTES_MAX
from cordiale.message.bag_seal import WrappedBagKey
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_digest, read_identifier


class BagFileKind(StrEnum):
    """What a file in a bag is; `cordiale.message.bag` says where it lies and when it is unpacked."""

    STATEMENT = "statement"
    ORDER = "order"
    CHECKPOINT = "checkpoint"
    ENVELOPE = "envelope"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class BagFile:
    """One file: its kind, the identifier of what it holds, its size, and its digest.

    `size_bytes` and `digest` are of the file as it lies on the medium, sealed where it is; the digest of an envelope
    is that of its ciphertext. `place` orders files of one kind, from 1: messages go by it.
    """

    kind: BagFileKind
    place: int
    id: str
    size_bytes: int
    digest: bytes

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {
            "kind": self.kind.value, "place": self.place, "id": self.id, "size_bytes": self.size_bytes,
            "digest": encode_base64url(self.digest),
        }

    @classmethod
    def parse(cls, fields: Fields) -> BagFile:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            kind=fields.choice("kind", BagFileKind),
            place=fields.integer("place", 1, BAG_FILES_COUNT_MAX),
            id=read_identifier(fields, "id"),
            size_bytes=fields.integer("size_bytes", 1, ENVELOPE_SIZE_BYTES_MAX),
            digest=read_digest(fields, "digest"),
        )


_UNPACKING: Final = {kind: rank for rank, kind in enumerate(BagFileKind)}


@dataclass(frozen=True, slots=True)
class BagManifest:
    """The files of one bag in the order they are unpacked: by kind, then by place; and the key they are sealed with.

    The bag's name is the message's identifier, and its number the message's place in the stream.
    """

    files: tuple[BagFile, ...]
    key: WrappedBagKey

    def __post_init__(self) -> None:
        ranks = [(_UNPACKING[file.kind], file.place) for file in self.files]
        expected: list[tuple[int, int]] = []
        for kind in BagFileKind:
            count = sum(file.kind is kind for file in self.files)
            expected += [(_UNPACKING[kind], place) for place in range(1, count + 1)]
        if ranks != expected or len(ranks) > BAG_FILES_COUNT_MAX:
            raise Malformed(
                "bag.order", "the bag does not list its files in the order they are unpacked, at most {count}",
                hint="ask the partner for the bag again", count=BAG_FILES_COUNT_MAX,
            )
        names = {(file.kind is BagFileKind.ENVELOPE, file.id) for file in self.files}
        if len(names) != len(self.files):
            raise Malformed("bag.twice", "the bag lists something twice", hint="ask the partner for the bag again")

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"files": [file.encode() for file in self.files], "key": self.key.encode()}

    @classmethod
    def parse(cls, fields: Fields) -> BagManifest:
        """Read what `encode` wrote. Raises `Malformed`."""
        files = tuple(map(BagFile.parse, fields.objects("files", max_count=BAG_FILES_COUNT_MAX)))
        return cls(files, WrappedBagKey.parse(fields.object("key")))


TYPE: Final = BodyType(
    name="bag-manifest", cls=BagManifest, parse=BagManifest.parse, scope=Scope.NODE, needs_agreement=False,
    members=(
        "files[].kind", "files[].place", "files[].id", "files[].size_bytes", "files[].digest", "key.kid", "key.wrapped",
    ),
)
