"""Who may invite somebody to the desk, and who confirms by what they will be known.

To let the desk know somebody by another means is to widen: it takes two. The
security officer invites, or the person vouches by what they sign with already;
a second person confirms, and never for themselves. What narrows waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.person import Person
from cordiale.rules.offices import (
    Absence,
    ActDone,
    OfficeQuestion,
    OfficialAct,
    decide_office,
    list_holding_reasons,
)
from cordiale.rules.validity import TIME_UNKNOWN, has_ended, is_aware


@dataclass(frozen=True, slots=True)
class CredentialQuestion:
    """Whether `actor` may now confirm by what `holder` will be known.

    `voucher` has invited the holder, or is the holder; `still_vouches` tells whether that was signed with what still
    counts as theirs. `expires_at` ends the offer.
    """

    actor: Person
    holder: Person
    voucher: Person
    still_vouches: bool
    expires_at: datetime
    absences: tuple[Absence, ...] = ()


def decide_invitation(actor: Person, holder: Person, absences: tuple[Absence, ...], now: datetime) -> Decision:
    """Decide whether `actor` may invite `holder` to offer the desk something to be known by."""
    return decide_office(OfficeQuestion(
        actor, OfficialAct.PROPOSE_PEOPLE, subject=holder.id, absences=absences
    ), now)


def decide_credential(asked: CredentialQuestion, now: datetime) -> Decision:
    """Decide whether the offer may be confirmed, with every reason against it. `now` is an aware UTC datetime."""
    if not is_aware(now):
        return decision_of("confirm-credential", (TIME_UNKNOWN,))
    # Whoever vouches does not give a deputy the office to confirm it with.
    absences = tuple(
        one for one in asked.absences if one.registered_by != asked.voucher.id or one.person == asked.actor.id
    )
    invited = (ActDone(asked.voucher.id, OfficialAct.PROPOSE_PEOPLE),) if _is_invited(asked) else ()
    office = decide_office(OfficeQuestion(
        asked.actor, OfficialAct.CONFIRM_PEOPLE, subject=asked.holder.id, done=invited, absences=absences,
    ), now)
    return decision_of("confirm-credential", (*office.reasons, *_list_standing_reasons(asked, now)))


def _is_invited(asked: CredentialQuestion) -> bool:
    return asked.voucher.id != asked.holder.id


def _list_standing_reasons(asked: CredentialQuestion, now: datetime) -> Iterator[Reason]:
    if has_ended(asked.holder.left_at, now):
        yield refusal("office.left-service", "this person has left the service")
    # An absence ends no invitation; that the voucher may invite no longer does.
    if _is_invited(asked) and list_holding_reasons(asked.voucher, OfficialAct.PROPOSE_PEOPLE, (), now):
        yield refusal("people.proposer-gone", "whoever proposed this is no security officer any more")
    if not asked.still_vouches:
        yield refusal("people.proposer-key", "the key that signed this proposal was withdrawn or replaced since")
    if has_ended(asked.expires_at, now):
        yield refusal("people.expired", "this proposal has run out, and has to be made again")
