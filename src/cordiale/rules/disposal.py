"""Whether an item may be given back or destroyed.

The end of a life differs by agreement and level: some levels may only be
returned (Switzerland-Poland Art. 8(1)), some destroyed only with consent
(Switzerland-Finland Art. 8(4)), some must be destroyed. There is no default
here, because a wrong one breaches the treaty. Destruction takes as many
distinct, cleared persons as the layers ask, one of them a registrar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cordiale.model.agreement import Act, Ruling
from cordiale.model.decision import Decision, Reason, refusal
from cordiale.model.label import Label
from cordiale.model.names import ConsentId, PartyId
from cordiale.model.person import Person
from cordiale.rules.access import list_clearance_reasons
from cordiale.rules.consent import ConsentWanted
from cordiale.rules.holding import (
    OTHER_DAY,
    UNLABELLED,
    AccessView,
    ItemFacts,
    Standing,
    list_standing_reasons,
    originators_of,
    scope_here,
)
from cordiale.rules.layers import LayerOutcome
from cordiale.rules.offices import Absence, OfficialAct, list_holding_reasons, list_quorum_reasons
from cordiale.rules.rulings import cite, list_act_reasons, list_obligations
from cordiale.rules.validity import TIME_UNKNOWN, is_aware

DISPOSALS: Final = frozenset({Act.RETURN, Act.DESTROY, Act.CRISIS_DESTROY})


WAITS_FOR_OTHERS: Final = frozenset({"office.too-few-persons", "office.no-registrar", "topology.not-chief"})
"""The reasons against a destruction that other persons take away by joining it."""


@dataclass(frozen=True, slots=True)
class DisposalRequest:
    """`persons` are to do `act` (return, destroy, or destroy in a crisis) together on `item`.

    `purpose` is why, in the words a consent would name. `to` is the party a return goes to. `copies` are the
    copy numbers concerned, `used` what was done under each consent before.
    """

    act: Act
    item: AccessView
    persons: tuple[Person, ...]
    purpose: str
    to: PartyId | None = None
    copies: frozenset[int] = frozenset()
    used: tuple[tuple[ConsentId, int], ...] = ()
    absences: tuple[Absence, ...] = ()


def decide_disposal(request: DisposalRequest, *, now: datetime) -> Decision:
    """Decide whether the item may be disposed of so at `now` (aware), with every reason against it.

    Obligations: notices and deadlines of the layers; ``certificate:destroy`` or ``certificate:return`` to the
    originator of a foreign item; ``report:crisis-destroy`` as soon as possible after a crisis.
    """
    act = request.act
    if not is_aware(now):
        return Decision(act.value, (TIME_UNKNOWN,))
    now = now.astimezone(UTC)
    item, facts, label = request.item, request.item.facts, request.item.facts.label
    reasons: list[Reason] = [OTHER_DAY] if now.date() != item.on else []
    if act not in DISPOSALS:
        reasons.append(refusal("disposal.other-act", "this act ({act}) is no disposal", act=act.value))
    # A crisis does not wait for the register or for an inquiry; it cannot destroy what is not here.
    if act is not Act.CRISIS_DESTROY or facts.standing is Standing.GONE:
        reasons.extend(list_standing_reasons(facts.standing))
    if label is None:
        return Decision(act.value, (*reasons, UNLABELLED))
    outcome = item.rules.outcome(act, scope_here(facts, label))
    wanted = ConsentWanted(
        act, facts.item, originators_of(facts), facts.holder, request.purpose,
        number=max(1, len(request.copies)), copies=request.copies, used=request.used, categories=facts.purposes,
    )
    reasons.extend(list_act_reasons(outcome, wanted, facts.consents, now))
    reasons.extend(_list_end_reasons(request, label, outcome))
    reasons.extend(_list_person_reasons(request, outcome, now))
    obligations = (*list_obligations(act, outcome), *_list_papers(act, facts, label))
    return Decision(act.value, tuple(dict.fromkeys(reasons)), obligations, outcome.articles, outcome.overridden)


def _list_end_reasons(request: DisposalRequest, label: Label, outcome: LayerOutcome) -> Iterator[Reason]:
    """Yield what is wrong with where the item is to end, and name the return where destruction is forbidden."""
    facts = request.item.facts
    if request.act is Act.DESTROY and outcome.ruling is Ruling.FORBIDDEN:
        giving_back = request.item.rules.outcome(Act.RETURN, scope_here(facts, label))
        if giving_back.ruling not in (None, Ruling.FORBIDDEN):
            yield refusal(
                "disposal.return-instead", "an item of {level} is returned to {originator} instead",
                cite(giving_back), level=str(label.level), originator=label.originator,
            )
    if request.act is Act.RETURN:
        if label.originator == facts.holder:
            yield refusal("disposal.own-item", "the item is our own and cannot be given back", cite(outcome))
        elif request.to != label.originator:
            yield refusal("disposal.return-elsewhere", "an item is given back to its originator only", cite(outcome))


def _list_person_reasons(request: DisposalRequest, outcome: LayerOutcome, now: datetime) -> Iterator[Reason]:
    """Yield what is wrong with the persons: their number, their offices, their party, their clearance."""
    article = cite(outcome)
    if any(person.represents != request.item.facts.holder for person in request.persons):
        yield refusal("disposal.other-party", "a person of another party takes no part in a disposal here", article)
    if request.act is Act.DESTROY:
        yield from list_quorum_reasons(request.persons, outcome.persons, request.absences, now, article=article)
        for person in request.persons:
            yield from list_clearance_reasons(person, request.item, now)
        return
    count = len({person.id for person in request.persons})
    if count < max(1, outcome.persons):
        yield refusal(
            "office.too-few-persons", "{needed} distinct persons must act together, and {count} are named", article,
            needed=str(max(1, outcome.persons)), count=str(count),
        )
    official = OfficialAct.GIVE_BACK if request.act is Act.RETURN else OfficialAct.WITNESS_DESTRUCTION
    for person in request.persons:
        yield from list_holding_reasons(person, official, request.absences, now, article=article)


def _list_papers(act: Act, facts: ItemFacts, label: Label) -> Iterator[str]:
    if label.originator != facts.holder:
        yield f"certificate:{act.value}"
        if act is Act.CRISIS_DESTROY:
            yield f"report:{act.value}"
