"""The audit: everything in the books is derived again and held against the log, and the log against its signatures.

1. each log's entries give its hashes, tiles and root, and the last head is
   signed by both of the log's keys; every earlier head lies on the way there;
2. each entry commits to exactly the rows of its act: none altered, none added,
   none taken away;
3. what is looked up by is what the records say;
4. numbers run without a gap, and every sealed envelope that should be here is.

It reads only, stops at nothing, and names each finding.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from cordiale.canonical import parse_canonical
from cordiale.errors import CordialeError
from cordiale.limits import LOG_ENTRY_SIZE_BYTES_MAX
from cordiale.ports import Objects, Reads, StoredEntry
from cordiale.records.log.audit import audit_tree
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.log.sequencer import FullTile, LogState, append_leaf_hashes
from cordiale.records.record import act_commitment_of, commitment_of, fields_of, open_record

_PAGE: Final = 1_000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: where, and what."""

    code: str
    place: str
    text: str


@dataclass(slots=True)
class AuditReport:
    """What was looked at, and what was found. `findings` empty means that all of it holds."""

    logs: dict[str, int] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    acts: int = 0
    records: int = 0
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, place: str, text: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, place, text))


@dataclass(frozen=True, slots=True)
class AuditScope:
    """What an audit needs beside the books: the keys of the logs, the domain of commitments, the envelopes.

    `objects` None leaves the envelopes out, for a copy of the books alone.
    """

    verifier_for: Callable[[str], LogVerifier]
    record_domain: bytes
    objects: Objects | None = None


def audit_books(reads: Reads, scope: AuditScope, progress: Progress | None = None) -> AuditReport:
    """Audit all of the books behind `reads` and return the report. Never raises for what it finds."""
    report = AuditReport()
    committed: dict[str, tuple[str, int]] = {}
    for log in reads.logs():
        _audit_log(reads, scope, log, report)
        committed.update(_committed(reads, log, report))
    rows = set(_row_commitments(reads, scope, report, progress))
    for digest in committed.keys() - rows:
        log, index = committed[digest]
        report.note("audit.row-missing", f"{log} {index}", "a row that this entry commits to is missing or was altered")
    _audit_rows(reads, scope, committed, report)
    _audit_fields(reads, report)
    _audit_numbers(reads, report)
    if scope.objects is not None:
        _audit_objects(reads, scope.objects, report)
    return report


def _entries(reads: Reads, log: str) -> Iterator[StoredEntry]:
    size = reads.log_size(log)
    for start in range(0, size, _PAGE):
        yield from reads.entries(log, start, min(start + _PAGE, size))


def _audit_log(reads: Reads, scope: AuditScope, log: str, report: AuditReport) -> None:
    size = reads.log_size(log)
    report.logs[log] = size
    head = reads.head(log)
    try:
        if head is None or head.size != size:
            report.note("audit.head-missing", log, "the log has no signed head of its size")
            return
        checkpoint = scope.verifier_for(log).verify(head.note)
        report.roots[log] = checkpoint.root.hex()
        audit_tree(
            (entry.body for entry in _entries(reads, log)),
            (entry.leaf_hash for entry in _entries(reads, log)),
            [FullTile(tile.level, tile.index, tile.root, tile.hashes) for tile in reads.tiles(log)],
            checkpoint,
        )
    except CordialeError as error:
        report.note(error.code, log, str(error))
        return
    _audit_heads(reads, log, report)


def _audit_heads(reads: Reads, log: str, report: AuditReport) -> None:
    """Hold every signed head of `log` against the root that the entries had at its size."""
    state = LogState()
    for entry in _entries(reads, log):
        state, _ = append_leaf_hashes(state, [entry.leaf_hash])
        head = reads.head(log, state.size)
        if head is not None and head.root != state.root:
            report.note("audit.head-differs", f"{log} {state.size}", "a signed head does not match its entries")


def _committed(reads: Reads, log: str, report: AuditReport) -> dict[str, tuple[str, int]]:
    """Return every digest that the entries of `log` commit to, with its entry."""
    committed: dict[str, tuple[str, int]] = {}
    for entry in _entries(reads, log):
        try:
            value: Any = parse_canonical(entry.body, size_max=LOG_ENTRY_SIZE_BYTES_MAX)
        except CordialeError as error:
            report.note(error.code, f"{log} {entry.index}", "the entry is not of the form")
            continue
        for digest in value["records"]:
            committed[digest] = (log, entry.index)
    return committed


