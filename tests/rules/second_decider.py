"""A second decider, written apart from the first: straight loops over the raw layers, no index, no views.

It knows nothing of `cordiale.rules` but the shapes of its requests, and answers with two sets of codes: what
refuses and what could not be told. The properties hold the real rules against it over generated worlds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.rules.second_provision import provision
from tests.rules.second_questions import (
    Verdict,
    alone,
    ask,
    at_least,
    came,
    consent_codes,
    defects_of,
    equivalent,
    national_of,
    note_ruling,
    over,
    own_level,
    part_above,
    rank,
    ruling,
    speaking,
    uplift,
)

from cordiale.model.agreement import AgreementState, NationalProfile, Need, Stage
from cordiale.model.label import LevelRef, Scheme

__all__ = ["Verdict", "access", "equivalent", "provision"]

def access(
    person: Any, facts: Any, state: AgreementState | None, home: tuple[NationalProfile | None, tuple[Scheme, ...]],
    needs: Any, now: datetime, purpose: str,
) -> Verdict:
    """Whether `person` may read: under `state` where given, otherwise under the law and schemes of `home`."""
    v = Verdict()
    if now.tzinfo is None:
        v.unknown.add("time.unknown")
        return v
    on = now.astimezone(UTC).date()
    for standing, code in (("held", "not-registered"), ("frozen", "frozen"), ("gone", "gone")):
        if facts.standing == standing:
            v.no.add("item." + code)
    label, me = facts.label, facts.holder
    if label is None:
        v.no.add("item.unlabelled")
        _person(v, person, facts, {me}, needs, now, purpose)
        return v
    foreign = label.originator != me
    schemes = state.profile.schemes if state and state.profile else () if state else home[1]
    if foreign:
        _foreign(v, facts, state, on)
    if part_above(schemes, label):
        v.no.add("item.part-above-whole")
    level = label.level if not foreign else facts.marking.level if facts.marking else None
    rules: list[Any] = []
    if level is not None:
        level = uplift(state, schemes, label, level, me, on, v)
        rules = _access_rules(state, home[0], me, level)
        if not rules:
            v.unknown.add("access.no-rule")
    _reading(v, facts, state, home[0], now, purpose)
    released = set(label.release_to)
    for part in label.portions:
        if part.release_to is not None:
            released &= set(part.release_to)
    _person(v, person, facts, released, needs, now, purpose)
    if foreign and purpose not in facts.purposes and _reading_consent(facts, now, purpose):
        v.no.add("access.other-purpose")
    for tag, value in label.caveats:
        if not _briefed(person, f"caveat:{tag}:{value}", on):
            v.no.add("access.caveat-not-held")
    rows = state.profile.clearance_equivalences if state and state.profile else ()
    worth = [row for row in rows if row.recipient == me]
    subject = str(state.id) if foreign and state else ""
    _needs_of_rules(v, person, facts, rules, level, (schemes, worth), subject, now, purpose)
    return v


def _owners(facts: Any) -> set[str]:
    return {facts.label.originator, *facts.joint_originators}


def _reading_consent(facts: Any, now: datetime, purpose: str) -> set[str]:
    plain = [c for c in facts.consents if not c.nationalities]
    return consent_codes(plain, "read", facts.item, _owners(facts), facts.holder, purpose, now)


def _reading(v: Verdict, facts: Any, state: Any, national: Any, now: datetime, purpose: str) -> None:
    label, me = facts.label, facts.holder
    if state is not None:
        said, persons = ask(state, "read", label.originator, me, label.level, me)
    elif national is None or label.originator != national.party:
        said, persons = "?silent", 1
    else:
        said, persons = ruling([], speaking(national.acts, "read", label.originator, me, label.level))
    if said == "with-consent":
        v.no |= _reading_consent(facts, now, purpose)
    elif said != "?silent" or label.originator != me:
        note_ruling(v, said)
    alone(v, said, persons)


def _foreign(v: Verdict, facts: Any, state: Any, on: date) -> None:
    mark = facts.marking
    if mark is None:
        v.no.add("item.not-marked")
    if state is None:
        v.unknown.add("item.no-agreement")
        return
    stages = (Stage.IN_FORCE, Stage.PROVISIONAL, Stage.SUSPENDED, Stage.TERMINATED)
    early = state.stage is Stage.IN_FORCE and state.in_force_on and on < state.in_force_on
    if state.stage not in stages or early:
        v.no.add("item.agreement-without-effect")
    if facts.holder not in state.parties or facts.label.originator not in state.parties:
        v.no.add("item.other-agreement")
    known = [(c[0], c[1]) for c in state.profile.caveats] if state.profile else []
    if any(caveat not in known for caveat in facts.label.caveats):
        v.unknown.add("item.caveat-unknown")
    if mark and (mark.party != facts.holder or mark.agreement != state.id or mark.derived_from != facts.label.level):
        v.no.add("item.other-marking")


def _access_rules(state: Any, national: Any, party: str, level: LevelRef) -> list[Any]:
    if state is not None and (state.profile is None or not own_level(state, party, level)):
        return []
    if state is not None and party not in state.profile.parties:
        return []
    ours = [r for r in state.profile.access if (r.party, r.level) == (party, level)] if state else []
    national = national_of(state, party) if state else national
    theirs = [r for r in national.access if (r.party, r.level) == (party, level)] if national else []
    if not state and national and national.party != party:
        theirs = []
    if not theirs and any(r.left_to_national for r in ours):
        return []
    return ours + theirs


def _person(
    v: Verdict, person: Any, facts: Any, released: set[str], needs: Any, now: datetime, purpose: str,
) -> None:
    if over(person.left_at, now):
        v.no.add("access.left-service")
    if facts.readers is not None and person.id not in facts.readers:
        v.no.add("access.not-a-named-reader")
    if not purpose:
        v.no.add("access.purpose-missing")
    wrongs = []
    for need in needs:
        if need.person == person.id and need.item == facts.item:
            wrong = set()
            wrong |= {"access.need-self-granted"} if need.granted_by == person.id else set()
            wrong |= {"access.need-other-purpose"} if need.purpose != purpose else set()
            wrong |= set() if came(need.granted_at, now) else {"access.need-not-yet"}
            wrong |= {"access.need-withdrawn"} if over(need.withdrawn_at, now) else set()
            wrongs.append(wrong)
    if not wrongs:
        v.no.add("access.no-need-to-know")
    elif all(wrongs):
        v.no |= set().union(*wrongs)
    if person.represents not in released:
        v.no.add("access.outside-release-set")
    if not person.nationalities:
        v.unknown.add("access.nationality-unknown")
    for citizenship in person.nationalities:
        if citizenship not in released and not _waived(facts, citizenship, now, purpose):
            v.no.add("access.citizenship-outside-release-set")


def _waived(facts: Any, citizenship: str, now: datetime, purpose: str) -> bool:
    if facts.label is None or not purpose:
        return False
    waivers = [c for c in facts.consents if (c.act, c.item) == ("read", facts.item) and citizenship in c.nationalities]
    good = [c.given_by for c in waivers if not defects_of(c, facts.holder, purpose, now, None)]
    return all(owner in good for owner in _owners(facts))


def _briefed(person: Any, subject: str, on: date) -> bool:
    return any(b.subject == subject and b.valid_from <= on <= b.valid_until for b in person.briefings)


def _needs_of_rules(
    v: Verdict, person: Any, facts: Any, rules: list[Any], level: Any, ranks: Any, subject: str, now: datetime,
    purpose: str,
) -> None:
    schemes, worth = ranks
    on = now.astimezone(UTC).date()
    limits = [r.nationalities for r in rules if Need.NATIONALITY in r.needs]
    for citizenship in person.nationalities:
        if any(citizenship not in limit for limit in limits) and not _waived(facts, citizenship, now, purpose):
            v.no.add("access.citizenship-excluded")
    for rule in rules:
        if Need.NATIONALITY in rule.needs and not rule.nationalities:
            v.unknown.add("access.nationalities-unsaid")
        if Need.FUNCTION in rule.needs and not rule.functions:
            v.unknown.add("access.functions-unsaid")
        if Need.FUNCTION in rule.needs and not any(f in rule.functions for f in person.functions):
            v.no.add("access.no-function")
        if Need.BRIEFING in rule.needs and not _briefed(person, subject, on):
            v.no.add("access.no-briefing")
        if Need.CLEARANCE in rule.needs and rank(schemes, level) is None:
            v.unknown.add("access.unranked")
        elif Need.CLEARANCE in rule.needs:
            stands_in = rule.function_in_place_of_clearance and any(f in rule.functions for f in person.functions)
            if not stands_in:
                _clearances(v, person, schemes, level, now, worth)


def _clearances(
    v: Verdict, person: Any, schemes: Any, level: LevelRef, now: datetime, worth: list[Any],
) -> None:
    on = now.astimezone(UTC).date()
    wrongs, elsewhere = [], False
    for c in person.clearances:
        dated = set()
        dated |= {"access.clearance-not-yet"} if on < c.valid_from else set()
        dated |= {"access.clearance-expired"} if on > c.valid_until else set()
        dated |= {"access.clearance-withdrawn"} if over(c.withdrawn_at, now) else set()
        if c.level.scheme != level.scheme:
            for one in worth:
                asked = one.on_request or (one.valid_from and on < one.valid_from)
                late = one.valid_until and on > one.valid_until
                holds = one.source == c.level and not asked and not late and not dated
                if holds and one.target.scheme == level.scheme and at_least(schemes, one.target, level):
                    wrongs.append(set())
            elsewhere = elsewhere or not dated
        elif not at_least(schemes, c.level, level):
            wrongs.append(dated | {"access.clearance-too-low"})
        else:
            wrongs.append(dated)
    if wrongs:
        v.no |= set().union(*wrongs) if all(wrongs) else set()
    elif elsewhere:
        v.unknown.add("access.clearance-other-scheme")
    else:
        v.no.add("access.no-clearance")
