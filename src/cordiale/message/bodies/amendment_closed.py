"""``amendment-closed``: a changed profile that was proposed is declined, or taken back; what is in effect stays so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import optional_line, read_digest, read_version, without_absent


@dataclass(frozen=True, slots=True)
class AmendmentClosed:
    """Version `version` with `profile_digest` is signed by the sender neither now nor later."""

    version: int
    profile_digest: bytes
    reason: str = ""

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("version", self.version),
            ("profile_digest", encode_base64url(self.profile_digest)),
            ("reason", self.reason),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> AmendmentClosed:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            version=read_version(fields, "version"), profile_digest=read_digest(fields, "profile_digest"),
            reason=optional_line(fields, "reason"),
        )


TYPE: Final = BodyType(
    name="amendment-closed", cls=AmendmentClosed, parse=AmendmentClosed.parse, scope=Scope.ACCORD,
    members=("version", "profile_digest", "reason"),
)
