"""The pages say what the program does: links, settings, codes, commands and figures are held against the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.acts_page import ACTS_PAGE, acts_page
from tools.error_codes import CODE, find_codes
from tools.pages import DEFECTS_PAGE, ERRORS_PAGE, defects_page, errors_page
from tools.source import ROOT, modules

from cordiale.doors.control.acts import ACTS
from cordiale.model.term_names import TERM_NAMES

DOCS: Final = ROOT / "docs"
NAMED: Final = {*TERM_NAMES, *ACTS}
OF_TWO_FAMILIES: Final = {"label.level-unknown", "label.look-alike", "release.not-proposed"}
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _pages() -> Iterator[Path]:
    yield ROOT / "README.md"
    yield from sorted(DOCS.rglob("*.md"))


def _anchors(page: Path) -> set[str]:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    found = set()
    for heading in _HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in _pages():
        for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            is_there = file.exists() and (not anchor or file.suffix != ".md" or anchor in _anchors(file))
            if not is_there:
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {
        (DOCS / target.partition("#")[0]).resolve() for target in _LINK.findall(index.read_text(encoding="utf-8"))
    }
    pages = {page.resolve() for page in DOCS.rglob("*.md")} - {index}
    assert sorted(str(page.relative_to(DOCS)) for page in pages - linked) == []


def test_the_page_of_errors_is_up_to_date() -> None:
    assert find_codes().lost == ()
    assert ERRORS_PAGE.read_text(encoding="utf-8") == errors_page(), "run `make docs`"


def test_the_page_of_acts_is_up_to_date() -> None:
    assert ACTS_PAGE.read_text(encoding="utf-8") == acts_page(), "run `make docs`"


def test_the_page_of_known_defects_is_up_to_date() -> None:
    assert DEFECTS_PAGE.read_text(encoding="utf-8") == defects_page(), "run `make docs`"


def test_every_code_written_at_a_raise_is_on_the_page() -> None:
    """Read more simply than by the tool: what stands as a text in a raise or a reason is there."""
    names = {"Malformed", "Unverified", "Undecidable", "OutOfOrder", "Unavailable", "refusal", "undecidable"}
    page = ERRORS_PAGE.read_text(encoding="utf-8")
    missing = []
    for module in modules().values():
        for node in module.nodes:
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in names:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and f"| `{first.value}` |" not in page:
                missing.append(f"{module.place}:{node.lineno}: {first.value}")
    assert missing == []


def test_codes_keep_their_form() -> None:
    assert [one.code for one in find_codes().coded if not CODE.match(one.code)] == []


def test_a_code_is_of_one_family() -> None:
    """A code says one thing; the same code in two families is shown and answered in two ways. None may be added."""
    families: dict[str, set[str]] = {}
    for one in find_codes().coded:
        families.setdefault(one.code, set()).add(one.family)
    assert {code for code, found in families.items() if len(found) > 1} == OF_TWO_FAMILIES


def test_sentences_are_written_for_people() -> None:
    """One line, lower case, no full stop at the end."""
    wrong = [
        one for one in find_codes().coded
        if one.text and (
            "\n" in one.text or one.text.endswith(".") or (one.text[0].isupper() and not _is_name(one.text))
        )
    ]
    assert wrong == []


def _is_name(text: str) -> bool:
    first = text.split()[0].rstrip(":,")
    return first in {"SQLite", "HTTP", "TLS", "XML", "TOML", "JSON"} or first.isupper()


def test_codes_named_in_specifications_exist() -> None:
    """Beside what is raised, a door writes a few codes into an answer itself, and a refusal is named after its act."""
    known = {one.code for one in find_codes().coded}
    known |= {
        str(node.value) for module in modules().values() if module.room in ("doors", "adapters")
        for node in module.nodes if isinstance(node, ast.Constant) and CODE.match(str(node.value))
    }
    unknown = []
    for page in sorted((DOCS / "spec").glob("*.md")):
        for codes in _codes_in_tables(page.read_text(encoding="utf-8")):
            unknown += [f"{page.name}: {code}" for code in codes if code not in known and not _is_decision(code)]
    assert unknown == []


def _is_decision(code: str) -> bool:
    return code.startswith(("refused.", "undecidable."))


def _codes_in_tables(text: str) -> Iterator[list[str]]:
    """Yield the codes in each row of the tables that have a column `code`."""
    column = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            column = None
        elif column is None:
            column = cells.index("code") if "code" in cells else -1
        elif 0 <= column < len(cells):
            yield [code for code in re.findall(r"`([^`]+)`", cells[column]) if CODE.match(code)]


def _settings() -> set[str]:
    """Return every setting that `cordiale.config` reads, as table.name."""
    tree = modules()["cordiale.config"].tree
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    # A table that has a reader of its own is read by the function of its name.
    readers = {"parse_config": "", "_desk": "desk.", "_provider": "desk.provider.", "_tls": "desk.tls."}
    return set().union(*(_settings_read(functions[name], prefix) for name, prefix in readers.items()))


def _settings_read(function: ast.FunctionDef, prefix: str) -> set[str]:
    tables = {"fields": prefix}
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and "fields.object(" in ast.unparse(node.value):
            owners = re.findall(r"\w+", ast.unparse(node.targets[0]))
            names = re.findall(r"fields\.object\('(\w+)'\)", ast.unparse(node.value))
            tables |= {owner: f"{prefix}{name}." for owner, name in zip(owners, names, strict=True)}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, first = ast.unparse(node.func.value), node.args[0]
            if owner in tables and node.func.attr != "object" and isinstance(first, ast.Constant):
                found.add(tables[owner] + str(first.value))
    return found


def test_every_setting_is_documented() -> None:
    settings = _settings()
    assert len(settings) >= 9
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE))
    assert documented == settings


def test_every_environment_variable_is_documented() -> None:
    named: set[str] = set()
    for module in modules().values():
        for node in module.nodes:
            if isinstance(node, ast.keyword) and node.arg == "envvar" and isinstance(node.value, ast.Constant):
                named.add(str(node.value.value))
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                named.add(ast.unparse(node.slice).strip("'\""))
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.getenv"}:
                named.add(ast.unparse(node.args[0]).strip("'\""))
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_commands_of_the_readme_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    pages = {page: set(re.findall(r"\bmake ([a-z]+)\b", page.read_text(encoding="utf-8"))) for page in _pages()}
    readme = pages[ROOT / "README.md"]
    assert {"demo", "test"} <= readme
    fenced = " ".join(_FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert set(re.findall(r"^make ([a-z]+)", fenced, re.MULTILINE)) <= targets
    script = re.sub(r"#.*", "", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert set(re.findall(r"\bmake ([a-z]+)", script)) == {"demo", "test"}


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"\w+", makefile.partition(".PHONY:")[2].partition("\n")[0])) - {"help"}
    helped = set(re.findall(r"'make (\w+)", makefile))
    assert helped == phony


def test_floors_on_the_page_are_those_that_are_kept() -> None:
    """The picture in docs/architecture.md names exactly the rooms, on the floors of the import contracts."""
    contracts = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = contracts.partition("layers =")[2].partition("exhaustive")[0]
    kept = [sorted(re.findall(r"[a-z_]+", line)) for line in layers.splitlines() if line.strip()]
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    shown = [sorted(re.findall(r"`([a-z_]+)`", row)) for row in re.findall(r"^\| \d+ \| (.+?) \|", page, re.MULTILINE)]
    assert shown == kept


def test_shared_words_are_in_the_glossary() -> None:
    """What an enumeration of the model calls an office is explained."""
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8").lower()
    offices = (DOCS / "offices.md").read_text(encoding="utf-8")
    tree = modules()["cordiale.model.person"].tree
    office = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Office")
    names = [n.value.value for n in office.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    assert names
    assert [name for name in names if f"`{name}`" not in offices] == []
    assert [word for word in ("grant", "release", "register", "registry", "decision") if word not in glossary] == []


def test_acts_of_offices_are_documented() -> None:
    tree = modules()["cordiale.rules.offices"].tree
    acts = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "OfficialAct")
    names = [n.value.value for n in acts.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    page = (DOCS / "offices.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []


def test_decision_records_are_short_and_numbered() -> None:
    records = sorted((DOCS / "adr").glob("*.md"))
    assert [page.name[:4] for page in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    for page in records:
        text = page.read_text(encoding="utf-8")
        assert text.count("\n") <= 60, page.name
        assert all(f"## {part}" in text for part in ("Question", "Decision", "Consequences")), page.name


def test_modules_named_in_pages_exist() -> None:
    """A dotted name in back-ticks that begins with a room, or with `cordiale`, is a module or something in one."""
    rooms = {module.room for module in modules().values()} - {"", "__main__", "config", "errors", "limits", "node"}
    settings = _settings()
    missing = []
    for page in _pages():
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        for name in re.findall(r"`((?:cordiale\.)?[a-z_]+\.[A-Za-z_.]*[A-Za-z_])`", text):
            short = name.removeprefix("cordiale.")
            is_ours = name not in settings and (short != name or short.partition(".")[0] in rooms)
            if is_ours and not _is_in_source(short):
                missing.append(f"{page.relative_to(ROOT)}: {name}")
    assert missing == []


def _is_in_source(name: str) -> bool:
    whole = f"cordiale.{name}"
    if whole in modules() or name in NAMED or name in {one.code for one in find_codes().coded}:
        return True
    module, _, last = whole.rpartition(".")
    if module in modules():
        text = modules()[module].path.read_text(encoding="utf-8")
        return re.search(rf"^(?:def |class |async def )?{last}\b", text, re.MULTILINE) is not None
    owner, _, holder = module.rpartition(".")
    return owner in modules() and f"class {holder}" in modules()[owner].path.read_text(encoding="utf-8")
