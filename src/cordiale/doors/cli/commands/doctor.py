"""cordiale doctor: the program audits its own deployment."""

from __future__ import annotations

from typing import Any, Final

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import fill, say

EXIT_BAD: Final = 7
_MARKS: Final = {"ok": "+", "warning": "!", "bad": "X", "unknown": "?"}


@declare(
    "doctor", say("look for what an administrator should put right"),
    details=say(
        "Looks at rights, disk, swap and versions, and, when the node is serving, at its clock, logs, statements "
        "and partners. Nothing is changed. Ends with exit code 7 when something is bad."
    ),
    examples=["cordiale doctor --home /srv/tokyo"],
)
def command(caller: Caller) -> None:
    """Ask the node when it serves; otherwise look from outside."""
    checks = _checks(caller)
    caller.show({"checks": checks}, lambda: _write(checks))
    if any(one["state"] == "bad" for one in checks):
        raise click.exceptions.Exit(EXIT_BAD)


def _checks(caller: Caller) -> list[dict[str, Any]]:
    from cordiale.errors import Unavailable
    from cordiale.operate.doctor import State, check, examine_home, examine_port

    config = caller.config()
    try:
        return list(caller.operate("doctor", {})["checks"])
    except Unavailable as error:
        if error.code != "node.not-serving":
            raise
    stopped = check("doctor.serving", "the node is not serving, so its inside could not be looked at",
                    state=State.UNKNOWN, hint="start it with `cordiale serve`")
    return [one.encode() for one in [*examine_home(config), *examine_port(config), stopped]]


def _write(checks: list[dict[str, Any]]) -> None:
    for one in checks:
        click.echo(f"{_MARKS[one['state']]} {say(one['text'], **one['fields'])}")
        if one["hint"] and one["state"] != "ok":
            click.echo("    " + fill(say(one["hint"]), one["fields"]))
