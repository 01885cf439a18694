"""What the books keep of cosigning: how far a partner has cosigned our logs, and how far we have cosigned theirs.

A *witness* cosigns the head of somebody else's log once it has seen that the log only grew since it cosigned last
(C2SP tlog-witness). Both stand in the internal log: an entry in the log that is cosigned would have to be cosigned.
"""

from __future__ import annotations

from typing import Final

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.crypto.signatures import Algorithm, PublicKey
from cordiale.model.party import NodeStatement
from cordiale.records.keyring import NodeKeys, log_origin
from cordiale.records.log.checkpoint import Cosigner
from cordiale.records.log.note import NoteKey, SignatureType
from cordiale.records.log.witness import WitnessRecord
from cordiale.records.record import Record
from cordiale.records.registry import Registry

COSIGNED: Final = "cosigned"
"""A log of ours and a partner: what was shown to it last, and the newest head with its cosignatures."""
WITNESSED: Final = "witnessed"
"""A partner's log by its origin: the newest head of it that we cosigned, and what it showed against that."""


def cosigned_id(log: str, party: str) -> str:
    """Return the name of what is kept of `party` cosigning our log `log`."""
    return f"{log}/{party}"


def cosigner(registry: Registry) -> Cosigner:
    """Return what this node cosigns the logs of others with."""
    keys: NodeKeys = registry.keys
    name = log_origin(registry.mode, registry.party, registry.node, "witness")
    return Cosigner(name, keys.witness_ed25519, keys.witness_ml_dsa_44)


def witness_keys(partner: NodeStatement) -> tuple[NoteKey, NoteKey]:
    """Return the keys that `partner` cosigns with, as its statement names them."""
    keys = partner.witness
    return (
        NoteKey(keys.name, SignatureType.ED25519_COSIGNATURE, PublicKey(Algorithm.ED25519, keys.ed25519)),
        NoteKey(keys.name, SignatureType.ML_DSA_44_COSIGNATURE, PublicKey(Algorithm.ML_DSA_44, keys.ml_dsa_44)),
    )


def open_witnessed(record: Record | None) -> WitnessRecord | None:
    """Return what we cosigned last, None where nothing was."""
    if record is None or "note" not in record.body:
        return None
    return WitnessRecord(
        record.id, record["size"], bytes.fromhex(record["root"]), parse_base64url(record["note"])
    )


def keep_witnessed(head: WitnessRecord) -> dict[str, object]:
    """Return the members that keep `head`."""
    return {"note": encode_base64url(head.note), "root": head.root.hex(), "size": head.size}
