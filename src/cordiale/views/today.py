"""Today: what waits for a person, by kind; how the partners are; what ought to trouble somebody.

Of each kind the first are shown and the rest is counted, up to a bound: what it costs does not grow with the register,
and not with what is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

from cordiale.errors import CordialeError, Undecidable
from cordiale.limits import TODAY_COUNT_MAX, TODAY_ROWS_COUNT
from cordiale.model.found import IndexQuestion, PersonClause
from cordiale.model.names import PartyId
from cordiale.model.person import Office, Person
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.carriages import CARRIAGE, UNDER_WAY
from cordiale.records.correspondence import own_origin
from cordiale.records.finding import UNREAD, is_whole
from cordiale.records.keyring import log_origin
from cordiale.records.partners import PARTNER, open_partner, own_statement
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, list_seen
from cordiale.rules.duty_kinds import kind_of
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.rules.workdays import Holidays, holidays_of
from cordiale.views.authority import viewer
from cordiale.views.recorded_duties import (
    Asked,
    Only,
    falls_to,
    is_overdue,
    look_ahead_to_names,
    recorded_duties,
    with_name,
)
from cordiale.views.waiting import (
    begin_waits,
    each_waiting,
    list_waits,
    look_ahead_to_house,
)
from cordiale.views.waiting_rows import Looking
from cordiale.words.spoken import marked

_WATCHERS: Final = KEEPERS | {
    Office.COMPETENT_AUTHORITY, Office.KEY_OFFICER, Office.ADMINISTRATOR, Office.HEAD,
}
_EXPIRY: Final = timedelta(days=30)
_DAYS_AHEAD_MAX: Final = 60
_CHASE: Final = "chase"
_DUE: Final = "due"

KINDS: Final = (
    "approve", "receive", "register", "dispatch", "read", "confirm", "answer", "destroy", _CHASE, "await", _DUE,
)
"""The kinds in the order in which they are shown."""

OPENS: Final[Mapping[str, tuple[str, str]]] = {
    "approve-release": ("approve", "release.approve"), "confirm-level": ("approve", "level.confirm"),
    "confirm-partner": ("approve", "partner.confirm"), "confirm-crisis": ("approve", "crisis.confirm"),
    "confirm-people": ("approve", "people.confirm"), "hand-over": ("dispatch", "carry.hand-over"),
    "confirm-outage": ("approve", "outage.confirm"), "sign-inventory": ("approve", "inventory.sign"),
    "erase": ("approve", "erase.confirm"), "confirm-disclosure": ("approve", "visit.confirm"),
    "amendment-answer": ("approve", "agreement.sign"), "answer-rehoming": ("answer", "accord.rehome"),
    "confirm-succession": ("approve", "succession.confirm"),
    "meet-courier": ("receive", "carry.met"), "release-declined": (_DUE, "release.propose"),
    "register": ("register", "register"), "draft-accountable": ("register", "label"),
    "dispatch": ("dispatch", "dispatch"),
    "read": ("read", "read"),
    "confirm-custody": ("confirm", "circulate.confirm"), "note-level": ("confirm", "level.note"),
    "acknowledge-briefing": ("confirm", "briefing.acknowledge"),
    "answer-consent": ("answer", "consent.answer"), "answer-visit": ("answer", "visit.answer"),
    "answer-facility": ("answer", "facility.answer"), "answer-contract": ("answer", "contract.answer"),
    "answer-plan": ("answer", "plan.answer"), "receive-transfer": ("receive", "transfer.receive"),
    "answer-challenge": ("answer", "level.answer"), "answer-clearance": ("answer", "clearance.answer"),
    "answer-freeze": ("answer", "freeze.answer"), "answer-part-in-inquiry": ("answer", "incident.reply"),
    "acknowledge-incident": ("answer", "incident.reply"), "reproduce": ("answer", "reproduce.assign"),
    "return-answer": ("answer", "return.answer"), "return": (_DUE, "return"),
    "witness-destruction": ("destroy", "destroy.witness"), "draft-destroy": ("destroy", "draft.destroy"),
    "contract-item": ("destroy", "destroy.propose"),
    "mark-level": (_DUE, "level.mark"), "count-inventory": (_DUE, "inventory.sight"),
    "take-inventory": (_DUE, "inventory.open"), "copy": (_DUE, "reproduce.finish"),
    "extract": (_DUE, "reproduce.deliver"), "translate": (_DUE, "reproduce.deliver"),
    "tell-incident": (_DUE, "incident.tell"), "judge-incident": (_DUE, "incident.add"),
    "close-incident": (_DUE, "incident.conclude"), "brief-site": (_DUE, "visit.brief"),
    "stop-access": (_DUE, "visit.leave"), "tell-law-change": (_DUE, "accord.notice"),
    "tell-authority": (_DUE, "accord.notice"), "consent-silence": (_DUE, "consent.silence"),
    "tell-compelled": (_DUE, "consent.ask"),
    "tell-level": (_DUE, "level.told"), "courier-certificate": (_DUE, "carry.certificate"),
    "check-holder": (_DUE, "holder.check"), "emergency-report": (_DUE, "emergency.report"),
}
"""The kind of what waits and the act that does it, by what is to be done; the rest is simply due.

