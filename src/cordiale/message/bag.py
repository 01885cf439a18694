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

Messages and checkpoints lie there sealed for the node the bag is packed for
(`cordiale.message.bag_seal`): whoever finds the medium reads none of them.

Unpacking a bag twice is harmless: every file is known by its identifier, and a
message that came before is a duplicate (`cordiale.message.sequence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, encode_canonical, parse_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.wrapping import WrappingPublicKey
from cordiale.errors import Malformed, Unverified
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX
from cordiale.message.bag_seal import BagSeal
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.body import Precedence
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.form import Message
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
SEALED: Final = frozenset({BagFileKind.ORDER, BagFileKind.CHECKPOINT, BagFileKind.BULK})
"""What lies sealed in a bag. An envelope has a seal of its own; a statement is needed before the key can be had."""
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


def plan_bag(contents: BagContents, seal: BagSeal, recipient: WrappingPublicKey) -> BagManifest:
    """Return the manifest of `contents` sealed with `seal` for `recipient`, in the order of unpacking.

    Messages go in the order of their numbers, stream by stream. Raises `Malformed` when something is in it
    twice, or too much.
    """
    packing = _Packing(contents.mode, seal)
    orders = [one for one in contents.messages if one.message.precedence is Precedence.ORDER]
    bulk = [one for one in contents.messages if one.message.precedence is not Precedence.ORDER]
    return BagManifest((
        *packing.plan(BagFileKind.STATEMENT, contents.statements),
        *packing.plan(BagFileKind.ORDER, _carried(orders)),
        *packing.plan(BagFileKind.CHECKPOINT, contents.checkpoints),
        *(
            BagFile(BagFileKind.ENVELOPE, place, one.envelope, one.size_bytes, one.ciphertext_digest)
            for place, one in enumerate(contents.envelopes, start=1)
        ),
        *packing.plan(BagFileKind.BULK, _carried(bulk)),
    ), seal.wrap_for(recipient))


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
    return _path(file.kind, file.place, file.id)


def _path(kind: BagFileKind, place: int, id: str) -> str:
    return f"{FOLDERS[kind]}/{place:05d}-{id}.{_SUFFIXES[kind]}"


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
    """Return `data`, a file that is no envelope as it lies on the medium, when it is the one the manifest lists.

    Raises `Malformed` when it has more or fewer bytes, and `Unverified` when it has others.
    """
    verify_envelope_file(file, size_bytes=len(data), digest=file_digest(data, mode))
    return data


def open_file(file: BagFile, data: bytes, seal: BagSeal, mode: Mode) -> bytes:
    """Return the message or checkpoint in `data`, a file as it lies on the medium.

    Raises as `verify_file` and `BagSeal.open` do.
    """
    return seal.open(path_of(file), verify_file(file, data, mode))


def file_digest(data: bytes, mode: Mode) -> bytes:
    """Return the digest of a file that is no envelope, 48 bytes, of its bytes on the medium."""
    return sha384(domain(Purpose.BAG_FILE, mode), data)


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


@dataclass(frozen=True, slots=True)
class _Packing:
    mode: Mode
    seal: BagSeal

    def plan(self, kind: BagFileKind, carried: Sequence[Carried]) -> list[BagFile]:
        files = []
        for place, one in enumerate(carried, start=1):
            data = self.seal.seal(_path(kind, place, one.id), one.data) if kind in SEALED else one.data
            files.append(BagFile(kind, place, one.id, len(data), file_digest(data, self.mode)))
        return files
