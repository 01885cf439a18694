"""What can go wrong with the machine a node runs on: it says so in one line, and nothing is half done."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.doors.nodes import CREDENTIAL, Home, call, run, secret_fd
from tests.processes.nodes import Caller, Pair, wait_until
from tests.processes.resting import opened, require_agreement, rows
from tests.world.comparing import list_own_faults

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.adapters.clock import SystemRandom
from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.adapters.vault import open_vault
from cordiale.config import load_config
from cordiale.doors.cli.client import ControlClient
from cordiale.errors import CordialeError, Unavailable
from cordiale.node import Places, build_registry
from cordiale.records.ledger import INTERNAL, Act

MIB = 1024**2
PAPER = {
    "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "sheets": 1,
    "title": "exercise paper " + "x" * 200,
}


def image(home: Home) -> dict[str, str]:
    """Return a digest of every file of a home that is not served, but for what a process leaves in `run`."""
    return {
        str(path.relative_to(home.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.path.rglob("*")) if path.is_file() and path.parent.name != "run"
    }


def refused_to_serve(home: Home, credential: str = CREDENTIAL) -> tuple[int, str]:
    """Try to serve `home` in a process of its own, which must end; return its exit code and its last words."""
    handed = secret_fd(credential)
    done = run("serve", "--home", home.path, "--credential-fd", str(handed), fds=(handed,))
    assert done.out == ""
    return done.code, done.err


# -- what keeps a node from being served ----------------------------------------------------------------------


def test_a_wrong_credential_ends_with_5_and_changes_nothing(idle: Pair) -> None:
    before = image(idle.tokyo)
    code, words = refused_to_serve(idle.tokyo, "another credential")
    assert (code, "the credential does not open the vault" in words) == (5, True)
    assert image(idle.tokyo) == before


def test_a_port_that_is_taken_ends_with_8_and_is_named(idle: Pair) -> None:
    with socket.create_server(("127.0.0.1", idle.tokyo.port)):
        code, words = refused_to_serve(idle.tokyo)
    assert code == 8
    assert f"127.0.0.1:{idle.tokyo.port}" in words and "Address already in use" in words
    assert not idle.tokyo.socket.exists()


def test_a_second_serve_on_one_home_ends_with_7_and_the_first_goes_on(idle: Pair) -> None:
    idle.tokyo.start()
    for _ in range(2):
        code, words = refused_to_serve(idle.tokyo)
        assert (code, "already being served" in words) == (7, True)
    assert idle.at_tokyo.label().answer["reference"] == f"JPN-{datetime.now(UTC).year}-0001"


def test_a_home_of_a_newer_version_ends_with_7_and_is_not_touched(idle: Pair) -> None:
    with closing(sqlite3.connect(idle.tokyo.path / "books.db")) as books:
        books.execute("PRAGMA user_version = 99")
    before = image(idle.tokyo)
    code, words = refused_to_serve(idle.tokyo)
    assert (code, "schema 99" in words, "nothing was changed" in words) == (7, True, True)
    assert image(idle.tokyo) == before


# -- the disk is full -----------------------------------------------------------------------------------------


@contextmanager
def no_room_beyond(home: Home, size_bytes: int) -> Iterator[None]:
    """Let no file of the serving process grow beyond `size_bytes`."""
    assert home.process is not None
    pid = home.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def left_over(home: Home) -> list[str]:
    """Return the half made files below the envelopes of a home."""
    return sorted(path.name for path in (home.path / "objects").glob("*/*.part"))


def require_told(error: Unavailable) -> None:
    """The error names what failed and what to do, for a person."""
    assert error.code in ("store.unavailable", "objects.unavailable")
    assert "could not be written" in str(error) and "free space" in error.hint


def fill_until_refused(home: Home) -> tuple[list[str], bytes, Unavailable]:
    """Label papers until the disk is full; return the references, the act that failed and the error."""
    with closing(ControlClient(home.socket)) as client:
        references: list[str] = []
        while True:
            signed = home.request("originator", "label", PAPER)
            try:
                references.append(str(client.act(signed).answer["reference"]))
            except Unavailable as error:
                return references, signed, error
            assert len(references) < 5_000, "the disk was never full"


def test_books_that_cannot_grow_refuse_acts_and_go_on_when_there_is_room(pair: Pair) -> None:
    wal = pair.tokyo.path / "books.db-wal"
    with no_room_beyond(pair.tokyo, wal.stat().st_size + 64 * 1024):
        references, failed, error = fill_until_refused(pair.tokyo)
        require_told(error)
        with closing(ControlClient(pair.tokyo.socket)) as client, pytest.raises(Unavailable):
            client.act(failed)
        assert pair.at_tokyo.operate("verify")["findings"] == []
    again = pair.at_tokyo.send(failed)
    assert again.answer["reference"] not in references
    assert pair.at_tokyo.send(failed).answer == again.answer
    pair.crossed(b"exercise" * 1000)
    require_agreement(pair)


def test_an_envelope_that_finds_no_room_leaves_nothing_and_the_deposit_is_repeated(pair: Pair) -> None:
    content = os.urandom(2 * MIB)
    caller = pair.at_tokyo
    with no_room_beyond(pair.tokyo, MIB):
        with closing(ControlClient(pair.tokyo.socket)) as client, pytest.raises(Unavailable) as caught:
            caller_label_once(pair.tokyo, client, content)
        require_told(caught.value)
        assert left_over(pair.tokyo) == []
    item = str(caller.label(content).answer["item"])
    caller.release(item)
    # The second envelope, for the partner, finds no room either; then the first for the partner at the other end.
    with no_room_beyond(pair.tokyo, MIB):
        with pytest.raises(Unavailable) as caught:
            caller_dispatch_once(pair.tokyo, item)
        require_told(caught.value)
        assert left_over(pair.tokyo) == []
    with no_room_beyond(pair.kyiv, MIB):
        consignment = str(caller.dispatch([item]).answer["consignment"])
        wait_until(lambda: caller.operate("outbox")["trouble"], "hearing that the partner has no room")
        assert caller.consignment(consignment)["state"] == "dispatched"
    pair.at_kyiv.register(consignment)
    pair.settle()
    require_agreement(pair)


def caller_label_once(home: Home, client: ControlClient, content: bytes) -> None:
    """Deposit a content without trying again."""
    once = Caller(home)
    once.insist = lambda ask, seconds=0.0: ask(client)  # type: ignore[method-assign]
    once.label(content)


def caller_dispatch_once(home: Home, item: str) -> None:
    """Dispatch an item without trying again."""
    once = Caller(home)
    with closing(ControlClient(home.socket)) as client:
        once.insist = lambda ask, seconds=0.0: ask(client)  # type: ignore[method-assign]
        once.dispatch([item])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 24 MiB; skipped where this user may not make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={24 * MIB}", "tmpfs", str(folder)], capture_output=True, check=False,
    )
    if made.returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_a_node_that_was_killed_on_it_comes_back(small_disk: Path, idle: Pair) -> None:
    pair = Pair(_moved(idle.tokyo, small_disk), idle.kyiv)
    try:
        pair.start()
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))
        references, failed, error = fill_until_refused(pair.tokyo)
        require_told(error)
        pair.at_tokyo.close()
        pair.tokyo.stop(signal.SIGKILL)
        filler.unlink()
        pair.tokyo.start()
        assert pair.at_tokyo.send(failed).answer["reference"] not in references
        pair.crossed(b"exercise" * 1000)
        require_agreement(pair)
    finally:
        pair.kill()


def _moved(home: Home, folder: Path) -> Home:
    moved = replace(home, folder=folder / "jpn", process=None)
    shutil.copytree(home.folder, moved.folder)
    return moved


# -- the clock ------------------------------------------------------------------------------------------------


class _Ahead:
    """A clock that goes `hours` before the right one."""

    def __init__(self, hours: int) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return 0.0


def act_in_the_future(home: Home) -> None:
    """Enter an act at a time that has not come yet, as a machine with a wrong clock did."""
    config = load_config(home.path)
    store = SqliteStore(str(home.path / "books.db"))
    keys = open_vault(config.vault_file, CREDENTIAL, config.mode)
    objects = FolderObjects(home.path / "objects")
    places = Places(store, objects, AnchorFile(home.path / "anchor"))
    registry = build_registry(config, keys, places, clock=_Ahead(3), random=SystemRandom())
    registry.ledger.commit(Act("act.future", "exercise", "node", INTERNAL, lambda session: {}))
    store.close()


def test_a_clock_behind_the_books_decides_nothing_until_it_is_right(idle: Pair) -> None:
    act_in_the_future(idle.tokyo)
    idle.start()
    size = idle.at_tokyo.operate("status")["logs"]["internal"]
    with closing(ControlClient(idle.tokyo.socket)) as client:
        with pytest.raises(CordialeError) as caught:
            client.act(idle.tokyo.request("originator", "label", {"form": "paper"}))
        assert caught.value.code == "clock.jumped" and "clock confirm" in caught.value.hint
        assert "has jumped" in client.status()["clock"]
        # An operator's word does not make time run backwards.
        with pytest.raises(CordialeError) as caught:
            client.operate("clock-confirm", {})
        assert caught.value.code == "clock.behind"
        assert client.status()["logs"]["internal"] == size
    done = call("--home", idle.tokyo.path, "status")
    assert (done.code, "has jumped" in done.out) == (0, True)


# -- an old backup --------------------------------------------------------------------------------------------


def restored(pair: Pair, backup: Path) -> None:
    """Stop Tokyo, put its home aside, and serve a home that was restored from `backup`."""
    pair.at_tokyo.close()
    pair.tokyo.stop()
    pair.tokyo.path.rename(pair.tokyo.folder / "lost")
    done = run("restore", "--home", pair.tokyo.path, backup)
    assert done.code == 0, done.err
    assert "anchor confirm" in done.out
    pair.tokyo.start()
    require_unconfirmed(pair)
    shown = json.loads(run("anchor", "show", "--json", "--home", pair.tokyo.path).out)["answer"]
    assert shown["doubt"]["code"] == "anchor.missing"
    done = run("anchor", "confirm", str(shown["commit"]), "--home", pair.tokyo.path)
    assert done.code == 0, done.err


def require_unconfirmed(pair: Pair) -> None:
    """A restored node takes no act before somebody has said that its books are to be taken as they end."""
    with closing(ControlClient(pair.tokyo.socket)) as client, pytest.raises(CordialeError) as refused:
        client.act(pair.tokyo.request("originator", "label", PAPER))
    assert refused.value.code == "anchor.missing" and "anchor confirm" in refused.value.hint
    for asked in (["doctor"], ["anchor", "show"]):
        assert "no anchor of the books" in run(*asked, "--home", pair.tokyo.path).out
    wrong = run("anchor", "confirm", "1", "--home", pair.tokyo.path)
    assert wrong.code != 0 and "anchor show" in wrong.err


@pytest.mark.parametrize("first", ["we write", "the partner writes"])
def test_a_node_restored_behind_its_partner_stops_at_the_first_exchange_and_says_so(
    pair: Pair, tmp_path: Path, first: str
) -> None:
    pair.crossed(b"exercise" * 1000)
    pair.at_tokyo.operate("backup", folder=str(tmp_path / "backup"))
    pair.crossed(b"exercise" * 1000)
    restored(pair, tmp_path / "backup")
    assert pair.at_tokyo.label().answer["reference"]
    if first == "we write":
        pair.at_tokyo.dispatch([pair.released(b"exercise" * 1000)])
    else:
        item = str(pair.at_kyiv.label().answer["item"])
        pair.at_kyiv.release(item)
        pair.at_kyiv.dispatch([item])

    def stopped() -> bool:
        try:
            with closing(ControlClient(pair.tokyo.socket)) as client:
                client.act(pair.tokyo.request("originator", "label", PAPER))
        except CordialeError as error:
            return error.code == "log.behind-partner" and "restore the newest backup" in error.hint
        return False

    wait_until(stopped, "the stop of the restored node")
    # Where an operator looks, it is said as well.
    said = call("--home", pair.tokyo.path, "doctor")
    assert "rolled back" in said.out
    size = pair.at_tokyo.operate("status")["logs"]
    assert not stopped() or pair.at_tokyo.operate("status")["logs"] == size
    pair.kill()
    with opened(pair) as world:
        assert list_own_faults(world.tokyo, arriving=True) == list_own_faults(world.kyiv, arriving=True) == []
    assert rows(pair.tokyo, "SELECT count(*) FROM act WHERE kind = 'dispatch'")[0][0] <= 2


def test_a_backup_that_nobody_has_gone_beyond_serves_on(pair: Pair, tmp_path: Path) -> None:
    pair.crossed(b"exercise" * 1000)
    pair.at_tokyo.operate("backup", folder=str(tmp_path / "backup"))
    restored(pair, tmp_path / "backup")
    pair.crossed(b"exercise" * 1000)
    require_agreement(pair)
