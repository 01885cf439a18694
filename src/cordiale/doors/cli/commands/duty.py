"""cordiale duty: a day that nobody must forget is entered, and what nothing discharges by itself is settled."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.limits import DEADLINE_DAYS_MAX, DUTY_REPEAT_MONTHS_MAX
from cordiale.words import say


@declare(
    "add", say("enter what has to be done by a day"), acts=True,
    details=say("DUE is a day, or a moment such as 2027-01-31T12:00:00Z. With --repeat it comes again once settled."),
    examples=[
        "cordiale duty add 2027-01-31 'crisis drill' --office security-officer --remind 14 --repeat 36 \\",
        "    --key keys/security.key.json",
    ],
)
@click.argument("due")
@click.argument("about")
@click.option("--office", required=True, metavar="OFFICE", help=say("the office that sees to it"))
@click.option("--remind", "remind_days", type=click.IntRange(0, DEADLINE_DAYS_MAX),
              help=say("how many days before to remind"))
@click.option("--repeat", "repeat_months", type=click.IntRange(1, DUTY_REPEAT_MONTHS_MAX),
              help=say("after how many months it is due again"))
@click.option("--article", "basis", help=say("the article"))
def add(caller: Caller, **given: Any) -> None:
    """Enter it."""
    reply = caller.act("duty.add", given)
    caller.told(reply, say("duty {duty} is entered, due {due}", **reply.answer))


@declare(
    "settle", say("say what was done about a duty that nothing discharges by itself"), acts=True,
    examples=["cordiale duty settle jpn.d.0a1b --proof 'drill held, report 7' --key keys/security.key.json"],
)
@click.argument("duty")
@click.option("--proof", required=True, help=say("what shows that it was done"))
def settle(caller: Caller, duty: str, proof: str) -> None:
    """Settle it."""
    reply = caller.act("duty.settle", {"duty": duty, "proof": proof})
    caller.told(reply, say("duty {duty} is settled", **reply.answer))


command = group("duty", say("enter a day that nobody must forget, and settle a duty"), {"add": add, "settle": settle})
