"""Three shipped agreements between three states, made ready for a world in memory: the triangle of the long lives.

Switzerland and Luxembourg (2024), Switzerland and Poland (2022), Luxembourg and Poland (the Member States' agreement
of 2011, here between these two alone). What their texts leave to national law is said by national profiles that were
written for these tests: no law of any of the three says it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cordiale.model.agreement import (
    AccessRule,
    Act,
    ActRule,
    AgreementText,
    NationalProfile,
    Need,
    Profile,
    RegistryEntry,
    Ruling,
    Term,
    TermUnit,
)
from cordiale.model.agreement_rows import DestructionMethods
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.records.agreements import text_digest_of
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import encode_text_digest

CHE, DNK, LUX, POL = (PartyId(one) for one in ("CHE", "DNK", "LUX", "POL"))
SCHEMES: Final = {CHE: "CH", DNK: "DK", LUX: "LU", POL: "PL"}
NODES: Final = {CHE: "bern.che", LUX: "luxembourg.lux", POL: "warsaw.pol"}
# Lowest first, equal heights at equal places; the fourth is opened to nobody here.
LEVELS: Final = {
    CHE: ("INTERN / INTERNE / AD USO INTERNO", "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE", "GEHEIM / SECRET / SEGRETO"),
    DNK: ("TIL TJENESTEBRUG", "FORTROLIGT", "HEMMELIGT", "YDERST HEMMELIGT"),
    LUX: ("Restreint Lux", "Confidentiel Lux", "Secret Lux", "Très Secret Lux"),
    POL: ("ZASTRZEŻONE", "POUFNE", "TAJNE", "ŚCIŚLE TAJNE"),
}
PURPOSE: Final = "exercise of the general staffs"
_LAW: Final = "Order 5 for this test"


@dataclass(frozen=True, slots=True)
class Treaty:
    """One agreement as it comes into force here; `articles` are those of its entry into force and of its end."""

    id: str
    parties: tuple[PartyId, ...]
    text: AgreementText
    profile: Profile
    articles: dict[str, str]


def level(party: str, rank: int) -> str:
    """Return a level of the scheme of `party` as it is written in an act."""
    own = PartyId(party)
    return f"{SCHEMES[own]}:{LEVELS[own][rank]}"


def registry_of(party: str) -> str:
    """Return the registry of `party` that receives under every agreement."""
    return f"registry-{party.lower()}"


@functools.cache
def treaties() -> tuple[Treaty, ...]:
    """Return the three agreements, each with its profile bound to its text."""
    return (
        _treaty("ch-lu-2024", (CHE, LUX), ("Art. 15(1)", "Art. 15(3)")),
        _treaty("ch-pl-2022", (CHE, POL), ("Art. 15(1)", "Art. 15(3)")),
        _treaty("eu-member-states-2011", (LUX, POL), ("Art. 13(1)", "Art. 13(2)")),
    )


def treaty_between(one: str, other: str) -> Treaty:
    """Return the agreement between two of the three."""
    return next(found for found in treaties() if set(found.parties) == {one, other})


@functools.cache
def member_states() -> Treaty:
    """Return the Member States' agreement of 2011 between three of them, who are told of inventories besides."""
    treaty = _treaty("eu-member-states-2011", (LUX, POL, DNK), ("Art. 13(1)", "Art. 13(2)"))
    told = Term("inventory.report", "Art. 8", 1, TermUnit.MONTHS)
    return replace(treaty, profile=replace(treaty.profile, terms=(*treaty.profile.terms, told)))


@functools.cache
def swiss_danish(holidays: tuple[tuple[PartyId, tuple[date, ...]], ...]) -> Treaty:
    """Return the agreement between Switzerland and Denmark (2012), with the days that do not count as they were entered."""
    treaty = _treaty("ch-dk-2012", (CHE, DNK), ("Art. 14(1)", "Art. 14(1)"))
    weekends = tuple((party, frozenset({5, 6})) for party in treaty.parties)
    return replace(treaty, profile=replace(treaty.profile, holidays=holidays, weekends=weekends))


def _treaty(template: str, parties: tuple[PartyId, ...], articles: tuple[str, str]) -> Treaty:
    draft = load_template(template)
    profile = _between(draft.profile, parties)
    entries = tuple(
        RegistryEntry(registry_of(party), party, f"Registry of {party}", frozenset(
            LevelRef(id, name) for id, name in (
                (scheme.id, name) for scheme in profile.schemes if (party, scheme.id) in profile.scheme_of
                for name in scheme.levels
            )
        ), articles[0]) for party in parties
    )
    digest = encode_text_digest(text_digest_of(draft.text, Mode.REAL))
    return Treaty(
        profile.agreement, parties, draft.text, replace(profile, registries=entries, text_digest=digest),
        {"entry": articles[0], "end": articles[1]},
    )


def _between(profile: Profile, parties: tuple[PartyId, ...]) -> Profile:
    """Return what `profile` says between some of its parties."""
    schemes = tuple((party, id) for party, id in profile.scheme_of if party in parties)
    ids = {id for _, id in schemes}

    def is_ours(level: LevelRef | None) -> bool:
        return level is None or level.scheme in ids

    return replace(
        profile, parties=parties, scheme_of=schemes,
        schemes=tuple(one for one in profile.schemes if one.id in ids),
        equivalences=tuple(
            one for one in profile.equivalences
            if one.recipient in parties and is_ours(one.source) and is_ours(one.target)
        ),
        acts=tuple(one for one in profile.acts if is_ours(one.level)),
        access=tuple(one for one in profile.access if one.party in parties),
        caps=tuple(one for one in profile.caps if one[0] in parties),
        clearance_equivalences=tuple(
            one for one in profile.clearance_equivalences
            if one.recipient in parties and is_ours(one.source) and is_ours(one.target)
        ),
    )


