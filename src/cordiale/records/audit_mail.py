"""The audit of what went to partners and came from them.

Messages lie in the books as they were signed, beside records that name their
digests; the records are what the log commits to. So a letter taken out of the
queue, an altered receipt, a stream set back or a forgotten head of a partner's
log is found by holding the two against each other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import CordialeError
from cordiale.message.form import message_digest, parse_message
from cordiale.message.members import LogHead
from cordiale.message.verification import read_unverified_object
from cordiale.model.mode import Mode
from cordiale.ports import NO_TIME, InboxRow, OutboxRow, Reads, StoredHead, StoredRecord
from cordiale.records.shown_heads import show_head

_PAGE: Final = 1_000
_SENT: Final[Mapping[str, type]] = {"agreement": str, "digest": str, "link": str, "node": str, "seq": int}
_TAKEN: Final[Mapping[str, type]] = {"answer": str, "digest": str, "type": str}

Note = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a record says of one message, and the time of the act that wrote it: the log binds both."""

    body: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the bytes of messages are known again: in `mode`, and as `erased` where they were."""

    mode: Mode
    erased: Mapping[tuple[str, str], Mapping[str, Any]]

    def digest_of(self, direction: str, id: str, message: bytes) -> str:
        """Return the digest of a message; of one that was erased, what its erasure says of it; else that of nothing."""
        proof = self.erased.get((direction, id))
        if not message and proof is not None:
            return str(proof.get("digest"))
        return message_digest(message, self.mode).hex()


def audit_mail(
    reads: Reads, mode: Mode, note: Note, *, erased: Mapping[tuple[str, str], Mapping[str, Any]]
) -> None:
    """Hold queue, received messages, streams and partners' heads against the records; `note` takes each finding.

    `erased` is what erasures say of each message that they emptied.
    """
    reading = _Reading(mode, erased)
    sent = {record.id: told for record in _every(reads, "sent") for told in _told(reads, record, _SENT)}
    taken: defaultdict[str, list[_Told]] = defaultdict(list)
    for kind in ("message", "refused-message"):
        for record in _every(reads, kind):
            # Other bytes under an identifier that is known are refused under it too: each version speaks for itself.
            versions = reads.versions(kind, record.id) if record.version > 1 else [record]
            taken[record.id] += [told for one in versions for told in _told(reads, one, _TAKEN)]
    answered = {str(told.body.get("in_reply_to")) for all_ in taken.values() for told in all_}
    # What was taken back is sent no more, and nobody answers it.
    answered |= {record.id for record in _every(reads, "withdrawn-message")}
    _audit_outbox(reads, reading, sent, answered, note)
    _audit_inbox(reads, reading, taken, note)
    _audit_streams(reads, sent, note)


def _every(reads: Reads, kind: str) -> Iterator[StoredRecord]:
    after = ""
    while page := reads.every(kind, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _told(reads: Reads, record: StoredRecord, form: Mapping[str, type]) -> Iterator[_Told]:
    """Yield what `record` says; nothing where it was damaged, which its commitment tells."""
    try:
        body = json.loads(record.body)
    except ValueError:
        return
    if isinstance(body, dict) and all(isinstance(body.get(name), kind) for name, kind in form.items()):
        acts = reads.acts(record.log, record.index, record.index + 1)
        yield _Told(body, acts[0].at if acts else NO_TIME)


def _audit_outbox(
    reads: Reads, reading: _Reading, sent: Mapping[str, _Told], answered: set[str], note: Note
) -> None:
    for id, told in sent.items():
        if told.body["link"] == "answer":
            continue
        row = reads.outbox(id)
        if row is None or _differs(row, told, reading):
            note("audit.queue", id, "a message that was queued is missing or was altered")
        elif row.state != "waiting" and id not in answered:
            note("audit.queue", id, "a message is marked as answered, and no answer to it is here")
    for id in reads.outbox_ids():
        if id not in sent:
            note("audit.queue", id, "a message waits that no act has queued")


def _differs(row: OutboxRow, told: _Told, reading: _Reading) -> bool:
    body = told.body
    same = (row.partner, row.agreement, row.seq, row.link, row.queued_at) == (
        body["node"], body["agreement"], body["seq"], body["link"], told.at
    )
    return not same or reading.digest_of("out", row.id, row.message) != body["digest"]


def _audit_inbox(reads: Reads, reading: _Reading, taken: Mapping[str, Sequence[_Told]], note: Note) -> None:
    newest: dict[str, LogHead] = {}
    for id, all_ in taken.items():
        row = reads.inbox(id)
        if row is None:
            if any("code" not in told.body for told in all_):
                note("audit.received", id, "a message that was taken is missing")
            continue
        told = _which(row, all_, reading)
        if told is None:
            note("audit.received", id, "a message that was taken, its time, or the answer it was given, was altered")
        elif "code" not in told.body:
            _remember_head(row, newest, reading)
    for id in reads.inbox_ids():
        if id not in taken:
            note("audit.received", id, "a message lies here that no act has taken")
    for origin, head in newest.items():
        seen = reads.seen(origin)
        if seen is None or not _is_shown(seen, head):
            note("audit.seen", origin, "the head that this partner has shown of its log is not the one remembered")


def _which(row: InboxRow, all_: Sequence[_Told], reading: _Reading) -> _Told | None:
    """Return what was told of exactly this row, None when it was altered."""
    digest = reading.digest_of("in", row.id, row.message)
    if digest != row.digest.hex():
        return None
    whole = (digest, sha256(row.answer).hexdigest(), row.received_at)
    return next((told for told in all_ if (told.body["digest"], told.body["answer"], told.at) == whole), None)


def _remember_head(row: InboxRow, newest: dict[str, LogHead], reading: _Reading) -> None:
    try:
        proof = reading.erased.get(("in", row.id), {})
        if not row.message and "head" in proof:
            shown: LogHead | None = LogHead.parse(Fields(proof["head"], where="erasure"))
        else:
            shown = parse_message(read_unverified_object(row.message).unverified_payload).checkpoint
    except CordialeError:
        return  # It was taken by an older form; its digest has been held against the record.
    if shown is not None and (shown.origin not in newest or shown.size > newest[shown.origin].size):
        newest[shown.origin] = shown


def _is_shown(seen: StoredHead, head: LogHead) -> bool:
    try:
        return show_head(seen) == head
    except CordialeError:
        return False


def _audit_streams(reads: Reads, sent: Mapping[str, _Told], note: Note) -> None:
    last: defaultdict[tuple[str, str], int] = defaultdict(int)
    for told in sent.values():
        stream = (told.body["node"], told.body["agreement"])
        last[stream] = max(last[stream], told.body["seq"])
    for (node, agreement), seq in last.items():
        if reads.stream_position("out", node, agreement) != seq:
            note("audit.stream", f"{node} {agreement}", "the next number to this partner is not the one after the last")
