"""Trust policy files: whose signatures an auditor's tools demand (C2SP tlog-policy).

    log <vkey> [url]
    witness <name> <vkey> [url]
    group <name> all|any|<k> <member>...
    quorum <name>|none

The listed logs are alternatives: one signature by any of them suffices. Such a
file is for the tools of others; between nodes `checkpoint.LogVerifier` demands
both signatures of the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cordiale.errors import Malformed, Unverified
from cordiale.limits import TRUST_POLICY_NAMES_COUNT_MAX, TRUST_POLICY_SIZE_BYTES_MAX
from cordiale.records.log.checkpoint import VerifiedCheckpoint, parse_checkpoint, verify_signatures
from cordiale.records.log.lines import parse_decimal
from cordiale.records.log.note import NoteKey, SignatureType, parse_key, parse_note

_NONE: Final = b"none"
_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_LOG_TYPES: Final = (SignatureType.ED25519, SignatureType.ML_DSA_44_COSIGNATURE)
_WITNESS_TYPES: Final = (SignatureType.ED25519_COSIGNATURE, SignatureType.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of witnesses and groups, by name: it has witnessed when at least `threshold` members have."""

    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A trust policy as parsed. Names are opaque octets; `quorum` is None when none is demanded."""

    logs: tuple[NoteKey, ...]
    witnesses: dict[bytes, NoteKey] = field(hash=False)
    groups: dict[bytes, Group] = field(hash=False)
    quorum: bytes | None

    def verify(self, note: bytes) -> VerifiedCheckpoint:
        """Return the checkpoint that `note` carries when this policy accepts it.

        Raises `Malformed` when it is no checkpoint, and `Unverified` when no
        listed log has signed it, the quorum is not reached, or any signature by
        a listed key is wrong.
        """
        signed = parse_note(note)
        checkpoint = parse_checkpoint(signed.unverified_text)
        logs = tuple(key for key in self.logs if key.name == checkpoint.origin)
        signatures = verify_signatures(checkpoint, signed.signatures, (*logs, *self.witnesses.values()))
        signers = {one.key for one in signatures}
        if not signers.intersection(logs):
            raise Unverified(
                "log.trust-log", "no log of the trust policy has signed the checkpoint of `{origin}`",
                hint="check that the trust policy is the current one", origin=checkpoint.origin,
            )
        if self.quorum is not None and not self._has_witnessed(self.quorum, signers):
            raise Unverified(
                "log.trust-quorum", "too few witnesses of the trust policy cosigned the checkpoint of `{origin}`",
                hint="ask for the checkpoint with all its cosignatures", origin=checkpoint.origin,
            )
        return VerifiedCheckpoint(checkpoint, signatures, signed)

    def _has_witnessed(self, name: bytes, signers: set[NoteKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signers
        group = self.groups[name]
        return sum(self._has_witnessed(one, signers) for one in group.members) >= group.threshold


@dataclass(slots=True)
class _Draft:
    """What the lines read so far define."""

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[bytes, NoteKey] = field(default_factory=dict)
    groups: dict[bytes, Group] = field(default_factory=dict)
    grouped: set[bytes] = field(default_factory=set)
    quorums: list[bytes] = field(default_factory=list)

    def is_defined(self, name: bytes) -> bool:
        return name in self.witnesses or name in self.groups

    def require_new(self, name: bytes) -> bytes:
        if name == _NONE or self.is_defined(name):
            raise _malformed("uses one name twice")
        return name

    def require_defined(self, name: bytes) -> bytes:
        if not self.is_defined(name):
            raise _malformed("refers to a name that no line before defines")
        return name


def parse_trust_policy(raw: bytes) -> TrustPolicy:
    """Read a trust policy file. Raises `Malformed` for any other form (C2SP tlog-policy)."""
    if len(raw) > TRUST_POLICY_SIZE_BYTES_MAX or _FORBIDDEN.search(raw):
        raise _malformed("is too large or contains control characters")
    lines = raw.split(b"\n")
    if lines.pop():
        raise _malformed("does not end its last line")
    draft = _Draft()
    for line in lines:
        words = [word for word in re.split(rb"[ \t]+", line) if word]
        if words and not words[0].startswith(b"#"):
            if words[0] not in _LINES:
                raise _malformed("has a line of an unknown kind")
            _LINES[words[0]](draft, words[1:])
    if len(draft.quorums) != 1:
        raise _malformed("must name exactly one quorum")
    if len(draft.logs) + len(draft.witnesses) + len(draft.groups) > TRUST_POLICY_NAMES_COUNT_MAX:
        raise _malformed("names too many logs, witnesses and groups")
    quorum = draft.quorums[0]
    return TrustPolicy(tuple(draft.logs), draft.witnesses, draft.groups, None if quorum == _NONE else quorum)


def _read_log(draft: _Draft, words: Sequence[bytes]) -> None:
    _require_count(words, 1, 2)
    draft.logs.append(_read_key(words[0], _LOG_TYPES, draft.logs))


def _read_witness(draft: _Draft, words: Sequence[bytes]) -> None:
    _require_count(words, 2, 3)
    key = _read_key(words[1], _WITNESS_TYPES, list(draft.witnesses.values()))
    draft.witnesses[draft.require_new(words[0])] = key


def _read_group(draft: _Draft, words: Sequence[bytes]) -> None:
    _require_count(words, 3, TRUST_POLICY_NAMES_COUNT_MAX)
    name, rule, members = draft.require_new(words[0]), words[1], tuple(words[2:])
    for member in members:
        if draft.require_defined(member) in draft.grouped:
            raise _malformed("puts one name into a group twice")
        draft.grouped.add(member)
    if rule in (b"all", b"any"):
        threshold = len(members) if rule == b"all" else 1
    else:
        threshold = parse_decimal(rule.decode("utf-8", errors="replace"))
    if not 1 <= threshold <= len(members):
        raise _malformed("demands more members of a group than it has, or none")
    draft.groups[name] = Group(threshold, members)


def _read_quorum(draft: _Draft, words: Sequence[bytes]) -> None:
    _require_count(words, 1, 1)
    draft.quorums.append(words[0] if words[0] == _NONE else draft.require_defined(words[0]))


_LINES: Final[dict[bytes, Callable[[_Draft, Sequence[bytes]], None]]] = {
    b"log": _read_log, b"witness": _read_witness, b"group": _read_group, b"quorum": _read_quorum,
}


def _require_count(words: Sequence[bytes], least: int, most: int) -> None:
    if not least <= len(words) <= most:
        raise _malformed("has a line with too few or too many words")


def _read_key(word: bytes, types: Sequence[SignatureType], known: Sequence[NoteKey]) -> NoteKey:
    try:
        key = parse_key(word.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _malformed("holds a key with an unreadable name") from error
    if key.type not in types:
        raise _malformed("holds a key that makes another kind of signature")
    if any(one.public.raw == key.public.raw for one in known):
        raise _malformed("lists one public key twice")
    return key


def _malformed(what: str) -> Malformed:
    return Malformed(
        "log.trust-policy-malformed", "the trust policy {what}",
        hint="ask whoever issued it for a correct one", what=what,
    )


def encode_two_party(log: NoteKey, witnesses: Sequence[NoteKey]) -> bytes:
    """Return the policy for an auditor of one log: `log` must have signed and every witness key cosigned.

    For long-term verification `log` is the ML-DSA-44 key alone: listing both
    keys would make the weaker one suffice.
    """
    names = [f"w{number}" for number in range(1, len(witnesses) + 1)]
    lines = [f"log {log.encode()}"]
    lines += [f"witness {name} {key.encode()}" for name, key in zip(names, witnesses, strict=True)]
    lines += [f"group all-witnesses all {' '.join(names)}", "quorum all-witnesses"] if names else ["quorum none"]
    raw = "".join(f"{line}\n" for line in lines).encode()
    parse_trust_policy(raw)
    return raw
