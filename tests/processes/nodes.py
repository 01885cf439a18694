"""Two real nodes under an agreement in force, as processes on loopback, made once and copied for every test.

    pair = template.copied(tmp_path)     # own books, own envelopes, own keys; the addresses are shared
    pair.start()
    item = pair.tokyo_item(content=b"...")
    consignment = pair.dispatch([item])

The addresses stand in the signed statements, so one copy is served at a time.
"""

from __future__ import annotations

import io
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.doors.nodes import SECRET, WEAK, Home

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.doors.cli.client import ControlClient, Reply
from cordiale.errors import Unavailable
from cordiale.message.trust.root import fingerprint
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.party import PartyRoot
from cordiale.operate.keyfiles import make_key, make_root
from cordiale.records.agreements import text_digest_of
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import encode_profile, encode_text_digest, profile_to_json

AGREEMENT = "exercise-jpn-ukr"
PURPOSE = "exercise dialogue"
LEVELS = {"JPN": "EX-JPN:EXERCISE SAKURA", "UKR": "EX-UKR:EXERCISE BARVINOK"}
PATIENCE_SECONDS = 60.0
_DAY = {"article": "Art. 16(1)", "on": "2024-11-16"}
# Below what systems hand out to callers, so that nobody's connection happens to sit on a node's address.
_PORTS = range(12_000, 32_000)


