"""Which registry answers for a copy, who may pass it to another one, and what only the chief registry does.

Some levels pass between sub-registries, or leave from one, only with the
express approval of the central registry (EU 2015/444 Art. 27(4)), and are
destroyed only by it (32 CFR 117.19(g)(17)(ii), EE-262 § 120). Which levels these
are stands in the agreement and in national law; of others nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.model.label import LevelRef
from cordiale.model.names import PersonId
from cordiale.model.topology import RegistryOffice, RegistryRole
from cordiale.rules.inventory import is_within, units_above

ACT: Final = "transfer"


def answering(offices: Iterable[RegistryOffice], unit: str) -> RegistryOffice | None:
    """Return the registry that answers for what lies in `unit`: the nearest one above; None where none is entered."""
    known = {office.unit: office for office in offices}
    return next((known[above] for above in units_above(unit) if above in known), None)


def chief_of(offices: Iterable[RegistryOffice]) -> RegistryOffice | None:
    """Return the chief registry, None where none is entered."""
    return next((office for office in offices if office.role is RegistryRole.CHIEF), None)


def list_opening_reasons(office: RegistryOffice, offices: Sequence[RegistryOffice]) -> Iterator[Reason]:
    """Yield why `office` may not be opened beside `offices`, which are open."""
    chief = chief_of(offices)
    if office.role is RegistryRole.CHIEF:
        if chief is not None:
            yield refusal("topology.chief-known", "{registry} is the chief registry, and there is one only",
                          registry=chief.id)
        if office.unit:
            yield refusal("topology.chief-unit", "the chief registry answers for the whole, and has no unit of its own")
        return
    if chief is None:
        yield refusal("topology.no-chief", "no chief registry is entered here")
    if not office.unit:
        yield refusal("topology.unit-missing", "it is not said in which unit the registry keeps what it holds")
    if any(office.unit == other.unit for other in offices if other.unit):
        yield refusal("topology.unit-taken", "another registry answers for this unit")
    above = answering(offices, office.unit)
    if above is not None and above.role is RegistryRole.CONTROL_POINT:
        yield refusal("topology.below-control-point", "below a control point there is no registry")


def list_closing_reasons(
    office: RegistryOffice, offices: Iterable[RegistryOffice], *, held: int, under_way: int
) -> Iterator[Reason]:
    """Yield why `office` may not be closed: it still holds copies, some are on their way, registries stand below it."""
    below = sorted(one.id for one in offices if one.id != office.id and is_within(one.unit, office.unit))
    if below:
        yield refusal("topology.registries-below", "registries below it are open: {registries}",
                      registries=", ".join(below))
    if held:
        yield refusal("topology.still-holds", "the registry still holds {count} copies", count=str(held))
    if under_way:
        yield refusal("topology.still-under-way", "{count} copies are on their way from it or to it",
                      count=str(under_way))


def list_keeper_reasons(person: PersonId, office: RegistryOffice | None) -> tuple[Reason, ...]:
    """Return why `person` does not act for the registry `office`; nothing is asked where no registries are entered."""
    if office is None or person in office.keepers:
        return ()
    return (refusal(
        "topology.not-keeper", "this is held at the registry {registry}, and this person does not serve there",
        registry=office.id,
    ),)


@dataclass(frozen=True, slots=True)
class TransferQuestion:
    """Whether a copy handled at `level` here passes from the registry `giver` to `receiver`.

    `kept_central` are the provisions by which the level passes only with the approval of the chief registry, and
    `is_approved` tells that it has approved this.
    """

    giver: RegistryOffice
    receiver: RegistryOffice
    level: LevelRef
    kept_central: tuple[str, ...]
    is_approved: bool


def list_transfer_reasons(question: TransferQuestion) -> Iterator[Reason]:
    """Yield what stands against the transfer."""
    giver, receiver = question.giver, question.receiver
    if giver.id == receiver.id:
        yield refusal("topology.same-registry", "the copy is held at this registry already")
    if receiver.levels and question.level not in receiver.levels:
        yield refusal("topology.level", "the registry {registry} may not hold {level}", registry=receiver.id,
                      level=str(question.level))
    if RegistryRole.CHIEF not in (giver.role, receiver.role):
        yield from _list_approval_reasons(question.kept_central, is_approved=question.is_approved)


@dataclass(frozen=True, slots=True)
class CentralQuestion:
    """Whether `persons` may end, or send away, what `holder` answers for, where only `chief` does that by itself.

    `kept_central` are the provisions that keep it for the responsible registry, `is_approved` tells that it approved.
    """

    holder: RegistryOffice | None
    chief: RegistryOffice | None
    persons: frozenset[PersonId]
    kept_central: tuple[str, ...]
    is_approved: bool = False


def list_leaving_reasons(question: CentralQuestion) -> Iterator[Reason]:
    """Yield why it may not leave this party from where it is held; the chief registry approves by sending it itself."""
    holder, chief = question.holder, question.chief
    if holder is None or holder.role is RegistryRole.CHIEF:
        return
    by_chief = chief is not None and bool(question.persons & chief.keepers)
    yield from _list_approval_reasons(question.kept_central, is_approved=question.is_approved or by_chief)


def list_destroying_reasons(question: CentralQuestion) -> Iterator[Reason]:
    """Yield why it may not be destroyed where it is: kept for the responsible registry, and handed back to it."""
    if not question.kept_central:
        return
    articles, chief = "; ".join(question.kept_central), question.chief
    if chief is None:
        yield undecidable("topology.chief-unknown",
                          "only the responsible registry does this, and no chief registry is entered here", articles)
        return
    if question.holder != chief:
        yield refusal(
            "topology.hand-back", "a copy of this level is destroyed by the chief registry; transfer it to {registry}",
            articles, registry=chief.id,
        )
    if not question.persons & chief.keepers:
        yield refusal("topology.not-chief", "one of the persons must serve at the chief registry", articles)


def _list_approval_reasons(kept_central: tuple[str, ...], *, is_approved: bool) -> Iterator[Reason]:
    if kept_central and not is_approved:
        yield refusal("topology.approval-missing",
                      "a copy of this level goes on only with the written approval of the chief registry",
                      "; ".join(kept_central))
