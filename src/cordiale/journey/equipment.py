"""Devices and media: set aside and registered before anything is made on them, and accounted for to their end."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.names import parse_identifier
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.equipment import DEVICE, MEDIUM
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for


def register_device(registry: Registry, request: Request) -> Answer:
    """Set a device aside for reproduction, with the highest level it is labelled with."""
    fields = request.act.fields()
    id, kind = parse_identifier(fields.text("device")), fields.text("kind")
    level = parse_level_ref(fields.text("level"))
    fields.end()
    scheme = schemes_for(registry.mode, load_schemes()).get(level.scheme)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_EQUIPMENT))
        if scheme is None or scheme.party != registry.party or level.name not in scheme.levels:
            raise OutOfOrder(
                "device.level", "the level `{level}` is not one of our own schemes",
                hint="label the device in your own national scheme", level=str(level),
            )
        if session.get(DEVICE, id) is not None:
            raise OutOfOrder("device.known", "there is a device of this name already", hint="choose another name")
        session.put(DEVICE, id, {
            "kind": kind, "level": str(level), "set_aside_at": shown_at(session.at), "set_aside_by": actor.id,
            "state": "in-use",
        }, expect=0)
        return {"device": id, "level": str(level)}

    return commit_personal(registry, request, run, subject=id)


def withdraw_device(registry: Registry, request: Request) -> Answer:
    """Take a device out of use, saying what became of what stayed in it."""
    return _end(registry, request, DEVICE, "device")


def register_medium(registry: Registry, request: Request) -> Answer:
    """Register a medium before anything is written on it."""
    fields = request.act.fields()
    id, kind = parse_identifier(fields.text("medium")), fields.text("kind")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_EQUIPMENT))
        if session.get(MEDIUM, id) is not None:
            raise OutOfOrder("medium.known", "there is a medium of this name already", hint="choose another name")
        session.put(MEDIUM, id, {
            "held": [], "kind": kind, "registered_at": shown_at(session.at), "registered_by": actor.id,
            "state": "in-use",
        }, expect=0)
        return {"medium": id}

    return commit_personal(registry, request, run, subject=id)


def end_medium(registry: Registry, request: Request) -> Answer:
    """Enter that a medium was destroyed, and how; nothing else ends the level it has."""
    return _end(registry, request, MEDIUM, "medium")


def _end(registry: Registry, request: Request, kind: str, name: str) -> Answer:
    fields = request.act.fields()
    id, method = fields.text(name), fields.text("method")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_EQUIPMENT))
        record = session.require(kind, id)
        if record["state"] != "in-use":
            raise OutOfOrder(
                "equipment.ended", "{name} is no longer in use", hint="look at the list", name=id[:80]
            )
        session.change(record, ended_at=shown_at(session.at), ended_by=actor.id, method=method, state="ended")
        return {name: id, "held": record.body.get("held", [])}

    return commit_personal(registry, request, run, subject=id)
