"""Finds every code that can be raised, refused or found, with its sentence, by reading the source.

A code is written where it is raised: `Malformed("area.code", "sentence", hint=…)`, or through a function of the
module that passes code and sentence on. Both are followed here; a code that cannot be followed is an error, so
that no page made from this can be incomplete without being noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Final

from cordiale.rules import access
from tools.source import Module, modules

CODE: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+\Z")
_HOLE: Final = re.compile(r"\x00(\w+)\x00")
_DEPTH_MAX: Final = 5
_OUTCOME: Final = 3
_EITHER: Final = "Refused or Undecidable"


@dataclass(frozen=True, slots=True, order=True)
class Coded:
    """One code with one sentence: the family it belongs to, what to do next, the article it cites."""

    code: str
    family: str
    text: str
    hint: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Sink:
    """A callable that takes a code: where code, sentence, hint and article stand among its arguments.

    `parts` are templates of the four, in which a parameter's name between NUL characters is a hole.
    """

    family: str
    parameters: tuple[str, ...]
    parts: Mapping[str, frozenset[str]]


def _hole(name: str) -> frozenset[str]:
    return frozenset({f"\0{name}\0"})


def _sink(family: str, *parameters: str) -> Sink:
    names = ("code", "text", "hint", "article")
    return Sink(family, parameters, {name: _hole(name) for name in names})


_ERRORS: Final = "cordiale.errors"
_DECISION: Final = "cordiale.model.decision"
_FINDINGS: Final = "cordiale.rules.agreement_findings"
SINKS: Final[Mapping[str, Sink]] = {
    **{f"{_ERRORS}.{name}": _sink(name, "code", "text")
       for name in ("Malformed", "Unverified", "Undecidable", "OutOfOrder", "Unavailable")},
    f"{_DECISION}.refusal": _sink("Refused", "code", "text", "article"),
    f"{_DECISION}.undecidable": _sink("Undecidable", "code", "text", "article"),
    f"{_DECISION}.Reason": _sink("Refused", "code", "text", "article"),
    f"{_FINDINGS}.error": _sink("error", "code", "text"),
    f"{_FINDINGS}.question": _sink("question", "code", "text"),
    f"{_FINDINGS}.note": _sink("note", "code", "text"),
    "cordiale.operate.doctor.check": _sink("check", "code", "text"),
    **{f"cordiale.{name}": _sink("finding", "code", "place", "text") for name in (
        "records.audit.report.note", "records.audit_logs.note", "records.audit_logs._Walk._note",
        "records.audit_mail.note", "operate.auditing.report.note",
    )},
    **{f"cordiale.{name}": _sink("remark", "code", "place", "text") for name in (
        "records.audit.report.remark", "operate.auditing.report.remark",
    )},
}
_PASS_ON: Final = frozenset({_ERRORS, _DECISION, _FINDINGS})
"""Modules that define the callables, and give their codes to nothing of their own."""


class _Reader:
    """Reads one module: what its names mean, and which of its functions pass codes on."""

    def __init__(self, module: Module, derived: dict[str, Sink]) -> None:
        self.module = module
        self.derived = derived
        self.names = dict(_imported(module))
        self.constants = {
            target.id: node.value
            for node in module.tree.body
            for target, node in _assigned(node)
        }
        self.found: list[Coded] = []
        self.lost: list[str] = []
        self.used: set[str] = set()
        self._passed: dict[str, tuple[ast.Call, Sink, ast.FunctionDef]] = {}
        self._scope = module.name
        self._function: ast.FunctionDef | None = None

    def read(self) -> None:
        """Follow every call in the module."""
        self._visit(self.module.tree)

    def finish(self, used: Set[str]) -> None:
        """Look in tables for the codes of functions that pass codes on and that nobody calls by a code."""
        for name, (call, sink, function) in self._passed.items():
            if name not in used and name not in SINKS:
                self._function = function
                self._harvest(call, sink.family, sink.parts)
                self._function = None

    def _visit(self, node: ast.AST) -> None:
        scope, function = self._scope, self._function
        if isinstance(node, ast.ClassDef):
            self._scope = f"{scope}.{node.name}"
        elif isinstance(node, ast.FunctionDef):
            self._function = node
        elif isinstance(node, ast.Call):
            sink = self._sink_of(node.func)
            if sink is not None:
                self._follow(node, sink)
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        self._scope, self._function = scope, function

    def _sink_of(self, function: ast.expr) -> Sink | None:
        name = ast.unparse(function) if isinstance(function, (ast.Name, ast.Attribute)) else ""
        own = f"{self._scope}.{name[5:]}" if name.startswith("self.") else f"{self.module.name}.{name}"
        for whole in (self.names.get(name, ""), own):
            found = SINKS.get(whole) or self.derived.get(whole)
            if found is not None:
                self.used.add(whole)
                return found
        return None

    def _follow(self, call: ast.Call, sink: Sink) -> None:
        given = self._arguments(call, sink)
        parts = {name: self._filled(templates, given) for name, templates in sink.parts.items()}
        holes = {hole for code in parts["code"] for hole in _HOLE.findall(code)}
        function = self._function
        parameters = _parameters(function) if function is not None else ()
        family = _family_of(call, sink)
        if function is not None and holes and holes <= set(parameters):
            passing = self.derived[f"{self._scope}.{function.name}"] = Sink(family, parameters, parts)
            self._passed[f"{self._scope}.{function.name}"] = call, passing, function
        elif holes or not parts["code"]:
            self._harvest(call, family, parts)
        else:
            self._keep(family, parts)

    def _arguments(self, call: ast.Call, sink: Sink) -> dict[str, frozenset[str]]:
        given = {keyword.arg: self._strings(keyword.value) for keyword in call.keywords if keyword.arg}
        for name, argument in zip(sink.parameters, call.args, strict=False):
            given[name] = self._strings(argument)
        return given

    def _filled(self, templates: frozenset[str], given: Mapping[str, frozenset[str]]) -> frozenset[str]:
        filled: set[str] = set()
        for template in templates:
            holes = _HOLE.findall(template)
            choices = [given.get(hole) or frozenset({""}) for hole in holes]
            for chosen in product(*choices):
                text = template
                for hole, value in zip(holes, chosen, strict=True):
                    text = text.replace(f"\0{hole}\0", value, 1)
                filled.add(text)
        return frozenset(filled)

    def _strings(self, node: ast.expr, depth: int = 0) -> frozenset[str]:
        """Return what the expression `node` may be as a text; a name that is not known stays as a hole."""
        if depth > _DEPTH_MAX:
            return frozenset()
        if isinstance(node, ast.Constant):
            return frozenset({str(node.value)}) if isinstance(node.value, str) else frozenset()
        if isinstance(node, ast.IfExp):
            return self._strings(node.body, depth + 1) | self._strings(node.orelse, depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            pairs = product(self._strings(node.left, depth + 1), self._strings(node.right, depth + 1))
            return frozenset(left + right for left, right in pairs)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, depth)
        if isinstance(node, ast.Name):
            constant = self._constant(node.id)
            if constant is None:
                return self._local(node.id, depth) or _hole(node.id)
            return self._strings(constant, depth + 1)
        return frozenset({f"\0{_dotted(node)}\0"}) if isinstance(node, (ast.Attribute, ast.Subscript)) else frozenset()

    def _joined(self, node: ast.JoinedStr, depth: int) -> frozenset[str]:
        parts: list[frozenset[str]] = []
        for value in node.values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            parts.append(self._strings(inner, depth + 1) or frozenset({"…"}))
        return frozenset("".join(chosen) for chosen in product(*parts))

    def _local(self, name: str, depth: int) -> frozenset[str]:
        if self._function is None:
            return frozenset()
        assigned = [node for node in ast.walk(self._function) if isinstance(node, ast.Assign)]
        values = [node.value for node in assigned if name in {ast.unparse(one) for one in node.targets}]
        return frozenset().union(*(self._strings(value, depth + 1) for value in values))

    def _constant(self, name: str) -> ast.expr | None:
        if name in self.constants:
            return self.constants[name]
        whole = self.names.get(name, "")
        module, _, last = whole.rpartition(".")
        if module not in modules():
            return None
        for node in modules()[module].tree.body:
            for target, assigned in _assigned(node):
                if target.id == last:
                    return assigned.value
        return None

    def _harvest(self, call: ast.Call, family: str, parts: Mapping[str, frozenset[str]]) -> None:
        """Take codes from the tables of the module where a call takes them from there."""
        if self.module.name in _PASS_ON or _is_raised_again(call):
            return
        taken = list(_table_rows(self.module.tree))
        texts = {text for text in parts["text"] if text and not _HOLE.search(text)}
        if not taken and len(texts) == 1:
            inside: ast.AST = self._function or self.module.tree
            codes = [*_first_arguments(self.module.tree), *_named_in_rows(inside)]
            taken = [(code, next(iter(texts))) for code in codes]
        if not taken:
            self.lost.append(f"{self.module.place}:{call.lineno}")
        pattern = _pattern_of(parts["code"])
        for code, text in taken:
            if pattern.fullmatch(code):
                self._keep(family, {**parts, "code": frozenset({code}), "text": frozenset({text})})

    def _keep(self, family: str, parts: Mapping[str, frozenset[str]]) -> None:
        hints = sorted(_HOLE.sub("…", hint) for hint in parts["hint"] if hint)
        cited = sorted("as cited" if _HOLE.search(one) else one for one in parts["article"]) or [""]
        for code in parts["code"]:
            for text in parts["text"] or {""}:
                self.found.append(Coded(code, family, _HOLE.sub("…", text), " / ".join(hints), cited[-1]))


def _pattern_of(codes: Iterable[str]) -> re.Pattern[str]:
    shapes = [_HOLE.sub("\0", code) for code in codes] or ["\0"]
    return re.compile("|".join(re.escape(shape).replace("\0", ".+").replace("\\\x00", ".+") for shape in shapes))


def _is_raised_again(call: ast.Call) -> bool:
    """True for `Family(error.code, error.text, …)` and for what was written down and is read again."""
    written = [ast.unparse(argument) for argument in call.args]
    if written and re.search(r"\[['\"]code['\"]\]|\.get\(['\"]code['\"]", written[0]):
        return True
    return len(written) > 1 and written[0].endswith(".code") and (
        written[1] == written[0].removesuffix("code") + "text" or written[0] == "error.code"
    )


def _family_of(call: ast.Call, sink: Sink) -> str:
    """Return the family of one call; a reason may name its outcome, or choose it."""
    if len(call.args) <= _OUTCOME or not ast.unparse(call.func).endswith("Reason"):
        return sink.family
    outcome = ast.unparse(call.args[_OUTCOME])
    if outcome == "Outcome.UNDECIDABLE":
        return "Undecidable"
    return "Refused" if outcome == "Outcome.REFUSED" else _EITHER


def _table_rows(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (code, sentence) of every row of the module's tables: tuples and dictionaries that begin with a code."""
    for statement in tree.body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
            continue
        for node in ast.walk(statement):
            texts: Sequence[ast.expr | None] = ()
            if isinstance(node, ast.Tuple):
                texts = node.elts
                yield from _row([one.value for one in texts if isinstance(one, ast.Constant)])
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                        yield from _row([key.value, value.value])


