"""How a command is written: its name, its line in the list, examples, and a function that takes the caller.

    @declare("show", say("show one item"), examples=["cordiale item show jpn.act.0a1b"], for_person=True)
    @click.argument("item")
    def show(caller: Caller, item: str) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.frame import HELP, Command, Settings


def declare(
    name: str, summary: str, *, examples: Sequence[str], for_person: bool = False, acts: bool = False,
    details: str = "",
) -> Callable[[Callable[..., None]], Command]:
    """Make a function the command `name`.

    `summary` is its line in the list and `details` what follows it in the help. `for_person` gives it the options
    of a person's key, `acts` those of an act besides.
    """
    def make(function: Callable[..., None]) -> Command:
        def call(*args: Any, **given: Any) -> None:
            function(Caller(click.get_current_context().ensure_object(Settings)), *args, **given)

        params = list(reversed(getattr(function, "__click_params__", [])))
        return Command(
            name=name, callback=call, params=params, help=_help(summary, details), short_help=summary,
            examples=examples, for_person=for_person, acts=acts,
        )

    return make


def group(name: str, summary: str, commands: Mapping[str, click.Command]) -> click.Group:
    """Return a group of `commands`, shown in their order."""
    return _Ordered(
        name=name, help=_help(summary, ""), short_help=summary, commands=dict(commands), context_settings=HELP
    )


def _help(summary: str, details: str) -> str:
    return summary[:1].upper() + summary[1:] + "." + (f"\n\n{details}" if details else "")


class _Ordered(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)
