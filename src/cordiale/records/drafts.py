"""Drafts in the books: dated and marked from the first day, entered in the register as an item or destroyed in time.

The content of one lies sealed to our own registry, its newest version only. Which envelopes are to be gone stands in
its record (`leaving`) until the node has seen that they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_base64url, parse_instant
from cordiale.envelope.seal import SealRequest
from cordiale.errors import AllTried, OutOfOrder, Unavailable
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import Decision, decision_of
from cordiale.model.label import Label
from cordiale.model.names import ItemId, PersonId
from cordiale.model.person import Person
from cordiale.records.contents import Place
from cordiale.records.deposits import Described, Sealed, seal_to_ourselves
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import own_rules
from cordiale.records.ledger import Act
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.sealing import expected_own
from cordiale.records.session import ActSession, Books
from cordiale.rules.drafts import OTHER_AUTHOR, decide_draft
from cordiale.rules.holding import AccessView, ItemFacts, Standing, view_item
from cordiale.rules.terms import moment_from
from cordiale.rules.terms_here import own_terms
from cordiale.rules.workdays import Holidays
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for

DRAFT: Final = "draft"
_ACCOUNTABLE: Final = "draft.accountable"
_DESTROY: Final = "draft.destroy"


def enter_draft(registry: Registry, session: ActSession, id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Enter a draft, and open the duty to enter it in the register in time; return what is said of its time.

    Where no layer says how long a draft may be kept there is no day, and the answer says so.
    """
    session.put(DRAFT, id, {**body, "begun_at": shown_at(session.at), "state": "draft"}, expect=0)
    return _open(registry, session, (id, "draft-accountable", _ACCOUNTABLE), body)


def issue_draft(registry: Registry, session: ActSession, id: str, item: str) -> None:
    """Note that the draft has become `item`; what is left of it is destroyed within the time that a layer sets."""
    draft = require_draft(session, id, "draft")
    session.change(draft, issued_as=item, issued_at=shown_at(session.at), label=None, state="issued", **_leave(draft))
    discharge(session, f"draft-accountable.{id}", item)
    _open(registry, session, (id, "draft-destroy", _DESTROY), draft.body)


def destroy_draft(session: ActSession, id: str, *, method: str, by: str) -> Record:
    """Note that a draft, issued or not, was destroyed."""
    draft = require_draft(session, id, "draft", "issued")
    discharge(session, f"draft-accountable.{id}", session.act_id)
    discharge(session, f"draft-destroy.{id}", session.act_id)
    return session.change(
        draft, destroyed_at=shown_at(session.at), destroyed_by=by, label=None, method=method, state="destroyed",
        **_leave(draft),
    )


def revise_draft(session: ActSession, draft: Record, sealed: Sealed | None, said: Mapping[str, Any]) -> Record:
    """Enter a new version; what lies in `sealed` takes the place of the content there was, and `said` says what it is.
    """
    content = {**_leave(draft), **sealed.members()} if sealed is not None else {}
    return session.change(draft, **content, **said, edition=int(draft.body.get("edition", 0)) + 1, label=None,
                          revised_at=shown_at(session.at), revised_by=session.actor)


def _leave(draft: Record) -> dict[str, Any]:
    """Return the change by which a draft names its envelope no more; it is gone once `erase_left` has seen to it."""
    if "envelope" not in draft.body:
        return {}
    return {
        "deposit_digest": None, "envelope": None, "leaving": [*draft.body.get("leaving", ()), draft["envelope"]],
        "size_bytes": None,
    }


def erase_left(registry: Registry, id: str) -> None:
    """Remove the envelopes that the draft `id` names no more, and enter that they are gone.

    It looks at the books and not at what was just done. Raises `Unavailable` for the disk; then they still stand in
    the record, and the next sweep goes on.
    """
    draft = registry.record(DRAFT, id)
    names = list(draft.body.get("leaving", ())) if draft is not None else []
    if not names:
        return
    for name in names:
        registry.objects.remove(name)

    def run(session: ActSession) -> dict[str, Any]:
        now = session.require(DRAFT, id)
        gone = [name for name in now.body.get("leaving", ()) if registry.objects.size(name) is None]
        if set(names) - set(gone):
            raise Unavailable(
                "ending.envelope-left", "the envelope of a copy that has ended is still here",
                hint="look at the disk of the node; it is tried again by itself",
            )
        left = [name for name in now.body.get("leaving", ()) if name not in gone]
        session.change(now, erased_at=shown_at(session.at), erased_count=int(now.body.get("erased_count", 0))
                       + len(gone), leaving=left or None)
        return {"draft": id, "erased": len(gone)}

    registry.ledger.commit(Act(registry.fresh_id("draft-erased"), "draft.erased", "node", "internal", run, id))


