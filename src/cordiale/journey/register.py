"""Register: a named registrar counts what came, enters it under our own numbers, and signs the receipt.

Both markings are entered: the originator's, which is never changed, and our
equivalent, derived from it and the agreement's table. The particulars are
opened for this; the contents are not. What only its addressee may open is
entered by its outer particulars: neither title nor name of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.receipt import Receipt, ReceiptedItem
from cordiale.message.members import LogIndex, NamedPost
from cordiale.model.decision import Reason, decision_of
from cordiale.model.label import Label, Marking
from cordiale.model.names import ConsignmentId, CopyId, ItemId
from cordiale.model.person import Person
from cordiale.records.absences import require_office_now
from cordiale.records.addressees import addressed, is_closed, shown_title
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.carriages import CARRIAGE, UNDER_WAY
from cordiale.records.correspondence import Letter, own_origin, post
from cordiale.records.descriptions import described_by
from cordiale.records.duties import discharge
from cordiale.records.endings import ENDED
from cordiale.records.freezes import standing_on_entry
from cordiale.records.items import COPY, ENTRY, ITEM, described
from cordiale.records.labels import label_of
from cordiale.records.levels import note_registered
from cordiale.records.naming import name_of
from cordiale.records.opening import Opened, open_held, slip_number
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registering import duty_to_register, look_ahead
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.reviews import plan_reviews
from cordiale.records.sealing import Grants
from cordiale.records.session import ActSession
from cordiale.records.term_duties import plan_central_entry
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.offices import OfficialAct
from cordiale.wire.label_json import label_to_json, marking_to_json


def register(registry: Registry, request: Request) -> Answer:
    """Count and register a held consignment under our own numbers, and queue the signed receipt.

    `counted` is what the registrar counted; when it differs from the list, `remarks` must say what was found.
    Raises `Refused` or `Undecidable` where the table gives no level: nothing is registered then, and it stays held.
    """
    fields = request.act.fields()
    consignment_id = fields.text("consignment")
    counted = fields.integer("counted", 0, 1_000)
    remarks = fields.optional_text("remarks") or ""
    fields.end()
    found = registry.record("consignment", consignment_id)
    opened, their_number = _open(registry, found)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        record = _require_held(session, actor, consignment_id)
        if counted != len(record["items"]) and not remarks:
            raise Malformed(
                "register.count", "you counted {counted} and the list says {listed}; say in the remarks what was found",
                hint="repeat with --remarks", counted=counted, listed=len(record["items"]),
            )
        if len(opened) != len(record["items"]):
            raise OutOfOrder(
                "register.changed", "the consignment arrived while this registration was prepared",
                hint="repeat the command",
            )
        look_ahead(session, opened)
        reasons: list[Reason] = []
        index = load_index(session.reads, record["agreement"], registry.party)
        markings: list[Marking | None] = []
        for one in opened:
            decision, marking = decide_equivalence(one.label, registry.party, index=index, on=session.at.date())
            reasons += decision.reasons
            markings.append(marking)
        require_allowed(decision_of("register", reasons))
        receipted = [
            _enter(registry, session, (record, their_number), (one, marking))
            for one, marking in zip(opened, markings, strict=True)
        ]
        receipt = _send_receipt(registry, session, record, (actor, counted, remarks, receipted))
        session.change(
            record, counted=counted, receipt=receipt, registered_at=shown_at(session.at), registrar=actor.id,
            remarks=remarks or None, slip=None, state="registered", their_number=their_number or None,
        )
        discharge(session, duty_to_register(consignment_id), receipt)
        return {
            "consignment": consignment_id, "items": [one.item for one in receipted],
            "numbers": [one.register_number for one in receipted],
        }

    agreement = found["agreement"] if found is not None else "internal"
    return commit_personal(registry, request, run, log=agreement, subject=consignment_id)


def _open(registry: Registry, found: Record | None) -> tuple[Sequence[Opened], str]:
    """Return the items of a held consignment, opened, and the sender's number; nothing of any other."""
    if found is None or found["direction"] != "in" or found["state"] != "held":
        return (), ""
    grants = Grants(registry.keys)
    opened = open_held(registry, found, whole=True, grants=grants)
    return opened, slip_number(registry, found, grants)


