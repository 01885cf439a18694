"""A second decider, written apart from the first: straight loops over the raw layers, no index, no views.

It knows nothing of `cordiale.rules` but the shapes of its requests, and answers with two sets of codes: what
refuses and what could not be told. The properties hold the real rules against it over generated worlds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cordiale.model.agreement import AgreementState, EquivalenceKind, NationalProfile, Need, Stage
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.person import Office

ORDER = ["allowed", "with-notice", "with-consent", "forbidden"]


class Verdict:
    """Codes that refuse (`no`) and codes that could not be told (`unknown`)."""

    def __init__(self) -> None:
        self.no: set[str] = set()
        self.unknown: set[str] = set()

    @property
    def outcome(self) -> str:
        return "refused" if self.no else "undecidable" if self.unknown else "allowed"

    @property
    def all(self) -> set[str]:
        return self.no | self.unknown


# --- small questions -------------------------------------------------------------------------------------------

def came(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment.tzinfo is not None and moment <= now


def over(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and (moment.tzinfo is None or moment <= now)


def rank(schemes: tuple[Scheme, ...], level: LevelRef) -> int | None:
    for scheme in schemes:
        if scheme.id == level.scheme and scheme.ordered:
            for number, name in enumerate(scheme.levels):
                if name == level.name:
                    return number
    return None


def at_least(schemes: tuple[Scheme, ...], high: LevelRef, low: LevelRef) -> bool | None:
    if high.scheme != low.scheme or rank(schemes, high) is None or rank(schemes, low) is None:
        return None
    return rank(schemes, high) >= rank(schemes, low)  # type: ignore[operator]


def own_level(state: AgreementState, party: str, level: LevelRef) -> bool:
    assert state.profile
    for of, scheme_id in state.profile.scheme_of:
        for scheme in state.profile.schemes:
            if of == party and scheme.id == scheme_id == level.scheme and level.name in scheme.levels:
                return True
    return False


def national_of(state: AgreementState, party: str) -> NationalProfile | None:
    found = None
    for national in state.nationals:
        if national.party == party and (found is None or national.version > found.version):
            found = national
    return found


# --- the layers ------------------------------------------------------------------------------------------------

def speaking(rules: Any, act: str, provider: str, recipient: str, level: LevelRef) -> list[Any]:
    """The rules of one layer that reach the case, without those that another one names more closely."""
    reach = []
    for rule in rules:
        names = []
        for name, wanted in (("level", level), ("provider", provider), ("recipient", recipient)):
            said = getattr(rule, name)
            if said is not None and said != wanted:
                break
            if said is not None:
                names.append(name)
        else:
            if rule.act == act:
                reach.append((set(names), rule))
    return [rule for names, rule in reach if not any(names < others for others, _ in reach)]


def ruling(ours: list[Any], theirs: list[Any]) -> tuple[str, int]:
    """The ruling of the layers together (or the gap, as ``?gap``) and the number of persons."""
    rules = ours + theirs
    if not rules:
        return "?silent", 1
    is_overridden = bool(ours) and any(rule.overrides_agreement for rule in theirs)
    if is_overridden:
        rules = theirs
    said = [rule.ruling.value for rule in rules]
    strict = max(ORDER.index("allowed" if word == "required" else word) for word in said)
    persons = max(rule.persons for rule in rules)
    if ORDER[strict] == "forbidden":
        return ("?contradiction", 1) if "required" in said else ("forbidden", persons)
    if not theirs and any(rule.left_to_national for rule in ours):
        return "?left-to-national", 1
    return ORDER[strict], persons


def ask(state: AgreementState, act: str, provider: str, recipient: str, level: LevelRef, at: str) -> tuple[str, int]:
    """What the layers say of an act under an agreement."""
    profile = state.profile
    if profile is None or provider == recipient or at not in (provider, recipient):
        return "?silent", 1
    if provider not in profile.parties or recipient not in profile.parties or not own_level(state, provider, level):
        return "?silent", 1
    national = national_of(state, at)
    theirs = speaking(national.acts, act, provider, recipient, level) if national else []
    return ruling(speaking(profile.acts, act, provider, recipient, level), theirs)


def note_ruling(verdict: Verdict, said: str) -> None:
    if said == "forbidden":
        verdict.no.add("ruling.forbidden")
    if said.startswith("?"):
        verdict.unknown.add("ruling." + said[1:])


# --- consents --------------------------------------------------------------------------------------------------

def consent_codes(
    consents: Any, act: str, item: str, owners: set[str], to: str, purpose: str, now: datetime,
    recipient: str | None = None,
) -> set[str]:
    """Why `owners` have not all consented to `act`, once, of the party `to`."""
    if not purpose:
        return {"consent.purpose-missing"}
    codes: set[str] = set()
    for owner in owners:
        if owner == to:
            continue
        mine = [c for c in consents if (c.given_by, c.act, c.item) == (owner, act, item)]
        defects = [defects_of(c, to, purpose, now, recipient) for c in mine]
        if not mine:
            codes.add("consent.missing")
        elif all(defects):
            codes |= set().union(*defects)
    return codes


def defects_of(c: Any, to: str, purpose: str, now: datetime, recipient: str | None) -> set[str]:
    found = {
        "consent.given-to-another": c.given_to != to,
        "consent.other-recipient": c.recipient != recipient,
        "consent.other-purpose": c.purpose != purpose,
        "consent.not-yet-given": not came(c.given_at, now),
        "consent.expired": over(c.valid_until, now),
        "consent.withdrawn": over(c.withdrawn_at, now),
        "consent.number-exceeded": c.number < 1,
        "consent.other-copies": bool(c.copies),
    }
    return {code for code, is_so in found.items() if is_so}


# --- levels ----------------------------------------------------------------------------------------------------

def rows_on(state: AgreementState, level: LevelRef, party: str, on: date) -> list[Any]:
    assert state.profile
    return [
        row for row in state.profile.equivalences
        if row.source == level and row.recipient == party
        and not (row.valid_from and on < row.valid_from) and not (row.valid_until and row.valid_until < on)
    ]


def equivalent(state: AgreementState, label: Any, party: str, on: date, verdict: Verdict) -> LevelRef | None:
    profile = state.profile
    assert profile
    no: set[str] = set()
    if label.originator not in profile.parties or party not in profile.parties:
        no.add("equivalence.not-a-party")
    if party == label.originator:
        no.add("equivalence.own-label")
    if label.originator in profile.parties and not own_level(state, label.originator, label.level):
        no.add("equivalence.level-unknown")
    if no:
        verdict.no |= no
        return None
    fine = True
    caps = [level for of, level, _ in profile.caps if of == label.originator and level.scheme == label.level.scheme]
    for cap in caps[-1:]:
        reaches = at_least(profile.schemes, cap, label.level)
        if reaches is None:
            verdict.unknown.add("equivalence.unranked")
        elif not reaches:
            verdict.no.add("equivalence.above-cap")
        fine = bool(reaches)
    rows = rows_on(state, label.level, party, on)
    if len(rows) > 1:
        verdict.unknown.add("equivalence.two-rows")
        return None
    if not rows:
        ever = [r for r in profile.equivalences if r.source == label.level and r.recipient == party]
        verdict.no.add("equivalence.no-row-that-day" if ever else "equivalence.no-row")
        return None
    kind, target = rows[0].kind, rows[0].target
    if kind is EquivalenceKind.TO_BE_ENTERED:
        verdict.unknown.add("equivalence.to-be-entered")
        return None
    if kind not in (EquivalenceKind.EQUIVALENT, EquivalenceKind.UPWARD):
        verdict.no.add("equivalence." + kind.value)
        return None
    if target is None or not own_level(state, party, target):
        verdict.unknown.add("equivalence.target-unknown")
        return None
    return target if fine else None


def uplift(
    state: AgreementState | None, schemes: tuple[Scheme, ...], label: Any, level: LevelRef, party: str, on: date,
    verdict: Verdict,
) -> LevelRef:
    asked = label.handle_as
    if asked is None:
        return level
    if level.scheme != asked.scheme:
        if at_least(schemes, label.level, asked):
            return level
        rows = rows_on(state, asked, party, on) if state and state.profile else []
        asked = rows[0].target if len(rows) == 1 and rows[0].target else asked
    enough = at_least(schemes, level, asked)
    if enough is None:
        verdict.unknown.add("equivalence.handling-unknown")
        return level
    return level if enough else asked


def part_above(schemes: tuple[Scheme, ...], label: Any) -> bool:
    return any(
        part.level and not at_least(schemes, label.level, LevelRef(label.level.scheme, part.level))
        for part in label.portions
    )


# --- access ----------------------------------------------------------------------------------------------------

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
    _needs_of_rules(v, person, facts, rules, level, schemes, str(state.id) if foreign and state else "", now, purpose)
    return v


def _owners(facts: Any) -> set[str]:
    return {facts.label.originator, *facts.joint_originators}


def _reading_consent(facts: Any, now: datetime, purpose: str) -> set[str]:
    plain = [c for c in facts.consents if not c.nationalities]
    return consent_codes(plain, "read", facts.item, _owners(facts), facts.holder, purpose, now)


def _reading(v: Verdict, facts: Any, state: Any, national: Any, now: datetime, purpose: str) -> None:
    label, me = facts.label, facts.holder
    if state is not None:
        said, _ = ask(state, "read", label.originator, me, label.level, me)
    elif national is None or label.originator != national.party:
        said = "?silent"
    else:
        said, _ = ruling([], speaking(national.acts, "read", label.originator, me, label.level))
    if said == "with-consent":
        v.no |= _reading_consent(facts, now, purpose)
    elif said != "?silent" or label.originator != me:
        note_ruling(v, said)


def _foreign(v: Verdict, facts: Any, state: Any, on: date) -> None:
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
    mark = facts.marking
    if mark is None:
        v.no.add("item.not-marked")
    elif mark.party != facts.holder or mark.agreement != state.id or mark.derived_from != facts.label.level:
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
    v: Verdict, person: Any, facts: Any, rules: list[Any], level: Any, schemes: Any, subject: str, now: datetime,
    purpose: str,
) -> None:
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
                _clearances(v, person, schemes, level, now)


def _clearances(v: Verdict, person: Any, schemes: Any, level: LevelRef, now: datetime) -> None:
    on = now.astimezone(UTC).date()
    wrongs, elsewhere = [], False
    for c in person.clearances:
        dated = set()
        dated |= {"access.clearance-not-yet"} if on < c.valid_from else set()
        dated |= {"access.clearance-expired"} if on > c.valid_until else set()
        dated |= {"access.clearance-withdrawn"} if over(c.withdrawn_at, now) else set()
        if c.level.scheme != level.scheme:
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


# --- provision -------------------------------------------------------------------------------------------------

def provision(request: Any, state: AgreementState, now: datetime) -> Verdict:
    """Whether the item of `request` may be dispatched under `state`."""
    v = Verdict()
    if now.tzinfo is None:
        v.unknown.add("time.unknown")
        return v
    now = now.astimezone(UTC)
    on, release, profile = now.date(), request.release, state.profile
    giver, taker, label = release.provider, release.recipient, release.label
    _agreement(v, request, state, on)
    for standing, code in (("held", "not-registered"), ("frozen", "frozen"), ("gone", "gone")):
        if request.standing == standing:
            v.no.add("item." + code)
    persons = 2
    if label is not None:
        if profile is not None:
            _levels(v, request, state, now)
        for act in ["provide"] + ([request.link] if request.link in ("wire", "bag", "carry") else []):
            for at in (label.originator,) if act == "provide" else (label.originator, taker):
                said, count = ask(state, act, label.originator, taker, label.level, at)
                persons = max(persons, count) if act == "provide" else persons
                if said == "with-consent":
                    v.no |= consent_codes(release.consents, act, release.item, {taker}, giver, release.purpose, now)
                else:
                    note_ruling(v, said)
    _release(v, release, national_of(state, giver), persons, now)
    return v


def _agreement(v: Verdict, request: Any, state: AgreementState, on: date) -> None:
    profile, release = state.profile, request.release
    if profile is None:
        v.unknown.add("equivalence.no-profile")
    if release.provider not in state.parties or release.recipient not in state.parties:
        v.no.add("provision.not-a-party")
    if release.provider == release.recipient:
        v.no.add("provision.same-party")
    if request.mode != state.mode or (profile and profile.mode != state.mode):
        v.no.add("provision.other-mode")
    if state.stage in (Stage.IN_PRINCIPLE, Stage.INITIALLED):
        v.no.add("provision.no-legal-effect")
    if state.stage in (Stage.SIGNED, Stage.NOTES_EXCHANGED):
        v.no.add("provision.not-in-force")
    if state.stage is Stage.IN_FORCE and state.in_force_on and state.in_force_on > on:
        v.no.add("provision.not-in-force")
    if state.stage is Stage.SUSPENDED:
        v.no.add("provision.suspended")
    if state.stage is Stage.TERMINATED or (state.ended_on and on >= state.ended_on):
        v.no.add("provision.terminated")
    if not state.parties or any(party not in state.signed_by for party in state.parties):
        v.no.add("provision.not-signed")
    noted = all(party in state.notes_from for party in state.parties)
    if profile and profile.entry_requires_notes and state.stage is not Stage.PROVISIONAL and not noted:
        v.no.add("provision.notes-missing")


def _levels(v: Verdict, request: Any, state: AgreementState, now: datetime) -> None:
    release, profile, on = request.release, state.profile, now.date()
    assert profile
    giver, taker, label = release.provider, release.recipient, release.label
    if any(caveat not in [(c[0], c[1]) for c in profile.caveats] for caveat in label.caveats):
        v.unknown.add("item.caveat-unknown")
    if part_above(profile.schemes, label):
        v.no.add("item.part-above-whole")
    at: dict[str, LevelRef] = {}
    for party in (giver, taker):
        level = label.level if party == label.originator else equivalent(state, label, party, on, v)
        if level is not None:
            at[party] = uplift(state, profile.schemes, label, level, party, on, v)
    if any(level in state.suspended_levels for level in (label.level, *at.values())):
        v.no.add("provision.level-suspended")
    if request.link not in ("wire", "bag", "carry"):
        v.no.add("provision.link-unknown")
    elif request.link != "carry":
        for party, level in at.items():
            found = [(a.level, a.approved_at, a.withdrawn_at) for a in state.links
                     if a.link == request.link and a.party == party]
            _found(v, "provision.link-", found, profile.schemes, level, now)
    if taker not in at:
        level = None
    else:
        level = at[taker]
        for by in (giver, taker):
            found = [(r.level, r.found_at, r.withdrawn_at) for r in state.readiness
                     if r.by_party == by and r.of_party == taker]
            _found(v, "provision.readiness-", found, profile.schemes, level, now)
    _registry(v, request, profile, level, on)


def _found(v: Verdict, code: str, found: Any, schemes: Any, level: LevelRef, now: datetime) -> None:
    wrongs = []
    for up_to, since, until in found:
        wrong = set() if at_least(schemes, up_to, level) else {code + "below"}
        wrong |= set() if came(since, now) else {code + "not-yet"}
        wrong |= {code + "withdrawn"} if over(until, now) else set()
        wrongs.append(wrong)
    if not wrongs:
        v.no.add(code + "missing")
    elif all(wrongs):
        v.no |= set().union(*wrongs)


def _registry(v: Verdict, request: Any, profile: Any, level: LevelRef | None, on: date) -> None:
    wrongs = []
    for entry in profile.registries:
        if entry.id == request.registry and entry.party == request.release.recipient:
            wrong = set()
            if entry.opened_on and entry.opened_on > on:
                wrong.add("provision.registry-not-open")
            if entry.closed_on and entry.closed_on <= on:
                wrong.add("provision.registry-closed")
            if level is not None and level not in entry.levels:
                wrong.add("provision.registry-level")
            wrongs.append(wrong)
    if not wrongs:
        v.no.add("provision.registry-unlisted")
    elif all(wrongs):
        v.no |= set().union(*wrongs)


def _release(v: Verdict, release: Any, national: NationalProfile | None, persons: int, now: datetime) -> None:
    label, giver, taker = release.label, release.provider, release.recipient
    if not release.purpose:
        v.no.add("release.purpose-missing")
    if label is None:
        v.no.add("item.unlabelled")
    else:
        if taker not in label.release_to:
            v.no.add("release.outside-release-set")
        if any(part.release_to is not None and taker not in part.release_to for part in label.portions):
            v.no.add("release.portion-outside-release-set")
        others = ({label.originator} | set(release.joint_originators)) - {giver}
        if others:
            v.no |= consent_codes(
                release.consents, "pass-on", release.item, others, giver, release.purpose, now, taker,
            )
    if national is None or national.release_persons < 1:
        v.unknown.add("release.persons-unsaid")
    else:
        persons = max(persons, national.release_persons)
    persons = max(persons, release.persons_min)
    proposed, authorised = set(), set()
    for approval in release.approvals:
        is_proposal = approval.part == "propose"
        (proposed if is_proposal else authorised).add(approval.person)
        _approval(v, approval, release, Office.ORIGINATOR if is_proposal else Office.RELEASING_AUTHORITY, now)
    if not proposed:
        v.no.add("release.not-proposed")
    if not authorised:
        v.no.add("release.not-authorised")
    if proposed & authorised:
        v.no.add("release.same-person")
    if len(proposed | authorised) < persons:
        v.no.add("release.too-few-persons")


def _approval(v: Verdict, approval: Any, release: Any, office: Office, now: datetime) -> None:
    if not approval.bound_digest or approval.bound_digest != release.bound_digest:
        v.no.add("release.other-content")
    if not came(approval.given_at, now):
        v.no.add("release.not-yet-given")
    if over(approval.withdrawn_at, now):
        v.no.add("release.withdrawn")
    known = False
    for person in release.people:
        if person.id == approval.person:
            known = True
            if person.represents != release.provider:
                v.no.add("release.other-party")
            if over(person.left_at, now):
                v.no.add("office.left-service")
            if office not in person.offices:
                v.no.add("office.not-held")
    if not known:
        v.unknown.add("release.person-unknown")


