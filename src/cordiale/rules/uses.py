"""Uses that leave the purpose or the hands an item was given for: abroad, archives, publication, forced disclosure.

Each needs the consent of every originator, unless a layer says otherwise. An
archive takes a foreign item only once it is declassified (Switzerland-Austria
Art. 5(4)). What is published about a cooperation needs the word of both sides
(Switzerland-Israel Art. IV(6)). What a law forces is told to the originator
before (Switzerland-Singapore Art. 4.2); only a national rule that prevails over
the agreement lets it happen against the originator's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cordiale.model.agreement import CONSENT_UNLESS_SAID, Act, Ruling
from cordiale.model.decision import Decision, Reason, refusal
from cordiale.model.names import ConsentId, PartyId
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.holding import UNLABELLED, AccessView, list_standing_reasons, originators_of, scope_here
from cordiale.rules.layers import Gap
from cordiale.rules.rulings import cite, list_obligations, list_ruling_reasons
from cordiale.rules.validity import TIME_UNKNOWN, is_aware

_LETS: Final = frozenset({Ruling.ALLOWED, Ruling.REQUIRED, Ruling.WITH_NOTICE})


@dataclass(frozen=True, slots=True)
class UseRequest:
    """`act` is to be done with the item for `purpose`, by the `post`, `number` times.

    `parties` are those whose cooperation a publication is about. `is_declassified` and `is_told` say that the item
    bears no level any more, and that its originator was told of a disclosure that a law forces. `rights_of` owns a
    right in the item and has not consented to publication; empty where nobody does.
    """

    act: Act
    item: AccessView
    purpose: str
    post: str = ""
    number: int = 1
    parties: frozenset[PartyId] = frozenset()
    is_declassified: bool = False
    is_told: bool = False
    rights_of: str = ""
    used: tuple[tuple[ConsentId, int], ...] = ()


def decide_use(request: UseRequest, *, now: datetime) -> Decision:
    """Decide whether the use may be made at `now` (aware), with every reason against it."""
    act = request.act
    if not is_aware(now):
        return Decision(act.value, (TIME_UNKNOWN,))
    now = now.astimezone(UTC)
    facts, label = request.item.facts, request.item.facts.label
    reasons: list[Reason] = list(list_standing_reasons(facts.standing))
    if act not in CONSENT_UNLESS_SAID:
        reasons.append(refusal("use.other-act", "this act ({act}) is no such use", act=act.value))
    if label is None:
        return Decision(act.value, (*reasons, UNLABELLED))
    outcome = request.item.rules.outcome(act, scope_here(facts, label))
    if outcome.ruling is Ruling.FORBIDDEN or outcome.gap in (Gap.CONTRADICTION, Gap.LEFT_TO_NATIONAL):
        reasons.extend(list_ruling_reasons(act, outcome))
    elif outcome.ruling not in _LETS or act is Act.PUBLISH:
        originators = originators_of(facts) | (request.parties if act is Act.PUBLISH else frozenset())
        wanted = ConsentWanted(
            act, facts.item, originators, facts.holder, request.purpose, number=request.number, post=request.post,
            categories=facts.purposes, used=request.used,
        )
        reasons.extend(list_consent_reasons(wanted, facts.consents, now, article=cite(outcome)))
    reasons.extend(_list_conditions(request, cite(outcome)))
    obligations = list_obligations(act, outcome)
    return Decision(act.value, tuple(dict.fromkeys(reasons)), obligations, outcome.articles, outcome.overridden)


def _list_conditions(request: UseRequest, article: str) -> Iterator[Reason]:
    """Yield what each use asks besides the consent."""
    is_foreign = request.item.is_foreign
    if request.act is Act.ARCHIVE and is_foreign and not request.is_declassified:
        yield refusal("use.archive-classified", "an archive takes a foreign item only once it is declassified", article)
    if request.act is Act.DISCLOSE and is_foreign and not request.is_told:
        yield refusal("use.originator-not-told", "the originator is told before anything is disclosed", article)
    if request.act is Act.PUBLISH and request.rights_of:
        yield refusal("use.rights", "{owner} owns a right in the item and has not consented", owner=request.rights_of)
