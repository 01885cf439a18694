"""What a finished reproduction leaves in the books: copies with numbers and lineage, entries, and the report.

Entered at once, with the act that made them. The number of what was made is
noted on the copy it was made from. A reproduction inherits under what its parent
is held: agreement, purpose, and the item at the root of the tree.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from cordiale.canonical import parse_base64url
from cordiale.errors import OutOfOrder, Unverified
from cordiale.message.bodies.copy_report import CopyReport, MadeCopy
from cordiale.model.agreement import Act
from cordiale.model.names import ConsentId, CopyId, ItemId
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import Due, acknowledged, open_duty
from cordiale.records.endings import is_told
from cordiale.records.items import COPY, ENTRY, ITEM, require_at_partner, view_of
from cordiale.records.labels import label_of
from cordiale.records.lineage import list_ancestors, number_of, root_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.rehomings import stands_under
from cordiale.records.reproductions import REPRODUCTION, URGENT_REPORT, Made, Task, numbers_for, post_of
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import Thread, tell_originator, told_party
from cordiale.records.term_duties import plan_central_entry
from cordiale.rules.extract import find_portions, floor_of
from cordiale.rules.terms import moment_from
from cordiale.rules.terms_here import holidays_here, terms_here
from cordiale.wire.scheme_table import load_schemes, schemes_for
from cordiale.wire.translation_notes import require_note

_DONE: Final = {Act.COPY: "copied", Act.TRANSLATE: "translated", Act.EXTRACT: "extracted"}
_INHERITED: Final = ("agreement", "consignment", "purpose")


def enter_copies(registry: Registry, session: ActSession, made: Made) -> list[Record]:
    """Enter the numbered copies of `made`, each with its recipient, and note their number on the parent."""
    task = made.task
    parent = session.require(COPY, task.copy)
    item = session.require(ITEM, parent["item"])
    numbers = numbers_for(registry, session, task)
    own = item["origin_party"] == registry.party
    parent = session.change(parent, reproduced=numbers[-1] if not own else int(parent.body.get("reproduced", 0)) + len(
        numbers
    ))
    copies = []
    for place, number in enumerate(numbers):
        id = f"{item.id}.c{number}" if own else f"{parent.id}.{number}"
        body = lineage_body(parent, item) | {
            "copies_total": numbers[-1], "copy_number": number, "form": task.form, "item": item.id,
            "made_at": shown_at(session.at), "made_by": made.id, "party": registry.party, "state": parent["state"],
        }
        if task.recipients:
            body["recipient"] = task.recipients[place]
        if made.pages is not None:
            body["pages"] = made.pages
        if "reference" in parent.body:
            body["reference"] = parent["reference"]
        copies.append(session.put(COPY, id, body, expect=0))
        _enter(session, made, item, copies[-1])
    return copies


_PASSED_ON: Final = (
    "agreement", "channel", "declassified_at", "declassified_by", "label", "marking", "marks", "origin_party",
    "purposes", "readers", "subject", "their_reference",
)


def enter_derived(registry: Registry, session: ActSession, made: Made, content: dict[str, Any]) -> Record:
    """Enter the translation or extract of `made` as an item of its own, with the members `content` has of it."""
    task, parent = made.task, session.require(COPY, made.task.copy)
    whole = session.require(ITEM, parent["item"])
    own = whole["origin_party"] == registry.party
    book = "own" if own else whole["origin_party"]
    number = session.take_number("own" if own else f"foreign.{book}")
    reference = f"{registry.party}-{session.at.year}-{number:04d}" if own else (
        f"{registry.party}/{book}-{session.at.year}-{number:04d}"
    )
    body: dict[str, Any] = {
        **{name: whole[name] for name in _PASSED_ON if name in whole.body}, **content,
        "derivation": task.act.value, "derived_from": parent.id, "entered_by": task.maker, "form": task.form,
        "parent_item": whole.id, "reference": reference, "root": root_of(whole), "state": "registered",
        **_said_of(registry, task, whole),
    }
    if made.pages is not None:
        body["sheets"] = made.pages
    item = session.put(ITEM, derived_id(session, made), body, expect=0)
    plan_central_entry(registry, session, item)
    held = lineage_body(parent, whole) | {
        "copies_total": 1, "copy_number": 0 if own else 1, "form": task.form, "item": item.id,
        "made_at": shown_at(session.at), "made_by": made.id, "party": registry.party, "reference": reference,
        "state": parent["state"],
    }
    if not own and "envelope" in body:
        # So that the end of the copy removes the envelope, as that of any received copy does.
        held |= {"digest": parse_base64url(body["deposit_digest"]).hex(), "object": body["envelope"]}
    copy = session.put(COPY, f"{item.id}.0", held, expect=0)
    _enter(session, made, item, copy)
    return item


def derived_id(session: ActSession, made: Made) -> str:
    """Return the identifier that was given to the translation or extract when its task was assigned."""
    return str(session.require(REPRODUCTION, made.id)["derived"])


def _said_of(registry: Registry, task: Task, whole: Record) -> dict[str, Any]:
    """Return what only a translation, or only an extract, says of itself."""
    label = label_of(whole)
    if task.act is Act.TRANSLATE:
        return {"language": task.language, "note": require_note(task.language, label), "translator": task.maker}
    scheme = schemes_for(registry.mode, load_schemes())[label.level.scheme]
    floor = floor_of(label, find_portions(label, task.portions), scheme)
    return {"floor": str(floor), "portions": list(task.portions)}


def lineage_body(parent: Record, item: Record) -> dict[str, Any]:
    """Return what anything reproduced from `parent`, a copy of `item`, inherits from it in its record."""
    return {
        **{name: parent[name] for name in _INHERITED if name in parent.body},
        "parent": parent.id, "parent_item": item.id, "root": root_of(item),
    }


def _enter(session: ActSession, made: Made, item: Record, copy: Record) -> None:
    own = "agreement" not in item.body
    session.put(ENTRY, f"made.{copy.id}", {
        "act": _DONE[made.task.act], "at": shown_at(session.at), "author": post_of(session, made.task.maker),
        "book": "own" if own else item["origin_party"], "copy": copy.id, "copy_number": copy["copy_number"],
        "form": copy["form"], "item": item.id, "legal_basis": made.legal_basis,
        "level": str(label_of(item).level), "number": item["reference"], "numbered": number_of(session, copy),
        "purpose": made.task.purpose,
        **({"recipient": post_of(session, copy["recipient"])} if "recipient" in copy.body else {}),
        **({"sheets": copy["pages"]} if "pages" in copy.body else {}),
        **({"device": made.task.device} if made.task.device else {}),
        **({"urgent": "before the consent"} if made.task.is_urgent else {}),
        **({"language": item["language"]} if "language" in item.body else {}),
        **({"integrity": item["deposit_digest"]} if "envelope" in item.body and made.task.act is not Act.COPY else {}),
    }, expect=0)


def report(
    registry: Registry, session: ActSession, made: Made, copies: list[Record], *, consents: tuple[str, ...] = ()
) -> str:
    """Tell the originator of the foreign `copies` where the layers ask for it; return the message, or an empty text.

    A duty stands until the originator has acknowledged it.
    """
    notice = f"notice:{made.task.act.value}"
    if notice not in made.decision.obligations or "agreement" not in copies[0].body:
        return ""
    known = next(one for one in list_ancestors(session, copies[0]) if is_told(one))
    item = session.require(ITEM, known["item"])
    reported_item = known.body.get("reported_item", item.id)
    body = CopyReport(
        item=ItemId(reported_item), copy=CopyId(known.id), act=made.task.act,
        made=tuple(MadeCopy(CopyId(one.id), one["copy_number"], one["copies_total"]) for one in copies),
        made_on=session.at.date(), article=made.legal_basis, is_urgent=made.task.is_urgent,
        consents=tuple(ConsentId(one) for one in sorted(consents)),
    )
    posted = tell_originator(
        registry, session, (item["origin_party"], known["agreement"], copies[0].id), body,
        thread=Thread((known["report"],) if "report" in known.body else ()),
    )
    if posted is None:
        return ""
    for copy in copies:
        session.change(copy, report=posted.id, reported_item=reported_item)
    open_duty(
        session, acknowledged(posted.id), what="copy-report", owner=told_party(session, item["origin_party"]),
        subject=item.id,
        due=Due(message=posted.id, agreement=known["agreement"], on=_report_due(registry, session, made, item)),
    )
    return posted.id


def _report_due(registry: Registry, session: ActSession, made: Made, item: Record) -> datetime | None:
    """Return by when the originator must know of a copy made in urgency, None for any other reproduction."""
    if not made.task.is_urgent:
        return None
    view = view_of(registry, session, item)
    holidays = holidays_here(view)
    return min((moment_from(term, session.at, holidays) for term in terms_here(view, URGENT_REPORT)), default=None)


def take_copy_report(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner has reproduced from a copy of ours that is with it, as further copies that it holds."""
    body = arrived.message.body
    if not isinstance(body, CopyReport):
        raise OutOfOrder("copy-report.other", "this is not a report of copies", hint="report this as a defect")
    parent = require_at_partner(session, body.copy, party=arrived.partner.party, item=body.item)
    if not stands_under(session, parent, arrived.message.agreement):
        raise Unverified(
            "copy-report.other-agreement", "the copy was not provided under the agreement the report names",
            hint="nothing was entered; ask the partner for it under the right agreement",
        )
    item = session.require(ITEM, body.item)
    for one in body.made:
        if session.get(COPY, one.copy) is not None:
            raise Unverified(
                "copy-report.known", "a copy of this identifier was reported before",
                hint="nothing was entered; ask the partner whether its node was restored from a backup",
            )
        copy = session.put(COPY, one.copy, lineage_body(parent, item) | {
            "act": body.act.value, "copies_total": one.total, "copy_number": one.number, "form": parent["form"],
            "item": body.item, "made_by": arrived.message.id, "party": arrived.partner.party, "state": "with-partner",
        }, expect=0)
        _enter_reported(session, arrived, body, (item, copy))


def _enter_reported(session: ActSession, arrived: Arrived, body: CopyReport, what: tuple[Record, Record]) -> None:
    item, copy = what
    made_on: date = body.made_on
    session.put(ENTRY, f"reported.{copy.id}", {
        "act": f"{_DONE[body.act]}-by-partner", "at": shown_at(session.at), "book": "dispatch", "copy": copy.id,
        "copy_number": copy["copy_number"], "form": copy["form"], "item": item.id, "legal_basis": body.article,
        "made_on": made_on.isoformat(), "number": item["reference"], "numbered": number_of(session, copy),
        "party": arrived.partner.party, **({"urgent": "before the consent"} if body.is_urgent else {}),
    }, expect=0)
