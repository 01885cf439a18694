"""The good world with one thing changed, and the codes that must come of it: one case for each condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.rules import exercise_world as w

from cordiale.model.agreement import Act, ActRule, AgreementState, Need, Ruling, Stage
from cordiale.model.decision import refusal
from cordiale.model.label import LevelRef, Portion
from cordiale.model.names import AgreementId, ItemId, PersonId
from cordiale.model.person import Briefing, Clearance, NeedToKnow, Person
from cordiale.rules.holding import ItemFacts, Standing

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """The good world with one thing changed, and the codes that must come of it."""

    expected: set[str]
    person: Person = w.READER
    facts: ItemFacts = w.FOREIGN
    state: AgreementState = w.STATE
    needs: tuple[NeedToKnow, ...] = (w.NEED,)
    now: datetime = w.NOW
    purpose: str = w.PURPOSE


def clearance(level: LevelRef = w.IRON, **changes: Any) -> Clearance:
    return replace(Clearance(level, w.FIRST, w.LAST, "authority"), **changes)


def label(**changes: Any) -> ItemFacts:
    """The foreign item with its label changed, and the marking that follows from the label's level."""
    changed = replace(w.LABEL, **changes)
    rows = {row.source: row.target for row in w.ROWS}
    marking = replace(w.MARKING, derived_from=changed.level, level=rows[changed.level])
    return replace(w.FOREIGN, label=changed, marking=marking)


def reader(**changes: Any) -> Person:
    return replace(w.READER, **changes)


def rules(*more: ActRule) -> AgreementState:
    return w.with_profile(acts=(*w.ACTS, *more))


def access_rule(**changes: Any) -> AgreementState:
    changed = tuple(replace(rule, **changes) if rule.level == w.STONE else rule for rule in w.ACCESS)
    return w.with_profile(access=changed)


READ_CONSENT = ActRule(Act.READ, Ruling.WITH_CONSENT, "Art. 5(9)", level=w.COBALT)
BOTH = frozenset({w.UKR, w.CHE})
WAIVER = w.consent(Act.READ, nationalities=frozenset({w.CHE}))
JUDGES = frozenset({"judge"})

