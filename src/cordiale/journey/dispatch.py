"""Dispatch: released items leave for the partner as numbered copies, each under a key of its own.

The long part comes first and has no effect: every content is re-sealed from our
own envelope into one for the partner. Then, in one act, everything is decided
again on what is true at that moment, the copies are entered and the consignment
is queued. What was prepared for a dispatch that is refused is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordiale.canonical import parse_base64url
from cordiale.crypto.wrapping import KeyAgreement
from cordiale.envelope.keyaccess import KeyRecipient
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Carriage, Endpoint, Routing, digest_signed_record
from cordiale.envelope.seal import SealRequest, make_record_only
from cordiale.envelope.slip import SlipKey, make_slip_key, seal_slip
from cordiale.errors import CordialeError, Malformed, OutOfOrder, require_allowed
from cordiale.limits import ARRIVED_UNNAMED_SIZE_BYTES_MAX
from cordiale.message.bodies.consignment import ConsignedItem, Consignment, ConsignmentKind, ItemForm
from cordiale.message.members import SealedEnvelope
from cordiale.message.trust.keys import wrapping_key_of
from cordiale.model.consent import ApprovalPart
from cordiale.model.decision import Decision, Reason, decision_of
from cordiale.model.names import AgreementId, ConsignmentId, CopyId, ItemId, PartyId
from cordiale.model.party import NodeStatement
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.addressees import addressed
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.channels import channel_reasons
from cordiale.records.contents import Place, reseal_as
from cordiale.records.contracts import list_dispatch_reasons
from cordiale.records.correspondence import Letter, post
from cordiale.records.descriptions import description_of
from cordiale.records.dispatching import (
    Order,
    Prepared,
    count_consents,
    enter_copy,
    look_ahead,
    receipt_days,
    require_first,
    settle_releases,
)
from cordiale.records.duties import Due, open_duty
from cordiale.records.folders import require_empty
from cordiale.records.items import APPROVAL, COPY, ITEM, facts_of, is_thing, require_own
from cordiale.records.joined import Joint, joined_with, open_joined
from cordiale.records.labels import label_of
from cordiale.records.level_issue import tell_beside
from cordiale.records.overrides import note_overridden
from cordiale.records.partners import require_partner
from cordiale.records.plans import FREIGHT, freight_reasons, note_used
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import binding_of, release_request, version_of
from cordiale.records.sealing import (
    expected_own,
    label_digest,
    own_end,
    signer_of,
)
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_all_from_strangers
from cordiale.records.topology import leaving_reasons, use_approval
from cordiale.records.unentered import sealed_for
from cordiale.rules.joined import DISPATCH, without_joined
from cordiale.rules.marking import CopyNumber, compose_banner
from cordiale.rules.offices import OfficialAct
from cordiale.rules.provision import THING_LINKS, ProvisionRequest, decide_provision
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.scheme_table import load_schemes, schemes_for


def dispatch(registry: Registry, request: Request) -> Answer:
    """Dispatch items to a party under an agreement, by wire or in the bag; all of them or none.

    Raises `Refused` or `Undecidable` with every reason and article of every item, and `OutOfOrder` where the recipient
    has one of them and the order does not say that another copy is meant.
    """
    order = Order(request, request.act.fields())
    partner = require_partner(registry.reads(), order.recipient, mode=registry.mode, now=registry.now())
    prepared: tuple[Prepared, ...] = ()
    # Agreed once: number and contents of a consignment are sealed for one key, in one act.
    agreed = KeyAgreement(wrapping_key_of(partner.statement))
    slip_key = make_slip_key(agreed)
    books = registry.books()
    look_ahead(books, order)
    already = registry.reads().act(order.id)
    names: list[str] = []

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        look_ahead(session, order)
        for item in order.items:
            require_empty(session, session.require(ITEM, item))
        decision = _decide(registry, session, actor, order)
        require_allowed(decision)
        require_first(session, order)
        note_overridden(session, decision, subject=",".join(order.items))
        for item in order.items:
            joined_with(session, _joined(registry, session, order, (actor, item)))
        return _enter(registry, session, order, (prepared, slip_key))

    hidden = hide_all_from_strangers(tuple(order.items), run, OfficialAct.DISPATCH)
    with sealed_for(registry, names, ("consignment", _consignment_id(registry, order))):
        if already is None and _may_prepare(registry, books, request.person, order):
            prepared = _prepare(registry, books, order, (_end_of(partner.statement, agreed), names))
        return commit_personal(registry, request, hidden, log=order.agreement, subject=",".join(order.items))


def _may_prepare(registry: Registry, books: Books, actor: Person, order: Order) -> bool:
    """True when nothing stands against it now; what does is said by the act, in one place for everybody."""
    try:
        is_allowed = _decide(registry, books, actor, order).is_allowed
        require_first(books, order)
        return is_allowed
    except CordialeError:
        return False


def _decide(registry: Registry, books: Books, actor: Person, order: Order) -> Decision:
    """Decide on the whole consignment now: the office, and every item with every gate."""
    reasons: list[Reason] = list(decide_office_now(books, actor, OfficialAct.DISPATCH).reasons)
    if order.link == FREIGHT:
        reasons += freight_reasons(books, order.plan, agreement=order.agreement, party=order.recipient)
    index = load_index(books.reads, order.agreement, registry.party, order.recipient)
    overridden: list[str] = []
    for item_id in order.items:
        item = require_own(registry, books.require(ITEM, item_id))
        reasons += list_dispatch_reasons(registry, books, item, order.recipient)
        reasons += channel_reasons(registry, books, item, (index.state, order.recipient))
        reasons += leaving_reasons(registry, books, item, (actor, order.recipient))
        request = _provision(registry, books, order, item)
        provision = decide_provision(request, index, now=books.at)
        reasons += without_joined(provision.reasons, 1 + len(_joined(registry, books, order, (actor, item_id))))
        overridden += provision.overridden
    return decision_of("dispatch", reasons, overridden=overridden)


def _joined(registry: Registry, books: Books, order: Order, which: tuple[Person, str]) -> list[Record]:
    """Return who has joined this dispatch of an item by this person."""
    actor, item = which
    said = {"link": order.link, "purpose": order.purpose, "recipient": order.recipient}
    return open_joined(registry, books, Joint(DISPATCH, item, actor.id, said))


def _provision(registry: Registry, books: Books, order: Order, item: Record) -> ProvisionRequest:
    binding = binding_of(
        item, recipient=order.recipient, purpose=order.purpose, agreement=order.agreement,
        version=version_of(books, order.agreement), mode=registry.mode,
    )
    release = release_request(
        books, item, provider=registry.party, recipient=order.recipient, purpose=order.purpose, bound_digest=binding,
    )
    standing = facts_of(registry, books, item).standing
    return ProvisionRequest(release, order.registry, order.link, registry.mode, standing, is_thing(item))


def _end_of(partner: NodeStatement, agreed: KeyAgreement) -> tuple[Endpoint, KeyRecipient]:
    """Return the partner's node as the end of the way, and as whom the items are sealed for."""
    url = partner.endpoints[0] if partner.endpoints else "https://bag.invalid"
    keys = KeyRecipient(partner.node, url, wrapping_key_of(partner), agreed)
    return Endpoint(partner.party, partner.node), keys