def _require_held(session: ActSession, actor: Person, consignment: str) -> Record:
    require_office_now(session, actor, OfficialAct.REGISTER)
    record = session.require("consignment", consignment)
    if "registrar" in record.body:
        raise OutOfOrder(
            "register.registered", "{name} has registered this consignment", hint="look at `cordiale inbox --all`",
            name=name_of(session, record["registrar"]),
        )
    if record["direction"] != "in" or record["state"] != "held" or record["kind"] != "provide":
        raise OutOfOrder(
            "register.not-held", "this consignment is not waiting to be registered",
            hint="look at `cordiale inbox`; it may be registered already",
        )
    version = version_of(session, record["agreement"])
    if record["version"] > version:
        raise OutOfOrder(
            "register.newer-version",
            "the consignment was sent under version {sent} of the profile, and version {version} is in effect here",
            hint="take in the partner's signature of the newer version first", sent=record["version"], version=version,
        )
    _require_met(session, record)
    return record


def _require_met(session: ActSession, record: Record) -> None:
    """Refuse to register things that a courier was announced with and has not brought."""
    carriage = session.get(CARRIAGE, record.id)
    if carriage is not None and carriage["state"] in UNDER_WAY:
        raise OutOfOrder(
            "register.not-met", "a courier was announced with this consignment, and nobody has entered the arrival",
            hint="enter how it was found with `cordiale carry met`",
        )


def _enter(
    registry: Registry, session: ActSession, came: tuple[Record, str], what: tuple[Opened, Marking | None]
) -> ReceiptedItem:
    """Enter one item in the register of its originating party, under our number and both markings."""
    record, their_number = came
    one, marking = what
    if marking is None:
        raise OutOfOrder("register.no-equivalent", "there is no equivalent to mark it with", hint="ask the parties")
    item_id, copy_id = one.held["item"], one.held["copy"]
    origin, particulars = one.label.originator, one.particulars
    number = session.take_number(f"foreign.{origin}")
    reference = f"{registry.party}/{origin}-{session.at.year}-{number:04d}"
    _enter_item(registry, session, (item_id, _item_body(record, one, marking, reference)), one.label)
    if session.get(COPY, copy_id) is not None:
        raise OutOfOrder(
            "register.copy-known", "copy {copy} of this item was registered before", copy=one.held["copy_number"],
            hint="nothing was registered; ask the partner whether its node was restored from a backup",
        )
    session.put(COPY, copy_id, {
        "agreement": record["agreement"], "consignment": record.id, "copy_number": one.held["copy_number"],
        "form": one.held["form"], "item": item_id, "party": registry.party, "purpose": particulars.purpose,
        "reference": reference, "state": "registered", "their_reference": particulars.register_number,
        **{name: one.held[name] for name in ("object", "sheet", "digest") if name in one.held},
        **addressed(particulars.addressee),
    }, expect=0)
    session.put(ENTRY, f"{registry.party}.{origin}.{session.at.year}.{number:06d}".lower(), {
        "act": "registered", "agreement": record["agreement"], "at": shown_at(session.at), "book": origin,
        "consignment": record.id, "copies_total": one.held["copies_total"], "copy": copy_id,
        "copy_number": one.held["copy_number"], "equivalent": str(marking.level), "form": one.held["form"],
        "item": item_id, "level": str(one.label.level), "number": reference, "originator": origin,
        "purpose": particulars.purpose, "received_at": record["received_at"], "sender": record["party"],
        "their_reference": particulars.register_number, "title": shown_title(particulars),
        **addressed(particulars.addressee),
        **described_by(particulars.description, closed=is_closed(particulars)),
        **({"sheets": particulars.sheets} if particulars.sheets is not None else {}),
        **({"their_consignment": their_number} if their_number else {}),
        **described(one.label), "legal_basis": marking.article,
        **({"integrity": one.held["digest"]} if "digest" in one.held else {}),
    }, expect=0)
    note_registered(registry, session, item_id, one.label)
    digest = bytes.fromhex(one.held["digest"]) if "digest" in one.held else None
    return ReceiptedItem(ItemId(item_id), CopyId(copy_id), reference, one.label.level, marking.level, digest)


