"""A form with a file, read as it comes: its fields first, then the file, and nothing behind it.

The file is never kept: whoever reads it seals it as it arrives.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from cordiale.doors.body import BodySource
from cordiale.doors.web.visit import Values
from cordiale.errors import Malformed
from cordiale.limits import DESK_BODY_SIZE_BYTES_MAX, DESK_FIELDS_COUNT_MAX

_PIECE_BYTES: Final = 256 * 1024
_HEADER_BYTES_MAX: Final = 4_096
_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z")


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart form; raises `Malformed` for anything else."""
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise _unreadable()
    return boundary


def _unreadable() -> Malformed:
    return Malformed("desk.form", "the form could not be read", hint="go back and send it again")


class Upload:
    """The fields of a form and, behind them, the bytes of its file; `readinto` is what a step calls."""

    def __init__(self, source: BodySource, boundary: bytes) -> None:
        self._source = source
        self._buffer = memoryview(bytearray(_PIECE_BYTES))
        self._pairs: list[tuple[str, str]] = []
        self._pieces: deque[memoryview] = deque()
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._field = ""
        self._value = bytearray()
        self._is_file = False
        self._is_file_over = False
        self._is_over = False
        self._small_bytes = 0
        self.file_name = ""
        self.media_type = ""
        self._parser = MultipartParser(boundary, {
            "on_part_begin": self._begin, "on_part_data": self._take, "on_part_end": self._end,
            "on_header_field": lambda data, start, end: self._name_more(data[start:end], 0),
            "on_header_value": lambda data, start, end: self._name_more(data[start:end], 1),
            "on_header_end": self._header_end, "on_headers_finished": self._headers_end, "on_end": self._finish,
        })

    def fields(self) -> Values:
        """Return the fields in front of the file. Raises `Malformed`."""
        while not self._is_file and not self._is_over:
            self._more()
        return Values(self._pairs)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill `buffer` with bytes of the file; 0 at its end. Raises `Malformed` when the form breaks off."""
        while not self._pieces:
            if self._is_file_over:
                while not self._is_over:
                    self._more()
                return 0
            self._more()
        piece = self._pieces[0]
        count = min(len(piece), len(buffer))
        buffer[:count] = piece[:count]
        if count == len(piece):
            self._pieces.popleft()
        else:
            self._pieces[0] = piece[count:]
        return count

    def _more(self) -> None:
        count = self._source.readinto(self._buffer)
        if not count:
            raise Malformed("body.short", "the request ends too early", hint="send it again")
        try:
            self._parser.write(bytes(self._buffer[:count]))
        except FormParserError as error:
            raise _unreadable() from error

    def _begin(self) -> None:
        if self._is_file:
            raise Malformed("desk.form-order", "the form has more behind its file", hint="send one file at a time")
        self._headers = {}
        self._value = bytearray()
        self._field = ""

    def _name_more(self, data: bytes, part: int) -> None:
        self._header[part].extend(data)
        if len(self._header[part]) > _HEADER_BYTES_MAX:
            raise _unreadable()

    def _header_end(self) -> None:
        self._headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _headers_end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        try:
            self._field = options.get(b"name", b"").decode("ascii")
            if b"filename" in options:
                self.file_name = options[b"filename"].decode("utf-8").replace("\\", "/").rpartition("/")[2]
                self.media_type = self._headers.get(b"content-type", b"").decode("ascii")
                self._is_file = True
        except UnicodeDecodeError as error:
            raise _unreadable() from error
        if kind != b"form-data" or not _NAME.match(self._field):
            raise _unreadable()

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._pieces.append(memoryview(data)[start:end])
            return
        self._small_bytes += end - start
        if self._small_bytes > DESK_BODY_SIZE_BYTES_MAX:
            raise Malformed("request.too-large", "the request is too large", hint="send a smaller one")
        self._value.extend(data[start:end])

    def _end(self) -> None:
        if self._is_file:
            self._is_file_over = True
            return
        if len(self._pairs) >= DESK_FIELDS_COUNT_MAX:
            raise _unreadable()
        try:
            self._pairs.append((self._field, self._value.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise _unreadable() from error

    def _finish(self) -> None:
        self._is_over = True
