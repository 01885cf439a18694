"""The words about visits that one side writes in a row, or that both write at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.world.visiting import entry, plan
from tests.world.world import Player, World


def ask_days_ahead(world: World, **more: Any) -> str:
    today = world.clock.at.date()
    days = {"first_day": (today + timedelta(9)).isoformat(), "last_day": (today + timedelta(11)).isoformat()}
    return str(world.kyiv.act("authority", "visit.request", plan(**days, **more)).value["visit"])


def _visit_there(world: World, *, approved: bool = False) -> str:
    visit = ask_days_ahead(world)
    world.deliver()
    if approved:
        _approve(world, visit, 0, f"{visit}.001")
        world.deliver()
    return visit


def _approve(world: World, visit: str, number: int, *visitors: str) -> None:
    world.tokyo.act("authority", "visit.answer", {"approve": list(visitors), "number": number, "visit": visit})


def _amend(world: World, visit: str, *, drop: tuple[str, ...] = (), **more: Any) -> None:
    dropped = {"drop": [f"{visit}.{one}" for one in drop]} if drop else {}
    world.kyiv.act("authority", "visit.amend", {"visit": visit, **dropped, **more})


def _later(world: World) -> str:
    return (world.clock.at.date() + timedelta(13)).isoformat()


def _stop(player: Player, visit: str, ending: str, *visitors: str) -> None:
    named = {"visitors": list(visitors)} if visitors else {}
    player.act("authority", "visit.end", {"ending": ending, "visit": visit, **named})


def a_visit_amended_at_once(world: World) -> None:
    _amend(world, ask_days_ahead(world), visitors=[entry("colleague")])


def a_visit_cancelled_at_once(world: World) -> None:
    visit = ask_days_ahead(world)
    _amend(world, visit, visitors=[entry("colleague")])
    _stop(world.kyiv, visit, "cancelled")


def a_visitor_suspended_whom_an_amendment_brings(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, drop=("001",), visitors=[entry("colleague")])
    _stop(world.kyiv, visit, "suspended", f"{visit}.002")


def all_suspended_whom_request_and_amendment_bring(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, drop=("001",), visitors=[entry("colleague")])
    _stop(world.kyiv, visit, "suspended")


def an_approval_and_a_refused_amendment(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0, f"{visit}.001")
    _amend(world, visit, visitors=[entry("colleague")])
    world.kyiv.outbox.send_waiting()
    _approve(world, visit, 1)


def an_approval_taken_back_by_the_host(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0, f"{visit}.001")
    _stop(world.tokyo, visit, "cancelled")


def a_visit_approved_while_it_is_cancelled(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0, f"{visit}.001")
    _stop(world.kyiv, visit, "cancelled")


def _amended(world: World, **more: Any) -> str:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, **more)
    world.deliver()
    return visit


def an_amendment_approved_while_the_visit_is_cancelled(world: World) -> None:
    visit = _amended(world, last_day=_later(world), visitors=[entry("colleague")])
    _approve(world, visit, 1, f"{visit}.001", f"{visit}.002")
    _stop(world.kyiv, visit, "cancelled")


def an_amendment_approved_and_taken_back_by_the_host(world: World) -> None:
    visit = _amended(world, last_day=_later(world), visitors=[entry("colleague")])
    _approve(world, visit, 1, f"{visit}.002")
    _stop(world.tokyo, visit, "cancelled")


def an_amendment_refused_while_the_visit_is_cancelled(world: World) -> None:
    visit = _amended(world, last_day=_later(world))
    _approve(world, visit, 1)
    _stop(world.kyiv, visit, "cancelled")


def a_request_and_its_amendment_answered_while_the_visit_is_cancelled(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0, f"{visit}.001")
    _amend(world, visit, last_day=_later(world))
    world.kyiv.outbox.send_waiting()
    _approve(world, visit, 1, f"{visit}.001")
    _stop(world.kyiv, visit, "cancelled")


def the_last_visitor_cancelled_while_the_others_are_let_go(world: World) -> None:
    visit = _amended(world, drop=("001",), visitors=[entry("colleague")])
    _approve(world, visit, 1, f"{visit}.002")
    _stop(world.kyiv, visit, "cancelled", f"{visit}.002")


def the_only_visitor_cancelled_while_an_amendment_brings_another(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, drop=("001",), visitors=[entry("colleague")])
    _stop(world.kyiv, visit, "cancelled", f"{visit}.001")


def a_visitor_suspended_while_an_amendment_without_them_is_approved(world: World) -> None:
    visit = _amended(world, drop=("001",), visitors=[entry("colleague")])
    _approve(world, visit, 1, f"{visit}.002")
    _stop(world.kyiv, visit, "suspended", f"{visit}.001")


def a_visitor_suspended_while_they_are_refused(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0)
    _stop(world.kyiv, visit, "suspended", f"{visit}.001")


def a_visit_refused_while_it_is_cancelled(world: World) -> None:
    visit = _visit_there(world)
    _approve(world, visit, 0)
    _stop(world.kyiv, visit, "cancelled")


def all_suspended_by_the_host_while_others_are_asked_for(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, drop=("001",), visitors=[entry("colleague")])
    _stop(world.tokyo, visit, "suspended")


def a_visit_cancelled_by_the_host_while_it_is_amended(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _amend(world, visit, visitors=[entry("colleague")])
    _stop(world.tokyo, visit, "cancelled")


def a_visitor_suspended_here_and_cancelled_there(world: World) -> None:
    visit = _visit_there(world, approved=True)
    _stop(world.kyiv, visit, "suspended", f"{visit}.001")
    _stop(world.tokyo, visit, "cancelled", f"{visit}.001")


ROWS = (
    a_visit_amended_at_once,
    a_visit_cancelled_at_once,
    a_visitor_suspended_whom_an_amendment_brings,
    all_suspended_whom_request_and_amendment_bring,
    an_approval_and_a_refused_amendment,
    an_approval_taken_back_by_the_host,
    a_visit_approved_while_it_is_cancelled,
    an_amendment_approved_while_the_visit_is_cancelled,
    an_amendment_approved_and_taken_back_by_the_host,
    an_amendment_refused_while_the_visit_is_cancelled,
    a_request_and_its_amendment_answered_while_the_visit_is_cancelled,
    the_last_visitor_cancelled_while_the_others_are_let_go,
    the_only_visitor_cancelled_while_an_amendment_brings_another,
    a_visitor_suspended_while_an_amendment_without_them_is_approved,
    a_visitor_suspended_while_they_are_refused,
    a_visit_refused_while_it_is_cancelled,
    all_suspended_by_the_host_while_others_are_asked_for,
    a_visit_cancelled_by_the_host_while_it_is_amended,
    a_visitor_suspended_here_and_cancelled_there,
)
