"""The stage of the demonstration: two real nodes as processes, the keys of their people, and how a line is told."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.config import CONFIG_NAME, Config, DeskSettings, write_config
from cordiale.crypto.passphrase import Cost
from cordiale.doors.cli.client import ControlClient, Reply
from cordiale.errors import CordialeError, Refused, Undecidable
from cordiale.message.personal import PersonalAct
from cordiale.message.trust.root import fingerprint
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId
from cordiale.model.party import PartyRoot
from cordiale.node import Founding, create_home
from cordiale.operate.keyfiles import OpenKey, make_key, make_root, write_public
from cordiale.wire.person_json import parse_people_csv

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

HERE = Path(__file__).parent
PASSPHRASE = "exercise"
# Everybody knows the passphrase of the exercise, so trying it need not be dear.
COST = Cost(memory_kib=8 * 1024, passes=1, lanes=1)
_READY_SECONDS_MAX = 30.0
_TOLD_SECONDS = 10.0
_SLOW_BYTES_A_SECOND = 8 * 1024**2


@dataclass
class Pace:
    """How fast the story is told: `seconds` of pause after each line, and how many seconds a delivery may take."""

    seconds: float = 0.0
    patience: float = 20.0
    colour: bool = field(default_factory=lambda: sys.stdout.isatty() and "NO_COLOR" not in os.environ)

    def allow(self, size_bytes: int) -> None:
        """Be patient enough for a document of `size_bytes` on a slow machine."""
        self.patience += size_bytes / _SLOW_BYTES_A_SECOND

    def line(self, text: str, trail: str = "", mark: str = " ") -> None:
        """Print one act, with the number of its entry in the audit trail."""
        entry = f"[{trail}]" if trail else ""
        print(f"  {self._paint(mark)} {text}" + (f"  {self._dim(entry)}" if entry else ""), flush=True)
        time.sleep(self.seconds)

    def scene(self, text: str) -> None:
        """Print the heading of a scene."""
        print(f"\n\033[1m{text}\033[0m" if self.colour else f"\n{text}", flush=True)
        time.sleep(self.seconds)

    def _paint(self, mark: str) -> str:
        colours = {"+": "32", "x": "31", "?": "33"}
        return f"\033[{colours[mark]}m{mark}\033[0m" if self.colour and mark in colours else mark

    def _dim(self, text: str) -> str:
        return f"\033[2m{text}\033[0m" if self.colour else text


class Running(Protocol):
    """A process that was begun, as far as the stage looks after it."""

    def poll(self) -> int | None:
        """Return how it ended, or `None` while it runs."""

    def wait(self, timeout: float) -> int:
        """Wait for its end, `timeout` seconds at most."""

    def send_signal(self, number: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it at once."""


Begin = Callable[[Sequence[str], int, int], Running]
"""How a command is begun: its arguments, the descriptor of the credential, and where its output goes."""


def begin_process(args: Sequence[str], credential: int, out: int) -> Running:
    """Begin a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "cordiale", *args, "--credential-fd", str(credential)],
        pass_fds=[credential], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
    )


class _Eye(io.BytesIO):
    """What a content is read into: it runs past, and only its digest stays."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = hashlib.sha256()

    def write(self, chunk: ReadableBuffer, /) -> int:
        self.seen.update(chunk)
        return memoryview(chunk).nbytes


