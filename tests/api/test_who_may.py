"""Every route of the interface, for somebody of each office alone, at both parties, and for clients of every scope."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.api.asking import Asked
from tests.api.client import Client
from tests.api.test_clients import confirmed
from tests.api.who_may import OWN_TOO, SEEN_FIRST, WHO_MAY, offices_for
from tests.world.people import HEADER, row
from tests.world.test_journey import cross
from tests.world.world import World

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS
from cordiale.doors.control.views import VIEWS
from cordiale.doors.web.table import FORMS
from cordiale.errors import CordialeError, Refused
from cordiale.model.person import Office
from cordiale.rules.clients import EVERY_VIEW, ClientState, decide_client, scopes_for
from cordiale.rules.clients import Client as Entered

KINDS = tuple(sorted({*ACTS, *CONTENT_ACTS, *VIEWS}))
SCOPES = (EVERY_VIEW, *sorted({scope for kind in KINDS for scope in scopes_for(kind)} - {EVERY_VIEW}))
TURNED_AWAY = frozenset({
    "office.not-held", "office.deputy-of-nobody", "view.office", "access.no-need-to-know", "record.missing",
})
"""Why somebody does not come to a thing: no office for it, or there is no such thing for them."""


@functools.cache
def _staffed() -> tuple[World, str]:
    """A world whose registries have somebody of each office alone, and in which one paper has crossed."""
    world = World.in_force(seed=911)
    _, (item,) = cross(world, forms=("paper",))
    for player, level in ((world.tokyo, "FUJI"), (world.kyiv, "BARVINOK")):
        player.enter_people(HEADER + row("nobody", "Nobody", player.party, "administrator", level) + "".join(
            row(f"only-{office.value}", f"{office.value} {player.party}", player.party, office.value, level)
            for office in Office
        ))
    return world, item


@pytest.fixture
def staffed() -> tuple[World, str]:
    world, item = _staffed()
    return world.twin(912), item


def answers(asked: Asked, office: Office, kind: str) -> frozenset[str]:
    """Return what somebody of `office` alone is told who asks for `kind`; nothing where it is done or shown."""
    try:
        asked.ask(f"only-{office.value}", kind, asked.params(kind))
    except Refused as refused:
        return frozenset(reason.code for reason in refused.decision.reasons)
    except CordialeError as error:
        return frozenset({error.code})
    return frozenset()


def strangers_to(kind: str) -> Iterator[Office]:
    """Yield the offices by which nobody comes to `kind`."""
    offices = offices_for(kind)
    yield from (office for office in Office if offices is not None and office not in offices)


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert set(WHO_MAY) == set(KINDS)


def test_no_form_of_the_desk_is_wider_than_the_interface() -> None:
    """A page opens at most what the act itself does; the deputy is let in who stands in for the registrar."""
    for form in FORMS.values():
        offices = offices_for(form.act)
        if offices is None or form.act in OWN_TOO:
            continue
        standing_in = {Office.DEPUTY_REGISTRAR} if Office.REGISTRAR in offices else set()
        assert form.offices is not None and form.offices <= offices | standing_in, form.name


def assert_turned_away(asked: Asked, office: Office, kind: str) -> None:
    told = answers(asked, office, kind)
    assert told & TURNED_AWAY or (kind in SEEN_FIRST and told), (kind, office, told)


def test_nobody_comes_to_what_their_office_does_not_open(staffed: tuple[World, str]) -> None:
    """For each kind one office in turn, at one of the parties; the long campaign asks for all of them at both."""
    world, item = staffed
    parties = [Asked(player, world.other(player), item) for player in world.players]
    for number, kind in enumerate(KINDS):
        strangers = list(strangers_to(kind))
        if strangers:
            assert_turned_away(parties[number % 2], strangers[number % len(strangers)], kind)


@pytest.mark.slow
def test_every_office_comes_to_what_it_opens_and_to_nothing_else(staffed: tuple[World, str]) -> None:
    world, item = staffed
    for player in world.players:
        asked = Asked(player, world.other(player), item)
        # Nothing is done by whoever is turned away: all of them are asked before anybody does anything.
        for kind in KINDS:
            for office in strangers_to(kind):
                assert_turned_away(asked, office, kind)
        for kind in KINDS:
            for office in sorted(offices_for(kind) or ()):
                told = answers(asked, office, kind)
                assert not told & {"office.deputy-of-nobody", "view.office"}, (kind, office, told)
                assert "office.not-held" not in told or kind == "level.propose", (kind, office, told)


def test_a_scope_reaches_what_it_names_and_nothing_else(staffed: tuple[World, str]) -> None:
    """Every scope with every kind."""
    now = staffed[0].clock.now()
    for scope in SCOPES:
        client = Entered(ClientState.ACTIVE, frozenset({scope}), now + timedelta(days=1))
        reached = {kind for kind in KINDS if decide_client(client, kind, now).is_allowed}
        assert reached == ({*VIEWS} if scope == EVERY_VIEW else {scope}), scope


@pytest.mark.slow
def test_a_client_of_one_scope_is_let_in_by_no_other_route(staffed: tuple[World, str]) -> None:
    """Through the door itself: whatever else it asks is refused before it is looked at."""
    world, item = staffed
    door, asked = Client.of(world.tokyo), Asked(world.tokyo, world.kyiv, item)
    for scope in SCOPES:
        client = confirmed(world, scope, person="registrar")
        for kind in KINDS:
            signed = world.tokyo.request("robot", kind, asked.params(kind))
            answer = door.view(signed) if kind in VIEWS else door.act(signed)
            codes = {reason["code"] for reason in answer.json().get("reasons", ())}
            is_reached = kind == scope or (scope == EVERY_VIEW and kind in VIEWS)
            assert ("client.scope" in codes) is not is_reached, (kind, scope, answer.text)
        world.tokyo.act("security", "client.withdraw", {"client": client})
