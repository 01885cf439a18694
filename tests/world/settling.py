"""No duty is forgotten: whatever is open in the books of a node is shown as due to somebody, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.world.comparing import told_who_follows
from tests.world.triangle import Triangle
from tests.world.world import Player

from cordiale.doors.control.views import VIEWS
from cordiale.message.form import Message, parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.records.levels import record_id, told_duty
from cordiale.records.lineage import original_number
from cordiale.records.record import Record, shown_at
from cordiale.records.refused_messages import duty_if_refused
from cordiale.records.registry import identify
from cordiale.rules.refused_messages import SEEN_TO
from cordiale.work.outbox import is_held_back

_LOOKERS = ("registrar", "keeper", "authority", "security", "head", "originator", "reader", "junior", "unbriefed")

# Which records in which state wait for somebody, as what, and under which member the duty names its subject.
_WAITING: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    ("consignment", "state", "held", {}, "register"),
    ("consignment", "state", "dispatched", {}, "receipt"),
    ("consignment", "state", "delivered", {}, "receipt"),
    ("return-request", "state", "asked", {}, "return-answer"),
    ("consent-request", "state", "asked", {"direction": "in"}, "answer-consent"),
    ("consent-request", "state", "asked", {"direction": "out"}, "consent-answer"),
    ("level-change", "state", "marking", {}, "mark-level"),
    ("freeze-order", "state", "asked", {}, "answer-freeze"),
    ("visit", "state", "asked", {}, "answer-visit"),
    ("facility", "state", "asked", {}, "answer-facility"),
    ("contract", "state", "notified", {}, "answer-contract"),
    ("clearance-query", "state", "asked", {}, "answer-clearance"),
    ("level-challenge", "state", "open", {"request": ""}, "answer-challenge"),
    ("outage-entry", "state", "entered", {}, "confirm-outage"),
    ("crisis", "state", "entered", {}, "confirm-crisis"),
    ("people-proposal", "state", "open", {}, "confirm-people"),
    ("carriage", "state", "packed", {}, "hand-over"),
    ("incident", "state", "open", {}, "close-incident"),
    ("incident-share", "state", "to-tell", {}, "tell-incident"),
    ("asked-reproduction", "state", "asked", {}, "reproduce"),
    ("destruction", "state", "proposed", {}, "witness-destruction"),
    ("level-proposal", "state", "proposed", {}, "confirm-level"),
    ("custody", "state", "offered", {}, "confirm-custody"),
    ("custody", "state", "charged-out", {}, "confirm-custody"),
    ("briefing", "state", "given", {}, "acknowledge-briefing"),
    ("disclosure", "state", "told", {"direction": "out"}, "confirm-disclosure"),
    ("erasure-proposal", "state", "proposed", {}, "erase"),
)


def _held_back(player: Player) -> list[str]:
    """Return the consignments that do not leave and that nobody is shown: those of the messages that rest for good."""
    sent = {one["message"]: one.id for one in player.registry.find("consignment", "state", "dispatched")}
    return [sent[row.id] for row in player.registry.reads().outbox_open() if is_held_back(player.registry, row)]


def shown_duties(player: Player) -> set[tuple[str, str]]:
    """Return what is due, as what and about what, to anybody who has a key at this node."""
    found: set[tuple[str, str]] = set()
    for person in _LOOKERS:
        after = ""
        while True:
            request = identify(player.registry, player.request(person, "view.duties", {"after": after} if after else {}))
            shown = VIEWS["view.duties"](player.registry, request)
            found |= {(str(row["what"]), str(row["subject"])) for row in shown["duties"]}
            after = str(shown["next"] or "")
            if not after:
                break
    return found


def list_forgotten(world: Triangle) -> list[str]:
    """Return every matter that waits and is due to nobody, and every duty whose matter is over."""
    found = [f"{player.party}: {one}" for player in world.players for one in _forgotten(player)]
    return [*found, *(f"{player.party}: {one}" for player in world.players for one in _owed_by_nobody(world, player))]


def _owed_by_nobody(world: Triangle, player: Player) -> Iterator[str]:
    """Yield changes of level whose answer is waited for, and that wait for nobody where they were told."""
    for told in player.registry.books().every("level-told"):
        duty = player.registry.record("duty", told_duty(told.id))
        if duty is None or duty["state"] != "open":
            continue
        name = told.id.removesuffix(f".{told['party'].lower()}")
        there = world.by_party(told["party"]).registry.record("level-change", record_id(player.party, name))
        if (there is None or there["state"] in ("done", "superseded")) and not _is_for_who_follows(world, player, told):
            yield f"the answer for {told.id} is owed by nobody ({there and there['state']}), {told.body}"


def _is_for_who_follows(world: Triangle, player: Player, told: Record) -> bool:
    """Tell whether the certificates of what an answer leaves out went to who follows `player`."""
    there = world.by_party(told["party"])
    followed = told_who_follows(player, there)
    ended = {original_number(told["item"], copy) for copy in followed if copy.startswith(told["item"])}
    return bool(told.body.get("silent")) and ended.issuperset(told["silent"])


def _is_settled(player: Player, duty: str) -> bool:
    """Tell whether somebody to whom a duty fell has settled it by word, as with a briefing that is never acknowledged."""
    record = player.registry.record("duty", duty)
    return record is not None and "settled_by" in record.body


def _forgotten(player: Player) -> Iterator[str]:
    due = shown_duties(player)
    for kind, member, value, also, what in _WAITING:
        for record in player.registry.find(kind, member, value):
            if any(record.body.get(name) != wanted for name, wanted in also.items()) or _is_past(player, record):
                continue
            if _is_settled(player, f"{kind}.{record.id}"):
                continue
            if not any(one == what and subject in _subjects(record) for one, subject in due):
                yield f"nobody sees to {what} of {kind} {record.id} ({value})"
    for consignment in _held_back(player):
        if ("held-back", consignment) not in due:
            yield f"nobody is told that {consignment} does not leave"
    for order in player.registry.find("duty", "state", "open"):
        row = player.registry.reads().outbox(order.id.removeprefix("unanswered."))
        if order["what"] == "order-unanswered" and (row is None or row.state != "waiting"):
            yield f"{order['noted']} {order['subject']} is to be told otherwise although it was answered"
    for message in _refused(player):
        duty = player.registry.record("duty", duty_if_refused(message))
        if duty is None or (duty["state"] == "open" and (duty["what"], duty["subject"]) not in due):
            yield f"nobody is told that {message.type} {message.id} was refused"
    yield from _left_over(player)


def _is_past(player: Player, record: Record) -> bool:
    """Tell whether what a record waits for cannot come any more: it has expired, or what it is about has gone its way."""
    if record.kind == "people-proposal":
        return bool(record["expires_at"] <= shown_at(player.registry.now()))
    about = player.registry.record("consignment", record.id) if record.kind == "carriage" else None
    return about is not None and about["state"] not in ("dispatched", "delivered")


def _refused(player: Player) -> Iterator[Message]:
    """Yield what a partner refused of ours and somebody has to see to."""
    for refusal in player.registry.books().every("partner-refusal"):
        row = player.registry.reads().outbox(refusal["message"])
        if row is not None and row.state == "refused":
            sent = parse_message(read_unverified_object(row.message).unverified_payload)
            if sent.type in SEEN_TO:
                yield sent


def _subjects(record: Record) -> set[str]:
    """Return the names under which a duty may speak of a record."""
    named = (record.body.get(name) for name in ("item", "incident", "consignment", "person", "visit", "copy"))
    return {record.id, record.id.partition("/")[0], *(str(one) for one in named if one)}


_OVER: dict[str, tuple[str, frozenset[str]]] = {
    "register": ("consignment", frozenset({"registered", "refused"})),
    "answer-consent": ("consent-request", frozenset({"granted", "declined"})),
    "consent-answer": ("consent-request", frozenset({"granted", "declined", "not-taken"})),
    "answer-visit": ("visit", frozenset({"cancelled", "refused"})),
    "answer-facility": ("facility", frozenset({"held", "not-held"})),
    "close-incident": ("incident", frozenset({"closed"})),
    "answer-challenge": ("level-challenge", frozenset({"kept", "proposed"})),
    "confirm-outage": ("outage-entry", frozenset({"confirmed"})),
}


def _left_over(player: Player) -> Iterator[str]:
    """Duties that are open although what they are about is over."""
    for duty in player.registry.find("duty", "state", "open"):
        rule = _OVER.get(duty["what"])
        matter: Any = player.registry.record(rule[0], duty["subject"]) if rule is not None else None
        if matter is not None and rule is not None and matter.body.get("state") in rule[1]:
            yield f"{duty['what']} of {duty['subject']} is due although it is {matter['state']}"