What a partner owes is not ours to do: it is waited for, and opened by nothing.
"""

_BY_THEMSELVES: Final = "acknowledge-briefing"
"""What nobody does for another, though it is an officer's to see that it is done."""

Row = dict[str, Any]


def show_today(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what waits for this person by kind, and for officers how partners are and what is out of order.

    Of each kind in `kinds`: `rows`, the first of them, each with `what`, `subject`, `about`, `due`, `overdue` and the
    `act` that does it, where one does; and `count`, with `more` where it was not counted to the end. `days_left` are
    the working days until it is due, in the calendar of each party.
    """
    request.act.fields().end()
    books, person = viewer(registry, request)
    look_ahead_to_house(books)
    parties = frozenset(record.id for record in books.every(PARTNER))
    kinds: dict[str, list[Row]] = {name: [] for name in KINDS}
    cut = set[str]()
    is_found = is_whole(books.reads)
    for row in _every_row(registry, books, (person, parties), cut, is_found=is_found):
        kind, act = _opened_by(row, (person, parties), is_late=is_overdue(row, books.at))
        kinds[kind].append({**row, "act": act})
    calendars = _calendars(registry, books)
    first = {name: _first(rows, books) for name, rows in kinds.items()}
    look_ahead_to_names(books, person, [row for rows in first.values() for row in rows])
    shown = [
        {
            "count": min(len(rows), TODAY_COUNT_MAX), "kind": name,
            "more": len(rows) > TODAY_COUNT_MAX or not cut.isdisjoint(row["what"] for row in rows),
            "rows": [
                _with_days(with_name(registry, books, person, row), books.at.date(), calendars)
                for row in first[name]
            ],
        }
        for name, rows in kinds.items() if rows
    ]
    is_watching = bool(person.offices & _WATCHERS)
    return {
        "alarms": list(_alarms(registry, books, is_watching=is_watching, is_found=is_found)), "kinds": shown,
        "partners": list(_partners(registry, books)) if is_watching else [],
    }


def _every_row(
    registry: Registry, books: Books, whose: tuple[Person, frozenset[str]], cut: set[str], *, is_found: bool
) -> Iterator[Row]:
    """Yield what waits for a person, from each source up to the bound; `cut` takes what there are others of."""
    person, parties = whose
    look, asked = Looking(registry, books, person), Asked(only=Only.MINE, count=TODAY_COUNT_MAX)
    # What others have in hand, and what falls to other offices, is not looked through for one's own day.
    every = [one for one in list_waits(look, others=False) if one.owners is None or _acts(person, one.owners)]
    begun = begin_waits(look, every, asked)
    duties = recorded_duties(books, person, asked)
    yield from duties.rows
    if duties.following:
        cut |= {row["what"] for row in duties.rows}
    waiting = ((row for _, row in each_waiting(look, one, first=begun.get(one.source.name))) for one in every)
    beside = ([_to_read(books, person)] if is_found else []) + [_to_receive(books, person)]
    for source in (*waiting, *beside):
        rows = (row for row in source if _is_theirs(row, person, parties))
        yield from islice(rows, TODAY_COUNT_MAX)
        for row in islice(rows, 1):
            cut.add(row["what"])


def _is_theirs(row: Row, person: Person, parties: frozenset[str]) -> bool:
    """Tell whether what waits is for this person to do, or falls to an office of theirs to see to."""
    if row["owner"] in (person.id, *parties):
        return True
    return not falls_to(person).isdisjoint(str(row["owner"]).split(", "))


def _acts(person: Person, owners: frozenset[Office]) -> bool:
    return not falls_to(person).isdisjoint(office.value for office in owners)


def _opened_by(row: Row, whose: tuple[Person, frozenset[str]], *, is_late: bool) -> tuple[str, str]:
    """Return the kind of what waits and the act that does it; what a partner owes is waited for, or asked again."""
    what, (person, parties) = row["what"], whose
    if row["owner"] in parties:
        return (_CHASE if is_late else "await"), ""
    if what in OPENS and (what != _BY_THEMSELVES or row["subject"] == person.id):
        return OPENS[what]
    return _DUE, "duty.settle" if kind_of(what).is_settled_by_hand else ""


def _first(rows: list[Row], books: Books) -> list[Row]:
    for row in rows:
        row["overdue"] = is_overdue(row, books.at)
    return sorted(rows, key=lambda row: (row.get("due", "9999"), row.get("since", ""), row["subject"]))[
        :TODAY_ROWS_COUNT
    ]


def _to_read(books: Books, person: Person) -> Iterator[Row]:
    """Contents that this person needs to know and has not read, the newest first; asked where the index is whole."""
    question = IndexQuestion(person=person.id, clauses=(PersonClause((UNREAD,)),))
    found = books.reads.index_page(question, limit=TODAY_COUNT_MAX + 1)
    for item in list_seen(books, person, [item for _, item in found]):
        if item["state"] == "registered":
            yield {"about": item["reference"], "owner": person.id, "subject": item.id, "what": "read"}


def _to_receive(books: Books, person: Person) -> Iterator[Row]:
    """Consignments that couriers have on their way to us."""
    if not person.offices & OFFICES_FOR[OfficialAct.MEET_COURIER]:
        return
    for state in sorted(UNDER_WAY):
        for one in books.find(CARRIAGE, "state", state):
            if one["direction"] == "in":
                due = {"due": one["expected_at"][:10]} if "expected_at" in one.body else {}
                yield {
                    "about": one.id, "owner": Office.REGISTRAR.value, "subject": one.id, "what": "meet-courier", **due,
                }


def _calendars(registry: Registry, books: Books) -> Mapping[PartyId, Holidays]:
    """Return the working days of each party, as the agreements say them; of one in several, all that they say."""
    known: dict[PartyId, Holidays] = {}
    for agreement in books.every(AGREEMENT):
        profile = load_index(books.reads, agreement.id, registry.party).state.profile
        if profile is None:
            continue
        for party in profile.parties:
            said, before = holidays_of(profile, (party,)), known.get(party, Holidays(frozenset(), frozenset()))
            known[party] = Holidays(before.days | said.days, before.weekend | said.weekend)
    return known


def _with_days(row: Row, today: date, calendars: Mapping[PartyId, Holidays]) -> Row:
    due = date.fromisoformat(row["due"]) if "due" in row else None
    if due is None or not today <= due <= today + timedelta(days=_DAYS_AHEAD_MAX):
        return row
    days = [today + timedelta(days=ahead) for ahead in range(1, (due - today).days + 1)]
    left = {party: sum(map(calendar.is_working, days)) for party, calendar in sorted(calendars.items())}
    return {**row, "days_left": left}


def _partners(registry: Registry, books: Books) -> Iterator[dict[str, Any]]:
    """Yield how each partner is: what waits for its answer, and how far each side knows the other's log."""
    partners = {record.id: open_partner(record, registry.mode) for record in books.every(PARTNER)}
    nodes = {party: partner.statement.node for party, partner in partners.items()}
    logs = {party: [
        (one.id, log_origin(registry.mode, party, node, one.id)) for one in books.every(AGREEMENT)
        if party in one["parties"]
    ] for party, node in nodes.items()}
    every = [log for some in logs.values() for log in some]
    waiting, known = books.reads.standing(tuple(nodes.values()), every, limit=TODAY_COUNT_MAX + 1)
    for party, partner in partners.items():
        count, since = waiting[nodes[party]]
        shown: dict[str, Any] = {
            "confirmed": partner.is_confirmed, "expires": partner.statement.expires_at.date().isoformat(),
            "logs": [
                {"log": log, "ours": ours, "signed": signer == own_origin(registry, log), "theirs": theirs}
                for log, (ours, signer, theirs) in ((one[0], known[one]) for one in logs[party])
            ],
            "node": nodes[party], "party": party, "waiting": min(count, TODAY_COUNT_MAX),
        }
        yield shown | ({"waiting_since": since[:19] + "Z"} if since else {})


def _alarms(registry: Registry, books: Books, *, is_watching: bool, is_found: bool) -> Iterator[dict[str, Any]]:
    """Yield what stops this node, for everybody; and what will, for whoever watches it."""
    for error in (registry.ledger.stopped, registry.ledger.anchor_trouble):
        if error is not None:
            yield _alarm(error)
    if not is_watching:
        return
    if not is_found:
        yield {"code": "search.not-ready", "fields": {}, "text": marked("the index of the register is being made")}
    try:
        own = own_statement(books.reads, registry.mode).statement
    except Undecidable as error:
        yield _alarm(error)
    else:
        yield from _expiring(registry.party, own.expires_at.date(), books.at.date())
    for record in books.every(PARTNER):
        expires = open_partner(record, registry.mode).statement.expires_at.date()
        yield from _expiring(PartyId(record.id), expires, books.at.date())


def _expiring(party: PartyId, on: date, today: date) -> Iterator[dict[str, Any]]:
    if on <= today + _EXPIRY:
        yield {
            "code": "today.expires", "fields": {"on": on.isoformat(), "party": party},
            "text": marked("the node statement of {party} ends on {on}"),
        }


def _alarm(error: CordialeError) -> dict[str, Any]:
    return {"code": error.code, "fields": dict(error.fields), "hint": error.hint, "text": error.text}
