"""The audit of what went to partners and came from them.

Messages lie in the books as they were signed, beside records that name their
digests; the records are what the log commits to. So a letter taken out of the
queue, an altered receipt, a stream set back or a forgotten head of a partner's
log is found by holding the two against each other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.message.form import message_digest, parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.model.mode import Mode
from cordiale.ports import InboxRow, OutboxRow, Reads

_PAGE: Final = 1_000

Note = Callable[[str, str, str], None]


def audit_mail(reads: Reads, mode: Mode, note: Note) -> None:
    """Hold queue, received messages, streams and partners' heads against the records; `note` takes each finding."""
    sent = dict(_bodies(reads, "sent"))
    taken = {**dict(_bodies(reads, "refused-message")), **dict(_bodies(reads, "message"))}
    answered = {body["in_reply_to"]: body["type"] for body in taken.values() if body.get("in_reply_to")}
    _audit_outbox(reads, mode, sent, answered, note)
    _audit_inbox(reads, mode, taken, note)
    _audit_streams(reads, sent, note)


def _bodies(reads: Reads, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    after = ""
    while page := reads.every(kind, after=after, limit=_PAGE):
        for record in page:
            try:
                yield record.id, json.loads(record.body)
            except ValueError:
                continue  # The row itself is found by its commitment.
        after = page[-1].id


def _audit_outbox(
    reads: Reads, mode: Mode, sent: Mapping[str, Mapping[str, Any]], answered: Mapping[str, str], note: Note
) -> None:
    for id, record in sent.items():
        if record["link"] == "answer":
            continue
        row = reads.outbox(id)
        if row is None or _differs(row, record, mode):
            note("audit.queue", id, "a message that was queued is missing or was altered")
        elif row.state != "waiting" and id not in answered:
            note("audit.queue", id, "a message is marked as answered, and no answer to it is here")
    for row in reads.outbox_open(limit=100_000):
        if row.id not in sent:
            note("audit.queue", row.id, "a message waits that no act has queued")


def _differs(row: OutboxRow, record: Mapping[str, Any], mode: Mode) -> bool:
    same = (row.partner, row.agreement, row.seq, row.link) == (
        record["node"], record["agreement"], record["seq"], record["link"]
    )
    return not same or message_digest(row.message, mode).hex() != record["digest"]


def _audit_inbox(reads: Reads, mode: Mode, taken: Mapping[str, Mapping[str, Any]], note: Note) -> None:
    newest: dict[str, tuple[int, bytes]] = {}
    for id, record in taken.items():
        row = reads.inbox(id)
        if row is None:
            if "code" not in record:
                note("audit.received", id, "a message that was taken is missing")
            continue
        digest = message_digest(row.message, mode)
        whole = digest == row.digest and digest.hex() == record["digest"]
        if not whole or sha256(row.answer).hexdigest() != record["answer"]:
            note("audit.received", id, "a message that was taken, or the answer it was given, was altered")
            continue
        if "code" not in record:
            _remember_head(row, newest)
    for origin, (size, root) in newest.items():
        seen = reads.seen(origin)
        if seen is None or (seen.size, seen.root) != (size, root):
            note("audit.seen", origin, "the head that this partner has shown of its log is not the one remembered")


def _remember_head(row: InboxRow, newest: dict[str, tuple[int, bytes]]) -> None:
    try:
        shown = parse_message(read_unverified_object(row.message).unverified_payload).checkpoint
    except CordialeError:
        return  # It was taken by an older form; its digest has been held against the record.
    if shown is not None and shown.size > newest.get(shown.origin, (0, b""))[0]:
        newest[shown.origin] = (shown.size, shown.root)


def _audit_streams(reads: Reads, sent: Mapping[str, Mapping[str, Any]], note: Note) -> None:
    last: defaultdict[tuple[str, str], int] = defaultdict(int)
    for record in sent.values():
        stream = (str(record["node"]), str(record["agreement"]))
        last[stream] = max(last[stream], int(record["seq"]))
    for (node, agreement), seq in last.items():
        if reads.stream_position("out", node, agreement) != seq:
            note("audit.stream", f"{node} {agreement}", "the next number to this partner is not the one after the last")
