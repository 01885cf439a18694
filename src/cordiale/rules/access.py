"""Whether this person may read this item now.

Truth 1: need-to-know and whatever else the level asks under the agreement and
the national profile (clearance, briefing, nationality, function), inside the
release set. Rank alone never suffices and an office never opens content. Every
condition is looked at, so that a refusal names all that stands against it.

What does not depend on the person is in `cordiale.rules.holding.AccessView`;
what does is compared here, without look-ups. The decision is repeated at each
opening: a clearance withdrawn a moment ago counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from cordiale.model.agreement import Act, Ruling
from cordiale.model.decision import Decision, Reason, refusal, undecidable
from cordiale.model.names import PartyId
from cordiale.model.person import Clearance, NeedToKnow, Person
from cordiale.rules.consent import ConsentWanted, has_consented, list_consent_reasons
from cordiale.rules.holding import ACT, OTHER_DAY, AccessView, originators_of
from cordiale.rules.rulings import cite
from cordiale.rules.validity import TIME_UNKNOWN, has_begun, has_ended, is_aware

_NO_TIME: Final = Decision(ACT, (TIME_UNKNOWN,))
_OTHER_DAY: Final = Decision(ACT, (OTHER_DAY,))
_LEFT: Final = refusal("access.left-service", "this person has left the service")
_NO_PURPOSE: Final = refusal("access.purpose-missing", "no purpose is stated")
_NOT_NAMED: Final = refusal("access.not-a-named-reader", "the item is held for named readers, and this is not one")
_NATIONALITY_UNKNOWN: Final = undecidable("access.nationality-unknown", "no nationality of this person is recorded")


def decide_access(
    person: Person, item: AccessView, *, needs: Sequence[NeedToKnow], now: datetime, purpose: str,
) -> Decision:
    """Decide whether `person` may read `item` for `purpose`, with every reason against it.

    `needs` are the needs-to-know on record; those of other persons or items are passed over. `now` is an
    aware datetime. Never raises; what could not be told is an undecidable reason and counts as no.
    """
    if now.tzinfo is not UTC:
        if not is_aware(now):
            return _NO_TIME
        now = now.astimezone(UTC)
    today = now.date()
    if today != item.on:
        return _OTHER_DAY
    facts = item.facts
    reasons = [*item.standing]
    if person.left_at is not None and has_ended(person.left_at, now):
        reasons.append(_LEFT)
    if facts.readers is not None and person.id not in facts.readers:
        reasons.append(_NOT_NAMED)
    if not _needs_to_know(person, item, needs, now, purpose):
        reasons += _list_need_reasons(person, item, needs, now, purpose)
    if not purpose:
        reasons.append(_NO_PURPOSE)
    if (item.is_foreign and purpose not in facts.purposes) or item.read.ruling is Ruling.WITH_CONSENT:
        reasons += _list_purpose_reasons(item, now, purpose)
    if item.cleared_names is not None and not _is_cleared(person, item, now, today):
        reasons += _explain_clearance(person, item, now, today)
    if item.briefing is not None and not _is_briefed(person, item.briefing, today):
        reasons.append(_ground("access.no-briefing", item.article))
    for caveat in item.caveats:
        if not _is_briefed(person, caveat, today):
            reasons.append(_lacks_caveat(caveat))
    if item.functions and not all(person.functions & functions for functions in item.functions):
        reasons.append(_ground("access.no-function", item.article))
    if person.represents not in item.release_to:
        reasons.append(_ground("access.outside-release-set", item.release_article))
    if not person.nationalities or not person.nationalities <= item.permitted:
        reasons += _list_nationality_reasons(person, item, now, purpose)
    return Decision(ACT, tuple(reasons)) if reasons else item.allowed


_GROUNDS: Final[dict[str, str]] = {
    "access.no-need-to-know": "this person has no need-to-know for the item",
    "access.need-self-granted": "nobody grants themselves the need-to-know",
    "access.need-not-yet": "the need-to-know has not begun",
    "access.need-withdrawn": "the need-to-know was withdrawn",
    "access.need-other-purpose": "the need-to-know was granted for another purpose",
    "access.no-clearance": "this person holds no clearance",
    "access.clearance-too-low": "the clearance is below the level of the item",
    "access.clearance-withdrawn": "the clearance was withdrawn",
    "access.clearance-not-yet": "the clearance is not yet valid",
    "access.clearance-expired": "the clearance has expired",
    "access.no-briefing": "there is no valid briefing that this person acknowledged",
    "access.no-function": "this person holds none of the functions that the level asks for",
    "access.outside-release-set": "the party this person acts for is outside the release set",
    "access.citizenship-outside-release-set":
        "a citizenship of this person is outside the release set, and the originator has not waived it",
    "access.citizenship-excluded":
        "the level is open to nationals of certain parties only, and the originator has not waived it",
    "access.other-purpose": "the item was provided for another purpose, and the originator has not agreed to this one",
}


@lru_cache(maxsize=1024)
def _ground(code: str, article: str) -> Reason:
    """Return the refusal `code` citing `article`; made once, because the same ones are given all day."""
    return refusal(code, _GROUNDS[code], article)


@lru_cache(maxsize=1024)
def _lacks_caveat(subject: str) -> Reason:
    return refusal("access.caveat-not-held", "this person does not hold the caveat {caveat}",
                   caveat=subject.removeprefix("caveat:"))


@lru_cache(maxsize=256)
def _other_scheme(article: str) -> Reason:
    return undecidable(
        "access.clearance-other-scheme",
        "the clearance is one of another scheme, and nothing says what it is worth here", article,
    )


def _needs_to_know(
    person: Person, item: AccessView, needs: Sequence[NeedToKnow], now: datetime, purpose: str,
) -> bool:
    wanted, who = item.facts.item, person.id
    for need in needs:
        if (
            need.person == who and need.item == wanted and need.purpose == purpose and need.granted_by != who
            and has_begun(need.granted_at, now)
            and (need.withdrawn_at is None or not has_ended(need.withdrawn_at, now))
        ):
            return True
    return False


def _list_need_reasons(
    person: Person, item: AccessView, needs: Sequence[NeedToKnow], now: datetime, purpose: str,
) -> list[Reason]:
    """Return why none of the needs-to-know on record opens the item."""
    codes: dict[str, None] = {}
    for need in needs:
        if need.person != person.id or need.item != item.facts.item:
            continue
        if need.granted_by == person.id:
            codes["access.need-self-granted"] = None
        if not has_begun(need.granted_at, now):
            codes["access.need-not-yet"] = None
        if has_ended(need.withdrawn_at, now):
            codes["access.need-withdrawn"] = None
        if need.purpose != purpose:
            codes["access.need-other-purpose"] = None
    return [_ground(code, item.article) for code in codes or ("access.no-need-to-know",)]


def _list_purpose_reasons(item: AccessView, now: datetime, purpose: str) -> tuple[Reason, ...]:
    """Return why `purpose` is not covered: a new purpose, or a rule on reading, needs the originators' consent."""
    facts = item.facts
    # A consent that waives a nationality is about the person, and opens no purpose.
    consents = tuple(consent for consent in facts.consents if not consent.nationalities)
    wanted = ConsentWanted(Act.READ, facts.item, originators_of(facts), facts.holder, purpose)
    against = list_consent_reasons(wanted, consents, now, article=cite(item.read))
    if item.read.ruling is Ruling.WITH_CONSENT or not against:
        return against
    return (_ground("access.other-purpose", cite(item.read)),)


