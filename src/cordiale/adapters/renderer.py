"""Showing contents, from the node's side: a process for each, and nothing that it says is taken at its word.

One process is kept ready, so that the first page need not wait for it to start.
Where the machine has `bwrap`, each runs in namespaces of its own as well: no
network, no processes and no files but those of the program.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Any, Final, cast

from cordiale.adapters.boxed import boxed, find_program, program_files
from cordiale.adapters.office_pdf import OfficeConverter
from cordiale.adapters.render_frames import read_frame, write_frame
from cordiale.adapters.render_refusals import refusal_for
from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.limits import (
    ROOM_CONTENT_SIZE_BYTES_MAX,
    ROOM_OFFICE_SIZE_BYTES_MAX,
    ROOM_OPEN_SECONDS_MAX,
    ROOM_PAGE_PIXELS_COUNT_MAX,
    ROOM_PAGE_SECONDS_MAX,
    ROOM_PAGES_COUNT_MAX,
    ROOM_TEXT_LENGTH_MAX,
)
from cordiale.ports.pages import PagePicture, Rendering, Weave

_CHILD: Final = (sys.executable, "-I", "-m", "cordiale.adapters.render_child")
_BEGINNINGS: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_ANSWER_BYTES_MAX: Final = max(4 * ROOM_PAGE_PIXELS_COUNT_MAX, 4 * ROOM_TEXT_LENGTH_MAX)
_PERCENTS: Final = (25, 300)


@dataclass(slots=True)
class _Child:
    """One process and its two pipes."""

    process: subprocess.Popen[bytes]
    to: IO[bytes]
    back: IO[bytes]
    is_late: bool = False

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.to, self.back):
            with suppress(OSError):
                pipe.close()
        self.process.wait()

    @contextmanager
    def within(self, seconds: int) -> Iterator[None]:
        """End the process when the block takes longer than `seconds`; what it was to answer is then no answer."""
        def late() -> None:
            self.is_late = True
            self.process.kill()

        timer = threading.Timer(seconds, late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def answer(self) -> dict[str, Any]:
        """Return the next answer; raises what `refusal_for` says, and `Unavailable` where the process has ended."""
        head = read_frame(self.back)
        if head is None:
            raise refusal_for("too-much") if self.is_late else _ended()
        if "refused" in head:
            raise refusal_for(str(head["refused"]))
        return head

    def body(self, head: dict[str, Any], size_max: int = _ANSWER_BYTES_MAX) -> bytes:
        """Return what `head` announces, of at most `size_max` bytes; raises `Malformed` for more."""
        size = head.get("size")
        if not isinstance(size, int) or not 0 <= size <= size_max:
            raise refusal_for("unreadable")
        body = self.back.read(size)
        if len(body) != size:
            raise refusal_for("too-much") if self.is_late else _ended()
        return body


@dataclass(slots=True)
class ChildRenderer:
    """Opens each content in a process of its own; `bwrap` is where that program lies, empty for none."""

    bwrap: str = field(default_factory=lambda: find_program("bwrap"))
    office: OfficeConverter | None = None
    _spare: _Child | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, declared: str, size_bytes: int, chunks: Iterable[bytes]) -> Rendering:
        """Return the content that `chunks` make, of `size_bytes` bytes and labelled as `declared`, as pages.

        Raises `Malformed` for what cannot be shown within the limits, `Unavailable` when no process can be started
        or it ended, and what `chunks` raise.
        """
        if not 0 < size_bytes <= ROOM_CONTENT_SIZE_BYTES_MAX:
            raise refusal_for("too-much")
        child = self._take()
        try:
            with child.within(ROOM_OPEN_SECONDS_MAX):
                pages = _hand_over(child, declared, size_bytes, chunks)
            if isinstance(pages, int):
                return _ChildRendering(child, pages)
        except BaseException:
            child.end()
            raise
        child.end()
        converted = (self.office or OfficeConverter(self.bwrap)).to_pdf(pages)
        return self.open("application/pdf", len(converted), [converted])

    def prepare(self) -> None:
        """Start the process that the next content will be shown in, where none is ready."""
        with self._lock:
            if self._spare is None:
                self._spare = self._start()

    def close(self) -> None:
        """End the process that was kept ready."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.end()

    def _take(self) -> _Child:
        """Return a process that has shut itself in."""
        with self._lock:
            child, self._spare = self._spare or self._start(), None
        with child.within(ROOM_OPEN_SECONDS_MAX):
            is_ready = read_frame(child.back) == {"ready": True}
        if is_ready:
            return child
        child.end()
        if self.bwrap:
            # Installed and not allowed: namespaces are closed to many services. What shuts itself in needs none.
            self.bwrap = ""
            return self._take()
        raise Unavailable(
            "room.unconfined", "nothing can be shown: the process for it could not be shut in",
            hint="tell who runs the node; docs/reading-room.md says what it needs",
        )

    def _start(self) -> _Child:
        command = boxed(self.bwrap, _CHILD, program_files()) if self.bwrap else _CHILD
        try:
            # Nothing about the content is among its arguments, where others on the machine could read them.
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, and nothing else
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
            )
        except OSError as error:
            raise Unavailable(
                "room.unavailable", "nothing can be shown now: {detail}", hint="try again, or tell who runs the node",
                detail=os.strerror(error.errno or 0),
            ) from error
        return _Child(process, cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout))


