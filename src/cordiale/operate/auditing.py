"""The audit of a node's own books while it serves, and of a copy of the books that lies somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.signatures import Algorithm, PublicKey
from cordiale.message.trust.keys import log_keys_of
from cordiale.message.trust.root import fingerprint
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement
from cordiale.ports import Objects, Reads
from cordiale.records.audit import AuditReport, AuditScope, audit_books
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.partners import own_statement
from cordiale.records.registry import Registry


def audit_own(registry: Registry) -> dict[str, Any]:
    """Audit the books of the serving node, its envelopes included."""
    statement = own_statement(registry.reads(), registry.mode).statement
    return _audit(registry.reads(), statement, registry.mode, registry.objects)


def audit_copy(registry: Registry, path: Path) -> dict[str, Any]:
    """Audit a copy of this node's books at `path` with the keys this node knows; envelopes are left out."""
    statement = own_statement(registry.reads(), registry.mode).statement
    store = SqliteStore(str(path))
    try:
        return _audit(store.reads(), statement, registry.mode, None)
    finally:
        store.close()


def _audit(reads: Reads, statement: NodeStatement, mode: Mode, objects: Objects | None) -> dict[str, Any]:
    report = audit_books(reads, AuditScope(
        verifier_for=lambda log: log_verifier(statement, log),
        record_domain=domain(Purpose.RECORD_COMMITMENT, mode), objects=objects,
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
