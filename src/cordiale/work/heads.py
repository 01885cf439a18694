"""Heads of logs in messages: what the partner shows of its own log, and what it says it has seen of ours."""

from __future__ import annotations

from cordiale.errors import CordialeError, OutOfOrder, Unavailable, Unverified
from cordiale.message.members import LogHead
from cordiale.ports import Reads
from cordiale.records.correspondence import Arrived, own_origin
from cordiale.records.log.checkpoint import Checkpoint
from cordiale.records.logs import derive_root
from cordiale.records.partners import log_verifier
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.shown_heads import keep_head, require_signed


def require_not_behind(registry: Registry, arrived: Arrived) -> None:
    """Stop this node when the partner has seen our log further ahead, or otherwise, than we have it.

    A partner's word is not enough for that: our own signed head shows it, or the message is refused.
    """
    seen = arrived.message.seen
    log = arrived.message.agreement
    if seen is None or seen.origin != own_origin(registry, log) or has_been(registry.reads(), log, seen):
        return
    require_signed(registry.keys.signer_of(seen.origin).verifier, seen)
    raise stop_behind(registry, log, seen.size, node=arrived.partner.node)


def has_been(reads: Reads, log: str, head: LogHead | Checkpoint) -> bool:
    """True when our log `log` has been where `head` says."""
    return head.size <= reads.log_size(log) and _root_at(reads, log, head.size) == head.root


def stop_behind(registry: Registry, log: str, seen: int, *, node: str) -> Unavailable:
    """Stop this node, since `node` can show that our log `log` once was where it is not: return why, to be raised."""
    reason = OutOfOrder(
        "log.behind-partner",
        "{node} has seen our log of {log} at {seen} entries and this home has {own}: it was rolled back",
        hint="stop serving this home; restore the newest backup and have `cordiale doctor` look at it",
        node=node, log=log, seen=seen, own=registry.reads().log_size(log),
    )
    registry.ledger.stop(reason)
    return later(reason)


def _root_at(reads: Reads, log: str, size: int) -> bytes:
    """Return the root our log had at `size`, whether or not a head was signed there."""
    head = reads.head(log, size)
    return head.root if head is not None else derive_root(reads, log, size)


def require_one_history(registry: Registry, arrived: Arrived) -> None:
    """Refuse a message that shows its log unsigned, or with another history than the partner showed before."""
    shown = arrived.message.checkpoint
    if shown is None:
        return
    seen = registry.reads().seen(shown.origin)
    if seen is not None and (seen.size, seen.root) == (shown.size, shown.root):
        return
    require_signed(log_verifier(arrived.partner, shown.origin), shown)
    if seen is not None and seen.size == shown.size:
        raise Unverified(
            "log.two-histories", "the partner has shown two histories of its log, both of {size} entries",
            hint="keep both messages and report it: its node was rolled back, or its log rewritten", size=shown.size,
        )


def later(error: CordialeError) -> Unavailable:
    """Return `error` as one that passes: the sender keeps the message and repeats it."""
    later = Unavailable(error.code, error.text, hint=error.hint)
    later.fields = error.fields
    return later


def note_seen(session: ActSession, arrived: Arrived) -> None:
    """Remember the head that a partner has shown of its log, with the note that proves it, when it is the newest."""
    shown = arrived.message.checkpoint
    if shown is None:
        return
    seen = session.reads.seen(shown.origin)
    if seen is None or seen.size < shown.size:
        # Its signatures were verified when the message came in; an act must not hold the others up with that.
        session.work.put_seen(keep_head(shown))
