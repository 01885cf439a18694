"""Writes the pages of docs/ that are made from the source.

    python -m tools.pages            write them
    python -m tools.pages --check    say which would change, and end with 1 when one would
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from cordiale.doors.cli.manual import manual
from cordiale.errors import EXIT_CODES, HTTP_STATUSES
from cordiale.model.agreement import TermUnit
from cordiale.model.term_names import TERM_NAMES, TermName
from cordiale.words.glossary import GLOSSARY, Term
from tools.acts_page import ACTS_PAGE, acts_page
from tools.api_page import API_PAGE, api_page
from tools.error_codes import Coded, find_codes
from tools.known_defects import find_defects
from tools.obligations import OBLIGATIONS_PAGE, obligations_page
from tools.source import ROOT

ERRORS_PAGE: Final = ROOT / "docs" / "errors.md"
COMMANDS_PAGE: Final = ROOT / "docs" / "commands.md"
TERMS_PAGE: Final = ROOT / "docs" / "terms.md"
DEFECTS_PAGE: Final = ROOT / "docs" / "known-defects.md"
GLOSSARY_PAGE: Final = ROOT / "docs" / "glossary.md"
_FAMILIES: Final = ("Refused", "Malformed", "Unverified", "Undecidable", "OutOfOrder", "Unavailable")
_MEANINGS: Final = {
    "Refused": "the rules said no; every reason is given",
    "Malformed": "the bytes or fields are not of the form",
    "Unverified": "a signature, digest or proof is wrong",
    "Undecidable": "it could not be told: a key, a status, a provision is missing; counts as no",
    "OutOfOrder": "the state does not allow this act now",
    "Unavailable": "the disk, the network or the partner did not answer",
}
_LEAD: Final = """\
# Error codes

Made from the source by `make docs`; a test fails when it is not up to date. Do not edit it.

Every error has a stable code, a sentence for people and, where something can be done, a hint. It belongs to one of six
families; the family decides how a command ends and what a door answers.

| family | meaning | exit code | HTTP |
|---|---|---|---|
"""
_AFTER_FAMILIES: Final = """
Beside these, a command ends with 0 when it was done, 2 when it was called wrongly, 1 for a defect of the program, and
130 when it was stopped at the keyboard. With `--json` an error is one object with `code`, `family`, `text`, `fields`,
`hint`, `article`, `trail` and, for a refusal, every one of its `reasons`.

A refusal carries a decision: its code is `refused.` (or `undecidable.`) and the act that was asked for, and its reasons
are among those below. In the column *article*, **as cited** says that the reason names the provision that speaks: an
article of the text, a rule of the profile, or national law. Where nothing stands, the rule is Cordiale's own.
"""
_SECTIONS: Final = (
    (
        "Findings of an audit", ("finding",),
        "What `cordiale audit verify` reports, beside the codes of errors it met on the way.",
    ),
    (
        "Checks of the doctor", ("check",),
        "What `cordiale doctor` looks at. A check is fine, worth a warning, bad, or unknown.",
    ),
    (
        "Findings about an agreement", ("error", "question", "note"),
        "What `cordiale agreement check` finds: an *error* is corrected before anybody signs, a *question* is answered "
        "by the parties, a *note* is worth knowing.",
    ),
)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").strip()


def _area_of(one: Coded) -> str:
    return one.code.partition(".")[0]


def _table(coded: Iterable[Coded]) -> list[str]:
    rows = ["| code | family | what happened | what to do | article |", "|---|---|---|---|---|"]
    for one in coded:
        text = "as the error that was met says" if one.text == "…" else one.text
        hint = "" if one.hint == "…" else one.hint
        cells = (f"`{one.code}`", one.family, _cell(text), _cell(hint), _cell(one.article))
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def errors_page() -> str:
    """Return the text of docs/errors.md; raises `SystemExit` when a code cannot be followed in the source."""
    codes = find_codes()
    if codes.lost:
        raise SystemExit("the code that is raised here cannot be followed: " + ", ".join(codes.lost))
    numbers = {family.__name__: (EXIT_CODES[family], HTTP_STATUSES[family]) for family in EXIT_CODES}
    lines = [
        f"| {name} | {_MEANINGS[name]} | {numbers[name][0]} | {numbers[name][1]} |" for name in _FAMILIES
    ]
    page = _LEAD + "\n".join(lines) + "\n" + _AFTER_FAMILIES
    errors = [one for one in codes.coded if one.family in _FAMILIES]
    for area, group in groupby(errors, _area_of):
        page += f"\n## {area}\n\n" + "\n".join(_table(group)) + "\n"
    for title, families, lead in _SECTIONS:
        found = [one for one in codes.coded if one.family in families]
        page += f"\n## {title}\n\n{lead}\n\n" + "\n".join(_table(found)) + "\n"
    return page


_DEFECTS: Final = """\
# Known defects

