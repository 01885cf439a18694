"""The one canonical JSON form of an implementing profile (docs/spec/agreement.md).

This is what the competent authorities of the parties sign. What says the
ordinary is left out, sets are sorted, rules stand in the order they were
written in, and any other spelling of the same profile is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, parse_base64url, parse_canonical
from cordiale.errors import Malformed
from cordiale.limits import (
    AGREEMENT_RULES_COUNT_MAX,
    AGREEMENT_SIZE_BYTES_MAX,
    DEADLINE_DAYS_MAX,
    HOLIDAYS_COUNT_MAX,
    PARAGRAPH_LENGTH_MAX,
    PARTIES_COUNT_MAX,
    SCHEMES_COUNT_MAX,
    TERMINATION_MONTHS_MAX,
)
from cordiale.model.agreement import Equivalence, EquivalenceKind, Profile, RegistryEntry
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId, parse_identifier, parse_party_id
from cordiale.wire.channel_rows import channel_row_from_json, channel_row_to_json
from cordiale.wire.clearance_rows import clearance_row_from_json, clearance_row_to_json
from cordiale.wire.label_json import PROFILE_VERSION_MAX, read_day
from cordiale.wire.rule_json import (
    access_rule_from_json,
    access_rule_to_json,
    act_rule_from_json,
    act_rule_to_json,
    level_from_text,
    levels_from_json,
    optional_day,
    parties_from_json,
    read_party,
    require_only_form,
    terms_from_json,
    terms_to_json,
    with_days,
)
from cordiale.wire.scheme_table import scheme_from_json, scheme_to_json

PROFILE_FORM: Final = "cordiale-profile-1"
TEXT_DIGEST_BYTES: Final = 48
_MARKING_PARTIES: Final = ("", "originator", "recipient")


def encode_profile(profile: Profile) -> bytes:
    """Return the bytes of `profile` that are signed. Raises `Malformed` for what the form cannot hold."""
    return encode_canonical(profile_to_json(profile))


def parse_profile(data: bytes) -> Profile:
    """Read a profile, at most 4 MiB, in its only form; raises `Malformed` for every other."""
    return profile_from_json(parse_canonical(data, size_max=AGREEMENT_SIZE_BYTES_MAX))


def profile_to_json(profile: Profile) -> dict[str, Json]:
    """Return `profile` in its JSON form."""
    value: dict[str, Json] = {
        "form": PROFILE_FORM,
        "agreement": profile.agreement,
        "version": profile.version,
        "mode": profile.mode.value,
        "title": profile.title,
        "parties": list(profile.parties),
        "schemes": [scheme_to_json(scheme) for scheme in profile.schemes],
        "scheme_of": [{"party": party, "scheme": scheme} for party, scheme in profile.scheme_of],
        "equivalences": [_row_to_json(row) for row in profile.equivalences],
        "acts": [act_rule_to_json(rule) for rule in profile.acts],
        "access": [access_rule_to_json(rule) for rule in profile.access],
        "registries": [registry_to_json(registry) for registry in profile.registries],
        "caps": [
            {"party": party, "level": str(level), "article": article} for party, level, article in profile.caps
        ],
        "caveats": [
            {"tag": tag, "value": words, "meaning": meaning} for tag, words, meaning in profile.caveats
        ],
        "holidays": _days_to_json(profile),
        "entry_requires_notes": profile.entry_requires_notes,
        "open_questions": list(profile.open_questions),
    }
    texts = {
        "text_digest": profile.text_digest, "language": profile.language,
        "marks_equivalent": profile.marks_equivalent, "marks_article": profile.marks_article,
        "entry_article": profile.entry_article, "termination_article": profile.termination_article,
    }
    value |= {name: text for name, text in texts.items() if text}
    if profile.clearance_equivalences:
        value["clearance_equivalences"] = [clearance_row_to_json(row) for row in profile.clearance_equivalences]
    if profile.channels:
        value["channels"] = [channel_row_to_json(row) for row in profile.channels]
    counts = {"termination_days": profile.termination_days, "termination_months": profile.termination_months}
    value |= {name: count for name, count in counts.items() if count is not None}
    return value | terms_to_json(profile.terms)


def profile_from_json(value: Json) -> Profile:
    """Read what `profile_to_json` wrote; raises `Malformed` for every other form."""
    fields = Fields(value, where="implementing profile")
    fields.constant("form", PROFILE_FORM)
    holidays, weekends = _days_from_json(fields)
    profile = Profile(
        agreement=AgreementId(parse_identifier(fields.text("agreement"), "agreement")),
        version=fields.integer("version", 1, PROFILE_VERSION_MAX),
        mode=fields.choice("mode", Mode),
        title=fields.text("title"),
        parties=parties_from_json(fields, "parties"),
        text_digest=_read_digest(fields),
        language=fields.optional_text("language") or "",
        schemes=tuple(scheme_from_json(s) for s in fields.array("schemes", max_count=SCHEMES_COUNT_MAX)),
        scheme_of=tuple(
            (read_party(f), f.text("scheme")) for f in fields.objects("scheme_of", max_count=SCHEMES_COUNT_MAX)
        ),
        equivalences=tuple(_row_from_json(f) for f in _rules(fields, "equivalences")),
        acts=tuple(act_rule_from_json(f) for f in _rules(fields, "acts")),
        access=tuple(access_rule_from_json(f) for f in _rules(fields, "access")),
        registries=tuple(registry_from_json(f) for f in _rules(fields, "registries")),
        caps=tuple(_cap_from_json(f) for f in _rules(fields, "caps")),
        marks_equivalent=_read_marking_party(fields),
        marks_article=fields.optional_text("marks_article") or "",
        caveats=tuple(
            (f.text("tag"), f.text("value"), f.text("meaning")) for f in _rules(fields, "caveats")
        ),
        entry_requires_notes=fields.boolean("entry_requires_notes"),
        entry_article=fields.optional_text("entry_article") or "",
        termination_days=fields.optional_integer("termination_days", 1, DEADLINE_DAYS_MAX),
        termination_months=fields.optional_integer("termination_months", 1, TERMINATION_MONTHS_MAX),
        termination_article=fields.optional_text("termination_article") or "",
        holidays=holidays,
        weekends=weekends,
        open_questions=fields.texts("open_questions", max_count=AGREEMENT_RULES_COUNT_MAX),
        terms=terms_from_json(fields),
        clearance_equivalences=tuple(
            clearance_row_from_json(f) for f in _rules(fields, "clearance_equivalences")
        ) if fields.has("clearance_equivalences") else (),
        channels=tuple(channel_row_from_json(f) for f in _rules(fields, "channels")) if fields.has("channels") else (),
    )
    fields.end()
    require_only_form(profile_to_json(profile), value, "implementing profile")
    return profile


def encode_text_digest(digest: bytes) -> str:
    """Write the digest of a text as `Profile.text_digest` holds it; raises `Malformed` for another length."""
    if len(digest) != TEXT_DIGEST_BYTES:
        raise Malformed(
            "agreement.digest-length", "the digest of a text has {count} bytes, not {expected}",
            hint="make it with SHA-384", count=len(digest), expected=TEXT_DIGEST_BYTES,
        )
    return encode_base64url(digest)


def _read_digest(fields: Fields) -> str:
    text = fields.optional_text("text_digest") or ""
    if text:
        encode_text_digest(parse_base64url(text, where="the digest of the text"))
    return text


def _read_marking_party(fields: Fields) -> str:
    role = fields.optional_text("marks_equivalent") or ""
    if role not in _MARKING_PARTIES:
        raise Malformed(
            "agreement.marking-party", "it is not known who `{role}` is, who adds the equivalent marking",
            hint="write originator or recipient", role=role[:40],
        )
    return role


def _rules(fields: Fields, name: str) -> tuple[Fields, ...]:
    return fields.objects(name, max_count=AGREEMENT_RULES_COUNT_MAX)


def _row_to_json(row: Equivalence) -> dict[str, Json]:
    value: dict[str, Json] = {"source": str(row.source), "recipient": row.recipient, "kind": row.kind.value}
    texts = {"article": row.article, "target": str(row.target) if row.target else "", "note": row.note}
    value |= {name: text for name, text in texts.items() if text}
    return with_days(value, valid_from=row.valid_from, valid_until=row.valid_until)


def _row_from_json(fields: Fields) -> Equivalence:
    target = fields.optional_text("target")
    return Equivalence(
        source=level_from_text(fields.text("source")),
        recipient=read_party(fields, "recipient"),
        kind=fields.choice("kind", EquivalenceKind),
        article=fields.optional_text("article") or "",
        target=None if target is None else level_from_text(target),
        valid_from=optional_day(fields, "valid_from"),
        valid_until=optional_day(fields, "valid_until"),
        note=fields.optional_text("note", max_length=PARAGRAPH_LENGTH_MAX) or "",
    )


def _cap_from_json(fields: Fields) -> tuple[PartyId, LevelRef, str]:
    return (read_party(fields), level_from_text(fields.text("level")), fields.text("article"))


def registry_to_json(registry: RegistryEntry) -> dict[str, Json]:
    """Return a listed registry as a JSON object."""
    value: dict[str, Json] = {
        "id": registry.id, "party": registry.party, "title": registry.title, "article": registry.article,
        "levels": [*sorted(str(level) for level in registry.levels)],
    }
    return with_days(value, opened_on=registry.opened_on, closed_on=registry.closed_on)


def registry_from_json(fields: Fields) -> RegistryEntry:
    """Read what `registry_to_json` wrote. Raises `Malformed`."""
    return RegistryEntry(
        id=parse_identifier(fields.text("id"), "registry"),
        party=read_party(fields),
        title=fields.text("title"),
        levels=levels_from_json(fields, "levels"),
        article=fields.text("article"),
        opened_on=optional_day(fields, "opened_on"),
        closed_on=optional_day(fields, "closed_on"),
    )


def _days_to_json(profile: Profile) -> list[Json]:
    holidays, weekends = dict(profile.holidays), dict(profile.weekends)
    parties: Iterable[PartyId] = sorted(set(holidays) | set(weekends))
    return [
        {
            "party": party,
            "days": [day.isoformat() for day in sorted(holidays.get(party, ()))],
            "weekend": [*sorted(weekends.get(party, frozenset()))],
        }
        for party in parties
    ]


def _days_from_json(
    fields: Fields,
) -> tuple[tuple[tuple[PartyId, tuple[date, ...]], ...], tuple[tuple[PartyId, frozenset[int]], ...]]:
    holidays, weekends = [], []
    for entry in fields.objects("holidays", max_count=PARTIES_COUNT_MAX):
        party = parse_party_id(entry.text("party"))
        days = entry.texts("days", max_count=HOLIDAYS_COUNT_MAX)
        holidays.append((party, tuple(read_day(day) for day in days)))
        weekend = entry.array("weekend", max_count=7)
        weekends.append((party, frozenset(day for day in weekend if type(day) is int and 0 <= day <= 6)))
    return tuple(holidays), tuple(weekends)
