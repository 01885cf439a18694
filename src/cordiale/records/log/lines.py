"""The text forms that the log's formats share: decimals, base64, lines, key names.

Each has exactly one spelling. What a lenient reader would also take (signs,
leading zeros, stray bits in base64, other line ends) is refused, so that two
readers never see two things in the same bytes.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import LOG_KEY_NAME_SIZE_BYTES_MAX, LOG_SIZE_ENTRIES_MAX

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL: Final = bytes({*range(0x20)} - {0x0A})
_KEY_NAME: Final = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")


def encode_base64(raw: bytes) -> str:
    """Return `raw` in standard base64 (RFC 4648 section 4)."""
    return b64encode(raw).decode("ascii")


def parse_base64(text: str) -> bytes:
    """Read standard base64 in its only canonical spelling. Raises `Malformed` otherwise."""
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except (Base64Error, UnicodeEncodeError):
        raw = None
    # Decoders ignore the unused bits of the last character: encoding again does not.
    if raw is None or encode_base64(raw) != text:
        raise Malformed(
            "log.base64-malformed", "a line of the log's files is not written in proper base64",
            hint="ask the partner to send it again",
        )
    return raw


def parse_hash(text: str) -> bytes:
    """Read a base64 line of 32 bytes. Raises `Malformed` otherwise."""
    raw = parse_base64(text)
    if len(raw) != 32:
        raise Malformed(
            "log.hash-malformed", "a hash in the log's files has {length} bytes instead of 32",
            hint="ask the partner to send it again", length=len(raw),
        )
    return raw


def parse_decimal(text: str) -> int:
    """Read an ASCII decimal up to 2**63 - 1, without sign or leading zero. Raises `Malformed` otherwise."""
    if not _DECIMAL.fullmatch(text) or int(text) > LOG_SIZE_ENTRIES_MAX:
        raise Malformed(
            "log.number-malformed", "a number in the log's files is not written in plain decimal digits",
            hint="ask the partner to send it again",
        )
    return int(text)


def parse_text(raw: bytes, *, size_bytes_max: int) -> str:
    """Decode a log file: UTF-8, no control characters but LF, at most `size_bytes_max` bytes.

    Raises `Malformed` otherwise.
    """
    if len(raw) > size_bytes_max:
        raise Malformed(
            "log.file-too-large", "a file of the log has {size} bytes and at most {size_max} are read",
            hint="ask the partner what it contains", size=len(raw), size_max=size_bytes_max,
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(
            "log.text-malformed", "a file of the log is not proper text",
            hint="check that it was copied unchanged and ask the partner to send it again",
        ) from error
    if len(raw.translate(None, _CONTROL)) != len(raw):
        raise Malformed(
            "log.control-character", "a file of the log contains a control character",
            hint="check that it was copied unchanged, line ends included",
        )
    return text


def split_lines(text: str) -> list[str]:
    """Split text at LF only; every line must end in one. Raises `Malformed` otherwise."""
    lines = text.split("\n")
    if lines.pop():
        raise Malformed(
            "log.line-unfinished", "the last line of a file of the log does not end",
            hint="the file was cut short: ask the partner to send it again",
        )
    return lines


def require_key_name(name: str) -> str:
    """Return `name` when it can name a key: 1 to 255 bytes, no space of any kind, no plus sign.

    Raises `Malformed` otherwise. Source: C2SP signed-note, and tlog-cosignature for the length.
    """
    if not _KEY_NAME.fullmatch(name) or len(name.encode("utf-8")) > LOG_KEY_NAME_SIZE_BYTES_MAX:
        raise Malformed(
            "log.name-malformed",
            "the name of a log or witness must have 1 to {size_max} bytes, without spaces and plus signs",
            hint="names look like an address, for example registry.example/log",
            size_max=LOG_KEY_NAME_SIZE_BYTES_MAX,
        )
    return name
