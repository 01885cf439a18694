"""The answer an act was given, kept so that the same act is answered the same way for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordiale.canonical import encode_canonical, parse_canonical
from cordiale.errors import CordialeError, OutOfOrder, Refused, Undecidable
from cordiale.model.decision import Decision, Outcome, Reason
from cordiale.ports import StoredAct
from cordiale.records.record import RECORD_SIZE_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Answer:
    """What an act gave back, and its entry in the audit trail."""

    value: Mapping[str, Any]
    log: str
    index: int
    at: datetime

    @property
    def trail(self) -> str:
        """The entry's name for people: ``internal 12``."""
        return f"{self.log} {self.index}"


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "act": decision.act,
        "reasons": [
            {"article": r.article, "code": r.code, "fields": dict(r.fields), "outcome": r.outcome.value, "text": r.text}
            for r in decision.reasons
        ],
    }


def _decision_from(value: Mapping[str, Any]) -> Decision:
    reasons = tuple(
        Reason(r["code"], r["text"], r["article"], Outcome(r["outcome"]), tuple(sorted(r["fields"].items())))
        for r in value["reasons"]
    )
    return Decision(value["act"], reasons)


def refusal_body(kind: str, actor: str, subject: str, error: Refused | Undecidable) -> dict[str, Any]:
    """Return the record that a refused act leaves: who, what, and every reason."""
    return {"act": kind, "actor": actor, "subject": subject, **_error_json(error)}


def _error_json(error: Refused | Undecidable) -> dict[str, Any]:
    value: dict[str, Any] = {"code": error.code, "family": error.family}
    if isinstance(error, Undecidable):
        value |= {"article": error.article, "fields": dict(error.fields), "hint": error.hint, "text": error.text}
    if error.decision is not None:
        value["decision"] = _decision_json(error.decision)
    return value


def seal_answer(value: Mapping[str, Any], asked: str) -> bytes:
    """Return the bytes in which an answer to what was `asked` is kept."""
    return encode_canonical({"answer": dict(value), "asked": asked})


def seal_refusal(error: Refused | Undecidable, asked: str) -> bytes:
    """Return the bytes in which a refusal of what was `asked` is kept."""
    return encode_canonical({"asked": asked, "refused": _error_json(error)})


def open_answer(stored: StoredAct, *, asked: str) -> Answer | CordialeError:
    """Return the answer kept in `stored`, or the refusal, ready to be raised again.

    An answer to something else than what is `asked` now is not given: that is `OutOfOrder`.
    """
    kept: Any = parse_canonical(stored.answer, size_max=RECORD_SIZE_BYTES_MAX)
    if kept["asked"] != asked:
        return OutOfOrder(
            "act.id-taken", "the act id `{id}` belongs to another act", hint="repeat it with a new act id",
            id=stored.id,
        )
    answer = Answer(kept.get("answer", {}), stored.log, stored.index, stored.at)
    if "refused" not in kept:
        return answer
    refused = kept["refused"]
    decision = _decision_from(refused["decision"]) if "decision" in refused else None
    error: CordialeError
    if refused["family"] == Refused.family and decision is not None:
        error = Refused(decision)
    else:
        error = Undecidable(
            refused["code"], refused["text"], hint=refused["hint"], article=refused["article"], decision=decision,
            **refused["fields"],
        )
    error.trail = answer.trail
    return error
