"""Draft: a working paper is dated and marked, becomes an item when it is issued or kept too long, or is destroyed.

It has no number and leaves by no way: what is released is an item. A draft that is a file is entered with it, sealed
as it comes; a new version takes the place of the old one, whose envelope is then gone.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import Fields
from cordiale.crypto.digests import SHA384_SIZE_BYTES
from cordiale.envelope.seal import SealRequest
from cordiale.errors import Malformed, OutOfOrder, Refused, require_allowed
from cordiale.limits import DRAFT_WORKERS_COUNT_MAX, SHEETS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import decision_of
from cordiale.model.names import parse_identifier
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.deposits import Arriving, Plan, Sealed, take_deposit
from cordiale.records.drafts import (
    DRAFT,
    decide_draft_now,
    destroy_draft,
    enter_draft,
    erase_left,
    require_draft,
    revise_draft,
    seal_draft,
)
from cordiale.records.joined import draft_joint, joined_with, open_joined, require_worker
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.drafts import OTHER_AUTHOR
from cordiale.rules.joined import REPLACE, without_joined
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for


class _Entered:
    """What an author says of a draft, read and checked; with a content where one comes."""

    def __init__(self, registry: Registry, request: Request) -> None:
        fields = request.act.fields()
        level = parse_level_ref(fields.text("level"))
        self.item = request.act.id
        self.form = fields.choice("form", ItemForm)
        self.body: dict[str, Any] = {
            "author": request.person.id, "form": self.form.value, "level": str(level), "title": fields.text("title"),
        }
        if fields.has("sheets"):
            self.body["sheets"] = fields.integer("sheets", 1, SHEETS_COUNT_MAX)
        self.body |= _file_in(fields)
        self.content = _content_in(fields)
        fields.end()
        scheme = schemes_for(registry.mode, load_schemes()).get(level.scheme)
        if scheme is None or scheme.party != registry.party or level.name not in scheme.levels:
            raise Malformed(
                "draft.level", "the level `{level}` is not one of our own", hint="mark it in your own national scheme",
                level=str(level),
            )

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed to our own registry."""
        return seal_draft(registry, self.item, self.body)


class _Revised:
    """What somebody says of the new version of a draft."""

    def __init__(self, registry: Registry, request: Request) -> None:
        fields = request.act.fields()
        self.item = fields.text("draft")
        self.edition = fields.integer("edition", 0, SHEETS_COUNT_MAX)
        self.said: dict[str, Any] = {**_file_in(fields)}
        if fields.has("sheets"):
            self.said["sheets"] = fields.integer("sheets", 1, SHEETS_COUNT_MAX)
        self.content = _content_in(fields)
        fields.end()

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed to our own registry; raises `OutOfOrder` where there is no such draft."""
        return seal_draft(registry, self.item, {**registry.books().require(DRAFT, self.item).body, **self.said})


def _file_in(fields: Fields) -> dict[str, str]:
    return {name: text for name in ("file_name", "media_type") if (text := fields.optional_text(name))}


def _content_in(fields: Fields) -> bytes | None:
    return fields.bytes_("content", length=SHA384_SIZE_BYTES) if fields.has("content") else None


def enter(registry: Registry, request: Request) -> Answer:
    """Enter a draft or working paper on paper or a medium with its level, as its author."""
    entered = _Entered(registry, request)
    if entered.form is ItemForm.FILE or entered.content is not None:
        raise _other_content()
    return _enter(registry, request, entered, None)


def deposit(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Enter a draft that is a file together with it, sealed as it comes. One act, whole or not at all.

    Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    return take_deposit(registry, opening, arriving, Plan(f"dra.{opening.act.id}", _read_file, _enter, DRAFT))


def _read_file(registry: Registry, request: Request) -> _Entered:
    entered = _Entered(registry, request)
    if entered.form is not ItemForm.FILE:
        raise _other_content()
    return entered


def _other_content() -> Malformed:
    return Malformed(
        "draft.content", "a draft that is a file comes with its content, and no other does",
        hint="give the file, or leave it away",
    )


def _enter(registry: Registry, request: Request, entered: _Entered, sealed: Sealed | None) -> Answer:
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.LABEL))
        body = entered.body | ({**sealed.members(), "edition": 1} if sealed is not None else {})
        return {"draft": request.act.id, **enter_draft(registry, session, request.act.id, body)}

    return commit_personal(registry, request, run, subject=request.act.id)


def revise(registry: Registry, request: Request) -> Answer:
    """Enter that a draft on paper or a medium has a new version, as somebody who works on it and may read its level."""
    return _revise(registry, request, _Revised(registry, request), None)


def deposit_revised(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Put a new version of a draft in the place of the old one, as somebody who works on it and may read its level.

    Raises as `deposit`, and `OutOfOrder` where somebody else has put another in its place meanwhile.
    """
    revised = _Revised(registry, opening)
    if not _may_revise(registry, opening.person, revised):
        # Nothing is taken in from whoever will be refused; the refusal is entered as every other.
        return _revise(registry, opening, revised, None)
    answer = take_deposit(registry, opening, arriving, Plan(f"dra.{revised.item}", _Revised, _revise, DRAFT))
    erase_left(registry, revised.item)
    return answer


