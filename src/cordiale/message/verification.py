"""Whether bytes are a message of that partner to this node: the checks, in their order.

    1  size and form of the signed object                        Malformed
    2  type: a message of this mode, exercise or real            Unverified
    3  the partner's statement is valid now, and is as new as
       the one the message names                                 Undecidable
    4  one registry key of that statement, both its halves,
       and no other signature                                    Unverified, Malformed
    5  members, type of the body, the body                       Malformed
    6  protocol and suite: listed by both statements (Malformed),
       not below what was agreed or used before                  Malformed, Refused
    7  mode, sender and audience                                 Unverified
    8  logs: the heads are of the sender's and our own logs      Unverified
    9  time: not sent later than now                             Undecidable

Nothing of the payload is used before step 4 has passed, save the version of
the statement in step 3, which can only lead to a no. What follows an unverified
or malformed message is quarantine and a signed refusal; an undecidable one is
held until it can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cordiale.canonical import encode_instant
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import UnverifiedObject, parse_object, verify_threshold
from cordiale.errors import Malformed, Undecidable, Unverified, require_allowed
from cordiale.limits import MESSAGE_SIZE_BYTES_MAX, REQUEST_SKEW_SECONDS_MAX
from cordiale.message.form import Message, parse_message, read_unverified_routing
from cordiale.message.members import LogHead
from cordiale.message.negotiation import Terms, decide_terms
from cordiale.message.trust import registry_keys_of, require_current
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement

_SKEW: Final = timedelta(seconds=REQUEST_SKEW_SECONDS_MAX)
_SIGNATURES_OF_ONE_PAIR: Final = 2
_INCIDENT: Final = "do not act on it; tell the partner, and report it as an incident if it happens again"


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a message must fit: our own statement, the newest statement of the sender, and the time.

    `floors` are terms it may not fall below (`cordiale.message.negotiation`).
    """

    own: NodeStatement
    sender: NodeStatement
    now: datetime
    floors: tuple[Terms, ...] = ()


def read_unverified_object(data: bytes) -> UnverifiedObject:
    """Read a signed message without verifying it, to find out whose statement to expect. Raises `Malformed`.

    Its payload goes to `read_unverified_routing`.
    """
    return parse_object(data, size_max=MESSAGE_SIZE_BYTES_MAX)


def verify_message(data: bytes, expected: Expectations) -> Message:
    """Return the message that `data` is, when it is one of `expected.sender` to `expected.own`.

    Checks in the order the module names, and raises `Malformed`, `Unverified`, `Undecidable` or `Refused` at the
    first that fails.
    """
    # 1
    found = read_unverified_object(data)
    # 2
    typ = object_type(Purpose.MESSAGE, expected.own.mode)
    _require_mode(found.typ, expected.own.mode)
    # 3
    require_current(expected.sender, expected.now)
    _require_known_statement(found, expected.sender)
    # 4
    payload = verify_threshold(data, typ, registry_keys_of(expected.sender), threshold=1)
    if len(found.signatures) != _SIGNATURES_OF_ONE_PAIR:
        raise Malformed("message.signatures", "a message bears the two signatures of one registry key and no other",
                        hint="ask the partner to send it again")
    # 5
    message = parse_message(payload)
    # 6
    _require_terms(message, expected)
    # 7
    _require_ends(message, expected)
    # 8
    _require_log(message.checkpoint, expected.sender)
    _require_log(message.seen, expected.own)
    # 9
    if message.sent_at > expected.now + _SKEW:
        raise Undecidable(
            "message.sent-later", "the message says it was sent on {sent}, which is still to come",
            hint="compare the clocks of both nodes", sent=encode_instant(message.sent_at),
        )
    return message


def _require_mode(typ: str, own: Mode) -> None:
    for mode in Mode:
        if mode is not own and typ == object_type(Purpose.MESSAGE, mode):
            raise Unverified(
                "message.mode", "this message is {found} and this node is {own}",
                hint="exercise and real never meet; check which node it was meant for",
                found=mode.value, own=own.value,
            )


def _require_known_statement(found: UnverifiedObject, sender: NodeStatement) -> None:
    named = read_unverified_routing(found.unverified_payload).statement_version
    if named > sender.version:
        raise Undecidable(
            "message.statement-newer",
            "the message rests on version {named} of the statement of {node}, and version {known} is known",
            hint="ask the partner for its newest statement", named=named, known=sender.version, node=sender.node,
        )


def _require_terms(message: Message, expected: Expectations) -> None:
    for statement in (expected.sender, expected.own):
        if message.protocol not in statement.protocols or message.suite not in statement.suites:
            raise Malformed(
                "message.terms", "{node} does not list protocol {protocol} with suite {suite}",
                hint="ask the partner to use what both node statements list",
                node=statement.node, protocol=message.protocol, suite=message.suite,
            )
    require_allowed(decide_terms(message.terms, floors=expected.floors))


def _require_ends(message: Message, expected: Expectations) -> None:
    if message.mode is not expected.own.mode:
        raise Unverified("message.mode", "this message is {found} and this node is {own}", hint=_INCIDENT,
                         found=message.mode.value, own=expected.own.mode.value)
    if (message.sender.party, message.sender.node) != (expected.sender.party, expected.sender.node):
        raise Unverified("message.sender", "the message says it comes from {found} and {expected} signed it",
                         hint=_INCIDENT, found=str(message.sender), expected=expected.sender.node)
    if (message.audience.party, message.audience.node) != (expected.own.party, expected.own.node):
        raise Unverified("message.audience", "the message is meant for {found} and not for this node",
                         hint=_INCIDENT, found=str(message.audience))


def _require_log(head: LogHead | None, statement: NodeStatement) -> None:
    if head is None:
        return
    prefixes = [keys.origin_prefix for keys in statement.log_keys]
    if not any(head.origin == prefix or head.origin.startswith(prefix + "/") for prefix in prefixes):
        raise Unverified("message.log-origin", "the log `{origin}` is none of {node}", hint=_INCIDENT,
                         origin=head.origin[:80], node=statement.node)