def _row(values: Sequence[object]) -> Iterator[tuple[str, str]]:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) > 1 and CODE.match(texts[0]) and " " in texts[-1]:
        yield texts[0], texts[-1]


def _first_arguments(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            value = node.args[0].value
            if isinstance(value, str) and CODE.match(value):
                yield value


def _named_in_rows(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            for element in node.elts:
                value = element.value if isinstance(element, ast.Constant) else None
                if isinstance(value, str) and CODE.match(value):
                    yield value


def _imported(module: Module) -> Iterator[tuple[str, str]]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _assigned(node: ast.stmt) -> Iterator[tuple[ast.Name, ast.Assign | ast.AnnAssign]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target, node
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target, node


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return tuple(name for name in names if name not in ("self", "cls"))


def _dotted(node: ast.expr) -> str:
    return re.sub(r"\W+", "_", ast.unparse(node))[:40]


@dataclass(slots=True)
class Codes:
    """Everything found: `coded` in order, and `lost`, the places that could not be followed."""

    coded: tuple[Coded, ...] = ()
    lost: tuple[str, ...] = field(default=())


def _settled(one: Coded) -> Coded:
    """Return `one` with the family that the rules of access choose for it at run time."""
    if one.family != _EITHER:
        return one
    untold = {code for bit, (code, _, _) in enumerate(access._TEXTS) if 1 << bit & access._NOT_TOLD}
    return replace(one, family="Undecidable" if one.code in untold else "Refused")


def codes_in(read: Iterable[Module]) -> Codes:
    """Return every code in the modules `read`, with its sentences."""
    read = tuple(read)
    derived: dict[str, Sink] = {}
    before = -1
    readers: list[_Reader] = []
    while len(derived) != before:
        before = len(derived)
        readers = [_Reader(module, derived) for module in read]
        for reader in readers:
            reader.read()
    used = frozenset().union(*(reader.used for reader in readers))
    for reader in readers:
        reader.finish(used)
    coded = {_settled(one) for reader in readers for one in reader.found}
    lost = tuple(sorted({place for reader in readers for place in reader.lost}))
    return Codes(tuple(sorted(coded)), lost)


@cache
def find_codes() -> Codes:
    """Return every code in the source of the product, with its sentences."""
    return codes_in(modules().values())