def _row_commitments(
    reads: Reads, scope: AuditScope, report: AuditReport, progress: Progress | None
) -> Iterator[str]:
    for log in reads.logs():
        size = reads.log_size(log)
        for start in range(0, size, _PAGE):
            for act in reads.acts(log, start, min(start + _PAGE, size)):
                report.acts += 1
                yield act_commitment_of(scope.record_domain, act)
    for record in reads.every_version():
        report.records += 1
        if progress is not None and report.records % _PAGE == 0:
            progress(report.records)
        yield commitment_of(scope.record_domain, record)


def _audit_rows(
    reads: Reads, scope: AuditScope, committed: Mapping[str, tuple[str, int]], report: AuditReport
) -> None:
    """Name every row that no entry commits to, or that stands under another entry than it says."""
    for record in reads.every_version():
        place = committed.get(commitment_of(scope.record_domain, record))
        if place != (record.log, record.index):
            report.note(
                "audit.row-altered", f"{record.kind} {record.id}",
                f"version {record.version} is not what entry {record.index} of {record.log} commits to",
            )
    for log in reads.logs():
        size = reads.log_size(log)
        for start in range(0, size, _PAGE):
            for act in reads.acts(log, start, min(start + _PAGE, size)):
                if committed.get(act_commitment_of(scope.record_domain, act)) != (log, act.index):
                    report.note("audit.act-altered", f"{log} {act.index}", "the act is not what its entry commits to")


def _audit_fields(reads: Reads, report: AuditReport) -> None:
    latest: dict[tuple[str, str], Any] = {}
    for record in reads.every_version():
        key = (record.kind, record.id)
        if key not in latest or latest[key].version < record.version:
            latest[key] = record
    expected = set()
    for (kind, id), record in latest.items():
        try:
            body = open_record(record).body
        except CordialeError:
            continue
        expected |= {(kind, id, name, value) for name, value in fields_of(kind, body)}
    for kind, id, name, _ in set(reads.every_field()) ^ expected:
        report.note("audit.lookup", f"{kind} {id}", f"what it is looked up by ({name}) is not what the record says")


def _audit_numbers(reads: Reads, report: AuditReport) -> None:
    """Every number that was taken stands in the register, from 1 without a gap."""
    taken: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for body in _latest(reads, "entry"):
        number, year = _number_of(body)
        book = _counter_of(body)
        if book:
            taken[(book, year)].add(number)
    for book, year, last in reads.counters():
        missing = sorted(set(range(1, last + 1)) - taken[(book, year)])
        for number in missing:
            report.note("audit.number-gap", f"{book} {year}", f"number {number} is missing from the register")
    for (book, year), numbers in taken.items():
        for before, after in pairwise(sorted(numbers | {0})):
            if after != before + 1 and not any(b == book and y == year for b, y, _ in reads.counters()):
                report.note("audit.number-gap", f"{book} {year}", f"numbers between {before} and {after} are missing")


def _counter_of(body: Mapping[str, Any]) -> str:
    """Return the counter that the number of a register entry was taken from, empty where it took none."""
    act, book = body["act"], body["book"]
    if act in ("returned", "destroyed"):
        return "" if book == "dispatch" else f"certificate.{'RET' if act == 'returned' else 'DES'}"
    return {"entered": "own", "registered": f"foreign.{book}", "dispatched": "dispatch"}.get(act, "")


def _number_of(body: Mapping[str, Any]) -> tuple[int, int]:
    parts = str(body["number"]).split("-")
    return int(parts[-1]), int(parts[-2])


def _latest(reads: Reads, kind: str) -> Iterable[Mapping[str, Any]]:
    after = ""
    while page := reads.every(kind, after=after, limit=_PAGE):
        for record in page:
            yield json.loads(record.body)
        after = page[-1].id


def _audit_objects(reads: Reads, objects: Objects, report: AuditReport) -> None:
    for body in _latest(reads, "item"):
        if "envelope" in body and objects.size(body["envelope"]) is None:
            report.note("audit.envelope-missing", body["reference"], "its sealed envelope is not in the store")
    for body in _latest(reads, "copy"):
        if "object" in body and body["state"] == "registered" and objects.size(body["object"]) is None:
            report.note("audit.envelope-missing", body["reference"], "its sealed envelope is not in the store")
        if "object" in body and body["state"] in ("returned", "destroyed") and objects.size(body["object"]) is not None:
            report.note("audit.envelope-left", body["reference"], "its copy has ended, but its envelope is still here")
