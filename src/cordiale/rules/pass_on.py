"""Whether a foreign item may be passed on to a third party.

Truth 3: never without the consent of every originator, bound to the item, the
recipient and the purpose. The layers can forbid it besides; they cannot allow
it in the originator's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cordiale.model.agreement import Act
from cordiale.model.decision import Decision, Reason, refusal
from cordiale.model.names import ConsentId, PartyId
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.holding import (
    OTHER_DAY,
    UNLABELLED,
    AccessView,
    list_standing_reasons,
    originators_of,
    scope_here,
)
from cordiale.rules.releasable import list_releasability_reasons
from cordiale.rules.rulings import cite, list_obligations, list_ruling_reasons, list_together_reasons
from cordiale.rules.validity import TIME_UNKNOWN, is_aware


@dataclass(frozen=True, slots=True)
class PassOnRequest:
    """`item` is to be passed on to the party `recipient` for `purpose`, by the `post`.

    `used` is what was done under each consent.
    """

    item: AccessView
    recipient: PartyId
    purpose: str
    used: tuple[tuple[ConsentId, int], ...] = ()
    post: str = ""


def decide_pass_on(request: PassOnRequest, *, now: datetime) -> Decision:
    """Decide whether the item may be passed on at `now` (aware), with every reason against it.

    An allowed passing-on is still a provision and a release of its own under the agreement with the third party.
    """
    act = Act.PASS_ON.value
    if not is_aware(now):
        return Decision(act, (TIME_UNKNOWN,))
    now = now.astimezone(UTC)
    item, facts, label = request.item, request.item.facts, request.item.facts.label
    reasons: list[Reason] = [OTHER_DAY] if now.date() != item.on else []
    reasons.extend(list_standing_reasons(facts.standing))
    if label is None:
        return Decision(act, (*reasons, UNLABELLED))
    outcome = item.rules.outcome(Act.PASS_ON, scope_here(facts, label))
    if originators_of(facts) == {facts.holder}:
        reasons.append(refusal("pass-on.own-item", "the item is our own: to disclose it is a release"))
    if request.recipient == facts.holder:
        reasons.append(refusal("pass-on.to-holder", "an item is not passed on to the party that holds it"))
    if request.recipient == label.originator:
        reasons.append(refusal("pass-on.is-return", "to give an item back to its originator is a return"))
    reasons.extend(list_ruling_reasons(Act.PASS_ON, outcome))
    reasons.extend(list_together_reasons(Act.PASS_ON, outcome))
    wanted = ConsentWanted(
        Act.PASS_ON, facts.item, originators_of(facts), facts.holder, request.purpose, recipient=request.recipient,
        categories=facts.purposes, used=request.used, post=request.post,
    )
    reasons.extend(list_consent_reasons(wanted, facts.consents, now, article=cite(outcome)))
    reasons.extend(list_releasability_reasons(label, request.recipient, cite(outcome)))
    obligations = list_obligations(Act.PASS_ON, outcome)
    return Decision(act, tuple(dict.fromkeys(reasons)), obligations, outcome.articles, outcome.overridden)
