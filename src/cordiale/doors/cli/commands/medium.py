"""cordiale medium: media, each with the highest level it ever held, and the list of backups."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say


@declare(
    "register", say("register a medium before anything is written on it"), acts=True,
    examples=["cordiale medium register backup-a --kind 'encrypted disk' --key keys/registrar.key.json"],
)
@click.argument("medium")
@click.option("--kind", required=True, metavar="TEXT", help=say("what it is"))
def register(caller: Caller, medium: str, kind: str) -> None:
    """Register it."""
    reply = caller.act("medium.register", {"kind": kind, "medium": medium})
    caller.told(reply, say("{medium} is registered", **reply.answer))


@declare(
    "end", say("enter that a medium was destroyed"), acts=True,
    details=say("A medium keeps the highest level it ever held until it is destroyed, whatever was erased."),
    examples=["cordiale medium end backup-a --method shredded --key keys/registrar.key.json"],
)
@click.argument("medium")
@click.option("--method", required=True, metavar="TEXT", help=say("how it was destroyed"))
def end(caller: Caller, medium: str, method: str) -> None:
    """Enter it."""
    reply = caller.act("medium.end", {"medium": medium, "method": method})
    caller.told(reply, say("{medium} is destroyed", **reply.answer))


@declare(
    "list", say("list media and backups"), for_person=True,
    examples=["cordiale medium list --key keys/registrar.key.json"],
)
@part_options
def list_media(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.equipment", {**part, "of": "media"})
    caller.show_part("cordiale medium list", answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.table(answer["media"], [
        ("medium", say("medium")), ("kind", say("kind")), ("held", say("highest so far")), ("state", say("state")),
    ], empty=say("no medium is registered"))
    show.table(answer["backups"], [
        ("begun_at", say("begun")), ("made_at", say("whole since")), ("medium", say("medium")),
        ("levels", say("highest so far")), ("envelopes", say("envelopes")),
    ], empty=say("no backup was made"))


command = group("medium", say("register media, and list what they have held"), {
    "register": register, "end": end, "list": list_media,
})
