"""The bag: what waits for a partner goes onto a medium, and what lies on one is taken as if it came by wire.

Packing is an act: the manifest is numbered and entered, then the files are
written; the same bag can be written again from the books. Unpacking takes each
message through the same intake as the wire. Answers go back in the next bag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Protocol

from cordiale.canonical import Fields, encode_base64url, parse_base64url
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable, Undecidable
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX
from cordiale.message.bag import (
    MANIFEST_NAME,
    BagContents,
    Carried,
    CarriedMessage,
    compare_listing,
    encode_statement_file,
    open_file,
    parse_statement_file,
    path_of,
    plan_bag,
    verify_bag_manifest,
)
from cordiale.message.bag_seal import SEAL_SIZE_BYTES, BagSeal, WrappedBagKey, open_seal
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.consignment import Consignment
from cordiale.message.form import Message, parse_message, read_unverified_routing
from cordiale.message.members import SealedEnvelope
from cordiale.message.trust.keys import wrapping_key_of
from cordiale.message.trust.statement import read_unverified_statement
from cordiale.message.verification import Expectations, read_unverified_object
from cordiale.model.party import NodeStatement
from cordiale.ports import InboxRow, OutboxRow
from cordiale.records.arriving import arriving_name
from cordiale.records.correspondence import Letter, post
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import PARTNER, open_partner, own_statement, require_partner
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry
from cordiale.records.renewal import own_shown
from cordiale.records.session import ActSession
from cordiale.work.ahead import WAITS
from cordiale.work.intake import take_message
from cordiale.work.outbox import is_held_back
from cordiale.work.renewal import renew_by_file

BAG: Final = "bag"
ANSWER: Final = "bag-answer"
_CHUNK_BYTES: Final = 1024 * 1024
_SEALED_SOURCES: Final = ("outbox", "answer")


class Medium(Protocol):
    """A folder on something that is carried by hand."""

    def listing(self) -> Mapping[str, int]:
        """Return every file with its size in bytes, by its path with forward slashes."""

    def read(self, path: str, size_max: int) -> bytes:
        """Return a small file; raises `Malformed` when it is larger than `size_max` bytes."""

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a new file durably; one that is there already is not touched (`OutOfOrder`)."""


@dataclass(slots=True)
class Unpacked:
    """What became of a bag: `taken` messages, those known `before`, and `problems` as (path, what is wrong)."""

    bag: str
    taken: int = 0
    before: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def pack(registry: Registry, party: str, medium: Medium, act_id: str) -> dict[str, Any]:
    """Pack everything that waits for `party` onto `medium`; the same `act_id` writes the same bag again.

    Raises `OutOfOrder` when nothing waits or the medium is not empty.
    """
    if medium.listing():
        raise OutOfOrder("bag.not-empty", "the folder for the bag is not empty", hint="give an empty folder")
    registry.ledger.commit(Act(act_id, "bag.pack", "node", INTERNAL, lambda session: _plan(registry, session, party)))
    stored = registry.reads().act(act_id)
    record = registry.record(BAG, act_id)
    if stored is None or record is None:
        raise Unavailable("bag.unwritten", "the bag was not entered", hint="repeat the command")
    seal = _open_seal(registry, WrappedBagKey.parse(Fields(record["key"], where="key of a bag in the books")))
    for path, source, name in record["files"]:
        chunks = _chunks(registry, source, name)
        medium.write(path, [seal.seal(path, b"".join(chunks))] if source in _SEALED_SOURCES else chunks)
    medium.write(MANIFEST_NAME, [str(record["manifest"]).encode()])
    return {"bag": record["message"], "files": len(record["files"]), "party": party}


def _open_seal(registry: Registry, key: WrappedBagKey) -> BagSeal:
    """Return the seal that `key` opens with a wrapping key this node uses, or used before."""
    return open_seal(key, registry.keys.wrapping_for({key.kid}), registry.mode)


