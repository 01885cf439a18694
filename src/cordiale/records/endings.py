"""How the life of a copy ends in the books, on both sides, and the certificate about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cordiale.message.bodies.certificate import Certificate, Ending, Proof
from cordiale.model.names import CopyId, ItemId
from cordiale.model.person import Person
from cordiale.records.correspondence import Letter, post
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession

CERTIFICATE: Final = "certificate"

_STATES: Final = {Ending.RETURNED: "returned", Ending.DESTROYED: "destroyed"}
ENDED: Final = frozenset(_STATES.values())


@dataclass(frozen=True, slots=True)
class End:
    """How a copy ends: by whom, before whom, how and under which provision."""

    ending: Ending
    method: str
    persons: tuple[Person, ...]
    witnesses: tuple[Person, ...]
    legal_basis: str


def end_copy(registry: Registry, session: ActSession, copy: Record, end: End) -> str:
    """End a foreign copy held here, enter it, and queue the certificate to its originator; return its number.

    What is proved is that this node's copy and its key are gone; of paper, the persons' word is all there is.
    """
    item = session.require(ITEM, copy["item"])
    kind = "RET" if end.ending is Ending.RETURNED else "DES"
    number = f"{registry.party}-{kind}-{session.at.year}-{session.take_number(f'certificate.{kind}'):04d}"
    proof = Proof.PROVED if "object" in copy.body else Proof.ATTESTED
    certificate = Certificate(
        number=number, ending=end.ending, item=ItemId(item.id), copy=CopyId(copy.id),
        copy_number=copy["copy_number"], method=end.method,
        persons=tuple(person.post for person in end.persons),
        witnesses=tuple(person.post for person in end.witnesses),
        legal_basis=end.legal_basis, done_on=session.at.date(), proof=proof,
    )
    consignment = session.require("consignment", copy["consignment"])
    partner = require_partner(session.reads, consignment["party"], mode=registry.mode, now=session.at).statement
    post(registry, session, Letter(
        partner=partner, body=certificate, agreement=copy["agreement"], version=consignment["version"],
        after=(consignment["receipt"],),
    ))
    state = _STATES[end.ending]
    session.change(copy, ended_at=shown_at(session.at), state=state)
    left = [one for one in session.find(COPY, "item", item.id) if one.id != copy.id and one["state"] == "registered"]
    if not left:
        session.change(item, state=state)
    else:
        session.change(item, purposes=sorted({str(one["purpose"]) for one in left}))
    session.put(CERTIFICATE, number.lower(), {
        **_certificate_body(certificate), "names": [person.name for person in (*end.persons, *end.witnesses)],
        "party": registry.party,
    }, expect=0)
    _enter(session, certificate, book=item["origin_party"])
    return number


def take_certificate_body(registry: Registry, session: ActSession, party: str, certificate: Certificate) -> Record:
    """Enter a partner's certificate about a copy of ours that was with it; return the copy."""
    copy = session.require(COPY, certificate.copy)
    session.change(copy, certificate=certificate.number, ended_at=shown_at(session.at),
                   state=_STATES[certificate.ending])
    session.put(CERTIFICATE, f"{party}.{certificate.number}".lower(), {
        **_certificate_body(certificate), "party": party,
    }, expect=0)
    _enter(session, certificate, book="dispatch")
    return copy


def _certificate_body(certificate: Certificate) -> dict[str, Any]:
    return {
        "copy": certificate.copy, "copy_number": certificate.copy_number, "done_on": certificate.done_on.isoformat(),
        "ending": certificate.ending.value, "item": certificate.item, "legal_basis": certificate.legal_basis,
        "method": certificate.method, "number": certificate.number, "persons": list(certificate.persons),
        "proof": certificate.proof.value, "witnesses": list(certificate.witnesses),
    }


def _enter(session: ActSession, certificate: Certificate, *, book: str) -> None:
    session.put(ENTRY, f"{certificate.ending.value}.{certificate.copy}", {
        "act": certificate.ending.value, "at": shown_at(session.at), "book": book, "copy": certificate.copy,
        "copy_number": certificate.copy_number, "item": certificate.item, "legal_basis": certificate.legal_basis,
        "method": certificate.method, "number": certificate.number, "persons": list(certificate.persons),
        "proof": certificate.proof.value, "witnesses": list(certificate.witnesses),
    }, expect=0)


def erase_ended(registry: Registry, item: str) -> None:
    """Remove the envelopes of the ended copies of `item` from this node's store; what is gone already is passed over.

    It looks at the books and not at what was just done: so an end that is repeated after a crash is completed.
    """
    for copy in registry.find(COPY, "item", item):
        if "object" in copy.body and copy["state"] in ENDED:
            registry.objects.remove(copy["object"])
