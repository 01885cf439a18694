"""Every act that the audit trail can hold is called something by the pages that list it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, CONTENT_VIEWS, ROOM_VIEWS
from cordiale.doors.web.deeds import DEEDS, named
from cordiale.doors.web.table import ACT_NAMES, FORMS
from cordiale.message.bodies import BODY_TYPES
from cordiale.rules.clients import ROUTINE_SCOPES

SOURCE = Path(__file__).parents[2] / "src" / "cordiale"


def _written() -> Iterator[str]:
    """Yield the kinds of the acts that the node commits itself, as they are written where it does."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) >= 5):
                continue
            if node.func.id in ("Act", "LedgerAct"):
                kind = node.args[1]
                if isinstance(kind, ast.JoinedStr):
                    yield from (f"{kind.values[0].value}{type}" for type in BODY_TYPES)  # type: ignore[attr-defined]
                elif not isinstance(kind, ast.Attribute):
                    yield str(kind.value if isinstance(kind, ast.Constant) else constants[kind.id])  # type: ignore[attr-defined]


def test_every_act_in_the_trail_has_a_name_for_people() -> None:
    kinds = {*ACTS, *CONTENT_ACTS, *CONTENT_VIEWS, *ROOM_VIEWS, *_written()}
    assert {"take.receipt", "refuse.receipt", "desk.sign-in", "people.found", "missing-message"} <= kinds
    assert [kind for kind in sorted(kinds) if named(ACT_NAMES, kind) == kind] == []
    assert set(ACT_NAMES) >= ROUTINE_SCOPES


def test_no_act_is_named_twice() -> None:
    assert not {form.act for form in FORMS.values()} & set(DEEDS) - {"read.open", "label"}
