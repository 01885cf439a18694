"""Parties and their nodes: the root a party is known by, and what it says of each of its nodes.

A **root** is a few keys that a party keeps offline; a threshold of them signs
everything else. A **node statement** names the keys and the abilities of one
node until it expires. Both are plain values: public keys stand here as raw
bytes, because the nouns know nothing of cryptography, and nothing here says
whether a signature is good (`cordiale.message.trust` does).

INVARIANT: no public key stands in two places of one root or statement. A key
with two duties would let what was signed for one of them be shown as the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NoReturn, TypeVar

from cordiale.errors import Field, Malformed
from cordiale.limits import (
    AUTHORITIES_COUNT_MAX,
    LOG_KEY_NAME_SIZE_BYTES_MAX,
    REGISTRY_KEYS_COUNT_MAX,
    ROOT_KEYS_COUNT_MAX,
    SHORT_TEXT_LENGTH_MAX,
    STATEMENT_LIFETIME_DAYS_MAX,
)
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId, parse_identifier, parse_party_id

PIN_SIZE_BYTES: Final = 32
TRANSPORT_PINS_COUNT_MAX: Final = 2
EXERCISE_PATH_PART: Final = "exercise"
"""A part of the path of every log origin of an exercise node, and of no other."""

Ordered = TypeVar("Ordered", int, str)
_ORIGIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9./_-]*[a-z0-9])?\Z", re.ASCII)
_URL: Final = re.compile(r"https://[a-z0-9\[][a-z0-9.:\]-]*(?:/[A-Za-z0-9._~/-]*)?\Z", re.ASCII)
_SUITE: Final = re.compile(r"[0-9a-z-]{1,32}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublicPair:
    """The public keys of one signer under suite 1, raw: 32 bytes of Ed25519 and 1,952 of ML-DSA-65."""

    ed25519: bytes
    ml_dsa_65: bytes


@dataclass(frozen=True, slots=True)
class WrappingPublic:
    """The key that content keys are wrapped to: its name and its public bytes as the suite encodes them."""

    kid: str
    public: bytes


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys of every log whose origin is `origin_prefix` or begins with it and a slash.

    Raw: 32 bytes of Ed25519 and 1,312 of ML-DSA-44.
    """

    origin_prefix: str
    ed25519: bytes
    ml_dsa_44: bytes


