"""cordiale restore: a home again, from a backup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "restore", say("make a home again from a backup"),
    details=say(
        "The home must be empty. Whether acts were entered after the backup cannot be told from it: the restored node "
        "takes none before `cordiale anchor confirm`. If partners have seen the node further ahead, it stops at the "
        "first exchange and says so."
    ),
    examples=["cordiale restore /backups/tokyo-2026-11-16 --home /srv/tokyo-again"],
)
@click.argument("folder", type=PATH)
def command(caller: Caller, folder: Path) -> None:
    """Restore it."""
    from cordiale.operate.backup import restore

    os.umask(0o077)
    answer = restore(folder.absolute(), caller.home)
    caller.show(answer, lambda: _write(caller, answer))


def _write(caller: Caller, answer: dict[str, Any]) -> None:
    caller.tell(say(
        "{node} as of {made_at} is restored to {home}", node=answer["node"], made_at=answer["made_at"],
        home=answer["home"],
    ))
    caller.tell(say(
        "its books end at commit {commit} of {made_at}; what was entered after that is not in them",
        commit=answer["commit"], made_at=answer["made_at"],
    ))
    caller.tell(say(
        "start it, ask the partners how far they have come, and then run: cordiale anchor confirm {commit}",
        commit=answer["commit"],
    ))
