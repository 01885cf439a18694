"""Both parties on the stage: their nodes made and serving, and an agreement in force between them where needed."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from demo.scenes import Play, first_contact, scene_1, scene_2, scene_3
from demo.stage import HERE, Actor, Pace

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
def in_force(folder: Path, pace: Pace) -> Iterator[Play]:
    """Yield both parties, serving, with the agreement in force between them and the wire open."""
    play = set_up(folder, pace)
    try:
        start(play)
        for scene in (first_contact, scene_1, scene_2, scene_3):
            scene(play)
        yield play
    finally:
        for actor in play.actors:
            actor.stop()
