"""cordiale today: what waits for you, how partners are, and the figures of the register."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "today", say("show what waits for you today"), for_person=True,
    details=say("Of each kind the first are shown; `cordiale duties` lists everything and names the command."),
    examples=[
        "cordiale today --key keys/registrar.key.json",
        "cordiale today --pictures --key keys/registrar.key.json",
    ],
)
@click.option("--pictures", is_flag=True, help=say("the figures of the register instead: traffic, receipts, holdings"))
def command(caller: Caller, pictures: bool) -> None:
    """Show it."""
    if pictures:
        figures = caller.view("view.pictures", {})
        caller.show(figures, lambda: _write_figures(figures))
        return
    answer = caller.view("view.today", {})
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    for alarm in answer["alarms"]:
        click.echo(say(alarm["text"], **alarm["fields"]))
    if not answer["kinds"]:
        click.echo(say("nothing waits for you"))
    for one in answer["kinds"]:
        click.echo(say("{kind}: more than {count}", **one) if one["more"] else say("{kind}: {count}", **one))
        show.table([row | {"due": row.get("due_at", row.get("due"))} for row in one["rows"]], [
            ("due", say("due")), ("overdue", say("overdue")), ("days_left", say("working days left")),
            ("what", say("what")), ("about", say("about")), ("since", say("since")),
        ], empty="")
    if answer["partners"]:
        show.table(answer["partners"], [
            ("party", say("party")), ("node", say("node")), ("confirmed", say("confirmed")),
            ("waiting", say("waiting")), ("waiting_since", say("since")), ("expires", say("expires")),
        ], empty="")


def _write_figures(figures: dict[str, Any]) -> None:
    show.table(figures["holdings"], [("level", say("level")), ("count", say("items"))], empty=say("nothing is held"))
    show.table(figures["receipts"], [("days", say("open at most days")), ("count", say("receipts"))], empty="")
    show.table(figures["traffic"], [("week", say("week")), ("in", say("in")), ("out", say("out"))], empty="")