CASES: dict[str, Case] = {
    "good": Case(set()),
    # Need-to-know
    "no need": Case({"access.no-need-to-know"}, needs=()),
    "need of another": Case({"access.no-need-to-know"}, needs=(replace(w.NEED, person=PersonId("x")),)),
    "need for another item": Case({"access.no-need-to-know"}, needs=(replace(w.NEED, item=ItemId("item-2")),)),
    "need given to oneself": Case({"access.need-self-granted"}, needs=(replace(w.NEED, granted_by=w.READER.id),)),
    "need not yet": Case({"access.need-not-yet"}, needs=(replace(w.NEED, granted_at=w.NOW + SECOND),)),
    "need given at an unknown time": Case(
        {"access.need-not-yet"}, needs=(replace(w.NEED, granted_at=w.NAIVE),),
    ),
    "need from now": Case(set(), needs=(replace(w.NEED, granted_at=w.NOW),)),
    "need withdrawn now": Case({"access.need-withdrawn"}, needs=(replace(w.NEED, withdrawn_at=w.NOW),)),
    "need withdrawn later": Case(set(), needs=(replace(w.NEED, withdrawn_at=w.NOW + SECOND),)),
    "need for another purpose": Case({"access.need-other-purpose"}, needs=(replace(w.NEED, purpose="other"),)),
    "one good need among bad": Case(set(), needs=(replace(w.NEED, withdrawn_at=w.PAST), w.NEED)),
    # Purpose
    "no purpose": Case(
        {"access.purpose-missing", "access.other-purpose", "access.need-other-purpose"}, purpose="",
    ),
    "new purpose": Case(
        {"access.other-purpose"}, purpose="other", needs=(replace(w.NEED, purpose="other"),),
    ),
    "new purpose agreed": Case(
        set(), purpose="other", needs=(replace(w.NEED, purpose="other"),),
        facts=replace(w.FOREIGN, consents=(w.consent(Act.READ, purpose="other"),)),
    ),
    "a waiver agrees to no purpose": Case(
        {"access.other-purpose"}, purpose="other", needs=(replace(w.NEED, purpose="other"),),
        facts=replace(w.FOREIGN, consents=(replace(WAIVER, purpose="other"),)),
    ),
    # Clearance
    "no clearance": Case({"access.no-clearance"}, reader(clearances=())),
    "too low": Case({"access.clearance-too-low"}, reader(clearances=(clearance(w.REED),))),
    "just enough": Case(set(), reader(clearances=(clearance(w.STONE),))),
    "not yet": Case(
        {"access.clearance-not-yet"}, reader(clearances=(clearance(valid_from=w.TODAY + DAY),))
    ),
    "from today": Case(set(), reader(clearances=(clearance(valid_from=w.TODAY),))),
    "expired": Case({"access.clearance-expired"}, reader(clearances=(clearance(valid_until=w.TODAY - DAY),))),
    "ended before it began, today": Case(
        {"access.clearance-expired"},
        reader(clearances=(clearance(valid_from=w.TODAY, valid_until=w.TODAY - DAY),)),
    ),
    "to begin after its end, today": Case(
        {"access.clearance-not-yet"},
        reader(clearances=(clearance(valid_from=w.TODAY + DAY, valid_until=w.TODAY),)),
    ),
    "until today": Case(set(), reader(clearances=(clearance(valid_until=w.TODAY),))),
    "withdrawn now": Case({"access.clearance-withdrawn"}, reader(clearances=(clearance(withdrawn_at=w.NOW),))),
    "withdrawn later": Case(set(), reader(clearances=(clearance(withdrawn_at=w.NOW + SECOND),))),
    "withdrawn at an unknown time": Case(
        {"access.clearance-withdrawn"}, reader(clearances=(clearance(withdrawn_at=w.NAIVE),))
    ),
    "another scheme": Case({"access.clearance-other-scheme"}, reader(clearances=(clearance(w.VIOLET),))),
    "another scheme, expired": Case(
        {"access.no-clearance"}, reader(clearances=(clearance(w.VIOLET, valid_until=w.TODAY - DAY),))
    ),
    "same name, another scheme": Case(
        {"access.clearance-other-scheme"}, reader(clearances=(clearance(LevelRef("EX-JPN", "IRON")),))
    ),
    "function in place of clearance": Case(
        set(), reader(clearances=(), functions=JUDGES),
        state=access_rule(functions=JUDGES, function_in_place_of_clearance=True),
    ),
    "function not accepted in place of clearance": Case(
        {"access.no-clearance"}, reader(clearances=(), functions=JUDGES), state=access_rule(functions=JUDGES),
    ),
    "another function": Case(
        {"access.no-clearance"}, reader(clearances=(), functions=frozenset({"minister"})),
        state=access_rule(functions=JUDGES, function_in_place_of_clearance=True),
    ),
    # Briefing, function, nationality
    "no briefing": Case({"access.no-briefing"}, reader(briefings=())),
    "briefed on something else": Case({"access.no-briefing"}, reader(briefings=(Briefing("", w.FIRST, w.LAST),))),
    "briefing ended": Case(
        {"access.no-briefing"}, reader(briefings=(Briefing(w.AGREEMENT, w.FIRST, w.TODAY - DAY),))
    ),
    "briefing not begun": Case(
        {"access.no-briefing"}, reader(briefings=(Briefing(w.AGREEMENT, w.TODAY + DAY, w.LAST),))
    ),
    "function asked": Case(
        {"access.no-function"}, state=access_rule(needs=frozenset({Need.FUNCTION}), functions=JUDGES)
    ),
    "function held": Case(
        set(), reader(functions=JUDGES), state=access_rule(needs=frozenset({Need.FUNCTION}), functions=JUDGES),
    ),
    "functions unsaid": Case(
        {"access.no-function", "access.functions-unsaid"}, state=access_rule(needs=frozenset({Need.FUNCTION})),
    ),
    "nationality excluded": Case(
        {"access.citizenship-excluded"},
        state=access_rule(needs=frozenset({Need.NATIONALITY}), nationalities=frozenset({w.JPN})),
    ),
    "nationalities unsaid": Case(
        {"access.citizenship-excluded", "access.nationalities-unsaid"},
        state=access_rule(needs=frozenset({Need.NATIONALITY})),
    ),
    # Release set and citizenship
    "acts for a third party": Case({"access.outside-release-set"}, reader(represents=w.CHE)),
    "second citizenship": Case({"access.citizenship-outside-release-set"}, reader(nationalities=BOTH)),
    "second citizenship waived": Case(
        set(), reader(nationalities=BOTH), replace(w.FOREIGN, consents=(WAIVER,)),
    ),
    "waiver withdrawn": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, withdrawn_at=w.NOW),)),
    ),
    "waiver for another purpose": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, purpose="other"),)),
    ),
    "waiver for another act": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, act=Act.COPY),)),
    ),
    "waiver by the holder itself": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, given_by=w.UKR),)),
    ),
    "waiver of one originator of two": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(WAIVER,), joint_originators=frozenset({w.UKR})),
    ),
    "a consent to read waives no citizenship": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(w.consent(Act.READ),)),
    ),
    "excluded citizenship waived": Case(
        set(), reader(nationalities=frozenset({w.UKR})),
        replace(w.FOREIGN, consents=(replace(WAIVER, nationalities=frozenset({w.UKR})),)),
        state=access_rule(needs=frozenset({Need.NATIONALITY}), nationalities=frozenset({w.JPN})),
    ),
    "no citizenship on record": Case({"access.nationality-unknown"}, reader(nationalities=frozenset())),
    "originator only": Case(
        {"access.outside-release-set", "access.citizenship-outside-release-set"},
        facts=label(release_to=frozenset({w.JPN})),
    ),
    "a part for the originator only": Case(
        {"access.outside-release-set", "access.citizenship-outside-release-set"},
        facts=label(portions=(Portion("p1", "", frozenset({w.JPN})),)),
    ),
    # Caveats and named readers
    "caveat not held": Case({"access.caveat-not-held"}, facts=label(caveats=frozenset({("EYES", "PAIR")}))),
    "caveat held": Case(
        set(), reader(briefings=(*w.READER.briefings, Briefing("caveat:EYES:PAIR", w.FIRST, w.LAST))),
        label(caveats=frozenset({("EYES", "PAIR")})),
    ),
    "caveat of unknown meaning": Case(
        {"item.caveat-unknown"},
        reader(briefings=(*w.READER.briefings, Briefing("caveat:EYES:PAIR", w.FIRST, w.LAST))),
        label(caveats=frozenset({("EYES", "PAIR")})), state=w.with_profile(caveats=()),
    ),
    "not a named reader": Case(
        {"access.not-a-named-reader"}, facts=replace(w.FOREIGN, readers=frozenset({w.HEAD.id})),
    ),
    # The person, the item, the time
    "left the service": Case({"access.left-service"}, reader(left_at=w.NOW)),
    "leaves later": Case(set(), reader(left_at=w.NOW + SECOND)),
    "held, not registered": Case({"item.not-registered"}, facts=replace(w.FOREIGN, standing=Standing.HELD)),
    "frozen": Case({"item.frozen"}, facts=replace(w.FOREIGN, standing=Standing.FROZEN)),
    "gone": Case({"item.gone"}, facts=replace(w.FOREIGN, standing=Standing.GONE)),
    "unlabelled": Case(
        {"item.unlabelled", "access.outside-release-set", "access.citizenship-outside-release-set"},
        reader(represents=w.JPN, nationalities=frozenset({w.JPN})), replace(w.FOREIGN, label=None),
    ),
    "not marked": Case({"item.not-marked"}, facts=replace(w.FOREIGN, marking=None)),
    "marking of another party": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, party=w.JPN)),
    ),
    "marking of another agreement": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, agreement=AgreementId("x"))),
    ),
    "marking of another level": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, derived_from=w.AMBER)),
    ),
    "a part above the whole": Case(
        {"item.part-above-whole"}, facts=label(portions=(Portion("p1", "VIOLET"),)),
    ),
    "a part below the whole": Case(set(), facts=label(portions=(Portion("p1", "AMBER"),))),
    "a part as high as the whole": Case(set(), facts=label(portions=(Portion("p1", "COBALT"),))),
    "a part releasable to us": Case(set(), facts=label(portions=(Portion("p1", "", frozenset({w.JPN, w.UKR})),))),
    "a part of an unknown level": Case(
        {"item.part-above-whole"}, facts=label(portions=(Portion("p1", "SLATE"),)),
    ),
    "handled higher": Case(
        {"access.clearance-too-low"}, reader(clearances=(clearance(w.STONE),)), label(handle_as=w.VIOLET),
    ),
    "handled lower is not lower": Case(
        {"access.clearance-too-low"}, reader(clearances=(clearance(w.REED),)), label(handle_as=w.AMBER),
    ),
    "handling that the table does not give": Case(
        {"equivalence.handling-unknown"}, facts=label(handle_as=w.VIOLET),
        state=w.with_profile(equivalences=tuple(row for row in w.ROWS if row.source != w.VIOLET)),
    ),
    "naive now": Case({"time.unknown"}, now=w.NAIVE),
    "now in another zone": Case(set(), now=w.NOW.astimezone(timezone(timedelta(hours=9)))),
    # The agreement
    "no rule for the level": Case({"access.no-rule"}, state=w.with_profile(access=())),
    "left to national law": Case({"access.no-rule"}, state=access_rule(left_to_national=True)),
    "unranked": Case(
        {"access.unranked"}, state=w.with_profile(schemes=(w.EX_JPN, replace(w.EX_UKR, ordered=False))),
    ),
    "unranked, and no clearance asked": Case(
        set(), state=replace(access_rule(needs=frozenset()), profile=replace(
            access_rule(needs=frozenset()).profile, schemes=(w.EX_JPN, replace(w.EX_UKR, ordered=False)),
        )),
    ),
    "reading forbidden": Case(
        {"ruling.forbidden"}, state=rules(ActRule(Act.READ, Ruling.FORBIDDEN, "Art. 5(9)", level=w.COBALT)),
    ),
    "two persons must read together": Case(
        {"ruling.persons-together"}, state=rules(ActRule(Act.READ, Ruling.ALLOWED, "Art. 5(9)", persons=2)),
    ),
    "two persons must read together by national law": Case(
        {"ruling.persons-together"}, state=replace(w.STATE, nationals=(replace(
            w.NATIONAL_UKR, acts=(ActRule(Act.READ, Ruling.ALLOWED, "Decree 3", level=w.COBALT, persons=2),),
        ),)),
    ),
    "reading unsaid": Case(
        {"ruling.silent"}, state=w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not Act.READ)),
    ),
    "reading with consent": Case({"consent.missing"}, state=rules(READ_CONSENT)),
    "reading with consent given": Case(
        set(), facts=replace(w.FOREIGN, consents=(w.consent(Act.READ),)), state=rules(READ_CONSENT),
    ),
    "reading with consent while nothing new is done": Case(
        set(), facts=replace(w.FOREIGN, consents=(w.consent(Act.READ, rests=(refusal("agreement.suspended", "it is"),)),)),
        state=rules(READ_CONSENT),
    ),
    "reading with consent expired": Case(
        {"consent.expired"}, facts=replace(w.FOREIGN, consents=(w.consent(Act.READ, valid_until=w.NOW),)),
        state=rules(READ_CONSENT),
    ),
    "another agreement": Case(
        {"item.other-agreement"}, state=replace(w.STATE, parties=(w.UKR, w.CHE)),
    ),
    "an agreement we are no party to": Case(
        {"item.other-agreement"}, state=replace(w.STATE, parties=(w.JPN, w.CHE)),
    ),
    "provisional until in force": Case(
        set(), state=replace(w.STATE, stage=Stage.PROVISIONAL, in_force_on=w.TODAY + DAY),
    ),
    "in force, no day given": Case(set(), state=replace(w.STATE, in_force_on=None)),
    "in force tomorrow": Case(
        {"item.agreement-without-effect"}, state=replace(w.STATE, in_force_on=w.TODAY + DAY),
    ),
    "in force today": Case(set(), state=replace(w.STATE, in_force_on=w.TODAY)),
}
