"""Whether this person may read this item now.

Truth 1: need-to-know and whatever else the level asks under the agreement and
the national profile (clearance, briefing, nationality, function), inside the
release set. Rank alone never suffices and an office never opens content. Every
condition is looked at, so that a refusal names all that stands against it.

What does not depend on the person is in `cordiale.rules.holding.AccessView`;
what does is compared here, without look-ups. Each ground against a person is a
bit, and a view keeps the decision it once gave for a set of bits: the same few
refusals are given all day. The decision is repeated at each opening, and a
clearance withdrawn a moment ago counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from cordiale.model.agreement import Act
from cordiale.model.decision import Decision, Outcome, Reason
from cordiale.model.names import PartyId
from cordiale.model.person import NeedToKnow, Person
from cordiale.rules.consent import ConsentWanted, has_consented, list_consent_reasons
from cordiale.rules.holding import ACT, OTHER_DAY, AccessView, originators_of
from cordiale.rules.rulings import cite
from cordiale.rules.validity import TIME_UNKNOWN, has_ended, is_aware

_NO_TIME: Final = Decision(ACT, (TIME_UNKNOWN,))
_OTHER_DAY: Final = Decision(ACT, (OTHER_DAY,))

LEFT_SERVICE: Final = 1 << 0
NOT_NAMED: Final = 1 << 1
NO_NEED: Final = 1 << 2
NEED_SELF_GRANTED: Final = 1 << 3
NEED_NOT_YET: Final = 1 << 4
NEED_WITHDRAWN: Final = 1 << 5
NEED_OTHER_PURPOSE: Final = 1 << 6
NO_PURPOSE: Final = 1 << 7
OTHER_PURPOSE: Final = 1 << 8
NO_CLEARANCE: Final = 1 << 9
CLEARANCE_TOO_LOW: Final = 1 << 10
CLEARANCE_NOT_YET: Final = 1 << 11
CLEARANCE_EXPIRED: Final = 1 << 12
CLEARANCE_WITHDRAWN: Final = 1 << 13
CLEARANCE_OTHER_SCHEME: Final = 1 << 14
NO_BRIEFING: Final = 1 << 15
NO_FUNCTION: Final = 1 << 16
OUTSIDE_RELEASE_SET: Final = 1 << 17
CITIZENSHIP_OUTSIDE: Final = 1 << 18
CITIZENSHIP_EXCLUDED: Final = 1 << 19
NATIONALITY_UNKNOWN: Final = 1 << 20
_CAVEAT: Final = 21
"""The bit of a view's first caveat; the others follow."""

_TEXTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("access.left-service", "", "this person has left the service"),
    ("access.not-a-named-reader", "", "the item is held for named readers, and this is not one of them"),
    ("access.no-need-to-know", "level", "this person has no need-to-know for the item"),
    ("access.need-self-granted", "level", "nobody grants themselves the need-to-know"),
    ("access.need-not-yet", "level", "the need-to-know has not begun"),
    ("access.need-withdrawn", "level", "the need-to-know was withdrawn"),
    ("access.need-other-purpose", "level", "the need-to-know was granted for another purpose"),
    ("access.purpose-missing", "", "no purpose is stated"),
    ("access.other-purpose", "read",
     "the item was provided for another purpose, and the originator has not agreed to this one"),
    ("access.no-clearance", "level", "this person holds no clearance of the scheme"),
    ("access.clearance-too-low", "level", "the clearance is below the level of the item"),
    ("access.clearance-not-yet", "level", "the clearance is not yet valid"),
    ("access.clearance-expired", "level", "the clearance has expired"),
    ("access.clearance-withdrawn", "level", "the clearance was withdrawn"),
    ("access.clearance-other-scheme", "level",
     "the clearance is one of another scheme, and nothing says what it is worth here"),
    ("access.no-briefing", "level", "there is no valid briefing that this person has acknowledged"),
    ("access.no-function", "level", "this person holds none of the functions that the level asks for"),
    ("access.outside-release-set", "release", "the party this person acts for is outside the release set"),
    ("access.citizenship-outside-release-set", "release",
     "a citizenship of this person is outside the release set, and the originator has not waived it"),
    ("access.citizenship-excluded", "level",
     "the level is open to nationals of certain parties only, and the originator has not waived it"),
    ("access.nationality-unknown", "level", "no nationality of this person is recorded"),
)
"""Code, kind of article, and text of each ground, in the order of the bits."""

