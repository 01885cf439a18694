"""Brings the catalogues up to date with the source: `python -m cordiale.words.collect` (babel is needed).

A sentence that is new stands untranslated and is shown in English; one that is
gone leaves the catalogue. The compiled catalogues are kept beside, because an
installed program has no tool to make them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cordiale.words import DOMAIN, FOLDER
from cordiale.words.counted import COUNTED
from cordiale.words.sources import BORROWED, find_sentences

LANGUAGES: Final = ("en", "fr", "ja", "uk")
PLURAL_FORMS: Final = {
    "en": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ja": "nplurals=1; plural=0;",
    "uk": "nplurals=3; plural=n % 10 == 1 && n % 100 != 11 ? 0 "
          ": n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? 1 : 2;",
}
"""The forms that a language has for what is counted, and which number takes which: as gettext writes them."""
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CHANGING: Final = (
    b'"POT-Creation', b'"PO-Revision', b'"Generated-By', b'"Report-Msgid', b'"Last-Trans', b'"Language-Team',
)


def template() -> Catalog:
    """Return every sentence of the source, each with the files it stands in."""
    catalog = Catalog(domain=DOMAIN)
    for text in BORROWED:
        catalog.add(text, locations=[("click", 0)])
    for sentence in find_sentences():
        counted = COUNTED.get(sentence.text)
        catalog.add((counted.one, sentence.text) if counted else sentence.text, locations=[(sentence.file, 0)])
    return catalog


def paths_of(language: str) -> tuple[Path, Path]:
    """Return where the catalogue of `language` lies, to edit and compiled."""
    folder = FOLDER / language / "LC_MESSAGES"
    return folder / f"{DOMAIN}.po", folder / f"{DOMAIN}.mo"


def updated(language: str) -> Catalog:
    """Return the catalogue of `language` with the sentences of the source, and the translations there are."""
    source, _ = paths_of(language)
    known = read(language) if source.exists() else Catalog(locale=language, domain=DOMAIN)
    catalog = Catalog(
        locale=language, domain=DOMAIN, project="cordiale", version="0", fuzzy=False,
        header_comment=f"# What Cordiale says, in {language}.",
    )
    catalog.mime_headers = [("Plural-Forms", PLURAL_FORMS[language])]
    for message in template():
        if message.id:
            # English is written out too: what a catalogue lacks, the next language of the user would say.
            string = message.id if language == "en" else _known(known, message, catalog.num_plurals)
            catalog.add(message.id, string, locations=message.locations)
    return catalog


def _known(known: Catalog, said: Message, forms: int) -> str | tuple[str, ...]:
    """Return the translation there is; of a sentence that counts in `forms` forms, those that are wanting empty."""
    if isinstance(said.id, str):
        before = known.get(said.id)
        return before.string if before and isinstance(before.string, str) else ""
    before, plain = known.get(said.id[0]), known.get(said.id[1])
    if before is not None and isinstance(before.string, tuple | list):
        return tuple([*before.string, *[""] * forms][:forms])
    # What was said in one form until now goes on as the form for many.
    return (*[""] * (forms - 1), plain.string if plain and isinstance(plain.string, str) else "")


def is_complete(message: Message) -> bool:
    """Tell whether every form of `message` is translated."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def read(language: str) -> Catalog:
    """Return the catalogue of `language` as it lies on disk."""
    source, _ = paths_of(language)
    with source.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def encoded(catalog: Catalog) -> tuple[bytes, bytes]:
    """Return a catalogue to edit, and compiled; without a date, so that nothing changes when nothing changed."""
    editable, compiled = BytesIO(), BytesIO()
    write_po(editable, catalog, width=0, include_lineno=False, omit_header=False, sort_output=False)
    lines = editable.getvalue().splitlines(keepends=True)
    kept = b"".join(line for line in lines if not line.startswith(_CHANGING))
    undated = read_po(BytesIO(kept), domain=DOMAIN)
    undated.creation_date = undated.revision_date = _NO_DATE
    write_mo(compiled, undated)
    return kept, compiled.getvalue()


def coverage() -> Iterator[tuple[str, int, int, int]]:
    """Yield each language with how many of the doors' sentences, and of all, are translated, and how many there are."""
    for language in LANGUAGES:
        messages = [message for message in read(language) if message.id]
        doors = [one for one in messages if any(str(place).startswith("doors") for place, _ in one.locations)]
        yield language, sum(map(is_complete, doors)), sum(map(is_complete, messages)), len(messages)


def main() -> None:
    """Write every catalogue, and say how far each has come."""
    for language in LANGUAGES:
        source, compiled = paths_of(language)
        source.parent.mkdir(parents=True, exist_ok=True)
        for path, content in zip((source, compiled), encoded(updated(language)), strict=True):
            path.write_bytes(content)
    for language, doors, done, total in coverage():
        sys.stdout.write(f"{language}: {done} of {total} sentences translated, {doors} of them at the doors\n")


if __name__ == "__main__":
    main()
