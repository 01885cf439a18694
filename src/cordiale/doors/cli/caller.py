"""Who calls the node from a terminal: opens their key, signs what they ask, and shows the answer."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cordiale.doors.cli.frame import Settings
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.config import Config
    from cordiale.doors.cli.client import ControlClient, Progress, Reply
    from cordiale.message.personal import PersonalAct
    from cordiale.operate.keyfiles import OpenKey

_UNSURE: Final = frozenset({"node.broken-off"})
_BAR_BYTES_MIN: Final = 4 * 1024**2


class Caller:
    """One command's dealings with the node and with its user."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._client: ControlClient | None = None
        self._key: OpenKey | None = None

    # -- the node ----------------------------------------------------------------------------------------

    @property
    def home(self) -> Path:
        """The home that was named; ends the command when none was."""
        if self.settings.home is None:
            raise click.UsageError(say("name the home of the node: --home DIR, or CORDIALE_HOME"))
        return self.settings.home.absolute()

    def config(self) -> Config:
        """Return the configuration of the home; raises as `load_config`."""
        from cordiale.config import load_config

        return load_config(self.home)

    @property
    def client(self) -> ControlClient:
        """The connection to the serving node; raises `Unavailable` when nobody serves."""
        from cordiale.doors.cli.client import ControlClient

        if self._client is None:
            self._client = ControlClient(self.config().control_socket)
        return self._client

    @property
    def key(self) -> OpenKey:
        """The caller's own key, opened with a passphrase asked for once."""
        from cordiale.doors.cli.ask import passphrase_for
        from cordiale.operate.keyfiles import open_key

        if self._key is None:
            path = self.settings.key
            if path is None:
                raise click.UsageError(say("name your key file: --key FILE, or CORDIALE_KEY"))
            self._key = open_key(path, passphrase_for(self.settings, path.name), self.client.mode)
        return self._key

    def sign(self, kind: str, params: Mapping[str, Any], act_id: str = "") -> bytes:
        """Return the request for `kind`, signed now for the serving node."""
        return self.key.sign_act(self._asked(kind, params, act_id))

    def _asked(self, kind: str, params: Mapping[str, Any], act_id: str) -> PersonalAct:
        from cordiale.message.personal import PersonalAct

        at = datetime.now(UTC).replace(microsecond=0)
        given = {name: value for name, value in params.items() if value not in (None, "", (), [])}
        return PersonalAct(kind, act_id or fresh_id(), self.client.node, at, given, b"")

    def act(self, kind: str, params: Mapping[str, Any]) -> Reply:
        """Do an act; when its answer is lost it is asked for once more, and the error names the act."""
        act_id = self.settings.act_id or fresh_id()
        signed = self.sign(kind, self._by_identifier(params), act_id)
        with self._naming(act_id):
            try:
                return self.client.act(signed)
            except Exception as error:
                if getattr(error, "code", "") not in _UNSURE:
                    raise
            self._client = None
            return self.client.act(signed)

    def _by_identifier(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return `params` with items named by their identifier, where the caller gave a register number."""
        named = dict(params)
        if isinstance(named.get("item"), str):
            named["item"] = self.item_id(named["item"])
        if "items" in named:
            named["items"] = [self.item_id(item) for item in named["items"]]
        return named

    def item_id(self, name: str) -> str:
        """Return the identifier of an item that is named by it, by our register number or by theirs.

        What the caller sees no item by is returned as it is: the act itself is then refused, and leaves its entry.
        """
        from cordiale.errors import OutOfOrder

        if name == name.lower() and "/" not in name:
            return name
        try:
            return str(self.view("view.item", {"item": name})["item"])
        except OutOfOrder:
            return name

    def consignment_id(self, name: str) -> str:
        """Return the identifier of a consignment that is named by it, by our number or by theirs."""
        if name == name.lower():
            return name
        found = self.view("view.consignments", {"number": name})["consignments"]
        return str(found[0]["consignment"]) if found else name

    def deposit(self, params: Mapping[str, Any], file: Path | None, read: Any, *, kind: str = "label") -> Reply:
        """Do an act with a content that is read from `read`; `file` is where it lies, to tell how much there is."""
        act_id = self.settings.act_id or fresh_id()
        deposit = self.key.begin_deposit(self._asked(kind, params, act_id))
        with self._naming(act_id), self.progress(say("sealing"), _size_of(file)) as progress:
            return self.client.deposit(deposit, read, progress=progress)

    def view(self, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask what the caller may see."""
        return self.client.view(self.sign(kind, params))

    def operate(self, verb: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask what needs no person."""
        return self.client.operate(verb, params)

    @contextmanager
    def _naming(self, act_id: str) -> Iterator[None]:
        from cordiale.errors import Unavailable

        self.settings.if_stopped = say(
            "it may be done already; to be sure, repeat the command with --act-id {act}: it is done once", act=act_id
        )
        try:
            yield
        except Unavailable as error:
            if error.code in _UNSURE or error.code == "node.not-serving":
                raise Unavailable(
                    error.code, error.text,
                    hint="see that the node is serving, then repeat the command with --act-id {act}: it is done once",
                    act=act_id,
                ) from error
            raise

    # -- the user ----------------------------------------------------------------------------------------

    def tell(self, sentence: str) -> None:
        """Write a sentence, unless the answer is for a program."""
        if not self.settings.is_json:
            click.echo(sentence)

    def told(self, reply: Reply, *sentences: str) -> None:
        """Write what an act came to, and where it stands in the audit trail."""
        if self.settings.is_json:
            self.write_json({"answer": dict(reply.answer), "at": reply.at, "trail": reply.trail})
            return
        for sentence in sentences:
            click.echo(sentence)
        click.echo(say("audit trail: {entry}", entry=reply.trail))

    def show(self, value: Mapping[str, Any], write: Callable[[], None]) -> None:
        """Write what was looked up: `write` for people, `value` for programs."""
        if self.settings.is_json:
            self.write_json({"answer": dict(value)})
        else:
            write()

    def show_part(self, typed: str, value: Mapping[str, Any], write: Callable[[], None]) -> None:
        """Write a part of a list, and how to go on where it is not the last; `typed` is the command."""
        self.show(value, write)
        if value["next"]:
            self.tell(say("there are more: {command}", command=f"{typed} --after '{value['next']}'"))

    def write_json(self, value: Mapping[str, Any]) -> None:
        """Write `value` on one line of output."""
        click.echo(json.dumps(value, ensure_ascii=False, sort_keys=True))

    @contextmanager
    def progress(self, label: str, size_bytes: int | None) -> Iterator[Progress | None]:
        """Show a bar while something long goes on, on a terminal only."""
        if self.settings.is_json or not sys.stderr.isatty() or not size_bytes or size_bytes < _BAR_BYTES_MIN:
            yield None
            return
        with click.progressbar(length=size_bytes, label=label, file=sys.stderr) as bar:
            yield lambda done: bar.update(done - bar.pos)


def fresh_id(prefix: str = "act") -> str:
    """Return a new identifier for an act."""
    return f"{prefix}.{secrets.token_hex(12)}"


def _size_of(file: Path | None) -> int | None:
    return file.stat().st_size if file is not None else None
