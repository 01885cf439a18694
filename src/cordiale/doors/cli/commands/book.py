"""cordiale book: one register, to read or to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import html_option, pdf_option
from cordiale.doors.cli.page import form_of, write_form, write_page
from cordiale.limits import BOOK_PRINTED_COUNT
from cordiale.words import say


@declare(
    "book", say("show a register as a page"), for_person=True,
    details=say("BOOK is own, dispatch, or the code of an originating party. For the keepers of the register."),
    examples=[
        "cordiale book own --key keys/registrar.key.json",
        "cordiale book JPN --html register.html --key keys/registrar.key.json",
        "cordiale book JPN --pdf register.pdf --key keys/registrar.key.json",
    ],
)
@click.argument("book")
@click.option("--after", help=say("the end of the page before"))
@click.option("--count", type=click.IntRange(1, BOOK_PRINTED_COUNT), help=say("how many"))
@html_option
@pdf_option
def command(caller: Caller, book: str, html: Path | None, pdf: Path | None, **page: Any) -> None:
    """Show it."""
    asked = {name: value for name, value in page.items() if value is not None}
    answer = caller.view("view.register", {"book": book, "as": form_of(html, pdf), **asked})
    if pdf is not None:
        write_form(caller, answer, pdf)
        return
    if html is not None:
        write_page(caller, answer, html)
        return
    if not caller.settings.is_json:
        show.banner(answer["levels"])
    caller.show_part(f"cordiale book {book}", answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.table(answer["rows"], [
        ("number", say("number")), ("at", say("at")), ("act", say("act")), ("level", say("level")),
        ("equivalent", say("equivalent")), ("their_reference", say("their number")), ("form", say("form")),
        ("copy_number", say("copy")), ("party", say("party")), ("title", say("title")), ("item", say("item")),
        ("particular", say("corrected")), ("read_before", say("read before")), ("now_reads", say("now reads")),
        ("reason", say("reason")),
    ], empty=say("this book is empty"))
