"""Destruction in a crisis: done by the printed list while nothing else works, entered afterwards by two persons.

Nobody is asked beforehand and no register is waited for. With the second
person's key the copies end, each with its certificate, and their originator is
told at once what happened.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.limits import CRISIS_COPIES_COUNT_MAX, PREDECESSORS_COUNT_MAX
from cordiale.message.bodies.certificate import PERSONS_COUNT_MAX, Ending
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.model.agreement import Act
from cordiale.model.decision import Decision, decision_of, refusal
from cordiale.model.names import CopyId
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import discharge, open_duty
from cordiale.records.endings import End, certify_ended, end_copy, is_told
from cordiale.records.holdings import is_held, require_copy
from cordiale.records.items import COPY, ITEM, view_of
from cordiale.records.own_ending import end_own_copies, erase_own
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of, require_person
from cordiale.records.rehomings import stands_under
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import Thread, tell_originator
from cordiale.records.term_duties import await_crisis_report, crisis_report_duty
from cordiale.rules.disposal import DisposalRequest, decide_disposal
from cordiale.rules.offices import OfficialAct

CRISIS: Final = "crisis"


def enter_crisis(registry: Registry, request: Request) -> Answer:
    """Enter what was destroyed in a crisis, by the numbers on the printed list; it waits for a second person.

    The copies of one entry came under one agreement, or are our own.
    """
    fields = request.act.fields()
    numbers = fields.texts("numbers", max_count=CRISIS_COPIES_COUNT_MAX)
    happened_at = parse_instant(fields.text("happened_at"))
    said = {name: fields.text(name) for name in ("circumstances", "method", "ordered_by")}
    residue = fields.optional_text("residue")
    done_by = fields.texts("done_by", max_count=PERSONS_COUNT_MAX)
    fields.end()
    if not done_by:
        raise Malformed(
            "certificate.persons", "a certificate names the posts of 1 to {count} persons and their witnesses",
            hint="name them", count=PERSONS_COUNT_MAX,
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ENTER_CRISIS))
        _require_past(happened_at, session.at)
        for id in done_by:
            require_person(session, id)
        copies = sorted({require_copy(session, one.strip(), registry.party).id for one in numbers})
        agreement = _one_agreement(session, copies)
        session.put(CRISIS, request.act.id, {
            **said, "agreement": agreement, "copies": copies, "done_by": list(done_by),
            "entered_at": shown_at(session.at), "entered_by": actor.id, "happened_at": shown_at(happened_at),
            "state": "entered",
            **({"residue": residue} if residue else {}),
        }, expect=0)
        if agreement:
            items = {str(session.require(COPY, one)["item"]) for one in copies}
            await_crisis_report(registry, session, request.act.id, happened_at, items=[
                session.require(ITEM, one) for one in sorted(items)
            ])
        return {"copies": len(copies), "crisis": request.act.id}

    return commit_personal(registry, request, run, subject=request.act.id)


def _require_past(happened_at: datetime, now: datetime) -> None:
    if happened_at > now:
        raise Malformed("crisis.future", "what is entered has not happened yet", hint="give the time it happened")


def _one_agreement(session: ActSession, copies: list[str]) -> str:
    found = {str(session.require(COPY, one).body.get("agreement", "")) for one in copies}
    if len(found) != 1:
        raise Malformed(
            "crisis.agreements", "the copies of one entry are all our own, or all came under one agreement",
            hint="enter those of each agreement by themselves",
        )
    return next(iter(found))


def confirm_crisis(registry: Registry, request: Request) -> Answer:
    """Confirm an entry as the second person: the copies end, certificates and the report to the originator leave."""
    fields = request.act.fields()
    crisis_id = fields.text("crisis")
    fields.end()
    found = registry.record(CRISIS, crisis_id)
    log = log_of(registry, CRISIS, crisis_id)
    items = _items_of(registry, found)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.ENTER_CRISIS)
        crisis = session.require(CRISIS, crisis_id)
        if crisis["entered_by"] == actor.id:
            raise Refused(decision_of("crisis", [refusal(
                "crisis.same-person", "whoever entered it does not confirm it"
            )]))
        if crisis["state"] != "entered":
            raise OutOfOrder("crisis.settled", "this entry was confirmed before", hint="nothing was changed")
        numbers, article = _end_all(registry, session, crisis, (require_person(session, crisis["entered_by"]), actor))
        if crisis["agreement"]:
            _report(registry, session, crisis, article)
            discharge(session, crisis_report_duty(crisis_id), request.act.id)
        session.change(crisis, confirmed_at=shown_at(session.at), confirmed_by=actor.id, state="confirmed")
        open_duty(session, f"crisis-authority.{crisis_id}", what="crisis-authority", owner=registry.party,
                  subject=crisis_id, due=session.at.date())
        return {"certificates": numbers, "crisis": crisis_id}

    answer = commit_personal(registry, request, run, log=log, subject=crisis_id)
    # What fails here stands among the duties: it is done when the act is repeated, and by the node itself.
    for item in items:
        certify_ended(registry, item.id)
        if item["origin_party"] == registry.party:
            erase_own(registry, item)
    return answer


def _items_of(registry: Registry, crisis: Record | None) -> list[Record]:
    copies = [registry.record(COPY, id) for id in crisis["copies"]] if crisis is not None else []
    ids = dict.fromkeys(str(copy["item"]) for copy in copies if copy is not None)
    return [item for item in (registry.record(ITEM, id) for id in ids) if item is not None]


def _end_all(
    registry: Registry, session: ActSession, crisis: Record, persons: tuple[Person, ...]
) -> tuple[list[str], str]:
    """End every copy of the entry, and return the numbers of the certificates and the provision."""
    numbers, articles = list[str](), dict[str, None]()
    done_by = tuple(require_person(session, one) for one in crisis["done_by"])
    named, own = [session.require(COPY, id) for id in crisis["copies"]], dict[str, End]()
    for copy in named:
        item = session.require(ITEM, copy["item"])
        if not is_held(copy, registry.party):
            raise OutOfOrder(
                "crisis.copy-gone", "a copy of this entry has ended since it was entered",
                hint="look at `cordiale where`, and enter the others anew",
            )
        decision = _decide(registry, session, item, persons)
        require_allowed(decision)
        basis = "; ".join(decision.consulted) or "-"
        articles |= dict.fromkeys(decision.consulted)
        end = End(Ending.DESTROYED, crisis["method"], done_by, (), basis)
        if item["origin_party"] == registry.party:
            own[item.id] = end
        else:
            numbers.append(end_copy(registry, session, copy, end))
    for id, end in own.items():
        ended = frozenset(copy.id for copy in named if copy["item"] == id)
        end_own_copies(registry, session, session.require(ITEM, id), end, ended)
    return numbers, "; ".join(articles) or "-"


def _decide(registry: Registry, session: ActSession, item: Record, persons: tuple[Person, ...]) -> Decision:
    return decide_disposal(DisposalRequest(
        act=Act.CRISIS_DESTROY, item=view_of(registry, session, item), persons=persons, purpose="crisis",
        absences=absences_of(session),
    ), now=session.at)


def _report(registry: Registry, session: ActSession, crisis: Record, article: str) -> None:
    """Tell the originator of the copies that it knows of, after the reports by which it knows of them."""
    told = [copy for id in crisis["copies"] if is_told(copy := session.require(COPY, id))]
    if not told:
        return
    party = session.require("consignment", told[0]["consignment"])["party"]
    reports = {str(copy["report"]) for copy in told if "report" in copy.body}
    waiting = [one for one in map(session.reads.outbox, sorted(reports)) if one is not None and one.state == "waiting"]
    body = CrisisReport(
        crisis.id, tuple(CopyId(copy.id) for copy in told), parse_instant(crisis["happened_at"]),
        crisis["circumstances"], article,
    )
    tell_originator(
        registry, session, (party, crisis["agreement"], crisis.id), body,
        thread=Thread(tuple(one.id for one in waiting[-PREDECESSORS_COUNT_MAX // 2:])),
    )


def take_crisis_report(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a partner destroyed copies of ours in a crisis; our authority looks at it. Certificates end them."""
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, CrisisReport):
        raise Malformed("crisis.other", "this is not a report on a crisis", hint="report this as a defect")
    copies = [session.get(COPY, id) for id in body.copies]
    if not all(
        copy is not None and copy["party"] == party and stands_under(session, copy, arrived.message.agreement)
        for copy in copies
    ):
        raise Unverified(
            "crisis.copy-not-there", "the report speaks of a copy that the partner does not have",
            hint="nothing was entered; ask the partner which copy it means",
        )
    session.put("crisis-report", arrived.message.id, {
        "agreement": arrived.message.agreement, "article": body.article, "circumstances": body.circumstances,
        "copies": list(body.copies), "happened_at": shown_at(body.happened_at), "party": party, "report": body.report,
        "received_at": shown_at(session.at),
    }, expect=0)
    open_duty(session, f"crisis-reported.{arrived.message.id}", what="crisis-reported", owner=registry.party,
              subject=arrived.message.id, due=None)
