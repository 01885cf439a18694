"""cordiale errors: what a code means."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "errors", say("list the codes of errors and what they mean"),
    details=say(
        "With CODE only those that begin with it. Exit codes: 2 usage, 3 refused, 4 malformed, 5 unverified, "
        "6 undecidable, 7 out of order, 8 unavailable."
    ),
    examples=["cordiale errors", "cordiale errors release"],
)
@click.argument("code", required=False, default="")
def command(caller: Caller, code: str) -> None:
    """List them."""
    from cordiale.words.sources import find_errors

    found = [asdict(one) for one in find_errors() if one.code.startswith(code)]
    caller.show({"errors": found}, lambda: _write(found))


def _write(found: list[dict[str, Any]]) -> None:
    for one in found:
        click.echo(f"{one['code']}  ({one['family']})")
        click.echo("    " + say(one["text"]))
        if one["hint"]:
            click.echo("    " + say("what to do: {hint}", hint=say(one["hint"])))
