"""The audit of a node's own books while it serves, and of a copy of the books that lies somewhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.crypto.signatures import Algorithm, PublicKey
from cordiale.errors import Malformed, Unavailable
from cordiale.message.trust.keys import log_keys_of
from cordiale.message.trust.root import fingerprint
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement
from cordiale.ports import Objects, Reads
from cordiale.records.audit import AuditReport, AuditScope, audit_books
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.partners import own_statement
from cordiale.records.registry import Registry
from cordiale.records.sealing import ciphertext_verifier

_BOOKS_HEAD: Final = b"SQLite format 3\0"


def audit_own(registry: Registry) -> dict[str, Any]:
    """Audit the books of the serving node, its envelopes included."""
    statement = own_statement(registry.reads(), registry.mode).statement
    return _audit(registry.reads(), statement, registry.mode, registry.objects)


def audit_copy(registry: Registry, path: Path) -> dict[str, Any]:
    """Audit a copy of this node's books at `path` with the keys this node knows; envelopes are left out.

    Raises `Malformed` for a file that holds no books, and `Unavailable` when it cannot be read.
    """
    _require_books(path)
    statement = own_statement(registry.reads(), registry.mode).statement
    store = SqliteStore(str(path))
    try:
        return _audit(store.reads(), statement, registry.mode, None)
    finally:
        store.close()


def _require_books(path: Path) -> None:
    # A database that is not there would be made: an auditor looks and leaves nothing behind.
    try:
        with path.open("rb") as file:
            head = file.read(len(_BOOKS_HEAD))
    except OSError as error:
        raise Unavailable(
            "file.unavailable", "`{name}` cannot be read: {detail}", hint="check the name and your rights to it",
            name=path.name, detail=os.strerror(error.errno or 0),
        ) from error
    if head != _BOOKS_HEAD:
        raise Malformed(
            "audit.no-books", "`{name}` holds no books", hint="name the books.db of a home or of a backup",
            name=path.name,
        )


def _audit(reads: Reads, statement: NodeStatement, mode: Mode, objects: Objects | None) -> dict[str, Any]:
    report = audit_books(reads, AuditScope(
        verifier_for=lambda log: log_verifier(statement, log),
        mode=mode, objects=objects,
        verify_ciphertext=ciphertext_verifier(objects, mode) if objects is not None else None,
    ))
    return {**report_json(report), "fingerprint": fingerprint(own_statement(reads, mode).root)}


def log_verifier(statement: NodeStatement, log: str) -> LogVerifier:
    """Return the verifier of the log `log` of the node that `statement` speaks of."""
    origin = f"{statement.log_keys[0].origin_prefix}/{log}"
    keys = log_keys_of(statement, origin)
    return LogVerifier(
        origin, PublicKey(Algorithm.ED25519, keys.ed25519), PublicKey(Algorithm.ML_DSA_44, keys.ml_dsa_44)
    )


def report_json(report: AuditReport) -> dict[str, Any]:
    """Return the report of an audit as the doors show it."""
    return {
        "acts": report.acts, "findings": [
            {"code": finding.code, "place": finding.place, "text": finding.text} for finding in report.findings
        ],
        "logs": report.logs, "records": report.records, "roots": report.roots,
    }
