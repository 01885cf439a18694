"""What all commands share: the options every one of them takes, their help, and how they are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from cordiale.words import say

HELP: Final = {"help_option_names": ["-h", "--help"]}


@dataclass(slots=True)
class Settings:
    """What the common options say, wherever on the line they stood."""

    home: Path | None = None
    key: Path | None = None
    passphrase_fd: int | None = None
    act_id: str = ""
    is_json: bool = False
    secrets: list[str] = field(default_factory=list, repr=False)
    if_stopped: str = ""
    """What is to be said, beside that the command was stopped, when its user stops it now."""


@dataclass(frozen=True, slots=True)
class Row:
    """A command that is known without being read: its name, what it does, and the section it stands in.

    Its module has the name with `_` for `-`; `command` in it is the command.
    """

    name: str
    summary: str
    section: str = ""

    @property
    def module(self) -> str:
        """The name of the module, without its package."""
        return self.name.replace("-", "_")


class LazyGroup(click.Group):
    """A group whose commands are read one at a time."""

    def __init__(self, *, rows: Sequence[Row], package: str, **given: Any) -> None:
        super().__init__(**given)
        self.rows = {row.name: row for row in rows}
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read the command `cmd_name`, None when there is none."""
        row = self.rows.get(cmd_name)
        if row is None:
            return None
        command: click.Command = import_module(f"{self._package}.{row.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table by section, without reading any command."""
        for section, rows in groupby(self.rows.values(), lambda row: row.section):
            with formatter.section(section or say("Commands")):
                formatter.write_dl([(row.name, row.summary) for row in rows])


class Command(click.Command):
    """A command with the common options and with examples in its help."""

    def __init__(self, *, examples: Sequence[str], for_person: bool = False, acts: bool = False, **given: Any) -> None:
        super().__init__(context_settings=HELP, **given)
        self.examples = tuple(examples)
        self.common = common_options(for_person=for_person or acts, acts=acts)
        self.params.extend(self.common)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the common ones."""
        own = [param for param in self.get_params(ctx) if param not in self.common]
        for title, params in ((say("Options"), own), (say("Common options"), self.common)):
            records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section(say("Examples")):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        # An option may stand before or after the command: the later one counts, the environment last of all.
        settings = ctx.ensure_object(Settings)
        is_written = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if is_written or (value and not getattr(settings, name)):
            setattr(settings, name, value)
        return value

    return keep


def _option(*names: str, keeps: str, **given: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_keep(keeps), **given)


_PATH: Final = click.Path(path_type=Path)


def common_options(*, for_person: bool = True, acts: bool = False) -> list[click.Parameter]:
    """Return the options that commands share; those of a person only where a person acts."""
    options: list[click.Parameter] = [
        _option("--home", keeps="home", envvar="CORDIALE_HOME", type=_PATH, metavar="DIR",
                help=say("the home of the node (or CORDIALE_HOME)")),
        _option("--json", keeps="is_json", is_flag=True, help=say("write answers and errors as JSON")),
    ]
    if for_person:
        options += [
            _option("--key", keeps="key", envvar="CORDIALE_KEY", type=_PATH, metavar="FILE",
                    help=say("your key file (or CORDIALE_KEY)")),
            _option("--passphrase-fd", keeps="passphrase_fd", type=int, metavar="N",
                    help=say("read the passphrase from this file descriptor instead of asking")),
        ]
    if acts:
        options.append(_option(
            "--act-id", keeps="act_id", metavar="ID",
            help=say("repeat an act whose answer was lost; it is done once"),
        ))
    return options
