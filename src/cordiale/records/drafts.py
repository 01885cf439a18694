"""Drafts in the books: dated and marked from the first day, entered in the register as an item or destroyed in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import own_rules
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.terms import moment_from
from cordiale.rules.terms_here import own_terms
from cordiale.rules.workdays import Holidays
from cordiale.wire.person_json import parse_level_ref

DRAFT: Final = "draft"
_ACCOUNTABLE: Final = "draft.accountable"
_DESTROY: Final = "draft.destroy"


def enter_draft(registry: Registry, session: ActSession, id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Enter a draft, and open the duty to enter it in the register in time; return what is said of its time.

    Where no layer says how long a draft may be kept there is no day, and the answer says so.
    """
    session.put(DRAFT, id, {**body, "begun_at": shown_at(session.at), "state": "draft"}, expect=0)
    return _open(registry, session, (id, "draft-accountable", _ACCOUNTABLE), body)


def issue_draft(registry: Registry, session: ActSession, id: str, item: str) -> None:
    """Note that the draft has become `item`; what is left of it is destroyed within the time that a layer sets."""
    draft = require_draft(session, id, "draft")
    session.change(draft, issued_as=item, issued_at=shown_at(session.at), state="issued")
    discharge(session, f"draft-accountable.{id}", item)
    _open(registry, session, (id, "draft-destroy", _DESTROY), draft.body)


def destroy_draft(session: ActSession, id: str, *, method: str, by: str) -> Record:
    """Note that a draft, issued or not, was destroyed."""
    draft = require_draft(session, id, "draft", "issued")
    discharge(session, f"draft-accountable.{id}", session.act_id)
    discharge(session, f"draft-destroy.{id}", session.act_id)
    return session.change(
        draft, destroyed_at=shown_at(session.at), destroyed_by=by, method=method, state="destroyed"
    )


def require_draft(session: ActSession, id: str, *states: str) -> Record:
    """Return a draft that stands in one of `states`; raises `OutOfOrder` for any other."""
    draft = session.require(DRAFT, id)
    if draft["state"] not in states:
        raise OutOfOrder(
            "draft.state", "the draft is {state} already", hint="look at `cordiale draft list`", state=draft["state"]
        )
    return draft


def _open(
    registry: Registry, session: ActSession, which: tuple[str, str, str], draft: Mapping[str, Any]
) -> dict[str, Any]:
    id, what, name = which
    terms = own_terms(own_rules(registry, session), name, parse_level_ref(draft["level"]))
    # A draft is under no agreement, and no holidays are known: a count of working days ends sooner then, never later.
    ends = [(moment_from(term, session.at, Holidays(frozenset(), frozenset())), term.article) for term in terms]
    due, basis = min(ends, default=(None, ""))
    open_duty(session, f"{what}.{id}", what=what, owner=registry.party, subject=id, due=Due(
        on=due, basis=basis, person=draft["author"],
    ))
    return {"until": _shown(due), "basis": basis}


def _shown(due: datetime | None) -> str:
    return shown_at(due) if due is not None else ""
