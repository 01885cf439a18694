"""A consignment that is taken back: on the sender's side until its partner has answered, and on the other for good.

The partner's node says whether the message that named it is there. Where it does not answer, people may find out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cordiale.errors import OutOfOrder
from cordiale.message.bodies.consignment_withdrawn import ConsignmentWithdrawn
from cordiale.model.names import ConsignmentId, MessageId
from cordiale.ports import OutboxRow
from cordiale.records.carriages import CARRIAGE
from cordiale.records.consents import count_use
from cordiale.records.correspondence import SENT, Letter, post
from cordiale.records.courier_authority import duty_to_tell
from cordiale.records.duties import discharge, is_open, reopen
from cordiale.records.items import APPROVAL, COPY, ENTRY
from cordiale.records.level_issue import tell_again
from cordiale.records.levels import DONE, LEVEL_TOLD, changes_for, told_duty
from cordiale.records.partners import require_partner
from cordiale.records.plans import note_used
from cordiale.records.record import Record, shown_at
from cordiale.records.refused_messages import duty_if_unanswered
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.topology import move_approval

WITHDRAWAL: Final = "withdrawal"
"""Ours, under the identifier of the message that asks for it."""
WITHDRAWN_MESSAGE: Final = "withdrawn-message"
"""A message of ours that is sent no more."""
TAKEN_BACK_MESSAGE: Final = "taken-back-message"
"""A message of a partner's that takes no effect any more, under `taken_back_id`."""
WITHDRAWN: Final = "withdrawn"
IS_HERE: Final = "withdraw.here"
_AWAY: Final = ("dispatched", "with-partner")
_OUT: Final = ("dispatched", "delivered")


def taken_back_id(node: str, message: str) -> str:
    """Return the name of a message of the partner's `node` that it took back: it says nothing of another's."""
    return f"{node}/{message}"


def is_settled(books: Books, node: str, message: str) -> bool:
    """Tell whether what `node` sent waits for `message` no more: it came, it is ours, or `node` took it back."""
    return (
        books.reads.inbox(message) is not None or books.reads.outbox(message) is not None
        or books.get(TAKEN_BACK_MESSAGE, taken_back_id(node, message)) is not None
    )


def require_not_withdrawn(books: Books, node: str, message: str) -> None:
    """Raise `OutOfOrder` for a message that `node`, its sender, took back before it came."""
    if books.get(TAKEN_BACK_MESSAGE, taken_back_id(node, message)) is not None:
        raise OutOfOrder(
            "receive.withdrawn", "the sender took this consignment back before it came",
            hint="it was not taken; ask the sender to dispatch it anew",
        )


def stream_of(node: str, agreement: str) -> str:
    """Return how the stream of `node` under `agreement` is looked up among messages that were taken back."""
    return f"{node} {agreement}"


def dispatched_in(consignment: Record) -> str:
    """Return the act by which `consignment` was dispatched."""
    return consignment.id.partition(".c.")[2]


def note_withdrawn(
    registry: Registry, session: ActSession, message: str, proof: str, *, is_by_node: bool = False
) -> None:
    """End the consignment that `message` took back, where it did: the partner does not have it, `proof` says so.

    Its copies have ended with their numbers, and the releases it rested on are open again. What was counted for it is
    free, and what was told of a level and has not left is taken back with it.
    """
    asked = session.get(WITHDRAWAL, message)
    consignment = session.get("consignment", asked["consignment"]) if asked is not None else None
    if asked is None or consignment is None:
        return
    if is_by_node:
        asked = session.change(asked, is_by_node=True)
        if consignment["state"] == WITHDRAWN:
            _let_rest(session, consignment, is_known_there=True)
    if consignment["state"] not in _OUT:
        return
    session.change(consignment, state=WITHDRAWN, withdrawal=asked.id, withdrawn_at=shown_at(session.at))
    _let_rest(session, consignment, is_known_there=is_by_node)
    copies = [session.require(COPY, id) for id in consignment["copies"]]
    for copy in copies:
        session.change(copy, ended_at=shown_at(session.at), state=WITHDRAWN)
        session.put(ENTRY, f"withdrawn.{copy.id}", {
            "act": WITHDRAWN, "at": shown_at(session.at), "book": "dispatch", "copy": copy.id, "item": copy["item"],
            "number": consignment["number"], "party": consignment["party"],
        })
    for copy in copies:
        _open_release(session, copy)
    told = {one.id: one for copy in copies for one in _unanswered(session, copy)}
    for one in told.values():
        session.change(one, state=DONE)
        _take_back_word(registry, session, consignment, one)
    _count_anew(session, consignment, is_used=False)
    owed = (f"receipt.{consignment.id}", duty_to_tell(consignment.id), *map(told_duty, told))
    settled = [id for id in owed if is_open(session, id)]
    for id in settled:
        discharge(session, id, proof)
    session.change(
        asked, proof=proof, settled=settled, state=DONE, told={id: one["state"] for id, one in told.items()},
    )
    carriage = session.get(CARRIAGE, consignment.id)
    if carriage is not None:
        session.change(carriage, state="unpacked", unpacked_at=shown_at(session.at))


def _count_anew(session: ActSession, consignment: Record, *, is_used: bool) -> None:
    """Let what was counted for `consignment` be free again, or be counted again: consents, a plan, approvals."""
    sign = 1 if is_used else -1
    count_use(session, consignment.body.get("consents", {}), sign=sign)
    if "plan" in consignment.body:
        note_used(session, consignment["plan"], sign=sign)
    for item in consignment.body.get("approved", ()):
        move_approval(session, item, consignment["party"], by=dispatched_in(consignment), is_used=is_used)


