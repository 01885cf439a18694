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
SIGNATURES_KEPT_COUNT_MAX: Final = 8_192
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
PROFILE_VERSIONS_AHEAD_COUNT_MAX: Final = 100
"""How many numbers a proposed version of a profile may lie beyond the newest that was entered or closed."""

# Clock. All acts of a commit have one time: so many are written out once and not for every act.
TIMES_KEPT_COUNT_MAX: Final = 64
CLOCK_JUMP_SECONDS_MAX: Final = 3_600
REQUEST_SKEW_SECONDS_MAX: Final = 300

# Doors.
CONTROL_BODY_SIZE_BYTES_MAX: Final = 16 * 1024**2
API_BODY_SIZE_BYTES_MAX: Final = 1024**2
API_DEPOSITS_COUNT_MAX: Final = 8
# Questions of one asker that are remembered, so that each is answered once while its time is accepted.
API_QUESTIONS_COUNT_MAX: Final = 10_000
CLIENTS_COUNT_MAX: Final = 64
CLIENT_SCOPES_COUNT_MAX: Final = 200
CLIENT_NAME_LENGTH_MAX: Final = 100
CLIENT_LIFETIME_DAYS_MAX: Final = 400
DESK_BODY_SIZE_BYTES_MAX: Final = 256 * 1024
DESK_FIELDS_COUNT_MAX: Final = 2_000
DESK_FORM_ROWS_COUNT_MAX: Final = 100
DESK_IDLE_SECONDS_MAX: Final = 15 * 60
DESK_SIGNED_IN_SECONDS_MAX: Final = 8 * 3_600
DESK_SESSIONS_COUNT_MAX: Final = 2_000
DESK_SESSIONS_OF_ONE_COUNT_MAX: Final = 5
DESK_PENDING_COUNT_MAX: Final = 20
DESK_NOTICES_COUNT_MAX: Final = 5
DESK_HELD_COUNT_MAX: Final = 5
DESK_HELD_ADDRESS_LENGTH_MAX: Final = 1_000
DESK_KEPT_COUNT_MAX: Final = 10
DESK_KEPT_LENGTH_MAX: Final = 32_768
DESK_KEPT_PERSONS_COUNT_MAX: Final = 200
DESK_KEPT_SECONDS_MAX: Final = 3 * 24 * 3_600
# So few that a page is under 40 KiB where a letter takes two bytes.
DESK_ROWS_SHOWN_COUNT_MAX: Final = 30

# Signing in at the desk: what a browser or a provider sends, how long a code and a page to be signed live, and how many
# failures are taken before whoever tries has to wait.
PASSKEY_PART_SIZE_BYTES_MAX: Final = 16 * 1024
CREDENTIALS_COUNT_MAX: Final = 16
ID_TOKEN_SIZE_BYTES_MAX: Final = 16 * 1024
PROVIDER_ANSWER_SIZE_BYTES_MAX: Final = 256 * 1024
PROVIDER_KEYS_COUNT_MAX: Final = 32
PROVIDER_SKEW_SECONDS_MAX: Final = 60
PROVIDER_CALL_SECONDS_MAX: Final = 10
PROVIDER_KEPT_SECONDS_MAX: Final = 3_600
PROVIDER_REFRESH_SECONDS_MIN: Final = 30
INVITATION_LIFETIME_SECONDS: Final = 24 * 3_600
SIGNING_SECONDS_MAX: Final = 300
SIGN_IN_SECONDS_MAX: Final = 300
SIGN_IN_FAILURES_COUNT_MAX: Final = 5
SIGN_IN_WAIT_SECONDS_MAX: Final = 60
SIGN_IN_ATTEMPTS_COUNT_MAX: Final = 10_000
SIGN_IN_FLOWS_COUNT_MAX: Final = 10_000

