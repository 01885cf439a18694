"""Recall: the originator asks for copies back, or orders them back where the agreement gives that right.

What the originator cannot demand is only asked, and may be declined. Each copy
is answered for; what comes back is a return like any other, with a certificate.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.limits import RETURN_COPIES_COUNT_MAX
from cordiale.message.bodies.return_answer import CopyAnswer, ReturnAnswer, ReturnOutcome
from cordiale.message.bodies.return_request import ReturnKind, ReturnRequest
from cordiale.model.agreement import Act, Ruling
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import CopyId, ItemId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import COPY, ITEM, require_own
from cordiale.records.labels import label_of
from cordiale.records.lineage import list_tree
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.rehomings import stands_under
from cordiale.records.releases import version_of
from cordiale.records.returns import RETURN_REQUEST, duty_to_answer, duty_to_return, settle_returns
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers
from cordiale.records.tell_originator import Thread, tell_originator
from cordiale.rules.layers import Scope
from cordiale.rules.offices import OfficialAct
from cordiale.rules.rulings import cite
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_day

_GONE = {"returned": ReturnOutcome.RETURNED, "destroyed": ReturnOutcome.DESTROYED,
         "ceded": ReturnOutcome.CEDED}


def ask_return(registry: Registry, request: Request) -> Answer:
    """Ask a partner for the copies of our item that it has; an order where the layers require it to follow one."""
    fields = request.act.fields()
    item_id, party = fields.text("item"), parse_party_id(fields.text("party"))
    reason, by = fields.text("reason"), fields.optional_text("by")
    numbers = fields.array("copies", max_count=RETURN_COPIES_COUNT_MAX) if fields.has("copies") else ()
    fields.end()
    day = parse_day(by) if by else None
    found = _with_partner(registry.books(), item_id, party)
    log = str(found[0]["agreement"]) if found else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ASK_RETURN))
        item = require_own(registry, session.require(ITEM, item_id))
        copies = [one for one in _with_partner(session, item_id, party) if not numbers or one["copy_number"] in numbers]
        if not copies or len(copies) > RETURN_COPIES_COUNT_MAX or {one["agreement"] for one in copies} != {log}:
            raise OutOfOrder(
                "return.none-there", "the partner has no copy of this item that could be asked back so",
                hint="look at `cordiale where`; what is on its way is asked back once it is receipted",
            )
        body = _request_of(registry, session, item, (party, log, [one.id for one in copies], reason, day))
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=body, agreement=log, version=version_of(session, log),
        ))
        _enter(session, posted.id, body, {"agreement": log, "direction": "out", "party": party})
        due = day or _answer_day(session, log, party, item)
        open_duty(session, duty_to_answer(posted.id), what="return-answer", owner=party, subject=item_id, due=Due(
            on=due, message=posted.id, agreement=log, basis=body.article,
        ))
        return {"copies": len(copies), "item": item_id, "kind": body.kind.value, "request": posted.id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.ASK_RETURN)
    return commit_personal(registry, request, hidden, log=log, subject=item_id)


def _with_partner(books: Books, item: str, party: str) -> list[Record]:
    """Return the copies in the tree of `item` that `party` has receipted or reported, by identifier."""
    there = [one for one in list_tree(books, item) if one["party"] == party and one["state"] == "with-partner"]
    return sorted(there, key=lambda one: one.id)


def _request_of(
    registry: Registry, session: ActSession, item: Record, what: tuple[PartyId, str, list[str], str, date | None]
) -> ReturnRequest:
    party, agreement, copies, reason, day = what
    scope = Scope(registry.party, party, label_of(item).level, party)
    article = _right_of_recall(session, agreement, (registry.party, party), scope)
    return ReturnRequest(
        item=ItemId(item.id), copies=tuple(map(CopyId, copies)), reason=reason, article=article, by=day,
        kind=ReturnKind.ORDER if article else ReturnKind.REQUEST,
    )


def _right_of_recall(books: Books, agreement: str, between: tuple[PartyId, PartyId], scope: Scope) -> str:
    """Return the provision by which the recipient must give back on demand, empty where there is none.

    It is asked as things stand `between` our own party and the partner: where one of the two has left, it has ended.
    """
    index = load_index(books.reads, agreement, *between)
    outcome = index.outcome(Act.RECALL, scope, on=books.at.date())
    return cite(outcome) if outcome.is_duty and outcome.ruling is not Ruling.FORBIDDEN else ""


def _answer_day(books: Books, agreement: str, party: PartyId, item: Record) -> date | None:
    index = load_index(books.reads, agreement, party)
    profile = index.state.profile
    if profile is None:
        return None
    terms = terms_of(index, "return.answer", party=party, level=label_of(item).level)
    return first_day(terms, books.at.date(), holidays_of(profile, profile.parties))


def _enter(session: ActSession, id: str, body: ReturnRequest, said: dict[str, str]) -> Record:
    return session.put(RETURN_REQUEST, id, {
        **said, "asked_at": shown_at(session.at), "copies": list(body.copies), "item": body.item,
        "kind": body.kind.value, "reason": body.reason, "state": "asked",
        **({"article": body.article} if body.article else {}),
        **({"by": body.by.isoformat()} if body.by else {}),
    }, expect=0)


def take_return_request(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that the originator wants copies back; what is gone already is answered at once, by the node.

    Whether it is an order is told from our own agreement, and not from what the partner calls it.
    """
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, ReturnRequest):
        raise Malformed("return.other", "this is not a request for return", hint="report this as a defect")
    copies = [session.get(COPY, id) for id in body.copies]
    item = session.get(ITEM, body.item)
    known = [one for one in copies if one is not None and _was_provided(session, one, body.item, arrived)]
    if item is None or item["origin_party"] != party or len(known) != len(body.copies):
        # Of every copy that the partner did not provide it is told the same: it learns nothing of what we hold.
        raise Unverified(
            "return.copy-not-there", "the partner asks back a copy that it did not provide",
            hint="nothing was entered; ask the partner which copy it means",
        )
    scope = Scope(party, registry.party, label_of(item).level, registry.party)
    article = _right_of_recall(session, arrived.message.agreement, (registry.party, party), scope)
    entered = _enter(session, arrived.message.id, body, {
        "agreement": arrived.message.agreement, "direction": "in", "party": party,
    })
    kind = ReturnKind.ORDER if article and body.kind is ReturnKind.ORDER else ReturnKind.REQUEST
    entered = session.change(entered, article=article if kind is ReturnKind.ORDER else None, kind=kind.value)
    if all(one["state"] in _GONE for one in known):
        _answer(registry, session, entered, keep=True)
        return
    open_duty(session, duty_to_answer(entered.id), what="return-answer", owner=registry.party, subject=body.item,
              due=Due(on=body.by or _answer_day(session, entered["agreement"], registry.party, item), basis=article))


