"""A world of nodes in memory: real books, real keys, real messages; only disk, clock and wire are played.

    world = World.founded()          # two parties that know each other, no agreement yet
    world.bring_into_force()         # or at once, for a test of its own: World.in_force()
    world.tokyo.act("originator", "label", {...}, content=b"...")
    world.deliver()                  # the courier carries until nothing waits
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.world.outside import FakeClock, MemoryAnchor, MemoryObjects, SeededRandom
from tests.world.people import PEOPLE
from tests.world.sending import SignedDeposit

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.canonical import encode_base64url
from cordiale.config import Config
from cordiale.crypto.certificates import der_of, pin_of
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.doors.control.acts import ACTS
from cordiale.journey.read import open_content
from cordiale.message.personal import PersonalAct, sign_act
from cordiale.message.trust.keys import public_pair, wrapping_public
from cordiale.message.trust.root import fingerprint, sign_root
from cordiale.message.trust.statement import add_signature, sign_statement
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId
from cordiale.model.party import Authority, LogKeys, NodeStatement, PartyRoot, WitnessKeys
from cordiale.node import Places, build_registry
from cordiale.operate.keyfiles import OpenKey
from cordiale.ports import Store
from cordiale.records.agreements import text_digest_of
from cordiale.records.answer import Answer
from cordiale.records.arriving import arriving_name
from cordiale.records.keyring import NodeKeys, log_prefix, make_node_keys
from cordiale.records.people import enrol_founders
from cordiale.records.people_proposals import PROPOSAL
from cordiale.records.registry import Registry, identify
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.person_json import parse_people_csv
from cordiale.wire.profile_json import encode_profile, encode_text_digest, profile_to_json
from cordiale.work.intake import take_message
from cordiale.work.outbox import Outbox

AGREEMENT = "exercise-jpn-ukr"


@dataclass
class Player:
    """One node of the world with the keys of its people."""

    party: PartyId
    registry: Registry
    keys: NodeKeys
    people: dict[str, SigningPair]
    objects: Any
    clock: FakeClock
    config: Config
    anchor: Any
    root: bytes = b""
    statement: bytes = b""
    print_: str = ""
    root_keys: tuple[SigningPair, ...] = ()
    count: int = 0
    outbox: Outbox = field(init=False)

    def request(self, person: str, kind: str, params: Mapping[str, Any], act_id: str = "") -> bytes:
        """Return what `person` signs to ask for an act."""
        self.count += 1
        act_id = act_id or f"act.{self.party.lower()}.{self.count}"
        at = self.clock.at.replace(microsecond=0)
        act = PersonalAct(kind, act_id, self.registry.node, at, dict(params), b"")
        return sign_act(act, self.people[person], self.registry.mode)

    def sign_deposit(
        self, person: str, params: Mapping[str, Any], content: bytes, *, act_id: str = "", kind: str = "label"
    ) -> SignedDeposit:
        """Return what `person` signs and sends to label a content, or to deliver one that was made of another."""
        self.count += 1
        at = self.clock.at.replace(microsecond=0)
        act_id = act_id or f"act.{self.party.lower()}.{self.count}"
        act = PersonalAct(kind, act_id, self.registry.node, at, dict(params), b"")
        made = OpenKey(self.people[person], self.registry.mode).begin_deposit(act)
        made.add(content)
        return SignedDeposit(made.opening, made.salt, content, made.close(at))

    def act(
        self, person: str, kind: str, params: Mapping[str, Any], *, content: bytes | None = None, act_id: str = "",
    ) -> Answer:
        """Do an act through the same table the doors use."""
        if content is not None:
            return self.sign_deposit(person, params, content, act_id=act_id, kind=kind).send(self.registry)
        request = identify(self.registry, self.request(person, kind, params, act_id))
        return ACTS[kind](self.registry, request)

    def change_people(
        self, kind: str, params: Mapping[str, Any], *, confirmer: str = "head", act_id: str = "",
    ) -> Answer:
        """Let the security officer change people; what waits for a second person, `confirmer` confirms."""
        answer = self.act("security", kind, params, act_id=act_id)
        proposal = self.registry.record(PROPOSAL, str(answer.value.get("proposal", "")))
        if proposal is not None:
            self.act(confirmer, "people.confirm", {"binding": proposal["binding"], "proposal": proposal.id})
        return answer

    def enter_people(self, csv: str) -> None:
        """Let two persons enter the people in `csv`, keys and all; who has a key already keeps it."""
        found = [person.id for person in parse_people_csv(csv.encode())]
        made = {id: SigningPair.generate() for id in found if id not in self.people}
        self.change_people("people.import", {
            "csv": encode_base64url(csv.encode()), "keys": {id: pair.public.encode() for id, pair in made.items()},
        })
        self.people |= made

    def read(self, person: str, item: str, purpose: str, *, act_id: str = "") -> bytes:
        """Read the content of an item."""
        request = identify(self.registry, self.request(person, "read", {"item": item, "purpose": purpose}, act_id))
        return b"".join(open_content(self.registry, request).chunks)

    def reopen(
        self, *, store: Store | None = None, objects: Any = None, anchor: Any = None, seed: int = 0
    ) -> None:
        """Close the node and open it again, on the same books, envelopes and anchor or on others."""
        self.objects = objects if objects is not None else self.objects
        self.anchor = anchor if anchor is not None else self.anchor
        self.registry = build_registry(
            self.config, self.keys, Places(store or self.registry.store, self.objects, self.anchor), clock=self.clock,
            random=SeededRandom(seed) if seed else self.registry.random,
        )
        self.outbox = Outbox(self.registry, self.outbox.courier)

    def copied(self, clock: FakeClock, seed: int) -> Player:
        """Return a player with the same keys and people, and copies of books, envelopes and anchor."""
        twin = replace(
            self, people=dict(self.people), objects=MemoryObjects(clock, dict(self.objects.contents)), clock=clock,
            anchor=MemoryAnchor(self.anchor.content),
        )
        twin.outbox = self.outbox
        twin.reopen(store=copy_of(self.registry.store), seed=seed)
        return twin


def copy_of(store: Any, path: str = ":memory:") -> SqliteStore:
    """Return the books of `store` as they are now, copied."""
    copied = SqliteStore(path)
    with copied._writer.backup("main", store._writer, "main") as backup:
        backup.step()
    return copied


Carry = Callable[["World", NodeStatement, bytes, tuple[str, ...]], bytes | None]


def carry_faithfully(
    world: World, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]
) -> bytes | None:
    """Carry envelopes and message to the partner at once."""
    recipient, sender = world.by_node(partner.node), world.sending
    for name in attachments:
        arriving = arriving_name(sender.registry.node, name)
        recipient.objects.contents.setdefault(arriving, sender.objects.contents[name])
    return take_message(recipient.registry, message, sender.registry.node)


@dataclass
class _Courier:
    world: World
    node: str

    def carry(self, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        self.world.sending = self.world.by_node(self.node)
        return self.world.carry(self.world, partner, message, attachments)


@dataclass
class World:
    """Two nodes, one clock, one courier; `strangers` are further nodes, which the two may or may not know.

    `sending` is the player on whose behalf the courier is on its way.
    """

    tokyo: Player
    kyiv: Player
    clock: FakeClock
    carry: Carry = carry_faithfully
    strangers: list[Player] = field(default_factory=list)
    sending: Player = field(init=False, repr=False)

    def by_node(self, node: str) -> Player:
        """Return the player whose node is `node`."""
        return next(one for one in (*self.players, *self.strangers) if one.registry.node == node)

    def other(self, player: Player) -> Player:
        """Return the other player."""
        return self.kyiv if player is self.tokyo else self.tokyo

    @property
    def players(self) -> tuple[Player, Player]:
        """Both players."""
        return self.tokyo, self.kyiv

    def deliver(self, rounds: int = 20) -> None:
        """Let both outboxes send until nothing waits, or `rounds` are over."""
        for _ in range(rounds):
            for player in self.players:
                player.outbox.send_waiting()
            if not any(player.registry.reads().outbox_open() for player in self.players):
                return
            self.clock.advance(seconds=70)

    @classmethod
    def founded(cls, *, mode: Mode = Mode.EXERCISE, seed: int = 1) -> World:
        """Two parties that know each other by fingerprint, without an agreement."""
        clock = FakeClock()
        tokyo = make_player("JPN", "tokyo.jpn", clock=clock, mode=mode, seed=seed)
        kyiv = make_player("UKR", "kyiv.ukr", clock=clock, mode=mode, seed=seed + 1)
        world = cls(tokyo, kyiv, clock)
        for player in world.players:
            world._connect(player)
            make_acquainted(player, world.other(player))
        return world

    @classmethod
    def in_force(cls, seed: int = 1) -> World:
        """A world of one's own in which the exercise agreement is in force and open; quick, by copying."""
        return _in_force().twin(seed)

    def twin(self, seed: int = 1) -> World:
        """Return an independent copy of this world, with other chances."""
        clock = FakeClock(self.clock.at)
        clock.ticks = self.clock.ticks
        world = World(self.tokyo.copied(clock, 2 * seed + 100), self.kyiv.copied(clock, 2 * seed + 101), clock)
        for player in world.players:
            world._connect(player)
        return world

    def _connect(self, player: Player) -> None:
        player.outbox = Outbox(player.registry, _Courier(self, player.registry.node))

    def add_stranger(self, party: str = "POL", node: str = "warsaw.pol", *, mode: Mode = Mode.EXERCISE) -> Player:
        """Add a node of a third party that knows nobody and is known by nobody."""
        stranger = make_player(party, node, clock=self.clock, mode=mode, seed=77)
        self._connect(stranger)
        self.strangers.append(stranger)
        return stranger

    def enter_agreement(self) -> None:
        """Tokyo proposes the exercise agreement; both enter their national profile."""
        text, profile = exercise_agreement()
        self.tokyo.act("authority", "agreement.enter", {
            "profile": profile_to_json(profile), "text": agreement_text_to_json(text),
        })
        draft = load_template("exercise")
        for national in draft.nationals:
            player = self.tokyo if national.party == "JPN" else self.kyiv
            player.act("authority", "agreement.national", {"profile": national_profile_to_json(national)})
        self.deliver()

    def sign_agreement(self) -> None:
        """Both authorities sign the profile, and both governments the agreement."""
        _, profile = exercise_agreement()
        for player in self.players:
            signed = sign_object(
                encode_profile(profile), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
                [player.people["authority"]],
            )
            player.act("authority", "agreement.sign", {"agreement": AGREEMENT, "signed": signed.decode()})
        self.deliver()
        self.tokyo.act("authority", "agreement.stage", {
            "agreement": AGREEMENT, "article": "Art. 16(1)", "on": "2026-09-01", "stage": "signed",
        })
        self.deliver()

    def exchange_notes(self) -> None:
        """Both parties' notes; the second brings the agreement into force."""
        for player in self.players:
            player.act("authority", "agreement.note", {
                "agreement": AGREEMENT, "article": "Art. 16(1)", "in_force_on": "2026-09-01", "on": "2026-09-01",
                "reference": "note 1",
            })
            self.deliver()

    def find_readiness(self) -> None:
        """Both find each other, and themselves, ready for the middle level."""
        for player in self.players:
            for party, level in (("JPN", "EX-JPN:EXERCISE SAKURA"), ("UKR", "EX-UKR:EXERCISE BARVINOK")):
                player.act("authority", "agreement.ready", {
                    "agreement": AGREEMENT, "article": "Art. 3(2)", "level": level, "of_party": party,
                })
        self.deliver()

    def approve_links(self, *links: str) -> None:
        """Both approve `links` for the middle level."""
        for player, level in ((self.tokyo, "EX-JPN:EXERCISE SAKURA"), (self.kyiv, "EX-UKR:EXERCISE BARVINOK")):
            for link in links:
                player.act("authority", "agreement.link", {
                    "agreement": AGREEMENT, "level": level, "link": link, "reference": "approval 1",
                })
        self.deliver()

    def bring_into_force(self) -> None:
        """Everything from proposal to open links."""
        self.enter_agreement()
        self.sign_agreement()
        self.exchange_notes()
        self.find_readiness()
        self.approve_links("wire", "bag")


