"""What widens what anybody may do: proposed by the security officer, in effect when a second person confirms it.

A confirmation is signed over the exact content of the proposal, and counts only
while everybody it is about is as they were when it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from cordiale.canonical import Fields, encode_base64url, encode_canonical, encode_instant, parse_instant
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import IMPORT_PEOPLE_MAX, PEOPLE_PROPOSAL_LIFETIME_DAYS
from cordiale.model.mode import Mode
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.clearances import clearances_changed
from cordiale.records.client_standing import CLIENT
from cordiale.records.people import put_person, question_of, require_pair_left, with_key
from cordiale.records.proofs import has_signed
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, person_of, require_person
from cordiale.records.session import ActSession, Books
from cordiale.records.visits import check_visits_of
from cordiale.rules.offices import OfficialAct
from cordiale.rules.people import (
    ConfirmationQuestion,
    decide_people_confirmation,
    decide_people_proposal,
    decide_restriction,
    keep_withdrawn,
    narrow,
)
from cordiale.rules.validity import has_ended
from cordiale.wire.person_json import parse_people_csv, parse_person, person_json

PROPOSAL: Final = "people-proposal"
CHANGE: Final = "people-change"
_OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Change:
    """One person of a proposal: the version of their record it was made on (0: none), and the person as proposed."""

    base: int
    person: Person


def binding_of(proposal: str, proposer: str, changes: Sequence[Change], mode: Mode) -> str:
    """Return the digest that a confirmation is given over: who proposed, what, and on which state of each person."""
    content = encode_canonical({
        "changes": [[one.base, person_json(one.person)] for one in sorted(changes, key=lambda one: one.person.id)],
        "proposal": proposal, "proposed_by": proposer,
    })
    return encode_base64url(sha384(domain(Purpose.PEOPLE_PROPOSAL, mode), content))


def changes_of(books: Books, proposal: str) -> tuple[Change, ...]:
    """Return what a proposal would change, by person."""
    return tuple(Change(one["base"], parse_person(one["person"])) for one in _changes(books, proposal))


def look_ahead_to(books: Books, proposals: Sequence[Record]) -> None:
    """Read at once what says how each of `proposals` stands: what it would change, and the people it is about."""
    books.reads.find_ahead([(CHANGE, "proposal", one.id) for one in proposals])
    people = {str(one["person"]["id"]) for name in proposals for one in _changes(books, name.id)}
    books.reads.look_ahead([("person", id) for id in sorted(people)])


def _changes(books: Books, proposal: str) -> list[Record]:
    """Return the changes of a proposal whose person is not erased: of whom is, nothing is proposed any more."""
    found = books.find(CHANGE, "proposal", proposal, limit=IMPORT_PEOPLE_MAX)
    return [one for one in found if "person" in one.body]


def changed_since(books: Books, changes: Sequence[Change]) -> frozenset[PersonId]:
    """Return the people whose record is another one than the changes were proposed on."""
    return frozenset(one.person.id for one in changes if _version_of(books, one.person.id) != one.base)


def standing_of(books: Books, proposal: Record) -> str:
    """Return how a proposal stands now: open, confirmed, withdrawn, expired, or void because people have changed."""
    if proposal["state"] != _OPEN:
        return str(proposal["state"])
    if has_ended(parse_instant(proposal["expires_at"]), books.at):
        return "expired"
    return "void" if changed_since(books, changes_of(books, proposal.id)) else _OPEN


def _version_of(books: Books, person: str) -> int:
    record = books.get("person", person)
    return record.version if record is not None else 0


# -- proposing ----------------------------------------------------------------------------------------------


def import_people(registry: Registry, request: Request) -> Answer:
    """Take a list of people: what it narrows is so at once, what it widens is proposed.

    Keys stay as they are, but for those in `keys`, of people on the list; and a withdrawal stands, whatever the
    list says.
    """
    fields = request.act.fields()
    people = parse_people_csv(fields.bytes_("csv"))
    keys = fields.object("keys") if fields.has("keys") else None
    targets = [_with_given_key(person, keys) for person in people]
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        wanted = {target.id: _wanted(session, target) for target in targets}
        found = {id: session.get("person", id) for id in wanted}
        held = {id: _in_order(person_of(one)) for id, one in found.items() if one is not None}
        kept = {id: _in_order(narrow(person, wanted[id])) for id, person in held.items()}
        narrowed = [person for id, person in kept.items() if person != held[id]]
        widened = [person for id, person in wanted.items() if person != kept.get(id)]
        changed = dict.fromkeys(person.id for person in [*narrowed, *widened])
        require_allowed(decide_restriction(question_of(session, actor, list(changed)), session.at))
        require_pair_left(session, narrowed)
        for person in narrowed:
            put_person(session, person)
            check_visits_of(registry, session, person)
        clearances_changed(registry, session, narrowed)
        told = propose(registry, session, actor, widened) if widened else {}
        return {"narrowed": len(narrowed), "proposed": len(widened), "unchanged": len(people) - len(changed), **told}

    return commit_personal(registry, request, run)


def _with_given_key(person: Person, keys: Fields | None) -> Person:
    return with_key(person, keys.value(person.id)) if keys is not None and keys.has(person.id) else person


def _wanted(session: ActSession, listed: Person) -> Person:
    """Return the person as the list wants them: with the keys and the withdrawals that no list changes."""
    record = session.get("person", listed.id)
    if record is None:
        return listed
    current = person_of(record)
    if current.left_at is not None:
        raise OutOfOrder(
            "people.has-left-service", "{person} has left the service, and no list brings anybody back",
            hint="take the row out; who comes back is entered under an identifier of its own", person=listed.id,
        )
    wanted = keep_withdrawn(current, replace(listed, keys=listed.keys or current.keys), session.at)
    # Read as it will be read from the books, so that nothing is proposed that could not be entered.
    return _in_order(parse_person(person_json(wanted)))


def _in_order(person: Person) -> Person:
    """Return `person` with clearances and briefings in an order of their own, so that two can be compared."""
    return replace(
        person, clearances=tuple(sorted(person.clearances, key=repr)),
        briefings=tuple(sorted(person.briefings, key=repr)),
    )


def enrol_key(registry: Registry, request: Request) -> Answer:
    """Propose a person's first or another public key; until it is confirmed, a former key goes on counting."""
    fields = request.act.fields()
    subject, key = fields.text("person"), fields.value("key")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_people_proposal(question_of(session, actor, [PersonId(subject)]), session.at))
        person = require_person(session, subject)
        changed = with_key(person, key)
        if changed == person:
            raise OutOfOrder("people.key-enrolled", "this key is enrolled already", hint="there is nothing to propose")
        return {"person": subject, **propose(registry, session, actor, [changed])}

    return commit_personal(registry, request, run, subject=subject)


