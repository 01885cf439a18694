"""Organise: the registries of this party are opened, staffed and closed; each answers for a unit and what lies in it.

A registry that still holds copies is not closed: they go to another one first,
with the receipt of both hands. Where a registry of this name is one that
partners know of, telling them is a duty from the same moment.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import LEVELS_COUNT_MAX, REGISTRIES_COUNT_MAX, REGISTRY_KEEPERS_COUNT_MAX
from cordiale.message.members import read_identifier, read_line
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Office, Person
from cordiale.model.topology import RegistryOffice, RegistryRole
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import AGREEMENT
from cordiale.records.answer import Answer
from cordiale.records.answer_days import answer_day
from cordiale.records.duties import Due, open_duty
from cordiale.records.holdings import list_held
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.topology import SUB_REGISTRY, TRANSFER, duty_to_tell, open_offices, require_office_open
from cordiale.rules.inventory import is_unit
from cordiale.rules.offices import OfficialAct
from cordiale.rules.topology import list_closing_reasons, list_opening_reasons
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes

_SERVES = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})


def open_registry(registry: Registry, request: Request) -> Answer:
    """Open a registry of ours: the chief one first, then sub-registries and control points, each with its unit.

    Raises `Refused` where it has no place in the organisation.
    """
    fields = request.act.fields()
    id, title = read_identifier(fields, "registry"), read_line(fields, "title")
    role, unit = fields.choice("role", RegistryRole), fields.optional_text("unit") or ""
    levels = tuple(map(parse_level_ref, _texts(fields, "levels", LEVELS_COUNT_MAX)))
    keepers = _texts(fields, "keepers", REGISTRY_KEEPERS_COUNT_MAX)
    fields.end()
    if not is_unit(unit):
        raise Malformed(
            "place.unit", "`{unit}` is no name of a unit", hint="write it from the whole to the part: east/vault",
            unit=unit[:60],
        )
    office = RegistryOffice(id, role, unit, frozenset(levels), frozenset(map(PersonId, keepers)))
    _require_own_levels(registry, office)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        _require_may_name(session, actor, keepers)
        known = session.get(SUB_REGISTRY, id)
        if known is not None and known["state"] == "open":
            raise OutOfOrder("topology.open-already", "the registry {registry} is open already", registry=id,
                             hint="look at `cordiale registry list`")
        offices = open_offices(session)
        if len(offices) >= REGISTRIES_COUNT_MAX:
            raise OutOfOrder("topology.too-many", "{count} registries are open, and no more are entered",
                             count=len(offices), hint="close one first")
        require_allowed(decision_of("open-registry", list(list_opening_reasons(office, offices))))
        _require_keepers(session, keepers)
        session.put(SUB_REGISTRY, id, {
            "keepers": sorted(set(keepers)), "opened_by": actor.id, "opened_on": session.at.date().isoformat(),
            "role": role.value, "state": "open", "title": title, "unit": unit,
            **({"levels": sorted(map(str, levels))} if levels else {}),
        })
        _owe_telling(registry, session, id)
        return {"registry": id, "role": role.value, "unit": unit}

    return commit_personal(registry, request, run, subject=id)


def staff_registry(registry: Registry, request: Request) -> Answer:
    """Enter who serves at a registry from now on, in place of those who did."""
    fields = request.act.fields()
    id, keepers = fields.text("registry"), _texts(fields, "keepers", REGISTRY_KEEPERS_COUNT_MAX)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.KEEP_REGISTRIES)
        _require_may_name(session, actor, keepers, before=require_office_open(session, id).keepers)
        _require_keepers(session, keepers)
        session.change(session.require(SUB_REGISTRY, id), keepers=sorted(set(keepers)), staffed_by=actor.id)
        return {"keepers": sorted(set(keepers)), "registry": id}

    return commit_personal(registry, request, run, subject=id)


def _require_may_name(
    session: ActSession, actor: Person, keepers: Sequence[str], *, before: Collection[str] = ()
) -> None:
    """Raise `Refused` unless `actor` may say who serves; who does not serve yet does not name themselves."""
    names_self = actor.id in keepers and actor.id not in before
    require_allowed(decide_office_now(
        session, actor, OfficialAct.KEEP_REGISTRIES, subject=actor.id if names_self else None
    ))


def close_registry(registry: Registry, request: Request) -> Answer:
    """Close a registry of ours. Raises `Refused` while it holds copies or some are on their way from it or to it."""
    fields = request.act.fields()
    id = fields.text("registry")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_REGISTRIES))
        office = require_office_open(session, id)
        moving = {one.id for end in ("giver", "receiver") for one in session.each(TRANSFER, end, id)
                  if one["state"] == "under-way"}
        # The chief registry answers for the whole; what is held stays with whoever is left to answer for it.
        held = list_held(session.reads, unit=office.unit) if office.unit else []
        require_allowed(decision_of("close-registry", list(list_closing_reasons(
            office, open_offices(session), held=len(held), under_way=len(moving),
        ))))
        session.change(
            session.require(SUB_REGISTRY, id), closed_at=shown_at(session.at), closed_by=actor.id,
            closed_on=session.at.date().isoformat(), state="closed",
        )
        _owe_telling(registry, session, id)
        return {"registry": id}

    return commit_personal(registry, request, run, subject=id)


def _require_own_levels(registry: Registry, office: RegistryOffice) -> None:
    schemes = {id: scheme for id, scheme in load_schemes().items() if scheme.party == registry.party}
    for level in sorted(office.levels, key=str):
        if level.scheme not in schemes or level.name not in schemes[level.scheme].levels:
            raise Malformed(
                "topology.level-unknown", "{level} is not a level of our own", level=str(level),
                hint="write SCHEME:LEVEL of our own scheme",
            )


def _require_keepers(session: ActSession, keepers: tuple[str, ...]) -> None:
    if not keepers:
        raise Malformed("topology.keepers", "it is not said who serves there", hint="name them with --keeper")
    for id in keepers:
        person = require_person(session, id)
        if person.left_at is not None or not person.offices & _SERVES:
            require_allowed(decision_of("open-registry", [refusal(
                "topology.keeper-office", "{person} is no registrar of ours", person=person.id
            )]))


def _owe_telling(registry: Registry, session: ActSession, id: str) -> None:
    """Make it due to tell the partners of each agreement under which this registry is one that may receive."""
    for record in session.every(AGREEMENT):
        profile: dict[str, Any] = record.body.get("profile") or {}
        listed = [*profile.get("registries", ()), *record.body.get("registries", ())]
        if any((one["id"], one["party"]) == (id, registry.party) for one in listed):
            day, basis = answer_day(registry, session, record.id, ("registry.notify", registry.party))
            open_duty(session, duty_to_tell(record.id, id), what="tell-registry", owner=registry.party, subject=id,
                      due=Due(day or session.at.date(), basis=basis))


def _texts(fields: Fields, name: str, count: int) -> tuple[str, ...]:
    return fields.texts(name, max_count=count) if fields.has(name) else ()
