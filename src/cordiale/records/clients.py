"""Machine clients: entered by the security officer for a person, confirmed by a second person, withdrawn by one.

    proposed ── a second person confirms exactly this ──> active ──> withdrawn

A client signs with a key of its own, which is no person's and no other client's,
and which only the interface for machine clients knows: at the private socket it
is nobody's.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from cordiale.canonical import encode_instant, parse_instant
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.limits import (
    CLIENT_LIFETIME_DAYS_MAX,
    CLIENT_NAME_LENGTH_MAX,
    CLIENT_SCOPES_COUNT_MAX,
    CLIENTS_COUNT_MAX,
    PEOPLE_PROPOSAL_LIFETIME_DAYS,
)
from cordiale.message.personal import key_fingerprint, unverified_signer
from cordiale.model.mode import Mode
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now, require_to_withdraw
from cordiale.records.answer import Answer
from cordiale.records.client_standing import CLIENT, decide_client_now
from cordiale.records.proofs import has_signed
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import (
    Registry,
    Request,
    commit_personal,
    identify,
    person_of,
    request_of,
    require_person,
)
from cordiale.records.session import ActSession, Books
from cordiale.rules.clients import ClientState, decide_scopes
from cordiale.rules.desk import CredentialQuestion, decide_credential, decide_invitation
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_day


def identify_client(registry: Registry, signed: bytes) -> Request:
    """Return the request in `signed`, of a machine client for its person, or of a person with their own key.

    Raises `Unverified` as `identify` does. What the client was entered for is asked by `require_scope`.
    """
    found = registry.find(CLIENT, "kid", unverified_signer(signed))
    if not found:
        return identify(registry, signed)
    client = found[0]
    record = registry.record("person", client["person"])
    if len(found) != 1 or record is None:
        raise Unverified("client.unclear", "it is unclear whose this key is", hint="ask the security officer")
    return request_of(
        registry, signed, person_of(record), pair=VerifyingPair.parse(client["keys"]), client=client.id
    )


def require_scope(registry: Registry, request: Request) -> Request:
    """Return `request` when a person has signed it, or a client that was entered for it; raises `Refused`."""
    if request.client:
        require_allowed(decide_client_now(registry.books(), request.client, (request.person.id, request.act.kind)))
    return request


def note_out_of_scope(registry: Registry, request: Request, refused: Refused) -> None:
    """Enter in the audit trail that a client which counts has tried what it was not entered for; raises `Refused`.

    What a client that does not count tries leaves no entry, like what is signed with any unknown key.
    """
    if {reason.code for reason in refused.decision.reasons} != {"client.scope"}:
        raise refused

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        raise Refused(refused.decision)

    commit_personal(registry, request, run)
    # An act that was done under this id before gives its answer to nobody who could not ask for it now.
    raise refused


def add(registry: Registry, request: Request) -> Answer:
    """Enter a machine client for a person, with its key, what it may ask and its last day; another person confirms."""
    fields = request.act.fields()
    subject, name = fields.text("person"), fields.text("name", max_length=CLIENT_NAME_LENGTH_MAX)
    pair = VerifyingPair.parse(fields.value("key"))
    scopes = fields.texts("scopes", max_count=CLIENT_SCOPES_COUNT_MAX)
    last_day = parse_day(fields.text("until"))
    fields.end()
    if not scopes:
        raise Malformed("client.scopes", "a client is entered for something", hint="name what it may ask")
    id = registry.fresh_id(CLIENT)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        holder = require_person(session, subject)
        require_allowed(decide_invitation(actor, holder, absences_of(session), session.at))
        require_allowed(decide_scopes(scopes))
        if holder.left_at is not None:
            raise OutOfOrder("people.has-left", "this person has left before", hint="nothing was changed")
        if not 0 <= (last_day - session.at.date()).days <= CLIENT_LIFETIME_DAYS_MAX:
            raise OutOfOrder(
                "client.until", "a client counts for {days} days at most", hint="name an earlier day that is to come",
                days=CLIENT_LIFETIME_DAYS_MAX,
            )
        _require_new_key(session, pair)
        _require_room(session, subject)
        session.put(CLIENT, id, {
            "keys": pair.encode(), "kid": list(pair.kids), "name": name, "person": subject,
            "proposed_at": encode_instant(session.at.replace(microsecond=0)), "proposed_by": actor.id,
            "proposed_in": session.act_id, "scopes": sorted(set(scopes)), "state": ClientState.PROPOSED.value,
            "valid_until": encode_instant(datetime.combine(last_day, time(23, 59, 59), UTC)),
        }, expect=0)
        return {"client": id, "person": subject}

    return commit_personal(registry, request, run, subject=subject)


def _require_new_key(session: ActSession, pair: VerifyingPair) -> None:
    """Raise `OutOfOrder` when a key of `pair` is, or was, a person's or a client's here."""
    for kid in pair.kids:
        if session.find("person", "kid", kid) or session.find(CLIENT, "kid", kid):
            raise OutOfOrder(
                "client.key-known", "this key belongs to somebody already",
                hint="make a key for this client alone with `cordiale person key new`",
            )


def _require_room(session: ActSession, person: str) -> None:
    held = [one for one in session.find(CLIENT, "person", person) if one["state"] != ClientState.WITHDRAWN]
    if len(held) >= CLIENTS_COUNT_MAX:
        raise OutOfOrder(
            "client.too-many", "this person has {count} clients already",
            hint="have those withdrawn that are not used any more", count=len(held),
        )


def shown_client(client: Record, mode: Mode) -> dict[str, Any]:
    """Return what whoever confirms is shown of a client, and signs."""
    return {
        "client": client.id, "fingerprint": key_fingerprint(VerifyingPair.parse(client["keys"]), mode),
        "name": client["name"], "person": client["person"], "scopes": client["scopes"],
        "valid_until": client["valid_until"],
    }


def confirm(registry: Registry, request: Request) -> Answer:
    """Confirm a machine client, as the second person: whose it is, its key, what it may ask, and until when."""
    fields = request.act.fields()
    signed = {name: fields.text(name) for name in ("client", "fingerprint", "name", "person", "valid_until")}
    scopes = fields.texts("scopes", max_count=CLIENT_SCOPES_COUNT_MAX)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        # Whoever may confirm nothing learns not even whether there is such a client.
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_PEOPLE))
        client = session.require(CLIENT, signed["client"])
        require_allowed(decide_credential(question_of(session, client, actor, registry.mode), session.at))
        if client["state"] != ClientState.PROPOSED:
            raise _settled(client)
        if {**signed, "scopes": list(scopes)} != shown_client(client, registry.mode):
            raise Unverified(
                "client.other-content", "what you signed is not what was entered of this client",
                hint="look at it again, and sign what you see",
            )
        session.change(
            client, confirmed_at=shown_at(session.at), confirmed_by=actor.id, state=ClientState.ACTIVE.value
        )
        return {"client": client.id, "person": client["person"]}

    return commit_personal(registry, request, run, subject=signed["client"])


def question_of(books: Books, client: Record, actor: Person, mode: Mode) -> CredentialQuestion:
    """Return the question whether `actor` may confirm `client`, as everybody stands now."""
    proposer = require_person(books, client["proposed_by"])
    return CredentialQuestion(
        actor, require_person(books, client["person"]), proposer,
        has_signed(books, proposer, client["proposed_in"], mode),
        parse_instant(client["proposed_at"]) + timedelta(days=PEOPLE_PROPOSAL_LIFETIME_DAYS), absences_of(books),
    )


def withdraw(registry: Registry, request: Request) -> Answer:
    """Withdraw a machine client, at once: by the security officer, or by the person it acts for."""
    fields = request.act.fields()
    client_id = fields.text("client")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        client = require_to_withdraw(session, actor, CLIENT, client_id)
        if client["state"] == ClientState.WITHDRAWN:
            raise _settled(client)
        session.change(
            client, state=ClientState.WITHDRAWN.value, withdrawn_at=shown_at(session.at), withdrawn_by=actor.id
        )
        return {"client": client_id, "person": client["person"]}

    return commit_personal(registry, request, run, subject=client_id)


def _settled(client: Record) -> OutOfOrder:
    return OutOfOrder(
        "client.settled", "this client is {state}", hint="nothing was changed", state=client["state"]
    )
