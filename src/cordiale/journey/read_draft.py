"""Read a draft: by who works on it and may read its level; the reading is in the log before the key leaves."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, Refused, require_allowed
from cordiale.limits import ROOM_CONTENT_SIZE_BYTES_MAX
from cordiale.model.decision import decision_of
from cordiale.model.person import Person
from cordiale.ports.pages import Stamp
from cordiale.records.contents import OpenedContent, StillReadable, pieces_of
from cordiale.records.drafts import (
    DRAFT,
    decide_draft_now,
    label_of_draft,
    place_of_draft,
    require_draft,
    view_of_draft,
)
from cordiale.records.joined import draft_joint, joined_with, require_worker, still_joined
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession, Books
from cordiale.rules.drafts import OTHER_AUTHOR
from cordiale.rules.joined import READ, without_joined
from cordiale.rules.marking import Banner, compose_banner
from cordiale.rules.room import decide_file, decide_text
from cordiale.wire.scheme_table import load_schemes, schemes_for


def open_draft(registry: Registry, request: Request) -> OpenedContent:
    """Grant `request` the content of a draft, to go on with it, and open it.

    Raises `Refused` or `Undecidable` with every reason, and `OutOfOrder` for a draft without content.
    """
    return _open(registry, request, in_room=False)


def open_draft_for_room(registry: Registry, request: Request) -> OpenedContent:
    """Grant `request` a reading of a draft in the reading room. Raises as `open_draft`."""
    return _open(registry, request, in_room=True)


def _open(registry: Registry, request: Request, *, in_room: bool) -> OpenedContent:
    fields = request.act.fields()
    id = fields.text("draft")
    fields.end()
    opened: list[Record] = []

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        draft = _known(session, id)
        joined = require_worker(registry, session, actor, draft, use=READ)
        place_of_draft(registry, require_draft(session, id, "draft"))
        view = view_of_draft(registry, session, draft)
        if in_room and not 0 < draft["size_bytes"] <= ROOM_CONTENT_SIZE_BYTES_MAX:
            raise OutOfOrder(
                "read.not-shown", "only contents of 1 to {size_max} bytes are shown in the reading room",
                hint="ask the registry for it on paper", size_max=ROOM_CONTENT_SIZE_BYTES_MAX,
            )
        opened.append(draft)
        rights = {"may_have_file": decide_file(view).is_allowed, "may_have_text": decide_text(view).is_allowed}
        return {
            "banner": list(_banner(registry, draft).lines), "copy": "", "draft": id, "edition": draft["edition"],
            "file_name": draft.body.get("file_name", ""), "item": id, "media_type": draft.body.get("media_type", ""),
            "size_bytes": draft["size_bytes"], **(rights if in_room else {}),
            **joined_with(session, joined),
        }

    answer = commit_personal(registry, request, run, subject=id)
    if not opened:
        raise OutOfOrder(
            "read.used", "this request has been used for a reading already", hint="ask to read the item again"
        )
    return OpenedContent(answer, pieces_of(registry, place_of_draft(registry, opened[0])))


def require_draft_readable(
    registry: Registry, person: str, id: str, edition: int, *, joined: tuple[str, ...] = ()
) -> StillReadable:
    """Decide again on the reading of a draft, as if it began now, and return what its next page is shown with.

    Whoever has `joined` it is asked anew, too. Raises `Refused` or `Undecidable` with every reason, and `OutOfOrder`
    where person, draft or this version of it is not there any more.
    """
    books = registry.books()
    reader = require_person(books, person)
    draft = _known(books, id)
    decision = decide_draft_now(registry, books, reader, draft)
    standing = still_joined(registry, books, draft_joint(draft, person, READ), joined)
    require_allowed(decision_of(decision.act, without_joined(decision.reasons, 1 + len(standing))))
    place_of_draft(registry, require_draft(books, id, "draft"))
    if draft["edition"] != edition:
        raise OutOfOrder(
            "draft.other-edition", "version {edition} of this draft is there by now", hint="open it again",
            edition=draft["edition"],
        )
    return StillReadable(reader, view_of_draft(registry, books, draft), _stamp(registry, draft))


def _known(books: Books, id: str) -> Record:
    """Return a draft; whoever works on none of that name learns not even whether there is one."""
    draft = books.get(DRAFT, id)
    if draft is None:
        raise Refused(decision_of("draft", [OTHER_AUTHOR]))
    return draft


def _banner(registry: Registry, draft: Record) -> Banner:
    schemes = schemes_for(registry.mode, load_schemes())
    return compose_banner(label_of_draft(registry, draft.body), None, schemes=schemes, mode=registry.mode)


def _stamp(registry: Registry, draft: Record) -> Stamp:
    banner = _banner(registry, draft)
    return Stamp(
        top=banner.lines, bottom=tuple(line for line in (banner.level, banner.native, banner.exercise) if line),
        foot=f"draft {draft.id}, version {draft['edition']}",
    )