def quiet_port() -> int:
    """Return a port nobody listens on, out of those that are never given to a calling socket."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(is_so: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait for what a node does by itself and return it; the bound is for a test that fails, not for a speed."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.01)
    return found


class Caller:
    """One user of a node who repeats an act, with the same id, until the node has answered it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._client: ControlClient | None = None

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def insist(self, ask: Callable[[ControlClient], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """Return what `ask` returns, asking again for as long as the node is away."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self._client is None:
                    self._client = ControlClient(self.home.socket)
                return ask(self._client)
            except Unavailable:
                self.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def send(self, signed: bytes) -> Reply:
        """Send an act that is already signed until it is answered."""
        reply: Reply = self.insist(lambda client: client.act(signed))
        return reply

    def act(self, person: str, kind: str, /, act_id: str = "", **params: Any) -> Reply:
        """Do an act as `person` until it is answered."""
        return self.send(self.home.request(person, kind, params, **({"act_id": act_id} if act_id else {})))

    def view(self, person: str, kind: str, /, **params: Any) -> dict[str, Any]:
        """Look at something as `person`."""
        answer: dict[str, Any] = self.insist(lambda client: client.view(self.home.request(person, kind, params)))
        return answer

    def operate(self, verb: str, /, **params: Any) -> dict[str, Any]:
        """Ask for something that needs no person."""
        answer: dict[str, Any] = self.insist(lambda client: client.operate(verb, params))
        return answer

    def label(self, content: bytes | Path | None = None, *, title: str = "exercise paper", act_id: str = "") -> Reply:
        """Label an item as its originator: a paper, or a file with `content`."""
        params: dict[str, Any] = {"level": LEVELS[self.home.party], "title": title}
        params["release_to"] = ["UKR" if self.home.party == "JPN" else "JPN"]
        changed = {"act_id": act_id} if act_id else {}
        if content is None:
            params |= {"form": "paper", "sheets": 2}
            return self.send(self.home.request("originator", "label", params, **changed))
        params |= {"file_name": "paper.bin", "form": "file", "media_type": "application/octet-stream"}
        changed = {"act_id": act_id or f"act.{secrets.token_hex(8)}"}

        def deposit(client: ControlClient) -> Reply:
            with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
                return client.deposit(self.home.deposit("originator", params, **changed), source)

        reply: Reply = self.insist(deposit)
        return reply

    def release(self, item: str, *, act_id: str = "") -> None:
        """Have two persons release `item` to the other party."""
        recipient = "UKR" if self.home.party == "JPN" else "JPN"
        registry = "registry-kyiv" if recipient == "UKR" else "registry-tokyo"
        seen = self.view(
            "originator", "view.preview", item=item, recipient=recipient, purpose=PURPOSE, agreement=AGREEMENT,
            registry=registry, link="wire",
        )
        terms = {
            "agreement": AGREEMENT, "binding": seen["binding"], "item": item, "purpose": PURPOSE,
            "recipient": recipient,
        }
        first, second = (f"{act_id}.{part}" if act_id else "" for part in ("propose", "approve"))
        self.act("originator", "release.propose", act_id=first, **terms)
        self.act("authority", "release.approve", act_id=second, **terms)

    def dispatch(self, items: Sequence[str], *, act_id: str = "", link: str = "wire") -> Reply:
        """Dispatch released items to the other party."""
        recipient = "UKR" if self.home.party == "JPN" else "JPN"
        registry = "registry-kyiv" if recipient == "UKR" else "registry-tokyo"
        return self.act(
            "registrar", "dispatch", act_id=act_id, agreement=AGREEMENT, items=list(items), link=link,
            purpose=PURPOSE, recipient=recipient, registry=registry,
        )

    def consignment(self, id: str) -> dict[str, Any]:
        """Return what the books say of a consignment."""
        rows = self.view("registrar", "view.consignments")["consignments"]
        return next(row for row in rows if row["consignment"] == id)

    def held(self) -> list[str]:
        """Return the consignments that wait to be registered."""
        return [row["consignment"] for row in self.view("registrar", "view.inbox")["consignments"]]

    def register(self, consignment: str, *, counted: int = 1, act_id: str = "") -> Reply:
        """Count and register a consignment, once it is held."""
        wait_until(lambda: consignment in self.held(), f"arrival of {consignment}")
        return self.act("registrar", "register", act_id=act_id, consignment=consignment, counted=counted)


def start_all(homes: Sequence[Home]) -> None:
    """Serve `homes`, and wait until all of them answer."""
    with ThreadPoolExecutor(len(homes)) as pool:
        list(pool.map(Home.start, homes))


@dataclass
class Pair:
    """Tokyo and Kyiv."""

    tokyo: Home
    kyiv: Home
    callers: dict[str, Caller] = field(default_factory=dict)

    @property
    def homes(self) -> tuple[Home, Home]:
        return self.tokyo, self.kyiv

    def caller(self, home: Home) -> Caller:
        """Return the caller of the test itself, who outlives restarts."""
        return self.callers.setdefault(home.party, Caller(home))

    @property
    def at_tokyo(self) -> Caller:
        return self.caller(self.tokyo)

    @property
    def at_kyiv(self) -> Caller:
        return self.caller(self.kyiv)

    def start(self) -> Pair:
        """Serve both."""
        start_all(self.homes)
        return self

    def kill(self) -> None:
        """End both at once, as a power cut would."""
        for caller in self.callers.values():
            caller.close()
        for home in self.homes:
            home.stop(signal.SIGKILL)

    def copied(self, folder: Path) -> Pair:
        """Return a copy of both homes below `folder`; the persons' keys stay where they are."""
        twins = []
        for home in self.homes:
            twin = replace(home, folder=folder / home.party.lower(), process=None)
            shutil.copytree(home.folder, twin.folder, ignore=shutil.ignore_patterns("*.sock"))
            twins.append(twin)
        return Pair(*twins)

    def settle(self) -> None:
        """Wait until nothing is on its way between the nodes any more."""
        for home in (*self.homes, *self.homes):
            wait_until(lambda home=home: not self.caller(home).operate("outbox")["waiting"], "delivery")

    def released(self, content: bytes | Path | None = None) -> str:
        """Label an item in Tokyo, have two persons release it to Kyiv, and return it."""
        item = str(self.at_tokyo.label(content).answer["item"])
        self.at_tokyo.release(item)
        return item

    def crossed(self, content: bytes | Path | None = None) -> str:
        """Carry one item from label to entered receipt, and return its consignment."""
        consignment = str(self.at_tokyo.dispatch([self.released(content)]).answer["consignment"])
        self.at_kyiv.register(consignment)
        self.settle()
        return consignment


def _vouch(home: Home) -> tuple[bytes, bytes, str]:
    """Make the party's root and install the node's statement; return both and the fingerprint."""
    folder = home.folder / "root"
    folder.mkdir()
    keys = [make_key(folder / f"{number}.key", SECRET, Mode.EXERCISE, cost=WEAK) for number in (1, 2)]
    created = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    root = PartyRoot(
        party=PartyId(home.party), mode=Mode.EXERCISE, version=1, threshold=2,
        keys=tuple(key.root_key for key in keys), created_at=created, title="Exercise root",
    )
    signed_root = make_root(root, keys)
    caller = Caller(home)
    draft = caller.operate(
        "draft-statement", authorities=["authority"], days=365, endpoint=f"https://127.0.0.1:{home.port}",
    )
    statement = parse_base64url(draft["statement"])
    for key in keys:
        statement = key.sign_statement(statement, signed_root)
    caller.act(
        "registrar", "node.install", root=encode_base64url(signed_root), statement=encode_base64url(statement),
    )
    caller.close()
    return signed_root, statement, fingerprint(root)


def _introduce(caller: Caller, party: str, card: tuple[bytes, bytes, str]) -> None:
    root, statement, print_ = card
    caller.act(
        "security", "partner.add", fingerprint=print_, root=encode_base64url(root),
        statement=encode_base64url(statement),
    )
    caller.act("authority", "partner.confirm", fingerprint=print_, party=party)


def _bring_into_force(pair: Pair) -> None:
    draft = load_template("exercise")
    profile = replace(draft.profile, text_digest=encode_text_digest(text_digest_of(draft.text, Mode.EXERCISE)))
    pair.at_tokyo.act(
        "authority", "agreement.enter", profile=profile_to_json(profile), text=agreement_text_to_json(draft.text),
    )
    for national in draft.nationals:
        caller = pair.at_tokyo if national.party == "JPN" else pair.at_kyiv
        caller.act("authority", "agreement.national", profile=national_profile_to_json(national))
    pair.settle()
    for home in pair.homes:
        signed = home.keys["authority"].sign_profile(encode_profile(profile))
        pair.caller(home).act("authority", "agreement.sign", agreement=AGREEMENT, signed=signed)
    pair.settle()
    pair.at_tokyo.act("authority", "agreement.stage", agreement=AGREEMENT, stage="signed", reason="signed", **_DAY)
    pair.settle()
    for home in pair.homes:
        pair.caller(home).act(
            "authority", "agreement.note", agreement=AGREEMENT, in_force_on="2024-11-16",
            reference=f"exercise note {home.party}", **_DAY,
        )
        pair.settle()
    for home in pair.homes:
        _open_links(pair.caller(home), home.party)
    pair.settle()


def _open_links(caller: Caller, own: str) -> None:
    for party, level in LEVELS.items():
        caller.act(
            "authority", "agreement.ready", agreement=AGREEMENT, article="Art. 2(2)", level=level, of_party=party,
        )
    for link in ("wire", "bag"):
        caller.act(
            "authority", "agreement.link", agreement=AGREEMENT, level=LEVELS[own], link=link,
            reference="exercise approval",
        )


def make_template(folder: Path) -> Pair:
    """Make two homes that know each other, with the exercise agreement in force and both links open; not served."""
    homes = [
        Home(folder / party.lower(), party, node, quiet_port()).found()
        for party, node in (("JPN", "tokyo.jpn"), ("UKR", "kyiv.ukr"))
    ]
    pair = Pair(*homes)
    try:
        pair.start()
        cards: Mapping[str, tuple[bytes, bytes, str]] = {home.party: _vouch(home) for home in pair.homes}
        _introduce(pair.at_tokyo, "UKR", cards["UKR"])
        _introduce(pair.at_kyiv, "JPN", cards["JPN"])
        _bring_into_force(pair)
        for home in pair.homes:
            assert home.stop(signal.SIGTERM) == 0
    finally:
        pair.kill()
    return pair
