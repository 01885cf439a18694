"""The audit of a node's own books while it serves, and of a copy of the books that lies somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from cordiale.adapters.sqlite_copy import reading_copy
from cordiale.errors import CordialeError
from cordiale.message.trust.root import fingerprint
from cordiale.ports import Reads
from cordiale.records.audit import AuditReport, AuditScope, audit_books
from cordiale.records.audit_proofs import audit_acts
from cordiale.records.batches import position_of
from cordiale.records.correspondence import own_origin, partner_origin
from cordiale.records.kept_heads import require_kept
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.partners import OWN, OWN_ID, log_verifier, own_statement
from cordiale.records.registry import Registry
from cordiale.records.sealing import ciphertext_verifier

VerifierFor: TypeAlias = Callable[[str], LogVerifier]


def audit_own(registry: Registry, kept: Sequence[bytes] = ()) -> dict[str, Any]:
    """Audit the books of the serving node, its envelopes and its anchor included; `kept` are heads kept elsewhere.

    Raises `Unavailable` when the books or the anchor cannot be read.
    """
    # The anchor is looked at first: what is committed meanwhile is then beyond it, which is no finding.
    anchor = registry.ledger.anchor.as_it_is()
    with registry.store.snapshot() as reads:
        verifier_for = _verifiers(registry)
        report = audit_books(reads, AuditScope(
            verifier_for=verifier_for, mode=registry.mode, anchor=anchor,
            objects=registry.objects, verify_ciphertext=ciphertext_verifier(registry.objects, registry.mode),
        ))
        _hold_kept(reads, verifier_for, kept, report)
        return _answer(reads, registry, report)


def audit_own_acts(registry: Registry) -> dict[str, Any]:
    """Verify the proof of every act in the books of the serving node; raises `Unavailable` when they cannot be read."""
    with registry.store.snapshot() as reads:
        report = audit_acts(reads, registry.mode, registry.node)
    return {
        "findings": [{"code": one.code, "place": one.place, "text": one.text} for one in report.findings],
        "proved": [{"by": by, "count": count} for by, count in sorted(report.proved.items())],
    }


def audit_copy(registry: Registry, path: Path, kept: Sequence[bytes] = ()) -> dict[str, Any]:
    """Audit a copy of this node's books at `path` with the keys this node knows, and leave it as it is.

    Envelopes and the anchor are left out; that the copy is of this node's history is looked at. Raises `Malformed`
    for a file that holds no books, `OutOfOrder` for one of another version, and `Unavailable` when it cannot be read.
    """
    verifier_for = _verifiers(registry)
    with reading_copy(path) as reads:
        report = audit_books(reads, AuditScope(verifier_for=verifier_for, mode=registry.mode))
        _hold_history(reads, registry.reads(), report)
        _hold_kept(reads, verifier_for, kept, report)
        return _answer(reads, registry, report)


def _hold_history(copy: Reads, own: Reads, report: AuditReport) -> None:
    """A copy and the books of the node are of one history: one of the two is the beginning of the other."""
    ours, theirs = position_of(own), position_of(copy)
    shorter, longer = (copy, own) if theirs.number <= ours.number else (own, copy)
    end = position_of(shorter)
    same = longer.batch(end.number)
    if end.number and (same is None or same.chain != end.chain):
        report.note("audit.copy-history", "copy", "the copy and the books of this node are not of one history")
    elif theirs.number != ours.number:
        report.remark("audit.copy-length", "copy", f"the copy ends at commit {theirs.number}, and the books of this "
                      f"node at commit {ours.number}")


def _hold_kept(reads: Reads, verifier_for: VerifierFor, kept: Sequence[bytes], report: AuditReport) -> None:
    """Hold heads that were kept elsewhere against the logs."""
    for number, content in enumerate(kept, start=1):
        try:
            held = require_kept(reads, verifier_for, content)
        except CordialeError as error:
            report.note(error.code, f"kept head {number}", str(error))
            continue
        how = "signed" if held.is_signed else "not signed"
        report.remark("audit.kept", f"kept head {number}", f"{held.log} still begins with the {held.checkpoint.size} "
                      f"entries of this head ({how}); it has {held.size} now")


def _answer(reads: Reads, registry: Registry, report: AuditReport) -> dict[str, Any]:
    has_statement = reads.record(OWN, OWN_ID) is not None
    print_ = fingerprint(own_statement(reads, registry.mode).root) if has_statement else ""
    return {**report_json(report), "fingerprint": print_}


def _verifiers(registry: Registry) -> VerifierFor:
    """Return what gives the verifier of each log of this node: by its statement, by its keys before it has one."""
    if registry.record(OWN, OWN_ID) is None:
        return lambda log: registry.keys.signer_of(own_origin(registry, log)).verifier
    statement = own_statement(registry.reads(), registry.mode).statement
    return lambda log: log_verifier(statement, partner_origin(statement, log))


def report_json(report: AuditReport) -> dict[str, Any]:
    """Return the report of an audit as the doors show it."""
    return {
        "acts": report.acts, "findings": [
            {"code": finding.code, "place": finding.place, "text": finding.text} for finding in report.findings
        ],
        "commits": report.batches, "cosigned": {name: note.decode() for name, note in report.cosigned.items()},
        "erased": report.erased,
        "heads": {log: note.decode() for log, note in report.heads.items()},
        "remarks": [
            {"code": remark.code, "place": remark.place, "text": remark.text} for remark in report.remarks
        ],
        "logs": report.logs, "records": report.records, "roots": report.roots,
    }
