"""The keys of a node, and the sealed form in which a vault keeps them.

Every secret is encrypted under the vault key, which itself is never on disk in
clear: it is opened with a credential that the service manager or a person hands
over when the node starts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.aead import KEY_SIZE_BYTES, generate_key
from cordiale.crypto.certificates import make_certificate, make_transport_key
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.signatures import Algorithm, PrivateKey, SigningPair
from cordiale.crypto.vaultbox import decrypt_secret, encrypt_secret
from cordiale.crypto.wrapping import WrappingKey
from cordiale.errors import Malformed, OutOfOrder, Undecidable
from cordiale.limits import VAULT_SIZE_BYTES_MAX, WORKING_KEYS_COUNT_MAX
from cordiale.model.mode import Mode
from cordiale.model.party import PublicPair
from cordiale.records.log.checkpoint import LogSigner

_CONTEXT: Final = b"node-keys"


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """What a node signs, unwraps and speaks with for a time: replaced together, by a statement that names them."""

    registry: SigningPair = field(repr=False)
    wrapping: WrappingKey = field(repr=False)
    transport_key: bytes = field(repr=False)
    transport_certificate: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """Every key of a node: sets of working keys, oldest first, of which one is in use, and those of its logs.

    Former sets are kept for ever: what was sealed by them and for them is still opened. A set newer than the one
    in use waits for the statement that names it. The keys of logs and witness stay: a log is known by them.
    """

    sets: tuple[WorkingKeys, ...] = field(repr=False)
    used: int
    log_ed25519: PrivateKey = field(repr=False)
    log_ml_dsa_44: PrivateKey = field(repr=False)
    witness_ed25519: PrivateKey = field(repr=False)
    witness_ml_dsa_44: PrivateKey = field(repr=False)
    anchor: bytes = field(repr=False)

    @property
    def in_use(self) -> WorkingKeys:
        """The set that signs and speaks."""
        return self.sets[self.used]

    @property
    def newest(self) -> WorkingKeys:
        """The set made last: in use, or waiting for the statement that names it."""
        return self.sets[-1]

    @property
    def registry(self) -> SigningPair:
        """The pair that signs records and messages."""
        return self.in_use.registry

    @property
    def wrapping(self) -> WrappingKey:
        """The key for which this node seals for itself."""
        return self.in_use.wrapping

    @property
    def transport_key(self) -> bytes:
        """The key of connections (PEM)."""
        return self.in_use.transport_key

    @property
    def transport_certificate(self) -> bytes:
        """The certificate that shows it (PEM)."""
        return self.in_use.transport_certificate

    def wrapping_for(self, kids: Collection[str]) -> WrappingKey:
        """Return the wrapping key that one of `kids` names, in use or not; the one in use where none is ours."""
        return next((one.wrapping for one in self.sets if one.wrapping.public.kid in kids), self.wrapping)

    def set_of(self, registry: PublicPair) -> int | None:
        """Return which set has the registry pair `registry`, None when none has."""
        for number, one in enumerate(self.sets):
            pair = one.registry.public
            if (pair.ed25519.raw, pair.ml_dsa_65.raw) == (registry.ed25519, registry.ml_dsa_65):
                return number
        return None

    def signer_of(self, origin: str) -> LogSigner:
        """Return the signer of the log `origin` of this node."""
        return LogSigner(origin, self.log_ed25519, self.log_ml_dsa_44)


def make_working_keys(node_id: str, valid_from: datetime) -> WorkingKeys:
    """Return a fresh set of working keys for the node `node_id`."""
    transport_key = make_transport_key()
    return WorkingKeys(
        registry=SigningPair.generate(),
        wrapping=WrappingKey.generate(),
        transport_key=transport_key,
        transport_certificate=make_certificate(transport_key, node_id=node_id, valid_from=valid_from),
    )


def make_node_keys(node_id: str, valid_from: datetime) -> NodeKeys:
    """Return fresh keys for the node `node_id`."""
    return NodeKeys(
        sets=(make_working_keys(node_id, valid_from),),
        used=0,
        log_ed25519=PrivateKey.generate(Algorithm.ED25519),
        log_ml_dsa_44=PrivateKey.generate(Algorithm.ML_DSA_44),
        witness_ed25519=PrivateKey.generate(Algorithm.ED25519),
        witness_ml_dsa_44=PrivateKey.generate(Algorithm.ML_DSA_44),
        anchor=generate_key(),
    )


def log_prefix(mode: Mode, party: str, node: str) -> str:
    """Return the beginning that the origins of all logs of a node share."""
    return f"cordiale/{mode.value}/{party.lower()}/{node}"


def log_origin(mode: Mode, party: str, node: str, log: str) -> str:
    """Return the origin of a log of a node: mode, party, node and log, so that none verifies as another."""
    return f"{log_prefix(mode, party, node)}/{log}"


def seal_node_keys(keys: NodeKeys, vault_key: bytes, mode: Mode) -> bytes:
    """Return `keys` encrypted under `vault_key`. Which set is in use, the statement in the books says."""
    secret: dict[str, Any] = {
        "anchor": encode_base64url(keys.anchor),
        "log_ed25519": encode_base64url(keys.log_ed25519.seed),
        "log_ml_dsa_44": encode_base64url(keys.log_ml_dsa_44.seed),
        "sets": [_encode_set(one) for one in keys.sets],
        "witness_ed25519": encode_base64url(keys.witness_ed25519.seed),
        "witness_ml_dsa_44": encode_base64url(keys.witness_ml_dsa_44.seed),
    }
    return encrypt_secret(
        vault_key, encode_canonical(secret), domain=domain(Purpose.VAULT, mode), context=_CONTEXT
    )


def _encode_set(one: WorkingKeys) -> dict[str, Json]:
    return {
        "registry": one.registry.encode_secret(),
        "transport_certificate": encode_base64url(one.transport_certificate),
        "transport_key": encode_base64url(one.transport_key),
        "wrapping": encode_base64url(one.wrapping.encode_secret()),
    }


def _parse_set(fields: Fields) -> WorkingKeys:
    one = WorkingKeys(
        registry=SigningPair.parse_secret(fields.value("registry")),
        wrapping=WrappingKey.parse_secret(fields.bytes_("wrapping")),
        transport_key=fields.bytes_("transport_key"),
        transport_certificate=fields.bytes_("transport_certificate"),
    )
    fields.end()
    return one


def open_node_keys(box: bytes, vault_key: bytes, mode: Mode) -> NodeKeys:
    """Return the keys in `box`, the first set in use; raises `Unverified` when `vault_key` does not open it."""
    secret = decrypt_secret(vault_key, box, domain=domain(Purpose.VAULT, mode), context=_CONTEXT)
    fields = Fields(parse_canonical(secret, size_max=VAULT_SIZE_BYTES_MAX), where="node keys")
    keys = NodeKeys(
        sets=tuple(map(_parse_set, fields.objects("sets", max_count=WORKING_KEYS_COUNT_MAX))),
        used=0,
        log_ed25519=PrivateKey.from_seed(Algorithm.ED25519, fields.bytes_("log_ed25519")),
        log_ml_dsa_44=PrivateKey.from_seed(Algorithm.ML_DSA_44, fields.bytes_("log_ml_dsa_44")),
        witness_ed25519=PrivateKey.from_seed(Algorithm.ED25519, fields.bytes_("witness_ed25519")),
        witness_ml_dsa_44=PrivateKey.from_seed(Algorithm.ML_DSA_44, fields.bytes_("witness_ml_dsa_44")),
        anchor=fields.bytes_("anchor", length=KEY_SIZE_BYTES),
    )
    fields.end()
    if not keys.sets:
        raise Malformed("vault.no-keys", "the vault holds no keys", hint="restore it from a backup")
    return keys


def with_new_set(keys: NodeKeys, made: WorkingKeys, *, in_use: PublicPair | None) -> NodeKeys:
    """Return `keys` with the set `made` added as the newest; `in_use` is the pair our statement names first.

    Raises `OutOfOrder` while a set made before still waits for its statement, and when there are too many.
    """
    if in_use is None or keys.set_of(in_use) != len(keys.sets) - 1:
        raise OutOfOrder(
            "keys.waiting", "the newest keys of this node are named by no statement that is installed here yet",
            hint="draft a statement with `cordiale node draft`, have it signed and install it",
        )
    if len(keys.sets) >= WORKING_KEYS_COUNT_MAX:
        raise OutOfOrder(
            "keys.too-many", "the vault holds {count} sets of keys and takes no more",
            hint="make a new node for this registry", count=len(keys.sets),
        )
    return replace(keys, sets=(*keys.sets, made))


def using(keys: NodeKeys, registry: PublicPair | None) -> NodeKeys:
    """Return `keys` with the set in use that has `registry`, the pair our statement names first.

    A node without a statement uses its only set. Raises `Undecidable` when the vault does not hold the pair.
    """
    used = 0 if registry is None else keys.set_of(registry)
    if used is None:
        raise Undecidable(
            "keys.not-in-vault", "the statement in the books names keys that the vault of this node does not hold",
            hint="books and vault are not of the same node or backup: restore both from one backup",
        )
    return replace(keys, used=used)
