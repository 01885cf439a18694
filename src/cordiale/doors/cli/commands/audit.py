"""cordiale audit: everything derived again, and the trail itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH
from cordiale.limits import NOTE_SIZE_BYTES_MAX
from cordiale.words import say

EXIT_DIFFERS: Final = 5


@declare(
    "verify", say("derive the audit trail again, and hold the books against it"),
    details=say(
        "Every entry, hash, row and head is worked out anew; with --books those of a copy, which is left as it is. "
        "Keep the heads elsewhere (--keep), those too that a partner has countersigned, and give them back later "
        "(--head): a log that was cut or written anew no longer begins with them. A difference ends with exit code 5."
    ),
    examples=[
        "cordiale audit verify --home /srv/tokyo",
        "cordiale audit verify --keep /media/heads-2026-11-16 --home /srv/tokyo",
        "cordiale audit verify --head /media/heads-2026-11-16/internal.head --home /srv/tokyo",
        "cordiale audit verify --books /backups/tokyo-2026-11-16/books.db --home /srv/tokyo",
    ],
)
@click.option("--books", type=PATH, metavar="FILE", help=say("a copy of the books, such as a backup has"))
@click.option("--head", "heads", type=PATH, metavar="FILE", multiple=True, help=say("a head that was kept elsewhere"))
@click.option("--keep", type=PATH, metavar="FOLDER", help=say("write the heads into this folder"))
def verify(caller: Caller, books: Path | None, heads: tuple[Path, ...], keep: Path | None) -> None:
    """Ask the node to verify its books."""
    asked: dict[str, Any] = {"books": str(books.absolute())} if books is not None else {}
    from cordiale.operate.keyfiles import read_file, write_file

    if heads:
        asked["heads"] = [read_file(path, size_max=NOTE_SIZE_BYTES_MAX).decode(errors="replace") for path in heads]
    answer = caller.operate("verify", asked)
    caller.show(answer, lambda: _write_verified(answer))
    if answer["findings"]:
        raise click.exceptions.Exit(EXIT_DIFFERS)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        for log, note in {**answer["heads"], **answer["cosigned"]}.items():
            write_file(keep / f"{log}.head", note.encode(), exclusive=True)
        caller.tell(say("the heads are in {folder}: keep them where nobody of this machine can reach them",
                        folder=str(keep)))


def _write_verified(answer: dict[str, Any]) -> None:
    if answer["findings"]:
        click.echo(say("the books and the audit trail do not agree:"))
    else:
        click.echo(say("the books and the audit trail agree"))
    for one in answer["findings"]:
        click.echo(f"  - {one['place']}: {one['text']} [{one['code']}]")
    for one in answer["remarks"]:
        click.echo(f"  ({one['place']}: {one['text']})")
    show.table(
        [{"log": log, "root": answer["roots"].get(log, ""), "size": size} for log, size in answer["logs"].items()],
        [("log", say("log")), ("size", say("entries")), ("root", say("root"))], empty=say("there is no entry"),
    )
    show.lines([
        (say("commits"), str(answer["commits"])), (say("acts"), str(answer["acts"])),
        (say("records"), str(answer["records"])),
        (say("rows erased, each with its proof"), str(answer["erased"]) if answer["erased"] else ""),
    ])


@declare(
    "acts", say("verify the proof of every act: who signed what, by what counted then"),
    details=say(
        "Signatures of key files and passkeys, tokens of the provider and sessions at the desk are verified again, "
        "each against what stood in the books when the act was done. A difference ends with exit code 5."
    ),
    examples=["cordiale audit acts --home /srv/tokyo"],
)
def acts(caller: Caller) -> None:
    """Ask the node to verify the proofs."""
    answer = caller.operate("verify-acts", {})
    caller.show(answer, lambda: _write_acts(answer))
    if answer["findings"]:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _write_acts(answer: dict[str, Any]) -> None:
    click.echo(say("these acts are not proved:") if answer["findings"] else say("every act is proved"))
    for one in answer["findings"]:
        click.echo(f"  - {one['place']}: {one['text']} [{one['code']}]")
    show.table(answer["proved"], [("by", say("proved by")), ("count", say("acts"))], empty=say("there is no entry"))


@declare(
    "trail", say("show entries of the audit trail"), for_person=True,
    details=say("LOG is internal, or the identifier of an agreement. Without it the logs are listed."),
    examples=[
        "cordiale audit trail --key keys/inspector.key.json",
        "cordiale audit trail internal --from 0 --count 20 --key keys/inspector.key.json",
    ],
)
@click.argument("log", required=False)
@click.option("--from", "start", default=0, type=click.IntRange(0), help=say("the first entry"))
@click.option("--count", default=100, show_default=True, type=click.IntRange(1, 1_000), help=say("how many"))
def trail(caller: Caller, log: str | None, start: int, count: int) -> None:
    """Show them."""
    if log is None:
        logs = caller.view("view.logs", {})
        rows = [{**one, "cosigned": _cosigned(one["cosigned"])} for one in logs["logs"]]
        caller.show(logs, lambda: show.table(
            rows, [("log", say("log")), ("size", say("entries")), ("cosigned", say("countersigned"))],
            empty=say("there is no entry"),
        ))
        return
    answer = caller.view("view.trail", {"log": log, "from": start, "count": count})
    caller.show(answer, lambda: _write_trail(answer))


def _cosigned(heads: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['party']} {one['size']} {one['at']}" for one in heads)


def _write_trail(answer: dict[str, Any]) -> None:
    show.lines([
        (say("origin"), answer["origin"]), (say("entries"), str(answer["size"])), (say("root"), answer["root"]),
    ])
    show.table(answer["entries"], [
        ("index", say("entry")), ("at", say("at")), ("act", say("act")), ("actor", say("who")),
        ("client", say("client")), ("outcome", say("outcome")), ("about", say("about")), ("reasons", say("reasons")),
        ("records", say("records")),
    ], empty=say("there is no entry"))


@declare(
    "export", say("write a log as files that any tlog-tiles tool can check"),
    examples=["cordiale audit export internal trail-2026 --home /srv/tokyo"],
)
@click.argument("log")
@click.argument("folder", type=PATH)
def export(caller: Caller, log: str, folder: Path) -> None:
    """Have the node write the files."""
    answer = caller.operate("export-log", {"log": log, "folder": str(folder.absolute())})
    caller.show(answer, lambda: caller.tell(say("{files} files of the log {log} are in {folder}", **answer)))


command = group("audit", say("verify the books and the audit trail, and show it"), {
    "verify": verify, "acts": acts, "trail": trail, "export": export,
})
