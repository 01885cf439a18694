"""cordiale where: the inspector's question, answered on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import html_option
from cordiale.doors.cli.page import write_page
from cordiale.words import say


@declare(
    "where", say("say where an item and its copies are, and who had access"), for_person=True,
    details=say("For registrars, the security officer and inspectors. ITEM may be our number or theirs."),
    examples=[
        "cordiale where JPN-2026-0002 --copy 2 --key keys/inspector.key.json",
        "cordiale where JPN-2026-0002 --html where.html --key keys/inspector.key.json",
    ],
)
@click.argument("item")
@click.option("--copy", type=click.IntRange(0), help=say("only the copy of this number"))
@html_option
def command(caller: Caller, item: str, copy: int | None, html: Path | None) -> None:
    """Answer it."""
    answer = caller.view("view.where", {"item": item, "copy": copy, "as": "html" if html else None})
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.banner(answer["banner"])
    show.lines([
        (say("number"), answer["reference"]), (say("title"), answer["title"]), (say("state"), answer["state"]),
        (say("item"), answer["item"]), (say("as of"), answer["at"]),
    ])
    for copy in answer["copies"]:
        click.echo(say("copy {number}", number=copy["numbered"]))
        shown = {name: value for name, value in copy.items() if name not in ("copy_number", "numbered")}
        show.any_value(shown, indent=2)
    click.echo(say("need-to-know"))
    show.table(answer["needs"], [
        ("person", say("person")), ("granted_by", say("granted by")), ("granted_at", say("granted")),
        ("purpose", say("purpose")), ("withdrawn_at", say("withdrawn")),
    ], empty=say("nobody"))
    click.echo(say("read by"))
    show.table(answer["readings"], [
        ("person", say("person")), ("at", say("at")), ("purpose", say("purpose")), ("trail", say("audit trail")),
    ], empty=say("nobody"))
    click.echo(say("what happened"))
    show.table(answer["story"], [
        ("at", say("at")), ("act", say("act")), ("number", say("number")), ("copy", say("copy")),
        ("trail", say("audit trail")),
    ], empty=say("nothing"))
