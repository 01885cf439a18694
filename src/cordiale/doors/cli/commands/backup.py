"""cordiale backup: the whole node, while it serves."""

from __future__ import annotations

from pathlib import Path

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "backup", say("copy the whole node while it serves"),
    details=say("The copy needs the same credential as the node. It is whole once backup.json is in it."),
    examples=["cordiale backup /backups/tokyo-2026-11-16 --medium backup-a --home /srv/tokyo"],
)
@click.argument("folder", type=PATH)
@click.option("--medium", metavar="MEDIUM", help=say("the registered medium it goes on"))
def command(caller: Caller, folder: Path, medium: str | None) -> None:
    """Have the node copy itself."""
    asked = {"folder": str(folder.absolute()), **({"medium": medium} if medium else {})}
    answer = caller.operate("backup", asked)
    caller.show(answer, lambda: caller.tell(say(
        "{node} is copied to {path}: the books and {envelopes} sealed envelopes", **answer,
    )))
