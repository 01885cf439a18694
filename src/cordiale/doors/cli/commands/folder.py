"""cordiale folder: what lies in a folder, and the level that it asks for."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "floor", say("say what a folder for these copies has to bear at the least"), for_person=True,
    examples=["cordiale folder floor UKR/JPN-2026-0001 UKR-2026-0002 --scheme UA --key keys/registrar.key.json"],
)
@click.argument("numbers", nargs=-1, required=True)
@click.option("--scheme", required=True, help=say("the scheme of the folder"))
def floor(caller: Caller, numbers: tuple[str, ...], scheme: str) -> None:
    """Say it."""
    found = caller.view("view.folder-floor", {"numbers": list(numbers), "scheme": scheme})
    caller.show(found, lambda: _write_floor(found))


@declare(
    "add", say("put copies into a folder"), acts=True,
    examples=["cordiale folder add UKR-2026-0003 UKR/JPN-2026-0001 --key keys/registrar.key.json"],
)
@click.argument("folder")
@click.argument("numbers", nargs=-1, required=True)
def add(caller: Caller, folder: str, numbers: tuple[str, ...]) -> None:
    """Put them in."""
    reply = caller.act("folder.add", {"folder": caller.item_id(folder), "numbers": list(numbers)})
    caller.told(reply, say("parts in the folder: {count}", **reply.answer))


@declare(
    "take-out", say("take copies out of a folder"), acts=True,
    examples=[
        "cordiale folder take-out UKR-2026-0003 UKR/JPN-2026-0001 --reason 'goes back' --key keys/registrar.key.json",
    ],
)
@click.argument("folder")
@click.argument("numbers", nargs=-1, required=True)
@click.option("--reason", required=True, help=say("why"))
def take_out(caller: Caller, folder: str, numbers: tuple[str, ...], reason: str) -> None:
    """Take them out."""
    reply = caller.act("folder.take-out", {
        "folder": caller.item_id(folder), "numbers": list(numbers), "reason": reason,
    })
    caller.told(reply, say("parts in the folder: {count}", **reply.answer))


@declare(
    "show", say("show what lies in a folder"), for_person=True,
    examples=["cordiale folder show UKR-2026-0003 --key keys/registrar.key.json"],
)
@click.argument("folder")
def show_(caller: Caller, folder: str) -> None:
    """Show it."""
    found = caller.view("view.folder", {"folder": folder})
    caller.show(found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.lines([(say("number"), found["number"]), (say("level"), found["level"])])
    _write_floor(found)
    show.table(found["parts"], [
        ("number", say("number")), ("level", say("level")), ("here", say("here")), ("state", say("state")),
    ], empty=say("nothing"))


def _write_floor(found: dict[str, Any]) -> None:
    show.lines([
        (say("at the least"), found["floor"]), (say("caveats"), found["caveats"]),
        (say("released to"), found["release_to"]), (say("not clear"), found["unclear"]),
        (say("not covered"), found.get("uncovered", [])),
    ])


command = group("folder", say("folders and the level of what lies in them"), {
    "floor": floor, "add": add, "take-out": take_out, "show": show_,
})
