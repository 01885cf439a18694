"""The source of the project as the tools see it: modules, their syntax trees, and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "cordiale"


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its dotted name, its file, its syntax tree, and every node of that in the order of `ast.walk`."""

    name: str
    path: Path
    tree: ast.Module
    nodes: tuple[ast.AST, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(ast.walk(self.tree)))

    @property
    def room(self) -> str:
        """The name of the package or module directly under the root that it belongs to; empty for the root."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def place(self) -> str:
        """Its path in the repository, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()


def _name_of(path: Path, base: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> Mapping[str, Module]:
    """Return every module of the product by name."""
    base = ROOT / "src"
    found = {}
    for path in sorted((base / PACKAGE).rglob("*.py")):
        name = _name_of(path, base)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


@cache
def imports_of(name: str) -> frozenset[str]:
    """Return all that module `name` imports: modules of ours by their whole name, others as they are written.

    Imports in functions and under `TYPE_CHECKING` count.
    """
    known = modules()
    found: set[str] = set()
    for node in known[name].nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in known else base)
    return frozenset(found)


def python_files() -> Iterator[Path]:
    """Yield every Python file of the repository."""
    for folder in ("src", "demo", "bench", "tools", "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    """Yield every file of the repository that people wrote: sources, pages, tests and settings."""
    kinds = {".py", ".md", ".toml", ".txt", ".html", ".css", ".json", ".csv", ".po", ".go", ".xml", ".svg", ""}
    for folder in ("src", "demo", "bench", "tools", "tests", "docs", "requirements", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in kinds and "__pycache__" not in path.parts:
                yield path
    for name in ("Makefile", "README.md", "pyproject.toml", ".gitignore", ".importlinter"):
        if (ROOT / name).is_file():
            yield ROOT / name
