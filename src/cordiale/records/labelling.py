"""What an originator says of an item that is to be labelled, read and checked before anything is sealed or entered.

The same is read when the label is only looked at: what a person was shown is what the act then does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordiale.canonical import Fields, encode_base64url, encode_canonical
from cordiale.crypto.digests import SHA384_SIZE_BYTES, sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.seal import SealRequest
from cordiale.errors import Malformed
from cordiale.limits import SHEETS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.decision import Reason
from cordiale.model.label import Label, LevelRef, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.names import ItemId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.deposits import Described, seal_to_ourselves
from cordiale.records.descriptions import read_description
from cordiale.records.drafts import DRAFT, decide_draft_now, workers_of
from cordiale.records.items import described
from cordiale.records.joined import draft_joint, open_joined
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.rules.drafts import LABEL_NOT_JOINED, OTHER_AUTHOR, list_mark_reasons
from cordiale.rules.highwater import decide_label
from cordiale.rules.joined import ANY_NUMBER, LABEL, without_joined
from cordiale.rules.marking import find_marking_phrases
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.person_json import parse_day, parse_level_ref
from cordiale.wire.scheme_table import load_schemes, schemes_for


def read_labelling(registry: Registry, request: Request) -> Labelling:
    """Return what `request` says of the item to be labelled. Raises `Malformed` for what cannot be a label."""
    return Labelling(registry, request, request.act.fields())


def list_draft_reasons(registry: Registry, books: Books, person: Person, labelling: Labelling) -> tuple[Reason, ...]:
    """Return why the draft that `labelling` names does not become the item by `person`; empty where it names none.

    To whoever does not work on it, it is not there. One with a content here takes who may read it.
    """
    if not labelling.draft:
        return ()
    draft = books.get(DRAFT, labelling.draft)
    if draft is None or person.id not in workers_of(draft):
        return (OTHER_AUTHOR,)
    against: tuple[Reason, ...] = ()
    if "envelope" in draft.body:
        joined = open_joined(registry, books, draft_joint(draft, person.id, LABEL, label=labelling.binding))
        against = without_joined(decide_draft_now(registry, books, person, draft).reasons, 1 + len(joined))
        if without_joined(against, ANY_NUMBER) != against:
            against = (*against, LABEL_NOT_JOINED)
    return against or list_mark_reasons(parse_level_ref(draft["level"]), labelling.level, labelling.scheme)


class Labelling:
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
        self.edition = fields.optional_integer("edition", 0, SHEETS_COUNT_MAX) if self.draft else None
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
        self.scheme = _own_scheme(registry.party, schemes, self.level)
        self.xml = encode_label_xml(self.label, schemes)
        self.decision = decide_label(self.label, self.scheme, registry.mode)
        self.binding = self._bind(registry)
        # A title in an unclassified register must not give a level away by itself.
        self.phrases = sorted({found.phrase for found in find_marking_phrases(self.title, [self.scheme])})

    def _bind(self, registry: Registry) -> str:
        """Return what those sign who join it: everything that is said of the item, and the content where one is given.

        When it was said, and how its file is called, is left aside.
        """
        content = encode_canonical({
            "content": encode_base64url(self.content) if self.content is not None else "", "draft": self.draft,
            **self.told(), "readers": sorted(self.readers) if self.readers is not None else None,
        })
        return encode_base64url(sha384(domain(Purpose.LABEL_PROPOSAL, registry.mode), content))

    def told(self) -> dict[str, Any]:
        """Return what is said of the item, as those who join it are shown it."""
        label = self.label
        said = {
            **described(label), **self.described, "contract": self.contract, "form": self.form.value,
            "level": str(label.level), "part": self.part, "portions": [_portion_line(one) for one in label.portions],
            "readers": sorted(self.readers or ()), "reason": label.banner_reason, "sheets": self.sheets,
            "subject": self.subject, "title": self.title,
        }
        return {name: value for name, value in said.items() if value}

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed to our own registry."""
        return seal_to_ourselves(registry, Described(
            item=self.item, form=self.form.value, label=self.label, xml=self.xml, title=self.title,
            file_name=self.file_name, media_type=self.media_type,
        ))


def _portion_line(portion: Portion) -> str:
    to = ", ".join(sorted(portion.release_to)) if portion.release_to is not None else ""
    return "; ".join(filter(None, [portion.reference, portion.level, to]))


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
