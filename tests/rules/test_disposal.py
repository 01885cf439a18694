"""The end of a life: returned or destroyed, by as many persons and consents as the layers ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.rules import exercise_world as w

from cordiale.model.agreement import Act, ActRule, AgreementState, Ruling
from cordiale.model.person import Office, Person
from cordiale.rules.disposal import DisposalRequest, decide_disposal
from cordiale.rules.holding import ItemFacts, Standing, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.offices import Absence

REGISTRAR = w.person("registrar", Office.REGISTRAR)
WITNESS = w.person("witness", Office.READER)
DEPUTY = w.person("deputy", Office.DEPUTY_REGISTRAR, deputy_of=REGISTRAR.id)
REASON = "no longer needed"
TOP = replace(
    w.FOREIGN, label=replace(w.LABEL, level=w.VIOLET),
    marking=replace(w.MARKING, level=w.IRON, derived_from=w.VIOLET),
)


def request(
    act: Act = Act.DESTROY, facts: ItemFacts = w.FOREIGN, state: AgreementState = w.STATE, **changes: Any,
) -> DisposalRequest:
    persons: tuple[Person, ...] = (REGISTRAR,) if act is Act.RETURN else (REGISTRAR, WITNESS)
    made = DisposalRequest(
        act, w.view(facts, state), persons, REASON, to=w.JPN if act is Act.RETURN else None,
    )
    return replace(made, **changes)


def codes(asked: DisposalRequest) -> set[str]:
    return w.codes(decide_disposal(asked, now=w.NOW))


def rules(*more: ActRule) -> AgreementState:
    return w.with_profile(acts=(*w.ACTS, *more))


CONSENT_ASKED = rules(ActRule(Act.DESTROY, Ruling.WITH_CONSENT, "Art. 8(4)", provider=w.JPN, level=w.COBALT))


def test_two_persons_destroy_what_may_be_destroyed() -> None:
    decision = decide_disposal(request(), now=w.NOW)
    assert decision.is_allowed
    assert decision.obligations == ("persons:destroy:2", "certificate:destroy")


def test_destruction_takes_n_distinct_persons_and_a_registrar() -> None:
    assert codes(request(persons=(REGISTRAR,))) == {"office.too-few-persons"}
    assert codes(request(persons=(REGISTRAR, REGISTRAR))) == {"office.too-few-persons", "office.same-person-twice"}
    assert codes(request(persons=(WITNESS, DEPUTY))) == {"office.no-registrar"}
    away = Absence(REGISTRAR.id, Office.REGISTRAR, WITNESS.id, w.PAST)
    assert codes(request(persons=(WITNESS, DEPUTY), absences=(away,))) == set()
    three = rules(ActRule(Act.DESTROY, Ruling.ALLOWED, "Art. 8", level=w.COBALT, persons=3))
    assert codes(request(state=three)) == {"office.too-few-persons"}


def test_whoever_destroys_or_witnesses_is_cleared() -> None:
    assert codes(request(persons=(REGISTRAR, replace(WITNESS, clearances=())))) == {"access.no-clearance"}
    assert codes(request(persons=(replace(REGISTRAR, clearances=()), WITNESS))) == {"access.no-clearance"}
    assert codes(request(persons=(REGISTRAR, replace(WITNESS, represents=w.JPN)))) == {"disposal.other-party"}


def test_where_no_clearance_is_asked_none_is_needed_to_destroy() -> None:
    low = replace(w.FOREIGN, label=replace(w.LABEL, level=w.AMBER),
                  marking=replace(w.MARKING, level=w.REED, derived_from=w.AMBER))
    assert codes(request(facts=low, persons=(REGISTRAR, replace(WITNESS, clearances=())))) == set()


def test_where_the_clearance_asked_cannot_be_told_nobody_destroys() -> None:
    unranked = w.with_profile(schemes=(w.EX_JPN, replace(w.EX_UKR, ordered=False)))
    assert codes(request(state=unranked)) == {"access.unranked"}
    assert codes(request(state=w.with_profile(access=()))) == {"access.no-rule"}
    assert codes(request(facts=replace(w.FOREIGN, marking=None))) == {"item.not-marked"}
    higher = replace(w.FOREIGN, label=replace(w.LABEL, handle_as=w.VIOLET))
    no_row = w.with_profile(equivalences=w.ROWS[:2])
    uncleared = (REGISTRAR, replace(WITNESS, clearances=()))
    assert codes(request(facts=higher, state=no_row)) == {"equivalence.handling-unknown"}
    assert codes(request(facts=higher, state=no_row, persons=uncleared)) == {
        "equivalence.handling-unknown", "access.no-clearance",
    }


def test_the_top_level_is_never_destroyed_and_goes_back() -> None:
    decision = decide_disposal(request(facts=TOP), now=w.NOW)
    assert w.codes(decision) == {"ruling.forbidden", "disposal.return-instead"}
    articles = {reason.code: reason.article for reason in decision.reasons}
    assert articles["ruling.forbidden"] == articles["disposal.return-instead"] == "Art. 8(1)"
    assert codes(request(Act.RETURN, TOP)) == set()


def test_no_return_is_offered_where_none_is_allowed() -> None:
    state = rules(ActRule(Act.RETURN, Ruling.FORBIDDEN, "Art. 8", provider=w.JPN, level=w.COBALT),
                  ActRule(Act.DESTROY, Ruling.FORBIDDEN, "Art. 8", provider=w.JPN, level=w.COBALT))
    assert codes(request(state=state)) == {"ruling.forbidden"}


def test_destruction_with_consent() -> None:
    assert codes(request(state=CONSENT_ASKED)) == {"consent.missing"}
    given = replace(w.FOREIGN, consents=(w.consent(Act.DESTROY, purpose=REASON, number=2),))
    assert codes(request(facts=given, state=CONSENT_ASKED)) == set()
    assert codes(request(facts=given, state=CONSENT_ASKED, copies=frozenset({1, 2}))) == set()
    assert codes(request(facts=given, state=CONSENT_ASKED, copies=frozenset({1, 2, 3}))) == {"consent.number-exceeded"}
    assert codes(request(facts=given, state=CONSENT_ASKED, purpose="")) == {"consent.purpose-missing"}
    used = ((given.consents[0].id, 2),)
    assert codes(request(facts=given, state=CONSENT_ASKED, used=used)) == {"consent.number-exceeded"}
    for wrong in (
        w.consent(Act.RETURN, purpose=REASON), w.consent(Act.DESTROY, purpose=REASON, given_by=w.CHE),
    ):
        assert codes(request(facts=replace(w.FOREIGN, consents=(wrong,)), state=CONSENT_ASKED)) == {"consent.missing"}


def test_silence_is_no_consent_and_no_default() -> None:
    silent = w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not Act.DESTROY))
    decision = decide_disposal(request(state=silent), now=w.NOW)
    assert w.codes(decision) == {"ruling.silent"}
    assert decision.is_undecidable


def test_an_item_is_given_back_to_its_originator_only() -> None:
    assert codes(request(Act.RETURN)) == set()
    assert codes(request(Act.RETURN, to=w.CHE)) == {"disposal.return-elsewhere"}
    assert codes(request(Act.RETURN, to=None)) == {"disposal.return-elsewhere"}
    assert codes(request(Act.RETURN, persons=(WITNESS,))) == {"office.not-held"}
    assert codes(request(Act.RETURN, persons=())) == {"office.too-few-persons"}
    two = rules(ActRule(Act.RETURN, Ruling.ALLOWED, "Art. 8", level=w.COBALT, persons=2))
    assert codes(request(Act.RETURN, state=two)) == {"office.too-few-persons"}
    assert decide_disposal(request(Act.RETURN), now=w.NOW).obligations == ("certificate:return",)


@pytest.mark.parametrize("act", [Act.RETURN, Act.DESTROY])
@pytest.mark.parametrize(("standing", "code"), [
    (Standing.HELD, "item.not-registered"), (Standing.FROZEN, "item.frozen"), (Standing.GONE, "item.gone"),
])
def test_only_a_registered_item_is_disposed_of(act: Act, standing: Standing, code: str) -> None:
    assert codes(request(act, replace(w.FOREIGN, standing=standing))) == {code}


def test_a_crisis_does_not_wait_and_is_reported() -> None:
    for standing in (Standing.HELD, Standing.FROZEN, Standing.REGISTERED):
        decision = decide_disposal(
            request(Act.CRISIS_DESTROY, replace(w.FOREIGN, standing=standing), persons=(WITNESS,)), now=w.NOW,
        )
        assert decision.is_allowed
        assert decision.obligations == ("certificate:crisis-destroy", "report:crisis-destroy")
    assert codes(request(Act.CRISIS_DESTROY, replace(w.FOREIGN, standing=Standing.GONE))) == {"item.gone"}
    assert codes(request(Act.CRISIS_DESTROY, persons=(w.person("x", Office.ADMINISTRATOR),))) == {"office.not-held"}
    forbidden = rules(ActRule(Act.CRISIS_DESTROY, Ruling.FORBIDDEN, "Art. 8", level=w.COBALT))
    assert codes(request(Act.CRISIS_DESTROY, state=forbidden)) == {"ruling.forbidden"}


def test_other_acts_are_no_disposal() -> None:
    assert "disposal.other-act" in codes(request(Act.COPY))


def test_an_unlabelled_item_is_not_disposed_of() -> None:
    assert codes(request(facts=replace(w.FOREIGN, label=None))) == {"item.unlabelled"}


def test_an_own_item_is_destroyed_under_national_law_and_never_returned() -> None:
    item = view_item(w.OWN, w.OWN_RULES, on=w.TODAY)
    persons = tuple(replace(person, represents=w.JPN, clearances=(replace(person.clearances[0], level=w.VIOLET),))
                    for person in (REGISTRAR, WITNESS))
    assert codes(DisposalRequest(Act.DESTROY, item, persons, REASON)) == set()
    assert codes(DisposalRequest(Act.DESTROY, item, persons[:1], REASON)) == {"office.too-few-persons"}
    assert "disposal.own-item" in codes(DisposalRequest(Act.RETURN, item, persons, REASON, to=w.JPN))
    silent = view_item(w.OWN, NationalRules(w.JPN, None, (w.EX_JPN,)), on=w.TODAY)
    assert "ruling.silent" in codes(DisposalRequest(Act.DESTROY, silent, persons, REASON))
    decision = decide_disposal(DisposalRequest(Act.DESTROY, item, persons, REASON), now=w.NOW)
    assert decision.obligations == ("persons:destroy:2",)


def test_termination_leaves_the_duty_to_dispose() -> None:
    ended = replace(w.STATE, stage=w.Stage.TERMINATED)
    assert codes(request(state=ended)) == set()
    assert codes(request(Act.RETURN, state=ended)) == set()


def test_times_without_a_zone_and_other_days_decide_nothing() -> None:
    assert w.codes(decide_disposal(request(), now=w.NAIVE)) == {"time.unknown"}
    assert w.codes(decide_disposal(request(), now=w.NOW + timedelta(days=1))) == {"item.other-day"}
