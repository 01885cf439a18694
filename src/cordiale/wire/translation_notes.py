"""The note a translation bears in its own language: that it holds classified information of its originator.

Asked for by many agreements (Switzerland-Finland Art. 8(2), Switzerland-Luxembourg
Art. 7.3(b), Switzerland-Czech Republic Art. 11(2)). A language without a note is a
language nothing is translated into here, until the note is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from cordiale.errors import OutOfOrder
from cordiale.model.label import Label


@cache
def load_notes() -> Mapping[str, str]:
    """Return the shipped notes by language (BCP 47, primary language only)."""
    read = json.loads(files("cordiale.templates").joinpath("translation-notes.json").read_text(encoding="utf-8"))
    return MappingProxyType({str(language): str(note) for language, note in read.items()})


def require_note(language: str, label: Label) -> str:
    """Return the note for a translation into `language` of what bears `label`; raises `OutOfOrder` without one."""
    note = load_notes().get(language)
    if note is None:
        raise OutOfOrder(
            "translation.no-note", "there is no note in the language `{language}`, and no translation without one",
            hint="translate into one of these, or have the note written: {known}", language=language[:20],
            known=", ".join(sorted(load_notes())),
        )
    return note.format(originator=label.originator, level=label.level.name)
