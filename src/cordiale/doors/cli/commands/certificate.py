"""cordiale certificate: that a copy went back or was destroyed, to read or to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import pdf_option
from cordiale.doors.cli.page import write_form
from cordiale.words import say


@declare(
    "certificate", say("show a certificate of return or destruction"), for_person=True,
    details=say(
        "NUMBER is that of one we gave, or the code of the party, a dot, and the number of one we were given. "
        "No title and no level stand on it. For the keepers of the register."
    ),
    examples=[
        "cordiale certificate UKR-DES-JPN-2026-0001 --pdf certificate.pdf --key keys/registrar.key.json",
        "cordiale certificate UKR.UKR-DES-JPN-2026-0001 --key keys/registrar.key.json",
    ],
)
@click.argument("number")
@pdf_option
def command(caller: Caller, number: str, pdf: Path | None) -> None:
    """Show it."""
    answer = caller.view("view.certificate", {"certificate": number, "as": "pdf" if pdf else None})
    if pdf is not None:
        write_form(caller, answer, pdf)
        return
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.lines([
        (say("number"), answer["number"]), (say("from"), answer["from"]), (say("to"), answer["to"]),
        (say("item"), answer["reference"]), (say("their number"), answer["their_reference"]),
        (say("copy"), answer["copy_number"]), (say("form"), answer["form"]), (say("method"), answer["method"]),
        (say("day"), answer["done_on"]), (say("legal basis"), answer["legal_basis"]),
        (say("carried out by"), "; ".join(answer["persons"])), (say("witnesses"), "; ".join(answer["witnesses"])),
        (say("proof"), answer["proof"]), (say("audit trail"), answer["trail"]),
    ])
