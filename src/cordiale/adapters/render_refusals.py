"""Why a content is not shown, as its process says it in a word and people read it."""

from __future__ import annotations

from typing import Final

from cordiale.errors import CordialeError, Malformed

_ON_PAPER: Final = "ask the registry for it on paper"
_HARM: Final = "take care: it may have been made to do harm"


def refusal_for(code: str) -> CordialeError:
    """Return the error for what a process refused with `code`; a word it does not know counts as unreadable."""
    return {
        "character": Malformed(
            "room.character", "the marking has a character that cannot be printed", hint="tell who runs the node",
        ),
        "encrypted": Malformed(
            "room.encrypted", "the content is encrypted by itself and cannot be shown",
            hint="ask its originator for one that is not",
        ),
        "office": Malformed(
            "room.office", "documents of an office program are not shown at this node",
            hint="have LibreOffice and bubblewrap installed, or ask the originator for a PDF",
        ),
        "other-kind": Malformed(
            "room.other-kind", "the content is not what its label says it is", hint=_HARM,
        ),
        "page-size": Malformed("room.page-size", "the page is too small or too large to be shown", hint=_ON_PAPER),
        "pages": Malformed("room.pages", "the content has no pages, or more than can be shown", hint=_ON_PAPER),
        "too-much": Malformed(
            "room.too-much", "the content takes more to show than is allowed", hint=_HARM,
        ),
        "two-kinds": Malformed(
            "room.two-kinds", "the content is two kinds of file at once", hint=_HARM,
        ),
        "unknown": Malformed(
            "room.unknown", "this kind of content is not shown in the reading room", hint=_ON_PAPER,
        ),
    }.get(code) or Malformed("room.unreadable", "the content is damaged and cannot be shown", hint=_HARM)
