"""The pages of the specification say what the code does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.message.samples import NOW, SAMPLES, TOKYO, message_of, root_of, statement_of

from cordiale.message.bodies import BODY_TYPES
from cordiale.message.form import encode_message, message_digest, parse_message
from cordiale.message.trust import fingerprint, verify_root, verify_statement
from cordiale.message.verification import Expectations, verify_message
from cordiale.model.mode import Mode
from cordiale.model.names import MessageId

REPOSITORY = Path(__file__).parents[2]
SPEC = REPOSITORY / "docs" / "spec"
CODE = REPOSITORY / "src" / "cordiale"
ROOT, STATEMENT, MESSAGE = (
    (SPEC / "vectors" / name).read_bytes() for name in ("party-root.jws", "node-statement.jws", "message.jws")
)


def page(name: str) -> str:
    return (SPEC / name).read_text(encoding="utf-8")


def test_the_page_lists_every_type_as_the_table_has_it() -> None:
    row_form = r"^\| `([a-z-]+)` \| (accord|journey|node) \| (\w+) \| (\w+) \| (\w+) \|$"
    rows = re.findall(row_form, page("message.md"), re.M)
    assert rows == [
        (row.name, row.scope.value, row.precedence.value, row.reply.value, "needed" if row.needs_agreement else "may")
        for row in BODY_TYPES.values()
    ]


def test_the_page_says_which_matter_each_type_is_about() -> None:
    section = page("message.md").split("### Matters\n")[1].split("\n## ")[0]
    cells = [line.split("|")[2:4] for line in section.splitlines() if line.startswith("| ")][2:]
    listed = {name: "".join(re.findall(r"`(\w+)`", which)) for which, types in cells
              for name in re.findall(r"`([a-z-]+)`", types)}
    assert listed == {row.name: row.matter.member for row in BODY_TYPES.values() if row.matter is not None}


@pytest.mark.parametrize("name", sorted(BODY_TYPES))
def test_the_page_lists_every_member_of_a_type_and_no_other(name: str) -> None:
    section = page("message.md").split(f"### `{name}`\n")[1].split("\n#")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = [member for cell in cells for member in re.findall(r"`([^`]+)`", cell)]
    assert sorted(listed) == sorted(BODY_TYPES[name].members)


def test_the_page_lists_every_member_of_the_form() -> None:
    section = page("message.md").split("## Members\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = {member for cell in cells for member in re.findall(r"`([^`]+)`", cell)}
    full = encode_message(message_of(SAMPLES["receipt"])).decode()
    without_body = re.sub(r'"body":\{.*\},"checkpoint"', '"body":0,"checkpoint"', full)
    assert listed == set(re.findall(r'"([a-z_]+)":', without_body)) - {
        "party", "node", "origin", "size", "root", "signatures",
    }


def test_every_code_that_can_be_raised_stands_on_a_page() -> None:
    text = page("message.md") + page("trust.md") + page("bag.md")
    modules = [one for one in (CODE / "message").rglob("*.py") if one.name != "personal.py"]
    for module in [*modules, CODE / "model" / "party.py"]:
        source = module.read_text(encoding="utf-8")
        area = "party" if module.name == "party.py" else "trust"
        codes = set(re.findall(r'(?:Malformed|Unverified|Undecidable|refusal|Replay)\(\s*"([a-z.-]+)"', source))
        codes |= {f"{area}.{code}" for code in re.findall(r'_refuse\(\s*"([a-z-]+)"', source)}
        for code in codes:
            assert f"`{code}`" in text, f"{module.name}: {code}"


def test_every_code_on_a_page_can_be_raised() -> None:
    source = "".join(one.read_text(encoding="utf-8") for one in CODE.rglob("*.py"))
    for name in ("message.md", "trust.md", "bag.md"):
        section = page(name).split("## Failure cases\n")[1].split("\n## ")[0]
        for code in re.findall(r"`([a-z-]+\.[a-z-]+)`", section):
            area, _, rest = code.partition(".")
            assert f'"{code}"' in source or f'_refuse("{rest}"' in source.replace("\n        ", "").replace(
                "\n            ", ""), f"{name}: {code} ({area})"


def test_the_vectors_verify() -> None:
    root = verify_root(ROOT, mode=Mode.EXERCISE)
    assert root == root_of()
    statement = verify_statement(STATEMENT, root, now=NOW)
    assert replace(statement, wrapping_key=statement_of().wrapping_key) == statement_of()
    message = verify_message(MESSAGE, Expectations(own=statement_of(TOKYO), sender=statement, now=NOW))
    assert message == message_of(SAMPLES["chase"], after=(MessageId("message-1"),))


def test_the_figures_on_the_pages_are_those_of_the_vectors() -> None:
    groups = fingerprint(verify_root(ROOT, mode=Mode.EXERCISE))
    assert groups in page("trust.md").replace("\n", " ")
    assert message_digest(MESSAGE, Mode.EXERCISE).hex() in page("message.md")


def test_the_example_on_the_page_is_the_payload_of_the_vector() -> None:
    example = page("message.md").split("```json\n")[1].split("\n```")[0]
    payload = re.sub(r"\n ? ?", "", example).encode()
    assert parse_message(payload) == message_of(SAMPLES["chase"], after=(MessageId("message-1"),))
