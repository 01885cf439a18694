"""``acknowledgement``: the node has taken exactly these bytes, and says where in its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_instant
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import LogIndex, read_digest, without_absent


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """`message_digest` is of the exact bytes taken; `log` is the entry of the act, None in a log of its own."""

    message_digest: bytes
    taken_at: datetime
    log: LogIndex | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("message_digest", encode_base64url(self.message_digest)),
            ("taken_at", encode_instant(self.taken_at)),
            ("log", self.log.encode() if self.log else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Acknowledgement:
        """Read what `encode` wrote. Raises `Malformed`."""
        log = fields.optional_object("log")
        return cls(
            message_digest=read_digest(fields, "message_digest"), taken_at=fields.instant("taken_at"),
            log=LogIndex.parse(log) if log else None,
        )


TYPE: Final = BodyType(
    name="acknowledgement", cls=Acknowledgement, parse=Acknowledgement.parse, scope=Scope.NODE, reply=Reply.MUST,
    needs_agreement=False, members=("message_digest", "taken_at", "log.origin", "log.index"),
)
