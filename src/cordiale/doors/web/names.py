"""How a page names what the books hold as codes: states, duties, and the members of a person's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cordiale.rules.duty_kinds import DUTY_KINDS
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

MEMBERS: Final[Mapping[str, str]] = {
    "briefings": marked("Briefings"), "clearances": marked("Clearances"), "key": marked("Key"),
    "name": marked("Full name"), "nationalities": marked("Nationalities"), "offices": marked("Offices"),
    "post": marked("Post"), "represents": marked("Party"), "unit": marked("Unit"),
}


def member(say: Callable[[str], str], name: str) -> str:
    """Return what a member of the record of a person is called."""
    return say(MEMBERS.get(name, name))


def word(say: Callable[[str], str], code: str) -> str:
    """Return what `code` is called; a code that has no word yet stays as it is."""
    return say(WORDS.get(code, code)) if code else ""


def duty(say: Callable[[str], str], what: str) -> str:
    """Return what a duty of the kind `what` is about, in a sentence."""
    if what in WORDS and what not in DUTY_KINDS:
        return say(WORDS[what])
    row = DUTY_KINDS.get(what)
    return say(row.meaning) if row is not None and row.meaning else word(say, what)
