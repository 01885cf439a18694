"""cordiale init: the home of a new node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli.ask import credential_of
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import mode_of, mode_options
from cordiale.words import say

_PEOPLE_BYTES_MAX: Final = 4 * 1024**2


@declare(
    "init", say("make the home of a new node"),
    details=say(
        "A node is founded by at least two persons with keys: --people is a CSV file of them, --keys a folder with "
        "PERSON.pub.json for each. The mode is for ever: what an exercise signs never counts as real."
    ),
    examples=[
        "cordiale init --home /srv/tokyo --party JPN --id tokyo.jpn --exercise \\",
        "    --title 'EXERCISE: registry, Tokyo' --listen 127.0.0.1:8441 --people people.csv --keys keys",
        "cordiale init --home /srv/bag-only --party JPN --id annex.jpn --mode real \\",
        "    --title 'Registry of the annex' --people people.csv --keys keys --credential-fd 3 3<credential",
    ],
)
@click.option("--party", required=True, metavar="CODE", help=say("the party, such as JPN"))
@click.option("--id", "node", required=True, metavar="NAME", help=say("the name of the node, such as tokyo.jpn"))
@mode_options
@click.option("--title", required=True, help=say("what the registry is called"))
@click.option("--listen", default="", metavar="HOST:PORT", help=say("where partners reach it; none: only the bag"))
@click.option("--endpoint", default="", metavar="URL", help=say("its address for partners (default: as --listen)"))
@click.option("--people", required=True, type=click.Path(path_type=Path), metavar="CSV", help=say("the founders"))
@click.option("--keys", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help=say("the folder with their public keys"))
@click.option("--credential-fd", type=int, metavar="N",
              help=say("read the credential of the new vault from this file descriptor"))
def command(caller: Caller, **given: Any) -> None:
    """Make the home, the vault and the books, and enter the founders."""
    from cordiale.config import parse_config, write_config
    from cordiale.node import Founding, create_home
    from cordiale.operate.keyfiles import PUBLIC_SUFFIX, read_file, read_public
    from cordiale.wire.person_json import parse_people_csv

    os.umask(0o077)
    config = parse_config(write_config(_config_of(caller, given)).encode(), caller.home)
    people = parse_people_csv(read_file(given["people"], _PEOPLE_BYTES_MAX))
    files = {person.id: given["keys"] / f"{person.id}{PUBLIC_SUFFIX}" for person in people}
    keys = {str(id): read_public(path) for id, path in files.items() if path.exists()}
    credential = credential_of(given["credential_fd"], is_new=True)
    create_home(Founding(config, people, keys), credential)
    answer = {"home": str(config.home), "keys": sorted(keys), "mode": config.mode.value, "node": config.node,
              "party": config.party, "people": len(people)}
    caller.show(answer, lambda: _write(caller, answer))


def _config_of(caller: Caller, given: dict[str, Any]) -> Any:
    from cordiale.config import Config
    from cordiale.model.names import NodeId, PartyId

    host, _, port = given["listen"].rpartition(":")
    listen = (host, int(port)) if host and port.isdigit() else None
    if given["listen"] and listen is None:
        raise click.UsageError(say("write --listen as HOST:PORT"))
    endpoint = given["endpoint"] or (f"https://{given['listen']}" if listen else "")
    return Config(
        home=caller.home, party=PartyId(given["party"]), node=NodeId(given["node"]), mode=mode_of(given),
        title=given["title"], listen=listen, endpoint=endpoint, books="sqlite:books.db", objects="folder:objects",
        diagnostics="warning",
    )


def _write(caller: Caller, answer: dict[str, Any]) -> None:
    caller.tell(say(
        "the node {node} of {party} is made in {home}: {people} people, {count} of them with keys",
        count=len(answer["keys"]), **{name: answer[name] for name in ("node", "party", "home", "people")},
    ))
    if answer["mode"] == "exercise":
        caller.tell(say("it is an exercise node, for ever"))
    caller.tell(say("what to do: {hint}", hint=say("start it with `cordiale serve`")))