def _was_provided(books: Books, copy: Record, item: str, arrived: Arrived) -> bool:
    named = {copy["item"], copy.body.get("reported_item"), copy.body.get("root")}
    is_theirs = copy["party"] != arrived.partner.party and stands_under(books, copy, arrived.message.agreement)
    is_told = "parent" not in copy.body or "reported_item" in copy.body
    return is_theirs and is_told and item in named


def answer_return(registry: Registry, request: Request) -> Answer:
    """Answer a request for return: what is here will be returned, or is kept where the agreement leaves us free."""
    fields = request.act.fields()
    request_id, keep = fields.text("request"), fields.boolean("decline")
    fields.end()
    found = registry.record(RETURN_REQUEST, request_id)
    log = log_of(registry, RETURN_REQUEST, request_id)
    subject = found["item"] if found is not None else ""

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        asked = session.require(RETURN_REQUEST, request_id)
        reasons = list(decide_office_now(session, actor, OfficialAct.GIVE_BACK).reasons)
        if keep and asked["kind"] == ReturnKind.ORDER.value:
            reasons.append(refusal(
                "return.ordered", "what the originator may recall is returned and cannot be kept", asked["article"]
            ))
        require_allowed(decision_of("return.answer", reasons))
        if asked["direction"] != "in" or asked["state"] != "asked":
            raise OutOfOrder("return.not-waiting", "this request waits for no answer", hint="look at `recall list`")
        return {"answers": _answer(registry, session, asked, keep=keep), "item": asked["item"], "request": request_id}

    hidden = hide_from_strangers(subject, run, OfficialAct.GIVE_BACK)
    return commit_personal(registry, request, hidden, log=log, subject=subject)


