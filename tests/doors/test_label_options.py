"""What is said on the command line of a label reaches the node: an option that were dropped would label too low."""

from __future__ import annotations

from typing import Any

import pytest

from cordiale.doors.cli.commands import item

OF_EVERY_ACT = ("act_id", "help", "home", "json", "key", "passphrase_fd")
OPTIONS = [param for param in item.label.params if param.name not in ("file", "form", "propose", *OF_EVERY_ACT)]


def given(name: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        str(param.name): () if getattr(param, "multiple", False) else None for param in OPTIONS
    }
    said = ("SENTINEL",) if nothing[name] == () else "SENTINEL"
    return {**nothing, name: said}


@pytest.mark.parametrize("name", [str(param.name) for param in OPTIONS])
def test_every_option_of_a_label_is_part_of_what_is_signed(name: str) -> None:
    params = item._params(given(name), "paper")
    assert "SENTINEL" in str(params), f"--{name} is dropped"