@dataclass
class Actor:
    """One party on the stage: its home, its serving process, its people's keys."""

    name: str
    party: str
    node: str
    home: Path
    port: int
    desk_port: int
    pace: Pace
    keys: dict[str, OpenKey] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    begin: Begin = begin_process
    process: Running | None = None
    client: ControlClient | None = None
    fingerprint: str = ""
    root: bytes = b""
    statement: bytes = b""

    @property
    def endpoint(self) -> str:
        """The address of the node on the wire."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def desk(self) -> str:
        """The address of its desk for browsers."""
        return f"http://localhost:{self.desk_port}"

    def found(self, people_csv: Path) -> None:
        """Make the home: the people with their keys in files of their own, the vault, the books."""
        people = parse_people_csv(people_csv.read_bytes())
        keys_folder = self.home.parent / f"{self.name.lower()}-keys"
        keys_folder.mkdir(parents=True, mode=0o700)
        for person in people:
            path = keys_folder / f"{person.id}.key"
            key = self.keys[person.id] = make_key(path, PASSPHRASE, Mode.EXERCISE, cost=COST)
            write_public(keys_folder / f"{person.id}.pub.json", key)
            self.names[person.id] = person.name
        config = self._config(wired=True)
        public = {id: key.public for id, key in self.keys.items()}
        create_home(Founding(config, people, public), PASSPHRASE, cost=COST)

    def _config(self, *, wired: bool) -> Config:
        return Config(
            home=self.home, party=PartyId(self.party), node=NodeId(self.node), mode=Mode.EXERCISE,
            title=f"Exercise Registry {self.name}", listen=("127.0.0.1", self.port) if wired else None,
            endpoint=self.endpoint, books="sqlite:books.db", objects="folder:objects", diagnostics="warning",
            desk=DeskSettings(("127.0.0.1", self.desk_port), self.desk, personas=True),
        )

    def restart(self, *, wired: bool) -> None:
        """Stop the node and start it again, with or without the wire."""
        self.stop()
        (self.home / CONFIG_NAME).write_text(write_config(self._config(wired=wired)), encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start the serving process and wait until it answers."""
        read_end, write_end = os.pipe()
        os.write(write_end, PASSPHRASE.encode())
        os.close(write_end)
        log = (self.home.parent / f"{self.name.lower()}.log").open("ab")
        self.process = self.begin(["--home", str(self.home), "serve"], read_end, log.fileno())
        os.close(read_end)
        log.close()
        self.client = self._wait_until_serving()

    def _wait_until_serving(self) -> ControlClient:
        deadline = time.monotonic() + _READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                return ControlClient(self.home / "run" / "control.sock")
            except CordialeError:
                time.sleep(0.05)
        log = (self.home.parent / f"{self.name.lower()}.log").read_text(errors="replace")
        raise SystemExit(f"the node of {self.name} did not start:\n{log[-2000:]}")

    def stop(self) -> None:
        """Stop the serving process."""
        if self.client is not None:
            self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def vouch(self, authority: str) -> None:
        """Make the party's root, two of three keys, and sign the node's statement with two of them."""
        now = datetime.now(UTC).replace(microsecond=0)
        folder = self.home.parent / f"{self.name.lower()}-root"
        folder.mkdir(mode=0o700)
        keys = [make_key(folder / f"root-{number}.key", PASSPHRASE, Mode.EXERCISE, cost=COST) for number in (1, 2, 3)]
        root = PartyRoot(
            party=PartyId(self.party), mode=Mode.EXERCISE, version=1, threshold=2,
            keys=tuple(key.root_key for key in keys), created_at=now - timedelta(seconds=1),
            title=f"Exercise root {self.name}",
        )
        self.root, self.fingerprint = make_root(root, keys), fingerprint(root)
        draft = self.operate("draft-statement", authorities=[authority], days=365, endpoint=self.endpoint)
        once = keys[0].sign_statement(parse_base64url(draft["statement"]), self.root)
        self.statement = keys[1].sign_statement(once, self.root)

    def operate(self, verb: str, **params: Any) -> dict[str, Any]:
        """Ask for something that needs no person."""
        return self._client().operate(verb, params)

    def act(self, person: str, kind: str, say: str, /, **params: Any) -> Reply:
        """Do an act as `person`, and tell it with its entry in the audit trail."""
        reply = self._client().act(self._sign(person, kind, params))
        if say:
            self._tell(person, say.format(**_words(reply.answer)), reply.trail)
        return reply

    def view(self, person: str, kind: str, /, **params: Any) -> Mapping[str, Any]:
        """Look at something as `person`."""
        return self._client().view(self._sign(person, kind, params))

    def _sign(self, person: str, kind: str, params: Mapping[str, Any]) -> bytes:
        return self.keys[person].sign_act(self._asked(kind, params))

    def _asked(self, kind: str, params: Mapping[str, Any]) -> PersonalAct:
        at = datetime.now(UTC).replace(microsecond=0)
        return PersonalAct(kind, f"act.{secrets.token_hex(12)}", self.node, at, dict(params), b"")

    def label(self, person: str, say: str, content: Path, /, **params: Any) -> Reply:
        """Label a file; it is sealed as it is read."""
        deposit = self.keys[person].begin_deposit(self._asked("label", params))
        with content.open("rb") as source:
            reply = self._client().deposit(deposit, source)
        self._tell(person, say.format(**reply.answer), reply.trail)
        return reply

    def _tell(self, person: str, what: str, trail: str) -> None:
        self.pace.line(f"{self.name}, {self.names[person]}: {what}", self._trail(trail), "+")

    def read(self, person: str, item: str, purpose: str) -> bytes:
        """Read a content, tell it, and return its SHA-256: a reader of the story keeps nothing of it."""
        target = _Eye()
        reply = self._client().read(self._sign(person, "read", {"item": item, "purpose": purpose}), lambda _: target)
        self.pace.line(
            f"{self.name}, {self.names[person]}: reads {reply.answer['size_bytes']} bytes; the grant came first",
            self._trail(reply.trail), "+",
        )
        return target.seen.digest()

    def refused(self, person: str, kind: str, say: str, /, **params: Any) -> list[str]:
        """Expect an act to be refused; tell it with every reason and article."""
        try:
            if kind == "read":
                self._client().read(self._sign(person, kind, params), lambda _: io.BytesIO())
            else:
                self._client().act(self._sign(person, kind, params))
        except (Refused, Undecidable) as error:
            reasons = [str(reason) for reason in error.decision.reasons] if error.decision else [str(error)]
            self.pace.line(f"{self.name}, {self.names[person]}: {say}: REFUSED", self._trail(error.trail), "x")
            for reason in reasons:
                self.pace.line(f"      {reason}")
            return reasons
        raise SystemExit(f"the story is broken: {say} was not refused")

    def _trail(self, trail: str) -> str:
        return f"{self.name} {trail}" if trail else ""

    def _client(self) -> ControlClient:
        if self.client is None:
            raise SystemExit(f"{self.name} is not serving")
        return self.client

    def introduce(self, other: Actor, first: str, second: str) -> None:
        """Take `other` in: two persons compare the fingerprint that was read out over another channel."""
        self.act(
            first, "partner.add", "compared the fingerprint of {party}, first person",
            root=encode_base64url(other.root), statement=encode_base64url(other.statement),
            fingerprint=other.fingerprint,
        )
        self.act(
            second, "partner.confirm", "compared the fingerprint of {party}, second person",
            party=other.party, fingerprint=other.fingerprint,
        )


