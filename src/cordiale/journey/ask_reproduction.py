"""Ask for a reproduction: who may not make one hands the task over to the registry, which assigns or declines it."""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, require_allowed
from cordiale.limits import REPRODUCED_COUNT_MAX
from cordiale.model.agreement import Act
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import open_duty
from cordiale.records.items import ITEM
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.reproductions import ASKED_REPRODUCTION, asked_duty, close_asked
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.rules.offices import OfficialAct
from cordiale.rules.reproduction import REPRODUCTIONS


def ask(registry: Registry, request: Request) -> Answer:
    """Ask the registry for a copy, a translation or an extract; it is due there from then on."""
    fields = request.act.fields()
    item_id, act = fields.text("item"), fields.choice("act", Act)
    body: dict[str, Any] = {
        "act": act.value, "item": item_id, "language": fields.optional_text("language") or "",
        "number": fields.optional_integer("number", 1, REPRODUCED_COUNT_MAX) or 1, "purpose": fields.text("purpose"),
    }
    fields.end()
    if act not in REPRODUCTIONS:
        raise Malformed(
            "reproduction.task", "a task is to make copies, or one translation or extract, as file, paper or medium",
            hint="choose copy, translate or extract, and a number for copies only",
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_known(session, actor, session.require(ITEM, item_id), OfficialAct.REPRODUCE)
        session.put(ASKED_REPRODUCTION, request.act.id, {
            **body, "asked_at": shown_at(session.at), "asked_by": actor.id, "state": "asked",
        }, expect=0)
        open_duty(
            session, asked_duty(request.act.id), what="reproduce", owner=registry.party, subject=item.id, due=None
        )
        return {"item": item_id, "request": request.act.id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.REPRODUCE)
    return commit_personal(registry, request, hidden, subject=item_id)


def decline(registry: Registry, request: Request) -> Answer:
    """Decline what was asked for, as the registry, and say why."""
    fields = request.act.fields()
    asked_id, reason = fields.text("request"), fields.text("reason")
    fields.end()
    found = registry.record(ASKED_REPRODUCTION, asked_id)
    subject = found["item"] if found is not None else ""

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REPRODUCE))
        asked = close_asked(session, asked_id, state="declined", by=request.act.id, reason=reason)
        return {"item": asked["item"], "request": asked_id}

    hidden = hide_from_strangers(subject, run, OfficialAct.REPRODUCE)
    return commit_personal(registry, request, hidden, subject=subject)
