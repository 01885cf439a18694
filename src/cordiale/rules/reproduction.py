"""Whether an item may be copied, translated or extracted from.

Whoever reproduces must be allowed to read (Switzerland-Luxembourg Art. 7.3(a)).
The layers say whether the act needs the originator's consent, notice or several
persons; a consent says how many copies and which numbers. What comes out is an
item of its own that inherits level, originator and caveats: an extract is not
lower than the whole unless the originator says so. In urgency, where a layer
allows it, a copy is made before the consent is there, and told at once
(IGI 1300 Art. 49). A level may be kept for the responsible registry
(32 CFR 117.19(g)(16)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cordiale.model.agreement import Act, Ruling
from cordiale.model.decision import Decision, Reason, refusal, undecidable
from cordiale.model.names import ConsentId
from cordiale.model.person import NeedToKnow, Person
from cordiale.rules.access import decide_access, list_clearance_reasons
from cordiale.rules.consent import ConsentWanted
from cordiale.rules.holding import AccessView, originators_of, scope_here
from cordiale.rules.joined import ANY_NUMBER, without_joined
from cordiale.rules.layers import SILENT, LayerOutcome
from cordiale.rules.rulings import cite, list_act_reasons, list_obligations
from cordiale.rules.validity import TIME_UNKNOWN, is_aware

REPRODUCTIONS: Final = frozenset({Act.COPY, Act.TRANSLATE, Act.EXTRACT})


@dataclass(frozen=True, slots=True)
class ReproductionRequest:
    """`person` is to do `act` (copy, translate or extract) on `item`, `number` times.

    `needs` are the needs-to-know on record, of the witnesses too. `copies` are the copy numbers to be given, `used`
    what was done under each consent before. `witnesses` act together with the person where the layers ask for several:
    of the act, or of every reading, and then each of them must be allowed to read as the person must.
    `urgency` is None where nothing is urgent, else the provisions that let a copy be made before the consent is there.
    `kept_for_registry` are the provisions that keep the level for the responsible registry, and `is_registrar` tells
    whether the person is of it.
    """

    act: Act
    person: Person
    item: AccessView
    needs: tuple[NeedToKnow, ...]
    purpose: str
    number: int = 1
    copies: frozenset[int] = frozenset()
    used: tuple[tuple[ConsentId, int], ...] = ()
    witnesses: tuple[Person, ...] = ()
    urgency: tuple[str, ...] | None = None
    kept_for_registry: tuple[str, ...] = ()
    is_registrar: bool = False


def decide_reproduction(request: ReproductionRequest, *, now: datetime) -> Decision:
    """Decide whether the reproduction may be made at `now` (aware), with every reason against it.

    Obligations: ``notice:copy`` (in urgency always), ``persons:copy:2``, a deadline, and ``language-note:translate``
    where a foreign item is translated, for the note in the target language (Switzerland-Finland Art. 8(2)).
    """
    act = request.act
    if not is_aware(now):
        return Decision(act.value, (TIME_UNKNOWN,))
    now = now.astimezone(UTC)
    facts, rules = request.item.facts, request.item.rules
    access = decide_access(
        request.person, request.item, needs=request.needs, now=now, purpose=request.purpose,
    )
    # How many it takes is asked below, of those who do it together.
    reasons = list(without_joined(access.reasons, ANY_NUMBER))
    if act not in REPRODUCTIONS:
        reasons.append(refusal("reproduction.other-act", "this act ({act}) is no reproduction", act=act.value))
    if request.number < 1:
        reasons.append(refusal("reproduction.number", "at least one must be made"))
    outcome = rules.outcome(act, scope_here(facts, facts.label)) if facts.label else SILENT
    wanted = ConsentWanted(
        act, facts.item, originators_of(facts), facts.holder, request.purpose,
        number=request.number, copies=request.copies, used=request.used, categories=facts.purposes,
        post=request.person.post,
    )
    if facts.label is not None:
        reasons.extend(_list_layer_reasons(request, outcome, wanted, now))
    reasons.extend(_list_witness_reasons(request, outcome, now))
    if request.kept_for_registry and not request.is_registrar:
        reasons.append(refusal(
            "reproduction.registry-only", "this level is reproduced by the responsible registry alone",
            "; ".join(request.kept_for_registry),
        ))
    obligations = list_obligations(act, outcome)
    if request.urgency and f"notice:{act.value}" not in obligations:
        obligations = (*obligations, f"notice:{act.value}")
    if act is Act.TRANSLATE and request.item.is_foreign:
        obligations = (*obligations, f"language-note:{act.value}")
    return Decision(act.value, tuple(dict.fromkeys(reasons)), obligations, outcome.articles, outcome.overridden)


def _list_layer_reasons(
    request: ReproductionRequest, outcome: LayerOutcome, wanted: ConsentWanted, now: datetime,
) -> Iterator[Reason]:
    """Yield what the layers say against it; in urgency, where a layer allows that, a missing consent is no reason."""
    against = list_act_reasons(outcome, wanted, request.item.facts.consents, now)
    if request.urgency is None:
        yield from against
        return
    if request.act is not Act.COPY:
        yield refusal("reproduction.urgent-other", "only a copy is made in urgency, no translation and no extract")
    if not request.urgency:
        yield undecidable(
            "reproduction.urgent-unsaid",
            "neither the agreement nor national law says that a copy may be made before the originator is asked",
            cite(outcome),
        )
    if outcome.ruling is not Ruling.WITH_CONSENT:
        yield from against


def _list_witness_reasons(
    request: ReproductionRequest, outcome: LayerOutcome, now: datetime,
) -> Iterator[Reason]:
    distinct = {request.person.id, *(witness.id for witness in request.witnesses)}
    read = request.item.read
    readers = read.persons if read.ruling is not None else 1
    for needed, asking in ((outcome.persons, outcome), (readers, read)):
        if len(distinct) < needed:
            yield refusal(
                "reproduction.too-few-persons", "{needed} distinct persons must act together, and {count} are named",
                cite(asking), needed=str(needed), count=str(len(distinct)),
            )
    for witness in request.witnesses:
        if readers > 1:
            reading = decide_access(witness, request.item, needs=request.needs, now=now, purpose=request.purpose)
            yield from without_joined(reading.reasons, ANY_NUMBER)
        else:
            yield from list_clearance_reasons(witness, request.item, now)
