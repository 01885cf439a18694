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

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cordiale.canonical import parse_base64url, parse_canonical
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError
from cordiale.limits import LOG_ENTRY_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.ports import Objects, Reads, StoredEntry
from cordiale.records.audit_mail import audit_mail
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
    """What an audit needs beside the books: the keys of the logs, the mode, the envelopes.

    `objects` None leaves the envelopes out, for a copy of the books alone. `verify_ciphertext` reads
    an envelope and holds its ciphertext against a digest; without it, it is only looked whether envelopes are
    there.
    """

    verifier_for: Callable[[str], LogVerifier]
    mode: Mode
    objects: Objects | None = None
    verify_ciphertext: Callable[[str, bytes], bytes] | None = None

    @property
    def record_domain(self) -> bytes:
        """The domain of the commitments to rows."""
        return domain(Purpose.RECORD_COMMITMENT, self.mode)


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
    audit_mail(reads, scope.mode, report.note)
    if scope.objects is not None:
        _audit_objects(reads, scope, scope.objects, report)
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
    _audit_heads(reads, scope, log, report)


def _audit_heads(reads: Reads, scope: AuditScope, log: str, report: AuditReport) -> None:
    """Hold every signed head of `log`, and its signatures, against the root that the entries had at its size."""
    state, verifier = LogState(), scope.verifier_for(log)
    for entry in _entries(reads, log):
        state, _ = append_leaf_hashes(state, [entry.leaf_hash])
        head = reads.head(log, state.size)
        if head is None:
            continue
        try:
            signed = verifier.verify(head.note)
        except CordialeError as error:
            report.note(error.code, f"{log} {state.size}", str(error))
            continue
        if not head.root == signed.root == state.root or (signed.size, head.origin) != (state.size, signed.origin):
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
        if value["id"] != entry.act:
            report.note("audit.entry-act", f"{log} {entry.index}", "the entry stands under another act than its own")
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
    """Every number that was taken stands in the register, from 1 without a gap, and the next is the one after."""
    taken: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for body in _latest(reads, "entry", report):
        try:
            book = _counter_of(body)
            if book:
                number, year = _number_of(body)
                taken[(book, year)].add(number)
        except (KeyError, ValueError, IndexError):
            report.note("audit.entry-form", str(body.get("number", ""))[:60], "a register entry is not of the form")
    counted = {(book, year): last for book, year, last in reads.counters()}
    for book, year in sorted({*counted, *taken}):
        numbers, last = taken[(book, year)], counted.get((book, year), 0)
        for number in sorted(set(range(1, max(last, *numbers, 0) + 1)) - numbers):
            report.note("audit.number-gap", f"{book} {year}", f"number {number} is missing from the register")
        if last != max(numbers, default=0):
            report.note("audit.number-next", f"{book} {year}", "the next number is not one after the last in the book")


def _counter_of(body: Mapping[str, Any]) -> str:
    """Return the counter that the number of a register entry was taken from, empty where it took none."""
    act, book = body["act"], body["book"]
    if act in ("returned", "destroyed"):
        if book == "dispatch":
            return ""
        # Ours are numbered for each party: UKR-RET-JPN-2026-0001.
        _, kind, party = str(body["number"]).split("-")[:3]
        return f"certificate.{kind}.{party}"
    return {"entered": "own", "registered": f"foreign.{book}", "dispatched": "dispatch"}.get(act, "")


def _number_of(body: Mapping[str, Any]) -> tuple[int, int]:
    parts = str(body["number"]).split("-")
    return int(parts[-1]), int(parts[-2])


def _latest(reads: Reads, kind: str, report: AuditReport) -> Iterable[Mapping[str, Any]]:
    after = ""
    while page := reads.every(kind, after=after, limit=_PAGE):
        for record in page:
            try:
                body = open_record(record).body
            except CordialeError as error:
                report.note(error.code, f"{kind} {record.id}", str(error))
                continue
            yield body
        after = page[-1].id


def _audit_objects(reads: Reads, scope: AuditScope, objects: Objects, report: AuditReport) -> None:
    for body in _latest(reads, "item", report):
        if "envelope" in body:
            digest = parse_base64url(str(body["deposit_digest"]))
            _audit_object(scope, objects, (str(body["envelope"]), digest, str(body["reference"])), report)
    for body in _latest(reads, "copy", report):
        if "object" in body and body.get("state") == "registered":
            digest = bytes.fromhex(str(body["digest"]))
            _audit_object(scope, objects, (str(body["object"]), digest, str(body["reference"])), report)
        elif "object" in body and objects.size(str(body["object"])) is not None:
            report.note(
                "audit.envelope-left", str(body["reference"]), "its copy has ended, but its envelope is still here"
            )


def _audit_object(
    scope: AuditScope, objects: Objects, what: tuple[str, bytes, str], report: AuditReport
) -> None:
    name, digest, reference = what
    if objects.size(name) is None:
        report.note("audit.envelope-missing", reference, "its sealed envelope is not in the store")
        return
    if scope.verify_ciphertext is None:
        return
    try:
        scope.verify_ciphertext(name, digest)
    except CordialeError as error:
        report.note(error.code, reference, str(error))
