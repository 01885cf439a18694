"""Labels for tests: one that says everything a label can say, and strategies for arbitrary ones."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from cordiale.model.label import Label, LevelRef, Marking, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.names import AgreementId, PartyId
from cordiale.model.spelling import fold_look_alikes, has_mixed_scripts, is_line
from cordiale.wire.label_xml import RELEASABLE_TO
from cordiale.wire.scheme_table import load_schemes

JPN, UKR, POL, KOR = (PartyId(code) for code in ("JPN", "UKR", "POL", "KOR"))
SCHEMES = load_schemes()
EX_JPN = SCHEMES["EX-JPN"]
EX_UKR = SCHEMES["EX-UKR"]
AT = datetime(2026, 11, 16, 9, 0, 0, tzinfo=UTC)

unhurried = settings(deadline=None)
"""For properties: a machine that others use too is sometimes slow."""

FULL = Label(
    originator=JPN,
    level=LevelRef("EX-JPN", "EXERCISE SAKURA"),
    release_to=frozenset({JPN, UKR}),
    created_at=AT,
    office="Exercise Office of Papers, Tokyo",
    caveats=frozenset({("Handling", "ALPHA"), ("Handling", "BRAVO"), ("Topic", "桜")}),
    handle_as=LevelRef("EX-JPN", "EXERCISE FUJI"),
    trigger=Trigger(TriggerKind.DATE, on=date(2031, 4, 1)),
    portions=(Portion("1", "EXERCISE AJISAI"), Portion("2"), Portion("annex", release_to=frozenset({JPN, UKR, POL}))),
    banner_reason="the parts together say more",
)
MARKING = Marking(
    party=UKR, level=LevelRef("EX-UKR", "EXERCISE BARVINOK"), agreement=AgreementId("ex-jpn-ukr"), profile_version=3,
    article="Art. 4(2)", derived_from=FULL.level, note="exercise",
)


def shared_data(*path: str) -> Path:
    """Return a file of the shared data that stands beside the repository; skips the test where it is absent."""
    for folder in Path(__file__).resolve().parents:
        found = folder.joinpath("shared", "data", *path)
        if found.exists():
            return found
    pytest.skip("the shared data are not here")


def plain(level: str = "EXERCISE SAKURA", *parties: PartyId, scheme: str = "EX-JPN", **fields: object) -> Label:
    """Return a short label of Japan's, released to `parties` besides."""
    values: dict[str, object] = {
        "originator": JPN, "level": LevelRef(scheme, level), "release_to": frozenset({JPN, *parties}), "created_at": AT,
    }
    return Label(**(values | fields))  # type: ignore[arg-type]


_alphabet = st.one_of(
    st.sampled_from(r"""abc XYZ012,+"<>;=#\&'()-/:.極秘桜　・Таємнії"""),
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")),
)
_lines = (
    st.text(_alphabet, min_size=1, max_size=24).map(lambda t: unicodedata.normalize("NFC", t).strip())
    .filter(lambda t: 0 < len(t) <= 100 and is_line(t))
)
_words = _lines.filter(lambda t: not has_mixed_scripts(t))
_parties = st.sampled_from((JPN, UKR, POL, KOR, PartyId("NATO"), PartyId("A2")))
_days = st.dates(min_value=date(1, 1, 1), max_value=date(9998, 12, 31))


def _are_apart(caveats: frozenset[tuple[str, str]]) -> bool:
    tags = {tag for tag, _ in caveats}
    folded = {fold_look_alikes(tag) for tag in tags}
    return len(folded) == len(tags) and not any(f.startswith(fold_look_alikes("Cordiale")) for f in folded) and (
        fold_look_alikes(RELEASABLE_TO) not in folded
    )


_triggers = st.one_of(
    st.builds(Trigger, st.sampled_from((TriggerKind.DATE, TriggerKind.REVIEW)), on=_days),
    st.builds(Trigger, st.just(TriggerKind.EVENT), event=_lines),
)


@st.composite
def labels(draw: st.DrawFn, scheme: Scheme = EX_JPN) -> Label:
    """Any label of `scheme`, whether a rule would allow it or not."""
    originator = scheme.party or draw(_parties)
    levels = st.sampled_from(scheme.levels)
    release_sets = st.frozensets(_parties, max_size=4).map(lambda parties: parties | {originator})
    references = draw(st.lists(_lines, max_size=4, unique=True))
    return Label(
        originator=originator,
        level=LevelRef(scheme.id, draw(levels)),
        release_to=draw(release_sets),
        created_at=draw(st.datetimes(min_value=datetime(1970, 1, 1))).replace(microsecond=0, tzinfo=UTC),
        office=draw(st.just("") | _lines),
        caveats=draw(st.frozensets(st.tuples(_words, _words), max_size=4).filter(_are_apart)),
        handle_as=draw(st.none() | levels.map(lambda name: LevelRef(scheme.id, name))),
        trigger=draw(st.none() | _triggers),
        portions=tuple(
            Portion(reference, draw(st.just("") | levels), draw(st.none() | release_sets)) for reference in references
        ),
        banner_reason=draw(st.just("") | _lines),
        joint=draw(st.frozensets(_parties, max_size=3)) - {originator},
    )
