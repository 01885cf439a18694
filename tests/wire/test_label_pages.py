"""The pages on labels and schemes say what the code does, and the vectors are what it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.wire.label_samples import AT, FULL, MARKING, SCHEMES

from cordiale.canonical import encode_canonical
from cordiale.model.mode import Mode
from cordiale.rules.marking import CopyNumber, compose_banner
from cordiale.wire.label_json import label_from_json, label_to_json, marking_from_json, marking_to_json
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.marking_xml import DatedMarking, encode_marking_xml
from cordiale.wire.scheme_table import parse_schemes

REPOSITORY = Path(__file__).resolve().parents[2]
SPEC = REPOSITORY / "docs" / "spec"
LABEL_PAGE = (SPEC / "label.md").read_text("utf-8")
SCHEMES_PAGE = (SPEC / "schemes.md").read_text("utf-8")
VECTORS = {
    "label.json": encode_canonical(label_to_json(FULL)),
    "label.xml": encode_label_xml(FULL, SCHEMES),
    "marking.json": encode_canonical(marking_to_json(MARKING)),
    "marking.xml": encode_marking_xml(DatedMarking(MARKING, AT), FULL, SCHEMES),
}
SOURCES = {
    "label.md": (
        "model/label.py", "model/spelling.py", "wire/label_json.py", "wire/label_xml.py", "wire/confidentiality_xml.py",
        "wire/marking_xml.py", "rules/highwater.py", "rules/marking.py",
    ),
    "schemes.md": ("wire/scheme_table.py",),
}


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_the_vectors_are_what_is_written(name: str) -> None:
    assert (SPEC / "vectors" / name).read_bytes() == VECTORS[name]


def test_the_examples_are_read_as_they_stand() -> None:
    label, marking = _blocks(LABEL_PAGE, "json")
    assert label_from_json(json.loads(label)) == FULL
    assert marking_from_json(json.loads(marking)) == MARKING
    (scheme,) = _blocks(SCHEMES_PAGE, "json")
    assert parse_schemes(scheme.encode())["EX-UKR"] == SCHEMES["EX-UKR"]


def test_the_printed_example_is_what_is_printed() -> None:
    banner = compose_banner(FULL, MARKING, schemes=SCHEMES, mode=Mode.EXERCISE, copy=CopyNumber(2, 3))
    assert _blocks(LABEL_PAGE, "text")[0].splitlines() == list(banner.lines)


@pytest.mark.parametrize("page", sorted(SOURCES))
def test_every_code_of_the_program_stands_on_the_page(page: str) -> None:
    text = (SPEC / page).read_text("utf-8")
    for path in SOURCES[page]:
        source = (REPOSITORY / "src" / "cordiale" / path).read_text("utf-8")
        codes = set(re.findall(r'"((?:label|label-xml|marking|marking-xml|join|scheme)\.[a-z-]+)"', source))
        assert codes or path == "model/spelling.py"
        assert sorted(code for code in codes if f"`{code}`" not in text) == []


def test_every_code_on_the_pages_is_of_the_program() -> None:
    source = "".join(
        (REPOSITORY / "src" / "cordiale" / path).read_text("utf-8") for paths in SOURCES.values() for path in paths
    )
    for page in (LABEL_PAGE, SCHEMES_PAGE):
        codes = set(re.findall(r"`((?:label|label-xml|marking|marking-xml|join|scheme)\.[a-z-]+)`", page))
        assert sorted(code for code in codes if f'"{code}"' not in source) == []
