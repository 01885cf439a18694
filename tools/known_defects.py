"""Finds what is known to be wrong: every test that states what should hold and is expected to fail, with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tools.source import ROOT


@dataclass(frozen=True, slots=True, order=True)
class Defect:
    """What should hold and does not: where the test stands, the claim in its name, and why it fails."""

    place: str
    claim: str
    reason: str


def find_defects() -> list[Defect]:
    """Return every expected failure in the tests, by place."""
    found: set[Defect] = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                claim = node.name.removeprefix("test_").replace("_", " ")
                found |= {Defect(place, claim, reason) for one in node.decorator_list for reason in _reasons(one)}
    return sorted(found)


def _reasons(decorator: ast.expr) -> Iterator[str]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("xfail"):
            for keyword in node.keywords:
                if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)
