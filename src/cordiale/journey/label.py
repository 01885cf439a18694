"""Label: a content or a thing becomes an item of ours, labelled and sealed at once to our own registry.

Plaintext is never at rest: what comes in is encrypted as it comes, under a key
wrapped to this node. The register entry is written with the label, so that
nothing is labelled and not registered.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_base64url
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import decision_of
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.contents import reseal_as
from cordiale.records.contracts import list_label_reasons
from cordiale.records.deposits import Arriving, Plan, Sealed, take_deposit
from cordiale.records.descriptions import described_as
from cordiale.records.drafts import DRAFT, erase_left, issue_draft, place_of_draft, require_draft, require_edition
from cordiale.records.items import COPY, ENTRY, ITEM, described
from cordiale.records.joined import draft_joint, joined_with, open_joined
from cordiale.records.labelling import Labelling, list_draft_reasons, read_labelling
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal
from cordiale.records.reviews import plan_reviews
from cordiale.records.session import ActSession
from cordiale.records.term_duties import plan_central_entry
from cordiale.records.unentered import sealed_for
from cordiale.rules.drafts import LABEL_NOT_JOINED
from cordiale.rules.highwater import STATE_BANNER_REASON
from cordiale.rules.joined import ANY_NUMBER, LABEL, without_joined
from cordiale.rules.offices import OfficialAct
from cordiale.wire.label_json import label_to_json


def label_item(registry: Registry, request: Request) -> Answer:
    """Label a thing that has no content here (paper, a medium, equipment, an oral disclosure), or a draft that has one.

    Raises `Malformed` for a file that neither comes nor is one of a draft.
    """
    particulars = read_labelling(registry, request)
    if particulars.form is ItemForm.FILE:
        return _label_draft(registry, request, particulars)
    if particulars.content is not None:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return _commit(registry, request, particulars, None)


def _label_draft(registry: Registry, request: Request, labelling: Labelling) -> Answer:
    """Label the content of a draft without its being given again: it is sealed anew, as that of the item.

    The plaintext is in memory segment by segment and nowhere else. Raises `Malformed` where there is no such content.
    """
    before = answered_before(registry, request)
    if before is not None:
        return before
    books = registry.books()
    if list_draft_reasons(registry, books, request.person, labelling):
        # Nothing is sealed for whoever will be refused; the refusal is entered as every other.
        return _commit(registry, request, labelling, None, taken="")
    draft = books.get(DRAFT, labelling.draft) if labelling.draft else None
    if draft is None or "envelope" not in draft.body or labelling.content is not None:
        raise Malformed("label.no-content", "a file is labelled together with its content", hint="give the file")
    labelling.file_name = labelling.file_name or str(draft.body.get("file_name", ""))
    labelling.media_type = labelling.media_type or str(draft.body.get("media_type", ""))
    name = f"own.{request.act.id}.{registry.random.bytes_(4).hex()}"
    with sealed_for(registry, [name], (ITEM, labelling.item)):
        envelope = reseal_as(registry, place_of_draft(registry, draft), name, labelling.seal_request(registry))
        return _commit(registry, request, labelling, Sealed(name, envelope), taken=draft["envelope"])


def deposit(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Label a file: seal all that arrives to our own registry, then enter it. One act, whole or not at all.

    Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    return take_deposit(registry, opening, arriving, Plan(f"own.{opening.act.id}", _parse_file, _commit))


def _parse_file(registry: Registry, request: Request) -> Labelling:
    labelling = read_labelling(registry, request)
    if labelling.form is not ItemForm.FILE:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return labelling


def propose_label(registry: Registry, request: Request) -> Answer:
    """Lay the label that a draft is to get before those who join it; nothing is labelled by it.

    They join exactly this; another label, or another version of the draft, is proposed and joined anew.
    """
    labelling = read_labelling(registry, request)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        drafted = without_joined(list_draft_reasons(registry, session, actor, labelling), ANY_NUMBER)
        require_allowed(decision_of("label", [
            *decide_office_now(session, actor, OfficialAct.LABEL).reasons, *labelling.decision.reasons,
            *(one for one in drafted if one != LABEL_NOT_JOINED),
        ]))
        if not labelling.draft:
            raise Malformed(
                "label.no-draft", "a label is laid before others for a draft",
                hint="name the draft that becomes the item",
            )
        draft = require_draft(session, labelling.draft, "draft")
        require_edition(draft, labelling.edition)
        session.change(draft, label={
            "binding": labelling.binding, "by": actor.id, "proposed_at": shown_at(session.at), **labelling.told(),
        })
        return {"binding": labelling.binding, "draft": draft.id, "level": str(labelling.level)}

    return commit_personal(registry, request, run, subject=labelling.draft)


def _commit(
    registry: Registry, request: Request, labelling: Labelling, sealed: Sealed | None, *, taken: str | None = None,
) -> Answer:
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.LABEL)
        made_under = list_label_reasons(
            registry, session, labelling.level, contract=labelling.contract, part=labelling.part
        )
        drafted = list_draft_reasons(registry, session, actor, labelling)
        require_allowed(decision_of("label", [*office.reasons, *labelling.decision.reasons, *made_under, *drafted]))
        if STATE_BANNER_REASON in labelling.decision.obligations:
            raise Malformed(
                "label.reason-missing", "the whole is marked above all its parts, and it is not said why",
                hint="give the reason, for example that the parts together say more than each",
            )
        if session.get(ITEM, labelling.item) is not None:
            raise OutOfOrder("item.exists", "this item is already entered", hint="look it up in the register")
        number = session.take_number("own")
        reference = f"{registry.party}-{session.at.year}-{number:04d}"
        body = _item_body(registry, actor, labelling, reference)
        if sealed is not None:
            body |= sealed.members()
        session.put(ITEM, labelling.item, body, expect=0)
        if labelling.draft:
            _issue(registry, session, labelling, taken)
        session.put(COPY, f"{labelling.item}.0", {
            "copy_number": 0, "item": labelling.item, "party": registry.party, "state": "held",
        }, expect=0)
        session.put(ENTRY, f"own.{session.at.year}.{number:06d}", {
            **described(labelling.label), **described_as(body),
            **{name: body[name] for name in ("sheets", "subject") if body.get(name)},
            "act": "entered", "at": shown_at(session.at), "author": body.get("author", actor.post), "book": "own",
            "copies": 1,
            "form": labelling.form.value, "item": labelling.item, "level": str(labelling.level), "number": reference,
            "title": labelling.title,
            **({"integrity": body["deposit_digest"]} if sealed is not None else {}),
        }, expect=0)
        plan_reviews(registry, session, labelling.item)
        plan_central_entry(registry, session, session.require(ITEM, labelling.item))
        return {
            "item": labelling.item, "level": str(labelling.level), "reference": reference,
            "warnings": labelling.phrases,
        }

    answer = commit_personal(registry, request, run, subject=labelling.item)
    if labelling.draft:
        # What fails here is done by the node itself.
        erase_left(registry, labelling.draft)
    return answer


def _issue(registry: Registry, session: ActSession, labelling: Labelling, taken: str | None) -> None:
    """Let the draft have become the item; nothing of its content is left then.

    Raises `OutOfOrder` where it is another version than the one that is meant, or its content another than the one that
    was `taken` for the item; None for a draft whose content is not taken.
    """
    draft = session.require(DRAFT, labelling.draft)
    if draft["state"] == "draft":
        require_edition(draft, labelling.edition)
    if taken is not None and draft.body.get("envelope") != taken:
        raise OutOfOrder(
            "draft.changed", "the draft was changed while it was labelled; nothing was entered",
            hint="look at it, and label it again",
        )
    if "envelope" in draft.body:
        joint = draft_joint(draft, session.actor, LABEL, label=labelling.binding)
        joined_with(session, open_joined(registry, session, joint))
    issue_draft(registry, session, labelling.draft, labelling.item)


def _item_body(registry: Registry, actor: Person, labelling: Labelling, reference: str) -> dict[str, Any]:
    digest = sha384(domain(Purpose.DEPOSIT_DIGEST, registry.mode), labelling.item.encode())
    body: dict[str, Any] = {
        "deposit_digest": encode_base64url(digest),
        "entered_by": actor.id,
        "file_name": labelling.file_name,
        "form": labelling.form.value,
        "label": label_to_json(labelling.label),
        "media_type": labelling.media_type,
        "origin_party": registry.party,
        "reference": reference,
        "size_bytes": 0,
        "state": "registered",
        "subject": labelling.subject,
        "title": labelling.title,
        **labelling.described,
    }
    if labelling.sheets is not None:
        body["sheets"] = labelling.sheets
    if labelling.contract:
        body |= {"contract": labelling.contract, "part": labelling.part}
    if labelling.readers is not None:
        body["readers"] = sorted(labelling.readers)
    return body
