"""A record of the books: a noun with a kind, an identifier, a version and a body.

Every version is kept; a correction is a new version that supersedes the old one.
The log entry of the act that wrote a version commits to it with a salted digest,
so that a row altered later no longer answers to its entry, and a salt destroyed
later leaves the log whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import product
from struct import Struct
from typing import Any, Final, TypeVar, cast

from cordiale.canonical import Json, encode_base64url, encode_canonical, encode_instant, parse_canonical
from cordiale.errors import Malformed, OutOfOrder
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX, TIMES_KEPT_COUNT_MAX
from cordiale.ports import StoredAct, StoredRecord

Body = dict[str, Any]
Parsed = TypeVar("Parsed")

RECORD_SIZE_BYTES_MAX: Final = AGREEMENT_SIZE_BYTES_MAX
_READ_ONCE_COUNT_MAX: Final = 1_024
_LENGTH: Final = Struct(">Q").pack

LOOKED_UP_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("kid",),
    "people-proposal": ("state",),
    "people-change": ("proposal",),
    "invitation": ("digest", "person"),
    "credential": ("known_by", "person", "state"),
    "client": ("kid", "person"),
    "sign-in": (),
    "item": ("state", "origin_party", "reference", "contract", "root"),
    "copy": ("item", "item/state", "state", "agreement", "reference", "their_reference", "parent", "root"),
    "folder-part": ("folder", "item", "copy", "state/folder"),
    "place": ("unit",),
    "sub-registry": ("state",),
    "transfer": ("copy", "giver", "receiver", "state"),
    "chief-approval": ("item",),
    "inventory": ("state", "opened_at"),
    "crisis": ("state", "state/entered_at"),
    "return-request": ("item", "item/asked_at", "asked_at", "state", "copies"),
    "emergency": ("at",),
    "backup": ("begun_at",),
    "sighting": ("inventory", "inventory/outcome"),
    "difference": ("inventory", "state"),
    "inventory-told": ("inventory", "direction", "told_at"),
    "incident-draft": ("state", "copy"),
    "entry": ("book/at", "item", "item/at", "copy", "their_reference", "number"),
    "need": ("person", "item"),
    "approval": ("item", "state", "state/given_at"),
    "consent": ("category", "item", "request"),
    "custody": (
        "item", "copy", "holder", "holder/state", "joined_by", "state", "state/charged_at", "state/holder/charged_at",
    ),
    "grant": ("item", "item/at", "item/person/at", "copy", "person"),
    "carriage": ("state", "state/expected_at"),
    "transport-plan": ("state", "message"),
    "outage-entry": ("state",),
    "consignment": ("agreement", "state", "message", "objects", "number", "their_number"),
    "certificate": ("item", "copy"),
    "duty": ("state", "subject", "message", "wakes", "state/due", "state/falls_to/due"),
    "destruction": ("item", "state", "state/proposed_at"),
    "draft": ("state", "author", "workers", "leaving"),
    "asked-reproduction": ("item", "state", "state/asked_by"),
    "reproduction": (
        "item", "state", "maker", "state/maker", "state/witnesses", "state/assigned_at", "state/maker/assigned_at",
    ),
    "reading-told": ("item", "state"),
    "level-answer": ("state",),
    "level-challenge": ("item", "state"),
    "level-change": ("item", "state", "state/effective_at"),
    "level-notice": ("change", "holder", "holder/state", "state", "state/holder/told_at"),
    "level-proposal": ("state", "state/proposed_at"),
    "level-told": ("change",),
    "pass-on": ("item",),
    "visit": ("state", "state/first_day", "party", "message"),
    "taken-back-message": ("stream",),
    "visitor": ("visit", "person"),
    "visit-notice": ("visit",),
    "admission": ("visit",),
    "disclosure": ("visit", "state", "item"),
    "facility": ("state", "message"),
    "contract": ("state", "parent", "message"),
    "consent-request": ("item", "state"),
    "agreement": (),
    "accord-notice": ("agreement",),
    "rehoming": ("state",),
    "refusal": ("subject/at",),
    "succession": ("state",),
    "told-instead": ("originator/state",),
    "joined": ("item/state",),
    "erasure-proposal": ("state",),
    "clearance-query": ("state",),
    "clearance-told": ("person", "state"),
    "briefing": ("person", "state"),
    "incident": ("state", "items"),
    "incident-share": ("incident", "originator", "state", "theirs"),
    "incident-affected": ("incident",),
    "incident-note": ("incident",),
    "incident-final": ("incident",),
    "freeze": ("item", "state"),
    "freeze-order": ("item", "state"),
    "bag-answer": ("state",),
    "bag-in": ("party/unpacked_at",),
    "saved-search": ("state/person",),
}
"""Members of a body by which records of a kind are looked up; texts, or lists of texts.

Several members with `/` between them are looked up together, and in their order: ``open 2026-11-26``. `NO_VALUE`
stands for one that is not there, after all others.
"""

NO_VALUE: Final = "~"


_QUESTIONS: Final = {
    kind: tuple((name, tuple(name.split("/")) if "/" in name else ()) for name in names)
    for kind, names in LOOKED_UP_BY.items()
}


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a record, with the place of the act that wrote it in the log; `source` is its body as it lies."""

    kind: str
    id: str
    version: int
    body: Body
    log: str
    index: int
    source: bytes = field(default=b"", repr=False, compare=False)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


