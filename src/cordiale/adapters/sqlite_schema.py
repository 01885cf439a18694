"""The schema of the books in SQLite, as numbered steps that are never edited once released.

A home knows the number of the last step it has taken (`PRAGMA user_version`). A
home of a newer Cordiale is refused, never guessed at.
"""

from __future__ import annotations

from typing import Final

import apsw

from cordiale.errors import OutOfOrder

_STEP_1: Final = """
CREATE TABLE record (
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
  body BLOB NOT NULL, salt BLOB NOT NULL CHECK (length(salt) = 32),
  log TEXT NOT NULL, idx INTEGER NOT NULL CHECK (idx >= 0),
  PRIMARY KEY (kind, id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_entry ON record (log, idx);

CREATE TABLE field (
  kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (kind, name, value, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX field_record ON field (kind, id);

CREATE TABLE act (
  id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL,
  log TEXT NOT NULL, idx INTEGER NOT NULL, answer BLOB NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  PRIMARY KEY (log, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (name TEXT PRIMARY KEY, size INTEGER NOT NULL CHECK (size >= 0)) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  log TEXT NOT NULL, idx INTEGER NOT NULL CHECK (idx >= 0), act TEXT NOT NULL,
  leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
  body BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 65535),
  PRIMARY KEY (log, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE tile (
  log TEXT NOT NULL, level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 63), idx INTEGER NOT NULL CHECK (idx >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32), hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
  UNIQUE (log, level, idx)
) STRICT;
CREATE TABLE head (
  log TEXT NOT NULL, size INTEGER NOT NULL, origin TEXT NOT NULL,
  root BLOB NOT NULL CHECK (length(root) = 32), note BLOB NOT NULL,
  UNIQUE (log, size)
) STRICT;
CREATE TABLE batch (
  number INTEGER PRIMARY KEY CHECK (number >= 1), chain BLOB NOT NULL CHECK (length(chain) = 32), logs BLOB NOT NULL
) STRICT;
CREATE TABLE seen (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL CHECK (length(root) = 32), note BLOB NOT NULL
) STRICT;

CREATE TABLE counter (
  book TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (book, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE stream (
  direction TEXT NOT NULL CHECK (direction IN ('out', 'in')), partner TEXT NOT NULL, agreement TEXT NOT NULL,
  last INTEGER NOT NULL, PRIMARY KEY (direction, partner, agreement)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  id TEXT PRIMARY KEY, partner TEXT NOT NULL, agreement TEXT NOT NULL, seq INTEGER NOT NULL,
  precedence TEXT NOT NULL, message BLOB NOT NULL, attachments TEXT NOT NULL,
  link TEXT NOT NULL CHECK (link IN ('wire', 'bag', 'any')),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'refused')), queued_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_open ON outbox (precedence, partner, agreement, seq) WHERE state = 'waiting';
CREATE TABLE inbox (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, partner TEXT NOT NULL, agreement TEXT NOT NULL,
  seq INTEGER NOT NULL, digest BLOB NOT NULL, message BLOB NOT NULL, answer BLOB NOT NULL, received_at TEXT NOT NULL,
  UNIQUE (partner, agreement, seq)
) STRICT;

CREATE TRIGGER record_kept BEFORE UPDATE ON record
  WHEN NOT (NEW.body = x'' AND NEW.salt = zeroblob(32) AND (NEW.kind, NEW.id, NEW.version, NEW.log, NEW.idx)
    = (OLD.kind, OLD.id, OLD.version, OLD.log, OLD.idx))
BEGIN
  SELECT RAISE(ABORT, 'records are superseded, not changed'); END;
CREATE TRIGGER record_stays BEFORE DELETE ON record BEGIN
  SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER entry_kept BEFORE UPDATE ON entry BEGIN
  SELECT RAISE(ABORT, 'log entries are never changed'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN
  SELECT RAISE(ABORT, 'log entries are never deleted'); END;
CREATE TRIGGER act_kept BEFORE UPDATE ON act BEGIN
  SELECT RAISE(ABORT, 'acts are never changed'); END;
CREATE TRIGGER act_stays BEFORE DELETE ON act BEGIN
  SELECT RAISE(ABORT, 'acts are never deleted'); END;
"""

