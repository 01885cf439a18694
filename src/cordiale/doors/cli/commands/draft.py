"""cordiale draft: working papers, dated and marked, until they become an item or are destroyed."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "enter", say("enter a draft or working paper"), acts=True,
    details=say("It becomes an item when it is labelled with --draft, and is then destroyed."),
    examples=["cordiale draft enter --title 'Notes' --level 'EX-JPN:EXERCISE SAKURA' --key keys/originator.key.json"],
)
@click.option("--title", required=True, help=say("its title"))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the level, in your own national scheme"))
@click.option("--form", type=click.Choice(["paper", "file", "medium"]), default="paper", help=say("what it is"))
@click.option("--sheets", type=click.IntRange(1), help=say("how many sheets"))
def enter(caller: Caller, **given: Any) -> None:
    """Enter it, as its author."""
    reply = caller.act("draft.enter", {name: value for name, value in given.items() if value is not None})
    sentences = [say("draft: {draft}", **reply.answer)]
    if reply.answer["until"]:
        sentences.append(say("it is entered in the register or destroyed by {until} ({basis})", **reply.answer))
    else:
        sentences.append(say("no national rule says how long it may be kept; it stands among the duties without a day"))
    caller.told(reply, *sentences)


@declare(
    "destroy", say("enter that a draft was destroyed"), acts=True,
    examples=["cordiale draft destroy act.1a2b --method shredded --key keys/originator.key.json"],
)
@click.argument("draft")
@click.option("--method", required=True, metavar="TEXT", help=say("how it was destroyed"))
def destroy(caller: Caller, draft: str, method: str) -> None:
    """Enter it."""
    reply = caller.act("draft.destroy", {"draft": draft, "method": method})
    caller.told(reply, say("the draft is destroyed"))


@declare(
    "list", say("list the drafts you may see"), for_person=True,
    examples=["cordiale draft list --key keys/originator.key.json"],
)
def list_drafts(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.drafts", {})
    caller.show(answer, lambda: show.table(answer["drafts"], [
        ("draft", say("draft")), ("begun_at", say("begun")), ("level", say("level")), ("form", say("form")),
        ("state", say("state")), ("issued_as", say("item")), ("title", say("title")),
    ], empty=say("there is no draft you may see")))


command = group("draft", say("working papers, until they are issued or destroyed"), {
    "enter": enter, "destroy": destroy, "list": list_drafts,
})
