"""cordiale duties: what is due and not done, and what waits for the person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say

_COMMANDS: Final[Mapping[str, str]] = {
    "answer-consent": "consent answer {subject}",
    "approve-release": "release approve {about} --to {recipient} --agreement {agreement} --purpose '{purpose}'",
    "await-consent": "consent list",
    "confirm-custody": "circulate confirm {about}",
    "confirm-level": "level confirm {about}",
    "confirm-partner": "partner confirm {about}",
    "count-inventory": "inventory count {subject}",
    "dispatch": "dispatch {about} --to {recipient} --agreement {agreement} --purpose '{purpose}'",
    "register": "inbox {about}",
    "sign-inventory": "inventory sign {subject}",
    "witness-destruction": "destroy witness {subject}",
}
"""What to type next, by what is to be done; the rest of the line is in the help of the command."""


@declare(
    "duties", say("list what is due, and what waits for you"), for_person=True,
    details=say(
        "Keepers of the register and the competent authority see what the parties owe each other; everybody sees "
        "what waits for them: releases and destructions to join, requests to answer, items to confirm."
    ),
    examples=["cordiale duties --key keys/registrar.key.json"],
)
def command(caller: Caller) -> None:
    """List it, the earliest first."""
    answer = caller.view("view.duties", {})
    caller.show(answer, lambda: _write(answer["duties"]))


def _write(duties: list[dict[str, Any]]) -> None:
    show.table(duties, [
        ("due", say("due")), ("overdue", say("overdue")), ("what", say("what")), ("owner", say("owed by")),
        ("about", say("about")), ("since", say("since")), ("reminded", say("reminded")),
    ], empty=say("nothing is due"))
    for line in dict.fromkeys(_next(duty) for duty in duties if duty["what"] in _COMMANDS):
        click.echo(say("next: {command}", command=line))


def _next(duty: Mapping[str, Any]) -> str:
    return "cordiale " + _COMMANDS[duty["what"]].format(**duty)
