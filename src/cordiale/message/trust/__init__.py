"""Trust between parties: roots, node statements, and the keys they name.

Nothing is trusted because it came: a root is compared by two people over
another channel (`require_fingerprint`), a statement verifies against the root,
and everything else against the statement. All of it is pure; the time comes in
as a parameter.
"""

from cordiale.message.trust.keys import (
    authority_key_of,
    log_keys_of,
    public_pair,
    registry_keys_of,
    verifying_pair,
    wrapping_key_of,
    wrapping_public,
)
from cordiale.message.trust.root import (
    add_root_signature,
    encode_root,
    fingerprint,
    follow_rotations,
    read_unverified_root,
    require_fingerprint,
    sign_root,
    verify_root,
    verify_rotation,
)
from cordiale.message.trust.statement import (
    add_signature,
    count_unverified_signatures,
    encode_statement,
    read_unverified_statement,
    require_current,
    sign_statement,
    verify_statement,
)

__all__ = [
    "add_root_signature",
    "add_signature",
    "authority_key_of",
    "count_unverified_signatures",
    "encode_root",
    "encode_statement",
    "fingerprint",
    "follow_rotations",
    "log_keys_of",
    "public_pair",
    "read_unverified_root",
    "read_unverified_statement",
    "registry_keys_of",
    "require_current",
    "require_fingerprint",
    "sign_root",
    "sign_statement",
    "verify_root",
    "verify_rotation",
    "verify_statement",
    "verifying_pair",
    "wrapping_key_of",
    "wrapping_public",
]
