"""Holds the books of two nodes against each other, and each against itself: what must be true when all is at rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.world.world import AGREEMENT, Player, World

from cordiale.message.bodies.certificate import Certificate
from cordiale.message.bodies.in_succession import InSuccession
from cordiale.message.form import message_digest, parse_message, read_unverified_routing
from cordiale.message.verification import read_unverified_object
from cordiale.model.label import Label
from cordiale.ports import OutboxRow
from cordiale.records.audit import AuditReport, AuditScope, audit_books
from cordiale.records.correspondence import own_origin
from cordiale.records.labels import label_of
from cordiale.records.levels import BY_CONSENT
from cordiale.records.log.sequencer import restore_state
from cordiale.records.registry import Registry
from cordiale.records.sealing import ciphertext_verifier
from cordiale.wire.label_json import marking_from_json
from cordiale.work.outbox import is_held_back

_ENDED = ("returned", "destroyed", "ceded")


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


def is_resting(registry: Registry, row: OutboxRow) -> bool:
    """True for a message that rightly waits: an item under an agreement that has stopped, and what follows such a one."""
    if row.state != "waiting":
        return False
    after = read_unverified_routing(read_unverified_object(row.message).unverified_payload).after
    named = [one for one in map(registry.reads().outbox, after) if one is not None]
    return is_held_back(registry, row) or any(is_resting(registry, one) for one in named)


def list_unrest(world: World) -> list[str]:
    """Return what still waits to be answered."""
    return [
        f"{player.party}: {row.id}" for player in world.players for row in player.registry.reads().outbox_open()
        if not is_resting(player.registry, row)
    ]


def list_differences(world: World) -> list[str]:
    """Return everything in which the books of both nodes, at rest, do not agree."""
    found = [f"{player.party}: {one}" for player in world.players for one in list_own_faults(player)]
    for provider, recipient in (world.players, world.players[::-1]):
        told = faults_between(provider, recipient, AGREEMENT)
        found += [f"{provider.party} -> {recipient.party}: {one}" for one in told]
    return found


def list_own_faults(player: Player, *, arriving: bool = False) -> list[str]:
    """Return what is wrong with one node's books; `arriving` while an envelope may be ahead of its message."""
    found = [f"audit {one.code} {one.place} {one.text}" for one in audit(player).findings]
    return [*found, *_unused_objects(player, arriving), *_numbers(player)]


def _unused_objects(player: Player, arriving: bool) -> Iterator[str]:
    """Envelopes lie here only where the books say so."""
    known = {body.get("envelope") for kind in ("item", "draft") for body in bodies(player, kind).values()}
    known |= {body.get("object") for body in bodies(player, "copy").values() if body["state"] not in _ENDED}
    for body in bodies(player, "consignment").values():
        known |= set(body["objects"]) if body["direction"] == "out" else set()
        if body["state"] == "held":
            known |= {held.get("object") for held in body["items"]}
    refused = bool(bodies(player, "refused-message"))
    for name in player.registry.objects.names():
        if name not in known and not (name.startswith("in.") and (refused or arriving)):
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


def faults_between(provider: Player, recipient: Player, *agreements: str) -> Iterator[str]:
    """Yield what the books of the recipient say otherwise than those of the provider, of what passed between the two."""
    yield from _consignments(provider, recipient)
    yield from _copies(provider, recipient)
    yield from _certificates(provider, recipient)
    yield from _consents(provider, recipient)
    yield from _messages(provider, recipient)
    for agreement in agreements:
        yield from _heads(provider, recipient, agreement)


def _shared(player: Player, kind: str, direction: str, other: Player) -> dict[str, Any]:
    return {
        id: body for id, body in bodies(player, kind).items()
        if body["direction"] == direction and body["party"] == other.party
    }


def _consignments(provider: Player, recipient: Player) -> Iterator[str]:
    sent = _shared(provider, "consignment", "out", recipient)
    came = _shared(recipient, "consignment", "in", provider)
    if came.keys() - sent.keys():
        yield f"consignments that were never sent: {sorted(came.keys() - sent.keys())}"
    twin = {
        "dispatched": (None,), "refused-by-partner": (None, "refused"), "delivered": ("held",),
        "receipted": ("registered",), "withdrawn": (None, "refused", "withdrawn"),
    }
    for id, body in sent.items():
        other = came.get(id)
        state = other["state"] if other is not None else None
        row = provider.registry.reads().outbox(body["message"])
        if row is not None and row.state == "waiting" and is_held_back(provider.registry, row):
            continue  # Its notice was lost, and it is not sent again before the agreement is resumed.
        if state not in twin[body["state"]]:
            yield f"consignment {id} is {body['state']} here and {state} there"
        if other is not None and other["digest"] != body["digest"]:
            yield f"consignment {id} has other bytes there"
        if other is not None and state == "registered" and len(other["items"]) != len(body["copies"]):
            yield f"consignment {id} has another number of items there"


