"""The second decider on provision: see `tests.rules.second_decider`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.rules.second_questions import (
    Verdict,
    alone,
    ask,
    at_least,
    came,
    consent_codes,
    equivalent,
    national_of,
    note_ruling,
    over,
    part_above,
    uplift,
)

from cordiale.model.agreement import AgreementState, NationalProfile, Stage
from cordiale.model.label import LevelRef
from cordiale.model.person import Office


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
        ways = {"wire": ["wire"], "bag": ["bag"], "carry": ["carry"], "post": ["post"], "freight": ["carry"]}
        for act in ["provide", *ways.get(request.link, [])]:
            for at in (label.originator,) if act == "provide" else (label.originator, taker):
                said, count = ask(state, act, label.originator, taker, label.level, at)
                persons = max(persons, count) if act == "provide" else persons
                if said == "with-consent":
                    v.no |= consent_codes(release.consents, act, release.item, {taker}, giver, release.purpose, now)
                else:
                    note_ruling(v, said)
                if act != "provide":
                    alone(v, said, count)
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
    if request.link not in ("wire", "bag", "carry", "post", "freight"):
        v.no.add("provision.link-unknown")
    elif request.link in ("wire", "bag"):
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
        others = ({label.originator} | (set(release.joint_originators) - {taker})) - {giver}
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
