"""How the desk says that something did not go: what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from cordiale.doors.replies import error_value
from cordiale.doors.web.help import DONE_AT, ON_THE_MACHINE, commands_in
from cordiale.doors.web.names import word
from cordiale.doors.web.visit import Visit
from cordiale.errors import CordialeError
from cordiale.words.codes import OF_RECORDS, kind_word
from cordiale.words.spoken import marked

_CODES: Final = frozenset({"form", "office", "outcome", "stage", "state"})
_LISTS: Final = frozenset({"offices"})
"""Fields of errors that hold a code of ours, or several, and no word of a person."""

_SAID_HERE: Final = {"view.office": marked("this page is for the offices of {offices}")}
"""What is said otherwise at the desk than at the terminal, where what was looked at is named in English."""


def fault_value(visit: Visit, error: CordialeError) -> dict[str, object]:
    """Return what a page says about `error`, in the language of the visit."""
    value = error_value(error)
    reasons = [
        {
            "article": reason["article"], "code": reason["code"],
            "text": visit.say(_SAID_HERE.get(reason["code"], reason["text"]), **_worded(visit, reason["fields"])),
            "undecidable": reason["outcome"] == "undecidable",
        }
        for reason in value.get("reasons", ())
    ]
    commands, fields = commands_in(error.hint), _worded(visit, error.fields)
    if error.code in OF_RECORDS:
        fields["kind"] = visit.say(kind_word(str(error.fields.get("kind", ""))))
    if error.code == "desk.not-there":
        fields["what"] = visit.say(str(error.fields["what"]))
    return {
        "article": error.article, "code": error.code, "family": error.family,
        "hint": visit.say(error.hint, **fields) if not commands else "",
        "is_elsewhere": bool(ON_THE_MACHINE.intersection(commands)),
        "places": _places(visit, commands), "reasons": reasons,
        "text": "" if reasons else visit.say(error.text, **fields), "trail": error.trail,
    }


def _worded(visit: Visit, fields: Mapping[str, object]) -> dict[str, object]:
    """Return `fields` with what is a code of ours as it is called in the language of the visit."""
    said = {name: word(visit.say, str(fields[name])) for name in _CODES.intersection(fields)}
    for name in _LISTS.intersection(fields):
        said[name] = ", ".join(word(visit.say, one) for one in str(fields[name]).split(", "))
    return {**fields, **said}


def _places(visit: Visit, commands: list[str]) -> list[dict[str, object]]:
    """Return the pages on which is done what `commands` name at the terminal, and whose they are."""
    me, places = visit.me(), list[dict[str, object]]()
    for path in dict.fromkeys(DONE_AT[one] for one in commands if one in DONE_AT):
        title, offices = visit.desk.places[path]
        is_open = me is not None and (offices is None or bool(me.offices & offices))
        places.append({
            "offices": sorted(word(visit.say, office.value) for office in offices or ()), "open": is_open, "path": path,
            "title": visit.say(title),
        })
    return places


def show_fault(visit: Visit, error: CordialeError, status: int) -> Response:
    """Return the page that says what did not go."""
    return visit.show("fault.html", status=status, fault=fault_value(visit, error))
