"""What the host's answer does to a visit, the same at both nodes.

An answer is to one version of a request: the request itself, number 0, or an
amendment. Until an amendment is approved the version before it stands, so that
an approval and an amendment may cross on their way. An answer that crosses the
end of the visit is entered as well, so that both name the same version, and
revives nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from cordiale.errors import OutOfOrder, Unverified
from cordiale.records.record import Record
from cordiale.records.session import ActSession
from cordiale.records.visits import visitors_of

_OPEN = ("asked", "approved", "refused")
_WAITING = ("asked", "approved")


def version_asked(visit: Record) -> int | None:
    """Return the number of the version that waits for an answer, None where none does."""
    if visit["state"] not in _WAITING:
        return None
    pending = visit.body.get("pending")
    if pending is not None:
        return int(pending["number"])
    return int(visit["base"]) if visit["state"] == "asked" else None


def apply_answer(session: ActSession, visit: Record, number: int, answer: tuple[set[str], str]) -> Record:
    """Return `visit` after the answer to its version `number`: the visitors approved, and the message answered.

    Nobody approved means refused. Raises `OutOfOrder` where that version waits for no answer, and `Unverified`
    where somebody is approved who was not asked for, or another message is answered.
    """
    approved, message = answer
    pending = visit.body.get("pending")
    is_amendment = pending is not None and number == pending["number"]
    if not (is_amendment or (number == visit["base"] and _is_unanswered(visit))) or (
        visit["state"] not in (*_WAITING, "cancelled")
    ):
        raise OutOfOrder("visit.answered", "this request was answered before, or is no longer asked",
                         hint="look at `cordiale visit show`")
    asked = pending if is_amendment and pending is not None else visit.body
    if message not in ("", pending["message"] if is_amendment and pending is not None else visit["request"]):
        raise Unverified("visit.other-request", "the answer is to another message", hint="nothing was entered")
    if not approved <= set(asked["visitors"]):
        raise Unverified("visit.approves-others", "somebody is approved who was not asked for",
                         hint="nothing was entered; ask the partner whom it means")
    if is_amendment and not approved:
        return _decline_amendment(session, visit, asked["visitors"])
    _mark(session, asked["visitors"], approved)
    state = "cancelled" if visit["state"] == "cancelled" else "approved" if approved else "refused"
    if not is_amendment:
        return session.change(visit, state=state)
    _drop(session, set(visit["visitors"]) - set(asked["visitors"]))
    return session.change(
        visit, base=number, first_day=asked["first_day"], last_day=asked["last_day"], pending=None, state=state,
        visitors=asked["visitors"],
    )


def _is_unanswered(visit: Record) -> bool:
    return visit["state"] == "asked" or (visit["state"] == "cancelled" and "answered_at" not in visit.body)


def _decline_amendment(session: ActSession, visit: Record, asked: list[str]) -> Record:
    """What was approved stands; a visit that never was is refused with its amendment."""
    if visit["state"] == "asked":
        _mark(session, {*asked, *visit["visitors"]}, set())
        return session.change(visit, pending=None, state="refused")
    _mark(session, set(asked) - set(visit["visitors"]), set())
    return session.change(visit, pending=None)


def _mark(session: ActSession, visitors: Iterable[str], approved: set[str]) -> None:
    for record in visitors_of(session, sorted(visitors)):
        state = "approved" if record.id in approved else "refused"
        if record["state"] in _OPEN and record["state"] != state:
            session.change(record, state=state)


def _drop(session: ActSession, visitors: set[str]) -> None:
    for record in visitors_of(session, sorted(visitors)):
        if record["state"] in _OPEN:
            session.change(record, state="cancelled")
