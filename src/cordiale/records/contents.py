"""Contents that are opened: where one lies sealed, its verified plaintext piece by piece, and sealed anew.

Who calls this has granted the reading, and has it on record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Final

from cordiale.envelope.reseal import reseal_stream
from cordiale.envelope.seal import SealedEnvelope, SealRequest
from cordiale.envelope.unseal import Expected, VerifiedEnvelope, open_verified
from cordiale.errors import CordialeError, Unavailable
from cordiale.model.person import Person
from cordiale.ports.pages import Stamp
from cordiale.records.answer import Answer
from cordiale.records.registry import Registry
from cordiale.records.sealing import grant_key, inspect_one_of, require_entered, verify_one_of
from cordiale.rules.holding import AccessView

_PIECES_AHEAD: Final = 2
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class OpenedContent:
    """The answer to a reading, and the content piece by piece."""

    answer: Answer
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class StillReadable:
    """What was true of a reading a moment ago: the person, what access asks, and the stamp of its pages now."""

    person: Person
    view: AccessView
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed content lies, and what it must be: one of `expected`, of `item`, its ciphertext of `digest`."""

    name: str
    expected: tuple[Expected, ...]
    item: str
    digest: bytes


def reseal_as(registry: Registry, place: Place, name: str, request: SealRequest) -> SealedEnvelope:
    """Seal the content at `place` anew, as `request` says, into the new object `name`; it is whole there, or not there.

    Raises `Unverified` when what lies at `place` is not what was entered.
    """
    writer = registry.objects.create(name)
    try:
        with closing(registry.objects.open(place.name)) as source:
            # The payload is verified while it is sealed anew, to its end before the new envelope can be opened.
            found = inspect_one_of(source, place.expected)
            require_entered(found.record, item=place.item, digest=place.digest)
            key = grant_key(registry.keys, found.sealed.enclosure)
            sealed = reseal_stream(source, writer.file, request, verified=found, content_key=key)
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    return sealed


def _verify(registry: Registry, place: Place) -> VerifiedEnvelope:
    with closing(registry.objects.open(place.name)) as source:
        verified = verify_one_of(source, place.expected)
    require_entered(verified.record, item=place.item, digest=place.digest)
    return verified


def _next(pieces: Queue[bytes | BaseException | None], thread: Thread) -> bytes | BaseException | None:
    """Return the next piece; a thread that ended without a word is noticed and not waited for."""
    while True:
        is_over = not thread.is_alive()
        with suppress(Empty):
            return pieces.get(timeout=_LOOK_SECONDS) if not is_over else pieces.get_nowait()
        if is_over:
            raise Unavailable("read.broken-off", "the content could not be opened to its end", hint="read it again")


def pieces_of(registry: Registry, place: Place) -> Iterator[bytes]:
    """Yield the verified plaintext in constant memory: a thread decrypts at most a few pieces ahead."""
    verified = _verify(registry, place)
    key = grant_key(registry.keys, verified.sealed.enclosure)
    pieces: Queue[bytes | BaseException | None] = Queue(_PIECES_AHEAD)
    stopped = False

    def put(piece: memoryview) -> None:
        if stopped:
            raise Unavailable("read.stopped", "the reader went away", hint="read again")
        pieces.put(bytes(piece))

    def work() -> None:
        try:
            with closing(registry.objects.open(place.name)) as source:
                open_verified(source, put, verified=verified, content_key=key)
            pieces.put(None)
        except CordialeError as error:
            pieces.put(error)

    def take() -> Iterator[bytes]:
        nonlocal stopped
        thread = Thread(target=work, name="read", daemon=True)
        thread.start()
        try:
            while (piece := _next(pieces, thread)) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            stopped = True
            while thread.is_alive():
                while not pieces.empty():
                    pieces.get_nowait()
                thread.join(0.05)

    return take()
