"""cordiale device: what is set aside to print, copy and scan on, each with its highest level."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say


@declare(
    "register", say("set a device aside for reproduction"), acts=True,
    examples=[
        "cordiale device register printer-3 --kind printer --level 'EX-UKR:EXERCISE BARVINOK' \\",
        "    --key keys/security.key.json",
    ],
)
@click.argument("device")
@click.option("--kind", required=True, metavar="TEXT", help=say("what it is"))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the highest level it is labelled with"))
def register(caller: Caller, device: str, kind: str, level: str) -> None:
    """Set it aside."""
    reply = caller.act("device.register", {"device": device, "kind": kind, "level": level})
    caller.told(reply, say("{device} is set aside for {level}", **reply.answer))


@declare(
    "withdraw", say("take a device out of use"), acts=True,
    examples=["cordiale device withdraw printer-3 --method 'memory destroyed' --key keys/security.key.json"],
)
@click.argument("device")
@click.option("--method", required=True, metavar="TEXT", help=say("what became of what stayed in it"))
def withdraw(caller: Caller, device: str, method: str) -> None:
    """Take it out of use."""
    reply = caller.act("device.withdraw", {"device": device, "method": method})
    caller.told(reply, say("{device} is out of use", **reply.answer))


@declare(
    "list", say("list the devices that were set aside"), for_person=True,
    examples=["cordiale device list --key keys/registrar.key.json"],
)
@part_options
def list_devices(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.equipment", {**part, "of": "devices"})
    caller.show_part("cordiale device list", answer, lambda: show.table(answer["devices"], [
        ("device", say("device")), ("kind", say("kind")), ("level", say("level")), ("held", say("highest so far")),
        ("state", say("state")),
    ], empty=say("no device is set aside")))


command = group("device", say("set devices aside for reproduction"), {
    "register": register, "withdraw": withdraw, "list": list_devices,
})
