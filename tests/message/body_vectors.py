"""What docs/spec/vectors/message-bodies.json holds: a full message of every type as bytes, and bytes that are refused.

Written anew with ``python -m tests.message.body_vectors``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.message.samples import SAMPLES, message_of

from cordiale.canonical import encode_canonical
from cordiale.errors import CordialeError
from cordiale.message.bodies.bag_manifest import BagManifest
from cordiale.message.bodies.body import Body
from cordiale.message.form import encode_message, message_digest, parse_message
from cordiale.model.mode import Mode


def _lasting(body: Body) -> Body:
    if not isinstance(body, BagManifest):
        return body
    return replace(body, key=replace(body.key, kid="A" * len(body.key.kid)))


FILE: Final = Path(__file__).parents[2] / "docs" / "spec" / "vectors" / "message-bodies.json"

BODIES: Final[dict[str, Body]] = {name: _lasting(body) for name, body in SAMPLES.items()}
"""The samples; the key of the bag is wrapped for a key of another name, for that of the sample is new in each run."""

Change = Callable[[dict[str, Any]], Any]

# What contradicts itself in a body, by type: what is said, and how the sample is changed to say it.
CONTRADICTIONS: Final[tuple[tuple[str, str, Change], ...]] = (
    ("level-change", "it takes effect before it is issued", lambda body: body.update(effective_at="2020-01-01T00:00:00Z")),
    ("level-change", "the level stays as it is", lambda body: body.update(after=body["before"])),
    ("level-change", "higher handling without the level", lambda body: body.update(kind="handling-raised", after=body["before"]) or body.pop("handle_as")),
    ("level-change", "a declassification that asks for handling", lambda body: body.update(kind="declassified") or body.pop("after")),
    ("level-change-done", "a copy is done and pending", lambda body: body.update(done=[1], pending=[1])),
    ("return-request", "an order without the article it rests on", lambda body: body.pop("article")),
    ("return-request", "no copy is named", lambda body: body.update(copies=[])),
    ("return-answer", "nothing is answered", lambda body: body.update(answers=[])),
    ("consent-request", "passing on to nobody", lambda body: body["terms"].pop("recipient")),
    ("consent-request", "a translation into no language", lambda body: body["terms"]["of"].pop("language")),
    ("copy-report", "no copy was made", lambda body: body.update(made=[])),
    ("inventory-result", "a copy was seen and has left", lambda body: body.update(left=body["present"])),
    ("crisis-report", "no copy is named", lambda body: body.update(copies=[])),
    ("visit-request", "it ends before it begins", lambda body: body.update(last_day="2020-01-01")),
    ("visit-request", "nobody is to come", lambda body: body.update(visitors=[])),
    ("visit-answer", "refused with somebody who is approved", lambda body: body.update(outcome="refused")),
    ("facility-answer", "not held, up to a level", lambda body: body.update(assurance="not-held")),
    ("contract-notice", "a list of nothing", lambda body: body.update(parts=[])),
    ("incident-report", "no fact is told", lambda body: body.update(facts=[])),
    ("incident-final", "nothing will prevent it", lambda body: body.update(prevention=[])),
    ("clearance-answer", "not cleared, until a day", lambda body: body.update(outcome="not-cleared")),
    ("accord-notice", "an answer to nothing", lambda body: body.update(kind="acknowledged", about=None)),
    ("rehoming", "something unknown is carried", lambda body: body.update(carries=["everything"])),
    ("registry-notice", "it closes before it opens", lambda body: body.update(closed_on="2001-01-01")),
    ("arrival-report", "packages that are not intact, without a remark", lambda body: body.pop("remarks")),
    ("courier-advice", "the courier arrives before leaving", lambda body: body.update(expected_at="2001-01-01T00:00:00Z")),
    ("freeze", "neither to freeze nor to lift", lambda body: body.update(demand="perhaps")),
    ("reading-notice", "no reading is named", lambda body: body.update(readings=[])),
    ("reading-notice", "the later reading first", lambda body: body["readings"].reverse()),
    ("consent-used", "used less than never", lambda body: body.update(count=-1)),
    ("chase", "asked for the none-th time", lambda body: body.update(count=0)),
)


def _spoil(name: str, body: dict[str, Any]) -> None:
    body[name] = {}


def refused_by(payload: bytes) -> CordialeError | None:
    """Return what is raised on reading `payload`, None where it is read."""
    try:
        parse_message(payload)
    except CordialeError as error:
        return error
    return None


def _changed(type: str, change: Change) -> bytes:
    payload: dict[str, Any] = json.loads(encode_message(message_of(BODIES[type])))
    change(payload["body"])
    payload["body"] = {name: value for name, value in payload["body"].items() if value is not None}
    return encode_canonical(payload)


def _refused() -> Iterator[dict[str, str]]:
    def entry(type: str, why: str, change: Change) -> dict[str, str]:
        payload = _changed(type, change)
        error = refused_by(payload)
        if error is None:
            raise AssertionError(f"{type} is read although {why}")
        return {"code": error.code, "family": error.family, "payload": payload.decode(), "type": type, "why": why}

    yield entry("freeze", "a member nobody knows", lambda body: body.update(zzz=1))
    for type in BODIES:
        first = next(iter(json.loads(encode_message(message_of(BODIES[type])))["body"]))
        yield entry(type, f"`{first}` is no text, number or list that it can be", partial(_spoil, first))
    for type, why, change in CONTRADICTIONS:
        yield entry(type, why, change)


def vectors() -> bytes:
    """Return the file."""
    taken = {}
    for type, body in BODIES.items():
        payload = encode_message(message_of(body))
        taken[type] = {"digest": message_digest(payload, Mode.EXERCISE).hex(), "payload": payload.decode()}
    value = {"form": "cordiale-message-bodies-1", "refused": list(_refused()), "taken": taken}
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    FILE.write_bytes(vectors())
