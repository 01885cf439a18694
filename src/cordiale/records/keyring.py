"""The keys of a node, and the sealed form in which a vault keeps them.

Every secret is encrypted under the vault key, which itself is never on disk in
clear: it is opened with a credential that the service manager or a person hands
over when the node starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import Fields, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.aead import KEY_SIZE_BYTES, generate_key
from cordiale.crypto.certificates import make_certificate, make_transport_key
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.signatures import Algorithm, PrivateKey, SigningPair
from cordiale.crypto.vaultbox import decrypt_secret, encrypt_secret
from cordiale.crypto.wrapping import WrappingKey
from cordiale.limits import STATEMENT_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.records.log.checkpoint import LogSigner

_CONTEXT: Final = b"node-keys"


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """Everything a node signs, unwraps and speaks with."""

    registry: SigningPair = field(repr=False)
    wrapping: WrappingKey = field(repr=False)
    log_ed25519: PrivateKey = field(repr=False)
    log_ml_dsa_44: PrivateKey = field(repr=False)
    witness_ed25519: PrivateKey = field(repr=False)
    witness_ml_dsa_44: PrivateKey = field(repr=False)
    transport_key: bytes = field(repr=False)
    transport_certificate: bytes = field(repr=False)
    anchor: bytes = field(repr=False)

    def signer_of(self, origin: str) -> LogSigner:
        """Return the signer of the log `origin` of this node."""
        return LogSigner(origin, self.log_ed25519, self.log_ml_dsa_44)


def make_node_keys(node_id: str, valid_from: datetime) -> NodeKeys:
    """Return fresh keys for the node `node_id`."""
    transport_key = make_transport_key()
    return NodeKeys(
        registry=SigningPair.generate(),
        wrapping=WrappingKey.generate(),
        log_ed25519=PrivateKey.generate(Algorithm.ED25519),
        log_ml_dsa_44=PrivateKey.generate(Algorithm.ML_DSA_44),
        witness_ed25519=PrivateKey.generate(Algorithm.ED25519),
        witness_ml_dsa_44=PrivateKey.generate(Algorithm.ML_DSA_44),
        transport_key=transport_key,
        transport_certificate=make_certificate(transport_key, node_id=node_id, valid_from=valid_from),
        anchor=generate_key(),
    )


def log_prefix(mode: Mode, party: str, node: str) -> str:
    """Return the beginning that the origins of all logs of a node share."""
    return f"cordiale/{mode.value}/{party.lower()}/{node}"


def log_origin(mode: Mode, party: str, node: str, log: str) -> str:
    """Return the origin of a log of a node: mode, party, node and log, so that none verifies as another."""
    return f"{log_prefix(mode, party, node)}/{log}"


def seal_node_keys(keys: NodeKeys, vault_key: bytes, mode: Mode) -> bytes:
    """Return `keys` encrypted under `vault_key`."""
    secret: dict[str, Any] = {
        "anchor": encode_base64url(keys.anchor),
        "log_ed25519": encode_base64url(keys.log_ed25519.seed),
        "log_ml_dsa_44": encode_base64url(keys.log_ml_dsa_44.seed),
        "registry": keys.registry.encode_secret(),
        "transport_certificate": encode_base64url(keys.transport_certificate),
        "transport_key": encode_base64url(keys.transport_key),
        "witness_ed25519": encode_base64url(keys.witness_ed25519.seed),
        "witness_ml_dsa_44": encode_base64url(keys.witness_ml_dsa_44.seed),
        "wrapping": encode_base64url(keys.wrapping.encode_secret()),
    }
    return encrypt_secret(
        vault_key, encode_canonical(secret), domain=domain(Purpose.VAULT, mode), context=_CONTEXT
    )


def open_node_keys(box: bytes, vault_key: bytes, mode: Mode) -> NodeKeys:
    """Return the keys in `box`; raises `Unverified` when `vault_key` does not open it."""
    secret = decrypt_secret(vault_key, box, domain=domain(Purpose.VAULT, mode), context=_CONTEXT)
    fields = Fields(parse_canonical(secret, size_max=STATEMENT_SIZE_BYTES_MAX), where="node keys")
    keys = NodeKeys(
        registry=SigningPair.parse_secret(fields.value("registry")),
        wrapping=WrappingKey.parse_secret(fields.bytes_("wrapping")),
        log_ed25519=PrivateKey.from_seed(Algorithm.ED25519, fields.bytes_("log_ed25519")),
        log_ml_dsa_44=PrivateKey.from_seed(Algorithm.ML_DSA_44, fields.bytes_("log_ml_dsa_44")),
        witness_ed25519=PrivateKey.from_seed(Algorithm.ED25519, fields.bytes_("witness_ed25519")),
        witness_ml_dsa_44=PrivateKey.from_seed(Algorithm.ML_DSA_44, fields.bytes_("witness_ml_dsa_44")),
        transport_key=fields.bytes_("transport_key"),
        transport_certificate=fields.bytes_("transport_certificate"),
        anchor=fields.bytes_("anchor", length=KEY_SIZE_BYTES),
    )
    fields.end()
    return keys
