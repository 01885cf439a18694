"""Consents in the books: what was asked, what an originator answered, and how often it was used.

Whoever does an act that needs one asks here: `consents_for` finds what was
granted for the item, or for a category it belongs to, with what was used of it
before; the rules decide; `note_use` counts it in the same act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cordiale.canonical import Fields, encode_instant, parse_instant
from cordiale.message.bodies.consent_answer import ConsentAnswer
from cordiale.message.bodies.consent_request import ConsentTerms, MadeHere
from cordiale.model.agreement import Act
from cordiale.model.consent import Consent
from cordiale.model.decision import Reason
from cordiale.model.label import Label
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.records.agreements import list_stopped_reasons
from cordiale.records.duties import open_duty
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.records.successions import rights_of
from cordiale.rules.consent import ConsentWanted, has_consented

CONSENT: Final = "consent"
CONSENT_USE: Final = "consent-use"
WITHDRAWN_EARLY: Final = "consent-withdrawn-early"
"""A withdrawal that came before the consent it ends, under the name of that consent."""


@dataclass(frozen=True, slots=True)
class ConsentSought:
    """What is to be done: `act` for `purpose`, `count` times, towards `recipient` where it leaves the holder.

    `post` is that of who does it, `copies` the numbers of the copies where any are singled out.
    """

    act: Act
    purpose: str
    recipient: PartyId | None = None
    post: str = ""
    count: int = 1
    copies: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ConsentsFound:
    """What the books have: `consents` on record, what is `wanted` of them, and one that covers it for each originator.

    `covering` lacks an originator that has not consented; `cordiale.rules.consent.list_consent_reasons` says why.
    """

    consents: tuple[Consent, ...]
    wanted: ConsentWanted
    covering: tuple[Consent, ...]


def consents_on(books: Books, item: Record) -> tuple[Consent, ...]:
    """Return the consents on record that may speak of `item`: by its name, its root's, or a category it belongs to."""
    names = dict.fromkeys((item.id, str(item.body.get("root", item.id))))
    found = [record for name in names for record in books.each(CONSENT, "item", name)]
    found += [
        record for category in sorted(categories_of(item)) for record in books.each(CONSENT, "category", category)
        if record["agreement"] == item.body.get("agreement") and record["item"] not in names
    ]
    # The originator consents to what it knows: a translation is, to it, a copy of its item.
    root = str(item.body.get("root", item.id))
    # What was allowed under another agreement than the item stands under now was allowed under another text.
    under = item.body.get("agreement")
    granted = [
        _as_it_counts(books, item, record) for record in found
        if record["outcome"] == "granted" and under in (None, record["agreement"])
    ]
    # What was allowed for one thing that was made of the item holds for that, and for nothing else.
    meant = [one for one in granted if one.of in (None, item.id)]
    here = [replace(one, item=ItemId(item.id)) if one.item == root else one for one in meant]
    return (*here, *_in_place_of(books, item, found))


def _in_place_of(books: Books, item: Record, found: Iterable[Record]) -> Iterator[Consent]:
    """Yield what whoever holds the rights of a replaced originator has granted, as a word of that originator.

    It counts for those whose rights its giver holds, beside its own; and while that stands on the map.
    """
    given = [one for one in found if one["outcome"] == "granted" and "originator" in one.body]
    if not given:
        return
    for originator in sorted({str(item["origin_party"]), *map(str, item["label"].get("joint", ()))}):
        holder = rights_of(books, originator)
        for record in given if holder is not None else ():
            consent = _as_it_counts(books, item, record)
            if holder is not None and consent.given_by in holder.line and consent.of in (None, item.id):
                yield replace(consent, given_by=PartyId(originator), item=ItemId(item.id))


def _as_it_counts(books: Books, item: Record, record: Record) -> Consent:
    """Return the consent in `record` with why it rests today for `item`, where it does."""
    return replace(consent_of(record), rests=rests_for(books, item, record))


def rests_for(books: Books, item: Record | None, consent: Record) -> tuple[Reason, ...]:
    """Return why nothing new is done today for `item` under the agreement of `consent`; empty while it stands."""
    between = (str(consent["given_by"]), str(consent["given_to"]))
    return list_stopped_reasons(books, consent["agreement"], between, level_borne(item))


def level_borne(item: Record | None) -> Label | None:
    """Return the label by whose level `item` falls under a suspension; None for what is unknown or declassified."""
    return label_of(item) if item is not None and "declassified_at" not in item.body else None


def categories_of(item: Record) -> frozenset[str]:
    """Return the categories that an item can belong to: the purposes it was provided for."""
    return frozenset(str(one) for one in item.body.get("purposes", ()))


