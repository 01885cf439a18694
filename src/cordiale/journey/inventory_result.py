"""End an inventory: set what was seen against what must be there, explain what differs, and sign by two.

Each copy that came or went since the inventory before has its document. What
is missing is a loss until it is found: the first report is drawn up and made
due at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import INVENTORY_DIFFERENCES_COUNT_MAX
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import due_day, open_duty
from cordiale.records.holdings import NUMBER_SEPARATOR, Holding, holding_of, is_held, units_of
from cordiale.records.inventories import (
    CAME,
    DIFFERENCE,
    EXPECTED,
    INCIDENT_DRAFT,
    LAST,
    LEFT,
    WENT,
    Line,
    count_sighted,
    cut,
    differences_of,
    expected_of,
    lines_digest,
    pages_of,
    put_pages,
    require_inventory,
    require_prepared,
    result_binding,
    sighted_copies,
    sighting_id,
)
from cordiale.records.inventories_told import owe_tellings
from cordiale.records.inventory_terms import owe_next
from cordiale.records.items import COPY, ENTRY, ITEM, rules_for
from cordiale.records.labels import label_of
from cordiale.records.naming import name_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import Explanation, Finding, InventoryKind, judge, reconcile, roll_up
from cordiale.rules.layers import Scope
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.rules.rule_index import RuleIndex


@dataclass(slots=True)
class _Result:
    """What was drawn up beside the node's work, from the books as they stood then."""

    sighted: int = 0
    missing: list[Holding] = field(default_factory=list)
    surplus: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, list[list[Line]]] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    units: dict[str, dict[str, int]] = field(default_factory=dict)
    digest: str = ""


def close_inventory(registry: Registry, request: Request) -> Answer:
    """End the counting: draw up what is missing and what is there too much, and the sheet of what came and went.

    Raises `OutOfOrder` while more is unsighted than can be a result, and when something was sighted meanwhile.
    """
    fields = request.act.fields()
    inventory_id = fields.text("inventory")
    fields.end()
    before = answered_before(registry, request)
    if before is not None:
        return before
    may = decide_office_now(registry.books(), request.person, OfficialAct.COUNT_INVENTORY).is_allowed
    prepared = _draw_up(registry, inventory_id) if may else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        result = require_prepared(prepared)
        inventory = require_inventory(session, inventory_id, "open")
        _require_same(registry, session, inventory, result)
        for part, pages in result.parts.items():
            put_pages(session, inventory_id, part, pages)
        for missing in _told_apart(result.missing):
            _enter_missing(registry, session, (inventory, actor), missing)
        for copy, number in result.surplus:
            _enter_difference(session, inventory_id, copy, {"finding": Finding.SURPLUS.value, "number": number})
        session.change(
            inventory, closed_at=shown_at(session.at), closed_by=actor.id, digest=result.digest, state="counted",
            totals=result.totals, units=result.units,
        )
        return {"inventory": inventory_id, **result.totals}

    return commit_personal(registry, request, run, subject=inventory_id)


def _draw_up(registry: Registry, inventory_id: str) -> _Result:
    with registry.store.snapshot() as reads:
        books = Books(reads, registry.now())
        inventory = require_inventory(books, inventory_id, "open")
        sighted = {str(one["copy"]): one for one in sighted_copies(reads, inventory_id)}
        expected = list(expected_of(reads, inventory_id))
        unseen = [copy for copy in expected if copy not in sighted]
        held = {copy: _is_still_held(books, registry.party, copy) for copy in unseen}
        found = judge(expected, sighted=frozenset(sighted), held=held)
        missing = [copy for copy in unseen if found[copy] is Finding.MISSING]
        if len(missing) > INVENTORY_DIFFERENCES_COUNT_MAX:
            raise OutOfOrder(
                "inventory.unfinished", "{count} copies are not sighted yet, and a result has at most {most}",
                hint="go on counting", count=len(missing), most=INVENTORY_DIFFERENCES_COUNT_MAX,
            )
        result = _Result(sighted=len(sighted), missing=[holding_of(books, books.require(COPY, one)) for one in missing])
        result.surplus = list(_list_surplus(books, registry.party, sighted.values(), frozenset(expected)))
        if len(result.surplus) > INVENTORY_DIFFERENCES_COUNT_MAX:
            raise OutOfOrder(
                "inventory.other-items", "{count} copies were sighted that this inventory does not expect",
                hint="look whether the right inventory was counted", count=len(result.surplus),
            )
        left = [copy for copy in unseen if found[copy] is Finding.LEFT]
        result.parts[LEFT] = list(cut(_went(books, copy) for copy in left))
        result.totals = {
            "beyond": len(sighted) + len(unseen) - len(expected) - len(result.surplus),
            "closing": len(expected), "left": len(left), "missing": len(missing),
            "sighted": len(expected) - len(unseen), "surplus": len(result.surplus),
        }
        _reconcile(books, inventory, expected, result)
        units = units_of(reads)
        result.units = {
            unit: {finding.value: count for finding, count in counted.items()}
            for unit, counted in roll_up((units.get(copy, ""), found[copy]) for copy in expected).items()
        }
        result.digest = lines_digest(registry.mode, {
            EXPECTED: list(pages_of(reads, inventory_id, EXPECTED)), **result.parts,
        })
    return result


