"""``cosignature``: the answer to a ``checkpoint``: the head that the sender has cosigned last, signed by both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.errors import Malformed
from cordiale.limits import NOTE_SIZE_BYTES_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope


@dataclass(frozen=True, slots=True)
class Cosignature:
    """`note` is the signed note of a head of the recipient's own log, cosigned by the sender's witness keys.

    It is the head that was shown or, where the sender had cosigned a later one before, that one. Nothing in it is
    verified here.
    """

    note: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.note) <= NOTE_SIZE_BYTES_MAX:
            raise Malformed(
                "checkpoint.size", "a checkpoint has 1 to {size_max} bytes",
                hint="ask the partner to show it again", size_max=NOTE_SIZE_BYTES_MAX,
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"note": encode_base64url(self.note)}

    @classmethod
    def parse(cls, fields: Fields) -> Cosignature:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(note=fields.bytes_("note"))


TYPE: Final = BodyType(
    name="cosignature", cls=Cosignature, parse=Cosignature.parse, scope=Scope.NODE, reply=Reply.MUST,
    members=("note",),
)
