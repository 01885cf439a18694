"""Reproductions in the books: the task, what stands against it now, and the copies it enters.

A task is assigned by the registry to a person who may read the item; it counts
against the consents it rests on from that moment, so that two tasks never share
the last copy that was consented to, and everything is decided again when it is
finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cordiale.canonical import encode_base64url, encode_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.agreement import Act, Ruling, Term
from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import ItemId
from cordiale.model.person import Person
from cordiale.records.absences import absences_of
from cordiale.records.consents import count_use, used_of
from cordiale.records.duties import discharge
from cordiale.records.equipment import device_of, note_on_device, note_on_medium
from cordiale.records.items import COPY, ITEM, needs_of, view_of
from cordiale.records.lineage import next_number, require_depth, require_numbers
from cordiale.records.overrides import note_overridden
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, require_person
from cordiale.records.session import ActSession, Books
from cordiale.rules.access import decide_access
from cordiale.rules.consent import ConsentWanted, has_consented
from cordiale.rules.devices import list_device_reasons
from cordiale.rules.equivalence import decide_handling
from cordiale.rules.holding import AccessView, originators_of, scope_here
from cordiale.rules.joined import ANY_NUMBER, without_joined
from cordiale.rules.offices import OfficialAct, list_holding_reasons
from cordiale.rules.reproduction import ReproductionRequest, decide_reproduction
from cordiale.rules.terms_here import terms_here

REPRODUCTION: Final = "reproduction"
ASKED_REPRODUCTION: Final = "asked-reproduction"
URGENT_REPORT: Final = "urgent-copy.report"
"""The term by which a layer allows that a copy is made before the originator is asked, and within which it is told."""

_REGISTRIES: Final = "reproduction.registries"
_FILE: Final = "file"
WAITS_FOR_OTHERS: Final = frozenset({"reproduction.too-few-persons"})
HELD_STATES: Final = frozenset({"held", "registered"})


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be reproduced: `number` times, by `maker`, for the persons in `recipients` where any are named.

    `form` is what comes out; `device` the device set aside that makes it, where it leaves this node, and
    `medium` the registered medium it goes on, where it goes on one. A translation is
    into `language`; an extract is from the parts that `portions` name, or from the whole.
    """

    act: Act
    copy: str
    purpose: str
    maker: str
    number: int = 1
    recipients: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    form: str = "file"
    device: str = ""
    medium: str = ""
    is_urgent: bool = False
    language: str = ""
    portions: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """Return the members a task has in a record."""
        return {
            "act": self.act.value, "copy": self.copy, "device": self.device, "form": self.form,
            "is_urgent": self.is_urgent, "language": self.language, "maker": self.maker, "medium": self.medium,
            "number": self.number, "portions": list(self.portions), "purpose": self.purpose,
            "recipients": list(self.recipients), "witnesses": list(self.witnesses),
        }


def task_of(body: Mapping[str, Any]) -> Task:
    """Return the task in the body of a record."""
    return Task(
        act=Act(body["act"]), copy=body["copy"], purpose=body["purpose"], maker=body["maker"], number=body["number"],
        recipients=tuple(body["recipients"]), witnesses=tuple(body["witnesses"]), form=body["form"],
        device=body["device"], is_urgent=body["is_urgent"], language=body["language"],
        medium=body["medium"],
        portions=tuple(body["portions"]),
    )


def task_binding(mode: Mode, books: Books, record: Record) -> str:
    """Return the digest that those sign who join a task: the whole task, its item and label, and who assigned it.

    Who has joined already is not in it, so that two may join at once.
    """
    item = books.require(ITEM, record["item"])
    said = {name: value for name, value in task_of(record.body).body().items() if name != "witnesses"}
    content = encode_canonical({
        **said, "assigned_at": record["assigned_at"], "assigned_by": record["assigned_by"], "item": item.id,
        "label": item["label"], "reference": item["reference"], "task": record.id,
    })
    return encode_base64url(sha384(domain(Purpose.REPRODUCTION, mode), content))


