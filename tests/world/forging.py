"""What a dishonest or broken partner node could sign with its own keys, and how it is told to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.world.world import AGREEMENT, Player

from cordiale.canonical import encode_canonical, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.refusal import Refusal
from cordiale.message.form import Message, encode_message, message_digest, parse_message
from cordiale.message.members import Correspondent, LogHead
from cordiale.message.verification import read_unverified_object
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, MessageId
from cordiale.ports import OutboxRow, StoredHead
from cordiale.records.arriving import arriving_name
from cordiale.records.correspondence import own_origin
from cordiale.records.log.checkpoint import Checkpoint
from cordiale.records.shown_heads import show_head
from cordiale.work.intake import take_message


def forge(
    sender: Player, audience: Player, body: Body, *, seq: int = 900_000, id: str = "forged", agreement: str = AGREEMENT,
    in_reply_to: str = "", after: tuple[str, ...] = (), seen: LogHead | None = None,
    checkpoint: LogHead | None = None, change: Callable[[dict[str, Any]], None] = lambda _: None,
) -> bytes:
    """Return a message that `sender` really signed; `change` alters its payload before that."""
    message = Message(
        mode=sender.registry.mode,
        sender=Correspondent(sender.party, sender.registry.node),
        audience=Correspondent(audience.party, audience.registry.node),
        id=MessageId(id), seq=seq, sent_at=sender.clock.at.replace(microsecond=0), statement_version=1, body=body,
        agreement=AgreementId(agreement), agreement_version=1 if agreement else 0,
        in_reply_to=MessageId(in_reply_to), after=tuple(map(MessageId, after)), seen=seen, checkpoint=checkpoint,
    )
    payload: Any = parse_canonical(encode_message(message), size_max=MESSAGE_SIZE_BYTES_MAX)
    change(payload)
    return resigned(sender, payload)


def signed_head(player: Player, size: int, root: bytes, log: str = AGREEMENT) -> LogHead:
    """Return a head of a log of `player`, signed with the keys of that log, whatever the log really is."""
    signer = player.keys.signer_of(own_origin(player.registry, log))
    return show_head(StoredHead(signer.origin, size, root, signer.sign(Checkpoint(signer.origin, size, root))))


def resigned(sender: Player, payload: Any) -> bytes:
    """Return `payload` signed as a message of `sender`."""
    typ = object_type(Purpose.MESSAGE, Mode(sender.registry.mode))
    return sign_object(encode_canonical(payload), typ, [sender.keys.registry])


def payload_of(data: bytes) -> Any:
    """Return the payload of a message, unverified."""
    return parse_canonical(read_unverified_object(data).unverified_payload, size_max=MESSAGE_SIZE_BYTES_MAX)


def opened(data: bytes | None) -> Message:
    """Return the message in `data`, unverified."""
    assert data is not None, "there was no answer"
    return parse_message(read_unverified_object(data).unverified_payload)


def tell(sender: Player, recipient: Player, data: bytes) -> bytes | None:
    """Let `recipient` take `data` over a link with `sender`."""
    return take_message(recipient.registry, data, sender.registry.node)


def refusal_in(answer: bytes | None) -> Refusal:
    """Return the signed refusal that `answer` is."""
    body = opened(answer).body
    assert isinstance(body, Refusal), f"taken, not refused: {body}"
    return body


def require_signed_refusal(recipient: Player, sender: Player, data: bytes, answer: bytes | None) -> Refusal:
    """Return the refusal of exactly `data`, after the sender has taken it as a verified message."""
    refused = refusal_in(answer)
    assert refused.message_digest == message_digest(data, recipient.registry.mode)
    assert answer is not None
    tell(recipient, sender, answer)
    assert sender.registry.record("partner-refusal", opened(answer).id) is not None
    return refused


def waiting(player: Player) -> list[OutboxRow]:
    """Return the messages that wait to be sent."""
    return list(player.registry.reads().outbox_open())


def hand_envelopes(sender: Player, recipient: Player, row: OutboxRow) -> None:
    """Bring the envelopes of a message to the partner, as the wire would before the message."""
    for name in row.attachments:
        recipient.objects.contents[arriving_name(sender.registry.node, name)] = sender.objects.contents[name]


def size_of_books(player: Player) -> dict[str, int]:
    """Return the sizes of all logs: equal before and after means that nothing was written."""
    reads = player.registry.reads()
    return {log: reads.log_size(log) for log in reads.logs()}
