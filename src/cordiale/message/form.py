"""The one form of a message between nodes, the same bytes by wire and by bag.

A message is a signed object (`cordiale.crypto.jws`) whose payload has the
members below; its body belongs to one of the types in
`cordiale.message.bodies`. It is signed once: the bytes are kept and sent again
as they are, for a receipt names their digest.

What is decided here is whether these bytes are a message of that partner to
this node. Whether it comes twice or too early is decided in
`cordiale.message.sequence`; what the agreement says of it, by the act itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from cordiale.canonical import INTEGER_MAX, Canonical, Fields, Json, encode_canonical, encode_instant, parse_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain, object_type
from cordiale.crypto.jws import sign_written
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import Malformed
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX, PREDECESSORS_COUNT_MAX
from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.body import Body, BodyType, Precedence, Reply
from cordiale.message.members import (
    VERSION_MAX,
    Correspondent,
    LogHead,
    read_identifier,
    read_identifiers,
    read_version,
    without_absent,
)
from cordiale.message.negotiation import PROTOCOLS, Terms
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, MessageId

SUITE_NAME_LENGTH_MAX: Final = 32
_ROUTING_KEPT_BYTES_MAX: Final = 48 * 1024
_ROUTINGS_KEPT_COUNT_MAX: Final = 128
_NO_AGREEMENT: Final = AgreementId("")
_NO_MESSAGE: Final = MessageId("")
_RESEND: Final = "ask the partner to send it again"
_TYPE_OF: Final[Mapping[type[Body], BodyType]] = {row.cls: row for row in BODY_TYPES.values()}


@dataclass(frozen=True, slots=True)
class Message:
    """A message between two nodes.

    `seq` counts from 1 in the stream of this sender, audience and agreement, without gaps. `agreement` is empty
    and `agreement_version` zero where a message belongs to none. `in_reply_to` is the message it answers, or
    empty. `after` are the messages that must have taken effect before this one: those on the same item, in
    either direction. `checkpoint` is the sender's own log and `seen` the audience's as the sender last saw it,
    both of this agreement. `statement_version` is of the sender's node statement. `sent_at` is when it was
    signed. Raises `Malformed` for what the type of the body does not permit.
    """

    mode: Mode
    sender: Correspondent
    audience: Correspondent
    id: MessageId
    seq: int
    sent_at: datetime
    statement_version: int
    body: Body
    agreement: AgreementId = field(default=_NO_AGREEMENT)
    agreement_version: int = 0
    in_reply_to: MessageId = field(default=_NO_MESSAGE)
    after: tuple[MessageId, ...] = ()
    checkpoint: LogHead | None = None
    seen: LogHead | None = None
    protocol: int = 1
    suite: str = "1"

    def __post_init__(self) -> None:
        row = self.row
        if bool(self.agreement) is not bool(self.agreement_version) or (row.needs_agreement and not self.agreement):
            raise Malformed("message.agreement", "a message of type {type} must name its agreement and its version",
                            hint=_RESEND, type=row.name)
        answers = bool(self.in_reply_to)
        if (row.reply is Reply.MUST and not answers) or (row.reply is Reply.NEVER and answers):
            raise Malformed("message.reply", "a message of type {type} answers another message, or must not",
                            hint=_RESEND, type=row.name)
        if self.sender == self.audience:
            raise Malformed("message.to-itself", "the sender and the audience are the same node", hint=_RESEND)
        if self.id in (self.in_reply_to, *self.after) or list(self.after) != sorted(set(self.after)):
            raise Malformed("message.predecessors", "the message names itself, or its predecessors out of order",
                            hint=_RESEND)

    @property
    def row(self) -> BodyType:
        """The row of its type in the table of types."""
        return _TYPE_OF[type(self.body)]

    @property
    def type(self) -> str:
        """The name of its type on the wire."""
        return self.row.name

    @property
    def precedence(self) -> Precedence:
        """Whether it overtakes bulk; its type says so."""
        return self.row.precedence

    @property
    def terms(self) -> Terms:
        """The protocol and suite it was made under."""
        return Terms(self.protocol, self.suite)


@dataclass(frozen=True, slots=True)
class UnverifiedRouting:
    """What a message says of itself, to find out whose keys to ask for and how to refuse it, and for nothing else.

    What cannot be read of it is empty or zero; that is not an error here.
    """

    party: str
    node: str
    id: str
    type: str
    agreement: str
    statement_version: int
    after: tuple[str, ...] = ()


def encode_message(message: Message) -> Canonical:
    """Return the payload of `message`: canonical JSON. Raises `Malformed` when it cannot be written."""
    return encode_canonical(without_absent((
        ("protocol", message.protocol),
        ("suite", message.suite),
        ("mode", message.mode.value),
        ("type", message.type),
        ("agreement", message.agreement),
        ("agreement_version", message.agreement_version or None),
        ("sender", message.sender.encode()),
        ("audience", message.audience.encode()),
        ("id", message.id),
        ("seq", message.seq),
        ("in_reply_to", message.in_reply_to),
        ("after", list(message.after)),
        ("precedence", message.precedence.value),
        ("sent_at", encode_instant(message.sent_at)),
        ("checkpoint", message.checkpoint.encode() if message.checkpoint else None),
        ("seen", message.seen.encode() if message.seen else None),
        ("statement_version", message.statement_version),
        ("body", message.body.encode()),
    )))


def sign_message(message: Message, pair: SigningPair) -> bytes:
    """Sign `message` with the registry key in use. Raises `Malformed` when it is larger than a message may be."""
    return sign_written(encode_message(message), object_type(Purpose.MESSAGE, message.mode), [pair])


def message_digest(data: bytes, mode: Mode) -> bytes:
    """Return the digest of the exact bytes of a signed message, 48 bytes: SHA-384 in its own domain."""
    return sha384(domain(Purpose.MESSAGE, mode), data)


def parse_message(payload: bytes) -> Message:
    """Read the payload of a message. That it is signed by anybody, `verify_message` says.

    Raises `Malformed`: first for a protocol this software does not speak, then for an unknown type, then for
    whatever else is missing, unknown or not of the form.
    """
    fields = Fields(parse_canonical(payload, size_max=MESSAGE_SIZE_BYTES_MAX), where="message")
    row = _read_type(fields)
    message = Message(
        protocol=fields.integer("protocol", min(PROTOCOLS), max(PROTOCOLS)),
        suite=fields.text("suite", max_length=SUITE_NAME_LENGTH_MAX),
        mode=fields.choice("mode", Mode),
        agreement=AgreementId(_optional_identifier(fields, "agreement")),
        agreement_version=fields.optional_integer("agreement_version", 1, VERSION_MAX) or 0,
        sender=Correspondent.parse(fields.object("sender")),
        audience=Correspondent.parse(fields.object("audience")),
        id=MessageId(read_identifier(fields, "id")),
        seq=fields.integer("seq", 1, INTEGER_MAX),
        in_reply_to=MessageId(_optional_identifier(fields, "in_reply_to")),
        after=tuple(map(MessageId, read_identifiers(fields, "after", max_count=PREDECESSORS_COUNT_MAX))),
        sent_at=fields.instant("sent_at"),
        checkpoint=_optional_head(fields, "checkpoint"), seen=_optional_head(fields, "seen"),
        statement_version=read_version(fields, "statement_version"),
        body=row.parse(fields.object("body")),
    )
    fields.constant("precedence", row.precedence.value)
    fields.end()
    return message


def read_unverified_routing(payload: bytes) -> UnverifiedRouting:
    """Return what the payload of a message says of itself, however little that is. Raises `Malformed` only for
    what is not canonical JSON at all."""
    return _routing_kept(payload) if len(payload) <= _ROUTING_KEPT_BYTES_MAX else _routing_of(payload)


def _routing_of(payload: bytes) -> UnverifiedRouting:
    value = parse_canonical(payload, size_max=MESSAGE_SIZE_BYTES_MAX)
    members = value if isinstance(value, dict) else {}
    sender = members.get("sender")
    return UnverifiedRouting(
        party=_text_or_empty(sender.get("party")) if isinstance(sender, dict) else "",
        node=_text_or_empty(sender.get("node")) if isinstance(sender, dict) else "",
        id=_text_or_empty(members.get("id")),
        type=_text_or_empty(members.get("type")),
        agreement=_text_or_empty(members.get("agreement")),
        statement_version=_whole_or_zero(members.get("statement_version")),
        after=_texts_or_none(members.get("after")),
    )


# It is asked for at each step of the way in, and when the message is answered; all of the bytes are the key.
_routing_kept: Final = lru_cache(maxsize=_ROUTINGS_KEPT_COUNT_MAX)(_routing_of)


def _read_type(fields: Fields) -> BodyType:
    protocol = fields.value("protocol")
    if isinstance(protocol, bool) or protocol not in PROTOCOLS:
        raise Malformed(
            "message.protocol-unknown", "the message is written in a version of the protocol unknown here",
            hint="ask the partner to use a protocol that both node statements list",
        )
    name = fields.text("type")
    if name not in BODY_TYPES:
        raise Malformed("message.type-unknown", "messages of the type `{type}` are not known here",
                        hint="ask the partner which version of Cordiale it uses", type=name[:80])
    return BODY_TYPES[name]


def _optional_identifier(fields: Fields, name: str) -> str:
    return read_identifier(fields, name) if fields.has(name) else ""


def _optional_head(fields: Fields, name: str) -> LogHead | None:
    head = fields.optional_object(name)
    return LogHead.parse(head) if head else None


def _text_or_empty(value: Json) -> str:
    return value[:128] if isinstance(value, str) else ""


def _texts_or_none(value: Json) -> tuple[str, ...]:
    texts = value[:PREDECESSORS_COUNT_MAX] if isinstance(value, list) else []
    return tuple(text[:128] for text in texts if isinstance(text, str))


def _whole_or_zero(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