def _is_still_held(books: Books, party: str, copy_id: str) -> bool:
    copy = books.get(COPY, copy_id)
    return copy is None or is_held(copy, party)


def _list_surplus(
    books: Books, party: str, sighted: Iterable[Record], expected: frozenset[str]
) -> Iterable[tuple[str, str]]:
    """Yield what was sighted although, by the books, it is not here at all."""
    for one in sighted:
        copy = books.get(COPY, one["copy"])
        if one["copy"] not in expected and (copy is None or not is_held(copy, party)):
            yield one["copy"], one["number"]


def _reconcile(books: Books, inventory: Record, expected: Sequence[str], result: _Result) -> None:
    """Hold what must be there against the inventory before; each that came or went is tied to its document."""
    if "previous" not in inventory.body:
        return
    sheet = reconcile(expected_of(books.reads, inventory["previous"]), expected)
    came = [_came(books, copy) for copy in sorted(sheet.came)]
    went = [_went(books, copy) for copy in sorted(sheet.went)]
    result.parts[CAME], result.parts[WENT] = list(cut(came)), list(cut(went))
    result.totals |= {
        "opening": sheet.opening, "came": len(came), "went": len(went),
        "undocumented": sum(1 for line in (*came, *went) if not line[2]),
    }


def _came(books: Books, copy_id: str) -> list[str]:
    held = holding_of(books, books.require(COPY, copy_id))
    return [copy_id, held.number, _document_of_start(books, held)]


def _went(books: Books, copy_id: str) -> list[str]:
    return [copy_id, holding_of(books, books.require(COPY, copy_id)).number, _document_of_end(books, copy_id)]


def _document_of_start(books: Books, held: Holding) -> str:
    """Return the entry by which a copy came to be here, empty where there is none."""
    entries = books.find(ENTRY, "copy", held.copy) or books.find(ENTRY, "item", held.item)
    first = min(entries, key=lambda one: (one["at"], one.log, one.index), default=None)
    return _named(first)


def _document_of_end(books: Books, copy_id: str) -> str:
    """Return what proves that a copy is gone from where it was: its certificate, or the last entry about it."""
    for certificate in books.find("certificate", "copy", copy_id):
        return str(certificate["number"])
    copy = books.get(COPY, copy_id)
    entries = books.find(ENTRY, "copy", copy_id)
    if copy is not None and not entries:
        entries = [one for one in books.find(ENTRY, "item", copy["item"]) if "copy" not in one.body]
    place = books.get("place", copy_id)
    if place is not None:
        entries = [*entries, place]
    return _named(max(entries, key=lambda one: (one.body.get("at", ""), one.log, one.index), default=None))


def _named(document: Record | None) -> str:
    if document is None:
        return ""
    what = document.body.get("number") or document.body.get("place", "")
    return f"{document.body.get('act', document.kind)} {what}, {document.log} {document.index}"


def _require_same(registry: Registry, session: ActSession, inventory: Record, result: _Result) -> None:
    """Raise `OutOfOrder` unless what was drawn up is still so, inside the act."""
    moved = count_sighted(session.reads, inventory.id) != result.sighted
    if moved or any(not _is_still_held(session, registry.party, one.copy) for one in result.missing):
        raise OutOfOrder(
            "inventory.moved", "something was sighted, or left, while the result was drawn up",
            hint="repeat the command",
        )


def _told_apart(missing: list[Holding]) -> Iterator[Holding]:
    """Yield what is missing, each by a number that no other of them bears: it is explained by it."""
    several = Counter(one.number for one in missing)
    for one in missing:
        is_alone = several[one.number] == 1
        yield one if is_alone else replace(one, number=f"{one.number}{NUMBER_SEPARATOR}{one.behind}")


def _enter_missing(
    registry: Registry, session: ActSession, who: tuple[Record, Person], missing: Holding
) -> None:
    """Enter a copy that is not there, draw up the first report on it, and make the report due."""
    inventory, actor = who
    item = session.require(ITEM, missing.item)
    _enter_difference(session, inventory.id, missing.copy, {
        "finding": Finding.MISSING.value, "number": missing.number,
    })
    rules, level, origin = rules_for(registry, session, item), label_of(item).level, label_of(item).originator
    outcome = rules.outcome(Act.REPORT_LOSS, Scope(origin, registry.party, level, registry.party))
    draft = sighting_id(inventory.id, missing.copy)
    session.put(INCIDENT_DRAFT, draft, {
        "articles": list(outcome.articles), "cause": "missing-at-inventory", "copy": missing.copy,
        "copy_number": missing.copy_number, "found_at": shown_at(session.at), "found_by": actor.id,
        "holders": missing.holders, "inventory": inventory.id, "item": missing.item, "level": missing.level,
        "number": missing.number, "originator": origin, "place": missing.place, "state": "open", "unit": missing.unit,
        **({"agreement": item["agreement"]} if "agreement" in item.body else {}),
        **({"ruling": outcome.ruling.value} if outcome.ruling is not None else {}),
    }, expect=0)
    scope = Scope(origin, registry.party, level, registry.party)
    day = due_day(rules, Act.REPORT_LOSS, scope, session.at.date()) if isinstance(rules, RuleIndex) else None
    open_duty(
        session, f"report-incident.{draft}", what="report-incident", owner=registry.party, subject=draft, due=day
    )


