"""Strict JSON: one form only, RFC 8785, and the reader every parser is written with.

What two governments sign must be the same bytes on both sides for years. So
there is a single way to write a value, and whatever is not written that way is
refused when it is read, before any of it is used:

- no fractions: numbers are integers within ±(2^53 - 1);
- strings in NFC, without control characters and lone surrogates;
- names of members in printable ASCII, each once, sorted;
- UTF-8 without a byte order mark, nothing before, between or after.

An absent member is absent: `null` never stands for it.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType, NoReturn, TypeAlias, TypeVar
from unicodedata import is_normalized

import msgspec

from cordiale.errors import Malformed
from cordiale.limits import JSON_DEPTH_MAX, SHORT_TEXT_LENGTH_MAX

Json: TypeAlias = bool | int | str | list["Json"] | dict[str, "Json"] | None

INTEGER_MAX: Final = 2**53 - 1
INSTANT_LENGTH: Final = 20
_NAME_LENGTH_SHOWN_MAX: Final = 40
_NO_OFFSET: Final = timedelta(0)
_RESEND: Final = "ask the sender to send it again"

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FORBIDDEN_CHARACTERS: Final = re.compile("[\x00-\x1f]")

Canonical = NewType("Canonical", bytes)
"""What `encode_canonical` has written, and nothing else: whoever is given it knows its form without reading it."""

Choice = TypeVar("Choice", bound=StrEnum)

# Texts of a type of their own are written as what they are; nothing else that comes there is a text.
JSON_ENCODER: Final = msgspec.json.Encoder(order="deterministic", enc_hook=str.__str__)


def encode_base64url(content: bytes) -> str:
    """Write `content` in base64url without padding (RFC 4648 section 5)."""
    return b2a_base64(content, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def _read_base64url(text: str) -> bytes | None:
    try:
        content = a2b_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # The decoder is lenient; comparing with the only right spelling is not.
    return content if encode_base64url(content) == text else None


def parse_base64url(text: str, *, where: str = "value") -> bytes:
    """Read base64url without padding, in its only form.

    Raises `Malformed`, naming `where`, for padding, another alphabet, spaces or bits left over in the last character.
    """
    content = _read_base64url(text)
    if content is None:
        raise Malformed(
            "base64url.form", "the {where} is not in base64url without padding", hint=_RESEND, where=where
        )
    return content


def encode_instant(at: datetime) -> str:
    """Write an aware UTC time of whole seconds as ``2026-11-16T09:00:00Z``.

    Raises `Malformed` for a time without a zone, in another zone, or with a
    fraction of a second: the caller decides how to round, not the encoder.
    """
    if at.utcoffset() != _NO_OFFSET or at.microsecond:
        raise Malformed(
            "instant.not-utc-seconds", "a time must be given in UTC and whole seconds",
            hint="convert it before it is written",
        )
    return at.isoformat(timespec="seconds")[:19] + "Z"


def _read_instant(text: str) -> datetime | None:
    if len(text) != INSTANT_LENGTH or text[-1] != "Z":
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.utcoffset() == _NO_OFFSET and encode_instant(at) == text else None


def parse_instant(text: str, *, where: str = "time") -> datetime:
    """Read ``2026-11-16T09:00:00Z``. Raises `Malformed`, naming `where`, for any other form."""
    at = _read_instant(text)
    if at is None:
        raise Malformed(
            "instant.form", "the {where} is not a time in UTC such as 2026-11-16T09:00:00Z",
            hint=_RESEND, where=where,
        )
    return at


def encode_canonical(value: object) -> Canonical:
    """Write `value` in its only form, as UTF-8 (RFC 8785).

    `value` is made of dict, list, tuple, str, int, bool and None. Raises `Malformed` for what is forbidden here.
    """
    _require_plain(value, JSON_DEPTH_MAX)
    try:
        data = JSON_ENCODER.encode(value)
    except UnicodeEncodeError:
        _refuse("json.surrogate", "a text contains half of a character")
    if b"\\" in data:
        _require_no_control(value)
    # The quotes around strings neither compose nor reorder: all of it is in NFC exactly when every string in it is.
    if not data.isascii() and not is_normalized("NFC", data.decode("utf-8")):
        _refuse("json.not-nfc", "a text is not in Unicode normalization form C")
    return Canonical(data)


def _refuse(code: str, text: str) -> NoReturn:
    raise Malformed(code, text, hint=_RESEND)


def _require_plain(value: object, depth_left: int) -> None:
    if isinstance(value, (dict, list, tuple)):
        if depth_left == 0:
            _refuse("json.depth", "objects and lists are nested too deeply")
        if isinstance(value, dict):
            _require_names(value)
        for member in value.values() if isinstance(value, dict) else value:
            # The common cases first, without a call: this runs for every message.
            kind = type(member)
            if kind is not str and kind is not bool and not (kind is int and 0 <= member <= INTEGER_MAX):
                _require_plain(member, depth_left - 1)
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            _refuse("json.integer-range", "a number is larger than 2^53 - 1")
    elif value is not None and not isinstance(value, str):
        _refuse("json.type", "only whole numbers, texts, lists and objects can be written")


def _require_names(members: dict[object, object]) -> None:
    try:
        names = "".join(members)  # type: ignore[arg-type]  # the join is the check
    except TypeError:
        names = "\0"
    if not names.isascii() or not names.isprintable():
        _refuse("json.member-name", "the name of a member is not printable ASCII")


def _require_no_control(value: object) -> None:
    if isinstance(value, str):
        if _FORBIDDEN_CHARACTERS.search(value):
            _refuse("json.control-character", "a text contains a control character")
    elif isinstance(value, (dict, list, tuple)):
        for member in value.values() if isinstance(value, dict) else value:
            _require_no_control(member)


def _refuse_number(_literal: str) -> NoReturn:
    _refuse("json.fraction", "a number is not a whole number")


_quick_decoder: Final = msgspec.json.Decoder(float_hook=_refuse_number)
_decoder: Final = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


def _require_single_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("json.duplicate-member", "a member is named twice in one object")
    return members


_explaining_decoder: Final = json.JSONDecoder(object_pairs_hook=_require_single_names)
UNREAD: Final = object()


def parse_canonical(data: bytes, *, size_max: int) -> Json:
    """Read `data`, at most `size_max` bytes, if it is in the only form there is.

    Raises `Malformed` for everything else: oversize, not UTF-8, not JSON, a
    member named twice, a fraction, too deep, or any other spelling than the one
    `encode_canonical` gives for the same value.
    """
    if len(data) > size_max:
        raise Malformed(
            "json.size", "the text is larger than {size_max} bytes", hint="ask the sender to split it",
            size_max=size_max,
        )
    value = read_quickly(data, encode_canonical)
    return _read_slowly(data) if value is UNREAD else value


def read_quickly(data: bytes, encode: Callable[[Any], bytes]) -> Any:
    """Return the value of JSON that `encode` writes as `data`; `UNREAD` for any other, not saying what is wrong."""
    try:
        value = _quick_decoder.decode(data)
        return value if encode(value) == data else UNREAD
    except (msgspec.MsgspecError, ValueError, RecursionError, Malformed):
        return UNREAD


def _read_slowly(data: bytes) -> Json:
    """Raise `Malformed` with what is wrong with `data`; only where nothing is, return its value."""
    try:
        value: Json = _decoder.decode(text := data.decode("utf-8"))
    except RecursionError:
        _refuse("json.depth", "objects and lists are nested too deeply")
    except ValueError:
        # Also what is not UTF-8, and integers with thousands of digits.
        _refuse("json.form", "the text is not JSON")
    if encode_canonical(value) != data:
        _explaining_decoder.decode(text)
        _refuse("json.not-canonical", "the text is not written in its only form (RFC 8785)")
    return value


class Fields:
    """Reads one JSON object member by member; the one way parsers are written.

        fields = Fields(value, where="node statement")
        name = fields.text("name", max_length=100)
        keys = fields.object("keys")
        fields.end()

    Each method reads one member by name and raises `Malformed` when it is
    missing or not of the form; the `optional_` ones give None when it is absent
    (`null` is not absence and is refused). `end` refuses every member nobody
    read, here and in the objects read through `object`, `optional_object` and
    `objects`, so that nothing unknown is ever ignored.
    """

    __slots__ = ("_children", "_members", "_path", "_unread", "_where")

    def __init__(self, value: Json, *, where: str, path: str = "") -> None:
        self._where = where
        self._path = path
        if not isinstance(value, dict):
            if not path:
                raise Malformed("field.object", "the {where} is not an object", hint=_RESEND, where=where)
            self._refuse("object", "`{name}` in {where} is not an object", "")
        self._members = value
        self._unread = set(value)
        self._children: list[Fields] = []

    def _refuse(self, kind: str, text: str, name: str, **bounds: int) -> NoReturn:
        fields: dict[str, Any] = {"name": (self._path + name).removesuffix("."), "where": self._where, **bounds}
        raise Malformed(f"field.{kind}", text, hint=_RESEND, **fields)

    def has(self, name: str) -> bool:
        """Tell whether the member `name` is there; this does not read it."""
        return name in self._members

    def value(self, name: str) -> Json:
        """Read whatever stands at `name`, for a parser of its own."""
        if name not in self._members:
            self._refuse("missing", "`{name}` is missing in {where}", name)
        self._unread.discard(name)
        return self._members[name]

    def text(self, name: str, *, max_length: int = SHORT_TEXT_LENGTH_MAX, min_length: int = 1) -> str:
        """Read a text of `min_length` to `max_length` characters."""
        value = self.value(name)
        if not isinstance(value, str) or not min_length <= len(value) <= max_length:
            self._refuse("text", "`{name}` in {where} is not a text of {low} to {high} characters", name,
                         low=min_length, high=max_length)
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`, both included."""
        value = self.value(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._refuse("integer", "`{name}` in {where} is not a whole number from {low} to {high}", name,
                         low=low, high=high)
        return value

    def boolean(self, name: str) -> bool:
        """Read true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            self._refuse("boolean", "`{name}` in {where} is not true or false", name)
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Read one of the values of the enumeration `choices`."""
        value = self.value(name)
        member = choices._value2member_map_.get(value) if isinstance(value, str) else None
        if not isinstance(member, choices):
            self._refuse("choice", "`{name}` in {where} is not one of the values known here", name)
        return member

    def constant(self, name: str, expected: str | int) -> None:
        """Read a member that has one right value, such as the version of a form."""
        value = self.value(name)
        if isinstance(value, bool) or value != expected:
            self._refuse("constant", "`{name}` in {where} is not the one value known here", name)

    def instant(self, name: str) -> datetime:
        """Read a time in UTC and whole seconds, such as 2026-11-16T09:00:00Z."""
        value = self.value(name)
        at = _read_instant(value) if isinstance(value, str) else None
        if at is None:
            self._refuse("instant", "`{name}` in {where} is not a time in UTC such as 2026-11-16T09:00:00Z", name)
        return at

    def bytes_(self, name: str, *, length: int | None = None) -> bytes:
        """Read bytes in base64url without padding, exactly `length` of them when it is given."""
        value = self.value(name)
        content = _read_base64url(value) if isinstance(value, str) else None
        if content is None:
            self._refuse("bytes", "`{name}` in {where} is not in base64url without padding", name)
        if length is not None and len(content) != length:
            self._refuse("length", "`{name}` in {where} is not {length} bytes long", name, length=length)
        return content

    def array(self, name: str, *, max_count: int | None = None) -> list[Json]:
        """Read a list, of at most `max_count` elements when it is given."""
        value = self.value(name)
        if not isinstance(value, list):
            self._refuse("array", "`{name}` in {where} is not a list", name)
        if max_count is not None and len(value) > max_count:
            self._refuse("count", "`{name}` in {where} is not a list of at most {count} elements", name,
                         count=max_count)
        return value

    def texts(self, name: str, *, max_count: int, max_length: int = SHORT_TEXT_LENGTH_MAX) -> tuple[str, ...]:
        """Read a list of at most `max_count` texts, each of 1 to `max_length` characters."""
        texts = []
        for element in self.array(name, max_count=max_count):
            if not isinstance(element, str) or not 1 <= len(element) <= max_length:
                self._refuse("texts", "`{name}` in {where} is not a list of texts of 1 to {high} characters", name,
                             high=max_length)
            texts.append(element)
        return tuple(texts)

    def object(self, name: str) -> Fields:
        """Read an object; `end` of this reader covers it too."""
        child = Fields(self.value(name), where=self._where, path=f"{self._path}{name}.")
        self._children.append(child)
        return child

    def objects(self, name: str, *, max_count: int) -> tuple[Fields, ...]:
        """Read a list of at most `max_count` objects; `end` of this reader covers them too."""
        children = tuple(
            Fields(element, where=self._where, path=f"{self._path}{name}[{index}].")
            for index, element in enumerate(self.array(name, max_count=max_count))
        )
        self._children.extend(children)
        return children

    def optional_text(self, name: str, *, max_length: int = SHORT_TEXT_LENGTH_MAX) -> str | None:
        """Read `text`, or None when it is absent."""
        return self.text(name, max_length=max_length) if self.has(name) else None

    def optional_integer(self, name: str, low: int, high: int) -> int | None:
        """Read `integer`, or None when it is absent."""
        return self.integer(name, low, high) if self.has(name) else None

    def optional_choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """Read `choice`, or None when it is absent."""
        return self.choice(name, choices) if self.has(name) else None

    def optional_instant(self, name: str) -> datetime | None:
        """Read `instant`, or None when it is absent."""
        return self.instant(name) if self.has(name) else None

    def optional_bytes(self, name: str, *, length: int | None = None) -> bytes | None:
        """Read `bytes_`, or None when it is absent."""
        return self.bytes_(name, length=length) if self.has(name) else None

    def optional_array(self, name: str, *, max_count: int | None = None) -> list[Json] | None:
        """Read `array`, or None when it is absent."""
        return self.array(name, max_count=max_count) if self.has(name) else None

    def optional_object(self, name: str) -> Fields | None:
        """Read `object`, or None when it is absent."""
        return self.object(name) if self.has(name) else None

    def end(self) -> None:
        """Refuse what nobody read. Every parser calls it once it has read all it knows."""
        if self._unread:
            raise Malformed(
                "field.unknown", "`{name}` in {where} is not known here",
                hint="ask the sender which version of the form it uses",
                name=self._path + min(self._unread)[:_NAME_LENGTH_SHOWN_MAX], where=self._where,
            )
        for child in self._children:
            child.end()
