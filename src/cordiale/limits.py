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
