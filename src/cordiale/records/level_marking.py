"""Marking what bears an old level: a duty of the registrar, on the clock on which the originator is answered."""

from __future__ import annotations

from cordiale.canonical import parse_instant
from cordiale.model.agreement import Act
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.answer_days import answer_day
from cordiale.records.duties import Due, discharge, due_day, open_duty
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.layers import Scope
from cordiale.wire.person_json import parse_level_ref


def answered_by(
    registry: Registry, session: ActSession, change: Record, between: tuple[str, str, PartyId]
) -> tuple[Due, ...]:
    """Return by when a holder answers for its copies: the rule and the term that say so, each as its own.

    `between` is the agreement, the issuer of the change and the holder. Empty where no layer says anything.
    """
    agreement, issuer, holder = between
    scope = Scope(PartyId(issuer), holder, parse_level_ref(change["before"]), holder)
    index = load_index(session.reads, agreement, registry.party)
    ruled = due_day(index, Act.CHANGE_LEVEL, scope, parse_instant(change["effective_at"]).date())
    said, basis = answer_day(registry, session, agreement, ("level.acknowledge", holder))
    return tuple(Due(day, basis=why) for day, why in ((ruled, ""), (said, basis)) if day is not None)


def first_of(days: tuple[Due, ...]) -> Due:
    """Return the earliest of `days`; one without a day where there is none."""
    return min(days, key=lambda one: str(one.on), default=Due())


def end_marking(session: ActSession, change: str, proof: str) -> None:
    """Let nothing be due any more for the marks of `change`."""
    discharge(session, _duty(change), proof)


def owe_marking(registry: Registry, session: ActSession, change: Record, *, is_left: bool) -> None:
    """Make it due that a registrar marks what still bears the old mark, or let that end when nothing does."""
    if not is_left:
        end_marking(session, change.id, f"{session.log} {session.index}")
        return
    days = answered_by(registry, session, change, (change["agreement"], change["issuer"], registry.party)) if (
        change["direction"] == "in" and change["issuer"] != registry.party
    ) else ()
    open_duty(
        session, _duty(change.id), what="mark-level", owner=registry.party, subject=change["item"], due=first_of(days),
    )


def _duty(change: str) -> str:
    return f"level-mark.{change}"
