"""An agreement over time: what was told under it, what is disputed, what is proposed, and what has moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.canonical import encode_canonical
from cordiale.model.agreement import Stage
from cordiale.model.person import Office
from cordiale.records.accord_notices import is_settled, notices_of
from cordiale.records.agreements import AGREEMENT, stage_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.rehomings import REHOMING
from cordiale.records.successions import CONFIRMED, ENDED, PROPOSED, TOLD_US, standing_map
from cordiale.views.authority import require_office, viewer

_WHO: Final = frozenset({
    Office.COMPETENT_AUTHORITY, Office.RELEASING_AUTHORITY, Office.REGISTRAR, Office.SECURITY_OFFICER, Office.HEAD,
    Office.INSPECTOR,
})


def list_successions(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return who holds the rights of originators that were replaced: what waits, what stands and what ended."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, _WHO | {Office.KEY_OFFICER}, "the map of successors")
    return {
        "successions": [
            {"succession": one.id, **one.body} for one in standing_map(books, PROPOSED, CONFIRMED, ENDED)
        ],
        "told": [
            {"message": one.id, **{name: one[name] for name in ("at", "originator", "party")},
             "said": encode_canonical(one["told"]).decode()}
            for one in books.every(TOLD_US)
        ],
    }


def show_accord(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what happened to one agreement: notices with their answers, open disputes, re-homings, the end."""
    books, person = viewer(registry, request)
    fields = request.act.fields()
    agreement = fields.text("agreement")
    fields.end()
    require_office(person, _WHO, "the agreement over time")
    record = books.require(AGREEMENT, agreement)
    notices = [{"notice": one.id, **one.body} for one in notices_of(books, agreement)]
    disputes = [
        {"notice": one.id, **one.body} for one in notices_of(books, agreement)
        if one["kind"] == "dispute" and not is_settled(one, record["parties"])
    ]
    moved = [
        one.body for state in ("said", "agreed", "done") for one in books.find(REHOMING, "state", state)
        if agreement in (one["from"], one["to"])
    ]
    return {
        "agreement": agreement, "apart": _apart(record), "disputes": disputes,
        "ended_on": record.body.get("ended_on", ""),
        "notices": sorted(notices, key=lambda one: (str(one["at"]), str(one["notice"]))), "rehomings": moved,
        "stage": stage_of(record, books.at.date()).value,
        **({"proposed": record["proposed"]["profile"]["version"]} if "proposed" in record.body else {}),
    }


def _apart(record: Record) -> list[dict[str, Any]]:
    """Return who has suspended the agreement, or levels of it, and who has given notice for which day."""
    suspended = [
        {"levels": levels, "on": "", "party": party, "state": Stage.SUSPENDED.value}
        for party, levels in sorted(record.body.get("suspensions", {}).items())
    ]
    return suspended + [
        {"levels": [], "on": day, "party": party, "state": Stage.TERMINATED.value}
        for party, day in sorted(record.body.get("left", {}).items())
    ]