# Log, its proofs and its witnesses (C2SP tlog-checkpoint, tlog-proof, tlog-witness, tlog-policy).
LOG_SIZE_ENTRIES_MAX: Final = 2**63 - 1
LOG_KEY_NAME_SIZE_BYTES_MAX: Final = 255
LOG_PROOF_HASHES_COUNT_MAX: Final = 63
LOG_PROOF_EXTRA_SIZE_BYTES_MAX: Final = 48_000
LOG_PROOF_SIZE_BYTES_MAX: Final = 136 * 1024
WITNESS_REQUEST_SIZE_BYTES_MAX: Final = 68 * 1024
COSIGNING_PAUSE_SECONDS: Final = 3_600
"""How often at most a node has a log of its own cosigned by one partner."""
TRUST_POLICY_SIZE_BYTES_MAX: Final = 512 * 1024
TRUST_POLICY_NAMES_COUNT_MAX: Final = 256

AHEAD_DAYS: Final = 30
"""How long after it was written a message may wait for what a third party did before it."""

# Transport between nodes (TLS 1.3, HTTP/1.1).
TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX: Final = 16 * 1024
TRANSPORT_NODE_ID_LENGTH_MAX: Final = 64
TRANSPORT_CHUNK_SIZE_BYTES: Final = 256 * 1024
TRANSPORT_PARCEL_SIZE_BYTES_MAX: Final = 1024**2
TRANSPORT_HEAD_SIZE_BYTES_MAX: Final = 64 * 1024
TRANSPORT_HEAD_SECONDS_MAX: Final = 30
TRANSPORT_REFUSED_SIZE_BYTES_MAX: Final = 16 * 1024**2
TRANSPORT_KEEP_ALIVE_SECONDS: Final = 75
TRANSPORT_GRACE_SECONDS: Final = 10
TRANSPORT_IDLE_SECONDS_MAX: Final = 60
TRANSPORT_IDLE_CONNECTIONS_MAX: Final = 8

# The wire, for each caller: a body that moves slower is given up; so many connections, and messages at work, at once.
TRANSPORT_MOVES_SECONDS_MAX: Final = 60
TRANSPORT_MOVES_SIZE_BYTES_MIN: Final = 16 * 1024
TRANSPORT_CALLER_CONNECTIONS_MAX: Final = 24
TRANSPORT_CONNECTIONS_MAX: Final = 512
PARTNER_MESSAGES_COUNT_MAX: Final = 8
# Of one type that makes work for people, from one partner in one day (UTC).
PARTNER_DAY_ASKS_COUNT_MAX: Final = 500

# Trust: roots and node statements.
ROOT_KEYS_COUNT_MAX: Final = 8
ROOT_SIZE_BYTES_MAX: Final = 256 * 1024
ROOT_ROTATIONS_COUNT_MAX: Final = 64
REGISTRY_KEYS_COUNT_MAX: Final = 4
AUTHORITIES_COUNT_MAX: Final = 16
STATEMENT_LIFETIME_DAYS_MAX: Final = 400

# Messages and bags.
ENVELOPE_SIZE_BYTES_MAX: Final = CONTENT_SIZE_BYTES_MAX + MANIFEST_SIZE_BYTES_MAX + 1024**2
PREDECESSORS_COUNT_MAX: Final = 64
# What waits of ours that one matter is made to follow, in as many messages as that takes.
FOLLOWED_COUNT_MAX: Final = 50_000
CONSIGNMENT_RECORD_LENGTH_MAX: Final = 64 * 1024
CONSIGNMENT_SHEET_SIZE_BYTES_MAX: Final = 512 * 1024
CONSIGNMENT_SLIP_SIZE_BYTES: Final = 2_275
COPIES_COUNT_MAX: Final = 10_000
BAG_FILES_COUNT_MAX: Final = 10_000

# Incidents: items and copies one report names, and lines of each part of a report.
INCIDENT_ITEMS_COUNT_MAX: Final = 200
INCIDENT_COPIES_COUNT_MAX: Final = 1_000
LINES_COUNT_MAX: Final = 50

# Envelopes that arrive by wire, from one partner: under way at once; and whole or in part, not yet named by a message.
PARTNER_UPLOADS_COUNT_MAX: Final = 8
ARRIVED_UNNAMED_SIZE_BYTES_MAX: Final = 100 * 1024**3
ARRIVED_UNNAMED_COUNT_MAX: Final = 2_000
ARRIVED_UNNAMED_DAYS_MAX: Final = 30

