"""Label: a content or a thing becomes an item of ours, labelled and sealed at once to our own registry.

Plaintext is never at rest: what comes in is encrypted as it comes, under a key
wrapped to this node. The register entry is written with the label, so that
nothing is labelled and not registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordiale.canonical import Fields, encode_base64url
from cordiale.crypto.digests import SHA384_SIZE_BYTES, sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.seal import SealRequest
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import decision_of
from cordiale.model.label import Label, LevelRef, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.names import ItemId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.contracts import list_label_reasons
from cordiale.records.deposits import Arriving, Described, Plan, Sealed, seal_to_ourselves, take_deposit
from cordiale.records.descriptions import described_as, read_description
from cordiale.records.drafts import issue_draft
from cordiale.records.items import COPY, ENTRY, ITEM, described
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.reviews import plan_reviews
from cordiale.records.session import ActSession
from cordiale.rules.highwater import STATE_BANNER_REASON, decide_label
from cordiale.rules.marking import find_marking_phrases
from cordiale.rules.offices import OfficialAct
from cordiale.wire.label_json import label_to_json
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.person_json import parse_day, parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for


def label_item(registry: Registry, request: Request) -> Answer:
    """Label a thing that has no content here: paper, a medium, equipment, an oral disclosure."""
    particulars = _parse(registry, request)
    if particulars.form is ItemForm.FILE:
        raise Malformed("label.no-content", "a file is labelled together with its content", hint="give the file")
    if particulars.content is not None:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return _commit(registry, request, particulars, None)


def deposit(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Label a file: seal all that arrives to our own registry, then enter it. One act, whole or not at all.

    Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    return take_deposit(registry, opening, arriving, Plan(f"own.{opening.act.id}", _parse_file, _commit))


def _parse_file(registry: Registry, request: Request) -> _Labelling:
    labelling = _parse(registry, request)
    if labelling.form is not ItemForm.FILE:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return labelling


class _Labelling:
    """What the originator says of the item, read and checked."""

    def __init__(self, registry: Registry, request: Request, fields: Fields) -> None:
        self.at: datetime = registry.now()
        self.item = ItemId(f"{registry.party.lower()}.{request.act.id}")
        self.title = fields.text("title")
        self.form = fields.choice("form", ItemForm)
        self.level = parse_level_ref(fields.text("level"))
        self.media_type = fields.optional_text("media_type") or ""
        self.file_name = fields.optional_text("file_name") or ""
        self.subject = fields.optional_text("subject") or ""
        self.contract = fields.optional_text("contract") or ""
        self.part = fields.text("part") if self.contract else ""
        self.sheets = fields.optional_integer("sheets", 1, 1_000_000)
        self.content = fields.bytes_("content", length=SHA384_SIZE_BYTES) if fields.has("content") else None
        self.draft = fields.optional_text("draft") or ""
        self.described = read_description(fields)
        self.readers = fields.texts("readers", max_count=1_000) if fields.has("readers") else None
        reason = fields.optional_text("reason") or ""
        release_to = fields.texts("release_to", max_count=64) if fields.has("release_to") else ()
        self.label = Label(
            originator=registry.party,
            level=self.level,
            release_to=frozenset(parse_party_id(one) for one in release_to) | {registry.party},
            created_at=self.at,
            office=request.person.unit,
            caveats=frozenset(_caveat(one) for one in _texts(fields, "caveats")),
            handle_as=parse_level_ref(fields.text("handle_as")) if fields.has("handle_as") else None,
            trigger=_trigger(fields.optional_object("trigger")),
            portions=tuple(_portion(one) for one in fields.objects("portions", max_count=1_000))
            if fields.has("portions") else (),
            banner_reason=reason,
            joint=frozenset(parse_party_id(one) for one in _texts(fields, "joint")) - {registry.party},
        )
        fields.end()
        schemes = schemes_for(registry.mode, load_schemes())
        scheme = _own_scheme(registry.party, schemes, self.level)
        self.xml = encode_label_xml(self.label, schemes)
        self.decision = decide_label(self.label, scheme, registry.mode)
        # A title in an unclassified register must not give a level away by itself.
        self.phrases = sorted({found.phrase for found in find_marking_phrases(self.title, [scheme])})

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed to our own registry."""
        return seal_to_ourselves(registry, Described(
            item=self.item, form=self.form.value, label=self.label, xml=self.xml, title=self.title,
            file_name=self.file_name, media_type=self.media_type,
        ))


def _own_scheme(party: PartyId, schemes: Mapping[str, Scheme], level: LevelRef) -> Scheme:
    """Return the scheme of `level` when it is one of the party's own. Raises `Malformed`."""
    own = {id: scheme for id, scheme in schemes.items() if scheme.party == party}
    scheme = own.get(level.scheme)
    if scheme is None:
        raise Malformed(
            "label.other-scheme", "the level `{level}` is not of a scheme of {party} that is used in this mode",
            hint="label in your own national scheme: {schemes}", level=str(level), party=party,
            schemes=", ".join(sorted(own)) or "-",
        )
    return scheme


def _parse(registry: Registry, request: Request) -> _Labelling:
    return _Labelling(registry, request, request.act.fields())


def _commit(
    registry: Registry, request: Request, labelling: _Labelling, sealed: Sealed | None
) -> Answer:
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.LABEL)
        made_under = list_label_reasons(
            registry, session, labelling.level, contract=labelling.contract, part=labelling.part
        )
        require_allowed(decision_of("label", [*office.reasons, *labelling.decision.reasons, *made_under]))
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
            issue_draft(registry, session, labelling.draft, labelling.item)
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
        return {
            "item": labelling.item, "level": str(labelling.level), "reference": reference,
            "warnings": labelling.phrases,
        }

    return commit_personal(registry, request, run, subject=labelling.item)


def _item_body(registry: Registry, actor: Person, labelling: _Labelling, reference: str) -> dict[str, Any]:
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



def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    return fields.texts(name, max_count=64) if fields.has(name) else ()


def _caveat(text: str) -> tuple[str, str]:
    tag, separator, value = text.partition("=")
    if not separator or not tag or not value:
        raise Malformed("label.caveat", "`{value}` is not a caveat", hint="write it as TAG=VALUE", value=text[:80])
    return tag, value


def _trigger(fields: Fields | None) -> Trigger | None:
    if fields is None:
        return None
    kind = fields.choice("kind", TriggerKind)
    on = fields.optional_text("on")
    return Trigger(kind, parse_day(on) if on else None, fields.optional_text("event") or "")


def _portion(fields: Fields) -> Portion:
    release_to = fields.texts("release_to", max_count=64) if fields.has("release_to") else None
    return Portion(
        reference=fields.text("reference"),
        level=fields.optional_text("level") or "",
        release_to=frozenset(parse_party_id(one) for one in release_to) if release_to is not None else None,
    )
