"""Urgency and the levels kept for the registry, decided a second time by counting cases."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules.test_reproduction import FOREIGN_TOP, request

from cordiale.model.agreement import Act
from cordiale.rules.reproduction import decide_reproduction


@given(
    act=st.sampled_from([Act.COPY, Act.TRANSLATE, Act.EXTRACT]), is_top=st.booleans(), has_consent=st.booleans(),
    urgency=st.none() | st.sampled_from([(), ("Order 9",)]), kept=st.sampled_from([(), ("Order 10",)]),
    is_registrar=st.booleans(), needs=st.booleans(),
)
def test_urgency_and_the_registrys_levels_take_away_nothing_but_a_missing_consent(
    act: Act, is_top: bool, has_consent: bool, urgency: tuple[str, ...] | None, kept: tuple[str, ...],
    is_registrar: bool, needs: bool,
) -> None:
    item = w.view(replace(FOREIGN_TOP, consents=(w.consent(act),) if has_consent else ())) if is_top else w.view()
    asked = request(
        act, item, urgency=urgency, kept_for_registry=kept, is_registrar=is_registrar,
        **({} if needs else {"needs": ()}),
    )
    expected = set() if needs else {"access.no-need-to-know"}
    # In this world only copies of the highest level ask for consent.
    if is_top and act is Act.COPY and not has_consent and urgency is None:
        expected.add("consent.missing")
    if urgency is not None and act is not Act.COPY:
        expected.add("reproduction.urgent-other")
    if urgency == ():
        expected.add("reproduction.urgent-unsaid")
    if kept and not is_registrar:
        expected.add("reproduction.registry-only")
    decision = decide_reproduction(asked, now=w.NOW)
    assert w.codes(decision) == expected
    assert (f"notice:{act.value}" in decision.obligations) >= bool(urgency)
