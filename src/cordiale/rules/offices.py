"""Which office may do which act, and which two acts one person never does in one matter.

Truth 4: nobody releases alone what they proposed, and destruction takes as many
persons as the layers ask. The rules stand between acts of one matter, not
between offices, so that a registry of two persons can work: one registers and
destroys, the other witnesses. A deputy stands in for the registrar only during
an absence that somebody else registered. An office allows acts; it never opens
content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Office, Person
from cordiale.rules.validity import TIME_UNKNOWN, has_begun, has_ended, is_aware


class OfficialAct(StrEnum):
    """What a person does by virtue of an office."""

    LABEL = "label"
    PROPOSE_RELEASE = "propose-release"
    AUTHORISE_RELEASE = "authorise-release"
    DISPATCH = "dispatch"
    SEAL_PACKAGES = "seal-packages"
    WITNESS_SEALING = "witness-sealing"
    MEET_COURIER = "meet-courier"
    ENTER_OUTAGE = "enter-outage"
    CONFIRM_OUTAGE = "confirm-outage"
    REGISTER = "register"
    SIGN_RECEIPT = "sign-receipt"
    GRANT_NEED_TO_KNOW = "grant-need-to-know"
    END_PURPOSE = "end-purpose"
    CIRCULATE = "circulate"
    KEEP_REGISTRIES = "keep-registries"
    APPROVE_TRANSFER = "approve-transfer"
    TRANSFER = "transfer"
    RECEIVE_TRANSFER = "receive-transfer"
    REPRODUCE = "reproduce"
    KEEP_EQUIPMENT = "keep-equipment"
    KEEP_FOLDERS = "keep-folders"
    GIVE_BACK = "give-back"
    ASK_RETURN = "ask-return"
    ENTER_CRISIS = "enter-crisis"
    REFUSE_CONSIGNMENT = "refuse-consignment"
    DESTROY = "destroy"
    WITNESS_DESTRUCTION = "witness-destruction"
    COUNT_INVENTORY = "count-inventory"
    SIGN_INVENTORY = "sign-inventory"
    PROPOSE_LEVEL = "propose-level"
    CONFIRM_LEVEL = "confirm-level"
    PROPOSE_CONSENT = "propose-consent"
    GIVE_CONSENT = "give-consent"
    DISCLOSE_IN_EMERGENCY = "disclose-in-emergency"
    JOIN_ACT = "join-act"
    PROPOSE_PEOPLE = "propose-people"
    CONFIRM_PEOPLE = "confirm-people"
    RESTRICT_PEOPLE = "restrict-people"
    REGISTER_ABSENCE = "register-absence"
    KEEP_DUTIES = "keep-duties"
    PROPOSE_ERASURE = "propose-erasure"
    CONFIRM_ERASURE = "confirm-erasure"
    CONFIRM_CLEARANCE = "confirm-clearance"
    BRIEF = "brief"
    REPORT_INCIDENT = "report-incident"
    HANDLE_INCIDENT = "handle-incident"
    NOTIFY_INCIDENT = "notify-incident"
    CLOSE_INCIDENT = "close-incident"
    INSTALL_STATEMENT = "install-statement"
    MEET_PARTNER = "meet-partner"
    SIGN_PROFILE = "sign-profile"
    NOTIFY_REGISTRY = "notify-registry"
    FIND_READINESS = "find-readiness"
    APPROVE_LINK = "approve-link"
    AGREE_PLAN = "agree-plan"
    ASK_VISIT = "ask-visit"
    ANSWER_VISIT = "answer-visit"
    END_VISIT = "end-visit"
    ADMIT_VISITOR = "admit-visitor"
    DISCLOSE = "disclose"
    ASSURE_FACILITY = "assure-facility"
    KEEP_CONTRACT = "keep-contract"
    ACKNOWLEDGE_CONTRACT = "acknowledge-contract"
    USE_KEYS = "use-keys"
    INSPECT = "inspect"
    ADMINISTER = "administer"


_REGISTRY: Final = frozenset({Office.REGISTRAR})
_AUTHORITIES: Final = frozenset({Office.RELEASING_AUTHORITY, Office.COMPETENT_AUTHORITY})
_COMPETENT: Final = frozenset({Office.COMPETENT_AUTHORITY})
_SECURITY: Final = frozenset({Office.SECURITY_OFFICER})
_COUNTERS: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER})
_TRUST: Final = frozenset({Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY})

OFFICES_FOR: Final[dict[OfficialAct, frozenset[Office]]] = {
    OfficialAct.LABEL: frozenset({Office.ORIGINATOR}),
    OfficialAct.PROPOSE_RELEASE: frozenset({Office.ORIGINATOR}),
    OfficialAct.AUTHORISE_RELEASE: frozenset({Office.RELEASING_AUTHORITY}),
    OfficialAct.DISPATCH: _REGISTRY,
    OfficialAct.SEAL_PACKAGES: _REGISTRY,
    OfficialAct.WITNESS_SEALING: frozenset(
        {Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, Office.HEAD, Office.COMPETENT_AUTHORITY}
    ),
    OfficialAct.MEET_COURIER: _REGISTRY,
    OfficialAct.ENTER_OUTAGE: _REGISTRY,
    OfficialAct.CONFIRM_OUTAGE: frozenset({Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, Office.HEAD}),
    OfficialAct.REGISTER: _REGISTRY,
    OfficialAct.SIGN_RECEIPT: _REGISTRY,
    OfficialAct.GRANT_NEED_TO_KNOW: frozenset({Office.HEAD}),
    OfficialAct.END_PURPOSE: _COMPETENT | {Office.HEAD},
    OfficialAct.CIRCULATE: _REGISTRY,
    OfficialAct.KEEP_REGISTRIES: _COMPETENT | _SECURITY,
    OfficialAct.APPROVE_TRANSFER: _REGISTRY,
    OfficialAct.TRANSFER: _REGISTRY,
    OfficialAct.RECEIVE_TRANSFER: _REGISTRY,
    OfficialAct.REPRODUCE: _REGISTRY,
    OfficialAct.KEEP_EQUIPMENT: frozenset({Office.SECURITY_OFFICER, Office.REGISTRAR}),
    OfficialAct.KEEP_FOLDERS: _REGISTRY,
    OfficialAct.GIVE_BACK: _REGISTRY,
    OfficialAct.ASK_RETURN: _REGISTRY | _AUTHORITIES,
    OfficialAct.REFUSE_CONSIGNMENT: _REGISTRY,
    OfficialAct.ENTER_CRISIS: _COUNTERS | {Office.HEAD},
    OfficialAct.DESTROY: _REGISTRY,
    OfficialAct.WITNESS_DESTRUCTION: frozenset(
        {Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, Office.HEAD, Office.READER}
    ),
    OfficialAct.COUNT_INVENTORY: _COUNTERS,
    OfficialAct.SIGN_INVENTORY: _COUNTERS,
    OfficialAct.PROPOSE_LEVEL: frozenset({Office.ORIGINATOR, Office.REGISTRAR, Office.READER}),
    OfficialAct.CONFIRM_LEVEL: frozenset({Office.RELEASING_AUTHORITY}),
    OfficialAct.PROPOSE_CONSENT: frozenset({Office.ORIGINATOR, Office.REGISTRAR}),
    OfficialAct.GIVE_CONSENT: _AUTHORITIES,
    OfficialAct.DISCLOSE_IN_EMERGENCY: _COMPETENT | {Office.HEAD},
    OfficialAct.JOIN_ACT: _COUNTERS | _AUTHORITIES | {Office.HEAD},
    OfficialAct.PROPOSE_PEOPLE: _SECURITY,
    OfficialAct.CONFIRM_PEOPLE: frozenset({Office.REGISTRAR, Office.HEAD, Office.SECURITY_OFFICER}),
    OfficialAct.RESTRICT_PEOPLE: _SECURITY,
    OfficialAct.REGISTER_ABSENCE: frozenset({Office.REGISTRAR, Office.HEAD, Office.SECURITY_OFFICER}),
    OfficialAct.KEEP_DUTIES: frozenset({
        Office.REGISTRAR, Office.HEAD, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, Office.RELEASING_AUTHORITY,
        Office.KEY_OFFICER,
    }),
    OfficialAct.PROPOSE_ERASURE: frozenset({Office.REGISTRAR, Office.SECURITY_OFFICER}),
    OfficialAct.CONFIRM_ERASURE: frozenset({Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY}),
    OfficialAct.CONFIRM_CLEARANCE: frozenset({Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER}),
    OfficialAct.BRIEF: _SECURITY,
    OfficialAct.REPORT_INCIDENT: frozenset(Office) - {Office.ADMINISTRATOR},
    OfficialAct.HANDLE_INCIDENT: _SECURITY,
    OfficialAct.NOTIFY_INCIDENT: frozenset({Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER}),
    OfficialAct.CLOSE_INCIDENT: frozenset({Office.COMPETENT_AUTHORITY, Office.HEAD, Office.SECURITY_OFFICER}),
    OfficialAct.INSTALL_STATEMENT: _TRUST,
    OfficialAct.MEET_PARTNER: _TRUST,
    OfficialAct.SIGN_PROFILE: _COMPETENT,
    OfficialAct.NOTIFY_REGISTRY: _COMPETENT,
    OfficialAct.FIND_READINESS: _COMPETENT,
    OfficialAct.APPROVE_LINK: _COMPETENT,
    OfficialAct.AGREE_PLAN: _COMPETENT,
    OfficialAct.ASK_VISIT: _COMPETENT,
    OfficialAct.ANSWER_VISIT: _COMPETENT,
    OfficialAct.END_VISIT: _COMPETENT | _SECURITY,
    OfficialAct.ADMIT_VISITOR: _REGISTRY | _SECURITY,
    OfficialAct.DISCLOSE: frozenset({Office.ORIGINATOR}),
    OfficialAct.ASSURE_FACILITY: _COMPETENT,
    OfficialAct.KEEP_CONTRACT: _COMPETENT | _SECURITY,
    OfficialAct.ACKNOWLEDGE_CONTRACT: _COMPETENT,
    OfficialAct.USE_KEYS: frozenset({Office.KEY_OFFICER}),
    OfficialAct.INSPECT: frozenset({Office.INSPECTOR}),
    OfficialAct.ADMINISTER: frozenset({Office.ADMINISTRATOR}),
}
"""The offices that may do an act; holding one of them is enough."""

APART: Final[frozenset[frozenset[OfficialAct]]] = frozenset({
    frozenset({OfficialAct.PROPOSE_RELEASE, OfficialAct.AUTHORISE_RELEASE}),
    frozenset({OfficialAct.PROPOSE_LEVEL, OfficialAct.CONFIRM_LEVEL}),
    frozenset({OfficialAct.PROPOSE_CONSENT, OfficialAct.GIVE_CONSENT}),
    frozenset({OfficialAct.GRANT_NEED_TO_KNOW, OfficialAct.CIRCULATE}),
    frozenset({OfficialAct.APPROVE_TRANSFER, OfficialAct.TRANSFER}),
    frozenset({OfficialAct.TRANSFER, OfficialAct.RECEIVE_TRANSFER}),
    frozenset({OfficialAct.DESTROY, OfficialAct.WITNESS_DESTRUCTION}),
    frozenset({OfficialAct.ENTER_OUTAGE, OfficialAct.CONFIRM_OUTAGE}),
    frozenset({OfficialAct.SEAL_PACKAGES, OfficialAct.WITNESS_SEALING}),
    frozenset({OfficialAct.PROPOSE_PEOPLE, OfficialAct.CONFIRM_PEOPLE}),
    frozenset({OfficialAct.PROPOSE_ERASURE, OfficialAct.CONFIRM_ERASURE}),
    frozenset({OfficialAct.REPORT_INCIDENT, OfficialAct.CLOSE_INCIDENT}),
})
"""Pairs of acts that one person never does in the same matter."""

_NOT_BY_DEPUTY: Final = frozenset({OfficialAct.REGISTER_ABSENCE})

NOT_FOR_ONESELF: Final = frozenset({
    OfficialAct.GRANT_NEED_TO_KNOW, OfficialAct.CIRCULATE, OfficialAct.PROPOSE_PEOPLE, OfficialAct.CONFIRM_PEOPLE,
    OfficialAct.RESTRICT_PEOPLE, OfficialAct.BRIEF, OfficialAct.KEEP_REGISTRIES,
})
"""Acts about a person, and that nobody does for themselves."""


@dataclass(frozen=True, slots=True)
class Absence:
    """The registered absence of `person` from `office`; `until` None means until it is ended."""

    person: PersonId
    office: Office
    registered_by: PersonId
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActDone:
    """An act already done by a person in the matter at hand."""

    person: PersonId
    act: OfficialAct


@dataclass(frozen=True, slots=True)
class OfficeQuestion:
    """Whether `person` may do `act` now.

    `subject` is the person whom the act benefits. `done` are the acts already done in the same matter (the
    same item and the same proposal). `article` is the provision that asks for the separation, where one does.
    """

    person: Person
    act: OfficialAct
    subject: PersonId | None = None
    done: tuple[ActDone, ...] = ()
    absences: tuple[Absence, ...] = ()
    article: str = ""


def decide_office(question: OfficeQuestion, now: datetime) -> Decision:
    """Decide whether the person may do the act by virtue of an office, with every reason against it.

    `now` is an aware UTC datetime.
    """
    act = f"office.{question.act.value}"
    if not is_aware(now):
        return decision_of(act, (TIME_UNKNOWN,))
    return decision_of(act, _list_reasons(question, now))


def _list_reasons(question: OfficeQuestion, now: datetime) -> Iterator[Reason]:
    person, act, article = question.person, question.act, question.article
    yield from list_holding_reasons(person, act, question.absences, now, article=article)
    if act in NOT_FOR_ONESELF and question.subject == person.id:
        yield refusal("office.own-favour", "nobody does this act ({act}) for themselves", article, act=act.value)
    mine = {done.act for done in question.done if done.person == person.id}
    for other in sorted(mine):
        if frozenset({act, other}) in APART:
            yield refusal(
                "office.same-person", "the same person already did another part of this matter ({other})", article,
                other=other.value,
            )
        elif OfficialAct.INSPECT in (act, other) and act != other:
            yield refusal(
                "office.inspects-own-work", "whoever inspects a matter takes no other part in it ({other})", article,
                other=other.value,
            )


def list_holding_reasons(
    person: Person, act: OfficialAct, absences: tuple[Absence, ...], now: datetime, *, article: str = "",
) -> tuple[Reason, ...]:
    """Return every reason why `person` does not hold an office for `act` at `now`; empty when one is held."""
    reasons: list[Reason] = []
    if has_ended(person.left_at, now):
        reasons.append(refusal("office.left-service", "this person has left the service", article))
    offices = OFFICES_FOR[act]
    held = offices & person.offices
    absent = {absence.office for absence in absences if absence.person == person.id and _is_running(absence, now)}
    if held - absent:
        return tuple(reasons)
    if held:
        reasons.append(refusal(
            "office.absent", "this person is registered as absent from the office", article,
        ))
    elif Office.DEPUTY_REGISTRAR in person.offices and Office.REGISTRAR in offices and act not in _NOT_BY_DEPUTY:
        reasons.extend(_list_deputy_reasons(person, absences, now, article))
    else:
        reasons.append(refusal(
            "office.not-held", "this act ({act}) belongs to the office of {offices}", article,
            act=act.value, offices=", ".join(sorted(office.value for office in offices)),
        ))
    return tuple(reasons)


def _list_deputy_reasons(
    deputy: Person, absences: tuple[Absence, ...], now: datetime, article: str,
) -> Iterator[Reason]:
    """Yield why `deputy` does not stand in: no registrar named, or no absence that another registered."""
    if deputy.deputy_of is None or deputy.deputy_of == deputy.id:
        yield refusal("office.deputy-of-nobody", "it is not said whose deputy this person is", article)
        return
    running = [
        absence for absence in absences
        if absence.person == deputy.deputy_of and absence.office is Office.REGISTRAR and _is_running(absence, now)
    ]
    if not running:
        yield refusal(
            "office.registrar-present", "a deputy acts only during a registered absence of the registrar", article,
        )
    elif all(absence.registered_by == deputy.id for absence in running):
        yield refusal(
            "office.absence-by-deputy", "the deputy cannot register the absence that gives them the office", article,
        )


def _is_running(absence: Absence, now: datetime) -> bool:
    return has_begun(absence.since, now) and not has_ended(absence.until, now)


def list_quorum_reasons(
    persons: tuple[Person, ...], needed: int, absences: tuple[Absence, ...], now: datetime, *, article: str = "",
) -> tuple[Reason, ...]:
    """Return why `persons` cannot destroy together: one counts as registrar, the others witness, all distinct.

    `needed` is the number of distinct persons that the layers ask. `now` is an aware UTC datetime.
    """
    reasons: dict[Reason, None] = {}
    distinct = {person.id: person for person in persons}
    if len(distinct) < len(persons):
        reasons[refusal("office.same-person-twice", "the same person is named twice", article)] = None
    if len(distinct) < max(1, needed):
        reasons[refusal(
            "office.too-few-persons", "{needed} distinct persons must act together, and {count} are named", article,
            needed=str(max(1, needed)), count=str(len(distinct)),
        )] = None
    registrars = 0
    for person in distinct.values():
        if not list_holding_reasons(person, OfficialAct.DESTROY, absences, now):
            registrars += 1
            continue
        against = list_holding_reasons(person, OfficialAct.WITNESS_DESTRUCTION, absences, now, article=article)
        reasons.update(dict.fromkeys(against))
    if not registrars:
        reasons[refusal("office.no-registrar", "at least one of them must be a registrar", article)] = None
    return tuple(reasons)
