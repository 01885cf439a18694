"""JSON and base64 as TDF writes them, read strictly.

A manifest is not canonical JSON in our own sense: its texts may hold control
characters (the line breaks of a label), and its base64 has the standard
alphabet. Doubled members, fractions and other spellings of base64 are refused
all the same.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from typing import Final, NoReturn

from cordiale.canonical import JSON_ENCODER, UNREAD, Json, read_quickly
from cordiale.errors import Malformed

_RESEND: Final = "ask the sender to send it again"


def encode_base64(content: bytes) -> str:
    """Write `content` in the standard alphabet with padding (RFC 4648 section 4)."""
    return b2a_base64(content, newline=False).decode("ascii")


def parse_base64(text: str, *, where: str) -> bytes:
    """Read base64 of the standard alphabet with padding, in its only form; raises `Malformed`."""
    try:
        content = a2b_base64(text)
    except ValueError:
        content = b""
    if encode_base64(content) != text:
        raise Malformed("base64.form", "the {where} is not in base64", hint=_RESEND, where=where)
    return content


def encode_plain_json(value: Json) -> bytes:
    """Write `value` as RFC 8785 does, without forbidding control characters in texts.

    The names of members are ASCII and numbers are whole, so sorting by code
    point and plain digits are the form of the RFC. Raises `Malformed`
    when a text contains half of a character.
    """
    try:
        return JSON_ENCODER.encode(value)
    except UnicodeEncodeError as error:
        raise Malformed("plainjson.surrogate", "a text contains half of a character", hint=_RESEND) from error


def parse_plain_json(content: bytes, *, size_max: int, where: str) -> Json:
    """Read JSON of at most `size_max` bytes, in any spelling, without doubled members or fractions.

    Raises `Malformed`, naming `where`, for anything else.
    """
    if len(content) > size_max:
        raise Malformed(
            "plainjson.size", "the {where} is larger than {size_max} bytes", hint=_RESEND,
            where=where, size_max=size_max,
        )
    # What is written as we write it names no member twice and holds no other spelling of anything.
    value: Json = read_quickly(content, JSON_ENCODER.encode)
    return value if value is not UNREAD else _read_any_spelling(content, where)


def _read_any_spelling(content: bytes, where: str) -> Json:
    try:
        value: Json = _decoder.decode(content.decode("utf-8"))
    except RecursionError as error:
        raise Malformed("plainjson.depth", "the {where} is nested too deeply", hint=_RESEND, where=where) from error
    except ValueError as error:
        raise Malformed("plainjson.form", "the {where} is not JSON", hint=_RESEND, where=where) from error
    return value


def _require_single_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("plainjson.duplicate-member", "a member is named twice in one object", hint=_RESEND)
    return members


def _refuse_number(_literal: str) -> NoReturn:
    raise Malformed("plainjson.number", "a number is not a whole number", hint=_RESEND)


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_require_single_names, parse_float=_refuse_number, parse_constant=_refuse_number
)
