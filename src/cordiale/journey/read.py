"""Read: a grant is decided for this person now, committed to the log, and only then does the key leave.

What the reader is shown was verified to its last byte before the first byte is
released. The grant names the reader in our own books only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from cordiale.canonical import parse_base64url
from cordiale.envelope.record import Carriage, Endpoint
from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import ROOM_CONTENT_SIZE_BYTES_MAX, STAMP_CONTENT_SIZE_BYTES_MAX
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of
from cordiale.model.names import AgreementId, ConsignmentId, NodeId, PartyId
from cordiale.model.person import Person
from cordiale.records.answer import Answer
from cordiale.records.contents import OpenedContent, Place, StillReadable, pieces_of
from cordiale.records.items import COPY, ITEM, needs_of, view_of
from cordiale.records.joined import Joint, joined_with, open_joined, still_joined
from cordiale.records.overrides import note_overridden
from cordiale.records.partners import registry_keys_ever
from cordiale.records.readings_told import note_reading
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.reproductions import require_held_copy, the_held_copy
from cordiale.records.sealing import expected_from, expected_own
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers
from cordiale.records.stamps import banner_of, compose_stamp
from cordiale.rules.access import decide_access
from cordiale.rules.holding import AccessView
from cordiale.rules.joined import without_joined
from cordiale.rules.room import decide_file, decide_text

_STAMPED_PIECE_BYTES: Final = 1024**2


def open_content(registry: Registry, request: Request) -> OpenedContent:
    """Grant `request` the reading of an item's content, for one purpose, and open it.

    Raises `Refused` or `Undecidable` with every reason and article; `OutOfOrder` for an item without content.
    """
    answer = grant_reading(registry, request)
    item = _item_of(registry, answer)
    pieces = pieces_of(registry, _object_of(registry, item))
    if not answer.value.get("stamped"):
        return OpenedContent(answer, pieces)
    copy = registry.record(COPY, answer.value["copy"])
    stamp = compose_stamp(registry.books(), item, copy, registry.mode)
    # Made in memory for this one reading; the sealed original is as it was.
    stamped = registry.stamper.stamp(b"".join(pieces), stamp)
    sized = replace(answer, value={**answer.value, "size_bytes": len(stamped)})
    return OpenedContent(sized, _cut(stamped))


def _cut(stamped: bytes) -> Iterator[bytes]:
    for start in range(0, len(stamped), _STAMPED_PIECE_BYTES):
        yield stamped[start:start + _STAMPED_PIECE_BYTES]


def grant_reading(registry: Registry, request: Request) -> Answer:
    """Decide on the reading, and enter the grant; the key has not left when this returns.

    A request opens once: the same request again would be a reading that nobody decided and no grant tells of.
    """
    fields = request.act.fields()
    asked = _Asked(
        fields.text("item"), fields.text("purpose"), fields.optional_text("copy"),
        stamped=fields.boolean("stamped") if fields.has("stamped") else False,
    )
    fields.end()
    return _grant(registry, request, asked)


def open_as_file(registry: Registry, request: Request) -> OpenedContent:
    """Grant `request` the content as a file, where agreement and national law let it leave the room, and open it.

    Raises as `open_content`, and `Undecidable` where nothing says that it may leave.
    """
    fields = request.act.fields()
    asked = _Asked(fields.text("item"), fields.text("purpose"), None, as_file=True)
    fields.end()
    return _open_granted(registry, _grant(registry, request, asked))


def open_for_room(registry: Registry, request: Request) -> OpenedContent:
    """Grant `request` a reading in the reading room, and open the content for the process that shows it.

    Raises as `open_content`, and `OutOfOrder` for a content too large to be shown.
    """
    fields = request.act.fields()
    asked = _Asked(fields.text("item"), fields.text("purpose"), fields.optional_text("copy"), in_room=True)
    fields.end()
    return _open_granted(registry, _grant(registry, request, asked))


def _open_granted(registry: Registry, answer: Answer) -> OpenedContent:
    return OpenedContent(answer, pieces_of(registry, _object_of(registry, _item_of(registry, answer))))


def _item_of(registry: Registry, answer: Answer) -> Record:
    item = registry.record(ITEM, answer.value["item"])
    if item is None:
        raise OutOfOrder("read.gone", "the item is no longer in the books", hint="look at `cordiale where`")
    return item


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be read, for what, of which copy where one is named, and how it is shown."""

    item: str
    purpose: str
    copy: str | None
    stamped: bool = False
    in_room: bool = False
    as_file: bool = False


def _grant(registry: Registry, request: Request, asked: _Asked) -> Answer:
    granted: list[str] = []

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        granted.append(session.act_id)
        item = session.require(ITEM, asked.item)
        view = view_of(registry, session, item)
        decision = decide_access(
            actor, view, needs=needs_of(session, actor.id, asked.item), now=session.at, purpose=asked.purpose
        )
        joined = open_joined(
            registry, session, Joint(Act.READ.value, asked.item, actor.id, {"purpose": asked.purpose})
        )
        require_allowed(decision_of(decision.act, without_joined(decision.reasons, 1 + len(joined))))
        if asked.as_file:
            require_allowed(decide_file(view))
        if item["form"] != "file":
            raise OutOfOrder(
                "read.no-content", "this item is {form}; it is read where it lies", form=item["form"],
                hint="have it charged out to you with `cordiale circulate`",
            )
        further = _further(registry, session, item, asked)
        note_overridden(session, decision, subject=asked.item)
        note_reading(registry, session, item, view, str(further.get("copy", "")))
        with_whom = joined_with(session, joined)
        session.put("grant", request.act.id, {
            "at": shown_at(session.at), "item": asked.item, "person": actor.id,
            "purpose": asked.purpose, **further, **with_whom,
        }, expect=0)
        return {**_particulars(registry, item), **_rights(view, asked), **further, **with_whom}

    answer = commit_personal(registry, request, hide_from_strangers(asked.item, run), subject=asked.item)
    if not granted:
        raise OutOfOrder(
            "read.used", "this request has been used for a reading already", hint="ask to read the item again"
        )
    return answer


