"""The page of all commands, written from the program: `python -m cordiale.doors.cli.manual >docs/commands.md`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import click

WIDTH: Final = 100
_HEAD: Final = """# Commands

Written from the program by `make docs`; a test compares the two. Do not edit it by hand.

Every command is `cordiale COMMAND`; `cordiale COMMAND --help` shows what stands here. The common options may stand
before or after the command. With `--json` an answer is one line of JSON on standard output,
`{"answer": ..., "at": ..., "trail": ...}`, and an error is one on standard error, `{"error": ...}`, with every reason.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a defect in the program |
| 2 | the command was not written right |
| 3 | refused: the rules said no, with every reason and article |
| 4 | malformed: the bytes or fields are not of the form |
| 5 | unverified: a signature, digest or proof is wrong, or the books and the trail differ |
| 6 | undecidable: a key, a status or a provision is missing |
| 7 | out of order: the state does not allow this now |
| 8 | unavailable: the disk, the network, the node or the partner did not answer |
| 130 | stopped by the user |
| 141 | whoever was to read the output has gone |

A passphrase or credential never comes from an argument or an environment variable: it is asked for on the terminal,
read from a file descriptor (`--passphrase-fd`, `--credential-fd`), or handed over by the service manager as the
credential `cordiale-vault`.
"""


def manual() -> str:
    """Return the page."""
    from cordiale.doors.cli.main import cordiale

    parts = [_HEAD, _block(cordiale, _context(cordiale, "cordiale", None))]
    for name in cordiale.list_commands(_context(cordiale, "cordiale", None)):
        parts.extend(_pages(cordiale, name, _context(cordiale, "cordiale", None), level=2))
    return "\n".join(parts)


def _pages(parent: click.Group, name: str, above: click.Context, *, level: int) -> Iterator[str]:
    command = parent.get_command(above, name)
    if command is None:
        return
    context = _context(command, name, above)
    yield f"{'#' * level} {context.command_path}\n"
    yield _block(command, context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from _pages(command, below, context, level=min(level + 1, 4))


def _context(command: click.Command, name: str, above: click.Context | None) -> click.Context:
    return click.Context(
        command, parent=above, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )


def _block(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    os.environ["LANGUAGE"] = "en"
    click.echo(manual(), nl=False)
