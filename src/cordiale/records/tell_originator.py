"""Telling an originator of its items: itself, or whoever holds its rights today; where nobody can be told, people are.

Who follows an originator may never have had the item: it is told under our agreement with it, by the name of the
originator, and answers nothing.
"""

from __future__ import annotations

from typing import Final

from cordiale.errors import OutOfOrder, Undecidable
from cordiale.message.bodies.in_succession import InSuccession, Told
from cordiale.model.names import PartyId
from cordiale.records.correspondence import Letter, Posted, post
from cordiale.records.duties import open_duty
from cordiale.records.partners import require_partner
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.successions import rights_of

UNTOLD: Final = "tell-originator"


def untold_duty(subject: str) -> str:
    """Return the identifier of the duty to tell an originator of `subject` by another way than the node's."""
    return f"{UNTOLD}.{subject}"


def require_told(registry: Registry, books: Books, party: str) -> None:
    """Raise as `require_partner` does where neither the originator `party` nor whoever follows it can be told now."""
    holder = rights_of(books, party)
    told = holder.party if holder is not None else party
    if told != registry.party:
        require_partner(books.reads, told, mode=registry.mode, now=books.at)


def can_be_told(registry: Registry, books: Books, party: str) -> bool:
    """Tell whether `require_told` raises nothing."""
    try:
        require_told(registry, books, party)
    except (OutOfOrder, Undecidable):
        return False
    return True


def post_to_originator(
    registry: Registry, session: ActSession, to: tuple[str, str], body: Told, *, after: tuple[str, ...] = (),
    version: int | None = None,
) -> Posted | None:
    """Tell the originator of `to` under its agreement, or whoever follows it; None where the rights are ours.

    `version` is that of the agreement with the originator itself, today's without one. `after` is what it follows.

    Raises as `require_partner` does where whoever is to be told is no partner, or has no valid statement.
    """
    party, agreement = to
    holder = rights_of(session, party)
    if holder is not None and holder.party == registry.party:
        return None
    told = holder.party if holder is not None else party
    partner = require_partner(session.reads, told, mode=registry.mode, now=session.at).statement
    if holder is None:
        return post(registry, session, Letter(
            partner=partner, body=body, agreement=agreement, after=after,
            version=version_of(session, agreement) if version is None else version,
        ))
    return post(registry, session, Letter(
        partner=partner, body=InSuccession(PartyId(party), body), agreement=holder.agreement,
        version=version_of(session, holder.agreement),
    ))


def tell_originator(
    registry: Registry, session: ActSession, to: tuple[str, str], body: Told, *, subject: str,
    after: tuple[str, ...] = (),
) -> Posted | None:
    """Do what `post_to_originator` does; where the node can tell nobody, make it due that people do."""
    try:
        return post_to_originator(registry, session, to, body, after=after)
    except (OutOfOrder, Undecidable):
        await_letter(registry, session, subject)
        return None


def await_letter(registry: Registry, session: ActSession, subject: str) -> None:
    """Make it due that people tell an originator of `subject`: the node cannot, and nobody follows it."""
    open_duty(session, untold_duty(subject), what=UNTOLD, owner=registry.party, subject=subject,
              due=session.at.date())
