"""The layers worked out once, so that a decision is a look-up.

A `RuleIndex` belongs to one `AgreementState` and is made anew when the state
changes. It answers exactly as the functions of `cordiale.rules.layers` do; the
tests hold the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from cordiale.model.agreement import AccessRule, Act, ActRule, AgreementState, Equivalence, Profile
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId
from cordiale.rules.layers import (
    SILENT,
    LayerOutcome,
    Scope,
    access_rules_for,
    has_ended,
    is_current,
    levels_of,
    national_of,
    resolve,
    rules_from,
    rules_in_force,
    rulings_for,
)
from cordiale.rules.workdays import Holidays, holidays_of

# Texts only, because they carry their hash with them and dataclasses do not.
_ScopeKey: TypeAlias = tuple[str, str, str, str, str, str]
_RowKey: TypeAlias = tuple[str, str, str]

_NO_ROWS: Final[tuple[Equivalence, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RuleIndex:
    """Everything the layers of `state` say, ready to be looked up. Equal only to itself."""

    state: AgreementState
    _outcomes: Mapping[_ScopeKey, LayerOutcome]
    _rows: Mapping[_RowKey, tuple[Equivalence, ...]]
    _access: Mapping[_RowKey, tuple[AccessRule, ...]]
    _caps: Mapping[tuple[str, str], tuple[LevelRef, str]]
    _schemes: Mapping[str, Scheme]
    holidays: Holidays
    """Those of all parties together, as entered in the profile; none before one is signed."""

    def outcome(self, act: Act, scope: Scope, *, on: date | None = None) -> LayerOutcome:
        """Return what the layers say of `act` in `scope`; see `cordiale.rules.layers.rulings_for`."""
        if has_ended(self.state, on) and _speaks_of_end(self.state, act):
            return rulings_for(self.state, act, scope, on=on)
        level = scope.level
        key = (act, scope.provider, scope.recipient, scope.at_party, level.scheme, level.name)
        return self._outcomes.get(key, SILENT)

    def equivalence(self, source: LevelRef, *, recipient: PartyId, on: date) -> Equivalence | None:
        """Return the row for `source` towards `recipient` on the day `on`, None where none or two say so."""
        rows = self._rows.get((recipient, source.scheme, source.name), _NO_ROWS)
        current = [row for row in rows if is_current(row, on)]
        return current[0] if len(current) == 1 else None

    def access(self, party: PartyId, level: LevelRef) -> tuple[AccessRule, ...]:
        """Return the rules a person of `party` must all meet for `level`; empty where nothing is decided."""
        return self._access.get((party, level.scheme, level.name), ())

    def cap(self, party: PartyId, scheme: str) -> tuple[LevelRef, str] | None:
        """Return the highest level `party` may provide in `scheme`, with its article; None where nobody says."""
        return self._caps.get((party, scheme))

    def scheme(self, scheme: str) -> Scheme | None:
        """Return the scheme named `scheme` of the profile, None where the profile does not know it."""
        return self._schemes.get(scheme)


def _speaks_of_end(state: AgreementState, act: Act) -> bool:
    layers = [state.profile, *state.nationals]
    return any(
        one.act is act and one.from_state is not None for layer in layers if layer is not None for one in layer.acts
    )


def build_rule_index(state: AgreementState) -> RuleIndex:
    """Work out the layers of `state` once; before a profile is signed the index is silent on everything."""
    profile = state.profile
    if profile is None:
        return RuleIndex(state, {}, {}, {}, {}, {}, Holidays(frozenset(), frozenset()))
    rows: dict[_RowKey, tuple[Equivalence, ...]] = {}
    for row in profile.equivalences:
        key = (row.recipient, row.source.scheme, row.source.name)
        rows[key] = (*rows.get(key, ()), row)
    access: dict[_RowKey, tuple[AccessRule, ...]] = {
        (party, level.scheme, level.name): access_rules_for(state, party, level)
        for party in profile.parties for level in levels_of(profile, party)
    }
    return RuleIndex(
        state=state,
        _outcomes=_all_outcomes(state, profile),
        _rows=rows,
        _access=access,
        _caps={(party, level.scheme): (level, article) for party, level, article in profile.caps},
        _schemes={scheme.id: scheme for scheme in profile.schemes},
        holidays=holidays_of(profile, state.parties),
    )


def _all_outcomes(state: AgreementState, profile: Profile) -> dict[_ScopeKey, LayerOutcome]:
    agreement = _by_act(rules_from(profile.acts, is_ended=False))
    national: dict[PartyId, dict[Act, list[ActRule]]] = {}
    for party in profile.parties:
        own = national_of(state.nationals, party)
        national[party] = _by_act(rules_from(own.acts, is_ended=False) if own else ())
    outcomes: dict[_ScopeKey, LayerOutcome] = {}
    for scope in _scopes(profile):
        own_rules = national[scope.at_party]
        for act in Act:
            ours = rules_in_force(agreement[act], act, scope) if act in agreement else ()
            theirs = rules_in_force(own_rules[act], act, scope) if act in own_rules else ()
            if ours or theirs:
                key = (
                    act, scope.provider, scope.recipient, scope.at_party, scope.level.scheme, scope.level.name
                )
                outcomes[key] = resolve(ours, theirs, at_party=scope.at_party)
    return outcomes


def _by_act(rules: tuple[ActRule, ...]) -> dict[Act, list[ActRule]]:
    by_act: defaultdict[Act, list[ActRule]] = defaultdict(list)
    for rule in rules:
        by_act[rule.act].append(rule)
    return dict(by_act)


def _scopes(profile: Profile) -> list[Scope]:
    return [
        Scope(provider, recipient, level, at_party)
        for provider in profile.parties
        for recipient in profile.parties if recipient != provider
        for level in levels_of(profile, provider)
        for at_party in (provider, recipient)
    ]
