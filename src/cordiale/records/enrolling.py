"""How the desk comes to know a person by a passkey, a card or an account: invited, offered, confirmed, withdrawn.

A code opens the page on which the person offers it, once and for a short time;
the books keep a digest of the code alone. Nobody is known by what is offered
before a second person has compared its fingerprint with them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from cordiale.canonical import encode_base64url, encode_instant, parse_instant
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import INVITATION_LIFETIME_SECONDS, PEOPLE_PROPOSAL_LIFETIME_DAYS
from cordiale.model.mode import Mode
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now, require_to_withdraw
from cordiale.records.answer import Answer
from cordiale.records.credentials import OFFERED, WITHDRAWN, card_members, enter_offer, fingerprint_of
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.people import require_pair_left
from cordiale.records.proofs import has_signed
from cordiale.records.proved import ACTIVE, CREDENTIAL
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession, Books
from cordiale.rules.desk import CredentialQuestion, decide_credential, decide_invitation
from cordiale.rules.offices import OfficialAct
from cordiale.rules.validity import has_ended

INVITATION: Final = "invitation"
_OPEN: Final = "open"


def code_digest(code: str, mode: Mode) -> str:
    """Return what the books keep of an invitation's code; blanks, hyphens and capital letters make no difference."""
    plain = "".join(code.split()).replace("-", "").lower()
    return encode_base64url(sha384(domain(Purpose.INVITATION_CODE, mode), plain.encode()))


def invite(registry: Registry, request: Request) -> Answer:
    """Invite somebody to offer the desk a passkey, a card or an account; whoever invites hands them the code."""
    fields = request.act.fields()
    subject, digest = fields.text("person"), fields.bytes_("digest", length=48)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        holder = require_person(session, subject)
        require_allowed(decide_invitation(actor, holder, absences_of(session), session.at))
        return _open_invitation(session, actor, holder, encode_base64url(digest))

    return commit_personal(registry, request, run, subject=subject)


def enrol(registry: Registry, request: Request) -> Answer:
    """Vouch for oneself, by what one signs with already, in order to offer the desk something more to be known by."""
    fields = request.act.fields()
    digest = fields.bytes_("digest", length=48)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        return _open_invitation(session, actor, actor, encode_base64url(digest))

    return commit_personal(registry, request, run)


def _open_invitation(session: ActSession, actor: Person, holder: Person, digest: str) -> dict[str, Any]:
    if holder.left_at is not None:
        raise OutOfOrder("people.has-left", "this person has left before", hint="nothing was changed")
    if session.find(INVITATION, "digest", digest):
        raise OutOfOrder("invitation.known", "this code was used before", hint="repeat the command for another code")
    expires_at = encode_instant((session.at + timedelta(seconds=INVITATION_LIFETIME_SECONDS)).replace(microsecond=0))
    session.put(INVITATION, session.act_id, {
        "digest": digest, "expires_at": expires_at, "invited_at": shown_at(session.at), "invited_by": actor.id,
        "person": holder.id, "state": _OPEN,
    }, expect=0)
    return {"expires_at": expires_at, "person": holder.id}


def find_invitation(books: Books, digest: str) -> Record:
    """Return the invitation a code opens, while it is open; raises `Unverified`, in the same words for every reason."""
    found = books.find(INVITATION, "digest", digest)
    if len(found) != 1 or found[0]["state"] != _OPEN or has_ended(parse_instant(found[0]["expires_at"]), books.at):
        raise _no_code()
    holder = books.get("person", found[0]["person"])
    if holder is None or "left_at" in holder.body:
        raise _no_code()
    return found[0]


def require_invited(registry: Registry, digest: str) -> str:
    """Return whom the code with this `digest` was given to; raises `Unverified` as `find_invitation` does."""
    return str(find_invitation(registry.books(), digest)["person"])


def _no_code() -> Unverified:
    return Unverified(
        "invitation.wrong", "this code opens nothing", hint="check it letter by letter, or ask for another one"
    )