# Changes of level: of one item towards one partner; copies worked off in one act.
LEVEL_CHANGES_COUNT_MAX: Final = 10_000
LEVEL_ACT_COPIES_COUNT_MAX: Final = 500

# After which time an order of ours that a partner's node has not answered is due to be told otherwise.
ORDER_UNANSWERED_SECONDS_MAX: Final = 24 * 60 * 60

# How many working days after the message behind it one that has not come is told.
MISSING_MESSAGE_DAYS_MAX: Final = 10
# Gaps in the numbers of one stream whose day is looked up in one round: the earliest.
MISSING_GAPS_COUNT_MAX: Final = 1_000
# Messages of one stream that a partner took back before they came: of more, the numbers are missed after a restart.
TAKEN_BACK_NUMBERS_COUNT_MAX: Final = 1_000

# The index of the register: records put into it in one go while it is made anew; copies whose numbers find their item.
# One search: what it asks, shows and counts; searches that a person keeps; rows of one export.
INDEX_AT_ONCE_COUNT: Final = 500
FOUND_COPIES_COUNT_MAX: Final = 500
SEARCH_TEXT_LENGTH_MAX: Final = 200
SEARCH_ROWS_COUNT_MAX: Final = 100
SEARCH_ROWS_COUNT: Final = 50
SEARCH_TOTAL_COUNT_MAX: Final = 1_000
SEARCH_NAME_LENGTH_MAX: Final = 60
SEARCHES_KEPT_COUNT_MAX: Final = 50
EXPORT_ROWS_COUNT_MAX: Final = 10_000
# A part of one book of the register: lines that are looked at, and lines that are printed as one.
BOOK_LINES_COUNT: Final = 500
BOOK_PRINTED_COUNT: Final = 10_000

# Today: rows of each kind that are shown, and how far a kind is counted.
TODAY_ROWS_COUNT: Final = 10
TODAY_COUNT_MAX: Final = 60
# The page of one item: rows of its story, copies, duties, and what was made of it, of each so many.
ITEM_PAGE_ROWS_COUNT: Final = 40
# The story of an item: rows of all of it; on a page, records of each kind about it that are looked through.
STORY_ROWS_COUNT_MAX: Final = 10_000
STORY_ABOUT_COUNT_MAX: Final = 60

# What waits: consignments that are opened to tell their day before the node has entered it.
UNDATED_OPENED_COUNT_MAX: Final = 1
# Duties: how many are shown at once; how far ahead one is planned, and how seldom one comes again.
DUTIES_SHOWN_COUNT_MAX: Final = 500
DUTY_REPEAT_MONTHS_MAX: Final = 1_200

# Lists of consents, plans, incidents and consignments: how many rows of one are shown at once.
LISTED_COUNT_MAX: Final = 1_000

# Erasing personal data: how many records one proposal names.
ERASURE_RECORDS_COUNT_MAX: Final = 1_000
# One request for a visit, and one classified contract.
VISITORS_COUNT_MAX: Final = 100
VISIT_SITES_COUNT_MAX: Final = 20
VISIT_AMENDMENTS_COUNT_MAX: Final = 1_000
CONTRACT_PARTS_COUNT_MAX: Final = 500
CONTRACT_LISTS_COUNT_MAX: Final = 1_000
CONTRACT_COPIES_COUNT_MAX: Final = 10
CONTRACT_DEPTH_MAX: Final = 8
INSPECTION_PAGE_ITEMS_MAX: Final = 200

# Ledger.
BATCH_ACTS_MAX: Final = 512
BATCH_SIZE_BYTES_MAX: Final = 256 * 1024
ENTRY_RECORDS_COUNT_MAX: Final = 256
ANCHOR_SIZE_BYTES: Final = 256

