"""The page of personal data names every kind of record of which something is erased, with its terms."""

from __future__ import annotations

import re

from tools.source import ROOT

from cordiale.model.term_names import TERM_NAMES
from cordiale.records.personal_data import PERSONAL_KINDS


def test_the_page_of_personal_data_lists_the_kinds_as_they_are() -> None:
    page = (ROOT / "docs" / "personal-data.md").read_text(encoding="utf-8")
    section = page.split("## Kinds")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| `([a-z.-]+)`, `([a-z.-]+)` \|", section, re.MULTILINE)
    assert listed == [(row.kind, *row.terms) for row in PERSONAL_KINDS.values()]


def test_every_period_of_personal_data_is_a_known_term() -> None:
    assert {name for row in PERSONAL_KINDS.values() for name in row.terms} <= set(TERM_NAMES)
