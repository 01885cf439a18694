"""cordiale status: what the serving node is and how it stands."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "status", say("say what the serving node is and how it stands"),
    examples=["cordiale status --home /srv/tokyo", "cordiale status --home /srv/tokyo --json"],
)
def command(caller: Caller) -> None:
    """Ask the node, without a person."""
    status = caller.operate("status", {})
    caller.show(status, lambda: _write(status))


def _write(status: dict[str, Any]) -> None:
    click.echo(status["title"])
    statement = status["statement"]
    show.lines([
        (say("node"), f"{status['node']} ({status['party']}, {status['mode']})"),
        (say("serving since"), status["since"]),
        (say("address"), status["endpoint"]),
        (say("statement"), say("version {version}", version=statement) if statement else say("none installed yet")),
        (say("clock"), say("in order") if status["clock"] == "ok" else status["clock"]),
        (say("waiting for partners"), str(status["outbox"])),
        (say("audit trail"), ", ".join(f"{log} {size}" for log, size in status["logs"].items())),
        *(
            (say("partner {party}", party=one["party"]),
             one["node"] if one["confirmed"] else say("{node}, not confirmed yet", node=one["node"]))
            for one in status["partners"]
        ),
    ])
