"""One item as its page shows it: its story, copies, lineage and duties, and what this person may do with it now.

Who else reads is for the keepers of the register; everybody else sees of the story what they did themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from cordiale.limits import ITEM_PAGE_ROWS_COUNT
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason
from cordiale.model.names import PartyId, PersonId
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now
from cordiale.records.finding import side_of
from cordiale.records.holdings import CUSTODY
from cordiale.records.items import APPROVAL, needs_of, view_of
from cordiale.records.lineage import find_derived_items
from cordiale.records.naming import name_of
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, NEED, list_seen
from cordiale.rules.access import decide_access
from cordiale.rules.disposal import WAITS_FOR_OTHERS, DisposalRequest, decide_disposal
from cordiale.rules.holding import AccessView
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.views.authority import require_visible, viewer
from cordiale.views.items import copy_lines, item_as_shown, reasons_json
from cordiale.views.recorded_duties import duties_about
from cordiale.views.register import copy_story
from cordiale.views.search import item_line
from cordiale.views.story import (
    CUSTODY_SAID,
    GRANT,
    Acts,
    Part,
    gather,
    in_order,
    item_story,
    last,
    look_ahead_to_item,
    names_beside,
    place_of,
)
from cordiale.words.spoken import marked

_NEED_SAID: Final = {"granted": marked("need-to-know granted"), "withdrawn": marked("need-to-know withdrawn")}
_HERE: Final = ("held", "registered", "frozen")

Row = dict[str, Any]


@dataclass(frozen=True)
class _At:
    """What an act on an item is tried with; what access to it asks of anybody is worked out once."""

    registry: Registry
    books: Books
    person: Person
    item: Record

    @cached_property
    def view(self) -> AccessView:
        return view_of(self.registry, self.books, self.item)


Tried = Callable[[_At], "tuple[Reason, ...] | None"]


def show_item_page(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one item as `view.item` does, with `story`, `lineage`, `duties` and `may`; for keepers its `places` too.

    Of the copies there are `ITEM_PAGE_ROWS_COUNT`, from the one behind `after`; `next` says where to go on.

    A row of the story says what was done (`act`), by whom, when, and where that stands in the audit trail (`log`,
    `index`); the last `ITEM_PAGE_ROWS_COUNT` are given, and `more` says that there are others. `may` has a row for
    each act: open, or closed with every reason and its article.
    """
    fields = request.act.fields()
    item_id, after = fields.text("item"), fields.optional_text("after") or ""
    fields.end()
    books, person = viewer(registry, request)
    item = require_visible(books, person, item_id)
    look_ahead_to_item(books, item)
    shown: dict[str, Any] = {}
    if person.offices & KEEPERS:
        told = gather(books, item, Part(after, ITEM_PAGE_ROWS_COUNT), beside=names_beside(item, person))
        rows = item_story(books, told)
        shown |= {
            "copies": copy_lines(books, told.copies), "next": told.following,
            "places": [copy_story(books, copy, told) for copy in told.copies],
        }
    else:
        books.reads.look_ahead(names_beside(item, person))
        rows = list(_own_story(books, item, person))
    story, acts = in_order(books, rows)
    return shown | item_as_shown(registry, books, person, item) | {
        "duties": duties_about(books, person, item.id)[:ITEM_PAGE_ROWS_COUNT],
        "lineage": _lineage(books, item, person), "may": list(_may(_At(registry, books, person, item))),
        "more": len(story) > ITEM_PAGE_ROWS_COUNT,
        "story": _proved(books, last(story, ITEM_PAGE_ROWS_COUNT), acts),
    }


def _proved(books: Books, story: Sequence[Row], acts: Acts) -> list[Row]:
    """Return the rows of a story with who did each, and where it stands in the audit trail."""
    books.reads.look_ahead([("person", acts[place_of(row)].actor) for row in story if place_of(row) in acts])
    rows: list[Row] = []
    for row in story:
        log, index = place_of(row)
        act = acts.get((log, index))
        kept: Row = {name: row[name] for name in ("act", "at", "copy", "number", "said") if name in row}
        by = name_of(books, act.actor) if act is not None else ""
        rows.append(kept | {"by": by, "index": index, "log": log})
    return rows


def _own_story(books: Books, item: Record, person: Person) -> Iterator[Row]:
    """Yield what this person did with the item, or was given of it."""
    of = {NEED: "need-to-know", CUSTODY: "custody"}
    for stored in books.reads.versions_of([(kind, f"{item.id}/{person.id}") for kind in of]):
        if stored.body:
            one = open_record(stored)
            state = "withdrawn" if "withdrawn_at" in one.body else one.body.get("state", "granted")
            at = one.body.get("withdrawn_at", one.body.get("moved_at", one.body.get("granted_at", "")))
            told = CUSTODY_SAID[state] if one.kind == CUSTODY else _NEED_SAID[state]
            yield _own_row(one, (f"{of[one.kind]}: {state}", told), at or one.body.get("charged_at", ""))
    (readings,) = books.reads.latest(
        [(GRANT, "item/person/at", f"{item.id} {person.id} ")], limit=ITEM_PAGE_ROWS_COUNT + 1
    )
    for grant in map(open_record, readings):
        yield _own_row(grant, ("read", marked("read")), grant["at"])


