"""``checkpoint``: a signed head of the sender's log, to be cosigned, with the proof that the log only grew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import INTEGER_MAX, Fields, Json, encode_base64url
from cordiale.errors import Malformed
from cordiale.limits import LOG_PROOF_HASHES_COUNT_MAX, NOTE_SIZE_BYTES_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_hashes


@dataclass(frozen=True, slots=True)
class CheckpointShown:
    """`note` is the signed note by the log's own keys; `old_size` is the size that the recipient cosigned last.

    What C2SP tlog-witness sends to ``add-checkpoint``. Nothing in the note is verified here: the log's own
    signatures are (`cordiale.records.log`).
    """

    note: bytes
    old_size: int
    proof: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.note) <= NOTE_SIZE_BYTES_MAX:
            raise Malformed(
                "checkpoint.size", "a checkpoint has 1 to {size_max} bytes",
                hint="ask the partner to show it again", size_max=NOTE_SIZE_BYTES_MAX,
            )
        if (self.old_size == 0 and self.proof) or len(self.proof) > LOG_PROOF_HASHES_COUNT_MAX:
            raise Malformed(
                "checkpoint.proof", "the proof has more hashes than it can need",
                hint="ask the partner to show it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "note": encode_base64url(self.note), "old_size": self.old_size,
            "proof": [encode_base64url(one) for one in self.proof],
        }

    @classmethod
    def parse(cls, fields: Fields) -> CheckpointShown:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            note=fields.bytes_("note"), old_size=fields.integer("old_size", 0, INTEGER_MAX),
            proof=read_hashes(fields, "proof", max_count=LOG_PROOF_HASHES_COUNT_MAX),
        )


TYPE: Final = BodyType(
    name="checkpoint", cls=CheckpointShown, parse=CheckpointShown.parse, scope=Scope.NODE,
    members=("note", "old_size", "proof[]"),
)
