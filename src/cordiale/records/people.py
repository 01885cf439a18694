"""People in the books: founding, and what the security officer narrows alone and at once.

What widens is in `records.people_proposals`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cordiale.canonical import Fields, Json
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.model.label import LevelRef
from cordiale.model.names import PersonId
from cordiale.model.person import Clearance, Office, Person
from cordiale.records.absences import absences_of
from cordiale.records.answer import Answer
from cordiale.records.clearances import clearances_changed
from cordiale.records.credentials import signers_among
from cordiale.records.erasing import erase_once_due
from cordiale.records.holdings import recover_from
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal, person_of, require_person
from cordiale.records.session import ActSession
from cordiale.records.visits import check_visits_of
from cordiale.rules.people import PeopleQuestion, decide_last_pair, decide_restriction
from cordiale.wire.person_json import parse_level_ref, person_json


def with_key(person: Person, key: Json) -> Person:
    """Return `person` with the public keys encoded in `key`; raises `Malformed` when they are not a pair."""
    encoded = VerifyingPair.parse(key).encode()
    return replace(person, keys=tuple(sorted((name, str(value)) for name, value in encoded.items())))


def put_person(session: ActSession, person: Person) -> Record:
    """Write the next version of `person`, to be found again by the identifiers of their keys."""
    body: dict[str, Any] = person_json(person)
    if person.keys:
        body["kid"] = list(VerifyingPair.parse(dict(person.keys)).kids)
    if person.left_at is not None:
        erase_once_due(session, "person", person.id, owner=person.represents, ended_on=person.left_at.date())
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


def question_of(session: ActSession, actor: Person, subjects: Sequence[PersonId]) -> PeopleQuestion:
    """Return the question whether `actor` may change `subjects`, with the absences on record."""
    return PeopleQuestion(actor, frozenset(subjects), absences_of(session))


def withdraw_clearance(registry: Registry, request: Request) -> Answer:
    """Withdraw a person's clearance; it stops counting in every decision from this moment on."""
    fields = request.act.fields()
    subject, level = fields.text("person"), parse_level_ref(fields.text("level"))

    def change(person: Person, at: datetime) -> Person:
        held = tuple(_withdrawn(clearance, level, at) for clearance in person.clearances)
        if held == person.clearances:
            raise OutOfOrder(
                "clearance.none", "this person holds no clearance `{level}`", hint="look at `cordiale person show`",
                level=str(level),
            )
        return replace(person, clearances=held)

    return _restrict(registry, request, fields, subject, change, level=str(level))


def _withdrawn(clearance: Clearance, level: LevelRef, at: datetime) -> Clearance:
    if clearance.level != level or clearance.withdrawn_at is not None:
        return clearance
    return replace(clearance, withdrawn_at=at)


def withdraw_office(registry: Registry, request: Request) -> Answer:
    """Take an office away from a person, at once."""
    fields = request.act.fields()
    subject, office = fields.text("person"), fields.choice("office", Office)

    def change(person: Person, at: datetime) -> Person:
        if office not in person.offices:
            raise OutOfOrder(
                "office.none", "this person does not hold the office {office}", hint="look at `cordiale person show`",
                office=office.value,
            )
        return replace(person, offices=person.offices - {office})

    return _restrict(registry, request, fields, subject, change, office=office.value)


def withdraw_key(registry: Registry, request: Request) -> Answer:
    """Withdraw a person's key, at once: it was lost, or somebody else may have it."""
    fields = request.act.fields()
    subject = fields.text("person")

    def change(person: Person, at: datetime) -> Person:
        if not person.keys:
            raise OutOfOrder("people.no-key", "no key of this person is enrolled", hint="there is nothing to withdraw")
        return replace(person, keys=())

    return _restrict(registry, request, fields, subject, change)


def leave(registry: Registry, request: Request) -> Answer:
    """Enter that a person has left the service; from this moment they can do nothing, and see nothing."""
    fields = request.act.fields()
    subject = fields.text("person")

    def change(person: Person, at: datetime) -> Person:
        if person.left_at is not None:
            raise OutOfOrder("people.has-left", "this person has left before", hint="nothing was changed")
        return replace(person, left_at=at)

    return _restrict(registry, request, fields, subject, change)


def require_pair_left(session: ActSession, narrowed: Sequence[Person], *, withdrawn: str = "") -> None:
    """Raise `Refused` when narrowing people to `narrowed` would leave nobody to propose with another to confirm.

    `withdrawn` is a credential that is taken away with it.
    """
    before = {person.id: person for person in map(person_of, session.every("person"))}
    after = {**before, **{person.id: person for person in narrowed}}
    signers = signers_among(session), signers_among(session, without=withdrawn)
    require_allowed(decide_last_pair(before.values(), after.values(), session.at, signers=signers))


def _restrict(
    registry: Registry, request: Request, fields: Fields, subject: str,
    change: Callable[[Person, datetime], Person], **told: str,
) -> Answer:
    """Commit what `change` makes of a person; it takes away, and adds nothing."""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_restriction(question_of(session, actor, [PersonId(subject)]), session.at))
        person = require_person(session, subject)
        changed = change(person, session.at.replace(microsecond=0))
        require_pair_left(session, [changed])
        put_person(session, changed)
        check_visits_of(registry, session, changed)
        clearances_changed(registry, session, [changed])
        if changed.left_at is not None:
            recover_from(registry, session, changed.id)
        return {"person": subject, **told}

    return commit_personal(registry, request, run, subject=subject)