def _take_back_word(registry: Registry, session: ActSession, consignment: Record, told: Record) -> None:
    """Take back what `told` a partner of the level of what it does not have, where it has not left.

    Its number is not to be missed there; so the partner's node learns of it as of the consignment itself.
    """
    row, sent = session.reads.outbox(told["message"]), session.get(SENT, told["message"])
    if row is None or row.state != "waiting" or sent is None:
        return
    _rest(session, row, consignment.id)
    partner = require_partner(session.reads, consignment["party"], mode=registry.mode, now=session.at).statement
    post(registry, session, Letter(
        partner=partner, agreement=consignment["agreement"], version=version_of(session, consignment["agreement"]),
        body=ConsignmentWithdrawn(
            ConsignmentId(consignment.id), MessageId(row.id), bytes.fromhex(sent["digest"]), sent["seq"]
        ),
    ))


def note_not_withdrawn(registry: Registry, session: ActSession, message: str, code: str) -> None:
    """Let the consignment that `message` would have taken back stand; with the code `IS_HERE` the partner has it."""
    asked = session.get(WITHDRAWAL, message)
    consignment = session.get("consignment", asked["consignment"]) if asked is not None else None
    if asked is None or consignment is None:
        return
    session.change(asked, code=code, state="refused")
    if code == IS_HERE:
        revive(registry, session, consignment)
        current = session.require("consignment", consignment.id)
        if current["state"] == "dispatched":
            session.change(current, delivered_at=shown_at(session.at), state="delivered")
            _let_rest(session, current, is_known_there=True)
    current = session.require("consignment", consignment.id)
    if current["state"] != WITHDRAWN:
        session.change(current, withdrawal=None)


def revive(registry: Registry, session: ActSession, consignment: Record) -> None:
    """Let a consignment of ours be out again that was entered as taken back: the partner has it after all.

    What was owed for it is owed again, what was counted is counted, and the releases it left under are carried out.
    """
    if consignment["state"] != WITHDRAWN:
        return
    asked = session.require(WITHDRAWAL, consignment["withdrawal"])
    session.change(consignment, state="dispatched", withdrawal=None, withdrawn_at=None)
    for id in consignment["copies"]:
        copy = session.require(COPY, id)
        if copy["state"] == WITHDRAWN:
            session.change(copy, ended_at=None, state="dispatched")
        _move_releases(session, copy, "authorised", "carried-out")
    _count_anew(session, consignment, is_used=True)
    for id in asked["settled"]:
        reopen(session, id)
    for id, state in asked["told"].items():
        told = session.change(session.require(LEVEL_TOLD, id), state=state)
        if session.get(WITHDRAWN_MESSAGE, told["message"]) is not None:
            tell_again(registry, session, told)


def is_ended_by_node(books: Books, consignment: Record) -> bool:
    """Tell whether the partner's node itself has said that a consignment of ours ended, and not people for it."""
    asked = books.get(WITHDRAWAL, str(consignment.body.get("withdrawal", "")))
    return consignment["state"] == WITHDRAWN and asked is not None and "is_by_node" in asked.body


def _let_rest(session: ActSession, consignment: Record, *, is_known_there: bool) -> None:
    """Send the message about `consignment` no more.

    That of a thing opens nothing, and goes before the one that takes it back: it rests once the partner knows of both.
    """
    row = session.reads.outbox(consignment["message"])
    if row is not None and row.state == "waiting" and (row.attachments or is_known_there):
        _rest(session, row, consignment.id)


def _rest(session: ActSession, row: OutboxRow, consignment: str) -> None:
    session.work.put_outbox(replace(row, state="answered"))
    discharge(session, duty_if_unanswered(row.id), session.act_id)
    session.put(WITHDRAWN_MESSAGE, row.id, {"consignment": consignment})


def _open_release(session: ActSession, copy: Record) -> None:
    """Let the releases that `copy` rested on be carried out once more, unless another copy left under them."""
    terms = _terms(copy, "party")
    siblings = session.find(COPY, "item", copy["item"])
    if any(_terms(one, "party") == terms and one["state"] in _AWAY for one in siblings):
        return
    _move_releases(session, copy, "carried-out", "authorised")


def _move_releases(session: ActSession, copy: Record, before: str, after: str) -> None:
    """Let the releases that `copy` rests on go from one state to the other."""
    terms = _terms(copy, "party")
    for record in session.find(APPROVAL, "item", copy["item"]):
        if _terms(record, "recipient") == terms and record["state"] == before:
            session.change(record, state=after)


def _terms(record: Record, party: str) -> list[object]:
    return [record.body.get(name) for name in (party, "purpose", "agreement")]


def _unanswered(session: ActSession, copy: Record) -> list[Record]:
    """Return what a party was told of changes of level and need not answer: it has no copy of the item now."""
    party = str(copy["party"])
    if any(one["party"] == party and one["state"] in _AWAY for one in session.find(COPY, "item", copy["item"])):
        return []
    told = (
        session.get(LEVEL_TOLD, f"{change['change']}.{party.lower()}") for change in changes_for(session, copy["item"])
    )
    return [one for one in told if one is not None and one["state"] != DONE]