_NOT_TOLD: Final = CLEARANCE_OTHER_SCHEME | NATIONALITY_UNKNOWN


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
    grounds = _need_grounds(person, item, needs, now, purpose)
    if not purpose:
        grounds |= NO_PURPOSE
    if item.is_foreign and purpose not in item.facts.purposes and not _is_purpose_agreed(item, now, purpose):
        grounds |= OTHER_PURPOSE
    if item.cleared_names is not None:
        grounds |= _clearance_grounds(person, item, now, today)
    if item.briefing is not None and not _is_briefed(person, item.briefing, today):
        grounds |= NO_BRIEFING
    if item.has_more:
        grounds |= _further_grounds(person, item, today)
    if person.represents not in item.release_to:
        grounds |= OUTSIDE_RELEASE_SET
    if not person.nationalities or not person.nationalities <= item.permitted:
        grounds |= _nationality_grounds(person, item, now, purpose)
    if person.left_at is not None and has_ended(person.left_at, now):
        grounds |= LEFT_SERVICE
    if item.asks_consent:
        against = _list_consent_reasons(item, now, purpose)
        if against:
            return Decision(ACT, (*item.baseline.reasons, *_list_reasons(item, grounds), *against))
    if not grounds:
        return item.baseline
    return item.decisions.get(grounds) or _decide(item, grounds)


def _decide(item: AccessView, grounds: int) -> Decision:
    """Work out the refusal for `grounds` on first use, and keep it with the view."""
    decision = Decision(ACT, (*item.baseline.reasons, *_list_reasons(item, grounds)))
    item.decisions[grounds] = decision
    return decision


def _list_reasons(item: AccessView, grounds: int) -> tuple[Reason, ...]:
    """Return the reasons that the bits of `grounds` stand for, in their order."""
    articles = {"": "", "level": item.article, "release": item.release_article, "read": cite(item.read)}
    reasons = [
        Reason(code, text, articles[kind], Outcome.UNDECIDABLE if (1 << bit) & _NOT_TOLD else Outcome.REFUSED)
        for bit, (code, kind, text) in enumerate(_TEXTS) if grounds & 1 << bit
    ]
    reasons.extend(
        Reason("access.caveat-not-held", "this person does not hold the caveat {caveat}",
               fields=(("caveat", caveat.removeprefix("caveat:")),))
        for bit, caveat in enumerate(item.caveats, _CAVEAT) if grounds & 1 << bit
    )
    return tuple(reasons)


def _need_grounds(
    person: Person, item: AccessView, needs: Sequence[NeedToKnow], now: datetime, purpose: str,
) -> int:
    """Return why none of the needs-to-know on record opens the item, 0 as soon as one does."""
    who, wanted, found = person.id, item.facts.item, 0
    for need in needs:
        if need.person != who or need.item != wanted:
            continue
        grounds = NEED_SELF_GRANTED if need.granted_by == who else 0
        if need.purpose != purpose:
            grounds |= NEED_OTHER_PURPOSE
        try:
            if need.granted_at > now:
                grounds |= NEED_NOT_YET
        except TypeError:  # A time without a zone; asking `has_begun` each time would cost a tenth of the decision.
            grounds |= NEED_NOT_YET
        if need.withdrawn_at is not None and has_ended(need.withdrawn_at, now):
            grounds |= NEED_WITHDRAWN
        if not grounds:
            return 0
        found |= grounds
    return found or NO_NEED


