"""Reproduce: the registry assigns a copy, translation or extract, a cleared person makes it, and it is entered at once.

Between assigning and finishing everything may change, so everything is decided
again at the end: the consent, the clearance, whether the item is still here.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.limits import REPRODUCED_COUNT_MAX, SHEETS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of
from cordiale.model.names import parse_identifier
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import count_use
from cordiale.records.equipment import require_medium
from cordiale.records.folders import require_empty
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.lineage import number_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.reproduced import enter_copies, report
from cordiale.records.reproductions import (
    REPRODUCTION,
    WAITS_FOR_OTHERS,
    Made,
    Task,
    close_asked,
    close_task,
    consents_used,
    decide_task,
    require_assigned,
    require_held_copy,
    settle_task,
    task_binding,
    task_of,
    the_held_copy,
)
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.rules.extract import find_portions
from cordiale.rules.offices import OfficialAct
from cordiale.rules.reproduction import REPRODUCTIONS
from cordiale.wire.translation_notes import require_note

_LETTERS: Final = {Act.TRANSLATE: "t", Act.EXTRACT: "e"}


def assign(registry: Registry, request: Request) -> Answer:
    """Assign a reproduction to a person, as the registry; refused at once where no number of persons may do it."""
    fields = request.act.fields()
    item_id, copy_id, asked = fields.text("item"), fields.optional_text("copy"), fields.optional_text("request")
    read = _read_task(fields)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.REPRODUCE)
        require_allowed(office)
        require_empty(session, session.require(ITEM, item_id))
        copy = require_held_copy(registry, session, copy_id or the_held_copy(registry, session, item_id))
        if copy["item"] != item_id:
            raise OutOfOrder("reproduction.other-item", "the copy is one of another item", hint="check its number")
        if read["form"] == ItemForm.MEDIUM or read["medium"]:
            require_medium(session, read["medium"])
        task = Task(copy=copy.id, **{**read, "maker": read["maker"] or actor.id})
        decision = decide_task(registry, session, task)
        waiting = [one for one in decision.reasons if one.code in WAITS_FOR_OTHERS]
        require_allowed(decision_of(decision.act, [one for one in decision.reasons if one not in waiting]))
        consents = consents_used(registry, session, task)
        count_use(session, consents)
        derived = _name_derived(session, copy, task)
        if asked is not None:
            _answer_asked(session, asked, item_id, by=request.act.id)
        session.put(REPRODUCTION, request.act.id, {
            **task.body(), **derived, "assigned_at": shown_at(session.at), "assigned_by": actor.id,
            "consents": consents, "item": item_id, "state": "assigned",
        }, expect=0)
        return {
            "copy": copy.id, **derived, "item": item_id, "maker": task.maker, "obligations": list(decision.obligations),
            "task": request.act.id, "waits_for": [str(one) for one in waiting],
        }

    hidden = hide_from_strangers(item_id, run, OfficialAct.REPRODUCE)
    return commit_personal(registry, request, hidden, subject=item_id)


def _answer_asked(session: ActSession, asked: str, item: str, *, by: str) -> None:
    if close_asked(session, asked, state="assigned", by=by)["item"] != item:
        raise OutOfOrder("reproduction.other-request", "another item was asked for", hint="check the request")


def _name_derived(session: ActSession, copy: Record, task: Task) -> dict[str, str]:
    """Return, for a translation or an extract, the identifier its item will have; none for copies.

    It is given now, because what is sealed names it before it is entered. Whatever it needs besides is looked for
    now too: the note in its language, the parts it is taken from.
    """
    if task.act is Act.COPY:
        return {}
    label = label_of(session.require(ITEM, copy["item"]))
    if task.act is Act.TRANSLATE:
        require_note(task.language, label)
    find_portions(label, task.portions)
    count = int(copy.body.get("derivations", 0)) + 1
    session.change(copy, derivations=count)
    return {"derived": parse_identifier(f"{copy.id}.{_LETTERS[task.act]}{count}")}


def _read_task(fields: Fields) -> dict[str, Any]:
    act = fields.choice("act", Act)
    recipients = fields.texts("recipients", max_count=REPRODUCED_COUNT_MAX) if fields.has("recipients") else ()
    number = fields.optional_integer("number", 1, REPRODUCED_COUNT_MAX) or max(1, len(recipients))
    form = fields.optional_choice("form", ItemForm) or ItemForm.FILE
    is_form = form in (ItemForm.FILE, ItemForm.PAPER, ItemForm.MEDIUM)
    if act not in REPRODUCTIONS or (number != 1 and act is not Act.COPY) or not is_form:
        raise Malformed(
            "reproduction.task", "a task is to make copies, or one translation or extract, as file, paper or medium",
            hint="choose copy, translate or extract, and a number for copies only",
        )
    if recipients and len(recipients) != number:
        raise Malformed(
            "reproduction.recipients", "copies to be made: {number}; persons named for them: {count}",
            hint="name one person for each copy, or none", number=number, count=len(recipients),
        )
    return {
        "act": act, "purpose": fields.text("purpose"), "maker": fields.optional_text("maker") or "", "number": number,
        "recipients": tuple(recipients), "form": form.value, "device": fields.optional_text("device") or "",
        "medium": fields.optional_text("medium") or "",
        "is_urgent": fields.boolean("urgent") if fields.has("urgent") else False,
        "language": fields.optional_text("language") or "",
        "portions": fields.texts("portions", max_count=1_000) if fields.has("portions") else (),
    }


def witness(registry: Registry, request: Request) -> Answer:
    """Join a reproduction with one's own key, over exactly the task that was shown, where the layers ask several."""
    fields = request.act.fields()
    task_id, binding = fields.text("task"), fields.text("binding")
    fields.end()
    found = registry.record(REPRODUCTION, task_id)
    subject = found["item"] if found is not None else ""

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        record = require_assigned(session, task_id)
        # A witness need not read it; but that joining succeeds would tell a stranger that the item is there.
        require_known(session, actor, session.require(ITEM, record["item"]), OfficialAct.REPRODUCE)
        if actor.id == record["maker"] or actor.id in record["witnesses"]:
            raise OutOfOrder(
                "reproduction.same-person", "you have part in this reproduction already", hint="ask another person"
            )
        if binding != task_binding(registry.mode, session, record):
            raise Unverified(
                "reproduction.other-task", "what you signed is not the task as it stands in the books",
                hint="look at the task again and sign what you see",
            )
        changed = session.change(record, witnesses=[*record["witnesses"], actor.id])
        # What the task itself counts for does not stand against it.
        count_use(session, record["consents"], sign=-1)
        decision = decide_task(registry, session, task_of(changed.body))
        count_use(session, record["consents"])
        waiting = [one for one in decision.reasons if one.code in WAITS_FOR_OTHERS]
        require_allowed(decision_of(decision.act, [one for one in decision.reasons if one not in waiting]))
        return {"item": record["item"], "task": task_id, "waits_for": [str(one) for one in waiting]}

    hidden = hide_from_strangers(subject, run, OfficialAct.REPRODUCE)
    return commit_personal(registry, request, hidden, subject=subject)


