"""Holds the books of two nodes against each other, and each against itself: what must be true when all is at rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.world.world import AGREEMENT, Player, World

from cordiale.journey.receive import arriving_name
from cordiale.message.form import message_digest
from cordiale.records.audit import AuditReport, AuditScope, audit_books
from cordiale.records.correspondence import own_origin
from cordiale.records.log.sequencer import restore_state
from cordiale.records.sealing import ciphertext_verifier
from cordiale.wire.label_json import marking_from_json
from cordiale.work.outbox import is_held_back

_ENDED = ("returned", "destroyed")


def audit(player: Player) -> AuditReport:
    """Return what the node's own audit finds."""
    registry = player.registry
    scope = AuditScope(
        verifier_for=lambda log: registry.keys.signer_of(own_origin(registry, log)).verifier,
        mode=registry.mode, anchor=registry.ledger.anchor, objects=registry.objects,
        verify_ciphertext=ciphertext_verifier(registry.objects, registry.mode),
    )
    return audit_books(registry.reads(), scope)


def bodies(player: Player, kind: str) -> dict[str, Any]:
    """Return the current records of `kind`, by identifier."""
    return {stored.id: json.loads(stored.body) for stored in player.registry.reads().every(kind, limit=100_000)}


def list_unrest(world: World) -> list[str]:
    """Return what still waits to be answered."""
    return [
        f"{player.party}: {row.id}" for player in world.players for row in player.registry.reads().outbox_open()
        if not is_held_back(player.registry, row)
    ]


def list_differences(world: World) -> list[str]:
    """Return everything in which the books of both nodes, at rest, do not agree."""
    found = [
        f"{player.party}: {one}" for player in world.players
        for one in list_own_faults(player, ahead=_held_back_envelopes(world.other(player)))
    ]
    for provider, recipient in (world.players, world.players[::-1]):
        found += [f"{provider.party} -> {recipient.party}: {one}" for one in _faults_between(provider, recipient)]
    return found


def _held_back_envelopes(sender: Player) -> frozenset[str]:
    """Names at the recipient of envelopes that may have gone ahead of a message a suspension now holds back."""
    return frozenset(
        arriving_name(name) for row in sender.registry.reads().outbox_open() if is_held_back(sender.registry, row)
        for name in row.attachments
    )


def list_own_faults(player: Player, *, arriving: bool = False, ahead: frozenset[str] = frozenset()) -> list[str]:
    """Return what is wrong with one node's books; `arriving` while an envelope may be ahead of its message.

    `ahead` are envelopes of which that is known at rest.
    """
    found = [f"audit {one.code} {one.place} {one.text}" for one in audit(player).findings]
    return [*found, *_unused_objects(player, arriving, ahead), *_numbers(player)]


def _unused_objects(player: Player, arriving: bool, ahead: frozenset[str]) -> Iterator[str]:
    """Envelopes lie here only where the books say so."""
    known = {body.get("envelope") for body in bodies(player, "item").values()}
    known |= {body.get("object") for body in bodies(player, "copy").values() if body["state"] not in _ENDED}
    for body in bodies(player, "consignment").values():
        known |= set(body["objects"]) if body["direction"] == "out" else set()
        if body["state"] == "held":
            known |= {held.get("object") for held in body["items"]}
    refused = bool(bodies(player, "refused-message"))
    for name in player.registry.objects.names():
        if name not in known | ahead and not (name.startswith("in.") and (refused or arriving)):
            yield f"an envelope nobody knows: {name}"


def _numbers(player: Player) -> Iterator[str]:
    """Every register number is there once."""
    entered = ("entered", "registered")
    numbers = Counter(
        body["number"] for body in bodies(player, "entry").values() if body["act"] in entered
    )
    yield from (f"number {number} was given {count} times" for number, count in numbers.items() if count != 1)
    reads = player.registry.reads()
    acts = sum(len(reads.acts(log, 0, reads.log_size(log))) for log in reads.logs())
    if acts != sum(reads.log_size(log) for log in reads.logs()):
        yield "there are not as many acts as log entries"


def _faults_between(provider: Player, recipient: Player) -> Iterator[str]:
    yield from _consignments(provider, recipient)
    yield from _copies(provider, recipient)
    yield from _certificates(provider, recipient)
    yield from _consents(provider, recipient)
    yield from _messages(provider, recipient)
    yield from _heads(provider, recipient)


