"""The page of acts: everything a person can sign for, what it does, and the names of what it is given."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, CONTENT_VIEWS, ROOM_VIEWS
from cordiale.doors.control.views import VIEWS
from tools.source import ROOT

ACTS_PAGE: Final = ROOT / "docs" / "spec" / "acts.md"
_READS: Final = frozenset({
    "text", "texts", "integer", "boolean", "choice", "instant", "bytes_", "object", "objects", "optional_text",
    "optional_integer", "optional_choice", "optional_instant", "optional_bytes", "optional_object", "has",
})
_BAR: Final = "\\|"
_LEAD: Final = """\
# Acts and views

Made from the source by `make docs`; a test fails when it is not up to date. Do not edit it.

What can stand in `act` of a [signed request](doors.md), what it does, and the members of `params` that its step reads
itself; what a form or a table holds is read behind it. An act changes the books, or is refused with every reason; a
view changes nothing.
"""


def acts_page() -> str:
    """Return the page."""
    parts = [_LEAD]
    for title, table in (("Acts", ACTS), ("Acts with a content", CONTENT_ACTS), ("Views", VIEWS),
                         ("Views of a content", CONTENT_VIEWS), ("Readings in the room", ROOM_VIEWS)):
        parts.append(f"\n## {title}\n\n| kind | what it does | reads |\n|---|---|---|\n")
        parts.extend(_rows(table))
    return "".join(parts)


def _rows(table: Mapping[str, Callable[..., Any]]) -> Iterator[str]:
    for kind, step in sorted(table.items()):
        names = ", ".join(f"`{name}`" for name in members_read(step))
        yield f"| `{kind}` | {what_it_does(step).replace('|', _BAR)} | {names} |\n"


def what_it_does(step: Callable[..., Any]) -> str:
    """Return the first paragraph of what `step` says of itself, in one line."""
    return (inspect.getdoc(step) or "").partition("\n\n")[0].replace("\n", " ")


def members_read(step: Callable[..., Any]) -> dict[str, str]:
    """Return the names that `step` reads from the fields of its request, in their order, and with what each is read."""
    tree = ast.parse(inspect.getsource(step))
    found = [
        (node.args[0].value, node.func.attr) for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READS
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "fields" and node.args
        and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]
    # What is only asked to be there says nothing of its form.
    read = {name: how for name, how in reversed(found) if how != "has"}
    return {name: read.get(name, "has") for name, _ in found}