@dataclass(frozen=True, slots=True)
class WitnessKeys:
    """The keys a node cosigns the logs of others with, under `name`; raw as in `LogKeys`."""

    name: str
    ed25519: bytes
    ml_dsa_44: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may sign agreements for the party. Registrars are not named in a statement: they are our affair."""

    name: str
    post: str
    keys: PublicPair


@dataclass(frozen=True, slots=True)
class PartyRoot:
    """What a party is known by: version `version` of its offline keys, `threshold` of which must sign.

    Raises `Malformed` when the threshold cannot be met, a key stands twice, or a text or time has no form.
    """

    party: PartyId
    mode: Mode
    version: int
    threshold: int
    keys: tuple[PublicPair, ...]
    created_at: datetime
    title: str

    def __post_init__(self) -> None:
        parse_party_id(self.party)
        if not 1 <= len(self.keys) <= ROOT_KEYS_COUNT_MAX:
            _refuse("root-keys", "a root has 1 to {count} keys", count=ROOT_KEYS_COUNT_MAX)
        if not 1 <= self.threshold <= len(self.keys):
            _refuse("root-threshold", "of {count} root keys, {threshold} can never sign together",
                    count=len(self.keys), threshold=self.threshold)
        _require_version(self.version)
        _require_text(self.title)
        _require_times(self.created_at)
        _require_single_duty(key for pair in self.keys for key in (pair.ed25519, pair.ml_dsa_65))


@dataclass(frozen=True, slots=True)
class NodeStatement:
    """What a party says of its node `node` from `issued_at` until `expires_at`.

    `protocols` and `suites` are what the node accepts, ascending. `transport_pins` are SHA-256 digests of
    the SPKI of its transport keys: two while a key is being rotated. `registry_keys` sign its messages; the
    first is in use, the others are on their way in or out. A node without `endpoints` is reached by bag only.
    Raises `Malformed` for what cannot be: a key with two duties, an origin of the other mode, no validity.
    """

    party: PartyId
    node: NodeId
    mode: Mode
    version: int
    issued_at: datetime
    expires_at: datetime
    protocols: tuple[int, ...]
    suites: tuple[str, ...]
    endpoints: tuple[str, ...]
    transport_pins: tuple[bytes, ...]
    registry_keys: tuple[PublicPair, ...]
    wrapping_key: WrappingPublic
    log_keys: tuple[LogKeys, ...]
    witness: WitnessKeys
    authorities: tuple[Authority, ...] = ()

    def __post_init__(self) -> None:
        parse_party_id(self.party)
        parse_identifier(self.node, "name of a node")
        _require_version(self.version)
        self._require_validity()
        self._require_abilities()
        self._require_addresses()
        self._require_keys()

    def _require_validity(self) -> None:
        _require_times(self.issued_at, self.expires_at)
        longest = timedelta(days=STATEMENT_LIFETIME_DAYS_MAX)
        if not timedelta(0) < self.expires_at - self.issued_at <= longest:
            _refuse("statement-lifetime", "a node statement is valid for more than nothing and at most {days} days",
                    days=STATEMENT_LIFETIME_DAYS_MAX)

    def _require_abilities(self) -> None:
        if not self.protocols or self.protocols[0] < 1 or not _is_ascending(self.protocols):
            _refuse("statement-protocols", "the protocol versions of node {node} are not listed in ascending order",
                    node=self.node)
        if not self.suites or not _is_ascending(self.suites) or not all(map(_SUITE.match, self.suites)):
            _refuse("statement-suites", "the suites of node {node} are not listed in ascending order",
                    node=self.node)

    def _require_addresses(self) -> None:
        if len(set(self.endpoints)) != len(self.endpoints):
            _refuse("statement-endpoints", "an address of node {node} is listed twice", node=self.node)
        for url in self.endpoints:
            if len(url) > SHORT_TEXT_LENGTH_MAX or not _URL.match(url):
                _refuse("statement-endpoint", "an address of node {node} is not of the form https://host/path",
                        node=self.node)
        pins = self.transport_pins
        too_few = bool(self.endpoints) and not pins
        if too_few or len(pins) > TRANSPORT_PINS_COUNT_MAX or len(set(pins)) != len(pins):
            _refuse("statement-pins", "node {node} must name one transport key, or two while one is rotated",
                    node=self.node)
        if any(len(pin) != PIN_SIZE_BYTES for pin in pins):
            _refuse("statement-pin", "a transport key of node {node} is not named by its SHA-256 digest",
                    node=self.node)

    def _require_keys(self) -> None:
        if not 1 <= len(self.registry_keys) <= REGISTRY_KEYS_COUNT_MAX:
            _refuse("statement-registry-keys", "node {node} must name 1 to {count} registry keys",
                    node=self.node, count=REGISTRY_KEYS_COUNT_MAX)
        if len(self.authorities) > AUTHORITIES_COUNT_MAX:
            _refuse("statement-authorities", "node {node} names more than {count} authorities",
                    node=self.node, count=AUTHORITIES_COUNT_MAX)
        for authority in self.authorities:
            _require_text(authority.name)
            _require_text(authority.post)
        prefixes = [keys.origin_prefix for keys in self.log_keys]
        if not prefixes or len(set(prefixes)) != len(prefixes):
            _refuse("statement-logs", "node {node} must name the keys of its logs, each log once", node=self.node)
        for origin in (*prefixes, self.witness.name):
            require_origin(origin, self.mode)
        pairs = [*self.registry_keys, *(authority.keys for authority in self.authorities)]
        _require_single_duty([
            *(key for pair in pairs for key in (pair.ed25519, pair.ml_dsa_65)),
            *(key for log in self.log_keys for key in (log.ed25519, log.ml_dsa_44)),
            self.witness.ed25519, self.witness.ml_dsa_44, self.wrapping_key.public,
        ])


def require_origin(origin: str, mode: Mode) -> str:
    """Return `origin` when it can name a log or a witness of a node of `mode`.

    It looks like an address without scheme, in lower-case ASCII. One of its parts between slashes is
    ``exercise`` exactly when the mode is: an exercise log can be told from its name alone, for ever.
    Raises `Malformed` otherwise. Source: C2SP signed-note (key names), tlog-checkpoint (origins).
    """
    if len(origin) > LOG_KEY_NAME_SIZE_BYTES_MAX or not _ORIGIN.match(origin) or "//" in origin:
        _refuse("origin", "a log or witness is not named like an address, for example registry.example/log")
    if (EXERCISE_PATH_PART in origin.split("/")[1:]) is not (mode is Mode.EXERCISE):
        _refuse("origin-mode", "the name `{origin}` does not fit a node that is {mode}: only the logs of an exercise "
                "have `exercise` in their path", origin=origin[:80], mode=mode.value)
    return origin


def _refuse(code: str, text: str, **fields: Field) -> NoReturn:
    raise Malformed(
        f"party.{code}", text, hint="ask the key officers of the party to make it again", article="", **fields
    )


def _require_version(version: int) -> None:
    if version < 1:
        _refuse("version", "versions of roots and statements count from 1")


def _require_text(text: str) -> None:
    if not 1 <= len(text) <= SHORT_TEXT_LENGTH_MAX:
        _refuse("text", "a title, name or post must have 1 to {length} characters", length=SHORT_TEXT_LENGTH_MAX)


def _require_times(*times: datetime) -> None:
    if any(at.utcoffset() != timedelta(0) or at.microsecond for at in times):
        _refuse("time", "a time must be given in UTC and whole seconds")


def _is_ascending(values: Sequence[Ordered]) -> bool:
    return all(one < other for one, other in pairwise(values))


def _require_single_duty(keys: Iterable[bytes]) -> None:
    listed = list(keys)
    if len(set(listed)) != len(listed):
        _refuse("key-in-two-places", "one public key is listed for two duties")
