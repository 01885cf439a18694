"""Reads tables of TOML files written by people, and says exactly where one is wrong.

`TomlFile` parses one file and remembers its lines; `TomlTable` reads one table
member by member, in the way of `cordiale.canonical.Fields`. Every refusal names
the file, the line, the table and the key, and its hint says what to write.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from cordiale.errors import Malformed
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX, SHORT_TEXT_LENGTH_MAX

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(?:#.*)?\Z")
_DECODE_AT: Final = re.compile(r"\(at line (\d+), column \d+\)")
_SHOWN_MAX: Final = 60

Choice = TypeVar("Choice", bound=StrEnum)


class TomlFile:
    """One TOML file: its name as people know it, its lines, and its top table."""

    __slots__ = ("_headers", "_lines", "name", "top")

    def __init__(self, name: str, text: str) -> None:
        """Parse `text`. Raises `Malformed` with the line where it is not TOML, too large or not in NFC."""
        self.name = name
        self._lines = text.split("\n")
        if len(text.encode("utf-8", "replace")) > AGREEMENT_SIZE_BYTES_MAX:
            raise Malformed("agreement.file-size", "{file} is too large", hint="split it", file=name)
        for number, line in enumerate(self._lines, 1):
            if not unicodedata.is_normalized("NFC", line):
                raise Malformed(
                    "agreement.not-nfc", "{file}, line {line}: letters and their accents are written apart",
                    hint="save the file in Unicode normalization form C", file=name, line=number,
                )
        try:
            members = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = _DECODE_AT.search(str(error))
            where = f"{name}, line {found[1]}" if found else f"{name}, at its end"
            raise Malformed(
                "agreement.toml", "{where}: this is not TOML", where=where,
                hint='check quotes and brackets, and that no key or [table] stands twice: key = "text"',
            ) from error
        self._headers: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.match(line):
                self._headers.setdefault(header[2], []).append(number)
        self.top = TomlTable(self, members, name="", at=0)

    def line_of_table(self, name: str, index: int) -> int:
        """Return the line (from 1) of the header of the table `name`, the `index`-th of them; 0 if not found."""
        lines = self._headers.get(name, [])
        return lines[index] if index < len(lines) else 0

    def line_of_key(self, key: str, at: int) -> int:
        """Return the line (from 1) on which `key` is set, below line `at` and before the next table; 0 if nowhere."""
        begins = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]")
        for number, line in enumerate(self._lines[at:], at + 1):
            if _HEADER.match(line):
                break
            if begins.match(line):
                return number
        return 0


class TomlTable:
    """One table. `at` is the line of its header, 0 for the top of the file."""

    __slots__ = ("_asked", "_at", "_children", "_members", "_name", "_read", "file")

    def __init__(self, file: TomlFile, members: Mapping[str, object], *, name: str, at: int) -> None:
        self.file = file
        self._members = members
        self._name = name
        self._at = at
        self._read: set[str] = set()
        self._asked: set[str] = set()
        self._children: list[TomlTable] = []

    def refuse(self, key: str, problem: str, hint: str) -> NoReturn:
        """Raise `Malformed` for `key`: `problem` says what is wrong with it, `hint` what to write."""
        line = self.file.line_of_key(key, self._at) or self.file.line_of_table(self._path(key), 0) or self._at
        table = f", [{self._name}]" if self._name else ""
        where = f"{self.file.name}, line {line}{table}" if line else f"{self.file.name}{table}"
        raise Malformed("agreement.toml-value", "{where}: `{key}` {problem}", hint=hint,
                        where=where, key=key[:_SHOWN_MAX], problem=problem)

    def has(self, key: str) -> bool:
        """Tell whether `key` is there; this does not read it."""
        self._asked.add(key)
        return key in self._members

    def value(self, key: str, *, hint: str) -> object:
        """Read whatever stands at `key`."""
        self._asked.add(key)
        if key not in self._members:
            self.refuse(key, "is missing", hint)
        self._read.add(key)
        return self._members[key]

    def text(self, key: str, *, hint: str, max_length: int = SHORT_TEXT_LENGTH_MAX) -> str:
        """Read a text of 1 to `max_length` characters on one line."""
        value = self.long_text(key, hint=hint, max_length=max_length)
        if "\n" in value:
            self.refuse(key, "runs over several lines", "write it on one line")
        return value

    def long_text(self, key: str, *, hint: str, max_length: int) -> str:
        """Read a text of 1 to `max_length` characters that may run over several lines."""
        value = self.value(key, hint=hint)
        if not isinstance(value, str) or not 1 <= len(value) <= max_length:
            self.refuse(key, f"is not a text of 1 to {max_length} characters", hint)
        if any(character < " " and character != "\n" for character in value):
            self.refuse(key, "holds a control character, such as a tab", "write a space")
        return value

    def optional_text(self, key: str, *, max_length: int = SHORT_TEXT_LENGTH_MAX) -> str:
        """Read a text, empty when it is absent."""
        return self.text(key, hint=f'{key} = "text"', max_length=max_length) if self.has(key) else ""

    def texts(self, key: str, *, hint: str) -> tuple[str, ...]:
        """Read a list of texts; one text alone stands for a list of one. Empty when it is absent."""
        if not self.has(key):
            return ()
        value = self.value(key, hint=hint)
        listed = value if isinstance(value, list) else [value]
        texts = tuple(element for element in listed if isinstance(element, str) and element.isprintable())
        if len(texts) != len(listed) or not all(1 <= len(text) <= SHORT_TEXT_LENGTH_MAX for text in texts):
            self.refuse(key, f"is not a list of texts of 1 to {SHORT_TEXT_LENGTH_MAX} characters", hint)
        if len(set(texts)) != len(texts):
            self.refuse(key, "names the same thing twice", "name it once")
        return texts

    def integer(self, key: str, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`."""
        hint = f"{key} = a whole number from {low} to {high}"
        value = self.value(key, hint=hint)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(key, "is out of range", hint)
        return value

    def optional_integer(self, key: str, low: int, high: int) -> int | None:
        """Read a whole number, or None when it is absent."""
        return self.integer(key, low, high) if self.has(key) else None

    def boolean(self, key: str, *, absent: bool) -> bool:
        """Read true or false, `absent` when it is not there."""
        if not self.has(key):
            return absent
        value = self.value(key, hint="")
        if not isinstance(value, bool):
            self.refuse(key, "is neither true nor false", f"{key} = true")
        return value

    def optional_date(self, key: str) -> date | None:
        """Read a date such as 2026-11-16, or None when it is absent."""
        if not self.has(key):
            return None
        value = self.value(key, hint="")
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(key, "is not a date", f"{key} = 2026-11-16, without quotes")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """Read one value of `choices`."""
        return self.choices(self.text(key, hint=_one_of(key, choices)), key, choices)

    def choices(self, text: str, key: str, choices: type[Choice]) -> Choice:
        """Take `text`, which stands at `key`, for one value of `choices`."""
        found = {choice.value: choice for choice in choices}.get(text)
        if found is None:
            self.refuse(key, f"is `{text[:_SHOWN_MAX]}`, which is not known{_guess(text, choices)}",
                        _one_of(key, choices))
        return found

    def table(self, key: str) -> TomlTable | None:
        """Read a table inside this one, or None when it is absent."""
        if not self.has(key):
            return None
        value = self.value(key, hint="")
        if not isinstance(value, dict):
            self.refuse(key, "is not a table", f"[{self._path(key)}]")
        return self._child(value, key, 0)

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Read every [[key]] table, none when there is none."""
        if not self.has(key):
            return ()
        value = self.value(key, hint="")
        if not isinstance(value, list):
            self.refuse(key, "is written once", f"[[{self._path(key)}]] with two brackets on each side")
        children = []
        for index, element in enumerate(value):
            if not isinstance(element, dict):
                self.refuse(key, "holds something that is not a table", f"[[{self._path(key)}]]")
            children.append(self._child(element, key, index))
        return tuple(children)

    def names(self) -> tuple[str, ...]:
        """Return every key of a table whose keys are free names, such as languages."""
        return tuple(self._members)

    def end(self) -> None:
        """Refuse every key nobody read, here and in the tables within."""
        for key in self._members:
            if key not in self._read:
                near = difflib.get_close_matches(key, self._asked - set(self._members), 1)
                hint = f"did you mean `{near[0]}`?" if near else "remove it, or look up its name in the manual"
                self.refuse(key, "is not known here", hint)
        for child in self._children:
            child.end()

    def _path(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _child(self, members: dict[str, object], key: str, index: int) -> TomlTable:
        line = self.file.line_of_table(self._path(key), index) or self.file.line_of_key(key, self._at) or self._at
        child = TomlTable(self.file, members, name=self._path(key), at=line)
        self._children.append(child)
        return child


def _one_of(key: str, choices: type[StrEnum]) -> str:
    return f"{key} = one of " + ", ".join(f'"{choice.value}"' for choice in choices)


def _guess(text: str, choices: type[StrEnum]) -> str:
    near = difflib.get_close_matches(text, [choice.value for choice in choices], 1)
    return f" (`{near[0]}`?)" if near else ""
