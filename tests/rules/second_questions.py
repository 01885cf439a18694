"""What the second decider asks first: moments, ranks, layers, consents, levels.

Straight loops over the layers as they are written; it shares no code with `cordiale.rules`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cordiale.model.agreement import AgreementState, EquivalenceKind, NationalProfile
from cordiale.model.label import LevelRef, Scheme

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


def alone(verdict: Verdict, said: str, persons: int) -> None:
    if persons > 1 and not said.startswith("?"):
        verdict.no.add("ruling.persons-together")


# --- consents --------------------------------------------------------------------------------------------------

_NEW = {
    "copy", "translate", "extract", "pass-on", "use-abroad", "archive", "publish", "disclose", "provide", "receive", "wire",
    "bag", "carry", "post", "receipt", "register", "report-loss",
}


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
    rests = {"consent.rests", *(reason.code for reason in c.rests)} if c.rests and c.act in _NEW else set()
    return {code for code, is_so in found.items() if is_so} | rests


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
