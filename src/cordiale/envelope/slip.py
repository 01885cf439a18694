"""The slip of a consignment: the number it has in the sender's book of dispatches, for the recipient alone.

The courier's paper and the pouch bear this number, so whoever counts must be able
to read it; on the outside it stands nowhere, because a number that counts what was
sent tells how much there is. The text is canonical JSON, filled up so that every
slip has the same length, and encrypted with AES-256-GCM under a key derived from
one that is wrapped for the recipient's node.

The wrapping is slow and needs no number: it is prepared before the act, and the
number is sealed under it in the act that takes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, encode_canonical, parse_canonical
from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES, decrypt, derive, encrypt, generate_key
from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES, KeyAgreement
from cordiale.envelope.parts import Part, part_domain
from cordiale.errors import Malformed, Unverified
from cordiale.limits import CONSIGNMENT_SLIP_SIZE_BYTES, IDENTIFIER_LENGTH_MAX
from cordiale.model.mode import Mode
from cordiale.model.spelling import is_line

SLIP_FORM: Final = "cordiale-slip-1"
_FILLED_SIZE_BYTES: Final = CONSIGNMENT_SLIP_SIZE_BYTES - WRAPPED_SHARE_SIZE_BYTES - OVERHEAD_SIZE_BYTES
_LENGTH_SIZE_BYTES: Final = 2
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True, repr=False)
class SlipKey:
    """A fresh key, and the same key wrapped for the recipient's node."""

    key: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        return "SlipKey(…)"


def make_slip_key(agreed: KeyAgreement) -> SlipKey:
    """Return a fresh key wrapped under what was agreed with the recipient's node."""
    key = generate_key()
    return SlipKey(key, agreed.wrap(key))


def seal_slip(number: str, *, consignment: str, slip_key: SlipKey, mode: Mode) -> bytes:
    """Seal the `number` of `consignment` under `slip_key`. Raises `Malformed` when it is too long."""
    content = encode_canonical({"consignment": consignment, "form": SLIP_FORM, "number": number})
    filled = len(content).to_bytes(_LENGTH_SIZE_BYTES, "big") + content
    if len(filled) > _FILLED_SIZE_BYTES:
        raise Malformed("slip.size", "the number of the consignment is too long", hint="report this as a defect")
    filled += bytes(_FILLED_SIZE_BYTES - len(filled))
    return slip_key.wrapped + encrypt(derive(slip_key.key, part_domain(Part.SLIP, mode)), filled)


def open_slip(sealed: bytes, *, consignment: str, unwrap: Callable[[bytes], bytes], mode: Mode) -> str:
    """Return the number in a slip of `consignment`; `unwrap` gives the key that was wrapped for this node.

    Raises `Unverified` for another key or consignment, `Malformed` for another form.
    """
    if len(sealed) != CONSIGNMENT_SLIP_SIZE_BYTES:
        raise Malformed("slip.form", "the slip of the consignment is not of the form", hint=_RESEND)
    key = unwrap(sealed[:WRAPPED_SHARE_SIZE_BYTES])
    filled = decrypt(derive(key, part_domain(Part.SLIP, mode)), sealed[WRAPPED_SHARE_SIZE_BYTES:])
    size = int.from_bytes(filled[:_LENGTH_SIZE_BYTES], "big")
    content, filling = filled[_LENGTH_SIZE_BYTES:][:size], filled[_LENGTH_SIZE_BYTES + size:]
    if len(content) != size or any(filling):
        raise Malformed("slip.form", "the slip of the consignment is not of the form", hint=_RESEND)
    fields = Fields(parse_canonical(content, size_max=_FILLED_SIZE_BYTES), where="slip of the consignment")
    fields.constant("form", SLIP_FORM)
    named = fields.text("consignment", max_length=IDENTIFIER_LENGTH_MAX)
    number = fields.text("number", max_length=IDENTIFIER_LENGTH_MAX)
    fields.end()
    if named != consignment:
        raise Unverified("slip.other", "the slip is that of another consignment", hint=_RESEND)
    if not is_line(number):
        raise Malformed("slip.line", "the number on the slip is not one plain line", hint=_RESEND)
    return number
