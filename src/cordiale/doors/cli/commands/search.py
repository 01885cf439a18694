"""cordiale search: the register, searched by words and filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.item_table import write_items
from cordiale.errors import OutOfOrder
from cordiale.limits import SEARCH_ROWS_COUNT_MAX
from cordiale.operate.keyfiles import write_file
from cordiale.words import say

_ASKED: Final = ("text", "book", "partner", "level", "state", "form", "holder", "until", "order")


@declare(
    "search", say("search the register"), acts=True,
    details=say(
        "TEXT is found in our number, theirs, the title and the subject, by the beginning of each word; Japanese by "
        "any part. What you may not see is not found and not counted."
    ),
    examples=[
        "cordiale search 'dialogue 2026' --state registered --key keys/registrar.key.json",
        "cordiale search 機密 --partner UKR --from 2026-01-01 --save secrets --key keys/registrar.key.json",
        "cordiale search --kept secrets --csv secrets.csv --key keys/registrar.key.json",
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
@click.option("--csv", type=click.Path(path_type=Path), metavar="FILE",
              help=say("write all of it to a new file, with its marking"))
@click.option("--save", metavar="NAME", help=say("keep this search under a name"))
@click.option("--kept", metavar="NAME", help=say("search as was kept under this name"))
@click.option("--forget", metavar="NAME", help=say("keep the search of this name no longer"))
def command(caller: Caller, first: str | None, **given: Any) -> None:
    """Search it."""
    if given["forget"]:
        reply = caller.act("search.forget", {"name": given["forget"]})
        caller.told(reply, say("forgotten: {name}", **reply.answer))
        return
    asked = {name: given[name] for name in _ASKED if given[name] is not None} | ({"from": first} if first else {})
    if given["save"]:
        reply = caller.act("search.save", {"name": given["save"], **asked})
        caller.told(reply, say("kept: {name}", **reply.answer))
        return
    if given["kept"]:
        asked = _kept(caller, given["kept"]) | asked
    if given["csv"] is not None:
        _export(caller, asked, given["csv"])
        return
    page = {name: given[name] for name in ("after", "count") if given[name] is not None}
    answer = caller.view("view.search", asked | page)
    caller.show(answer, lambda: _write(answer))


def _kept(caller: Caller, name: str) -> dict[str, Any]:
    saved = caller.view("view.search", {"count": 1})["saved"]
    found = [one["search"] for one in saved if one["name"] == name]
    if not found:
        raise click.UsageError(say("there is no such search: {names}", names=", ".join(one["name"] for one in saved)))
    return dict(found[0])


def _export(caller: Caller, asked: dict[str, Any], path: Path) -> None:
    """Write every page of the export; a register that was marked anew meanwhile is asked once more by its user."""
    pages = [caller.view("view.export-register", asked | {"count": SEARCH_ROWS_COUNT_MAX})]
    while pages[-1]["next"]:
        asked_next = asked | {"after": pages[-1]["next"], "count": SEARCH_ROWS_COUNT_MAX}
        pages.append(caller.view("view.export-register", asked_next))
    if any(page["marked"] != pages[0]["marked"] for page in pages):
        raise OutOfOrder(
            "export.changed", "the marking changed while the list was written", hint="write it again"
        )
    write_file(path, "".join(page["csv"] for page in pages).encode(), exclusive=True)
    caller.show({"file": str(path), "marked": pages[0]["marked"]}, lambda: _tell(path, pages[0]["marked"]))


def _tell(path: Path, marked: list[str]) -> None:
    show.banner(marked)
    click.echo(say("the page is in {file}", file=path))


def _write(answer: dict[str, Any]) -> None:
    write_items(answer["rows"], empty=say("there is no item you may see"))
    total = answer.get("total")
    if total is not None and total["more"]:
        click.echo(say("more than {count} items", count=total["count"]))
    elif total is not None and answer["rows"]:
        click.echo(say("{count} items", count=total["count"]))
