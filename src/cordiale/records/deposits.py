"""Deposits: a content that comes in is sealed as it comes, to our own registry, and entered whole or not at all.

Plaintext is never at rest. What is entered is what the request behind the
content asks; the one in front only lets what could never be entered be refused
before it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cordiale.canonical import encode_base64url
from cordiale.crypto.aead import is_equal
from cordiale.envelope.keyaccess import KeyRecipient
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Endpoint, Routing
from cordiale.envelope.seal import SealedContent, SealedEnvelope, SealRequest, close_envelope, seal_content
from cordiale.envelope.streams import FillsBuffers
from cordiale.errors import Malformed, Unverified
from cordiale.model.label import Label
from cordiale.model.names import CopyId, ItemId
from cordiale.records.answer import Answer
from cordiale.records.items import ITEM
from cordiale.records.registry import Registry, Request, answered_before
from cordiale.records.sealing import label_digest, signer_of
from cordiale.records.unentered import sealed_for


class Arriving(FillsBuffers, Protocol):
    """A content on its way in, with the salt that came before it and the signed request that comes behind it."""

    @property
    def salt(self) -> bytes:
        """The salt of the commitment to the content, 32 bytes. It is in the envelope and never in the books."""

    def closing(self, registry: Registry, commitment: bytes) -> Request:
        """Return the request that names the content; called once, after the end of the content.

        `commitment` (48 bytes) is to what arrived: a key file's holder has signed for theirs beforehand, and who
        is signed in at the desk is asked for what the node has received.
        """


class Asked(Protocol):
    """What a request says of the content, read and checked."""

    @property
    def item(self) -> str:
        """The item the content becomes."""

    @property
    def content(self) -> bytes | None:
        """The commitment that was signed, None where the request names no content."""

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed."""


AskedT = TypeVar("AskedT", bound=Asked)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A content that lies sealed in the object `name`, and in no book yet."""

    name: str
    envelope: SealedEnvelope

    def members(self) -> dict[str, object]:
        """Return the members that the record of its item has of it."""
        digest = self.envelope.record.payload.digest if self.envelope.record.payload else b""
        return {
            "deposit_digest": encode_base64url(digest), "envelope": self.name,
            "size_bytes": self.envelope.content.size_bytes,
        }


@dataclass(frozen=True, slots=True)
class Plan(Generic[AskedT]):
    """How a deposit is read and entered; `prefix` begins the name of its object, and says who it is for.

    `kind` is that of the record that names the object once it is entered.
    """

    prefix: str
    read: Callable[[Registry, Request], AskedT]
    enter: Callable[[Registry, Request, AskedT, Sealed], Answer]
    kind: str = ITEM


def take_deposit(registry: Registry, opening: Request, arriving: Arriving, plan: Plan[AskedT]) -> Answer:
    """Seal all that arrives to our own registry, then enter it: one act, whole or not at all.

    Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    item = plan.read(registry, opening).item
    # Of a double click, or after a crash, each attempt has an envelope of its own: only one is ever entered.
    name = f"{plan.prefix}.{registry.random.bytes_(4).hex()}"
    with sealed_for(registry, [name], (plan.kind, item)):
        writer = registry.objects.create(name)
        try:
            content = seal_content(arriving, writer.file, mode=registry.mode, salt=arriving.salt)
            request = _require_same(arriving.closing(registry, content.facts.commitment), opening)
            asked = plan.read(registry, request)
            _require_content(asked, content)
            before = answered_before(registry, request)
            if before is not None:
                writer.abandon()
                return before
            sealed = close_envelope(content, asked.seal_request(registry))
            writer.commit()
        except BaseException:
            writer.abandon()
            raise
        return plan.enter(registry, request, asked, Sealed(name, sealed))


def _require_same(request: Request, opening: Request) -> Request:
    """Return the closing `request` when it asks, as the same person, what `opening` did. Raises `Unverified`."""
    asked = {name: value for name, value in request.act.params.items() if name != "content"}
    if (request.person.id, request.client, request.act.kind, request.act.id, asked) != (
        opening.person.id, opening.client, opening.act.kind, opening.act.id, opening.act.params
    ):
        raise Unverified(
            "deposit.other-request", "the request behind the content does not ask what the one before it did",
            hint="label the file again; if it happens again, report it as an incident",
        )
    return request


def _require_content(asked: Asked, content: SealedContent) -> SealedContent:
    """Return `content` when it is what its originator signed. Raises `Unverified`, and `Malformed` without its name."""
    if asked.content is None:
        raise Malformed(
            "deposit.no-commitment", "the request behind the content does not name the content",
            hint="use a command line of the same version as the node",
        )
    if not is_equal(content.facts.commitment, asked.content):
        raise Unverified(
            "deposit.other-content", "what arrived is not the content that was signed for; nothing of it was kept",
            hint="label the file again; if it happens again, report it as an incident: somebody comes between you "
                 "and the node",
        )
    return content


@dataclass(frozen=True, slots=True)
class Described:
    """What the sealed particulars of a deposit say of its item."""

    item: ItemId
    form: str
    label: Label
    xml: bytes
    title: str
    file_name: str
    media_type: str


def seal_to_ourselves(registry: Registry, what: Described) -> SealRequest:
    """Return how a content is sealed to our own registry."""
    own = Endpoint(registry.party, registry.node)
    return SealRequest(
        routing=Routing(
            mode=registry.mode, originator=what.label.originator, provider=own, recipient=own, item=what.item,
            copy=CopyId(f"{what.item}.deposit"), sealed_at=registry.now(),
        ),
        recipient=KeyRecipient(registry.node, registry.endpoint, registry.keys.wrapping.public),
        labels=(),
        particulars=Particulars(
            register_number=what.item, copy_number=1, kind=what.form, level=what.label.level,
            marking=str(what.label.level), label_digest=label_digest(what.xml, registry.mode),
            title=what.title, purpose="deposit", file_name=what.file_name, media_type=what.media_type,
            label=what.xml,
        ),
        sign=signer_of(registry),
    )
