"""What parties owe each other about the agreement itself, as duties on its clock: an answer to a profile, a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.model.names import PartyId
from cordiale.model.party import NodeStatement
from cordiale.records.agreements import AGREEMENT, NATIONAL, changed_without, gone_of, is_profile_signed
from cordiale.records.answer_days import answer_day
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books


def duty_to_answer(agreement: str, version: int, owner: str) -> str:
    """Return the identifier of the duty of `owner` to answer version `version` of the profile of `agreement`."""
    return f"amendment-answer.{agreement}.{version}.{owner.lower()}"


def await_amendment(registry: Registry, session: ActSession, record: Record, *, owner: PartyId, message: str) -> None:
    """Enter that `owner` has to sign or decline the newest version in `record`; nothing where it has signed it.

    The clock is that of the agreement in effect: a first version has none, and is due without a day.
    """
    proposed = record.body.get("proposed") or record.body
    if owner in proposed["signatures"]:
        return
    day, basis = answer_day(registry, session, record.id, ("amendment.answer", owner))
    open_duty(
        session, duty_to_answer(record.id, int(proposed["profile"]["version"]), owner), what="amendment-answer",
        owner=owner, subject=record.id, due=Due(day, basis=basis, agreement=record.id, message=message),
    )


def close_amendment(session: ActSession, record: Record, proof: str) -> None:
    """Take the version that is proposed out of `record`; what is in effect stays so, and its number is used up."""
    proposed = record["proposed"]["profile"]
    session.change(record, closed=int(proposed["version"]), proposed=None)
    _settle(session, proposed, proof)


def wait_without(registry: Registry, session: ActSession, record: Record) -> None:
    """Let what is proposed in `record` wait no more for who has left; with that it may be in effect.

    Where we have left ourselves it is none of ours any more, and the others do not tell us what becomes of it.
    """
    proposed = record["proposed"]
    gone = gone_of(record.body, session.at.date())
    for party in sorted(gone):
        settle_signature(session, (record.id, int(proposed["profile"]["version"])), PartyId(party), session.act_id)
    if registry.party in gone:
        close_amendment(session, record, session.act_id)
        return
    changed = changed_without(record.body, proposed, session.at.date())
    if changed:
        session.change(record, **changed)
        _settle(session, proposed["profile"], session.act_id)


def waits_in_vain(registry: Registry, books: Books, record: Record) -> bool:
    """Tell whether what is proposed in `record` waits for who has left, or waits here where we have."""
    proposed = record.body.get("proposed")
    gone = gone_of(record.body, books.at.date()) if proposed is not None else frozenset()
    if proposed is None or not gone:
        return False
    version = int(proposed["profile"]["version"])
    duties = [books.get(DUTY, duty_to_answer(record.id, version, party)) for party in gone]
    is_owed = any(one is not None and one["state"] != "done" for one in duties)
    return is_owed or registry.party in gone or bool(changed_without(record.body, proposed, books.at.date()))


def settle_replaced(session: ActSession, replaced: Mapping[str, Any], by: int) -> None:
    """Discharge what is owed on a version that waited for signatures: version `by` was proposed in its place."""
    _settle(session, replaced["profile"], f"version {by}")


def settle_signature(session: ActSession, which: tuple[str, int], party: PartyId, proof: str) -> None:
    """Discharge the duty of `party` to answer the version `which` (agreement, number)."""
    discharge(session, duty_to_answer(*which, party), proof)


def _settle(session: ActSession, profile: Mapping[str, Any], proof: str) -> None:
    """Let nobody owe an answer to the version in `profile` any more."""
    for party in profile["parties"]:
        discharge(session, duty_to_answer(profile["agreement"], int(profile["version"]), party), proof)


def await_law_notice(registry: Registry, session: ActSession, version: int) -> None:
    """Enter, for every agreement whose profile is signed, that a changed national profile has to be told of."""
    if session.get(NATIONAL, registry.party) is None:
        return
    for record in session.every(AGREEMENT):
        if not is_profile_signed(record.body):
            continue
        day, basis = answer_day(registry, session, record.id, ("law-change.notify", registry.party))
        open_duty(
            session, f"tell-law-change.{record.id}.{version}", what="tell-law-change", owner=registry.party,
            subject=record.id, due=Due(day, basis=basis),
        )


def await_authority_notice(
    registry: Registry, session: ActSession, before: NodeStatement, after: NodeStatement
) -> None:
    """Enter, for every agreement whose profile is signed, that a changed authority or address has to be told of."""
    if _authorities(before) == _authorities(after) and before.endpoints == after.endpoints:
        return
    for record in session.every(AGREEMENT):
        if is_profile_signed(record.body):
            day, basis = answer_day(registry, session, record.id, ("authority.notify", registry.party))
            open_duty(
                session, f"tell-authority.{record.id}.{after.version}", what="tell-authority", owner=registry.party,
                subject=record.id, due=Due(day, basis=basis),
            )


def _authorities(statement: NodeStatement) -> set[tuple[str, str]]:
    return {(one.name, one.post) for one in statement.authorities}
