"""The register as it is read: pages of a book, where a copy is and who has read it, the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.model.person import Office, Person
from cordiale.records.entry import parse_entry
from cordiale.records.items import COPY, ENTRY, ITEM, label_of, marking_of
from cordiale.records.record import Record, missing, open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.rules.marking import compose_banner
from cordiale.views.authority import KEEPERS, find_item, require_office, viewer
from cordiale.views.pages import render_page
from cordiale.wire.scheme_table import load_schemes, schemes_for

_TRAIL_COUNT_MAX: Final = 1_000
_CUSTODY: Final = {"charged-out": "charged out", "confirmed": "confirmed by the holder", "back": "handed back"}
_CERTIFIED: Final = ("number", "ending", "method", "done_on", "proof", "legal_basis", "persons", "witnesses")


def show_register(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one book of the register: ``own``, ``dispatch``, or the code of an originating party."""
    fields = request.act.fields()
    book, form = fields.text("book"), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the register")
    rows = [entry.body for entry in books.find(ENTRY, "book", book, limit=10_000)]
    rows.sort(key=lambda row: (row["at"], row["number"]))
    shown: dict[str, Any] = {"book": book, "party": registry.party, "rows": rows, "title": registry.title}
    if form == "html":
        shown["html"] = render_page("register.html", {**shown, "mode": registry.mode.value, "at": _shown(books)})
    return shown


def where_is(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Answer an inspector: where is this item, or one copy of it, who has had it, who has read it, what proves it."""
    fields = request.act.fields()
    name, number = fields.text("item"), fields.optional_integer("copy", 0, 10_000)
    form = fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "this page")
    item = find_item(books, name)
    copies = [copy for copy in books.find(COPY, "item", item.id) if number in (None, copy["copy_number"])]
    if not copies:
        raise OutOfOrder("where.no-copy", "there is no copy of that number", hint="leave the number away to see all")
    schemes = schemes_for(registry.mode, load_schemes())
    banner = compose_banner(label_of(item), marking_of(item), schemes=schemes, mode=registry.mode)
    shown: dict[str, Any] = {
        "at": _shown(books),
        "banner": list(banner.lines),
        "copies": [_copy_story(books, copy) for copy in copies],
        "item": item.id,
        "mode": registry.mode.value,
        "needs": _needs(books, item),
        "party": registry.party,
        "readings": _readings(books, item),
        "reference": item["reference"],
        "state": item["state"],
        "title": item["title"],
        "story": _story(books, item),
    }
    if form == "html":
        shown["html"] = render_page("where.html", shown)
    return shown


def _copy_story(books: Books, copy: Record) -> dict[str, Any]:
    kept = ("copy_number", "state", "party", "their_reference", "their_level", "reference", "certificate", "ended_at")
    story: dict[str, Any] = {"copy": copy.id, **{name: copy[name] for name in kept if name in copy.body}}
    consignment = books.get("consignment", copy["consignment"]) if "consignment" in copy.body else None
    if consignment is not None:
        names = ("number", "state", "dispatched_at", "delivered_at", "receipted_at", "received_at", "registered_at")
        story["consignment"] = {name: consignment[name] for name in names if name in consignment.body}
        if "registrar" in consignment.body:
            story["registrar"] = _registrar(books, consignment["registrar"])
    for certificate in books.find("certificate", "copy", copy.id):
        story["certificate"] = {name: certificate[name] for name in _CERTIFIED}
    return story


def _registrar(books: Books, registrar: Any) -> str:
    if isinstance(registrar, dict):
        return f"{registrar['name']}, {registrar['post']}"
    person = books.get("person", registrar)
    return f"{person['name']}, {person['post']}" if person is not None else str(registrar)


def _needs(books: Books, item: Record) -> list[dict[str, Any]]:
    return [
        {"person": _name(books, need["person"]), "granted_by": _name(books, need["granted_by"]),
         "granted_at": need["granted_at"], "purpose": need["purpose"],
         **({"withdrawn_at": need["withdrawn_at"]} if "withdrawn_at" in need.body else {})}
        for need in books.find("need", "item", item.id)
    ]


def _readings(books: Books, item: Record) -> list[dict[str, Any]]:
    grants = books.find("grant", "item", item.id, limit=10_000)
    return [
        {"at": grant["at"], "person": _name(books, grant["person"]), "purpose": grant["purpose"],
         "trail": f"{grant.log} {grant.index}"}
        for grant in sorted(grants, key=lambda one: str(one["at"]))
    ]


def _story(books: Books, item: Record) -> list[dict[str, Any]]:
    """Return every register entry about the item, in order, with its entry in the audit trail."""
    entries = books.find(ENTRY, "item", item.id, limit=10_000)
    rows = [
        {"act": entry["act"], "at": entry["at"], "number": entry["number"], "trail": f"{entry.log} {entry.index}",
         "copy": entry.body.get("copy", "")}
        for entry in entries
    ]
    for refusal in books.find("refusal", "subject", item.id, limit=1_000):
        rows.append({
            "act": f"refused: {refusal['act']}", "at": refusal["at"], "copy": "",
            "number": _name(books, refusal["actor"]),
            "trail": f"{refusal.log} {refusal.index}",
        })
    for custody in books.find("custody", "item", item.id):
        for version in books.reads.versions("custody", custody.id):
            moved = open_record(version)
            rows.append({
                "act": _CUSTODY[moved["state"]], "at": moved.body.get("moved_at", moved["charged_at"]),
                "copy": "",
                "number": _name(books, moved["holder"]), "trail": f"{moved.log} {moved.index}",
            })
    return sorted(rows, key=lambda row: (row["at"], row["trail"]))


def _name(books: Books, id: str) -> str:
    person = books.get("person", id)
    return str(person["name"]) if person is not None else id


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
    rows = []
    for entry in reads.entries(log, start, start + count):
        read = parse_entry(entry.body)
        rows.append({
            "act": read.act, "actor": _name(books, acts[entry.index].actor), "at": read.at, "index": entry.index,
            "records": read.count, **_outcome(books, person, read.id),
        })
    head = reads.head(log)
    return {
        "entries": rows, "log": log, "origin": head.origin if head else "", "size": reads.log_size(log),
        "root": head.root.hex() if head else "",
    }


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
    """Return the logs of this node and their sizes."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the audit trail")
    return {"logs": [{"log": log, "size": books.reads.log_size(log)} for log in books.reads.logs()]}


def _shown(books: Books) -> str:
    return books.at.strftime("%Y-%m-%d %H:%M:%S UTC")
