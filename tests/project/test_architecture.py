"""The floors of docs/architecture.md, kept: who imports whom, who touches what outside the program."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from tools.source import PACKAGE, ROOT, Module, imports_of, modules

MAY_IMPORT: Final = {
    "OpenSSL": ("cordiale.adapters.tls",),
    "anyio": (
        "cordiale.doors.api.", "cordiale.doors.content", "cordiale.doors.control.", "cordiale.doors.peer.",
        "cordiale.doors.steady", "cordiale.doors.web.",
    ),
    "apsw": ("cordiale.adapters.sqlite_", "cordiale.operate.doctor"),
    "argon2": ("cordiale.crypto.",),
    "babel": ("cordiale.doors.web.look", "cordiale.words.collect"),
    "click": ("cordiale.doors.cli.",),
    "cryptography": ("cordiale.crypto.",),
    "httpx2": ("cordiale.adapters.oidc",),
    "jinja2": ("cordiale.views.", "cordiale.doors.cli.", "cordiale.doors.web.look", "cordiale.words.sources"),
    "joserfc": ("cordiale.crypto.id_token",),
    "lxml": ("cordiale.wire.",),
    "markupsafe": ("cordiale.doors.web.look",),
    "msgspec": ("cordiale.canonical",),
    "PIL": ("cordiale.adapters.render_",),
    "python_multipart": ("cordiale.doors.web.upload",),
    "pypdf": ("cordiale.adapters.stamp_pdf",),
    "pypdfium2": ("cordiale.adapters.render_",),
    "reportlab": ("cordiale.adapters.form_pdf", "cordiale.adapters.print_fonts", "cordiale.adapters.stamp_pdf"),
    "starlette": ("cordiale.doors.",),
    "uvicorn": ("cordiale.adapters.tls", "cordiale.doors.serve", "cordiale.operate.wire_end"),
    "uvloop": ("cordiale.doors.serve",),
    "webauthn": ("cordiale.crypto.passkey",),
}
"""Which modules (by how their names begin) may import a library; one that is not listed may not be imported at all."""

REACHES_OUTSIDE: Final = {
    "asyncio": {"adapters", "doors"},
    "fcntl": {"node"},
    "http.client": {"adapters", "doors"},
    "os": {"adapters", "crypto", "doors", "node", "operate"},
    "pathlib": {"adapters", "config", "doors", "node", "operate", "words"},
    "random": set(),
    "resource": {"adapters", "doors", "operate"},
    "secrets": {"doors"},
    "select": {"adapters", "doors"},
    "shutil": {"operate"},
    "signal": {"doors"},
    "socket": {"adapters", "doors", "operate"},
    "sqlite3": set(),
    "ssl": {"adapters"},
    "subprocess": {"adapters"},
    "tempfile": set(),
    "threading": {"adapters", "doors", "journey", "operate", "records", "work"},
    "time": {"adapters", "records"},
    "urllib.request": set(),
}
"""Modules of the standard library that reach the outside world or the clock, and the rooms that may import them."""


def test_imports_keep_the_contracts() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_in_a_cycle() -> None:
    """Imports inside functions and under TYPE_CHECKING count."""
    assert [sorted(cycle) for cycle in _cycles()] == []


def _cycles() -> Iterator[set[str]]:
    """Yield every set of modules that import each other in a circle (Kosaraju)."""
    after = {name: {one for one in imports_of(name) if one in modules() and one != name} for name in modules()}
    before: dict[str, set[str]] = {name: set() for name in after}
    for name, imported in after.items():
        for one in imported:
            before[one].add(name)
    order: list[str] = []
    seen: set[str] = set()
    for name in after:
        _walk(name, after, seen, order)
    seen.clear()
    for name in reversed(order):
        group: list[str] = []
        _walk(name, before, seen, group)
        if len(group) > 1:
            yield set(group)


def _walk(start: str, edges: dict[str, set[str]], seen: set[str], order: list[str]) -> None:
    stack = [(start, iter(edges[start]))] if start not in seen else []
    seen.add(start)
    while stack:
        name, following = stack[-1]
        step = next((one for one in following if one not in seen), None)
        if step is None:
            order.append(name)
            stack.pop()
        else:
            seen.add(step)
            stack.append((step, iter(edges[step])))


def test_libraries_are_imported_only_where_they_belong() -> None:
    strangers = [
        f"{module.place} imports {library}" for module in modules().values() for library in _libraries_of(module)
        if not module.name.startswith(MAY_IMPORT.get(library, ()) or ("\0",))
    ]
    assert strangers == []


def _libraries_of(module: Module) -> set[str]:
    return {one.partition(".")[0] for one in imports_of(module.name)} - sys.stdlib_module_names - {PACKAGE, "_typeshed"}


def test_the_outside_world_enters_only_where_it_may() -> None:
    """What needs a clock, chance, files or a network is handed them through `cordiale.ports`."""
    reached = [
        f"{module.place} imports {one}" for module in modules().values() for one, rooms in REACHES_OUTSIDE.items()
        if module.room not in rooms and _imports(module, one)
    ]
    assert reached == []


def _imports(module: Module, name: str) -> bool:
    return any(one == name or one.startswith(name + ".") for one in imports_of(module.name))


def test_imports_name_the_whole_module() -> None:
    relative = [
        f"{module.place}:{node.lineno}" for module in modules().values() for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_the_pure_core_reads_no_clock() -> None:
    """The time of day, and of a stop-watch, is read only where the outside world may enter; waiting is no reading."""
    rooms = {"adapters", "doors", "operate"}
    reading = {"datetime.now", "datetime.utcnow", "date.today"}
    reading |= {f"time.{name}" for name in ("time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime")}
    calls = [
        f"{module.place}:{node.lineno}" for module in modules().values() if module.room not in rooms
        for node in module.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) in reading
    ]
    assert calls == []
