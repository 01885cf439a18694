"""The register as it is read: where a copy is and who has read it, the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.limits import ITEM_PAGE_ROWS_COUNT
from cordiale.model.names import PartyId
from cordiale.model.person import Office, Person
from cordiale.records.agreements import AGREEMENT
from cordiale.records.client_standing import CLIENT, CLIENT_ACT
from cordiale.records.cosigning import COSIGNED
from cordiale.records.entry import parse_entry
from cordiale.records.holdings import CUSTODY, HERE_STATES, holding_of
from cordiale.records.items import ITEM, find_item
from cordiale.records.keyring import log_origin
from cordiale.records.lineage import number_of
from cordiale.records.naming import name_of
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.personal_data import ERASED
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.records.stamps import banner_of
from cordiale.views.authority import require_office, viewer
from cordiale.views.pages import render_page
from cordiale.views.story import Part, Told, gather, in_order, item_story, last, look_ahead_to_item

_TRAIL_COUNT_MAX: Final = 1_000
_CERTIFIED: Final = ("number", "ending", "method", "done_on", "proof", "legal_basis", "persons", "witnesses")


def where_is(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Answer an inspector: where is this item, or one copy of it, who has had it, who has read it, what proves it.

    With `count` it is a part: so many copies, `next` to give as `after` for those that follow, and as many of the last
    readings and rows of its story, and `more` where there are others.
    """
    fields = request.act.fields()
    name, number = fields.text("item"), fields.optional_integer("copy", 0, 10_000)
    form, after = fields.optional_text("as") or "rows", fields.optional_text("after") or ""
    part = Part(after, fields.optional_integer("count", 1, ITEM_PAGE_ROWS_COUNT))
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "this page")
    item = find_item(books, name)
    look_ahead_to_item(books, item)
    told = gather(books, item, part)
    copies = [copy for copy in told.copies if number in (None, copy["copy_number"])]
    if not copies and not after:
        raise OutOfOrder("where.no-copy", "there is no copy of that number", hint="leave the number away to see all")
    story, _ = in_order(books, item_story(books, told))
    shown: dict[str, Any] = {
        "at": _shown(books),
        "banner": list(banner_of(item, registry.mode).lines),
        "copies": [copy_story(books, copy, told) for copy in copies],
        "item": item.id,
        "mode": registry.mode.value,
        "more": part.count is not None and max(len(story), len(told.readings)) > part.count,
        "needs": _needs(books, told.about["need"][: part.count]),
        "next": told.following,
        "party": registry.party,
        "readings": _readings(books, last(told.readings, part.count)),
        "reference": item["reference"],
        "state": item["state"],
        "title": item["title"],
        "story": last(story, part.count),
    }
    if form == "html":
        shown["html"] = render_page("where.html", shown)
    return shown


def copy_story(books: Books, copy: Record, told: Told) -> dict[str, Any]:
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
        held = holding_of(books, copy, told.about[CUSTODY])
        here = {"unit": held.unit, "place": held.place, "with": held.holders}
        story |= {name: value for name, value in here.items() if value}
    for certificate in books.find("certificate", "copy", copy.id):
        story["certificate"] = {name: certificate[name] for name in _CERTIFIED}
    return story


def _registrar(books: Books, registrar: Any) -> str:
    if isinstance(registrar, dict):
        return f"{registrar['name']}, {registrar['post']}"
    person = books.get("person", registrar)
    return f"{person['name']}, {person['post']}" if person is not None else str(registrar)


def _needs(books: Books, needs: Iterable[Record]) -> list[dict[str, Any]]:
    return [
        {"person": name_of(books, need["person"]), "granted_by": name_of(books, need["granted_by"]),
         "granted_at": need["granted_at"], "purpose": need["purpose"],
         **({"withdrawn_at": need["withdrawn_at"]} if "withdrawn_at" in need.body else {})}
        for need in needs
    ]


def _readings(books: Books, grants: Iterable[Record]) -> list[dict[str, Any]]:
    return [
        {"at": grant["at"], "person": name_of(books, grant.body.get("person", ERASED)), "purpose": grant["purpose"],
         "trail": f"{grant.log} {grant.index}"}
        for grant in grants
    ]


def show_trail(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return entries of one log of the audit trail, with the acts they stand for: `start` is the first of them.

    They are those from `from` on, or the last ones with `newest`.
    """
    fields = request.act.fields()
    log = fields.text("log")
    start = fields.optional_integer("from", 0, 2**53 - 1) or 0
    count = fields.optional_integer("count", 1, _TRAIL_COUNT_MAX) or 100
    is_newest = fields.boolean("newest") if fields.has("newest") else False
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the audit trail")
    reads = books.reads
    if log not in reads.logs():
        raise missing("log", log)
    size = reads.log_size(log)
    start = max(0, size - count) if is_newest else start
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
        "entries": rows, "log": log, "origin": head.origin if head else "", "size": size,
        "root": head.root.hex() if head else "", "start": start,
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
    """Return the logs of this node and their sizes; of an agreement, how far each partner has `cosigned` ours.

    `seen` is how far each partner's own log was seen here.
    """
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the audit trail")
    nodes = {one.id: open_partner(one, registry.mode).statement.node for one in books.every(PARTNER)}
    theirs = {
        (one.id, log_origin(registry.mode, PartyId(party), nodes[party], one.id)): party
        for one in books.every(AGREEMENT) for party in one["parties"] if party in nodes
    }
    cosigned = {(one["log"], one["party"]): one.body for one in books.every(COSIGNED) if "size" in one.body}
    positions = books.reads.log_positions([*((log, "") for log in books.reads.logs()), *theirs])
    return {"logs": [
        {"cosigned": [
            {"at": kept["cosigned_at"], "party": party, "size": kept["size"]}
            for (of, party), kept in sorted(cosigned.items()) if of == log
        ], "log": log, "seen": [
            {"party": party, "size": positions[name][2]} for name, party in theirs.items()
            if name[0] == log and positions[name][2]
        ], "size": size}
        for (log, origin), (size, _, _) in positions.items() if not origin
    ]}


def _shown(books: Books) -> str:
    return books.at.strftime("%Y-%m-%d %H:%M:%S UTC")
