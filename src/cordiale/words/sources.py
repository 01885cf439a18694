"""What the source says to people: every sentence, and every error with its code, found by reading the code.

A sentence stands as the first argument of `say`, as the second of an error or a
reason, as `hint`, and at the end of a row that begins with a code. One that is
put together while the program runs is not found here, and is shown in English.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FAMILIES: Final = {
    "Malformed": "malformed", "Unverified": "unverified", "Undecidable": "undecidable", "OutOfOrder": "out-of-order",
    "Unavailable": "unavailable",
}
_SECOND: Final = frozenset({
    *FAMILIES, "refusal", "undecidable", "error", "question", "note", "check", "_refuse", "Reason", "Finding", "Check",
})
_FIRST: Final = frozenset({"say", "marked"})
_ROWS: Final = {
    "Column": ((1,), ()), "DutyKind": ((1,), ()), "Field": ((1,), ("label", "hint")),
    "Form": ((), ("title", "button", "done", "lead")), "Section": ((), ("heading", "empty")),
    "Sheet": ((), ("title", "lead")), "Term": ((0, 1), ()), "TermName": ((0,), ()),
    "_within": ((0,), ()), "_at_least": ((0,), ()), "_asked": ((0,), ()),
}
"""Rows of the tables of the desk and of the terms: where a sentence stands in them, by place and by name."""
_CODE: Final = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*\Z")
BORROWED: Final = (
    "Usage:", "Show this message and exit.", "Show the version and exit.", "required", "default: {default}",
    "Error: {message}", "Try '{command} {option}' for help.", "Missing argument", "Missing option", "Missing command.",
    "No such option {name!r}.", "No such command {name!r}.", "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}", "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.", "Option {name!r} does not take a value.", "Repeat for confirmation",
    "Error: The two entered values do not match.", "Error: invalid input",
)
"""What the library of the command line says in our name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: file, relative to the package, and line."""

    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error that the source can raise: its code, family, sentence and hint."""

    code: str
    family: str
    text: str
    hint: str


@cache
def find_sentences(root: Path = ROOT) -> tuple[Sentence, ...]:
    """Return every sentence in the source under `root`, file by file, as it was when it was first asked for."""
    return tuple(_sentences(root))


def _sentences(root: Path) -> Iterator[Sentence]:
    yield from _in_pages(root)
    yield from _in_schemes(root)
    for path, tree in _trees(root):
        name = path.relative_to(root).as_posix()
        named = _named_texts(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for text in _texts_of(node, named):
                    yield Sentence(text, name, node.lineno)
            elif isinstance(node, ast.Tuple) and (text := _text_of_row(node)):
                yield Sentence(text, name, node.lineno)


@cache
def find_errors(root: Path = ROOT) -> tuple[KnownError, ...]:
    """Return every error in the source under `root` whose code is written out, by code, as it was when first asked."""
    found: dict[tuple[str, str], KnownError] = {}
    for _, tree in _trees(root):
        named = _named_texts(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (family := FAMILIES.get(_name_of(node.func), "")):
                code, text = _constant(node.args, 0), _constant(node.args, 1)
                if code and text:
                    found.setdefault((code, text), KnownError(code, family, text, _hint_of(node, named)))
    return tuple(sorted(found.values(), key=lambda one: (one.code, one.text)))


def _trees(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _named_texts(tree: ast.Module) -> dict[str, str]:
    """Return the texts that a module gives a name to: a hint that several errors share is written so."""
    named: dict[str, str] = {}
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else (
            [statement.target] if isinstance(statement, ast.AnnAssign) else []
        )
        value = getattr(statement, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            named |= {target.id: value.value for target in targets if isinstance(target, ast.Name)}
    return named


def _in_pages(root: Path) -> Iterator[Sentence]:
    """Yield what the pages of the desk say: the first argument of `say`, wherever it stands in a template."""
    from jinja2 import Environment, nodes

    environment = Environment(autoescape=True)
    for path in sorted((root / "templates" / "desk").rglob("*.html")):
        name = path.relative_to(root).as_posix()
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            said = call.args[0] if call.args else None
            if isinstance(call.node, nodes.Name) and call.node.name == "say" and isinstance(said, nodes.Const):
                yield Sentence(str(said.value), name, call.lineno)


def _in_schemes(root: Path) -> Iterator[Sentence]:
    """Yield what the invented schemes say of their levels; what a law says of a level is shown in its own words."""
    for path in sorted(root.glob("templates/schemes.json")):
        for scheme in json.loads(path.read_text(encoding="utf-8"))["schemes"]:
            for level in scheme["levels"] if scheme["status"] == "exercise" else ():
                yield Sentence(level["definition"], path.relative_to(root).as_posix(), 0)


def _texts_of(call: ast.Call, named: dict[str, str]) -> Iterator[str]:
    name = _name_of(call.func)
    places, keywords = _ROWS.get(name, ((), ()))
    yield from (text for place in places if (text := _constant(call.args, place)))
    for keyword in call.keywords:
        if keyword.arg in keywords and (text := _constant([keyword.value], 0)):
            yield text
    place = 0 if name in _FIRST else 1 if name in _SECOND else -1
    if place >= 0 and (text := _constant(call.args, place)):
        yield text
    if place == 1 and (hint := _hint_of(call, named)):
        yield hint


def _text_of_row(row: ast.Tuple) -> str:
    """Return the sentence of a row of a table of reasons: it begins with a code and ends with the sentence."""
    if len(row.elts) < 2 or not _CODE.match(_constant(row.elts, 0)):
        return ""
    text = _constant(row.elts, len(row.elts) - 1)
    return text if " " in text else ""


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _constant(arguments: list[ast.expr], place: int) -> str:
    if place >= len(arguments):
        return ""
    value = arguments[place]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _hint_of(call: ast.Call, named: dict[str, str]) -> str:
    for keyword in call.keywords:
        if keyword.arg == "hint" and isinstance(keyword.value, ast.Name):
            return named.get(keyword.value.id, "")
        if keyword.arg == "hint" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return ""
