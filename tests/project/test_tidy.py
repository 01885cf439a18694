"""The size and shape of the source: gates that only ever get tighter.

What is larger than its gate stands in a table with its number. It may shrink, and then its number is lowered
here; it may not grow, and nothing new is added.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from tools.source import ROOT, modules, python_files

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = Function | ast.ClassDef

FILE_LINES_MAX: Final = 400
TEST_LINES_MAX: Final = 500
FUNCTION_LINES_MAX: Final = 50
PARAMETERS_MAX: Final = 5

LONG_FILES: Final[Mapping[str, int]] = {}
LONG_FUNCTIONS: Final[Mapping[str, int]] = {}
MANY_PARAMETERS: Final[Mapping[str, int]] = {
    "src/cordiale/doors/cli/declare.py:declare": 6,
    "src/cordiale/records/duties.py:open_duty": 6,
    "src/cordiale/records/releases.py:binding_of": 6,
    "src/cordiale/records/releases.py:release_request": 6,
}

BANNED: Final = {
    "utils": "the noun or verb that was meant", "util": "the noun or verb that was meant",
    "common": "what the things have in common", "helper": "what it does", "helpers": "what they do",
    "manager": "registry, keeper, or what it does", "handler": "a verb module or a door",
    "service": "the noun it is about", "services": "the nouns they are about", "process": "a verb that says how",
    "data": "what it is", "info": "what it is", "misc": "a module for each thing", "v2": "a version in the form",
    "legacy": "what it is",
}

CATCHES_ALL: Final[Mapping[str, int]] = {
    # The ledger hands what one act raised to that act's caller, so that the others in its batch are not lost with it.
    "src/cordiale/records/ledger.py": 1,
}

UNITS: Final = (
    "BYTES", "KIB", "SECONDS", "DAYS", "MONTHS", "LENGTH", "COUNT", "DEPTH", "ENTRIES", "ITEMS", "ACTS", "CONNECTIONS",
    "PEOPLE",
)


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _definitions() -> tuple[tuple[str, Definition], ...]:
    """Return every function and class with its place, `path:name` or `path:Class.name`."""
    found: list[tuple[str, Definition]] = []
    for path in python_files():
        found += _below(ast.parse(path.read_text(encoding="utf-8")), f"{_place(path)}:")
    return tuple(found)


def _below(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    """Yield what is defined below `node`; a definition is a statement, and stands in nothing but blocks of these."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        children = getattr(node, block, ())
        for child in children if isinstance(children, list) else ():
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield prefix + child.name, child
                yield from _below(child, f"{prefix}{child.name}.")
            else:
                yield from _below(child, prefix)


def _functions() -> Iterator[tuple[str, Function]]:
    for place, one in _definitions():
        if not isinstance(one, ast.ClassDef):
            yield place, one


