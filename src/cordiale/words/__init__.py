"""What people read, in their language: English in the source, other languages in the catalogues beside this file.

`LANGUAGE`, `LC_ALL`, `LC_MESSAGES` and `LANG` choose, as in every program that
uses gettext. What is written for programs (codes, names of fields, JSON) is
never translated. `python -m cordiale.words.catalogues` brings the catalogues up
to date with the source.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DOMAIN: Final = "cordiale"
FOLDER: Final = Path(__file__).parent / "catalogues"

gettext.bindtextdomain(DOMAIN, str(FOLDER))
# The words that the command line's own library writes come out of the same catalogue.
gettext.textdomain(DOMAIN)


def say(text: str, /, **fields: object) -> str:
    """Return the sentence `text` in the language of the user, with `fields`, in the form for what it counts."""
    if fields:
        # What says nothing of numbers, as the help does, need not read the table of them.
        from cordiale.words.counted import COUNTED

        if counted := COUNTED.get(text):
            return fill(gettext.dngettext(DOMAIN, counted.one, text, counted.number(fields)), fields)
    return fill(gettext.dgettext(DOMAIN, text) if text else "", fields)


def fill(text: str, fields: Mapping[str, object]) -> str:
    """Return `text` with `fields` filled in; a text whose fields are not all there stays as it is."""
    try:
        return text.format(**fields) if "{" in text else text
    except (KeyError, IndexError, ValueError):
        return text