_SILENT: Final = (
    Act.WIRE, Act.BAG, Act.CARRY, Act.REGISTER, Act.RECEIPT, Act.RETURN, Act.EXTRACT, Act.TRANSLATE, Act.COPY,
    Act.REPORT_LOSS,
)
_TERMS: Final = (
    ("inventory.every", 12, TermUnit.MONTHS), ("spot-check.every", 6, TermUnit.MONTHS),
    ("inventory.share", 50, TermUnit.PERCENT), ("retention.visit", 1, TermUnit.YEARS),
    ("erasure.visitor", 30, TermUnit.CALENDAR_DAYS), ("incident.final", 30, TermUnit.CALENDAR_DAYS),
    ("return.answer", 10, TermUnit.CALENDAR_DAYS), ("consent.answer", 10, TermUnit.CALENDAR_DAYS),
    ("level.acknowledge", 10, TermUnit.CALENDAR_DAYS), ("challenge.answer", 10, TermUnit.CALENDAR_DAYS),
    ("visit.lead", 5, TermUnit.CALENDAR_DAYS), ("outage.enter", 2, TermUnit.CALENDAR_DAYS),
    ("clearance.answer", 10, TermUnit.CALENDAR_DAYS), ("visit.recurring", 12, TermUnit.MONTHS),
    ("crisis.report", 24, TermUnit.HOURS), ("notice.answer", 10, TermUnit.CALENDAR_DAYS),
    ("amendment.answer", 10, TermUnit.CALENDAR_DAYS), ("dispute.answer", 10, TermUnit.CALENDAR_DAYS),
    ("briefing.refresh", 12, TermUnit.MONTHS), ("receipt.chase", 10, TermUnit.CALENDAR_DAYS),
    ("delivery.overdue", 20, TermUnit.CALENDAR_DAYS), ("register.entry", 2, TermUnit.CALENDAR_DAYS),
    ("retention.clearance", 1, TermUnit.YEARS), ("contract.copy", 1, TermUnit.MONTHS),
)


def national_of(party: PartyId, *, version: int = 1) -> NationalProfile:
    """Return what the law of `party` says here: two persons release and destroy, a clearance from the second level on."""
    acts = tuple(ActRule(act, Ruling.ALLOWED, f"{_LAW}, s. 1") for act in _SILENT)
    ends = tuple(
        ActRule(act, Ruling.ALLOWED, f"{_LAW}, s. 2", persons=persons)
        for act, persons in ((Act.DESTROY, 2), (Act.CRISIS_DESTROY, 1))
    )
    access = tuple(
        AccessRule(party, LevelRef(SCHEMES[party], name), needs, f"{_LAW}, s. 3")
        for name, needs in _needs_of(party)
    )
    terms = (
        *(Term(name, f"{_LAW}, s. 4", count, unit) for name, count, unit in _TERMS if name != "notice.answer"),
        Term("emergency.by", f"{_LAW}, s. 7", 1, TermUnit.COUNT, note="agency-head"),
    )
    return NationalProfile(
        party, version, f"National profile of {party} for this test", (*acts, *ends), access, 2, f"{_LAW}, s. 5",
        ("written for this test",), terms,
        destruction_methods=(DestructionMethods(("shredded", "burnt", "erased"), f"{_LAW}, s. 6"),),
    )


def _needs_of(party: PartyId) -> list[tuple[str, frozenset[Need]]]:
    names = LEVELS[party]
    return [(names[0], frozenset()), *((name, frozenset({Need.CLEARANCE})) for name in names[1:])]


_OFFICES: Final = (
    ("originator", "Author", "originator reader", 2), ("authority", "Authority", "releasing-authority competent-authority", 2),
    ("registrar", "Registrar", "registrar key-officer", 2), ("keeper", "Keeper", "registrar", 2),
    ("security", "Guard", "security-officer inspector", 2),
    ("head", "Head", "head", 2), ("reader", "Reader", "reader", 1), ("junior", "Junior", "reader", 0),
    ("unbriefed", "Newcomer", "reader", 1),
)


def people_of(party: PartyId) -> str:
    """Return the people of one node as CSV: offices and posts, no persons."""
    agreements = dict.fromkeys(one.id for one in (*treaties(), member_states()) if party in one.parties)
    lines = ["id,name,post,unit,represents,nationalities,offices,clearances,briefings,functions"]
    for id, title, offices, rank in _OFFICES:
        clearance = f"{level(party, rank)}|2026-01-01|2029-12-31|authority" if rank else ""
        briefings = "" if id == "unbriefed" else ";".join(f"{one}|2026-01-01|2029-12-31" for one in agreements)
        functions = "agency-head" if id == "head" else ""
        lines.append(f"{id},{title} of {party},{id} of the desk,desk,{party},{party},{offices},{clearance},{briefings},{functions}")
    return "\n".join(lines) + "\n"
