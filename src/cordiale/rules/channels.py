"""Whether an agreement covers what comes through a channel of its own: intelligence services, police, prosecutors.

Texts differ: some leave such a channel out (Switzerland-Denmark Art. 3.4,
Switzerland-Czech Republic Art. 1(2)), some take it in unless another agreement
governs it (Switzerland-Poland Art. 4(6), Switzerland-Luxembourg Art. 1.4). An item
without a flag comes through none; of a flag that the text does not name it
cannot be told whether the item is covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cordiale.model.agreement import AgreementState, Stage
from cordiale.model.agreement_rows import ChannelRule, Covered
from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.model.names import AgreementId, PartyId

_STANDING = frozenset({Stage.IN_FORCE, Stage.PROVISIONAL})


def covering(
    channel: str, parties: frozenset[PartyId], others: Iterable[AgreementState]
) -> tuple[AgreementId, ...]:
    """Return those of `others` that stand between `parties` and say that they cover `channel`."""
    return tuple(sorted(
        state.id for state in others
        if parties <= set(state.parties) and state.stage in _STANDING
        and any(row.covered is not Covered.NOT for row in _said(state, channel))
    ))


def list_channel_reasons(
    channel: str, state: AgreementState, others: tuple[AgreementId, ...]
) -> Iterator[Reason]:
    """Yield why what comes through `channel` is not exchanged under the agreement; `others` is what `covering` gave.

    An empty `channel` is none, and nothing is asked.
    """
    if not channel or state.profile is None:
        return
    rows = _said(state, channel)
    if not rows:
        yield undecidable(
            "channel.unsaid", "the agreement does not say whether it covers what comes through the channel {channel}",
            channel=channel,
        )
    for row in rows:
        if row.covered is Covered.NOT:
            yield refusal(
                "channel.not-covered", "the agreement does not cover what comes through the channel {channel}",
                row.article, channel=channel,
            )
        elif row.covered is Covered.UNLESS_OTHER and others:
            yield refusal(
                "channel.other-agreement", "what comes through the channel {channel} is governed by {agreements}",
                row.article, channel=channel, agreements=", ".join(others),
            )


def _said(state: AgreementState, channel: str) -> tuple[ChannelRule, ...]:
    return tuple(row for row in state.profile.channels if row.channel == channel) if state.profile else ()
