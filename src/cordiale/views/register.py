"""The register as it is read: where a copy is and who has read it, the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.model.names import PartyId
from cordiale.model.person import Office, Person
from cordiale.ports import NO_TIME, StoredRecord
from cordiale.records.agreements import AGREEMENT
from cordiale.records.client_standing import CLIENT, CLIENT_ACT
from cordiale.records.consents import CONSENT
from cordiale.records.entry import parse_entry
from cordiale.records.holdings import HERE_STATES, PLACE, holding_of
from cordiale.records.items import APPROVAL, COPY, DESTRUCTION, ENTRY, ITEM, find_item, label_of, marking_of
from cordiale.records.keyring import log_origin
from cordiale.records.lineage import number_of
from cordiale.records.naming import name_of
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.personal_data import ERASED
from cordiale.records.record import Record, missing, open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.rules.marking import compose_banner
from cordiale.views.authority import require_office, viewer
from cordiale.views.pages import render_page
from cordiale.views.story import look_ahead_to_story
from cordiale.wire.scheme_table import load_schemes, schemes_for
from cordiale.words.spoken import marked

_TRAIL_COUNT_MAX: Final = 1_000
CUSTODY_SAID: Final = {
    "charged-out": marked("charged out"), "confirmed": marked("confirmed by the holder"),
    "back": marked("handed back"), "offered": marked("handed over to"), "handed-over": marked("handed over by"),
    "declined": marked("hand-over declined"),
}
_CERTIFIED: Final = ("number", "ending", "method", "done_on", "proof", "legal_basis", "persons", "witnesses")


def where_is(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Answer an inspector: where is this item, or one copy of it, who has had it, who has read it, what proves it."""
    fields = request.act.fields()
    name, number = fields.text("item"), fields.optional_integer("copy", 0, 10_000)
    form = fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "this page")
    item = find_item(books, name)
    look_ahead_to_story(books, item, person)
    copies = [copy for copy in books.find(COPY, "item", item.id) if number in (None, copy["copy_number"])]
    if not copies:
        raise OutOfOrder("where.no-copy", "there is no copy of that number", hint="leave the number away to see all")
    schemes = schemes_for(registry.mode, load_schemes())
    banner = compose_banner(label_of(item), marking_of(item), schemes=schemes, mode=registry.mode)
    shown: dict[str, Any] = {
        "at": _shown(books),
        "banner": list(banner.lines),
        "copies": [copy_story(books, copy) for copy in copies],
        "item": item.id,
        "mode": registry.mode.value,
        "needs": _needs(books, item),
        "party": registry.party,
        "readings": _readings(books, item),
        "reference": item["reference"],
        "state": item["state"],
        "title": item["title"],
        "story": item_story(books, item),
    }
    if form == "html":
        shown["html"] = render_page("where.html", shown)
    return shown


def copy_story(books: Books, copy: Record) -> dict[str, Any]:
    """Return where a copy is, how it came or went, with whose receipt, and how it ended."""
    kept = (
        "copy_number", "state", "party", "addressee", "addressee_alone", "their_reference", "their_level", "reference",
        "certificate", "ended_at",
    )
    story: dict[str, Any] = {
        "copy": copy.id, "numbered": number_of(books, copy),
        **{name: copy[name] for name in kept if name in copy.body},
    }
    consignment = books.get("consignment", copy["consignment"]) if "consignment" in copy.body else None
    if consignment is not None:
        names = (
            "number", "their_number", "state", "dispatched_at", "delivered_at", "receipted_at", "received_at",
            "registered_at",
        )
        story["consignment"] = {name: consignment[name] for name in names if name in consignment.body}
        if "registrar" in consignment.body:
            story["registrar"] = _registrar(books, consignment["registrar"])
    if copy["state"] in HERE_STATES:
        held = holding_of(books, copy)
        here = {"unit": held.unit, "place": held.place, "with": held.holders}
        story |= {name: value for name, value in here.items() if value}
    for certificate in books.find("certificate", "copy", copy.id):
        story["certificate"] = {name: certificate[name] for name in _CERTIFIED}
    return story


def said(text: str, **fields: str) -> dict[str, Any]:
    """Return what was done as a line, and apart what is said in any language with the codes that fill it."""
    return {"act": text.format_map(fields), "said": {"fields": fields, "text": text}}


