"""cordiale registry: which of our registries may receive what, and what was done on paper while the node was down."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "notice", say("give notice that a registry of ours opens, closes or receives other levels"), acts=True,
    details=say("An act of the competent authority. The newest notice on a registry is the one that counts."),
    examples=[
        "cordiale registry notice exercise-jpn-ukr registry-osaka --title 'Registry at Osaka' \\",
        "    --level 'EX-JPN:EXERCISE SAKURA' --opens 2026-12-01 --article 'Art. 6(2)' --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.argument("registry")
@click.option("--title", required=True, metavar="TEXT", help=say("what the registry is called"))
@click.option("--level", "levels", multiple=True, required=True, metavar="SCHEME:LEVEL", help=say(
    "a level that it may receive; once for each"
))
@click.option("--opens", "opened_on", required=True, metavar="DAY", help=say("the day from which it is open"))
@click.option("--closes", "closed_on", metavar="DAY", help=say("the day from which it is closed"))
@click.option("--article", required=True, metavar="TEXT", help=say("the article that it rests on"))
def notice(caller: Caller, levels: tuple[str, ...], **given: Any) -> None:
    """Give it."""
    reply = caller.act("agreement.registry", {**given, "levels": list(levels)})
    caller.told(reply, say("the other parties are told of {registry}", **reply.answer))


@declare(
    "paper", say("enter what was done on paper while the node was down"), acts=True,
    details=say("A second person, who has seen the paper, confirms it; only then it takes its number."),
    examples=[
        "cordiale registry paper --done 2026-11-26T09:30:00Z --what 'handed copy 1 to the reader' --paper 'sheet 7' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.option("--done", "done_at", required=True, metavar="TIME", help=say("when it was done, in UTC"))
@click.option("--what", required=True, metavar="TEXT", help=say("what was done"))
@click.option("--paper", required=True, metavar="TEXT", help=say("the sheet on which it was noted"))
@click.option("--item", metavar="ITEM", help=say("the item it was about"))
def paper(caller: Caller, **given: Any) -> None:
    """Enter it."""
    reply = caller.act("outage.enter", given)
    caller.told(reply, say("entered as {entry}; a second person confirms it", **reply.answer))


@declare(
    "confirm-paper", say("confirm, as a second person, what was done on paper"), acts=True,
    examples=["cordiale registry confirm-paper act.1a2b --key keys/head.key.json"],
)
@click.argument("entry")
def confirm_paper(caller: Caller, entry: str) -> None:
    """Confirm it."""
    reply = caller.act("outage.confirm", {"entry": entry})
    caller.told(reply, say("{entry} stands in the outage book as {number}", **reply.answer))


command = group("registry", say("our registries, and what was done on paper"), {
    "notice": notice, "paper": paper, "confirm-paper": confirm_paper,
})
