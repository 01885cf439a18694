"""How an answer and an error leave a door: one form for all of them."""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import encode_canonical
from cordiale.errors import HTTP_STATUSES, CordialeError, Refused, Undecidable
from cordiale.records.answer import Answer

JSON_TYPE: Final = "application/json"


def answer_json(answer: Answer) -> bytes:
    """Return `answer` as the bytes a client reads."""
    at = answer.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return encode_canonical({"answer": dict(answer.value), "at": at, "trail": answer.trail})


def error_json(error: CordialeError) -> bytes:
    """Return `error` with every reason, as the bytes a client reads; it names no secret."""
    value: dict[str, Any] = {
        "article": error.article, "code": error.code, "family": error.family, "fields": dict(error.fields),
        "hint": error.hint, "text": error.text, "trail": error.trail,
    }
    if isinstance(error, Refused | Undecidable) and error.decision is not None:
        value["reasons"] = [
            {"article": r.article, "code": r.code, "fields": dict(r.fields), "outcome": r.outcome.value, "text": r.text}
            for r in error.decision.reasons
        ]
    return encode_canonical({"error": value})


def status_of(error: CordialeError) -> int:
    """Return the HTTP status of the family of `error`."""
    return HTTP_STATUSES.get(type(error), 500)
