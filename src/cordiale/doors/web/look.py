"""How pages look: templates, their words, dates and numbers as each language writes them, and the static files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from cordiale import templates
from cordiale.canonical import parse_instant
from cordiale.errors import Malformed
from cordiale.words.spoken import LANGUAGES, Words

FOLDER: Final = Path(next(iter(templates.__path__))) / "desk"
_DAY: Final = re.compile(r"(?a:\b(\d{4}-\d{2}-\d{2})\b)")
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that every page may use, read once."""

    content: bytes
    media_type: str
    version: str


class _Pages(Environment):
    """Templates in which a member of a mapping comes before a method of it: a row may have a `copy` or `items`."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the member, and only where there is none the attribute."""
        return obj[attribute] if isinstance(obj, Mapping) and attribute in obj else super().getattr(obj, attribute)


class Look:
    """The templates of the desk, compiled once."""

    def __init__(self) -> None:
        self.files = {path.name: _read(path) for path in sorted((FOLDER / "static").iterdir()) if path.suffix in _TYPES}
        self._environment = _Pages(
            loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True,
            lstrip_blocks=True, cache_size=-1, auto_reload=False,
        )
        self._environment.filters |= {"when": _when, "day": _day, "number": _number, "reason": _reason, "dated": _dated}
        self._environment.globals |= {"static": self._static, "languages": LANGUAGES}

    def render(self, template: str, words: Words, context: Mapping[str, Any]) -> str:
        """Return the page `template` in the language of `words`."""
        return self._environment.get_template(template).render(
            {"say": words.say, "language": words.language, "words": words, **context}
        )

    def add(self, name: str, value: Callable[..., Any]) -> None:
        """Make `value` known to every template as `name`."""
        self._environment.globals[name] = value

    def _static(self, name: str) -> str:
        return f"/static/{name}?v={self.files[name].version}"


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])


def _locale(language: str) -> str:
    """Return the locale of a language; English days and hours are written so that nobody takes them for others."""
    return language if language in LANGUAGES and language != "en" else "en_GB"


def _instant(text: str) -> datetime | None:
    """Read a moment as the books write it or as papers print it."""
    try:
        return parse_instant(text.replace(" UTC", "Z").replace(" ", "T"))
    except Malformed:
        return None


@pass_context
def _when(context: Context, text: str | None) -> Markup:
    """Write a moment as the language does, in UTC, readable by a machine too."""
    at = _instant(text or "")
    if at is None:
        return _day(context, text)
    shown = _shown_moment(at.replace(second=0, microsecond=0), _locale(context["language"]))
    on, _, clock = shown.rpartition(" ")
    return Markup(
        '<time datetime="{}"><span class="one">{}</span> <span class="one">{} UTC</span></time>'
    ).format(text, on, clock)


@pass_context
def _day(context: Context, text: str | None) -> Markup:
    """Write a day as the language does; what is no day stays as it is."""
    try:
        on = date.fromisoformat((text or "")[:10])
    except ValueError:
        return escape(text or "")
    shown = _shown_day(on, _locale(context["language"]))
    return Markup('<time class="one" datetime="{}">{}</time>').format(on.isoformat(), shown)


@lru_cache(maxsize=4_096)
def _shown_moment(at: datetime, locale: str) -> str:
    return str(format_datetime(at, "medium", locale=locale)).removesuffix(":00")


@lru_cache(maxsize=4_096)
def _shown_day(on: date, locale: str) -> str:
    return str(format_date(on, "medium", locale=locale))


@pass_context
def _dated(context: Context, text: Any) -> Markup:
    """Write the days that stand in a sentence of the node's own as the language does."""
    return Markup("").join(
        _day(context, part) if _DAY.fullmatch(part) else escape(part) for part in _DAY.split(str(text))
    )


@pass_context
def _number(context: Context, value: int) -> str:
    return str(format_decimal(value, locale=_locale(context["language"])))


@pass_context
def _reason(context: Context, reason: Mapping[str, Any]) -> str:
    """Say a reason of a decision as a view gives it."""
    return str(context["say"](reason["text"], **reason["fields"]))
