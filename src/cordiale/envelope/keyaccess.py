"""Who may open an envelope: the policy and the wrapped content key, made and checked.

One key share, the content key itself, wrapped for the recipient's node with
P-384 and ML-KEM-1024 (suite 1). The policy names that node and nothing else:
who may read is decided by the agreement and the national rules when a key is
asked for, never by what stands in an envelope.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.crypto.aead import hmac_sha256, is_equal
from cordiale.crypto.digests import make_salt
from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES, KeyAgreement, WrappingPublicKey
from cordiale.envelope.manifest import KeyAccess
from cordiale.envelope.plainjson import encode_base64, encode_plain_json, parse_base64, parse_plain_json
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.limits import POLICY_LENGTH_MAX
from cordiale.model.names import NodeId

WRAPPING_KIND: Final = "hybrid-wrapped"
_UUID_LENGTH: Final = 36
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class KeyRecipient:
    """The node an item is sealed for: its keys door, and its wrapping key from its node statement.

    `agreed` is one with the owner of that key, for items that are sealed in one act; None for one of the item's own.
    """

    node: NodeId
    url: str
    wrapping_key: WrappingPublicKey
    agreed: KeyAgreement | None = field(default=None, repr=False, compare=False)


def make_policy(node: NodeId) -> str:
    """Return a fresh policy for `node`, as the base64 text that stands in a manifest."""
    body: dict[str, Json] = {"dataAttributes": [], "dissem": [node]}
    return encode_base64(encode_plain_json({"uuid": str(uuid.UUID(bytes=make_salt()[:16], version=4)), "body": body}))


def require_policy_for(policy: str, node: NodeId) -> str:
    """Return `policy` when it names `node` alone and asks for nothing else.

    Raises `Malformed` for another form and `Unverified` for another node.
    """
    content = parse_base64(policy, where="policy")
    value = parse_plain_json(content, size_max=POLICY_LENGTH_MAX, where="policy")
    fields = Fields(value, where="policy of the sealed item")
    fields.text("uuid", min_length=_UUID_LENGTH, max_length=_UUID_LENGTH)
    body = fields.object("body")
    body.array("dataAttributes", max_count=0)
    named = body.texts("dissem", max_count=1)
    fields.end()
    if named != (node,):
        raise Unverified(
            "envelope.policy-node", "the sealed item is meant for another node",
            hint="pass it on unopened to the registry it is addressed to, or return it",
        )
    return policy


def wrap_content_key(content_key: bytes, recipient: KeyRecipient, *, policy: str) -> KeyAccess:
    """Wrap `content_key` for `recipient` and bind it to `policy`."""
    agreed = recipient.agreed
    if agreed is None or agreed.public != recipient.wrapping_key:
        agreed = KeyAgreement(recipient.wrapping_key)
    return KeyAccess(
        kind=WRAPPING_KIND,
        url=recipient.url,
        kid=recipient.wrapping_key.kid,
        wrapped_key=agreed.wrap(content_key),
        policy_binding=hmac_sha256(content_key, policy.encode("ascii")),
    )


def require_suite(key_access: tuple[KeyAccess, ...]) -> tuple[KeyAccess, ...]:
    """Return `key_access` when every key in it is wrapped as suite 1 asks.

    Raises `Malformed` otherwise: a weaker wrapping beside a strong one would
    take its strength away.
    """
    for access in key_access:
        if access.kind != WRAPPING_KIND or len(access.wrapped_key) != WRAPPED_SHARE_SIZE_BYTES or not access.kid:
            raise Malformed(
                "envelope.wrapping", "the content key is wrapped in another way than was agreed",
                hint="ask the sender which suite it uses; the agreement names those accepted",
            )
    if len({access.kid for access in key_access}) != len(key_access):
        raise Malformed(
            "envelope.wrapping-twice", "the content key is wrapped twice for one key", hint=_RESEND
        )
    return key_access


def find_wrapped_key(key_access: tuple[KeyAccess, ...], kid: str) -> bytes:
    """Return the wrapped content key for the wrapping key `kid`, for the vault to unwrap.

    Raises `Undecidable` when the item was not sealed for that key.
    """
    for access in key_access:
        if access.kid == kid:
            return access.wrapped_key
    raise Undecidable(
        "envelope.no-key-for", "the sealed item is not sealed for this key",
        hint="look for an older wrapping key of this node, or ask the sender to seal it again",
    )


def verify_policy_binding(key_access: tuple[KeyAccess, ...], *, content_key: bytes, policy: str) -> None:
    """Check that every key in `key_access` is bound to `policy`. Raises `Unverified` otherwise."""
    expected = hmac_sha256(content_key, policy.encode("ascii"))
    for access in key_access:
        if not is_equal(access.policy_binding, expected):
            raise Unverified(
                "envelope.policy-binding", "the wrapped key is not bound to the policy of the sealed item",
                hint="ask the sender to send it again; if it fails again, report it as an incident",
            )