Made from the tests by `make docs`; a test fails when it is not up to date. Do not edit it.

Each line is a claim that should hold and does not: there is a test for it that is expected to fail. When it is mended,
that test fails for succeeding, its mark is removed, and the line goes. What is missing by design is in
[limitations](limitations.md).

"""
_DEFECTS_HEAD: Final = "| should hold | why it does not | test |\n|---|---|---|\n"
_NO_DEFECTS: Final = "At present no test is expected to fail.\n"


def defects_page() -> str:
    """Return the text of docs/known-defects.md."""
    rows = [f"| {_cell(one.claim)} | {_cell(one.reason)} | `{one.place}` |" for one in find_defects()]
    return _DEFECTS + (_DEFECTS_HEAD + "".join(f"{row}\n" for row in rows) if rows else _NO_DEFECTS)


_TERMS: Final = """\
# Terms

Made from the source by `make docs`; a test fails when it is not up to date. Do not edit it.

The figures and periods that a profile or a national profile sets with `[[term]]`
([writing an agreement](agreement-authoring.md)). No figure has a default: where no layer sets one, what
depends on it is refused, and the name below says what to enter.

| name | what it says | stricter | units |
|---|---|---|---|
"""


def terms_page() -> str:
    """Return the text of docs/terms.md."""
    return _TERMS + "".join(
        f"| `{name}` | {_cell(known.meaning)} … | the {known.stricter} | {_units(known)} |\n"
        for name, known in sorted(TERM_NAMES.items())
    )


def _units(known: TermName) -> str:
    units = [unit.value for unit in TermUnit if unit in known.units]
    if known.is_yes_or_no:
        return "1 for yes, 0 for no"
    return "any time" if TermUnit.HOURS in known.units else ", ".join(units)


def glossary_page() -> str:
    """Return the glossary: every word with the meaning it has here."""
    parts = [
        "# Glossary\n\nMade from the source by `make docs`; a test fails when it is not up to date. Do not edit it.\n\n"
        "One word, one meaning. A word that the field already uses keeps the field's meaning.\n"
        "What people meet at the [desk](desk.md) is explained there too, in four languages.\n"
    ]
    for title, rows in GLOSSARY:
        parts.append(f"\n## {title}\n\n| word | meaning here |\n|---|---|\n")
        for one in rows:
            inside = f"; {one.inside}" if isinstance(one, Term) and one.inside else ""
            more = f"; see [{one.page.removesuffix('.md')}]({one.page})" if isinstance(one, Term) and one.page else ""
            parts.append(f"| {_cell(one.word)} | {_cell(one.meaning)}{inside}{more} |\n")
    return "".join(parts)


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    ERRORS_PAGE: errors_page, COMMANDS_PAGE: manual, DEFECTS_PAGE: defects_page,
    TERMS_PAGE: terms_page, OBLIGATIONS_PAGE: obligations_page, ACTS_PAGE: acts_page,
    API_PAGE: api_page, GLOSSARY_PAGE: glossary_page,
}


def main() -> None:
    """Write the pages, or say which are not up to date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page would change")
    arguments = parser.parse_args()
    changed = {path: text for path, make in PAGES.items() if (text := make()) != _current(path)}
    names = ", ".join(path.relative_to(ROOT).as_posix() for path in changed)
    if changed and arguments.check:
        raise SystemExit(f"not up to date, run `make docs`: {names}")
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    if changed:
        print(f"wrote {names}")


def _current(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    main()