def offer(registry: Registry, digest: str, members: dict[str, Any]) -> Record:
    """Enter what the holder of a code offers to be known by, and end the code; return it as it waits.

    `members` are those of the record (`credentials.passkey_members` for a passkey), and verified by the caller.
    """
    id = registry.fresh_id("credential")
    person = find_invitation(registry.books(), digest)["person"]

    def run(session: ActSession) -> dict[str, Any]:
        invitation = find_invitation(session, digest)
        enter_offer(session, id, invitation["person"], {**members, "invitation": invitation.id})
        session.change(invitation, state="used", used_at=shown_at(session.at))
        return {"credential": id, "means": members["means"]}

    registry.ledger.commit(Act(registry.fresh_id("offer"), "desk.offer", person, INTERNAL, run, person))
    return registry.books().require(CREDENTIAL, id)


def offer_card(registry: Registry, digest: str, key_digest: str) -> dict[str, Any]:
    """Enter the key on a card as offered; return its name and the fingerprint to be read to whoever confirms it."""
    return shown_offer(registry, offer(registry, digest, card_members(key_digest)))


def shown_offer(registry: Registry, credential: Record) -> dict[str, Any]:
    """Return what a person is shown of what they have offered."""
    return {
        "credential": credential.id, "fingerprint": fingerprint_of(credential, registry.mode),
        "person": credential["person"],
    }


def confirm(registry: Registry, request: Request) -> Answer:
    """Confirm, as the second person, that what was offered is the person's own: its fingerprint was compared."""
    fields = request.act.fields()
    credential_id, fingerprint = fields.text("credential"), fields.text("fingerprint")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        # Whoever may confirm nothing learns not even whether there is such a credential.
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_PEOPLE))
        credential = session.require(CREDENTIAL, credential_id)
        require_allowed(decide_credential(question_of(session, credential, actor, registry.mode), session.at))
        if credential["state"] != OFFERED:
            raise _settled(credential)
        if fingerprint != fingerprint_of(credential, registry.mode):
            raise Unverified(
                "credential.other-fingerprint", "the fingerprint is not that of what was offered",
                hint="compare it with the person once more; if it differs, withdraw the offer and report it",
            )
        session.change(credential, confirmed_at=shown_at(session.at), confirmed_by=actor.id, state=ACTIVE)
        return {"credential": credential_id, "person": credential["person"]}

    return commit_personal(registry, request, run, subject=credential_id)


def question_of(books: Books, credential: Record, actor: Person, mode: Mode) -> CredentialQuestion:
    """Return the question whether `actor` may confirm `credential`, as everybody stands now."""
    invitation = books.require(INVITATION, credential["invitation"])
    voucher = require_person(books, invitation["invited_by"])
    offered_at = parse_instant(credential["offered_at"])
    return CredentialQuestion(
        actor, require_person(books, credential["person"]), voucher,
        has_signed(books, voucher, invitation.id, mode), offered_at + timedelta(days=PEOPLE_PROPOSAL_LIFETIME_DAYS),
        absences_of(books),
    )


def withdraw(registry: Registry, request: Request) -> Answer:
    """Withdraw a credential, at once: it was lost, or is in other hands. What was begun with it ends with it."""
    fields = request.act.fields()
    credential_id = fields.text("credential")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        credential = require_to_withdraw(session, actor, CREDENTIAL, credential_id)
        if credential["state"] == WITHDRAWN:
            raise _settled(credential)
        require_pair_left(session, (), withdrawn=credential_id)
        session.change(credential, state=WITHDRAWN, withdrawn_at=shown_at(session.at), withdrawn_by=actor.id)
        return {"credential": credential_id, "person": credential["person"]}

    return commit_personal(registry, request, run, subject=credential_id)


def _settled(credential: Record) -> OutOfOrder:
    return OutOfOrder(
        "credential.settled", "this passkey, card or account is {state}", hint="nothing was changed",
        state=credential["state"],
    )
