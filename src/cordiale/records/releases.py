"""What a release is bound to, and whom it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from cordiale.canonical import encode_base64url, encode_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder
from cordiale.model.mode import Mode
from cordiale.model.names import ItemId, PartyId
from cordiale.model.person import Person
from cordiale.records.consents import consents_on, used_of
from cordiale.records.items import approvals_of, joint_of
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import require_person
from cordiale.records.session import Books
from cordiale.rules.releasable import ReleaseRequest


def binding_of(item: Record, *, recipient: str, purpose: str, agreement: str, version: int, mode: Mode) -> str:
    """Return the digest that an approval is given over: content, label, recipient, purpose and agreement's version.

    A change of any of these makes another digest, so that the approval no longer speaks of it.
    """
    content = encode_canonical({
        "agreement": agreement, "deposit_digest": item["deposit_digest"], "item": item.id, "label": item["label"],
        "recipient": recipient, "purpose": purpose, "version": version,
        **({"marks": item["marks"]} if "marks" in item.body else {}),
    })
    return encode_base64url(sha384(domain(Purpose.APPROVAL, mode), content))


def version_of(books: Books, agreement: str) -> int:
    """Return the version of the profile of `agreement` as this node has it; raises `OutOfOrder` for an unknown one."""
    record = books.require("agreement", agreement)
    if "profile" not in record.body:
        raise OutOfOrder(
            "agreement.no-profile", "the agreement has no implementing profile yet", hint="enter one first"
        )
    return int(record["profile"]["version"])


def people_of(books: Books, ids: Iterable[str]) -> tuple[Person, ...]:
    """Return the people with the given ids as they stand now; who is not entered is left out."""
    return tuple(require_person(books, id) for id in dict.fromkeys(ids) if books.get("person", id) is not None)


def release_request(
    books: Books, item: Record, *, provider: PartyId, recipient: str, purpose: str, bound_digest: str
) -> ReleaseRequest:
    """Return the release of `item` to `recipient` as the books have it at this moment."""
    consents = consents_on(books, item)
    approvals = tuple(one for one in approvals_of(books, item.id) if one.bound_digest == bound_digest)
    return ReleaseRequest(
        item=ItemId(item.id),
        label=label_of(item),
        provider=provider,
        recipient=PartyId(recipient),
        purpose=purpose,
        bound_digest=bound_digest,
        approvals=approvals,
        people=people_of(books, [one.person for one in approvals]),
        consents=consents,
        used=used_of(books, consents),
        joint_originators=joint_of(item),
    )
