"""The program audits its own deployment: what an administrator should put right, and what could not be told.

A check is fine, worth a warning, bad, or unknown; unknown is said, never taken
for fine. Nothing is changed.
"""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import apsw

from cordiale.config import Config
from cordiale.errors import CordialeError, Field, Unavailable, Undecidable
from cordiale.model.party import NodeStatement
from cordiale.node import Node
from cordiale.operate.anchoring import look_at_anchor
from cordiale.operate.wire_end import bind_wire
from cordiale.records.partners import PARTNER, open_partner, own_statement
from cordiale.records.record import open_record
from cordiale.records.registry import Registry

_FREE_BYTES_BAD: Final = 256 * 1024**2
_FREE_BYTES_WARN: Final = 4 * 1024**3
_EXPIRY_WARN: Final = timedelta(days=30)
_SQLITE_MIN: Final = (3, 51, 3)
"""Releases before this one can damage a write-ahead log that two connections reset at once (sqlite.org/wal.html)."""


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARN = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `text` is an English sentence template with `fields`, `hint` what to do."""

    code: str
    state: State
    text: str
    hint: str = ""
    fields: tuple[tuple[str, Field], ...] = ()

    def encode(self) -> dict[str, Any]:
        """Return the check as a JSON object."""
        return {
            "code": self.code, "fields": dict(self.fields), "hint": self.hint, "state": self.state.value,
            "text": self.text,
        }


def check(code: str, text: str, /, *, state: State = State.OK, hint: str = "", **fields: Field) -> Check:
    """Return one check; fine unless `state` says otherwise."""
    return Check(code, state, text, hint, tuple(sorted(fields.items())))


def examine_home(config: Config) -> list[Check]:
    """Look at what can be seen of a home without opening its vault."""
    return [
        *_rights(config), _space(config.home), _encryption(config.home), _swap(), _core_dumps(), _sqlite(),
    ]


def examine_port(config: Config) -> list[Check]:
    """Look whether the address for partners can be had; for a node that is not serving."""
    if config.listen is None:
        return [check("doctor.port", "this node has no wire, only the bag")]
    host, port = config.listen
    try:
        bind_wire(config.listen).close()
    except Unavailable as error:
        return [check("doctor.port", error.text, state=State.BAD, hint=error.hint, **error.fields)]
    return [check("doctor.port", "the node can listen on {host}:{port}", host=host, port=port)]


def examine_node(node: Node) -> list[Check]:
    """Look at what only the serving node can see."""
    registry = node.registry
    found = [*_stopped(registry), _clock(registry), _anchor(registry), *_logs(registry)]
    found.append(check("doctor.vault", "the vault is open"))
    now = registry.clock.now()
    try:
        found.append(_expiry("own", own_statement(registry.reads(), registry.mode).statement, now))
    except Undecidable as error:
        found.append(check("doctor.own", error.text, state=State.WARN, hint=error.hint))
    for stored in registry.reads().every(PARTNER, limit=10_000):
        partner = open_partner(open_record(stored), registry.mode)
        if not partner.is_confirmed:
            found.append(check(
                "doctor.partner", "{party} waits for a second person to confirm its fingerprint", state=State.WARN,
                hint="`cordiale partner confirm`", party=partner.root.party,
            ))
        found.append(_expiry("partner", partner.statement, now))
    waiting = len(registry.reads().outbox_open(limit=1_000))
    found.append(check("doctor.outbox", "{count} messages wait to be answered by partners", count=waiting))
    return found


def _rights(config: Config) -> Iterator[Check]:
    # What lies inside is behind the home; the vault is looked at by itself because it is copied about.
    for path in (config.home, config.vault_file):
        try:
            found = path.stat()
        except OSError:
            yield check(
                "doctor.rights", "`{name}` cannot be looked at", state=State.BAD, name=path.name,
                hint="run this as the user that serves the node",
            )
            continue
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            yield check(
                "doctor.rights", "others on this machine may reach `{name}`", state=State.BAD, name=path.name,
                hint="it must belong to the user that serves the node, with no rights for anybody else (chmod go=)",
            )
        else:
            yield check("doctor.rights", "`{name}` is closed to others", name=path.name)


def _space(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    mib = free // 1024**2
    if free < _FREE_BYTES_WARN:
        return check(
            "doctor.space", "only {mib} MiB are free on the disk of the node", mib=mib,
            state=State.BAD if free < _FREE_BYTES_BAD else State.WARN, hint="make room before the disk is full",
        )
    return check("doctor.space", "{mib} MiB are free on the disk of the node", mib=mib)


def _encryption(home: Path) -> Check:
    is_encrypted = _is_encrypted(home.stat().st_dev)
    if is_encrypted:
        return check("doctor.encryption", "the disk of the node is encrypted")
    if is_encrypted is None:
        return check(
            "doctor.encryption", "it could not be told whether the disk of the node is encrypted",
            state=State.UNKNOWN, hint="see to it: titles and numbers in the books are themselves sensitive",
        )
    return check(
        "doctor.encryption", "the disk of the node is not encrypted", state=State.WARN,
        hint="put the home on an encrypted disk: titles and numbers in the books are themselves sensitive",
    )


def _is_encrypted(device: int) -> bool | None:
    """Tell whether a block device lies on dm-crypt (Linux); None when that cannot be seen."""
    block = Path("/sys/dev/block") / f"{os.major(device)}:{os.minor(device)}"
    if not block.exists():
        return None
    layers = [block.resolve()]
    while layers:
        layer = layers.pop()
        try:
            if (layer / "dm" / "uuid").read_text().startswith("CRYPT-"):
                return True
        except OSError:
            pass
        slaves = layer / "slaves"
        if slaves.is_dir():
            layers.extend(below.resolve() for below in slaves.iterdir())
    return False


def _swap() -> Check:
    try:
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return check("doctor.swap", "it could not be told whether memory is swapped to disk", state=State.UNKNOWN)
    plain = [line for line in lines if line and not line.startswith("/dev/zram")]
    if plain:
        return check(
            "doctor.swap", "this machine swaps memory to disk", state=State.WARN,
            hint="turn swap off or encrypt it: an open content key is in memory",
        )
    return check("doctor.swap", "memory is not swapped to disk")


def _core_dumps() -> Check:
    if resource.getrlimit(resource.RLIMIT_CORE)[0] == 0:
        return check("doctor.core", "a crash leaves no memory image")
    return check(
        "doctor.core", "a crash of another program of this user may leave a memory image", state=State.WARN,
        hint="set the limit for core dumps to 0; the serving node does so for itself",
    )


def _sqlite() -> Check:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < _SQLITE_MIN:
        return check(
            "doctor.sqlite", "SQLite {version} is older than it should be", state=State.BAD, version=version,
            hint="install the locked version of apsw",
        )
    return check("doctor.sqlite", "SQLite is {version}", version=version)


def _clock(registry: Registry) -> Check:
    try:
        registry.now()
    except Undecidable as error:
        return check("doctor.clock", error.text, state=State.BAD, hint=error.hint)
    return check("doctor.clock", "the clock runs on from the last act")


def _anchor(registry: Registry) -> Check:
    try:
        _, doubt = look_at_anchor(registry)
    except CordialeError as error:
        doubt = error
    if doubt is not None:
        return check("doctor.anchor", doubt.text, state=State.BAD, hint=doubt.hint, **doubt.fields)
    return check(
        "doctor.anchor", "the books reach as far as their anchor says: commit {commit}",
        commit=registry.ledger.position.number,
    )


def _stopped(registry: Registry) -> Iterator[Check]:
    reason = registry.ledger.stopped
    if reason is not None:
        yield check("doctor.stopped", reason.text, state=State.BAD, hint=reason.hint, **reason.fields)


def _logs(registry: Registry) -> Iterator[Check]:
    for log in registry.reads().logs():
        try:
            checkpoint = registry.ledger.checkpoint_of(log)
        except CordialeError as error:
            yield check("doctor.log", error.text, state=State.BAD, hint=error.hint, **error.fields)
            continue
        head = registry.reads().head(log)
        if head is None or (head.size, head.root) != (checkpoint.size, checkpoint.root):
            yield check(
                "doctor.log", "the log {log} in memory and on disk differ", state=State.BAD, log=log,
                hint="stop the node and run `cordiale audit verify`",
            )
        else:
            yield check("doctor.log", "the log {log} stands at {size} entries", log=log, size=checkpoint.size)


def _expiry(which: str, statement: NodeStatement, now: datetime) -> Check:
    day = statement.expires_at.strftime("%Y-%m-%d")
    hints = {
        "own": "draft the next one: `cordiale node draft`",
        "partner": "ask the partner for its newest statement: `cordiale partner update`",
    }
    if now >= statement.expires_at:
        return check(
            f"doctor.{which}-statement", "the statement of {node} expired on {day}", state=State.BAD,
            hint=hints[which], node=statement.node, day=day,
        )
    return check(
        f"doctor.{which}-statement", "the statement of {node} is valid until {day}", node=statement.node, day=day,
        state=State.WARN if statement.expires_at - now < _EXPIRY_WARN else State.OK,
        hint=hints[which] if statement.expires_at - now < _EXPIRY_WARN else "",
    )
