"""The one canonical JSON form of a label and of a marking (docs/spec/label.md).

This form stands inside messages, records and consignments, and is what is
signed. It has one spelling per value: members that say nothing are left out,
sets are sorted, and what is written in any other way is refused, so that two
equal labels are always the same bytes.

The forms are read without a scheme at hand. Whether a level exists in its
scheme is decided by `cordiale.rules.highwater.decide_label`.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import (
    IDENTIFIER_LENGTH_MAX,
    LABEL_CAVEATS_COUNT_MAX,
    LABEL_PARTIES_COUNT_MAX,
    LABEL_PORTIONS_COUNT_MAX,
    LABEL_WORDS_LENGTH_MAX,
)
from cordiale.model.label import Label, LevelRef, Marking, Portion, Trigger, TriggerKind
from cordiale.model.names import AgreementId, PartyId, parse_identifier, parse_party_id

LABEL_FORM: Final = "cordiale-label-1"
MARKING_FORM: Final = "cordiale-marking-1"
PROFILE_VERSION_MAX: Final = 2**31 - 1

_SCHEME_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?\Z", re.ASCII)


def parse_scheme_id(text: str) -> str:
    """Return `text` as the id of a scheme: letters, digits and inner hyphens, at most 40; raises `Malformed`."""
    if not _SCHEME_ID.match(text):
        raise Malformed(
            "label.scheme-id", "`{value}` is not the id of a scheme", hint="use letters, digits and hyphens",
            value=text[:40],
        )
    return text


def label_to_json(label: Label) -> dict[str, Json]:
    """Return `label` in its one JSON form. Raises `Malformed` for a time that is not in UTC and whole seconds."""
    parse_scheme_id(label.level.scheme)
    value: dict[str, Json] = {
        "form": LABEL_FORM,
        "originator": label.originator,
        "scheme": label.level.scheme,
        "level": label.level.name,
        "release_to": _parties_to_json(label.release_to),
        "created_at": encode_instant(label.created_at),
    }
    if label.office:
        value["office"] = label.office
    if label.caveats:
        value["caveats"] = [{"tag": tag, "value": words} for tag, words in sorted(label.caveats)]
    if label.handle_as is not None:
        value["handle_as"] = label.handle_as.name
    if label.trigger is not None:
        value["trigger"] = _trigger_to_json(label.trigger)
    if label.portions:
        value["portions"] = [portion_to_json(portion) for portion in label.portions]
    if label.banner_reason:
        value["banner_reason"] = label.banner_reason
    if label.joint:
        value["joint"] = _parties_to_json(label.joint)
    return value


def label_from_json(value: Json) -> Label:
    """Read a label in its one JSON form. Raises `Malformed` for every other form."""
    fields = Fields(value, where="label")
    fields.constant("form", LABEL_FORM)
    scheme = parse_scheme_id(fields.text("scheme"))
    handle_as = fields.optional_text("handle_as", max_length=LABEL_WORDS_LENGTH_MAX)
    trigger = fields.optional_object("trigger")
    portions = fields.optional_array("portions", max_count=LABEL_PORTIONS_COUNT_MAX)
    label = Label(
        originator=parse_party_id(fields.text("originator")),
        level=LevelRef(scheme, fields.text("level", max_length=LABEL_WORDS_LENGTH_MAX)),
        release_to=_read_parties(fields, "release_to"),
        created_at=fields.instant("created_at"),
        office=fields.optional_text("office") or "",
        caveats=_read_caveats(fields),
        handle_as=None if handle_as is None else LevelRef(scheme, handle_as),
        trigger=None if trigger is None else _read_trigger(trigger),
        portions=tuple(portion_from_json(element) for element in _not_empty("portions", portions)),
        banner_reason=fields.optional_text("banner_reason") or "",
        joint=_read_joint(fields),
    )
    fields.end()
    return label


def portion_to_json(portion: Portion) -> dict[str, Json]:
    """Return one portion in its one JSON form."""
    value: dict[str, Json] = {"reference": portion.reference}
    if portion.level:
        value["level"] = portion.level
    if portion.release_to is not None:
        value["release_to"] = _parties_to_json(portion.release_to)
    return value


def portion_from_json(value: Json) -> Portion:
    """Read one portion in its one JSON form. Raises `Malformed` for every other form."""
    fields = Fields(value, where="portion")
    portion = Portion(
        reference=fields.text("reference", max_length=LABEL_WORDS_LENGTH_MAX),
        level=fields.optional_text("level", max_length=LABEL_WORDS_LENGTH_MAX) or "",
        release_to=_read_parties(fields, "release_to") if fields.has("release_to") else None,
    )
    fields.end()
    return portion


def marking_to_json(marking: Marking) -> dict[str, Json]:
    """Return `marking` in its one JSON form."""
    value: dict[str, Json] = {
        "form": MARKING_FORM,
        "party": marking.party,
        "scheme": parse_scheme_id(marking.level.scheme),
        "level": marking.level.name,
        "agreement": parse_identifier(marking.agreement, "agreement id"),
        "profile_version": marking.profile_version,
        "article": marking.article,
        "derived_from": {
            "scheme": parse_scheme_id(marking.derived_from.scheme), "level": marking.derived_from.name,
        },
    }
    if marking.note:
        value["note"] = marking.note
    return value


def marking_from_json(value: Json) -> Marking:
    """Read a marking in its one JSON form. Raises `Malformed` for every other form."""
    fields = Fields(value, where="marking")
    fields.constant("form", MARKING_FORM)
    marking = Marking(
        party=parse_party_id(fields.text("party")),
        level=_read_level(fields),
        agreement=AgreementId(
            parse_identifier(fields.text("agreement", max_length=IDENTIFIER_LENGTH_MAX), "agreement id")
        ),
        profile_version=fields.integer("profile_version", 1, PROFILE_VERSION_MAX),
        article=fields.text("article"),
        derived_from=_read_level(fields.object("derived_from")),
        note=fields.optional_text("note") or "",
    )
    fields.end()
    return marking


def _read_level(fields: Fields) -> LevelRef:
    return LevelRef(parse_scheme_id(fields.text("scheme")), fields.text("level", max_length=LABEL_WORDS_LENGTH_MAX))


def _parties_to_json(parties: frozenset[PartyId]) -> list[Json]:
    return [parse_party_id(party) for party in sorted(parties)]


def _read_parties(fields: Fields, name: str) -> frozenset[PartyId]:
    codes = fields.texts(name, max_count=LABEL_PARTIES_COUNT_MAX)
    _require_ascending(name, [(code,) for code in codes])
    return frozenset(parse_party_id(code) for code in codes)


def _read_joint(fields: Fields) -> frozenset[PartyId]:
    if not fields.has("joint"):
        return frozenset()
    _not_empty("joint", fields.array("joint"))
    return _read_parties(fields, "joint")


def _read_caveats(fields: Fields) -> frozenset[tuple[str, str]]:
    if not fields.has("caveats"):
        return frozenset()
    _not_empty("caveats", fields.array("caveats"))
    caveats = [
        (caveat.text("tag", max_length=LABEL_WORDS_LENGTH_MAX), caveat.text("value", max_length=LABEL_WORDS_LENGTH_MAX))
        for caveat in fields.objects("caveats", max_count=LABEL_CAVEATS_COUNT_MAX)
    ]
    _require_ascending("caveats", list(caveats))
    return frozenset(caveats)


def _trigger_to_json(trigger: Trigger) -> dict[str, Json]:
    if trigger.on is None:
        return {"kind": trigger.kind.value, "event": trigger.event}
    return {"kind": trigger.kind.value, "on": trigger.on.isoformat()}


def _read_trigger(fields: Fields) -> Trigger:
    kind = fields.choice("kind", TriggerKind)
    if kind is TriggerKind.EVENT:
        return Trigger(kind, event=fields.text("event"))
    return Trigger(kind, on=read_day(fields.text("on", max_length=10)))


def read_day(text: str) -> date:
    """Read a day such as ``2031-04-01``. Raises `Malformed` for any other form."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed(
            "label.day", "`{value}` is not a day such as 2031-04-01", hint="write year, month and day with hyphens",
            value=text[:10],
        )
    return day


def _not_empty(name: str, elements: list[Json] | None) -> list[Json]:
    if elements is None:
        return []
    if not elements:
        raise Malformed(
            "label.empty-list", "the list `{name}` of a label is empty", hint="leave it out", name=name
        )
    return elements


def _require_ascending(name: str, elements: list[tuple[str, ...]]) -> None:
    if any(first >= second for first, second in pairwise(elements)):
        raise Malformed(
            "label.order", "the list `{name}` of a label is not sorted, or names something twice",
            hint="ask the sender to write it in ascending order", name=name,
        )