def require_held_copy(registry: Registry, books: Books, copy_id: str) -> Record:
    """Return the copy when it is held here; raises `OutOfOrder` for one that is not."""
    copy = books.get(COPY, copy_id)
    if copy is None or copy["party"] != registry.party or copy["state"] not in HELD_STATES:
        raise _not_held()
    return require_depth(books, copy)


def _not_held() -> OutOfOrder:
    return OutOfOrder(
        "reproduction.no-copy", "the copy is not held here", hint="look at `cordiale where` for what is held here"
    )


def the_held_copy(registry: Registry, books: Books, item: str) -> str:
    """Return the one copy of `item` held here that was reproduced from nothing; raises `OutOfOrder` unless one is."""
    first = [
        copy for copy in books.find(COPY, "item", item)
        if copy["party"] == registry.party and copy["state"] in HELD_STATES and copy.body.get("parent_item", "") != item
    ]
    if not first:
        raise _not_held()
    if len(first) != 1:
        raise OutOfOrder(
            "reproduction.which-copy", "{count} copies of this item are held here, and it is not said which is meant",
            hint="name the copy with --copy", count=len(first),
        )
    return first[0].id


def numbers_for(registry: Registry, books: Books, task: Task) -> range:
    """Return the numbers that the copies of `task` would bear now.

    The originator's own copies are one series; a holder numbers what it makes under the copy it was made from.
    """
    parent = books.require(COPY, task.copy)
    item = books.require(ITEM, parent["item"])
    own = item["origin_party"] == registry.party
    first = next_number(books, item.id) if own else int(parent.body.get("reproduced", 0)) + 1
    numbers = range(first, first + task.number)
    require_numbers(numbers)
    return numbers


def decide_task(registry: Registry, books: Books, task: Task) -> Decision:
    """Decide whether `task` may be done now, with every reason against it."""
    item = books.require(ITEM, books.require(COPY, task.copy)["item"])
    view = view_of(registry, books, item)
    maker = require_person(books, task.maker)
    decision = decide_reproduction(ReproductionRequest(
        act=task.act, person=maker, item=view, purpose=task.purpose,
        needs=tuple(need for id in (maker.id, *task.witnesses) for need in needs_of(books, id, item.id)),
        number=task.number,
        copies=frozenset(numbers_for(registry, books, task)) if task.act is Act.COPY else frozenset(),
        used=used_of(books, view.facts.consents),
        witnesses=tuple(require_person(books, one) for one in task.witnesses),
        urgency=_cited(terms_here(view, URGENT_REPORT)) if task.is_urgent else None,
        kept_for_registry=_cited(one for one in terms_here(view, _REGISTRIES) if one.count == 1),
        is_registrar=not list_holding_reasons(maker, OfficialAct.REPRODUCE, absences_of(books), books.at),
    ), now=books.at)
    reasons = [*decision.reasons, *_list_recipient_reasons(books, view, task)]
    if task.form != _FILE:
        reasons += list_device_reasons(device_of(books, task.device), handled_at(view), view.rules)
    return replace(decision, reasons=tuple(dict.fromkeys(reasons)))


def handled_at(view: AccessView) -> LevelRef | None:
    """Return the level of our own scheme that the item is handled at here, None where that could not be told."""
    facts = view.facts
    if facts.label is None:
        return None
    marked = facts.label.level if facts.label.originator == facts.holder else (
        facts.marking.level if facts.marking is not None else None
    )
    if marked is None:
        return None
    reasons, level = decide_handling(facts.label, marked, facts.holder, rules=view.rules, on=view.on)
    return None if reasons else level


def _cited(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term.article for term in terms))


def _list_recipient_reasons(books: Books, view: AccessView, task: Task) -> Iterable[Reason]:
    """Yield why a person whom a copy is meant for may not have it.

    Where it takes several to read it, they are joined when it is charged out.
    """
    for id in dict.fromkeys(task.recipients):
        person = require_person(books, id)
        needs = needs_of(books, id, view.facts.item)
        reasons = decide_access(person, view, needs=needs, now=books.at, purpose=task.purpose).reasons
        yield from without_joined(reasons, ANY_NUMBER)


