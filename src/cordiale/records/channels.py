"""Whether an agreement covers what comes through a channel of its own, as all our agreements say together."""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.model.agreement import AgreementState
from cordiale.model.decision import Reason
from cordiale.model.names import PartyId
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.rules.channels import covering, list_channel_reasons


def channel_reasons(
    registry: Registry, books: Books, item: Record, towards: tuple[AgreementState, PartyId]
) -> Iterator[Reason]:
    """Yield why an agreement does not cover the channel that `item` comes through to a party, where it has one.

    `towards` is the agreement and that party. Any other agreement of these two goes before, whoever else is in either.
    """
    state, recipient = towards
    channel = str(item.body.get("channel", ""))
    if channel:
        others = (
            load_index(books.reads, other.id, registry.party, recipient).state
            for other in books.every(AGREEMENT) if other.id != state.id
        )
        yield from list_channel_reasons(
            channel, state, covering(channel, frozenset({registry.party, recipient}), others)
        )
