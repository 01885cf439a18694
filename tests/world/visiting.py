"""A visit in the world in memory: Ukraine's people come to Japan, and what the two sides do about it."""

from __future__ import annotations

from typing import Any

from tests.world.world import AGREEMENT, Player, World

PLANT = {"address": "Exercise Quay 3", "contact": "Gate office", "name": "Exercise Plant", "phone": "+00 1"}
OFFICE = {"address": "Exercise Hill 1", "contact": "Front desk", "name": "Exercise Office"}
LEVEL = "EX-JPN:EXERCISE SAKURA"


def entry(person: str = "reader", **more: Any) -> dict[str, Any]:
    """Return one visitor as an authority names them."""
    return {"born_at": "Exercise Town", "born_on": "1980-01-02", "document": f"EX {person}", "person": person, **more}


def plan(**more: Any) -> dict[str, Any]:
    """Return what Ukraine asks of Japan, for the reader to come on 14 to 16 September 2026 unless said otherwise."""
    return {
        "agreement": AGREEMENT, "first_day": "2026-09-14", "host": "JPN", "kind": "once", "last_day": "2026-09-16",
        "level": LEVEL, "programme": "briefing", "purpose": "high-level dialogue", "sites": [PLANT],
        "visitors": [entry()], **more,
    }


def ask(world: World, **more: Any) -> str:
    """Let Ukraine ask, and return the visit."""
    visit = str(world.kyiv.act("authority", "visit.request", plan(**more)).value["visit"])
    world.deliver()
    return visit


def approve(world: World, visit: str, *, number: int = 0, only: list[str] | None = None, **told: str) -> None:
    """Let Japan approve everybody who is asked for, or those named."""
    record = body(world.tokyo, "visit", visit)
    asked = record.get("pending", record)["visitors"]
    world.tokyo.act("authority", "visit.answer", {
        "approve": only if only is not None else asked, "number": number, "visit": visit, **told,
    })
    world.deliver()


def approved(world: World, **more: Any) -> str:
    """Let Ukraine ask and Japan approve, and return the visit."""
    visit = ask(world, **more)
    approve(world, visit)
    return visit


def body(player: Player, kind: str, id: str) -> dict[str, Any]:
    """Return the body of a record."""
    record = player.registry.record(kind, id)
    assert record is not None
    return record.body


def states(player: Player, visit: str) -> list[str]:
    """Return the state of each visitor of the version that stands."""
    return [str(body(player, "visitor", one)["state"]) for one in body(player, "visit", visit)["visitors"]]


def admit(world: World, visit: str, *, number: int = 1, site: str = "Exercise Plant") -> Any:
    """Let the registrar at the place let a visitor in."""
    return world.tokyo.act("registrar", "visit.admit", {
        "site": site, "visit": visit, "visitor": f"{visit}.{number:03d}",
    })


def to_day(world: World, day: str) -> None:
    """Let the days pass until nine o'clock (UTC) on `day`."""
    now = world.clock.at
    world.clock.advance(seconds=int((now.replace(
        year=int(day[:4]), month=int(day[5:7]), day=int(day[8:]), hour=9, minute=0, second=0) - now).total_seconds()))
