"""Every kind of duty has its row in one table, and the page says the same."""

from __future__ import annotations

import ast
import re

from tools.source import ROOT, modules

from cordiale.message.bodies import BODY_TYPES
from cordiale.model.term_names import TERM_NAMES
from cordiale.rules.duty_kinds import DUTY_KINDS

PAGE = ROOT / "docs" / "duties.md"


def test_the_page_of_duties_lists_the_kinds_as_they_are() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Kinds")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \| (.+?) \| (yes)? ?\|$", section, re.MULTILINE)
    assert listed == [
        (
            kind.what, kind.meaning, kind.office.value.replace("-", " "), kind.escalates_to.value.replace("-", " "),
            "yes" if kind.is_settled_by_hand else "",
        )
        for kind in DUTY_KINDS.values()
    ]


def test_every_duty_that_is_opened_is_of_a_kind_in_the_table() -> None:
    """Read where it is written out; a kind that is worked out is held to the table by its own tests."""
    opened = set()
    for module in modules().values():
        for node in module.nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "open_duty":
                opened |= {
                    one.value.value for one in node.keywords
                    if one.arg == "what" and isinstance(one.value, ast.Constant)
                }
    assert opened and opened <= set(DUTY_KINDS)


def test_the_page_says_of_every_message_what_it_makes_due_or_that_it_asks_for_nothing() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What a partner asks of us")[1].split("\n## ")[0]
    table, rest = section.split("These ask for nothing")
    rows = re.findall(r"^\| `([a-z-]+)` \| (`.+?) \|", table, re.MULTILINE)
    asking = [name for name, _ in rows]
    assert sorted([*asking, *re.findall(r"`([a-z-]+)`", rest)]) == sorted(BODY_TYPES)
    assert {what for _, duties in rows for what in re.findall(r"`([a-z-]+)`", duties)} <= set(DUTY_KINDS)


def test_no_term_is_in_the_vocabulary_that_nothing_reads() -> None:
    """Terms of retention and of what a visit asks are read by their group."""
    read = "".join(
        module.path.read_text(encoding="utf-8") for name, module in modules().items()
        if name != "cordiale.model.term_names"
    )
    groups = ("retention.", "visit.asks.")
    assert [name for name in TERM_NAMES if f'"{name}"' not in read and not name.startswith(groups)] == []


def test_the_page_says_which_duty_each_term_opens_by_itself() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What a term makes due")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (`.+?) \|", section, re.MULTILINE)
    named = {name for terms, _ in rows for name in re.findall(r"`([a-z.-]+)`", terms)}
    assert named and named <= set(TERM_NAMES)
    assert {what for _, duties in rows for what in re.findall(r"`([a-z-]+)`", duties)} <= set(DUTY_KINDS)
