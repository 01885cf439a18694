"""Both parties on the stage: their nodes made and serving, and an agreement in force between them where needed."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from demo.scenes import Play, bring_into_force, first_contact
from demo.stage import HERE, Actor, Begin, Pace, begin_process

PAPER = HERE / "paper.pdf"


def free_ports(count: int) -> list[int]:
    """Return ports on loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in found]


def set_up(folder: Path, pace: Pace, document: Path = PAPER) -> Play:
    """Return both parties, who have nothing yet: their homes will be in `folder`."""
    ports = free_ports(4)
    tokyo = Actor("Tokyo", "JPN", "tokyo.jpn", folder / "tokyo", ports[0], ports[2], pace)
    kyiv = Actor("Kyiv", "UKR", "kyiv.ukr", folder / "kyiv", ports[1], ports[3], pace)
    return Play(tokyo, kyiv, pace, document, folder)


def start(play: Play) -> None:
    """Make the homes of both with their people, and start their nodes."""
    for actor in play.actors:
        actor.found(HERE / f"people-{actor.name.lower()}.csv")
    for actor in play.actors:
        actor.start()


@contextlib.contextmanager
def in_force(folder: Path, pace: Pace, begin: Begin = begin_process) -> Iterator[Play]:
    """Yield both parties, serving, with the agreement in force between them and the wire open."""
    play = set_up(folder, pace)
    for actor in play.actors:
        actor.begin = begin
    try:
        start(play)
        first_contact(play)
        bring_into_force(play)
        yield play
    finally:
        for actor in play.actors:
            actor.stop()
