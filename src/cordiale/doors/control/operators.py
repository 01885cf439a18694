"""What an operator of the machine may ask of the serving node: no person, no content, no decision.

The right to open the private socket is the authority. What changes an item or
an agreement is never here: that takes a person and a signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from cordiale.canonical import INTEGER_MAX, Fields, encode_base64url
from cordiale.errors import Malformed, OutOfOrder, Undecidable
from cordiale.limits import AUTHORITIES_COUNT_MAX, STATEMENT_LIFETIME_DAYS_MAX
from cordiale.model.names import PartyId
from cordiale.node import Node
from cordiale.operate.anchoring import confirm_anchor, show_anchor
from cordiale.operate.auditing import audit_copy, audit_own, audit_own_acts
from cordiale.operate.backup import back_up
from cordiale.operate.bags import pack_bag, unpack_bag
from cordiale.operate.doctor import examine_home, examine_node
from cordiale.operate.log_files import write_log
from cordiale.operate.reading_room import ReadingRoom
from cordiale.operate.statement import StatementPlan, draft_statement
from cordiale.operate.wire_end import contact
from cordiale.records.partners import PARTNER, own_statement
from cordiale.records.record import open_record

_PATH_LENGTH_MAX: Final = 4_096
_KEPT_HEADS_MAX: Final = 100
_OUTBOX_SHOWN_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Serving:
    """A node that is serving: since when, how to stop it, why partners do not answer, by node, and its reading room."""

    node: Node
    since: datetime
    stop: Callable[[], None]
    trouble: Callable[[], Mapping[str, str]]
    room: ReadingRoom


Operation: TypeAlias = Callable[[Serving, Fields], Mapping[str, Any]]


def show_status(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Say what the node is and how it stands."""
    fields.end()
    registry, config = serving.node.registry, serving.node.config
    reads = registry.reads()
    try:
        clock = "ok" if registry.now() else ""
    except Undecidable as error:
        clock = str(error)
    return {
        "clock": clock, "listen": f"{config.listen[0]}:{config.listen[1]}" if config.listen else "",
        "endpoint": config.endpoint, "logs": {log: reads.log_size(log) for log in reads.logs()},
        "mode": registry.mode.value, "node": registry.node, "outbox": len(reads.outbox_open(limit=_OUTBOX_SHOWN_MAX)),
        "partners": [
            {"confirmed": len(record["confirmed_by"]) > 1, "node": record["node"], "party": record.id}
            for record in map(open_record, reads.every(PARTNER))
        ],
        "party": registry.party, "since": _instant(serving.since), "statement": _own_version(serving),
        "title": registry.title,
    }


def _own_version(serving: Serving) -> int:
    try:
        return own_statement(serving.node.registry.reads(), serving.node.registry.mode).statement.version
    except Undecidable:
        return 0


def run_doctor(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Look at the deployment from inside."""
    fields.end()
    found = [*examine_home(serving.node.config), *examine_node(serving.node)]
    return {"checks": [one.encode() for one in found]}


def confirm_clock(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Accept the clock after an operator has looked at it."""
    fields.end()
    serving.node.registry.ledger.confirm_clock()
    return {"now": _instant(serving.node.registry.now())}


def anchor(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Say whether the books reach as far as they had come."""
    fields.end()
    return show_anchor(serving.node.registry)


def take_books(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Take the books as they end, after an operator has looked into why that was in doubt."""
    number = fields.integer("commit", 0, INTEGER_MAX)
    fields.end()
    return confirm_anchor(serving.node.registry, number)


def make_backup(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Copy the whole node into a new folder while it serves."""
    folder, medium = _whole_path(fields, "folder"), fields.optional_text("medium") or ""
    fields.end()
    return back_up(serving.node, folder, medium)


def draft(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Draft our node's next statement for the key officers to sign."""
    plan = StatementPlan(
        authorities=fields.texts("authorities", max_count=AUTHORITIES_COUNT_MAX),
        days=fields.integer("days", 1, STATEMENT_LIFETIME_DAYS_MAX),
        endpoint=fields.text("endpoint", min_length=0),
        retires=fields.boolean("retires") if fields.has("retires") else False,
    )
    fields.end()
    return {"statement": encode_base64url(draft_statement(serving.node.registry, plan))}


def show_outbox(serving: Serving, fields: Fields) -> dict[str, Any]:
    """List the messages that wait to be answered by partners."""
    fields.end()
    return {"waiting": [
        {
            "agreement": row.agreement, "attachments": len(row.attachments), "id": row.id, "link": row.link,
            "partner": row.partner, "precedence": row.precedence,
            "queued_at": _instant(row.queued_at),
        }
        for row in serving.node.registry.reads().outbox_open(limit=_OUTBOX_SHOWN_MAX)
    ], "trouble": dict(serving.trouble())}


def make_contact(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Fetch what a node at an address says of itself; nothing of it is entered."""
    endpoint = fields.text("endpoint")
    fields.end()
    contacted = contact(serving.node.registry, endpoint)
    if contacted.root.party == PartyId(serving.node.registry.party):
        raise OutOfOrder("contact.ourselves", "that is our own party's node", hint="give the partner's address")
    return contacted.answer()


def pack_a_bag(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Pack everything that waits for a partner into a folder."""
    party, folder = fields.text("partner"), _whole_path(fields, "folder")
    fields.end()
    return pack_bag(serving.node.registry, party, folder)


def unpack_a_bag(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Take everything in a folder that came by bag."""
    folder = _whole_path(fields, "folder")
    fields.end()
    return unpack_bag(serving.node.registry, folder)


def verify(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Audit the books of this node, or a copy where `books` names one, and hold kept `heads` against them."""
    copy = _whole_path(fields, "books") if fields.has("books") else None
    heads = fields.optional_array("heads", max_count=_KEPT_HEADS_MAX) or []
    fields.end()
    kept = [head.encode() for head in heads if isinstance(head, str)]
    registry = serving.node.registry
    return audit_copy(registry, copy, kept) if copy is not None else audit_own(registry, kept)


def verify_acts(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Verify the proof of every act in the books of this node."""
    fields.end()
    return audit_own_acts(serving.node.registry)


def _whole_path(fields: Fields, name: str) -> Path:
    path = Path(fields.text(name, max_length=_PATH_LENGTH_MAX))
    if not path.is_absolute():
        raise Malformed("path.not-whole", "the folder is named by its whole path", hint="begin it with /")
    return path


def export(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Write one log as files."""
    log, folder = fields.text("log"), _whole_path(fields, "folder")
    fields.end()
    return write_log(serving.node.registry, log, folder)


def stop(serving: Serving, fields: Fields) -> dict[str, Any]:
    """Stop serving once what is under way is done."""
    fields.end()
    serving.stop()
    return {"node": serving.node.registry.node}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


OPERATIONS: Final[Mapping[str, Operation]] = {
    "status": show_status,
    "doctor": run_doctor,
    "clock-confirm": confirm_clock,
    "anchor": anchor,
    "anchor-confirm": take_books,
    "backup": make_backup,
    "draft-statement": draft,
    "outbox": show_outbox,
    "contact": make_contact,
    "bag-pack": pack_a_bag,
    "bag-unpack": unpack_a_bag,
    "verify": verify,
    "verify-acts": verify_acts,
    "export-log": export,
    "stop": stop,
}