def _is_for(provider: Player, recipient: Player, message: str) -> bool:
    """True where a message of the recipient was written to the provider, and not to who follows it."""
    row = recipient.registry.reads().outbox(message)
    return row is None or row.partner == provider.registry.node


def is_followed(provider: Player, recipient: Player) -> bool:
    """Tell whether the map of the recipient says, or has said, that another party follows the provider."""
    entries = bodies(recipient, "succession").values()
    return any(one["former"] == provider.party and one["state"] != "proposed" for one in entries)


def told_who_follows(provider: Player, recipient: Player) -> set[str]:
    """Return the copies whose certificate, by the map of the recipient, was for who follows the provider, and not for it."""
    if not is_followed(provider, recipient):
        return set()
    reads = recipient.registry.reads()
    entries = [one for one in bodies(recipient, "succession").values() if one["state"] != "proposed"]
    rows = [reads.outbox(id) for (id,) in list(reads._connection.execute("SELECT id FROM outbox"))]
    sent = [parse_message(read_unverified_object(row.message).unverified_payload).body for row in rows if row is not None]
    told = {str(body.copy) for body in sent if isinstance(body, Certificate)}
    followed = {
        str(one.copy) for body in sent if isinstance(body, InSuccession) and body.originator == provider.party
        for one in body.told if isinstance(one, Certificate)
    }
    if any(one["successor"] == recipient.party for one in entries):
        # Where the rights are its own it tells nobody.
        given = [one for one in bodies(recipient, "certificate").values() if one["party"] == recipient.party]
        followed |= {str(one["copy"]) for one in given} - told
    return followed


def _copies(provider: Player, recipient: Player) -> Iterator[str]:
    with_them = {id: body for id, body in bodies(provider, "copy").items() if body["party"] == recipient.party}
    reported = {
        id: body for id, body in bodies(recipient, "copy").items()
        if "reported_item" in body and bodies(recipient, "item")[body["item"]]["origin_party"] == provider.party
        and _is_for(provider, recipient, body["report"])
    }
    yield from _reproductions({id: body for id, body in with_them.items() if "parent" in body}, reported)
    ours = {id: body for id, body in with_them.items() if "parent" not in body}
    items = bodies(recipient, "item")
    theirs = {
        id: body for id, body in bodies(recipient, "copy").items() if (
            ("their_reference" in body and "object" in body)
            or (body.get("form") not in (None, "file") and "sheet" in body)
        ) and items[body["item"]]["origin_party"] == provider.party
    }
    if theirs.keys() - ours.keys():
        yield f"copies that were never sent: {sorted(theirs.keys() - ours.keys())}"
    twin = {
        "dispatched": None, "refused": None, "withdrawn": None, "with-partner": "registered", "returned": "returned",
        "destroyed": "destroyed", "ceded": "ceded",
    }
    followed = told_who_follows(provider, recipient)
    for id, body in ours.items():
        other = theirs.get(id)
        state = other["state"] if other is not None else None
        if (body["state"], id in followed, state in _ENDED) == ("with-partner", True, True):
            continue
        if twin[body["state"]] != state:
            yield f"copy {id} is {body['state']} here and {state} there"
        if other is None:
            continue
        if body["their_reference"] != other["reference"]:
            yield f"copy {id} has another reference there"
        if body.get("ciphertext_digest") != other.get("digest"):
            yield f"copy {id} has another envelope there"
        item = items[other["item"]]
        if body["state"] == "with-partner" and body["agreement"] != other["agreement"]:
            yield f"copy {id} is under {body['agreement']} here and under {other['agreement']} there"
        is_ours = body["state"] == "with-partner" and not _is_by_who_follows(recipient, item)
        if is_ours and _level_in_effect(recipient, other["item"]) != _level_in_effect(provider, body["item"]):
            yield f"the label of {body['item']} is another there"
        # A further copy that came after a change of level was receipted at the level in effect then.
        markings = [one["marking"] for one in (item, *item.get("marks", ())) if "marking" in one]
        if body["their_level"] not in {str(marking_from_json(one).level) for one in markings}:
            yield f"the second marking of {body['item']} is another than receipted"


def _is_by_who_follows(recipient: Player, item: Any) -> bool:
    """Tell whether the level of an item was changed by consent of who follows its originator, which is told nothing of it."""
    changes = bodies(recipient, "level-change")
    return any(BY_CONSENT in changes[one["change"]] for one in item.get("marks", ()))


