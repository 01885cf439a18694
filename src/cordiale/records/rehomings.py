"""Re-homing: from a day on, what stands under one agreement stands under the one that follows it.

Each party says so; when all have, on the latest of their days, each node moves its own copies and items. Consents
and duties go along where every party said so, and stay under the old agreement otherwise.
A row that moved names where it stood before, and its versions tell the rest. What has no level under the agreement
that follows stays, under the old one and all of its duties, and is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.message.bodies.rehoming import Carried, Rehoming
from cordiale.model.names import PartyId
from cordiale.records.agreements import AGREEMENT, OPEN_STAGES, load_index, standing_of
from cordiale.records.consents import CONSENT
from cordiale.records.duties import DUTY, Due, change_duty, discharge, open_duty
from cordiale.records.items import COPY, ITEM
from cordiale.records.labels import label_of, original_label_of
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.terms import terms_of
from cordiale.wire.label_json import marking_to_json

REHOMING: Final = "rehoming"
FORMERLY: Final = "formerly"


def rehoming_id(predecessor: str, successor: str) -> str:
    """Return the identifier of the re-homing from one agreement to the one that follows it."""
    return f"{predecessor}/{successor}"


def enter_word(
    session: ActSession, successor: str, party: PartyId, word: Rehoming, *, told: tuple[str, ...] = ()
) -> Record:
    """Enter that `party` says that what stands under the predecessor stands under `successor` from a day on.

    With the last party's word it is agreed, for the latest of the days, and what every party named goes along. Until
    then a party may say otherwise; after it that is refused, and where two words cross the earlier one stands at both.
    `told` are the messages that tell our own word.
    """
    record = session.get(REHOMING, rehoming_id(word.predecessor, successor))
    words: dict[str, Any] = record["words"] if record is not None else {}
    said = {
        "article": word.article, "carries": [one.value for one in word.carries], "on": word.effective_on.isoformat(),
    }
    if record is not None and record["state"] != "said":
        if words.get(party) == said:
            return record
        raise OutOfOrder(
            "rehome.agreed", "every party has said so, and what was agreed stands", hint="nothing was changed"
        )
    kept = told or (record.body.get("told", ()) if record is not None else ())
    return _put(session, word.predecessor, successor, {**words, party: said}, list(kept))


def _put(session: ActSession, predecessor: str, successor: str, words: dict[str, Any], told: list[str]) -> Record:
    parties = set(session.require(AGREEMENT, successor)["parties"])
    is_agreed = parties <= set(words)
    body: dict[str, Any] = {
        "from": predecessor, "moved": 0, "state": "agreed" if is_agreed else "said", "to": successor, "told": told,
        "words": words,
    }
    if is_agreed:
        body["on"] = max(str(one["on"]) for one in words.values())
        body["carries"] = sorted(set.intersection(*(set(one["carries"]) for one in words.values())))
    return session.put(REHOMING, rehoming_id(predecessor, successor), body)


def await_words(registry: Registry, session: ActSession, rehoming: Record) -> None:
    """Make due the word of every party that has not given it, and let that of the others be done."""
    for party in session.require(AGREEMENT, rehoming["to"])["parties"]:
        id = f"answer-rehoming.{rehoming.id.replace('/', '.')}.{party.lower()}"
        if party in rehoming["words"]:
            discharge(session, id, f"{session.log} {session.index}")
        elif session.get(DUTY, id) is None:
            open_duty(
                session, id, what="answer-rehoming", owner=PartyId(party), subject=rehoming["to"],
                due=Due(agreement=rehoming["to"]),
            )


def note_word_refused(registry: Registry, session: ActSession, successor: str, word: Rehoming, message: str) -> None:
    """Note that a partner's node refused the word of ours that `message` told: the one before it stands again."""
    party = registry.party
    record = session.get(REHOMING, rehoming_id(word.predecessor, successor))
    if record is None or record["state"] == "done" or message not in record.body.get("told", ()):
        return
    versions = map(open_record, reversed(session.reads.versions(REHOMING, record.id)))
    before = next((one for one in versions if party in one["words"] and message not in one.body.get("told", ())), None)
    words = {name: one for name, one in record["words"].items() if name != party}
    if before is not None:
        words[party] = before["words"][party]
    told = list(before["told"]) if before is not None else []
    await_words(registry, session, _put(session, word.predecessor, successor, words, told))


