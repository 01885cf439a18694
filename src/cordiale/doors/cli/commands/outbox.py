"""cordiale outbox: what waits to be answered by partners."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "outbox", say("list what waits to be answered by partners"),
    examples=["cordiale outbox --home /srv/tokyo"],
)
def command(caller: Caller) -> None:
    """List it."""
    answer = caller.operate("outbox", {})
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.table(answer["waiting"], [
        ("partner", say("partner")), ("agreement", say("agreement")), ("precedence", say("precedence")),
        ("link", say("link")), ("attachments", say("envelopes")), ("queued_at", say("since")), ("id", say("message")),
    ], empty=say("nothing waits"))
    for partner, trouble in answer["trouble"].items():
        click.echo(say("{partner} does not answer: {trouble}", partner=partner, trouble=trouble))