def _consignments(provider: Player, recipient: Player) -> Iterator[str]:
    sent = {id: body for id, body in bodies(provider, "consignment").items() if body["direction"] == "out"}
    came = {id: body for id, body in bodies(recipient, "consignment").items() if body["direction"] == "in"}
    if came.keys() - sent.keys():
        yield f"consignments that were never sent: {sorted(came.keys() - sent.keys())}"
    twin = {"dispatched": None, "refused-by-partner": None, "delivered": "held", "receipted": "registered"}
    for id, body in sent.items():
        other = came.get(id)
        state = other["state"] if other is not None else None
        row = provider.registry.reads().outbox(body["message"])
        if row is not None and row.state == "waiting" and is_held_back(provider.registry, row):
            continue  # Its notice was lost, and it is not sent again before the agreement is resumed.
        if twin[body["state"]] != state:
            yield f"consignment {id} is {body['state']} here and {state} there"
        if other is not None and other["digest"] != body["digest"]:
            yield f"consignment {id} has other bytes there"
        if other is not None and state == "registered" and len(other["items"]) != len(body["copies"]):
            yield f"consignment {id} has another number of items there"


def _copies(provider: Player, recipient: Player) -> Iterator[str]:
    ours = {id: body for id, body in bodies(provider, "copy").items() if body["party"] == recipient.party}
    theirs = {
        id: body for id, body in bodies(recipient, "copy").items() if ("their_reference" in body and "object" in body)
        or (body.get("form") not in (None, "file") and "sheet" in body)
    }
    items = bodies(recipient, "item")
    if theirs.keys() - ours.keys():
        yield f"copies that were never sent: {sorted(theirs.keys() - ours.keys())}"
    twin = {"dispatched": None, "with-partner": "registered", "returned": "returned", "destroyed": "destroyed"}
    for id, body in ours.items():
        other = theirs.get(id)
        state = other["state"] if other is not None else None
        if twin[body["state"]] != state:
            yield f"copy {id} is {body['state']} here and {state} there"
        if other is None:
            continue
        if body["their_reference"] != other["reference"]:
            yield f"copy {id} has another reference there"
        if body.get("ciphertext_digest") != other.get("digest"):
            yield f"copy {id} has another envelope there"
        item = items[other["item"]]
        mine = bodies(provider, "item")[body["item"]]
        if item["label"] != mine["label"]:
            yield f"the label of {body['item']} is another there"
        if str(marking_from_json(item["marking"]).level) != body["their_level"]:
            yield f"the second marking of {body['item']} is another than receipted"


def _certificates(provider: Player, recipient: Player) -> Iterator[str]:
    def essence(body: Any) -> Any:
        return tuple(str(body[name]) for name in ("number", "copy", "ending", "item", "persons", "witnesses", "proof"))

    held = sorted(essence(b) for b in bodies(provider, "certificate").values() if b["party"] == recipient.party)
    given = sorted(essence(b) for b in bodies(recipient, "certificate").values() if b["party"] == recipient.party)
    if held != given:
        yield f"certificates given and held differ: {set(held) ^ set(given)}"


def _consents(provider: Player, recipient: Player) -> Iterator[str]:
    def asked(player: Player, direction: str) -> dict[str, Any]:
        return {
            id: (body["state"], body["item"], body["act"], body["purpose"])
            for id, body in bodies(player, "consent-request").items() if body["direction"] == direction
        }

    if asked(recipient, "out") != asked(provider, "in"):
        yield f"requests for consent differ: {asked(recipient, 'out')} {asked(provider, 'in')}"
    given, held = bodies(provider, "consent"), bodies(recipient, "consent")
    for id, body in given.items():
        if body["given_by"] == provider.party and held.get(id) != body:
            yield f"consent {id} is another there"


def _messages(sender: Player, taker: Player) -> Iterator[str]:
    """Every message that was answered is in the partner's inbox, with these bytes, and nothing else is."""
    reads = sender.registry.reads()
    for (id,) in list(reads._connection.execute("SELECT id FROM outbox")):
        row, inbox = reads.outbox(id), taker.registry.reads().inbox(id)
        assert row is not None
        if row.state == "waiting":
            if not is_held_back(sender.registry, row):
                yield f"message {id} still waits"
        elif inbox is None:
            yield f"message {id} was {row.state} and never arrived"
        elif inbox.digest != message_digest(row.message, sender.registry.mode):
            yield f"message {id} arrived with other bytes"


def _heads(watched: Player, watcher: Player) -> Iterator[str]:
    """What the partner has seen of our log is on the way to where it stands now."""
    registry = watched.registry
    reads = registry.reads()
    seen = watcher.registry.reads().seen(own_origin(registry, AGREEMENT))
    if seen is None:
        return
    if seen.size > reads.log_size(AGREEMENT):
        yield f"{watcher.party} has seen the log further ahead"
        return
    state = restore_state(
        seen.size, lambda start, end: reads.leaf_hashes(AGREEMENT, start, end),
        lambda level, start, end: reads.tile_roots(AGREEMENT, level, start, end),
    )
    if state.root != seen.root:
        yield f"{watcher.party} has seen another log"
