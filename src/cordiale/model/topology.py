"""The registries of one party as an organisation: the chief registry, its sub-registries, their control points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cordiale.model.label import LevelRef
from cordiale.model.names import PersonId


class RegistryRole(StrEnum):
    """What a registry is in the organisation (32 CFR 117.19(g)(14): central registry, sub-registry, control point)."""

    CHIEF = "chief"
    SUB_REGISTRY = "sub-registry"
    CONTROL_POINT = "control-point"


@dataclass(frozen=True, slots=True)
class RegistryOffice:
    """One registry of ours that is open. It answers for what lies in `unit` and in no unit of a registry below it.

    `unit` is empty for the chief registry, which answers for the whole. `levels` are those of our own scheme that it
    may hold, empty for every one. `keepers` are the registrars who serve there.
    """

    id: str
    role: RegistryRole
    unit: str
    levels: frozenset[LevelRef] = frozenset()
    keepers: frozenset[PersonId] = frozenset()
