"""The particulars of an item in our books (EE-262 § 51, EU 2001/264, 32 CFR 117.19(g)(18)(iii)).

What its originator gives at the labelling stays with the item and stands in its
entry; what the recipient's register needs of it travels inside the seal. Who
wrote it and under which provision it was classified stay at home.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.limits import PARTS_COUNT_MAX
from cordiale.message.members import optional_day, optional_line
from cordiale.model.description import Description
from cordiale.model.names import parse_identifier
from cordiale.wire.person_json import parse_day

_AT_HOME: Final = ("author", "basis")
_TRAVELS: Final = ("document", "signatory", "parts", "dated", "channel")
DESCRIBED: Final = (*_TRAVELS, *_AT_HOME)
"""The members of an item, and of the entry it has in the register, that describe it."""

_CLOSED: Final = frozenset({"document", "signatory"})


def read_description(fields: Fields) -> dict[str, Any]:
    """Read what the originator says of the item, as members of its record. Raises `Malformed`."""
    texts = {name: optional_line(fields, name) for name in ("document", "signatory", *_AT_HOME)}
    said: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if fields.has("parts"):
        said["parts"] = fields.integer("parts", 1, PARTS_COUNT_MAX)
    day = optional_day(fields, "dated")
    if day is not None:
        said["dated"] = day.isoformat()
    channel = fields.optional_text("channel")
    if channel is not None:
        said["channel"] = parse_identifier(channel, "channel")
    return said


def described_as(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the record of an item says of it, for its entry."""
    return {name: body[name] for name in DESCRIBED if name in body}


def description_of(body: Mapping[str, Any]) -> Description:
    """Return what travels of the description in the record of an item."""
    said = {name: body[name] for name in _TRAVELS if name in body}
    if "dated" in said:
        said["dated"] = parse_day(said["dated"])
    return Description(**said)


def described_by(description: Description, *, closed: bool) -> dict[str, Any]:
    """Return what came of a description, for our own record; of what only its addressee opens, what is outside."""
    said = {
        "document": description.document, "signatory": description.signatory, "parts": description.parts,
        "dated": description.dated.isoformat() if description.dated else None, "channel": description.channel,
    }
    return {name: value for name, value in said.items() if value and not (closed and name in _CLOSED)}
