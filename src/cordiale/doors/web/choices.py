"""What forms offer to choose from: levels, people, parties, agreements, as this person may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cordiale.doors.web.forms import Field, Option
from cordiale.doors.web.visit import Visit
from cordiale.errors import Malformed
from cordiale.wire.scheme_table import load_schemes, schemes_for
from cordiale.words.spoken import marked


def own_levels(visit: Visit) -> Sequence[Option]:
    """Return the levels of our own schemes that may be written, the lowest first."""
    registry = visit.registry
    return [
        (f"{scheme.id}:{level}", f"{scheme.id}:{level}")
        for scheme in schemes_for(registry.mode, load_schemes()).values() if scheme.party == registry.party
        for level in scheme.levels if level not in scheme.obsolete
    ]


def definitions(visit: Visit) -> Mapping[str, str]:
    """Return what each level of our own schemes is for, where its scheme says so."""
    registry = visit.registry
    return {
        f"{scheme.id}:{level}": said
        for scheme in schemes_for(registry.mode, load_schemes()).values() if scheme.party == registry.party
        for level, said in scheme.definitions
    }


def caveats(visit: Visit) -> Sequence[Option]:
    """Return the caveats whose meaning the parties of an agreement have told each other, with it."""
    return list({
        f"{one['tag']}={one['value']}": f"{one['tag']}={one['value']}: {one['meaning']}"
        for profile in _profiles(visit) for one in profile["caveats"]
    }.items())


def levels(visit: Visit) -> Sequence[Option]:
    """Return the levels of every scheme of this mode: items of others keep the level of their originator."""
    return [
        (f"{scheme.id}:{level}", f"{scheme.id}:{level}")
        for scheme in schemes_for(visit.registry.mode, load_schemes()).values() for level in scheme.levels
    ]


def agreements(visit: Visit) -> Sequence[Option]:
    """Return the agreements this node knows, by their titles."""
    known = visit.ask("view.agreements")["agreements"]
    return [(one["agreement"], one.get("title", one["agreement"])) for one in known]


def partners(visit: Visit) -> Sequence[Option]:
    """Return the parties to agreements with us, without ourselves."""
    parties = {party for profile in _profiles(visit) for party in profile["parties"]}
    return [(party, party) for party in sorted(parties - {visit.registry.party})]


def partners_met(visit: Visit) -> Sequence[Option]:
    """Return the parties whose root was taken in, confirmed or not."""
    return [(one["party"], one["party"]) for one in visit.ask("view.partners")["partners"]]


def registries(visit: Visit) -> Sequence[Option]:
    """Return the registries of partners that agreements list, by their titles."""
    return list({
        one["id"]: f"{one['title']} ({one['party']})" for profile in _profiles(visit) for one in profile["registries"]
        if one["party"] != visit.registry.party
    }.items())


def _profiles(visit: Visit) -> list[Mapping[str, Any]]:
    known = visit.ask("view.agreements")["agreements"]
    return [visit.ask("view.agreement", agreement=one["agreement"])["profile"] for one in known]


def people(visit: Visit) -> Sequence[Option]:
    """Return the people of this node, for officers who need to know them."""
    return [(one["id"], f"{one['name']}, {one['post']}") for one in all_parts(visit, "view.people", "people")]


def all_parts(visit: Visit, kind: str, table: str, **asked: str) -> list[Mapping[str, Any]]:
    """Return the rows of `table` in a list that comes in parts, of all of them: a choice has no second page."""
    found = visit.ask(kind, **asked)
    rows: list[Mapping[str, Any]] = list(found[table])
    while found["next"]:
        found = visit.ask(kind, after=found["next"], **asked)
        rows += found[table]
    return rows


def numbers(lines: Sequence[str]) -> list[int]:
    """Return copy numbers that were written one a line; raises `Malformed` for anything else."""
    try:
        return [int(one) if len(one) < 10 else int("x") for one in lines]
    except ValueError as error:
        raise Malformed(
            "desk.numbers", "the copies are not named by their numbers", hint="give one number a line"
        ) from error


def links(_: Visit) -> Sequence[Option]:
    """Return how a consignment may travel."""
    return [
        ("wire", marked("by wire")), ("bag", marked("in the bag")), ("carry", marked("carried by a courier")),
        ("post", marked("by post")), ("freight", marked("as freight, under a transport plan")),
    ]


ITEM = Field("item", marked("Item"), kind="hidden")
"""The item a form is about, as the page before it named it."""

TERMS = (
    Field("recipient", marked("To"), kind="choice", options=partners),
    Field("agreement", marked("Under the agreement"), kind="choice", options=agreements),
    Field("purpose", marked("Purpose"),
          hint=marked("What the recipient may use it for; it is signed and travels inside the seal.")),
)
"""The terms on which an item is released."""