def is_open(books: Books, rehoming: Record) -> bool:
    """Tell whether the day of a re-homing has come and the agreement that follows can hold what moves.

    Nothing moves before every partner has answered our word: one that refuses it goes by the one before.
    """
    told = map(books.reads.outbox, rehoming.body.get("told", ()))
    if any(row is not None and row.state == "waiting" for row in told):
        return False
    successor = books.get(AGREEMENT, rehoming["to"])
    today = books.at.date()
    return (
        rehoming.body.get("on", "9999") <= today.isoformat() and successor is not None
        and standing_of(successor, today) in OPEN_STAGES
    )


def stands_under(books: Books, moved: Record, agreement: str) -> bool:
    """Tell whether a copy, or an item that came, stands under `agreement`, stood there before, or is about to.

    The nodes of the parties move what they have at different moments, and what was written before arrives after.
    """
    now = moved.body.get("agreement", "")
    if agreement == now or agreement in moved.body.get(FORMERLY, ()):
        return True
    record = books.get(REHOMING, rehoming_id(now, agreement))
    return record is not None and record["state"] != "said"


def move(registry: Registry, session: ActSession, rehoming: Record, copies: list[Record]) -> list[str]:
    """Move `copies`, with the items of partners that they are of; return those that have no level there."""
    index = load_index(session.reads, rehoming["to"], registry.party)
    left: list[str] = []
    for found in copies:
        copy = session.require(COPY, found.id)
        item = session.get(ITEM, copy["item"])
        if copy["agreement"] != rehoming["from"] or item is None:
            continue
        marked = _marked(item, PartyId(copy["party"]), index, session)
        if marked is None:
            left.append(copy.id)
            continue
        session.change(copy, **_moved(copy, rehoming))
        if item.body.get("agreement") == rehoming["from"]:
            session.change(item, **_moved(item, rehoming), **marked)
        if Carried.CONSENTS in rehoming["carries"]:
            _carry_consents(session, rehoming, item, index)
        if Carried.DUTIES in rehoming["carries"]:
            _carry_duties(session, rehoming, (copy.id, item.id))
    return left


def _carry_consents(session: ActSession, rehoming: Record, item: Record, index: RuleIndex) -> None:
    """Let consents on an item count under the agreement that follows; one for a category only where that names it."""
    categories = {term.note for term in terms_of(index, "consent.category")}
    for consent in session.each(CONSENT, "item", str(item.body.get("root", item.id))):
        if consent["agreement"] == rehoming["from"] and consent.body.get("category", "") in {"", *categories}:
            session.change(consent, **_moved(consent, rehoming))


def _carry_duties(session: ActSession, rehoming: Record, subjects: tuple[str, ...]) -> None:
    """Let what is still due on a copy and its item be asked for under the agreement that follows."""
    for duty in [one for subject in subjects for one in session.each(DUTY, "subject", subject)]:
        if duty["state"] in ("open", "planned") and duty.body.get("agreement") == rehoming["from"]:
            change_duty(session, duty, **_moved(duty, rehoming))


def _marked(item: Record, recipient: PartyId, index: RuleIndex, session: ActSession) -> dict[str, Any] | None:
    """Return the markings of `item` derived anew, None where the level in effect has no equivalent.

    That of the level it came with stands beside its label, that in effect beside the change that brought it.
    """
    in_effect, first = (
        decide_equivalence(label, recipient, index=index, on=session.at.date())[1]
        for label in (label_of(item), original_label_of(item))
    )
    if in_effect is None:
        return None
    marks = [dict(one) for one in item.body.get("marks", ())]
    changed = [one for one in marks if "after" in one]
    if changed:
        changed[-1]["marking"] = marking_to_json(in_effect)
    kept = {"marking": marking_to_json(first)} if first is not None else {}
    return kept | ({"marks": marks} if changed else {})


def _moved(record: Record, rehoming: Record) -> Mapping[str, Any]:
    return {"agreement": rehoming["to"], FORMERLY: [*record.body.get(FORMERLY, []), rehoming["from"]]}


def note_moved(session: ActSession, rehoming: Record, count: int, *, is_done: bool) -> None:
    """Note how many copies have moved, and when all had."""
    current = session.require(REHOMING, rehoming.id)
    done = {"done_at": shown_at(session.at), "state": "done"} if is_done and current["state"] != "done" else {}
    if count or done:
        session.change(current, moved=int(current["moved"]) + count, **done)
