"""Serving a node: the private door for its own people, the wire for its partners, and what runs by itself.

Both doors stand on one event loop in one process, over one registry. Nothing is
answered before both listen, and nothing is cut short when the node stops: what
is under way ends, what cannot end in time was not committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from cordiale.config import DeskSettings
from cordiale.doors.background import WORKERS, OutboxWorker, Worker, running_work
from cordiale.doors.control.app import ControlDoor
from cordiale.doors.control.operators import Serving
from cordiale.doors.control.socket import bind_private
from cordiale.doors.peer.app import PeerDoor
from cordiale.node import Node, open_node
from cordiale.operate.desk_end import desk_server
from cordiale.operate.reading_room import ReadingRoom
from cordiale.operate.wire_end import PartnerPins, bind_wire, wire_server
from cordiale.work.intake import take_message

_STOP_SECONDS_MAX: Final = 20
_IDLE_SECONDS_MAX: Final = 3_600
_DESK_IDLE_SECONDS_MAX: Final = 75
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve: `ready` is called once with the node when both doors are open."""

    ready: Callable[[Node], None]
    admits_visitors: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """The sockets that are listened on: the private one, the wire's and the desk's where there are such."""

    control: socket.socket
    wire: socket.socket | None
    desk: socket.socket | None


class _Server(uvicorn.Server):
    """A server among several: signals are taken once, for all of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(home: Path, credential: str, options: ServeOptions) -> None:
    """Serve the node in `home` until it is told to stop (SIGTERM, SIGINT, or an operator).

    Raises what `open_node` raises, and `Unavailable` when an address is taken.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    node = open_node(home, credential)
    try:
        _diagnose(node.config.diagnostics)
        with contextlib.ExitStack() as stack:
            control = stack.enter_context(bind_private(node.config.control_socket))
            stack.callback(node.config.control_socket.unlink, missing_ok=True)
            wire = stack.enter_context(bind_wire(node.config.listen)) if node.config.listen else None
            desk = stack.enter_context(bind_wire(node.config.desk.listen)) if node.config.desk else None
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(node, options, Bound(control, wire, desk)))
    finally:
        node.close()


def _diagnose(level: str) -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("cordiale").setLevel(_LEVELS.get(level, logging.WARNING))
    # The doors answer and name every failure themselves; a trace of a request could show what it was about.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


async def _serve(node: Node, options: ServeOptions, bound: Bound) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        loop.call_soon_threadsafe(stopping.set)

    outbox = OutboxWorker(node.registry)
    room = ReadingRoom(node.registry)
    workers: list[Worker] = [outbox, *(make(node.registry) for make in WORKERS)]
    if bound.desk is not None:
        workers.append(room)
    serving = Serving(node, datetime.now(UTC), stop, outbox.outbox.trouble, room)
    servers = [(_Server(_control_server(serving)), bound.control)]
    if bound.desk is not None and node.config.desk is not None:
        servers.append((_Server(_desk_server(serving, node.config.desk)), bound.desk))
    if bound.wire is not None and node.config.listen is not None:
        pins = PartnerPins(node.registry, admits_visitors=options.admits_visitors)
        door = PeerDoor(node.registry, take_message)
        config = wire_server(node.registry, door.app(), pins, node.config.listen)
        config.timeout_graceful_shutdown = _STOP_SECONDS_MAX
        servers.append((_Server(config), bound.wire))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(server.serve(sockets=[listening])) for server, listening in servers]
    with contextlib.ExitStack() as working:
        try:
            await _opened([server for server, _ in servers], tasks)
            working.enter_context(running_work(workers))
            spare_collections()
            options.ready(node)
            await _first_of(stopping, tasks)
        finally:
            for server, _ in servers:
                server.should_exit = True
            await asyncio.gather(*tasks)


def spare_collections() -> None:
    """Leave what stands now out of every collection of garbage to come: the program, its tables, its templates.

    None of it ever goes. Going through all of it held up whoever waited for a page just then, by several such pages.
    """
    gc.collect()
    gc.freeze()


def _control_server(serving: Serving) -> uvicorn.Config:
    return uvicorn.Config(
        ControlDoor(serving).app(), http="httptools", ws="none", lifespan="off", access_log=False, log_config=None,
        server_header=False, proxy_headers=False, timeout_keep_alive=_IDLE_SECONDS_MAX,
        timeout_graceful_shutdown=_STOP_SECONDS_MAX,
    )


def _desk_server(serving: Serving, settings: DeskSettings) -> uvicorn.Config:
    # Its templates and words are loaded by nobody who has no desk.
    from cordiale.doors.web.table import open_desk

    app = open_desk(serving, settings.origin).app()
    if settings.api:
        from cordiale.doors.api.app import with_api

        app = with_api(app, serving.node.registry)
    return desk_server(app, settings.tls, seconds=(_DESK_IDLE_SECONDS_MAX, _STOP_SECONDS_MAX))


async def _opened(servers: list[_Server], tasks: list[asyncio.Task[None]]) -> None:
    """Wait until every server accepts connections; raises what ends one of them before."""
    while not all(server.started for server in servers):
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.005)


async def _first_of(stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