def _clearance_grounds(person: Person, item: AccessView, now: datetime, today: date) -> int:
    """Return why neither a clearance nor a function in its place is enough, 0 as soon as one is.

    A clearance of another scheme counts for what the rows on clearances say; equivalence of markings says nothing
    about it (Switzerland-Czech Republic Art. 8(3)).
    """
    scheme, names, found, other = item.scheme, item.cleared_names or (), 0, 0
    for clearance in person.clearances:
        grounds = 0
        if not clearance.valid_from <= today <= clearance.valid_until:
            grounds = CLEARANCE_NOT_YET if today < clearance.valid_from else 0
            grounds |= CLEARANCE_EXPIRED if clearance.valid_until < today else 0
        if clearance.withdrawn_at is not None and has_ended(clearance.withdrawn_at, now):
            grounds |= CLEARANCE_WITHDRAWN
        level = clearance.level
        if level.scheme != scheme:
            if not grounds and any(one.scheme == scheme and one.name in names for one in item.worth.get(level, ())):
                return 0
            other |= 0 if grounds else CLEARANCE_OTHER_SCHEME
            continue
        if level.name not in names:
            grounds |= CLEARANCE_TOO_LOW
        if not grounds:
            return 0
        found |= grounds
    for functions in item.stand_ins:
        if not person.functions & functions:
            return found or other or NO_CLEARANCE
    return 0


def list_clearance_reasons(person: Person, item: AccessView, now: datetime) -> tuple[Reason, ...]:
    """Return why `person` is not cleared for `item` at `now` (aware UTC); empty when cleared or none is asked.

    Where it cannot be told what clearance is enough, that is a reason of its own.
    """
    grounds = 0 if item.cleared_names is None else _clearance_grounds(person, item, now, now.date())
    return (*item.clearance_gaps, *_list_reasons(item, grounds))


def _is_briefed(person: Person, subject: str, today: date) -> bool:
    for briefing in person.briefings:
        if briefing.subject == subject and briefing.valid_from <= today <= briefing.valid_until:
            return True
    return False


def _further_grounds(person: Person, item: AccessView, today: date) -> int:
    """Return what few items ask: to be a named reader, to hold a function, to hold every restrictive caveat."""
    readers = item.facts.readers
    grounds = 0 if readers is None or person.id in readers else NOT_NAMED
    if not all(person.functions & functions for functions in item.functions):
        grounds |= NO_FUNCTION
    for bit, caveat in enumerate(item.caveats, _CAVEAT):
        if not _is_briefed(person, caveat, today):
            grounds |= 1 << bit
    return grounds


def _list_consent_reasons(item: AccessView, now: datetime, purpose: str) -> tuple[Reason, ...]:
    """Return why the originators have not consented to reading the item for `purpose`."""
    facts = item.facts
    # A consent that waives a nationality is about the person, and opens no purpose.
    consents = tuple(consent for consent in facts.consents if not consent.nationalities)
    wanted = ConsentWanted(
        Act.READ, facts.item, originators_of(facts), facts.holder, purpose, categories=facts.purposes
    )
    return list_consent_reasons(wanted, consents, now, article=cite(item.read))


def _is_purpose_agreed(item: AccessView, now: datetime, purpose: str) -> bool:
    """Tell whether the originators have agreed to a purpose other than those the item was provided for."""
    return bool(item.facts.consents) and not _list_consent_reasons(item, now, purpose)


def _nationality_grounds(person: Person, item: AccessView, now: datetime, purpose: str) -> int:
    """Return why a citizenship of `person` shuts the item, where no waiver of the originators covers it."""
    if not person.nationalities:
        return NATIONALITY_UNKNOWN
    unwaived = person.nationalities - item.permitted
    if item.facts.consents:
        unwaived = frozenset(c for c in unwaived if not _is_waived(c, item, now, purpose))
    grounds = CITIZENSHIP_OUTSIDE if unwaived - item.release_to else 0
    if item.citizenships is not None and unwaived - item.citizenships:
        grounds |= CITIZENSHIP_EXCLUDED
    return grounds


def _is_waived(citizenship: PartyId, item: AccessView, now: datetime, purpose: str) -> bool:
    """Tell whether every originator has accepted `citizenship` for this item and purpose, on record."""
    facts = item.facts
    if facts.label is None:
        return False
    consents = tuple(consent for consent in facts.consents if citizenship in consent.nationalities)
    originators = originators_of(facts)
    wanted = ConsentWanted(
        Act.READ, facts.item, originators, facts.holder, purpose, categories=facts.purposes
    )
    return all(has_consented(originator, wanted, consents, now) for originator in originators)
