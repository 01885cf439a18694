"""Label: a content or a thing becomes an item of ours, labelled and sealed at once to our own registry.

Plaintext is never at rest: what comes in is encrypted as it comes, under a key
wrapped to this node. The register entry is written with the label, so that
nothing is labelled and not registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from cordiale.canonical import Fields, encode_base64url
from cordiale.crypto.aead import is_equal
from cordiale.crypto.digests import SHA384_SIZE_BYTES, sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.keyaccess import KeyRecipient
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Endpoint, Routing
from cordiale.envelope.seal import SealedContent, SealedEnvelope, SealRequest, close_envelope, seal_content
from cordiale.envelope.streams import FillsBuffers
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import decision_of
from cordiale.model.label import Label, LevelRef, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.names import CopyId, ItemId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.items import COPY, ENTRY, ITEM, described
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal, identify
from cordiale.records.sealing import label_digest, signer_of
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


class Arriving(FillsBuffers, Protocol):
    """A content on its way in, with the salt that came before it and the signed request that comes behind it."""

    @property
    def salt(self) -> bytes:
        """The salt of the commitment to the content, 32 bytes. It is in the envelope and never in the books."""

    def closing(self) -> bytes:
        """Return the signed request that names the content; called once, after the end of the content."""


def deposit(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Label a file: seal all that arrives to our own registry, then enter it. One act, whole or not at all.

    What is entered is what the closing request asks; `opening` only lets what could never be entered be refused
    before it was sent. Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    _require_file(_parse(registry, opening))
    # Of a double click, or after a crash, each attempt has an envelope of its own: only one is ever entered.
    name = f"own.{opening.act.id}.{registry.random.bytes_(4).hex()}"
    writer = registry.objects.create(name)
    try:
        content = seal_content(arriving, writer.file, mode=registry.mode, salt=arriving.salt)
        request = _require_same(identify(registry, arriving.closing()), opening)
        particulars = _require_file(_parse(registry, request))
        _require_content(particulars, content)
        before = answered_before(registry, request)
        if before is not None:
            writer.abandon()
            return before
        sealed = close_envelope(content, particulars.seal_request(registry))
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    return _enter(registry, request, particulars, (name, sealed))


def _enter(
    registry: Registry, request: Request, particulars: _Labelling, sealed: tuple[str, SealedEnvelope]
) -> Answer:
    name, _ = sealed
    try:
        answer = _commit(registry, request, particulars, sealed)
    except CordialeError:
        registry.objects.remove(name)
        raise
    entered = registry.record(ITEM, particulars.item)
    if entered is None or entered["envelope"] != name:
        registry.objects.remove(name)
    return answer


def _require_file(particulars: _Labelling) -> _Labelling:
    if particulars.form is not ItemForm.FILE:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return particulars


def _require_same(request: Request, opening: Request) -> Request:
    """Return the closing `request` when it asks, as the same person, what `opening` did. Raises `Unverified`."""
    asked = {name: value for name, value in request.act.params.items() if name != "content"}
    if (request.person.id, request.act.kind, request.act.id, asked) != (
        opening.person.id, opening.act.kind, opening.act.id, opening.act.params
    ):
        raise Unverified(
            "deposit.other-request", "the request behind the content does not ask what the one before it did",
            hint="label the file again; if it happens again, report it as an incident",
        )
    return request


def _require_content(particulars: _Labelling, content: SealedContent) -> SealedContent:
    """Return `content` when it is what its originator signed. Raises `Unverified`, and `Malformed` without its name."""
    if particulars.content is None:
        raise Malformed(
            "deposit.no-commitment", "the request behind the content does not name the content",
            hint="use a command line of the same version as the node",
        )
    if not is_equal(content.facts.commitment, particulars.content):
        raise Unverified(
            "deposit.other-content", "what arrived is not the content that was signed for; nothing of it was kept",
            hint="label the file again; if it happens again, report it as an incident: somebody comes between you "
                 "and the node",
        )
    return content


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
        self.sheets = fields.optional_integer("sheets", 1, 1_000_000)
        self.content = fields.bytes_("content", length=SHA384_SIZE_BYTES) if fields.has("content") else None
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
        own = Endpoint(registry.party, registry.node)
        return SealRequest(
            routing=Routing(
                mode=registry.mode, originator=registry.party, provider=own, recipient=own, item=self.item,
                copy=CopyId(f"{self.item}.deposit"), sealed_at=self.at,
            ),
            recipient=KeyRecipient(registry.node, registry.endpoint, registry.keys.wrapping.public),
            labels=(),
            particulars=Particulars(
                register_number=self.item, copy_number=1, kind=self.form.value, level=self.level,
                marking=str(self.level), label_digest=label_digest(self.xml, registry.mode),
                title=self.title, purpose="deposit", file_name=self.file_name, media_type=self.media_type,
                label=self.xml,
            ),
            sign=signer_of(registry),
        )


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
    registry: Registry, request: Request, labelling: _Labelling, sealed: tuple[str, SealedEnvelope] | None
) -> Answer:
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.LABEL)
        require_allowed(decision_of("label", [*office.reasons, *labelling.decision.reasons]))
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
            name, envelope = sealed
            digest = envelope.record.payload.digest if envelope.record.payload else b""
            body |= {
                "envelope": name, "deposit_digest": encode_base64url(digest),
                "size_bytes": envelope.content.size_bytes,
            }
        session.put(ITEM, labelling.item, body, expect=0)
        session.put(COPY, f"{labelling.item}.0", {
            "copy_number": 0, "item": labelling.item, "party": registry.party, "state": "held",
        }, expect=0)
        session.put(ENTRY, f"own.{session.at.year}.{number:06d}", {
            **described(labelling.label), **{name: body[name] for name in ("sheets", "subject") if body.get(name)},
            "act": "entered", "at": shown_at(session.at), "author": actor.post, "book": "own", "copies": 1,
            "form": labelling.form.value, "item": labelling.item, "level": str(labelling.level), "number": reference,
            "title": labelling.title,
            **({"integrity": body["deposit_digest"]} if sealed is not None else {}),
        }, expect=0)
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
    }
    if labelling.sheets is not None:
        body["sheets"] = labelling.sheets
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
