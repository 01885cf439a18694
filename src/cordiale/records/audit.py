"""The audit: everything in the books is derived again and held against the log, and the log against its signatures.

1. each log's entries give its hashes, tiles and root, and the last head is
   signed by both of the log's keys; every earlier head lies on the way there;
2. the chain of batches goes through all of the logs to their ends, and the books
   reach as far as their anchor says;
3. each entry commits to exactly the rows of its act: none altered, none added,
   none taken away;
4. what is looked up by is what the records say;
5. numbers run without a gap, and every sealed envelope that should be here is;
6. of what was erased the record of its erasure answers for each commitment.

It reads only, stops at nothing, and names each finding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cordiale.canonical import parse_base64url
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError
from cordiale.model.mode import Mode
from cordiale.ports import Objects, Reads, StoredAct
from cordiale.records.anchor import Anchor
from cordiale.records.audit_logs import audit_batches, audit_cosigned, audit_log, entries_of
from cordiale.records.audit_mail import audit_mail
from cordiale.records.batches import position_of
from cordiale.records.entry import Entry, digest_of_many, parse_entry
from cordiale.records.erasing import Proofs, is_erased, proofs_in
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.record import act_commitment_of, commitment_of, fields_of, open_record

_PAGE: Final = 1_000

_NUMBERED_APART: Final = (
    ("carriage", "courier", "certificate", "courier-certificate"), ("transfer", "sent_by", "number", "transfer"),
)
"""Kinds whose numbers are taken before, or without, an entry: the kind, what marks ours, the member, the counter."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: where, and what."""

    code: str
    place: str
    text: str


@dataclass(slots=True)
class AuditReport:
    """What was looked at, and what was found. `findings` empty means that all of it holds; `remarks` are no fault."""

    logs: dict[str, int] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    heads: dict[str, bytes] = field(default_factory=dict)
    cosigned: dict[str, bytes] = field(default_factory=dict)
    batches: int = 0
    acts: int = 0
    records: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def note(self, code: str, place: str, text: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, place, text))

    def remark(self, code: str, place: str, text: str) -> None:
        """Add something that is worth knowing and is as it may be."""
        self.remarks.append(Finding(code, place, text))


@dataclass(frozen=True, slots=True)
class AuditScope:
    """What an audit needs beside the books: the keys of the logs, the mode, the envelopes.

    `anchor` and `objects` None leave out the anchor and the envelopes, for a copy of the books alone.
    `verify_ciphertext` reads an envelope and holds its ciphertext against a digest; without it, it is only looked
    whether envelopes are there.
    """

    verifier_for: Callable[[str], LogVerifier]
    mode: Mode
    anchor: Anchor | None = None
    objects: Objects | None = None
    verify_ciphertext: Callable[[str, bytes], bytes] | None = None

    def domain_of(self, purpose: Purpose) -> bytes:
        """Return the domain of `purpose` in the mode of the books."""
        return domain(purpose, self.mode)


def audit_books(reads: Reads, scope: AuditScope, progress: Progress | None = None) -> AuditReport:
    """Audit all of the books behind `reads` and return the report. Never raises for what it finds."""
    report = AuditReport()
    if scope.anchor is not None:
        _audit_anchor(reads, scope.anchor, report)
    committed = _Committed(proofs_in(reads))
    for log in reads.logs():
        report.logs[log] = reads.log_size(log)
        head = audit_log(reads, log, scope.verifier_for, report.note)
        if head is not None:
            report.roots[log], report.heads[log] = head.root.hex(), head.note
        _gather(reads, log, committed, report)
    report.batches = audit_batches(reads, scope.mode, committed.begun, report.note).number
    _audit_rows(reads, scope, committed, report, progress)
    _audit_fields(reads, report)
    _audit_numbers(reads, report)
    report.cosigned = audit_cosigned(reads, scope.verifier_for, report.note)
    audit_mail(reads, scope.mode, report.note, erased=committed.proofs.messages)
    if scope.objects is not None:
        _audit_objects(reads, scope, scope.objects, report)
    return report


def _audit_anchor(reads: Reads, anchor: Anchor, report: AuditReport) -> None:
    error = anchor.doubt(reads)
    if error is not None:
        report.note(error.code, "anchor", str(error))
        return
    anchored = anchor.get()
    ahead = position_of(reads).number - (anchored.position.number if anchored is not None else 0)
    if ahead:
        report.remark("audit.ahead", "anchor", f"the books have gone {ahead} commits beyond their anchor: it was not "
                      "written after the last ones, as by a crash, which is no harm")


@dataclass(slots=True)
class _Committed:
    """What the entries of all logs commit to: single digests with their entry, and entries of many records.

    `proofs` are what the erasures in the books answer for.
    """

    proofs: Proofs
    single: dict[str, tuple[str, int]] = field(default_factory=dict)
    many: dict[tuple[str, int], Entry] = field(default_factory=dict)
    begun: Counter[str] = field(default_factory=Counter)