def _lines_of(function: Function) -> int:
    """Return the lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        first = function.body[0]
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _parameters_of(function: Function) -> int:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def _require_ratchet(found: Mapping[str, int], recorded: Mapping[str, int], what: str) -> None:
    grown = [f"{place}: {number}" for place, number in found.items() if number > recorded.get(place, 0)]
    assert not grown, f"{what}: make it smaller: {grown}"
    lower = [f'"{place}": {found.get(place, 0)}' for place, number in recorded.items() if found.get(place, 0) < number]
    assert not lower, f"{what}: it has shrunk, so lower its number in this file (0: take it out): {lower}"


def _over(gate: int, measure: Callable[[Function], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, function in _functions():
        number = measure(function)
        if number > gate:
            found[place] = max(number, found.get(place, 0))
    return found


def test_files_are_short() -> None:
    lines = {_place(path): path.read_text(encoding="utf-8").count("\n") for path in python_files()}
    gates = {place: TEST_LINES_MAX if place.startswith("tests/") else FILE_LINES_MAX for place in lines}
    found = {place: number for place, number in lines.items() if number > gates[place]}
    _require_ratchet(found, LONG_FILES, "a file is too long")


def test_functions_are_short() -> None:
    _require_ratchet(_over(FUNCTION_LINES_MAX, _lines_of), LONG_FUNCTIONS, "a function is too long")


def test_functions_take_few_parameters() -> None:
    """A test takes what its fixtures and strategies give it; everything else takes a request when it needs more."""
    counted = _over(PARAMETERS_MAX, _parameters_of)
    found = {place: number for place, number in counted.items() if not place.startswith("tests/")}
    _require_ratchet(found, MANY_PARAMETERS, "a function takes too many parameters")


def test_names_say_what_is_meant() -> None:
    named = [(place, function.name) for place, function in _functions()]
    named += [(_place(path), path.stem) for path in python_files()]
    wrong = [f"{place}: name {BANNED[name.strip('_')]}" for place, name in named if name.strip("_") in BANNED]
    classes = [
        place for place, one in _definitions() if isinstance(one, ast.ClassDef) and BANNED.keys() & _words_of(one.name)
    ]
    assert wrong + classes == []


def _words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", name)}


def test_nothing_is_swallowed_below_the_doors() -> None:
    """Below the doors nobody catches everything; what is undone on any failure is raised again."""
    swallowing: dict[str, int] = {}
    for module in modules().values():
        if module.room == "doors":
            continue
        for node in module.nodes:
            if isinstance(node, ast.ExceptHandler) and _catches(node, "Exception"):
                swallowing[module.place] = swallowing.get(module.place, 0) + 1
            if isinstance(node, ast.ExceptHandler) and _catches(node, "BaseException"):
                last = node.body[-1]
                if not (isinstance(last, ast.Raise) and last.exc is None):
                    swallowing[module.place] = swallowing.get(module.place, 0) + 1
    _require_ratchet(swallowing, CATCHES_ALL, "everything is caught below the doors")


def _catches(node: ast.ExceptHandler, name: str) -> bool:
    return node.type is None or any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.type))


def test_checks_are_not_assertions() -> None:
    """An assertion vanishes under `python -O`; in the product a check raises."""
    found = [
        f"{module.place}:{node.lineno}" for module in modules().values() for node in module.nodes
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_every_limit_says_its_unit() -> None:
    limits = modules()["cordiale.limits"].tree.body
    names = [node.target.id for node in limits if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    assert len(names) > 50
    without = [name for name in names if not re.search(rf"_({'|'.join(UNITS)})(_MAX|_MIN)?\Z", name)]
    assert without == []


def test_no_limit_is_written_twice() -> None:
    limits = modules()["cordiale.limits"].tree.body
    names = [node.target.id for node in limits if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    assert len(names) == len(set(names))


def test_module_docstrings_are_there_and_short() -> None:
    wrong = []
    for module in modules().values():
        docstring = ast.get_docstring(module.tree, clean=False)
        if docstring is None or docstring.count("\n") >= 25:
            wrong.append(module.place)
    assert wrong == []


def test_public_functions_and_classes_are_documented() -> None:
    """What has no underscore has a docstring, unless it does what a protocol or a base class already says."""
    bare = [
        f"{module.place}:{node.name}" for module in modules().values() for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert bare == []


def test_suppressions_name_their_code() -> None:
    bare = []
    for path in python_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            comment = line.partition("#")[2]
            if re.search(r"\bnoqa\b(?!: [A-Z]+[0-9]+)", comment) or re.search(r"\btype: ignore(?!\[)", comment):
                bare.append(f"{_place(path)}:{number}")
    assert bare == []


def test_names_of_cases_are_the_same_in_every_worker() -> None:
    """A case named by the address of a function has another name in every process, and tests cannot be shared out."""
    written = {path: path.read_text(encoding="utf-8") for path in python_files()}
    found = [
        _place(path) for path, text in written.items() if re.search(r"\bids\s*=", text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.keyword) and node.arg == "ids" and ast.unparse(node.value) in ("str", "repr")
    ]
    assert found == []
