"""cordiale search: the register, searched by words and filters."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.item_table import write_items
from cordiale.limits import SEARCH_ROWS_COUNT_MAX
from cordiale.words import say


@declare(
    "search", say("search the register"), for_person=True,
    details=say(
        "TEXT is found in our number, theirs, the title and the subject, by the beginning of each word; Japanese by "
        "any part. What you may not see is not found and not counted."
    ),
    examples=[
        "cordiale search 'dialogue 2026' --state registered --key keys/registrar.key.json",
        "cordiale search 機密 --partner UKR --from 2026-01-01 --key keys/registrar.key.json",
    ],
)
@click.argument("text", required=False, metavar="[TEXT]")
@click.option("--book", metavar="BOOK", help=say("own, or the code of an originating party"))
@click.option("--partner", metavar="PARTY", help=say("from this party, or sent to it"))
@click.option("--level", metavar="SCHEME:LEVEL", help=say("at this level, or this equivalent; or declassified"))
@click.option("--state", metavar="STATE", help=say("in this state, such as registered"))
@click.option("--form", metavar="FORM", help=say("of this form, such as paper"))
@click.option("--holder", metavar="PERSON", help=say("in the hands of this person"))
@click.option("--from", "first", metavar="DAY", help=say("entered on this day or later"))
@click.option("--until", metavar="DAY", help=say("entered on this day or earlier"))
@click.option("--order", type=click.Choice(["newest", "oldest"]), help=say("which comes first"))
@click.option("--after", help=say("the end of the page before"))
@click.option("--count", type=click.IntRange(1, SEARCH_ROWS_COUNT_MAX), help=say("how many"))
def command(caller: Caller, first: str | None, **given: Any) -> None:
    """Search it."""
    answer = caller.view("view.search", {
        name: value for name, value in {**given, "from": first}.items() if value is not None
    })
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    write_items(answer["rows"], empty=say("there is no item you may see"))
    total = answer.get("total")
    if total is not None and total["more"]:
        click.echo(say("more than {count} items", count=total["count"]))
    elif total is not None and answer["rows"]:
        click.echo(say("{count} items", count=total["count"]))
    if answer["next"]:
        click.echo(say("there are more: {command}", command=f"cordiale search … --after {answer['next']}"))
