"""Items and consignments as people see them: lists, one item, and how the other side will see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.limits import ITEM_PAGE_ROWS_COUNT, SEARCH_ROWS_COUNT_MAX
from cordiale.model.agreement import Act, Stage
from cordiale.model.decision import Reason, decision_of
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.person import Office, Person
from cordiale.records.agreements import load_index
from cordiale.records.channels import channel_reasons
from cordiale.records.consents import rests_for
from cordiale.records.descriptions import DESCRIBED
from cordiale.records.holdings import CUSTODY, HELD_STATES, IN_HAND
from cordiale.records.items import COPY, ITEM, facts_of, is_thing, require_own
from cordiale.records.labels import label_of
from cordiale.records.lineage import number_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.releases import binding_of, release_request, version_of
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.records.stamps import banner_of
from cordiale.records.successions import rights_of
from cordiale.rules.consent import SERVES_ON
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import Scope
from cordiale.rules.marking import compose_banner
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.rule_index import RuleIndex
from cordiale.views.authority import require_office, require_visible, viewer
from cordiale.views.levels import stamps_of
from cordiale.views.listing import Source, list_part, read_part
from cordiale.views.search import item_line
from cordiale.views.story import Part, copies_of
from cordiale.wire.scheme_table import load_schemes, schemes_for

_SAID: Final = ("declassified_at", "derivation", "derived_from", "floor", "language", "note")
_DUTIES: Final = (Act.RECEIPT, Act.REGISTER, Act.COPY, Act.TRANSLATE, Act.EXTRACT, Act.PASS_ON, Act.DESTROY, Act.RETURN)


def reasons_json(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Return reasons as the doors show them."""
    return [
        {"article": r.article, "code": r.code, "fields": dict(r.fields), "outcome": r.outcome.value, "text": r.text}
        for r in reasons
    ]


