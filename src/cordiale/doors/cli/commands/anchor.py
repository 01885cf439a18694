"""cordiale anchor: whether the books reach as far as they had come, and confirming them after somebody has looked."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import fill, say


@declare(
    "show", say("say where the books end, and how far they had come"),
    details=say(
        "The anchor lies outside the books and is written after each commit. Books that end before it were cut, or "
        "are an older copy."
    ),
    examples=["cordiale anchor show --home /srv/tokyo"],
)
def show_(caller: Caller) -> None:
    """Ask the node."""
    answer = caller.operate("anchor", {})
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    none = say("unknown")
    show.lines([
        (say("the books end at commit"), str(answer["commit"])),
        (say("they had come to commit"), str(answer.get("anchored", none))),
        (say("at"), str(answer.get("anchored_at", none))),
    ])
    doubt = answer.get("doubt")
    if doubt is None:
        click.echo(say("nothing about it is in doubt"))
        return
    click.echo(say(doubt["text"], **doubt["fields"]))
    click.echo(say("what to do: {hint}", hint=fill(say(doubt["hint"]), doubt["fields"])))


@declare(
    "confirm", say("take the books as they are, after their end was in doubt"),
    details=say(
        "Until then the node takes no act. After a restore this is the deliberate step: COMMIT is where the books "
        "end, as `cordiale anchor show` says. The confirmation stands in the audit trail for ever."
    ),
    examples=["cordiale anchor confirm 134 --home /srv/tokyo"],
)
@click.argument("commit", type=click.IntRange(0))
def confirm(caller: Caller, commit: int) -> None:
    """Confirm them."""
    answer = caller.operate("anchor-confirm", {"commit": commit})
    caller.show(answer, lambda: caller.tell(
        say("the books are taken as they end, at commit {commit}; audit trail: {trail}", **answer)
    ))


command = group("anchor", say("say how far the books had come, and confirm them"), {"show": show_, "confirm": confirm})
