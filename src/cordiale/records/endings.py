"""How the life of a copy ends in the books, on both sides, and the certificate about it.

Of a paper the persons' word is all there is, and the certificate leaves with
the act. Of a sealed copy more can be said, and only once it is so: the act ends
the copy and makes a certificate due; the node removes the envelope; and in an
act of its own, in which it sees that the envelope is gone, it certifies that.
Whatever dies in between is gone on with from what the books say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from cordiale.errors import AllTried, Unavailable
from cordiale.message.bodies.certificate import Certificate, Ending, Proof
from cordiale.model.agreement import Act as LayerAct
from cordiale.model.names import CopyId, ItemId, PartyId
from cordiale.model.person import Person
from cordiale.records.agreements import load_index
from cordiale.records.contracts import contract_duty
from cordiale.records.duties import DUTY, discharge, due_day, open_duty
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import Act
from cordiale.records.level_copies import leave_unmarked, settle_without
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.rehomings import FORMERLY
from cordiale.records.returns import settle_returns
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import (
    Thread,
    await_letter,
    can_be_told,
    post_to_originator,
    require_told,
    untold_duty,
)
from cordiale.rules.layers import Scope

CERTIFICATE: Final = "certificate"
_DUE: Final = "certificate"
_DUTIES_AT_ONCE: Final = 100

_KINDS: Final = {Ending.RETURNED: "RET", Ending.DESTROYED: "DES", Ending.CEDED: "TRA"}
_HERE: Final = frozenset({"registered", "frozen"})
ENDED: Final = frozenset(ending.value for ending in Ending)
"""The states of copies that have ended, and of items of which every copy has."""


@dataclass(frozen=True, slots=True)
class End:
    """How a copy ends: by whom, before whom, how and under which provision."""

    ending: Ending
    method: str
    persons: tuple[Person, ...]
    witnesses: tuple[Person, ...]
    legal_basis: str


def end_copy(registry: Registry, session: ActSession, copy: Record, end: End) -> str:
    """End a foreign copy held here, enter it, and see to its certificate; return the number of the certificate.

    Numbers are counted for each party by itself: what one is told counts nothing that others were given. Of a
    sealed copy the certificate stays here until `certify_ended`, and of a reproduction that the originator was never
    told of it stays here for good.
    """
    item = session.require(ITEM, copy["item"])
    party = str(session.require("consignment", copy["consignment"])["party"])
    kind = _KINDS[end.ending]
    # What a partner was never told of takes none of the numbers that it is told.
    counted_for = party if is_told(copy) else registry.party
    count = session.take_number(f"certificate.{kind}.{counted_for}")
    certificate = Certificate(
        number=f"{registry.party}-{kind}-{counted_for}-{session.at.year}-{count:04d}", ending=end.ending,
        item=ItemId(item.id), copy=CopyId(copy.id), copy_number=copy["copy_number"], method=end.method,
        persons=tuple(person.post for person in end.persons),
        witnesses=tuple(person.post for person in end.witnesses),
        legal_basis=end.legal_basis, done_on=session.at.date(), proof=Proof.ATTESTED,
    )
    state = end.ending.value
    ended = session.change(copy, ended_at=shown_at(session.at), state=state)
    left = [one for one in session.find(COPY, "item", item.id) if one.id != copy.id and one["state"] in _HERE]
    if not left:
        # A translation made here lies in an envelope of its own, which goes with its copy.
        session.change(item, envelope=None, state=state)
        discharge(session, contract_duty(item.id), certificate.number)
    else:
        session.change(item, purposes=sorted({str(one["purpose"]) for one in left}))
    session.put(CERTIFICATE, certificate.number.lower(), {
        **_certificate_body(certificate), "names": [person.name for person in (*end.persons, *end.witnesses)],
        "party": registry.party,
    }, expect=0)
    _enter(session, certificate, book=item["origin_party"])
    settle_returns(session, ended, certificate.number)
    leave_unmarked(session, ended)
    if not is_told(copy):
        return certificate.number
    is_reached = can_be_told(registry, session, party)
    if "object" in copy.body or not is_reached:
        open_duty(session, _duty_of(copy.id), what=_DUE, owner=registry.party, subject=copy.id, due=_day_of(
            registry, session, (item, copy), end.ending
        ))
    else:
        _send(registry, session, ended, certificate)
    if not is_reached:
        await_letter(registry, session, copy.id)
    return certificate.number


def _day_of(
    registry: Registry, session: ActSession, what: tuple[Record, Record], ending: Ending
) -> date | None:
    """Return the day by which the layers ask that a copy is returned or destroyed, and so certified; None without."""
    item, copy = what
    act = LayerAct.RETURN if ending is Ending.RETURNED else LayerAct.DESTROY
    origin = PartyId(item["origin_party"])
    scope = Scope(origin, registry.party, label_of(item).level, registry.party)
    return due_day(load_index(session.reads, copy["agreement"], registry.party), act, scope, session.at.date())


def is_told(copy: Record) -> bool:
    """Tell whether the originator knows of the copy: it provided it, or we reported it."""
    return "parent" not in copy.body or "reported_item" in copy.body


def _duty_of(copy: str) -> str:
    return f"certificate.{copy}"


def _send(registry: Registry, session: ActSession, copy: Record, certificate: Certificate) -> str:
    """Send the certificate, and return the message; without one where the rights of the originator are ours."""
    consignment = session.require("consignment", copy["consignment"])
    # A translation is an item of its own here, and a copy of its item to the originator.
    told = replace(certificate, item=ItemId(copy.body.get("reported_item", certificate.item)))
    posted = post_to_originator(registry, session, (consignment["party"], copy["agreement"]), told, thread=Thread(
        (consignment["receipt"], *([copy["report"]] if "report" in copy.body else [])),
        version=None if FORMERLY in copy.body else consignment["version"],
    ))
    return posted.id if posted is not None else certificate.number


def certify_ended(registry: Registry, item: str) -> None:
    """Remove the envelopes of the ended copies of `item` from this node's store, and certify that they are gone.

    It looks at the books and not at what was just done: what was done already is passed over, and what an earlier
    run did not come to is done now. Raises `Unavailable` for the disk, and as `require_partner` does.
    """
    for copy in registry.find(COPY, "item", item):
        if copy["state"] in ENDED:
            if "object" in copy.body:
                registry.objects.remove(copy["object"])
            duty = registry.record(DUTY, _duty_of(copy.id))
            if duty is not None and duty["state"] == "open":
                _certify(registry, copy)


def _certify(registry: Registry, copy: Record) -> None:
    consignment = registry.record("consignment", copy["consignment"])
    letter = registry.record(DUTY, untold_duty(copy.id))
    by_letter = str(letter["proof"]) if letter is not None and "settled_by" in letter.body else ""
    is_waiting = letter is not None and letter["state"] == "open"
    if consignment is not None and is_waiting and not can_be_told(registry, registry.books(), consignment["party"]):
        return
    if consignment is not None and not by_letter:
        # Asked before the act, too: that the partner cannot be written to now is no refusal to be entered.
        require_told(registry, registry.books(), consignment["party"])

    def run(session: ActSession) -> dict[str, Any]:
        duty = session.require(DUTY, _duty_of(copy.id))
        if duty["state"] != "open":
            return {}
        is_sealed = "object" in copy.body
        if is_sealed and registry.objects.size(copy["object"]) is not None:
            raise Unavailable(
                "ending.envelope-left", "the envelope of a copy that has ended is still here",
                hint="look at the disk of the node; it is tried again by itself",
            )
        record = next(
            one for one in session.find(CERTIFICATE, "copy", copy.id) if one["party"] == registry.party
        )
        certificate = _certificate_of(record, Proof.PROVED if is_sealed else Proof.ATTESTED)
        session.change(record, proof=certificate.proof.value)
        session.change(session.require(ENTRY, _entry_of(certificate)), proof=certificate.proof.value)
        proof = by_letter or _send(registry, session, session.require(COPY, copy.id), certificate)
        discharge(session, duty.id, proof)
        discharge(session, untold_duty(copy.id), proof)
        return {"certificate": certificate.number}

    registry.ledger.commit(
        Act(registry.fresh_id("certify"), "certify", "node", copy["agreement"], run, copy["item"])
    )


def certify_all(registry: Registry) -> None:
    """Do what `certify_ended` does for every copy whose certificate is still due.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    tried = AllTried()
    for duty in _certificates_due(registry):
        copy = registry.record(COPY, duty["subject"])
        if duty["what"] != _DUE or duty["owner"] != registry.party or copy is None:
            continue
        with tried.one():
            certify_ended(registry, copy["item"])
    tried.end()