@functools.cache
def _in_force() -> World:
    world = World.founded()
    world.bring_into_force()
    return world


def make_acquainted(player: Player, other: Player) -> None:
    """Let two persons at `player` enter the root and statement of `other`."""
    player.act("security", "partner.add", {
        "fingerprint": other.print_, "root": encode_base64url(other.root),
        "statement": encode_base64url(other.statement),
    })
    player.act("authority", "partner.confirm", {"fingerprint": other.print_, "party": other.party})


def exercise_agreement() -> tuple[Any, Any]:
    """The exercise agreement with its profile bound to its text."""
    draft = load_template("exercise")
    digest = encode_text_digest(text_digest_of(draft.text, Mode.EXERCISE))
    return draft.text, replace(draft.profile, text_digest=digest)


def make_player(
    party: str, node: str, *, clock: FakeClock, mode: Mode, seed: int, people_csv: str = "",
) -> Player:
    """A node with its founders, its root and its statement."""
    keys = make_node_keys(node, clock.at)
    objects = MemoryObjects(clock)
    config = Config(
        home=Path("/nowhere"), party=PartyId(party), node=NodeId(node), mode=mode, title=f"Exercise registry {node}",
        listen=("127.0.0.1", 1), endpoint=f"https://{node}.invalid", books="sqlite::memory:",
        objects="folder:objects", diagnostics="warning",
    )
    anchor = MemoryAnchor()
    registry = build_registry(
        config, keys, Places(SqliteStore(":memory:"), objects, anchor), clock=clock, random=SeededRandom(seed)
    )
    people = parse_people_csv((people_csv or PEOPLE[party]).encode())
    pairs = {person.id: SigningPair.generate() for person in people}
    enrol_founders(registry, people, {id: pair.public.encode() for id, pair in pairs.items()}, f"found.{node}")
    player = Player(PartyId(party), registry, keys, dict(pairs), objects, clock, config, anchor)
    make_trust(player)
    player.act("registrar", "node.install", {
        "root": encode_base64url(player.root), "statement": encode_base64url(player.statement),
    })
    return player