def _registrar(books: Books, registrar: Any) -> str:
    if isinstance(registrar, dict):
        return f"{registrar['name']}, {registrar['post']}"
    person = books.get("person", registrar)
    return f"{person['name']}, {person['post']}" if person is not None else str(registrar)


def _needs(books: Books, item: Record) -> list[dict[str, Any]]:
    return [
        {"person": name_of(books, need["person"]), "granted_by": name_of(books, need["granted_by"]),
         "granted_at": need["granted_at"], "purpose": need["purpose"],
         **({"withdrawn_at": need["withdrawn_at"]} if "withdrawn_at" in need.body else {})}
        for need in books.find("need", "item", item.id)
    ]


def _readings(books: Books, item: Record) -> list[dict[str, Any]]:
    grants = books.find("grant", "item", item.id, limit=10_000)
    return [
        {"at": grant["at"], "person": name_of(books, grant.body.get("person", ERASED)), "purpose": grant["purpose"],
         "trail": f"{grant.log} {grant.index}"}
        for grant in sorted(grants, key=lambda one: str(one["at"]))
    ]


def item_story(books: Books, item: Record) -> list[dict[str, Any]]:
    """Return every register entry about the item, in order, with its entry in the audit trail."""
    entries = books.find(ENTRY, "item", item.id, limit=10_000)
    copies = {copy.id: str(copy["copy_number"]) for copy in books.find(COPY, "item", item.id)}
    rows = [
        {"act": entry["act"], "at": entry["at"], "number": entry["number"], "trail": f"{entry.log} {entry.index}",
         "copy": copies.get(str(entry.body.get("copy", "")), "")}
        for entry in entries
    ]
    for refusal in books.find("refusal", "subject", item.id, limit=1_000):
        rows.append({
            **said(marked("refused: {act}"), act=refusal["act"]), "at": refusal["at"], "copy": "",
            "number": name_of(books, refusal["actor"]),
            "trail": f"{refusal.log} {refusal.index}",
        })
    for custody in books.find("custody", "item", item.id):
        for version in books.reads.versions("custody", custody.id):
            moved = open_record(version)
            rows.append({
                **said(CUSTODY_SAID[moved["state"]]), "at": moved.body.get("moved_at", moved["charged_at"]),
                "copy": "",
                "number": name_of(books, moved["holder"]), "trail": f"{moved.log} {moved.index}",
            })
    for copy in copies:
        rows += [_placed(books, open_record(version)) for version in books.reads.versions(PLACE, copy)]
    rows += _decisions(books, item)
    return in_order(books, rows)


def _placed(books: Books, placed: Record) -> dict[str, Any]:
    where = ", ".join(part for part in (placed["unit"], placed["place"]) if part)
    return {
        **said(marked("put in {place}"), place=where), "at": placed["at"], "copy": "",
        "number": name_of(books, placed["by"]),
        "trail": f"{placed.log} {placed.index}",
    }


def place_of(row: Mapping[str, Any]) -> tuple[str, int]:
    """Return where a row of a story stands in the audit trail: its log and the index of its entry."""
    log, _, index = str(row["trail"]).rpartition(" ")
    return log, int(index)