def finish(registry: Registry, request: Request) -> Answer:
    """Enter the copies one has made, as the person whom the task was assigned to; with their number of pages."""
    fields = request.act.fields()
    task_id = fields.text("task")
    pages = fields.optional_integer("pages", 1, SHEETS_COUNT_MAX)
    fields.end()
    found = registry.record(REPRODUCTION, task_id)
    subject = found["item"] if found is not None else ""
    known = registry.record(ITEM, subject) if subject else None
    log = known.body.get("agreement", "internal") if known is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        settled = settle_task(registry, session, actor, task_id)
        if settled.task.act is not Act.COPY:
            raise OutOfOrder(
                "reproduction.to-deliver", "a translation or an extract is delivered, as an item of its own",
                hint="use `cordiale reproduce deliver`",
            )
        made = Made(settled.task, task_id, settled.decision, pages)
        copies = enter_copies(registry, session, made)
        message = report(registry, session, made, copies, consents=settled.consents)
        close_task(session, settled.record, copies=[one.id for one in copies], report=message)
        return {
            "copies": [one.id for one in copies], "item": settled.record["item"],
            "numbers": [number_of(session, one) for one in copies], "reported": bool(message), "task": task_id,
        }

    return commit_personal(registry, request, hide_from_strangers(subject, run), log=log, subject=subject)


def withdraw(registry: Registry, request: Request) -> Answer:
    """Withdraw an assigned reproduction, as its maker or as the registry; what it counted for is given back."""
    fields = request.act.fields()
    task_id = fields.text("task")
    fields.end()
    found = registry.record(REPRODUCTION, task_id)
    subject = found["item"] if found is not None else ""

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        known = session.get(REPRODUCTION, task_id)
        if known is None or actor.id != known["maker"]:
            require_allowed(decide_office_now(session, actor, OfficialAct.REPRODUCE))
        record = require_assigned(session, task_id)
        count_use(session, record["consents"], sign=-1)
        session.change(record, state="withdrawn", withdrawn_at=shown_at(session.at), withdrawn_by=actor.id)
        return {"item": record["item"], "task": task_id}

    hidden = hide_from_strangers(subject, run, OfficialAct.REPRODUCE)
    return commit_personal(registry, request, hidden, subject=subject)
