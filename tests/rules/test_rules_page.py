"""The page of the rules names every code that the rules can give, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import cordiale.rules
from cordiale.model.term_names import TERM_NAMES

MODULES = (
    "validity", "rulings", "consent", "equivalence", "holding", "access", "releasable", "provision", "offices",
    "reproduction", "disposal", "pass_on", "people", "devices", "carriage", "visits", "admission", "contracts", "level",
    "uses", "retention", "incident", "emergency",
    "folder", "channels", "topology", "freight", "methods",
)
CODE = re.compile(
    r"(access|item|equivalence|release|provision|ruling|consent|office|time|disposal|reproduction|pass-on|people"
    r"|device|carriage|visit|admit|contract|label|level|use|retention|incident|emergency|folder|channel|topology"
    r"|freight|method)"
    r"\.[a-z][a-z-]*[a-z]\Z",
)


ALSO_CODES = {"contract.copies", "visit.third-state"}
TERMS = set(TERM_NAMES) - ALSO_CODES
"""What is written like a code and names a term; two are both."""


def codes_in_source() -> set[str]:
    folder = Path(cordiale.rules.__file__).parent
    trees = [ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES]
    words = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {word for word in words if isinstance(word, str) and CODE.match(word)} - TERMS


def test_the_page_names_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z.-]+)`", page, re.MULTILINE))
    assert named == codes_in_source()
