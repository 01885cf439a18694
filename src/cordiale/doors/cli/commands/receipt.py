"""cordiale receipt: what was given or taken against signature, to read or to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import html_option, pdf_option
from cordiale.doors.cli.page import form_of, write_form, write_page
from cordiale.words import say


@declare(
    "receipt", say("show the receipt of a consignment"), for_person=True,
    details=say(
        "The one we gave for what we registered, or were given for what we sent. CONSIGNMENT may be its number in "
        "our book of dispatches. No title and no level stand on it. For the keepers of the register."
    ),
    examples=[
        "cordiale receipt JPN-OUT-UKR-2026-0001 --key keys/registrar.key.json",
        "cordiale receipt jpn.c.act.0a1b --html receipt.html --key keys/registrar.key.json",
        "cordiale receipt jpn.c.act.0a1b --pdf receipt.pdf --key keys/registrar.key.json",
    ],
)
@click.argument("consignment")
@html_option
@pdf_option
def command(caller: Caller, consignment: str, html: Path | None, pdf: Path | None) -> None:
    """Show it."""
    params = {"consignment": caller.consignment_id(consignment), "as": form_of(html, pdf)}
    answer = caller.view("view.receipt", params)
    if pdf is not None:
        write_form(caller, answer, pdf)
        return
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.lines([
        (say("from"), answer["from"]), (say("to"), answer["to"]), (say("number"), answer["number"]),
        (say("consignment"), answer["consignment"]), (say("agreement"), answer["agreement"]),
        (say("received"), answer["received_at"]), (say("registered"), answer["registered_at"]),
        (say("items counted"), answer["counted"]), (say("remarks"), answer["remarks"]),
        (say("registrar"), answer["registrar"]), (say("audit trail"), answer["trail"]),
    ])
    show.table(answer["lines"], [
        ("number", say("number")), ("their_number", say("their number")), ("copy_number", say("copy")),
        ("form", say("form")),
    ], empty=say("there are no copies"))