def show_item(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one item with its markings and the first copies `held` here by their numbers; for keepers its `copies`.

    These are so many at a time: `next` is what to give as `after` for those that follow.
    """
    fields = request.act.fields()
    item_id, after = fields.text("item"), fields.optional_text("after") or ""
    fields.end()
    books, person = viewer(registry, request)
    item = require_visible(books, person, item_id)
    shown = item_as_shown(registry, books, person, item)
    if person.offices & KEEPERS:
        copies, following = copies_of(books, item.id, Part(after, SEARCH_ROWS_COUNT_MAX))
        shown |= {"copies": copy_lines(books, copies), "next": following}
    return shown


def item_as_shown(registry: Registry, books: Books, person: Person, item: Record) -> dict[str, Any]:
    """Return `item` as `person`, who may see it, is shown it; its copies but those held here are told apart."""
    shown: dict[str, Any] = {
        **item_line(item), "banner": list(banner_of(item, registry.mode).lines),
        "subject": item.body.get("subject", ""),
    }
    shown |= {
        name: item[name] for name in (*DESCRIBED, *_SAID) if name in item.body
    }
    if (holder := rights_of(books, item["origin_party"])) is not None:
        shown["rights_with"] = holder.party
    if "marks" in item.body:
        shown["stamps"] = stamps_of(item)
    shown["held"] = [
        {"copy": one.id, "numbered": number_of(books, one), "mine": _holds(books, person, one)}
        for state in HELD_STATES
        for one in books.find(COPY, "item/state", f"{item.id} {state}", limit=ITEM_PAGE_ROWS_COUNT)
        if one["party"] == registry.party
    ]
    return shown


def _holds(books: Books, person: Person, copy: Record) -> bool:
    custody = books.get(CUSTODY, f"{copy['item']}/{person.id}")
    return custody is not None and custody["state"] in IN_HAND and custody.body.get("copy") == copy.id


def copy_lines(books: Books, copies: Sequence[Record]) -> list[dict[str, Any]]:
    """Return copies as they stand in a list; what their numbers are told by is read at once."""
    books.reads.look_ahead([(COPY, one["parent"]) for one in copies if "parent" in one.body])
    return [_copy_line(books, copy) for copy in copies]


def _copy_line(books: Books, copy: Record) -> dict[str, Any]:
    kept = (
        "copy_number", "state", "party", "addressee", "addressee_alone", "consignment", "their_reference", "reference",
        "certificate", "ended_at",
    )
    line = {"copy": copy.id, **{name: copy[name] for name in kept if name in copy.body}}
    return {**line, "numbered": number_of(books, copy)}


def preview(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return how the other side will see an item, what duties go with it, and what stands against its dispatch.

    `binding` is what the proposer and the authority sign: the content, label, recipient, purpose and version
    as they are at this moment.
    """
    fields = request.act.fields()
    item_id, recipient = fields.text("item"), parse_party_id(fields.text("recipient"))
    purpose, agreement = fields.text("purpose"), fields.text("agreement")
    link, target = fields.optional_text("link") or "wire", fields.optional_text("registry") or ""
    fields.end()
    books, person = viewer(registry, request)
    item = require_own(registry, require_visible(books, person, item_id))
    label, schemes = label_of(item), schemes_for(registry.mode, load_schemes())
    index = load_index(books.reads, agreement, registry.party, recipient)
    decision, marking = decide_equivalence(label, recipient, index=index, on=books.at.date())
    binding = binding_of(
        item, recipient=recipient, purpose=purpose, agreement=agreement, version=version_of(books, agreement),
        mode=registry.mode,
    )
    release = release_request(
        books, item, provider=registry.party, recipient=recipient, purpose=purpose, bound_digest=binding
    )
    provision = decide_provision(
        ProvisionRequest(
            release, target, link, registry.mode, facts_of(registry, books, item).standing, is_thing(item)
        ),
        index, now=books.at,
    )
    ours = compose_banner(label, None, schemes=schemes, mode=registry.mode)
    # Before a registry is chosen, that none is listed says nothing.
    against = [reason for reason in provision.reasons if target or reason.code != "provision.registry-unlisted"]
    reasons = decision_of("dispatch", [
        *decision.reasons, *channel_reasons(registry, books, item, (index.state, recipient)), *against,
    ]).reasons
    shown: dict[str, Any] = {
        "agreement": agreement, "allowed": not reasons, "banner_ours": list(ours.lines), "binding": binding,
        "duties": duties_of(index, registry.party, recipient, label.level), "item": item.id, "level": str(label.level),
        "purpose": purpose, "reasons": reasons_json(reasons), "recipient": recipient, "reference": item["reference"],
        "release_to": sorted(label.release_to), "title": item["title"], "version": version_of(books, agreement),
    }
    if marking is not None:
        theirs = compose_banner(label, marking, schemes=schemes, mode=registry.mode)
        shown |= {"article": marking.article, "banner_theirs": list(theirs.lines), "level_theirs": str(marking.level)}
    return shown


def duties_of(index: RuleIndex, provider: PartyId, recipient: PartyId, level: LevelRef) -> list[dict[str, Any]]:
    """Return what the layers ask of the recipient for `level`, as far as this node knows them."""
    duties = []
    for act in _DUTIES:
        outcome = index.outcome(act, Scope(provider, recipient, level, recipient))
        if outcome.ruling is not None:
            duties.append({
                "act": act.value, "articles": list(outcome.articles), "persons": outcome.persons,
                "ruling": outcome.ruling.value,
                "within": [{"count": one.count, "days": one.kind.value} for one in outcome.deadlines],
            })
    return duties


def list_consents(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return requests for consent and what was answered, a part at a time.

    At most `count` rows after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(
        person, KEEPERS | {Office.COMPETENT_AUTHORITY, Office.RELEASING_AUTHORITY, Office.ORIGINATOR}, "consents"
    )

    def shown(table: str, record: Record) -> dict[str, Any] | None:
        """Show what is about an item that this person may see: a purpose tells of an item as much as its title."""
        item = books.get(ITEM, record["item"])
        is_never_here = item is None and bool(person.offices & OFFICES_FOR[OfficialAct.GIVE_CONSENT])
        if not (person.offices & KEEPERS or is_never_here or (item and may_see_item(books, person, item))):
            return None
        made = {f"of_{name}": value for name, value in record.body.get("of", {}).items()}
        said = {name: value for name, value in record.body.items() if name != "of"}
        about = item["reference"] if item is not None else record["item"]
        rests = _rests(books, item, record) if table == "consents" else {}
        return {**said, **made, **rests, "about": about, table.removesuffix("s"): record.id}

    sources = (Source("requests", "consent-request"), Source("consents", "consent"))
    return list_part((books, person), sources, part, shown)


def _rests(books: Books, item: Record | None, consent: Record) -> dict[str, str]:
    """Return by what a consent that was given serves for nothing today, as it is shown."""
    is_given = consent["outcome"] == "granted" and "withdrawn_at" not in consent.body
    if not is_given or Act(consent["act"]) in SERVES_ON:
        return {}
    codes = {reason.code for reason in rests_for(books, item, consent)}
    if not codes:
        return {}
    return {"rests": (Stage.TERMINATED if "provision.terminated" in codes else Stage.SUSPENDED).value}
