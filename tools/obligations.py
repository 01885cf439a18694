"""Writes docs/obligations.md: every duty, how far the software carries it out, and where that can be looked up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from cordiale.model.obligation import Evidence, EvidenceState, Obligation
from cordiale.wire.obligation_toml import load_obligations
from tools.source import ROOT

OBLIGATIONS_PAGE: Final = ROOT / "docs" / "obligations.md"
_STATES: Final = {
    EvidenceState.CARRIED_OUT: "carried out", EvidenceState.RECORDED: "recorded",
    EvidenceState.NOT_SOFTWARE: "not software", None: "**open**",
}
_LEAD: Final = """\
# Obligations

Made from the source by `make docs`; a test fails when it is not up to date. Do not edit it.

The duties that agreements on the security of information lay down, and what Cordiale does about each. **Carried out**:
the software does it and a test proves it. **Recorded**: software cannot do it; it keeps the record that is named. **Not
software**: there is nothing for software to do. **Open**: nothing is shown for it yet. Where several parts of the
software share a row, the least of them is its state. What each article of one agreement asks for is printed by
`cordiale agreement trace`.

"""


def obligations_page() -> str:
    """Return the text of docs/obligations.md."""
    rows = load_obligations()
    page = _LEAD + _counts(rows)
    for section, group in groupby(rows, lambda row: row.section):
        page += f"\n## {section}\n\n| no. | duty | state | what the software does | where | proved by |\n"
        page += "|---|---|---|---|---|---|\n" + "".join(_line(row) for row in group)
    return page


def _counts(rows: tuple[Obligation, ...]) -> str:
    lines = "".join(
        f"| {words} | {sum(row.state is state for row in rows)} |\n" for state, words in _STATES.items()
    )
    return f"| state | rows |\n|---|---|\n{lines}"


def _line(row: Obligation) -> str:
    cells = (
        str(row.number), row.title, _STATES[row.state], "<br>".join(_said(one) for one in row.evidence),
        _listed(row.modules), _listed(test.removeprefix("tests/") for test in row.tests),
    )
    return "| " + " | ".join(cell.replace("|", "\\|").strip() for cell in cells) + " |\n"


def _said(one: Evidence) -> str:
    return f"{one.says} {one.reason}".strip()


def _listed(names: Iterable[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)
