"""cordiale bag: the same messages and envelopes, on a medium."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH
from cordiale.words import say

EXIT_PROBLEMS: Final = 5


@declare(
    "pack", say("write what waits for a partner to a folder on a medium"),
    details=say("What is in the bag is sealed and signed; the medium needs no trust, only a courier."),
    examples=["cordiale bag pack UKR /media/stick/bag-7 --home /srv/tokyo"],
)
@click.argument("partner")
@click.argument("folder", type=PATH)
def pack(caller: Caller, partner: str, folder: Path) -> None:
    """Pack it."""
    answer = caller.operate("bag-pack", {"folder": str(folder.absolute()), "partner": partner})
    caller.show(answer, lambda: caller.tell(say(
        "the bag {bag} for {party} is packed: {files} files", bag=answer["bag"], party=answer["party"],
        files=answer["files"],
    )))


@declare(
    "unpack", say("take in a bag from a folder on a medium"),
    details=say(
        "Unpacking a bag twice is harmless: what came before is known again. Ends with exit code 5 when a file was "
        "wrong; everything else was taken."
    ),
    examples=["cordiale bag unpack /media/stick/bag-7 --home /srv/kyiv"],
)
@click.argument("folder", type=PATH)
def unpack(caller: Caller, folder: Path) -> None:
    """Unpack it."""
    answer = caller.operate("bag-unpack", {"folder": str(folder.absolute())})
    caller.show(answer, lambda: _write_unpacked(answer))
    if answer["problems"]:
        raise click.exceptions.Exit(EXIT_PROBLEMS)


def _write_unpacked(answer: dict[str, Any]) -> None:
    click.echo(say("the bag {bag}: {taken} messages taken, {before} known before", **answer))
    for one in answer["problems"]:
        click.echo(f"  - {one['path']}: {one['what']}")


command = group("bag", say("carry messages and envelopes on a medium"), {"pack": pack, "unpack": unpack})
