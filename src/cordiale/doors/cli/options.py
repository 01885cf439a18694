"""Options that several commands share beside the common ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from cordiale.limits import LISTED_COUNT_MAX
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.model.mode import Mode

Function = TypeVar("Function", bound=Callable[..., None])

PATH: Final = click.Path(path_type=Path)
DAY: Final = "DAY"
LINKS: Final = ("wire", "bag", "carry", "post", "freight")


def mode_options(function: Function) -> Function:
    """Add `--mode` and its shorthand `--exercise`."""
    function = click.option("--exercise", is_flag=True, help=say("short for --mode exercise"))(function)
    return click.option("--mode", type=click.Choice(["exercise", "real"]), help=say("exercise or real, for ever"))(
        function
    )


def mode_of(given: Mapping[str, Any]) -> Mode:
    """Return the mode that was chosen; ends the command when none was, or both."""
    from cordiale.model.mode import Mode

    if given["exercise"] and given["mode"] not in (None, "exercise"):
        raise click.UsageError(say("a node is either an exercise or real"))
    chosen = "exercise" if given["exercise"] else given["mode"]
    if chosen is None:
        raise click.UsageError(say("say which it is: --exercise or --mode real"))
    return Mode(chosen)


def terms_options(function: Function) -> Function:
    """Add what a release and a dispatch are for: `--to`, `--purpose` and `--agreement`."""
    function = click.option("--agreement", required=True, metavar="ID", help=say("under which agreement"))(function)
    function = click.option("--purpose", required=True, help=say("what it is for"))(function)
    return click.option("--to", "recipient", required=True, metavar="PARTY", help=say("the party it goes to"))(function)


def yes_option(function: Function) -> Function:
    """Add `--yes`."""
    return click.option("--yes", "-y", is_flag=True, help=say("do not ask: I have read what I sign"))(function)


def pdf_option(function: Function) -> Function:
    """Add `--pdf FILE`."""
    return click.option("--pdf", type=PATH, metavar="FILE", help=say("write it as a form to print to this file"))(
        function
    )


def html_option(function: Function) -> Function:
    """Add `--html FILE`."""
    return click.option("--html", type=PATH, metavar="FILE", help=say("write it as a page to this file"))(function)


def part_options(function: Function) -> Function:
    """Add `--after` and `--count`: which part of a list."""
    function = click.option("--count", type=click.IntRange(1, LISTED_COUNT_MAX), help=say("how many"))(function)
    return click.option("--after", help=say("the end of the page before"))(function)
