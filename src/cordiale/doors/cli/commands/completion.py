"""cordiale completion: what makes a shell complete commands."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "completion", say("print what makes a shell complete commands"),
    examples=[
        "cordiale completion bash >~/.local/share/bash-completion/completions/cordiale",
        "cordiale completion zsh >~/.zfunc/_cordiale",
        "cordiale completion fish >~/.config/fish/completions/cordiale.fish",
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(caller: Caller, shell: str) -> None:
    """Print it."""
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root().command
    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(root, {}, "cordiale", "_CORDIALE_COMPLETE").source())
