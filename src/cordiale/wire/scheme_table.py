"""Classification schemes as JSON, and the table of schemes that is shipped.

The table says which levels a scheme has, in which order, and how well each
scheme is established (`status`). It relates no scheme to another: only the
table of an agreement does that. Two of the schemes are invented, for exercises,
and carry no word of any real one (docs/spec/schemes.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from cordiale.canonical import Fields, Json, encode_canonical
from cordiale.errors import Malformed
from cordiale.limits import (
    LABEL_WORDS_LENGTH_MAX,
    SCHEME_LEVELS_COUNT_MAX,
    SCHEMES_COUNT_MAX,
    SCHEMES_SIZE_BYTES_MAX,
    SHORT_TEXT_LENGTH_MAX,
)
from cordiale.model.label import EXERCISE_STATUS, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import parse_party_id
from cordiale.model.spelling import fold_look_alikes, require_line
from cordiale.wire.label_json import parse_scheme_id, read_day

SCHEMES_FORM: Final = "cordiale-schemes-1"
_SOURCES_COUNT_MAX: Final = 20
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+\Z", re.ASCII)


class Status(StrEnum):
    """How well the levels of a scheme are established."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    GENERAL_KNOWLEDGE = "general knowledge"
    EXERCISE = EXERCISE_STATUS


@cache
def load_schemes() -> Mapping[str, Scheme]:
    """Return the shipped schemes by id, real ones and exercise ones. Raises `Malformed` for a damaged table."""
    return parse_schemes(files("cordiale.templates").joinpath("schemes.json").read_bytes())


def schemes_for(mode: Mode, schemes: Mapping[str, Scheme]) -> Mapping[str, Scheme]:
    """Return those of `schemes` that a node of `mode` may use: exercises invented ones only, others none of them."""
    return _shipped_for(mode) if schemes is load_schemes() else _only_for(mode, schemes)


@cache
def _shipped_for(mode: Mode) -> Mapping[str, Scheme]:
    return _only_for(mode, load_schemes())


def _only_for(mode: Mode, schemes: Mapping[str, Scheme]) -> Mapping[str, Scheme]:
    is_exercise = mode is Mode.EXERCISE
    return MappingProxyType({id_: s for id_, s in schemes.items() if s.is_exercise is is_exercise})


def parse_schemes(data: bytes) -> Mapping[str, Scheme]:
    """Read a table of schemes: JSON as people write it, at most 1 MiB, ordered and indented as they like.

    Raises `Malformed` for a member named twice, unknown members, and two schemes whose ids differ by case only.
    """
    if len(data) > SCHEMES_SIZE_BYTES_MAX:
        raise Malformed(
            "scheme.size", "the table of schemes is larger than {size_max} bytes", hint="split it",
            size_max=SCHEMES_SIZE_BYTES_MAX,
        )
    try:
        value: Json = json.loads(data.decode("utf-8"), object_pairs_hook=_require_single_names)
    except (ValueError, RecursionError) as error:
        raise Malformed("scheme.form", "the table of schemes is not JSON", hint="correct the file") from error
    encode_canonical(value)
    fields = Fields(value, where="table of schemes")
    fields.constant("form", SCHEMES_FORM)
    schemes = [scheme_from_json(element) for element in fields.array("schemes", max_count=SCHEMES_COUNT_MAX)]
    fields.end()
    if len({scheme.id.casefold() for scheme in schemes}) != len(schemes):
        raise Malformed("scheme.twice", "two schemes of the table have the same id", hint="rename one of them")
    return MappingProxyType({scheme.id: scheme for scheme in schemes})


def scheme_to_json(scheme: Scheme) -> dict[str, Json]:
    """Return `scheme` as a JSON object; what it does not say is left out."""
    told = {
        "abbreviation": scheme.abbreviations, "phrase": scheme.phrases, "marked_as": scheme.marked_as,
        "definition": scheme.definitions,
    }
    levels: list[Json] = []
    for name in scheme.levels:
        level: dict[str, Json] = {"name": name}
        level |= {member: dict(texts)[name] for member, texts in told.items() if name in dict(texts)}
        if name in scheme.obsolete:
            level["obsolete"] = True
        levels.append(level)
    value: dict[str, Json] = {"id": scheme.id, "title": scheme.title, "status": scheme.status, "levels": levels}
    days = {"valid_from": scheme.valid_from, "valid_until": scheme.valid_until}
    value |= {name: day.isoformat() for name, day in days.items() if day is not None}
    texts = {"party": scheme.party or "", "oid": scheme.oid, "note": scheme.note}
    value |= {name: text for name, text in texts.items() if text}
    if scheme.source:
        value["source"] = list(scheme.source)
    if not scheme.ordered:
        value["ordered"] = False
    return value


