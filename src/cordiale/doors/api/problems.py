"""How this door says that something did not go: problem details (RFC 9457), with every reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from cordiale.doors.replies import error_value, status_of
from cordiale.errors import CordialeError

PROBLEM_TYPE: Final = "application/problem+json"
GUARDS: Final = {
    "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
}
"""What every answer carries, so that a browser that comes by makes nothing of it."""

_STATUSES: Final[Mapping[str, int]] = {
    "api.browser": 403, "api.no-place": 404, "api.method": 405, "request.too-large": 413, "api.media-type": 415,
}
"""What HTTP itself has a status for; everything else has that of its family."""


def problem(error: CordialeError, headers: Mapping[str, str] | None = None) -> Response:
    """Return `error` as problem details; `headers` go with it."""
    status = _STATUSES.get(error.code, status_of(error))
    value = error_value(error) | {
        "detail": str(error), "status": status, "title": HTTPStatus(status).phrase, "type": "about:blank",
    }
    body = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    # What was turned away before it was read is not read to its end.
    closing = {"Connection": "close"} if error.code in _STATUSES else {}
    return Response(body, status, {**GUARDS, **closing, **(headers or {})}, PROBLEM_TYPE)