def _prepare(
    registry: Registry, books: Books, order: Order, to: tuple[tuple[Endpoint, KeyRecipient], list[str]]
) -> tuple[Prepared, ...]:
    """Seal every item for the partner. Nothing of it counts before the act is committed.

    The name of each envelope is in the list of `to` before anything lies under it.
    """
    return tuple(_prepare_one(registry, books, order, (place, item, *to)) for place, item in enumerate(order.items))


def _prepare_one(
    registry: Registry, books: Books, order: Order, which: tuple[int, str, tuple[Endpoint, KeyRecipient], list[str]]
) -> Prepared:
    place, item_id, to, names = which
    item = books.require(ITEM, item_id)
    number = _next_copy_number(books, item_id)
    copy = _copy_id(item_id, number)
    seal = _seal_request(registry, books, order, (item, CopyNumber(number, number), to))
    form = ItemForm(item["form"])
    if form is not ItemForm.FILE:
        sheet = make_record_only(seal)
        record = digest_signed_record(sheet.signed_record, registry.mode)
        consigned = ConsignedItem(ItemId(item_id), copy, number, number, form, record, sheet=sheet.sheet)
        return Prepared(consigned, "")
    # Of a double click, or after a crash, each attempt has envelopes of its own: only one is ever sent.
    name = f"out.{order.id}.{place}.{registry.random.bytes_(4).hex()}"
    names.append(name)
    digest = parse_base64url(item["deposit_digest"])
    sealed = reseal_as(registry, Place(item["envelope"], expected_own(registry), item_id, digest), name, seal)
    digest = sealed.record.payload.digest if sealed.record.payload else b""
    content = SealedEnvelope(name, sealed.size_bytes, digest)
    record = digest_signed_record(sealed.signed_record, registry.mode)
    return Prepared(ConsignedItem(ItemId(item_id), copy, number, number, form, record, content), name)


def _copy_id(item: str, number: int) -> CopyId:
    return CopyId(f"{item}.c{number}")


def _next_copy_number(books: Books, item: str) -> int:
    return max((int(copy["copy_number"]) for copy in books.each(COPY, "item", item)), default=0) + 1