def _answer(registry: Registry, session: ActSession, asked: Record, *, keep: bool) -> dict[str, str]:
    """Send the answer on each copy, and make due what it promises; return the answers."""
    answers = tuple(_answer_on(session, id, keep=keep) for id in asked["copies"])
    posted = tell_originator(
        registry, session, (asked["party"], asked["agreement"], asked["item"]), ReturnAnswer(answers),
        thread=Thread(in_reply_to=asked.id),
    )
    outcomes = {str(one.copy): one.outcome.value for one in answers}
    promised = ReturnOutcome.WILL_RETURN.value in outcomes.values()
    session.change(asked, answered_at=shown_at(session.at), outcomes=outcomes,
                   state="answered" if promised else "settled")
    discharge(session, duty_to_answer(asked.id), posted.id if posted is not None else session.act_id)
    if promised:
        open_duty(session, duty_to_return(asked.id), what="return", owner=registry.party, subject=asked["item"],
                  due=Due(on=parse_day(asked["by"]) if "by" in asked.body else None,
                          basis=asked.body.get("article", "")))
    return outcomes


def _answer_on(session: ActSession, id: str, *, keep: bool) -> CopyAnswer:
    copy = session.require(COPY, id)
    gone = _GONE.get(copy["state"])
    if gone is not None:
        certificates = session.find("certificate", "copy", id)
        return CopyAnswer(CopyId(id), gone, str(certificates[0]["number"]) if certificates else "")
    return CopyAnswer(CopyId(id), ReturnOutcome.DECLINED if keep else ReturnOutcome.WILL_RETURN)


def take_return_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter the partner's answer; it must speak of exactly the copies that we asked for, and be to our own request."""
    body = arrived.message.body
    if not isinstance(body, ReturnAnswer):
        raise Malformed("return.other", "this is not an answer to a request", hint="report this as a defect")
    asked = session.get(RETURN_REQUEST, arrived.message.in_reply_to)
    is_ours = asked is not None and asked["direction"] == "out" and asked["party"] == arrived.partner.party
    if asked is None or not is_ours or [str(one.copy) for one in body.answers] != asked["copies"]:
        raise Unverified(
            "return.not-asked", "the answer is not to what we asked, or not by whom we asked",
            hint="nothing was changed; ask the partner which request it means",
        )
    if asked["state"] != "asked":
        raise OutOfOrder("return.answered", "this request was answered before", hint="nothing was changed")
    outcomes = {str(one.copy): one.outcome.value for one in body.answers}
    promised = [id for id, outcome in outcomes.items() if outcome != ReturnOutcome.DECLINED.value]
    asked = session.change(asked, answered_at=shown_at(session.at), outcomes=outcomes,
                           state="answered" if promised else "settled")
    discharge(session, duty_to_answer(asked.id), arrived.message.id)
    if not promised:
        return
    open_duty(session, duty_to_return(asked.id), what="return", owner=arrived.partner.party, subject=asked["item"],
              due=Due(on=parse_day(asked["by"]) if "by" in asked.body else None, message=asked.id,
                      agreement=asked["agreement"], basis=asked.body.get("article", "")))
    settle_returns(session, session.require(COPY, promised[0]), arrived.message.id)
