"""Whether the originator has consented to exactly this.

A consent speaks of one act on one item, for one recipient and one purpose, so
often and until then (architecture, truth 3). Where an item has several
originators each of them must have consented (Switzerland-France Art. 7.2).
Silence is not consent, and a consent that fits in all but one point is none.

A consent is given under an agreement, and no agreement that we know says that it outlasts it: while that is
suspended between the two, or the level of the item is, it rests; after the end of the agreement it serves for
nothing new (Switzerland-Czechia Art. 16(4): what was provided stays protected). What protects an item or ends it
goes on, and so does reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.model.agreement import Act
from cordiale.model.consent import Consent
from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.rules.validity import has_begun, has_ended

GOES_ON: Final = frozenset({Act.CHANGE_LEVEL, Act.CRISIS_DESTROY, Act.DESTROY, Act.RECALL, Act.RETURN})
"""What is consented to while an agreement is suspended, and after its end: it protects, or ends what was provided."""

SERVES_ON: Final = GOES_ON | {Act.READ}
"""For what a consent that was given before serves meanwhile: besides, what is here is read on as it was."""


@dataclass(frozen=True, slots=True)
class ConsentWanted:
    """What is asked of the originators: one act of the party `given_to` on one item.

    `number` is how many times the act is to be done now (copies to be made), and `used` counts what was done
    under each consent before. `copies` are the copy numbers concerned, empty when none is singled out. `post` is
    that of who does it, `categories` the agreed categories that the item belongs to.
    """

    act: Act
    item: ItemId
    originators: frozenset[PartyId]
    given_to: PartyId
    purpose: str
    recipient: PartyId | None = None
    number: int = 1
    copies: frozenset[int] = frozenset()
    post: str = ""
    categories: frozenset[str] = frozenset()
    used: tuple[tuple[ConsentId, int], ...] = ()


def list_consent_reasons(
    wanted: ConsentWanted, consents: tuple[Consent, ...], now: datetime, *, article: str = "",
) -> tuple[Reason, ...]:
    """Return every reason why the originators have not consented to `wanted`; empty when all of them have.

    A party needs no consent of its own. `article` is the provision that asks for the consent. `now` is an
    aware UTC datetime.
    """
    if not wanted.originators:
        return (undecidable(
            "consent.originator-unknown",
            "it is not known whose item this is, so there is nobody who could consent", article,
        ),)
    if not wanted.purpose:
        return (refusal("consent.purpose-missing", "no purpose is stated that a consent could cover", article),)
    reasons: dict[Reason, None] = {}
    for originator in sorted(wanted.originators - {wanted.given_to}):
        reasons.update(dict.fromkeys(_list_reasons_of(originator, wanted, consents, now, article)))
    return tuple(reasons)


def has_consented(
    originator: PartyId, wanted: ConsentWanted, consents: tuple[Consent, ...], now: datetime,
) -> bool:
    """Tell whether one of the consents of `originator` covers `wanted` in every point at `now` (aware UTC)."""
    return not _list_reasons_of(originator, wanted, consents, now, "")


def _list_reasons_of(
    originator: PartyId, wanted: ConsentWanted, consents: tuple[Consent, ...], now: datetime, article: str,
) -> tuple[Reason, ...]:
    """Return why `originator` has not consented: empty as soon as one of its consents fits in every point."""
    reasons: list[Reason] = []
    for consent in consents:
        if (consent.given_by, consent.act) != (originator, wanted.act) or not _speaks_of(consent, wanted):
            continue
        against = tuple(_list_misfits(consent, wanted, now, article))
        if not against:
            return ()
        reasons.extend(against)
    if reasons:
        return tuple(reasons)
    return (refusal(
        "consent.missing", "{originator} has not consented to this act ({act}) on this item", article,
        originator=originator, act=wanted.act.value,
    ),)


def _speaks_of(consent: Consent, wanted: ConsentWanted) -> bool:
    """Tell whether `consent` is about the item, by its name or by an agreed category that it belongs to."""
    return consent.item == wanted.item or bool(consent.category and consent.category in wanted.categories)


def _list_misfits(consent: Consent, wanted: ConsentWanted, now: datetime, article: str) -> Iterator[Reason]:
    """Yield every point in which `consent` does not cover `wanted`."""
    name = str(consent.id)
    if consent.given_to != wanted.given_to:
        yield refusal("consent.given-to-another", "the consent {id} was given to {party}", article,
                      id=name, party=consent.given_to)
    if consent.recipient != wanted.recipient:
        yield refusal("consent.other-recipient", "the consent {id} is for another recipient", article, id=name)
    if consent.purpose != wanted.purpose:
        yield refusal("consent.other-purpose", "the consent {id} is for another purpose", article, id=name)
    if not has_begun(consent.given_at, now):
        yield refusal("consent.not-yet-given", "the consent {id} is not yet given", article, id=name)
    if has_ended(consent.valid_until, now):
        yield refusal("consent.expired", "the consent {id} has expired", article, id=name)
    if has_ended(consent.withdrawn_at, now):
        yield refusal("consent.withdrawn", "the consent {id} was withdrawn", article, id=name)
    if consent.rests and consent.act not in SERVES_ON:
        yield refusal("consent.rests", "the consent {id} is not used while nothing new is done under its agreement",
                      article, id=name)
        yield from consent.rests
    if wanted.number < 1 or _count_used(consent, wanted) + wanted.number > consent.number:
        yield refusal("consent.number-exceeded", "the consent {id} covers {number} in all", article,
                      id=name, number=str(consent.number))
    if consent.category and consent.valid_until is None:
        yield refusal("consent.general", "the consent {id} is for a category and has no end", article, id=name)
    if consent.post and consent.post != wanted.post:
        yield refusal("consent.other-post", "the consent {id} is for another post", article, id=name)
    if consent.copies and not (wanted.copies and wanted.copies <= consent.copies):
        yield refusal("consent.other-copies", "the consent {id} names other copy numbers", article, id=name)


def _count_used(consent: Consent, wanted: ConsentWanted) -> int:
    """Return how often `consent` has been used already; a negative count counts as none."""
    return sum(max(0, count) for used, count in wanted.used if used == consent.id)