def consents_for(books: Books, item: Record, sought: ConsentSought, *, holder: PartyId) -> ConsentsFound:
    """Return the consents on record for what is `sought` on `item` at `holder`, with what was used of them."""
    consents = consents_on(books, item)
    originators = frozenset({PartyId(item["origin_party"]), *map(PartyId, item["label"].get("joint", ()))})
    wanted = ConsentWanted(
        act=sought.act, item=ItemId(item.id), originators=originators, given_to=holder, purpose=sought.purpose,
        recipient=sought.recipient, number=sought.count, copies=sought.copies, post=sought.post,
        categories=categories_of(item), used=used_of(books, consents),
    )
    covering = []
    for originator in sorted(originators - {holder}):
        fits = (one for one in consents if has_consented(originator, wanted, (one,), books.at))
        covering += [one for one in (next(fits, None),) if one is not None]
    return ConsentsFound(consents, wanted, tuple(covering))


def used_of(books: Books, consents: Iterable[Consent]) -> tuple[tuple[ConsentId, int], ...]:
    """Return how often each of `consents` was used."""
    uses = [(one.id, books.get(CONSENT_USE, one.id)) for one in consents]
    return tuple((id, int(use["count"])) for id, use in uses if use is not None)


def note_use(session: ActSession, found: ConsentsFound) -> list[str]:
    """Count what was done under each consent that covers it, in the act that does it; return their identifiers."""
    count_use(session, {str(one.id): found.wanted.number for one in found.covering})
    return [str(one.id) for one in found.covering]


def count_use(session: ActSession, consents: Mapping[str, int], *, sign: int = 1) -> None:
    """Count `consents` as used so often, or with `sign` -1 give that back."""
    for id, number in consents.items():
        use = session.get(CONSENT_USE, id)
        count = (int(use["count"]) if use is not None else 0) + sign * number
        session.put(CONSENT_USE, id, {"consent": id, "count": count})


def open_consequence(registry: Registry, session: ActSession, consent: Record) -> None:
    """Make it due that a person sees to what was done under a consent before it ended."""
    open_duty(
        session, f"consent-consequence.{consent.id}", what="consent-consequence", owner=registry.party,
        subject=consent["item"], due=session.at.date(),
    )


def consent_of(record: Record) -> Consent:
    """Return the consent in `record`."""
    body = record.body
    return Consent(
        id=ConsentId(record.id),
        act=Act(body["act"]),
        item=ItemId(body["item"]),
        given_by=PartyId(body["given_by"]),
        given_to=PartyId(body["given_to"]),
        purpose=body["purpose"],
        given_at=parse_instant(body["given_at"]),
        recipient=PartyId(body["recipient"]) if "recipient" in body else None,
        number=body["number"],
        copies=frozenset(body["copies"]),
        nationalities=frozenset(PartyId(one) for one in body["nationalities"]),
        valid_until=parse_instant(body["valid_until"]) if "valid_until" in body else None,
        withdrawn_at=parse_instant(body["withdrawn_at"]) if "withdrawn_at" in body else None,
        category=body.get("category", ""),
        post=body.get("post", ""),
        of=ItemId(body["of"]["made"]) if "of" in body else None,
    )


def consent_body(answer: ConsentAnswer, *, given_by: str, given_to: str, asked: Record) -> dict[str, Any]:
    """Return the record of a consent that was answered, granted or declined, to the request in `asked`."""
    body = {
        **terms_body(answer.terms), "agreement": asked["agreement"], "given_at": encode_instant(answer.given_at),
        "given_by": given_by, "given_to": given_to, "outcome": answer.outcome.value, "request": asked.id,
    }
    if "originator" in asked.body:
        body["originator"] = asked["originator"]
    if answer.valid_until is not None:
        body["valid_until"] = encode_instant(answer.valid_until)
    return body


def terms_body(terms: ConsentTerms) -> dict[str, Any]:
    """Return the members that the terms of a consent have in a record."""
    body: dict[str, Any] = {
        "act": terms.act.value, "copies": list(terms.copies), "item": terms.item,
        "nationalities": sorted(terms.nationalities), "number": terms.number, "purpose": terms.purpose,
    }
    made = terms.of.encode() if terms.of is not None else None
    given = {"category": terms.category, "of": made, "post": terms.post, "recipient": terms.recipient}
    return body | {name: value for name, value in given.items() if value}


def terms_from(body: dict[str, Any]) -> ConsentTerms:
    """Return the terms that `terms_body` wrote."""
    return ConsentTerms(
        item=ItemId(body["item"]), act=Act(body["act"]), purpose=body["purpose"],
        number=body["number"],
        recipient=PartyId(body["recipient"]) if "recipient" in body else None, copies=tuple(body["copies"]),
        nationalities=tuple(PartyId(one) for one in body["nationalities"]), category=body.get("category", ""),
        post=body.get("post", ""),
        of=MadeHere.parse(Fields(dict(body["of"]), where="consent")) if "of" in body else None,
    )
