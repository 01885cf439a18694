"""cordiale inbox: what has arrived and waits to be counted and registered."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import part_options
from cordiale.words import say


@declare(
    "inbox", say("list what has arrived and waits to be registered"), for_person=True,
    details=say(
        "With CONSIGNMENT, its list to count against: title, number, level and copy of each item. It may be named "
        "by the number on the courier's paper. No content is opened."
    ),
    examples=[
        "cordiale inbox --key keys/registrar.key.json", "cordiale inbox --all --key keys/registrar.key.json",
        "cordiale inbox JPN-OUT-UKR-2026-0001 --key keys/registrar.key.json",
    ],
)
@click.argument("consignment", required=False)
@click.option("--all", "everything", is_flag=True, help=say("every consignment, in and out"))
@part_options
def command(caller: Caller, consignment: str | None, everything: bool, **part: Any) -> None:
    """List them, or show one."""
    if consignment is not None and everything:
        raise click.UsageError(say("give a CONSIGNMENT or --all, not both"))
    if consignment is not None:
        one = caller.view("view.consignment", {"consignment": consignment})
        caller.show(one, lambda: _write(one))
        return
    answer = caller.view("view.consignments" if everything else "view.inbox", part)
    typed = "cordiale inbox" + (" --all" if everything else "")
    caller.show_part(typed, answer, lambda: show.table(answer["consignments"], [
        ("consignment", say("consignment")), ("number", say("number")), ("their_number", say("their number")),
        ("party", say("party")), ("direction", say("direction")), ("count", say("items")), ("state", say("state")),
        ("received_at", say("received")), ("dispatched_at", say("dispatched")), ("receipt_due", say("receipt due")),
        ("refusal", say("refused")),
    ], empty=say("nothing waits to be registered")))


def _write(one: dict[str, Any]) -> None:
    show.lines([
        (say("consignment"), one["consignment"]), (say("number"), one.get("number")),
        (say("their number"), one.get("their_number")), (say("party"), one["party"]), (say("state"), one["state"]),
        (say("agreement"), one["agreement"]), (say("received"), one.get("received_at")),
        (say("receipt due"), one.get("receipt_due")), (say("items"), one["count"]),
    ])
    show.table(one["items"], [
        ("their_reference", say("their number")), ("copy_number", say("copy")), ("copies_total", say("of")),
        ("form", say("form")), ("document", say("document")), ("dated", say("dated")), ("parts", say("parts")),
        ("sheets", say("sheets")), ("level", say("level")), ("title", say("title")), ("purpose", say("purpose")),
        ("addressee", say("addressee")), ("addressee_alone", say("addressee alone")), ("channel", say("channel")),
    ], empty=say("it is not waiting to be counted; its items stand in the register"))
