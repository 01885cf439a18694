"""``agreement-signature``: a competent authority's signature of an implementing profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import NamedPost, read_digest


@dataclass(frozen=True, slots=True)
class AgreementSignature:
    """`signed` is the signed profile as a JWS, its payload included: whoever holds it can verify it alone.

    `authority` is who signed, as the sender's node statement names them. The signature is verified against
    that statement's key for the authority, not against the registry key that signed the message.
    """

    profile_digest: bytes
    authority: NamedPost
    signed: str

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "profile_digest": encode_base64url(self.profile_digest), "authority": self.authority.encode(),
            "signed": self.signed,
        }

    @classmethod
    def parse(cls, fields: Fields) -> AgreementSignature:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            profile_digest=read_digest(fields, "profile_digest"),
            authority=NamedPost.parse(fields.object("authority")),
            signed=fields.text("signed", max_length=MESSAGE_SIZE_BYTES_MAX),
        )


TYPE: Final = BodyType(
    name="agreement-signature", cls=AgreementSignature, parse=AgreementSignature.parse, scope=Scope.ACCORD,
    members=("profile_digest", "authority.name", "authority.post", "signed"),
)
