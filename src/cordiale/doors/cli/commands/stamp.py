"""cordiale stamp: what is stamped on each page of a thing, to read or to print."""

from __future__ import annotations

from pathlib import Path

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import html_option
from cordiale.doors.cli.page import write_page
from cordiale.words import say


@declare(
    "stamp", say("print the stamps of a copy that is held here"), for_person=True,
    details=say(
        "Both markings, register numbers, copy number and page number, one stamp for each page. A file is stamped as "
        "it is read: `cordiale read --stamped`. For the keepers of the register."
    ),
    examples=["cordiale stamp UKR/JPN-2026-0001 --pages 12 --html stamps.html --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--copy", metavar="COPY", help=say("the copy, where several are held"))
@click.option("--pages", type=click.IntRange(1), help=say("how many pages it has, where that is not entered"))
@html_option
def command(caller: Caller, item: str, copy: str | None, pages: int | None, html: Path | None) -> None:
    """Show them."""
    params = {"item": item, "copy": copy, "pages": pages, "as": "html" if html else None}
    answer = caller.view("view.stamp", {name: value for name, value in params.items() if value is not None})
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: click.echo("\n".join([*answer["top"], "", *answer["stamps"]])))
