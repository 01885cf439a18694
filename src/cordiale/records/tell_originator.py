"""Telling an originator of its items: itself, or whoever holds its rights today; where nobody can be told, people are.

Who follows an originator may never have had the item: it is told under our agreement with it, by the name of the
originator, and answers nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from cordiale.errors import OutOfOrder, Undecidable, Unverified
from cordiale.message.bodies.in_succession import InSuccession, Told
from cordiale.model.names import PartyId
from cordiale.records.correspondence import BODY_TYPES_BY_CLASS, Letter, Posted, post
from cordiale.records.duties import open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.successions import TOLD, TOLD_INSTEAD, RightsHolder, rights_of
from cordiale.rules.refused_messages import SEEN_TO

UNTOLD: Final = "tell-originator"


def untold_duty(subject: str) -> str:
    """Return the identifier of the duty to tell an originator of `subject` by another way than the node's."""
    return f"{UNTOLD}.{subject}"


def told_party(books: Books, party: str) -> PartyId:
    """Return which party is told what concerns the originator `party`: itself, or whoever follows it today."""
    holder = rights_of(books, party)
    return holder.party if holder is not None else PartyId(party)


def require_told(registry: Registry, books: Books, party: str) -> None:
    """Raise as `require_partner` does where neither the originator `party` nor whoever follows it can be told now."""
    told = told_party(books, party)
    if told != registry.party:
        require_partner(books.reads, told, mode=registry.mode, now=books.at)


def can_be_told(registry: Registry, books: Books, party: str) -> bool:
    """Tell whether `require_told` raises nothing."""
    try:
        require_told(registry, books, party)
    except (OutOfOrder, Undecidable):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Thread:
    """What a letter to an originator itself follows (`after`) and answers, and under which version it stands.

    `version` None means that of the agreement today. `is_told` says that the originator has had the same in its own
    name: nobody owes it again, should another be found to hold its rights.
    """

    after: tuple[str, ...] = ()
    in_reply_to: str = ""
    version: int | None = None
    is_told: bool = False


_PLAIN: Final = Thread()


def post_to_originator(
    registry: Registry, session: ActSession, to: tuple[str, str], body: Told, *, thread: Thread = _PLAIN
) -> Posted | None:
    """Tell the originator of `to` under its agreement, or whoever follows it; None where the rights are ours.

    Raises as `require_partner` does where whoever is to be told is no partner, or has no valid statement.
    """
    party, agreement = to
    holder = rights_of(session, party)
    if holder is not None and holder.party == registry.party:
        if not thread.is_told:
            _note_instead(session, (party, holder), registry.fresh_id("told"), _about(body, thread))
        return None
    partner = require_partner(session.reads, told_party(session, party), mode=registry.mode, now=session.at).statement
    if holder is None:
        return post(registry, session, Letter(
            partner=partner, body=body, agreement=agreement, after=thread.after, in_reply_to=thread.in_reply_to,
            version=version_of(session, agreement) if thread.version is None else thread.version,
        ))
    posted = post(registry, session, Letter(
        partner=partner, body=InSuccession(PartyId(party), (body,)), agreement=holder.agreement,
        version=version_of(session, holder.agreement),
    ))
    if not thread.is_told:
        _note_instead(session, (party, holder), posted.id, _about(body, thread))
    return posted


def _about(body: Told, thread: Thread) -> tuple[str, str]:
    """Return the type of `body` and the name of what it is about."""
    name = BODY_TYPES_BY_CLASS[type(body)].name
    member = SEEN_TO[name].about
    return name, str(getattr(body, member)) if member else thread.in_reply_to


def _note_instead(session: ActSession, whose: tuple[str, RightsHolder], id: str, what: tuple[str, str]) -> None:
    """Note what whoever holds the rights is told in the place of an originator: the entry may be taken back."""
    originator, holder = whose
    session.put(TOLD_INSTEAD, id, {
        "about": what[1], "at": shown_at(session.at), "by": list(holder.entries), "originator": originator,
        "party": holder.party, "state": TOLD, "type": what[0],
    }, expect=0)


def tell_originator(
    registry: Registry, session: ActSession, to: tuple[str, str, str], body: Told, *, thread: Thread = _PLAIN
) -> Posted | None:
    """Do what `post_to_originator` does for the party and agreement of `to`; where nobody can be told, people are to.

    The third of `to` is what it is about.
    """
    try:
        return post_to_originator(registry, session, to[:2], body, thread=thread)
    except (OutOfOrder, Undecidable):
        await_letter(registry, session, to[2])
        return None


def answer_order(
    registry: Registry, session: ActSession, to: tuple[str, str, str], body: Told, *, thread: Thread = _PLAIN
) -> None:
    """Do what `tell_originator` does, and answer the party of `to` itself, too, where another holds its rights by now.

    Whoever gave an order waits for what became of it.
    """
    party, agreement, _ = to
    if rights_of(session, party) is not None:
        with suppress(OutOfOrder, Undecidable):
            partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
            post(registry, session, Letter(
                partner=partner, body=body, agreement=agreement, in_reply_to=thread.in_reply_to,
                version=version_of(session, agreement),
            ))
            thread = replace(thread, is_told=True)
    tell_originator(registry, session, to, body, thread=thread)


def await_letter(registry: Registry, session: ActSession, subject: str) -> None:
    """Make it due that people tell an originator of `subject`: the node cannot, and nobody follows it."""
    open_duty(session, untold_duty(subject), what=UNTOLD, owner=registry.party, subject=subject,
              due=session.at.date())


def is_with(books: Books, item: Record, whom: tuple[str, str]) -> bool:
    """Tell whether the party of `whom`, under its agreement, is told of `item`: as originator or in its place."""
    holder = rights_of(books, item["origin_party"]) if "agreement" in item.body else None
    if holder is not None:
        return (str(holder.party), holder.agreement) == whom
    return (item["origin_party"], item.body.get("agreement")) == whom


def require_ours(registry: Registry, books: Books, originator: str) -> None:
    """Raise `Unverified` unless our own map says that we hold the rights of `originator` today."""
    holder = rights_of(books, originator)
    if holder is None or holder.party != registry.party:
        raise Unverified(
            "succession.not-ours", "the partner tells us of items of an originator that we do not follow",
            hint="nothing was entered; tell the competent authority",
        )