def make_trust(player: Player, version: int = 1) -> None:
    """Make the party's root, 2 of 3, and a statement signed by two of its keys."""
    registry, keys = player.registry, player.keys
    now = player.clock.at.replace(microsecond=0)
    if not player.root_keys:
        player.root_keys = tuple(SigningPair.generate() for _ in range(3))
    root = PartyRoot(
        party=player.party, mode=registry.mode, version=1, threshold=2,
        keys=tuple(public_pair(pair.public) for pair in player.root_keys), created_at=now, title="Exercise root",
    )
    if not player.root:
        player.root = sign_root(root, player.root_keys)
    player.print_ = fingerprint(root)
    prefix = log_prefix(registry.mode, player.party, registry.node)
    statement = NodeStatement(
        party=player.party, node=registry.node, mode=registry.mode, version=version, issued_at=now,
        expires_at=now + timedelta(days=365), protocols=(1,), suites=("1",), endpoints=(registry.endpoint,),
        transport_pins=(pin_of(der_of(keys.transport_certificate)),),
        registry_keys=(public_pair(keys.registry.public),), wrapping_key=wrapping_public(keys.wrapping.public),
        log_keys=(LogKeys(prefix, keys.log_ed25519.public.raw, keys.log_ml_dsa_44.public.raw),),
        witness=WitnessKeys(f"{prefix}/witness", keys.witness_ed25519.public.raw, keys.witness_ml_dsa_44.public.raw),
        authorities=(Authority(
            _name_of(registry, "authority"), _post_of(registry, "authority"),
            public_pair(player.people["authority"].public),
        ),),
    )
    partial = sign_statement(statement, root, player.root_keys[0])
    player.statement = add_signature(partial, root, player.root_keys[1])


def _name_of(registry: Registry, person: str) -> str:
    record = registry.record("person", person)
    return str(record["name"]) if record else ""


def _post_of(registry: Registry, person: str) -> str:
    record = registry.record("person", person)
    return str(record["post"]) if record else ""


