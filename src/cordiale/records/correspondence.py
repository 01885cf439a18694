"""Letters between nodes, as the books know them: written inside an act, sent after it.

Whatever goes to a partner is signed, numbered in its stream and queued in the
same commit as the act that causes it. An act that fails sends nothing; an act
that is durable is sent until it is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from cordiale.errors import Malformed
from cordiale.limits import FOLLOWED_COUNT_MAX
from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.body import Body, BodyType, Scope
from cordiale.message.form import Message, message_digest, read_unverified_routing, sign_message
from cordiale.message.members import Correspondent, LogHead
from cordiale.message.negotiation import negotiate
from cordiale.message.verification import read_unverified_object
from cordiale.model.names import AgreementId, MessageId
from cordiale.model.party import NodeStatement
from cordiale.ports import OutboxRow, Reads, StoredHead
from cordiale.records.keyring import log_origin
from cordiale.records.partners import PARTNER, open_partner, own_statement
from cordiale.records.refused_messages import told_anew
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.shown_heads import show_head

_CHAIN: Final = "matter-chain"
SENT: Final = "sent"
AnyBody = TypeVar("AnyBody", bound=Body)
BODY_TYPES_BY_CLASS: Final[Mapping[type[Body], BodyType]] = {row.cls: row for row in BODY_TYPES.values()}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: `body` under `agreement`, version `version` of its profile.

    `after` are messages on the same item that must take effect first; `attachments` are envelopes that
    travel with it, by `link` only unless it is ``any``; `is_answer` marks an immediate answer, which is kept
    with the message it answers instead of being queued.
    """

    partner: NodeStatement
    body: Body
    agreement: str = ""
    version: int = 0
    in_reply_to: str = ""
    after: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    is_answer: bool = False
    link: str = "any"


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was written: its identifier, its exact bytes and their digest."""

    id: str
    content: bytes
    digest: bytes


def partner_origin(statement: NodeStatement, log: str) -> str:
    """Return the origin of the partner's log `log`."""
    return f"{statement.log_keys[0].origin_prefix}/{log}"


def post(registry: Registry, session: ActSession, letter: Letter) -> Posted:
    """Write `letter` inside the act of `session`: it is numbered, signed and, unless an answer, queued.

    Raises `Undecidable` when this node has no statement of its own yet.
    """
    partner = letter.partner
    own = own_statement(session.reads, registry.mode).statement
    known = session.get(PARTNER, partner.party)
    floors = open_partner(known, registry.mode).floors if known is not None else ()
    terms = negotiate(own, partner, floors=floors)
    id = MessageId(registry.fresh_id("m"))
    message = Message(
        mode=registry.mode,
        sender=Correspondent(registry.party, registry.node),
        audience=Correspondent(partner.party, partner.node),
        id=id,
        seq=session.work.take_position("out", partner.node, letter.agreement),
        sent_at=session.at.replace(microsecond=0),
        statement_version=own.version,
        body=letter.body,
        agreement=AgreementId(letter.agreement),
        agreement_version=letter.version,
        in_reply_to=MessageId(letter.in_reply_to),
        after=tuple(sorted({*map(MessageId, letter.after), *_follow(session, letter, id)})),
        checkpoint=_own_head(session.work, letter.agreement),
        seen=_seen_head(session.work, partner, letter.agreement),
        protocol=terms.protocol,
        suite=terms.suite,
    )
    content = sign_message(message, registry.keys.registry)
    digest = message_digest(content, registry.mode)
    session.put(SENT, message.id, {
        "agreement": letter.agreement, "digest": digest.hex(), "link": "answer" if letter.is_answer else letter.link,
        "node": partner.node, "seq": message.seq,
    }, expect=0)
    if not letter.is_answer:
        told_anew(session, message)
        session.queue(OutboxRow(
            id=message.id, partner=partner.node, agreement=letter.agreement, seq=message.seq,
            precedence=message.precedence.value, message=content, attachments=letter.attachments,
            link=letter.link, state="waiting", queued_at=session.at,
        ))
    return Posted(message.id, content, digest)


def _follow(session: ActSession, letter: Letter, id: MessageId) -> set[MessageId]:
    """Return what of ours the message `id` follows, and let what comes later on its matter follow it.

    The agreement itself is one matter; and what is done under it follows what was said of it before and is not
    answered yet: a suspension that was lifted, a link that was approved.
    """
    row, node = BODY_TYPES_BY_CLASS[type(letter.body)], letter.partner.node
    accord = f"{node}/accord/{letter.agreement}"
    named = row.matter_of(letter.body)
    matter = accord if row.scope is Scope.ACCORD else f"{node}/{named}" if named else ""
    follows = _last(session, matter) if matter else set()
    if matter:
        session.put(_CHAIN, matter, {"last": id})
    if row.scope is Scope.JOURNEY and not letter.is_answer:
        rows = map(session.reads.outbox, _last(session, accord))
        follows |= {MessageId(one.id) for one in rows if one is not None and one.state == "waiting"}
    return follows


def _last(session: ActSession, matter: str) -> set[MessageId]:
    last = session.get(_CHAIN, matter)
    return {MessageId(str(last["last"]))} if last is not None else set()


def list_waiting(session: ActSession, partner: NodeStatement, agreement: str, types: frozenset[str]) -> list[MessageId]:
    """Return what of `types` waits for the answer of `partner` under `agreement`, in the order it was written."""
    rows = session.reads.outbox_open(partner=partner.node, limit=FOLLOWED_COUNT_MAX)
    found = [
        row for row in rows if row.agreement == agreement
        and read_unverified_routing(read_unverified_object(row.message).unverified_payload).type in types
    ]
    return [MessageId(row.id) for row in sorted(found, key=lambda row: row.seq)]


def _own_head(reads: Reads, agreement: str) -> LogHead | None:
    """Return the head of our log as it was last committed: what is being written now has none yet."""
    return _shown(reads.head(agreement)) if agreement else None


def _seen_head(reads: Reads, partner: NodeStatement, agreement: str) -> LogHead | None:
    return _shown(reads.seen(partner_origin(partner, agreement))) if agreement else None


def _shown(head: StoredHead | None) -> LogHead | None:
    return show_head(head) if head is not None else None


def own_origin(registry: Registry, log: str) -> str:
    """Return the origin of our log `log`."""
    return log_origin(registry.mode, registry.party, registry.node, log)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A verified message, with what was found of it on arrival.

    `content` is its exact bytes, `digest` their digest and `partner` the statement of its sender. `envelopes`
    maps the name of each envelope that came with it to the object it lies in here.
    """

    message: Message
    content: bytes
    digest: bytes
    partner: NodeStatement
    arrived_at: datetime


def body_as(arrived: Arrived, kind: type[AnyBody]) -> AnyBody:
    """Return the body of what arrived, of the type that its step takes; raises `Malformed` for any other."""
    body = arrived.message.body
    if not isinstance(body, kind):
        raise Malformed(
            "intake.other-body", "this message is not of the type that is taken here", hint="report this as a defect"
        )
    return body
