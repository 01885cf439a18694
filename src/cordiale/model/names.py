"""Identifiers, each a type of its own, and the one form each of them has.

Identifiers are global, never reused, and carry no meaning that could leak: a
local row number never crosses to a partner.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from cordiale.errors import Malformed

PartyId = NewType("PartyId", str)
NodeId = NewType("NodeId", str)
AgreementId = NewType("AgreementId", str)
PersonId = NewType("PersonId", str)
ItemId = NewType("ItemId", str)
CopyId = NewType("CopyId", str)
ConsignmentId = NewType("ConsignmentId", str)
MessageId = NewType("MessageId", str)
ActId = NewType("ActId", str)
ConsentId = NewType("ConsentId", str)

_PARTY: Final = re.compile(r"[A-Z][A-Z0-9]{1,11}\Z", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,126}[a-z0-9])?\Z", re.ASCII)


def parse_party_id(text: str) -> PartyId:
    """Return `text` as a party code such as ``JPN``; raises `Malformed`."""
    if not _PARTY.match(text):
        raise Malformed(
            "name.party", "`{value}` is not a party code", hint="use 2 to 12 capital letters or digits, e.g. JPN",
            value=text[:40],
        )
    return PartyId(text)


def is_party(text: str) -> bool:
    """Tell whether `text` is written as the code of a party is."""
    return _PARTY.match(text) is not None


def require_made_by(party: str, id: str) -> str:
    """Return `id` when it is an identifier that a node of `party` makes; raises `Malformed`.

    It begins with the party in lower case and a dot, so that no party takes, or asks for, what another has named.
    """
    if not id.startswith(f"{party.lower()}."):
        raise Malformed(
            "name.identifier", "`{value}` is not a valid {what}",
            hint="ask the partner to ask again under a new one", value=id[:40], what="identifier",
        )
    return id


def parse_identifier(text: str, what: str = "identifier") -> str:
    """Return `text` when it has the form of an identifier; raises `Malformed`.

    Lower-case ASCII letters, digits, dots and hyphens; it begins and ends with a letter or a digit; at
    most 128 characters.
    """
    if not _IDENTIFIER.match(text):
        raise Malformed(
            "name.identifier", "`{value}` is not a valid {what}",
            hint="use lower-case letters, digits, dots and hyphens", value=text[:40], what=what,
        )
    return text