def _plan(registry: Registry, session: ActSession, party: str) -> dict[str, Any]:
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    rows = [
        row for row in session.reads.outbox_open(partner=partner.node)
        if row.link != "wire" and not is_held_back(registry, row)
    ]
    answers = [one for one in session.find(ANSWER, "state", "to-carry") if one["partner"] == partner.node]
    if not rows and not answers:
        raise OutOfOrder("bag.nothing", "nothing waits for {party}", hint="there is nothing to carry", party=party)
    contents, sources = _contents(registry, session, rows, [str(one.id) for one in answers])
    seal = BagSeal.fresh(registry.mode)
    manifest = plan_bag(contents, seal, wrapping_key_of(partner))
    posted = post(registry, session, Letter(partner=partner, body=manifest, is_answer=True))
    files = [[path_of(file), *sources[_key(file)]] for file in manifest.files]
    session.put(BAG, session.act_id, {
        "files": files, "key": seal.wrap_for(registry.keys.wrapping.public).encode(),
        "manifest": posted.content.decode(), "message": posted.id, "packed_at": shown_at(session.at), "party": party,
    }, expect=0)
    for one in answers:
        session.change(one, state="carried")
    return {"bag": posted.id}


def _contents(
    registry: Registry, session: ActSession, rows: list[OutboxRow], answers: list[str]
) -> tuple[BagContents, dict[str, tuple[str, str]]]:
    """Return what goes into the bag, and for each file where its bytes are: (kind of source, name)."""
    messages: list[CarriedMessage] = []
    envelopes: list[SealedEnvelope] = []
    sources: dict[str, tuple[str, str]] = {}
    for row in rows:
        message = _open(row.message)
        messages.append(CarriedMessage(message, row.message))
        sources[f"m.{message.id}"] = ("outbox", row.id)
        if isinstance(message.body, Consignment):
            for content in (item.content for item in message.body.items):
                if content is not None:
                    envelopes.append(content)
                    sources[f"e.{content.envelope}"] = ("object", content.envelope)
    for id in answers:
        inbox = _require_inbox(session, id)
        message = _open(inbox.answer)
        messages.append(CarriedMessage(message, inbox.answer))
        sources[f"m.{message.id}"] = ("answer", id)
    version = own_statement(session.reads, registry.mode).statement.version
    shown = own_shown(session.reads)
    sources[f"m.statement-{version}"] = ("bytes", encode_base64url(encode_statement_file(shown)))
    statement = Carried(f"statement-{version}", encode_statement_file(shown))
    return BagContents(registry.mode, tuple(messages), tuple(envelopes), (), (statement,)), sources


def _key(file: BagFile) -> str:
    return f"{'e' if file.kind is BagFileKind.ENVELOPE else 'm'}.{file.id}"


def _open(data: bytes) -> Message:
    """Return a message of our own from the books."""
    return parse_message(read_unverified_object(data).unverified_payload)


def _require_inbox(session: ActSession, id: str) -> InboxRow:
    row = session.reads.inbox(id)
    if row is None or not row.answer:
        raise Undecidable("bag.no-answer", "an answer to be carried is not in the books", hint="run `audit verify`")
    return row


def _chunks(registry: Registry, source: str, name: str) -> Iterable[bytes]:
    reads = registry.reads()
    if source == "outbox":
        row = reads.outbox(name)
        return [row.message] if row is not None else []
    if source == "answer":
        inbox = reads.inbox(name)
        return [inbox.answer] if inbox is not None else []
    if source == "bytes":
        return [parse_base64url(name)]
    return _object_chunks(registry, name)


def _object_chunks(registry: Registry, name: str) -> Iterable[bytes]:
    with closing(registry.objects.open(name)) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def unpack(registry: Registry, medium: Medium, tell: Callable[[str], None] = lambda _: None) -> Unpacked:
    """Take everything on `medium`, in the order of its manifest; doing it twice is doing it once.

    A file that is wrong stops nothing but what depends on it. `tell` hears each path before it is taken. Raises
    what the manifest itself is refused with: nothing was taken then.
    """
    if MANIFEST_NAME not in medium.listing():
        raise Malformed(
            "bag.none", "there is no bag in this folder", hint="name the folder that `{name}` lies in",
            name=MANIFEST_NAME,
        )
    data = medium.read(MANIFEST_NAME, MESSAGE_SIZE_BYTES_MAX)
    routing = read_unverified_routing(read_unverified_object(data).unverified_payload)
    if routing.party == registry.party:
        raise OutOfOrder(
            "bag.our-own", "this bag was packed by our own party", hint="have the partner it is for unpack it"
        )
    partner = _take_statements(registry, medium, routing.party)
    message, manifest = verify_bag_manifest(data, Expectations(
        own=own_statement(registry.reads(), registry.mode).statement, sender=partner, now=registry.now(),
    ))
    seal = _open_seal(registry, manifest.key)
    result = Unpacked(message.id)
    listing = compare_listing(manifest, medium.listing())
    result.problems += [(path, "it is missing") for path in listing.missing]
    result.problems += [(path, "the manifest does not list it; it was not opened") for path in listing.unlisted]
    result.problems += [(path, "it has another size than the manifest lists") for path in listing.resized]
    wrong = {*listing.missing, *listing.resized}
    files = [file for file in manifest.files if path_of(file) not in wrong]
    while files:
        waiting = _take_files(registry, medium, (files, partner.node, seal), (result, tell))
        if len(waiting) == len(files):
            result.problems += [(path_of(file), str(error)) for file, error in waiting]
            break
        files = [file for file, _ in waiting]
    _note(registry, message, manifest, result)
    return result


