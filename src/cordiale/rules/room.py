"""What may leave the reading room beside the picture of a page: its text, and the content as a file.

A picture bears the reader across it; a text and a file do not. Where neither the
agreement nor national law says that they may be given, they are not.
"""

from __future__ import annotations

from typing import Final

from cordiale.model.decision import Decision, refusal, undecidable
from cordiale.rules.holding import AccessView
from cordiale.rules.terms_here import terms_here

TEXT_TERM: Final = "room.text"
FILE_TERM: Final = "room.file"


def decide_text(item: AccessView) -> Decision:
    """Decide whether the text of a page of `item` may be given, for assistive technology."""
    return _decide(item, TEXT_TERM)


def decide_file(item: AccessView) -> Decision:
    """Decide whether who reads `item` in the room may be given its content as a file."""
    return _decide(item, FILE_TERM)


def _decide(item: AccessView, name: str) -> Decision:
    terms = terms_here(item, name)
    if not terms:
        return Decision("read", (undecidable(
            "room.unsaid", "neither the agreement nor national law says that this may leave the reading room",
        ),))
    against = [term for term in terms if term.count != 1]
    return Decision("read", tuple(
        refusal("room.not-given", "this does not leave the reading room", term.article) for term in against
    ), (), tuple(dict.fromkeys(term.article for term in terms)))
