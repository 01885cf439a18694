"""How the desk says that something did not go: what happened, why, and what to do next."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.replies import error_value
from cordiale.doors.web.visit import Visit
from cordiale.errors import CordialeError

_AT_THE_TERMINAL: Final = "`cordiale "
"""What a hint contains that tells people at a terminal what to type; at the desk it would help nobody."""


def fault_value(visit: Visit, error: CordialeError) -> dict[str, object]:
    """Return what a page says about `error`, in the language of the visit."""
    value = error_value(error)
    reasons = [
        {
            "article": reason["article"], "code": reason["code"],
            "text": visit.say(reason["text"], **reason["fields"]), "undecidable": reason["outcome"] == "undecidable",
        }
        for reason in value.get("reasons", ())
    ]
    hint = error.hint if _AT_THE_TERMINAL not in error.hint else ""
    return {
        "article": error.article, "code": error.code, "family": error.family, "hint": visit.say(hint),
        "reasons": reasons, "text": "" if reasons else visit.say(error.text, **error.fields), "trail": error.trail,
    }


def show_fault(visit: Visit, error: CordialeError, status: int) -> Response:
    """Return the page that says what did not go."""
    return visit.show("fault.html", status=status, fault=fault_value(visit, error))
