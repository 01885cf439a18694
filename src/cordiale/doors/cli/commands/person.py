"""cordiale person: people, their keys and clearances."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm, passphrase_for
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, mode_of, mode_options, part_options, yes_option
from cordiale.words import say

_CSV_BYTES_MAX: Final = 4 * 1024**2


@declare(
    "new", say("make a key of your own, in a file under a passphrase"),
    details=say("PERSON.key.json stays with you; PERSON.pub.json goes to whoever enrols the key."),
    examples=["cordiale person key new originator --folder keys --exercise"],
)
@click.argument("person")
@click.option("--folder", default=".", type=PATH, metavar="DIR", help=say("where to put both files"))
@mode_options
@click.option("--passphrase-fd", type=int, metavar="N",
              help=say("read the passphrase from this file descriptor instead of asking"))
def key_new(caller: Caller, person: str, folder: Path, passphrase_fd: int | None, **given: Any) -> None:
    """Make the key file and the public file."""
    from cordiale.model.names import parse_identifier
    from cordiale.operate.keyfiles import KEY_SUFFIX, PUBLIC_SUFFIX, make_key, write_public

    parse_identifier(person, "person id")
    mode = mode_of(given)
    caller.settings.passphrase_fd = passphrase_fd if passphrase_fd is not None else caller.settings.passphrase_fd
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / f"{person}{KEY_SUFFIX}", folder / f"{person}{PUBLIC_SUFFIX}"
    key = make_key(private, passphrase_for(caller.settings, private.name, is_new=True), mode)
    write_public(public, key)
    answer = {
        "fingerprint": key.fingerprint, "key": str(private), "mode": mode.value, "person": person,
        "public": str(public),
    }
    caller.show(answer, lambda: _write_key(caller, answer))


def _write_key(caller: Caller, answer: Mapping[str, Any]) -> None:
    caller.tell(say("your key is in {key}; keep it, and hand over {public}", **answer))
    caller.tell(say("its fingerprint, to read to whoever confirms it: {fingerprint}", **answer))


@declare(
    "fingerprint", say("print the fingerprint of a public key, to compare with its owner"),
    details=say("Whoever confirms a key asks its owner for the fingerprint, face to face or by telephone."),
    examples=["cordiale person key fingerprint keys/originator.pub.json --exercise"],
)
@click.argument("public", type=PATH)
@mode_options
def key_print(caller: Caller, public: Path, **given: Any) -> None:
    """Print it."""
    from cordiale.operate.keyfiles import fingerprint_of

    value = fingerprint_of(public, mode_of(given))
    caller.show({"fingerprint": value}, lambda: caller.tell(value))


@declare(
    "import", say("propose to enter or change people from a CSV file"), acts=True,
    details=say(
        "An act of the security officer. What the list takes away is so at once; what it adds waits for a second "
        "person. Keys stay as they are, but for those in --keys. Nobody changes their own record."
    ),
    examples=[
        "cordiale person import people.csv --key keys/security.key.json",
        "cordiale person import people.csv --keys handed-over --key keys/security.key.json",
    ],
)
@click.argument("csv", type=PATH)
@click.option("--keys", type=PATH, metavar="DIR", help=say("a folder with the public keys of people on the list"))
def import_people(caller: Caller, csv: Path, keys: Path | None) -> None:
    """Send the file."""
    from cordiale.canonical import encode_base64url
    from cordiale.operate.keyfiles import PUBLIC_SUFFIX, read_file, read_public

    found = {path.name.removesuffix(PUBLIC_SUFFIX): read_public(path) for path in sorted(keys.glob(f"*{PUBLIC_SUFFIX}"))
             } if keys is not None else None
    reply = caller.act("people.import", {"csv": encode_base64url(read_file(csv, _CSV_BYTES_MAX)), "keys": found})
    caller.told(reply, say(
        "people; less from now on: {narrowed}, waiting for a second person: {proposed}, as they were: {unchanged}",
        **reply.answer,
    ), *_waiting(reply.answer))


def _waiting(answer: Mapping[str, Any]) -> list[str]:
    """Return what to do with the proposal that an act has made, when it made one."""
    if "proposal" not in answer:
        return []
    return [say(
        "proposal {proposal}: another person confirms it until {day}", proposal=answer["proposal"],
        day=answer["expires_at"][:10],
    )]


@declare(
    "enrol", say("propose somebody's first or another public key"), acts=True,
    details=say(
        "An act of the security officer, for a second person to confirm. Until then a former key goes on counting: "
        "if it was lost, withdraw it as well, which is so at once."
    ),
    examples=["cordiale person enrol originator keys/originator.pub.json --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("public", type=PATH)
def enrol(caller: Caller, person: str, public: Path) -> None:
    """Send the public key."""
    from cordiale.operate.keyfiles import read_public

    reply = caller.act("people.enrol-key", {"person": person, "key": read_public(public)})
    caller.told(reply, say("the key of {person} waits for a second person", **reply.answer), *_waiting(reply.answer))


@declare(
    "proposals", say("list the proposals about people that wait for a second person"), for_person=True,
    examples=["cordiale person proposals --key keys/head.key.json"],
)
def list_proposals(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.people-proposals", {})
    caller.show(answer, lambda: show.table(answer["proposals"], [
        ("proposal", say("proposal")), ("state", say("state")), ("persons", say("people")),
        ("proposed_by", say("proposed by")), ("proposed_at", say("proposed")), ("expires_at", say("until")),
    ], empty=say("no proposal waits")))


@declare(
    "confirm", say("confirm a proposal about people, as the second person"), acts=True,
    details=say(
        "Shows everything the proposal would change, and asks; what is signed is exactly what is shown. For a key, "
        "compare the fingerprint with its owner first. A registrar, a head or another security officer confirms, "
        "never who proposed it or whom it is about."
    ),
    examples=["cordiale person confirm act.0a1b --key keys/head.key.json"],
)
@click.argument("proposal")
@yes_option
def confirm_proposal(caller: Caller, proposal: str, yes: bool) -> None:
    """Sign as the second person."""
    shown = caller.view("view.people-proposal", {"proposal": proposal})
    if not caller.settings.is_json:
        _write_proposal(shown)
    confirm(say("confirm this proposal?"), yes=yes)
    reply = caller.act("people.confirm", {"proposal": proposal, "binding": shown["binding"]})
    caller.told(reply, say("confirmed: {persons} people are as proposed from now on", **reply.answer))


@declare(
    "proposal", say("show a proposal about people, with everything it would change"), for_person=True,
    examples=["cordiale person proposal act.0a1b --key keys/head.key.json"],
)
@click.argument("proposal")
def show_proposal(caller: Caller, proposal: str) -> None:
    """Show one."""
    answer = caller.view("view.people-proposal", {"proposal": proposal})
    caller.show(answer, lambda: _write_proposal(answer))


def _write_proposal(answer: Mapping[str, Any]) -> None:
    show.lines([
        (say("proposal"), answer["proposal"]), (say("state"), answer["state"]),
        (say("proposed by"), answer["proposed_by"]), (say("proposed"), answer["proposed_at"]),
        (say("until"), answer["expires_at"]), (say("changed since"), answer["changed_since"]),
    ])
    for one in answer["changes"]:
        click.echo()
        click.echo(say("{person} ({name}), new", **one) if one["is_new"] else say("{person} ({name})", **one))
        show.lines([
            (member["member"], f"{show.word(member['before']) or '–'} → {show.word(member['after']) or '–'}"
             if not one["is_new"] else member["after"])
            for member in one["members"]
        ], indent=2)


@declare(
    "withdraw-proposal", say("withdraw a proposal about people, or decline it; nothing of it takes effect"), acts=True,
    examples=["cordiale person withdraw-proposal act.0a1b --key keys/security.key.json"],
)
@click.argument("proposal")
def withdraw_proposal(caller: Caller, proposal: str) -> None:
    """Withdraw it."""
    reply = caller.act("people.withdraw-proposal", {"proposal": proposal})
    caller.told(reply, say("the proposal {proposal} is withdrawn", **reply.answer))


@declare(
    "withdraw-clearance", say("withdraw a clearance; it stops counting in every decision from this moment"), acts=True,
    examples=["cordiale person withdraw-clearance originator 'EX-JPN:EXERCISE SAKURA' --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("level")
def withdraw(caller: Caller, person: str, level: str) -> None:
    """Withdraw it."""
    reply = caller.act("people.withdraw-clearance", {"person": person, "level": level})
    caller.told(reply, say("the clearance {level} of {person} is withdrawn", **reply.answer))


@declare(
    "withdraw-office", say("take an office away from somebody, at once"), acts=True,
    examples=["cordiale person withdraw-office authority releasing-authority --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("office")
def withdraw_office(caller: Caller, person: str, office: str) -> None:
    """Take it away."""
    reply = caller.act("people.withdraw-office", {"person": person, "office": office})
    caller.told(reply, say("{person} no longer holds the office {office}", **reply.answer))


@declare(
    "withdraw-key", say("withdraw somebody's key, at once: it was lost, or is in other hands"), acts=True,
    examples=["cordiale person withdraw-key originator --key keys/security.key.json"],
)
@click.argument("person")
def withdraw_key(caller: Caller, person: str) -> None:
    """Withdraw it."""
    reply = caller.act("people.withdraw-key", {"person": person})
    caller.told(reply, say("the key of {person} no longer counts", **reply.answer))


@declare(
    "leave", say("enter that somebody has left the service; they can do nothing any more"), acts=True,
    examples=["cordiale person leave originator --key keys/security.key.json"],
)
@click.argument("person")
def leave(caller: Caller, person: str) -> None:
    """Enter it."""
    reply = caller.act("people.leave", {"person": person})
    caller.told(reply, say("{person} has left the service", **reply.answer))


@declare(
    "list", say("list the people of this node"), for_person=True,
    examples=["cordiale person list --key keys/security.key.json"],
)
@part_options
def list_people(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.people", part)
    caller.show_part("cordiale person list", answer, lambda: show.table(answer["people"], [
        ("id", say("id")), ("name", say("name")), ("post", say("post")), ("unit", say("unit")),
        ("offices", say("offices")), ("has_key", say("key")),
    ], empty=say("nobody is entered")))


@declare(
    "show", say("show one person: yourself, or anybody for the officers who need to know"), for_person=True,
    examples=["cordiale person show originator --key keys/originator.key.json"],
)
@click.argument("person")
def show_person(caller: Caller, person: str) -> None:
    """Show one."""
    answer = caller.view("view.person", {"person": person})
    caller.show(answer, lambda: show.any_value(answer["person"]))


command = group("person", say("people, their keys and clearances"), {
    "key": group("key", say("your own key"), {"new": key_new, "fingerprint": key_print}),
    "import": import_people,
    "enrol": enrol,
    "proposals": list_proposals,
    "proposal": show_proposal,
    "confirm": confirm_proposal,
    "withdraw-proposal": withdraw_proposal,
    "withdraw-clearance": withdraw,
    "withdraw-office": withdraw_office,
    "withdraw-key": withdraw_key,
    "leave": leave,
    "list": list_people,
    "show": show_person,
})
