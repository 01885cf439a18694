"""The registry: the office that keeps the books, with everything a step has at hand.

A step takes the registry and a request and comes back with an answer. It never
reaches past this object to a file, a socket or a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import encode_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.message.personal import PersonalAct, unverified_signer, verify_act
from cordiale.model.decision import decision_of, refusal
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId
from cordiale.model.person import Person
from cordiale.ports import Clock, Objects, Random, Reads, Store
from cordiale.ports.pages import Printer, Renderer, Stamper
from cordiale.records.answer import Answer, open_answer
from cordiale.records.client_standing import decide_client_now
from cordiale.records.keyring import NodeKeys
from cordiale.records.ledger import INTERNAL, Act, Ledger
from cordiale.records.proved import Proved, settle_proof
from cordiale.records.record import Record, open_record, read_once
from cordiale.records.session import ActSession, Books
from cordiale.wire.person_json import parse_person

ACT_PREFIX: Final = "act."
"""How the ids of people's acts begin; those that a node makes for its own acts never do."""


@dataclass(frozen=True, slots=True)
class Registry:
    """One party's registry at one node."""

    party: PartyId
    node: NodeId
    mode: Mode
    title: str
    endpoint: str
    keys: NodeKeys = field(repr=False)
    store: Store
    ledger: Ledger
    objects: Objects
    clock: Clock
    random: Random
    stamper: Stamper
    renderer: Renderer
    printer: Printer
    unentered: set[tuple[str, str, str]] = field(default_factory=set, repr=False)
    """Envelopes of acts that are over (object; kind and id of the record that was to name it), not yet looked at."""

    def reads(self) -> Reads:
        """Return a view of what is committed."""
        return self.store.reads()

    def record(self, kind: str, id: str) -> Record | None:
        """Return the current version of a record, or None."""
        stored = self.store.reads().record(kind, id)
        return open_record(stored) if stored is not None else None

    def find(self, kind: str, name: str, value: str) -> list[Record]:
        """Return current records of `kind` whose `name` is `value`."""
        return [open_record(stored) for stored in self.store.reads().find(kind, name, value)]

    def books(self) -> Books:
        """Return the books as they are now, to be looked up; raises `Undecidable` when the clock is in doubt."""
        return Books(self.store.reads(), self.now())

    def now(self) -> datetime:
        """Return the time for a decision, to the second; raises `Undecidable` when the clock is in doubt."""
        return self.ledger.now().replace(microsecond=0)

    def fresh_id(self, prefix: str) -> str:
        """Return a new identifier: the party, `prefix` and 20 random hexadecimal digits."""
        return f"{self.party.lower()}.{prefix}.{self.random.bytes_(10).hex()}"


@dataclass(frozen=True, slots=True)
class Request:
    """A verified personal act and the person who signed it; `proved` is by what, where it was not a key file.

    `client` is the machine client that signed it for the person, empty where a person did.
    """

    act: PersonalAct
    person: Person
    proved: Proved | None = None
    client: str = ""


def identify(registry: Registry, signed: bytes) -> Request:
    """Return the request in `signed` with the person whose key signed it.

    Raises `Unverified` for an unknown key, a wrong signature, another node or a stale request.
    """
    kid = unverified_signer(signed)
    found = registry.find("person", "kid", kid)
    if len(found) != 1:
        raise Unverified(
            "person.unknown-key", "nobody at this node has that key", hint="have the security officer enrol your key"
        )
    person = person_of(found[0])
    return request_of(registry, signed, person, pair=pair_of(person))


def request_of(
    registry: Registry, signed: bytes, person: Person, *, pair: VerifyingPair, client: str = "",
) -> Request:
    """Return the request in `signed`, verified with `pair`, of `person` or of the `client` that acts for them.

    Raises `Unverified` for a wrong signature, another node or a stale request, and for a person who has left.
    """
    act = verify_act(signed, pair, node=registry.node, mode=registry.mode, now=registry.now())
    if not act.id.startswith(ACT_PREFIX):
        raise Malformed(
            "act.id-form", "the act id `{id}` does not begin with `act.`", hint="leave the id to the command line",
            id=act.id[:60],
        )
    if person.left_at is not None:
        raise Unverified("person.left", "this person has left the service", hint="ask the security officer")
    return Request(act, person, client=client)


def person_body(record: Record) -> dict[str, Any]:
    """Return the body of a person's record as `parse_person` reads it."""
    return _without_kid(record.body)


def _without_kid(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "kid"}


_person_in: Final = read_once(lambda body: parse_person(_without_kid(body)))


def person_of(record: Record) -> Person:
    """Return the person in `record`; raises `Malformed` when it is not of the form."""
    return _person_in(record)


def pair_of(person: Person) -> VerifyingPair:
    """Return the public keys of `person`; raises `Unverified` when none are enrolled."""
    if not person.keys:
        raise Unverified("person.no-key", "no key of this person is enrolled", hint="have it enrolled first")
    return VerifyingPair.parse(dict(person.keys))


def require_person(books: Books, id: str) -> Person:
    """Return a person as they stand now, inside the act; raises `OutOfOrder` when nobody has that id."""
    return person_of(books.require("person", id))


def commit_personal(
    registry: Registry, request: Request, perform: Callable[[ActSession, Person], dict[str, Any]], *,
    log: str = INTERNAL, subject: str = "",
) -> Answer:
    """Commit the personal act in `request`; `perform` gets the person as they stand at that moment.

    The signed request is kept with the act, as its proof. Raises what `perform` raises.
    """
    act = request.act

    def run(session: ActSession) -> dict[str, Any]:
        person = require_person(session, request.person.id)
        if person.left_at is not None or dict(person.keys) != dict(request.person.keys):
            raise Refused(decision_of(act.kind, [refusal(
                "person.changed", "this person's key or post was withdrawn a moment ago"
            )]))
        if request.client:
            require_allowed(decide_client_now(session, request.client, (person.id, act.kind)))
        if request.proved is not None:
            settle_proof(session, act.kind, person.id, request.proved)
        answer = perform(session, person)
        session.put("signed-act", act.id, {
            "act": act.kind, "person": person.id, "signed": act.signed.decode(),
        }, expect=0)
        return answer

    return registry.ledger.commit(
        Act(act.id, act.kind, request.person.id, log, run, subject, asked_of(registry, request), client=request.client)
    )


def log_of(registry: Registry, kind: str, id: str) -> str:
    """Return the log of the agreement that a record stands under, the internal one where it names none."""
    found = registry.record(kind, id)
    return str(found.body.get("agreement") or INTERNAL) if found is not None else INTERNAL


def asked_of(registry: Registry, request: Request) -> str:
    """Return the digest of what a request asks, by which its repetition is known."""
    asked = encode_canonical([request.act.kind, request.act.params])
    return sha384(domain(Purpose.REQUEST, registry.mode), asked).hex()


def answered_before(registry: Registry, request: Request) -> Answer | None:
    """Return the answer that exactly this request was given before, None for a new one; raises a kept refusal."""
    stored = registry.reads().act(request.act.id)
    if stored is None:
        return None
    if (stored.kind, stored.actor) != (request.act.kind, request.person.id):
        raise OutOfOrder(
            "act.id-taken", "the act id `{id}` belongs to another act", hint="repeat it with a new act id",
            id=stored.id,
        )
    answer = open_answer(stored, asked=asked_of(registry, request))
    if isinstance(answer, CordialeError):
        raise answer
    return answer
