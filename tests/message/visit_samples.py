"""One full sample, and a strategy, of every body about visits and contracts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from hypothesis import strategies as st

from cordiale.message.bodies.body import Body
from cordiale.message.bodies.contract_answer import ContractAnswer, ContractOutcome
from cordiale.message.bodies.contract_ended import ContractEnded, ContractEnding
from cordiale.message.bodies.contract_notice import ContractNotice
from cordiale.message.bodies.disclosure import Disclosure, Manner
from cordiale.message.bodies.facility_answer import FacilityAnswer
from cordiale.message.bodies.facility_query import FacilityQuery
from cordiale.message.bodies.facility_withdrawn import FacilityWithdrawn
from cordiale.message.bodies.visit_amendment import VisitAmendment
from cordiale.message.bodies.visit_answer import VisitAnswer, VisitOutcome
from cordiale.message.bodies.visit_ended import VisitEnded, VisitEnding
from cordiale.message.bodies.visit_notice import VisitNotice
from cordiale.message.bodies.visit_request import VisitRequest
from cordiale.message.members import NamedPost
from cordiale.model.contract import Assurance, ContractPart
from cordiale.model.label import LevelRef
from cordiale.model.names import ItemId, MessageId, PartyId
from cordiale.model.visit import Initiative, Site, VisitKind, Visitor, VisitPlan

LEVEL: Final = LevelRef("ex-jpn", "BLUE")
AUTHORITY: Final = NamedPost("Exercise Authority", "Director")
FROM, TO = date(2026, 12, 7), date(2026, 12, 9)
PLAN: Final = VisitPlan(
    VisitKind.RECURRING, FROM, TO, LEVEL, "joint exercise", (Site("Plant 1", "Quay 3", "Gate office", "+00 1 234"),),
    "arrival, briefing", Initiative.GOVERNMENT, "共同演習", "visit-0",
)
VISITOR: Final = Visitor(
    "visit-1.1", "Exercise Visitor", (PartyId("POL"), PartyId("UKR")), LevelRef("ex-ukr", "AMBER"), date(2027, 6, 30),
    date(1980, 1, 2), "Exercise Town", "EX 123456", "Engineer", "Exercise Works", is_agreed=True,
)

SAMPLES: Final[dict[str, Body]] = {
    "visit-request": VisitRequest("visit-1", PLAN, (VISITOR,), AUTHORITY),
    "visit-answer": VisitAnswer(
        "visit-1", 0, VisitOutcome.APPROVED, ("visit-1.1",), AUTHORITY, "escorted at all times", "a storm is forecast",
        "by the east gate",
    ),
    "visit-amendment": VisitAmendment("visit-1", 1, FROM, TO, ("visit-1.0",), (VISITOR,), AUTHORITY),
    "visit-ended": VisitEnded("visit-1", VisitEnding.SUSPENDED, ("visit-1.1",), MessageId("message-9")),
    "visit-notice": VisitNotice("visit-1", "notice-1", "Plant 1", FROM, TO, ("visit-1.1",)),
    "disclosure": Disclosure(
        "disclosure-1", "visit-1", Manner.ORAL, LEVEL, "Exercise briefing", datetime(2026, 12, 7, 9, tzinfo=UTC),
        ("visit-1.1",), ItemId("item-1"),
    ),
    "facility-query": FacilityQuery("query-1", "Exercise Works", LEVEL, "bid 7", AUTHORITY, "Quay 3"),
    "facility-answer": FacilityAnswer("query-1", Assurance.HELD, AUTHORITY, LEVEL, TO),
    "contract-notice": ContractNotice(
        "contract-2", 1, "Exercise lantern", "query-1", LEVEL, (ContractPart("drawings", LEVEL),), 2, AUTHORITY,
        "contract-1",
    ),
    "contract-answer": ContractAnswer("contract-2", 1, ContractOutcome.ACKNOWLEDGED, AUTHORITY),
    "facility-withdrawn": FacilityWithdrawn("query-1", TO),
    "contract-ended": ContractEnded("contract-2", ContractEnding.NOT_AWARDED, TO),
}
"""Every member that can be there is there."""

_words: Final = st.text(st.sampled_from("abcXYZ 0-9/().,é機密Цілком№"), min_size=1, max_size=20).map(
    lambda text: text.strip() or "-"
)
_maybe: Final = st.just("") | _words
_ids: Final[st.SearchStrategy[Any]] = st.from_regex(r"\A[a-z0-9](?:[a-z0-9.-]{0,20}[a-z0-9])?\Z")
_days: Final = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_levels: Final = st.builds(LevelRef, _words, _words)
_posts: Final = st.builds(NamedPost, _words, _words)
_names: Final = st.lists(_ids, max_size=3, unique=True).map(lambda listed: tuple(sorted(listed)))
_sites: Final = st.lists(st.builds(Site, _words, _maybe, _maybe, _maybe), min_size=1, max_size=2).map(tuple)
_parties: Final = st.lists(
    st.sampled_from(["JPN", "POL", "UKR"]).map(PartyId), min_size=1, max_size=2, unique=True
).map(lambda listed: tuple(sorted(listed)))


@st.composite
def _visitors(draw: st.DrawFn) -> tuple[Visitor, ...]:
    found = []
    for id in sorted(draw(st.sets(_ids, min_size=1, max_size=3))):
        cleared = draw(st.none() | st.tuples(_levels, _days))
        found.append(Visitor(
            id, draw(_words), draw(_parties), cleared[0] if cleared else None, cleared[1] if cleared else None,
            draw(st.none() | _days), draw(_maybe), draw(_maybe), draw(_maybe), draw(_maybe), draw(st.booleans()),
        ))
    return tuple(found)


@st.composite
def _requests(draw: st.DrawFn) -> VisitRequest:
    first, last = sorted((draw(_days), draw(_days)))
    kind = draw(st.sampled_from(VisitKind))
    plan = VisitPlan(
        kind, first, last, draw(_levels), draw(_words), draw(_sites), draw(_maybe),
        draw(st.none() | st.sampled_from(Initiative)), draw(_maybe),
        draw(st.just("") | _ids) if kind is VisitKind.RECURRING else "",
    )
    return VisitRequest(draw(_ids), plan, draw(_visitors()), draw(_posts))


@st.composite
def _answers(draw: st.DrawFn) -> VisitAnswer:
    named = draw(_names)
    outcome = VisitOutcome.APPROVED if named else VisitOutcome.REFUSED
    return VisitAnswer(
        draw(_ids), draw(st.integers(0, 9)), outcome, named, draw(_posts), draw(_maybe), draw(_maybe), draw(_maybe)
    )


@st.composite
def _amendments(draw: st.DrawFn) -> VisitAmendment:
    first, last = sorted((draw(_days), draw(_days)))
    return VisitAmendment(draw(_ids), draw(st.integers(1, 9)), first, last, draw(_names), draw(_visitors()), draw(_posts))


@st.composite
def _notices(draw: st.DrawFn) -> VisitNotice:
    first, last = sorted((draw(_days), draw(_days)))
    return VisitNotice(draw(_ids), draw(_ids), draw(_words), first, last, draw(_names))


@st.composite
def _facility_answers(draw: st.DrawFn) -> FacilityAnswer:
    assurance = draw(st.sampled_from(Assurance))
    is_held = assurance is Assurance.HELD
    return FacilityAnswer(
        draw(_ids), assurance, draw(_posts), draw(_levels) if is_held else None, draw(_days) if is_held else None,
        draw(st.booleans()) if assurance is Assurance.NOT_HELD else False,
    )


@st.composite
def _contracts(draw: st.DrawFn) -> ContractNotice:
    scheme = draw(_words)
    named = draw(st.lists(_words, min_size=1, max_size=3, unique=True))
    contract = draw(_ids)
    return ContractNotice(
        contract, draw(st.integers(1, 9)), draw(_words), draw(_ids), LevelRef(scheme, draw(_words)),
        tuple(ContractPart(one, LevelRef(scheme, draw(_words))) for one in named), draw(st.integers(1, 10)),
        draw(_posts), draw(st.just("") | _ids.filter(lambda one: one != contract)),
    )


BODIES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "visit-request": _requests(),
    "visit-answer": _answers(),
    "visit-amendment": _amendments(),
    "visit-ended": st.builds(VisitEnded, _ids, st.sampled_from(VisitEnding), _names, _ids),
    "visit-notice": _notices(),
    "disclosure": st.builds(
        Disclosure, _ids, _ids, st.sampled_from(Manner), _levels, _words,
        st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)), _names, st.none() | _ids,
    ),
    "facility-query": st.builds(FacilityQuery, _ids, _words, _levels, _words, _posts, _maybe),
    "facility-answer": _facility_answers(),
    "contract-notice": _contracts(),
    "contract-answer": st.builds(
        ContractAnswer, _ids, st.integers(1, 9), st.sampled_from(ContractOutcome), _posts
    ),
    "facility-withdrawn": st.builds(FacilityWithdrawn, _ids, _days),
    "contract-ended": st.builds(ContractEnded, _ids, st.sampled_from(ContractEnding), _days),
}