def consents_used(registry: Registry, books: Books, task: Task) -> dict[str, int]:
    """Return the consents that `task` rests on, each with the number it is used for: one of each originator.

    For a task that `decide_task` allows; empty where the layers ask for none, and
    for a copy in urgency, which is made before.
    """
    item = books.require(ITEM, books.require(COPY, task.copy)["item"])
    view = view_of(registry, books, item)
    label = view.facts.label
    if task.is_urgent:
        return {}
    if label is None or view.rules.outcome(task.act, scope_here(view.facts, label)).ruling is not Ruling.WITH_CONSENT:
        return {}
    wanted = ConsentWanted(
        task.act, ItemId(item.id), originators_of(view.facts), registry.party, task.purpose, number=task.number,
        copies=frozenset(numbers_for(registry, books, task)) if task.act is Act.COPY else frozenset(),
        used=used_of(books, view.facts.consents), post=post_of(books, task.maker), categories=view.facts.purposes,
    )
    chosen = {}
    for originator in sorted(wanted.originators - {registry.party}):
        for consent in view.facts.consents:
            if has_consented(originator, wanted, (consent,), books.at):
                chosen[str(consent.id)] = task.number
                break
    return chosen


@dataclass(frozen=True, slots=True)
class Made:
    """A reproduction as it is entered: the task, by which act, how many pages, under which provisions."""

    task: Task
    id: str
    decision: Decision
    pages: int | None = None

    @property
    def legal_basis(self) -> str:
        """The provisions that were consulted, as an entry names them."""
        return "; ".join(self.decision.consulted) or "-"


@dataclass(frozen=True, slots=True)
class Settled:
    """An assigned task that may be finished now: its record, the decision, and the consents it rests on."""

    record: Record
    task: Task
    decision: Decision
    consents: tuple[str, ...]


def settle_task(registry: Registry, session: ActSession, actor: Person, task_id: str) -> Settled:
    """Return an assigned task that `actor` may finish now, decided again and counted under its consents.

    Raises `Refused` with every reason, and `OutOfOrder` for a task that waits for nobody.
    """
    record = require_assigned(session, task_id)
    if actor.id != record["maker"]:
        require_allowed(decision_of("reproduce", [refusal(
            "reproduction.other-maker", "the task was assigned to another person"
        )]))
    task = task_of(record.body)
    require_held_copy(registry, session, task.copy)
    count_use(session, record["consents"], sign=-1)
    decision = decide_task(registry, session, task)
    require_allowed(decision)
    note_overridden(session, decision, subject=record["item"])
    consents = consents_used(registry, session, task)
    count_use(session, consents)
    level = handled_at(view_of(registry, session, session.require(ITEM, record["item"])))
    if level is not None:
        note_on_device(session, task.device, level)
        if task.medium:
            note_on_medium(session, task.medium, (level,))
    return Settled(record, task, decision, tuple(consents))


def close_task(session: ActSession, record: Record, **members: Any) -> None:
    """Note on the task that it is done, and what came of it."""
    session.change(record, finished_at=shown_at(session.at), state="done", **members)


def require_assigned(session: ActSession, task_id: str) -> Record:
    """Return a task that waits to be finished; raises `OutOfOrder` for any other."""
    record = session.require(REPRODUCTION, task_id)
    if record["state"] != "assigned":
        raise OutOfOrder(
            "reproduction.settled", "this task waits for nobody: it is {state}",
            hint="look at `cordiale where` for the item", state=record["state"],
        )
    return record


def asked_duty(request: str) -> str:
    """Return the duty of the registry that a request for a reproduction opens."""
    return f"reproduce.{request}"


def close_asked(session: ActSession, request: str, *, state: str, by: str, reason: str = "") -> Record:
    """Note what became of a request for a reproduction; raises `OutOfOrder` for one that was answered before."""
    asked = session.require(ASKED_REPRODUCTION, request)
    if asked["state"] != "asked":
        raise OutOfOrder(
            "reproduction.answered", "this request was answered before", hint="nothing was changed"
        )
    discharge(session, asked_duty(request), by)
    return session.change(asked, answered_at=shown_at(session.at), by=by, reason=reason or None, state=state)


def post_of(books: Books, id: str) -> str:
    """Return the post of a person, as a register entry names them."""
    person: Person = require_person(books, id)
    return person.post