def _level_in_effect(player: Player, item: str) -> tuple[Label, bool]:
    """Return the label as it is in effect in the books of `player`, and whether the item is declassified."""
    record = player.registry.record("item", item)
    assert record is not None
    return label_of(record), "declassified_at" in record.body


def _reproductions(told: dict[str, Any], reported: dict[str, Any]) -> Iterator[str]:
    """What the provider was told was made is what the recipient reported, and stands alike at both."""
    if told.keys() != reported.keys():
        yield f"reproductions told and reported differ: {sorted(told.keys() ^ reported.keys())}"
    twin = {"with-partner": "registered", "returned": "returned", "destroyed": "destroyed",
            "ceded": "ceded"}
    for id, body in told.items():
        other = reported.get(id, body)
        if twin[body["state"]] != other["state"] or body["item"] != other.get("reported_item"):
            yield f"reproduction {id} is {body['state']} here and {other['state']} there"
        if (body["parent"], body["root"], body["copy_number"]) != (
            other["parent"], other["root"], other["copy_number"]
        ):
            yield f"reproduction {id} has another lineage there"


def _certificates(provider: Player, recipient: Player) -> Iterator[str]:
    copies = bodies(recipient, "copy")

    def essence(body: Any) -> Any:
        told = copies[body["copy"]].get("reported_item", body["item"])
        return (told, *(
            str(body[name]) for name in ("number", "copy", "ending", "persons", "witnesses", "proof")
        ))

    def is_told(body: Any) -> bool:
        return "parent" not in copies[body["copy"]] or "reported_item" in copies[body["copy"]]

    items, followed = bodies(recipient, "item"), told_who_follows(provider, recipient)
    held = sorted(essence(b) for b in bodies(provider, "certificate").values() if b["party"] == recipient.party)
    given = sorted(
        essence(b) for b in bodies(recipient, "certificate").values()
        if b["party"] == recipient.party and b["copy"] not in followed and is_told(b) and items[b["item"]]["origin_party"] == provider.party
    )
    if held != given:
        yield f"certificates given and held differ: {set(held) ^ set(given)}"


def _consents(provider: Player, recipient: Player) -> Iterator[str]:
    def asked(player: Player, direction: str, other: Player) -> dict[str, Any]:
        return {
            id: (body["state"], body["item"], body["act"], body["purpose"])
            for id, body in _shared(player, "consent-request", direction, other).items() if body["state"] != "not-taken"
        }

    ours, theirs = asked(recipient, "out", provider), asked(provider, "in", recipient)
    if ours != theirs:
        yield f"requests for consent differ: {ours} {theirs}"
    given, held = bodies(provider, "consent"), bodies(recipient, "consent")
    for id, body in given.items():
        if (body["given_by"], body["given_to"]) == (provider.party, recipient.party) and held.get(id) != body:
            yield f"consent {id} is another there"


def _was_taken_back(sender: Player, taker: Player, message: str) -> bool:
    """True where both sides have it in their books that the message takes no effect any more."""
    ours = sender.registry.record("withdrawn-message", message)
    return ours is not None and taker.registry.record(
        "taken-back-message", f"{sender.registry.node}/{message}"
    ) is not None


def _messages(sender: Player, taker: Player) -> Iterator[str]:
    """Every message that was answered is in the partner's inbox, with these bytes, and nothing else is."""
    reads = sender.registry.reads()
    for (id,) in list(reads._connection.execute("SELECT id FROM outbox")):
        row, inbox = reads.outbox(id), taker.registry.reads().inbox(id)
        assert row is not None
        if row.partner != taker.registry.node:
            continue
        if row.state == "waiting":
            if not is_resting(sender.registry, row):
                yield f"message {id} still waits"
        elif inbox is None and _was_taken_back(sender, taker, id):
            continue
        elif inbox is None:
            yield f"message {id} was {row.state} and never arrived"
        elif inbox.digest != message_digest(row.message, sender.registry.mode):
            yield f"message {id} arrived with other bytes"


def _heads(watched: Player, watcher: Player, agreement: str) -> Iterator[str]:
    """What the partner has seen of our log is on the way to where it stands now."""
    registry = watched.registry
    reads = registry.reads()
    seen = watcher.registry.reads().seen(own_origin(registry, agreement))
    if seen is None:
        return
    if seen.size > reads.log_size(agreement):
        yield f"{watcher.party} has seen the log further ahead"
        return
    state = restore_state(
        seen.size, lambda start, end: reads.leaf_hashes(agreement, start, end),
        lambda level, start, end: reads.tile_roots(agreement, level, start, end),
    )
    if state.root != seen.root:
        yield f"{watcher.party} has seen another log"
