"""The description of the desk for machine clients, in OpenAPI 3.1: made from the tables of acts and views."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cordiale.doors.api.app import API_PREFIX, DEPOSIT_TYPE, SIGNED_TYPE
from cordiale.doors.api.problems import PROBLEM_TYPE
from cordiale.doors.control.acts import ACTS, CONTENT_ACTS
from cordiale.doors.control.views import VIEWS
from cordiale.doors.replies import JSON_TYPE
from cordiale.limits import API_BODY_SIZE_BYTES_MAX, IDENTIFIER_LENGTH_MAX
from cordiale.rules.clients import scopes_for
from tools.acts_page import members_read, what_it_does
from tools.source import ROOT

API_PAGE: Final = ROOT / "src" / "cordiale" / "doors" / "api" / "openapi.json"

_BASE64URL: Final = "^[A-Za-z0-9_-]+$"
_INSTANT: Final = {"type": "string", "format": "date-time", "pattern": "^[0-9-]{10}T[0-9:]{8}Z$"}
_FORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "string"}, "choice": {"type": "string"}, "integer": {"type": "integer"},
    "boolean": {"type": "boolean"}, "instant": _INSTANT, "object": {"type": "object"},
    "bytes": {"type": "string", "contentEncoding": "base64url"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "objects": {"type": "array", "items": {"type": "object"}}, "has": {},
}
_ABOUT: Final = (
    "What a person signs with their key file, taken at the address of the desk; see docs/api.md. A request is one "
    "signed object, docs/spec/signed-object.md; its signature is the only thing by which anybody is known. Of `params` "
    "the members are named that a step reads itself; which of them must be there depends on the act, and what a form "
    "or a table holds is read behind it. A request that carries `Cookie` or `Origin` is turned away. A machine client "
    "asks for a kind when it was entered for one of its `x-cordiale-scopes`; with none, only a person's own key does."
)
_SCOPES: Final = "x-cordiale-scopes"
_PROBLEMS: Final[Mapping[str, str]] = {
    "400": "It is not of the form, or a signature is wrong, stale or nobody's here.",
    "403": "The rules said no, with every reason; or a browser sent it.",
    "409": "It could not be told, with every reason; or the state does not allow it now.",
    "413": "It is too large.",
    "415": "It is of another media type.",
    "503": "The disk, the clock or the content's sender did not answer.",
}


def api_page() -> str:
    """Return the description as it is committed and served."""
    return json.dumps(_description(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _description() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cordiale: the desk for machine clients", "version": "1", "description": _ABOUT},
        "servers": [{"url": API_PREFIX}],
        "security": [],
        "paths": {
            "/acts": {"post": {
                **_operation("act", "Do an act", _signed_body("Acts"), "Answer"), _SCOPES: _scopes_in(ACTS),
            }},
            "/views": {"post": {
                **_operation("look", "See what this person may see", _signed_body("Views"), "View"),
                _SCOPES: _scopes_in(VIEWS),
            }},
            "/deposits": {"put": {
                **_operation("deposit", "Do an act with a content", _deposit_body(), "Answer"),
                _SCOPES: _scopes_in(CONTENT_ACTS),
            }},
            "/openapi.json": {"get": {
                "operationId": "describe", "summary": "This description", "responses": {
                    "200": {"description": "OpenAPI 3.1", "content": {JSON_TYPE: {"schema": {"type": "object"}}}},
                    "403": _problem("403"),
                },
            }},
        },
        "components": {"schemas": {
            **_kinds("Acts", ACTS), **_kinds("Deposits", CONTENT_ACTS), **_kinds("Views", VIEWS), **_answers(),
        }},
    }


def _operation(name: str, summary: str, body: Mapping[str, Any], answer: str) -> dict[str, Any]:
    done = {"description": "Done.", "content": {JSON_TYPE: {"schema": _reference(answer)}}}
    return {
        "operationId": name, "summary": summary, "requestBody": body,
        "responses": {"200": done, **{status: _problem(status) for status in _PROBLEMS}},
    }


def _scopes_in(table: Mapping[str, Callable[..., Any]]) -> list[str]:
    """Return every scope that reaches a row of `table`."""
    return sorted({scope for kind in table for scope in scopes_for(kind)})


def _problem(status: str) -> dict[str, Any]:
    return {"description": _PROBLEMS[status], "content": {PROBLEM_TYPE: {"schema": _reference("Problem")}}}


def _signed_body(table: str) -> dict[str, Any]:
    header = {"type": "string", "pattern": _BASE64URL, "maxLength": 512}
    signature = {"type": "string", "pattern": _BASE64URL}
    return {
        "required": True,
        "description": f"Canonical JSON, at most {API_BODY_SIZE_BYTES_MAX} bytes.",
        "content": {SIGNED_TYPE: {"schema": _closed({
            "payload": {
                "type": "string", "pattern": _BASE64URL, "contentEncoding": "base64url", "contentMediaType": JSON_TYPE,
                "contentSchema": _reference(table),
            },
            "signatures": {
                "type": "array", "minItems": 2, "maxItems": 2,
                "items": _closed({"protected": header, "signature": signature}),
            },
        })}},
    }


def _deposit_body() -> dict[str, Any]:
    return {
        "required": True,
        "description": (
            "Frames, each behind its size in four bytes: the signed act, the salt, the content, an empty frame, the "
            "act signed again with its commitment; see docs/spec/doors.md. What is signed is one of `Deposits`."
        ),
        "content": {DEPOSIT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }


def _kinds(name: str, table: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """Return what is signed for each kind of `table`, and `name` for any of them."""
    kinds = {f"{name}.{kind}": _kind(kind, step) for kind, step in sorted(table.items())}
    return {**kinds, name: {"oneOf": [_reference(kind) for kind in kinds]}}


def _kind(kind: str, step: Callable[..., Any]) -> dict[str, Any]:
    params = {name: _FORMS[how.removeprefix("optional_").rstrip("_")] for name, how in members_read(step).items()}
    return {
        "description": what_it_does(step), "allOf": [_reference("Signed")],
        "properties": {"act": {"const": kind}, "params": {"properties": params}}, _SCOPES: list(scopes_for(kind)),
    }


def _answers() -> dict[str, Any]:
    text, fields = {"type": "string"}, {"type": "object"}
    reason = _closed({
        "article": text, "code": text, "fields": fields, "outcome": {"enum": ["refused", "undecidable"]}, "text": text,
    })
    told = {
        "article": text, "code": text, "detail": text, "family": text, "fields": fields, "hint": text,
        "status": {"type": "integer"}, "text": text, "title": text, "trail": text, "type": text,
    }
    return {
        "Answer": _closed({"answer": {"type": "object"}, "at": _INSTANT, "trail": text}),
        "Problem": {
            "type": "object", "required": sorted(told), "additionalProperties": False,
            "properties": {**told, "reasons": {"type": "array", "items": reason}},
        },
        "Signed": _closed({
            "act": text, "at": _INSTANT,
            "id": {"type": "string", "pattern": "^act\\.", "maxLength": IDENTIFIER_LENGTH_MAX},
            "node": text, "params": fields, "v": {"const": 1},
        }),
        "View": _closed({"answer": {"type": "object"}}),
    }


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "required": sorted(properties), "additionalProperties": False, "properties": dict(properties),
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
