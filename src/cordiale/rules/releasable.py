"""Whether the originator's decision to disclose an item to a party stands.

Truth 4: nobody releases alone what they proposed. A release is one proposal and
one authority, more persons where the national profile asks, each signed over
exactly this content and this recipient. Truth 1: an empty or missing release
set means the originator only. Truth 3: what is not ours alone goes on only with
the consent of every originator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.model.agreement import Act, NationalProfile
from cordiale.model.consent import Approval, ApprovalPart, Consent
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import Label
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.model.person import Person
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.holding import UNLABELLED
from cordiale.rules.offices import OfficialAct, list_holding_reasons
from cordiale.rules.validity import TIME_UNKNOWN, has_begun, has_ended, is_aware

ACT: Final = "release"

_PERSONS_MIN: Final = 2
_OFFICIAL_ACT: Final[dict[ApprovalPart, OfficialAct]] = {
    ApprovalPart.PROPOSE: OfficialAct.PROPOSE_RELEASE,
    ApprovalPart.AUTHORISE: OfficialAct.AUTHORISE_RELEASE,
}


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release of one item by the party `provider` to the party `recipient`.

    `approvals` are those the release rests on, each verified; `people` are the current records of the persons
    who gave them. `bound_digest` is the digest of the content as it is now (deposit, label, recipient,
    purpose, agreement version). `persons_min` is how many persons the layers ask beside the national profile.
    `joint_originators` are originators beside the label's; `used` is what was done under each consent.
    """

    item: ItemId
    label: Label | None
    provider: PartyId
    recipient: PartyId
    purpose: str
    bound_digest: str
    approvals: tuple[Approval, ...] = ()
    people: tuple[Person, ...] = ()
    consents: tuple[Consent, ...] = ()
    joint_originators: frozenset[PartyId] = frozenset()
    persons_min: int = 1
    used: tuple[tuple[ConsentId, int], ...] = ()


def decide_release(request: ReleaseRequest, national: NationalProfile | None, *, now: datetime) -> Decision:
    """Decide whether the item is released to the recipient, with every reason against it.

    `national` is the provider's national profile, None where none has been entered. `now` is an aware datetime.
    """
    if not is_aware(now):
        return decision_of(ACT, (TIME_UNKNOWN,))
    reasons: list[Reason] = []
    if not request.purpose:
        reasons.append(refusal("release.purpose-missing", "no purpose is stated for which the item is provided"))
    if request.label is None:
        reasons.append(UNLABELLED)
    else:
        reasons.extend(list_releasability_reasons(request.label, request.recipient))
        reasons.extend(_list_third_party_reasons(request, request.label, now))
    reasons.extend(_list_approval_reasons(request, national, now))
    return decision_of(ACT, reasons)


def list_releasability_reasons(label: Label, recipient: PartyId, article: str = "") -> Iterator[Reason]:
    """Yield why `label` does not let the item be shown to `recipient`: the whole of it, or a marked part."""
    alone = frozenset({label.originator})
    if recipient not in (label.release_to or alone):
        yield refusal(
            "release.outside-release-set", "{party} is outside the release set of the item", article, party=recipient,
        )
    for portion in label.portions:
        if portion.release_to is not None and recipient not in (portion.release_to or alone):
            yield refusal(
                "release.portion-outside-release-set", "a part of the item is not releasable to {party}", article,
                party=recipient,
            )


def _list_third_party_reasons(request: ReleaseRequest, label: Label, now: datetime) -> tuple[Reason, ...]:
    """Return why originators other than the provider have not consented to this recipient and purpose."""
    # Whoever made a joint product gives no consent to be given it.
    originators = (request.joint_originators - {request.recipient}) | {label.originator}
    if not originators - {request.provider}:
        return ()
    wanted = ConsentWanted(
        Act.PASS_ON, request.item, originators, request.provider, request.purpose, recipient=request.recipient,
        used=request.used,
    )
    return list_consent_reasons(wanted, request.consents, now)


def _list_approval_reasons(
    request: ReleaseRequest, national: NationalProfile | None, now: datetime,
) -> Iterator[Reason]:
    article = national.release_article if national else ""
    needed = max(_PERSONS_MIN, request.persons_min)
    if national is None or national.release_persons < 1:
        yield undecidable(
            "release.persons-unsaid", "the national profile of {party} does not say how many persons release",
            article, party=request.provider,
        )
    else:
        needed = max(needed, national.release_persons)
    for approval in request.approvals:
        yield from _list_defects(approval, request, now, article)
    proposers = {a.person for a in request.approvals if a.part is ApprovalPart.PROPOSE}
    authorities = {a.person for a in request.approvals if a.part is ApprovalPart.AUTHORISE}
    if not proposers:
        yield refusal("release.not-proposed", "nobody has proposed the release", article)
    if not authorities:
        yield refusal("release.not-authorised", "no authority has authorised the release", article)
    if proposers & authorities:
        yield refusal("release.same-person", "the same person proposed and authorised the release", article)
    if len(proposers | authorities) < needed:
        yield refusal(
            "release.too-few-persons", "{needed} distinct persons must release, and {count} have approved", article,
            needed=str(needed), count=str(len(proposers | authorities)),
        )


def _list_defects(
    approval: Approval, request: ReleaseRequest, now: datetime, article: str,
) -> Iterator[Reason]:
    """Yield why `approval` does not stand. The release rests on every approval handed in, so one is enough."""
    part = approval.part.value
    if not approval.bound_digest or approval.bound_digest != request.bound_digest:
        yield refusal(
            "release.other-content", "the approval ({part}) was given over other content", article, part=part,
        )
    if not has_begun(approval.given_at, now):
        yield refusal("release.not-yet-given", "the approval ({part}) is not yet given", article, part=part)
    if has_ended(approval.withdrawn_at, now):
        yield refusal("release.withdrawn", "the approval ({part}) was withdrawn", article, part=part)
    records = [person for person in request.people if person.id == approval.person]
    if not records:
        yield undecidable(
            "release.person-unknown", "there is no record of the person who gave the approval ({part})", article,
            part=part,
        )
    for person in records:
        if person.represents != request.provider:
            yield refusal(
                "release.other-party", "the approval ({part}) was given by a person of another party", article,
                part=part,
            )
        # An absence does not undo what was approved before it: only the office itself must still be held.
        yield from list_holding_reasons(person, _OFFICIAL_ACT[approval.part], (), now, article=article)