def _enter_item(
    registry: Registry, session: ActSession, what: tuple[str, dict[str, Any]], label: Label
) -> None:
    """Enter an item that is new here; of one that is known, a further copy came, under the same label or not at all.

    The same label is the one it was entered under, or that at the level which a change has given it since.
    """
    item_id, body = what
    known = session.get(ITEM, item_id)
    if known is None:
        session.put(ITEM, item_id, {**body, "state": standing_on_entry(session, item_id)}, expect=0)
        plan_reviews(registry, session, item_id)
        plan_central_entry(registry, session, session.require(ITEM, item_id))
        return
    is_first = known["label"] == body["label"]
    is_same = is_first or label_of(known) == label
    if not is_same or any(known.body.get(name) != body[name] for name in ("agreement", "form", "origin_party")):
        raise Unverified(
            "register.other-label", "an item of this identifier is registered here under another label or originator",
            hint="nothing was registered; ask the partner which of the two is true",
        )
    held = [copy for copy in session.find(COPY, "item", item_id) if copy["state"] in ("registered", "frozen")]
    purposes = {str(copy["purpose"]) for copy in held} | set(body["purposes"])
    gone = known["state"] in ENDED
    state = standing_on_entry(session, item_id) if gone else known["state"]
    marking = body["marking"] if is_first else known["marking"]
    # What is here open stays open; what went and comes again is as it comes.
    readers = body.get("readers") if gone else known.body.get("readers")
    session.change(known, marking=marking, purposes=sorted(purposes), readers=readers, state=state)


def _item_body(record: Record, one: Opened, marking: Marking, reference: str) -> dict[str, Any]:
    particulars = one.particulars
    body: dict[str, Any] = {
        "agreement": record["agreement"], "form": one.held["form"],
        "file_name": "" if is_closed(particulars) else particulars.file_name,
        "label": label_to_json(one.label), "marking": marking_to_json(marking), "media_type": particulars.media_type,
        "origin_party": one.label.originator, "purposes": [particulars.purpose], "reference": reference,
        "size_bytes": particulars.content.size_bytes if particulars.content else 0, "state": "registered",
        "their_reference": particulars.register_number, "title": shown_title(particulars),
        **({"readers": []} if is_closed(particulars) else {}),
        **described_by(particulars.description, closed=is_closed(particulars)),
    }
    if particulars.sheets is not None:
        body["sheets"] = particulars.sheets
    return body


def _send_receipt(
    registry: Registry, session: ActSession, record: Record,
    counting: tuple[Person, int, str, Sequence[ReceiptedItem]],
) -> str:
    """Queue the registrar's signed receipt, and return the message it is."""
    actor, counted, remarks, receipted = counting
    partner = require_partner(session.reads, record["party"], mode=registry.mode, now=session.at).statement
    return post(registry, session, Letter(
        partner=partner,
        body=Receipt(
            consignment=ConsignmentId(record.id),
            message_digest=bytes.fromhex(record["digest"]),
            items=tuple(receipted),
            counted=counted,
            registrar=NamedPost(actor.name, actor.post),
            received_at=parse_instant(record["received_at"]),
            registered_at=session.at.replace(microsecond=0),
            log=LogIndex(own_origin(registry, record["agreement"]), session.index),
            remarks=remarks,
        ),
        agreement=record["agreement"],
        version=record["version"],
        in_reply_to=record["message"],
    )).id

