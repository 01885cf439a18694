"""What a party and what a person has agreed to: consents and approvals.

A consent is the originating party's own word to another party: it covers one
act on one item, for one recipient and one purpose, a stated number of times and
until a stated time (Switzerland-EU 2008 Art. 5(3): case by case). Silence is
none, but where the agreement says so of the act. An approval is the word of
one person at the originator's own node over exactly one content; any change of
that content voids it.

Both are values: who signed them, and whether the signature is good, is verified
before they reach a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cordiale.model.agreement import Act
from cordiale.model.decision import Reason
from cordiale.model.names import ConsentId, ItemId, PartyId, PersonId


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent of the originating party `given_by` to the party `given_to`, for one act on one item.

    `recipient` is the third party an item may be passed on to, None for acts that stay with `given_to`.
    `number` is how often the act may be done in all (copies to be made, persons' readings are not counted);
    `copies` names the copy numbers it speaks of, empty when it does not single any out.
    `nationalities` are citizenships that the originator accepts beside its release set (act ``read`` only).
    `category` widens it from the item to everything provided for that purpose, as the agreement names it; such a
    consent has an end. `of` is what was made of the item, where it speaks of that alone. `post` is the only one who
    may do it, empty for any. `rests` is why nothing new is done today under the agreement it was given under: while
    there is such a reason, the consent serves for nothing.
    `valid_until` None means until withdrawn. Times are aware UTC.
    """

    id: ConsentId
    act: Act
    item: ItemId
    given_by: PartyId
    given_to: PartyId
    purpose: str
    given_at: datetime
    recipient: PartyId | None = None
    number: int = 1
    copies: frozenset[int] = frozenset()
    nationalities: frozenset[PartyId] = frozenset()
    valid_until: datetime | None = None
    withdrawn_at: datetime | None = None
    category: str = ""
    post: str = ""
    of: ItemId | None = None
    rests: tuple[Reason, ...] = ()


class ApprovalPart(StrEnum):
    """The part a person takes in a release: one proposes, another authorises."""

    PROPOSE = "propose"
    AUTHORISE = "authorise"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's signed word over `bound_digest`.

    The digest covers the deposit digest, the label, the recipient, the purpose and the agreement's version
    (architecture, "One way to write"), so that a change of any of these leaves the approval without effect.
    """

    person: PersonId
    part: ApprovalPart
    bound_digest: str
    given_at: datetime
    withdrawn_at: datetime | None = None