def _seal_request(
    registry: Registry, books: Books, order: Order, which: tuple[Record, CopyNumber, tuple[Endpoint, KeyRecipient]]
) -> SealRequest:
    item, copy, (end, keys) = which
    label = label_of(item)
    schemes = schemes_for(registry.mode, load_schemes())
    xml = encode_label_xml(label, schemes)
    banner = compose_banner(label, None, schemes=schemes, mode=registry.mode, copy=copy)
    carriage = Carriage(
        AgreementId(order.agreement), version_of(books, order.agreement), _consignment_id(registry, order)
    )
    return SealRequest(
        routing=Routing(
            mode=registry.mode, originator=label.originator, provider=own_end(registry),
            recipient=end, item=ItemId(item.id), copy=_copy_id(item.id, copy.number),
            sealed_at=books.at.replace(microsecond=0), carriage=carriage,
        ),
        recipient=keys,
        labels=(),
        particulars=Particulars(
            register_number=item["reference"], copy_number=copy.number, kind=item["form"], level=label.level,
            marking=banner.level, label_digest=label_digest(xml, registry.mode), title=item["title"],
            purpose=order.purpose, approvals=_approval_lines(books, order, item), reference=item["reference"],
            sheets=item.body.get("sheets"), file_name=item["file_name"], media_type=item["media_type"],
            label=xml, addressee=order.addressee, description=description_of(item.body),
        ),
        sign=signer_of(registry),
    )


def _approval_lines(books: Books, order: Order, item: Record) -> tuple[str, ...]:
    """Return by which offices the release was given; the persons stay in our own books."""
    parts = {
        record["part"] for record in books.find(APPROVAL, "item", item.id)
        if record["recipient"] == order.recipient and record["purpose"] == order.purpose
    }
    words = {ApprovalPart.PROPOSE.value: "proposed", ApprovalPart.AUTHORISE.value: "authorised"}
    return tuple(words[part] for part in sorted(parts, reverse=True))


def _consignment_id(registry: Registry, order: Order) -> ConsignmentId:
    return ConsignmentId(f"{registry.party.lower()}.c.{order.id}")


def _enter(
    registry: Registry, session: ActSession, order: Order, ready: tuple[Sequence[Prepared], SlipKey]
) -> dict[str, Any]:
    """Write the copies, the consignment, the duty of a receipt and the message: the act itself.

    The number counts what this one partner was sent: it learns it, and must not learn how much others were.
    """
    prepared, slip_key = ready
    _require_ready(session, order, prepared)
    partner = require_partner(session.reads, order.recipient, mode=registry.mode, now=session.at).statement
    index = load_index(session.reads, order.agreement, registry.party)
    consignment = _consignment_id(registry, order)
    taken = session.take_number(f"dispatch.{order.recipient}")
    number = f"{registry.party}-OUT-{order.recipient}-{session.at.year}-{taken:04d}"
    due, chased = receipt_days(registry, session, order, index)
    posted = post(registry, session, Letter(
        partner=partner,
        body=Consignment(
            consignment, ConsignmentKind.PROVIDE, tuple(one.consigned for one in prepared), due,
            seal_slip(number, consignment=consignment, slip_key=slip_key, mode=registry.mode),
        ),
        agreement=order.agreement,
        version=version_of(session, order.agreement),
        attachments=tuple(one.object_name for one in prepared if one.object_name),
        # A thing is carried by itself; the message about it goes whichever way there is.
        link="any" if order.link in THING_LINKS else order.link,
    ))
    copies = [enter_copy(session, order, one, (consignment, number)) for one in prepared]
    counted = count_consents(registry, session, order)
    settle_releases(session, order)
    if order.plan:
        note_used(session, order.plan)
    approved = [item for item in order.items if use_approval(session, item, order.recipient)]
    session.put("consignment", consignment, {
        "agreement": order.agreement, "copies": copies, "digest": posted.digest.hex(), "direction": "out",
        "dispatched_at": shown_at(session.at), "kind": "provide", "link": order.link, "message": posted.id,
        "number": number, "objects": [one.object_name for one in prepared if one.object_name],
        "party": order.recipient, "purpose": order.purpose, "state": "dispatched", **addressed(order.addressee),
        **({"plan": order.plan} if order.plan else {}), **({"approved": approved} if approved else {}),
        **({"consents": counted} if counted else {}),
    }, expect=0)
    open_duty(
        session, f"receipt.{consignment}", what="receipt", owner=PartyId(order.recipient), subject=consignment,
        due=Due(due or chased, agreement=order.agreement, message=posted.id),
    )
    for item in order.items:
        tell_beside(registry, session, item, order.recipient)
    answer: dict[str, Any] = {
        "consignment": consignment, "copies": copies, "items": list(order.items), "link": order.link, "number": number,
    }
    if due is not None:
        answer["receipt_due"] = due.isoformat()
    return answer


def _require_ready(session: ActSession, order: Order, prepared: Sequence[Prepared]) -> None:
    """Raise unless what was `prepared` can leave: `OutOfOrder` when books changed since, `Malformed` for its size."""
    changed = [one for one in prepared if session.get(COPY, one.consigned.copy) is not None]
    if not prepared or changed:
        raise OutOfOrder(
            "dispatch.changed", "the books changed while this dispatch was prepared; nothing was sent",
            hint="repeat the command",
        )
    size_bytes = sum(one.consigned.content.size_bytes for one in prepared if one.consigned.content is not None)
    if order.link == "wire" and size_bytes > ARRIVED_UNNAMED_SIZE_BYTES_MAX:
        raise Malformed(
            "dispatch.size", "one consignment by wire has at most {size_max} bytes",
            hint="dispatch the items in parts, or in the bag", size_max=ARRIVED_UNNAMED_SIZE_BYTES_MAX,
        )
