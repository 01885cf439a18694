"""Attacks by people of a node on trust and absences: offices that do not count, or do not count now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.people import HEADER, row
from tests.world.world import World

from cordiale.canonical import encode_base64url
from cordiale.errors import Refused


@pytest.fixture
def world() -> World:
    return World.founded(seed=310)


def reasons(act: Callable[[], Any]) -> set[str]:
    with pytest.raises(Refused) as found:
        act()
    return {reason.code for reason in found.value.decision.reasons}


def acts_of_trust(world: World) -> list[tuple[str, dict[str, Any]]]:
    own, partner = world.tokyo, world.kyiv
    return [
        ("node.install", {"root": encode_base64url(own.root), "statement": encode_base64url(own.statement)}),
        ("partner.add", {
            "fingerprint": partner.print_, "root": encode_base64url(partner.root),
            "statement": encode_base64url(partner.statement),
        }),
        ("partner.confirm", {"fingerprint": partner.print_, "party": "UKR"}),
        ("partner.update", {"party": "UKR", "statement": encode_base64url(partner.statement)}),
    ]


def test_an_administrator_has_no_part_in_whom_the_node_trusts(world: World) -> None:
    world.tokyo.enter_people(HEADER + row("machine", "Administrator", "JPN", "administrator", "FUJI"))
    before = bodies(world.tokyo, "partner")
    for kind, params in acts_of_trust(world):
        assert reasons(lambda: world.tokyo.act("machine", kind, params)) == {"office.not-held"}  # noqa: B023
    assert bodies(world.tokyo, "partner") == before


def test_an_absent_officer_has_no_part_in_whom_the_node_trusts(world: World) -> None:
    world.tokyo.act("head", "absence.register", {"office": "key-officer", "person": "registrar"})
    for kind, params in acts_of_trust(world):
        assert reasons(lambda: world.tokyo.act("registrar", kind, params)) == {"office.absent"}  # noqa: B023


def test_whoever_is_absent_neither_registers_absences_nor_ends_their_own(world: World) -> None:
    away = {"office": "security-officer", "person": "security"}
    world.tokyo.act("head", "absence.register", away)
    for kind, params in (("absence.register", {"office": "head", "person": "head"}), ("absence.end", away)):
        assert reasons(lambda: world.tokyo.act("security", kind, params)) == {"office.absent"}  # noqa: B023
    world.tokyo.act("head", "absence.end", away)
    world.tokyo.act("security", "absence.register", {"office": "registrar", "person": "registrar"})