# Current records kept in memory beside the books.
KEPT_RECORDS_COUNT_MAX: Final = 16_384
KEPT_RECORDS_SIZE_BYTES_MAX: Final = 24 * 1024**2

# Secrets under a passphrase (Argon2id, RFC 9106) and in the vault.
PASSPHRASE_LENGTH_MAX: Final = 1_024
PASSPHRASE_MEMORY_KIB_MAX: Final = 1024**2
PASSPHRASE_PASSES_COUNT_MAX: Final = 16
PASSPHRASE_LANES_COUNT_MAX: Final = 16
SECRET_SIZE_BYTES_MAX: Final = 64 * 1024
VAULT_SIZE_BYTES_MAX: Final = 256 * 1024
WORKING_KEYS_COUNT_MAX: Final = 16

# Words, release sets and portions of one label; levels of one scheme; the shipped table of schemes.
LABEL_WORDS_LENGTH_MAX: Final = 120
LABEL_CAVEATS_COUNT_MAX: Final = 64
LABEL_PARTIES_COUNT_MAX: Final = 256
LABEL_PORTIONS_COUNT_MAX: Final = 256
SCHEME_LEVELS_COUNT_MAX: Final = 32
SCHEMES_COUNT_MAX: Final = 500
SCHEMES_SIZE_BYTES_MAX: Final = 1024**2

# What an agreement may say.
PARTIES_COUNT_MAX: Final = 64
LANGUAGES_COUNT_MAX: Final = 32
ARTICLES_COUNT_MAX: Final = 200
ARTICLE_NUMBER_LENGTH_MAX: Final = 6
PARAGRAPH_LENGTH_MAX: Final = 10_000
PARAGRAPHS_COUNT_MAX: Final = 500
AGREEMENT_RULES_COUNT_MAX: Final = 20_000
AGREEMENT_PERSONS_COUNT_MAX: Final = 20
DEADLINE_DAYS_MAX: Final = 3_660
# How long before its end, at the most, what a term makes due is reminded of by itself.
TERM_REMIND_DAYS_MAX: Final = 30
TERMINATION_MONTHS_MAX: Final = 120
TERMS_COUNT_MAX: Final = 2_000
TERM_COUNT_MAX: Final = 3_660
OBLIGATIONS_COUNT_MAX: Final = 999
HOLIDAYS_COUNT_MAX: Final = 2_000
# Registries that one party has given notice of under one agreement, beside those of the profile.
REGISTRIES_COUNT_MAX: Final = 64
REGISTRY_KEEPERS_COUNT_MAX: Final = 32
PLAN_CONSIGNMENTS_COUNT_MAX: Final = 1_000
DESTRUCTION_METHODS_COUNT_MAX: Final = 64
LEVELS_COUNT_MAX: Final = 256

# Inventories: copies on a page, lines of one that are listed, numbers in one act of counting, unsighted copies with
# which one can be closed.
INVENTORY_PAGE_LINES_COUNT: Final = 250
INVENTORY_LINES_COUNT_MAX: Final = 2_000
INVENTORY_NUMBERS_COUNT_MAX: Final = 250
INVENTORY_DIFFERENCES_COUNT_MAX: Final = 1_000
# Messages in which one result is told.
INVENTORY_RESULT_PARTS_COUNT_MAX: Final = 1_000

# Parts of one folder.
FOLDER_PARTS_COUNT_MAX: Final = 200

# Copies in one request for return.
RETURN_COPIES_COUNT_MAX: Final = 500

# Persons one disclosure in an emergency names by their number.
EMERGENCY_PERSONS_COUNT_MAX: Final = 1_000
# A partner's report on a disclosure is due here by then, where no agreement says it, whatever day it names.
EMERGENCY_REPORT_DAYS_MAX: Final = 31

# How long it serves that somebody has joined an act which nobody does alone.
JOINED_SECONDS_MAX: Final = 24 * 60 * 60

# Copies in one entry about a crisis: what one act ends.
CRISIS_COPIES_COUNT_MAX: Final = 200
CRISIS_PART_COPIES_COUNT_MAX: Final = 500
CRISIS_PAGE_COPIES_COUNT: Final = 50

