"""The one table of domains: what a signature, digest or derivation was made for.

Nothing is signed, digested or encrypted without its domain in the bytes, so
that what was made for one purpose never passes for another, and nothing made in
an exercise passes for real. A purpose is written once, here, and never reused
or renamed: old signatures carry it.

Not in this table, because their formats are fixed by others and bind a purpose
in their own way: the log's notes and cosignatures (their origin names the
mode) and the wrapping of a key share (the composite KEM label, see `wrapping`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cordiale.model.mode import Mode


class Purpose(StrEnum):
    """What something is signed, digested or encrypted for."""

    # Signed objects.
    PARTY_ROOT = "party-root"
    NODE_STATEMENT = "node-statement"
    AGREEMENT_TEXT = "agreement-text"
    AGREEMENT_PROFILE = "agreement-profile"
    MESSAGE = "message"
    ACT = "act"
    APPROVAL = "approval"
    CONSIGNMENT_RECORD = "consignment-record"
    REQUEST = "request"
    # Digests and commitments.
    ROOT_FINGERPRINT = "root-fingerprint"
    CONTENT_COMMITMENT = "content-commitment"
    RECORD_COMMITMENT = "record-commitment"
    DEPOSIT_DIGEST = "deposit-digest"
    KEY_FINGERPRINT = "key-fingerprint"
    PEOPLE_PROPOSAL = "people-proposal"
    INVENTORY = "inventory"
    REPRODUCTION = "reproduction"
    LABEL_PROPOSAL = "label-proposal"
    RECORD_LIST = "record-list"
    BATCH_CHAIN = "batch-chain"
    BATCH_COMMITMENT = "batch-commitment"
    # The desk: what a passkey and a provider sign for an act, and what people compare and bring with them.
    PASSKEY_ACT = "passkey-act"
    PASSKEY_USER = "passkey-user"
    PROVIDER_ACT = "provider-act"
    INVITATION_CODE = "invitation-code"
    CREDENTIAL_FINGERPRINT = "credential-fingerprint"
    # Authentication of what only the node itself reads again.
    ANCHOR = "anchor"
    # Encryption and derivation.
    DEPOSIT_SALT = "deposit-salt"
    KEY_WRAP = "key-wrap"
    VAULT = "vault"
    PASSPHRASE = "passphrase"  # noqa: S105 - a purpose, not a password
    # The bag: what its files are sealed with, and the digests of what lies there.
    BAG = "bag"
    BAG_FILE = "bag-file"


_VERSION: Final = 1


def domain(purpose: Purpose, mode: Mode) -> bytes:
    """Return the domain of `purpose` in `mode`, such as ``cordiale-real.vault/1``.

    No domain is the beginning of another, so that a domain followed by anything
    can be told apart from every other.
    """
    return f"cordiale-{mode.value}.{purpose.value}/{_VERSION}".encode("ascii")


def object_type(purpose: Purpose, mode: Mode) -> str:
    """Return the `typ` of a signed object for `purpose` in `mode`, such as ``cordiale-real.message+jws``."""
    return f"cordiale-{mode.value}.{purpose.value}+jws"
