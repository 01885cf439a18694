"""The reading room: contents that are open to be looked at, each for one person, one session and a short time.

Opening is an act with a grant in the log. From then on each page is decided on
again, and whatever ends the right to read ends the reading: the process that
shows the content is killed, and what it knew is gone. Nothing here survives the
serving process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from cordiale.errors import CordialeError, OutOfOrder, Unavailable, require_allowed
from cordiale.journey.read import RoomReading, open_for_room, require_readable
from cordiale.journey.read_draft import open_draft_for_room, require_draft_readable
from cordiale.limits import (
    ROOM_IDLE_SECONDS_MAX,
    ROOM_PERSON_READINGS_COUNT_MAX,
    ROOM_READING_SECONDS_MAX,
    ROOM_READINGS_COUNT_MAX,
)
from cordiale.model.names import PersonId
from cordiale.ports.pages import PagePicture, Rendering, Weave
from cordiale.records.contents import OpenedContent, StillReadable
from cordiale.records.registry import Registry, Request
from cordiale.rules.room import decide_text

_ID_BYTES: Final = 16
_SWEEP_SECONDS: Final = 15.0
_BETWEEN: Final = " · "
_DRAFT: Final = "draft.open"

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who sits in the room: a person, and the session they are signed in with, empty where there is none."""

    person: PersonId
    session: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An open reading, without a title: its id, its pages, and whether text and file may leave the room."""

    id: str
    item: str
    copy: str
    pages: int
    banner: tuple[str, ...]
    trail: str
    may_have_text: bool
    may_have_file: bool
    is_draft: bool = False


@dataclass(slots=True)
class _Open:
    reading: Reading
    reader: Reader
    still: Callable[[], StillReadable]
    across: str
    rendering: Rendering
    opened: float
    asked: float


@dataclass(slots=True)
class ReadingRoom:
    """The readings that are open at one node; `run` closes those that nobody looks at any more."""

    registry: Registry
    _readings: dict[str, _Open] = field(default_factory=dict)
    _opening: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _bell: threading.Event = field(default_factory=threading.Event)

    def open(self, request: Request, session: str = "") -> Reading:
        """Grant and open the reading that `request` (``read.open``, of a draft ``draft.open``) asks for.

        Who has as many open as one person may gives up the one looked at longest ago. Raises as
        `cordiale.journey.read.open_for_room`, `Malformed` for a content that cannot be shown, and `Unavailable` when
        the room is full or nothing can be shown.
        """
        reader = Reader(request.person.id, session)
        self._make_room(reader)
        try:
            return self._open(request, reader)
        finally:
            with self._lock:
                self._opening -= 1

    def _make_room(self, reader: Reader) -> None:
        self.sweep()
        with self._lock:
            own = sorted((one for one in self._readings.values() if one.reader.person == reader.person),
                         key=lambda one: one.asked)
            given_up = own[:max(0, len(own) + 1 - ROOM_PERSON_READINGS_COUNT_MAX)]
            if len(self._readings) - len(given_up) + self._opening >= ROOM_READINGS_COUNT_MAX:
                raise Unavailable(
                    "room.full", "the reading room is full", hint="try again when somebody has closed a reading"
                )
            self._opening += 1
        for one in given_up:
            self._forget(one)

    def _open(self, request: Request, reader: Reader) -> Reading:
        is_draft = request.act.kind == _DRAFT
        opened = (open_draft_for_room if is_draft else open_for_room)(self.registry, request)
        answer = opened.answer
        decide = self._deciding(request, opened)
        try:
            still = decide()
            rendering = self.registry.renderer.open(
                answer.value["media_type"], answer.value["size_bytes"], opened.chunks
            )
        finally:
            _let_go(opened.chunks)
        reading = Reading(
            id=self.registry.random.bytes_(_ID_BYTES).hex(), item=answer.value["item"], copy=answer.value["copy"],
            pages=rendering.pages, banner=tuple(answer.value["banner"]), trail=answer.trail,
            may_have_text=answer.value["may_have_text"], may_have_file=answer.value["may_have_file"],
            is_draft=is_draft,
        )
        now = self.registry.clock.monotonic()
        one = _Open(reading, reader, decide, _across(still, answer.at), rendering, now, now)
        with self._lock:
            self._readings[reading.id] = one
        return reading

    def _deciding(self, request: Request, opened: OpenedContent) -> Callable[[], StillReadable]:
        """Return how it is decided, again and again, whether the reading may go on."""
        person, value = request.person.id, opened.answer.value
        if request.act.kind == _DRAFT:
            joined = tuple(value.get("joined_by", ()))
            return lambda: require_draft_readable(
                self.registry, person, value["draft"], value["edition"], joined=joined
            )
        granted = RoomReading(
            person, value["item"], value["copy"], request.act.params["purpose"], tuple(value.get("joined_by", ()))
        )
        return lambda: require_readable(self.registry, granted)

    def page(self, reading_id: str, reader: Reader, number: int, percent: int = 100) -> PagePicture:
        """Return the picture of page `number` (from 1) at `percent` of its size, if the reading may go on.

        Raises `OutOfOrder` for a reading that is not open, or not this reader's, `Refused` or `Undecidable` when the
        right to read has ended, which closes it, and what the renderer raises.
        """
        one, still = self._go_on(reading_id, reader)
        shown = self._shown(one, lambda: one.rendering.picture(number, percent, Weave(still.stamp, one.across)))
        # Not before: the first page would have to share the processor with the process for the next content.
        self.registry.renderer.prepare()
        return shown

    def text(self, reading_id: str, reader: Reader, number: int) -> str:
        """Return the text of page `number`, where the rules let it leave the room. Raises as `page`."""
        one, still = self._go_on(reading_id, reader)
        require_allowed(decide_text(still.view))
        return self._shown(one, lambda: one.rendering.text(number))

    def close(self, reading_id: str, reader: Reader) -> None:
        """Close a reading. Raises `OutOfOrder` for one that is not open, or not this reader's."""
        self._forget(self._require(reading_id, reader))

    def close_session(self, session: str) -> None:
        """Close every reading of a session, when somebody signs out."""
        self._forget_all(lambda one: one.reader.session == session)

    def close_all(self) -> None:
        """Close every reading, and what was kept ready for the next."""
        self._forget_all(lambda _: True)
        self.registry.renderer.close()

    def sweep(self) -> None:
        """Close what nobody has looked at for a while, and what has been open for long enough."""
        now = self.registry.clock.monotonic()
        self._forget_all(
            lambda one: now - one.asked > ROOM_IDLE_SECONDS_MAX or now - one.opened > ROOM_READING_SECONDS_MAX
        )

    def run(self) -> None:
        """Keep the process for the next content ready, and sweep from time to time, until stopped."""
        self.registry.renderer.prepare()
        while not self._bell.wait(_SWEEP_SECONDS):
            self.sweep()

    def stop(self) -> None:
        """Let `run` end, and close everything."""
        self._bell.set()
        self.close_all()

    def _require(self, reading_id: str, reader: Reader) -> _Open:
        """Return an open reading of `reader`; to anybody else it is not there."""
        with self._lock:
            one = self._readings.get(reading_id)
        if one is None or one.reader != reader:
            raise OutOfOrder("room.no-reading", "this reading is not open", hint="open the item again")
        return one

    def _go_on(self, reading_id: str, reader: Reader) -> tuple[_Open, StillReadable]:
        """Return an open reading of `reader` that is still allowed; one that is not any more is closed."""
        self.sweep()
        one = self._require(reading_id, reader)
        try:
            still = one.still()
        except CordialeError:
            self._forget(one)
            raise
        one.asked = self.registry.clock.monotonic()
        return one, still

    def _shown(self, one: _Open, show: Callable[[], _Shown]) -> _Shown:
        try:
            return show()
        except Unavailable:
            # Its process is gone: there is nothing left that could be asked.
            self._forget(one)
            raise

    def _forget_all(self, is_over: Callable[[_Open], bool]) -> None:
        with self._lock:
            over = [one for one in self._readings.values() if is_over(one)]
        for one in over:
            self._forget(one)

    def _forget(self, one: _Open) -> None:
        with self._lock:
            self._readings.pop(one.reading.id, None)
        one.rendering.close()


def _across(still: StillReadable, at: datetime) -> str:
    """Return the words that are woven in: who reads, when the reading was granted, and which copy of what."""
    person = still.person
    return _BETWEEN.join((person.name, person.id, at.strftime("%Y-%m-%d %H:%M UTC"), still.stamp.foot))


def _let_go(chunks: Iterator[bytes]) -> None:
    """End what still decrypts, where not all of it was taken."""
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