def erase_all_left(registry: Registry) -> None:
    """Do what `erase_left` does for every draft; one that fails stops none of the others, and is raised at the end."""
    tried = AllTried()
    for id in sorted({id for _, id in registry.reads().looked_up(DRAFT, "leaving")}):
        with tried.one():
            erase_left(registry, id)
    tried.end()


def draft_item(registry: Registry, id: str) -> ItemId:
    """Return the name that the envelope of a draft bears where that of an item names the item."""
    return ItemId(f"{registry.party.lower()}.{id}")


def place_of_draft(registry: Registry, draft: Record) -> Place:
    """Return where the content of `draft` lies; raises `OutOfOrder` where none was given."""
    if "envelope" not in draft.body:
        raise OutOfOrder(
            "draft.no-content", "this draft has no content here", hint="ask its author for it"
        )
    digest = parse_base64url(draft["deposit_digest"])
    return Place(draft["envelope"], expected_own(registry), draft_item(registry, draft.id), digest)


def seal_draft(registry: Registry, id: str, draft: Mapping[str, Any]) -> SealRequest:
    """Return how the content of a draft is sealed to our own registry."""
    label = label_of_draft(registry, draft)
    return seal_to_ourselves(registry, Described(
        item=draft_item(registry, id), form=ItemForm.FILE.value, label=label,
        xml=encode_label_xml(label, schemes_for(registry.mode, load_schemes())), title=str(draft["title"]),
        file_name=str(draft.get("file_name", "")), media_type=str(draft.get("media_type", "")),
    ))


def label_of_draft(registry: Registry, draft: Mapping[str, Any]) -> Label:
    """Return the label that a draft stands under: its level, and for ourselves only."""
    begun = parse_instant(draft["begun_at"]) if "begun_at" in draft else registry.now()
    return Label(
        originator=registry.party, level=parse_level_ref(draft["level"]), release_to=frozenset({registry.party}),
        created_at=begun,
    )


def workers_of(draft: Record) -> frozenset[PersonId]:
    """Return who works on a draft: its author, and whom the author has named."""
    return frozenset(map(PersonId, (draft["author"], *draft.body.get("workers", ()))))


def workers_shown(draft: Record) -> list[str]:
    """Return whom its author has named to work on a draft: it is told of nobody whether they are there."""
    body = draft.body
    return list(body["named"] if "named" in body else body.get("workers", ()))


def view_of_draft(registry: Registry, books: Books, draft: Record) -> AccessView:
    """Return what reading `draft` asks of anybody today: what an item of ours at its level asks."""
    facts = ItemFacts(
        item=draft_item(registry, draft.id), label=label_of_draft(registry, draft.body), holder=registry.party,
        standing=Standing.REGISTERED,
    )
    return view_item(facts, own_rules(registry, books), on=books.at.date())


def decide_draft_now(registry: Registry, books: Books, person: Person, draft: Record) -> Decision:
    """Decide whether `person` may read `draft` now; of who does not work on it nothing else is asked."""
    if person.id not in workers_of(draft):
        # In the words for a draft that is not there at all.
        return decision_of("draft", [OTHER_AUTHOR])
    view = view_of_draft(registry, books, draft)
    return decide_draft(person, view, workers=workers_of(draft), now=books.at)


def require_draft(session: Books, id: str, *states: str) -> Record:
    """Return a draft that stands in one of `states`; raises `OutOfOrder` for any other."""
    draft = session.require(DRAFT, id)
    if draft["state"] not in states:
        raise OutOfOrder(
            "draft.state", "the draft is {state} already", hint="look at `cordiale draft list`", state=draft["state"]
        )
    return draft


def require_edition(draft: Record, edition: int | str | None) -> None:
    """Raise `OutOfOrder` where another version of `draft` is there than the one that is meant; None means any."""
    there = int(draft.body.get("edition", 0))
    if edition is not None and str(edition) != str(there):
        raise OutOfOrder(
            "draft.other-edition", "version {edition} of this draft is there by now", hint="open it again",
            edition=there,
        )


def _open(
    registry: Registry, session: ActSession, which: tuple[str, str, str], draft: Mapping[str, Any]
) -> dict[str, Any]:
    id, what, name = which
    terms = own_terms(own_rules(registry, session), name, parse_level_ref(draft["level"]))
    # A draft is under no agreement, and no holidays are known: a count of working days ends sooner then, never later.
    ends = [(moment_from(term, session.at, Holidays(frozenset(), frozenset())), term.article) for term in terms]
    due, basis = min(ends, default=(None, ""))
    open_duty(session, f"{what}.{id}", what=what, owner=registry.party, subject=id, due=Due(
        on=due, basis=basis, person=draft["author"],
    ))
    return {"until": _shown(due), "basis": basis}


def _shown(due: datetime | None) -> str:
    return shown_at(due) if due is not None else ""