def _enter_difference(session: ActSession, inventory: str, copy: str, said: dict[str, Any]) -> None:
    session.put(DIFFERENCE, sighting_id(inventory, copy), {
        **said, "copy": copy, "inventory": inventory, "state": "open",
    }, expect=0)


def explain_difference(registry: Registry, request: Request) -> Answer:
    """Explain what differs: found after all, an error of entry, or not to be found. The report on a loss stays due.

    `replaces` names the explanation that this one takes the place of, by when it was entered: nobody's is overwritten
    unseen.
    """
    fields = request.act.fields()
    inventory_id, number = fields.text("inventory"), fields.text("number")
    explanation, text = fields.choice("explanation", Explanation), fields.text("text")
    replaces = fields.optional_text("replaces") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        require_inventory(session, inventory_id, "counted")
        found = [one for one in differences_of(session, inventory_id) if number in (one["number"], one["copy"])]
        if len(found) != 1:
            raise OutOfOrder(
                "inventory.no-difference", "no single difference of this inventory has that number",
                hint="look at `cordiale inventory show`",
            )
        if found[0].body.get("explained_at", "") != replaces:
            raise OutOfOrder(
                "inventory.explained", "{name} has explained {number} already",
                hint="look at `cordiale inventory show`, and explain it again only where that is wrong",
                name=name_of(session, found[0].body.get("explained_by", "")), number=found[0]["number"],
            )
        session.change(
            found[0], explained_at=shown_at(session.at), explained_by=actor.id, explanation=explanation.value,
            state="explained", text=text,
        )
        return {"explanation": explanation.value, "inventory": inventory_id, "number": found[0]["number"]}

    return commit_personal(registry, request, run, subject=inventory_id)


def sign_inventory(registry: Registry, request: Request) -> Answer:
    """Sign the result, over exactly what it says; a change of custodian is signed by both custodians, and no other."""
    fields = request.act.fields()
    inventory_id, binding = fields.text("inventory"), fields.text("binding")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.SIGN_INVENTORY)
        inventory = require_inventory(session, inventory_id, "counted")
        differences = differences_of(session, inventory_id)
        _require_signer(session, inventory, actor)
        if any(one["state"] == "open" for one in differences):
            raise OutOfOrder(
                "inventory.unexplained", "a difference is not explained yet",
                hint="explain each with `cordiale inventory explain`",
            )
        if binding != result_binding(registry.mode, inventory, differences):
            raise Unverified(
                "inventory.other-result", "what was signed is not what the result says now",
                hint="look at it once more and sign again",
            )
        signed = [*inventory.body.get("signed", []), {"at": shown_at(session.at), "by": actor.id}]
        is_done = _is_signed(inventory, [one["by"] for one in signed])
        session.change(inventory, signed=signed, state="signed" if is_done else "counted")
        if is_done:
            owe_next(registry, session, inventory, session.act_id)
            owe_tellings(registry, session, inventory)
        if is_done and inventory["kind"] == InventoryKind.WHOLE.value:
            session.put(LAST, inventory["scope"], {"inventory": inventory_id})
        return {"inventory": inventory_id, "signed": len(signed), "state": "signed" if is_done else "counted"}

    return commit_personal(registry, request, run, subject=inventory_id)


def _require_signer(session: ActSession, inventory: Record, actor: Person) -> None:
    done = tuple(
        ActDone(PersonId(one["by"]), OfficialAct.SIGN_INVENTORY) for one in inventory.body.get("signed", [])
    )
    reasons = list(decide_office_now(session, actor, OfficialAct.SIGN_INVENTORY).reasons)
    if any(one.person == actor.id for one in done):
        reasons.append(refusal("inventory.signed-by-you", "you have signed this result already"))
    custodians: Sequence[str] = inventory.body.get("custodians", ())
    if custodians and actor.id not in custodians:
        reasons.append(refusal("inventory.not-custodian", "a change of custodian is signed by the two custodians"))
    require_allowed(decision_of("inventory.sign", reasons))


def _is_signed(inventory: Record, by: Sequence[str]) -> bool:
    return len(set(by)) >= 2 and set(inventory.body.get("custodians", ())) <= set(by)
