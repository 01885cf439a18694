"""Notices between authorities, as the books know them: what was told, what answered it, and which disputes are open.

A dispute is something to talk about. No rule looks here: what is refused stays refused, and what is due stays due.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cordiale.errors import OutOfOrder, Unverified
from cordiale.message.bodies.accord_notice import ANSWERS, AccordNotice, NoticeKind
from cordiale.model.names import PartyId
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.session import ActSession, Books

NOTICE: Final = "accord-notice"


def notices_of(books: Books, agreement: str) -> Iterator[Record]:
    """Yield every notice under `agreement`, by identifier."""
    after = ""
    while page := books.reads.find(NOTICE, "agreement", agreement, after=after):
        yield from map(open_record, page)
        after = page[-1].id


def enter_notice(session: ActSession, agreement: str, party: PartyId, body: AccordNotice) -> Record:
    """Enter what `party` tells under `agreement`, and note it on the notice that it answers.

    Raises `OutOfOrder` for an identifier that is known, and `Unverified` in the same words for an answer to a notice
    that is not there, of another agreement, or not theirs to answer.
    """
    if session.get(NOTICE, body.notice) is not None:
        raise OutOfOrder("notice.known", "a notice of this name was entered before", hint="nothing was changed")
    if body.kind in ANSWERS:
        _answer(session, agreement, party, body)
    members = {name: value for name, value in body.encode().items() if name != "notice"}
    return session.put(NOTICE, body.notice, {
        **members, "agreement": agreement, "at": shown_at(session.at), "party": party,
    }, expect=0)


def _answer(session: ActSession, agreement: str, party: PartyId, body: AccordNotice) -> None:
    about = session.get(NOTICE, body.about)
    if about is None or about["agreement"] != agreement or not _may_answer(about, party, body.kind):
        raise Unverified(
            "notice.not-shared", "there is no notice of this name that could be answered so",
            hint="nothing was entered; look at `cordiale accord show`",
        )
    answers: dict[str, Any] = about.body.get("answers", {})
    given = sorted({*answers.get(body.kind.value, []), party})
    session.change(about, answers={**answers, body.kind.value: given})
    if body.kind is not NoticeKind.DISPUTE_SETTLED:
        discharge(session, answer_duty(about.id, party), body.notice)


def _may_answer(about: Record, party: PartyId, kind: NoticeKind) -> bool:
    if kind is NoticeKind.DISPUTE_SETTLED:
        return bool(about["kind"] == NoticeKind.DISPUTE.value)
    is_theirs = about["party"] != party and about["kind"] not in {one.value for one in ANSWERS}
    return is_theirs and (kind is NoticeKind.ACKNOWLEDGED or about["kind"] == NoticeKind.LAW_CHANGED.value)


def is_settled(notice: Record, parties: list[str]) -> bool:
    """Tell whether every party has said that a dispute is settled."""
    return set(parties) <= set(notice.body.get("answers", {}).get(NoticeKind.DISPUTE_SETTLED.value, []))


def answer_duty(notice: str, party: PartyId) -> str:
    """Return the identifier of the duty of `party` to answer a notice."""
    return f"notice-answer.{party.lower()}.{notice}"


def await_answer(session: ActSession, body: AccordNotice, owner: PartyId, due: Due) -> None:
    """Enter that `owner` has to acknowledge a notice."""
    open_duty(session, answer_duty(body.notice, owner), what="notice-answer", owner=owner, subject=body.notice, due=due)


def owes_answer(body: AccordNotice) -> bool:
    """Tell whether a notice waits to be acknowledged."""
    return body.kind not in ANSWERS
