"""A changed profile that waits to be signed or declined, as a duty on the agreement's clock."""

from __future__ import annotations

from datetime import date

from cordiale.errors import CordialeError
from cordiale.model.names import PartyId
from cordiale.records.agreements import AGREEMENT, NATIONAL, is_profile_signed, load_index
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of


def duty_to_answer(agreement: str, version: int) -> str:
    """Return the identifier of the duty to answer version `version` of the profile of `agreement`."""
    return f"amendment-answer.{agreement}.{version}"


def await_amendment(registry: Registry, session: ActSession, record: Record, *, owner: PartyId, message: str) -> None:
    """Enter that `owner` has to sign or decline the version that is proposed in `record`; nothing without one."""
    proposed = record.body.get("proposed")
    if proposed is None:
        return
    day, basis = _last_day(registry, session, record.id, owner)
    open_duty(
        session, duty_to_answer(record.id, int(proposed["profile"]["version"])), what="amendment-answer", owner=owner,
        subject=record.id, due=Due(day, basis=basis, agreement=record.id, message=message),
    )


def _last_day(registry: Registry, session: ActSession, agreement: str, owner: PartyId) -> tuple[date | None, str]:
    """Return by when the agreement in effect asks for an answer, with its articles; no day where it says nothing."""
    try:
        index = load_index(session.reads, agreement, registry.party)
        terms = terms_of(index, "amendment.answer", party=owner)
        profile = index.state.profile
        if profile is None:
            return None, ""
        day = first_day(terms, session.at.date(), holidays_of(profile, index.state.parties))
    except CordialeError:
        # A period that cannot be counted stands as a duty without a day, which people see.
        return None, ""
    return day, "; ".join(dict.fromkeys(term.article for term in terms))


def close_amendment(session: ActSession, record: Record, proof: str) -> None:
    """Take the version that is proposed out of `record`; what is in effect stays so."""
    version = int(record["proposed"]["profile"]["version"])
    session.change(record, proposed=None)
    discharge(session, duty_to_answer(record.id, version), proof)


def settle_signed(session: ActSession, record: Record, proof: str) -> None:
    """Discharge the duty to answer the version that is in effect now."""
    discharge(session, duty_to_answer(record.id, int(record["profile"]["version"])), proof)


def await_law_notice(registry: Registry, session: ActSession, version: int) -> None:
    """Enter, for every agreement whose profile is signed, that a changed national profile has to be told of."""
    if session.get(NATIONAL, registry.party) is None:
        return
    for record in session.every(AGREEMENT):
        if not is_profile_signed(record.body):
            continue
        try:
            index = load_index(session.reads, record.id, registry.party)
            terms = terms_of(index, "law-change.notify", party=registry.party)
            profile = index.state.profile
            day = first_day(terms, session.at.date(), holidays_of(profile, index.state.parties)) if profile else None
        except CordialeError:
            day = None
        open_duty(
            session, f"tell-law-change.{record.id}.{version}", what="tell-law-change", owner=registry.party,
            subject=record.id, due=day,
        )
