"""cordiale duties: what is due and not done."""

from __future__ import annotations

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "duties", say("list what is due"), for_person=True,
    examples=["cordiale duties --key keys/registrar.key.json"],
)
def command(caller: Caller) -> None:
    """List it, the earliest first."""
    answer = caller.view("view.duties", {})
    caller.show(answer, lambda: show.table(answer["duties"], [
        ("due", say("due")), ("overdue", say("overdue")), ("what", say("what")), ("owner", say("owed by")),
        ("subject", say("about")),
    ], empty=say("nothing is due")))