def in_order(books: Books, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a story by the times of their acts, which are finer than the second that is shown."""
    acts = books.reads.acts_at([place_of(row) for row in rows])

    def told_in(row: dict[str, Any]) -> tuple[datetime, tuple[str, int]]:
        act = acts.get(place_of(row))
        return act.at if act is not None else NO_TIME, place_of(row)

    return sorted(rows, key=told_in)


def _decisions(books: Books, item: Record) -> list[dict[str, Any]]:
    """Return who proposed, authorised and consented to what with the item, and what was passed on."""
    rows = []
    for approval in books.find(APPROVAL, "item", item.id):
        is_first = approval["part"] == "propose"
        text = marked("release proposed, to {party}") if is_first else marked("release authorised, to {party}")
        rows.append(_decision(books, approval, said(text, party=approval["recipient"]), "given_at",
                              name_of(books, approval["person"])))
        rows += [
            {**said(marked("release declined, to {party}"), party=one["recipient"]), "at": one["declined_at"],
             "copy": "", "number": name_of(books, one["declined_by"]), "trail": f"{one.log} {one.index}"}
            for one in map(open_record, filter(_has_body, books.reads.versions(APPROVAL, approval.id)))
            if one["state"] == "declined"
        ]
    for proposal in books.find(DESTRUCTION, "item", item.id):
        told = said(marked("destruction proposed, {state}"), state=proposal["state"])
        rows.append(_decision(books, proposal, told, "proposed_at",
                              ", ".join(name_of(books, person) for person in proposal["persons"])))
    for consent in books.find(CONSENT, "item", item.id):
        terms = {"act": consent["act"], "outcome": consent["outcome"], "party": consent.body.get("recipient", "")}
        text = marked("consent {outcome}: {act} to {party}") if terms["party"] else marked("consent {outcome}: {act}")
        rows.append(_decision(books, consent, said(text, **terms), "given_at", consent["given_by"]))
    return rows


def _has_body(stored: StoredRecord) -> bool:
    return bool(stored.body)


def _decision(books: Books, record: Record, what: Mapping[str, Any], when: str, who: str) -> dict[str, Any]:
    # The first version is the act itself; later ones only note what became of it.
    first = open_record(next(iter(books.reads.versions(record.kind, record.id))))
    return {**what, "at": record[when], "copy": "", "number": who, "trail": f"{first.log} {first.index}"}



def show_trail(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return entries of one log of the audit trail, with the acts they stand for."""
    fields = request.act.fields()
    log = fields.text("log")
    start = fields.optional_integer("from", 0, 2**53 - 1) or 0
    count = fields.optional_integer("count", 1, _TRAIL_COUNT_MAX) or 100
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the audit trail")
    reads = books.reads
    if log not in reads.logs():
        raise missing("log", log)
    acts = {act.index: act for act in reads.acts(log, start, start + count)}
    entries = {entry.index: parse_entry(entry.body) for entry in reads.entries(log, start, start + count)}
    reads.look_ahead([
        *(("person", acts[index].actor) for index in entries),
        *((kind, read.id) for kind in ("refusal", CLIENT_ACT) for read in entries.values()),
    ])
    refused = [books.get("refusal", read.id) for read in entries.values()]
    reads.look_ahead([(ITEM, one["subject"]) for one in refused if one is not None and one["subject"]])
    rows = []
    for index, read in entries.items():
        rows.append({
            "act": read.act, "actor": name_of(books, acts[index].actor), "at": read.at, "index": index,
            "records": read.count, **_outcome(books, person, read.id), **_client(books, read.id),
        })
    head = reads.head(log)
    return {
        "entries": rows, "log": log, "origin": head.origin if head else "", "size": reads.log_size(log),
        "root": head.root.hex() if head else "",
    }


def _client(books: Books, act: str) -> dict[str, Any]:
    """Return the name of the machine client that did an act for its person, nothing where the person did."""
    done = books.get(CLIENT_ACT, act)
    return {"client": books.require(CLIENT, done["client"])["name"]} if done is not None else {}


def _outcome(books: Books, person: Person, act: str) -> dict[str, Any]:
    """Return whether an act was done or refused, with the codes of the reasons, and for keepers what it was about."""
    refused = books.get("refusal", act)
    if refused is None:
        return {"outcome": "done"}
    decision = refused.body.get("decision", {})
    outcome: dict[str, Any] = {
        "outcome": refused["family"],
        "reasons": [reason["code"] for reason in decision.get("reasons", [])] or [refused["code"]],
    }
    if person.offices & KEEPERS and refused["subject"]:
        item = books.get(ITEM, refused["subject"])
        outcome["about"] = item["reference"] if item is not None else refused["subject"]
    return outcome


def list_logs(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the logs of this node and their sizes; of an agreement, how far each partner's own log was `seen` here."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the audit trail")
    nodes = {one.id: open_partner(one, registry.mode).statement.node for one in books.every(PARTNER)}
    theirs = {
        (one.id, log_origin(registry.mode, PartyId(party), nodes[party], one.id)): party
        for one in books.every(AGREEMENT) for party in one["parties"] if party in nodes
    }
    positions = books.reads.log_positions([*((log, "") for log in books.reads.logs()), *theirs])
    return {"logs": [
        {"log": log, "seen": [
            {"party": party, "size": positions[name][2]} for name, party in theirs.items()
            if name[0] == log and positions[name][2]
        ], "size": size}
        for (log, origin), (size, _, _) in positions.items() if not origin
    ]}


def _shown(books: Books) -> str:
    return books.at.strftime("%Y-%m-%d %H:%M:%S UTC")