def _particulars(registry: Registry, item: Record) -> dict[str, Any]:
    return {
        "banner": [*banner_of(item, registry.mode).lines, *([item["note"]] if "note" in item.body else [])],
        "file_name": item["file_name"], "item": item.id,
        "media_type": item["media_type"], "size_bytes": item["size_bytes"],
    }


def _rights(view: AccessView, asked: _Asked) -> dict[str, Any]:
    """Return what leaves the room beside pictures: the text of a page, the content as a file."""
    if not asked.in_room:
        return {}
    return {"may_have_file": decide_file(view).is_allowed, "may_have_text": decide_text(view).is_allowed}


def _further(registry: Registry, session: ActSession, item: Record, asked: _Asked) -> dict[str, Any]:
    """Return what a grant says of a reading whose pages name a copy: which one, and how it is shown.

    Raises `OutOfOrder` where it cannot be shown so.
    """
    if asked.stamped:
        if item["media_type"] != "application/pdf" or item["size_bytes"] > STAMP_CONTENT_SIZE_BYTES_MAX:
            raise OutOfOrder(
                "read.not-stamped", "only a PDF of at most {size_max} bytes is stamped, and this content is none",
                hint="read it without --stamped", size_max=STAMP_CONTENT_SIZE_BYTES_MAX,
            )
        return {"copy": _copy_of(registry, session, item, asked.copy).id, "stamped": True}
    if asked.in_room:
        if not 0 < item["size_bytes"] <= ROOM_CONTENT_SIZE_BYTES_MAX:
            raise OutOfOrder(
                "read.not-shown", "only contents of 1 to {size_max} bytes are shown in the reading room",
                hint="ask the registry for it on paper", size_max=ROOM_CONTENT_SIZE_BYTES_MAX,
            )
        return {"copy": _copy_of(registry, session, item, asked.copy).id, "room": True}
    return {"as_file": True} if asked.as_file else {}


def _copy_of(registry: Registry, books: Books, item: Record, copy_id: str | None) -> Record:
    copy = require_held_copy(registry, books, copy_id or the_held_copy(registry, books, item.id))
    if copy["item"] != item.id:
        raise OutOfOrder("reproduction.other-item", "the copy is one of another item", hint="check its number")
    return copy


@dataclass(frozen=True, slots=True)
class RoomReading:
    """A reading that was granted in the room: `person` reads `copy` of `item` for `purpose`, whom others `joined`."""

    person: str
    item: str
    copy: str
    purpose: str
    joined: tuple[str, ...] = ()


def require_readable(registry: Registry, reading: RoomReading) -> StillReadable:
    """Decide again on a reading, as if it began now, and return what its next page is shown with.

    Whoever has joined it is asked anew, too: with one who may not read any more it ends for all.

    Raises `Refused` or `Undecidable` with every reason, and `OutOfOrder` where person, item or copy is not there any
    more.
    """
    books = registry.books()
    person = require_person(books, reading.person)
    item = books.require(ITEM, reading.item)
    view = view_of(registry, books, item)
    decision = decide_access(
        person, view, needs=needs_of(books, person.id, item.id), now=books.at, purpose=reading.purpose
    )
    joint = Joint(Act.READ.value, reading.item, reading.person, {"purpose": reading.purpose})
    standing = still_joined(registry, books, joint, reading.joined)
    require_allowed(decision_of(decision.act, without_joined(decision.reasons, 1 + len(standing))))
    copy = _copy_of(registry, books, item, reading.copy)
    return StillReadable(person, view, compose_stamp(books, item, copy, registry.mode))


def _object_of(registry: Registry, item: Record) -> Place:
    if "envelope" in item.body:
        digest = parse_base64url(item["deposit_digest"])
        return Place(item["envelope"], expected_own(registry), item.id, digest)
    for copy in registry.find(COPY, "item", item.id):
        if "object" in copy.body and copy["state"] == "registered":
            return _received_place(registry, copy)
    raise OutOfOrder(
        "read.no-copy", "no copy of this item is held here any more", hint="look at `cordiale where`"
    )


def _received_place(registry: Registry, copy: Record) -> Place:
    consignment = registry.record("consignment", copy["consignment"])
    if consignment is None:
        raise OutOfOrder("read.no-partner", "the sender of this item is not in the books", hint="run `audit verify`")
    carriage = Carriage(
        AgreementId(consignment["agreement"]), consignment["version"], ConsignmentId(consignment.id)
    )
    provider = Endpoint(PartyId(consignment["party"]), NodeId(consignment["node"]))
    return Place(copy["object"], tuple(
        expected_from(registry, provider, signer, carriage)
        for signer in registry_keys_ever(registry.reads(), consignment["party"], registry.mode)
    ), copy["item"], bytes.fromhex(copy["digest"]))
