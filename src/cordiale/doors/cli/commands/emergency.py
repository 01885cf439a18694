"""cordiale emergency: an item disclosed in an emergency to persons who are not cleared, and the report on it."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.limits import EMERGENCY_PERSONS_COUNT_MAX
from cordiale.words import say


@declare(
    "disclose", say("disclose an item in an emergency to persons who are not cleared"), acts=True,
    examples=[
        "cordiale emergency disclose UKR/JPN-2026-0001 --count 3 --circumstances 'threat to a convoy' "
        "--key keys/head.key.json",
    ],
)
@click.argument("item")
@click.option("--count", required=True, type=click.IntRange(1, EMERGENCY_PERSONS_COUNT_MAX),
              help=say("how many persons learn of it"))
@click.option("--circumstances", required=True, metavar="TEXT", help=say("what had happened; the originator is told"))
def disclose(caller: Caller, item: str, **said: Any) -> None:
    """Disclose it; nothing is opened by this."""
    reply = caller.act("emergency.disclose", {"item": item, **said})
    caller.told(reply, say("the originator is told; report it: {disclosure}", **reply.answer))


@declare(
    "report", say("report a disclosure in an emergency to the originator"), acts=True,
    details=say("Name posts and bodies, not persons: each line goes to the originator as it is."),
    examples=[
        "cordiale emergency report ukr.emergency.act.0a1b --what 'route and time' --to-whom 'convoy command' "
        "--how 'read out by the duty officer' --why 'an attack was under way' --where 'nothing was left with them' "
        "--debriefed 'told to keep it, in writing' --key keys/head.key.json",
    ],
)
@click.argument("disclosure")
@click.option("--what", required=True, metavar="TEXT", help=say("what was disclosed"))
@click.option("--to-whom", "to_whom", required=True, metavar="TEXT", help=say("who learned of it, by post or body"))
@click.option("--how", required=True, metavar="TEXT", help=say("how, and by which post"))
@click.option("--why", required=True, metavar="TEXT", help=say("why it could not wait"))
@click.option("--where", required=True, metavar="TEXT", help=say("where it is now, and how it is kept safe"))
@click.option("--debriefed", required=True, metavar="TEXT", help=say("how they were told what they owe"))
def report(caller: Caller, disclosure: str, **said: Any) -> None:
    """Report it."""
    caller.told(caller.act("emergency.report", {"disclosure": disclosure, **said}), say("entered"))


@declare(
    "list", say("list disclosures in an emergency, and their reports"), for_person=True,
    examples=["cordiale emergency list --key keys/security.key.json"],
)
@part_options
def list_(caller: Caller, **part: Any) -> None:
    """List them."""
    found = caller.view("view.emergencies", part)
    caller.show_part("cordiale emergency list", found, lambda: show.table(found["emergencies"], [
        ("disclosure", say("disclosure")), ("about", say("item")), ("party", say("party")), ("at", say("at")),
        ("count", say("persons")), ("state", say("state")), ("report_by", say("due")),
    ], empty=say("nothing was disclosed")))


command = group("emergency", say("an item disclosed in an emergency, and the report on it"), {
    "disclose": disclose, "report": report, "list": list_,
})