def _words(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in answer.items()}


def clear(folder: Path) -> None:
    """Make way for a new performance: nodes that still run from the last one are stopped first."""
    for home in ("tokyo", "kyiv"):
        socket = folder / home / "run" / "control.sock"
        if socket.exists() and _is_serving(socket):
            ControlClient(socket).operate("stop", {})
            wait_until(lambda socket=socket: not _is_serving(socket), f"the end of the last performance in {home}")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def _is_serving(socket: Path) -> bool:
    try:
        ControlClient(socket).close()
    except CordialeError:
        return False
    return True


def wait_until(condition: Any, what: str, seconds: float = 20.0, why: Callable[[], str] = str) -> None:
    """Wait for something that the nodes do by themselves, and say now and then that it is waited for, and `why`."""
    start = told = time.monotonic()
    while (now := time.monotonic()) - start < seconds:
        if condition():
            return
        if now - told > _TOLD_SECONDS:
            told = now
            print(f"    … {what} takes its time: {now - start:.0f} seconds{why()}", flush=True)
        time.sleep(0.02)
    raise SystemExit(f"the story is broken: {what} did not happen within {seconds:.0f} seconds{why()}")


def settle(actors: Iterable[Actor]) -> None:
    """Wait until nothing is on its way between the nodes any more."""
    for actor in actors:
        wait_until(
            lambda actor=actor: not actor.operate("outbox")["waiting"], f"delivery from {actor.name}",
            actor.pace.patience, partial(_trouble, actor),
        )


def _trouble(actor: Actor) -> str:
    return "".join(f"; {node}: {why}" for node, why in actor.operate("outbox")["trouble"].items())
