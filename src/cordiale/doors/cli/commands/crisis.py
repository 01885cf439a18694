"""cordiale crisis: the list that is printed beforehand, and what was destroyed, entered afterwards by two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, html_option
from cordiale.doors.cli.page import write_page
from cordiale.words import say


@declare(
    "list", say("list what is held, place by place, for a crisis"), for_person=True,
    details=say("Print it, or keep it as a file, sealed like what it lists. With --from no node is needed."),
    examples=[
        "cordiale crisis list --html crisis.html --key keys/registrar.key.json",
        "cordiale crisis list --write crisis.json --key keys/registrar.key.json",
        "cordiale crisis list --from crisis.json",
    ],
)
@click.option("--write", type=PATH, metavar="FILE", help=say("keep it in this new file"))
@click.option("--from", "kept", type=PATH, metavar="FILE", help=say("show a list that was kept"))
@html_option
def list_(caller: Caller, write: Path | None, kept: Path | None, html: Path | None) -> None:
    """List it, from the node or from a file."""
    if kept is not None:
        answer = _read(kept)
        caller.show(answer, lambda: _write(answer))
        return
    answer = caller.view("view.crisis-list", {"as": "html" if html else None})
    if html is not None:
        write_page(caller, answer, html)
        return
    if write is not None:
        from cordiale.operate.keyfiles import write_file

        write_file(write, json.dumps(answer, ensure_ascii=False, sort_keys=True).encode(), exclusive=True)
    caller.show(answer, lambda: _write(answer))


def _read(path: Path) -> dict[str, Any]:
    from cordiale.errors import Malformed

    try:
        answer = json.loads(path.read_bytes())
        if isinstance(answer, dict) and isinstance(answer["places"], list):
            return answer
    except (OSError, ValueError, KeyError):
        pass
    raise Malformed("crisis.file", "this file holds no list for a crisis", hint="look for the printed one")


def _write(answer: dict[str, Any]) -> None:
    show.banner([" // ".join(answer["marked"])])
    show.lines([(say("as of"), answer["at"]), (say("copies"), answer["count"])])
    for place in answer["places"]:
        click.echo(f"{place['unit'] or '-'}: {place['place'] or '-'}")
        show.table(place["copies"], [
            ("number", say("number")), ("copy", say("copy")), ("level", say("level")), ("form", say("kind")),
            ("holders", say("with")),
        ], empty=say("nothing"))


@declare(
    "enter", say("enter what was destroyed in a crisis; another person confirms it"), acts=True,
    examples=[
        "cordiale crisis enter UKR/JPN-2026-0001 --at 2026-11-16T09:00:00Z --method burnt "
        "--ordered-by 'head of mission' --circumstances 'the building had to be left' "
        "--by registrar --key keys/registrar.key.json",
    ],
)
@click.argument("numbers", nargs=-1, required=True)
@click.option("--at", "happened_at", required=True, metavar="TIME", help=say("when it was, in UTC"))
@click.option("--method", required=True, metavar="TEXT", help=say("how it is destroyed"))
@click.option("--circumstances", required=True, metavar="TEXT", help=say("what had happened; the originator is told"))
@click.option("--ordered-by", "ordered_by", required=True, metavar="TEXT", help=say("who ordered it"))
@click.option("--by", "done_by", multiple=True, required=True, metavar="PERSON", help=say("who did it"))
@click.option("--residue", metavar="TEXT", help=say("what is left, and where it is"))
def enter(caller: Caller, numbers: tuple[str, ...], done_by: tuple[str, ...], **said: Any) -> None:
    """Enter it, as the first person."""
    reply = caller.act("crisis.enter", {**said, "done_by": list(done_by), "numbers": list(numbers)})
    caller.told(reply, say("{copies} copies are entered; another person confirms {crisis}", **reply.answer))


@declare(
    "confirm", say("confirm what another person entered about a crisis"), acts=True,
    examples=["cordiale crisis confirm act.0a1b --key keys/security.key.json"],
)
@click.argument("crisis")
def confirm(caller: Caller, crisis: str) -> None:
    """Confirm it, as the second person."""
    reply = caller.act("crisis.confirm", {"crisis": crisis})
    caller.told(reply, say("the copies have ended, and their originator is told; certificates: {numbers}",
                           numbers=", ".join(reply.answer["certificates"])))


command = group("crisis", say("the list for a crisis, and what was destroyed in one"), {
    "list": list_, "enter": enter, "confirm": confirm,
})
