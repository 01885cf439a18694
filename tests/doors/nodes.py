"""Real nodes for the tests of the doors: homes made through the library, served as processes, called as people do."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.doors.warm import Warm, start_warm
from tests.world.world import PEOPLE

from cordiale.config import Config
from cordiale.crypto.passphrase import Cost
from cordiale.doors.cli.client import ControlClient
from cordiale.doors.cli.main import main
from cordiale.message.personal import PersonalAct
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId
from cordiale.node import Founding, create_home
from cordiale.operate.depositing import Deposit
from cordiale.operate.keyfiles import OpenKey, make_key, write_public
from cordiale.wire.person_json import parse_people_csv

# The cost stands in each file; what is tested here is not how long a passphrase resists.
WEAK = Cost(memory_kib=64, passes=1, lanes=1)
SECRET = "exercise passphrase"
CREDENTIAL = "exercise credential"
READY_SECONDS = 60


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    raw: bytes = b""

    @property
    def answer(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.out)
        return value

    @property
    def error(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.err)["error"]
        return value


def secret_fd(*lines: str) -> int:
    """Return a file descriptor that gives `lines` to whoever reads it."""
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{line}\n" for line in lines).encode())
    os.close(writing)
    return reading


def call(*args: str | Path, stdin: bytes = b"") -> Done:
    """Run one command in this process, as the installed program would."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    code: Any = 0
    argv = ["cordiale", *map(str, args)]
    with (
        mock.patch.object(sys, "argv", argv), mock.patch.object(sys, "stdin", given),
        contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, {"LANGUAGE": "en"}), mock.patch.object(os, "umask", lambda mask: 0o077),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    out.flush()
    err.flush()
    raw = out.buffer.getvalue()  # type: ignore[attr-defined]
    return Done(int(code or 0), raw.decode("utf-8", "replace"), err.buffer.getvalue().decode(), raw)  # type: ignore[attr-defined]


def run(*args: str | Path, fds: tuple[int, ...] = (), env: Mapping[str, str] | None = None) -> Done:
    """Run one command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "cordiale", *map(str, args)], capture_output=True, pass_fds=fds,
        env={**os.environ, "LANGUAGE": "en", **(env or {})}, stdin=subprocess.DEVNULL, timeout=READY_SECONDS,
        check=False,
    )
    for fd in fds:
        os.close(fd)
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode(), done.stdout)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what a node does by itself; the bound is for a test that fails, not for a speed."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Home:
    """A node on disk, with the keys of its people; served while `process` runs."""

    folder: Path
    party: str
    node: str
    port: int
    keys: dict[str, OpenKey] = field(default_factory=dict)
    process: Warm | None = None

    @property
    def path(self) -> Path:
        return self.folder / "home"

    @property
    def socket(self) -> Path:
        return self.path / "run" / "control.sock"

    def key_file(self, person: str) -> Path:
        return self.folder / "keys" / f"{person}.key.json"

    def found(self, people: str = "") -> Home:
        """Make the keys and the home."""
        rows = parse_people_csv((people or PEOPLE[self.party]).encode())
        (self.folder / "keys").mkdir(parents=True)
        for person in rows:
            key = self.keys[person.id] = make_key(self.key_file(person.id), SECRET, Mode.EXERCISE, cost=WEAK)
            write_public(self.folder / "keys" / f"{person.id}.pub.json", key)
        config = Config(
            home=self.path, party=PartyId(self.party), node=NodeId(self.node), mode=Mode.EXERCISE,
            title=f"EXERCISE: registry of {self.party}", listen=("127.0.0.1", self.port),
            endpoint=f"https://127.0.0.1:{self.port}", books="sqlite:books.db", objects="folder:objects",
            diagnostics="warning",
        )
        create_home(Founding(config, rows, {id: key.public for id, key in self.keys.items()}), CREDENTIAL, cost=WEAK)
        return self

    def start(self, *options: str, credential: str = CREDENTIAL) -> Home:
        """Serve it, and wait until it answers."""
        reading, writing = os.pipe()
        handed = secret_fd(credential)
        with (self.folder / "diagnostics").open("ab") as diagnostics:
            self.process = start_warm(
                ["serve", "--home", str(self.path), *options],
                fds={"--credential-fd": handed, "--ready-fd": writing}, out=diagnostics.fileno(),
            )
        os.close(handed)
        os.close(writing)
        with os.fdopen(reading, "rb") as ready:
            if ready.read(1) != b"\n":
                raise AssertionError((self.folder / "diagnostics").read_text())
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the process and return its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(READY_SECONDS)
        self.process = None
        return code

    def client(self) -> ControlClient:
        return ControlClient(self.socket)

    def request(self, person: str, kind: str, params: Mapping[str, Any], **changed: Any) -> bytes:
        """Return what `person` signs; `changed` are members of the act that are not as they should be."""
        key: OpenKey = changed.pop("key", None) or self.keys[person]
        return key.sign_act(self._asked(kind, params, changed))

    def deposit(self, person: str, params: Mapping[str, Any], **changed: Any) -> Deposit:
        """Return the deposit that `person` begins."""
        return self.keys[person].begin_deposit(self._asked("label", params, changed))

    def _asked(self, kind: str, params: Mapping[str, Any], changed: dict[str, Any]) -> PersonalAct:
        now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=changed.pop("late", 0))
        return PersonalAct(
            kind, changed.pop("act_id", f"act.{secrets.token_hex(8)}"), changed.pop("node", self.node), now,
            dict(params), b"",
        )

    def call(self, person: str, *args: str | Path, stdin: bytes = b"") -> Done:
        """Run a command as `person`, in this process."""
        options: list[str | Path] = ["--home", self.path]
        if person:
            options += ["--key", self.key_file(person), "--passphrase-fd", str(secret_fd(SECRET))]
        return call(*options, *args, stdin=stdin)

    def json(self, person: str, *args: str | Path, stdin: bytes = b"") -> dict[str, Any]:
        """Run a command as `person` and return its answer."""
        done = self.call(person, "--json", *args, stdin=stdin)
        assert done.code == 0, done.err
        return done.answer


def home(folder: Path, party: str = "JPN") -> Home:
    """Return a new node of `party` below `folder`, not yet served."""
    node = {"JPN": "tokyo.jpn", "UKR": "kyiv.ukr"}[party]
    return Home(folder / party.lower(), party, node, free_port()).found()


@contextlib.contextmanager
def serving(folder: Path, party: str = "JPN") -> Iterator[Home]:
    """Serve a new node of `party` for the length of the block."""
    made = home(folder, party)
    try:
        yield made.start()
    finally:
        made.stop(signal.SIGKILL)
