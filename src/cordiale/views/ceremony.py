"""The signing of an implementing profile as both sides see it on their screens: what is signed, and who has signed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from cordiale.canonical import encode_canonical
from cordiale.crypto.digests import in_groups
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import verify_object
from cordiale.errors import OutOfOrder, Unverified
from cordiale.message.members import NamedPost
from cordiale.message.trust.keys import authority_key_of
from cordiale.message.trust.root import fingerprint
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement, PartyRoot
from cordiale.records.agreements import AGREEMENT, gone_of, is_profile_signed, profile_digest_of, text_digest_of
from cordiale.records.partners import PARTNER, open_partner, own_statement
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.views.authority import viewer
from cordiale.wire.agreement_json import agreement_text_from_json


def show_ceremony(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what of an agreement is signed now: the version that waits or, where none does, the one there is.

    `text` and `profile` are the digests of both, in groups to be read aloud. A row of `parties` says whether that
    party's signature is here, which of its authorities gave it as its statement names them now, and by which
    fingerprint the party is known here.
    """
    fields = request.act.fields()
    agreement = fields.text("agreement")
    fields.end()
    books, _ = viewer(registry, request)
    record = books.require(AGREEMENT, agreement)
    signed: Mapping[str, Any] = record.body.get("proposed") or record.body
    profile = encode_canonical(signed["profile"])
    known = _known(registry, books)
    # Who has left signs no more, and has no part in what is signed now.
    gone = {*record.body.get("left_under", ()), *gone_of(record.body, books.at.date())} - set(signed["signatures"])
    return {
        "agreement": agreement, "is_signed": "proposed" not in record.body and is_profile_signed(record.body),
        "parties": [
            _party(party, str(signed["signatures"].get(party, "")), known.get(party), (registry.mode, profile))
            for party in record["parties"] if party not in gone
        ],
        "party": registry.party, "profile": in_groups(profile_digest_of(profile, registry.mode)),
        "text": in_groups(text_digest_of(agreement_text_from_json(signed["text"]), registry.mode)),
        "title": signed["profile"]["title"], "version": signed["profile"]["version"],
    }


def _known(registry: Registry, books: Books) -> dict[str, tuple[PartyRoot, NodeStatement, bool]]:
    """Return by which root and statement each party is known here, and whether two persons have compared it."""
    found: dict[str, tuple[PartyRoot, NodeStatement, bool]] = {}
    with contextlib.suppress(OutOfOrder):
        own = own_statement(books.reads, registry.mode)
        found[registry.party] = (own.root, own.statement, True)
    for record in books.every(PARTNER):
        partner = open_partner(record, registry.mode)
        found[partner.statement.party] = (partner.root, partner.statement, partner.is_confirmed)
    return found


def _party(
    party: str, signature: str, known: tuple[PartyRoot, NodeStatement, bool] | None, what: tuple[Mode, bytes]
) -> dict[str, Any]:
    row: dict[str, Any] = {"party": party, "signed": bool(signature)}
    if known is not None:
        root, statement, is_confirmed = known
        row |= {"by": _signer(signature, statement, what), "confirmed": is_confirmed, "fingerprint": fingerprint(root)}
    return row


def _signer(signature: str, statement: NodeStatement, what: tuple[Mode, bytes]) -> str:
    """Return which authority of a statement gave a signature of exactly this; empty where none of them did."""
    mode, profile = what
    kind = object_type(Purpose.AGREEMENT_PROFILE, mode)
    for one in statement.authorities if signature else ():
        key = authority_key_of(statement, NamedPost(one.name, one.post))
        with contextlib.suppress(Unverified):
            if verify_object(signature.encode(), kind, [key]) == profile:
                return f"{one.name}, {one.post}"
    return ""
