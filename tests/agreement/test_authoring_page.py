from __future__ import annotations

import re
from pathlib import Path

from cordiale.rules.agreement_check import check_profile
from cordiale.rules.agreement_references import real_level_words
from cordiale.wire.agreement_toml import parse_agreement_toml
from cordiale.wire.scheme_table import load_schemes

DOCS = Path(__file__).parents[2] / "docs"
SOURCE = Path(__file__).parents[2] / "src" / "cordiale" / "rules"


def test_the_agreement_of_the_authoring_page_is_as_the_page_says():
    page = (DOCS / "agreement-authoring.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"```toml file=(\S+)\n(.*?)```", page, re.S))
    draft = parse_agreement_toml(files, schemes=load_schemes())
    found = check_profile(
        draft.text, draft.profile, draft.nationals, real_words=real_level_words(load_schemes())
    )
    assert [(f.severity.value, f.code) for f in found] == [
        ("question", "check.national-missing"),
        ("question", "check.act-left-open"),
        ("question", "check.asked"),
    ]


def test_the_page_lists_every_code_a_check_can_give():
    page = (DOCS / "spec" / "agreement.md").read_text(encoding="utf-8")
    codes = {
        code for path in SOURCE.glob("agreement_*.py")
        for code in re.findall(r'"check\.([a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    table = page.split("## What a check finds")[1].split("## Failure cases")[0]
    assert codes == set(re.findall(r"`([a-z-]+)`", table))
