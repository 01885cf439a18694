"""Erasing what is personal out of the books, so that every proof stays whole.

A row that is erased keeps its place, its name and its version, and loses its body and its salt. What its log entry
commits to is written down before, in the record of the erasure, which an entry of its own commits to: so the audit
still finds every commitment answered for, and a row that was emptied without such a record is found. What is not
personal in it stands in a version after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import CordialeError, Malformed
from cordiale.message.form import parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.model.names import PartyId
from cordiale.ports import Reads, StoredRecord
from cordiale.records.duties import DUTY, Due, open_duty
from cordiale.records.record import Record, commitment_of, forget_read, open_record
from cordiale.records.session import ActSession

ERASURE: Final = "erasure"
_OUT, _IN = "out", "in"


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """A row that was emptied: `commitment` is what entry `index` of `log` commits to of it, hexadecimal."""

    log: str
    index: int
    commitment: str


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the erasures in the books say was emptied: rows by kind, identifier and version; messages by direction."""

    rows: Mapping[tuple[str, str, int], ErasedRow]
    messages: Mapping[tuple[str, str], Mapping[str, Any]]


def duty_to_erase(kind: str, id: str) -> str:
    """Return the identifier of the duty to erase what is personal in a record."""
    return f"erase.{kind}.{id}"


def erase_once_due(session: ActSession, kind: str, id: str, *, owner: PartyId, ended_on: date) -> None:
    """Let the node see, after the day on which the matter of a record ends, by when it must be erased."""
    open_duty(session, duty_to_erase(kind, id), what="erase", owner=owner, subject=id, due=Due(
        opens_on=ended_on + timedelta(days=1), is_moved=True,
    ))


def look_again(session: ActSession, kind: str, id: str, *, owner: PartyId) -> None:
    """Let the node see anew by when a record must be erased, where its matter went on until today past its day."""
    duty = session.get(DUTY, duty_to_erase(kind, id))
    if duty is not None and duty["state"] == "open":
        erase_once_due(session, kind, id, owner=owner, ended_on=session.at.date())


def is_erased(record: StoredRecord) -> bool:
    """Tell whether a row has been emptied."""
    return not record.body


def erase_versions(session: ActSession, record: Record, left: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put `left` after all versions of `record`, empty these, and return what was committed to of each."""
    versions = [one for one in session.work.versions(record.kind, record.id) if not is_erased(one)]
    session.put(record.kind, record.id, left, expect=record.version)
    told = []
    for one in versions:
        told.append({
            "commitment": commitment_of(session.domain, one), "id": one.id, "index": one.index, "kind": one.kind,
            "log": one.log, "version": one.version,
        })
        session.work.erase_record(one.kind, one.id, one.version)
    forget_read()
    return told


def erase_message(session: ActSession, id: str) -> list[dict[str, Any]]:
    """Empty the message `id` that was sent or taken, and return what the books go on to know of it.

    One that still waits to be answered is left: it is erased once it is.
    """
    told: list[dict[str, Any]] = []
    row = session.reads.outbox(id)
    if row is not None and row.message and row.state != "waiting":
        told.append({"direction": _OUT, "id": id, **_digest_of(session, "sent", id)})
        session.work.erase_message(_OUT, id)
    taken = session.reads.inbox(id)
    if taken is not None and taken.message:
        told.append({"direction": _IN, "id": id, **_digest_of(session, "message", id), **_head_of(taken.message)})
        session.work.erase_message(_IN, id)
    return told


def waits(session: ActSession, id: str) -> bool:
    """Tell whether the message `id` is still on its way."""
    row = session.reads.outbox(id)
    return row is not None and row.state == "waiting"


def _digest_of(session: ActSession, kind: str, id: str) -> dict[str, str]:
    record = session.get(kind, id)
    return {"digest": str(record["digest"])} if record is not None else {}


def _head_of(message: bytes) -> dict[str, Any]:
    """Return the head of the partner's log that a message shows: the audit goes on to ask for it."""
    try:
        shown = parse_message(read_unverified_object(message).unverified_payload).checkpoint
    except CordialeError:
        return {}
    return {"head": shown.encode()} if shown is not None else {}


def proofs_in(reads: Reads) -> Proofs:
    """Return what the erasures in the books name; one that is damaged names nothing, and is found by its commitment."""
    rows: dict[tuple[str, str, int], ErasedRow] = {}
    messages: dict[tuple[str, str], Mapping[str, Any]] = {}
    for erasure in _erasures(reads):
        try:
            fields = Fields(erasure.body, where="erasure")
            for one in fields.objects("rows", max_count=1_000_000):
                key = (one.text("kind"), one.text("id", max_length=500), one.integer("version", 1, 2**53 - 1))
                rows[key] = ErasedRow(one.text("log"), one.integer("index", 0, 2**53 - 1), one.text("commitment"))
            messages |= {(one["direction"], one["id"]): one for one in erasure["messages"]}
        except (CordialeError, KeyError, TypeError):
            continue
    return Proofs(rows, messages)


def _erasures(reads: Reads) -> Iterator[Record]:
    after = ""
    while page := reads.every(ERASURE, after=after):
        for stored in page:
            try:
                yield open_record(stored)
            except Malformed:
                continue
        after = page[-1].id
