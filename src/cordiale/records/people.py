"""People in the books: founding, import, keys, clearances. Acts of the security officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cordiale.canonical import Json
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.model.decision import Decision, decision_of, refusal
from cordiale.model.label import LevelRef
from cordiale.model.person import Clearance, Office, Person
from cordiale.records.answer import Answer
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal, person_body, require_person
from cordiale.records.session import ActSession
from cordiale.wire.person_json import parse_level_ref, parse_people_csv, parse_person, person_json


def with_key(person: Person, key: Json) -> Person:
    """Return `person` with the public keys encoded in `key`; raises `Malformed` when they are not a pair."""
    encoded = VerifyingPair.parse(key).encode()
    return replace(person, keys=tuple(sorted((name, str(value)) for name, value in encoded.items())))


def put_person(session: ActSession, person: Person) -> Record:
    """Write the next version of `person`, to be found again by the identifiers of their keys."""
    body: dict[str, Any] = person_json(person)
    if person.keys:
        body["kid"] = list(VerifyingPair.parse(dict(person.keys)).kids)
    return session.put("person", person.id, body)


def enrol_founders(registry: Registry, people: Sequence[Person], keys: Mapping[str, Json], act_id: str) -> Answer:
    """Enter the first people of a new node, with their keys; refuses when people are already entered.

    A node is founded by at least two persons, so that nobody is ever alone with it.
    """
    if len(people) < 2 or sum(1 for person in people if person.id in keys) < 2:
        raise Malformed(
            "founders.too-few", "a node is founded by at least two persons with keys",
            hint="name at least two people and give each a key",
        )

    def run(session: ActSession) -> dict[str, Any]:
        if session.every("person"):
            raise OutOfOrder("founders.twice", "the people of this node were already founded", hint="import instead")
        for person in people:
            put_person(session, with_key(person, keys[person.id]) if person.id in keys else person)
        return {"people": len(people)}

    return registry.ledger.commit(Act(act_id, "people.found", "node", INTERNAL, run))


def decide_people_change(actor: Person, subjects: Sequence[str]) -> Decision:
    """Decide whether `actor` may change the people `subjects`: the security officer may, never for themself."""
    reasons = []
    if Office.SECURITY_OFFICER not in actor.offices:
        reasons.append(refusal("people.not-security-officer", "only the security officer changes people"))
    if actor.id in subjects:
        reasons.append(refusal("people.oneself", "nobody changes their own clearance, key or office"))
    return decision_of("people.change", reasons)


def import_people(registry: Registry, request: Request) -> Answer:
    """Enter or supersede the people in a CSV file; keys stay as they are."""
    fields = request.act.fields()
    people = parse_people_csv(fields.bytes_("csv"))
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        changed = []
        for person in people:
            current = session.get("person", person.id)
            entered = _kept(parse_person(person_body(current)), person) if current is not None else person
            if current is None or person_json(entered) != person_body(current):
                changed.append(entered)
        require_allowed(decide_people_change(actor, [person.id for person in changed]))
        for person in changed:
            put_person(session, person)
        return {"entered": len(changed), "unchanged": len(people) - len(changed)}

    return commit_personal(registry, request, run)


def _kept(current: Person, imported: Person) -> Person:
    """Return `imported` with what no list can change: the keys, and the clearances that were withdrawn here.

    A clearance granted anew begins on another day than the one that was withdrawn.
    """
    withdrawn = {(one.level, one.valid_from): one.withdrawn_at for one in current.clearances}
    held = tuple(
        replace(one, withdrawn_at=one.withdrawn_at or withdrawn.get((one.level, one.valid_from)))
        for one in imported.clearances
    )
    return replace(imported, keys=current.keys, clearances=held)


def enrol_key(registry: Registry, request: Request) -> Answer:
    """Enrol a person's public keys; a former key stops counting at once."""
    fields = request.act.fields()
    subject, key = fields.text("person"), fields.value("key")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_people_change(actor, [subject]))
        person = with_key(require_person(session, subject), key)
        for kid in VerifyingPair.parse(key).kids:
            if any(holder.id != subject for holder in session.find("person", "kid", kid)):
                raise OutOfOrder(
                    "people.key-of-another", "this key belongs to somebody else already",
                    hint="have the person make a key of their own with `cordiale person key new`",
                )
        put_person(session, person)
        return {"person": subject}

    return commit_personal(registry, request, run, subject=subject)


def withdraw_clearance(registry: Registry, request: Request) -> Answer:
    """Withdraw a person's clearance; it stops counting in every decision from this moment on."""
    fields = request.act.fields()
    subject, level = fields.text("person"), parse_level_ref(fields.text("level"))
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_people_change(actor, [subject]))
        person = require_person(session, subject)
        held = tuple(_withdrawn(clearance, level, session.at) for clearance in person.clearances)
        if held == person.clearances:
            raise OutOfOrder(
                "clearance.none", "this person holds no clearance `{level}`", hint="look at `cordiale person show`",
                level=str(level),
            )
        put_person(session, replace(person, clearances=held))
        return {"level": str(level), "person": subject}

    return commit_personal(registry, request, run, subject=subject)


def _withdrawn(clearance: Clearance, level: LevelRef, at: datetime) -> Clearance:
    if clearance.level != level or clearance.withdrawn_at is not None:
        return clearance
    return replace(clearance, withdrawn_at=at.replace(microsecond=0))