# People.
IMPORT_PEOPLE_MAX: Final = 10_000
CLEARANCES_COUNT_MAX: Final = 50
BRIEFINGS_COUNT_MAX: Final = 50
PEOPLE_PROPOSAL_LIFETIME_DAYS: Final = 14

# Quarantine.
QUARANTINE_SIZE_BYTES_MAX: Final = 256 * 1024

# Manifests, consignment records and particulars. A segment is held in memory several times over.
SEGMENT_SIZE_BYTES_MAX: Final = 4 * 1024**2
SEGMENTS_COUNT_MAX: Final = 10_240
WRAPPED_KEYS_COUNT_MAX: Final = 4
WRAPPED_KEY_LENGTH_MAX: Final = 8_192
POLICY_LENGTH_MAX: Final = 8_192
ASSERTIONS_COUNT_MAX: Final = 16
LABELS_COUNT_MAX: Final = 8
RECORD_SIZE_BYTES_MAX: Final = 16 * 1024
PARTICULARS_SIZE_BYTES_MAX: Final = 256 * 1024
APPROVALS_COUNT_MAX: Final = 16
APPROVAL_LENGTH_MAX: Final = 16 * 1024
SHEETS_COUNT_MAX: Final = 1_000_000
READINGS_TOLD_COUNT_MAX: Final = 1_000
"""The readings of an item that one notice tells of."""
DRAFT_WORKERS_COUNT_MAX: Final = 64
"""The persons who work on one draft beside its author."""
PARTS_COUNT_MAX: Final = 100_000

# What a courier carries.
PACKAGES_COUNT_MAX: Final = 1_000
SEALS_COUNT_MAX: Final = 4_000
COURIER_OVERDUE_SECONDS_MAX: Final = 2_000 * 3_600
# Reproduction: copies made by one act, and how many times a copy is made from a copy.
REPRODUCED_COUNT_MAX: Final = 100
LINEAGE_DEPTH_MAX: Final = 8

# The stamped rendition of a content: what is stamped, and what the process that stamps it may use.
STAMP_CONTENT_SIZE_BYTES_MAX: Final = 64 * 1024**2
STAMP_PAGES_COUNT_MAX: Final = 5_000
STAMP_MEMORY_BYTES_MAX: Final = 1024**3
STAMP_SECONDS_MAX: Final = 60

# A form that is printed: lines of its table.
FORM_LINES_COUNT_MAX: Final = 2_000

# The reading room: what can be looked at, and what the process that shows it may use.
ROOM_CONTENT_SIZE_BYTES_MAX: Final = 256 * 1024**2
ROOM_TEXT_SIZE_BYTES_MAX: Final = 4 * 1024**2
ROOM_PAGES_COUNT_MAX: Final = 10_000
ROOM_PAGE_PIXELS_COUNT_MAX: Final = 8_000_000
ROOM_IMAGE_PIXELS_COUNT_MAX: Final = 64_000_000
ROOM_TEXT_LENGTH_MAX: Final = 200_000
ROOM_MEMORY_BYTES_MAX: Final = 1024**3
ROOM_PROCESSOR_SECONDS_MAX: Final = 600
ROOM_OPEN_SECONDS_MAX: Final = 30
ROOM_PAGE_SECONDS_MAX: Final = 20
ROOM_OFFICE_SIZE_BYTES_MAX: Final = 64 * 1024**2
ROOM_OFFICE_DISK_BYTES_MAX: Final = 1024**3
ROOM_OFFICE_SECONDS_MAX: Final = 90
# Open readings: of one person and of the node; how long one stays without a page being asked for, and in all.
ROOM_PERSON_READINGS_COUNT_MAX: Final = 3
ROOM_READINGS_COUNT_MAX: Final = 16
ROOM_IDLE_SECONDS_MAX: Final = 600
ROOM_READING_SECONDS_MAX: Final = 4 * 3_600

# One dispatch: what fits a message with sheets, and one log entry when it is registered.
DISPATCH_ITEMS_MAX: Final = 200