_STEP_2: Final = """
CREATE TABLE found (
  n INTEGER PRIMARY KEY, item TEXT NOT NULL UNIQUE, words TEXT NOT NULL, numbers TEXT NOT NULL,
  facets TEXT NOT NULL, persons TEXT NOT NULL, held TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE found_term USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TABLE found_person (
  person TEXT NOT NULL, n INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (person, n, why)
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
  kind TEXT NOT NULL, key TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE found_open (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE found_copy (id TEXT PRIMARY KEY, unit TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE index_state (
  one INTEGER PRIMARY KEY CHECK (one = 1), form INTEGER NOT NULL, batch INTEGER NOT NULL, stage TEXT NOT NULL,
  after TEXT NOT NULL
) STRICT;
INSERT INTO index_state (one, form, batch, stage, after) VALUES (1, 0, 0, '', '');
"""
"""The index of the register: made from the records, and made again from them whenever it may not be what they say."""


def _looked_up(kind: str, name: str) -> str:
    """Return the statement that lets what is there of a kind be looked up by the members `name`, as what is new is.

    What is damaged stops nothing: it is for the audit to name, which opens these books as well.
    """
    members = (f"coalesce(json_extract(CAST(r.body AS TEXT), '$.{one}'), '~')" for one in name.split("/"))
    value = " || ' ' || ".join(members)
    return (
        f"INSERT OR IGNORE INTO field (kind, name, value, id) SELECT r.kind, '{name}', {value}, r.id"
        f" FROM record r WHERE r.kind = '{kind}' AND json_valid(CAST(r.body AS TEXT)) AND r.version ="
        " (SELECT max(version) FROM record WHERE kind = r.kind AND id = r.id);\n"
    )


_STEP_3: Final = "".join(_looked_up(kind, name) for kind, name in (
    ("approval", "state/given_at"), ("crisis", "state/entered_at"), ("custody", "state/charged_at"),
    ("custody", "state/holder/charged_at"), ("destruction", "state/proposed_at"), ("folder-part", "state/folder"),
    ("level-notice", "state/holder/told_at"), ("level-proposal", "state/proposed_at"),
    ("reproduction", "state/assigned_at"), ("reproduction", "state/maker/assigned_at"),
))
"""What waits for somebody is found in the order in which it began to wait, and what lies in folders is counted."""

STEPS: Final[tuple[str, ...]] = (_STEP_1, _STEP_2, _STEP_3)


def require_current(connection: apsw.Connection) -> int:
    """Return the number of the schema of the books when it is the newest, for books that are only looked at.

    Raises `OutOfOrder` when they were written by an older or a newer Cordiale.
    """
    found = _version_of(connection)
    if found < len(STEPS):
        raise OutOfOrder(
            "store.older-version", "these books have schema {found}, this Cordiale looks at schema {known}",
            hint="look at them with the version of Cordiale that served them; nothing was changed",
            found=found, known=len(STEPS),
        )
    return found


def _version_of(connection: apsw.Connection) -> int:
    (version,) = next(iter(connection.execute("PRAGMA user_version")))
    if version > len(STEPS):
        raise OutOfOrder(
            "store.newer-version", "these books have schema {found}, this Cordiale knows up to {known}",
            hint="install the version of Cordiale that last served this home; nothing was changed",
            found=int(version), known=len(STEPS),
        )
    return int(version)


def migrate(connection: apsw.Connection) -> int:
    """Bring the books up to the newest schema, one durable step at a time, and return its number.

    Raises `OutOfOrder` when the books were written by a newer Cordiale.
    """
    version = _version_of(connection)
    for number, step in enumerate(STEPS[version:], start=version + 1):
        with connection:
            connection.execute(step)
            connection.execute(f"PRAGMA user_version = {number}")
    return len(STEPS)
