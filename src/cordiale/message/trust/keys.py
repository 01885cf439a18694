"""Keys as roots and statements name them, and the keys that `cordiale.crypto` verifies with."""

from __future__ import annotations

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.crypto.signatures import PUBLIC_KEY_SIZES_BYTES, Algorithm, PublicKey, VerifyingPair
from cordiale.crypto.wrapping import WrappingPublicKey
from cordiale.errors import Malformed, Undecidable
from cordiale.message.members import NamedPost
from cordiale.model.party import LogKeys, NodeStatement, PublicPair, WitnessKeys, WrappingPublic

_ASK: str = "ask the other party for a statement that names the key"


def public_pair(pair: VerifyingPair) -> PublicPair:
    """Return `pair` as roots and statements name it."""
    return PublicPair(pair.ed25519.raw, pair.ml_dsa_65.raw)


def verifying_pair(pair: PublicPair) -> VerifyingPair:
    """Return the keys of `pair` to verify with. Raises `Malformed` for bytes that are no keys."""
    return VerifyingPair(
        PublicKey(Algorithm.ED25519, pair.ed25519), PublicKey(Algorithm.ML_DSA_65, pair.ml_dsa_65)
    )


def wrapping_public(key: WrappingPublicKey) -> WrappingPublic:
    """Return `key` as a statement names it."""
    return WrappingPublic(key.kid, key.raw)


def wrapping_key_of(statement: NodeStatement) -> WrappingPublicKey:
    """Return the key to wrap content keys to for the node. Raises `Malformed` for bytes that are no key."""
    return WrappingPublicKey(statement.wrapping_key.public)


def registry_keys_of(statement: NodeStatement) -> tuple[VerifyingPair, ...]:
    """Return the keys that may sign the node's messages, the one in use first."""
    return tuple(map(verifying_pair, statement.registry_keys))


def authority_key_of(statement: NodeStatement, authority: NamedPost) -> VerifyingPair:
    """Return the key of `authority`, by name and post. Raises `Undecidable` when the statement names no such."""
    for listed in statement.authorities:
        if (listed.name, listed.post) == (authority.name, authority.post):
            return verifying_pair(listed.keys)
    raise Undecidable(
        "trust.authority-unknown", "the statement of {party}/{node} names no such authority",
        hint=_ASK, party=statement.party, node=statement.node,
    )


def log_keys_of(statement: NodeStatement, origin: str) -> LogKeys:
    """Return the keys that sign the heads of the log `origin`: those of the longest prefix that fits.

    Raises `Undecidable` when the statement names none: the log may exist, but not under this statement.
    """
    fitting = [
        keys for keys in statement.log_keys
        if origin == keys.origin_prefix or origin.startswith(keys.origin_prefix + "/")
    ]
    if not fitting:
        raise Undecidable(
            "trust.log-unknown", "the statement of {party}/{node} names no key for the log `{origin}`",
            hint=_ASK, party=statement.party, node=statement.node, origin=origin[:80],
        )
    return max(fitting, key=lambda keys: len(keys.origin_prefix))


def encode_pair(pair: PublicPair) -> dict[str, Json]:
    """Return `pair` as a JSON object, its members named by algorithm."""
    return verifying_pair(pair).encode()


def parse_pair(fields: Fields) -> PublicPair:
    """Read what `encode_pair` wrote. Raises `Malformed`, for a weak key too."""
    pair = PublicPair(_read_key(fields, Algorithm.ED25519), _read_key(fields, Algorithm.ML_DSA_65))
    verifying_pair(pair)
    return pair


def encode_wrapping(key: WrappingPublic) -> dict[str, Json]:
    """Return `key` as a JSON object."""
    return {"kid": key.kid, "public": encode_base64url(key.public)}


def parse_wrapping(fields: Fields) -> WrappingPublic:
    """Read what `encode_wrapping` wrote. Raises `Malformed`, also when the name is not the key's own."""
    found = wrapping_public(WrappingPublicKey(fields.bytes_("public")))
    if fields.text("kid") != found.kid:
        raise Malformed("trust.wrapping-kid", "the wrapping key is not the one its name says",
                        hint="ask the key officers of the party to make the statement again")
    return found


def encode_tree_keys(keys: LogKeys | WitnessKeys) -> dict[str, Json]:
    """Return the keys of a log or a witness as a JSON object."""
    named: dict[str, Json] = (
        {"origin_prefix": keys.origin_prefix} if isinstance(keys, LogKeys) else {"name": keys.name}
    )
    for algorithm, raw in ((Algorithm.ED25519, keys.ed25519), (Algorithm.ML_DSA_44, keys.ml_dsa_44)):
        named[algorithm.value] = encode_base64url(PublicKey(algorithm, raw).raw)
    return named


def parse_log_keys(fields: Fields) -> LogKeys:
    """Read what `encode_tree_keys` wrote of a log. Raises `Malformed`."""
    return LogKeys(
        fields.text("origin_prefix"), _read_key(fields, Algorithm.ED25519), _read_key(fields, Algorithm.ML_DSA_44)
    )


def parse_witness_keys(fields: Fields) -> WitnessKeys:
    """Read what `encode_tree_keys` wrote of a witness. Raises `Malformed`."""
    return WitnessKeys(
        fields.text("name"), _read_key(fields, Algorithm.ED25519), _read_key(fields, Algorithm.ML_DSA_44)
    )


def _read_key(fields: Fields, algorithm: Algorithm) -> bytes:
    raw = fields.bytes_(algorithm.value, length=PUBLIC_KEY_SIZES_BYTES[algorithm])
    return PublicKey(algorithm, raw).raw
