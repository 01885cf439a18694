"""What is stamped, printed and shown, and who does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is printed on every page: lines above, lines below, and the foot that the number of the page follows."""

    top: tuple[str, ...]
    bottom: tuple[str, ...]
    foot: str


class Stamper(Protocol):
    """Prints a stamp on every page of a PDF, and returns it as a PDF of its own; nothing of it is written anywhere."""

    def stamp(self, content: bytes, stamp: Stamp) -> bytes: ...


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """One form, on pages of its own: what stands above and below on each page, a title, rows, and a table.

    `columns` head the table, whose `lines` have a cell for each, `shares` say how wide each is beside the others;
    `is_signed` leaves room on each line for a hand, `is_wide` turns the page.
    """

    banner: tuple[str, ...]
    title: str
    rows: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    shares: tuple[int, ...] = ()
    is_signed: bool = False
    is_wide: bool = False


class Printer(Protocol):
    """Prints forms as one PDF, with every letter that a marking or a name of a party needs."""

    def print(self, forms: Sequence[PrintedForm]) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Weave:
    """What is woven into every picture of a page: a stamp above and below, and words across all of it."""

    stamp: Stamp
    across: str


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as it is shown: ``image/png`` or ``image/jpeg``, and its bytes."""

    media_type: str
    body: bytes = field(repr=False)


class Rendering(Protocol):
    """A content that is open to be looked at, page by page from 1, in a process of its own until it is closed.

    `picture` takes a size in percent; `text` is empty where a page has no text of its own.
    """

    @property
    def pages(self) -> int: ...
    def picture(self, number: int, percent: int, weave: Weave) -> PagePicture: ...
    def text(self, number: int) -> str: ...
    def close(self) -> None: ...


class Renderer(Protocol):
    """Opens contents to be looked at; nothing of them is written anywhere.

    `declared` is the media type on the label, `size_bytes` how much the chunks make. `prepare` keeps a process ready
    for the next content, `close` ends it.
    """

    def open(self, declared: str, size_bytes: int, chunks: Iterable[bytes]) -> Rendering: ...
    def prepare(self) -> None: ...
    def close(self) -> None: ...