def open_record(stored: StoredRecord) -> Record:
    """Return the record that lies in `stored`; raises `Malformed` when its body was damaged.

    What stands inside its members belongs to all who open it: it is read, and never changed in place.
    """
    body = _read_again(stored.body)
    if not isinstance(body, dict):
        raise Malformed(
            "record.damaged", "a record of kind {kind} is damaged", hint="run `cordiale audit verify`", kind=stored.kind
        )
    return Record(stored.kind, stored.id, stored.version, dict(body), stored.log, stored.index, stored.body)


def _read(body: bytes) -> Json:
    return parse_canonical(body, size_max=RECORD_SIZE_BYTES_MAX)


# Agreement, partner, item and people are asked about in every step of every exchange. The bytes are the key.
_read_again: Final = lru_cache(maxsize=_READ_ONCE_COUNT_MAX)(_read)
_forgetting: Final[list[Callable[[], None]]] = [_read_again.cache_clear]


def read_once(parse: Callable[[Body], Parsed]) -> Callable[[Record], Parsed]:
    """Return a function that gives what `parse` makes of the body of a record, and makes it once of the same bytes.

    `parse` depends on nothing but the body, and what it makes cannot be changed. What it raises is raised every time.
    """

    @lru_cache(maxsize=_READ_ONCE_COUNT_MAX)
    def made_of(source: bytes) -> Parsed:
        return parse(cast(Body, _read_again(source)))

    def read(record: Record) -> Parsed:
        return made_of(record.source) if record.source else parse(record.body)

    _forgetting.append(made_of.cache_clear)
    return read


def forget_read() -> None:
    """Forget the bodies that are kept in memory, and what was made of them, because one of them is being erased."""
    for forget in _forgetting:
        forget()


def commitment_of(domain: bytes, record: StoredRecord) -> str:
    """Return the salted digest under which a log entry commits to `record`, as hexadecimal SHA-256.

    The digest covers domain, salt, kind, identifier, version and body, each with its length in front.
    """
    return _commitment(domain, record.salt, (record.kind, record.id, record.version), record.body)


def _commitment(domain: bytes, salt: bytes, name: tuple[str, str, int], body: bytes) -> str:
    kind, id, version = name[0].encode(), name[1].encode(), str(name[2]).encode()
    return hashlib.sha256(b"".join((
        _LENGTH(len(domain)), domain, _LENGTH(len(salt)), salt, _LENGTH(len(kind)), kind, _LENGTH(len(id)), id,
        _LENGTH(len(version)), version, _LENGTH(len(body)), body,
    ))).hexdigest()


def act_commitment_of(domain: bytes, act: StoredAct) -> str:
    """Return the salted digest under which a log entry commits to the row of its own act: who, when, which answer."""
    body = encode_canonical({
        "actor": act.actor, "answer": encode_base64url(act.answer), "at": _written(act.at, act.at.tzinfo),
        "kind": act.kind,
    })
    return _commitment(domain, act.salt, ("act", act.id, 1), body)


@lru_cache(maxsize=TIMES_KEPT_COUNT_MAX)
def _written(at: datetime, _zone: tzinfo | None) -> str:
    # The zone is part of what is written, and two times in different zones can be equal.
    return at.isoformat()


def fields_of(kind: str, body: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the (name, value) pairs by which a record of `kind` with `body` is found again."""
    for name, parts in _QUESTIONS.get(kind, ()):
        value = body.get(name)
        if parts:
            for values in product(*(_values(body.get(one)) or (NO_VALUE,) for one in parts)):
                yield name, " ".join(values)
        elif type(value) is str:
            yield name, value
        else:
            for one in _values(value):
                yield name, one


def _values(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def encode_body(kind: str, body: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of `body`; raises `Malformed` when it is too large for a record."""
    encoded = encode_canonical(dict(body))
    if len(encoded) > RECORD_SIZE_BYTES_MAX:
        raise Malformed(
            "record.too-large", "a record of kind {kind} would be larger than allowed",
            hint="shorten what was entered", kind=kind,
        )
    return encoded


def shown_at(at: datetime) -> str:
    """Return `at` as it is written in the books: UTC, whole seconds."""
    return encode_instant(at.astimezone(UTC).replace(microsecond=0))


_LOOK: Final[Mapping[str, str]] = {
    "agreement": "look at `cordiale agreement list`",
    "consignment": "look at `cordiale inbox --all`",
    "destruction": "look at `cordiale duties`",
    "contract": "look at `cordiale contract list`",
    "incident": "look at `cordiale incident list`",
    "item": "look at `cordiale item list`",
    "log": "look at `cordiale audit trail`",
    "partner": "look at `cordiale partner list`",
    "person": "look at `cordiale person list`",
    "reproduction": "look at `cordiale duties`",
    "visit": "look at `cordiale visit list`",
}
"""Where somebody who may see them finds the names that would be known."""


def missing(kind: str, id: str) -> OutOfOrder:
    """Return the error for a record that is not there."""
    return OutOfOrder(
        "record.missing", "there is no {kind} `{id}` here", hint=_LOOK.get(kind, "check its number"),
        kind=kind, id=id[:80],
    )
