"""cordiale root: the offline keys a party is known by. None of these commands talks to a node."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm, passphrase_for
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, mode_of, mode_options, yes_option
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.model.party import NodeStatement, PartyRoot


@declare(
    "create", say("make the keys of a root and the root they sign"),
    details=say(
        "Done once, on a machine that never meets a network. Each key officer types a passphrase of their own "
        "for their key file; with --passphrase-fd one line is read for each. Of all keys, --threshold must sign "
        "every statement of the party's nodes."
    ),
    examples=[
        "cordiale root create --party JPN --exercise --title 'EXERCISE: root of Japan' --folder root",
        "cordiale root create --party JPN --mode real --title 'Root of Japan' --keys 5 --threshold 3 --folder root",
    ],
)
@click.option("--party", required=True, metavar="CODE", help=say("the party, such as JPN"))
@mode_options
@click.option("--title", required=True, help=say("what the root is called"))
@click.option("--keys", default=3, show_default=True, type=click.IntRange(1, 8), help=say("how many keys"))
@click.option("--threshold", default=2, show_default=True, type=click.IntRange(1, 8),
              help=say("how many of them must sign"))
@click.option("--folder", required=True, type=PATH, metavar="DIR", help=say("where to put the files"))
@click.option("--passphrase-fd", type=int, metavar="N",
              help=say("read the passphrases from this file descriptor, a line each"))
def create(caller: Caller, folder: Path, passphrase_fd: int | None, **given: Any) -> None:
    """Make the key files, then the root."""
    from cordiale.model.names import parse_party_id
    from cordiale.model.party import PartyRoot
    from cordiale.operate.keyfiles import KEY_SUFFIX, OpenKey, make_key, make_root, write_file

    party, mode = parse_party_id(given["party"]), mode_of(given)
    if given["threshold"] > given["keys"]:
        raise click.UsageError(say("the threshold cannot be more than the number of keys"))
    caller.settings.passphrase_fd = passphrase_fd if passphrase_fd is not None else caller.settings.passphrase_fd
    paths = [folder / f"root-{number}{KEY_SUFFIX}" for number in range(1, given["keys"] + 1)]
    secrets = [passphrase_for(caller.settings, path.name, is_new=True) for path in paths]
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        keys: list[OpenKey] = []
        for path, secret in zip(paths, secrets, strict=True):
            keys.append(make_key(path, secret, mode))
            made.append(path)
        root = PartyRoot(
            party=party, mode=mode, version=1, threshold=given["threshold"],
            keys=tuple(key.root_key for key in keys), created_at=datetime.now(UTC).replace(microsecond=0),
            title=given["title"],
        )
        write_file(folder / "root.json", make_root(root, keys), exclusive=True)
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise
    _tell_root(caller, root, {"keys": [str(path) for path in paths], "root": str(folder / "root.json")})


@declare(
    "sign", say("sign a statement of a node with one key of the root"),
    details=say(
        "Shows what is signed, and asks. The signed statement takes the place of FILE unless --output is given; "
        "the next key officer signs that one."
    ),
    examples=[
        "cordiale root sign statement.json --root root/root.json --key root/root-1.key.json",
        "cordiale root sign statement.json --root root/root.json --key root/root-2.key.json",
    ],
    for_person=True,
)
@click.argument("file", type=PATH)
@click.option("--root", required=True, type=PATH, metavar="FILE", help=say("the root, root.json"))
@click.option("--output", "-o", type=PATH, metavar="FILE", help=say("where to put the signed statement"))
@yes_option
def sign(caller: Caller, file: Path, root: Path, output: Path | None, yes: bool) -> None:
    """Show, ask, sign."""
    from cordiale.limits import STATEMENT_SIZE_BYTES_MAX
    from cordiale.message.trust.root import read_unverified_root, verify_root
    from cordiale.operate.keyfiles import count_signatures, open_key, read_draft, read_file, read_root, write_file

    root_content = read_root(root)
    known = verify_root(root_content, mode=read_unverified_root(root_content).mode)
    content = read_file(file, STATEMENT_SIZE_BYTES_MAX)
    statement = read_draft(content)
    if not caller.settings.is_json:
        _write_statement(statement, known)
    if caller.settings.key is None:
        raise click.UsageError(say("name the key of the root you sign with: --key FILE"))
    confirm(say("sign this statement?"), yes=yes)
    name = caller.settings.key.name
    key = open_key(caller.settings.key, passphrase_for(caller.settings, name), known.mode)
    signed = key.sign_statement(content, root_content)
    write_file(output or file, signed, exclusive=output is not None)
    count, threshold = count_signatures(signed, root_content)
    answer = {"file": str(output or file), "signatures": count, "threshold": threshold, "version": statement.version}
    caller.show(answer, lambda: caller.tell(say(
        "signed: {signatures} of the {threshold} signatures that are needed, in {file}", **answer,
    )))


@declare(
    "fingerprint", say("print the fingerprint of a root, to compare over another channel"),
    examples=["cordiale root fingerprint root/root.json"],
)
@click.argument("root", type=PATH)
def print_fingerprint(caller: Caller, root: Path) -> None:
    """Print it in groups."""
    from cordiale.message.trust.root import fingerprint

    value = fingerprint(_read_root(root))
    caller.show({"fingerprint": value}, lambda: caller.tell(value))


@declare("show", say("show what a root says"), examples=["cordiale root show root/root.json"])
@click.argument("root", type=PATH)
def show_root(caller: Caller, root: Path) -> None:
    """Show it; its own signatures are verified."""
    _tell_root(caller, _read_root(root), {})


def _read_root(path: Path) -> PartyRoot:
    from cordiale.message.trust.root import read_unverified_root, verify_root
    from cordiale.operate.keyfiles import read_root

    content = read_root(path)
    return verify_root(content, mode=read_unverified_root(content).mode)


def _tell_root(caller: Caller, root: PartyRoot, files: dict[str, Any]) -> None:
    from cordiale.message.trust.root import fingerprint

    answer = {
        "fingerprint": fingerprint(root), "mode": root.mode.value, "party": root.party, "threshold": root.threshold,
        "title": root.title, "total": len(root.keys), "version": root.version, **files,
    }
    pairs: list[tuple[str, Any]] = [
        (say("root of"), f"{root.party}: {root.title}"), (say("mode"), root.mode.value),
        (say("version"), str(root.version)),
        (say("keys"), say("{threshold} of {count} must sign", threshold=root.threshold, count=len(root.keys))),
        (say("fingerprint"), answer["fingerprint"]),
    ]
    if files:
        pairs.append((say("files"), [*files["keys"], files["root"]]))
    caller.show(answer, lambda: show.lines(pairs))


def _write_statement(statement: NodeStatement, root: PartyRoot) -> None:
    show.lines([
        (say("statement of"), f"{statement.party}/{statement.node} ({statement.mode.value})"),
        (say("version"), str(statement.version)),
        (say("valid"), f"{statement.issued_at:%Y-%m-%d %H:%M} UTC - {statement.expires_at:%Y-%m-%d %H:%M} UTC"),
        (say("addresses"), list(statement.endpoints)),
        (say("transport keys"), [pin.hex()[:16] for pin in statement.transport_pins]),
        (say("registry keys"), [pair.ed25519.hex()[:16] for pair in statement.registry_keys]),
        (say("authorities"), [f"{one.name}, {one.post}" for one in statement.authorities]),
        (say("under the root"), f"{root.party}: {root.title}"),
    ])


command = group("root", say("the offline keys a party is known by"), {
    "create": create, "sign": sign, "fingerprint": print_fingerprint, "show": show_root,
})
