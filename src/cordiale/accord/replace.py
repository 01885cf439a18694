"""Replace: who holds the rights of an originator that is not there any more; entered by one, confirmed by another.

What governments have agreed of it is entered as they said it. Who is named here is asked for consent in the place of
the former party: the two persons see the instrument, and neither is alone with it.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.members import read_line
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, is_profile_signed, require_shared
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge, open_duty
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.successions import (
    CONFIRMED,
    ENDED,
    PROPOSED,
    SUCCESSION,
    originators_by,
    standing_map,
    succession_of,
)
from cordiale.records.told_instead import owe_anew
from cordiale.rules.offices import OfficialAct
from cordiale.rules.succession import Succession, list_entry_reasons
from cordiale.wire.person_json import parse_day

_STANDS: Final = (PROPOSED, CONFIRMED)


def enter_succession(registry: Registry, request: Request) -> Answer:
    """Enter that `successor` has the rights of `former` as an originator from a day on; another person confirms it."""
    fields = request.act.fields()
    entry = Succession(
        parse_party_id(fields.text("former")), parse_party_id(fields.text("successor")), parse_day(fields.text("on")),
        read_line(fields, "article"),
    )
    agreement = fields.optional_text("agreement") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        _require_fit(registry, session, entry, agreement)
        session.put(SUCCESSION, request.act.id, {
            "agreement": agreement, "article": entry.article, "former": entry.former, "on": entry.on.isoformat(),
            "proposed_at": shown_at(session.at), "proposed_by": actor.id, "state": PROPOSED,
            "successor": entry.successor,
        }, expect=0)
        open_duty(session, _duty(request.act.id), what="confirm-succession", owner=registry.party,
                  subject=request.act.id, due=None)
        return {"former": entry.former, "succession": request.act.id, "successor": entry.successor}

    return commit_personal(registry, request, run, subject=entry.former)


def confirm_succession(registry: Registry, request: Request) -> Answer:
    """Confirm what another person entered of a successor; from its day on the successor is asked."""
    fields = request.act.fields()
    id = fields.text("succession")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_PARTNER))
        record = session.require(SUCCESSION, id)
        require_allowed(decision_of("confirm-succession", [refusal(
            "succession.same-person", "whoever entered it does not confirm it"
        )] if record["proposed_by"] == actor.id else []))
        _require_state(record, PROPOSED)
        _require_fit(registry, session, succession_of(record), record["agreement"], beside=id)
        discharge(session, _duty(id), request.act.id)
        session.change(record, confirmed_at=shown_at(session.at), confirmed_by=actor.id, state=CONFIRMED)
        return {"former": record["former"], "succession": id, "successor": record["successor"]}

    return commit_personal(registry, request, run, subject=id)


def end_succession(registry: Registry, request: Request) -> Answer:
    """Take back what was entered of a successor: it is asked no more, and what it consented to counts no more.

    What it was told meanwhile is due to be told to whom it is owed without this entry.
    """
    fields = request.act.fields()
    id, reason = fields.text("succession"), read_line(fields, "reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_PARTNER))
        record = session.require(SUCCESSION, id)
        _require_state(record, *_STANDS)
        discharge(session, _duty(id), request.act.id)
        followed = originators_by(session, id)
        session.change(record, ended_at=shown_at(session.at), ended_by=actor.id, reason=reason, state=ENDED)
        owe_anew(registry, session, id, followed)
        return {"former": record["former"], "succession": id}

    return commit_personal(registry, request, run, subject=id)


def _duty(succession: str) -> str:
    return f"confirm-succession.{succession}"


def _require_state(record: Record, *states: str) -> None:
    if record["state"] not in states:
        raise OutOfOrder(
            "succession.settled", "this entry waits for nobody", hint="look at `cordiale succession list`"
        )


def _require_fit(
    registry: Registry, session: ActSession, entry: Succession, agreement: str, *, beside: str = ""
) -> None:
    """Raise unless the entry fits those that stand, and the successor can be asked under a signed agreement with us."""
    others = [succession_of(one) for one in standing_map(session, *_STANDS) if one.id != beside]
    require_allowed(decision_of("enter-succession", list_entry_reasons(entry, others, registry.party)))
    if entry.successor == registry.party:
        if agreement:
            raise OutOfOrder(
                "succession.agreement", "we follow under no agreement with ourselves", hint="leave the agreement out"
            )
        return
    record = require_shared(session.get(AGREEMENT, agreement), entry.successor)
    if not is_profile_signed(record.body):
        raise OutOfOrder(
            "succession.not-signed", "the successor is asked under an agreement that all have signed",
            hint="have its profile signed first",
        )
