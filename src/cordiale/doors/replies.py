"""How an answer and an error leave a door: one form for all of them."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import HTTP_STATUSES, CordialeError, Refused, Unavailable, Undecidable
from cordiale.records.answer import Answer

JSON_TYPE: Final = "application/json"


def answer_value(answer: Answer) -> dict[str, Any]:
    """Return `answer` as a client reads it."""
    at = answer.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"answer": dict(answer.value), "at": at, "trail": answer.trail}


def answer_json(answer: Answer) -> bytes:
    """Return `answer` as the bytes a client reads."""
    return _encode(answer_value(answer))


def plain_json(value: Mapping[str, Any]) -> bytes:
    """Return what was looked up as the bytes a client reads."""
    return _encode({"answer": dict(value)})


def error_value(error: CordialeError) -> dict[str, Any]:
    """Return `error` with every reason, as a client reads it; it names no secret."""
    value: dict[str, Any] = {
        "article": error.article, "code": error.code, "family": error.family, "fields": dict(error.fields),
        "hint": error.hint, "text": error.text, "trail": error.trail,
    }
    if isinstance(error, Refused | Undecidable) and error.decision is not None:
        value["reasons"] = [
            {"article": r.article, "code": r.code, "fields": dict(r.fields), "outcome": r.outcome.value, "text": r.text}
            for r in error.decision.reasons
        ]
    return value


def error_json(error: CordialeError) -> bytes:
    """Return `error` as the bytes a client reads."""
    return _encode({"error": error_value(error)})


def status_of(error: CordialeError) -> int:
    """Return the HTTP status of the family of `error`."""
    return HTTP_STATUSES.get(type(error), 500)


def expected_error(error: Exception, diagnostics: logging.Logger) -> CordialeError:
    """Return `error` as a caller may see it.

    What is none of ours is a defect: diagnostics name where it was, never what was being done, and the caller
    is told no more than that.
    """
    if isinstance(error, CordialeError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    diagnostics.error("defect: %s at %s", type(error).__name__, where)
    return Unavailable(
        "node.defect", "the node failed inside; nothing of this act was kept",
        hint="repeat the command; if it fails again, report what the diagnostics say",
    )


def _encode(value: Mapping[str, Any]) -> bytes:
    # Not the canonical form, which knows no line breaks: nobody signs what a door says, and pages have lines.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