def _take_statements(registry: Registry, medium: Medium, party: str) -> NodeStatement:
    """Take a newer statement that came along, when the party's root signed it; then return the one that counts."""
    stored = registry.record(PARTNER, party)
    if stored is None:
        return require_partner(registry.reads(), party, mode=registry.mode, now=registry.now()).statement
    partner = open_partner(stored, registry.mode)
    for path in sorted(medium.listing()):
        if not path.startswith("1-statements/"):
            continue
        with suppress(CordialeError):
            shown = parse_statement_file(medium.read(path, MESSAGE_SIZE_BYTES_MAX))
            if read_unverified_statement(shown.statement.encode()).version > partner.statement.version:
                renew_by_file(registry, party, shown)
    return require_partner(registry.reads(), party, mode=registry.mode, now=registry.now()).statement


def _take_files(
    registry: Registry, medium: Medium, which: tuple[Sequence[BagFile], str, BagSeal],
    told: tuple[Unpacked, Callable[[str], None]],
) -> list[tuple[BagFile, CordialeError]]:
    """Take files, and return those that wait for another message: an order lies before the bulk that it follows."""
    files, node, seal = which
    result, tell = told
    waiting: list[tuple[BagFile, CordialeError]] = []
    for file in files:
        tell(path_of(file))
        try:
            _take_file(registry, medium, (file, node, seal), result)
        except CordialeError as error:
            if error.code == WAITS:
                waiting.append((file, error))
            else:
                result.problems.append((path_of(file), str(error)))
    return waiting


def _take_file(registry: Registry, medium: Medium, which: tuple[BagFile, str, BagSeal], result: Unpacked) -> None:
    file, node, seal = which
    if file.kind is BagFileKind.ENVELOPE:
        _take_envelope(registry, medium, file, arriving_name(node, file.id))
    elif file.kind in (BagFileKind.ORDER, BagFileKind.BULK):
        sealed = medium.read(path_of(file), MESSAGE_SIZE_BYTES_MAX + SEAL_SIZE_BYTES)
        data = open_file(file, sealed, seal, registry.mode)
        known = registry.reads().inbox(file.id) is not None
        answer = take_message(registry, data)
        result.before += known
        result.taken += not known
        if answer is not None:
            _carry_answer(registry, file.id)


def _take_envelope(registry: Registry, medium: Medium, file: BagFile, name: str) -> None:
    partial = registry.objects.partial(name)
    if registry.objects.size(name) is not None:
        return
    with closing(medium.open(path_of(file))) as source:
        source.seek(partial.size)
        partial.append(partial.size, iter(lambda: source.read(_CHUNK_BYTES), b""))
    partial.finish()


def _carry_answer(registry: Registry, id: str) -> None:
    """See to it that the answer to message `id` goes into the next bag."""
    row = registry.reads().inbox(id)
    if row is None:
        return
    known = registry.record(ANSWER, id)
    version = known.version if known is not None else 0
    if known is not None and known["state"] == "to-carry":
        return

    def run(session: ActSession) -> dict[str, Any]:
        session.put(ANSWER, id, {"partner": row.partner, "state": "to-carry"})
        return {}

    registry.ledger.commit(Act(f"carry.{id}.{version}", "bag.answer", "node", INTERNAL, run, id))


def _note(registry: Registry, message: Message, manifest: BagManifest, result: Unpacked) -> None:
    """Enter that the bag came; the number of its manifest is taken in the stream, so that a lost bag is missed."""
    if registry.record("bag-in", message.id) is not None:
        return

    def run(session: ActSession) -> dict[str, Any]:
        session.put("bag-in", message.id, {
            "files": len(manifest.files), "party": message.sender.party, "problems": len(result.problems),
            "seq": message.seq, "taken": result.taken, "unpacked_at": shown_at(session.at),
        }, expect=0)
        return {}

    registry.ledger.commit(Act(f"bag.{message.id}", "bag.unpack", "node", INTERNAL, run, message.id))
