"""How words of a label may be spelt, and which spellings only look right.

A marking is read by people and compared by machines. Letters of another script,
compatibility forms and invisible characters make two texts that look the same
and are not (Unicode Technical Standard 39). So a free text is one plain line in
one form, a name is matched with the scheme's own spelling, case aside, and what
merely looks like a name is told apart from what is unknown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from cordiale.errors import Malformed

_SCRIPTS_THAT_LOOK_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_SPACES: Final = frozenset({" ", "\u3000"})

# Letters after case folding, each with the letter it is taken for. Markings are mostly written in capitals, so
# where a capital and its small letter look like different letters the capital decides.
_LOOK_ALIKE_PAIRS: Final = (
    "аa вb еe ԁd ғf һh іi јj кk ӏi мm нh оo ԛq рp сc ѕs тt уy үy хx ԝw ьb ъb єe "
    "αa βb εe ζz ηh ιi κk μm νn οo ρp τt υy χx γy ωw ϲc ϳj "
    "աw ոn օo սu հh յj ցg զq ıi łi li |i 1i 0o øo ɑa ɡg đd ħh 祕秘 极極"
)
_LOOK_ALIKES: Final = {ord(pair[0]): pair[1] for pair in _LOOK_ALIKE_PAIRS.split()}


def is_line(text: str) -> bool:
    """Tell whether `text` is one plain line: NFC, no control, invisible or private characters, no outer spaces."""
    if text.isascii():
        return text.isprintable() and text == text.strip()
    if text != text.strip() or not unicodedata.is_normalized("NFC", text):
        return False
    return all(map(_is_plain, text))


def require_line(text: str, *, what: str, length_max: int) -> str:
    """Return `text` when it is one plain line of 1 to `length_max` characters.

    Raises `Malformed`, naming `what`; the text itself is never shown.
    """
    if not 1 <= len(text) <= length_max or not is_line(text):
        raise Malformed(
            "label.text", "{what} is not one plain line of 1 to {length_max} characters",
            hint="type it again, without line breaks, invisible characters or spaces at its ends",
            what=what, length_max=length_max,
        )
    return text


def has_mixed_scripts(text: str) -> bool:
    """Tell whether one word of `text` mixes scripts whose letters look alike, such as Latin and Cyrillic."""
    if text.isascii():
        return False
    scripts: set[str] = set()
    for character in unicodedata.normalize("NFKC", text):
        if not character.isalpha():
            scripts.clear()
            continue
        scripts |= {unicodedata.name(character, "").split(" ")[0]} & _SCRIPTS_THAT_LOOK_ALIKE
        if len(scripts) > 1:
            return True
    return False


def fold_look_alikes(text: str) -> str:
    """Return the form that `text` shares with every text that looks like it.

    Compatibility forms, case, accents, invisible characters, dashes, runs of spaces and letters of other
    scripts are folded. The result is for comparison only and is never shown or kept.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = "".join(_fold_character(character) for character in decomposed)
    return " ".join(unicodedata.normalize("NFC", folded.translate(_LOOK_ALIKES)).split())


def matching_name(text: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `text` spells, case aside, or None.

    Compatibility forms match only where the name itself is written with them; spaces and accents count.
    """
    known = tuple(names)
    if text in known:
        return text
    if not unicodedata.is_normalized("NFKC", text):
        return None
    folded = text.casefold()
    return next((n for n in known if unicodedata.normalize("NFKC", n).casefold() == folded), None)


def look_alike_of(text: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `text` looks like without spelling it, or None."""
    known = tuple(names)
    if matching_name(text, known) is not None:
        return None
    folded = fold_look_alikes(text)
    return next((name for name in known if fold_look_alikes(name) == folded), None)


def _is_plain(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Zs":
        return character in _SPACES
    # Characters that no text may contain are unassigned for good (Unicode, section 23.7).
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return category not in _FORBIDDEN_CATEGORIES and not is_noncharacter


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Pd" or character == "\u2212":
        return "-"
    return " " if category in ("Zs", "Zl", "Zp", "Cc") else character
