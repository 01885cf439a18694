"""Which protocol and suite two nodes use: the highest that both accept, and never less than before.

A statement lists what a node accepts, so a third party that sits between the
nodes cannot talk them down. What remains is a partner that offers less than it
used to: that is refused until people have agreed on it (a new profile lowers
what is demanded, a person at the node resets what was used).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.errors import require_allowed
from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.party import NodeStatement

SUITE_STRENGTHS: Final[Mapping[str, int]] = MappingProxyType({"1": 1})
"""How strong each suite is that this software knows; a suite it does not know counts for nothing."""

PROTOCOLS: Final = (1,)
"""The versions of the message form that this software speaks."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A protocol version and a suite."""

    protocol: int
    suite: str


def negotiate(
    own: NodeStatement, peer: NodeStatement, *, floors: tuple[Terms, ...] = (),
    strengths: Mapping[str, int] = SUITE_STRENGTHS,
) -> Terms:
    """Return the terms on which `own` speaks to `peer`: the highest protocol and the strongest suite in common.

    `floors` are terms it may not fall below: what the agreement demands, what was used before with this peer.
    Raises `Refused` with every reason: nothing in common, or less than a floor.
    """
    protocols = set(own.protocols) & set(peer.protocols)
    suites = set(own.suites) & set(peer.suites) & set(strengths)
    reasons = []
    if not protocols:
        reasons.append(refusal(
            "negotiation.no-protocol", "{own} and {peer} speak no version of the protocol in common",
            own=own.node, peer=peer.node,
        ))
    if not suites:
        reasons.append(refusal(
            "negotiation.no-suite", "{own} and {peer} have no suite in common", own=own.node, peer=peer.node
        ))
    if reasons:
        require_allowed(decision_of("negotiate", reasons))
    terms = Terms(max(protocols), max(suites, key=lambda suite: strengths[suite]))
    require_allowed(decide_terms(terms, floors=floors, strengths=strengths))
    return terms


def decide_terms(
    terms: Terms, *, floors: tuple[Terms, ...], strengths: Mapping[str, int] = SUITE_STRENGTHS
) -> Decision:
    """Decide whether `terms` are at least every one of `floors`. Of suites only the known ones compare."""
    reasons: list[Reason] = []
    for floor in floors:
        if terms.protocol < floor.protocol:
            reasons.append(refusal(
                "negotiation.protocol-downgrade",
                "protocol {found} is lower than protocol {floor}, agreed or used before",
                found=str(terms.protocol), floor=str(floor.protocol),
            ))
        if not _is_at_least(terms.suite, floor.suite, strengths):
            reasons.append(refusal(
                "negotiation.suite-downgrade",
                "suite {found} is weaker than suite {floor}, agreed or used before",
                found=terms.suite, floor=floor.suite,
            ))
    return decision_of("negotiate", reasons)


def _is_at_least(suite: str, floor: str, strengths: Mapping[str, int]) -> bool:
    # A suite that is unknown here cannot be compared, on either side, so it is enough only for itself.
    if suite == floor:
        return True
    return suite in strengths and floor in strengths and strengths[suite] > strengths[floor]