def _gather(reads: Reads, log: str, committed: _Committed, report: AuditReport) -> None:
    """Add to `committed` what the entries of `log` commit to."""
    for stored in entries_of(reads, log):
        try:
            entry = parse_entry(stored.body)
        except CordialeError as error:
            report.note(error.code, f"{log} {stored.index}", "the entry is not of the form")
            continue
        if entry.id != stored.act:
            report.note("audit.entry-act", f"{log} {stored.index}", "the entry stands under another act than its own")
        if entry.batch:
            committed.begun[log] += 1
        if entry.digest:
            committed.many[(log, stored.index)] = entry
        for digest in entry.commitments:
            committed.single[digest] = (log, stored.index)


def _audit_rows(
    reads: Reads, scope: AuditScope, committed: _Committed, report: AuditReport, progress: Progress | None
) -> None:
    """Name every row that no entry commits to or that stands under another entry, and every one that is missing."""
    record_domain = scope.domain_of(Purpose.RECORD_COMMITMENT)
    missing = dict(committed.single)
    gathered: defaultdict[tuple[str, int], list[str]] = defaultdict(list)

    def is_committed(digest: str, place: tuple[str, int]) -> bool:
        if place in committed.many:
            gathered[place].append(digest)
            return True
        missing.pop(digest, None)
        return committed.single.get(digest) == place

    for act in _acts(reads):
        report.acts += 1
        if not is_committed(act_commitment_of(record_domain, act), (act.log, act.index)):
            report.note("audit.act-altered", f"{act.log} {act.index}", "the act is not what its entry commits to")
    for record in reads.every_version():
        report.records += 1
        if progress is not None and report.records % _PAGE == 0:
            progress(report.records)
        row = committed.proofs.rows.get((record.kind, record.id, record.version))
        place, name = (record.log, record.index), f"{record.kind} {record.id}"
        if is_erased(record):
            report.erased += 1
            if row is None:
                report.note("audit.erased-unproved", name, f"version {record.version} was emptied, and by no act")
            elif (row.log, row.index) != place or not is_committed(row.commitment, place):
                report.note("audit.erased-other", name, f"version {record.version} was erased as another than it was")
            continue
        if row is not None:
            report.note("audit.erased-back", name, f"version {record.version} was erased, and is here again")
        if not is_committed(commitment_of(record_domain, record), place):
            report.note(
                "audit.row-altered", name,
                f"version {record.version} is not what entry {record.index} of {record.log} commits to",
            )
    for log, index in missing.values():
        report.note("audit.row-missing", f"{log} {index}", "a row that this entry commits to is missing or was altered")
    for place, entry in committed.many.items():
        digests = gathered[place]
        if (len(digests), digest_of_many(scope.domain_of(Purpose.RECORD_LIST), digests)) != (entry.count, entry.digest):
            report.note(
                "audit.rows-differ", f"{place[0]} {place[1]}",
                "of the many rows that this entry commits to, one is missing, was altered or was added",
            )


def _acts(reads: Reads) -> Iterator[StoredAct]:
    for log in reads.logs():
        size = reads.log_size(log)
        for start in range(0, size, _PAGE):
            yield from reads.acts(log, start, min(start + _PAGE, size))


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
        except (KeyError, ValueError, TypeError, IndexError):
            report.note("audit.entry-form", str(body.get("number", ""))[:60], "a register entry is not of the form")
    for kind, mark, member, book in _NUMBERED_APART:
        for body in _latest(reads, kind, report):
            try:
                if mark in body:
                    number, year = _number_of({"number": body[member]})
                    taken[(book, year)].add(number)
            except (KeyError, ValueError, TypeError, IndexError):
                report.note("audit.entry-form", str(body.get(member, ""))[:60], "a register entry is not of the form")
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
    if act in ("returned", "destroyed", "ceded"):
        if book == "dispatch":
            return ""
        # Ours are numbered for each party: UKR-RET-JPN-2026-0001.
        _, kind, party = str(body["number"]).split("-")[:3]
        return f"certificate.{kind}.{party}"
    if act == "dispatched":
        return f"dispatch.{body['party']}"
    if act in ("translated", "extracted"):
        return book if book == "own" else f"foreign.{book}"
    return {"done-on-paper": "outage", "entered": "own", "registered": f"foreign.{book}"}.get(act, "")


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
    for kind in ("item", "copy", "draft"):
        for body in _latest(reads, kind, report):
            try:
                _audit_envelope(scope, objects, body, report)
            except (KeyError, ValueError, TypeError, CordialeError):
                place = f"{kind} {str(body.get('reference', ''))[:60]}"
                report.note("audit.record-form", place, "the record does not name its envelope as it should")


def _audit_envelope(scope: AuditScope, objects: Objects, body: Mapping[str, Any], report: AuditReport) -> None:
    for name in body.get("leaving", ()):
        if objects.size(str(name)) is not None:
            report.note("audit.envelope-left", str(name), "its copy has ended, but its envelope is still here")
    if "envelope" in body:
        digest = parse_base64url(str(body["deposit_digest"]))
        # A draft has no number: its envelope is named.
        named = str(body.get("reference", body["envelope"]))
        _audit_object(scope, objects, (str(body["envelope"]), digest, named), report)
    elif "object" in body and body.get("state") in ("registered", "frozen"):
        digest = bytes.fromhex(str(body["digest"]))
        _audit_object(scope, objects, (str(body["object"]), digest, str(body["reference"])), report)
    elif "object" in body and objects.size(str(body["object"])) is not None:
        report.note("audit.envelope-left", str(body["reference"]), "its copy has ended, but its envelope is still here")


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
