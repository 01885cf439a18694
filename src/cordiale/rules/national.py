"""What speaks for an item: the layers of an agreement, or national law alone.

A party's own item is judged by its own law, whatever agreement it may later be
released under; a foreign item by the agreement it came under. Both answer the
same questions, so the rules ask them in one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cordiale.model.agreement import AccessRule, Act, Equivalence, NationalProfile
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId
from cordiale.rules.layers import SILENT, LayerOutcome, Scope, resolve, rules_in_force


class Rules(Protocol):
    """The questions that access, reproduction and disposal put; `RuleIndex` and `NationalRules` answer them."""

    def outcome(self, act: Act, scope: Scope) -> LayerOutcome:
        """Return what is said of `act` in `scope`."""
        ...

    def access(self, party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
        """Return the rules a person of `party` must all meet for `level`; empty where nothing is decided."""
        ...

    def equivalence(self, source: LevelRef, *, recipient: PartyId, on: date) -> Equivalence | None:
        """Return the row for `source` towards `recipient` on the day `on`, None where nothing is said."""
        ...

    def scheme(self, scheme: str) -> Scheme | None:
        """Return the scheme named `scheme`, None where it is not known."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class NationalRules:
    """The law of `party` for its own items. `profile` None means that it has not been entered."""

    party: PartyId
    profile: NationalProfile | None
    schemes: tuple[Scheme, ...]

    def outcome(self, act: Act, scope: Scope) -> LayerOutcome:
        """Return what the national profile says of `act` on the party's own items of the scope's level."""
        if self.profile is None or not self.party == self.profile.party == scope.provider:
            return SILENT
        return resolve((), rules_in_force(self.profile.acts, act, scope), at_party=self.party)

    def access(self, party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
        """Return the national rules a person must all meet for `level`; empty where nothing is decided."""
        if self.profile is None or not self.party == self.profile.party == party:
            return ()
        return tuple(rule for rule in self.profile.access if rule.party == party and rule.level == level)

    def equivalence(self, source: LevelRef, *, recipient: PartyId, on: date) -> Equivalence | None:
        """Return None: national law says nothing of another party's levels."""
        return None

    def scheme(self, scheme: str) -> Scheme | None:
        """Return the party's scheme named `scheme`, None where it has no such scheme."""
        return next((known for known in self.schemes if known.id == scheme), None)


def rank_in(rules: Rules, level: LevelRef) -> int | None:
    """Return the rank of `level` in its own scheme, 0 the lowest; None where the scheme gives it none.

    Ranks of two schemes are never compared: there is no ladder above the schemes.
    """
    scheme = rules.scheme(level.scheme)
    if scheme is None or not scheme.ordered or level.name not in scheme.levels:
        return None
    return scheme.levels.index(level.name)


def dominates(rules: Rules, higher: LevelRef, lower: LevelRef) -> bool | None:
    """Tell whether `higher` is at least `lower` in the one scheme of both; None where it cannot be told."""
    if higher.scheme != lower.scheme:
        return None
    above, below = rank_in(rules, higher), rank_in(rules, lower)
    return None if above is None or below is None else above >= below
