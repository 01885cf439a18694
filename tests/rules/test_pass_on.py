"""The third-party rule: never without the consent of every originator, for this recipient and purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from tests.rules import exercise_world as w
from tests.rules import worlds
from tests.trying import tried

from cordiale.model.agreement import Act, ActRule, AgreementState, Ruling
from cordiale.model.decision import refusal
from cordiale.model.label import Portion
from cordiale.rules.holding import ItemFacts, Standing, view_item
from cordiale.rules.pass_on import PassOnRequest, decide_pass_on
from cordiale.rules.rule_index import build_rule_index

OPEN = replace(w.FOREIGN, label=replace(w.LABEL, release_to=frozenset({w.JPN, w.UKR, w.CHE})))
CONSENT = w.consent(Act.PASS_ON, recipient=w.CHE)
AGREED = replace(OPEN, consents=(CONSENT,))


def codes(facts: ItemFacts, recipient: str = w.CHE, state: AgreementState = w.STATE, **changes: Any) -> set[str]:
    request = replace(PassOnRequest(w.view(facts, state), recipient, w.PURPOSE), **changes)  # type: ignore[arg-type]
    return w.codes(decide_pass_on(request, now=w.NOW))


def test_nothing_goes_on_without_consent() -> None:
    request = PassOnRequest(w.view(OPEN), w.CHE, w.PURPOSE)
    decision = decide_pass_on(request, now=w.NOW)
    assert w.codes(decision) == {"consent.missing"}
    assert decision.reasons[0].article == next(rule.article for rule in w.ACTS if rule.act is Act.PASS_ON)
    assert codes(AGREED) == set()


@pytest.mark.parametrize(("changes", "code"), [
    ({"recipient": None}, "consent.other-recipient"), ({"recipient": w.JPN}, "consent.other-recipient"),
    ({"purpose": "other"}, "consent.other-purpose"), ({"act": Act.READ}, "consent.missing"),
    ({"item": worlds.ItemId("item-2")}, "consent.missing"), ({"given_by": w.UKR}, "consent.missing"),
    ({"withdrawn_at": w.NOW}, "consent.withdrawn"), ({"valid_until": w.PAST}, "consent.expired"),
    ({"rests": (refusal("consent.rests", "it does"),)}, "consent.rests"),
])
def test_a_consent_is_bound_to_item_recipient_and_purpose(changes: dict[str, Any], code: str) -> None:
    assert codes(replace(OPEN, consents=(replace(CONSENT, **changes),))) == {code}


def test_an_allowing_rule_is_no_consent() -> None:
    allowing = w.with_profile(acts=(*w.ACTS, ActRule(Act.PASS_ON, Ruling.ALLOWED, "Art. 9", level=w.COBALT)))
    assert codes(OPEN, state=allowing) == {"consent.missing"}


def test_a_forbidding_or_silent_rule_is_not_cured_by_consent() -> None:
    forbidding = w.with_profile(acts=(*w.ACTS, ActRule(Act.PASS_ON, Ruling.FORBIDDEN, "Art. 9", level=w.COBALT)))
    assert codes(AGREED, state=forbidding) == {"ruling.forbidden"}
    silent = w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not Act.PASS_ON))
    assert codes(AGREED, state=silent) == {"ruling.silent"}


def test_what_two_persons_must_pass_on_is_not_passed_on_by_one() -> None:
    together = w.with_profile(acts=(*w.ACTS, ActRule(Act.PASS_ON, Ruling.ALLOWED, "Art. 9", level=w.COBALT, persons=2)))
    assert codes(AGREED, state=together) == {"ruling.persons-together"}


def test_consent_does_not_widen_the_release_set() -> None:
    narrow = replace(w.FOREIGN, consents=(CONSENT,))
    assert codes(narrow) == {"release.outside-release-set"}
    part = replace(AGREED.label, portions=(Portion("p1", "", frozenset({w.JPN, w.UKR})),))  # type: ignore[type-var]
    assert codes(replace(AGREED, label=part)) == {"release.portion-outside-release-set"}


def test_every_originator_is_asked() -> None:
    joint = replace(AGREED, joint_originators=frozenset({w.JPN, w.UKR}))
    assert codes(joint) == set()
    third = replace(AGREED, joint_originators=frozenset({w.PartyId("POL")}))
    assert codes(third) == {"consent.missing"}


def test_back_to_the_originator_or_to_ourselves_is_not_passing_on() -> None:
    assert "pass-on.is-return" in codes(AGREED, w.JPN)
    assert "pass-on.to-holder" in codes(AGREED, w.UKR)


def test_an_own_item_is_released_and_not_passed_on() -> None:
    own = view_item(replace(w.OWN, label=OPEN.label), w.OWN_RULES, on=w.TODAY)
    assert w.codes(decide_pass_on(PassOnRequest(own, w.CHE, w.PURPOSE), now=w.NOW)) == {
        "pass-on.own-item", "ruling.silent",
    }


def test_only_a_registered_labelled_item_goes_on() -> None:
    assert codes(replace(AGREED, standing=Standing.FROZEN)) == {"item.frozen"}
    assert codes(replace(AGREED, label=None)) == {"item.unlabelled"}
    assert codes(AGREED, purpose="") == {"consent.purpose-missing"}


def test_times_without_a_zone_and_other_days_decide_nothing() -> None:
    request = PassOnRequest(w.view(AGREED), w.CHE, w.PURPOSE)
    assert w.codes(decide_pass_on(request, now=w.NAIVE)) == {"time.unknown"}
    assert w.codes(decide_pass_on(request, now=w.FUTURE)) == {"item.other-day"}


@tried(60)
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.PARTIES, worlds.PURPOSES)
def test_nothing_goes_to_a_third_party_without_a_consent_of_each_originator(
    state: AgreementState, facts: ItemFacts, recipient: Any, purpose: str,
) -> None:
    item = view_item(facts, build_rule_index(state), on=w.TODAY)
    if not decide_pass_on(PassOnRequest(item, recipient, purpose), now=w.NOW).is_allowed:
        return
    assert facts.label
    for originator in {facts.label.originator, *facts.joint_originators} - {facts.holder}:
        assert any(
            (c.given_by, c.act, c.item, c.recipient, c.purpose) == (
                originator, Act.PASS_ON, facts.item, recipient, purpose,
            ) for c in facts.consents
        )
