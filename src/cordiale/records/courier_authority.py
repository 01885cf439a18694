"""That our authority is told of a courier before the journey, where the layers say so (32 CFR 117.19(d)(6)(i)).

It is due from the packing on, and nothing is handed over before somebody has said that it was done, early enough.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed
from cordiale.model.agreement import Term
from cordiale.model.decision import Reason, refusal
from cordiale.records.agreements import load_index
from cordiale.records.carriages import items_of
from cordiale.records.duties import DUTY, open_duty
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.records.term_duties import cited, due_within
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import last_day, terms_of


def duty_to_tell(consignment: str) -> str:
    """Return the identifier of the duty to tell our authority of the courier of a consignment."""
    return f"courier-authority.{consignment}"


def _terms(registry: Registry, books: Books, consignment: Record) -> tuple[RuleIndex, tuple[Term, ...]]:
    index = load_index(books.reads, consignment["agreement"], registry.party)
    found = [
        terms_of(index, "courier.authority", party=registry.party, level=label_of(item).level)
        for item in items_of(books, consignment)
    ]
    return index, tuple(dict.fromkeys(term for terms in found for term in terms))


def await_telling(registry: Registry, session: ActSession, consignment: Record, departs_on: date | None) -> None:
    """Make it due that our authority is told of a courier who leaves on `departs_on`; nothing where no layer asks it.

    Raises `Malformed` where it is asked and the day was not said.
    """
    index, terms = _terms(registry, session, consignment)
    if not terms or consignment["link"] == "post":
        return
    day = last_day(terms, departs_on, index.holidays) if departs_on is not None else None
    if day is None:
        raise Malformed(
            "carriage.departure-missing", "our authority is told of a courier before the journey, and no day is given",
            hint="say on which day the courier is to leave",
        )
    known = session.get(DUTY, duty_to_tell(consignment.id))
    if known is None or known["state"] != "done":
        open_duty(session, duty_to_tell(consignment.id), what="courier-authority", owner=registry.party,
                  subject=consignment.id, due=replace(due_within(day, session.at, cited(terms)), is_moved=True))


def list_telling_reasons(registry: Registry, books: Books, consignment: Record, departs_on: date) -> list[Reason]:
    """Return why a courier does not leave on `departs_on`: our authority was not told, or too late."""
    index, terms = _terms(registry, books, consignment)
    day = last_day(terms, departs_on, index.holidays)
    duty = books.get(DUTY, duty_to_tell(consignment.id))
    told = parse_instant(duty["done_at"]).date() if duty is not None and duty["state"] == "done" else None
    if day is None or (told is not None and told <= day):
        return []
    return [refusal(
        "carriage.authority-not-told", "our authority is told of such a courier by {day}, and was not", cited(terms),
        day=day.isoformat(),
    )]