def propose(registry: Registry, session: ActSession, actor: Person, people: Sequence[Person]) -> dict[str, Any]:
    """Put `people`, as they are to be, before a second person; return the proposal's name and until when it waits.

    Raises `Refused` when `actor` may not propose it, and `OutOfOrder` for a key that is another's.
    """
    subjects = [person.id for person in people]
    require_allowed(decide_people_proposal(question_of(session, actor, subjects), session.at))
    changes = [Change(_version_of(session, person.id), person) for person in people]
    _require_own_keys(session, changes)
    proposal = session.act_id
    expires_at = encode_instant((session.at + timedelta(days=PEOPLE_PROPOSAL_LIFETIME_DAYS)).replace(microsecond=0))
    session.put(PROPOSAL, proposal, {
        "binding": binding_of(proposal, actor.id, changes, registry.mode), "expires_at": expires_at,
        "persons": len(changes), "proposed_at": shown_at(session.at), "proposed_by": actor.id, "state": _OPEN,
    }, expect=0)
    for one in changes:
        session.put(CHANGE, f"{proposal}/{one.person.id}", {
            "base": one.base, "person": person_json(one.person), "proposal": proposal,
        }, expect=0)
    return {"expires_at": expires_at, "proposal": proposal}


def _require_own_keys(session: ActSession, changes: Sequence[Change]) -> None:
    """Raise `OutOfOrder` when a key of one of the people is another's, in the books or in the same proposal."""
    holders: dict[str, str] = {}
    for one in changes:
        if not one.person.keys:
            continue
        for kid in VerifyingPair.parse(dict(one.person.keys)).kids:
            named = holders.setdefault(kid, one.person.id)
            others = {record.id for kind in ("person", CLIENT) for record in session.find(kind, "kid", kid)}
            if {named, *others} != {one.person.id}:
                raise OutOfOrder(
                    "people.key-of-another", "this key belongs to somebody else already",
                    hint="have the person make a key of their own with `cordiale person key new`",
                )


# -- confirming ---------------------------------------------------------------------------------------------


def confirm_people(registry: Registry, request: Request) -> Answer:
    """Confirm, as the second person, exactly the proposal that was shown; with this it takes effect."""
    fields = request.act.fields()
    proposal_id, binding = fields.text("proposal"), fields.text("binding")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        # Whoever may confirm nothing learns not even whether such a proposal is there.
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_PEOPLE))
        proposal = session.require(PROPOSAL, proposal_id)
        changes = changes_of(session, proposal_id)
        subjects = [one.person.id for one in changes]
        proposer = require_person(session, proposal["proposed_by"])
        require_allowed(decide_people_confirmation(ConfirmationQuestion(
            question_of(session, actor, subjects), proposer, parse_instant(proposal["expires_at"]),
            changed_since(session, changes) if proposal["state"] == _OPEN else frozenset(),
            has_signed(session, proposer, proposal_id, registry.mode),
        ), session.at))
        _require_open(proposal)
        here = binding_of(proposal_id, proposal["proposed_by"], changes, registry.mode)
        if binding != here or proposal["binding"] != here:
            raise Unverified(
                "people.other-content", "what you signed is not what this proposal says",
                hint="look at the proposal again and sign what you see",
            )
        _require_own_keys(session, changes)
        for one in changes:
            put_person(session, one.person)
            check_visits_of(registry, session, one.person)
        clearances_changed(registry, session, [one.person for one in changes])
        session.change(proposal, closed_at=shown_at(session.at), closed_by=actor.id, state="confirmed")
        return {"persons": len(changes), "proposal": proposal_id}

    return commit_personal(registry, request, run, subject=proposal_id)


def withdraw_proposal(registry: Registry, request: Request) -> Answer:
    """Withdraw one's own proposal, or decline it as one who might confirm it; nothing of it takes effect."""
    fields = request.act.fields()
    proposal_id = fields.text("proposal")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        # A security officer may do this also with what they themselves have proposed.
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_PEOPLE))
        proposal = session.require(PROPOSAL, proposal_id)
        _require_open(proposal)
        session.change(proposal, closed_at=shown_at(session.at), closed_by=actor.id, state="withdrawn")
        return {"proposal": proposal_id}

    return commit_personal(registry, request, run, subject=proposal_id)


def _require_open(proposal: Record) -> None:
    if proposal["state"] != _OPEN:
        raise OutOfOrder(
            "people.settled", "this proposal was {state} before", hint="nothing was changed", state=proposal["state"]
        )
