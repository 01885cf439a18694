"""Copies, translations and extracts: allowed to read, and as the layers say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.rules import exercise_world as w

from cordiale.model.agreement import Act, ActRule, AgreementState, NationalProfile, Ruling
from cordiale.model.decision import Outcome
from cordiale.model.names import ConsentId
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.holding import AccessView, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.reproduction import ReproductionRequest, decide_reproduction

TOP = replace(w.LABEL, level=w.VIOLET)
FOREIGN_TOP = replace(
    w.FOREIGN, label=TOP, marking=replace(w.MARKING, level=w.IRON, derived_from=w.VIOLET),
)
WITNESS = w.person("witness", party=w.UKR)


def request(act: Act = Act.COPY, item: AccessView | None = None, **changes: Any) -> ReproductionRequest:
    made = ReproductionRequest(act, w.READER, item or w.view(), (w.NEED,), w.PURPOSE)
    return replace(made, **changes)


def top(*consents: Any) -> AccessView:
    return w.view(replace(FOREIGN_TOP, consents=consents))


def codes(asked: ReproductionRequest) -> set[str]:
    return w.codes(decide_reproduction(asked, now=w.NOW))


def rules(*more: ActRule) -> AgreementState:
    return w.with_profile(acts=(*w.ACTS, *more))


@pytest.mark.parametrize("act", [Act.COPY, Act.TRANSLATE, Act.EXTRACT])
def test_what_the_layers_allow_is_allowed(act: Act) -> None:
    assert codes(request(act)) == set()


@pytest.mark.parametrize("act", [act for act in Act if act not in (Act.COPY, Act.TRANSLATE, Act.EXTRACT)])
def test_other_acts_are_no_reproduction(act: Act) -> None:
    assert "reproduction.other-act" in codes(request(act))


def test_whoever_copies_must_be_allowed_to_read() -> None:
    assert codes(request(needs=())) == {"access.no-need-to-know"}
    assert codes(request(person=replace(w.READER, clearances=()))) == {"access.no-clearance"}
    assert codes(request(item=w.view(replace(w.FOREIGN, label=None)))) >= {"item.unlabelled"}


@pytest.mark.parametrize("act", [Act.COPY, Act.TRANSLATE, Act.EXTRACT])
def test_forbidden_and_unsaid_are_no(act: Act) -> None:
    forbidden = rules(ActRule(act, Ruling.FORBIDDEN, "Art. 7", level=w.COBALT))
    decision = decide_reproduction(request(act, w.view(state=forbidden)), now=w.NOW)
    assert w.codes(decision) == {"ruling.forbidden"}
    assert decision.reasons[0].article.startswith("Art. 7")
    silent = w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not act))
    decision = decide_reproduction(request(act, w.view(state=silent)), now=w.NOW)
    assert w.codes(decision) == {"ruling.silent"}
    assert decision.is_undecidable


def test_what_is_left_open_or_contradicts_itself_cannot_be_told() -> None:
    left = ActRule(Act.COPY, Ruling.ALLOWED, "Art. 7", level=w.COBALT, left_to_national=True)
    decision = decide_reproduction(request(item=w.view(state=rules(left))), now=w.NOW)
    assert w.codes(decision) == {"ruling.left-to-national"}
    assert decision.is_undecidable
    both = rules(
        ActRule(Act.COPY, Ruling.REQUIRED, "Art. 7", level=w.COBALT),
        ActRule(Act.COPY, Ruling.FORBIDDEN, "Art. 8", level=w.COBALT),
    )
    decision = decide_reproduction(request(item=w.view(state=both)), now=w.NOW)
    assert w.codes(decision) == {"ruling.contradiction"}
    assert decision.is_undecidable


def test_the_top_level_is_copied_with_consent_only() -> None:
    assert codes(request(item=top())) == {"consent.missing"}
    assert codes(request(item=top(w.consent(Act.COPY)))) == set()
    assert codes(request(Act.TRANSLATE, top())) == set()


@pytest.mark.parametrize(("changes", "code"), [
    ({"act": Act.TRANSLATE}, "consent.missing"), ({"given_by": w.UKR}, "consent.missing"),
    ({"given_to": w.JPN}, "consent.given-to-another"), ({"recipient": w.CHE}, "consent.other-recipient"),
    ({"purpose": "other"}, "consent.other-purpose"), ({"given_at": w.FUTURE}, "consent.not-yet-given"),
    ({"valid_until": w.NOW}, "consent.expired"), ({"withdrawn_at": w.NOW}, "consent.withdrawn"),
    ({"number": 0}, "consent.number-exceeded"), ({"copies": frozenset({7})}, "consent.other-copies"),
])
def test_a_consent_must_fit_in_every_point(changes: dict[str, Any], code: str) -> None:
    decision = decide_reproduction(request(item=top(replace(w.consent(Act.COPY), **changes))), now=w.NOW)
    assert w.codes(decision) == {code}
    assert decision.reasons[0].article.startswith("Art. 7(2)")


def test_one_fitting_consent_is_enough() -> None:
    item = top(w.consent(Act.COPY, withdrawn_at=w.PAST), w.consent(Act.COPY))
    assert codes(request(item=item)) == set()


def test_a_consent_covers_its_number_and_no_more() -> None:
    three = w.consent(Act.COPY, number=3)
    used = ((ConsentId("c-1"), 2),)
    assert codes(request(item=top(three), number=3)) == set()
    assert codes(request(item=top(three), number=4)) == {"consent.number-exceeded"}
    assert codes(request(item=top(three), used=used)) == set()
    assert codes(request(item=top(three), number=2, used=used)) == {"consent.number-exceeded"}
    assert codes(request(item=top(three), used=((ConsentId("c-2"), 9),))) == set()
    assert codes(request(item=top(three), number=4, used=((ConsentId("c-1"), -9),))) == {"consent.number-exceeded"}
    assert codes(request(item=top(three), number=0)) == {"reproduction.number", "consent.number-exceeded"}


def test_a_consent_covers_its_copy_numbers_and_no_others() -> None:
    named = w.consent(Act.COPY, number=3, copies=frozenset({4, 5}))
    assert codes(request(item=top(named), copies=frozenset({4}))) == set()
    assert codes(request(item=top(named), copies=frozenset({4, 5}), number=2)) == set()
    assert codes(request(item=top(named), copies=frozenset({4, 6}), number=2)) == {"consent.other-copies"}


def test_where_no_originator_is_known_nobody_could_have_consented() -> None:
    wanted = ConsentWanted(Act.COPY, w.ITEM, frozenset(), w.UKR, w.PURPOSE)
    reasons = list_consent_reasons(wanted, (w.consent(Act.COPY),), w.NOW, article="Art. 7")
    assert [(reason.code, reason.outcome) for reason in reasons] == [
        ("consent.originator-unknown", Outcome.UNDECIDABLE),
    ]


def test_every_originator_must_consent() -> None:
    joint = replace(FOREIGN_TOP, joint_originators=frozenset({w.CHE}), consents=(w.consent(Act.COPY),))
    assert codes(request(item=w.view(joint))) == {"consent.missing"}
    both = replace(joint, consents=(*joint.consents, w.consent(Act.COPY, given_by=w.CHE)))
    assert codes(request(item=w.view(both))) == set()


def test_several_persons_where_the_layers_ask() -> None:
    two = rules(ActRule(Act.COPY, Ruling.ALLOWED, "Art. 7(3)", level=w.COBALT, persons=2))
    item = w.view(state=two)
    assert codes(request(item=item)) == {"reproduction.too-few-persons"}
    assert codes(request(item=item, witnesses=(w.READER,))) == {"reproduction.too-few-persons"}
    assert codes(request(item=item, witnesses=(WITNESS,))) == set()
    uncleared = replace(WITNESS, clearances=())
    assert codes(request(item=item, witnesses=(uncleared,))) == {"access.no-clearance"}


def test_a_translation_of_a_foreign_item_carries_the_note() -> None:
    noticed = rules(ActRule(Act.TRANSLATE, Ruling.WITH_NOTICE, "Art. 7(4)", level=w.COBALT))
    decision = decide_reproduction(request(Act.TRANSLATE, w.view(state=noticed)), now=w.NOW)
    assert decision.is_allowed
    assert decision.obligations == ("notice:translate", "language-note:translate")
    assert "language-note:copy" not in decide_reproduction(request(), now=w.NOW).obligations


def test_an_own_item_is_copied_under_national_law() -> None:
    own = w.person("own", party=w.JPN)
    need = replace(w.NEED, person=own.id)

    def ask(national: NationalProfile) -> set[str]:
        item = view_item(w.OWN, NationalRules(w.JPN, national, (w.EX_JPN,)), on=w.TODAY)
        return codes(ReproductionRequest(Act.COPY, own, item, (need,), w.PURPOSE))

    translating = replace(w.NATIONAL_JPN, acts=(ActRule(Act.TRANSLATE, Ruling.ALLOWED, "Order 8"),))
    item = view_item(w.OWN, NationalRules(w.JPN, translating, (w.EX_JPN,)), on=w.TODAY)
    translation = ReproductionRequest(Act.TRANSLATE, own, item, (need,), w.PURPOSE)
    decision = decide_reproduction(translation, now=w.NOW)
    assert decision.is_allowed
    assert decision.obligations == ()
    assert ask(w.NATIONAL_JPN) == {"ruling.silent"}
    assert ask(replace(w.NATIONAL_JPN, acts=(ActRule(Act.COPY, Ruling.ALLOWED, "Order 8"),))) == set()
    assert ask(replace(w.NATIONAL_JPN, acts=(ActRule(Act.COPY, Ruling.FORBIDDEN, "Order 8"),))) == {"ruling.forbidden"}


def test_times_without_a_zone_and_other_days_decide_nothing() -> None:
    assert w.codes(decide_reproduction(request(), now=w.NAIVE)) == {"time.unknown"}
    assert w.codes(decide_reproduction(request(), now=w.FUTURE)) == {"item.other-day"}


