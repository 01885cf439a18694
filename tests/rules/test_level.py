"""Whether a level may change: held against a second decider that was written from the texts alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.trying import tried

from cordiale.model.agreement import Act
from cordiale.model.consent import Consent
from cordiale.model.label import Label, LevelRef, Scheme
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.rules.level import LevelRequest, Notice, decide_level_change, kind_of

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LEVELS = ("LOW", "MIDDLE", "HIGH", "OLD")
SCHEME = Scheme("EX-A", PartyId("JPN"), "Scheme", LEVELS, "exercise", obsolete=frozenset({"OLD"}))
PARTIES = [PartyId(one) for one in ("JPN", "UKR", "POL")]
ITEM = ItemId("item-1")


def consent(by: PartyId, purpose: str, item: str, act: Act) -> Consent:
    return Consent(ConsentId(f"c-{by}"), act, ItemId(item), by, PartyId("JPN"), purpose, NOW - timedelta(days=1))


names = st.sampled_from(["EX-A:LOW", "EX-A:MIDDLE", "EX-A:HIGH", "EX-A:OLD", "EX-A:NONE", "EX-B:LOW", "declassified"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[LevelRequest, str]:
    to = draw(names)
    originator = draw(st.sampled_from(["JPN", "JPN", "JPN", "UKR"]))
    before = LevelRef("EX-A", draw(st.sampled_from(["LOW", "MIDDLE", "HIGH"])))
    label = Label(PartyId(originator), before, frozenset({PartyId(originator)}), NOW - timedelta(days=5))
    consents = draw(st.lists(st.builds(
        consent, st.sampled_from(PARTIES), names, st.sampled_from(["item-1", "item-1", "item-2"]),
        st.sampled_from([Act.CHANGE_LEVEL, Act.CHANGE_LEVEL, Act.PASS_ON]),
    ), max_size=3))
    notices = draw(st.lists(st.builds(
        Notice, st.sampled_from(PARTIES), st.dates(date(2026, 11, 20), date(2026, 12, 20)), st.just("Art. 5(4)"),
    ), max_size=2))
    return LevelRequest(
        ITEM, label, PartyId("JPN"), None if to == "declassified" else LevelRef(*to.split(":")),
        draw(st.dates(date(2026, 11, 20), date(2026, 12, 20))), SCHEME, draw(st.booleans()),
        draw(st.frozensets(st.sampled_from(PARTIES[1:]))), tuple(consents), tuple(notices),
    ), to


def may(request: LevelRequest, to: str) -> bool:
    """The second decider: no reasons, only the answer."""
    if request.label.originator != "JPN" or request.is_declassified:
        return False
    if to != "declassified" and (to not in ("EX-A:LOW", "EX-A:MIDDLE", "EX-A:HIGH") or to == str(request.label.level)):
        return False
    for other in request.joint_originators:
        said = [
            one for one in request.consents
            if (one.given_by, one.purpose, one.item, one.act) == (other, to, ITEM, Act.CHANGE_LEVEL)
        ]
        if not said:
            return False
    return date(2026, 11, 26) <= request.on and all(notice.earliest <= request.on for notice in request.notices)


@tried(150)
@given(requests())
def test_the_second_decider_agrees_on_every_change(drawn: tuple[LevelRequest, str]) -> None:
    request, to = drawn
    assert decide_level_change(request, now=NOW).is_allowed is may(request, to)


def test_a_change_is_named_by_the_ranks_of_its_scheme() -> None:
    low, high = LevelRef("EX-A", "LOW"), LevelRef("EX-A", "HIGH")
    assert kind_of(low, high, SCHEME) is LevelChangeKind.UPGRADED
    assert kind_of(high, low, SCHEME) is LevelChangeKind.DOWNGRADED
    assert kind_of(high, None, SCHEME) is LevelChangeKind.DECLASSIFIED
    assert kind_of(high, LevelRef("EX-A", "NONE"), SCHEME) is None


def test_a_time_without_a_zone_decides_nothing() -> None:
    label = Label(PartyId("JPN"), LevelRef("EX-A", "LOW"), frozenset({PartyId("JPN")}), NOW)
    request = LevelRequest(ITEM, label, PartyId("JPN"), None, date(2026, 12, 1), SCHEME)
    assert not decide_level_change(request, now=NOW.replace(tzinfo=None)).is_allowed