def _own_row(one: Record, told: tuple[str, str], at: str) -> Row:
    return {"act": told[0], "at": at, "copy": "", "number": "", "said": {"fields": {}, "text": told[1]},
            "trail": f"{one.log} {one.index}"}


def _lineage(books: Books, item: Record, person: Person) -> dict[str, Any]:
    """Return what the item was made from and what was made from it, as far as this person may see either."""
    above = [item["derived_from"]] if "derived_from" in item.body else []
    below = find_derived_items(books, item, limit=ITEM_PAGE_ROWS_COUNT)
    return {
        "made_from": [item_line(one) for one in list_seen(books, person, above)],
        "made_of_it": [item_line(one) for one in list_seen(books, person, below)],
    }


def _may(at: _At) -> Iterator[Row]:
    """Yield each act on the item as the rules decide on it now, short of what only its particulars settle."""
    if at.item["state"] not in _HERE:
        return
    for act, tried in _TRIED:
        reasons = tried(at)
        if reasons is not None:
            yield {"act": act, "open": not reasons, "reasons": reasons_json(reasons)}


def _by_office(official: OfficialAct, *, side: str = "") -> Tried:
    def tried(at: _At) -> tuple[Reason, ...] | None:
        if side and side != side_of(at.item.body):
            return None
        return decide_office_now(at.books, at.person, official).reasons

    return tried


def _by_release(official: OfficialAct, state: str) -> Tried:
    """Return whether a person may do what follows a proposal; where none has come so far, nothing is said of it."""
    def tried(at: _At) -> tuple[Reason, ...] | None:
        waiting = [one for one in at.books.find(APPROVAL, "item", at.item.id) if one.body.get("state") == state]
        if not waiting:
            return None
        done = tuple(ActDone(PersonId(one["person"]), OfficialAct.PROPOSE_RELEASE) for one in waiting)
        return decide_office_now(at.books, at.person, official, done=done if state == "waiting" else ()).reasons

    return tried


def _to_read(at: _At) -> tuple[Reason, ...] | None:
    if at.item["form"] != "file":
        return None
    needs = needs_of(at.books, at.person.id, at.item.id)
    # Without a need nobody has said for what: the reason for that is given, and none about a purpose.
    purpose = needs[0].purpose if needs else next(iter(at.item.body.get("purposes", ())), "reading")
    return decide_access(at.person, at.view, needs=needs, now=at.books.at, purpose=purpose).reasons


def _to_end(act: Act) -> Tried:
    def tried(at: _At) -> tuple[Reason, ...] | None:
        if act is Act.RETURN and "agreement" not in at.item.body:
            return None
        decision = decide_disposal(DisposalRequest(
            act=act, item=at.view, persons=(at.person,), purpose=act.value,
            to=PartyId(at.item["origin_party"]) if act is Act.RETURN else None, absences=absences_of(at.books),
        ), now=at.books.at)
        return tuple(one for one in decision.reasons if one.code not in WAITS_FOR_OTHERS)

    return tried


def _of_custody(*states: str) -> Tried:
    """Return whether it is for this person, as the holder; of an item that is not in such hands nothing is said."""
    def tried(at: _At) -> tuple[Reason, ...] | None:
        custody = at.books.get(CUSTODY, f"{at.item.id}/{at.person.id}")
        return () if custody is not None and custody["state"] in states else None

    return tried


_TRIED: Final[tuple[tuple[str, Tried], ...]] = (
    ("read", _to_read),
    ("circulate.confirm", _of_custody("charged-out", "offered")),
    ("circulate.back", _of_custody("confirmed")),
    ("circulate.hand-over", _of_custody("confirmed")),
    ("release.propose", _by_office(OfficialAct.PROPOSE_RELEASE, side="own")),
    ("release.approve", _by_release(OfficialAct.AUTHORISE_RELEASE, "waiting")),
    ("dispatch", _by_release(OfficialAct.DISPATCH, "authorised")),
    ("need.grant", _by_office(OfficialAct.GRANT_NEED_TO_KNOW)),
    ("circulate", _by_office(OfficialAct.CIRCULATE)),
    ("reproduce.assign", _by_office(OfficialAct.REPRODUCE)),
    ("consent.ask", _by_office(OfficialAct.PROPOSE_CONSENT, side="foreign")),
    ("consent.compelled", _by_office(OfficialAct.PROPOSE_CONSENT, side="foreign")),
    ("return", _to_end(Act.RETURN)),
    ("destroy.propose", _to_end(Act.DESTROY)),
    ("level.propose", _by_office(OfficialAct.PROPOSE_LEVEL)),
    ("incident.report", _by_office(OfficialAct.REPORT_INCIDENT)),
)
"""The acts on an item, and the rules that decide on each; the same that the act itself asks."""
