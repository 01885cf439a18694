"""cordiale root: the offline keys a party is known by. None of these commands talks to a node."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
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
    from cordiale.model.mode import Mode
    from cordiale.model.party import NodeStatement, PartyRoot
    from cordiale.operate.keyfiles import OpenKey


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

    party, mode = parse_party_id(given["party"]), mode_of(given)
    if given["threshold"] > given["keys"]:
        raise click.UsageError(say("the threshold cannot be more than the number of keys"))

    def root_of(keys: list[OpenKey]) -> PartyRoot:
        return PartyRoot(
            party=party, mode=mode, version=1, threshold=given["threshold"],
            keys=tuple(key.root_key for key in keys), created_at=_now(), title=given["title"],
        )

    names = [f"root-{number}" for number in range(1, given["keys"] + 1)]
    _make(caller, _Making(folder, names, mode, passphrase_fd), root_of)


@declare(
    "rotate", say("make new keys for a root, and the next root that names them"),
    details=say(
        "The next root needs the signatures of its own threshold and of the threshold of the one before: each officer "
        "adds theirs with `cordiale root sign`. Keys of the root before that go on are named with --keep. Partners "
        "follow by the signatures; no fingerprint is compared anew."
    ),
    examples=[
        "cordiale root rotate root/root.json --folder root-2",
        "cordiale root rotate root/root.json --keep 1 --keep 2 --keys 1 --folder root-2",
    ],
)
@click.argument("root", type=PATH)
@click.option("--keep", multiple=True, type=click.IntRange(1, 8), metavar="N",
              help=say("a key that stays, by its place in the root before; may stand more than once"))
@click.option("--keys", default=3, show_default=True, type=click.IntRange(0, 8), help=say("how many new keys"))
@click.option("--threshold", type=click.IntRange(1, 8), help=say("how many must sign (default: as before)"))
@click.option("--folder", required=True, type=PATH, metavar="DIR", help=say("where to put the files"))
@click.option("--passphrase-fd", type=int, metavar="N",
              help=say("read the passphrases from this file descriptor, a line each"))
def rotate(caller: Caller, root: Path, folder: Path, passphrase_fd: int | None, **given: Any) -> None:
    """Make the new key files, then the next root."""
    from dataclasses import replace

    known = _read_root(root)
    if any(number > len(known.keys) for number in given["keep"]):
        raise click.UsageError(say("the root before has {count} keys", count=len(known.keys)))
    kept = tuple(known.keys[number - 1] for number in sorted(set(given["keep"])))
    if not given["keys"]:
        raise click.UsageError(say("a rotation makes at least one new key"))

    def root_of(keys: list[OpenKey]) -> PartyRoot:
        return replace(
            known, version=known.version + 1, keys=(*kept, *(key.root_key for key in keys)), created_at=_now(),
            threshold=given["threshold"] or known.threshold,
        )

    names = [f"root-{known.version + 1}-{number}" for number in range(1, given["keys"] + 1)]
    _make(caller, _Making(folder, names, known.mode, passphrase_fd), root_of)
    caller.tell(say("what to do: {hint}", hint=say("have it signed with `cordiale root sign`, also by the holders of "
                                                   "the root before")))


@dataclass(frozen=True, slots=True)
class _Making:
    """Where new keys of a root are made, how their files are named, and where their passphrases come from."""

    folder: Path
    names: list[str]
    mode: Mode
    passphrase_fd: int | None


def _make(caller: Caller, making: _Making, root_of: Callable[[list[OpenKey]], PartyRoot]) -> None:
    """Make the key files and the root of them; whatever fails leaves no file behind."""
    from cordiale.operate.keyfiles import KEY_SUFFIX, make_key, make_root, write_file

    folder = making.folder
    if making.passphrase_fd is not None:
        caller.settings.passphrase_fd = making.passphrase_fd
    paths = [folder / f"{name}{KEY_SUFFIX}" for name in making.names]
    secrets = [passphrase_for(caller.settings, path.name, is_new=True) for path in paths]
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        keys: list[OpenKey] = []
        for path, secret in zip(paths, secrets, strict=True):
            keys.append(make_key(path, secret, making.mode))
            made.append(path)
        root = root_of(keys)
        write_file(folder / "root.json", make_root(root, keys), exclusive=True)
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise
    _tell_root(caller, root, {"keys": [str(path) for path in paths], "root": str(folder / "root.json")})


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@declare(
    "sign", say("sign a statement of a node, or the next root, with one key of the root"),
    details=say(
        "Shows what is signed, and asks. The signed statement takes the place of FILE unless --output is given; "
        "the next key officer signs that one. A root that follows is signed by holders of the root before and of its "
        "own keys alike; --root names the one before."
    ),
    examples=[
        "cordiale root sign statement.json --root root/root.json --key root/root-1.key.json",
        "cordiale root sign root-2/root.json --root root/root.json --key root/root-2.key.json",
    ],
    for_person=True,
)
@click.argument("file", type=PATH)
@click.option("--root", required=True, type=PATH, metavar="FILE", help=say("the root, root.json"))
@click.option("--output", "-o", type=PATH, metavar="FILE", help=say("where to put what was signed"))
@yes_option
def sign(caller: Caller, file: Path, root: Path, output: Path | None, yes: bool) -> None:
    """Show, ask, sign."""
    from cordiale.limits import STATEMENT_SIZE_BYTES_MAX
    from cordiale.message.trust.root import read_unverified_root, verify_root
    from cordiale.operate.keyfiles import is_root, open_key, read_file, read_root, write_file

    root_content = read_root(root)
    known = verify_root(root_content, mode=read_unverified_root(root_content).mode)
    content = read_file(file, STATEMENT_SIZE_BYTES_MAX)
    signing = _sign_rotation if is_root(content) else _sign_statement
    if caller.settings.key is None:
        raise click.UsageError(say("name the key of the root you sign with: --key FILE"))

    def opened() -> OpenKey:
        confirm(say("sign this?"), yes=yes)
        name = caller.settings.key.name if caller.settings.key else ""
        return open_key(caller.settings.key or Path(), passphrase_for(caller.settings, name), known.mode)

    signed, (count, threshold), version = signing(caller, content, (root_content, known), opened)
    write_file(output or file, signed, exclusive=output is not None)
    answer = {"file": str(output or file), "signatures": count, "threshold": threshold, "version": version}
    caller.show(answer, lambda: caller.tell(say(
        "signatures so far: {signatures} of {threshold}, in {file}", **answer,
    )))


def _sign_statement(
    caller: Caller, content: bytes, root: tuple[bytes, PartyRoot], opened: Callable[[], OpenKey]
) -> tuple[bytes, tuple[int, int], int]:
    from cordiale.operate.keyfiles import count_signatures, read_draft

    statement = read_draft(content)
    if not caller.settings.is_json:
        _write_statement(statement, root[1])
    signed = opened().sign_statement(content, root[0])
    return signed, count_signatures(signed, root[0]), statement.version


def _sign_rotation(
    caller: Caller, content: bytes, root: tuple[bytes, PartyRoot], opened: Callable[[], OpenKey]
) -> tuple[bytes, tuple[int, int], int]:
    from cordiale.message.trust.root import read_unverified_root, require_following
    from cordiale.operate.keyfiles import count_rotation

    following = require_following(read_unverified_root(content), root[1])
    if not caller.settings.is_json:
        _write_rotation(following, root[1])
    signed = opened().sign_rotation(content, root[0])
    return signed, count_rotation(signed, root[0]), following.version


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


def _write_rotation(following: PartyRoot, known: PartyRoot) -> None:
    show.lines([
        (say("root of"), f"{following.party}: {following.title} ({following.mode.value})"),
        (say("version"), f"{known.version} -> {following.version}"),
        (say("keys"), say("{threshold} of {count} must sign", threshold=following.threshold,
                          count=len(following.keys))),
        (say("keys that stay"), str(sum(key in known.keys for key in following.keys))),
        (say("new keys"), [key.ed25519.hex()[:16] for key in following.keys if key not in known.keys]),
        (say("keys that go"), [key.ed25519.hex()[:16] for key in known.keys if key not in following.keys]),
    ])


command = group("root", say("the offline keys a party is known by"), {
    "create": create, "rotate": rotate, "sign": sign, "fingerprint": print_fingerprint, "show": show_root,
})