def _hand_over(child: _Child, declared: str, size_bytes: int, chunks: Iterable[bytes]) -> int | bytes:
    """Give `child` the content; return how many pages it has, or the content of an office document as it was."""
    try:
        write_frame(child.to, {"declared": declared, "size": size_bytes})
        for chunk in chunks:
            child.to.write(chunk)
        child.to.flush()
    except BrokenPipeError:
        raise _ended() from None
    head = child.answer()
    if head.get("office") is True:
        return child.body(head, ROOM_OFFICE_SIZE_BYTES_MAX)
    pages = head.get("pages")
    if not isinstance(pages, int) or not 1 <= pages <= ROOM_PAGES_COUNT_MAX:
        raise refusal_for("unreadable")
    return pages


@dataclass(slots=True)
class _ChildRendering:
    """A content that is open in `child`; one question is answered at a time."""

    child: _Child
    pages: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def picture(self, number: int, percent: int, weave: Weave) -> PagePicture:
        """Return page `number` with `weave` in it. Raises `Malformed`, and `Unavailable` when the process ended."""
        percent = min(max(percent, _PERCENTS[0]), _PERCENTS[1])
        head, body = self._ask({
            "across": weave.across, "percent": percent, "picture": self._require(number),
            "stamp": {"bottom": weave.stamp.bottom, "foot": weave.stamp.foot, "top": weave.stamp.top},
        })
        beginning = _BEGINNINGS.get(str(head.get("media_type")))
        if beginning is None or not body.startswith(beginning):
            raise refusal_for("unreadable")
        return PagePicture(str(head["media_type"]), body)

    def text(self, number: int) -> str:
        """Return the text of page `number`, empty where it has none. Raises as `picture`."""
        return self._ask({"text": self._require(number)})[1].decode("utf-8", "replace")

    def close(self) -> None:
        """End the process, and with it all it knew."""
        self.child.end()

    def _require(self, number: int) -> int:
        if not 1 <= number <= self.pages:
            raise Malformed(
                "room.page", "there is no page {number}; the last is {pages}", hint="ask for another page",
                number=number, pages=self.pages,
            )
        return number

    def _ask(self, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            with self._lock, self.child.within(ROOM_PAGE_SECONDS_MAX):
                write_frame(self.child.to, order)
                head = self.child.answer()
                return head, self.child.body(head)
        except (BrokenPipeError, ValueError):
            raise _ended() from None


def _ended() -> CordialeError:
    return Unavailable(
        "room.ended", "the process that showed this content has ended", hint="open the item again",
    )
