"""``agreement-proposal``: the text and the implementing profile, put before the other party for signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.errors import Malformed
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import optional_line, read_digest, without_absent


@dataclass(frozen=True, slots=True)
class AgreementProposal:
    """The canonical bytes of both layers, each with its digest in the agreement's own domain.

    The profile's version is the message's `agreement_version`. The digests are compared with the contents
    where both layers are read (`cordiale.accord`): only there is their domain known.
    """

    text: bytes
    text_digest: bytes
    profile: bytes
    profile_digest: bytes
    note: str = ""

    def __post_init__(self) -> None:
        if not self.text or not self.profile or len(self.text) + len(self.profile) > AGREEMENT_SIZE_BYTES_MAX:
            raise Malformed(
                "agreement-proposal.size", "the text and the profile together must have 1 to {size_max} bytes",
                hint="shorten the text, or agree on its digest only", size_max=AGREEMENT_SIZE_BYTES_MAX,
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("text", _encode_layer(self.text, self.text_digest)),
            ("profile", _encode_layer(self.profile, self.profile_digest)),
            ("note", self.note),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> AgreementProposal:
        """Read what `encode` wrote. Raises `Malformed`."""
        text, profile = fields.object("text"), fields.object("profile")
        return cls(
            text=text.bytes_("content"), text_digest=read_digest(text, "digest"),
            profile=profile.bytes_("content"), profile_digest=read_digest(profile, "digest"),
            note=optional_line(fields, "note"),
        )


def _encode_layer(content: bytes, digest: bytes) -> dict[str, Json]:
    return {"content": encode_base64url(content), "digest": encode_base64url(digest)}


TYPE: Final = BodyType(
    name="agreement-proposal", cls=AgreementProposal, parse=AgreementProposal.parse, scope=Scope.ACCORD,
    members=("text.content", "text.digest", "profile.content", "profile.digest", "note"),
)
