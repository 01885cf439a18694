"""Every maximum, in one place, each with its unit.

A limit is a promise to whoever sends us bytes: beyond it they are refused
before they are read. Names end in the unit and `_max` or `_min`.
"""

from __future__ import annotations

from typing import Final

# Envelope (reference: TDF 4.3.0; segments of 2 MiB).
SEGMENT_SIZE_BYTES: Final = 2 * 1024 * 1024
CONTENT_SIZE_BYTES_MAX: Final = 10 * 1024**3
MANIFEST_SIZE_BYTES_MAX: Final = 10 * 1024**2
CONSIGNMENT_ITEMS_MAX: Final = 1_000

# Messages and signed objects.
JSON_DEPTH_MAX: Final = 32
MESSAGE_SIZE_BYTES_MAX: Final = 8 * 1024**2
SIGNATURES_COUNT_MAX: Final = 32
STATEMENT_SIZE_BYTES_MAX: Final = 256 * 1024
IDENTIFIER_LENGTH_MAX: Final = 128
SHORT_TEXT_LENGTH_MAX: Final = 500

# Log (C2SP tlog-tiles, signed-note).
LOG_ENTRY_SIZE_BYTES_MAX: Final = 65_535
NOTE_SIZE_BYTES_MAX: Final = 64 * 1024
NOTE_SIGNATURES_COUNT_MAX: Final = 16

# Labels and agreements.
LABEL_SIZE_BYTES_MAX: Final = 64 * 1024
AGREEMENT_SIZE_BYTES_MAX: Final = 4 * 1024**2

# Clock.
CLOCK_JUMP_SECONDS_MAX: Final = 3_600
REQUEST_SKEW_SECONDS_MAX: Final = 300

# Doors.
CONTROL_BODY_SIZE_BYTES_MAX: Final = 16 * 1024**2

# Log, its proofs and its witnesses (C2SP tlog-checkpoint, tlog-proof, tlog-witness, tlog-policy).
LOG_SIZE_ENTRIES_MAX: Final = 2**63 - 1
LOG_KEY_NAME_SIZE_BYTES_MAX: Final = 255
LOG_PROOF_HASHES_COUNT_MAX: Final = 63
LOG_PROOF_EXTRA_SIZE_BYTES_MAX: Final = 48_000
LOG_PROOF_SIZE_BYTES_MAX: Final = 136 * 1024
WITNESS_REQUEST_SIZE_BYTES_MAX: Final = 68 * 1024
TRUST_POLICY_SIZE_BYTES_MAX: Final = 512 * 1024
TRUST_POLICY_NAMES_COUNT_MAX: Final = 256

# Transport between nodes (TLS 1.3, HTTP/1.1).
TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX: Final = 16 * 1024
TRANSPORT_NODE_ID_LENGTH_MAX: Final = 64
TRANSPORT_CHUNK_SIZE_BYTES: Final = 256 * 1024
TRANSPORT_HEAD_SIZE_BYTES_MAX: Final = 64 * 1024
TRANSPORT_REFUSED_SIZE_BYTES_MAX: Final = 1024**2
TRANSPORT_KEEP_ALIVE_SECONDS: Final = 75
TRANSPORT_IDLE_SECONDS_MAX: Final = 60
TRANSPORT_IDLE_CONNECTIONS_MAX: Final = 4

# Trust: roots and node statements.
ROOT_KEYS_COUNT_MAX: Final = 16
ROOT_SIZE_BYTES_MAX: Final = 256 * 1024
ROOT_ROTATIONS_COUNT_MAX: Final = 64
REGISTRY_KEYS_COUNT_MAX: Final = 4
AUTHORITIES_COUNT_MAX: Final = 16
STATEMENT_LIFETIME_DAYS_MAX: Final = 400

# Messages and bags.
PREDECESSORS_COUNT_MAX: Final = 64
CONSIGNMENT_RECORD_LENGTH_MAX: Final = 128 * 1024
COPIES_COUNT_MAX: Final = 10_000
BAG_FILES_COUNT_MAX: Final = 10_000
BAG_MANIFEST_SIZE_BYTES_MAX: Final = 8 * 1024**2

# Ledger.
BATCH_ACTS_MAX: Final = 512

# Secrets under a passphrase (Argon2id, RFC 9106) and in the vault.
PASSPHRASE_LENGTH_MAX: Final = 1_024
PASSPHRASE_MEMORY_KIB_MAX: Final = 1024**2
PASSPHRASE_PASSES_COUNT_MAX: Final = 16
PASSPHRASE_LANES_COUNT_MAX: Final = 16
SECRET_SIZE_BYTES_MAX: Final = 64 * 1024

# Words, release sets and portions of one label; levels of one scheme; the shipped table of schemes.
LABEL_WORDS_LENGTH_MAX: Final = 120
LABEL_CAVEATS_COUNT_MAX: Final = 64
LABEL_PARTIES_COUNT_MAX: Final = 256
LABEL_PORTIONS_COUNT_MAX: Final = 256
SCHEME_LEVELS_COUNT_MAX: Final = 32
SCHEMES_COUNT_MAX: Final = 500
SCHEMES_SIZE_BYTES_MAX: Final = 1024**2
