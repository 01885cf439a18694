"""cordiale restore: a home again, from a backup."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "restore", say("make a home again from a backup"),
    details=say(
        "The home must be empty. If partners have seen the node further ahead than the backup, it stops at the "
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
    caller.show(answer, lambda: caller.tell(say(
        "{node} as of {made_at} is restored to {home}", node=answer["node"], made_at=answer["made_at"],
        home=answer["home"],
    )))
