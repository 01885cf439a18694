"""Registered absences: during one, and only then, a deputy stands in for the registrar."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, Final

from cordiale.canonical import encode_instant, parse_instant
from cordiale.errors import Malformed, Refused, require_allowed
from cordiale.model.decision import Decision, decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Office, Person
from cordiale.records.answer import Answer
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, person_of, require_person
from cordiale.records.session import ActSession, Books
from cordiale.rules.offices import Absence, ActDone, OfficeQuestion, OfficialAct, decide_office, list_holding_reasons
from cordiale.wire.person_json import parse_day

ABSENCE: Final = "absence"


def absences_of(books: Books) -> tuple[Absence, ...]:
    """Return every absence on record, begun and ended, from an office that the person holds now.

    Who has given up an office, or left, is not absent from it, and nobody stands in for them.
    """
    return tuple(
        Absence(
            person=PersonId(record["person"]), office=Office(record["office"]),
            registered_by=PersonId(record["registered_by"]), since=parse_instant(record["since"]),
            until=parse_instant(record["until"]) if "until" in record.body else None,
        )
        for record in books.every(ABSENCE) if _holds(books, record["person"], record["office"])
    )


def _holds(books: Books, person: str, office: str) -> bool:
    record = books.get("person", person)
    return record is not None and office in record["offices"] and "left_at" not in record.body


def decide_office_now(
    books: Books, person: Person, act: OfficialAct, *, subject: PersonId | None = None, done: tuple[ActDone, ...] = ()
) -> Decision:
    """Decide whether `person` may do `act` now by virtue of an office, with the absences on record.

    `subject` and `done` are those of `OfficeQuestion`.
    """
    question = OfficeQuestion(person, act, subject=subject, done=done, absences=absences_of(books))
    return decide_office(question, books.at)


def require_office_now(books: Books, person: Person, act: OfficialAct) -> None:
    """Raise `Refused` unless `person` holds an office for `act` now.

    It is asked before anything is looked up: whoever holds none learns not even whether there is such a thing.
    """
    require_allowed(decide_office_now(books, person, act))


def require_to_withdraw(session: ActSession, actor: Person, kind: str, id: str) -> Record:
    """Return the record `id` that `actor` may withdraw: what is their own, or anybody's where they restrict people.

    Raises `Refused` for everybody else, who learn not even whether there is such a record, and `OutOfOrder` for none.
    """
    known = session.get(kind, id)
    if known is None or known["person"] != actor.id:
        require_allowed(decide_office_now(session, actor, OfficialAct.RESTRICT_PEOPLE))
    return session.require(kind, id)


def register_absence(registry: Registry, request: Request) -> Answer:
    """Register that somebody is absent from an office, from now on, until the end of a day where one is given."""
    fields = request.act.fields()
    subject, office = fields.text("person"), fields.choice("office", Office)
    until = fields.optional_text("until")
    fields.end()
    end = datetime.combine(parse_day(until), time(23, 59, 59), UTC) if until else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_person(session, subject)
        require_allowed(decide_office_now(session, actor, OfficialAct.REGISTER_ABSENCE))
        if end is not None and end < session.at:
            raise Malformed("absence.past", "that day is over", hint="give a day that is still to come")
        body = {"office": office.value, "person": subject, "registered_by": actor.id, "since": shown_at(session.at)}
        if end is not None:
            body["until"] = encode_instant(end)
        session.put(ABSENCE, f"{subject}/{office.value}", body)
        _require_somebody_left(session)
        return {"office": office.value, "person": subject}

    return commit_personal(registry, request, run, subject=subject)


def _require_somebody_left(session: ActSession) -> None:
    """Raise `Refused` when with this absence nobody would be there who could end it."""
    absences = absences_of(session)
    people = [person_of(record) for record in session.every("person")]
    if not any(
        person.keys and not list_holding_reasons(person, OfficialAct.REGISTER_ABSENCE, absences, session.at)
        for person in people
    ):
        raise Refused(decision_of("absence", [refusal(
            "absence.nobody-left", "with this absence nobody would be there who could end it"
        )]))


def end_absence(registry: Registry, request: Request) -> Answer:
    """End a registered absence; the deputy's acts stop counting as the registrar's at once."""
    fields = request.act.fields()
    subject, office = fields.text("person"), fields.choice("office", Office)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REGISTER_ABSENCE))
        session.change(session.require(ABSENCE, f"{subject}/{office.value}"), until=shown_at(session.at))
        return {"office": office.value, "person": subject}

    return commit_personal(registry, request, run, subject=subject)
