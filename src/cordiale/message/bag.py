"""The diplomatic bag: the same messages, envelopes and checkpoints, as files on a medium.

    manifest.jws                       a message of the type ``bag-manifest``
    1-statements/00001-<id>.json
    2-orders/00001-<id>.jws
    3-checkpoints/00001-<id>.txt
    4-envelopes/00001-<id>.tdf
    5-messages/00001-<id>.jws

Folders are named in the order of unpacking. The manifest is a message like any
other: it has a sender, an audience and a number, so a bag for somebody else is
refused and a bag that never came is missed. Names of files are derived from the
manifest and never read from it; nothing that it does not list is opened, with
one exception: the statements, which verify by themselves against the root and
may be what the manifest needs in order to be verified.

Unpacking a bag twice is harmless: every file is known by its identifier, and a
message that came before is a duplicate (`cordiale.message.sequence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, encode_canonical, parse_canonical
from cordiale.errors import Malformed, Unverified
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.body import Precedence
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.form import Message, message_digest
from cordiale.message.members import SealedEnvelope
from cordiale.message.verification import Expectations, verify_message
from cordiale.model.mode import Mode

MANIFEST_NAME: Final = "manifest.jws"
FOLDERS: Final[Mapping[BagFileKind, str]] = {
    BagFileKind.STATEMENT: "1-statements",
    BagFileKind.ORDER: "2-orders",
    BagFileKind.CHECKPOINT: "3-checkpoints",
    BagFileKind.ENVELOPE: "4-envelopes",
    BagFileKind.BULK: "5-messages",
}
_SUFFIXES: Final[Mapping[BagFileKind, str]] = {
    BagFileKind.STATEMENT: "json",
    BagFileKind.ORDER: "jws",
    BagFileKind.CHECKPOINT: "txt",
    BagFileKind.ENVELOPE: "tdf",
    BagFileKind.BULK: "jws",
}
_AGAIN: Final = "copy the file again from the medium; if it fails again, ask the partner for the bag again"


@dataclass(frozen=True, slots=True)
class CarriedMessage:
    """A message as it was signed: what it says, and its exact bytes."""

    message: Message
    data: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """A statement (`encode_statement_file`) or the body of an ``add-checkpoint`` request, under an identifier."""

    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class BagContents:
    """What goes into one bag. Envelopes are named and measured only: their bytes are not read here."""

    mode: Mode
    messages: tuple[CarriedMessage, ...] = ()
    envelopes: tuple[SealedEnvelope, ...] = ()
    checkpoints: tuple[Carried, ...] = ()
    statements: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class BagListing:
    """How a medium differs from its manifest, as paths: not there, not listed, of another size."""

    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    resized: tuple[str, ...]


def plan_bag(contents: BagContents) -> BagManifest:
    """Return the manifest of `contents`, in the order of unpacking.

    Messages go in the order of their numbers, stream by stream. Raises `Malformed` when something is in it
    twice, or too much.
    """
    mode = contents.mode
    orders = [one for one in contents.messages if one.message.precedence is Precedence.ORDER]
    bulk = [one for one in contents.messages if one.message.precedence is not Precedence.ORDER]
    return BagManifest((
        *_plan_files(BagFileKind.STATEMENT, contents.statements, mode),
        *_plan_files(BagFileKind.ORDER, _carried(orders), mode),
        *_plan_files(BagFileKind.CHECKPOINT, contents.checkpoints, mode),
        *(
            BagFile(BagFileKind.ENVELOPE, place, one.envelope, one.size_bytes, one.ciphertext_digest)
            for place, one in enumerate(contents.envelopes, start=1)
        ),
        *_plan_files(BagFileKind.BULK, _carried(bulk), mode),
    ))


def verify_bag_manifest(data: bytes, expected: Expectations) -> tuple[Message, BagManifest]:
    """Return the manifest that `data` is, and the message that carries it.

    Raises as `verify_message` does, and `Malformed` when it is a message of another type. On `Undecidable` for
    want of a newer statement, verify the files in the folder of statements first and try again.
    """
    message = verify_message(data, expected)
    if not isinstance(message.body, BagManifest):
        raise Malformed("bag.not-a-manifest", "the manifest of the bag is a message of the type {type}",
                        hint="ask the partner for the bag again", type=message.type)
    return message, message.body


def path_of(file: BagFile) -> str:
    """Return where `file` lies on the medium, with forward slashes, relative to the folder of the bag."""
    return f"{FOLDERS[file.kind]}/{file.place:05d}-{file.id}.{_SUFFIXES[file.kind]}"


def compare_listing(manifest: BagManifest, found: Mapping[str, int]) -> BagListing:
    """Compare what lies on a medium, paths with sizes in bytes, with what `manifest` lists. Never raises."""
    listed = {path_of(file): file.size_bytes for file in manifest.files}
    return BagListing(
        missing=tuple(path for path in listed if path not in found),
        unlisted=tuple(sorted(path for path in found if path not in listed and path != MANIFEST_NAME)),
        resized=tuple(path for path, size_bytes in listed.items() if found.get(path, size_bytes) != size_bytes),
    )


def plan_unpacking(manifest: BagManifest, *, done: Set[str]) -> tuple[BagFile, ...]:
    """Return the files still to be unpacked, in their order; `done` holds the paths already unpacked."""
    return tuple(file for file in manifest.files if path_of(file) not in done)


def verify_file(file: BagFile, data: bytes, mode: Mode) -> bytes:
    """Return `data`, the bytes of a message, a statement or a checkpoint, when they are those the manifest lists.

    Raises `Malformed` when they are more or fewer, and `Unverified` when they are others.
    """
    verify_envelope_file(file, size_bytes=len(data), digest=message_digest(data, mode))
    return data


def verify_envelope_file(file: BagFile, *, size_bytes: int, digest: bytes) -> BagFile:
    """Return `file` when an envelope of `size_bytes` and with this digest of its ciphertext is the one listed.

    Raises as `verify_file` does.
    """
    if size_bytes != file.size_bytes:
        raise Malformed(
            "bag.file-size", "`{path}` has {found} bytes and the manifest lists {expected}",
            hint=_AGAIN, path=path_of(file), found=size_bytes, expected=file.size_bytes,
        )
    if digest != file.digest:
        raise Unverified("bag.file-digest", "`{path}` is not the file that the manifest lists",
                         hint=_AGAIN, path=path_of(file))
    return file


def encode_statement_file(shown: StatementShown) -> bytes:
    """Return the bytes of a statement's file: the statement and the roots it rests on, canonical JSON."""
    return encode_canonical(shown.encode())


def parse_statement_file(data: bytes) -> StatementShown:
    """Read what `encode_statement_file` wrote; nothing of it is verified here. Raises `Malformed`."""
    fields = Fields(parse_canonical(data, size_max=MESSAGE_SIZE_BYTES_MAX), where="statement file")
    shown = StatementShown.parse(fields)
    fields.end()
    return shown


def _carried(messages: Iterable[CarriedMessage]) -> list[Carried]:
    ordered = sorted(messages, key=lambda one: (one.message.agreement, one.message.seq, one.message.id))
    return [Carried(one.message.id, one.data) for one in ordered]


def _plan_files(kind: BagFileKind, carried: Sequence[Carried], mode: Mode) -> list[BagFile]:
    return [
        BagFile(kind, place, one.id, len(one.data), message_digest(one.data, mode))
        for place, one in enumerate(carried, start=1)
    ]
