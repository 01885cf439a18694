"""Draft: a working paper is dated and marked, becomes an item when it is issued or kept too long, or is destroyed.

It has no number and leaves by no way: what is released is an item.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, require_allowed
from cordiale.limits import SHEETS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.drafts import DRAFT, destroy_draft, enter_draft
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for


def enter(registry: Registry, request: Request) -> Answer:
    """Enter a draft or working paper with its level, as its author."""
    fields = request.act.fields()
    level = parse_level_ref(fields.text("level"))
    body: dict[str, Any] = {
        "author": request.person.id, "form": fields.choice("form", ItemForm).value, "level": str(level),
        "title": fields.text("title"),
    }
    if fields.has("sheets"):
        body["sheets"] = fields.integer("sheets", 1, SHEETS_COUNT_MAX)
    fields.end()
    scheme = schemes_for(registry.mode, load_schemes()).get(level.scheme)
    if scheme is None or scheme.party != registry.party or level.name not in scheme.levels:
        raise Malformed(
            "draft.level", "the level `{level}` is not one of our own", hint="mark it in your own national scheme",
            level=str(level),
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.LABEL))
        return {"draft": request.act.id, **enter_draft(registry, session, request.act.id, body)}

    return commit_personal(registry, request, run, subject=request.act.id)


def destroy(registry: Registry, request: Request) -> Answer:
    """Enter that a draft was destroyed, as its author or as a registrar."""
    fields = request.act.fields()
    id, method = fields.text("draft"), fields.text("method")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        known = session.get(DRAFT, id)
        if known is None or known["author"] != actor.id:
            office = decide_office_now(session, actor, OfficialAct.DESTROY)
            require_allowed(decision_of("draft", [refusal("draft.other-author", "the draft is another person's")])
                            if not office.is_allowed else office)
        destroy_draft(session, id, method=method, by=actor.id)
        return {"draft": id}

    return commit_personal(registry, request, run, subject=id)