def _is_cleared(person: Person, item: AccessView, now: datetime, today: date) -> bool:
    scheme, names = item.scheme, item.cleared_names or ()
    for clearance in person.clearances:
        level = clearance.level
        if (
            level.scheme == scheme and level.name in names
            and clearance.valid_from <= today <= clearance.valid_until
            and (clearance.withdrawn_at is None or not has_ended(clearance.withdrawn_at, now))
        ):
            return True
    return all(person.functions & functions for functions in item.stand_ins)


def list_clearance_reasons(person: Person, item: AccessView, now: datetime) -> tuple[Reason, ...]:
    """Return why `person` is not cleared for `item` at `now` (aware UTC); empty when cleared or none is asked.

    A clearance of another scheme is not ranked against this one: equivalence of markings says nothing about
    clearances (Switzerland-Czech Republic Art. 8(3)).
    """
    today = now.date()
    if item.cleared_names is None or _is_cleared(person, item, now, today):
        return ()
    return _explain_clearance(person, item, now, today)


def _explain_clearance(person: Person, item: AccessView, now: datetime, today: date) -> tuple[Reason, ...]:
    """Return what is wrong with every clearance of `person`, given that none of them is enough."""
    if not person.clearances:
        return (_ground("access.no-clearance", item.article),)
    names = item.cleared_names or ()
    own = [clearance for clearance in person.clearances if clearance.level.scheme == item.scheme]
    if not own and any(_is_valid(clearance, now, today) for clearance in person.clearances):
        return (_other_scheme(item.article),)
    codes: dict[str, None] = {}
    for clearance in own:
        if has_ended(clearance.withdrawn_at, now):
            codes["access.clearance-withdrawn"] = None
        if today < clearance.valid_from:
            codes["access.clearance-not-yet"] = None
        if clearance.valid_until < today:
            codes["access.clearance-expired"] = None
        if clearance.level.name not in names:
            codes["access.clearance-too-low"] = None
    return tuple(_ground(code, item.article) for code in codes or ("access.no-clearance",))


def _is_valid(clearance: Clearance, now: datetime, today: date) -> bool:
    return clearance.valid_from <= today <= clearance.valid_until and not has_ended(clearance.withdrawn_at, now)


def _is_briefed(person: Person, subject: str, today: date) -> bool:
    for briefing in person.briefings:
        if briefing.subject == subject and briefing.valid_from <= today <= briefing.valid_until:
            return True
    return False


def _list_nationality_reasons(person: Person, item: AccessView, now: datetime, purpose: str) -> list[Reason]:
    """Return why a citizenship of `person` shuts the item, each one not covered by the originators' waiver."""
    if not person.nationalities:
        return [_NATIONALITY_UNKNOWN]
    unwaived = {
        citizenship for citizenship in person.nationalities - item.permitted
        if not _is_waived(citizenship, item, now, purpose)
    }
    reasons: list[Reason] = []
    if unwaived - item.release_to:
        reasons.append(_ground("access.citizenship-outside-release-set", item.release_article))
    if item.citizenships is not None and unwaived - item.citizenships:
        reasons.append(_ground("access.citizenship-excluded", item.article))
    return reasons


def _is_waived(citizenship: PartyId, item: AccessView, now: datetime, purpose: str) -> bool:
    """Tell whether every originator has accepted `citizenship` for this item and purpose, on record."""
    facts = item.facts
    consents = tuple(consent for consent in facts.consents if citizenship in consent.nationalities)
    if not consents:
        return False
    originators = originators_of(facts)
    wanted = ConsentWanted(Act.READ, facts.item, originators, facts.holder, purpose)
    return bool(purpose) and all(
        has_consented(originator, wanted, consents, now) for originator in originators
    )