def scheme_from_json(value: Json) -> Scheme:
    """Read what `scheme_to_json` wrote.

    Raises `Malformed` for every other form, and for levels that are equal or look alike: a scheme whose own
    levels could be mistaken for each other protects nothing.
    """
    fields = Fields(value, where="scheme")
    levels = fields.objects("levels", max_count=SCHEME_LEVELS_COUNT_MAX)
    names = tuple(_read_words(level, "name") for level in levels)
    party = fields.optional_text("party")
    scheme = Scheme(
        id=parse_scheme_id(fields.text("id")),
        party=None if party is None else parse_party_id(party),
        title=fields.text("title"),
        levels=names,
        status=fields.choice("status", Status).value,
        source=fields.texts("source", max_count=_SOURCES_COUNT_MAX) if fields.has("source") else (),
        ordered=not (fields.has("ordered") and _read_flag(fields, "ordered", False)),
        obsolete=frozenset(n for n, f in zip(names, levels, strict=True) if _has_flag(f, "obsolete")),
        abbreviations=_read_texts(names, levels, "abbreviation"),
        oid=_read_oid(fields),
        phrases=_read_texts(names, levels, "phrase"),
        marked_as=_read_texts(names, levels, "marked_as"),
        definitions=tuple(
            (name, require_line(level.text("definition"), what="the definition of a level",
                                length_max=SHORT_TEXT_LENGTH_MAX))
            for name, level in zip(names, levels, strict=True) if level.has("definition")
        ),
        valid_from=_read_optional_day(fields, "valid_from"),
        valid_until=_read_optional_day(fields, "valid_until"),
        note=fields.optional_text("note") or "",
    )
    fields.end()
    _require_distinct_levels(scheme)
    return scheme


def _require_distinct_levels(scheme: Scheme) -> None:
    if not scheme.levels:
        raise Malformed("scheme.no-levels", "the scheme {scheme} has no levels", hint="name them", scheme=scheme.id)
    if len({fold_look_alikes(name) for name in scheme.levels}) != len(scheme.levels):
        raise Malformed(
            "scheme.levels-alike", "two levels of the scheme {scheme} are the same or look alike",
            hint="correct the spelling of its levels", scheme=scheme.id,
        )


def _require_single_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed(
            "scheme.duplicate-member", "a member is named twice in one object of the table of schemes",
            hint="correct the file",
        )
    return members


def _read_words(fields: Fields, name: str) -> str:
    text = fields.text(name, max_length=LABEL_WORDS_LENGTH_MAX)
    return require_line(text, what="a marking of a scheme", length_max=LABEL_WORDS_LENGTH_MAX)


def _read_texts(names: tuple[str, ...], levels: Iterable[Fields], member: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _read_words(level, member)) for name, level in zip(names, levels, strict=True) if level.has(member)
    )


def _has_flag(fields: Fields, name: str) -> bool:
    return fields.has(name) and _read_flag(fields, name, True)


def _read_flag(fields: Fields, name: str, expected: bool) -> bool:
    """Read a flag that is written only when it differs from the ordinary; returns True."""
    if fields.boolean(name) is not expected:
        raise Malformed(
            "scheme.flag", "`{name}` of a scheme says the ordinary", hint="leave it out", name=name,
        )
    return True


def _read_optional_day(fields: Fields, name: str) -> date | None:
    return read_day(fields.text(name)) if fields.has(name) else None


def _read_oid(fields: Fields) -> str:
    oid = fields.optional_text("oid") or ""
    if oid and not _OID.match(oid):
        raise Malformed(
            "scheme.oid", "`{value}` is not an object identifier", hint="write numbers with dots", value=oid[:40]
        )
    return oid