def _certificates_due(registry: Registry) -> Iterator[Record]:
    after = _duty_of("")
    while page := registry.reads().find(DUTY, "state", "open", after=after, limit=_DUTIES_AT_ONCE):
        for duty in map(open_record, page):
            if not duty.id.startswith(_duty_of("")):
                return
            yield duty
        after = page[-1].id


def take_certificate_body(registry: Registry, session: ActSession, party: str, certificate: Certificate) -> Record:
    """Enter a partner's certificate about a copy of ours that was with it; return the copy."""
    copy = session.require(COPY, certificate.copy)
    ended = session.change(copy, certificate=certificate.number, ended_at=shown_at(session.at),
                           state=certificate.ending.value)
    session.put(CERTIFICATE, f"{party}.{certificate.number}".lower(), {
        **_certificate_body(certificate), "party": party,
    }, expect=0)
    _enter(session, certificate, book="dispatch")
    settle_returns(session, copy, certificate.number)
    settle_without(session, ended, certificate.number)
    return copy


def _certificate_body(certificate: Certificate) -> dict[str, Any]:
    return {
        "copy": certificate.copy, "copy_number": certificate.copy_number, "done_on": certificate.done_on.isoformat(),
        "ending": certificate.ending.value, "item": certificate.item, "legal_basis": certificate.legal_basis,
        "method": certificate.method, "number": certificate.number, "persons": list(certificate.persons),
        "proof": certificate.proof.value, "witnesses": list(certificate.witnesses),
    }


def _certificate_of(record: Record, proof: Proof) -> Certificate:
    return Certificate(
        number=record["number"], ending=Ending(record["ending"]), item=record["item"], copy=record["copy"],
        copy_number=record["copy_number"], method=record["method"], persons=tuple(record["persons"]),
        witnesses=tuple(record["witnesses"]), legal_basis=record["legal_basis"],
        done_on=date.fromisoformat(record["done_on"]), proof=proof,
    )


def _entry_of(certificate: Certificate) -> str:
    return f"{certificate.ending.value}.{certificate.copy}"


def _enter(session: ActSession, certificate: Certificate, *, book: str) -> None:
    session.put(ENTRY, _entry_of(certificate), {
        "act": certificate.ending.value, "at": shown_at(session.at), "book": book, "copy": certificate.copy,
        "copy_number": certificate.copy_number, "item": certificate.item, "legal_basis": certificate.legal_basis,
        "method": certificate.method, "number": certificate.number, "persons": list(certificate.persons),
        "proof": certificate.proof.value, "witnesses": list(certificate.witnesses),
    }, expect=0)