def _may_revise(registry: Registry, person: Person, revised: _Revised) -> bool:
    books = registry.books()
    known = books.get(DRAFT, revised.item)
    if known is None:
        return False
    joined = open_joined(registry, books, draft_joint(known, person.id, REPLACE))
    return not without_joined(decide_draft_now(registry, books, person, known).reasons, 1 + len(joined))


def _revise(registry: Registry, request: Request, revised: _Revised, sealed: Sealed | None) -> Answer:
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        known = session.get(DRAFT, revised.item)
        if known is None:
            raise Refused(decision_of("draft", [OTHER_AUTHOR]))
        joined = require_worker(registry, session, actor, known, use=REPLACE)
        draft = require_draft(session, revised.item, "draft")
        if (draft["form"] == ItemForm.FILE.value) is (sealed is None):
            raise _other_content()
        if int(draft.body.get("edition", 0)) != revised.edition:
            raise OutOfOrder(
                "draft.other-edition", "version {edition} of this draft is there by now",
                hint="read it, and enter yours once both are one", edition=draft.body.get("edition", 0),
            )
        after = revise_draft(session, draft, sealed, revised.said)
        return {"draft": draft.id, "edition": after["edition"], **joined_with(session, joined)}

    return commit_personal(registry, request, run, subject=revised.item)


def share(registry: Registry, request: Request) -> Answer:
    """Say who works on a draft beside its author, as its author; whoever is not named any more does so no longer.

    The answer is one for everybody who is named: it tells of nobody whether they are there. Who is not does not come to
    work on it by being entered later.
    """
    fields = request.act.fields()
    id = fields.text("draft")
    workers = fields.texts("workers", max_count=DRAFT_WORKERS_COUNT_MAX) if fields.has("workers") else ()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        known = session.get(DRAFT, id)
        if known is None or known["author"] != actor.id:
            raise Refused(decision_of("draft", [OTHER_AUTHOR]))
        named = sorted(set(map(parse_identifier, workers)) - {actor.id})
        there = [one for one in named if session.get("person", one) is not None]
        draft = require_draft(session, id, "draft")
        session.change(draft, workers=there or None, named=named if named != there else None)
        return {"draft": id, "workers": named}

    return commit_personal(registry, request, run, subject=id)


def destroy(registry: Registry, request: Request) -> Answer:
    """Enter that a draft was destroyed, as its author or as a registrar."""
    fields = request.act.fields()
    id, method = fields.text("draft"), fields.text("method")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        known = session.get(DRAFT, id)
        if known is None or known["author"] != actor.id:
            office = decide_office_now(session, actor, OfficialAct.DESTROY)
            require_allowed(decision_of("draft", [OTHER_AUTHOR]) if not office.is_allowed else office)
        destroy_draft(session, id, method=method, by=actor.id)
        return {"draft": id}

    answer = commit_personal(registry, request, run, subject=id)
    # What fails here is done by the node itself.
    erase_left(registry, id)
    return answer
