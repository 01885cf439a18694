"""How an item would stand here and at each chosen partner under a label that is not set yet: nothing happens by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import Reason
from cordiale.model.label import Scheme
from cordiale.model.names import PartyId
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.contracts import list_label_reasons
from cordiale.records.labelling import Labelling, list_draft_reasons, read_labelling
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.highwater import STATE_BANNER_REASON
from cordiale.rules.holding import Standing
from cordiale.rules.marking import compose_banner, compose_portion_mark
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.releasable import ReleaseRequest
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.titles import list_title_warnings
from cordiale.views.authority import require_office, viewer
from cordiale.views.items import duties_of, reasons_json
from cordiale.wire.scheme_table import load_schemes, schemes_for

_LATER: Final = frozenset({
    "provision.registry-unlisted", "release.not-authorised", "release.not-proposed", "release.purpose-missing",
    "release.too-few-persons",
})
"""What stands against a dispatch of whatever was only just labelled: the release that comes next answers it."""


def preview_label(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what a label would say here and at each party it may be released to; it reads what `label` reads.

    `reasons` is what stands against the label itself, `lacks_reason` that the whole is above all its parts and it is
    not said why, `title_warnings` what in the title may give the content away. A row of `seen_by` is one party under
    one agreement: both markings, what is asked there, and which ways the item may go or why it may not.
    """
    books, person = viewer(registry, request)
    require_office(person, OFFICES_FOR[OfficialAct.LABEL], "labelling")
    labelling = read_labelling(registry, request)
    label, schemes = labelling.label, schemes_for(registry.mode, load_schemes())
    reasons = (
        *decide_office_now(books, person, OfficialAct.LABEL).reasons, *labelling.decision.reasons,
        *list_label_reasons(registry, books, labelling.level, contract=labelling.contract, part=labelling.part),
        *list_draft_reasons(registry, books, person, labelling),
    )
    known = [scheme for scheme in schemes.values() if scheme.party in label.release_to]
    scheme = schemes[label.level.scheme]
    return {
        "banner": list(compose_banner(label, None, schemes=schemes, mode=registry.mode).lines),
        "definition": dict(scheme.definitions).get(label.level.name, ""),
        "lacks_reason": STATE_BANNER_REASON in labelling.decision.obligations, "level": str(label.level),
        "portions": [] if reasons else [
            {"mark": compose_portion_mark(one, label, scheme), "reference": one.reference} for one in label.portions
        ],
        "reasons": reasons_json(reasons), "seen_by": list(_seen_by(registry, books, labelling, schemes)),
        "title": labelling.title,
        "title_warnings": [
            {"fields": dict(one.fields), "text": one.text} for one in list_title_warnings(labelling.title, known)
        ],
    }


@dataclass(frozen=True, slots=True)
class _Look:
    """One label, looked at from one party under one agreement."""

    registry: Registry
    books: Books
    labelling: Labelling
    recipient: PartyId
    index: RuleIndex


def _seen_by(
    registry: Registry, books: Books, labelling: Labelling, schemes: Mapping[str, Scheme]
) -> Iterator[dict[str, Any]]:
    agreements = list(books.every(AGREEMENT))
    for party in sorted(labelling.label.release_to - {registry.party}):
        shared = {
            one.id: load_index(books.reads, one.id, registry.party, party) for one in agreements
            if {party, registry.party} <= set(one["parties"])
        }
        if not shared:
            yield {"agreement": "", "links": [], "party": party, "reasons": []}
        for id, index in sorted(shared.items()):
            yield {"agreement": id, "party": party,
                   **_seen(_Look(registry, books, labelling, party, index), schemes)}


def _seen(look: _Look, schemes: Mapping[str, Scheme]) -> dict[str, Any]:
    """Return both markings at a party, what is asked there, and which ways the item may go."""
    registry, label = look.registry, look.labelling.label
    decision, marking = decide_equivalence(label, look.recipient, index=look.index, on=look.books.at.date())
    ways = {link: _against(look, link) for link in _links(look.labelling.form)}
    everywhere = tuple(one for one in next(iter(ways.values()), ()) if all(one in said for said in ways.values()))
    shown: dict[str, Any] = {
        "duties": duties_of(look.index, registry.party, look.recipient, label.level),
        "links": [
            {"link": link, "open": not said, "reasons": reasons_json(tuple(o for o in said if o not in everywhere))}
            for link, said in ways.items()
        ],
        "reasons": reasons_json(tuple(dict.fromkeys((*decision.reasons, *everywhere)))),
    }
    if marking is not None:
        rules = look.index.access(look.recipient, marking.level)
        shown |= {
            "access": [
                {"article": one.article, "needs": sorted(need.value for need in one.needs)} for one in rules
            ],
            "article": marking.article,
            "banner": list(compose_banner(label, marking, schemes=schemes, mode=registry.mode).lines),
            "level": str(marking.level),
        }
    return shown


def _links(form: ItemForm) -> tuple[str, ...]:
    return ("wire", "bag") if form is ItemForm.FILE else ("carry", "post", "freight")


def _against(look: _Look, link: str) -> tuple[Reason, ...]:
    """Return what stands against sending it on `link`, but for what its release will answer."""
    labelling = look.labelling
    release = ReleaseRequest(
        item=labelling.item, label=labelling.label, provider=look.registry.party, recipient=look.recipient, purpose="",
        bound_digest="", joint_originators=labelling.label.joint,
    )
    asked = ProvisionRequest(
        release, "", link, look.registry.mode, Standing.REGISTERED, labelling.form is not ItemForm.FILE
    )
    decision = decide_provision(asked, look.index, now=look.books.at)
    return tuple(one for one in decision.reasons if one.code not in _LATER)
