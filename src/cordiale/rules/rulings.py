"""From what the layers say of an act to reasons and obligations.

One reading for every act: forbidden refuses, with consent asks for a consent
that fits, silence is undecidable and asked about (architecture, "The life of
one item"). What an allowed act brings with it becomes obligations of the form
``notice:copy``, ``persons:destroy:2``, ``deadline:receipt:5:working``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cordiale.model.agreement import Act, Ruling
from cordiale.model.consent import Consent
from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.layers import Gap, LayerOutcome

_GAPS: Final[dict[Gap, tuple[str, str]]] = {
    Gap.SILENT: ("ruling.silent", "neither the agreement nor national law says whether this act ({act}) is allowed"),
    Gap.LEFT_TO_NATIONAL: (
        "ruling.left-to-national", "the agreement leaves this act ({act}) to national law, which says nothing",
    ),
    Gap.CONTRADICTION: ("ruling.contradiction", "the layers both demand and forbid this act ({act})"),
}


def cite(outcome: LayerOutcome) -> str:
    """Return the provisions that speak in `outcome`, the decisive ones first, as one citation."""
    return "; ".join(outcome.articles)


def list_ruling_reasons(act: Act, outcome: LayerOutcome) -> tuple[Reason, ...]:
    """Return why the layers do not let `act` happen at all: forbidden, or nothing decided."""
    if outcome.ruling is Ruling.FORBIDDEN:
        return (refusal("ruling.forbidden", "this act ({act}) is forbidden", cite(outcome), act=act.value),)
    if outcome.ruling is None:
        code, text = _GAPS[outcome.gap or Gap.SILENT]
        return (undecidable(code, text, cite(outcome), act=act.value),)
    return ()


def list_act_reasons(
    outcome: LayerOutcome, wanted: ConsentWanted, consents: tuple[Consent, ...], now: datetime,
) -> tuple[Reason, ...]:
    """Return every reason of the layers against the act of `wanted`, with the consent where one is asked for."""
    if outcome.ruling is Ruling.WITH_CONSENT:
        return list_consent_reasons(wanted, consents, now, article=cite(outcome))
    return list_ruling_reasons(wanted.act, outcome)


def list_together_reasons(act: Act, outcome: LayerOutcome) -> tuple[Reason, ...]:
    """Return why an act that one person does here alone is not done where the layers ask for several together."""
    if outcome.ruling is None or outcome.persons < 2:
        return ()
    return (refusal(
        "ruling.persons-together", "{needed} persons must do this act ({act}) together, and here one does it alone",
        cite(outcome), needed=str(outcome.persons), act=act.value,
    ),)


def list_obligations(act: Act, outcome: LayerOutcome) -> tuple[str, ...]:
    """Return what `act` brings with it when it is done: a notice, persons, deadlines."""
    obligations = [f"notice:{act.value}"] if outcome.ruling is Ruling.WITH_NOTICE else []
    if outcome.persons > 1:
        obligations.append(f"persons:{act.value}:{outcome.persons}")
    obligations.extend(
        f"deadline:{act.value}:{deadline.count}:{deadline.kind.value}" for deadline in outcome.deadlines
    )
    return tuple(obligations)
